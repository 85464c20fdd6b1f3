"""What CREATE, ALTER and DROP MATERIALIZED VIEW refuse, and how; as Cassandra 5.0.5 answered.

Source: "Materialized Views" of Cassandra's CQL reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

import fivefold
from fivefold.api.database import Database
from fivefold.errors import FivefoldError

DEFINITIONS = (
    "CREATE KEYSPACE k WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
    "CREATE TABLE k.t (a int, b int, c int, d int, s int static, m map<int, int>,"
    " f frozen<list<int>>, PRIMARY KEY (a, b))",
    "CREATE TABLE k.n (a int PRIMARY KEY, n counter)",
    "CREATE TABLE k.g (a int PRIMARY KEY, b int) WITH gc_grace_seconds = 0",
    "CREATE MATERIALIZED VIEW k.v AS SELECT a, b, c FROM k.t"
    " WHERE a IS NOT NULL AND b IS NOT NULL AND c IS NOT NULL PRIMARY KEY (c, a, b)",
    "CREATE MATERIALIZED VIEW k.down AS SELECT a, b, d FROM k.t WHERE a = 1 AND b IS NOT NULL"
    " PRIMARY KEY (b, a) WITH CLUSTERING ORDER BY (a DESC) AND comment = 'x'",
)
THERE = "a IS NOT NULL AND b IS NOT NULL AND c IS NOT NULL"
REFUSED = [
    (f"k.v AS SELECT a, b, c FROM k.t WHERE {THERE} PRIMARY KEY (c, a, b)",
     "Table 'k.v' already exists"),
    (f"k.t AS SELECT a, b, c FROM k.t WHERE {THERE} PRIMARY KEY (c, a, b)",
     "Cannot create materialized view 't' - a table with the same name already exists"),
    (f"k.w AS SELECT a, b, c FROM k.x WHERE {THERE} PRIMARY KEY (c, a, b)",
     "Base table 'x' doesn't exist"),
    (f"k.w AS SELECT a, b, c FROM k.v WHERE {THERE} PRIMARY KEY (c, a, b)",
     "Base table 'v' doesn't exist"),
    (f"other.w AS SELECT a, b, c FROM k.t WHERE {THERE} PRIMARY KEY (c, a, b)",
     "Cannot create a materialized view on a table in a different keyspace"),
    ("k.w AS SELECT a, n FROM k.n WHERE a IS NOT NULL AND n IS NOT NULL PRIMARY KEY (n, a)",
     "Materialized views are not supported on counter tables"),
    ("k.w AS SELECT * FROM k.g WHERE a IS NOT NULL AND b IS NOT NULL PRIMARY KEY (b, a)",
     "Cannot create materialized view 'w' for base table 'g' with gc_grace_seconds of 0, since this"
     " value is used to TTL undelivered updates. Setting gc_grace_seconds too low might cause"
     " undelivered updates to expire before being replayed."),
    ("k.w AS SELECT a, b, c FROM k.t WHERE b IS NOT NULL AND c IS NOT NULL PRIMARY KEY (c, a, b)",
     "Primary key columns a must be restricted with 'IS NOT NULL' or otherwise"),
    ("k.w AS SELECT a, b, c FROM k.t PRIMARY KEY (c, a, b)",
     "Primary key columns a, b, c must be restricted with 'IS NOT NULL' or otherwise"),
    (f"k.w AS SELECT a, b, c FROM k.t WHERE {THERE} PRIMARY KEY (c, a)",
     "Cannot create materialized view 'w' without primary key columns b from base table 't'"),
    (f"k.w AS SELECT a, b, c, d FROM k.t WHERE {THERE} AND d IS NOT NULL PRIMARY KEY (c, d, a, b)",
     "Cannot include more than one non-primary key column in materialized view primary key"
     " (got c, d)"),
    (f"k.w AS SELECT a, b, c, s FROM k.t WHERE {THERE} PRIMARY KEY (c, a, b)",
     "Cannot include static column 's' in materialized view 'w'"),
    (f"k.w AS SELECT * FROM k.t WHERE {THERE} PRIMARY KEY (c, a, b)",
     "Cannot include static column 's' in materialized view 'w'"),
    ("k.w AS SELECT a, b, m FROM k.t WHERE a IS NOT NULL AND b IS NOT NULL AND m IS NOT NULL"
     " PRIMARY KEY (m, a, b)",
     "Invalid non-frozen collection type 'org.apache.cassandra.db.marshal.MapType("
     "org.apache.cassandra.db.marshal.Int32Type,org.apache.cassandra.db.marshal.Int32Type)' for"
     " PRIMARY KEY column 'm'"),
    (f"k.w AS SELECT a, b, c FROM k.t WHERE {THERE} AND d = 1 PRIMARY KEY (c, a, b)",
     "Non-primary key columns can only be restricted with 'IS NOT NULL' (got: d restricted"
     " illegally)"),
    ("k.w AS SELECT a, b, c FROM k.t WHERE a IS NOT NULL AND b > 1 AND c = 3 PRIMARY KEY (c, a, b)",
     "Non-primary key columns can only be restricted with 'IS NOT NULL' (got: c restricted"
     " illegally)"),
    (f"k.w AS SELECT a, c FROM k.t WHERE {THERE} PRIMARY KEY (c, a, b)",
     "Unknown column 'b' referenced in PRIMARY KEY for materialized view 'w'"),
    (f"k.w AS SELECT a, b, c FROM k.t WHERE {THERE} PRIMARY KEY (c, a, b, zz)",
     "Unknown column 'zz' referenced in PRIMARY KEY for materialized view 'w'"),
    (f"k.w AS SELECT a, b, zz FROM k.t WHERE {THERE} PRIMARY KEY (c, a, b)",
     "Undefined column name zz in table k.t"),
    (f"k.w AS SELECT a, b, c FROM k.t WHERE zz IS NOT NULL AND {THERE} PRIMARY KEY (c, a, b)",
     "Undefined column name zz in table k.t"),
    (f"k.w AS SELECT a, b, c FROM k.t WHERE {THERE} PRIMARY KEY (c, c, a, b)",
     "Duplicate column 'c' in PRIMARY KEY clause for materialized view 'w'"),
    (f"k.w AS SELECT a, b, c FROM k.t WHERE {THERE} PRIMARY KEY (c, a, b)"
     " WITH default_time_to_live = 5",
     "Cannot set default_time_to_live for a materialized view. Data in a materialized view always"
     " expire at the same time than the corresponding data in the parent table."),
    ("k.w AS SELECT a, b, c FROM k.t WHERE a = 'x' AND b > 5 AND c IS NOT NULL"
     " PRIMARY KEY (c, a, b)", 'Invalid STRING constant (x) for "a" of type int'),
    ("k.w AS SELECT a, b, c FROM k.t WHERE a = ? AND b IS NOT NULL AND c IS NOT NULL"
     " PRIMARY KEY (c, a, b)",
     "Bind variables are not allowed in CREATE MATERIALIZED VIEW statements"),
]  # fmt: skip
OTHERS = [
    ("INSERT INTO k.v (a, b, c) VALUES (1, 2, 3)", "Cannot directly modify a materialized view"),
    ("UPDATE k.down SET d = 1 WHERE b = 1 AND a = 1",
     "Cannot directly modify a materialized view"),
    ("DELETE FROM k.v WHERE c = 1", "Cannot directly modify a materialized view"),
    ("TRUNCATE k.v", "Cannot TRUNCATE materialized view directly; must truncate base table"
     " instead"),
    ("DROP TABLE k.v", "Cannot use DROP TABLE on a materialized view. Please use DROP MATERIALIZED"
     " VIEW instead."),
    ("DROP TABLE k.t", "Cannot drop a table when materialized views still depend on it (k)"),
    ("ALTER TABLE k.v ADD x int", "Cannot use ALTER TABLE on a materialized view; use ALTER"
     " MATERIALIZED VIEW instead"),
    ("ALTER TABLE k.t DROP d", "Cannot drop column d on base table t with materialized views"),
    ("ALTER MATERIALIZED VIEW k.v WITH gc_grace_seconds = 0",
     "Cannot alter gc_grace_seconds of a materialized view to 0, since this value is used to TTL"
     " undelivered updates. Setting gc_grace_seconds too low might cause undelivered updates to"
     " expire before being replayed."),
    ("ALTER MATERIALIZED VIEW k.v WITH default_time_to_live = 9",
     "Forbidden default_time_to_live detected for a materialized view. Data in a materialized view"
     " always expire at the same time than the corresponding data in the parent table."
     " default_time_to_live must be set to zero, see CASSANDRA-12868 for more information"),
    ("ALTER MATERIALIZED VIEW k.t WITH comment = ''", "Materialized view 'k.t' doesn't exist"),
    ("ALTER MATERIALIZED VIEW k.v WITH nope = ''", "Unknown property 'nope'"),
    ("DROP MATERIALIZED VIEW k.t", "Materialized view 'k.t' doesn't exist"),
    ("DROP MATERIALIZED VIEW k.nope", "Materialized view 'k.nope' doesn't exist"),
    ("CREATE INDEX ON k.v (a)", "Secondary indexes on materialized views aren't supported"),
]  # fmt: skip


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with fivefold.open(tmp_path_factory.mktemp("views") / "store.db") as made:
        for text in DEFINITIONS:
            made.cql(text)
        yield made


@pytest.mark.parametrize(
    ("text", "message"),
    [*((f"CREATE MATERIALIZED VIEW {text}", message) for text, message in REFUSED), *OTHERS],
)
def test_refused(db: Database, text: str, message: str) -> None:
    with pytest.raises(FivefoldError, match=f"^{re.escape(message)}"):
        db.cql(text)


def test_described(db: Database) -> None:
    (row,) = db.cql("DESCRIBE MATERIALIZED VIEW k.down").all()
    assert row[:3] == ("k", "materialized_view", "down")
    assert row.create_statement.startswith(
        "CREATE MATERIALIZED VIEW k.down AS\n    SELECT b, a, d\n    FROM k.t\n"
        "    WHERE a = 1 AND b IS NOT NULL\n    PRIMARY KEY (b, a)\n"
        " WITH CLUSTERING ORDER BY (a DESC)\n    AND additional_write_policy = '99p'\n"
    )
    kinds = [row.type for row in db.cql("DESCRIBE TABLE k.t")]
    assert kinds == ["table", "materialized_view", "materialized_view"]


def test_views_follow_their_table(db: Database) -> None:
    for text in (
        "CREATE TABLE k.u (a int PRIMARY KEY, b int)",
        "INSERT INTO k.u (a, b) VALUES (1, 2)",
        "CREATE MATERIALIZED VIEW k.every AS SELECT * FROM k.u"
        " WHERE a IS NOT NULL AND b IS NOT NULL PRIMARY KEY (b, a)",
        "ALTER TABLE k.u ADD z int",
        "ALTER TABLE k.u RENAME a TO aa",
        "UPDATE k.u SET z = 3 WHERE aa = 1",
        "INSERT INTO k.u (aa, b) VALUES (5, 2)",
    ):
        db.cql(text)
    assert db.cql("SELECT * FROM k.every WHERE b = 2").all() == [(2, 1, 3), (2, 5, None)]
    where = "SELECT where_clause FROM system_schema.views WHERE keyspace_name = 'k'"
    found = db.cql(f"{where} AND view_name = 'every'").one()
    assert found.where_clause == "aa IS NOT NULL AND b IS NOT NULL"
    db.cql("DROP MATERIALIZED VIEW k.every")
    db.cql("DROP TABLE k.u")
    with pytest.raises(FivefoldError, match="table every does not exist"):
        db.cql("SELECT * FROM k.every")


def test_sql_reads_a_view(db: Database) -> None:
    db.cql("INSERT INTO k.t (a, b, c) VALUES (7, 8, 9)")
    assert db.sql("SELECT a, b FROM k.v WHERE c = 9").fetchall() == [(7, 8)]
