"""Operators that find where a pattern begins."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from fivefold.languages.cypher.expressions import Evaluate
from fivefold.languages.cypher.graph import Graph, Row, Run
from fivefold.languages.cypher.operators import Operator
from fivefold.values.graph.entities import Node, Relationship
from fivefold.values.graph.order import equivalence_key


class AllNodesScan(Operator):
    """Every node."""

    name = "AllNodesScan"
    reads = True

    def __init__(self, columns: Iterable[str], variable: str) -> None:
        super().__init__(columns)
        self._variable = variable

    @property
    def details(self) -> str:
        return self._variable

    def rows(self, input: Iterator[Row], run: Run) -> Iterator[Row]:
        variable, graph = self._variable, run.graph
        for row in input:
            for node in graph.nodes():
                yield {**row, variable: node}


class NodeByLabelScan(Operator):
    """Every node that has all of some labels."""

    name = "NodeByLabelScan"
    reads = True

    def __init__(self, columns: Iterable[str], variable: str, labels: Iterable[str]) -> None:
        super().__init__(columns)
        self._variable = variable
        self._labels = tuple(labels)

    @property
    def details(self) -> str:
        return f"{self._variable}:{':'.join(self._labels)}"

    def rows(self, input: Iterator[Row], run: Run) -> Iterator[Row]:
        variable, labels, graph = self._variable, self._labels, run.graph
        for row in input:
            for node in graph.nodes(labels):
                yield {**row, variable: node}


class UnionNodeByLabelsScan(NodeByLabelScan):
    """Every node that has one of some labels."""

    name = "UnionNodeByLabelsScan"

    @property
    def details(self) -> str:
        return f"{self._variable}:{'|'.join(self._labels)}"

    def rows(self, input: Iterator[Row], run: Run) -> Iterator[Row]:
        variable, labels, graph = self._variable, self._labels, run.graph
        for row in input:
            for place, label in enumerate(labels):
                earlier = frozenset(labels[:place])
                for node in graph.nodes((label,)):
                    if earlier.isdisjoint(node.labels):
                        yield {**row, variable: node}


class NodeIndexSeek(Operator):
    """The nodes of a label whose properties have some values; by an index if there is one.

    Rows are a superset where there is none: the conditions are looked at again after it. With
    ``many`` the last value is a list, of which one has to be met.
    """

    name = "NodeIndexSeek"
    reads = True

    def __init__(
        self,
        columns: Iterable[str],
        variable: str,
        label: str,
        values: Mapping[str, Evaluate],
        many: bool,
        text: str,
    ) -> None:
        super().__init__(columns)
        self._variable = variable
        self._label = label
        self._values = dict(values)
        self._many = many
        self._text = text

    @property
    def details(self) -> str:
        return self._text

    def rows(self, input: Iterator[Row], run: Run) -> Iterator[Row]:
        variable, graph = self._variable, run.graph
        given = tuple(self._values.items())
        found = self._of_many if self._many else self._of_one
        for row in input:
            values = {key: evaluate(row, run) for key, evaluate in given}
            for node in found(graph, values):
                yield {**row, variable: node}

    def _of_one(self, graph: Graph, values: dict[str, Any]) -> Iterator[Node]:
        if None in values.values():  # nothing equals null
            return iter(())
        found = graph.seek(self._label, values)
        return graph.nodes((self._label,)) if found is None else found

    def _of_many(self, graph: Graph, values: dict[str, Any]) -> Iterator[Node]:
        *_, last = values
        listed = [] if values[last] is None else values[last]
        if not isinstance(listed, list):  # whoever looks at the condition again says what is wrong
            yield from graph.nodes((self._label,))
            return
        for value in {equivalence_key(one): one for one in listed if one is not None}.values():
            found = graph.seek(self._label, {**values, last: value})
            if found is None:
                yield from graph.nodes((self._label,))
                return
            yield from found


class ById(Operator):
    """The node or the relationship whose id or element id is some value, or one of a list."""

    reads = True

    def __init__(
        self,
        columns: Iterable[str],
        variable: str,
        value: Evaluate,
        *,
        relationship: bool,
        element: bool,
        many: bool,
        text: str,
    ) -> None:
        super().__init__(columns)
        kind = "DirectedRelationship" if relationship else "Node"
        self.name = f"{kind}By{'Element' if element else ''}IdSeek"
        self._variable = variable
        self._value = value
        self._relationship = relationship
        self._element = element
        self._many = many
        self._text = text

    @property
    def details(self) -> str:
        return self._text

    def rows(self, input: Iterator[Row], run: Run) -> Iterator[Row]:
        variable, graph = self._variable, run.graph
        look_up: Callable[[int], Node | Relationship | None]
        look_up = graph.relationship if self._relationship else graph.node
        for row in input:
            value = self._value(row, run)
            listed = value if self._many and isinstance(value, list) else [value]
            for id in dict.fromkeys(map(self._id, listed)):
                found = None if id is None else look_up(id)
                if found is not None:
                    yield {**row, variable: found}

    def _id(self, value: Any) -> int | None:
        if not self._element:
            if type(value) is float and value.is_integer():
                return int(value)
            return value if type(value) is int else None
        # The conditions that are looked at afterwards say whether it is this graph's.
        last = value.rpartition(":")[2] if isinstance(value, str) else ""
        return int(last) if last.isascii() and last.isdigit() and len(last) < 20 else None


class RelationshipScan(Operator):
    """Every relationship, of some types or of any, with the nodes at its ends."""

    reads = True

    def __init__(
        self,
        columns: Iterable[str],
        variable: str,
        start: str,
        end: str,
        types: frozenset[str],
        *,
        directed: bool,
    ) -> None:
        super().__init__(columns)
        kind = "Directed" if directed else "Undirected"
        self.name = f"{kind}{'RelationshipTypeScan' if types else 'AllRelationshipsScan'}"
        self._variable = variable
        self._start = start
        self._end = end
        self._types = types
        self._directed = directed

    @property
    def details(self) -> str:
        type = f":{'|'.join(sorted(self._types))}" if self._types else ""
        names = [
            "" if name.startswith(" ") else name
            for name in (self._start, self._variable, self._end)
        ]
        return f"({names[0]})-[{names[1]}{type}]-{'>' if self._directed else ''}({names[2]})"

    def rows(self, input: Iterator[Row], run: Run) -> Iterator[Row]:
        variable, start, end, graph = self._variable, self._start, self._end, run.graph
        for row in input:
            for relationship in graph.relationships(self._types):
                one, other = graph.node(relationship.start_id), graph.node(relationship.end_id)
                if one is None or other is None:  # deleted by this query
                    continue
                yield {**row, variable: relationship, start: one, end: other}
                if not self._directed and one.id != other.id:
                    yield {**row, variable: relationship, start: other, end: one}
