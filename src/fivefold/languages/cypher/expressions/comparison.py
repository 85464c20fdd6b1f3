"""Equality, order and membership: = <> < <= > >= IN."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from fivefold.languages.cypher import tree
from fivefold.languages.cypher.expressions.access import wrong_type
from fivefold.languages.cypher.expressions.compiler import Compiler, Constant, Evaluate, folded
from fivefold.languages.cypher.expressions.operands import NUMBERS, Operation, compile_operands
from fivefold.languages.cypher.graph import Row, Run
from fivefold.values.graph.order import equals, less, less_or_equal

_SIMPLE = frozenset((int, float, str, bool))
"""Types whose values Python compares as Cypher does."""


def _unequal(one: Any, two: Any) -> bool | None:
    equal = equals(one, two)
    return None if equal is None else not equal


def _more(one: Any, two: Any) -> bool | None:
    return less(two, one)


def _more_or_equal(one: Any, two: Any) -> bool | None:
    return less_or_equal(two, one)


_COMPARISONS: dict[str, tuple[Operation, Operation]] = {
    "=": (operator.eq, equals),
    "<>": (operator.ne, _unequal),
    "<": (operator.lt, less),
    "<=": (operator.le, less_or_equal),
    ">": (operator.gt, _more),
    ">=": (operator.ge, _more_or_equal),
}
"""Each comparison of two simple values, and of any two."""


def _comparison(expression: tree.Binary, compiler: Compiler) -> Evaluate:
    simple, general = _COMPARISONS[expression.op]
    return compile_operands(expression, compiler, simple, _SIMPLE, general)


def _in(expression: tree.Binary, compiler: Compiler) -> Evaluate:
    left, right, at = compiler.part(expression.left), compiler.part(expression.right), expression.at
    if isinstance(right, Constant) and type(right.value) is list:
        return folded(_in_constant(left, right.value), left)

    def evaluate(row: Row, run: Run) -> Any:
        one, many = left(row, run), right(row, run)
        if type(many) is list:
            return contains(many, one)
        if many is None:
            return None
        raise wrong_type("List", many, at)

    return folded(evaluate, left, right)


def _in_constant(left: Evaluate, many: list[Any]) -> Evaluate:
    """Look a value up in a set if the list's elements are all strings, or all numbers."""
    kinds = set(map(type, many))
    fitting = frozenset((str,)) if kinds == {str} else NUMBERS if kinds <= NUMBERS else frozenset()
    members = frozenset(many) if fitting else frozenset()

    def evaluate(row: Row, run: Run) -> Any:
        one = left(row, run)
        if type(one) in fitting:
            return one == one and one in members
        return contains(many, one)

    return evaluate


def contains(many: list[Any], one: Any) -> bool | None:
    """Return whether ``one`` equals an element; None where nulls leave it open."""
    answer: bool | None = False
    kind = type(one)
    is_simple = kind in _SIMPLE
    for element in many:
        if is_simple and type(element) is kind:
            if element == one:
                return True
            continue
        equal = equals(one, element)
        if equal:
            return True
        if equal is None:
            answer = None
    return answer


OPERATORS: dict[str, Callable[[tree.Binary, Compiler], Evaluate]] = {
    **dict.fromkeys(_COMPARISONS, _comparison),
    "in": _in,
}
