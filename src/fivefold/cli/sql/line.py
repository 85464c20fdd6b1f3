"""A session on a thread of its own, so that Ctrl-C reaches a statement that runs.

Python looks at signals between its own steps only, and a long statement is one step of SQLite's.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self

from fivefold import Database
from fivefold.api.result import Result


class Line:
    """Runs statements one after the other, in one session."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="fivefold-sql")
        self._interrupt = self._thread.submit(database.interrupter).result()

    def sql(self, statement: str) -> Result:
        """Run a statement. Raises FivefoldError; on Ctrl-C it is one that says so."""
        running = self._thread.submit(self.database.sql, statement)
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
