"""Bad and odd input: the same replies, and the same end, as redis-server's.

What our machine makes of some input is sent, spelled well, to the real server on a second
connection: its replies, and our farewell, must be its replies to the input itself.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fivefold.wire.redis import RedisMachine
from tests import servers
from tests.wire.test_redis_commands import COMMANDS, FAULTS, PIECES

ANSWER_SECONDS_MAX = 20.0


def answer(server: servers.Server, data: bytes) -> bytes:
    """All that the server says to `data` from a client that says no more."""
    with socket.create_connection((server.host, server.port), ANSWER_SECONDS_MAX) as connection:
        parts = []
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            while part := connection.recv(65536):
                parts.append(part)
        except (ConnectionResetError, BrokenPipeError):
            pass  # closed with our input unread
        return b"".join(parts)


def spelled(words: list[bytes]) -> bytes:
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%b\r\n" % (len(w), w) for w in words)


def our_answer(server: servers.Server, machine: RedisMachine, data: bytes) -> bytes:
    commands = machine.receive(data)
    while machine.held:
        machine.authenticated = [b"AUTH", b"secret"] in commands
        commands += machine.receive(b"")
    asked = b"".join(map(spelled, commands))
    return answer(server, asked) + machine.farewell


@pytest.mark.parametrize(
    "data", [row[1] for row in COMMANDS + FAULTS], ids=[row[0] for row in COMMANDS + FAULTS]
)
def test_table(redis_server: servers.Server, data: bytes) -> None:
    data = b"*2\r\n$4\r\nECHO\r\n$2\r\n\r\n\r\n" + data
    assert answer(redis_server, data) == our_answer(redis_server, RedisMachine(), data)


def test_http_is_closed_without_a_word(redis_server: servers.Server) -> None:
    data = b"PING\r\npost / HTTP/1.1\r\nPING\r\n"
    assert RedisMachine().receive(data) == [[b"PING"]]
    # Nor does the real server always get to send its replies to what came before.
    assert answer(redis_server, data) in (b"", b"+PONG\r\n")


@settings(max_examples=150, derandomize=True, deadline=None)
@given(data=st.lists(PIECES, max_size=12).map(b"".join))
def test_garbage(redis_server: servers.Server, data: bytes) -> None:
    assert answer(redis_server, data) == our_answer(redis_server, RedisMachine(), data)


@pytest.fixture(scope="module")
def locked_server(redis_server: servers.Server) -> Iterator[servers.Server]:
    """One of our own, started only where `redis_server` has found the program."""
    with servers.redis_server("--save", "") as server:
        assert answer(server, b"CONFIG SET requirepass secret\r\n") == b"+OK\r\n"
        yield server


@pytest.mark.parametrize("password", [b"secret", b"wrong"])
@pytest.mark.parametrize(
    "data",
    [
        b"*11\r\n$4\r\nECHO\r\n" + b"$1\r\nx\r\n" * 10,
        b"*2\r\n$4\r\nECHO\r\n$16385\r\n" + b"x" * 16385 + b"\r\n",
        b"*1\r\n$4\r\nPING\r\n",
        b"*x\r\n",
    ],
    ids=["count", "length", "fits", "fault"],
)
def test_strangers(locked_server: servers.Server, data: bytes, password: bytes) -> None:
    # What a server closes upon must be the last it reads, or the reset takes its reply along.
    seen = data if password == b"secret" else data[:100]
    for full in (data[:100], b"AUTH " + password + b"\r\n" + seen):
        machine = RedisMachine(authenticated=False)
        assert answer(locked_server, full) == our_answer(locked_server, machine, full)
