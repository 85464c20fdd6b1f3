"""Column families as writing sees them, and what a statement does to a row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from fivefold.languages.cql.run import Run
from fivefold.languages.cql.tables import Column, ColumnFamily
from fivefold.models.widecolumn.cells import Cell, Part, Parts
from fivefold.models.widecolumn.rows import Row
from fivefold.models.widecolumn.shape import KeyColumn, Shape
from fivefold.values.cql.codecs import codec_of
from fivefold.values.cql.types import Unset
from fivefold.values.records import Record
from fivefold.values.types import Stored


class Stamp(Record):
    """When a statement writes, and until when: ``second`` is that of expiry, None for never."""

    timestamp: int
    ttl: int
    second: int | None
    now_s: int

    def cell(self, value: Any) -> Cell:
        """Return the cell that has the value from now on; None deletes it."""
        if value is None:
            return Cell(None, self.timestamp, 0, self.now_s)
        return Cell(value, self.timestamp, self.ttl, self.second)


Evaluate = Callable[[Run], Stored | Unset]
"""A term's value."""

Apply = Callable[[Row], None]
"""What a run of a statement does to one row."""

Change = Callable[[Run, Stamp], Apply | None]
"""What a statement does to a column; None where its value is unset."""

Pick = Callable[[Parts], Sequence[tuple[int, Cell]]]
"""Which items of a list are overwritten, by their places, and with what."""


class Look(Record):
    """What a statement does to items of a list, having looked which ones they are.

    It sees the list as it was before the statement, and before all others of its batch.
    """

    part: Part
    bind: Callable[[Run, Stamp], Pick | None]


Operation = Change | Look


def shape_of(family: ColumnFamily) -> Shape:
    """Return what is to be known of a family for writing its rows."""
    return Shape(
        family.keyspace,
        family.name,
        tuple(KeyColumn(column.name, column.codec) for column in family.partition),
        tuple(
            KeyColumn(column.name, column.codec, column.descending, not column.codec.ordered)
            for column in family.clustering
        ),
        tuple(map(part_of, family.static)),
        tuple(map(part_of, family.regular)),
        family.is_counter,
        family.family.past,
        family.gc_grace_s,
    )


def part_of(column: Column) -> Part:
    """Return a column as its cells see it."""
    type_ = column.codec.type
    if not type_.is_multicell:
        return Part(column.name, "cell", column.codec)
    codecs = tuple(map(codec_of, type_.parameters))
    match type_.name:
        case "list":
            return Part(column.name, "list", column.codec, None, codecs)
        case "set":
            return Part(column.name, "set", column.codec, codecs[0])
        case "map":
            return Part(column.name, "map", column.codec, codecs[0], codecs[1:])
    fields = tuple(codec_of(field) for _, field in type_.fields)
    return Part(column.name, "udt", column.codec, None, fields)
