"""How long a client may keep the server waiting: before its start-up, and in a transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fivefold.engine.settings import duration_ms
from fivefold.errors import Limit
from fivefold.serve.limits import STARTUP_SECONDS

if TYPE_CHECKING:
    import asyncio

    from fivefold.serve.postgres.connection import PostgresConnection


class IdleWatch:
    """The clock that runs while one client is waited for.

    ``since`` is the loop's time at which all that came was handled, None while there is something
    to do.
    """

    def __init__(self, connection: PostgresConnection) -> None:
        self.since: float | None = None
        self._connection = connection
        self._timer: asyncio.TimerHandle | None = None
        self._limit = ""  # the setting, and what it means
        self._limit_seconds = 0.0

    def await_startup(self) -> None:
        """Hang up unless the client introduces itself in time."""
        connection = self._connection
        self._timer = connection.loop.call_later(STARTUP_SECONDS, connection.abort)

    def stop(self) -> None:
        """Wait no more, or without a limit."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def watch(self) -> None:
        """Set a time by which a client that has a transaction open must say something whole.

        A timer that runs stays: it looks again when it is due, which costs less than a new one
        for each message.
        """
        connection = self._connection
        if self.since is None:  # else what came was not a whole message
            self.since = connection.loop.time()
        limit = connection.sql.settings.values["idle_in_transaction_session_timeout"]
        if limit is not self._limit:
            self.stop()
            self._limit = limit
            self._limit_seconds = self._shorter(duration_ms(limit) / 1000)
        if self._timer is None and self._limit_seconds:
            self._timer = connection.loop.call_later(self._limit_seconds, self._look)

    def _shorter(self, asked: float) -> float:
        """Return the seconds that a client asked for, 0 for no limit, or those of the server."""
        own = self._connection.server.engine.limits.idle_transaction_seconds
        return asked if own is None else min(asked or own, own)

    def _look(self) -> None:
        connection = self._connection
        self._timer = None
        if self.since is None or connection.busy or not connection.session.open:
            return
        left = self.since + self._limit_seconds - connection.loop.time()
        if left > 0:
            self._timer = connection.loop.call_later(left, self._look)
            return
        connection.sql.end(commit=False)
        connection.refuse(
            Limit(
                "terminating connection due to idle-in-transaction timeout",
                "idle_transaction_timeout",
            )
        )
