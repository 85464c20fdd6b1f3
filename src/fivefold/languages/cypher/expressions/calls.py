"""Calls of functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fivefold.languages.cypher import tree
from fivefold.languages.cypher.expressions.compiler import (
    Compiler,
    Constant,
    Evaluate,
    folded,
    quick,
)
from fivefold.languages.cypher.functions.function import Function
from fivefold.languages.cypher.functions.table import find
from fivefold.languages.cypher.graph import Row, Run
from fivefold.values.graph.faults import fault


def _call(expression: tree.Call, compiler: Compiler) -> Evaluate:
    arguments = [compiler.part(argument) for argument in expression.arguments]
    lazy = _LAZY.get(expression.name.lower())
    if lazy is not None:
        return folded(lazy(arguments), *arguments)
    function = find(expression.name)
    if function is None or function.aggregating:
        message = f"Unknown function '{expression.name}'"
        raise fault("UnknownFunction", message, at=expression.at)
    if not function.takes(len(arguments)):
        message = f"Wrong number of arguments of function '{function.name}'"
        raise fault("InvalidNumberOfArguments", message, at=expression.at)
    evaluate = _applied(function, arguments)
    if (function.deterministic and not function.needs_run) or _settled(function, arguments):
        return folded(evaluate, *arguments)
    return evaluate


def _settled(function: Function, arguments: list[Evaluate]) -> bool:
    """Say whether a call of constants gives in every run the same, as date('2020-01-01') does."""
    if function.settled is None:
        return False
    values = [argument.value for argument in arguments if isinstance(argument, Constant)]
    return len(values) == len(arguments) and function.settled(*values)


def _applied(function: Function, arguments: list[Evaluate]) -> Evaluate:
    arguments = list(map(quick, arguments))
    if function.needs_run or function.sees_nulls or len(arguments) not in _BY_COUNT:
        return _applied_to_any(function, arguments)
    return _BY_COUNT[len(arguments)](function.evaluate, *arguments)


def _applied_to_one(apply: Callable[..., Any], argument: Evaluate) -> Evaluate:
    def evaluate(row: Row, run: Run) -> Any:
        value = argument(row, run)
        return None if value is None else apply(value)

    return evaluate


def _applied_to_two(apply: Callable[..., Any], first: Evaluate, second: Evaluate) -> Evaluate:
    def evaluate(row: Row, run: Run) -> Any:
        one, two = first(row, run), second(row, run)
        return None if one is None or two is None else apply(one, two)

    return evaluate


_BY_COUNT: dict[int, Callable[..., Evaluate]] = {1: _applied_to_one, 2: _applied_to_two}


def _applied_to_any(function: Function, arguments: list[Evaluate]) -> Evaluate:
    apply, needs_run, sees_nulls = function.evaluate, function.needs_run, function.sees_nulls

    def evaluate(row: Row, run: Run) -> Any:
        values = [argument(row, run) for argument in arguments]
        if not sees_nulls:
            for value in values:
                if value is None:
                    return None
        return apply(run, *values) if needs_run else apply(*values)

    return evaluate


def _coalesce(arguments: list[Evaluate]) -> Evaluate:
    """Compile coalesce(), which stops at the first value that is not null."""

    def evaluate(row: Row, run: Run) -> Any:
        for argument in arguments:
            value = argument(row, run)
            if value is not None:
                return value
        return None

    return evaluate


_LAZY: dict[str, Callable[[list[Evaluate]], Evaluate]] = {"coalesce": _coalesce}
"""Functions that do not look at all of their arguments."""

COMPILE: dict[type[tree.Expression], Callable[[Any, Compiler], Evaluate]] = {tree.Call: _call}
