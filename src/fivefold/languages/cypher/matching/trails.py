"""Links of variable length: trails from known nodes, in which no relationship comes twice.

Trails are followed by their ids, many at a time: one question to the graph leads from all nodes of
a batch to their neighbours. The batches are gone into depth first, so that what is held stays small
and first rows come soon, however many trails there are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from fivefold.languages.cypher.graph import Row, Run, Way
from fivefold.languages.cypher.matching.expanding import Edge, Step, bounds, node_of
from fivefold.languages.cypher.operators import Operator, batches
from fivefold.values.graph.entities import Node, Relationship

TRAILS: Final = 256
"""How many trails go on together."""

KEPT_MAX: Final = 100_000
"""Entities, or nodes' relationships, that a walk remembers."""


class Start(NamedTuple):
    """A row from whose node trails begin. ``met`` are relationships that were tested."""

    row: Row
    node: Node
    target: int | None
    used: set[int]
    test: Callable[[Relationship], bool] | None
    met: dict[int, bool]


Trail = tuple[Start, tuple[int, ...], int]
"""Where it begins, the ids of its relationships as they were followed, the id of its end."""


class VarLengthExpand(Operator):
    """Follows a link of variable length, ``into`` a node that is known or to all that are reached.

    ``keeps_list`` and ``keeps_end`` say whether anybody looks at the relationships, at the end.
    """

    reads = True

    def __init__(
        self,
        columns: Iterable[str],
        step: Step,
        edge: Edge,
        *,
        into: bool,
        keeps_list: bool,
        keeps_end: bool,
    ) -> None:
        super().__init__(columns)
        self.name = f"VarLengthExpand({'Into' if into else 'All'})"
        self._step = step
        self._edge = edge
        self._into = into
        self._keeps_list = keeps_list
        self._keeps_end = keeps_end and not into

    @property
    def details(self) -> str:
        return self._step.text

    def rows(self, input: Iterator[Row], run: Run) -> Iterator[Row]:
        step, walk = self._step, Walk(self._step, self._edge is not None, run)
        keeps_list, keeps_end = self._keeps_list, self._keeps_end
        for some in batches(input, TRAILS):
            for chunk in walk.trails([*self._starts(some, run)]):
                ends = walk.ends(chunk) if keeps_end else {}
                passed = walk.passed(chunk) if keeps_list else {}
                for start, followed, end in chunk:
                    made = dict(start.row)
                    if keeps_end:
                        made[step.there] = ends[end] if followed else start.node
                    if keeps_list:
                        listed = [passed[id] for id in followed]
                        made[step.name] = listed[::-1] if step.reverse else listed
                    yield made

    def _starts(self, rows: Iterable[Row], run: Run) -> Iterator[Start]:
        step, edge = self._step, self._edge
        for row in rows:
            node = node_of(row, step.here)
            target = node_of(row, step.there) if self._into else None
            if node is None or (self._into and target is None):
                continue
            test = None if edge is None else edge(row, run)
            end = None if target is None else target.id
            yield Start(row, node, end, step.used(row), test, {})


class Walk:
    """One walk along a link, for as long as nothing changes what it remembers of the graph."""

    def __init__(self, step: Step, tests: bool, run: Run) -> None:
        self._step = step
        self._tests = tests
        """Relationships have to be looked at."""
        self._graph = run.graph
        self._ways: dict[int, Sequence[Way]] = {}
        self._nodes: dict[int, Node] = {}
        self._relationships: dict[int, Relationship] = {}

    def trails(self, starts: list[Start]) -> Iterator[list[Trail]]:
        """Yield the trails of lengths that the link allows, some at a time."""
        least, most = bounds(self._step.link)
        begun: list[Trail] = [(start, (), start.node.id) for start in starts]
        levels = [iter([begun])]
        while levels:
            chunk = next(levels[-1], None)
            if chunk is None:
                levels.pop()
                continue
            length = len(levels) - 1
            if length >= least:
                there = [one for one in chunk if one[0].target is None or one[0].target == one[2]]
                if there:
                    yield there
            if most is None or length < most:
                levels.append(self._longer(chunk))

    def _longer(self, trails: list[Trail]) -> Iterator[list[Trail]]:
        """Yield the trails that are one relationship longer."""
        ways = self._ways_of({end for _, _, end in trails})
        seen: Mapping[int, Relationship] = {}
        if self._tests:
            seen = self._seen({way[0] for _, _, end in trails for way in ways[end]})
        longer: list[Trail] = []
        for start, followed, end in trails:
            used, tests = start.used, start.test is not None
            for id, other in ways[end]:
                if id in followed or id in used or (tests and not _meets(start, id, seen)):
                    continue
                longer.append((start, (*followed, id), other))
            if len(longer) >= TRAILS:
                for at in range(0, len(longer), TRAILS):
                    yield longer[at : at + TRAILS]
                longer = []
        if longer:
            yield longer

    # What is remembered grows in its place, and is given up as a whole: trails that are still
    # being made longer look into what they were given.

    def _ways_of(self, ids: Collection[int]) -> Mapping[int, Sequence[Way]]:
        """Return how to go on from nodes."""
        missing = [id for id in ids if id not in self._ways]
        if len(missing) > KEPT_MAX - len(self._ways):
            self._ways = {}
            missing = [*ids]
        if missing:
            step, test = self._step, self._step.test
            found = self._graph.ways_from(missing, step.direction, step.types)
            if test is not None:
                seen = self._seen({way[0] for ways in found.values() for way in ways})
                found = {
                    id: [way for way in ways if test((seen[way[0]].type,))]
                    for id, ways in found.items()
                }
            self._ways.update(found)
        return self._ways

    def _seen(self, ids: Collection[int]) -> Mapping[int, Relationship]:
        """Return relationships."""
        missing = [id for id in ids if id not in self._relationships]
        if len(missing) > KEPT_MAX - len(self._relationships):
            self._relationships = {}
            missing = [*ids]
        if missing:
            self._relationships.update(self._graph.relationships_by_id(missing))
        return self._relationships

    def passed(self, trails: Iterable[Trail]) -> Mapping[int, Relationship]:
        """Return the relationships of trails."""
        return self._seen({id for _, followed, _ in trails for id in followed})

    def ends(self, trails: Iterable[Trail]) -> Mapping[int, Node]:
        """Return the nodes at which trails end."""
        ids = {end for _, followed, end in trails if followed}
        missing = [id for id in ids if id not in self._nodes]
        if len(missing) > KEPT_MAX - len(self._nodes):
            self._nodes = {}
            missing = [*ids]
        if missing:
            self._nodes.update(self._graph.nodes_by_id(missing))
        return self._nodes


def _meets(start: Start, id: int, seen: Mapping[int, Relationship]) -> bool:
    found = start.met.get(id)
    if found is None:
        assert start.test is not None
        found = start.met[id] = start.test(seen[id])
    return found
