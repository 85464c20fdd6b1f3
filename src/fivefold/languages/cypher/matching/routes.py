"""Path variables: the path that a match has walked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from fivefold.languages.cypher.graph import Row, Run
from fivefold.languages.cypher.matching.pattern import Route
from fivefold.languages.cypher.operators import ROWS, Operator, batches
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
        for some in batches(input, ROWS):
            ids = {id for row in some for id in self._between(row)}
            known = run.graph.nodes_by_id(ids) if ids else {}
            for row in some:
                yield {**row, self._name: self._path(row, known)}

    def _between(self, row: Row) -> Iterator[int]:
        """Yield the ids of the nodes that only relationships in lists tell of."""
        for link, before in zip(self._links, self._nodes, strict=False):
            value = row[link]
            if isinstance(value, list):
                id = row[before].id
                for relationship in value[:-1]:
                    id = relationship.other_id(id)
                    yield id

    def _path(self, row: Row, known: Mapping[int, Node]) -> Path:
        passed: list[Node] = [row[self._nodes[0]]]
        followed: list[Relationship] = []
        for link, node in zip(self._links, self._nodes[1:], strict=True):
            value = row[link]
            if not isinstance(value, list):
                passed.append(row[node])
                followed.append(value)
                continue
            followed += value
            for relationship in value[:-1]:
                passed.append(known[relationship.other_id(passed[-1].id)])
            if value:
                passed.append(row[node])
        return Path(passed, followed)
