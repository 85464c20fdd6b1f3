"""shortestPath and allShortestPaths between two nodes that are known.

Without conditions on the path it is a breadth-first search from both ends that meets in the
middle: each step asks the graph once for the neighbours of all nodes at the rim, and only what
lies on a path that was found is fetched. Conditions that hold of each node or each relationship are
looked at on the way. With any others, all trails are tried, the shorter first, until one meets them
(Cypher Manual, "Shortest paths": the path that is found is the shortest of those that meet the
predicates).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any

from fivefold.languages.cypher.expressions import Evaluate
from fivefold.languages.cypher.graph import Graph, Row, Run, Way
from fivefold.languages.cypher.matching.expanding import FLIPPED, Edge, Step, bounds, node_of
from fivefold.languages.cypher.matching.trails import TRAILS
from fivefold.languages.cypher.operators import Operator, batches, check_held
from fivefold.values.graph.entities import Node, Path, Relationship
from fivefold.values.graph.faults import fault

NodeTest = Callable[[Row, Run], Callable[[Node], bool]] | None
"""For a row the condition that each node of a path must meet; None without one."""

Trail = tuple[Sequence[int], Sequence[int]]
"""The ids of the nodes and of the relationships of a path."""


class ShortestPath(Operator):
    """The shortest path between two nodes, or all of that length."""

    name = "ShortestPath"
    reads = True

    def __init__(
        self,
        columns: Iterable[str],
        step: Step,
        *,
        edge: Edge,
        node: NodeTest,
        conditions: Sequence[Evaluate],
    ) -> None:
        super().__init__(columns)
        assert step.link.shortest is not None
        self._step = step
        self._shortest = step.link.shortest
        self._is_list = step.link.pattern.length is not None
        self._edge = edge
        self._node = node
        self._conditions = tuple(conditions)

    @property
    def details(self) -> str:
        word = "allShortestPaths" if self._shortest.all else "shortestPath"
        return f"{word}({self._step.text})"

    def rows(self, input: Iterator[Row], run: Run) -> Iterator[Row]:
        step = self._step
        for row in input:
            start, end = node_of(row, step.here), node_of(row, step.there)
            if start is None or end is None:
                continue
            for made in self._found(row, start, end, run):
                yield made
                if not self._shortest.all:
                    break

    def _found(self, row: Row, start: Node, end: Node, run: Run) -> Iterator[Row]:
        search = Search(
            run.graph,
            self._step,
            None if self._edge is None else self._edge(row, run),
            None if self._node is None else self._node(row, run),
        )
        least, most = bounds(self._step.link)
        if start.id == end.id and least > 0:
            raise _same_ends()
        if not self._conditions:
            for path in search.paths(search.shortest(start.id, end.id, least, most), start, end):
                yield self._row(row, path)
            return
        length = None
        for path in search.paths(search.by_length(start.id, end.id, least, most), start, end):
            if length is not None and len(path.relationships) > length:
                return
            made = self._row(row, path)
            if all(condition(made, run) is True for condition in self._conditions):
                length = len(path.relationships)
                yield made

    def _row(self, row: Row, path: Path) -> Row:
        value: Any = [*path.relationships] if self._is_list else path.relationships[0]
        return {**row, self._shortest.path: path, self._step.name: value}


def _same_ends() -> Exception:
    return fault(
        "InvalidArgumentValue",
        "The shortest path algorithm does not work when the start and end nodes are the same.",
        type="ArgumentError",
        hint="Leave such rows out with WHERE start <> end, or let the path be empty: [*0..].",
    )


class Search:
    """One search, along relationships and nodes that meet conditions."""

    def __init__(
        self,
        graph: Graph,
        step: Step,
        edge: Callable[[Relationship], bool] | None,
        node: Callable[[Node], bool] | None,
    ) -> None:
        self._graph = graph
        self._step = step
        self._edge = edge
        self._node = node

    def ways_from(self, ids: Collection[int], *, back: bool) -> Iterator[tuple[int, int, int]]:
        """Yield for nodes the relationships to go on with: (node, relationship, other node)."""
        step = self._step
        direction = FLIPPED[step.direction] if back else step.direction
        found = self._graph.ways_from(ids, direction, step.types)
        ways = [(id, *way) for id in ids for way in found[id]]
        if step.test is not None or self._edge is not None:
            followed = self._graph.relationships_by_id({way[1] for way in ways})
            meant = {id for id, one in followed.items() if self._is_meant(one)}
            ways = [way for way in ways if way[1] in meant]
        if self._node is not None:
            others = self._graph.nodes_by_id({way[2] for way in ways})
            meant = {id for id, one in others.items() if self._node(one)}
            ways = [way for way in ways if way[2] in meant]
        return iter(ways)

    def _is_meant(self, relationship: Relationship) -> bool:
        test = self._step.test
        if test is not None and not test((relationship.type,)):
            return False
        return self._edge is None or self._edge(relationship)

    def paths(self, trails: Iterator[Trail], start: Node, end: Node) -> Iterator[Path]:
        """Yield the paths of trails between two nodes, which may have been deleted."""
        graph = self._graph
        for some in batches(trails, TRAILS):
            nodes = {start.id: start, end.id: end}
            between = {id for ids, _ in some for id in ids if id not in nodes}
            nodes.update(graph.nodes_by_id(between))
            followed = graph.relationships_by_id({id for _, passed in some for id in passed})
            for ids, passed in some:
                yield Path([nodes[id] for id in ids], [followed[id] for id in passed])

    def shortest(self, start: int, end: int, least: int, most: int | None) -> Iterator[Trail]:
        """Yield all shortest trails; least is 0 or 1."""
        if self._node is not None:
            ends = self._graph.nodes_by_id({start, end})
            if not all(map(self._node, ends.values())):
                return
        if start == end:
            if least == 0:
                yield [start], []
            return
        ahead, behind = _Side(start), _Side(end)
        while most is None or ahead.depth + behind.depth < most:
            side, other = (ahead, behind) if len(ahead.rim) <= len(behind.rim) else (behind, ahead)
            side.grow(self, back=side is behind)
            if not side.rim:
                return
            meeting = [id for id in side.rim if id in other.came]
            if meeting:
                for id in meeting:
                    for nodes, relationships in ahead.trails(id):
                        for later_nodes, later in behind.trails(id):
                            yield (
                                [*nodes, *reversed(later_nodes[:-1])],
                                [*relationships, *reversed(later)],
                            )
                return

    def by_length(self, start: int, end: int, least: int, most: int | None) -> Iterator[Trail]:
        """Yield all trails between two nodes, shorter ones first."""
        trails: list[tuple[tuple[int, ...], tuple[int, ...]]] = [((start,), ())]
        length = 0
        while trails:
            if length >= least:
                yield from (trail for trail in trails if trail[0][-1] == end)
            if length == most:
                return
            ways: dict[int, list[tuple[int, int]]] = {}
            for here, id, other in self.ways_from({nodes[-1] for nodes, _ in trails}, back=False):
                ways.setdefault(here, []).append((id, other))
            longer = []
            for nodes, passed in trails:
                for id, other in ways.get(nodes[-1], ()):
                    if id not in passed:
                        longer.append(((*nodes, other), (*passed, id)))
                        check_held(len(longer), 2 * length + 3)
            trails, length = longer, length + 1


class _Side:
    """What a breadth-first search has reached from one end."""

    def __init__(self, end: int) -> None:
        self.depth = 0
        self.rim: Collection[int] = (end,)
        """The nodes that are ``depth`` away."""
        self.came: dict[int, list[Way]] = {end: []}
        """How each node was reached, by the shortest ways: relationships, from one step nearer."""

    def grow(self, search: Search, *, back: bool) -> None:
        """Go one step further."""
        rim: set[int] = set()
        came = self.came
        for here, id, other in search.ways_from(self.rim, back=back):
            if other in rim:
                came[other].append((id, here))
            elif other not in came:
                rim.add(other)
                came[other] = [(id, here)]
        check_held(len(came), 3)
        self.rim, self.depth = rim, self.depth + 1

    def trails(self, id: int) -> Iterator[tuple[list[int], list[int]]]:
        """Yield the shortest ways from the end to a node, as they are walked."""
        nodes, relationships = [id], list[int]()
        ways = [iter(self.came[id])]
        if not self.came[id]:
            yield nodes, relationships
        while ways:
            for relationship, before in ways[-1]:
                nodes.append(before)
                relationships.append(relationship)
                ways.append(iter(self.came[before]))
                if not self.came[before]:
                    yield nodes[::-1], relationships[::-1]
                break
            else:
                ways.pop()
                nodes.pop()
                if relationships:
                    relationships.pop()
