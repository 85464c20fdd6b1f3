"""A PEP 249 cursor that reads rows as they are fetched: ``connection.cursor("name")``.

It is a cursor of SQL's, declared under that name, as psycopg's server-side cursors are: open until
it is closed or its transaction ends, and past that where statements commit by themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Self

from fivefold.api.dbapi import Connection, Cursor, ProgrammingError
from fivefold.api.parameters import Parameters

BATCH_ROWS = 100  # read ahead by iteration


class StreamingCursor(Cursor):
    """A cursor for queries whose rows are many. ``rowcount`` is -1: nobody knows it beforehand."""

    def __init__(self, connection: Connection, name: str) -> None:
        super().__init__(connection)
        self.name = name
        self._quoted = '"' + name.replace('"', '""') + '"'

    def execute(self, operation: str, parameters: Parameters | None = None) -> Self:
        """Declare the cursor for a query; what it was declared for before is closed."""
        self._check_open()
        self._end()
        held = "WITH HOLD " if self.connection.autocommit else ""
        self.connection.run(f"DECLARE {self._quoted} CURSOR {held}FOR {operation}", parameters)
        self._result = self.connection.run(f"FETCH FORWARD 0 FROM {self._quoted}", None)
        return self

    def executemany(self, operation: str, seq_of_parameters: Sequence[Parameters]) -> Self:
        """Raise ProgrammingError: there would be many queries for one cursor."""
        raise ProgrammingError("a named cursor takes one query")

    def _fetch(self, count: str) -> list[tuple[Any, ...]]:
        self._rows()
        return self.connection.run(f"FETCH {count} FROM {self._quoted}", None).fetchall()

    def fetchone(self) -> tuple[Any, ...] | None:
        """Return the next row, or None."""
        found = self._fetch("FORWARD 1")
        return found[0] if found else None

    def fetchmany(self, size: int | None = None) -> list[tuple[Any, ...]]:
        """Return the next rows, ``arraysize`` of them unless told."""
        return self._fetch(f"FORWARD {self.arraysize if size is None else size}")

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return all rows that are left."""
        return self._fetch("ALL")

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        while batch := self._fetch(f"FORWARD {BATCH_ROWS}"):
            yield from batch

    def _end(self) -> None:
        self._result = None
        self.connection.forget(self.name)

    def close(self) -> None:
        """Close the cursor."""
        if not self._closed and not self.connection.closed:
            self._end()
        super().close()
