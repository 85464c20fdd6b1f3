"""A primary key is never null, though SQLite would number a row whose rowid is null."""

from __future__ import annotations

from collections.abc import Iterator

import apsw
import pytest

from fivefold.engine.engine import Engine
from fivefold.engine.session import Session
from fivefold.engine.sql import SqlSession
from fivefold.errors import Violation
from fivefold.languages.sql.commands import CopyIn
from fivefold.stores.contract import Store
from fivefold.stores.sqlite.store import SqliteStore

TABLES = """
CREATE TABLE t (id int PRIMARY KEY, x text)
CREATE TABLE n (id serial PRIMARY KEY, x text)
CREATE TABLE s (a int, b text)
INSERT INTO s VALUES (NULL, 'p'), (7, 'q')
INSERT INTO t VALUES (1, 'a')
INSERT INTO n (x) VALUES ('a')
"""

# statement, its parameters, the failing row
REFUSED = [
    ("INSERT INTO t VALUES (NULL, 'x')", (), "null, x"),
    ("INSERT INTO t VALUES ($1, $2)", (None, "x"), "null, x"),
    ("INSERT INTO t VALUES (5, 'ok'), ($1, 'y'), (6, 'z')", (None,), "null, y"),
    ("INSERT INTO t (x) VALUES ('x')", (), "null, x"),
    ("INSERT INTO t DEFAULT VALUES", (), "null, null"),
    ("INSERT INTO t VALUES (NULL, 'x') ON CONFLICT DO NOTHING", (), "null, x"),
    ("INSERT INTO t SELECT a, b FROM s", (), "null, p"),
    ("INSERT INTO t (x) SELECT b FROM s ORDER BY b DESC", (), "null, q"),
    ("INSERT INTO t SELECT DISTINCT a, b FROM s WHERE a IS NULL", (), "null, p"),
    ("INSERT INTO t SELECT 9, 'r' UNION ALL SELECT a, b FROM s WHERE a IS NULL", (), "null, p"),
    ("INSERT INTO t SELECT a, max(b) FROM s GROUP BY a HAVING a IS NULL", (), "null, p"),
    ("INSERT INTO t VALUES (1, 'b') ON CONFLICT (id) DO UPDATE SET id = NULL", (), "null, a"),
    ("UPDATE t SET id = NULL WHERE x = 'a'", (), "null, a"),
    ("UPDATE t SET id = $1", (None,), "null, a"),
    ("UPDATE t SET (id, x) = (SELECT a, b FROM s WHERE a IS NULL)", (), "null, p"),
    ("UPDATE t SET id = s.a FROM s WHERE s.a IS NULL", (), "null, a"),
    ("INSERT INTO n VALUES (NULL, 'x')", (), "null, x"),
    ("INSERT INTO n (id, x) SELECT a, b FROM s WHERE b = 'p'", (), "null, p"),
]


@pytest.fixture
def sql(store: Store) -> Iterator[SqlSession]:
    engine = Engine(store)
    session = SqlSession(Session(engine))
    for statement in TABLES.strip().splitlines():
        session.execute(statement)
    yield session
    session.close()
    for connection in engine._idle[True]:
        connection.close()


@pytest.mark.parametrize(("statement", "parameters", "row"), REFUSED)
def test_a_null_key_is_refused(
    sql: SqlSession, statement: str, parameters: tuple[str | None, ...], row: str
) -> None:
    relation = "n" if "INSERT INTO n " in statement else "t"
    message = f'null value in column "id" of relation "{relation}" violates not-null constraint'
    with pytest.raises(Violation) as caught:
        sql.execute(statement, parameters)
    error = caught.value
    assert (error.code, error.message) == ("not_null_violation", message)
    assert (error.column, error.detail) == ("id", f"Failing row contains ({row}).")
    assert list(sql.execute("SELECT * FROM t").rows) == [(1, "a")]


def test_copy_refuses_a_null_key(sql: SqlSession) -> None:
    plan, _ = sql.plan("COPY t FROM STDIN")
    assert isinstance(plan.command, CopyIn)
    connection = sql.engine.lease()
    connection.begin(write=True)
    try:
        with pytest.raises(Violation) as caught:
            connection.run_many(plan.prepared[0], [(2, "b"), (None, "c")])
    finally:
        sql.engine.give_back(connection)
    assert caught.value.code == "not_null_violation"
    assert caught.value.detail == "Failing row contains (null, c)."


def test_other_keys_are_given(sql: SqlSession) -> None:
    sql.execute("INSERT INTO n (x) VALUES ('b')")
    sql.execute("INSERT INTO n VALUES (DEFAULT, 'c'), (9, 'd')")
    sql.execute("INSERT INTO t SELECT a, b FROM s WHERE a IS NOT NULL")
    sql.execute("UPDATE t SET id = id + $1, x = 'null key' WHERE x = 'a'", (10,))
    assert list(sql.execute("SELECT id FROM n ORDER BY id").rows) == [(1,), (2,), (3,), (9,)]
    found = sql.execute("SELECT * FROM t ORDER BY id").rows
    assert list(found) == [(7, "q"), (11, "null key")]


def test_sqlite_numbers_the_rows_of_tables_that_others_made(tmp_path: object) -> None:
    path = f"{tmp_path}/others.db"
    raw = apsw.Connection(path)
    raw.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT); INSERT INTO t (x) VALUES ('a')")
    raw.close()
    engine = Engine(SqliteStore(path))
    session = SqlSession(Session(engine))
    session.execute("INSERT INTO t (x) VALUES ('b')")
    session.execute("INSERT INTO t VALUES (NULL, 'c')")
    assert list(session.execute("SELECT * FROM t").rows) == [(1, "a"), (2, "b"), (3, "c")]
    session.close()
    engine.close()
