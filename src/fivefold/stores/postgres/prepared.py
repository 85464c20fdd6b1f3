"""What this store keeps of a prepared statement."""

from __future__ import annotations

from collections.abc import Callable

from fivefold.plan.statement import Prepared
from fivefold.stores.postgres.asked import Asked
from fivefold.values.types import Row


class PostgresPrepared(Prepared):
    """``packed`` is the text in UTF-8; ``converters`` say which parameters (from 0) to convert.

    ``records`` say which outputs (from 0) are records, and how their literals are read. ``crossing``
    is what the server gets as $1, $2, … if that is not the parameters as they are: see asked.py.
    """

    packed: bytes = b""
    converters: tuple[tuple[int, Callable[[str], str]], ...] = ()
    records: tuple[tuple[int, Callable[[str], str]], ...] = ()
    crossing: tuple[int | Asked, ...] = ()

    def with_records(self, rows: list[Row]) -> list[Row]:
        """Return rows with their records in stored form."""
        if not self.records:
            return rows
        made = [list(row) for row in rows]
        for place, read in self.records:
            for row in made:
                value = row[place]
                row[place] = read(value) if isinstance(value, str) else None
        return [tuple(row) for row in made]
