"""Which type converts to which, in what context, and the coercion of a bound expression.

Source: the PostgreSQL manual, 10.3 "Functions" to 10.5 "UNION, CASE, and Related Constructs",
"CREATE
CAST", and pg_cast. Context says how willing a conversion is: IMPLICIT happens anywhere, ASSIGNMENT
when a value
is stored, EXPLICIT only where written.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from functools import lru_cache

from fivefold.errors import FivefoldError, InvalidStatement
from fivefold.languages.sql.bind import nodes
from fivefold.languages.sql.bind.state import State
from fivefold.plan import nodes as exp
from fivefold.plan.statement import type_of
from fivefold.values.castings import CASTS
from fivefold.values.text import Relative, parse
from fivefold.values.types import (
    NUMBERS,
    OID,
    REFERENCES,
    TEXT,
    TEXTS,
    UNKNOWN,
    VECTOR_ELEMENTS,
    Kind,
    Type,
)


class Ease(IntEnum):
    """How willing a conversion must be."""

    IMPLICIT = 0
    ASSIGNMENT = 1
    EXPLICIT = 2


_EASE: dict[tuple[Kind, Kind], Ease] = {
    pair: Ease[context.upper()] for pair, context in CASTS.items()
}
_WRITTEN = frozenset({Kind.TEXT, Kind.VARCHAR, Kind.BPCHAR, Kind.NAME})
_NO_VALUE = frozenset({Kind.VOID, Kind.RECORD})

_CATEGORIES: dict[Kind, str] = {
    **dict.fromkeys(NUMBERS, "N"),
    **dict.fromkeys(REFERENCES, "N"),
    Kind.CHAR: "Z",
    Kind.INT2VECTOR: "A",
    Kind.OIDVECTOR: "A",
    **dict.fromkeys(TEXTS, "S"),
    Kind.BOOLEAN: "B",
    Kind.DATE: "D",
    Kind.TIME: "D",
    Kind.TIMESTAMP: "D",
    Kind.TIMESTAMPTZ: "D",
    Kind.INTERVAL: "T",
    Kind.ARRAY: "A",
    Kind.ENUM: "E",
    Kind.UNKNOWN: "X",
    Kind.RECORD: "P",
    Kind.VOID: "P",
}
PREFERRED = frozenset(
    {Kind.FLOAT8, Kind.OID, Kind.TEXT, Kind.TIMESTAMPTZ, Kind.INTERVAL, Kind.BOOLEAN}
)


def category(type_: Type) -> str:
    """Return PostgreSQL's letter for the family that a type belongs to."""
    return _CATEGORIES.get(type_.kind, "U")


def bare(type_: Type) -> Type:
    """Return the type without its modifiers."""
    if type_.length is None and type_.precision is None and type_.element is None:
        return type_
    return _bare(type_)


@lru_cache(512)
def _bare(type_: Type) -> Type:
    return Type(type_.kind, element=None if type_.element is None else bare(type_.element))


@lru_cache(4096)
def castable(source: Type, target: Type, ease: Ease) -> bool:
    """Say whether a value of ``source`` converts to ``target`` where ``ease`` is asked."""
    if source.kind is Kind.UNKNOWN:
        return True
    if source.element is not None and target.element is not None:
        return castable(source.element, target.element, ease)
    if target.element is not None and VECTOR_ELEMENTS.get(source.kind) == target.element:
        return True
    if source.kind is target.kind:
        if source.kind is Kind.RECORD:
            return not target.fields or _same_fields(source, target)
        return source.kind is not Kind.ENUM or source.name == target.name
    if target.kind in _NO_VALUE or source.kind is Kind.VOID:
        return False
    found = _EASE.get((source.kind, target.kind))
    if found is not None:
        return found <= ease
    if target.kind in _WRITTEN:
        return ease >= Ease.ASSIGNMENT
    return source.kind in _WRITTEN and ease is Ease.EXPLICIT


def _same_fields(source: Type, target: Type) -> bool:
    return [bare(one) for _, one in source.fields] == [bare(one) for _, one in target.fields]


def settle(state: State, node: exp.Expr) -> exp.Expr:
    """Give an expression of unknown type the type text, as PostgreSQL does at a query's edge."""
    return coerce(state, node, TEXT, Ease.IMPLICIT) if type_of(node) == UNKNOWN else node


def coerce(
    state: State, node: exp.Expr, target: Type, ease: Ease, at: int | None = None
) -> exp.Expr:
    """Return ``node`` converted to ``target`` (its modifiers applied); the caller knows it is
    castable.

    Literals without a type are read as one of ``target``: raises InvalidValue if they are none.
    """
    source = type_of(node)
    if source == target or (target.kind is Kind.RECORD and not target.fields):
        return node
    if source.kind is Kind.UNKNOWN:
        node = _coerce_unknown(state, node, target)
        if type_of(node) == target:
            return node
        source = type_of(node)
    elif isinstance(node, exp.Literal) and _widens(source, target) and not _is_rounded(node):
        return _reread(node, target, ease)
    if bare(source) == target and ease is Ease.IMPLICIT:
        return node  # only a modifier is dropped: the same stored form
    made = nodes.cast_node(node, target, assignment=ease is Ease.ASSIGNMENT, at=at)
    made.meta["implicit"] = ease is not Ease.EXPLICIT
    return made


def _labelled(node: exp.Expr, target: Type) -> exp.Expr:
    node.meta["type"] = target
    return node


_WIDER = ("int2", "int4", "int8", "numeric", "float4", "float8")


def _widens(source: Type, target: Type) -> bool:
    return (
        source.kind in NUMBERS
        and target.kind in NUMBERS
        and target.precision is None
        and _WIDER.index(source.kind) < _WIDER.index(target.kind)
    )


def _is_rounded(node: exp.Literal) -> bool:
    """Say whether a lifted literal would lose, read from the text again, what float4 cut off."""
    return "lift" in node.meta and type_of(node).kind is Kind.FLOAT4


def _reread(node: exp.Literal, target: Type, ease: Ease) -> exp.Expr:
    made = nodes.literal(parse(target, node.this), target, nodes.at_of(node))
    made.meta["written"] = node
    made.meta["implicit"] = ease is not Ease.EXPLICIT
    if "lift" in node.meta:
        made.meta["lift"] = node.meta["lift"]
    return made


def _coerce_unknown(state: State, node: exp.Expr, target: Type) -> exp.Expr:
    plain = bare(target)
    if isinstance(node, exp.Parameter):
        number = int(node.this.this)
        known = state.parameters[number]
        if known == UNKNOWN:
            state.parameters[number] = known = plain
        elif known != plain:
            raise InvalidStatement(
                f"inconsistent types deduced for parameter ${number}",
                "ambiguous_parameter",
                detail=f"{known} versus {plain}",
                position=nodes.position_of(node),
            )
        return _labelled(node, known)
    if isinstance(node, exp.Null):
        return _labelled(node, plain)
    if not isinstance(node, exp.Literal):
        cast = nodes.cast_node(node, plain)
        cast.meta["implicit"] = True
        return cast
    if target.kind in REFERENCES and target != OID:
        from fivefold.languages.sql.bind.relations import named_object

        return named_object(state, target, str(node.this), nodes.at_of(node))
    keeps = target.kind is Kind.INTERVAL or (
        not state.faithful
        and target.kind in (Kind.NUMERIC, Kind.TIME, Kind.TIMESTAMP, Kind.TIMESTAMPTZ)
    )
    try:
        read = target if keeps else plain
        value = parse(read, node.this, zone=state.context.zone)
    except Relative as error:
        error.position = nodes.position_of(node)
        if "lift" in node.meta or state.quiet or state.notes is not None:
            raise
        return _read_later(node, plain)
    except FivefoldError as error:
        error.position = nodes.position_of(node)
        raise
    made = nodes.literal(value, read, nodes.at_of(node))
    made.meta["untyped"] = True
    if "lift" in node.meta:
        made.meta["lift"] = node.meta["lift"]
    return made


def _read_later(node: exp.Literal, target: Type) -> exp.Expr:
    """Return 'now' as what reads it when the statement runs, since its plan may be used again."""
    text = nodes.literal(str(node.this), TEXT, nodes.at_of(node))
    made = nodes.cast_node(text, target)
    made.meta["implicit"] = True
    return made


def common_type(types: Sequence[Type], construct: str, at: int = -1) -> Type:
    """Return the type to which UNION, CASE and their like bring all their parts (manual, 10.5).

    Raises InvalidStatement (datatype_mismatch) if there is none; all unknown gives text.
    """
    if all(type_ == types[0] for type_ in types) and types[0] != UNKNOWN:
        return types[0]
    chosen = UNKNOWN
    for given in types:
        type_ = bare(given)
        if type_ in (UNKNOWN, chosen):
            continue
        if chosen == UNKNOWN:
            chosen = type_
        elif category(type_) != category(chosen):
            raise InvalidStatement(
                f"{construct} types {chosen} and {type_} cannot be matched",
                "datatype_mismatch",
                position=at + 1 if at >= 0 else None,
            )
        elif (
            chosen.kind not in PREFERRED
            and castable(chosen, type_, Ease.IMPLICIT)
            and not castable(type_, chosen, Ease.IMPLICIT)
        ):
            chosen = type_
    if chosen == UNKNOWN:
        return TEXT
    for given in types:
        if not castable(given, chosen, Ease.IMPLICIT):
            raise InvalidStatement(
                f"{construct} could not convert type {given} to {chosen}",
                "cannot_coerce",
                position=at + 1 if at >= 0 else None,
            )
    return chosen


def require(state: State, node: exp.Expr, target: Type, construct: str) -> exp.Expr:
    """Coerce the argument of a clause: ``argument of WHERE must be type boolean, not type
    integer``.
    """
    found = type_of(node)
    if not castable(found, target, Ease.ASSIGNMENT if target.kind is Kind.INT8 else Ease.IMPLICIT):
        raise InvalidStatement(
            f"argument of {construct} must be type {target}, not type {bare(found)}",
            "datatype_mismatch",
            position=nodes.position_of(node),
        )
    return coerce(state, node, target, Ease.IMPLICIT)
