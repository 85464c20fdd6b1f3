"""What differs in the bytes themselves, beside PostgreSQL."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

import fivefold
from tests.serve.raw import SYNC, WAIT_SECONDS_MAX, Talk, fields, message
from tests.servers import Server

Talks = tuple[Talk, Talk]


@pytest.fixture
def ports(postgres_server: Server, tmp_path: Path) -> Iterator[tuple[int, int]]:
    """PostgreSQL and fivefold."""
    with fivefold.serving(tmp_path / "shop.db", durability="off") as serving:
        yield postgres_server.port, serving.ports["postgres"]


@pytest.fixture
def talks(ports: tuple[int, int]) -> Iterator[Talks]:
    with Talk(ports[0], "postgres") as theirs, Talk(ports[1], "postgres") as ours:
        yield theirs, ours


MALFORMED = {
    "a query without its end": b"Q\0\0\0\6xx",
    "a bind that ends early": message("B", "", "", b"\0\0\0\5"),
    "a description of nothing": message("D", "X"),
}


@pytest.mark.parametrize("said", MALFORMED.values(), ids=MALFORMED)
def test_malformed_messages_close(talks: Talks, said: bytes) -> None:
    heard = [talk.say(said, SYNC) for talk in talks]
    assert heard[0][0].startswith("E:")
    assert heard[0][-1] == "Z:I"
    assert heard[1] == ["E:08P01", ""]


def test_other_major_versions(ports: tuple[int, int]) -> None:
    codes = []
    for port in ports:
        with socket.create_connection(("127.0.0.1", port), WAIT_SECONDS_MAX) as line:
            line.sendall(struct.pack("!ii", 9, 4 << 16) + b"\0")
            stream = line.makefile("rb")
            kind, size = struct.unpack("!ci", stream.read(5))
            assert kind == b"E"
            codes.append(fields(stream.read(size - 4))["C"])
    assert codes == ["0A000", "08P01"]


def test_databases(ports: tuple[int, int]) -> None:
    """The file's own name, its stand-ins and the user's name reach the file."""
    where = f"host=127.0.0.1 port={ports[1]} user=ada"
    for name in ("shop", "postgres", "fivefold", "ada"):
        with psycopg.connect(f"{where} dbname={name}") as connection:
            assert connection.execute("SELECT current_database()").fetchone() == (name,)
    with pytest.raises(psycopg.OperationalError, match='database "bob" does not exist'):
        psycopg.connect(f"{where} dbname=bob")


def refusal(talk: Talk, said: bytes) -> dict[str, str]:
    """The fields of the error that is the answer."""
    talk.socket.sendall(said)
    found: dict[str, str] = {}
    while (heard := talk.hear())[0] != "Z":
        found = fields(heard[1]) if heard[0] == "E" else found
    return found
