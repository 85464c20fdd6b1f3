"""The stored graph: what ``graph.Graph`` promises, over one unit of work.

What is created and changed is collected until somebody reads from the store again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from fivefold.errors import Conflict, Violation
from fivefold.languages.cypher.constraints import check_entity
from fivefold.languages.cypher.graph import Statistics, Way
from fivefold.languages.cypher.stored.keyed import Keys
from fivefold.languages.cypher.stored.opened import Opened, declare, declare_special
from fivefold.languages.cypher.stored.reading import Reading, Row
from fivefold.languages.cypher.tree import Direction
from fivefold.languages.unit import Unit
from fivefold.models.graph.keys import entry_key
from fivefold.models.graph.records import IDS_MAX, IndexPlans
from fivefold.plan.statement import Prepared
from fivefold.values.graph.entities import Entity, Node, Relationship
from fivefold.values.graph.faults import fault
from fivefold.values.graph.storage import encode, evened, is_special

WAITING_MAX = 10_000
"""Entities that are collected before they are written."""


class StoredGraph(Reading):
    """See ``graph.Graph``. ``statistics`` counts what was changed."""

    def __init__(self, unit: Unit, namespace: str, statistics: Statistics | None = None) -> None:
        super().__init__(unit, namespace, statistics)
        self._new_nodes: dict[int, Row] = {}
        self._new_relationships: dict[int, Row] = {}
        self._last_node: int | None = None
        self._last_relationship: int | None = None
        self._changed: dict[str, dict[int, Row]] = {}
        """What waits to be changed in the store, by the statement that does it."""
        # Where the store numbers rows, nobody else writes at the same time.
        self._keys = Keys(unit.runner, alone=unit.numbered)
        self._between: dict[tuple[int, ...], dict[Way, list[Relationship]]] = {}
        """For types, or none for any, what was found between two nodes."""
        self._bare: dict[int, Node] = {}  # deleted nodes whose relationships have to be gone
        self._touched: dict[int, Entity] = {}  # what existence constraints are to be asked about

    # What a query finds again and again

    def with_key(self, plans: IndexPlans, key: bytes) -> list[Node]:
        """Return the nodes with a key in an index."""
        found = self._keys.known(plans, key)
        if found is None:
            self.flush_nodes()
            found = self._keys.look_for_one(plans, key, self.node_of)
        return found

    def with_keys(self, plans: IndexPlans, keys: Iterable[bytes]) -> None:
        """Have the nodes with these keys at hand."""
        missing = self._keys.missing(plans, keys)
        if missing:
            self.flush_nodes()
            self._keys.look_for(plans, missing, self.node_of)

    def linked(self, start: int, end: int, types: tuple[int, ...]) -> Sequence[Relationship]:
        """Return the relationships from one node to another, of types or, without any, of all."""
        known = self._between.setdefault(types, {})
        found = known.get((start, end))
        if found is None:
            self.flush_relationships()
            assert self._opened is not None
            plans = self._opened.plans
            rows = self.rows_between(plans.between, plans.between_typed, (start,), types, (end,))
            found = known[start, end] = [self.relationship_of(row) for row in rows]
        return found

    def link_all(self, pairs: Iterable[Way], types: tuple[int, ...]) -> None:
        """Have the relationships between pairs of nodes, from the one to the other, at hand."""
        known = self._between.setdefault(types, {})
        missing = [pair for pair in dict.fromkeys(pairs) if pair not in known]
        known.update((pair, []) for pair in missing)
        if not missing:
            return
        assert self._opened is not None
        self.flush_relationships()
        plans = self._opened.plans
        for at in range(0, len(missing), IDS_MAX):
            given = str([*map(list, missing[at : at + IDS_MAX])])
            for row in self.rows_between(
                plans.all_between, plans.all_between_typed, (given,), types, ()
            ):
                known[row[2], row[3]].append(self.relationship_of(row))

    # Reading

    def ways_from(
        self, ids: Iterable[int], direction: Direction, types: Iterable[str] = ()
    ) -> dict[int, list[Way]]:
        """See ``graph.Graph``."""
        found = super().ways_from(ids, direction, types)
        if self._bare:
            gone = self._bare
            found = {id: [one for one in ways if one[1] not in gone] for id, ways in found.items()}
        return found

    # Writing

    def create_node(self, labels: Iterable[str], properties: Mapping[str, Any]) -> Node:
        """See ``graph.Graph``."""
        wanted = frozenset(labels)
        opened = self._known(wanted)
        kept = {
            name: value if value.__class__ is not list else evened(value)
            for name, value in properties.items()
            if value is not None
        }
        kind = opened.vocabulary.kind(wanted)
        text = self._encoded(kept)
        if self._last_node is None and opened.plans.numbered:
            ((id_,),) = self._run(opened.plans.insert_next_node, (kind, text))
            self._last_node = id_
        else:
            id_ = self._next_node(opened)
            self._new_nodes[id_] = (id_, kind, text)
        node = Node(id_, wanted, kept)
        for index in opened.plans.indexes:
            if index.index.label in wanted and not index.index.relationship:
                self._keys.put(index, node)
        assert self._nodes is not None
        self._nodes[node.id] = node
        if opened.asks:
            self._touched[id(node)] = node
        if len(self._new_nodes) >= WAITING_MAX:
            self.flush()
        counted = self.statistics
        counted.nodes_created += 1
        counted.properties_set += len(kept)
        counted.labels_added += len(wanted)
        return node

    def create_relationship(
        self, type: str, start: Node, end: Node, properties: Mapping[str, Any]
    ) -> Relationship:
        """See ``graph.Graph``."""
        opened = self._opened
        number = None if opened is None else opened.vocabulary.type(type)
        if opened is None or number is None:
            declare(self.unit, self.namespace, (), (type,))
            raise AssertionError(type)
        for node in (start, end):
            if node.deleted:
                raise fault("DeletedEntityAccess", f"Node({node.id}) has been deleted")
        kept = {
            name: value if value.__class__ is not list else evened(value)
            for name, value in properties.items()
            if value is not None
        }
        text = self._encoded(kept)
        if self._last_relationship is None and opened.plans.numbered:
            row = (number, start.id, end.id, text)
            ((id_,),) = self._run(opened.plans.insert_next_relationship, row)
            self._last_relationship = id_
        else:
            id_ = self._next_relationship(opened)
            self._new_relationships[id_] = (id_, number, start.id, end.id, text)
        made = Relationship(id_, type, start.id, end.id, kept)
        for index in opened.plans.indexes:
            if index.index.relationship and index.index.label == type:
                self._keys.put(index, made)
        assert self._relationships is not None
        self._relationships[made.id] = made
        for types, known in self._between.items():
            if (start.id, end.id) in known and (not types or number in types):
                known[start.id, end.id].append(made)
        if opened.asks:
            self._touched[id(made)] = made
        if len(self._new_relationships) >= WAITING_MAX:
            self.flush()
        self.statistics.relationships_created += 1
        self.statistics.properties_set += len(kept)
        return made

    def set_properties(
        self, entity: Node | Relationship, properties: Mapping[str, Any], *, replace: bool
    ) -> None:
        """See ``graph.Graph``."""
        self._check_there(entity)
        assert self._opened is not None
        before = entity.properties
        after = {} if replace else dict(before)
        for name, value in properties.items():
            if value is None:
                after.pop(name, None)
            else:
                after[name] = value if value.__class__ is not list else evened(value)
        text = self._encoded(after)
        self._rekey(entity, before, after)
        self._put_text(entity, text)
        gone = len([name for name in before if name not in after]) if replace else 0
        self.statistics.properties_set += gone + len(
            [name for name, value in properties.items() if value is not None or name in before]
        )
        if self._opened.asks:
            self._touched[id(entity)] = entity

    def _rekey(
        self, entity: Node | Relationship, before: dict[str, Any], after: dict[str, Any]
    ) -> None:
        """Give an entity other properties, and the keys that go with them."""
        moved = [
            (index, old)
            for index in self._indexes_of(entity)
            if (old := entry_key(index.index.properties, before))
            != entry_key(index.index.properties, after)
        ]
        for index, old in moved:
            self._keys.drop(index, old, entity)
        entity.properties = after
        for index, _ in moved:
            self._keys.put(index, entity)

    def _put_text(self, entity: Node | Relationship, text: str) -> None:
        """Have an entity's properties written, with those of others."""
        id = entity.id
        is_node = isinstance(entity, Node)
        new = self._new_nodes if is_node else self._new_relationships
        waiting = new.get(id)
        if waiting is not None:
            new[id] = (*waiting[:-1], text)
            return
        self._change("update_node" if is_node else "update_relationship", id, text)

    def _change(self, statement: str, id: int, value: Any) -> None:
        """Have a row of the store changed, with others."""
        changed = self._changed.setdefault(statement, {})
        changed[id] = (value, id)
        if len(changed) >= WAITING_MAX:
            self.flush()

    def add_labels(self, node: Node, labels: Iterable[str]) -> None:
        """See ``graph.Graph``."""
        self._relabel(node, node.labels | frozenset(labels))

    def remove_labels(self, node: Node, labels: Iterable[str]) -> None:
        """See ``graph.Graph``."""
        self._relabel(node, node.labels - frozenset(labels))

    def _relabel(self, node: Node, labels: frozenset[str]) -> None:
        self._check_there(node)
        before = node.labels
        if labels == before:
            return
        opened = self._known(labels)
        node.labels = labels
        kind = opened.vocabulary.kind(labels)
        waiting = self._new_nodes.get(node.id)
        if waiting is not None:
            self._new_nodes[node.id] = (node.id, kind, waiting[-1])
        else:
            self._change("update_kind", node.id, kind)
        for index in opened.plans.indexes:
            if index.index.relationship:
                continue
            had, has = index.index.label in before, index.index.label in labels
            if has and not had:
                self._keys.put(index, node)
            elif had and not has:
                self._keys.drop(index, entry_key(index.index.properties, node.properties), node)
        self.statistics.labels_added += len(labels - before)
        self.statistics.labels_removed += len(before - labels)
        if opened.asks:
            self._touched[id(node)] = node

    def delete_relationship(self, relationship: Relationship) -> None:
        """See ``graph.Graph``."""
        if relationship.deleted:
            return
        assert self._opened is not None
        self.flush()
        self._highest_relationship(self._opened)
        self._between.clear()
        self._drop_keys(relationship)
        self._run(self._opened.plans.delete_relationship, (relationship.id,))
        relationship.deleted = True
        self.statistics.relationships_deleted += 1

    def delete_node(self, node: Node) -> None:
        """See ``graph.Graph``."""
        if node.deleted:
            return
        assert self._opened is not None
        self.flush()
        self._highest_node(self._opened)
        self._drop_keys(node)
        self._run(self._opened.plans.delete_node, (node.id,))
        node.deleted = True
        self._bare[node.id] = node
        self.statistics.nodes_deleted += 1

    def finish(self) -> None:
        """See ``graph.Graph``; all that waits is written."""
        self.flush()
        opened = self._opened
        if opened is None:
            return
        for id in self._bare:
            out, into = opened.plans.count_out, opened.plans.count_into
            if self._run(out, (id,))[0][0] or self._run(into, (id,))[0][0]:
                raise fault(
                    "DeleteConnectedNode",
                    f"Cannot delete node<{id}>, because it still has relationships. To delete this"
                    " node, you must first delete its relationships.",
                )
        self._bare.clear()
        if self._touched:
            for entity in self._touched.values():
                if not entity.deleted:
                    check_entity(opened.graph, entity)
            self._touched.clear()

    def flush(self) -> None:
        """Write what waits."""
        self.flush_nodes()
        self.flush_relationships()
        if self._changed:
            assert self._opened is not None
            changed, self._changed = self._changed, {}
            for name, rows in changed.items():
                self._write(getattr(self._opened.plans, name), rows)

    def flush_nodes(self) -> None:
        """Write the nodes that wait, and the keys."""
        if self._new_nodes:
            assert self._opened is not None
            self._write(self._opened.plans.insert_node, self._new_nodes)
            self._new_nodes = {}
        if self._keys.waits:
            self._keys.write()

    def flush_relationships(self) -> None:
        if self._new_relationships:
            assert self._opened is not None
            self._write(self._opened.plans.insert_relationship, self._new_relationships)
            self._new_relationships = {}

    def _write(self, prepared: Prepared, rows: dict[int, Row]) -> None:
        try:
            if len(rows) == 1:
                self._run(prepared, *rows.values())
            else:
                self.unit.runner.run_many(prepared, rows.values())
        except Violation:
            raise Conflict("another transaction wrote at the same time") from None

    def _known(self, labels: frozenset[str]) -> Opened:
        """Return the graph, which knows these labels. Raises NeedsChange."""
        opened = self._opened
        if opened is None or opened.vocabulary.kind(labels) is None:
            declare(self.unit, self.namespace, (labels,), ())
            raise AssertionError(labels)
        return opened

    def _encoded(self, properties: Mapping[str, Any]) -> str:
        text = encode(properties)
        if '{"$' in text and is_special(text):
            assert self._opened is not None
            if not self._opened.graph.special:
                raise declare_special(self.unit, self.namespace)
        return text

    def _check_there(self, entity: Entity) -> None:
        if entity.deleted:
            what = "Node" if isinstance(entity, Node) else "Relationship"
            raise fault("DeletedEntityAccess", f"{what}({entity.id}) has been deleted")

    def _next_node(self, opened: Opened) -> int:
        if not opened.plans.numbered:
            return self.unit.stamp()
        self._last_node = self._highest_node(opened) + 1
        return self._last_node

    def _highest_node(self, opened: Opened) -> int:
        """Return the highest id that a node has, or had when the query began: none comes again."""
        if self._last_node is None:
            last = self._run(opened.plans.last_node)[0][0]
            self._last_node = -1 if last is None else last
        return self._last_node

    def _next_relationship(self, opened: Opened) -> int:
        if not opened.plans.numbered:
            return self.unit.stamp()
        self._last_relationship = self._highest_relationship(opened) + 1
        return self._last_relationship

    def _highest_relationship(self, opened: Opened) -> int:
        """Return likewise the highest id of relationships."""
        if self._last_relationship is None:
            last = self._run(opened.plans.last_relationship)[0][0]
            self._last_relationship = -1 if last is None else last
        return self._last_relationship

    # Indexes

    def _indexes_of(self, entity: Node | Relationship) -> Iterator[IndexPlans]:
        assert self._opened is not None
        for plans in self._opened.plans.indexes:
            index = plans.index
            if isinstance(entity, Node):
                if not index.relationship and index.label in entity.labels:
                    yield plans
            elif index.relationship and index.label == entity.type:
                yield plans

    def _drop_keys(self, entity: Node | Relationship) -> None:
        for index in self._indexes_of(entity):
            key = entry_key(index.index.properties, entity.properties)
            self._keys.drop(index, key, entity)
