"""Operators of strings: STARTS WITH, ENDS WITH, CONTAINS and ``=~``.

They are null of anything but two strings.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fivefold.languages.cypher import tree
from fivefold.languages.cypher.expressions.access import wrong_type
from fivefold.languages.cypher.expressions.compiler import Compiler, Constant, Evaluate, folded
from fivefold.languages.cypher.expressions.regexes import compile_regex
from fivefold.languages.cypher.graph import Row, Run


def _contains(value: str, part: str) -> bool:
    return part in value


_TESTS: dict[str, Callable[[str, str], bool]] = {
    "starts with": str.startswith,
    "ends with": str.endswith,
    "contains": _contains,
}


def _test(expression: tree.Binary, compiler: Compiler) -> Evaluate:
    left, right = compiler.part(expression.left), compiler.part(expression.right)
    test = _TESTS[expression.op]

    def evaluate(row: Row, run: Run) -> Any:
        value, part = left(row, run), right(row, run)
        return test(value, part) if type(value) is str and type(part) is str else None

    return folded(evaluate, left, right)


def _matches(expression: tree.Binary, compiler: Compiler) -> Evaluate:
    left, right, at = compiler.part(expression.left), compiler.part(expression.right), expression.at
    if isinstance(right, Constant) and type(right.value) is str:
        return folded(_matches_one(left, right.value), left)

    def evaluate(row: Row, run: Run) -> Any:
        value, regex = left(row, run), right(row, run)
        if value is None or regex is None:
            return None
        if type(regex) is not str:
            raise wrong_type("String", regex, at)
        match = compile_regex(regex).fullmatch
        return match(value) is not None if type(value) is str else None

    return folded(evaluate, left, right)


def _matches_one(left: Evaluate, regex: str) -> Evaluate:
    def evaluate(row: Row, run: Run) -> Any:
        value = left(row, run)
        return compile_regex(regex).fullmatch(value) is not None if type(value) is str else None

    return evaluate


OPERATORS: dict[str, Callable[[tree.Binary, Compiler], Evaluate]] = {
    **dict.fromkeys(_TESTS, _test),
    "=~": _matches,
}
