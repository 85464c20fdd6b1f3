"""Beside Redis: each numbered difference is one still, and nothing around it differs."""

from __future__ import annotations

import itertools
import shlex
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hiredis import Reader, ReplyError

import fivefold
from fivefold.engine.limits import WRITER_WAIT_SECONDS
from fivefold.errors import Limit
from fivefold.stores.sqlite.connection import SqliteConnection
from tests import servers
from tests.differences.cases import Ask, read, wrong
from tests.languages.redis.rig import Rig

CASES = read(Path(__file__).with_name("redis.txt"))
PORTS = tuple[int, int]


@pytest.fixture(scope="module")
def ports(
    redis_server: servers.Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PORTS]:
    """Redis and fivefold."""
    file = tmp_path_factory.mktemp("differences") / "shop.db"
    with fivefold.serving(file, durability="off") as serving:
        yield redis_server.port, serving.ports["redis"]


class Line:
    """A client that says bytes; what it hears is shown in one line."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), WRITER_WAIT_SECONDS)

    def say(self, data: bytes) -> str:
        """Send; return the first reply, or ``(closed)``."""
        reader = Reader()
        try:
            self.socket.sendall(data)
            while (reply := reader.gets()) is False:
                heard = self.socket.recv(1 << 16)
                if not heard:
                    return "(closed)"
                reader.feed(heard)
        except ConnectionError:
            return "(closed)"
        return show(reply)


def show(reply: object) -> str:
    if isinstance(reply, list):
        return f"[{', '.join(map(show, reply))}]"
    if isinstance(reply, bytes):
        return reply.decode().replace("\r\n", " ").replace("\n", " ")
    return f"ERROR {reply}" if isinstance(reply, ReplyError) else str(reply)


def asking(port: int, stack: ExitStack) -> Ask:
    """Commands of the clients of one side; each connects when it is first named."""
    lines: dict[str, Line] = {}

    def ask(session: str, text: str) -> str:
        if session not in lines:
            lines[session] = Line(port)
            stack.callback(lines[session].socket.close)
        words = [word.encode() for word in shlex.split(text)]
        parts = b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in words)
        return lines[session].say(b"*%d\r\n%b" % (len(words), parts))

    return ask


@pytest.mark.parametrize("number", CASES)
def test_differs(ports: PORTS, number: str) -> None:
    with ExitStack() as stack:
        theirs, ours = (asking(port, stack) for port in ports)
        for ask in (theirs, ours):
            assert ask("", "FLUSHALL") == "OK"
        faults = wrong(CASES[number], theirs, ours)
    assert not faults, "\n".join(faults)


def both(ports: PORTS, data: bytes) -> list[str]:
    """What Redis and fivefold answer to these bytes."""
    heard = []
    for port in ports:
        line = Line(port)
        heard.append(line.say(data))
        line.socket.close()
    return heard


def test_scan_tells_keys_in_the_order_they_were_made(ports: PORTS) -> None:
    line = Line(ports[1])
    assert line.say(b"FLUSHALL\r\n") == "OK"
    names = [f"{number:x}" for number in range(40, 0, -1)]
    for name in names:
        assert line.say(b"SET %b 1\r\n" % name.encode()) == "OK"
    found = line.say(b"SCAN 0 COUNT 100\r\n")
    cursor = line.say(b"SCAN 0 COUNT 5\r\n").split(",")[0][1:]
    line.socket.close()
    assert found == f"[0, [{', '.join(names)}]]"
    assert 2**32 < int(cursor) < 2**53


def test_random_keys_follow_pauses() -> None:
    rig = Rig(":memory:")
    for name in ("a", "b", "c"):
        rig.client().answer("SET", name, "1")
    rig.clock.stamp = itertools.count(rig.clock.stamp() + 10**9).__next__
    client = rig.client()
    client.answer("SET", "late", "1")
    assert {client.answer("RANDOMKEY") for _ in range(50)} == {b"$4\r\nlate\r\n"}
    rig.close()


def test_a_browser_is_hung_up_on_by_lines_only(ports: PORTS) -> None:
    assert both(ports, b"POST / HTTP/1.1\r\n") == ["(closed)", "(closed)"]
    framed = both(ports, b"*2\r\n$4\r\nPOST\r\n$1\r\n/\r\n")
    assert framed[0] == "(closed)"
    assert framed[1].startswith("ERROR ERR unknown command 'POST'")


def test_long_lines(ports: PORTS) -> None:
    assert both(ports, b"PING " + b"x" * 60_000 + b"\r\n") == ["x" * 60_000] * 2
    theirs, ours = both(ports, b"PING " + b"x" * 65_540 + b"\r\n")
    assert ours == "ERROR ERR Protocol error: too big inline request"
    assert theirs == "x" * 65_540


def test_time_is_told_in_milliseconds(ports: PORTS) -> None:
    theirs, ours = (
        {int(both(ports, b"TIME\r\n")[side].split(", ")[1][:-1]) % 1000 for _ in range(20)}
        for side in (0, 1)
    )
    assert ours == {0}
    assert len(theirs) > 1


def test_a_commit_that_fails_is_told_and_closes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def commit(connection: SqliteConnection) -> None:
        connection.rollback()
        raise Limit("the disk is full", "disk_full")

    with fivefold.serving(tmp_path / "shop.db", only=["redis"]) as serving:
        line = Line(serving.ports["redis"])
        assert line.say(b"SET a 1\r\n") == "OK"
        with monkeypatch.context() as patched:
            patched.setattr(SqliteConnection, "commit", commit)
            assert line.say(b"SET a 2\r\n").startswith("ERROR")
            assert line.say(b"") == "(closed)"
        line.socket.close()
        line = Line(serving.ports["redis"])
        assert line.say(b"GET a\r\n") == "1"
        line.socket.close()
