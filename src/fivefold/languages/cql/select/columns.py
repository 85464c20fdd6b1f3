"""What SELECT reads of rows, and where a row that was read has it.

A row, put together for filters and selectors, has the partition key, the clustering columns,
regular ones and, where somebody needs them, ``written$`` and its like, then static columns and,
by ``static_name``, theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from fivefold.languages.cql.tables import Column, ColumnFamily
from fivefold.languages.cql.terms import Selected
from fivefold.languages.cql.terms.selected import static_name
from fivefold.models.widecolumn.cells import Part
from fivefold.models.widecolumn.layout import CELLS, EXPIRES, TOKEN, WRITTEN, quoted
from fivefold.models.widecolumn.rows import shown
from fivefold.values.cql.codecs import codec_of
from fivefold.values.records import Record
from fivefold.values.types import BYTEA, INT8, TEXT, Stored, Type

Row = tuple[Stored, ...]

OWN: tuple[tuple[str, Type], ...] = ((WRITTEN, INT8), (CELLS, TEXT), (EXPIRES, INT8))
"""What a row has besides its columns."""


class Columns(Record):
    """The columns that are read, of rows and of static rows, and their places.

    ``timed``: rows come with their own columns, ``static_timed`` static ones too; all of their
    cells are read then. ``bytes_at`` are the places of clustering columns that lie as bytes.
    """

    family: ColumnFamily
    regular: tuple[Column, ...]
    static: tuple[Column, ...]
    timed: bool
    static_timed: bool
    positions: dict[str, int]
    regular_at: int
    static_at: int
    bytes_at: tuple[tuple[int, Column], ...]

    @property
    def of_rows(self) -> list[tuple[str, Type]]:
        """Return names and types of what is read of the table of rows."""
        family = self.family
        columns = [(column.name, column.codec.store) for column in family.partition]
        columns += [(column.name, table_type(column)) for column in family.clustering]
        columns += [(column.name, column.codec.store) for column in self.regular]
        return [*columns, *(OWN if self.timed else ())]

    @property
    def of_static(self) -> list[tuple[str, Type]]:
        """Return names and types of what is read of a static row, behind its key."""
        columns = [(column.name, column.codec.store) for column in self.static]
        return [*columns, *(OWN if self.static_timed else ())]


def columns_of(
    family: ColumnFamily, selected: Iterable[Selected], filtered: Iterable[str]
) -> Columns:
    """Return what has to be read for selectors and filters."""
    wanted = {*filtered}
    cells = False
    for one in selected:
        wanted.update(one.columns)
        cells = cells or one.needs_cells
    expires = family.family.expires
    timed = (cells or expires) and not family.is_counter
    static = tuple(c for c in family.static if c.name in wanted)
    static_timed = bool(family.static) and (expires or (cells and bool(static)))
    regular = family.regular
    if not expires:
        regular = tuple(column for column in regular if column.name in wanted)
    if static_timed:
        static = family.static
    names = [column.name for column in (*family.partition, *family.clustering)]
    regular_at = len(names)
    names += [column.name for column in regular] + [name for name, _ in OWN if timed]
    static_at = len(names)
    names += [column.name for column in static]
    names += [static_name(name) for name, _ in OWN if static_timed]
    first = len(family.partition)
    return Columns(
        family,
        regular,
        static,
        timed,
        static_timed,
        {name: place for place, name in enumerate(names)},
        regular_at,
        static_at,
        tuple(
            (first + place, column)
            for place, column in enumerate(family.clustering)
            if lies_as_bytes(column)
        ),
    )


def lies_as_bytes(column: Column) -> bool:
    """Say whether the table has the bytes of ``to_key`` in a column's place."""
    return column.kind == "clustering" and not column.codec.ordered


def table_type(column: Column) -> Type:
    """Return the type of the store's column."""
    return BYTEA if lies_as_bytes(column) else column.codec.store


def kept(column: Column, value: Stored) -> Stored:
    """Return a value as the table has it."""
    return column.codec.to_key(value) if lies_as_bytes(column) else value


def named(column: str) -> str:
    """Return a column's name as the text of a statement has it."""
    return quoted(column).replace("{", "{{").replace("}", "}}")


def names_of(columns: Iterable[tuple[str, Type]], alias: str = "") -> str:
    """Return names as a statement selects them."""
    return ", ".join([f"{alias}{named(name)}" for name, _ in columns])


def part_of(column: Column) -> Part:
    """Return a column as its cells see it."""
    type_ = column.codec.type
    if not type_.is_multicell:
        return Part(column.name, "cell", column.codec)
    if type_.name == "udt":
        fields = tuple(codec_of(field) for _, field in type_.fields)
        return Part(column.name, "udt", column.codec, values=fields)
    inner = [codec_of(each) for each in type_.parameters]
    if type_.name == "map":
        return Part(column.name, "map", column.codec, inner[0], (inner[1],))
    if type_.name == "set":
        return Part(column.name, "set", column.codec, inner[0])
    return Part(column.name, "list", column.codec, values=(inner[0],))


Living = Callable[[Row, int], Row | None]


def living(columns: Sequence[Column], first: int) -> Living:
    """Return what takes from a row, whose cells begin at a place, what is gone at a second."""
    parts = [part_of(column) for column in columns]
    last = first + len(parts)

    def live(row: Row, now_s: int) -> Row | None:
        expires = row[last + 2]
        if expires is None or expires > now_s:  # type: ignore[operator]
            return row
        found = shown(parts, row[first:last], row[last], row[last + 1], now_s)  # type: ignore[arg-type]
        return None if found is None else (*row[:first], *found, *row[last:])

    return live


TOKEN_NAME = named(TOKEN)
