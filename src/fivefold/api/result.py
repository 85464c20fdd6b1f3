"""What a statement gives back to a program."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from fivefold.engine import results as engine
from fivefold.errors import InvalidStatement
from fivefold.values.python import Loads, to_python
from fivefold.values.types import Row

if TYPE_CHECKING:
    import pyarrow

Description = tuple[str, str, None, None, int | None, int | None, None]
"""PEP 249's seven items: (name, type as SQL names it, -, -, precision, scale, -)."""


class Result:
    """The rows of one statement as Python objects, all read; iterate, or fetch.

    ``rowcount`` is the number of rows changed or returned, -1 where there is none. ``tag`` is
    PostgreSQL's word for what was done, such as ``INSERT 0 1``.
    """

    __slots__ = ("_at", "_loads", "_made", "_result")

    def __init__(self, result: engine.Result, loads: Loads | None = None) -> None:
        self._result = result
        self._loads = loads
        self._made: list[tuple[Any, ...]] | None = None
        self._at = 0

    @property
    def _rows(self) -> list[tuple[Any, ...]]:
        made = self._made
        if made is None:
            made = self._made = _as_python(self._result, self._loads)
        return made

    @property
    def description(self) -> list[Description] | None:
        """Return the columns as PEP 249 describes them; None if no rows come back."""
        if self._result.outputs is None:
            return None
        return [
            (each.name, str(each.type), None, None, each.type.precision, each.type.scale, None)
            for each in self._result.outputs
        ]

    @property
    def rowcount(self) -> int:
        """Return the number of rows changed or returned; -1 if the statement has no rows."""
        count = self._result.count
        if count is not None:
            return count
        return -1 if self._result.outputs is None else self._length

    @property
    def tag(self) -> str:
        """Return PostgreSQL's command tag."""
        return engine.full_tag(self._result, self._length)

    @property
    def _length(self) -> int:
        rows = self._result.rows
        assert isinstance(rows, list)
        return len(rows)

    def fetchone(self) -> tuple[Any, ...] | None:
        """Return the next row, or None."""
        rows = self._rows
        if self._at >= len(rows):
            return None
        self._at += 1
        return rows[self._at - 1]

    def fetchmany(self, size: int = 1) -> list[tuple[Any, ...]]:
        """Return the next ``size`` rows; fewer at the end."""
        rows = self._rows[self._at : self._at + size]
        self._at += len(rows)
        return rows

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return the rows not fetched yet."""
        rows = self._rows[self._at :] if self._at else self._rows
        self._at = len(self._rows)
        return rows

    def to_arrow(self) -> pyarrow.Table:
        """Return all rows as an Arrow table (see api/arrow.py); needs pyarrow.

        Raises InvalidValue for what Arrow cannot hold, InvalidStatement if no rows come back.
        """
        from fivefold.api.arrow import table

        if self._result.outputs is None:
            raise InvalidStatement("the statement returned no rows", "wrong_object_type")
        assert isinstance(self._result.rows, list)  # all of them are read in this process
        return table(self._result.outputs, self._result.rows)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return iter(self.fetchall())


Loader = Callable[[Any], object] | None


def _as_python(result: engine.Result, loads: Loads | None) -> list[tuple[Any, ...]]:
    rows = result.rows
    assert isinstance(rows, list)
    if not rows or result.outputs is None:
        return rows
    plan = result.plan
    loaders = None if plan is None else plan.attached.get(loads or "python")
    if loaders is None:
        loaders = tuple([to_python(output.type, loads) for output in result.outputs])
        if not any(loaders):
            loaders = ()
        if plan is not None:
            plan.attached[loads or "python"] = loaders
    assert isinstance(loaders, tuple)
    if not loaders:
        return rows
    return [_load(loaders, row) for row in rows]


def _load(loaders: tuple[Loader, ...], row: Row) -> tuple[Any, ...]:
    return tuple(
        [
            value if load is None or value is None else load(value)
            for load, value in zip(loaders, row, strict=True)
        ]
    )
