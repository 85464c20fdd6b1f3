"""Nodes without relationships between them, each found by a key, for a query that writes.

Such a query finds the same nodes again and again, row by row, as a load of relationships does. The
graph that it writes to remembers which nodes it found for a key, so that most rows ask nothing of
the store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from fivefold.languages.cypher import tree
from fivefold.languages.cypher.context import Context, Names
from fivefold.languages.cypher.expressions.compiler import Evaluate
from fivefold.languages.cypher.graph import Row, Run
from fivefold.languages.cypher.lower.conditions import Compare, Is, OfKind, sort_of
from fivefold.languages.cypher.lower.joins import Join
from fivefold.languages.cypher.matching.pattern import Patterns
from fivefold.languages.cypher.operators import Operator, Pipeline
from fivefold.languages.cypher.stored.writing import StoredGraph
from fivefold.models.graph.keys import key_of
from fivefold.models.graph.records import IndexPlans
from fivefold.values.graph.entities import Node

Find = Callable[[Row, Run, StoredGraph], Sequence[Node] | None]
"""The nodes that a name may stand for; None if somebody else has to find them."""


class Lookups(Operator):
    """For each row the nodes with the keys that it brings."""

    name = "NodeIndexSeek"
    reads = True

    def __init__(
        self,
        finds: Sequence[tuple[str, Find]],
        residual: Sequence[Evaluate],
        walk: Pipeline,
        columns: Sequence[str],
    ) -> None:
        super().__init__(columns)
        self._finds = tuple(finds)
        self._residual = residual
        self._walk = walk

    @property
    def details(self) -> str:
        return ", ".join([name for name, _ in self._finds if not name.startswith(" ")])

    def rows(self, input: Iterator[Row], run: Run) -> Iterator[Row]:
        graph, finds, residual = run.graph, self._finds, self._residual
        assert isinstance(graph, StoredGraph)
        for row in input:
            found = [row]
            for name, find in finds:
                nodes = find(row, run, graph)
                if nodes is None:
                    found = []
                    yield from self._walk.for_row(row, run)
                    break
                if len(found) == 1 and len(nodes) == 1:
                    found = [{**found[0], name: nodes[0]}]
                else:
                    found = [{**one, name: node} for one in found for node in nodes]
            for one in found:
                if not residual or all(condition(one, run) is True for condition in residual):
                    yield one


def lower_lookups(
    patterns: Patterns,
    join: Join,
    residual: Sequence[tree.Expression],
    bound: Names,
    context: Context,
    plans: Sequence[IndexPlans],
    walk: Sequence[Operator],
) -> Operator | None:
    """Return the operator, None if some node has to be searched for."""
    finds: list[tuple[str, Find]] = []
    later = list(residual)
    for name in patterns.nodes:
        if name in bound or name.startswith(" "):
            return None
        found = _find(name, join, plans)
        if found is None:
            return None
        find, left = found
        finds.append((name, find))
        later += [
            condition.expression
            for condition in patterns.conditions
            if name in condition.names and _is_left(condition.expression, left)
        ]
    return Lookups(
        finds,
        [context.evaluate(one) for one in later],
        Pipeline(walk),
        sorted(bound | {*patterns.nodes}),
    )


def _is_left(expression: tree.Expression, left: bool) -> bool:
    return left or isinstance(expression, tree.HasLabels)


def _find(name: str, join: Join, plans: Sequence[IndexPlans]) -> tuple[Find, bool] | None:
    """Return how a node is found, and whether its conditions have to be looked at again."""
    for one in join.conditions.of(name):
        if isinstance(one, Is):
            return _by_id(one.value), True
    index = join.index_of(name)
    if index is None or not index[2]:
        return None
    definition, taken, _ = index
    (own,) = [one for one in plans if one.index == definition]
    others = [
        one for one in join.conditions.of(name) if not isinstance(one, OfKind) and one not in taken
    ]
    return _by_key(own, taken), bool(others)


def _by_id(value: Evaluate) -> Find:
    def find(row: Row, run: Run, graph: StoredGraph) -> Sequence[Node] | None:
        wanted = value(row, run)
        if wanted.__class__ is not int:
            return None
        node = graph.node(wanted)
        return () if node is None else (node,)

    return find


def _by_key(plans: IndexPlans, taken: Sequence[Compare]) -> Find:
    values = [one.value for one in taken]

    def find(row: Row, run: Run, graph: StoredGraph) -> Sequence[Node] | None:
        key = b""
        for value in values:
            wanted: Any = value(row, run)
            if wanted is None:
                return ()
            if sort_of(wanted) is None:
                return None
            key += key_of(wanted)
        return graph.with_key(plans, key)

    return find
