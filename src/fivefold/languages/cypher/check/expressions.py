"""Checks of expressions: are their variables bound, and do the types that are known fit?

Source: openCypher 9, "Expressions"; the Neo4j Cypher Manual 5, "Expressions".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import fivefold.languages.cypher.check.patterns as patterns
import fivefold.languages.cypher.check.queries as queries
from fivefold.errors import FivefoldError
from fivefold.languages.cypher import tree
from fivefold.languages.cypher.check.calls import check_call, check_count_star
from fivefold.languages.cypher.check.scope import Here, Scope, mismatch, require, undefined
from fivefold.languages.cypher.check.types import (
    ANY,
    BOOLEAN,
    DATE,
    DATETIME,
    DURATION,
    FLOAT,
    INSTANTS,
    INTEGER,
    LIST,
    LOCAL_DATETIME,
    LOCAL_TIME,
    MAP,
    NODE,
    NOTHING,
    NUMBER,
    NUMBERS,
    PATH,
    POINT,
    RELATIONSHIP,
    STRING,
    TIME,
    Type,
    joined,
    list_of,
    may_be,
    type_of_literal,
)
from fivefold.values.graph.faults import fault

_WITH_PROPERTIES = (
    *(MAP, NODE, RELATIONSHIP, POINT, DURATION, DATE, TIME, LOCAL_TIME, LOCAL_DATETIME),
    DATETIME,
)
_TOLD_WITH_PROPERTIES = (
    "Map, Node, Relationship, Point, Duration, Date, Time, LocalTime, LocalDateTime or DateTime"
)


def check(expression: tree.Expression, here: Here) -> Type:
    """Check an expression and return its type.

    Raises faults of the details that the kit knows: UndefinedVariable, InvalidArgumentType,
    InvalidAggregation, UnknownFunction and others.
    """
    return _CHECKS[type(expression)](expression, here)


def start(expression: tree.Expression) -> int:
    """Return where an expression begins in the query."""
    at: int = getattr(expression, "at", 0)
    return at


def check_type(expression: tree.Expression, here: Here, *wanted: Type) -> Type:
    """Check an expression that is to be of one of these types."""
    given = check(expression, here)
    require(given, start(expression), *wanted)
    return given


def check_condition(expression: tree.Expression | None, here: Here) -> None:
    """Check what follows WHERE, if anything does."""
    if expression is not None:
        check_type(expression, here, BOOLEAN)


def _literal(expression: tree.Literal, here: Here) -> Type:
    return type_of_literal(expression.value)


def _list(expression: tree.ListLiteral, here: Here) -> Type:
    return list_of(joined([check(item, here) for item in expression.items]))


def _map(expression: tree.MapLiteral, here: Here) -> Type:
    for _, value in expression.entries:
        check(value, here)
    return MAP


def _parameter(expression: tree.Parameter, here: Here) -> Type:
    here.state.parameters[expression.name] = None
    return ANY


def _variable(expression: tree.Variable, here: Here) -> Type:
    return variable(expression.name, expression.at, here)


def variable(name: str, at: int, here: Here) -> Type:
    """Return the type of a variable. Raises fault UndefinedVariable."""
    found = here.scope.get(name)
    if found is None:
        raise undefined(name, at)
    return found


def _property(expression: tree.Property, here: Here) -> Type:
    subject = check(expression.subject, here)
    if not may_be(subject, *_WITH_PROPERTIES):
        raise fault(
            "InvalidArgumentType",
            f"Type mismatch: expected {_TOLD_WITH_PROPERTIES} but was {subject}",
            at=start(expression.subject),
            # The kit tells values, which can have no components, from paths.
            type="SyntaxError" if subject == PATH else "TypeError",
            phase="compile",
        )
    return ANY


def _index(expression: tree.Index, here: Here) -> Type:
    subject = check(expression.subject, here)
    place = check(expression.index, here)
    if not may_be(subject, LIST, *_WITH_PROPERTIES):
        raise fault(
            "InvalidArgumentType",
            f"Type mismatch: expected {LIST} but was {subject}",
            at=start(expression.subject),
            type="TypeError",
            phase="compile",
        )
    if subject.item is not None and not may_be(place, INTEGER):
        raise _no_place("list index", INTEGER, place, expression)
    if subject == MAP and not may_be(place, STRING):
        raise _no_place("map key", STRING, place, expression)
    return ANY if subject.item is None or subject.item == NOTHING else subject.item


def _no_place(what: str, wanted: Type, given: Type, expression: tree.Index) -> FivefoldError:
    return fault(
        "ListElementAccessByNonInteger" if wanted == INTEGER else "MapElementAccessByNonString",
        f"Type mismatch: {what} must be given as {wanted}, but was {given}",
        at=start(expression.index),
        phase="compile",
    )


def _slice(expression: tree.Slice, here: Here) -> Type:
    subject = check(expression.subject, here)
    for bound in (expression.start, expression.end):
        if bound is not None:
            check_type(bound, here, INTEGER)
    return subject if subject.item is not None else LIST


def _has_labels(expression: tree.HasLabels, here: Here) -> Type:
    subject = check_type(expression.subject, here, NODE, RELATIONSHIP)
    patterns.note_labels(expression.labels, here, is_relationship=subject == RELATIONSHIP)
    return BOOLEAN


def _unary(expression: tree.Unary, here: Here) -> Type:
    if expression.op == "not":
        check_type(expression.operand, here, BOOLEAN)
        return BOOLEAN
    return check_type(expression.operand, here, NUMBER, DURATION)


def _binary(expression: tree.Binary, here: Here) -> Type:
    # A long chain is a deep tree on its left: it is walked without recursion.
    chain = [expression]
    while isinstance(chain[-1].left, tree.Binary):
        chain.append(chain[-1].left)
    left = check(chain[-1].left, here)
    for one in reversed(chain):
        right = check(one.right, here)
        left = _OPERATORS.get(one.op, _compared)(one, left, right)
    return left


def _compared(expression: tree.Binary, left: Type, right: Type) -> Type:
    return BOOLEAN


def _conditions(expression: tree.Binary, left: Type, right: Type) -> Type:
    require(left, start(expression.left), BOOLEAN)
    require(right, start(expression.right), BOOLEAN)
    return BOOLEAN


def _in(expression: tree.Binary, left: Type, right: Type) -> Type:
    require(right, start(expression.right), LIST)
    return BOOLEAN


_NUMERIC = {(INTEGER, INTEGER): INTEGER, (FLOAT, FLOAT): FLOAT}
_UNADDABLE = frozenset((BOOLEAN, MAP, NODE, RELATIONSHIP, PATH, POINT))


def _numbers(left: Type, right: Type) -> Type:
    """Return the type of what is calculated from two numbers."""
    if FLOAT in (left, right) and {left, right} <= NUMBERS:
        return FLOAT
    return _NUMERIC.get((left, right), NUMBER if {left, right} <= NUMBERS else ANY)


def _plus(expression: tree.Binary, left: Type, right: Type) -> Type:
    if left.item is not None or right.item is not None:
        return LIST
    if STRING in (left, right) and not {left, right} & _UNADDABLE:
        return STRING
    if ANY in (left, right) or NOTHING in (left, right):
        return ANY
    if {left, right} <= NUMBERS:
        return _numbers(left, right)
    if left == DURATION and right in INSTANTS | {DURATION}:
        return right
    if right == DURATION and left in INSTANTS:
        return left
    raise mismatch(_ADDED.get(left, (NUMBER, STRING, LIST)), right, start(expression.right))


_ADDED = {
    **dict.fromkeys(NUMBERS, (FLOAT, INTEGER, STRING, LIST)),
    STRING: (FLOAT, INTEGER, STRING, LIST),
    **dict.fromkeys(INSTANTS, (DURATION, LIST)),
    DURATION: (*INSTANTS, DURATION, LIST),
}


def _joined_up(expression: tree.Binary, left: Type, right: Type) -> Type:
    require(left, start(expression.left), STRING, LIST)
    wanted = (STRING,) if left == STRING else (LIST,) if left.item is not None else (STRING, LIST)
    require(right, start(expression.right), *wanted)
    return right if left in (ANY, NOTHING) else left


def _minus(expression: tree.Binary, left: Type, right: Type) -> Type:
    require(left, start(expression.left), NUMBER, DURATION, *INSTANTS)
    if left in NUMBERS:
        require(right, start(expression.right), NUMBER)
    else:
        require(right, start(expression.right), NUMBER, DURATION)
    return left if left in INSTANTS or left == DURATION else _numbers(left, right)


def _times(expression: tree.Binary, left: Type, right: Type) -> Type:
    require(left, start(expression.left), NUMBER, DURATION)
    require(right, start(expression.right), NUMBER, DURATION)
    return DURATION if DURATION in (left, right) else _numbers(left, right)


def _divided(expression: tree.Binary, left: Type, right: Type) -> Type:
    require(left, start(expression.left), NUMBER, DURATION)
    require(right, start(expression.right), NUMBER)
    return DURATION if left == DURATION else _numbers(left, right)


def _calculated(expression: tree.Binary, left: Type, right: Type) -> Type:
    require(left, start(expression.left), NUMBER)
    require(right, start(expression.right), NUMBER)
    return FLOAT if expression.op == "^" else _numbers(left, right)


_OPERATORS: dict[str, Callable[[tree.Binary, Type, Type], Type]] = {
    **dict.fromkeys(("and", "or", "xor"), _conditions),
    "in": _in,
    "+": _plus,
    "||": _joined_up,
    "-": _minus,
    "*": _times,
    "/": _divided,
    "%": _calculated,
    "^": _calculated,
}


def _is_null(expression: tree.IsNull | tree.IsTyped, here: Here) -> Type:
    check(expression.operand, here)
    return BOOLEAN


def _case(expression: tree.Case, here: Here) -> Type:
    if expression.subject is not None:
        check(expression.subject, here)
    results = []
    for when, then in expression.whens:
        if expression.subject is None:
            check_condition(when, here)
        else:
            check(when, here)
        results.append(check(then, here))
    if expression.otherwise is not None:
        results.append(check(expression.otherwise, here))
    return joined(results)


def element_of(source: tree.Expression, here: Here) -> Type:
    """Check what is to be a list and return the type of its elements."""
    item = check_type(source, here, LIST).item
    return ANY if item is None or item == NOTHING else item


def _list_comprehension(expression: tree.ListComprehension, here: Here) -> Type:
    element = element_of(expression.source, here)
    inside = here.repeated({expression.variable: element})
    check_condition(expression.where, inside)
    return list_of(element if expression.body is None else check(expression.body, inside))


def _pattern_comprehension(expression: tree.PatternComprehension, here: Here) -> Type:
    here.state.reads = True
    inside = here.repeated({})
    patterns.bind([expression.pattern], inside)
    patterns.check_contents(expression.pattern, inside)
    check_condition(expression.where, inside)
    return list_of(check(expression.body, inside))


def _quantifier(expression: tree.Quantifier, here: Here) -> Type:
    inside = here.repeated({expression.variable: element_of(expression.source, here)})
    check_condition(expression.where, inside)
    return BOOLEAN


def _reduce(expression: tree.Reduce, here: Here) -> Type:
    check(expression.initial, here)
    element = element_of(expression.source, here)
    check(
        expression.body,
        here.repeated({expression.accumulator: ANY, expression.variable: element}),
    )
    return ANY


def _map_projection(expression: tree.MapProjection, here: Here) -> Type:
    check_type(expression.subject, here, MAP, NODE, RELATIONSHIP)
    for kind, name, value in expression.items:
        if kind == "variable":
            variable(name, expression.at, here)
        elif value is not None:
            check(value, here)
    return MAP


def _pattern_predicate(expression: tree.PatternPredicate, here: Here) -> Type:
    here.state.reads = True
    patterns.refuse_new_variables(expression.pattern, here)
    inside = here.repeated({})
    patterns.bind([expression.pattern], inside)
    patterns.check_contents(expression.pattern, inside)
    return BOOLEAN


def _pattern_paths(expression: tree.PatternPaths, here: Here) -> Type:
    _pattern_predicate(tree.PatternPredicate(expression.pattern, expression.at), here)
    return list_of(PATH) if expression.pattern.shortest is tree.Shortest.ALL else PATH


_SUBQUERIES = {"exists": BOOLEAN, "count": INTEGER, "collect": LIST}


def _subquery(expression: tree.Subquery, here: Here) -> Type:
    here.state.reads = True
    columns = queries.check_inner(expression.query, Scope({}, here.scope), here.state)
    if expression.kind == "collect":
        if columns is None or len(columns) != 1:
            message = "A Collect Expression must end with a single return column."
            raise fault("InvalidClauseComposition", message, at=expression.at)
        return list_of(next(iter(columns.values())))
    return _SUBQUERIES[expression.kind]


_CHECKS: dict[type, Callable[[Any, Here], Type]] = {
    tree.Literal: _literal,
    tree.ListLiteral: _list,
    tree.MapLiteral: _map,
    tree.Parameter: _parameter,
    tree.Variable: _variable,
    tree.Property: _property,
    tree.Index: _index,
    tree.Slice: _slice,
    tree.HasLabels: _has_labels,
    tree.Unary: _unary,
    tree.Binary: _binary,
    tree.IsNull: _is_null,
    tree.IsTyped: _is_null,
    tree.Call: check_call,
    tree.CountStar: check_count_star,
    tree.Case: _case,
    tree.ListComprehension: _list_comprehension,
    tree.PatternComprehension: _pattern_comprehension,
    tree.Quantifier: _quantifier,
    tree.Reduce: _reduce,
    tree.MapProjection: _map_projection,
    tree.PatternPredicate: _pattern_predicate,
    tree.PatternPaths: _pattern_paths,
    tree.Subquery: _subquery,
}
