"""A Redis client of the server that waits for a key (BLPOP, XREAD BLOCK …), until it need not.

Its connection is busy: what it sends meanwhile is kept. When one of the keys is filled its command
is run again, in the group that filled it if it can be; it goes on waiting if somebody who came
first took everything. The time may be up, or somebody else end the wait, while a thread runs the
command: that then counts only if the command would wait on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from fivefold.engine.redis_waiters import Waiter
from fivefold.engine.session import MustWait
from fivefold.errors import FivefoldError, InvalidState
from fivefold.values.replies import Blocked, Reply

if TYPE_CHECKING:
    from fivefold.serve.redis import RedisConnection

SOON_SECONDS = 0.001
"""What is added to a deadline's timer, which may go off a moment too soon by the clock of days."""


class Parked:
    """One wait. ``connection.unpark`` is called with the reply when it is over."""

    def __init__(self, connection: RedisConnection, words: list[bytes], blocked: Blocked) -> None:
        self.connection = connection
        self.words = list(blocked.again) or words
        self._timed_out = blocked.timed_out
        self._over: Reply = None
        self._is_over = False  # while a thread runs the command
        self._on_thread = False
        self._again = False  # a key was filled since the command was last begun
        self._for_writer: Callable[[FivefoldError | None], None] | None = None
        self._ended = False
        server = connection.server
        number = connection.client.database
        self._waiter = Waiter(
            tuple((number, key) for key in blocked.keys),
            wake=lambda: server.wake(self.attempt),
            unblock=lambda error: server.wake(lambda: self._unblock(error)),
            group=connection.group,
            attempt=self.attempt,
        )
        self._timer = None
        if blocked.deadline_ms is not None:
            wait_ms = max(blocked.deadline_ms - server.engine.clock.now_ms(), 0)
            self._timer = connection.loop.call_later(wait_ms / 1000 + SOON_SECONDS, self._time_out)
        connection.client.unblock = self._waiter.unblock
        connection.commands.hub.waiters.add(self._waiter)

    def attempt(self) -> None:
        """Run the command again; in the open group, if there is one."""
        self._again = True
        if self._ended or self._on_thread or self._for_writer is not None:
            return
        try:
            reply = self.connection.commands.attempt(self.words, inline=True, again=True)
        except MustWait as wait:
            if wait.for_writer:
                self._for_writer = self._resume
                self.connection.group.park(self._resume)
            else:
                self._on_thread = True  # from now on, so that a key filled next starts no second
                self.connection.start_task(self.run())
        except FivefoldError as error:
            self._end(error)
        else:
            if not isinstance(reply, Blocked):
                self._end(reply)

    def _resume(self, error: FivefoldError | None) -> None:
        self._for_writer = None
        if error is None:
            self.attempt()

    async def run(self) -> None:
        """Run the command again on a thread, and once more if a key was filled meanwhile."""
        self._on_thread = self._again = True
        reply: Reply = None
        try:
            while self._again:
                self._again = False
                async with self.connection.server.turn:  # first come, first served
                    if self._ended:
                        return  # the client has left: it takes nothing
                    reply = await self.connection.run_on_thread(self.words, again=True)
                if not isinstance(reply, Blocked):
                    break
        finally:
            self._on_thread = False
        if not isinstance(reply, Blocked):
            self._end(reply)
        elif self._is_over:
            self._end(self._over)

    def _time_out(self) -> None:
        self._finish(self._timed_out)

    def _unblock(self, error: bool) -> None:
        """End the wait for CLIENT UNBLOCK."""
        refusal = InvalidState(
            "UNBLOCKED client unblocked via CLIENT UNBLOCK", "object_not_in_prerequisite_state"
        )
        self._finish(refusal if error else self._timed_out)

    def _finish(self, reply: Reply) -> None:
        if self._on_thread:
            self._is_over, self._over = True, reply
        elif not self._ended:
            self._end(reply)

    def _end(self, reply: Reply) -> None:
        self.cancel()
        self.connection.unpark(reply)

    def cancel(self) -> None:
        """Forget the wait: it is over, or the client has left."""
        self._ended = True
        if self._timer is not None:
            self._timer.cancel()
        if self._for_writer is not None:
            self.connection.group.unpark(self._for_writer)
            self._for_writer = None
        self.connection.client.unblock = None
        self.connection.commands.hub.waiters.remove(self._waiter)
