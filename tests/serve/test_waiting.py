"""Who waits for whom: writers in line, cancel requests, time limits, slow and vanished clients."""

# ruff: noqa: PT012 - it is whole blocks that fail here, not single statements

from __future__ import annotations

import resource
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

import psycopg
import pytest
import redis

from fivefold.api.serving import Serving
from fivefold.engine import session as session_module
from fivefold.serve import connection as connection_module
from fivefold.serve.connection import ClientConnection
from tests.serve.conftest import Connect, Dial
from tests.serve.raw import SYNC, Talk, bind, execute, message, parse
from tests.which import ONE_WRITER

T = TypeVar("T")

ENDLESS = "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
WAIT_SECONDS_MAX = 20.0


@pytest.fixture
def pool() -> Any:
    with ThreadPoolExecutor(8) as made:
        yield made


def until(true: Callable[[], object]) -> None:
    """Look again and again until something holds."""
    event = threading.Event()
    for _ in range(int(WAIT_SECONDS_MAX / 0.005)):
        if true():
            return
        event.wait(0.005)
    raise AssertionError("it never came to be")


def waiting(server: Serving) -> Callable[[], bool]:
    """Whether somebody stands in the writer's line."""
    return lambda: bool(server.database.engine.writer._line)


@pytest.fixture
def holder(connect: Connect) -> psycopg.Connection[Any]:
    """A client in a transaction that has written, and so is the writer."""
    made = connect()
    made.execute("CREATE TABLE t (a integer PRIMARY KEY, b integer)")
    made.execute("INSERT INTO t VALUES (1, 0), (2, 0)")
    made.execute("BEGIN")
    made.execute("UPDATE t SET b = 1 WHERE a = 1")
    return made


@ONE_WRITER
def test_a_prepared_transaction_that_waits_is_answered_as_any_other(
    server: Serving, holder: psycopg.Connection[Any]
) -> None:
    texts = {"b": "BEGIN", "u": "UPDATE t SET b = b + 1 WHERE a = 2", "c": "COMMIT"}
    with Talk(server.ports["postgres"]) as talk:
        talk.say(*[parse(text, name) for name, text in texts.items()], SYNC)

        def run(name: str) -> bytes:
            return bind(statement=name) + execute() + SYNC

        assert talk.say(run("b")) == ["2", "C:BEGIN", "Z:T"]
        assert talk.say(run("b"))[1:] == ["N:25001", "C:BEGIN", "Z:T"]
        talk.socket.sendall(run("u"))
        until(waiting(server))
        holder.commit()
        assert talk.until("Z") == ["2", "C:UPDATE 1", "Z:T"]
        assert talk.say(run("c")) == ["2", "C:COMMIT", "Z:I"]
        assert talk.say(run("c"))[1:] == ["N:25P01", "C:COMMIT", "Z:I"]
    assert holder.execute("SELECT b FROM t ORDER BY a").fetchall() == [(1,), (1,)]


@ONE_WRITER
def test_a_prepared_write_that_waits_in_vain_is_answered(
    server: Serving, holder: psycopg.Connection[Any]
) -> None:
    with Talk(server.ports["postgres"]) as talk:
        talk.say(parse("UPDATE t SET b = 7 WHERE a = 2", "u"), SYNC)
        talk.query("SET lock_timeout = 20")
        talk.query("BEGIN")
        heard = talk.say(bind(statement="u") + execute() + SYNC)
        assert heard == ["2", "E:55P03", "Z:E"]
        assert talk.query("ROLLBACK") == ["C:ROLLBACK", "Z:I"]
    holder.rollback()


WRITES: dict[str, str] = {
    "by key": "UPDATE t SET b = b + 1 WHERE a = 2",
    "a scan": "UPDATE t SET b = b + 1",
    "schema": "CREATE TABLE u (a integer)",
    "several": "UPDATE t SET b = b + 1; SELECT 1",
}


@ONE_WRITER
@pytest.mark.parametrize("text", WRITES.values(), ids=WRITES)
def test_a_write_waits_for_the_writer_and_reads_go_on(
    text: str,
    server: Serving,
    connect: Connect,
    dial: Dial,
    holder: psycopg.Connection[Any],
    pool: ThreadPoolExecutor,
) -> None:
    writer, reader, cache = connect(), connect(), dial()
    waits: Future[object] = pool.submit(writer.execute, text)
    until(waiting(server))
    assert reader.execute("SELECT b FROM t WHERE a = 1").fetchone() == (0,)
    assert reader.execute("SELECT sum(b) FROM t").fetchone() == (0,)
    assert cache.get("a") is None
    assert not waits.done()
    holder.execute("COMMIT")
    waits.result(WAIT_SECONDS_MAX)
    assert reader.execute("SELECT b FROM t WHERE a = 1").fetchone() in [(1,), (2,)]


@ONE_WRITER
def test_redis_writes_wait_and_then_succeed_in_order(
    server: Serving, dial: Dial, holder: psycopg.Connection[Any], pool: ThreadPoolExecutor
) -> None:
    holder.execute("COMMIT")
    dial().set("made", 1)  # the container is there from now on
    holder.execute("BEGIN")
    holder.execute("UPDATE t SET b = 1")
    pipe = dial().pipeline(transaction=False)
    pipe.get("n").incr("n").get("n").mget("n", "n").incrby("n", 5).echo("x").get("n")
    waits = pool.submit(pipe.execute)
    until(waiting(server))
    other = dial()
    assert other.get("n") is None
    assert other.ping()
    assert not waits.done()
    holder.execute("COMMIT")
    assert waits.result(WAIT_SECONDS_MAX) == [None, 1, b"1", [b"1", b"1"], 6, b"x", b"6"]


@ONE_WRITER
def test_the_first_redis_write_of_a_file_waits_too(
    server: Serving, dial: Dial, holder: psycopg.Connection[Any], pool: ThreadPoolExecutor
) -> None:
    waits = pool.submit(dial().set, "a", "b")
    until(waiting(server))
    holder.execute("ROLLBACK")
    assert waits.result(WAIT_SECONDS_MAX)
    assert dial().get("a") == b"b"


@ONE_WRITER
def test_who_waits_too_long_is_told_and_the_others_go_on(
    server: Serving,
    connect: Connect,
    dial: Dial,
    holder: psycopg.Connection[Any],
    pool: ThreadPoolExecutor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    patient = pool.submit(dial().incr, "n")
    until(waiting(server))
    monkeypatch.setattr(session_module, "WRITER_WAIT_SECONDS", 0.01)
    for text in WRITES.values():
        with pytest.raises(psycopg.errors.LockNotAvailable):
            connect().execute(text)
    hasty = dial()
    with pytest.raises(redis.ResponseError, match="another transaction is writing"):
        hasty.incr("n")
    with pytest.raises(redis.ResponseError, match="another transaction is writing"):
        hasty.mset({"a": 1, "b": 2})
    assert hasty.get("n") is None
    assert not patient.done()
    holder.execute("COMMIT")
    assert patient.result(WAIT_SECONDS_MAX) == 1
    assert hasty.incr("n") == 2


@ONE_WRITER
def test_a_client_that_leaves_the_line_or_the_writers_place_frees_it(
    server: Serving, connect: Connect, holder: psycopg.Connection[Any]
) -> None:
    port = server.ports["postgres"]
    for text in WRITES.values():
        with Talk(port) as talk:
            talk.socket.sendall(message("Q", text))
            until(waiting(server))
        until(lambda: not waiting(server)())
    vanisher = socket.fromfd(holder.pgconn.socket, socket.AF_INET, socket.SOCK_STREAM)
    vanisher.shutdown(socket.SHUT_RDWR)
    vanisher.close()
    db = connect()
    db.execute("UPDATE t SET b = b + 5")
    assert db.execute("SELECT a, b FROM t ORDER BY a").fetchall() == [(1, 5), (2, 5)]


@ONE_WRITER
def test_cancel_requests(
    server: Serving, connect: Connect, holder: psycopg.Connection[Any], pool: ThreadPoolExecutor
) -> None:
    db = connect()
    for text in (ENDLESS, *WRITES.values(), f"PREPARE q AS {ENDLESS}; EXECUTE q"):
        runs = pool.submit(db.execute, text)
        while not runs.done():
            db.cancel_safe()
            threading.Event().wait(0.005)
        with pytest.raises(psycopg.errors.QueryCanceled) as caught:
            runs.result()
        assert caught.value.diag.message_primary == "canceling statement due to user request"
    db.cancel_safe()  # nothing runs: nothing happens
    assert db.execute("SELECT 1").fetchone() == (1,)
    holder.execute("COMMIT")


def test_a_cancel_request_with_the_wrong_key_is_ignored(server: Serving) -> None:
    port = server.ports["postgres"]
    with Talk(port) as talk:
        process_id, _ = talk.key
        with socket.create_connection(("127.0.0.1", port)) as other:
            packet = (80877102).to_bytes(4, "big") + process_id.to_bytes(4, "big") + b"nope"
            other.sendall((len(packet) + 4).to_bytes(4, "big") + packet)
            assert other.recv(1) == b""
        assert talk.query("SELECT 1")[-1] == "Z:I"


@ONE_WRITER
def test_transactions_get_the_writers_place_in_the_order_of_their_writes(
    server: Serving, connect: Connect, holder: psycopg.Connection[Any]
) -> None:
    line: list[Talk] = []
    log = "UPDATE t SET b = 10 * b + {} WHERE a = 2"
    try:
        for number in range(1, 5):
            talk = Talk(server.ports["postgres"])
            line.append(talk)
            talk.query("BEGIN")
            if number % 2:
                talk.socket.sendall(message("Q", log.format(number)))
            else:
                text = parse(log.format(number)) + bind() + execute() + message("S")
                talk.socket.sendall(text)
            until(lambda: len(server.database.engine.writer._line) == number)  # noqa: B023
        holder.execute("COMMIT")
        for number, talk in enumerate(line, 1):
            said = talk.until("Z")
            assert [word for word in said if word[0] in "CE"] == ["C:UPDATE 1"]
            assert len(server.database.engine.writer._line) == len(line) - number
            assert talk.query("COMMIT")[-1] == "Z:I"
    finally:
        for talk in line:
            talk.socket.close()
    assert connect().execute("SELECT b FROM t WHERE a = 2").fetchone() == (1234,)


@ONE_WRITER
@pytest.mark.parametrize("way", ["simple", "extended"])
def test_a_transaction_that_waits_in_vain_has_failed(
    way: str, server: Serving, connect: Connect, holder: psycopg.Connection[Any]
) -> None:
    write = "UPDATE t SET b = b + 1 WHERE a = 2"
    with Talk(server.ports["postgres"], options="-c lock_timeout=10") as talk:
        talk.query("BEGIN")
        if way == "simple":
            assert talk.query(write) == ["E:55P03", "Z:E"]
        else:
            said = talk.say(parse(write), bind(), execute(), message("S"))
            assert said == ["1", "2", "E:55P03", "Z:E"]
        assert talk.query("SELECT 1") == ["E:25P02", "Z:E"]
        assert talk.query("ROLLBACK")[-1] == "Z:I"
        holder.execute("COMMIT")
        assert talk.query(write)[0] == "C:UPDATE 1"


@ONE_WRITER
def test_a_plan_that_waited_is_made_again_if_the_catalog_changed(
    server: Serving, connect: Connect, holder: psycopg.Connection[Any]
) -> None:
    holder.execute("ALTER TABLE t ALTER COLUMN b TYPE text USING 'was ' || b")
    with Talk(server.ports["postgres"]) as talk:
        talk.query("BEGIN")
        talk.socket.sendall(message("Q", "UPDATE t SET b = '7' WHERE a = 2"))
        until(waiting(server))
        holder.execute("COMMIT")
        assert talk.until("Z")[-2:] == ["C:UPDATE 1", "Z:T"]
        talk.query("COMMIT")
    rows = connect().execute("SELECT b FROM t ORDER BY a").fetchall()
    assert rows == [("was 1",), ("7",)]


@ONE_WRITER
def test_one_connection_to_the_file_passes_from_writer_to_writer(
    server: Serving, connect: Connect, holder: psycopg.Connection[Any]
) -> None:
    holder.execute("COMMIT")
    engine = server.database.engine
    first = connect()
    seen = set()
    for db in (holder, first, holder, first):
        db.execute("BEGIN")
        before = set(engine._leased)
        db.execute("UPDATE t SET b = b + 1 WHERE a = 1")
        (leased,) = set(engine._leased) - before
        seen.add(leased)
        db.execute("COMMIT")
        assert leased not in engine._leased
    assert len(seen) == 1


def test_statement_timeout(server: Serving, connect: Connect) -> None:
    with Talk(server.ports["postgres"], options="-c statement_timeout=30") as talk:
        said = talk.say(parse(ENDLESS), bind(), execute(1), message("S"))
        assert said == ["1", "2", "E:57014", "Z:I"]
    db = connect()
    db.execute("SET statement_timeout = '30ms'")
    cross = "SELECT count(*) FROM generate_series(1, 100000) a, generate_series(1, 100000) b"
    for text in (ENDLESS, cross, f"COPY ({ENDLESS}) TO STDOUT", f"CREATE TABLE u AS {ENDLESS}"):
        with pytest.raises(psycopg.errors.QueryCanceled) as caught:
            db.execute(text)
        assert caught.value.diag.message_primary == "canceling statement due to statement timeout"
    db.execute("RESET statement_timeout")
    assert db.execute("SELECT count(*) FROM generate_series(1, 100000)").fetchone() == (100000,)


def test_an_idle_transaction_is_ended(
    server: Serving, connect: Connect, holder: psycopg.Connection[Any]
) -> None:
    holder.execute("SET idle_in_transaction_session_timeout = '20ms'")
    db = connect()
    db.execute("UPDATE t SET b = b + 5 WHERE a = 1")  # waits until the holder's time is up
    assert db.execute("SELECT b FROM t WHERE a = 1").fetchone() == (5,)
    with pytest.raises(psycopg.errors.IdleInTransactionSessionTimeout):
        holder.execute("SELECT 1")


STALLS: dict[str, bytes] = {
    "inside a message": message("Q", "BEGIN; DELETE FROM t") + b"Q\0\0",
    "inside a COPY": message("Q", "BEGIN; DELETE FROM t; COPY t FROM STDIN")
    + message("d", b"5\t5\n"),
    "without a Sync": parse("DELETE FROM t") + bind() + execute() + message("H"),
}


@pytest.mark.parametrize("said", STALLS.values(), ids=STALLS)
def test_a_client_that_stalls_is_idle_too(said: bytes, server: Serving, connect: Connect) -> None:
    db = connect()
    db.execute("CREATE TABLE t (a integer PRIMARY KEY, b integer)")
    db.execute("INSERT INTO t VALUES (1, 1)")
    options = "-c idle_in_transaction_session_timeout=20"
    with Talk(server.ports["postgres"], options=options) as talk:
        talk.socket.sendall(said)
        assert talk.until("")[-2:] == ["E:25P03", ""]
    db.execute("INSERT INTO t VALUES (2, 2)")
    assert db.execute("SELECT count(*) FROM t").fetchone() == (2,)


def test_timers_of_requests_that_came_together_do_not_outlive_them(server: Serving) -> None:
    options = "-c idle_in_transaction_session_timeout=50"
    with Talk(server.ports["postgres"], options=options) as talk:
        said = [message("Q", text) for text in ("BEGIN", "SELECT 1", "SELECT 2", "COMMIT")]
        talk.socket.sendall(b"".join(said))
        for _ in said:
            talk.until("Z")
        (client,) = server.database.engine and clients(server)
        assert client._idle._timer is None  # type: ignore[attr-defined]


def clients(server: Serving) -> list[ClientConnection]:
    assert server._server is not None
    return list(server._server.server.connections)


ROWS_MANY = 300_000
MANY = f"SELECT i, repeat('x', 100) FROM generate_series(1, {ROWS_MANY}) AS s(i)"


def test_a_slow_reader_of_many_rows_costs_little_and_holds_nobody_up(
    server: Serving, connect: Connect, dial: Dial
) -> None:
    with Talk(server.ports["postgres"]) as talk:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        talk.socket.sendall(message("Q", MANY))
        assert talk.hear()[0] == "T"
        until(lambda: any(client.paused for client in clients(server)))
        db, cache = connect(), dial()
        for number in range(200):
            assert db.execute("SELECT %s::integer", [number]).fetchone() == (number,)
            assert cache.incr("n") == number + 1
        rows = 0
        while talk.hear()[0] == "D":
            rows += 1
        assert rows == ROWS_MANY
        grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        assert grown_kb < 40_000  # the result is 36 MB, 80 with what Python adds


def test_a_client_that_reads_nothing_is_closed(
    server: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_module, "STALLED_SECONDS", 0.05)
    with Talk(server.ports["postgres"]) as talk:
        talk.socket.sendall(message("Q", MANY))
        until(lambda: not clients(server))
        with pytest.raises(ConnectionError):
            while talk.hear()[0]:
                pass
            raise ConnectionResetError  # some systems end the stream in good order
    until(lambda: not server._server.server.tasks)  # type: ignore[union-attr]


def test_a_client_that_vanishes_while_its_query_runs_frees_the_thread(server: Serving) -> None:
    for _ in range(10):  # more than there are threads
        with Talk(server.ports["postgres"]) as talk:
            talk.socket.sendall(message("Q", ENDLESS))
    with Talk(server.ports["postgres"]) as talk:
        assert talk.query("SELECT count(*) FROM generate_series(1, 10)")[1] == "D:10"
    until(lambda: not server._server.server.tasks)  # type: ignore[union-attr]


@ONE_WRITER
def test_a_full_line_of_waiters_leaves_threads_for_readers(
    server: Serving, connect: Connect, holder: psycopg.Connection[Any]
) -> None:
    talks = [Talk(server.ports["postgres"]) for _ in range(12)]
    for talk in talks:
        talk.socket.sendall(message("Q", "UPDATE t SET b = b + 1"))
    until(lambda: len(server.database.engine.writer._line) == 12)
    assert connect().execute("SELECT count(*) FROM t").fetchone() == (2,)
    holder.execute("COMMIT")
    for talk in talks:
        assert talk.until("Z") == ["C:UPDATE 2", "Z:I"]
        talk.close()
    assert connect().execute("SELECT b FROM t ORDER BY a").fetchall() == [(13,), (12,)]


@ONE_WRITER
def test_a_client_that_leaves_before_its_work_has_begun_leaves_nothing(
    server: Serving, connect: Connect
) -> None:
    db = connect()
    db.execute("CREATE TABLE t (a integer)")
    for number in range(60):
        with Talk(server.ports["postgres"]) as talk:
            said = "BEGIN; INSERT INTO t VALUES (1); COPY t FROM STDIN"
            talk.socket.sendall(message("Q", said))
            if number % 2:
                talk.until("G")
            talk.socket.sendall(message("d", b"1\n") + message("c"))
            talk.socket.shutdown(socket.SHUT_RDWR)
    until(lambda: len(clients(server)) == 1)
    until(lambda: not server._server.server.tasks)  # type: ignore[union-attr]
    db.execute("INSERT INTO t VALUES (2)")
    assert db.execute("SELECT a FROM t").fetchall() == [(2,)]
    assert len(server.database.engine._leased) == 1
