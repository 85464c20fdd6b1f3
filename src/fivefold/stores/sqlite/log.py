"""The file's log of changes (SQLite's WAL): when it is synced, and put into the file.

Commits append to the log. Once it is long, its pages are copied to their places in the file (a
checkpoint), and the log is written from its start again. SQLite does that inside the commit that
finds it long, which then takes a tenth of a second for 64 MB and two syncs. A server's loop cannot
wait that long: it has a thread do it (``leave``), beside which others go on reading and writing.
What they append meanwhile has to be copied too, and the log starts anew only when nothing is left.
So the thread copies until little is, and the rest while nobody writes.

Source: SQLite's documentation, "Write-Ahead Logging", sections 2.1 and 2.3.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from pathlib import Path

import apsw

from fivefold.errors import Conflict, Unavailable
from fivefold.stores.contract import Durability

# A checkpoint costs two syncs whatever its size, so the log may grow to 64 MB. But where every
# commit is synced, a log that is soon written over again is better: a sync that records the file's
# new length takes 170 us here, one that has not 100.
PAGES_BEFORE_CHECKPOINT = {
    Durability.FULL: 1_000,
    Durability.NORMAL: 16_000,
    Durability.OFF: 16_000,
}

TOO_LATE = 4
"""A log so many times as long is shortened by the commit that finds it, whoever else should have:
then writers are faster than the thread, and have to be slowed down."""

LITTLE_PAGES = 250
"""So few are copied while nobody writes: milliseconds, most of it for the syncs."""

ROUNDS_MAX = 6

_sync = getattr(os, "fdatasync", os.fsync)  # only Linux and its like can leave out times


class Log:
    """The log of one file. Its methods may be called on any thread."""

    def __init__(self, path: Path, durability: Durability) -> None:
        self._path = path
        self._pages_max = PAGES_BEFORE_CHECKPOINT[durability]
        self._grown: Callable[[], None] | None = None
        self._file: int | None = None
        self._lock = threading.Lock()

    def watch(self, connection: apsw.Connection) -> None:
        """Have a connection's commits look at how long the log is."""
        connection.set_wal_hook(self._look)

    def _look(self, connection: apsw.Connection, name: str, pages: int) -> int:
        if pages >= self._pages_max:
            grown = self._grown
            if grown is not None and pages < TOO_LATE * self._pages_max:
                grown()
            else:
                with suppress(apsw.Error):  # the commit itself is done; the next one tries again
                    connection.wal_checkpoint()
        return apsw.SQLITE_OK

    def leave(self, grown: Callable[[], None] | None) -> None:
        """See ``Store.leave_log``."""
        self._grown = grown

    def shorten(
        self, connection: apsw.Connection, alone: Callable[[], AbstractContextManager[None]]
    ) -> bool:
        """See ``Store.shorten_log``; the connection is for nothing else."""
        try:
            copied = 0
            for _ in range(ROUNDS_MAX):
                pages, done = connection.wal_checkpoint()
                if done < pages:
                    return False  # somebody reads what the file still holds
                if pages - copied <= LITTLE_PAGES:
                    break
                copied = pages
            with alone():
                pages, done = connection.wal_checkpoint()
        except (apsw.Error, Conflict):
            return False
        return done == pages

    def sync(self) -> None:
        """Have the system write the log's pages to the disk, as SQLite does at a commit.

        While a connection is open the log stays the same file, whoever writes to it.
        """
        try:
            with self._lock:
                if self._file is None:
                    self._file = os.open(f"{self._path}-wal", os.O_RDWR)
                _sync(self._file)
        except OSError as error:
            raise Unavailable(
                f'cannot sync the log of "{self._path}": {error.strerror}', "io_error"
            ) from None

    def close(self) -> None:
        """Close what ``sync`` opened."""
        with self._lock:
            if self._file is not None:
                os.close(self._file)
                self._file = None
