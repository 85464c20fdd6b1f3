"""How long one client may take: to introduce itself, and for a transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fivefold.engine.limits import IDLE_TRANSACTION_SECONDS
from fivefold.errors import Limit
from fivefold.serve.limits import STARTUP_SECONDS

if TYPE_CHECKING:
    import asyncio

    from fivefold.serve.neo4j.connection import BoltConnection

TIMED_OUT = (
    "The transaction has not completed within the timeout specified at its start by the client."
    " You may want to retry with a longer timeout."
)
IDLE = "The transaction has done nothing for {seconds:g} s and was rolled back."


class Clock:
    """The timers of one connection.

    ``since`` is the loop's time at which all that came was handled, None while something is done.
    """

    __slots__ = ("_connection", "_deadline", "_idle", "_idle_seconds", "_startup", "since")

    def __init__(self, connection: BoltConnection) -> None:
        self.since: float | None = None
        self._connection = connection
        own = connection.server.engine.limits.idle_transaction_seconds
        self._idle_seconds = IDLE_TRANSACTION_SECONDS if own is None else own
        self._startup: asyncio.TimerHandle | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._deadline: asyncio.TimerHandle | None = None

    def await_startup(self) -> None:
        """Hang up unless the client introduces itself in time."""
        self._startup = self._connection.loop.call_later(STARTUP_SECONDS, self._connection.abort)

    def started(self) -> None:
        """Take note that it has."""
        if self._startup is not None:
            self._startup.cancel()
            self._startup = None

    def begin(self, timeout_ms: int | None) -> None:
        """A transaction begins that may take so long; 0 and None are without a limit."""
        self.end()
        own = self._connection.server.engine.limits.statement_seconds
        if own is not None:
            timeout_ms = min(timeout_ms or int(own * 1000), int(own * 1000))
        if timeout_ms:
            late = Limit(TIMED_OUT, "statement_timeout")
            self._deadline = self._connection.loop.call_later(
                timeout_ms / 1000, self._connection.terminate, late
            )

    def end(self) -> None:
        """The transaction is over."""
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def stop(self) -> None:
        """Stop all timers: the client is gone."""
        self.started()
        self.end()
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def watch(self) -> None:
        """Set a time by which a client with a transaction or a result open must say something.

        A timer that runs stays: it looks again when it is due, which costs less than a new one
        for each message.
        """
        loop = self._connection.loop
        self.since = loop.time()
        if self._idle is None:
            self._idle = loop.call_later(self._idle_seconds, self._look)

    def _look(self) -> None:
        connection = self._connection
        self._idle = None
        if self.since is None or connection.busy or not connection.holds:
            return
        left = self.since + self._idle_seconds - connection.loop.time()
        if left > 0:
            self._idle = connection.loop.call_later(left, self._look)
        else:
            late = Limit(IDLE.format(seconds=self._idle_seconds), "idle_transaction_timeout")
            connection.terminate(late)
