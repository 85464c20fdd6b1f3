"""Roles and grants through SQL: who lacks a privilege is refused, and learns nothing from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fivefold.api.database import Database, open_database
from fivefold.errors import Denied, FivefoldError, InvalidStatement, Unsupported
from tests.conftest import empty_store

Open = Callable[[str | None], Database]

SCHEMA = """
CREATE TABLE t (id integer PRIMARY KEY, x integer);
CREATE TABLE h (id integer PRIMARY KEY, x integer);
CREATE VIEW v AS SELECT id, x FROM h;
CREATE SEQUENCE q;
CREATE SEQUENCE hq;
CREATE SCHEMA s;
CREATE MATERIALIZED VIEW m AS SELECT id FROM h;
CREATE ROLE readers;
CREATE ROLE bystander;
CREATE USER bob PASSWORD 'not told' IN ROLE readers;
INSERT INTO t VALUES (1, 1);
INSERT INTO h VALUES (1, 1)
"""


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    with empty_store(str(tmp_path / "grants.db")) as url:
        databases: list[Database] = []

        def open_(user: str | None) -> Database:
            databases.append(open_database(url, user=user))
            return databases[-1]

        owner = open_(None)
        for statement in SCHEMA.split(";"):
            owner.sql(statement)
        yield open_
        for database in databases:
            database.close()


STATEMENTS = """
SELECT * FROM {}
SELECT nosuch FROM {}
SELECT count(*) FROM t, {}
SELECT (SELECT max(x) FROM {})
WITH a AS (SELECT * FROM {}) SELECT * FROM a
WITH a AS (DELETE FROM {} RETURNING x) SELECT * FROM a
TABLE {}
SELECT * FROM {} FOR UPDATE
SELECT '{}'::regclass
SELECT pg_relation_size('{}')
INSERT INTO {} VALUES (2, 2)
INSERT INTO {} (nosuch) VALUES (2)
INSERT INTO {} VALUES (1, 2) ON CONFLICT (id) DO UPDATE SET x = 3
INSERT INTO t SELECT * FROM {}
UPDATE {} SET x = 1
UPDATE t SET x = h.x FROM {} AS h
DELETE FROM {}
DELETE FROM t USING {} AS h WHERE h.id = t.id
TRUNCATE {}
LOCK TABLE {}
COPY {} TO STDOUT
COPY (SELECT * FROM {}) TO STDOUT
COPY {} FROM STDIN
EXPLAIN SELECT * FROM {}
EXPLAIN ANALYZE DELETE FROM {}
PREPARE p AS SELECT * FROM {}
DECLARE c CURSOR WITH HOLD FOR SELECT * FROM {}
ANALYZE {}
VACUUM ANALYZE {}
ALTER TABLE {} ADD COLUMN y integer
ALTER TABLE {} DROP COLUMN x
ALTER TABLE {} RENAME TO z
ALTER TABLE {} SET SCHEMA s
CREATE INDEX ON {} (x)
DROP TABLE {}
DROP TABLE {} CASCADE
COMMENT ON TABLE {} IS 'x'
COMMENT ON COLUMN {}.x IS 'x'
CREATE TABLE own (LIKE {})
CREATE TABLE own (id integer REFERENCES {})
CREATE TABLE own AS SELECT * FROM {}
CREATE TEMPORARY TABLE own AS SELECT * FROM {}
CREATE VIEW own AS SELECT * FROM {}
GRANT SELECT ON {} TO bob
REVOKE SELECT ON {} FROM readers
""".strip().splitlines()

OTHERS = """
CREATE TABLE own (id integer)
CREATE TABLE s.own (id integer)
CREATE VIEW own AS SELECT 1
CREATE SEQUENCE own
CREATE TYPE own AS ENUM ('a')
CREATE SCHEMA own
DROP SCHEMA s
ALTER SCHEMA s RENAME TO z
COMMENT ON SCHEMA s IS 'x'
CREATE DATABASE own
GRANT CREATE ON SCHEMA s TO bob
GRANT READ ON DATABASE {} TO bob
GRANT bob TO bystander
REVOKE readers FROM bob
CREATE ROLE own
ALTER ROLE bob SUPERUSER
ALTER ROLE bystander LOGIN
ALTER ROLE readers PASSWORD 'x'
DROP ROLE readers
DROP ROLE bob
""".strip().splitlines()


def failure(database: Database, text: str) -> FivefoldError:
    with pytest.raises(FivefoldError) as caught:
        database.sql(text).fetchall()
    return caught.value


def told(database: Database, text: str, name: str) -> tuple[object, ...]:
    error = failure(database, text.format(name))
    return (
        type(error),
        error.code,
        *(str(each).replace(name, "…") for each in (error, error.detail, error.hint)),
    )


@pytest.mark.parametrize("text", STATEMENTS)
def test_what_one_has_nothing_on_is_not_there(opened: Open, text: str) -> None:
    """With the same words as for what is not there; and nothing was changed."""
    bob = opened("bob")
    assert told(bob, text, "h") == told(bob, text, "k")
    assert told(bob, text, "public.h") == told(bob, text, "public.k")
    owner = opened(None)
    assert owner.sql("SELECT * FROM h").fetchall() == [(1, 1)]
    assert owner.sql("SELECT * FROM t").fetchall() == [(1, 1)]


@pytest.mark.parametrize("text", [each for each in STATEMENTS if "nosuch" not in each])
def test_what_one_may_only_read(opened: Open, text: str) -> None:
    """Everything that does more than reading is refused."""
    opened(None).sql("GRANT SELECT ON h, t TO readers")
    bob = opened("bob")
    words = ("SELECT", "TABLE", "WITH", "EXPLAIN", "PREPARE", "DECLARE", "CREATE TEMP")
    if text.startswith("COPY") and "STDIN" not in text:
        pass  # its rows go by other calls
    elif text.startswith(words) and "DELETE" not in text and "FOR UPDATE" not in text:
        bob.sql(text.format("h")).fetchall()
    else:
        assert isinstance(failure(bob, text.format("h")), Denied)
    owner = opened(None)
    assert owner.sql("SELECT * FROM h").fetchall() == [(1, 1)]


@pytest.mark.parametrize("text", OTHERS)
def test_what_needs_more_than_a_table(opened: Open, text: str) -> None:
    bob = opened("bob")
    name = bob.sql("SELECT current_database()").fetchall()[0][0]
    assert isinstance(failure(bob, text.format(f'"{name}"')), Denied)


@pytest.mark.parametrize("text", ["nextval('{}')", "setval('{}', 9)", "currval('{}')"])
def test_sequences(opened: Open, text: str) -> None:
    opened(None).sql("GRANT SELECT ON SEQUENCE q TO bob")
    bob = opened("bob")
    assert told(bob, f"SELECT {text}", "hq") == told(bob, f"SELECT {text}", "kq")
    with pytest.raises(FivefoldError) as caught:
        bob.sql("SELECT " + text.format("q"))
    assert isinstance(caught.value, Denied) is not text.startswith("currval")
    assert isinstance(
        failure(bob, "SELECT " + text.format("q").replace("'q'", "'q'||''")), Unsupported
    )
    opened(None).sql("GRANT USAGE ON SEQUENCE q TO bob")
    assert bob.sql("SELECT nextval('q')").fetchall() == [(1,)]


def test_the_catalogs_show_what_one_may_know(opened: Open) -> None:
    opened(None).sql("GRANT SELECT ON t, v TO readers")
    bob = opened("bob")
    for text in (
        "SELECT relname::text FROM pg_class WHERE relname IN ('h', 't', 'v', 'q', 'm') ORDER BY 1",
        "SELECT table_name::text FROM information_schema.tables"
        " WHERE table_schema = 'public' ORDER BY 1",
    ):
        assert bob.sql(text).fetchall() == [("t",), ("v",)]
    assert bob.sql(
        "SELECT count(*) FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid"
        " WHERE relname = 'h'"
    ).fetchall() == [(0,)]


def test_a_view_has_the_privileges_of_who_made_it(opened: Open) -> None:
    opened(None).sql("GRANT ALL ON v TO bob")
    bob = opened("bob")
    assert bob.sql("SELECT * FROM v").fetchall() == [(1, 1)]
    assert bob.sql("UPDATE v SET x = 2 WHERE id = 1 RETURNING x").fetchall() == [(2,)]
    assert isinstance(failure(bob, "SELECT nosuch FROM v"), InvalidStatement)
    assert "h" not in str(failure(bob, "SELECT nosuch FROM v")).split()


def test_writing_tells_of_nothing(opened: Open) -> None:
    opened(None).sql("GRANT WRITE ON h TO bob")
    bob = opened("bob")
    bob.sql("INSERT INTO h VALUES (2, 2)")
    bob.sql("UPDATE h SET x = 5")
    for text in (
        "INSERT INTO h VALUES (3, 3) RETURNING x",
        "INSERT INTO h VALUES (1, 3) ON CONFLICT (id) DO NOTHING",
        "UPDATE h SET x = 1 WHERE x = 5",
        "DELETE FROM h WHERE x = 5",
        "DELETE FROM h RETURNING x",
    ):
        assert isinstance(failure(bob, text), Denied)
    bob.sql("DELETE FROM h")
    assert opened(None).sql("SELECT * FROM h").fetchall() == []


def test_who_makes_something_administers_it(opened: Open) -> None:
    owner = opened(None)
    owner.sql("GRANT CREATE ON SCHEMA s TO bob")
    bob = opened("bob")
    bob.sql("CREATE TABLE s.own (id serial PRIMARY KEY)")
    assert bob.sql("INSERT INTO s.own DEFAULT VALUES RETURNING id").fetchall() == [(1,)]
    bob.sql("ALTER TABLE s.own ADD y integer")
    bob.sql("GRANT SELECT ON s.own TO readers")
    bob.sql("ALTER TABLE s.own RENAME TO mine")
    assert bob.sql("SELECT * FROM s.mine").fetchall() == [(1, None)]
    bob.sql("DROP TABLE s.mine")
    owner.sql("CREATE TABLE s.mine (id integer)")
    assert isinstance(failure(bob, "SELECT * FROM s.mine"), InvalidStatement)


def test_grants_end(opened: Open) -> None:
    """What was planned or prepared before is refused as well, from other connections too."""
    owner, bob = opened(None), opened("bob")
    owner.sql("GRANT SELECT ON h TO readers")
    assert bob.sql("SELECT x FROM h").fetchall() == [(1,)]
    bob.sql("PREPARE p AS SELECT x FROM h")
    assert bob.sql("EXECUTE p").fetchall() == [(1,)]
    owner.sql("REVOKE SELECT ON h FROM readers")
    for text in ("SELECT x FROM h", "EXECUTE p"):
        failure(bob, text)
    owner.sql("GRANT READ ON SCHEMA public TO bob")
    assert bob.sql("SELECT x FROM h").fetchall() == [(1,)]
    owner.sql("REVOKE ALL ON SCHEMA public FROM bob")
    owner.sql("REVOKE READ ON SCHEMA public FROM bob")
    failure(bob, "SELECT x FROM h")
    owner.sql("ALTER ROLE bob SUPERUSER")
    assert bob.sql("SELECT x FROM h").fetchall() == [(1,)]
    owner.sql("DROP ROLE bob")
    failure(bob, "SELECT x FROM h")


def test_another_of_the_same_name_begins_without_grants(opened: Open) -> None:
    owner, bob = opened(None), opened("bob")
    owner.sql("GRANT SELECT ON h TO bob")
    assert bob.sql("SELECT x FROM h").fetchall() == [(1,)]
    owner.sql("DROP TABLE h CASCADE")
    owner.sql("CREATE TABLE h (id integer)")
    assert isinstance(failure(bob, "SELECT * FROM h"), InvalidStatement)


def test_ones_own_password(opened: Open) -> None:
    bob = opened("bob")
    bob.sql("ALTER ROLE bob PASSWORD 'another'")
    bob.sql("CREATE TEMPORARY TABLE own (id integer)")
    bob.sql("INSERT INTO own VALUES (1)")
    assert bob.sql("SELECT * FROM own").fetchall() == [(1,)]


REFUSED = {
    "GRANT INSERT ON t TO bob": "Grant them together",
    "GRANT SELECT (x) ON t TO bob": "view",
    "GRANT SELECT ON t TO bob WITH GRANT OPTION": "ADMINISTER",
    "GRANT TRIGGER ON t TO bob": "READ, WRITE",
    "REVOKE USAGE ON SCHEMA public FROM PUBLIC": "tables",
    "CREATE ROLE r CREATEDB": "SUPERUSER",
    "ALTER ROLE bob VALID UNTIL 'infinity'": "SUPERUSER",
    "ALTER TABLE t OWNER TO bob": "ADMINISTER",
    "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO bob": "ON SCHEMA",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_refused_names_what_to_use(opened: Open, text: str) -> None:
    error = failure(opened(None), text)
    assert isinstance(error, Unsupported)
    assert REFUSED[text] in str(error.hint)


WRONG = {
    "GRANT SELECT ON t TO nobody": "undefined_object",
    "GRANT nobody TO bob": "undefined_object",
    "GRANT bob TO readers": "invalid_grant_operation",
    "CREATE ROLE bob": "duplicate_object",
    "CREATE ROLE public": "reserved_name",
    "DROP ROLE nobody": "undefined_object",
    "GRANT SELECT ON nosuch TO bob": "undefined_table",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong(opened: Open, text: str) -> None:
    assert failure(opened(None), text).code == WRONG[text]


def test_the_other_models_are_for_superusers_so_far(opened: Open) -> None:
    bob = opened("bob")
    for ask in (
        lambda: bob.redis.get("k"),
        lambda: list(bob.collection("d", "c").find({})),
    ):
        with pytest.raises(Denied, match="superusers"):
            ask()


def test_who_is_not_there(opened: Open) -> None:
    with pytest.raises(InvalidStatement, match='role "nobody" does not exist'):
        opened("nobody")
