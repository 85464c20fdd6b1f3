"""Rows that are read one by one while their transaction goes on."""

from __future__ import annotations

from collections.abc import Iterator

from fivefold.values.types import Row


class Stream(Iterator[Row]):
    """The rows of a query that is being read.

    They are those of the moment it began. A store whose open statements see what is written
    after that has them ``settle`` first: what is left is read then and kept.
    """

    def __init__(self, rows: Iterator[Row]) -> None:
        self._rows = rows
        self.settled = False

    def __next__(self) -> Row:
        return next(self._rows)

    def settle(self) -> None:
        """Read what is left."""
        if not self.settled:
            rest = list(self._rows)
            self.settled = True
            self._rows = iter(rest)

    def close(self) -> None:
        """Give up what is left; nothing comes any more."""
        rows, self._rows = self._rows, iter(())
        settled, self.settled = self.settled, True
        if not settled:
            rows.close()  # type: ignore[attr-defined]  # a generator
