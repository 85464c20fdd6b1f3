"""Waiting awake for the client that holds the writer's place.

All others stand in line for it, so its next message is worth more than a few microseconds of a
core: a loop that sleeps is woken late, by some tens of microseconds on a virtual machine, and that
once for each message of a transaction. So after an answer to that client, and only while somebody
waits, the loop looks for input without sleeping, for at most ``SPIN_SECONDS``. A client that lets
that time pass is not waited for again for a while: each time in vain doubles the number of its
answers, and of others', after which the loop goes to sleep at once.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable

SPIN_SECONDS = 0.000_2
"""What a client on the same machine needs for its next message, and a little more."""

PASSES_MAX = 1_024
"""Answers at most after which the loop sleeps at once, because spinning was in vain before."""


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Spinner:
    """Keeps one loop awake. ``client`` is whose message is waited for, None while it may sleep."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self.client: object | None = None
        self._loop = loop
        self._clock = clock
        self._allowed = cores() > 1  # with one core, the client could not run meanwhile
        self._until = 0.0
        self._turning = False
        self._passes = 0  # answers to pass over
        self._penalty = 1

    def wait_for(self, client: object) -> None:
        """Stay awake for the next message of a client that was just answered."""
        if not self._allowed:
            return
        if self._passes:
            self._passes -= 1
            return
        self.client = client
        self._until = self._clock() + SPIN_SECONDS
        if not self._turning:
            self._turning = True
            self._loop.call_soon(self._turn)

    def came(self) -> None:
        """Take note that the message has come."""
        self.client = None
        self._penalty = 1

    def _turn(self) -> None:
        if self.client is not None:
            if self._clock() < self._until:
                self._loop.call_soon(self._turn)  # the loop looks for input in between
                return
            self.client = None
            self._passes = self._penalty
            self._penalty = min(2 * self._penalty, PASSES_MAX)
        self._turning = False
