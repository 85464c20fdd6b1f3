"""The one door through which time and unique numbers come, so that tests can drive them."""

from __future__ import annotations

import itertools
import threading
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

    def moment_us(self) -> int:
        """Return microseconds since 1970, UTC, but more than this process was given before."""
        ...


class Moments:
    """Times that are each given once, and rise."""

    def __init__(self) -> None:
        self._last = 0
        self._lock = threading.Lock()

    def after(self, now: int) -> int:
        """Return ``now``, or the number after the last one if that is larger."""
        with self._lock:
            last = self._last = max(now, self._last + 1)
        return last


class SystemClock:
    """The machine's clock."""

    def __init__(self) -> None:
        self.stamp = itertools.count(time.time_ns() // 1_000).__next__
        self._moments = Moments()

    def now_ms(self) -> int:
        """Return milliseconds since 1970, UTC."""
        return time.time_ns() // 1_000_000

    def now_utc(self) -> datetime:
        """Return the time, aware, in UTC."""
        return datetime.now(UTC)

    def moment_us(self) -> int:
        """Return microseconds since 1970, each once."""
        return self._moments.after(time.time_ns() // 1_000)


class DrivenClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, start_ms: int = 1_700_000_000_000) -> None:
        self.ms = start_ms
        self.stamp = itertools.count(start_ms * 1_000).__next__
        self._moments = Moments()

    def advance(self, milliseconds: int) -> None:
        """Move time forward."""
        self.ms += milliseconds

    def now_ms(self) -> int:
        """Return milliseconds since 1970, UTC."""
        return self.ms

    def now_utc(self) -> datetime:
        """Return the time, aware, in UTC."""
        return datetime.fromtimestamp(self.ms / 1000, UTC)

    def moment_us(self) -> int:
        """Return microseconds since 1970, each once."""
        return self._moments.after(self.ms * 1_000)
