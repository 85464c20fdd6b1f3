"""The one door through which time and unique numbers come, so that tests can drive them."""

from __future__ import annotations

import itertools
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What the engine asks of time."""

    def now_ms(self) -> int:
        """Return milliseconds since 1970, UTC."""
        ...

    def now_utc(self) -> datetime:
        """Return the time with microseconds, aware, in UTC."""
        ...

    def stamp(self) -> int:
        """Return a number larger than any this process gave before, 0..2**53-1.

        It starts from the time in microseconds, so that it rises from process to process and stays
        below 2**53.
        """
        ...


class SystemClock:
    """The machine's clock."""

    def __init__(self) -> None:
        self.stamp = itertools.count(time.time_ns() // 1_000).__next__

    def now_ms(self) -> int:
        """Return milliseconds since 1970, UTC."""
        return time.time_ns() // 1_000_000

    def now_utc(self) -> datetime:
        """Return the time, aware, in UTC."""
        return datetime.now(UTC)


class DrivenClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, start_ms: int = 1_700_000_000_000) -> None:
        self.ms = start_ms
        self.stamp = itertools.count(start_ms * 1_000).__next__

    def advance(self, milliseconds: int) -> None:
        """Move time forward."""
        self.ms += milliseconds

    def now_ms(self) -> int:
        """Return milliseconds since 1970, UTC."""
        return self.ms

    def now_utc(self) -> datetime:
        """Return the time, aware, in UTC."""
        return datetime.fromtimestamp(self.ms / 1000, UTC)
