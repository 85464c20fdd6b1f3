"""What INFO counts since the server began, or since CONFIG RESETSTAT.

``ran`` takes each command that the server's loop has answered and is counted up now and then:
an append is all that the path of GET and SET has time for. The times of those commands are not
taken; the others are timed one by one.
"""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field

from fivefold.languages.redis.command import Command
from fivefold.models.keyvalue.fixed import Looked


@dataclass(slots=True)
class Calls:
    """How often a command was run, for how long in all, and how often it failed."""

    calls: int = 0
    timed: int = 0
    microseconds: int = 0
    rejected: int = 0
    failed: int = 0


@dataclass(slots=True)
class Statistics:
    """The counters of one engine."""

    connections: int = 0
    rejected: int = 0
    expired: int = 0
    looked: Looked = field(default_factory=Looked)
    errors: Counter[str] = field(default_factory=Counter)
    ran: list[Command] = field(default_factory=list)
    commands: dict[str, Calls] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _rate: tuple[int, int, int] = (0, 0, 0)  # a total, when it was taken, and the rate then

    def reset(self) -> None:
        """Begin anew."""
        self.connections = self.rejected = self.expired = 0
        self.looked.hits = self.looked.misses = 0
        self.errors.clear()
        self.ran.clear()
        self.commands.clear()

    def of(self, name: str) -> Calls:
        """Return the counters of a command."""
        return self.commands.setdefault(name, Calls())

    def time(self, name: str, microseconds: int) -> None:
        """Take note of a command that was timed."""
        calls = self.of(name)
        calls.calls += 1
        calls.timed += 1
        calls.microseconds += microseconds

    def fail(self, answer: bytes) -> None:
        """Take note of an answer that is an error, as it goes over the wire."""
        self.errors[answer[1:].partition(b" ")[0].decode("utf-8", "replace")] += 1

    def fold(self) -> None:
        """Count up what was put into ``ran``."""
        with self._lock:
            count = len(self.ran)
            for command, times in Counter(self.ran[:count]).items():
                self.of(command.name).calls += times
            del self.ran[:count]

    def rate(self, total: int, now_ms: int) -> int:
        """Return the commands per second since this was last asked, a second ago or more."""
        before, at_ms, rate = self._rate
        if now_ms - at_ms >= 1000:
            rate = (total - before) * 1000 // (now_ms - at_ms) if at_ms else 0
            self._rate = (total, now_ms, max(rate, 0))
        return self._rate[2]

    def total(self) -> int:
        """Return how many commands were run."""
        self.fold()
        return sum(calls.calls for calls in self.commands.values())
