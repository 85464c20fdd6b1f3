"""What this store keeps of a prepared statement."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fivefold.plan.statement import Prepared
from fivefold.stores.context import Context
from fivefold.stores.postgres.asked import Asked
from fivefold.values.types import Row, Stored


class PostgresPrepared(Prepared):
    """``packed`` is the text in UTF-8; ``converters`` say which parameters (from 0) to convert.

    ``readers`` say how outputs (from 0) are read whose literals no loader knows: records, enums'
    arrays.
    ``crossing`` is what the server gets as $1, $2, … where that is not the parameters as they are:
    see asked.py.
    """

    packed: bytes = b""
    converters: tuple[tuple[int, Callable[[str], str]], ...] = ()
    readers: tuple[tuple[int, Callable[[str], str]], ...] = ()
    crossing: tuple[int | Asked, ...] = ()

    def crossing_values(self, parameters: Sequence[Stored], context: Context) -> Sequence[Stored]:
        """Return the parameters as they cross to the server, for that session."""
        if not self.converters and not self.crossing:
            return parameters
        values = list(parameters)
        for place, convert in self.converters:
            value = values[place]
            if value is not None:
                assert isinstance(value, str)
                values[place] = convert(value)
        if not self.crossing:
            return values
        return [
            values[one] if isinstance(one, int) else one.value(context, parameters)
            for one in self.crossing
        ]

    def as_stored(self, rows: list[Row]) -> list[Row]:
        """Return rows in stored form."""
        if not self.readers:
            return rows
        made = [list(row) for row in rows]
        for place, read in self.readers:
            for row in made:
                value = row[place]
                row[place] = read(value) if isinstance(value, str) else None
        return [tuple(row) for row in made]
