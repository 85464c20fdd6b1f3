"""Cursors: what is left of an answer, waiting to be asked for.

A cursor that was opened outside a transaction keeps a connection with a transaction that only
reads, so that all its documents are of the moment at which it was opened, however long it takes to
ask for them. One that was opened inside a transaction has read everything at once: writes of that
transaction would be seen otherwise.

Nobody may keep a file's old pages for ever: a cursor that is not asked for ten minutes is
closed (manual, "Cursor", parameter cursorTimeoutMillis), and so is the one that has waited longest
when there are too many.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from itertools import chain

from fivefold.engine.engine import Engine, closed
from fivefold.languages.mongo.collections import Name
from fivefold.languages.mongo.data import Batch, Item
from fivefold.stores.contract import Connection
from fivefold.values.documents.codec import encode
from fivefold.values.documents.faults import fault
from fivefold.values.documents.raw import Batch as Raw

IDLE_MS = 10 * 60 * 1000

BATCH_BYTES_MAX = 16 * 1024 * 1024
"""What a batch holds, but for one document more (manual, "Cursor Batches")."""


class Cursor:
    """One open cursor. ``connection`` is given back when it ends.

    ``seconds`` is what is left of the time that all its batches may take together; None is no
    limit (manual, "cursor.maxTimeMS()").
    """

    __slots__ = ("busy", "connection", "items", "lsid", "name", "number", "seconds", "used_ms")

    def __init__(
        self,
        number: int,
        name: Name,
        items: Iterator[Item],
        connection: Connection | None,
        now_ms: int,
    ) -> None:
        self.number = number
        self.name = name
        self.items = items
        self.connection = connection
        self.used_ms = now_ms
        self.busy = False
        self.lsid: bytes | None = None
        self.seconds: float | None = None


Reading = Callable[[Cursor], AbstractContextManager[None]]
"""Bounds the time that a cursor's documents take, and has them ended by whoever may."""


class Cursors:
    """All cursors of one engine. Safe to use from any thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._open: dict[int, Cursor] = {}

    def __len__(self) -> int:
        return len(self._open)

    def add(self, name: Name, items: Iterator[Item], connection: Connection | None) -> Cursor:
        """Keep what is left of an answer."""
        now_ms = self._engine.clock.now_ms()
        most = self._engine.limits.cursors
        with self._lock:
            number = random.getrandbits(62) + 1
            cursor = self._open[number] = Cursor(number, name, items, connection, now_ms)
            late = [one for one in self._open.values() if self._is_late(one, now_ms)]
            if len(self._open) - len(late) > most:
                idle = [one for one in self._open.values() if not one.busy and one is not cursor]
                late += idle[: len(self._open) - len(late) - most]
            for one in late:
                self._open.pop(one.number, None)
        for one in late:
            self._end(one)
        return cursor

    def sweep(self) -> None:
        """Close those that nobody has asked for documents for too long."""
        now_ms = self._engine.clock.now_ms()
        with self._lock:
            late = [one for one in self._open.values() if self._is_late(one, now_ms)]
            for one in late:
                del self._open[one.number]
        for one in late:
            self._end(one)

    def _is_late(self, cursor: Cursor, now_ms: int) -> bool:
        return not cursor.busy and now_ms - cursor.used_ms > IDLE_MS

    def more(self, name: Name, number: int, count: int | None, reading: Reading) -> Batch:
        """Return a cursor's next documents, read within ``reading``. Raises faults 43 and 143."""
        if self._engine.closed:
            raise closed()
        with self._lock:
            cursor = self._open.get(number)
            if cursor is None:
                raise fault(43, f"cursor id {number} not found")
            if cursor.name != name:
                raise fault(
                    13,
                    f"Requested getMore on namespace '{'.'.join(name)}', but cursor belongs to a"
                    f" different namespace {'.'.join(cursor.name)}",
                )
            if cursor.busy:
                raise fault(143, f"cursor id {number} is already in use")
            cursor.busy = True
        try:
            with reading(cursor):
                items, ended = take(cursor.items, count)
        except BaseException:
            self._drop(cursor)
            raise
        if ended is None:
            self._drop(cursor)
            return Batch(items, 0)
        cursor.items = ended
        cursor.used_ms = self._engine.clock.now_ms()
        cursor.busy = False
        return Batch(items, number)

    def kill(self, name: Name, numbers: list[int]) -> tuple[list[int], list[int]]:
        """Close cursors; return those that were, and those that are not there."""
        killed, unknown = [], []
        for number in numbers:
            with self._lock:
                cursor = self._open.get(number)
                found = cursor is not None and cursor.name == name and not cursor.busy
                if found:
                    del self._open[number]
            if cursor is not None and found:
                self._end(cursor)
                killed.append(number)
            else:
                unknown.append(number)
        return killed, unknown

    def close(self, lsid: bytes | None = None) -> None:
        """Close all cursors, or those of a session that ends."""
        with self._lock:
            chosen = [
                one
                for one in self._open.values()
                if not one.busy and (lsid is None or one.lsid == lsid)
            ]
            for one in chosen:
                del self._open[one.number]
        for one in chosen:
            self._end(one)

    def _drop(self, cursor: Cursor) -> None:
        with self._lock:
            self._open.pop(cursor.number, None)
        self._end(cursor)

    def _end(self, cursor: Cursor) -> None:
        close = getattr(cursor.items, "close", None)
        if close is not None:
            close()
        cursor.items = iter(())
        if cursor.connection is not None:
            self._engine.give_back(cursor.connection)  # of a closed engine it is closed too


def take(items: Iterator[Item], count: int | None) -> tuple[Raw, Iterator[Item] | None]:
    """Return as many documents as asked for, or fit, and what is left: None if nothing is."""
    taken = Raw()
    size = 0
    for item in items:
        raw = item if isinstance(item, bytes) else encode(item)
        size += len(raw)
        if len(taken) == count or (taken and size > BATCH_BYTES_MAX):
            return taken, chain((raw,), items)
        taken.append(raw)
    return taken, None
