"""Equality, order and membership: = <> < <= > >= IN."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from fivefold.languages.cypher import tree
from fivefold.languages.cypher.expressions.compiler import Compiler, Evaluate, folded
from fivefold.languages.cypher.graph import Row, Run
from fivefold.values.graph.faults import fault
from fivefold.values.graph.order import equals, less, less_or_equal
from fivefold.values.graph.types import word_of

_SIMPLE = frozenset((int, str, float, bool))
"""Types whose values of one type Python compares as Cypher does."""
_ORDERED = frozenset((int, str, float))


def _equal(expression: tree.Binary, compiler: Compiler) -> Evaluate:
    left, right = compiler.part(expression.left), compiler.part(expression.right)

    def evaluate(row: Row, run: Run) -> Any:
        one, two = left(row, run), right(row, run)
        kind = type(one)
        if kind is type(two) and kind in _SIMPLE:
            return one == two
        return equals(one, two)

    return folded(evaluate, left, right)


def _unequal(expression: tree.Binary, compiler: Compiler) -> Evaluate:
    left, right = compiler.part(expression.left), compiler.part(expression.right)

    def evaluate(row: Row, run: Run) -> Any:
        one, two = left(row, run), right(row, run)
        kind = type(one)
        if kind is type(two) and kind in _SIMPLE:
            return one != two
        equal = equals(one, two)
        return None if equal is None else not equal

    return folded(evaluate, left, right)


def _flipped(compare: Callable[[Any, Any], bool | None]) -> Callable[[Any, Any], bool | None]:
    def flipped(one: Any, two: Any) -> bool | None:
        return compare(two, one)

    return flipped


_ORDER: dict[str, tuple[Callable[[Any, Any], bool], Callable[[Any, Any], bool | None]]] = {
    "<": (operator.lt, less),
    "<=": (operator.le, less_or_equal),
    ">": (operator.gt, _flipped(less)),
    ">=": (operator.ge, _flipped(less_or_equal)),
}
"""Each comparison of simple values of one type, and of any two."""


def _ordered(expression: tree.Binary, compiler: Compiler) -> Evaluate:
    left, right = compiler.part(expression.left), compiler.part(expression.right)
    simple, general = _ORDER[expression.op]

    def evaluate(row: Row, run: Run) -> Any:
        one, two = left(row, run), right(row, run)
        kind = type(one)
        if kind is type(two) and kind in _ORDERED:
            return simple(one, two)
        return general(one, two)

    return folded(evaluate, left, right)


def _in(expression: tree.Binary, compiler: Compiler) -> Evaluate:
    left, right, at = compiler.part(expression.left), compiler.part(expression.right), expression.at

    def evaluate(row: Row, run: Run) -> Any:
        one, many = left(row, run), right(row, run)
        if type(many) is list:
            return contains(many, one)
        if many is None:
            return None
        raise fault(
            "InvalidArgumentType",
            f"Type mismatch: expected List but was {word_of(many)}",
            type="TypeError",
            at=at,
        )

    return folded(evaluate, left, right)


def contains(many: list[Any], one: Any) -> bool | None:
    """Return whether ``one`` equals an element; None where nulls leave it open."""
    answer: bool | None = False
    for element in many:
        equal = equals(one, element)
        if equal:
            return True
        if equal is None:
            answer = None
    return answer


OPERATORS: dict[str, Callable[[tree.Binary, Compiler], Evaluate]] = {
    "=": _equal,
    "<>": _unequal,
    **dict.fromkeys(_ORDER, _ordered),
    "in": _in,
}
