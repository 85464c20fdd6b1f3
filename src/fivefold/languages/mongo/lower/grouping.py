"""The beginning of a pipeline as one statement: $match … $unwind … $group, $count, $sortByCount.

A group's key may be a constant, a field, or a document of fields, whose values have all been of one
type; the accumulators are $sum, $avg, $min, $max and $count of fields of which the shape says that
SQL's functions mean the same. An array that is unwound before is joined as rows; what is filtered
between the two is part of the statement. Everything else is streamed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from bson.datetime_ms import DatetimeMS
from bson.objectid import ObjectId

from fivefold.languages.mongo import collections
from fivefold.languages.mongo.accumulators.table import Accumulation
from fivefold.languages.mongo.collections import Name, Opened
from fivefold.languages.mongo.counting import counted
from fivefold.languages.mongo.finding import Query
from fivefold.languages.mongo.lower.conditions import Condition, condition
from fivefold.languages.mongo.lower.lowering import Lowering
from fivefold.languages.mongo.lower.planner import Scan
from fivefold.languages.mongo.match.tree import Always, Node, all_of
from fivefold.languages.mongo.stages.base import Stages
from fivefold.languages.mongo.stages.group import Group
from fivefold.languages.mongo.stages.match import Match
from fivefold.languages.mongo.stages.passing import Count, Unwind
from fivefold.languages.mongo.walking import prepared
from fivefold.languages.unit import Unit
from fivefold.models.document import bits
from fivefold.models.document.shadow import DATE, OBJECT_ID
from fivefold.plan.statement import Output, Reading
from fivefold.values.documents.kinds import INT32_MAX, MISSING, Document
from fivefold.values.types import FLOAT8, INT8, NUMERIC, TEXT, Kind, Type

_EPOCH = datetime(1970, 1, 1)
_FIRST_MS, _LAST_MS = -62_135_596_800_000, 253_402_300_799_999  # what a datetime can say

Convert = Callable[[Any], Any]


class Column(NamedTuple):
    """A column of the statement: its text, its type, and what a value of it becomes."""

    text: str
    type: Type
    convert: Convert


def grouped(
    unit: Unit, name: Name, query: Query, stages: Stages
) -> tuple[Iterator[Document], Stages] | None:
    """Return the groups and the stages that are left, None if they have to be streamed."""
    unwinding, stages = _unwinding(stages)
    if not stages:
        return None
    first, *rest = stages
    if not isinstance(first, (Group, Count)) or query.skip or query.limit is not None:
        return None
    opened = collections.find(unit, name)
    assert opened is not None
    found = replace(query, sorting=None).plan(unit, opened)
    if found.residual is not None or found.repeats or len(found.scans) != 1:
        return None
    (scan,) = found.scans
    if unwinding is not None:
        joined = _joined(unit, opened, scan, unwinding)
        if joined is None:
            return None
        found = replace(found, scans=(joined,))
    if isinstance(first, Count):
        number = counted(unit, opened, found)
        return iter([{first.name: number}] if number else ()), tuple(rest)
    (scan,) = found.scans
    if scan.index is not None and len(scan.bounds.intervals) != 1:
        return None
    path = None if unwinding is None else unwinding.path
    groups = _groups(unit, opened, scan, first, path)
    return None if groups is None else (groups, tuple(rest))


class Unwinding(NamedTuple):
    """An array whose elements become rows, and what is asked of each row."""

    path: tuple[str, ...]
    filter: Node


def _unwinding(stages: Stages) -> tuple[Unwinding | None, Stages]:
    """Return the $unwind that a pipeline begins with, if it is a plain one, and the rest."""
    if not stages or not isinstance(stages[0], Unwind):
        return None, stages
    unwind = stages[0]
    if unwind.index is not None or unwind.keep:
        return None, ()
    nodes, at = [], 1
    for stage in stages[1:]:
        if not isinstance(stage, Match):
            break
        nodes.append(stage.node)
        at += 1
    return Unwinding(unwind.path, all_of(nodes)), stages[at:]


def _joined(unit: Unit, opened: Opened, scan: Scan, unwinding: Unwinding) -> Scan | None:
    """Return a scan with a row for each element; None where it would not be the same."""
    path = unwinding.path
    kinds = Lowering(opened.shape, unit.document).kinds(path)
    if kinds is None or kinds & ~(bits.ARRAY | bits.NULL):
        return None  # what is no array would be a row by itself
    lowering = Lowering(opened.shape, unit.document, path)
    lowering.paths.update(scan.paths)
    said: Condition | None = ("", True)
    if unwinding.filter != Always(True):
        said = condition(lowering, unwinding.filter)
    if said is None or not said[1]:
        return None
    before, _, order = scan.text.rpartition(" ORDER BY ")
    source, _, where = before.partition(" WHERE ")
    asked = " AND ".join([f"({each})" for each in (where, said[0]) if each])
    text = f"{source} CROSS JOIN {lowering.elements(path)} AS u"
    return replace(
        scan,
        text=f"{text} WHERE {asked} ORDER BY {order}" if asked else f"{text} ORDER BY {order}",
        paths=lowering.paths,
        parameters=(*scan.parameters, *lowering.parameters),
        types=(*scan.types, *lowering.types),
    )


def _groups(
    unit: Unit, opened: Opened, scan: Scan, group: Group, unwound: tuple[str, ...] | None
) -> Iterator[Document] | None:
    lowering = Lowering(opened.shape, unit.document, unwound)
    lowering.paths.update(scan.paths)
    keys = _keys(lowering, group)
    if keys is None:
        return None
    fields = []
    for name, accumulation in group.fields:
        column = _accumulated(lowering, accumulation, unit.document)
        if column is None:
            return None
        fields.append((name, column))
    columns = [*keys.columns, *(column for _, column in fields), Column("count(*)", INT8, int)]
    by = ", ".join(map(str, range(1, len(keys.columns) + 1)))
    body = scan.text.partition(" FROM ")[2].rpartition(" ORDER BY ")[0]
    text = f"SELECT {', '.join([column.text for column in columns])} FROM {body}"
    grouping = replace(
        scan,
        text=f"{text} GROUP BY {by}" if by else text,
        paths=lowering.paths,
        columns=tuple(Output(f"c{n}", column.type) for n, column in enumerate(columns)),
    )
    interval = scan.bounds.intervals[0] if scan.index is not None else ()
    rows = unit.runner.stream(prepared(unit, opened, grouping), (*interval, *scan.parameters))
    return _documents(rows, keys, fields)


def _documents(
    rows: Iterator[tuple[Any, ...]], keys: Keys, fields: list[tuple[str, Column]]
) -> Iterator[Document]:
    width = len(keys.columns)
    converts = [(name, at, column.convert) for at, (name, column) in enumerate(fields, width)]
    for row in rows:
        if row[-1] == 0:
            return  # nothing to group: the one row that SQL makes of nothing
        document = {"_id": keys.make(row)}
        for name, at, convert in converts:
            document[name] = convert(row[at])
        yield document


class Keys(NamedTuple):
    """The columns that are grouped by, and what makes an ``_id`` of a row."""

    columns: list[Column]
    make: Callable[[tuple[Any, ...]], Any]


def _keys(lowering: Lowering, group: Group) -> Keys | None:
    identity = group.identity
    if group.term.fixed:
        constant = None if group.term.constant is MISSING else group.term.constant
        return Keys([], lambda row: constant)
    if isinstance(identity, str):
        column = _key(lowering, identity)
        if column is None:
            return None
        convert = column.convert
        return Keys([column], lambda row: None if row[0] is None else convert(row[0]))
    if not isinstance(identity, dict) or not identity:
        return None
    columns = []
    for value in identity.values():
        column = _key(lowering, value)
        if column is None:
            return None
        steps = tuple(value[1:].split("."))
        columns += [column, Column(f"{lowering.path(steps, Reading.KIND)} IS NULL", INT8, bool)]

    def make(row: tuple[Any, ...]) -> Document:
        made = {}
        for at, name in enumerate(identity):
            value, missing = row[2 * at], row[2 * at + 1]
            if value is not None:
                made[name] = columns[2 * at].convert(value)
            elif missing not in (1, "t", True):
                made[name] = None
        return made

    return Keys(columns, make)


def _key(lowering: Lowering, expression: Any) -> Column | None:
    steps = _field(expression)
    if steps is None:
        return None
    kinds = lowering.kinds(steps)
    return None if kinds is None else one_type(lowering, steps, kinds)


def _field(expression: Any) -> tuple[str, ...] | None:
    """Return the path that an expression reads if that is all it does."""
    if not isinstance(expression, str) or expression[:1] != "$" or expression[1:2] in ("$", ""):
        return None
    return tuple(expression[1:].split("."))


def one_type(lowering: Lowering, steps: tuple[str, ...], kinds: int) -> Column | None:
    """Return the column of a field whose values are all of one type."""
    kinds &= ~bits.NULL
    if not kinds & ~bits.NUMBERS:
        if kinds & bits.SMALL_LONG:
            return None  # the shadow does not tell a small long from an int
        number = NUMERIC if lowering.exact else FLOAT8 if kinds == bits.DOUBLE else INT8
        return Column(lowering.path(steps, Reading.NUMBER), number, _number(kinds))
    if kinds == bits.STRING:
        return Column(lowering.path(steps, Reading.TEXT), TEXT, str)
    if kinds == bits.BOOL:
        return Column(lowering.path(steps, Reading.BOOLEAN), INT8, bool)
    if kinds == bits.OBJECT_ID:
        return Column(lowering.path((*steps, OBJECT_ID), Reading.TEXT), TEXT, ObjectId)
    if kinds == bits.DATE:
        return Column(lowering.path((*steps, DATE), Reading.INTEGER), INT8, moment)
    return None


def _number(kinds: int) -> Convert:
    """Return what makes a number of a stored one: PostgreSQL's come as their digits."""
    if kinds == bits.DOUBLE:
        return float

    def convert(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return (
            float(value) if kinds & bits.DOUBLE and ("." in value or "e" in value) else int(value)
        )

    return convert


def moment(milliseconds: int) -> datetime | DatetimeMS:
    """Return a date of BSON's from its milliseconds."""
    if _FIRST_MS <= milliseconds <= _LAST_MS:
        return _EPOCH + timedelta(milliseconds=milliseconds)
    return DatetimeMS(milliseconds)


_SUMMED = {"$sum": "sum", "$avg": "avg"}
_PICKED = {"$min": "min", "$max": "max"}


def _accumulated(lowering: Lowering, one: Accumulation, document: Type) -> Column | None:
    if one.operator == "$count":
        return Column("count(*)", INT8, int)
    if one.operator == "$sum" and one.term is not None and one.term.fixed:
        each = one.term.constant
        if each.__class__ is int and abs(each) <= INT32_MAX:
            return Column("count(*)", INT8, lambda count: int(count) * each)
        return None
    steps = _field(one.argument)
    if steps is None:
        return None
    kinds = lowering.kinds(steps)
    if kinds is None:
        return None
    if one.operator in _PICKED:
        column = one_type(lowering, steps, kinds)
        if column is None or (kinds & bits.INT and kinds & bits.DOUBLE):
            return None
        text = f"{_PICKED[one.operator]}({column.text})"
        return Column(text, column.type, _unless_null(column.convert, None))
    if one.operator in _SUMMED:
        return _summed(lowering, one.operator, steps, kinds, exact=document.kind is Kind.JSONB)
    return None


def _summed(
    lowering: Lowering, operator: str, steps: tuple[str, ...], kinds: int, *, exact: bool
) -> Column | None:
    """Return the column of $sum or $avg, which pass over what is no number."""
    numbers = kinds & bits.NUMBERS
    if kinds & bits.OTHER:
        return None  # decimals and infinities are numbers too
    if operator == "$sum" and (
        numbers & (bits.LONG | bits.SMALL_LONG)
        or (exact and numbers not in (0, bits.INT, bits.DOUBLE))
    ):
        return None
    plain = not kinds & ~(bits.NUMBERS | bits.NULL)
    read = lowering.path(steps, Reading.NUMBER if plain else Reading.PLAIN_NUMBER)
    type_ = NUMERIC if exact else FLOAT8 if numbers & bits.DOUBLE else INT8
    if operator == "$avg":
        return Column(f"avg({read})", NUMERIC if exact else FLOAT8, _unless_null(float, None))
    return Column(f"sum({read})", type_, _unless_null(_number(numbers), 0))


def _unless_null(convert: Convert, instead: Any) -> Convert:
    return lambda value: instead if value is None else convert(value)
