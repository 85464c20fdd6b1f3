"""Syncing commits beside the loop, several at a time.

A transaction of several messages ends by writing its pages to the store's log, which takes
microseconds, and by having the disk keep them, which takes as long as the disk does. The writer's
place is given on between the two: the next transaction works while the one before is being synced,
and transactions that end meanwhile share the next sync. What PostgreSQL does by its WAL flush:

- nothing that tells of a commit leaves before a sync that began after it has ended: not the answer
  to COMMIT, and no answer to others that may have seen what was committed;
- only what is said inside a transaction goes on at once. It may tell of a commit that is not synced
  yet, but only to one whose own end waits for the same sync: if power fails before, that
  transaction has never been.

Once a sync has failed nobody can tell what the disk holds, so from then on every answer is that
error, until the server is started again; what the log holds is found then.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from queue import SimpleQueue

from fivefold.engine.engine import Engine
from fivefold.errors import FivefoldError

Ended = Callable[[FivefoldError | None], None]


class Syncing:
    """The syncs of one loop; but for the sync itself everything runs on that loop's thread."""

    def __init__(self, engine: Engine, loop: asyncio.AbstractEventLoop) -> None:
        self.failure: FivefoldError | None = None
        self._engine = engine
        self._loop = loop
        self._running = False
        self._covered: list[Ended] = []  # told when the sync that runs has ended
        self._next: list[Ended] = []  # told after another one
        self._wanted: SimpleQueue[bool] = SimpleQueue()
        self._thread: threading.Thread | None = None

    @property
    def owed(self) -> bool:
        """Say whether there are commits that may not be told of."""
        return self._running or self._engine.unsynced or self.failure is not None

    def join(self, ended: Ended) -> None:
        """Have ``ended`` called when all that is committed now is synced, or cannot be."""
        if self.failure is not None:
            self._loop.call_soon(ended, self.failure)
        elif not self._engine.unsynced and self._running:
            self._covered.append(ended)
        else:
            self._next.append(ended)
            if not self._running:
                self._begin()

    def now(self) -> bool:
        """Sync on the loop, unless a sync runs already; say whether all is synced now."""
        if self._running or self.failure is not None:
            return False
        try:
            self._engine.sync()
        except FivefoldError as error:
            self.failure = error
        return self.failure is None

    def _begin(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="fivefold-sync", daemon=True)
            self._thread.start()
        self._running = True
        self._covered, self._next = self._next, []
        self._engine.unsynced = False  # what is committed from here on needs another one
        self._wanted.put(True)

    def _run(self) -> None:
        while self._wanted.get():
            failure = None
            try:
                self._engine.store.sync()
            except FivefoldError as error:
                failure = error
            self._loop.call_soon_threadsafe(self._ended, failure)

    def _ended(self, failure: FivefoldError | None) -> None:
        self._running = False
        covered, self._covered = self._covered, []
        if failure is not None:
            self.failure = failure
            covered, self._next = covered + self._next, []
        elif self._next:
            self._begin()
        for ended in covered:
            ended(failure)

    async def close(self) -> None:
        """Sync what is left, tell all who wait, and end the thread."""
        while self._running:
            done = self._loop.create_future()
            self._covered.append(done.set_result)
            await done
        if self._engine.unsynced:
            self.now()
        if self._thread is not None:
            self._wanted.put(False)
            await self._loop.run_in_executor(None, self._thread.join)
