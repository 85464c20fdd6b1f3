"""Which function compiles which sort of expression."""

from __future__ import annotations

from collections.abc import Callable

from fivefold.languages.cypher import tree
from fivefold.languages.cypher.expressions import (
    access,
    arithmetic,
    calls,
    comparison,
    conditional,
    iteration,
    literals,
    logic,
    strings,
    typed,
)
from fivefold.languages.cypher.expressions.compiler import COMPILE, Compiler, Evaluate, Pattern

_OPERATORS: dict[str, Callable[[tree.Binary, Compiler], Evaluate]] = {
    **logic.OPERATORS,
    **comparison.OPERATORS,
    **arithmetic.OPERATORS,
    **strings.OPERATORS,
}


def _binary(expression: tree.Binary, compiler: Compiler) -> Evaluate:
    return _OPERATORS[expression.op](expression, compiler)


def _unary(expression: tree.Unary, compiler: Compiler) -> Evaluate:
    compiled = logic.negation if expression.op == "not" else arithmetic.signed
    return compiled(expression, compiler)


def _pattern(expression: Pattern, compiler: Compiler) -> Evaluate:
    return compiler.pattern(expression, compiler)


for family in (literals, logic, access, conditional, iteration, typed, calls):
    COMPILE.update(family.COMPILE)
COMPILE.update(
    {
        tree.Binary: _binary,
        tree.Unary: _unary,
        tree.PatternPredicate: _pattern,
        tree.PatternComprehension: _pattern,
        tree.PatternPaths: _pattern,
        tree.Subquery: _pattern,
    }
)


def compile_expression(expression: tree.Expression, compiler: Compiler | None = None) -> Evaluate:
    """Return the closure for a checked expression, a ``Constant`` if it is one.

    Rows hold every variable of the expression. Aggregating calls are the projection's business:
    it has put variables in their places.
    """
    return (compiler or _PLAIN).part(expression)


_PLAIN = Compiler()
