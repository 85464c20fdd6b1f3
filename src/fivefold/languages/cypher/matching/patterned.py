"""Expressions that look into the graph: patterns as conditions and values, subqueries.

A row has exactly the variables that are in scope where an expression stands, those of
comprehensions around it too. So a pattern is planned when the first row comes, and again for rows
of another shape.

Source: openCypher 9, "Pattern expressions"; Cypher Manual, "Subqueries".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fivefold.languages.cypher import tree
from fivefold.languages.cypher.context import Context, Names
from fivefold.languages.cypher.expressions import Compiler, Evaluate
from fivefold.languages.cypher.graph import Row, Run
from fivefold.languages.cypher.matching import compile_patterns
from fivefold.languages.cypher.operators import Pipeline, held
from fivefold.languages.cypher.walk import names_in
from fivefold.values.records import changed

CompileQuery = Callable[[tree.Query, Context], Pipeline]
"""Compiles a query that sees the context's ambient variables."""


class Patterned:
    """Compiles the expressions that look into the graph, as ``Compiler.pattern`` wants it."""

    def __init__(self, context: Context, compile_query: CompileQuery) -> None:
        self._context = context
        self._compile_query = compile_query

    def __call__(self, expression: Any, compiler: Compiler) -> Evaluate:
        context = changed(self._context, compiler=compiler)
        match expression:
            case tree.PatternPredicate():
                return _exists(_patterns_of(expression.pattern, None, context))
            case tree.PatternComprehension():
                return _comprehension(expression, context)
            case tree.PatternPaths():
                return _paths(expression, context)
            case tree.Subquery():
                return self._subquery(expression, context)
        raise AssertionError(expression)

    def _subquery(self, expression: tree.Subquery, context: Context) -> Evaluate:
        query = expression.query

        def plan(known: Names) -> Pipeline:
            return self._compile_query(query, context.around(known))

        planned = _Planned(query, plan)
        if expression.kind == "exists":
            return _exists(planned)
        if expression.kind == "count":
            return lambda row, run: sum(1 for _ in planned.for_row(row, run))

        def collected(row: Row, run: Run) -> Any:
            pipeline = planned.plan(row)
            (column,) = pipeline.columns
            return [made[column] for made in held(pipeline.for_row(row, run), 1)]

        return collected


class _Planned:
    """A pipeline for each shape of rows that has come by."""

    def __init__(self, node: Any, plan: Callable[[Names], Pipeline]) -> None:
        self._names = tuple(sorted(names_in(node)))
        self._make = plan
        self._plans: dict[tuple[str, ...], Pipeline] = {}

    def plan(self, row: Row) -> Pipeline:
        """Return the pipeline for rows like this one."""
        known = tuple([name for name in self._names if name in row])
        found = self._plans.get(known)
        if found is None:
            found = self._plans[known] = self._make(frozenset(known))
        return found

    def for_row(self, row: Row, run: Run) -> Any:
        """Yield the rows that are made of a row."""
        return self.plan(row).for_row(row, run)


def _patterns_of(
    pattern: tree.PathPattern, where: tree.Expression | None, context: Context
) -> _Planned:
    node: Any = tree.Match((pattern,), where)

    def plan(known: Names) -> Pipeline:
        return Pipeline(compile_patterns((pattern,), where, known, context))

    return _Planned(node, plan)


def _exists(planned: _Planned) -> Evaluate:
    def evaluate(row: Row, run: Run) -> bool:
        return any(True for _ in planned.for_row(row, run))

    return evaluate


def _comprehension(expression: tree.PatternComprehension, context: Context) -> Evaluate:
    planned = _patterns_of(expression.pattern, expression.where, context)
    body = context.evaluate(expression.body)

    def evaluate(row: Row, run: Run) -> list[Any]:
        return [body(made, run) for made in held(planned.for_row(row, run), 1)]

    return evaluate


def _paths(expression: tree.PatternPaths, context: Context) -> Evaluate:
    """Compile a pattern as a value: its one shortest path, or a list of paths."""
    path = expression.pattern.variable or " path"
    planned = _patterns_of(changed(expression.pattern, variable=path), None, context)
    if expression.pattern.shortest is not tree.Shortest.ONE:
        return lambda row, run: [made[path] for made in held(planned.for_row(row, run), 1)]

    def evaluate(row: Row, run: Run) -> Any:
        for made in planned.for_row(row, run):
            return made[path]
        return None

    return evaluate
