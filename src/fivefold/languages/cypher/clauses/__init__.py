"""Queries as plans of operators: ``compile_query`` makes a ``Plan`` of a checked query.

``queries.py`` goes through the clauses; ``projection.py`` (with ``projecting.py`` and
``aggregating.py``), ``reading.py``, ``creating.py``, ``merging.py``, ``setting.py``,
``deleting.py``, ``repeating.py`` and ``calling.py`` hold what they become.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fivefold.languages.cypher import tree
from fivefold.languages.cypher.clauses.queries import NOTHING, compile_parts
from fivefold.languages.cypher.clauses.results import ProduceResults
from fivefold.languages.cypher.context import (
    Context,
    Knowledge,
    MatchCompiler,
    NoKnowledge,
    Procedure,
)
from fivefold.languages.cypher.expressions import Compiler, Evaluate
from fivefold.languages.cypher.graph import Row, Run
from fivefold.languages.cypher.matching import compile_match
from fivefold.languages.cypher.matching.patterned import Patterned
from fivefold.languages.cypher.operators import Eager, Operator, Pipeline

__all__ = ["Plan", "compile_query"]


class Plan:
    """A query that can be run, by several threads at once."""

    def __init__(self, pipeline: Pipeline) -> None:
        self.columns = pipeline.columns
        self.reads = pipeline.reads
        self.writes = pipeline.writes
        produce = ProduceResults(pipeline.columns, after_writing=pipeline.writes)
        operators = list(pipeline.operators)
        if isinstance(operators[-1], Eager):
            operators.pop()  # the end of a plan that writes is a barrier itself
        self.pipeline = Pipeline([*operators, produce], pipeline.columns)
        self.operators = tuple(_numbered(self.pipeline))
        """All operators, by their numbers."""

    def run(self, run: Run) -> Iterator[Row]:
        """Run it; rows have exactly ``columns``. Nothing happens before the first is asked for."""
        return self.pipeline.for_row({}, run)


def _numbered(pipeline: Pipeline) -> list[Operator]:
    found: list[Operator] = []

    def number(inside: Pipeline) -> None:
        for operator in inside.operators:
            operator.number = len(found)
            found.append(operator)
            for inner in operator.inner:
                number(inner)

    number(pipeline)
    return found


def compile_query(
    query: tree.Query,
    *,
    match: MatchCompiler = compile_match,
    knowledge: Knowledge | None = None,
    procedures: Mapping[str, Procedure] | None = None,
    database: str | None = None,
) -> Plan:
    """Compile a checked query.

    ``match`` chooses how each MATCH is carried out, ``knowledge`` is what the planner may know of
    the graph, ``database`` the only one that USE may name.
    """

    def patterned(expression: Any, compiler: Compiler) -> Evaluate:
        return Patterned(context, _compile_inner)(expression, compiler)

    context = Context(
        Compiler(patterned), match, knowledge or NoKnowledge(), procedures or {}, database
    )
    return Plan(compile_parts(query, NOTHING, context))


def _compile_inner(query: tree.Query, context: Context) -> Pipeline:
    return compile_parts(query, NOTHING, context)
