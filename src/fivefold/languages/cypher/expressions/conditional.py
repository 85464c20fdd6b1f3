"""CASE."""

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
from fivefold.languages.cypher.graph import Row, Run
from fivefold.values.graph.order import equals


def _case(expression: tree.Case, compiler: Compiler) -> Evaluate:
    whens = [(compiler.part(when), compiler.part(then)) for when, then in expression.whens]
    otherwise = compiler.part(expression.otherwise) if expression.otherwise else Constant(None)
    parts = [part for pair in whens for part in pair]
    called = [(quick(when), quick(then)) for when, then in whens]
    if expression.subject is None:
        return folded(_searched(called, quick(otherwise)), *parts, otherwise)
    subject = compiler.part(expression.subject)
    return folded(_compared(subject, called, quick(otherwise)), subject, *parts, otherwise)


def _searched(whens: list[tuple[Evaluate, Evaluate]], otherwise: Evaluate) -> Evaluate:
    def evaluate(row: Row, run: Run) -> Any:
        for when, then in whens:
            if when(row, run) is True:
                return then(row, run)
        return otherwise(row, run)

    return evaluate


def _compared(
    subject: Evaluate, whens: list[tuple[Evaluate, Evaluate]], otherwise: Evaluate
) -> Evaluate:
    """Compare the subject with values in turn: null equals nothing, not even null."""

    def evaluate(row: Row, run: Run) -> Any:
        value = subject(row, run)
        for when, then in whens:
            if equals(value, when(row, run)):
                return then(row, run)
        return otherwise(row, run)

    return evaluate


COMPILE: dict[type[tree.Expression], Callable[[Any, Compiler], Evaluate]] = {tree.Case: _case}
