"""Rows as they are written: their cells, to and from what the store keeps of them.

``decoded`` takes a stored row apart, ``encoded`` puts it together again, and ``left`` says what has
to be known of one that is no longer there. See ``cells`` for the form of ``cells$``.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from fivefold.models.widecolumn.cells import (
    ROW,
    Cell,
    Part,
    Parts,
    cell_of,
    gone,
    is_forgotten,
    no_bytes,
    reconciled,
    when,
)
from fivefold.values.records import Record
from fivefold.values.types import Stored

_compact = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


class Row:
    """A row's marker and cells, by the names of the columns that were ever written.

    ``until``: the second from which on all of the row is gone, whatever its cells say; so is one
    of a materialized view whose key has a column that expires.
    """

    __slots__ = ("cells", "marker", "until")

    def __init__(
        self,
        marker: Cell | None = None,
        cells: dict[str, Cell | Parts] | None = None,
        until: int | None = None,
    ) -> None:
        self.marker = marker
        self.cells: dict[str, Cell | Parts] = {} if cells is None else cells
        self.until = until

    def mark(self, marker: Cell) -> None:
        """Insert the row."""
        known = self.marker
        self.marker = marker if known is None else reconciled(known, marker, no_bytes)

    def put(self, part: Part, cell: Cell) -> None:
        """Write a plain column; a value None deletes it."""
        known = self.cells.get(part.name)
        if known is not None:
            assert isinstance(known, Cell)
            cell = reconciled(known, cell, part.codec.to_wire)
        self.cells[part.name] = cell

    def parts(self, part: Part) -> Parts:
        """Return the parts of a column to be changed."""
        known = self.cells.get(part.name)
        if known is None:
            known = self.cells[part.name] = Parts(part)
        assert isinstance(known, Parts)
        return known

    def absorb(self, parts: Sequence[Part], other: Row) -> None:
        """Take in what is known of the same row elsewhere: which cells of it were deleted."""
        if other.marker is not None:
            self.mark(other.marker)
        for part in parts:
            cell = other.cells.get(part.name)
            if isinstance(cell, Cell):
                self.put(part, cell)
            elif cell is not None:
                own = self.parts(part)
                if cell.deleted is not None:
                    own.delete(*cell.deleted)
                for path, element in cell.elements.items():
                    own.put(path, element)

    def delete(self, timestamp: int, second: int) -> None:
        """Delete what was written up to a timestamp."""
        if self.marker is not None and self.marker.timestamp <= timestamp:
            self.marker = None
        for name, cell in list(self.cells.items()):
            if isinstance(cell, Parts):
                cell.delete(timestamp, second)
                if cell.deleted == (timestamp, second):
                    cell.deleted = None
            elif cell.timestamp <= timestamp:
                del self.cells[name]

    def value(self, part: Part, now_s: int) -> Stored:
        """Return a column's value at that second, in stored form."""
        cell = self.cells.get(part.name)
        if isinstance(cell, Parts):
            return cell.value(now_s)
        found: Stored = cell.value if cell is not None and cell.is_live(now_s) else None
        return found

    def is_live(self, now_s: int) -> bool:
        """Say whether Cassandra shows the row at that second."""
        if self.until is not None and now_s >= self.until:
            return False
        if self.marker is not None and self.marker.is_live(now_s):
            return True
        return any(
            cell.value(now_s) is not None if isinstance(cell, Parts) else cell.is_live(now_s)
            for cell in self.cells.values()
        )


def decoded(
    parts: Sequence[Part], values: Sequence[Stored], written: int, cells: str | None
) -> Row:
    """Return the row of the values of these columns, of ``written$`` and ``cells$``."""
    named: dict[str, Any] = {} if cells is None else json.loads(cells)
    marker, *times = named.get(ROW, (1,))
    until = times.pop() if len(times) == 3 else None
    if until is not None and not times[1]:
        times = []
    rest = cell_of(True, (written, *times))
    found: dict[str, Cell | Parts] = {}
    for part, value in zip(parts, values, strict=True):
        entry = named.get(part.name)
        if part.kind == "cell":
            if entry is not None:
                found[part.name] = cell_of(value, entry)
            elif value is not None:
                found[part.name] = rest._replace(value=value)
        elif entry is not None:
            found[part.name] = _parts(part, value, rest, entry)
        elif value is not None:
            found[part.name] = Parts(part, value, rest, (rest.timestamp - 1, written // 1_000_000))
    if not isinstance(marker, int):
        return Row(cell_of(True, marker), found, until)
    return Row(rest if marker else None, found, until)


def _parts(part: Part, value: Stored, rest: Cell, entry: Any) -> Parts:
    deleted, other, named = entry
    if other:
        rest = cell_of(True, other)
    made = Parts(part, value, rest, tuple(deleted) if deleted else None)
    if not named:
        return made
    if part.kind == "list":
        made.items = [
            cell_of(item.value, times) if times else item
            for item, times in zip(made.items, named, strict=True)
        ]
        return made
    elements = made.elements
    for path, times in named.items():
        known = elements.get(path)
        elements[path] = cell_of(None if known is None else known.value, times)
    return made


class Encoded(Record):
    """A row as the store keeps it; ``values`` are those of the columns it was encoded for."""

    values: list[Stored]
    written: int
    cells: str | None
    expires: int | None


def encoded(parts: Sequence[Part], row: Row, now_s: int, forgotten_s: int = 0) -> Encoded | None:
    """Return what the table of rows has of a row; None if it is not shown at that second.

    What has expired is from now on only known as deleted, and what was deleted before
    ``forgotten_s`` not any more.
    """
    _shrink(row, now_s, forgotten_s)
    times = _usual(row)
    if times is None:
        return None
    rest = Cell(True, *times)
    named: dict[str, Any] = {}
    values: list[Stored] = []
    seconds: list[int] = []
    for part in parts:
        cell = row.cells.get(part.name)
        if cell is None:
            values.append(None)
        elif isinstance(cell, Parts):
            values.append(cell.value(now_s))
            entry = _named(cell, rest, seconds)
            if entry is not None:
                named[part.name] = entry
        else:
            values.append(cell.value)
            if cell.value is None or cell[1:] != times:
                named[part.name] = when(cell)
            if cell.value is not None and cell.second is not None:
                seconds.append(cell.second)
    marker = row.marker
    usual = marker is not None and marker[1:] == times
    if marker is not None and marker.second is not None:
        seconds.append(marker.second)
    if not usual or rest.second is not None or row.until is not None:
        shown = 1 if usual else 0 if marker is None else when(marker)
        named[ROW] = [shown, *when(rest)[1:]]
        if row.until is not None:
            named[ROW] = [shown, *(when(rest)[1:] or (0, 0)), row.until]
            seconds.append(row.until)
    cells = _compact(named) if named else None
    return Encoded(values, rest.timestamp, cells, min(seconds, default=None))


def _shrink(row: Row, now_s: int, forgotten_s: int) -> None:
    for name, cell in list(row.cells.items()):
        if isinstance(cell, Parts):
            cell.shrink(now_s, forgotten_s)
            cell.settle()
            continue
        if cell.value is not None and not cell.is_live(now_s):
            cell = row.cells[name] = gone(cell)
        if is_forgotten(cell, forgotten_s):
            del row.cells[name]
    marker = row.marker
    if marker is not None and marker.value and not marker.is_live(now_s):
        marker = row.marker = gone(marker)
    if marker is not None and is_forgotten(marker, forgotten_s):
        row.marker = None


Times = tuple[int, int, int | None]


def _usual(row: Row) -> Times | None:
    """Return the times that most of a row has; None if nothing of it is there."""
    found: list[Times] = []
    others: Times | None = None
    if row.marker is not None and row.marker.value:
        found.append(row.marker[1:])
    for cell in row.cells.values():
        if isinstance(cell, Cell):
            if cell.value is not None:
                found.append(cell[1:])
        elif not cell.whole:
            others = others or next(
                (each[1:] for each in cell.all() if each.value is not None), None
            )
        elif cell.rest is not None and cell.stored is not None:
            found.append(cell.rest[1:])
    return Counter(found).most_common(1)[0][0] if found else others


def _named(cell: Parts, rest: Cell, seconds: list[int]) -> Any:
    """Return what ``cells$`` says of parts, None for nothing; note in ``seconds`` when any goes."""
    deleted = list(cell.deleted) if cell.deleted else 0
    if cell.whole:
        if cell.stored is None or cell.rest is None:
            return [deleted, 0, {}] if deleted else None
        if cell.rest.second is not None:
            seconds.append(cell.rest.second)
        usual = cell.rest[1:] == rest[1:]
        if usual and cell.deleted is not None and cell.deleted[0] == rest.timestamp - 1:
            return None
        return [deleted, 0 if usual else when(cell.rest), {}]
    cells = cell.all()
    seconds += [each.second for each in cells if each.value is not None and each.second is not None]
    if cell.part.kind == "list":
        times = [0 if each[1:] == rest[1:] else when(each) for each in cells]
        return [deleted, 0, times if any(times) else []] if deleted or times else None
    named = {
        path: when(each)
        for path, each in cell.elements.items()
        if each.value is None or each[1:] != rest[1:]
    }
    return [deleted, 0, named] if deleted or cells else None


def left(row: Row) -> tuple[str, int, int] | None:
    """Return what has to be known of a row that is not there: JSON, newest timestamp and second.

    None if that is nothing. ``encoded`` was asked before.
    """
    named: dict[str, Any] = {}
    newest: list[tuple[int, int]] = []
    for name, cell in row.cells.items():
        if isinstance(cell, Cell):
            named[name] = when(cell)
            newest.append((cell.timestamp, cell.second or 0))
            continue
        elements = {} if cell.part.kind == "list" else cell.elements
        if cell.deleted is not None or elements:
            deleted = list(cell.deleted) if cell.deleted else 0
            named[name] = [deleted, 0, {path: when(each) for path, each in elements.items()}]
            newest += [(each.timestamp, each.second or 0) for each in elements.values()]
            newest += [] if cell.deleted is None else [cell.deleted]
    if row.marker is not None:
        newest.append((row.marker.timestamp, row.marker.second or 0))
    if not newest:
        return None
    named[ROW] = [0 if row.marker is None else when(row.marker)]
    return _compact(named), max(at for at, _ in newest), max(second for _, second in newest)


def shown(
    parts: Sequence[Part], values: Sequence[Stored], written: int, cells: str | None, now_s: int
) -> list[Stored] | None:
    """Return the values of a stored row that are there at that second; None: it is gone.

    For rows whose ``expires$`` has come.
    """
    row = decoded(parts, values, written, cells)
    if not row.is_live(now_s):
        return None
    return [row.value(part, now_s) for part in parts]
