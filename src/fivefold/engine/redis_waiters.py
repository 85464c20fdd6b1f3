"""Clients that wait for a key to hold something, on any thread, first come first served."""

from __future__ import annotations

import itertools
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fivefold.engine.group import Group
    from fivefold.errors import FivefoldError

Place = tuple[int, bytes]
"""(database, key)"""


@dataclass(frozen=True, slots=True, eq=False)
class Waiter:
    """One client's wait. ``wake`` is called, from any thread, after a commit that may end it.

    ``unblock`` ends the wait as if its time were up, or with an error if True. A client of a
    server's loop has that loop's ``group``, and ``attempt`` to run its command again at once in it;
    one on a thread is only woken.
    """

    places: tuple[Place, ...]
    wake: Callable[[], None]
    unblock: Callable[[bool], None]
    group: Group | None = None
    attempt: Callable[[], None] | None = None


class Waiters:
    """The register of one engine.

    ``signalled`` changes whenever a key was filled: who runs a command on a thread, and then
    wants to wait, sees by it that he must look again.
    """

    def __init__(self) -> None:
        self.signalled = 0
        self._count = itertools.count(1)
        self._lock = threading.Lock()
        self._lines: dict[Place, dict[Waiter, None]] = {}
        self._all: dict[Waiter, None] = {}
        self._filled: deque[Place] = deque()  # in the open group, and not looked at yet
        self._serving = False

    def __len__(self) -> int:
        return len(self._all)

    def add(self, waiter: Waiter) -> None:
        """Put a client at the end of the lines of all its keys."""
        with self._lock:
            self._all[waiter] = None
            for place in waiter.places:
                self._lines.setdefault(place, {})[waiter] = None

    def remove(self, waiter: Waiter) -> None:
        """Take a client out of all its lines; nothing happens if it is in none."""
        with self._lock:
            if waiter not in self._all:
                return
            del self._all[waiter]
            for place in set(waiter.places):
                line = self._lines[place]
                del line[waiter]
                if not line:
                    del self._lines[place]

    def line(self, place: Place) -> list[Waiter]:
        """Return who waits for a key, longest first."""
        with self._lock:
            return list(self._lines.get(place, ()))

    def places(self) -> list[Place]:
        """Return all keys that somebody waits for."""
        with self._lock:
            return list(self._lines)

    def wake(self, places: Iterable[Place]) -> None:
        """Wake those who wait for keys that a transaction, now committed, has filled."""
        self.signalled = next(self._count)
        if self._all:
            for place in places:
                for waiter in self.line(place):
                    waiter.wake()

    def serve(
        self, places: Iterable[Place], group: Group, is_there: Callable[[Place], bool]
    ) -> None:
        """Have those who wait for keys filled in the open group try, each in its turn.

        What they do may fill other keys, for which others wait: they come afterwards. A line is
        left as soon as its key is gone.
        """
        self.signalled = next(self._count)
        if not self._all:
            return
        self._filled.extend(places)
        if self._serving:
            return
        self._serving = True
        try:
            while self._filled:
                place = self._filled.popleft()
                for waiter in self.line(place):
                    if waiter.group is not group or waiter.attempt is None:
                        group.join(_waking(waiter))
                    elif is_there(place):
                        waiter.attempt()
                    else:
                        break
        finally:
            self._serving = False
            self._filled.clear()


def _waking(waiter: Waiter) -> Callable[[FivefoldError | None], None]:
    def ended(error: FivefoldError | None) -> None:
        if error is None:
            waiter.wake()

    return ended
