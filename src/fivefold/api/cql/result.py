"""What ``cql`` returns: rows, one after the other or all at once.

The names are those of Cassandra's Python driver (API documentation, "ResultSet"), and so are the
fields of rows: what is no name in Python has underscores instead.
"""

from __future__ import annotations

import re
from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import repeat
from typing import Any, NamedTuple

from fivefold.engine.cache import Cache
from fivefold.languages.cql.results import ColumnSpec, Rows
from fivefold.languages.cql.results import Result as Answer
from fivefold.values.cql.codecs import codec_of
from fivefold.values.cql.rows import row_decoder

_NO_NAME = re.compile(r"[^a-zA-Z0-9_]+")

APPLIED = "[applied]"


class _Shape(NamedTuple):
    """What makes a program's rows of stored ones; no ``decode``: they have the same values."""

    columns: Sequence[ColumnSpec]
    row: type[Any]
    decode: Callable[[Sequence[Any]], Iterable[Any]] | None


_SHAPES: Cache[int, _Shape] = Cache(1_000)
"""By the identity of the columns, which the shape keeps: a plan has the same ones all its life."""


def _shape_of(columns: Sequence[ColumnSpec]) -> _Shape:
    found = _SHAPES.get(id(columns))
    if found is None:
        found = _shape(columns)
        _SHAPES.put(id(columns), found)
    return found


def _shape(columns: Sequence[ColumnSpec]) -> _Shape:
    names = []
    for place, column in enumerate(columns):
        name = _NO_NAME.sub("_", column.name).strip("_")
        names.append(name if name and not name[0].isdigit() else f"field_{place}_{name}")
    row = namedtuple("Row", names, rename=True)  # type: ignore[misc]  # fields known at run time
    decode = row_decoder(tuple(codec_of(column.type) for column in columns))
    return _Shape(columns, row, None if decode is tuple else decode)


class Result:
    """The rows of a statement; one that returns none is empty. May be gone through several times.

    ``paging_state`` is there if ``page_size`` was given and there are more rows.
    """

    __slots__ = ("_rows", "columns", "paging_state", "warnings")

    def __init__(self, answer: Answer) -> None:
        self.warnings: Sequence[str] = getattr(answer, "warnings", ())
        self.columns: Sequence[ColumnSpec] = ()
        self.paging_state: bytes | None = None
        self._rows: list[Any] = []
        if isinstance(answer, Rows):
            self.columns = answer.columns
            self.paging_state = answer.paging
            _, row, decode = _shape_of(answer.columns)
            rows = answer.rows if decode is None else map(decode, answer.rows)
            self._rows = [*map(tuple.__new__, repeat(row), rows)]

    @property
    def column_names(self) -> list[str]:
        """Return the columns' names, as CQL has them."""
        return [column.name for column in self.columns]

    @property
    def was_applied(self) -> bool:
        """Say whether a conditional statement was applied; all others were."""
        if not self.columns or self.columns[0].name != APPLIED:
            return True
        return bool(self._rows[0][0])

    def one(self) -> Any:
        """Return the first row, or None."""
        return self._rows[0] if self._rows else None

    def all(self) -> list[Any]:
        """Return all rows."""
        return [*self._rows]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __bool__(self) -> bool:
        return bool(self._rows)

    def __repr__(self) -> str:
        return f"<Result of {len(self._rows)} rows: {', '.join(self.column_names)}>"
