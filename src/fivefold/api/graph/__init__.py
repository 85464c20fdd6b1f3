"""The graph model in a program: ``db.cypher`` with records, nodes, relationships and paths."""

from fivefold.api.graph.entities import Node, Path, Relationship
from fivefold.api.graph.result import Record, Result
from fivefold.api.graph.text import as_text

__all__ = ["Node", "Path", "Record", "Relationship", "Result", "as_text"]
