"""The loop's lines to a store in another process: statements by key need no thread.

A statement has a line to itself until its answer has come, for it may wait for a lock that one of
those behind it would give up. Where all lines are busy, a thread does the work.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from fivefold.errors import FivefoldError
from fivefold.serve.limits import DRAIN_SECONDS, LINES_MAX
from fivefold.stores.contract import Answer, Line

if TYPE_CHECKING:
    from fivefold.serve.server import Server

Then = Callable[[Answer | FivefoldError], None]


class JoinedLine:
    """A line of the store that the loop listens to."""

    def __init__(self, lines: Lines, line: Line) -> None:
        self._lines = lines
        self._loop = lines.server.loop
        self._line = line
        self._socket = line.fileno()
        self._then: Then | None = None
        self._cancelling = False
        self._loop.add_reader(self._socket, self._readable)

    def run(self, send: Callable[[Line], bool], then: Then) -> bool:
        """Send a statement; ``then`` is called with its answer. False if the line is broken.

        Raises what ``send`` raises before it has sent anything.
        """
        try:
            whole = send(self._line)
        except FivefoldError:
            if self._line.broken:
                self._drop()
                return False
            self._lines.give_back(self)
            raise
        self._then = then
        if not whole:
            self._loop.add_writer(self._socket, self._writable)
        return True

    def _writable(self) -> None:
        with suppress(FivefoldError):  # who reads will hear of it
            if not self._line.flush():
                return
        self._loop.remove_writer(self._socket)

    def _readable(self) -> None:
        try:
            answer = self._line.receive()
        except FivefoldError as error:
            self._end(error)
            return
        if answer is not None:
            self._end(answer)

    def _end(self, found: Answer | FivefoldError) -> None:
        then, self._then = self._then, None
        if self._line.broken:
            self._drop()
        elif not self._cancelling:
            self._lines.give_back(self)
        if then is not None:
            then(found)

    def interrupt(self) -> None:
        """End the statement that is running."""
        if self._cancelling or self._then is None:
            return
        self._cancelling = True  # the next statement must not be hit: the line is kept so long

        def work() -> None:
            with suppress(FivefoldError):  # then the statement goes on
                self._line.interrupt()
            self._lines.server.wake(self._cancelled)

        self._lines.server.ending(work)

    def _cancelled(self) -> None:
        self._cancelling = False
        if self._then is None and not self._line.broken:
            self._lines.give_back(self)

    def _drop(self) -> None:
        self._lines.forget(self)
        self.close()

    def close(self) -> None:
        """Close the line."""
        self._loop.remove_reader(self._socket)
        self._loop.remove_writer(self._socket)
        self._line.close()


class Lines:
    """The lines of one server, opened as they are wanted; only on the loop's thread."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._all: set[JoinedLine] = set()
        self._idle: list[JoinedLine] = []
        self._opening = False
        self._closed = False
        self._rested = asyncio.Event()

    def take(self) -> JoinedLine | None:
        """Return a line that is free, or None; then there may be one more the next time."""
        if self._idle:
            return self._idle.pop()
        if not self._opening and len(self._all) < LINES_MAX and not self._closed:
            self._opening = True
            self.server.ending(self._open)
        return None

    def _open(self) -> None:
        """Open a line, on a thread."""
        line = None
        with suppress(FivefoldError):  # the statement that is run on a thread will tell
            line = self.server.engine.store.line()
        self.server.wake(lambda: self._opened(line))

    def _opened(self, line: Line | None) -> None:
        self._opening = False
        if line is None:
            return
        if self._closed:
            line.close()
            return
        joined = JoinedLine(self, line)
        self._all.add(joined)
        self._idle.append(joined)

    def give_back(self, joined: JoinedLine) -> None:
        """Take a line back whose statement has been answered."""
        self._idle.append(joined)
        if self._closed:
            self._rested.set()

    def forget(self, joined: JoinedLine) -> None:
        """Forget a line that is broken."""
        self._all.discard(joined)
        if joined in self._idle:
            self._idle.remove(joined)
        if self._closed:
            self._rested.set()

    async def close(self) -> None:
        """Let what runs end, then close all lines."""
        self._closed = True
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_SECONDS):
                while len(self._idle) < len(self._all):
                    self._rested.clear()
                    await self._rested.wait()
        for joined in self._all:
            joined.close()
        self._all.clear()
        self._idle.clear()
