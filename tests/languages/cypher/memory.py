"""A graph of dictionaries: what a stored graph is held against, and the quickest one to test with.

``MemoryGraph`` fulfils ``fivefold.languages.cypher.graph.Graph``. It belongs to one session:
``checkpoint`` and ``restore`` are its transactions.
"""

from __future__ import annotations

import copy
import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from fivefold.languages.cypher.graph import Run, Statistics, Way
from fivefold.languages.cypher.tree import Direction
from fivefold.values.graph.entities import Node, Relationship
from fivefold.values.graph.faults import fault
from fivefold.values.graph.temporal.native import from_native

Constraint = tuple[str, tuple[str, ...]]
"""A label or a type, and the names of properties."""


class MemoryGraph:
    """Nodes and relationships by their ids.

    ``unique`` and ``existing`` are constraints on nodes' labels or relationships' types;
    ``indexes`` are those that ``seek`` knows, ``unique`` ones are among them by themselves.
    """

    def __init__(self) -> None:
        self.statistics = Statistics()
        self.unique: set[Constraint] = set()
        self.existing: set[tuple[str, str]] = set()
        self.indexes: set[Constraint] = set()
        self._nodes: dict[int, Node] = {}
        self._relationships: dict[int, Relationship] = {}
        self._out: dict[int, dict[int, Relationship]] = {}
        self._in: dict[int, dict[int, Relationship]] = {}
        self._keys: set[str] = set()
        self._next = 0
        self._stranded: dict[int, Node] = {}

    # Tests' own conveniences.

    def run(self, parameters: Mapping[str, Any] | None = None, now: Any = None) -> Run:
        """Return one execution over this graph, with counters that begin at zero."""
        self.statistics = Statistics()
        moment = from_native(datetime.datetime.now(datetime.UTC)) if now is None else now
        return Run(self, dict(parameters or {}), moment, self.statistics)

    def checkpoint(self) -> MemoryGraph:
        """Return the graph as it is now, for ``restore``."""
        return copy.deepcopy(self)

    def restore(self, kept: MemoryGraph) -> None:
        """Become what the graph was."""
        self.__dict__.update(copy.deepcopy(kept).__dict__)

    # Reading.

    def node(self, id: int) -> Node | None:
        return self._nodes.get(id)

    def relationship(self, id: int) -> Relationship | None:
        return self._relationships.get(id)

    def nodes_by_id(self, ids: Iterable[int]) -> Mapping[int, Node]:
        return {id: self._nodes[id] for id in ids if id in self._nodes}

    def relationships_by_id(self, ids: Iterable[int]) -> Mapping[int, Relationship]:
        return {id: self._relationships[id] for id in ids if id in self._relationships}

    def nodes(self, labels: Iterable[str] = ()) -> Iterator[Node]:
        wanted = frozenset(labels)
        for node in list(self._nodes.values()):
            if wanted <= node.labels and not node.deleted:
                yield node

    def relationships(self, types: Iterable[str] = ()) -> Iterator[Relationship]:
        wanted = frozenset(types)
        for relationship in list(self._relationships.values()):
            if (not wanted or relationship.type in wanted) and not relationship.deleted:
                yield relationship

    def seek(self, label: str, values: Mapping[str, Any]) -> Iterator[Node] | None:
        wanted = tuple(sorted(values))
        if not any(
            label == one and tuple(sorted(names)) == wanted for one, names in self._indexed()
        ):
            return None
        return (node for node in self.nodes([label]) if _holds(node.properties, values))

    def expand(
        self, node: Node, direction: Direction, types: Iterable[str] = ()
    ) -> Iterator[Relationship]:
        wanted = frozenset(types)
        out = self._out.get(node.id, {}) if direction is not Direction.LEFT else {}
        into = self._in.get(node.id, {}) if direction is not Direction.RIGHT else {}
        for relationship in [*out.values(), *(r for r in into.values() if r.id not in out)]:
            if (not wanted or relationship.type in wanted) and not relationship.deleted:
                yield relationship

    def ways_from(
        self, ids: Iterable[int], direction: Direction, types: Iterable[str] = ()
    ) -> Mapping[int, Sequence[Way]]:
        found: dict[int, list[Way]] = {}
        for id in ids:
            near = self._nodes.get(id)
            ways = [] if near is None else [*self.expand(near, direction, types)]
            ends = [(one.id, one.other_id(id)) for one in ways]
            found[id] = [way for way in ends if way[1] in self._nodes]
        return found

    def between(self, start: Node, end: Node, types: Iterable[str] = ()) -> Iterator[Relationship]:
        for relationship in self.expand(start, Direction.RIGHT, types):
            if relationship.end_id == end.id:
                yield relationship

    def degree(self, node: Node, direction: Direction, types: Iterable[str] = ()) -> int:
        return sum(1 for _ in self.expand(node, direction, types))

    @property
    def uuid(self) -> str:
        return "00000000-0000-0000-0000-000000000000"

    def labels(self) -> Sequence[str]:
        return sorted({label for node in self.nodes() for label in node.labels})

    def types(self) -> Sequence[str]:
        return sorted({relationship.type for relationship in self.relationships()})

    def keys(self) -> Sequence[str]:
        return sorted(self._keys)

    # Writing.

    def create_node(self, labels: Iterable[str], properties: Mapping[str, Any]) -> Node:
        node = Node(self._new_id(), labels, _kept(properties))
        self._check(node, node.labels, node.properties)
        self._nodes[node.id] = node
        self._out[node.id], self._in[node.id] = {}, {}
        self._keys.update(node.properties)
        self.statistics.nodes_created += 1
        self.statistics.labels_added += len(node.labels)
        self.statistics.properties_set += len(node.properties)
        return node

    def create_relationship(
        self, type: str, start: Node, end: Node, properties: Mapping[str, Any]
    ) -> Relationship:
        for node in (start, end):
            if node.deleted:
                raise _gone("Node", node.id)
        made = Relationship(self._new_id(), type, start.id, end.id, _kept(properties))
        self._check(made, {type}, made.properties)
        self._relationships[made.id] = made
        self._out[start.id][made.id] = made
        self._in[end.id][made.id] = made
        self._keys.update(made.properties)
        self.statistics.relationships_created += 1
        self.statistics.properties_set += len(made.properties)
        return made

    def set_properties(
        self, entity: Node | Relationship, properties: Mapping[str, Any], *, replace: bool
    ) -> None:
        if entity.deleted:
            raise _gone(type(entity).__name__, entity.id)
        before = entity.properties
        after = _kept(properties if replace else {**before, **properties})
        self._check(entity, _marks(entity), after)
        self.statistics.properties_set += len(_kept(properties))
        self.statistics.properties_set += sum(1 for key in before if key not in after)
        self._keys.update(after)
        entity.properties = after

    def add_labels(self, node: Node, labels: Iterable[str]) -> None:
        if node.deleted:
            raise _gone("Node", node.id)
        after = node.labels | frozenset(labels)
        self._check(node, after, node.properties)
        self.statistics.labels_added += len(after - node.labels)
        node.labels = after

    def remove_labels(self, node: Node, labels: Iterable[str]) -> None:
        if node.deleted:
            raise _gone("Node", node.id)
        after = node.labels - frozenset(labels)
        self.statistics.labels_removed += len(node.labels - after)
        node.labels = after

    def delete_relationship(self, relationship: Relationship) -> None:
        if relationship.deleted:
            return
        relationship.deleted = True
        del self._relationships[relationship.id]
        self._out[relationship.start_id].pop(relationship.id)
        self._in[relationship.end_id].pop(relationship.id)
        self.statistics.relationships_deleted += 1

    def delete_node(self, node: Node) -> None:
        if node.deleted:
            return
        node.deleted = True
        del self._nodes[node.id]
        self._stranded[node.id] = node
        self.statistics.nodes_deleted += 1

    def finish(self) -> None:
        for id in self._stranded:
            if self._out[id] or self._in[id]:
                raise fault(
                    "DeleteConnectedNode",
                    f"Cannot delete node<{id}>, because it still has relationships. To delete this"
                    " node, you must first delete its relationships.",
                )
        for id in self._stranded:
            del self._out[id], self._in[id]
        self._stranded.clear()

    def _new_id(self) -> int:
        self._next += 1
        return self._next - 1

    def _indexed(self) -> set[Constraint]:
        return self.indexes | self.unique

    def _check(
        self, entity: Node | Relationship, marks: Iterable[str], properties: Mapping[str, Any]
    ) -> None:
        """Hold an entity against the constraints, as it is to be."""
        marks = frozenset(marks)
        for mark, key in self.existing:
            if mark in marks and key not in properties:
                raise fault(
                    "MissingProperty",
                    f"{type(entity).__name__}({entity.id}) with label `{mark}` must have the"
                    f" property `{key}`",
                )
        others: Iterable[Node | Relationship] = (
            self._nodes.values() if isinstance(entity, Node) else self._relationships.values()
        )
        for mark, names in self.unique:
            if mark not in marks or any(name not in properties for name in names):
                continue
            values = {name: properties[name] for name in names}
            for other in others:
                if (
                    other is not entity
                    and mark in _marks(other)
                    and _holds(other.properties, values)
                ):
                    raise fault(
                        "CreateBlockedByConstraint",
                        f"{type(entity).__name__}({other.id}) already exists with label `{mark}`"
                        f" and property {values}",
                    )


def _marks(entity: Node | Relationship) -> frozenset[str]:
    return entity.labels if isinstance(entity, Node) else frozenset([entity.type])


def _gone(kind: str, id: int) -> Exception:
    return fault("DeletedEntityAccess", f"{kind} with id {id} has been deleted in this transaction")


def _holds(properties: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    return all(
        name in properties and value is not None and _sorted_out(properties[name], value)
        for name, value in values.items()
    )


def _sorted_out(one: Any, other: Any) -> bool:
    """Say whether two stored values are equal; True is not 1."""
    return isinstance(one, bool) is isinstance(other, bool) and bool(one == other)


def _kept(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return the properties that are not null. Raises fault InvalidPropertyType."""
    kept = {key: value for key, value in properties.items() if value is not None}
    for value in kept.values():
        items = value if isinstance(value, list) else [value]
        for item in items:
            if item is None or isinstance(item, dict | list | Node | Relationship):
                raise fault(
                    "InvalidPropertyType",
                    "Property values can only be of primitive types or arrays thereof.",
                )
    return kept
