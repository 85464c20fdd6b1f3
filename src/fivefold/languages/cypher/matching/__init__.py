"""Patterns, matched by walking the graph.

``compile_match`` gives the operators of a MATCH, ``Patterned`` what expressions with patterns and
subqueries evaluate to. ``pattern.py`` takes patterns apart, ``planner.py`` puts their parts in
order; ``starts.py``, ``scanning.py``, ``expanding.py``, ``shortest.py`` and ``routes.py`` are the
ways to begin, the operators that carry it out.

Source: openCypher 9, "MATCH", "Patterns", "Uniqueness"; Cypher Manual, "Patterns", "MATCH".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fivefold.languages.cypher import tree
from fivefold.languages.cypher.clauses.reading import Optional
from fivefold.languages.cypher.context import Context, Names
from fivefold.languages.cypher.matching.pattern import taken_apart
from fivefold.languages.cypher.matching.planner import Planner
from fivefold.languages.cypher.operators import Operator, Pipeline

__all__ = ["compile_match", "compile_patterns", "visible_names"]


def compile_match(match: tree.Match, scope: Names, context: Context) -> Sequence[Operator]:
    """Return the operators of a MATCH or OPTIONAL MATCH; ``scope`` are the bound variables."""
    operators = compile_patterns(match.patterns, match.where, scope, context)
    if not match.optional:
        return operators
    new = visible_names(match.patterns) - scope
    return [Optional(Pipeline(operators, sorted(scope | new)), sorted(new))]


def compile_patterns(
    patterns: Iterable[tree.PathPattern],
    where: tree.Expression | None,
    scope: Names,
    context: Context,
) -> list[Operator]:
    """Return the operators that find all matches of patterns for each row."""
    return Planner(taken_apart(patterns, where), scope, context).plan()


def visible_names(patterns: Iterable[tree.PathPattern]) -> Names:
    """Return the variables of patterns."""
    return frozenset(
        part.variable
        for pattern in patterns
        for part in (pattern, *pattern.elements)
        if part.variable is not None
    )
