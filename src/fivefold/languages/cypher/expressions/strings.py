"""Operators of strings: STARTS WITH, ENDS WITH, CONTAINS and ``=~``.

They are null of anything but two strings.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from fivefold.languages.cypher import tree
from fivefold.languages.cypher.expressions.access import wrong_type
from fivefold.languages.cypher.expressions.compiler import Compiler, Constant, Evaluate, folded
from fivefold.languages.cypher.expressions.operands import Operation, compile_operands
from fivefold.languages.cypher.graph import Row, Run

_STRING = frozenset((str,))
_TESTS: dict[str, Operation] = {
    "starts with": str.startswith,
    "ends with": str.endswith,
    "contains": operator.contains,
}


def _null(value: Any, part: Any) -> None:
    """Return the answer for anything but two strings."""


def _test(expression: tree.Binary, compiler: Compiler) -> Evaluate:
    return compile_operands(expression, compiler, _TESTS[expression.op], _STRING, _null)


def _matches(expression: tree.Binary, compiler: Compiler) -> Evaluate:
    from fivefold.languages.cypher.expressions.regexes import compile_regex

    left, right, at = compiler.part(expression.left), compiler.part(expression.right), expression.at
    if isinstance(right, Constant) and type(right.value) is str:
        pattern = right.value

        def matches_one(row: Row, run: Run) -> Any:
            value = left(row, run)
            return (
                compile_regex(pattern).fullmatch(value) is not None if type(value) is str else None
            )

        return folded(matches_one, left)

    def evaluate(row: Row, run: Run) -> Any:
        value, regex = left(row, run), right(row, run)
        if value is None or regex is None:
            return None
        if type(regex) is not str:
            raise wrong_type("String", regex, at)
        match = compile_regex(regex).fullmatch
        return match(value) is not None if type(value) is str else None

    return folded(evaluate, left, right)


OPERATORS: dict[str, Callable[[tree.Binary, Compiler], Evaluate]] = {
    **dict.fromkeys(_TESTS, _test),
    "=~": _matches,
}
