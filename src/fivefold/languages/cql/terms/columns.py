"""Columns of a selection, and parts of them: fields, elements and slices.

Source: "Selection clause" of SELECT in Cassandra's CQL reference.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from fivefold.languages.cql.results import ColumnSpec
from fivefold.languages.cql.run import Run
from fivefold.languages.cql.tables import Column
from fivefold.languages.cql.terms.expressions import Expression, fitted, joined
from fivefold.languages.cql.terms.literals import inner
from fivefold.languages.cql.terms.matching import Match, matching
from fivefold.languages.cql.terms.selected import Positions, RowValue
from fivefold.languages.cql.tree import ColumnName, ElementOf, FieldOf, SliceOf, Term
from fivefold.values.cql.codecs import codec_of
from fivefold.values.cql.collections import put_together, take_apart
from fivefold.values.cql.faults import invalid
from fivefold.values.cql.keys import comparing
from fivefold.values.cql.names import type_text
from fivefold.values.cql.types import UNSET, CqlType
from fivefold.values.types import Stored

if TYPE_CHECKING:
    from fivefold.languages.cql.terms.compiling import Terms

Part = ColumnName | FieldOf | ElementOf | SliceOf


def exact(terms: Terms, term: Part) -> CqlType:
    """Return the type of a column, or of a part of one. Raises Cassandra's errors."""
    match term:
        case ColumnName(name):
            return column_of(terms, name).codec.type
        case FieldOf(operand, field):
            return field_of(terms, operand, field)[1]
        case ElementOf(operand):
            type = collection_of(terms, operand, "element")
            return type.parameters[-1]
        case SliceOf(operand):
            return collection_of(terms, operand, "slice")


def match(terms: Terms, term: Part, receiver: CqlType) -> Match:
    """Say how it goes into a receiver."""
    return matching(receiver, exact(terms, term))


def column_of(terms: Terms, name: str) -> Column:
    """Return a column by its name."""
    family = terms.family
    assert family is not None
    column = family.by_name.get(name)
    if column is None:
        raise invalid(
            f"Undefined column name {name} in table {family.keyspace}.{family.name}",
            "undefined_column",
        )
    return column


def field_of(terms: Terms, operand: Term, field: str) -> tuple[int, CqlType]:
    """Return the place and the type of a user type's field."""
    type = _of_part(terms, operand)
    shown = terms.shown(operand)
    if type.name != "udt":
        raise invalid(
            f"Invalid field selection: {shown} of type {type_text(type)} is not a user type"
        )
    for place, (name, part) in enumerate(type.fields):
        if name == field:
            return place, part
    assert type.user is not None
    raise invalid(f"{shown} of type {type.user[1]} has no field {field}", "undefined_column")


def _of_part(terms: Terms, operand: Term) -> CqlType:
    found = terms.exact(operand)
    if found is None:
        raise invalid(f"Cannot infer type for term {terms.shown(operand)} in selection clause")
    return found


def collection_of(terms: Terms, operand: Term, what: str) -> CqlType:
    """Return the type of a set or map that an element or a slice is taken of."""
    type = _of_part(terms, operand)
    shown = terms.shown(operand)
    if not type.is_collection:
        raise invalid(
            f"Invalid {what} selection: {shown} is of type {type_text(type)} is not a collection"
        )
    if type.name == "list":
        raise invalid(
            f"{what.capitalize()} selection is only allowed on sets and maps, but {shown} is a list"
        )
    return type


def compile_column(terms: Terms, term: ColumnName, receiver: ColumnSpec) -> Expression:
    """Return a column."""
    name = term.name
    type = column_of(terms, name).codec.type

    def bind(positions: Positions) -> RowValue:
        place = positions[name]
        return lambda _run, row: row[place]

    return fitted(Expression(type, name, bind, columns=(name,), column=name), receiver.type)


def compile_field(terms: Terms, term: FieldOf, receiver: ColumnSpec) -> Expression:
    """Return a field of a user type's value."""
    place, type = field_of(terms, term.operand, term.field)
    operand = terms.compile(term.operand, None)
    codec = codec_of(operand.type)

    def make(values: Sequence[RowValue]) -> RowValue:
        (given,) = values

        def value(run: Run, row: Sequence[Stored]) -> Stored:
            found: Any = given(run, row)
            if found is None:
                return None
            fields = take_apart(codec, found)
            return fields[place] if place < len(fields) else None

        return value

    shown = f"{operand.shown}.{term.field}"
    return fitted(joined(type, shown, (operand,), make), receiver.type)


def key_spec(terms: Terms, shown: str, type: CqlType) -> ColumnSpec:
    """Return the receiver of a key in brackets."""
    role = "key" if type.name == "map" else "value"
    return inner(terms.scope.spec("", type), f"{role}({shown})", type.parameters[0])


def compile_element(terms: Terms, term: ElementOf, receiver: ColumnSpec) -> Expression:
    """Return a map's value for a key, or the element of a set if it is there."""
    type = collection_of(terms, term.operand, "element")
    operand = terms.compile(term.operand, None)
    key = terms.compile(term.key, key_spec(terms, operand.shown, type))
    codec, to_key = codec_of(type), comparing(codec_of(type.parameters[0]))
    is_map = type.name == "map"

    def make(values: Sequence[RowValue]) -> RowValue:
        given, wanted = values

        def value(run: Run, row: Sequence[Stored]) -> Stored:
            asked = _key(wanted(run, row), "element", operand.shown)
            found: Any = given(run, row)
            if found is None:
                return None
            sought = to_key(asked)
            for part in take_apart(codec, found):
                if to_key(part[0] if is_map else part) == sought:
                    return part[1] if is_map else part  # type: ignore[no-any-return]
            return None

        return value

    shown = f"{operand.shown}[{key.shown}]"
    return fitted(joined(type.parameters[-1], shown, (operand, key), make), receiver.type)


def _key(value: Any, what: str, shown: str) -> Stored:
    if value is None or value is UNSET:
        kind = "null" if value is None else "unset"
        raise invalid(f"Invalid {kind} value for {what} selection on {shown}")
    return value  # type: ignore[no-any-return]


def compile_slice(terms: Terms, term: SliceOf, receiver: ColumnSpec) -> Expression:
    """Return the part of a set or map whose keys are from one to another, both in it."""
    type = collection_of(terms, term.operand, "slice")
    operand = terms.compile(term.operand, None)
    spec = key_spec(terms, operand.shown, type)
    ends = [None if end is None else terms.compile(end, spec) for end in (term.low, term.high)]
    codec, key_codec = codec_of(type), codec_of(type.parameters[0])
    to_key = comparing(key_codec)
    is_map, empty = type.name == "map", None if type.is_multicell else put_together(codec, [])
    parts = [operand, *(end for end in ends if end is not None)]

    def make(values: Sequence[RowValue]) -> RowValue:
        given, *rest = values
        limits = iter(rest)
        low, high = (None if end is None else next(limits) for end in ends)

        def value(run: Run, row: Sequence[Stored]) -> Stored:
            least = _end(low, run, row, operand.shown, key_codec)
            most = _end(high, run, row, operand.shown, key_codec)
            found: Any = given(run, row)
            if found is None:
                return None
            kept = []
            for part in take_apart(codec, found):
                key = to_key(part[0] if is_map else part)
                if (least is None or key >= least) and (most is None or key <= most):
                    kept.append(part)
            return put_together(codec, kept) if kept else empty

        return value

    shown = ["" if end is None else end.shown for end in ends]
    text = f"{operand.shown}[{shown[0]}..{shown[1]}]"
    return fitted(joined(type, text, parts, make), receiver.type)


def _end(
    end: RowValue | None, run: Run, row: Sequence[Stored], shown: str, codec: Any
) -> bytes | None:
    """Return a slice's end as a key; one that is left unset is none."""
    if end is None:
        return None
    found: Any = end(run, row)
    if found is UNSET:
        return None
    return comparing(codec)(_key(found, "slice", shown))
