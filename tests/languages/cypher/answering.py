"""Queries over a ``MemoryGraph``: parsed, checked, planned by walking, and run."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from fivefold.errors import FivefoldError
from fivefold.languages.cypher import tree
from fivefold.languages.cypher.check import check
from fivefold.languages.cypher.clauses import Plan, compile_query
from fivefold.languages.cypher.context import Procedure
from fivefold.languages.cypher.graph import Profile, Run, Statistics
from fivefold.languages.cypher.parse import parse
from fivefold.values.graph.text import literal
from tests.languages.cypher.memory import MemoryGraph

Procedures = Mapping[str, Procedure]


def planned(query: str, procedures: Procedures | None = None, database: str | None = None) -> Plan:
    """Return the plan of a query."""
    statement = parse(query)
    check(statement, procedures or {})
    assert isinstance(statement.body, tree.Query)
    return compile_query(statement.body, procedures=procedures, database=database)


def run(
    graph: MemoryGraph,
    query: str,
    procedures: Procedures | None = None,
    database: str | None = None,
    **parameters: Any,
) -> tuple[list[tuple[Any, ...]], Statistics]:
    """Run a query: its rows, and what it changed. If it fails, the graph is as it was."""
    kept = graph.checkpoint()
    try:
        plan = planned(query, procedures, database)
        this = graph.run(parameters)
        rows = [tuple(row[name] for name in plan.columns) for row in plan.run(this)]
    except FivefoldError:
        graph.restore(kept)
        raise
    return rows, this.statistics


def answer(graph: MemoryGraph, query: str, **parameters: Any) -> list[str]:
    """Run a query and return its rows as text: values in Cypher's notation, a bar between them."""
    rows, _ = run(graph, query, **parameters)
    return [" | ".join(map(literal, row)) for row in rows]


def made(*queries: str) -> MemoryGraph:
    """Return the graph that queries make."""
    graph = MemoryGraph()
    for query in queries:
        run(graph, query)
    return graph


def form(value: Any) -> Hashable:
    """Return a value for comparison: entities by their property ``k``."""
    if isinstance(value, list | tuple):
        return tuple(map(form, value))
    if hasattr(value, "relationships"):
        return ("path", *(form(entity) for entity in value))
    if hasattr(value, "properties"):
        return type(value).__name__, value.properties["k"]
    return type(value).__name__, value


def counting(graph: MemoryGraph, plan: Plan) -> tuple[Run, Profile]:
    """Return a run that counts the rows that leave each operator, as PROFILE wants them."""
    this = graph.run()
    this.profile = Profile()
    return this, this.profile
