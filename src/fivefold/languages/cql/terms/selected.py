"""What became of a selector: a closure over rows, and what it needs of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from fivefold.languages.cql.run import Run
from fivefold.values.cql.types import CqlType
from fivefold.values.records import Record
from fivefold.values.types import Stored

Positions = Mapping[str, int]
"""Where a row has its columns; ``written$`` and its like too, of the static row with ``static.``
before them (``static_name``)."""

RowValue = Callable[[Run, Sequence[Stored]], Stored]
"""The value of a selector for a row."""


def static_name(name: str) -> str:
    """Return how ``Positions`` calls a column of the static row that has no name in CQL."""
    return f"static.{name}"


class Gathering(Protocol):
    """The value of a selector for a group of rows, while they come."""

    def add(self, run: Run, row: Sequence[Stored]) -> None: ...
    def result(self, run: Run) -> Stored:
        """Return the value for the rows that came; there may be none."""
        ...


class Selected(Record):
    """A selector, compiled.

    ``column`` is the column that it passes on untouched, if it does nothing else. ``columns`` are
    those it looks at; ``needs_cells``: it also looks at their row's ``written$``, ``cells$`` and
    ``expires$`` (a static column's: those of the static row). ``is_aggregate``: it is one value for
    many rows.

    ``over(positions)`` gives its value for a row, but not of an aggregate; ``gather(positions)``
    begins a group of rows each time it is called: its aggregate, or its value for the first one.
    ``aggregate`` is (``countRows``, None) for ``count(*)``, (``max``, column) and so on, if it is
    such a call of a column and nothing more.
    """

    name: str
    type: CqlType
    column: str | None
    columns: tuple[str, ...]
    needs_cells: bool
    is_aggregate: bool
    over: Callable[[Positions], RowValue]
    gather: Callable[[Positions], Callable[[], Gathering]]
    aggregate: tuple[str, str | None] | None = None
