"""What drivers and their pools do beside plain queries: pipelines, cancelling, asyncio, rows."""

# ruff: noqa: PT012 - it is whole blocks that fail here, not single statements

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass
from typing import Any

import psycopg
import psycopg_pool
import pytest
from psycopg.pq import TransactionStatus
from psycopg.rows import class_row, dict_row, namedtuple_row, scalar_row

from fivefold.api.serving import Serving
from tests.serve.conftest import Connect

SECONDS_MAX = 20.0


def test_a_pipeline_goes_on_behind_its_sync(connect: Connect) -> None:
    db = connect()
    db.execute("CREATE TABLE p (id int PRIMARY KEY)")
    with db.pipeline() as pipeline:
        first = db.execute("INSERT INTO p VALUES (1) RETURNING id")
        pipeline.sync()
        db.execute("INSERT INTO p VALUES (2)")
        broken = db.execute("INSERT INTO p VALUES (1)")
        skipped = db.execute("INSERT INTO p VALUES (3)")
        with pytest.raises(psycopg.errors.UniqueViolation):
            pipeline.sync()
        after = db.execute("SELECT array_agg(id) FROM p")
        assert first.fetchone() == (1,)
        assert after.fetchone() == ([1],)  # 2 was of the same transaction as what failed
    assert broken.description is None
    assert skipped.description is None
    assert db.info.transaction_status is TransactionStatus.IDLE


def test_executemany_returns_rows_of_each(connect: Connect) -> None:
    db = connect()
    db.execute("CREATE TABLE p (id serial PRIMARY KEY, a text)")
    cursor = db.cursor()
    cursor.executemany(
        "INSERT INTO p (a) VALUES (%s) RETURNING id, a", [("ab",), ("cd",)], returning=True
    )
    found = [cursor.fetchone()]
    while cursor.nextset():
        found.append(cursor.fetchone())
    assert found == [(1, "ab"), (2, "cd")]


@pytest.mark.parametrize("binary", [False, True])
@pytest.mark.parametrize("threshold", [None, 0, 1])
def test_prepared_or_not(connect: Connect, binary: bool, threshold: int | None) -> None:
    db = connect()
    db.prepare_threshold = threshold
    for n in range(3):
        row = db.execute(
            "SELECT %b::int4 + 1, %b::text, %b::numeric(8, 2), %b::bool",
            [n, "x", n, True],
            binary=binary,
        ).fetchone()
        assert row == (n + 1, "x", n, True)


@dataclass
class Point:
    x: int
    y: int


def test_rows_of_all_kinds(connect: Connect) -> None:
    db = connect()
    text = "SELECT 1 AS x, 2 AS y"
    assert db.cursor(row_factory=dict_row).execute(text).fetchone() == {"x": 1, "y": 2}
    assert db.cursor(row_factory=class_row(Point)).execute(text).fetchone() == Point(1, 2)
    named = db.cursor(row_factory=namedtuple_row).execute(text).fetchone()
    assert named is not None
    assert named.y == 2
    assert db.cursor(row_factory=scalar_row).execute(text).fetchall() == [1]


def test_cancelling_and_going_on(connect: Connect) -> None:
    db = connect()
    timer = threading.Timer(0.05, db.cancel_safe)
    timer.start()
    with pytest.raises(psycopg.errors.QueryCanceled):
        while True:
            db.execute("SELECT count(*) FROM generate_series(1, 3000000)")
    timer.join()
    assert db.execute("SELECT 1").fetchone() == (1,)


def test_one_session_cancels_and_ends_another(connect: Connect) -> None:
    one, two = connect(), connect()
    pid = two.info.backend_pid
    assert two.execute("SELECT pg_backend_pid()").fetchone() == (pid,)
    ended: list[str | None] = []

    def work() -> None:
        try:
            while True:
                two.execute("SELECT count(*) FROM generate_series(1, 3000000)")
        except psycopg.Error as error:
            ended.append(error.sqlstate)

    thread = threading.Thread(target=work)
    thread.start()
    while not ended:  # between two statements there is nothing to cancel
        assert one.execute("SELECT pg_cancel_backend(%s)", [pid]).fetchone() == (True,)
    thread.join(SECONDS_MAX)
    assert ended == ["57014"]
    assert two.execute("SELECT 1").fetchone() == (1,)
    assert one.execute("SELECT pg_terminate_backend(%s)", [pid]).fetchone() == (True,)
    with pytest.raises(psycopg.OperationalError):
        while True:
            two.execute("SELECT 1")
    assert one.execute("SELECT pg_terminate_backend(%s)", [2**31 - 1]).fetchone() == (False,)


def test_what_a_connection_knows(server: Serving, connect: Connect) -> None:
    info = connect(application_name="tests").info
    assert (info.server_version, info.encoding) == (150000, "utf-8")
    assert info.parameter_status("application_name") == "tests"
    assert info.parameter_status("standard_conforming_strings") == "on"
    assert info.parameter_status("integer_datetimes") == "on"
    assert info.timezone.utcoffset(None) is not None
    assert info.port == server.ports["postgres"]


def test_nested_transactions(connect: Connect) -> None:
    db = connect()
    db.execute("CREATE TABLE p (id int PRIMARY KEY)")
    with db.transaction():
        db.execute("INSERT INTO p VALUES (1)")
        with pytest.raises(psycopg.errors.UniqueViolation), db.transaction():
            db.execute("INSERT INTO p VALUES (2)")
            db.execute("INSERT INTO p VALUES (1)")
        with db.transaction() as inner:
            db.execute("INSERT INTO p VALUES (3)")
            raise psycopg.Rollback(inner)
    assert db.execute("SELECT id FROM p").fetchall() == [(1,)]


def test_asyncio(server: Serving) -> None:
    async def work() -> list[Any]:
        async with await psycopg.AsyncConnection.connect(server.urls["postgres"]) as db:
            await db.execute("CREATE TABLE p (id int)")
            async with db.cursor() as cursor, cursor.copy("COPY p FROM STDIN") as copy:
                for n in range(5):
                    await copy.write_row((n,))
            async with db.cursor("named") as cursor:
                await cursor.execute("SELECT id FROM p ORDER BY id")
                found = await cursor.fetchmany(2)
                return found + await cursor.fetchall()

    assert asyncio.run(work()) == [(n,) for n in range(5)]


def test_a_pool_resets_and_reuses(server: Serving) -> None:
    url = server.urls["postgres"]
    with psycopg_pool.ConnectionPool(url, min_size=1, max_size=2, open=True) as pool:
        with pool.connection() as db:
            db.execute("CREATE TABLE p (id int)")
        with pytest.raises(psycopg.errors.DivisionByZero), pool.connection() as db:
            db.execute("INSERT INTO p VALUES (1)")
            db.execute("SELECT 1 / 0")
        with pool.connection() as db:
            assert db.execute("SELECT count(*) FROM p").fetchone() == (0,)


def test_the_words_with_which_poolers_clean_up(connect: Connect) -> None:
    db = connect()
    db.execute("SET work_mem = '1MB'")
    db.execute("SELECT pg_advisory_unlock_all(); CLOSE ALL; UNLISTEN *; RESET ALL")
    assert db.execute("SHOW work_mem").fetchone() != ("1MB",)
    db.execute("DISCARD ALL")


def test_copy_counts_its_rows_not_its_sequences(connect: Connect) -> None:
    db = connect()
    db.execute("CREATE TABLE p (id serial PRIMARY KEY, a int)")
    for rest, data, wanted in (("", "1\n2\n", 2), ("WHERE a > 1", "1\n2\n3\n", 2)):
        cursor = db.cursor()
        with cursor.copy(f"COPY p (a) FROM STDIN {rest}") as copy:
            copy.write(data)
        assert cursor.rowcount == wanted
