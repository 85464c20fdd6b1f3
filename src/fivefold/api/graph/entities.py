"""Nodes, relationships and paths as a program gets them, with the names of Neo4j's own driver.

They are what they were when the query ended: nothing is read later, nothing can be changed.
"""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, KeysView, Mapping, ValuesView
from types import MappingProxyType
from typing import Any


class Entity:
    """A node or a relationship: a mapping of its properties."""

    __slots__ = ("_graph", "_properties", "id")

    _sort = 0

    def __init__(self, graph: str, id: int, properties: Mapping[str, Any]) -> None:
        self._graph = graph
        self._properties = properties
        self.id = id

    @property
    def element_id(self) -> str:
        """Return what ``elementId()`` returns."""
        return f"{self._sort}:{self._graph}:{self.id}"

    @property
    def properties(self) -> Mapping[str, Any]:
        """Return the properties, not to be changed."""
        return MappingProxyType(self._properties)

    def __getitem__(self, name: str) -> Any:
        return self._properties[name]

    def __contains__(self, name: object) -> bool:
        return name in self._properties

    def __iter__(self) -> Iterator[str]:
        return iter(self._properties)

    def __len__(self) -> int:
        return len(self._properties)

    def get(self, name: str, default: Any = None) -> Any:
        """Return a property, or ``default`` if there is none of that name."""
        return self._properties.get(name, default)

    def keys(self) -> KeysView[str]:
        """Return the properties' names."""
        return self._properties.keys()

    def values(self) -> ValuesView[Any]:
        """Return the properties' values."""
        return self._properties.values()

    def items(self) -> ItemsView[str, Any]:
        """Return names and values."""
        return self._properties.items()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Entity):
            return NotImplemented
        return (self._sort, self._graph, self.id) == (other._sort, other._graph, other.id)

    def __hash__(self) -> int:
        return hash((self._sort, self._graph, self.id))


class Node(Entity):
    """A node."""

    __slots__ = ("labels",)

    _sort = 4

    def __init__(
        self, graph: str, id: int, labels: frozenset[str], properties: Mapping[str, Any]
    ) -> None:
        super().__init__(graph, id, properties)
        self.labels = labels

    def __repr__(self) -> str:
        return (
            f"<Node element_id={self.element_id!r} labels={set(self.labels)!r}"
            f" properties={dict(self._properties)!r}>"
        )


class Relationship(Entity):
    """A relationship. Its nodes have their labels and properties only where they are known."""

    __slots__ = ("nodes", "type")

    _sort = 5

    def __init__(
        self,
        graph: str,
        id: int,
        type: str,
        start: Node,
        end: Node,
        properties: Mapping[str, Any],
    ) -> None:
        super().__init__(graph, id, properties)
        self.type = type
        self.nodes = (start, end)

    @property
    def start_node(self) -> Node:
        """Return the node at which it begins."""
        return self.nodes[0]

    @property
    def end_node(self) -> Node:
        """Return the node at which it ends."""
        return self.nodes[1]

    def __repr__(self) -> str:
        return (
            f"<Relationship element_id={self.element_id!r} nodes=({self.nodes[0].id},"
            f" {self.nodes[1].id}) type={self.type!r} properties={dict(self._properties)!r}>"
        )


class Path:
    """Nodes and the relationships between them."""

    __slots__ = ("nodes", "relationships")

    def __init__(self, nodes: tuple[Node, ...], relationships: tuple[Relationship, ...]) -> None:
        self.nodes = nodes
        self.relationships = relationships

    @property
    def start_node(self) -> Node:
        """Return the first node."""
        return self.nodes[0]

    @property
    def end_node(self) -> Node:
        """Return the last node."""
        return self.nodes[-1]

    def __len__(self) -> int:
        return len(self.relationships)

    def __iter__(self) -> Iterator[Relationship]:
        return iter(self.relationships)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Path):
            return NotImplemented
        return self.nodes == other.nodes and self.relationships == other.relationships

    def __hash__(self) -> int:
        return hash((self.nodes, self.relationships))

    def __repr__(self) -> str:
        return f"<Path start={self.start_node!r} end={self.end_node!r} size={len(self)}>"
