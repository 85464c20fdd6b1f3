"""Nodes, relationships and paths.

Source: openCypher 9, "Values and types": structural types. Two entities are equal if they are of
one sort and have one id; a path is the nodes and relationships that it passes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from fivefold.errors import FivefoldError
from fivefold.values.graph.faults import fault

Properties = dict[str, Any]


class Entity:
    """A node or a relationship. Within one query there is one object for each.

    ``properties`` holds no nulls. ``deleted`` is set when the query has deleted it: its identity
    remains, its contents may no longer be read.
    """

    __slots__ = ("deleted", "id", "properties")

    def __init__(self, id: int, properties: Properties) -> None:
        self.id = id
        self.properties = properties
        self.deleted = False

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.id == self.id

    def __hash__(self) -> int:
        return hash((type(self), self.id))


class Node(Entity):
    """A node: ``labels`` in no particular order."""

    __slots__ = ("labels",)

    def __init__(self, id: int, labels: Iterable[str] = (), properties: Properties | None = None):
        super().__init__(id, {} if properties is None else properties)
        self.labels = frozenset(labels)

    def __repr__(self) -> str:
        return f"Node({self.id}, {sorted(self.labels)}, {self.properties})"


class Relationship(Entity):
    """A relationship, from the node ``start_id`` to the node ``end_id``."""

    __slots__ = ("end_id", "start_id", "type")

    def __init__(
        self,
        id: int,
        type: str,
        start_id: int,
        end_id: int,
        properties: Properties | None = None,
    ) -> None:
        super().__init__(id, {} if properties is None else properties)
        self.type = type
        self.start_id = start_id
        self.end_id = end_id

    def other_id(self, node_id: int) -> int:
        """Return the node at the other end."""
        return self.end_id if node_id == self.start_id else self.start_id

    def __repr__(self) -> str:
        return (
            f"Relationship({self.id}, {self.type!r}, {self.start_id}, {self.end_id},"
            f" {self.properties})"
        )


class Path:
    """Nodes and the relationships between them: one node more than relationships."""

    __slots__ = ("nodes", "relationships")

    def __init__(self, nodes: Iterable[Node], relationships: Iterable[Relationship] = ()) -> None:
        self.nodes = tuple(nodes)
        self.relationships = tuple(relationships)

    def __iter__(self) -> Iterator[Node | Relationship]:
        """Yield the nodes and relationships in turns."""
        yield self.nodes[0]
        for relationship, node in zip(self.relationships, self.nodes[1:], strict=True):
            yield relationship
            yield node

    def __len__(self) -> int:
        return len(self.relationships)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Path):
            return NotImplemented
        return self.nodes == other.nodes and self.relationships == other.relationships

    def __hash__(self) -> int:
        return hash((self.nodes, self.relationships))

    def __repr__(self) -> str:
        return f"Path({', '.join(map(repr, self))})"


def contents_of(entity: Entity, at: int | None = None) -> Properties:
    """Return an entity's properties; raises fault DeletedEntityAccess."""
    if entity.deleted:
        raise _deleted(entity, at)
    return entity.properties


def labels_of(node: Node, at: int | None = None) -> frozenset[str]:
    """Return a node's labels; raises fault DeletedEntityAccess."""
    if node.deleted:
        raise _deleted(node, at)
    return node.labels


def _deleted(entity: Entity, at: int | None) -> FivefoldError:
    message = f"{type(entity).__name__} with id {entity.id} has been deleted in this transaction"
    return fault("DeletedEntityAccess", message, at=at)
