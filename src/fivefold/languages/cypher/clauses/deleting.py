"""DELETE and DETACH DELETE, of entities, of paths, and of lists of them; null is left alone.

That a node has no relationships left is looked at when the whole query is done.
Source: openCypher 9, "DELETE"; Cypher Manual, "DELETE".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from fivefold.languages.cypher import tree
from fivefold.languages.cypher.context import Context
from fivefold.languages.cypher.graph import Graph, Row, Run
from fivefold.languages.cypher.operators import Operator
from fivefold.languages.cypher.printing import printed
from fivefold.languages.cypher.walk import looks
from fivefold.values.graph.entities import Node, Path, Relationship
from fivefold.values.graph.faults import fault
from fivefold.values.graph.text import literal


class Delete(Operator):
    """Deletes what expressions name, for each row."""

    writes = True

    def __init__(self, columns: Iterable[str], clause: tree.Delete, context: Context) -> None:
        super().__init__(columns)
        self.name = "DetachDelete" if clause.detach else "Delete"
        self._detach = clause.detach
        self._expressions = tuple(context.evaluate(one) for one in clause.expressions)
        self._text = ", ".join(map(printed, clause.expressions))
        self.reads = looks(*clause.expressions)

    @property
    def details(self) -> str:
        return self._text

    def rows(self, input: Iterator[Row], run: Run) -> Iterator[Row]:
        graph = run.graph
        for row in input:
            values = [evaluate(row, run) for evaluate in self._expressions]
            for value in values:
                _delete(value, self._detach, graph)
            yield row


def _delete(value: Any, detach: bool, graph: Graph) -> None:
    if isinstance(value, Node):
        if detach and not value.deleted:
            for relationship in list(graph.expand(value, tree.Direction.EITHER)):
                graph.delete_relationship(relationship)
        graph.delete_node(value)
    elif isinstance(value, Relationship):
        graph.delete_relationship(value)
    elif isinstance(value, Path):
        for one in (*value.relationships, *value.nodes):
            _delete(one, detach, graph)
    elif isinstance(value, list):
        for one in value:
            _delete(one, detach, graph)
    elif value is not None:
        raise fault(
            "InvalidArgumentType",
            f"Expected a Node, Relationship or Path, but got: {literal(value)}",
            type="TypeError",
        )
