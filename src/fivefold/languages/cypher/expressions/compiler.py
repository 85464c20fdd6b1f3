"""What the files that compile expressions share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fivefold.errors import FivefoldError
from fivefold.languages.cypher import tree
from fivefold.languages.cypher.graph import Row, Run
from fivefold.values.records import Record

Evaluate = Callable[[Row, Run], Any]

Pattern = tree.PatternPredicate | tree.PatternComprehension | tree.PatternPaths | tree.Subquery
"""Expressions that look into the graph."""


class Constant:
    """What has one value in every row of every run. Nobody may change the value."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __call__(self, row: Row, run: Run) -> Any:
        return self.value


def quick(part: Evaluate) -> Evaluate:
    """Return a part to be called for each row: of a constant a function, the cheaper object."""
    if not isinstance(part, Constant):
        return part
    value = part.value

    def evaluate(row: Row, run: Run) -> Any:
        return value

    return evaluate


def _no_patterns(expression: Pattern, compiler: Compiler) -> Evaluate:
    raise AssertionError(f"no patterns here: {expression!r}")


class Compiler(Record):
    """What compiles expressions: ``pattern`` is for those that look into the graph."""

    pattern: Callable[[Pattern, Compiler], Evaluate] = _no_patterns

    def part(self, expression: tree.Expression) -> Evaluate:
        """Compile an expression, or a part of one."""
        return COMPILE[type(expression)](expression, self)


COMPILE: dict[type[tree.Expression], Callable[[Any, Compiler], Evaluate]] = {}
"""Which function compiles which sort of expression; ``compile.py`` fills it."""


def folded(evaluate: Evaluate, *parts: Evaluate) -> Evaluate:
    """Return the constant that ``evaluate`` is if all its parts are constants.

    What fails is left to fail when it is run, if it ever is.
    """
    if not all(isinstance(part, Constant) for part in parts):
        return evaluate
    try:
        return Constant(evaluate(_NO_ROW, _NO_RUN))
    except FivefoldError:
        return evaluate


_NO_ROW: Row = {}
_NO_RUN: Any = None
