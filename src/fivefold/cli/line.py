"""A session on a thread of its own, so that Ctrl-C reaches a statement that runs.

Python looks at signals between its own steps only, and a long statement is one step of SQLite's.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self, TypeVar

from fivefold import Database
from fivefold.api.result import Result

T = TypeVar("T")


class Line:
    """Runs statements one after the other, in one session.

    ``interrupter`` returns what ends the statement that runs, the database's own if None.
    """

    def __init__(
        self,
        database: Database,
        interrupter: Callable[[], Callable[[], None]] | None = None,
    ) -> None:
        self.database = database
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="fivefold-shell")
        self._interrupt = self._thread.submit(interrupter or database.interrupter).result()

    def sql(self, statement: str) -> Result:
        """Run a statement. Raises FivefoldError; on Ctrl-C it is one that says so."""
        return self.call(lambda: self.database.sql(statement))

    def call(self, work: Callable[[], T]) -> T:
        """Do work in the session. What Ctrl-C ends raises as the work does for it."""
        running = self._thread.submit(work)
        while True:
            try:
                return running.result()
            except KeyboardInterrupt:
                self._interrupt()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._thread.shutdown()
