"""Statements by key over a database in PostgreSQL: the loop's own lines."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import psycopg
import pytest

import fivefold
from fivefold.api.serving import Serving
from fivefold.engine.limits import CONNECTIONS_PERSONAL

Connection = psycopg.Connection[Any]

SECONDS_MAX = 20.0
_LINES = (
    "SELECT count(*) > 0 FROM pg_stat_activity"
    " WHERE datname = current_database() AND application_name = 'fivefold line'"
)


@pytest.fixture
def serving(postgres_url: str) -> Iterator[Serving]:
    with fivefold.serving(postgres_url, only=["postgres"]) as serving:
        yield serving


@pytest.fixture
def client(serving: Serving) -> Iterator[Connection]:
    with psycopg.connect(serving.urls["postgres"], autocommit=True, prepare_threshold=1) as client:
        client.execute("CREATE TABLE t (a int PRIMARY KEY, b text, at timestamptz)")
        client.execute("INSERT INTO t SELECT n, 'b' || n FROM generate_series(1, 100) n")
        while client.execute(_LINES).fetchone() == (False,):
            client.execute("SELECT b FROM t WHERE a = 1")
        yield client


def test_what_is_read_and_written(client: Connection) -> None:
    for a in range(1, 11):
        assert client.execute("SELECT b FROM t WHERE a = %s", [a]).fetchall() == [(f"b{a}",)]
    assert client.execute("SELECT b FROM t WHERE a = %s", [101]).fetchall() == []
    cursor = client.execute("UPDATE t SET b = %s WHERE a = %s", ["new", 1])
    assert (cursor.rowcount, cursor.statusmessage) == (1, "UPDATE 1")
    text = "INSERT INTO t VALUES (%s, %s) RETURNING a, b"
    long = "é" * 3_000_000  # more than is sent at once
    for a, b in ((101, None), (102, ""), (103, "a'b"), (104, long)):
        assert client.execute(text, [a, b]).fetchone() == (a, b)
    assert client.execute("SELECT length(b) FROM t WHERE a = 104").fetchone() == (3_000_000,)
    for _ in range(3):
        with pytest.raises(psycopg.errors.UniqueViolation) as caught:
            client.execute(text, [1, "again"])
        assert caught.value.diag.constraint_name == "t_pkey"
        with pytest.raises(psycopg.errors.DivisionByZero):
            client.execute("SELECT 1 / (a - a) FROM t WHERE a = %s", [1])
    assert client.execute("SELECT b FROM t WHERE a = %s", [1]).fetchone() == ("new",)
    client.execute("SET default_transaction_read_only = on")
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        client.execute("UPDATE t SET b = %s WHERE a = %s", ["x", 1])


def test_a_session_has_its_own_settings(client: Connection, serving: Serving) -> None:
    client.execute("UPDATE t SET at = '2024-07-01 12:00+00' WHERE a = 1")
    text = "SELECT at::text FROM t WHERE a = %s"
    with psycopg.connect(serving.urls["postgres"], autocommit=True) as other:
        other.execute("SET TIME ZONE 'Europe/Berlin'")
        for _ in range(3):
            assert client.execute(text, [1]).fetchone() == ("2024-07-01 12:00:00+00",)
            assert other.execute(text, [1]).fetchone() == ("2024-07-01 14:00:00+02",)


def test_a_schema_that_others_change(client: Connection, postgres_url: str) -> None:
    text = "SELECT * FROM t WHERE a = 1"
    assert client.execute(text).fetchall() == [(1, "b1", None)]
    with fivefold.open(postgres_url) as other:
        other.sql("ALTER TABLE t DROP COLUMN at")
        assert client.execute(text).fetchall() == [(1, "b1")]
        other.sql("ALTER TABLE t ALTER b TYPE varchar(5)")
        other.sql("ALTER TABLE t RENAME COLUMN b TO c")
        with pytest.raises(psycopg.errors.UndefinedColumn):
            client.execute("SELECT b FROM t WHERE a = 1")
        assert client.execute("UPDATE t SET c = 'c' WHERE a = 1").rowcount == 1
        with pytest.raises(psycopg.errors.StringDataRightTruncation):
            client.execute("UPDATE t SET c = 'longer' WHERE a = 1")
        other.sql("DROP TABLE t")
    with pytest.raises(psycopg.errors.UndefinedTable):
        client.execute(text)


def test_one_that_waits_holds_up_nobody_and_can_be_cancelled(
    client: Connection, serving: Serving
) -> None:
    url = serving.urls["postgres"]
    ended: list[str | None] = []
    with (
        psycopg.connect(url) as holder,
        psycopg.connect(url, autocommit=True) as waiter,
    ):
        gone = psycopg.connect(url, autocommit=True)
        holder.execute("UPDATE t SET b = 'held' WHERE a = 1")

        def wait() -> None:
            try:
                waiter.execute("UPDATE t SET b = 'waited' WHERE a = %s", [1])
            except psycopg.Error as error:
                ended.append(error.sqlstate)

        thread = threading.Thread(target=wait)
        thread.start()
        blocked = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        while client.execute(blocked).fetchone() == (0,):
            pass
        assert client.execute("SELECT b FROM t WHERE a = 1").fetchone() == ("b1",)
        assert client.execute("UPDATE t SET b = 'free' WHERE a = 2").rowcount == 1
        waiter.cancel_safe(timeout=SECONDS_MAX)
        thread.join(SECONDS_MAX)
        assert ended == ["57014"]
        gone.pgconn.send_query(b"UPDATE t SET b = 'gone' WHERE a = 1")
        while client.execute(blocked).fetchone() == (0,):
            pass
        gone.close()
        while client.execute(blocked).fetchone() != (0,):
            pass
    text = "UPDATE t SET b = b || '!' WHERE a = 1 RETURNING b"
    assert client.execute(text).fetchone() == ("held!",)


def test_a_line_that_breaks_is_replaced(client: Connection, postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as behind:
        behind.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'fivefold line' AND datname = current_database()"
        )
    for _ in range(1000):
        try:
            assert client.execute("SELECT b FROM t WHERE a = 2").fetchone() == ("b2",)
            break
        except psycopg.OperationalError:
            continue
    assert client.execute("UPDATE t SET b = 'x' WHERE a = 2").rowcount == 1


def test_currval_is_of_the_session(serving: Serving) -> None:
    url = serving.urls["postgres"]
    with ExitStack() as stack:
        one = stack.enter_context(psycopg.connect(url, autocommit=True))
        two = stack.enter_context(psycopg.connect(url, autocommit=True))
        one.execute("CREATE TABLE t (id serial PRIMARY KEY, a text)")
        for number in range(1, 20, 2):
            one.execute("INSERT INTO t (a) VALUES ('one')")
            assert two.execute("INSERT INTO t (a) VALUES ('two') RETURNING id").fetchall()
            for connection, value in ((one, number), (two, number + 1)):
                text = "SELECT currval('t_id_seq'), lastval()"
                assert connection.execute(text).fetchone() == (value, value)
        with one.cursor().copy("COPY t (a) FROM STDIN") as copy:
            copy.write_row(["three"])
        assert one.execute("SELECT lastval()").fetchone() == (21,)
        three = stack.enter_context(psycopg.connect(url, autocommit=True))
        with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
            three.execute("SELECT currval('t_id_seq')")
        one.execute("DISCARD SEQUENCES")
        with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
            one.execute("SELECT lastval()")
        two.execute("DISCARD ALL")
        with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
            two.execute("SELECT currval('t_id_seq')")


def test_sessions_past_the_limit_are_told(serving: Serving) -> None:
    url = serving.urls["postgres"]
    with ExitStack() as stack:
        clients = [
            stack.enter_context(psycopg.connect(url, autocommit=True))
            for _ in range(CONNECTIONS_PERSONAL + 1)
        ]
        clients[0].execute("CREATE SEQUENCE s")
        for number, client in enumerate(clients, 1):
            assert client.execute("SELECT nextval('s')").fetchone() == (number,)
        for number, client in enumerate(clients[:-1], 1):
            assert client.execute("SELECT currval('s')").fetchone() == (number,)
        with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
            clients[-1].execute("SELECT lastval()")
        clients[0].close()
        while clients[-1].execute("SELECT nextval('s') > 0").fetchone():
            try:
                assert clients[-1].execute("SELECT currval('s') > 0").fetchone() == (True,)
                break
            except psycopg.errors.ObjectNotInPrerequisiteState:
                continue  # the first one has not quite gone
