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
            new = dict(row)
            several: list[Row] | None = None
            for name, find in finds:
                nodes = find(row, run, graph)
                if nodes is None:
                    several = []
                    yield from self._walk.for_row(row, run)
                    break
                if several is None and len(nodes) == 1:
                    new[name] = nodes[0]
                else:
                    before = [new] if several is None else several
                    several = [{**one, name: node} for one in before for node in nodes]
            for one in (new,) if several is None else several:
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
    done: set[int] = set()  # conditions that need not be looked at again
    for name in patterns.nodes:
        if name in bound or name.startswith(" "):
            return None
        find = _find(name, join, plans, done)
        if find is None:
            return None
        finds.append((name, find))
    later = [*residual]
    later += [said.expression for one, said in join.conditions.said if id(one) not in done]
    return Lookups(
        finds,
        [context.evaluate(one) for one in later],
        Pipeline(walk),
        sorted(bound | {*patterns.nodes}),
    )


def _find(name: str, join: Join, plans: Sequence[IndexPlans], done: set[int]) -> Find | None:
    """Return how a node is found; ``done`` gets the conditions that are met thereby."""
    own = [*join.conditions.of(name)]
    for one in own:
        if isinstance(one, Is):
            done.add(id(one))
            return _by_id(one.value)
    index = join.index_of(name)
    if index is None or not index[2]:
        return None
    definition, taken, _ = index
    held = join.vocabulary.kinds_with(definition.label)
    done.update(map(id, taken))
    done.update(id(one) for one in own if isinstance(one, OfKind) and held == {*one.kinds})
    (used,) = [one for one in plans if one.index == definition]
    return _by_key(used, taken)


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
