"""Advisory locks: names that sessions of this process lock for each other, and nobody else.

A session may hold a lock several times, for itself or until its transaction ends; others wait,
first come, first served, but whoever holds a lock already does not queue behind those who wait for
it. Two that wait for each other are told at once.

Source: the PostgreSQL manual, 13.3.5 and 9.27.10.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from fivefold.errors import Conflict
from fivefold.stores.context import Context

LOOK_AGAIN_SECONDS = 0.05
"""How long a session waits before it looks whether it has been cancelled."""

Key = tuple[str, int, int, int]
"""A database's prefix, then classid, objid and objsubid as pg_locks shows them."""


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock of one strength: one that is shared is refused by one that is not."""

    key: Key
    shared: bool

    @property
    def mode(self) -> str:
        """The strength as PostgreSQL calls it."""
        return "ShareLock" if self.shared else "ExclusiveLock"


class Locks:
    """The advisory locks of one engine. Safe to use from any thread."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.holders: dict[Key, Counter[tuple[SessionLocks, bool]]] = {}
        self.waiting: list[tuple[SessionLocks, Lock]] = []

    def held(self) -> tuple[list[tuple[SessionLocks, Lock]], list[tuple[SessionLocks, Lock]]]:
        """Return who holds which locks, and who waits for which."""
        with self.changed:
            found = [
                (owner, Lock(key, shared))
                for key, holders in self.holders.items()
                for owner, shared in holders
            ]
            return found, list(self.waiting)

    def blockers(self, owner: SessionLocks, lock: Lock) -> list[SessionLocks]:
        """Return those for whom a session has to wait; ``changed`` is held."""
        found: list[SessionLocks] = []
        holders = self.holders.get(lock.key, Counter())
        for other, shared in holders:
            if other is not owner and not (shared and lock.shared):
                found.append(other)
        if not found and not any(holder is owner for holder, _ in holders):
            for other, asked in self.waiting:
                if other is owner:
                    break
                if asked.key == lock.key and not (asked.shared and lock.shared):
                    found.append(other)
        return found


class SessionLocks:
    """What one session holds."""

    def __init__(self, locks: Locks, context: Context) -> None:
        self._locks = locks
        self._context = context
        self._own: Counter[Lock] = Counter()
        self._transaction: list[Lock] = []  # in order, for savepoints

    @property
    def process_id(self) -> int:
        """The session's number."""
        return self._context.process_id

    def lock(
        self, parts: tuple[int, int, int], *, shared: bool, transaction: bool, check: Check | None
    ) -> bool:
        """Take a lock; wait for it if there is a ``check``, which raises if that is to end.

        Raises Conflict after lock_timeout, and where the wait would never end.
        """
        lock = Lock((self._context.prefix, *parts), shared)
        with self._locks.changed:
            if self._locks.blockers(self, lock):
                if check is None:
                    return False
                self._wait(lock, check)
            self._locks.holders.setdefault(lock.key, Counter())[self, shared] += 1
        if transaction:
            self._transaction.append(lock)
        else:
            self._own[lock] += 1
        return True

    def _wait(self, lock: Lock, check: Check) -> None:
        timeout_ms = self._context.lock_timeout_ms
        until = time.monotonic() + timeout_ms / 1000 if timeout_ms else None
        entry = (self, lock)
        self._locks.waiting.append(entry)
        try:
            while blockers := self._locks.blockers(self, lock):
                if self._waits_for_itself(blockers):
                    raise _deadlock(self, lock, blockers[0])
                if until is not None and time.monotonic() >= until:
                    raise Conflict("canceling statement due to lock timeout", "lock_not_available")
                self._locks.changed.wait(LOOK_AGAIN_SECONDS)
                check()
        finally:
            self._locks.waiting.remove(entry)
            self._locks.changed.notify_all()

    def _waits_for_itself(self, blockers: list[SessionLocks]) -> bool:
        seen: set[SessionLocks] = set()
        left = list(blockers)
        while left:
            one = left.pop()
            if one is self:
                return True
            if one not in seen:
                seen.add(one)
                for waiter, lock in self._locks.waiting:
                    if waiter is one:
                        left += self._locks.blockers(one, lock)
        return False

    def unlock(self, parts: tuple[int, int, int], *, shared: bool) -> bool:
        """Give a lock of the session back once; say whether it had it."""
        lock = Lock((self._context.prefix, *parts), shared)
        if not self._own[lock]:
            return False
        self._own[lock] -= 1
        self._release([lock])
        return True

    def unlock_all(self) -> None:
        """Give all locks of the session back, but not those of its transaction."""
        self._release(list(self._own.elements()))
        self._own.clear()

    @property
    def mark(self) -> int:
        """What ``go_back`` is given to come back to here."""
        return len(self._transaction)

    def go_back(self, mark: int) -> None:
        """Give back what the transaction has locked since ``mark``; all of it since 0."""
        self._release(self._transaction[mark:])
        del self._transaction[mark:]

    def _release(self, locks: list[Lock]) -> None:
        if not locks:
            return
        with self._locks.changed:
            for lock in locks:
                holders = self._locks.holders[lock.key]
                holders[self, lock.shared] -= 1
                if not holders[self, lock.shared]:
                    del holders[self, lock.shared]
                if not holders:
                    del self._locks.holders[lock.key]
            self._locks.changed.notify_all()


Check = Callable[[], None]


def _deadlock(waiter: SessionLocks, lock: Lock, blocker: SessionLocks) -> Conflict:
    shown = ",".join(str(part) for part in lock.key[1:])
    return Conflict(
        "deadlock detected",
        "deadlock_detected",
        detail=f"Process {waiter.process_id} waits for {lock.mode} on advisory lock [{shown}]; "
        f"blocked by process {blocker.process_id}.",
        hint="Run the whole transaction again.",
    )
