"""A client of PostgreSQL's protocol that says bytes and hears messages."""

from __future__ import annotations

import socket
import struct
from types import TracebackType
from typing import Self

WAIT_SECONDS_MAX = 20.0


def message(kind: str, *parts: bytes | str | int) -> bytes:
    """One message: texts end with a zero byte, numbers are 32 bits."""
    body = b"".join(
        part
        if isinstance(part, bytes)
        else struct.pack("!i", part)
        if isinstance(part, int)
        else part.encode() + b"\0"
        for part in parts
    )
    return kind.encode() + struct.pack("!i", len(body) + 4) + body


def start_up(**parameters: str) -> bytes:
    """The packet that begins a conversation."""
    pairs = b"".join(f"{key}\0{value}\0".encode() for key, value in parameters.items())
    return struct.pack("!ii", len(pairs) + 9, 196608) + pairs + b"\0"


def parse(text: str, name: str = "") -> bytes:
    return message("P", name, text, b"\0\0")


def bind(*values: str | None, portal: str = "", statement: str = "") -> bytes:
    raw = b"".join(
        struct.pack("!i", -1)
        if value is None
        else struct.pack("!i", len(value.encode())) + value.encode()
        for value in values
    )
    head = struct.pack("!hh", 0, len(values))
    return message("B", portal, statement, head + raw + struct.pack("!h", 0))


def execute(rows_max: int = 0, portal: str = "") -> bytes:
    return message("E", portal, rows_max)


SYNC = message("S")
FLUSH = message("H")


class Talk:
    """One conversation. What is heard is shown shortly: ``D:1|x``, ``C:SELECT 1``, ``E:42601``."""

    def __init__(self, port: int, user: str = "ada", **parameters: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), WAIT_SECONDS_MAX)
        self.stream = self.socket.makefile("rb")
        self.socket.sendall(start_up(user=user, **parameters))
        self.key = (0, b"")
        self.parameters: dict[str, str] = {}
        self.greeting = self.until("Z")

    def hear(self) -> tuple[str, bytes]:
        """The next message's kind and body; an empty kind at the end."""
        head = self.stream.read(5)
        if len(head) < 5:
            return "", b""
        body = self.stream.read(struct.unpack("!i", head[1:])[0] - 4)
        return chr(head[0]), body

    def until(self, last: str) -> list[str]:
        """What is heard up to a message of the kind ``last``, or the end."""
        heard: list[str] = []
        while True:
            kind, body = self.hear()
            if kind == "K":
                self.key = (struct.unpack("!i", body[:4])[0], body[4:])
            elif kind == "S":
                name, value = body.decode().split("\0")[:2]
                self.parameters[name] = value
            else:
                heard.append(short(kind, body))
            if kind in (last, ""):
                return heard

    def say(self, *messages: bytes) -> list[str]:
        """Send; return what is heard up to ReadyForQuery."""
        self.socket.sendall(b"".join(messages))
        return self.until("Z")

    def query(self, text: str) -> list[str]:
        return self.say(message("Q", text))

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


def fields(body: bytes) -> dict[str, str]:
    """The fields of an ErrorResponse or NoticeResponse."""
    return {part[0]: part[1:] for part in body.decode().split("\0") if part}


def short(kind: str, body: bytes) -> str:
    """A message as tests write it."""
    if kind in "EN" and kind:
        return f"{kind}:{fields(body).get('C')}"
    if kind == "D":
        values, at = [], 2
        for _ in range(struct.unpack("!h", body[:2])[0]):
            (size,) = struct.unpack("!i", body[at : at + 4])
            at += 4
            values.append("NULL" if size < 0 else body[at : at + size].decode())
            at += max(size, 0)
        return "D:" + "|".join(values)
    if kind == "C":
        return "C:" + body[:-1].decode()
    if kind == "Z":
        return "Z:" + body.decode()
    return kind
