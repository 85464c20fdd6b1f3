"""The writer's place: who may write in this process, first come, first served.

A store with a single writer lets one transaction write at a time. Asking the store itself would
mean polling; here those who wait stand in a line and are told. Threads wait on an event; the
server's loop waits by a callback and does other work meanwhile.

Taking and giving back a place that nobody waits for is one operation on a deque, atomic without
a lock; the lock orders those who wait. Whoever adds itself to the line, or frees the place, looks
once more at the other side afterwards, so that a free place and a waiter never miss each other.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from fivefold.errors import Conflict


class Ticket:
    """A place in the line. ``granted`` turns true just before ``notify`` is called."""

    __slots__ = ("granted", "notify")

    def __init__(self, notify: Callable[[], None]) -> None:
        self.granted = False
        self.notify = notify


class Writer:
    """A fair lock that passes from holder to holder; it belongs to sessions, not to threads."""

    __slots__ = ("_free", "_line", "_lock")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._free: deque[None] = deque((None,))  # holds one item while the place is free
        self._line: deque[Ticket] = deque()

    @property
    def waited_for(self) -> bool:
        """Say whether somebody stands in the line."""
        return bool(self._line)

    @property
    def taken(self) -> bool:
        """Say whether somebody has the place."""
        return not self._free

    def try_acquire(self) -> bool:
        """Take the place if it is free and nobody waits for it."""
        if self._line:
            return False
        try:
            self._free.pop()
        except IndexError:
            return False
        return True

    def enqueue(self, notify: Callable[[], None]) -> Ticket:
        """Stand in line; ``notify`` is called, on any thread, once the place is ours.

        If it is free the ticket comes back granted and ``notify`` is not called.
        """
        ticket = Ticket(notify)
        with self._lock:
            self._line.append(ticket)
            first = self._next()
        if first is not None and first is not ticket:
            first.notify()
        return ticket

    def _next(self) -> Ticket | None:
        """Grant a free place to the first in line; the lock is held."""
        if not self._line:
            return None
        try:
            self._free.pop()
        except IndexError:
            return None
        ticket = self._line.popleft()
        ticket.granted = True
        return ticket

    def withdraw(self, ticket: Ticket) -> bool:
        """Leave the line; False if the place was granted already (then it must be released)."""
        with self._lock:
            if ticket.granted:
                return False
            self._line.remove(ticket)
            return True

    def acquire(self, wait_seconds: float) -> None:
        """Take the place, waiting in line. Raises Conflict when the time has passed."""
        if self.try_acquire():
            return
        event = threading.Event()
        ticket = self.enqueue(event.set)
        if ticket.granted or event.wait(wait_seconds) or not self.withdraw(ticket):
            return
        raise busy()

    def release(self) -> None:
        """Give the place to the next in line, or free it."""
        assert not self._free
        self._free.append(None)
        if self._line:
            with self._lock:
                ticket = self._next()
            if ticket is not None:
                ticket.notify()


def busy() -> Conflict:
    """Return the error of a write that waited too long for the writer's place."""
    return Conflict(
        "another transaction is writing",
        "lock_not_available",
        hint="It may be idle inside BEGIN; try again, or keep transactions short.",
    )
