"""A client of Bolt that says bytes and hears messages."""

from __future__ import annotations

import socket
from types import TracebackType
from typing import Any, Self

from tests.serve.raw import WAIT_SECONDS_MAX
from tests.wire.neo4j.drivers import answers, message, opening, proposal

SUCCESS, RECORD, IGNORED, FAILURE = 0x70, 0x71, 0x7E, 0x7F

HELLO = {"user_agent": "raw/1", "bolt_agent": {"product": "raw/1"}}

Heard = tuple[int, list[Any]]


class Talk:
    """One conversation; says HELLO and LOGON if it is to begin by itself."""

    def __init__(self, port: int, version: tuple[int, int] = (5, 8), *, greet: bool = True) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), WAIT_SECONDS_MAX)
        self.stream = self.socket.makefile("rb")
        self.say_bytes(opening(proposal(*version)))
        assert self.stream.read(4) == bytes((0, 0, version[1], version[0]))
        if greet:
            assert self.ask(0x01, HELLO)[0] == SUCCESS
            if version > (5, 0):
                assert self.ask(0x6A, {"scheme": "none"})[0] == SUCCESS

    def say_bytes(self, data: bytes) -> None:
        self.socket.sendall(data)

    def say(self, tag: int, *fields: Any) -> None:
        self.say_bytes(message(tag, *fields))

    def raw(self) -> bytes:
        """The next message as it comes; nothing at the end."""
        found = b""
        while head := self.stream.read(2):
            found += head
            size = int.from_bytes(head, "big")
            if not size:
                return found
            found += self.stream.read(size)
        return found

    def hear(self) -> Heard:
        raw = self.raw()
        assert raw, "the server has closed"
        (said,) = answers(raw)
        return said

    def hear_all(self) -> list[Heard]:
        """What comes until what is no record, with it."""
        heard = [self.hear()]
        while heard[-1][0] == RECORD:
            heard.append(self.hear())
        return heard

    def ask(self, tag: int, *fields: Any) -> Heard:
        self.say(tag, *fields)
        return self.hear()

    def is_closed(self) -> bool:
        """Whether the server closes without another word."""
        return not self.stream.read(1)

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
