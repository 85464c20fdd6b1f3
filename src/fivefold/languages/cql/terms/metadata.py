"""writetime, maxwritetime and ttl: what is known of cells.

Of a column whose parts are cells of their own, and of slices of it, writetime and ttl are lists.
Source: "WRITETIME and TTL function" of SELECT in Cassandra's CQL reference.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal, cast

from fivefold.languages.cql.run import Run
from fivefold.languages.cql.tables import Column
from fivefold.languages.cql.terms import columns
from fivefold.languages.cql.terms.expressions import Expression
from fivefold.languages.cql.terms.selected import Positions, RowValue, static_name
from fivefold.languages.cql.terms.texts import text
from fivefold.languages.cql.tree import Call, ColumnName, ElementOf, FieldOf, SliceOf, Term
from fivefold.models.widecolumn.cells import Cell, Part, Parts
from fivefold.models.widecolumn.layout import CELLS, WRITTEN
from fivefold.models.widecolumn.rows import decoded
from fivefold.values.cql.codecs import codec_of
from fivefold.values.cql.collections import put_together
from fivefold.values.cql.faults import invalid
from fivefold.values.cql.keys import comparing
from fivefold.values.cql.types import BIGINT, INT, CqlType, list_of
from fivefold.values.types import Stored

if TYPE_CHECKING:
    from fivefold.languages.cql.terms.compiling import Terms

Cells = Callable[[Run, Sequence[Stored]], "list[Cell | None] | None"]

_TYPES = {"writetime": BIGINT, "maxwritetime": BIGINT, "ttl": INT}


def _call(term: Term) -> str | None:
    if isinstance(term, Call) and term.name[0] is None and term.name[1] in _TYPES:
        return term.name[1]
    return None


def type_of(terms: Terms, term: Term) -> CqlType | None:
    """Return the type of such a call, None if it is another term."""
    name = _call(term)
    if name is None:
        return None
    part = _argument(term)
    column = _column(terms, part, name)
    several = _is_several(part, column)
    return list_of(_TYPES[name]) if several and name != "maxwritetime" else _TYPES[name]


def _argument(term: Term) -> columns.Part:
    arguments = cast(Call, term).arguments
    part = arguments[0] if len(arguments) == 1 else None
    if not isinstance(part, (ColumnName, FieldOf, ElementOf, SliceOf)):
        raise invalid(f"{text(term)} is not of a column")
    return part


def _column(terms: Terms, part: columns.Part, name: str) -> Column:
    """Return the column that a part is of. Raises what Cassandra says of one without cells."""
    columns.exact(terms, part)
    top: Term = part
    while not isinstance(top, ColumnName):
        top = cast(Any, top).operand
    column = columns.column_of(terms, top.name)
    if column.kind in ("partition_key", "clustering"):
        raise invalid(f"Cannot use selection function {name} on PRIMARY KEY part {column.name}")
    if column.codec.type.name == "counter":
        raise invalid(f"Cannot use selection function {name} on counters")
    return column


def _is_several(part: columns.Part, column: Column) -> bool:
    """Say whether a part of a column has several cells."""
    return column.codec.type.is_multicell and isinstance(part, (ColumnName, SliceOf))


def compile(terms: Terms, term: Term) -> Expression | None:
    """Return such a call, None if it is another term."""
    name = _call(term)
    if name is None:
        return None
    type = type_of(terms, term)
    assert type is not None
    part = _argument(term)
    column = _column(terms, part, name)
    operand = terms.compile(part, None)
    chosen = _chooser(terms, part, column)
    several = _is_several(part, column)
    show = _shower(name, type if several else None)

    def bind(positions: Positions) -> RowValue:
        cells = _cells(column, positions)
        given, choose = operand.bind(positions), chosen(positions)

        def value(run: Run, row: Sequence[Stored]) -> Stored:
            if given(run, row) is None:
                return None
            found = cells(run, row)
            return None if found is None else show(choose(run, row, found), run)

        return value

    return Expression(
        type, f"{name}({operand.shown})", bind, columns=operand.columns, needs_cells=True
    )


def part_of(column: Column) -> Part:
    """Return a column as its cells see it."""
    type = column.codec.type
    if not type.is_multicell:
        return Part(column.name, "cell", column.codec)
    kind = cast(Literal["list", "set", "map", "udt"], type.name)
    keys = codec_of(type.parameters[0]) if kind in ("set", "map") else None
    values = [type.parameters[-1]] if kind in ("list", "map") else []
    values += [field for _, field in type.fields]
    return Part(column.name, kind, column.codec, keys, tuple(map(codec_of, values)))


def _cells(column: Column, positions: Positions) -> Callable[[Run, Sequence[Stored]], Any]:
    part = part_of(column)
    written, cells = WRITTEN, CELLS
    if column.kind == "static":
        written, cells = static_name(WRITTEN), static_name(CELLS)
    place, at, named = positions[column.name], positions[written], positions[cells]

    def found(_run: Run, row: Sequence[Stored]) -> Cell | Parts | None:
        when: Any = row[at]
        if when is None:
            return None
        name: Any = row[named]
        return decoded((part,), (row[place],), when, name).cells.get(part.name)

    return found


Chosen = Callable[[Run, Sequence[Stored], Any], "list[Cell | None]"]


def _chooser(terms: Terms, part: columns.Part, column: Column) -> Callable[[Positions], Chosen]:
    """Return what takes the cells that a call is about out of a column's."""
    if not column.codec.type.is_multicell:
        return lambda _: lambda _run, _row, cell: [cell]
    if isinstance(part, ColumnName):
        return lambda _: lambda run, _row, parts: _ordered(parts, run)
    if isinstance(part, FieldOf) and isinstance(part.operand, ColumnName):
        place = columns.field_of(terms, part.operand, part.field)[0]
        return lambda _: lambda _run, _row, parts: [parts.elements.get(str(place))]
    top: Any = part
    while not isinstance(top.operand, ColumnName):
        top = top.operand
    if top is not part or isinstance(part, FieldOf):
        raise invalid(f"{text(part)} has no cell of its own")
    return _keyed(terms, part, column)


def _keyed(
    terms: Terms, part: ElementOf | SliceOf, column: Column
) -> Callable[[Positions], Chosen]:
    type = column.codec.type
    spec = columns.key_spec(terms, column.name, type)
    wanted = [part.key] if isinstance(part, ElementOf) else [part.low, part.high]
    keys = [None if key is None else terms.compile(key, spec) for key in wanted]
    to_key = comparing(codec_of(type.parameters[0]))

    def chosen(positions: Positions) -> Chosen:
        bound = [None if key is None else key.bind(positions) for key in keys]

        def choose(run: Run, row: Sequence[Stored], parts: Parts) -> list[Cell | None]:
            ends = [None if key is None else to_key(key(run, row)).hex() for key in bound]
            if len(ends) == 1:
                assert ends[0] is not None
                return [parts.elements.get(ends[0])]
            low, high = ends
            return [
                cell
                for path, cell in sorted(parts.elements.items())
                if (low is None or path >= low)
                and (high is None or path <= high)
                and cell.is_live(run.now_s)
            ]

        return choose

    return chosen


def _ordered(parts: Parts, run: Run) -> list[Cell | None]:
    """Return all cells in order; a user type has one, or none, for each field."""
    if parts.part.kind != "udt":
        return list(parts.live(run.now_s))
    places = range(len(parts.part.values))
    cells = [parts.elements.get(str(place)) for place in places]
    return [cell if cell is not None and cell.is_live(run.now_s) else None for cell in cells]


def _shower(name: str, several: CqlType | None) -> Callable[[list[Cell | None], Run], Stored]:
    """Return what makes the call's value of cells, which are a list if ``several``."""

    def one(cell: Cell | None, run: Run) -> int | None:
        if cell is None or not cell.is_live(run.now_s):
            return None
        if name != "ttl":
            return cell.timestamp
        return None if cell.second is None else cell.second - run.now_s

    def show(cells: list[Cell | None], run: Run) -> Stored:
        found = [one(cell, run) for cell in cells]
        if name == "maxwritetime":
            return max((each for each in found if each is not None), default=None)
        if several is None:
            return found[0]
        if all(each is None for each in found) and name != "ttl":
            return None
        return put_together(codec_of(several), found)

    return show
