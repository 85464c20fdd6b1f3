"""What psycopg and psql do with the server."""

# ruff: noqa: PT012 - it is whole blocks that fail here, not single statements

from __future__ import annotations

import datetime
import decimal
import uuid
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from fivefold.api.serving import Serving
from tests.serve.conftest import Connect
from tests.serve.programs import psql

VALUES: list[tuple[str, Any]] = [
    ("smallint", -7),
    ("integer", 2**31 - 1),
    ("bigint", -(2**63)),
    ("numeric", decimal.Decimal("123456789012345678901234567890.0001")),
    ("real", 1.5),
    ("double precision", 0.1),
    ("boolean", True),
    ("text", "naïve 😀 'quoted'\n\\"),
    ("varchar(10)", "short"),
    ("bytea", bytes(range(256))),
    ("date", datetime.date(2024, 2, 29)),
    ("time", datetime.time(23, 59, 59, 999999)),
    ("timestamp", datetime.datetime(1999, 12, 31, 23, 59, 59)),
    ("timestamptz", datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)),
    ("interval", datetime.timedelta(days=3, seconds=7)),
    ("uuid", uuid.UUID(int=7)),
    ("integer[]", [1, None, 3]),
    ("text[]", ["a,b", '"', "\\", None]),
]


@pytest.mark.parametrize(("type_", "value"), VALUES, ids=[name for name, _ in VALUES])
@pytest.mark.parametrize("binary", [False, True])
def test_values_there_and_back(type_: str, value: Any, binary: bool, connect: Connect) -> None:
    db = connect()
    db.execute(f"CREATE TABLE v (a {type_})")
    mark = "%b" if binary else "%s"
    db.execute(f"INSERT INTO v VALUES ({mark}::{type_}), (NULL)", [value])
    with db.cursor(binary=binary) as cursor:
        rows = cursor.execute("SELECT a FROM v ORDER BY a").fetchall()
        assert rows == [(value,), (None,)]
        assert cursor.execute(f"SELECT {mark}::{type_}", [value]).fetchall() == [(value,)]


def test_prepared_statements(connect: Connect) -> None:
    db = connect(prepare_threshold=0)
    db.execute("CREATE TABLE t (a integer PRIMARY KEY, b text)")
    for number in range(50):
        db.execute("INSERT INTO t VALUES (%s, %s)", [number, str(number)])
    for number in range(300):  # more than psycopg keeps, so that it gives some back
        assert db.execute(f"SELECT b AS c{number} FROM t WHERE a = %s", [7]).fetchone() == ("7",)
    db.execute("ALTER TABLE t ADD COLUMN c integer DEFAULT 5")
    assert db.execute("SELECT b AS c299 FROM t WHERE a = %s", [8]).fetchone() == ("8",)
    rows = db.cursor(row_factory=dict_row).execute("SELECT * FROM t WHERE a = %s", [9]).fetchall()
    assert rows == [{"a": 9, "b": "9", "c": 5}]


def test_a_prepared_statement_whose_columns_changed(connect: Connect) -> None:
    db, other = connect(prepare_threshold=0), connect()
    db.execute("CREATE TABLE t (a integer)")
    db.execute("INSERT INTO t VALUES (1)")
    assert db.execute("SELECT * FROM t", prepare=True).fetchall() == [(1,)]
    other.execute("ALTER TABLE t ADD COLUMN b text DEFAULT 'x'")
    assert db.execute("SELECT * FROM t", prepare=True).fetchall() == [(1, "x")]


def test_executemany_and_pipelines(connect: Connect) -> None:
    db = connect()
    db.execute("CREATE TABLE t (a integer PRIMARY KEY, b text)")
    with db.cursor() as cursor:
        cursor.executemany("INSERT INTO t VALUES (%s, %s)", [(n, "x") for n in range(500)])
        assert cursor.rowcount == 500
    with db.pipeline():
        cursors = [db.execute("SELECT a FROM t WHERE a = %s", [n]) for n in range(300)]
    assert [cursor.fetchone() for cursor in cursors] == [(n,) for n in range(300)]
    with pytest.raises(psycopg.errors.UniqueViolation), db.pipeline():
        db.execute("INSERT INTO t VALUES (1000, '')")
        db.execute("INSERT INTO t VALUES (1, '')")
        db.execute("INSERT INTO t VALUES (1001, '')")
    assert db.execute("SELECT count(*) FROM t").fetchone() == (500,)
    with db.pipeline(), db.transaction():
        db.execute("INSERT INTO t VALUES (1000, '')")
        seen = db.execute("SELECT count(*) FROM t")
    assert seen.fetchone() == (501,)


def test_what_a_pipeline_wrote_its_next_transaction_sees(connect: Connect) -> None:
    db = connect()
    db.execute("CREATE TABLE t (a integer PRIMARY KEY)")
    for number in range(20):
        with db.pipeline() as pipeline:
            db.execute("INSERT INTO t VALUES (%s)", [number])
            pipeline.sync()
            with db.transaction():
                seen = db.execute("SELECT count(*) FROM t WHERE a = %s", [number])
        assert seen.fetchone() == (1,)


def test_transactions(connect: Connect) -> None:
    db = connect(autocommit=False)
    db.execute("CREATE TABLE t (a integer PRIMARY KEY)")
    db.commit()
    db.execute("INSERT INTO t VALUES (1)")
    with pytest.raises(psycopg.errors.UniqueViolation):
        db.execute("INSERT INTO t VALUES (1)")
    with pytest.raises(psycopg.errors.InFailedSqlTransaction):
        db.execute("SELECT 1")
    db.rollback()
    with db.transaction():
        db.execute("INSERT INTO t VALUES (2)")
        with pytest.raises(psycopg.errors.DivisionByZero), db.transaction():
            db.execute("INSERT INTO t VALUES (3)")
            db.execute("SELECT 1 / 0")
    assert db.execute("SELECT a FROM t").fetchall() == [(2,)]


def test_errors_say_where_and_what(connect: Connect) -> None:
    db = connect()
    db.execute("CREATE TABLE p (id integer PRIMARY KEY)")
    db.execute(
        "CREATE TABLE t (a integer NOT NULL, b integer CONSTRAINT small CHECK (b < 10),"
        " c integer UNIQUE REFERENCES p)"
    )
    cases: dict[str, dict[str, str | None]] = {
        "SELECT a, nothing FROM t": {"sqlstate": "42703", "statement_position": "11"},
        "SELECT 1; SELECT x": {"sqlstate": "42703", "statement_position": "18"},
        "SELECT 'é', FROM t": {"sqlstate": "42601", "statement_position": "13"},
        "SELECT * FROM nothing": {"sqlstate": "42P01", "statement_position": "15"},
        "INSERT INTO t VALUES (NULL)": {"sqlstate": "23502", "table_name": "t", "column_name": "a",
                                        "schema_name": "public"},
        "INSERT INTO t VALUES (1, 10)": {"sqlstate": "23514", "constraint_name": "small"},
        "INSERT INTO t VALUES (1, 1, 5)": {"sqlstate": "23503", "constraint_name": "t_c_fkey"},
        "SELECT 'x'::integer": {"sqlstate": "22P02", "statement_position": "8"},
    }  # fmt: skip
    for text, wanted in cases.items():
        with pytest.raises(psycopg.Error) as caught:
            db.execute(text)
        assert {key: getattr(caught.value.diag, key) for key in wanted} == wanted, text
        assert caught.value.diag.severity == "ERROR"


def test_start_up(server: Serving) -> None:
    url = server.urls["postgres"]
    with psycopg.connect(
        url, options="-c search_path=a,b -c statement_timeout=2s", application_name="tests"
    ) as db:
        assert db.execute("SHOW search_path").fetchone() == ("a,b",)
        assert db.execute("SHOW statement_timeout").fetchone() == ("2s",)
        assert db.info.parameter_status("application_name") == "tests"
        assert db.info.parameter_status("server_version") == "15.0"
        assert not db.pgconn.ssl_in_use
        db.execute("SET TimeZone = 'Asia/Tokyo'")
        assert db.info.parameter_status("TimeZone") == "Asia/Tokyo"
        db.rollback()
        assert db.info.parameter_status("TimeZone") == "UTC"
        db.execute("SET search_path = public")
        db.execute("RESET ALL")
        assert db.execute("SHOW search_path").fetchone() == ("a,b",)
    for database in ("fivefold", "postgres", server.database.engine.store.name, "ada"):
        with psycopg.connect(url, dbname=database, user="ada") as db:
            assert db.execute("SELECT current_database()").fetchone() == (database,)
    for options, code in (
        ({"dbname": "nothing"}, 'database "nothing" does not exist'),
        ({"options": "-c nonsense=1"}, "unrecognized configuration parameter"),
        ({"options": "-c TimeZone=Nowhere"}, "invalid value for parameter"),
        ({"sslmode": "require"}, "SSL"),
        ({"replication": "database"}, "replication"),
    ):
        with pytest.raises(psycopg.OperationalError, match=code):
            psycopg.connect(url, **options)  # type: ignore[arg-type]


def test_notices(connect: Connect) -> None:
    db = connect()
    heard: list[tuple[str | None, str | None]] = []
    db.add_notice_handler(lambda diag: heard.append((diag.severity, diag.message_primary)))
    db.execute("COMMIT")
    db.execute("DROP TABLE IF EXISTS nothing")
    assert heard == [
        ("WARNING", "there is no transaction in progress"),
        ("NOTICE", 'table "nothing" does not exist, skipping'),
    ]


def test_a_psql_script(server: Serving) -> None:
    ran = psql(
        server,
        "CREATE TABLE t (a serial PRIMARY KEY, b text);\n"
        "BEGIN;\nINSERT INTO t (b) VALUES ('x'), ('y');\n"
        "SELECT nothing;\nSELECT 1;\nROLLBACK;\n"
        "INSERT INTO t (b) VALUES ('z') RETURNING b;\n"
        "\\set ECHO none\nSELECT a > 0, b FROM t\\; SELECT 2;\n"
        "\\bind 5\nSELECT $1::integer;\n",
        "-v",
        "VERBOSITY=terse",
    )
    assert ran.stdout.split("\n") == [
        *("CREATE TABLE", "BEGIN", "INSERT 0 2", "ROLLBACK", "z", "INSERT 0 1", "t|z", "2"),
        *(["5", ""] if "invalid command" not in ran.stderr else [""]),
    ]
    errors = [line for line in ran.stderr.split("\n") if "ERROR" in line]
    assert errors[0].endswith('column "nothing" does not exist at character 8')
    assert "current transaction is aborted" in errors[1]
