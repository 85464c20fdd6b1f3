"""A client of MongoDB's protocol that says bytes and hears messages."""

from __future__ import annotations

import socket
import struct
from types import TracebackType
from typing import Any, NamedTuple, Self

import bson

from tests.serve.raw import WAIT_SECONDS_MAX


class Heard(NamedTuple):
    """A message of the server: its number, what it answers, its operation, flags and document."""

    number: int
    response_to: int
    operation: int
    flags: int
    document: dict[str, Any]


def msg(
    document: dict[str, Any], number: int = 1, flags: int = 0, *sequences: tuple[str, list[bytes]]
) -> bytes:
    """An OP_MSG."""
    body = struct.pack("<I", flags) + b"\0" + bson.encode(document)
    for name, documents in sequences:
        inside = name.encode() + b"\0" + b"".join(documents)
        body += b"\1" + struct.pack("<i", len(inside) + 4) + inside
    return struct.pack("<iiii", 16 + len(body), number, 0, 2013) + body


def query(document: dict[str, Any], number: int = 1, name: str = "admin.$cmd") -> bytes:
    """An OP_QUERY."""
    body = struct.pack("<i", 0) + name.encode() + b"\0" + struct.pack("<ii", 0, -1)
    body += bson.encode(document)
    return struct.pack("<iiii", 16 + len(body), number, 0, 2004) + body


class Talk:
    """One conversation."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), WAIT_SECONDS_MAX)
        self.stream = self.socket.makefile("rb")

    def say(self, *messages: bytes) -> None:
        self.socket.sendall(b"".join(messages))

    def raw(self) -> bytes:
        """The next message as it comes; nothing at the end."""
        head = self.stream.read(4)
        return head + self.stream.read(struct.unpack("<i", head)[0] - 4) if head else b""

    def hear(self) -> Heard:
        raw = self.raw()
        assert raw, "the server has closed"
        _, number, response_to, operation = struct.unpack_from("<iiii", raw)
        (flags,) = struct.unpack_from("<I", raw, 16)
        if operation == 1:
            return Heard(number, response_to, operation, flags, bson.decode(raw[36:]))
        assert operation == 2013, operation
        end = len(raw) - 4 * (flags & 1)
        return Heard(number, response_to, operation, flags, bson.decode(raw[21:end]))

    def ask(self, document: dict[str, Any], **more: Any) -> dict[str, Any]:
        """The reply to a command, on the database admin unless it says another."""
        self.say(msg(framed(document), **more))
        return self.hear().document

    def close(self) -> None:
        self.stream.close()
        self.socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def framed(document: dict[str, Any]) -> dict[str, Any]:
    return {**document, "$db": document.get("$db", "admin")}
