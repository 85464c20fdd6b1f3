"""Calls of functions, and what are calls behind the scenes: operators and casts.

Source: "Functions" and "Arithmetic operators" of Cassandra's CQL reference.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

from fivefold.errors import InvalidStatement, InvalidValue
from fivefold.languages.cql.results import ColumnSpec
from fivefold.languages.cql.terms import metadata
from fivefold.languages.cql.terms.expressions import (
    Aggregation,
    Expression,
    aggregations_of,
    fitted,
    is_set,
    joined,
)
from fivefold.languages.cql.terms.functions import COUNT_ROWS, candidates_of, factory_of
from fivefold.languages.cql.terms.functions.calling import called
from fivefold.languages.cql.terms.functions.javamath import NUMBERS
from fivefold.languages.cql.terms.functions.signatures import Function
from fivefold.languages.cql.terms.literals import is_null
from fivefold.languages.cql.terms.matching import Match, matching, takes
from fivefold.languages.cql.terms.resolve import OPERATORS, Argument, from_factory, resolve
from fivefold.languages.cql.terms.selected import RowValue
from fivefold.languages.cql.terms.texts import text, written
from fivefold.languages.cql.tree import Arithmetic, Call, Cast, Constant, Marker, Negation, Term
from fivefold.values.cql.faults import invalid
from fivefold.values.cql.names import type_text
from fivefold.values.cql.types import SCALARS, CqlType

if TYPE_CHECKING:
    from fivefold.languages.cql.terms.compiling import Terms

Called = Call | Arithmetic | Negation | Cast

_PLACES = itertools.count()

_FUNCTIONS = {operator: name for name, operator in OPERATORS.items()}


class _Given:
    """An argument, as the choice of a function sees it."""

    def __init__(self, terms: Terms, term: Term) -> None:
        self._terms = terms
        self._term = term

    @property
    def text(self) -> str:
        return text(self._term)

    @property
    def is_marker(self) -> bool:
        return isinstance(self._term, Marker)

    def preferred(self) -> CqlType | None:
        return self._terms.exact(self._term) or self._terms.preferred(self._term)

    def match(self, receiver: CqlType) -> Match:
        return self._terms.match(self._term, receiver)


def exact(terms: Terms, term: Called) -> CqlType | None:
    """Return the type of a call's result; None if it cannot be known without a receiver."""
    if terms.selects:
        found = metadata.type_of(terms, term)
        return _selected(terms, term)[0] if found is None else found
    try:
        function = _function(terms, term, None)
    except (InvalidStatement, InvalidValue):
        return None  # its own error comes when it is compiled
    return None if function is None else function.returns


def _selected(terms: Terms, term: Called) -> tuple[CqlType, Function | None]:
    """Return the type of a selection's call, and its function; None is a cast to what it is."""
    if isinstance(term, Cast):
        target = _target(term)
        if terms.exact(term.operand) == target:
            return target, None
    function = _function(terms, term, None)
    if function is None:
        raise invalid(f"Unknown function '{_named(term)}'")
    return function.returns, function


def _target(term: Cast) -> CqlType:
    name = term.type.name
    if name not in CASTS_TO or term.type.keyspace is not None or term.type.parameters:
        raise invalid(f"{text(term.operand)} cannot be cast to {written(term.type)}")
    return SCALARS[name]


CASTS_TO = frozenset((*NUMBERS[:-1], "text", "ascii", "timestamp", "date"))


def match(terms: Terms, term: Called, receiver: CqlType) -> Match:
    """Say how a call's result goes into a receiver, which may choose the function."""
    if terms.selects:
        found = exact(terms, term)
        return Match.NOT if found is None else matching(receiver, found)
    try:
        function = _function(terms, term, receiver)
    except (InvalidStatement, InvalidValue):
        return Match.WEAKLY  # its own error comes when it is compiled
    if function is None or function.by_factory:
        return Match.WEAKLY
    if function.returns == receiver:
        return Match.EXACTLY
    return Match.WEAKLY if takes(receiver, function.returns) else Match.NOT


def _parts(term: Called) -> tuple[str, Sequence[Term]]:
    match term:
        case Call((_, name), arguments):
            return name, arguments
        case Arithmetic(operator, left, right):
            return _FUNCTIONS[operator], (left, right)
        case Negation(operand):
            return "_negate", (operand,)
        case Cast(operand):
            return f"cast_as_{_target(term).name}", (operand,)


def _named(term: Called) -> str:
    if isinstance(term, Call) and term.name[0] is not None:
        return f"{term.name[0]}.{term.name[1]}"
    return _parts(term)[0]


def _function(terms: Terms, term: Called, receiver: CqlType | None) -> Function | None:
    """Return the function that is meant, None if there is none of that name."""
    name, arguments = _parts(term)
    if isinstance(term, Call):
        if term.name[0] not in (None, "system"):
            return None
        if terms.selects and name == "count" and _counts_rows(term):
            return COUNT_ROWS
    given: list[Argument] = [_Given(terms, argument) for argument in arguments]
    factory = factory_of(name)
    if factory is not None:
        return from_factory(factory, given, receiver)
    candidates = candidates_of(name, terms.scope)
    return resolve(name, candidates, given, receiver) if candidates else None


def _counts_rows(term: Call) -> bool:
    if term.star:
        return True
    first = term.arguments[0] if len(term.arguments) == 1 else None
    return isinstance(first, Constant) and not is_null(first)


def compile(terms: Terms, term: Called, receiver: ColumnSpec) -> Expression:
    """Return a call."""
    if terms.selects:
        found = metadata.compile(terms, term)
        if found is not None:
            return fitted(found, receiver.type)
        function = _selected(terms, term)[1]
        if function is None:
            assert isinstance(term, Cast)
            return terms.compile(term.operand, None)
    else:
        function = _function(terms, term, receiver.type)
        _check(term, function, receiver)
    assert function is not None
    arguments = _parts(term)[1][: len(function.arguments)]
    parts = [
        terms.compile(argument, terms.argument(function.name, place, type))
        for place, (argument, type) in enumerate(zip(arguments, function.arguments, strict=True))
    ]
    shown = _shown(term, function, [part.shown for part in parts])
    if function.start is not None:
        return fitted(_aggregate(function, parts, shown), receiver.type)
    message = f"Invalid unset value for argument in call to function {function.name}"

    def make(values: Sequence[RowValue]) -> RowValue:
        return called(function, [is_set(v, p, message) for v, p in zip(values, parts, strict=True)])

    pure = function.pure and not function.needs_run
    found = joined(function.returns, shown, parts, make, pure=pure)
    return fitted(found, receiver.type)


def _check(term: Called, function: Function | None, receiver: ColumnSpec) -> None:
    if function is None:
        raise invalid(f"Unknown function {_named(term)} called")
    if function.start is not None:
        raise invalid("Aggregation function are not supported in the where clause")
    if matching(receiver.type, function.returns) is Match.NOT:
        operator = OPERATORS.get(function.name)
        what = f"operation {operator}" if operator else f"function system.{function.name}"
        raise invalid(
            f"Type error: cannot assign result of {what} (type {type_text(function.returns)})"
            f" to {receiver.name} (type {type_text(receiver.type)})"
        )


def _shown(term: Called, function: Function, arguments: Sequence[str]) -> str:
    match term:
        case Arithmetic(operator):
            return f"{arguments[0]} {operator} {arguments[1]}"
        case Negation():
            return f"-{arguments[0]}"
        case Cast():
            return f"cast({arguments[0]} as {function.returns.name})"
    if function.label is not None:
        return function.label
    if function.name.startswith("cast_as_"):
        return f"cast({arguments[0]} as {function.returns.name})"
    return f"system.{function.name}({', '.join(arguments)})"


def _aggregate(function: Function, parts: Sequence[Expression], shown: str) -> Expression:
    """Return an aggregate's result; rows of groups end with those of their aggregates."""
    assert function.start is not None
    if any(map(aggregations_of, parts)):
        raise invalid("aggregate functions cannot be used as arguments of aggregate functions")
    column = parts[0].column if len(parts) == 1 else None
    place = f"aggregate {next(_PLACES)}"
    aggregation = Aggregation(function, tuple(parts), column, place)
    columns = dict.fromkeys(column for part in parts for column in part.columns)
    return Expression(
        function.returns,
        shown,
        lambda positions: _result(positions[place]),
        columns=tuple(columns),
        needs_cells=any(part.needs_cells for part in parts),
        aggregations=(aggregation,),
    )


def _result(place: int) -> RowValue:
    return lambda _run, row: row[place]
