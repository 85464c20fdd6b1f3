"""Literals of collections, tuples, vectors and user types.

Source: "Working with collections", "Tuples" and "User-defined types" of Cassandra's CQL reference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from fivefold.languages.cql.results import ColumnSpec
from fivefold.languages.cql.run import Run
from fivefold.languages.cql.terms.expressions import Expression, is_set, joined
from fivefold.languages.cql.terms.matching import Match
from fivefold.languages.cql.terms.selected import RowValue
from fivefold.languages.cql.terms.texts import text
from fivefold.languages.cql.tree import (
    ColumnName,
    Constant,
    ListLiteral,
    MapLiteral,
    Marker,
    SetLiteral,
    Term,
    TupleLiteral,
    UserLiteral,
)
from fivefold.values.cql.codecs import codec_of
from fivefold.values.cql.collections import put_together
from fivefold.values.cql.faults import invalid
from fivefold.values.cql.names import type_text
from fivefold.values.cql.types import CqlType, list_of, map_of, set_of, tuple_of
from fivefold.values.types import Stored

if TYPE_CHECKING:
    from fivefold.languages.cql.terms.compiling import Terms

Typing = Callable[[Term], CqlType | None]


def inner(receiver: ColumnSpec, name: str, type: CqlType) -> ColumnSpec:
    """Return the receiver of what stands inside a literal."""
    return ColumnSpec(receiver.keyspace, receiver.table, name, type)


def _first(typing: Typing, items: Iterable[Term]) -> CqlType | None:
    return next(filter(None, map(typing, items)), None)


def _all(matches: Iterable[Match]) -> Match:
    found = Match.EXACTLY
    some = False
    for match in matches:
        some = True
        if match is Match.NOT:
            return match
        if match is Match.WEAKLY:
            found = match
    return found if some else Match.WEAKLY


# Lists and vectors


def list_exact(terms: Terms, term: ListLiteral) -> CqlType | None:
    """Return the type of a list, by the first of its items that has one."""
    found = _first(terms.exact, term.items)
    return None if found is None else list_of(found)


def list_preferred(terms: Terms, term: ListLiteral) -> CqlType | None:
    """Return the type of a list of constants."""
    found = _first(terms.preferred, term.items)
    return None if found is None else list_of(found)


def list_match(terms: Terms, term: ListLiteral, receiver: CqlType) -> Match:
    """Say how a list goes into a receiver. Raises InvalidRequest if that is no list or vector."""
    if receiver.name not in ("list", "vector"):
        raise _no_list(receiver)
    element = receiver.parameters[0]
    return _all(terms.match(item, element) for item in term.items)


def _no_list(receiver: CqlType) -> Exception:
    return invalid(
        f"Unexpected receiver type '{type_text(receiver)}'; only list and vector are expected"
    )


def list_compile(terms: Terms, term: ListLiteral, receiver: ColumnSpec) -> Expression:
    """Return a list or a vector."""
    type = receiver.type
    if type.name not in ("list", "vector"):
        raise _no_list(type)
    if type.name == "vector" and len(term.items) != type.dimension:
        raise invalid(
            f"Invalid vector literal for {receiver.name} of type {type_text(type)};"
            f" expected {type.dimension} elements, but given {len(term.items)}"
        )
    where = "vectors" if type.name == "vector" else "collections"
    parts = _elements(terms, term.items, type.parameters[0], receiver, type.name)
    return _gathered(type, term, parts, where)


def _gathered(
    type: CqlType, term: Term, parts: Sequence[Expression], where: str = "collections"
) -> Expression:
    codec = codec_of(type)

    def made(values: Sequence[RowValue]) -> RowValue:
        def value(run: Run, row: Sequence[Stored]) -> Stored:
            return put_together(codec, [_some(each(run, row), where) for each in values])

        return value

    return _literal(type, term, parts, made)


def _elements(
    terms: Terms,
    items: Sequence[Term],
    type: CqlType,
    receiver: ColumnSpec,
    literal: str,
    role: str = "value",
) -> list[Expression]:
    name = receiver.name if terms.selects else f"{role}({receiver.name})"
    spec = inner(receiver, name, type)
    parts = []
    for item in items:
        shown = f"Invalid {literal} literal for {receiver.name}:"
        if literal != "vector" and not terms.selects and has_marker(item):
            raise invalid(f"{shown} bind variables are not supported inside collection literals")
        if terms.match(item, type) is Match.NOT:
            raise invalid(f"{shown} {role} {text(item)} is not of type {type_text(type)}")
        parts.append(terms.compile(item, spec))
    return parts


def has_marker(term: Term) -> bool:
    """Say whether there is a marker in a term."""
    match term:
        case Marker():
            return True
        case ListLiteral(items) | SetLiteral(items) | TupleLiteral(items):
            return any(map(has_marker, items))
        case MapLiteral(pairs):
            return any(has_marker(key) or has_marker(value) for key, value in pairs)
        case UserLiteral(fields):
            return any(has_marker(value) for _, value in fields)
    operands = [getattr(term, name, None) for name in ("operand", "left", "right")]
    operands += getattr(term, "arguments", ())
    return any(has_marker(operand) for operand in operands if operand is not None)


def _some(value: Stored, where: str = "collections") -> Any:
    if value is None:
        raise invalid(f"null is not supported inside {where}")
    return value


def _literal(
    type: CqlType,
    term: Term,
    parts: Sequence[Expression],
    make: Callable[[Sequence[RowValue]], RowValue],
) -> Expression:
    def checked(values: Sequence[RowValue]) -> RowValue:
        message = "unset value is not supported inside collections"
        return make([is_set(v, part, message) for v, part in zip(values, parts, strict=True)])

    return joined(type, text(term), parts, checked)


# Sets


def set_exact(terms: Terms, term: SetLiteral) -> CqlType | None:
    """Return the type of a set."""
    found = _first(terms.exact, term.items)
    return None if found is None else set_of(found)


def set_preferred(terms: Terms, term: SetLiteral) -> CqlType | None:
    """Return the type of a set of constants."""
    found = _first(terms.preferred, term.items)
    return None if found is None else set_of(found)


def set_match(terms: Terms, term: SetLiteral, receiver: CqlType) -> Match:
    """Say how a set goes into a receiver; what is empty may be a map."""
    if receiver.name == "map" and not term.items:
        return Match.WEAKLY
    if receiver.name != "set":
        return Match.NOT
    return _all(terms.match(item, receiver.parameters[0]) for item in term.items)


def set_compile(terms: Terms, term: SetLiteral, receiver: ColumnSpec) -> Expression:
    """Return a set, or an empty map."""
    type = receiver.type
    if type.name == "map" and not term.items:
        return map_compile(terms, MapLiteral(()), receiver)
    if type.name != "set":
        raise invalid(f"Invalid set literal for {receiver.name} of type {type_text(type)}")
    parts = _elements(terms, term.items, type.parameters[0], receiver, "set")
    return _gathered(type, term, parts)


# Maps


def map_exact(terms: Terms, term: MapLiteral) -> CqlType | None:
    """Return the type of a map; in a selection it has to be said."""
    return None if terms.selects else _map(terms.exact, term)


def map_preferred(terms: Terms, term: MapLiteral) -> CqlType | None:
    """Return the type of a map of constants."""
    return _map(terms.preferred, term)


def _map(typing: Typing, term: MapLiteral) -> CqlType | None:
    key = _first(typing, [key for key, _ in term.items])
    value = _first(typing, [value for _, value in term.items])
    return None if key is None or value is None else map_of(key, value)


def map_match(terms: Terms, term: MapLiteral, receiver: CqlType) -> Match:
    """Say how a map goes into a receiver."""
    if receiver.name != "map":
        return Match.NOT
    key, value = receiver.parameters
    return _all(terms.match(*pair) for a, b in term.items for pair in ((a, key), (b, value)))


def map_compile(terms: Terms, term: MapLiteral, receiver: ColumnSpec) -> Expression:
    """Return a map."""
    type = receiver.type
    if type.name != "map":
        raise invalid(f"Invalid map literal for {receiver.name} of type {type_text(type)}")
    keyed = [key for key, _ in term.items]
    keys = _elements(terms, keyed, type.parameters[0], receiver, "map", "key")
    valued = [value for _, value in term.items]
    values = _elements(terms, valued, type.parameters[1], receiver, "map")
    codec = codec_of(type)

    def made(parts: Sequence[RowValue]) -> RowValue:
        half = len(parts) // 2
        pairs = list(zip(parts[:half], parts[half:], strict=True))[::-1]  # the first one counts

        def value(run: Run, row: Sequence[Stored]) -> Stored:
            found = [(_some(key(run, row)), _some(item(run, row))) for key, item in pairs]
            return put_together(codec, found)

        return value

    return _literal(type, term, [*keys, *values], made)


# Tuples


def tuple_exact(terms: Terms, term: TupleLiteral) -> CqlType | None:
    """Return the type of a tuple all of whose parts have one."""
    return _tuple(terms.exact, term) if len(term.items) > 1 or not terms.selects else None


def tuple_preferred(terms: Terms, term: TupleLiteral) -> CqlType | None:
    """Return the type of a tuple; a term in brackets is the term."""
    if len(term.items) == 1:
        return terms.preferred(term.items[0])
    return _tuple(terms.preferred, term)


def _tuple(typing: Typing, term: TupleLiteral) -> CqlType | None:
    parts = []
    for item in term.items:
        found = typing(item)
        if found is None:
            return None
        parts.append(found)
    return tuple_of(*parts)


def tuple_match(terms: Terms, term: TupleLiteral, receiver: CqlType) -> Match:
    """Say how a tuple goes into a receiver; a term in brackets is the term."""
    if receiver.name != "tuple":
        return terms.match(term.items[0], receiver) if len(term.items) == 1 else Match.NOT
    if len(term.items) > len(receiver.parameters):
        return Match.NOT
    return _all(map(terms.match, term.items, receiver.parameters))


def tuple_compile(terms: Terms, term: TupleLiteral, receiver: ColumnSpec) -> Expression:
    """Return a tuple, or what stands in brackets."""
    type, name = receiver.type, receiver.name
    if type.name != "tuple":
        if len(term.items) == 1:
            found = terms.compile(term.items[0], receiver)
            return Expression(
                found.type, f"({found.shown})", found.bind, (found,), found.columns,
                found.needs_cells, constant=found.constant,
            )  # fmt: skip
        raise invalid(f"Invalid tuple type literal for {name} of type {type_text(type)}")
    wanted, given = len(type.parameters), len(term.items)
    if given > wanted:
        raise invalid(
            f"Invalid tuple literal for {name}: too many elements."
            f" Type {type_text(type)} expects {wanted} but got {given}"
        )
    parts = []
    for place, (item, part) in enumerate(zip(term.items, type.parameters, strict=False)):
        if terms.match(item, part) is Match.NOT:
            raise invalid(
                f"Invalid tuple literal for {name}: component {place}"
                f" is not of type {type_text(part)}"
            )
        spec = inner(receiver, name if terms.selects else f"{name}[{place}]", part)
        parts.append(terms.compile(item, spec))
    message = "Invalid unset value for tuple field number {}"
    messages = [message.format(place) for place in range(given)]
    return _composite(type, term, parts, list(range(given)), messages)


def _composite(
    type: CqlType,
    term: Term,
    parts: Sequence[Expression],
    places: Sequence[int],
    messages: Sequence[str],
) -> Expression:
    """Return a tuple or user type whose parts go to the places; the others are null."""
    size = len(type.fields or type.parameters)
    codec = codec_of(type)

    def made(values: Sequence[RowValue]) -> RowValue:
        steps = list(zip(places, map(is_set, values, parts, messages), strict=True))

        def value(run: Run, row: Sequence[Stored]) -> Stored:
            found: list[Any] = [None] * size
            for place, each in steps:
                found[place] = each(run, row)
            return put_together(codec, found)

        return value

    return joined(type, text(term), parts, made)


# User types


def user_match(terms: Terms, term: UserLiteral, receiver: CqlType) -> Match:
    """Say how a user type's value goes into a receiver."""
    as_map = _as_map(terms, term, receiver)
    if as_map is not None:
        return map_match(terms, as_map, receiver)
    if receiver.name != "udt":
        return Match.NOT
    try:
        _fields(terms, term, receiver, "")
    except Exception as error:
        if getattr(error, "number", None) is None:
            raise
        return Match.NOT
    return Match.WEAKLY


def _as_map(terms: Terms, term: UserLiteral, receiver: CqlType) -> MapLiteral | None:
    """Return a selection's ``{a: b}`` as a map, if it has to be one: ``a`` is a column then."""
    if receiver.name != "map" or not terms.selects:
        return None
    return MapLiteral(tuple((ColumnName(name), value) for name, value in term.items))


def _fields(terms: Terms, term: UserLiteral, type: CqlType, name: str) -> dict[str, CqlType]:
    known = dict(type.fields)
    for field, item in term.items:
        if field not in known:
            assert type.user is not None
            raise invalid(f"Unknown field '{field}' in value of user defined type {type.user[1]}")
        if terms.match(item, known[field]) is Match.NOT:
            raise invalid(
                f"Invalid user type literal for {name}: field {field}"
                f" is not of type {type_text(known[field])}"
            )
    return known


def user_compile(terms: Terms, term: UserLiteral, receiver: ColumnSpec) -> Expression:
    """Return a user type's value."""
    type, name = receiver.type, receiver.name
    as_map = _as_map(terms, term, type)
    if as_map is not None:
        return map_compile(terms, as_map, receiver)
    if type.name != "udt":
        raise invalid(f"Invalid user type literal for {name} of type {type_text(type)}")
    known = _fields(terms, term, type, name)
    places = {field: place for place, field in enumerate(known)}
    given = dict(term.items)
    parts = [
        terms.compile(
            item, inner(receiver, name if terms.selects else f"{name}.{field}", known[field])
        )
        for field, item in given.items()
    ]
    assert type.user is not None
    user = type.user[1]
    messages = [
        f"Invalid unset value for field '{field}' of user defined type {user}" for field in given
    ]
    return _composite(type, term, parts, [places[field] for field in given], messages)


def is_null(term: Term) -> bool:
    """Say whether a term is ``null``."""
    return isinstance(term, Constant) and term.kind == "null"
