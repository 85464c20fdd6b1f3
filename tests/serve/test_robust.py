"""Garbage, floods, limits and the server's end."""

from __future__ import annotations

import os
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import fivefold
from fivefold.api.serving import Serving
from fivefold.engine.limits import Limits
from fivefold.errors import Unavailable
from fivefold.serve import server as server_module
from fivefold.serve.postgres import connection as connection_module
from fivefold.serve.postgres import idle as idle_module
from tests.serve.conftest import Connect, Dial
from tests.serve.raw import SYNC, Talk, message, start_up
from tests.serve.test_waiting import clients, until

QUICK = settings(
    max_examples=40,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
FATAL = b"EFATAL"


@pytest.fixture(scope="module")
def sturdy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """One server for all the garbage: it has to live through it."""
    with fivefold.serving(tmp_path_factory.mktemp("robust") / "r.db", durability="off") as serving:
        yield serving
        alive(serving)
        until(lambda: not clients(serving))


def alive(server: Serving) -> None:
    with Talk(server.ports["postgres"]) as talk:
        assert talk.query("SELECT 1")[1] == "D:1"
    with redis.Redis(port=server.ports["redis"]) as client:
        assert client.ping()


def throw(port: int, *pieces: bytes) -> bytes:
    """Send, say that no more comes, and return all that is heard."""
    with socket.create_connection(("127.0.0.1", port), 20) as peer:
        heard = b""
        try:
            for piece in pieces:
                peer.sendall(piece)
            peer.shutdown(socket.SHUT_WR)
            while data := peer.recv(65536):
                heard += data
        except ConnectionError:
            pass
        return heard


@QUICK
@given(data=st.binary(max_size=60), greeted=st.booleans())
def test_garbage_to_postgres(sturdy: Serving, data: bytes, greeted: bool) -> None:
    begin = start_up(user="ada") if greeted else b""
    heard = throw(sturdy.ports["postgres"], begin + data)
    assert b"Traceback" not in heard


@QUICK
@given(
    kind=st.sampled_from(list("BCDEFHPQSXdcfp")),
    body=st.binary(max_size=30),
    more=st.sampled_from([b"", SYNC, message("Q", "SELECT 1")]),
)
def test_malformed_messages(sturdy: Serving, kind: str, body: bytes, more: bytes) -> None:
    heard = throw(sturdy.ports["postgres"], start_up(user="ada") + message(kind, body) + more)
    assert heard.startswith(b"R")
    assert b"Traceback" not in heard


@QUICK
@given(data=st.binary(max_size=60) | st.text("*$+-:0123\r\nGETSET ", max_size=60).map(str.encode))
def test_garbage_to_redis(sturdy: Serving, data: bytes) -> None:
    heard = throw(sturdy.ports["redis"], data)
    assert b"Traceback" not in heard


@pytest.mark.parametrize(
    ("protocol", "data", "wanted"),
    [
        ("postgres", struct.pack("!ii", 2**31 - 1, 196608), b"invalid length of startup packet"),
        ("postgres", struct.pack("!ii", 4, 196608), b"invalid length of startup packet"),
        ("postgres", start_up(database="shop"), b"no PostgreSQL user name"),
        ("postgres", start_up(user="ada") + b"Q" + struct.pack("!i", 2**31 - 1), b"message length"),
        ("postgres", start_up(user="ada") + b"Q" + struct.pack("!i", 1), b"message length"),
        ("postgres", start_up(user="ada") + b"\0\0\0\0\4", b"invalid frontend message type 0"),
        ("redis", b"*99999999999\r\n", b"invalid multibulk length"),
        ("redis", b"*1\r\n$999999999999\r\n", b"invalid bulk length"),
        ("redis", b"PING\r\n*1\r\nx\r\n", b"+PONG\r\n-ERR Protocol error: expected '$', got 'x'"),
        ("redis", b"x" * 100_000, b"too big inline request"),
    ],
)
def test_oversized_and_wrong_lengths(
    sturdy: Serving, protocol: str, data: bytes, wanted: bytes
) -> None:
    assert wanted in throw(sturdy.ports[protocol], data)


def test_encryption_is_refused_and_the_client_goes_on(sturdy: Serving) -> None:
    ssl = struct.pack("!ii", 8, 80877103)
    heard = throw(sturdy.ports["postgres"], ssl)
    assert heard == b"N"
    with socket.create_connection(("127.0.0.1", sturdy.ports["postgres"])) as peer:
        peer.sendall(ssl)
        assert peer.recv(1) == b"N"
        peer.sendall(start_up(user="ada"))
        assert peer.recv(1) == b"R"


def test_who_does_not_introduce_itself_is_closed(
    sturdy: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idle_module, "STARTUP_SECONDS", 0.02)
    for said in (b"", start_up(user="ada")[:10], struct.pack("!ii", 8, 80877103)):
        with socket.create_connection(("127.0.0.1", sturdy.ports["postgres"]), 20) as peer:
            peer.sendall(said)
            heard = b"?"
            try:
                while heard:
                    heard = peer.recv(10)
                    assert heard in (b"", b"N")
            except ConnectionResetError:
                pass


def files_open() -> int:
    return len(os.listdir("/proc/self/fd"))


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="there is no /proc here")
def test_ten_thousand_connects_and_drops_leave_nothing(sturdy: Serving) -> None:
    alive(sturdy)
    until(lambda: not clients(sturdy))
    before = files_open()
    hello = start_up(user="ada")
    begin = message("Q", "BEGIN; CREATE TABLE gone (a integer)")
    for turn in range(100):
        peers = []
        for number in range(100):
            protocol = "redis" if number % 2 else "postgres"
            peer = socket.socket()
            peer.connect(("127.0.0.1", sturdy.ports[protocol]))
            peers.append(peer)
            if number % 4 == 1:
                peer.send(b"*2\r\n$3\r\nGE")
            elif number % 8 == 2:
                peer.send(hello)
            elif number % 96 == 4 and turn % 10 == 0:
                peer.send(hello + begin)
        for peer in peers:
            peer.close()
    until(lambda: not clients(sturdy))
    until(lambda: not sturdy._server.server.tasks)  # type: ignore[union-attr]
    engine = sturdy.database.engine
    until(lambda: len(engine._leased) <= 2)  # the group's, and maybe this thread's
    until(lambda: files_open() <= before + 3 * 16)  # idle connections of the store that are kept
    assert engine.writer.try_acquire()
    engine.writer.release()


def test_too_many_clients(
    server: Serving, connect: Connect, dial: Dial, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.database.engine.limits = Limits(connections=2)
    monkeypatch.setattr(server_module, "REFUSALS_MAX", 1)
    db = connect()
    cache = dial()
    assert cache.ping()
    with pytest.raises(psycopg.OperationalError, match="sorry, too many clients already"):
        connect()
    with pytest.raises(redis.RedisError, match=r"too many clients|closed"):
        dial().ping()
    assert db.execute("SELECT 1").fetchone() == (1,)
    cache.close()
    until(lambda: len(clients(server)) == 1)
    assert connect().execute("SELECT 1").fetchone() == (1,)


def test_a_fault_of_ours_is_answered_and_closes(
    server: Serving, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = connect()
    told = threading.Event()
    background = server._server
    assert background is not None
    loop = background.server.loop  # type: ignore[union-attr]
    loop.call_soon_threadsafe(loop.set_exception_handler, lambda *_: told.set())

    def broken(*_: object) -> None:
        raise ZeroDivisionError("a fault")

    monkeypatch.setattr(connection_module.Reader, "read", broken)
    with pytest.raises(psycopg.errors.InternalError_) as caught:
        db.execute("SELECT count(*) FROM generate_series(1, 10)")
    assert "Traceback" not in str(caught.value)
    assert told.wait(10)
    monkeypatch.undo()
    assert connect().execute("SELECT 1").fetchone() == (1,)


def test_a_taken_port_is_named(server: Serving, tmp_path: Path) -> None:
    from fivefold.serve.run import Background

    port = server.ports["redis"]
    with fivefold.open(tmp_path / "other.db") as database:
        with pytest.raises(Unavailable, match=f"127.0.0.1:{port} for redis"):
            Background(database.engine, "127.0.0.1", {"postgres": 0, "redis": port})
        database.sql("SELECT 1")


def test_closing_tells_clients_and_keeps_what_was_answered(tmp_path: Path) -> None:
    with fivefold.serving(tmp_path / "a.db") as serving:
        idle = psycopg.connect(serving.urls["postgres"], autocommit=True)
        idle.execute("CREATE TABLE t (a integer)")
        holder = psycopg.connect(serving.urls["postgres"])
        idle.execute("INSERT INTO t VALUES (1)")
        holder.execute("INSERT INTO t VALUES (2)")
        cache = redis.Redis(port=serving.ports["redis"], retry=None)
        assert cache.get("a") is None
    with pytest.raises(psycopg.errors.AdminShutdown):
        idle.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError):
        holder.execute("SELECT 1")
    with closing(cache), pytest.raises(redis.ConnectionError):
        cache.get("a")
    idle.close()
    holder.close()
    with fivefold.open(tmp_path / "a.db") as database:
        assert database.sql("SELECT a FROM t").fetchall() == [(1,)]


def test_closing_waits_for_what_runs(tmp_path: Path) -> None:
    with fivefold.serving(tmp_path / "a.db") as serving:
        with Talk(serving.ports["postgres"]) as talk:
            talk.query("CREATE TABLE t (a integer)")
            slow = "INSERT INTO t SELECT i FROM generate_series(1, 100000) AS s(i)"
            talk.socket.sendall(message("Q", slow))
            until(lambda: serving._server.server.tasks)  # type: ignore[union-attr]
            serving._server.close()  # type: ignore[union-attr]
            assert talk.until("C")[-1] == "C:INSERT 0 100000"
        assert serving.database.sql("SELECT count(*) FROM t").fetchone() == (100000,)
