"""The two sides of a sequence: fivefold, in one of three ways, and a redis-server.

Each side has the same clients, numbered from 0; the last is the ``AUDITOR``, who takes no part but
looks at everything afterwards. Both sides' clocks stand still until the sequence moves them.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from typing import Protocol

from fivefold.engine.group import Group
from fivefold.engine.redis import QUICK
from fivefold.engine.session import MustWait
from fivefold.errors import FivefoldError
from fivefold.wire.redis.encode import ENCODERS
from fivefold.wire.redis.errors import encode_error
from tests.languages.redis.rig import Rig
from tests.languages.redis.sequences.compare import NotWhole, parse

CLIENTS = 2
AUDITOR = CLIENTS
WAIT_SECONDS_MAX = 20.0
TURN_COMMANDS = 29
"""After so many commands a shared transaction ends at the latest."""


class Side(Protocol):
    """Clients that run commands; replies are bytes as they go over the wire."""

    def answer(self, who: int, words: Sequence[bytes]) -> bytes: ...
    def answers(self, who: int, several: Sequence[Sequence[bytes]]) -> list[bytes]: ...


class Embedded:
    """Sessions in this process, without a server."""

    def __init__(self, rig: Rig) -> None:
        self._clients = [rig.client() for _ in range(CLIENTS + 1)]

    def answer(self, who: int, words: Sequence[bytes]) -> bytes:
        """Run one command."""
        return self._clients[who].answer(*words)

    def answers(self, who: int, several: Sequence[Sequence[bytes]]) -> list[bytes]:
        """Run one after the other."""
        return [self.answer(who, words) for words in several]


class Grouped:
    """Sessions whose commands share transactions, as those of a server do in one turn."""

    def __init__(self, rig: Rig) -> None:
        self._ran = 0
        self._group = group = Group(rig.engine, lambda call: None, lambda call: None)
        self._clients = [rig.client(group) for _ in range(CLIENTS + 1)]

    def answer(self, who: int, words: Sequence[bytes]) -> bytes:
        """Run one command, in the open group if it can be."""
        client = self._clients[who]
        commands, session = client.commands, client.session
        command = QUICK.get(words[0])
        self._ran += 1
        if (
            command is not None
            and session.queue is None
            and command.least <= len(words) <= command.most
            and self._ran % TURN_COMMANDS
        ):
            commands.now_ms = client.rig.clock.now_ms()
            try:
                return ENCODERS[session.protocol](commands.quick(command, list(words)))
            except FivefoldError as error:
                return encode_error(error)
            except MustWait:
                pass
        self._group.finish()
        return client.answer(*words)

    def answers(self, who: int, several: Sequence[Sequence[bytes]]) -> list[bytes]:
        """Run one after the other."""
        return [self.answer(who, words) for words in several]

    def close(self) -> None:
        """Commit what is open."""
        self._group.close()


class Sockets:
    """Clients of a server."""

    def __init__(self, port: int) -> None:
        self._sockets = [
            socket.create_connection(("127.0.0.1", port), WAIT_SECONDS_MAX)
            for _ in range(CLIENTS + 1)
        ]
        for one in self._sockets:
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def answer(self, who: int, words: Sequence[bytes]) -> bytes:
        """Run one command."""
        return self.answers(who, [words])[0]

    def answers(self, who: int, several: Sequence[Sequence[bytes]]) -> list[bytes]:
        """Send all at once, then read the replies."""
        self._sockets[who].sendall(b"".join(map(_frame, several)))
        heard, replies = b"", []
        while len(replies) < len(several):
            received = self._sockets[who].recv(1 << 20)
            assert received, f"the server hung up after {several}"
            heard += received
            at = 0
            try:
                while at < len(heard):
                    _, end = parse(heard, at)
                    replies.append(heard[at:end])
                    at = end
            except NotWhole:
                pass
            heard = heard[at:]
        return replies

    def close(self) -> None:
        """Hang up."""
        for one in self._sockets:
            one.close()


def _frame(words: Sequence[bytes]) -> bytes:
    parts = b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in words)
    return b"*%d\r\n%b" % (len(words), parts)
