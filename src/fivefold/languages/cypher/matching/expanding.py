"""Operators that follow relationships from nodes that are known.

A relationship may be in one match of a MATCH's patterns only once (openCypher 9, "Uniqueness"):
every operator is told which links were followed before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any

from fivefold.languages.cypher.expressions.labels import Test
from fivefold.languages.cypher.graph import Graph, Row, Run
from fivefold.languages.cypher.matching.pattern import Link
from fivefold.languages.cypher.operators import Operator
from fivefold.languages.cypher.printing import relationship_text
from fivefold.languages.cypher.tree import Direction
from fivefold.values.graph.entities import Node, Relationship
from fivefold.values.graph.faults import fault
from fivefold.values.graph.text import literal

FLIPPED = {
    Direction.RIGHT: Direction.LEFT,
    Direction.LEFT: Direction.RIGHT,
    Direction.EITHER: Direction.EITHER,
}
"""The direction as it is seen from the other end."""


class Step:
    """A link as it is followed from one end: what all operators that follow one have."""

    __slots__ = (
        *("direction", "here", "link", "lists", "name", "reverse", "singles"),
        *("test", "there", "types"),
    )

    def __init__(self, link: Link, here: str, before: Iterable[Link], test: Test | None) -> None:
        self.link = link
        self.name = link.name
        self.here = here
        self.reverse = here != link.left
        self.there = link.left if self.reverse else link.right
        direction = link.pattern.direction
        self.direction = FLIPPED[direction] if self.reverse else direction
        self.types = link.types or frozenset()
        self.test = test
        """A condition on the type that ``types`` cannot say."""
        others = [other for other in before if link.may_be(other)]
        self.singles = tuple(other.name for other in others if not other.is_long)
        self.lists = tuple(other.name for other in others if other.is_long)

    def used(self, row: Row) -> set[int]:
        """Return the ids of the relationships that may not be followed again."""
        ids = {row[name].id for name in self.singles}
        for name in self.lists:
            ids.update([relationship.id for relationship in row[name]])
        return ids

    def relationships(self, graph: Graph, node: Node) -> Iterator[Relationship]:
        """Yield a node's relationships of the right types and direction."""
        found = graph.expand(node, self.direction, self.types)
        test = self.test
        return found if test is None else (one for one in found if test((one.type,)))

    @property
    def text(self) -> str:
        """Return it as EXPLAIN shows it."""
        link = self.link
        left, right = (_shown(name) for name in (link.left, link.right))
        return f"({left}){relationship_text(link.pattern, link.name)}({right})"


def _shown(name: str) -> str:
    return "" if name.startswith(" ") else name


def node_of(row: Row, name: str) -> Node | None:
    """Return the node in a variable, None for null and for a deleted one."""
    value = row[name]
    if isinstance(value, Node):
        return value
    if value is None:
        return None
    raise fault(
        "InvalidArgumentType",
        f"Expected to find a node at '{name}' but found instead: {literal(value)}",
        type="TypeError",
    )


class Expand(Operator):
    """Follows a link to a node that is new: ``Expand(All)``."""

    name = "Expand(All)"
    reads = True

    def __init__(self, columns: Iterable[str], step: Step) -> None:
        super().__init__(columns)
        self._step = step

    @property
    def details(self) -> str:
        return self._step.text

    def rows(self, input: Iterator[Row], run: Run) -> Iterator[Row]:
        step, graph = self._step, run.graph
        here, name, there = step.here, step.name, step.there
        is_alone = not step.singles and not step.lists
        for row in input:
            node = node_of(row, here)
            if node is None:
                continue
            used = () if is_alone else step.used(row)
            for relationship in step.relationships(graph, node):
                if relationship.id in used:
                    continue
                other = graph.node(relationship.other_id(node.id))
                if other is not None:
                    yield {**row, name: relationship, there: other}


class ExpandInto(Operator):
    """Follows a link between two nodes that are known: ``Expand(Into)``."""

    name = "Expand(Into)"
    reads = True

    def __init__(self, columns: Iterable[str], step: Step) -> None:
        super().__init__(columns)
        self._step = step

    @property
    def details(self) -> str:
        return self._step.text

    def rows(self, input: Iterator[Row], run: Run) -> Iterator[Row]:
        step, graph = self._step, run.graph
        for row in input:
            node, other = node_of(row, step.here), node_of(row, step.there)
            if node is None or other is None:
                continue
            used = step.used(row)
            for relationship in self._between(graph, node, other):
                if relationship.id not in used:
                    yield {**row, step.name: relationship}

    def _between(self, graph: Graph, node: Node, other: Node) -> Iterator[Relationship]:
        """Yield the relationships between two nodes; a loop once."""
        step = self._step
        direction, types, test = step.direction, step.types, step.test
        found: Iterator[Relationship] = iter(())
        if direction is not Direction.LEFT:
            found = graph.between(node, other, types)
        if direction is Direction.LEFT or (direction is Direction.EITHER and node.id != other.id):
            found = chain(found, graph.between(other, node, types))
        return found if test is None else (one for one in found if test((one.type,)))


class ProjectEndpoints(Operator):
    """Finds the nodes at the ends of a relationship, or of a list of them, that is known.

    An end that is known as well has to be the one that is found.
    """

    name = "ProjectEndpoints"
    reads = True

    def __init__(
        self, columns: Iterable[str], step: Step, known: Iterable[str], edge: Edge
    ) -> None:
        super().__init__(columns)
        self._step = step
        self._known = frozenset(known)
        self._edge = edge

    @property
    def details(self) -> str:
        return self._step.text

    def rows(self, input: Iterator[Row], run: Run) -> Iterator[Row]:
        step, graph = self._step, run.graph
        link = step.link
        ends = self._of_list if link.is_long else self._of_one
        for row in input:
            if row[link.name] is None:
                continue
            used = step.used(row)
            for start, end in ends(row, run, used):
                left, right = graph.node(start), graph.node(end)
                if left is None or right is None:
                    continue
                if (
                    self._fits(row, link.left, left)
                    and self._fits(row, link.right, right)
                    and (link.left != link.right or start == end)
                ):
                    yield {**row, link.left: left, link.right: right}

    def _fits(self, row: Row, name: str, node: Node) -> bool:
        if name not in self._known:
            return True
        known = node_of(row, name)
        return known is not None and known.id == node.id

    def _of_one(self, row: Row, run: Run, used: set[int]) -> Iterator[tuple[int, int]]:
        relationship = row[self._step.name]
        if not isinstance(relationship, Relationship):
            raise _no_relationship(self._step.name, relationship)
        if relationship.id not in used and self._is_meant(relationship, row, run):
            start, end = relationship.start_id, relationship.end_id
            direction = self._step.link.pattern.direction
            if direction is not Direction.LEFT:
                yield start, end
            if direction is Direction.LEFT or (direction is Direction.EITHER and start != end):
                yield end, start

    def _of_list(self, row: Row, run: Run, used: set[int]) -> Iterator[tuple[int, int]]:
        link, listed = self._step.link, row[self._step.name]
        if not isinstance(listed, list):
            raise _no_relationship(self._step.name, listed)
        least, most = bounds(link)
        if len(listed) < least or (most is not None and len(listed) > most):
            return
        if not listed:
            for node in run.graph.nodes():
                yield node.id, node.id
            return
        for one in listed:
            if not isinstance(one, Relationship):
                raise _no_relationship(self._step.name, one)
        ids = {one.id for one in listed}
        if len(ids) < len(listed) or ids & used:
            return
        if not all(self._is_meant(one, row, run) for one in listed):
            return
        for start in dict.fromkeys((listed[0].start_id, listed[0].end_id)):
            end = _followed(listed, start, link.pattern.direction)
            if end is not None:
                yield start, end

    def _is_meant(self, relationship: Relationship, row: Row, run: Run) -> bool:
        types, test = self._step.types, self._step.test
        if types and relationship.type not in types:
            return False
        if test is not None and not test((relationship.type,)):
            return False
        return self._edge is None or self._edge(row, run)(relationship)


Edge = Callable[[Row, Run], Callable[[Relationship], bool]] | None
"""For a row the condition that each relationship of a list must meet; None without one."""


def _no_relationship(name: str, value: Any) -> Exception:
    return fault(
        "InvalidArgumentType",
        f"Expected to find a relationship at '{name}' but found instead: {literal(value)}",
        type="TypeError",
    )


def _followed(listed: list[Relationship], at: int, direction: Direction) -> int | None:
    """Return where relationships lead to from a node, one after the other; None if nowhere."""
    for relationship in listed:
        if direction is not Direction.LEFT and relationship.start_id == at:
            at = relationship.end_id
        elif direction is not Direction.RIGHT and relationship.end_id == at:
            at = relationship.start_id
        else:
            return None
    return at


def bounds(link: Link) -> tuple[int, int | None]:
    """Return the least and the most relationships that a link passes."""
    length = link.pattern.length
    if length is None:
        return 1, 1
    return 1 if length.least is None else length.least, length.most
