"""Path variables: the path that a match has walked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fivefold.languages.cypher.graph import Graph, Row, Run
from fivefold.languages.cypher.matching.pattern import Route
from fivefold.languages.cypher.operators import Operator
from fivefold.values.graph.entities import Node, Path, Relationship


class JoinedPath(Operator):
    """Makes the path of the nodes and relationships that a pattern has matched."""

    name = "Projection"
    reads = True

    def __init__(self, columns: Iterable[str], route: Route) -> None:
        super().__init__(columns)
        self._name = route.name
        self._nodes = route.elements[::2]
        self._links = route.elements[1::2]

    @property
    def details(self) -> str:
        return self._name

    def rows(self, input: Iterator[Row], run: Run) -> Iterator[Row]:
        name, nodes, links, graph = self._name, self._nodes, self._links, run.graph
        for row in input:
            passed: list[Node] = [row[nodes[0]]]
            followed: list[Relationship] = []
            for link, node in zip(links, nodes[1:], strict=True):
                value = row[link]
                if isinstance(value, list):
                    for relationship in value:
                        passed.append(_other(graph, relationship, passed[-1]))
                        followed.append(relationship)
                else:
                    passed.append(row[node])
                    followed.append(value)
            yield {**row, name: Path(passed, followed)}


def _other(graph: Graph, relationship: Relationship, node: Node) -> Node:
    other = graph.node(relationship.other_id(node.id))
    assert other is not None, relationship
    return other
