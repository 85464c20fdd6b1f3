"""PEP 249, item by item."""

# ruff: noqa: PT012 - it is whole blocks that fail here, not single statements

from __future__ import annotations

import datetime
import decimal
import json
from collections.abc import Iterator

import pytest

import fivefold
from fivefold.api import dbapi


@pytest.fixture
def connection(store_url: str) -> Iterator[dbapi.Connection]:
    made = fivefold.connect(store_url, durability="off")
    with made.cursor() as cursor:
        cursor.execute("CREATE TABLE t (a integer PRIMARY KEY, b varchar(9), c numeric(5, 2))")
    made.commit()
    yield made
    made.close()


def test_the_module() -> None:
    assert (dbapi.apilevel, dbapi.threadsafety, dbapi.paramstyle) == ("2.0", 1, "pyformat")
    assert issubclass(dbapi.Warning, Exception)
    assert issubclass(dbapi.InterfaceError, dbapi.Error)
    for kind in ("Data", "Operational", "Integrity", "Internal", "Programming"):
        assert issubclass(getattr(dbapi, f"{kind}Error"), dbapi.DatabaseError)
    assert issubclass(dbapi.NotSupportedError, dbapi.DatabaseError)
    assert dbapi.Date(2020, 1, 2) == datetime.date(2020, 1, 2)
    assert dbapi.Time(1, 2, 3) == datetime.time(1, 2, 3)
    assert dbapi.Timestamp(2020, 1, 2, 3, 4, 5) == datetime.datetime(2020, 1, 2, 3, 4, 5)
    assert dbapi.Binary(b"x") == b"x"
    moment = dbapi.TimestampFromTicks(86_400)
    assert (dbapi.DateFromTicks(86_400), dbapi.TimeFromTicks(86_400)) == (
        moment.date(),
        moment.time(),
    )


def test_cursors(connection: dbapi.Connection) -> None:
    cursor = connection.cursor()
    assert (cursor.description, cursor.rowcount, cursor.arraysize) == (None, -1, 1)
    cursor.executemany("INSERT INTO t VALUES (%s, %s, %s)", [(n, str(n), n) for n in range(5)])
    assert (cursor.rowcount, cursor.description) == (5, None)
    with pytest.raises(dbapi.ProgrammingError):
        cursor.fetchone()
    cursor.execute("SELECT a, b, c FROM t WHERE a < %(most)s ORDER BY a", {"most": 4})
    assert cursor.rowcount == 4
    assert cursor.description is not None
    assert all(len(column) == 7 for column in cursor.description)
    assert [column[0] for column in cursor.description] == ["a", "b", "c"]
    codes = [column[1] for column in cursor.description]
    assert (codes[0], codes[1], codes[2]) == (dbapi.NUMBER, dbapi.STRING, dbapi.NUMBER)
    assert codes[0] != dbapi.STRING
    assert cursor.description[2][4:6] == (5, 2)
    assert cursor.fetchone() == (0, "0", decimal.Decimal("0.00"))
    assert len(cursor.fetchmany()) == 1
    cursor.arraysize = 5
    assert [row[0] for row in cursor.fetchmany()] == [2, 3]
    assert (cursor.fetchone(), cursor.fetchmany(2), cursor.fetchall()) == (None, [], [])
    cursor.execute("SELECT a FROM t ORDER BY a")
    assert [a for (a,) in cursor] == [0, 1, 2, 3, 4]
    cursor.setinputsizes([1])
    cursor.setoutputsize(1)
    with pytest.raises(dbapi.ProgrammingError):
        cursor.execute("SELECT nothing")
    assert (cursor.description, cursor.rowcount) == (None, -1)
    connection.rollback()
    cursor.close()
    with pytest.raises(dbapi.InterfaceError):
        cursor.execute("SELECT 1")


def test_percent_signs_and_json(connection: dbapi.Connection) -> None:
    cursor = connection.cursor()
    assert cursor.execute("SELECT 'a%b'").fetchall() == [("a%b",)]
    assert cursor.execute("SELECT 'a%%b'", ()).fetchall() == [("a%b",)]
    assert cursor.execute("SELECT 'a%%b'", {}).fetchall() == [("a%b",)]
    query = "SELECT '[1.10]'::jsonb, array['2.50'::json]"
    assert cursor.execute(query).fetchall() == [([1.1], [2.5])]
    database = fivefold.open(":memory:")
    exact = dbapi.Connection(
        database, loads=lambda text: json.loads(text, parse_float=decimal.Decimal)
    )
    found = exact.cursor().execute(query).fetchall()
    assert found == [([decimal.Decimal("1.10")], [decimal.Decimal("2.50")])]
    exact.close()
    database.close()


def test_named_cursors(connection: dbapi.Connection) -> None:
    with connection.cursor("c 1") as cursor:
        cursor.execute("SELECT n, %s::text FROM generate_series(1, 1000) AS n", ["x"])
        assert cursor.description is not None
        assert [column[0] for column in cursor.description] == ["n", "text"]
        assert (cursor.rowcount, cursor.fetchone()) == (-1, (1, "x"))
        assert [n for n, _ in cursor.fetchmany(2)] == [2, 3]
        assert sum(n for n, _ in cursor) == sum(range(4, 1001))
        assert (cursor.fetchone(), cursor.fetchall()) == (None, [])
        assert cursor.execute("SELECT 7").fetchall() == [(7,)]
        with pytest.raises(dbapi.ProgrammingError):
            cursor.executemany("SELECT %s", [[1], [2]])
    with pytest.raises(dbapi.InterfaceError):
        cursor.fetchone()
    lasting = connection.cursor("lasting")
    with pytest.raises(dbapi.ProgrammingError):
        lasting.fetchone()
    lasting.execute("SELECT 1")
    connection.commit()
    with pytest.raises(dbapi.Error):  # gone with its transaction
        lasting.fetchone()
    connection.rollback()
    connection.autocommit = True
    assert lasting.execute("SELECT 2").fetchone() == (2,)
    lasting.close()


def test_transactions(connection: dbapi.Connection, store_url: str) -> None:
    cursor = connection.cursor()
    other = fivefold.connect(store_url)
    seen = other.cursor()
    other.autocommit = True
    cursor.execute("INSERT INTO t VALUES (1, 'x')")
    assert seen.execute("SELECT count(*) FROM t").fetchone() == (0,)
    connection.commit()
    assert seen.execute("SELECT count(*) FROM t").fetchone() == (1,)
    cursor.execute("DELETE FROM t")
    connection.rollback()
    connection.rollback()
    connection.commit()
    with pytest.raises(dbapi.IntegrityError):
        cursor.execute("INSERT INTO t VALUES (1, 'x')")
    with pytest.raises(dbapi.InternalError):
        cursor.execute("SELECT 1")
    with pytest.raises(dbapi.InternalError):
        connection.commit()
    with pytest.raises(KeyError), connection:
        cursor.execute("DELETE FROM t")
        raise KeyError
    with connection:
        cursor.execute("INSERT INTO t VALUES (2, 'y')")
    connection.autocommit = True
    cursor.execute("INSERT INTO t VALUES (3, 'z')")
    assert seen.execute("SELECT a FROM t ORDER BY a").fetchall() == [(1,), (2,), (3,)]
    other.close()


@pytest.mark.parametrize(
    ("text", "kind", "code"),
    [
        ("SELEC 1", "ProgrammingError", "syntax_error"),
        ("SELECT * FROM nothing", "ProgrammingError", "undefined_table"),
        ("SELECT 1 / 0", "DataError", "division_by_zero"),
        ("INSERT INTO t VALUES (1, 'far too long for it')", "DataError",
         "string_data_right_truncation"),
        ("INSERT INTO t VALUES (1), (1)", "IntegrityError", "unique_violation"),
        ("SAVEPOINT", "ProgrammingError", "syntax_error"),
        ("RELEASE s", "InternalError", "invalid_savepoint"),
        ("SET client_encoding = 'LATIN1'", "NotSupportedError", "feature_not_supported"),
    ],
)  # fmt: skip
def test_errors(connection: dbapi.Connection, text: str, kind: str, code: str) -> None:
    with pytest.raises(getattr(connection, kind)) as caught:
        connection.cursor().execute(text)
    assert caught.value.code == code
    assert caught.value.cause is not None


def test_a_closed_connection(connection: dbapi.Connection) -> None:
    cursor = connection.cursor()
    connection.close()
    connection.close()
    for act in (connection.commit, connection.rollback, connection.cursor, cursor.fetchone):
        with pytest.raises(dbapi.InterfaceError):
            act()
    with pytest.raises(dbapi.OperationalError, match="HINT"):
        fivefold.connect("/no/such/folder/a.db")
