"""A conversation of several clients with redis-server and with fivefold, byte by byte.

A line is ``name: WORD …``, the words as Python would read a string of theirs. Every client is a
socket of its own on each side. redis-server is listened to until it is silent for a moment,
fivefold until it has said as much and as many wait for keys, so nothing is decided by how fast
fivefold is; what a client heard is compared as one stream.
"""

from __future__ import annotations

import re
import select
import shlex
import socket
import time

import redis

SILENCE_SECONDS = 0.02
PATIENCE_SECONDS = 10.0

BLOCKING = ("B", "XREAD")  # with what the names of commands begin that may wait for a key

Masks = tuple[tuple[bytes, bytes], ...]
"""(expression, what takes its place) for what is each machine's own."""


def frame(text: str) -> bytes:
    """Return a command as it is sent."""
    words = [
        word.encode("latin-1").decode("unicode_escape").encode("latin-1")
        for word in shlex.split(text)
    ]
    parts = b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in words)
    return b"*%d\r\n%b" % (len(words), parts)


class Side:
    """The clients of one server, and all that each has heard."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.sockets: dict[str, socket.socket] = {}
        self.heard: dict[str, bytes] = {}
        self.closed: set[str] = set()

    def send(self, name: str, data: bytes) -> None:
        """Say something; the client connects when it first does."""
        if name not in self.sockets:
            self.sockets[name] = socket.create_connection(("127.0.0.1", self.port))
            self.heard[name] = b""
        if name not in self.closed:
            self.sockets[name].sendall(data)

    def receive(self, seconds: float) -> bool:
        """Take what has come to any client; say whether anything had."""
        names = {self.sockets[name]: name for name in self.sockets if name not in self.closed}
        ready, _, _ = select.select(list(names), [], [], seconds)
        for one in ready:
            try:
                data = one.recv(1 << 16)
            except ConnectionError:
                data = b""
            self.heard[names[one]] += data or b"(closed)"
            if not data:
                self.closed.add(names[one])
        return bool(ready)

    def close(self) -> None:
        """Hang up."""
        for one in self.sockets.values():
            one.close()


def converse(theirs: int, ours: int, script: str, masks: Masks = ()) -> None:
    """Have the conversation with both servers, emptied first, and compare."""
    left, right = Side(theirs), Side(ours)
    try:
        for line in ["empty: FLUSHALL", *filter(None, map(str.strip, script.splitlines()))]:
            name, _, text = line.partition(": ")
            answered = not name.endswith("~")  # else: no answer is due yet
            name = name.rstrip("~")
            before = len(left.heard.get(name, b""))
            for side in (left, right):
                side.send(name, frame(text))
            deadline = time.monotonic() + PATIENCE_SECONDS
            while left.receive(SILENCE_SECONDS) or (
                answered
                and len(left.heard[name]) == before
                and name not in left.closed
                and time.monotonic() < deadline
            ):
                pass
            while _behind(left, right, masks) and time.monotonic() < deadline:
                right.receive(SILENCE_SECONDS)
            if not answered and text.startswith(BLOCKING):
                waiting = _waiting(theirs)
                while _waiting(ours) != waiting and time.monotonic() < deadline:
                    pass
            for each, heard in left.heard.items():
                mine = masked(right.heard[each], masks)
                wanted = masked(heard, masks)
                assert mine == wanted, f"{line}\n{each}: {mine!r}\nnot {wanted!r}"
    finally:
        left.close()
        right.close()


def _waiting(port: int) -> int:
    with redis.Redis(port=port) as client:
        return int(client.info("clients")["blocked_clients"])


def _behind(left: Side, right: Side, masks: Masks) -> bool:
    return any(
        len(masked(right.heard[name], masks)) < len(masked(heard, masks))
        for name, heard in left.heard.items()
    )


def masked(heard: bytes, masks: Masks) -> bytes:
    """Return what was heard without what is each machine's own."""
    for pattern, replacement in masks:
        heard = re.sub(pattern, replacement, heard)
    return heard
