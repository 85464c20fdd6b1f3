"""shortestPath and allShortestPaths between two nodes that are known.

Without conditions on the path it is a breadth-first search from both ends that meets in the
middle. Conditions that hold of each node or each relationship are looked at on the way. With any
others, all trails are tried, the shorter first, until one meets them (Cypher Manual, "Shortest
paths": the path that is found is the shortest of those that meet the predicates).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from fivefold.languages.cypher.expressions import Evaluate
from fivefold.languages.cypher.graph import Graph, Row, Run
from fivefold.languages.cypher.matching.expanding import FLIPPED, Edge, Step, bounds, node_of
from fivefold.languages.cypher.operators import Operator, check_held
from fivefold.values.graph.entities import Node, Path, Relationship
from fivefold.values.graph.faults import fault

NodeTest = Callable[[Row, Run], Callable[[Node], bool]] | None
"""For a row the condition that each node of a path must meet; None without one."""

Trail = tuple[list[Node], list[Relationship]]


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
            for trail in search.shortest(start, end, least, most):
                yield self._row(row, trail)
            return
        length = None
        for trail in search.by_length(start, end, least, most):
            if length is not None and len(trail[1]) > length:
                return
            made = self._row(row, trail)
            if all(condition(made, run) is True for condition in self._conditions):
                length = len(trail[1])
                yield made

    def _row(self, row: Row, trail: Trail) -> Row:
        nodes, relationships = trail
        value: Any = relationships if self._is_list else relationships[0]
        return {**row, self._shortest.path: Path(nodes, relationships), self._step.name: value}


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

    def ways(self, node: Node, *, back: bool) -> Iterator[tuple[Relationship, Node]]:
        """Yield the relationships to go on with, and the nodes that they lead to."""
        step, edge, meant = self._step, self._edge, self._node
        direction = FLIPPED[step.direction] if back else step.direction
        for relationship in self._graph.expand(node, direction, step.types):
            if step.test is not None and not step.test((relationship.type,)):
                continue
            if edge is not None and not edge(relationship):
                continue
            other = self._graph.node(relationship.other_id(node.id))
            if other is not None and (meant is None or meant(other)):
                yield relationship, other

    def shortest(self, start: Node, end: Node, least: int, most: int | None) -> Iterator[Trail]:
        """Yield all shortest trails; least is 0 or 1."""
        if self._node is not None and not (self._node(start) and self._node(end)):
            return
        if start.id == end.id:
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

    def by_length(self, start: Node, end: Node, least: int, most: int | None) -> Iterator[Trail]:
        """Yield all trails between two nodes, shorter ones first."""
        trails: list[Trail] = [([start], [])]
        length = 0
        while trails:
            if length >= least:
                yield from (trail for trail in trails if trail[0][-1].id == end.id)
            if length == most:
                return
            longer: list[Trail] = []
            for nodes, relationships in trails:
                passed = {relationship.id for relationship in relationships}
                for relationship, node in self.ways(nodes[-1], back=False):
                    if relationship.id not in passed:
                        longer.append(([*nodes, node], [*relationships, relationship]))
                        check_held(len(longer), 2 * length + 3)
            trails, length = longer, length + 1


class _Side:
    """What a breadth-first search has reached from one end."""

    def __init__(self, end: Node) -> None:
        self.depth = 0
        self.rim: dict[int, Node] = {end.id: end}
        """The nodes that are ``depth`` away."""
        self.came: dict[int, list[tuple[Relationship, Node]]] = {end.id: []}
        """For each node that was reached how, by the shortest ways, from one step nearer."""
        self._nodes = {end.id: end}

    def grow(self, search: Search, *, back: bool) -> None:
        """Go one step further."""
        rim: dict[int, Node] = {}
        for node in self.rim.values():
            for relationship, other in search.ways(node, back=back):
                if other.id in rim:
                    self.came[other.id].append((relationship, node))
                elif other.id not in self.came:
                    rim[other.id] = other
                    self.came[other.id] = [(relationship, node)]
        self._nodes.update(rim)
        check_held(len(self.came), 3)
        self.rim, self.depth = rim, self.depth + 1

    def trails(self, id: int) -> Iterator[Trail]:
        """Yield the shortest ways from the end to a node, as they are walked."""
        nodes, relationships = [self._nodes[id]], list[Relationship]()
        ways = [iter(self.came[id])]
        if not self.came[id]:
            yield nodes, relationships
        while ways:
            for relationship, before in ways[-1]:
                nodes.append(before)
                relationships.append(relationship)
                ways.append(iter(self.came[before.id]))
                if not self.came[before.id]:
                    yield nodes[::-1], relationships[::-1]
                break
            else:
                ways.pop()
                nodes.pop()
                if relationships:
                    relationships.pop()
