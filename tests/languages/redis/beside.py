"""A plain line to a redis-server, which keeps each reply's bytes as they came."""

from __future__ import annotations

import socket

import hiredis

from tests.languages.redis.rig import as_bytes
from tests.servers import Server

WAIT_SECONDS_MAX = 20.0


class Peer:
    """One client of a redis-server."""

    def __init__(self, server: Server) -> None:
        self._socket = socket.create_connection((server.host, server.port), WAIT_SECONDS_MAX)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def answer(self, *words: bytes | str | int) -> bytes:
        """Run one command and return its reply as it came."""
        parts = [as_bytes(word) for word in words]
        frame = b"".join(b"$%d\r\n%b\r\n" % (len(part), part) for part in parts)
        self._socket.sendall(b"*%d\r\n%b" % (len(parts), frame))
        reader = hiredis.Reader()
        reply = b""
        while True:
            received = self._socket.recv(1 << 20)
            assert received, "redis-server hung up"
            reply += received
            reader.feed(received)
            if reader.gets() is not False or reply == b"#f\r\n":
                return reply

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


def parsed(reply: bytes) -> object:
    """Return a reply's value."""
    reader = hiredis.Reader()
    reader.feed(reply)
    return reader.gets()
