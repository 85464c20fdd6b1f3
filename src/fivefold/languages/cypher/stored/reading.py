"""The part of a stored graph that reads.

A graph that only reads hands out new objects; one that may write has one object for each entity.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from fivefold.languages.cypher.graph import Statistics, Way
from fivefold.languages.cypher.stored.opened import Opened, find
from fivefold.languages.cypher.tree import Direction
from fivefold.languages.unit import Unit
from fivefold.models.graph.keys import entry_key
from fivefold.models.graph.records import IDS_MAX, IndexPlans
from fivefold.plan.statement import Prepared
from fivefold.values.graph.entities import Node, Relationship
from fivefold.values.graph.order import equals
from fivefold.values.graph.storage import decode

Row = tuple[Any, ...]

E = TypeVar("E", Node, Relationship)

TYPES_ASKED_MAX = 8
"""Of so many types each is asked for by itself."""


class Reading:
    """What is read of a graph. ``statistics`` counts what was changed."""

    def __init__(self, unit: Unit, namespace: str, statistics: Statistics | None = None) -> None:
        self.unit = unit
        self.namespace = namespace
        self.statistics = Statistics() if statistics is None else statistics
        self._opened = find(unit, namespace)
        self._run = unit.runner.run
        # One object for each entity, if anything may be changed.
        self._nodes: dict[int, Node] | None = {} if unit.writes else None
        self._relationships: dict[int, Relationship] | None = {} if unit.writes else None

    # What there is

    @property
    def uuid(self) -> str:
        """See ``graph.Graph``."""
        return "0" * 32 if self._opened is None else self._opened.graph.uuid

    @property
    def opened(self) -> Opened | None:
        """Return what is known of the graph, None if there is nothing yet."""
        return self._opened

    def labels(self) -> Sequence[str]:
        """See ``graph.Graph``."""
        if self._opened is None:
            return []
        self.flush()
        plans = self._opened.plans
        found: set[str] = set()
        for number, labels in enumerate(self._opened.vocabulary.labels):
            if not labels <= found and self._run(plans.has_kind, (number,)):
                found |= labels
        return sorted(found)

    def types(self) -> Sequence[str]:
        """See ``graph.Graph``."""
        if self._opened is None:
            return []
        self.flush()
        has = self._opened.plans.has_type
        names = enumerate(self._opened.graph.types)
        return sorted([name for number, name in names if self._run(has, (number,))])

    def keys(self) -> Sequence[str]:
        """See ``graph.Graph``."""
        if self._opened is None:
            return []
        self.flush()
        plans = self._opened.plans
        rows = [*self._run(plans.node_keys), *self._run(plans.relationship_keys)]
        return sorted({name[1:] if name[:1] == "$" else name for (name,) in rows})

    # Reading

    def node(self, id: int) -> Node | None:
        """See ``graph.Graph``."""
        if self._nodes is not None:
            known = self._nodes.get(id)
            if known is not None:
                return None if known.deleted else known
        if self._opened is None:
            return None
        rows = self._run(self._opened.plans.node, (id,))
        return self.node_of(rows[0]) if rows else None

    def relationship(self, id: int) -> Relationship | None:
        """See ``graph.Graph``."""
        if self._relationships is not None:
            known = self._relationships.get(id)
            if known is not None:
                return None if known.deleted else known
        if self._opened is None:
            return None
        rows = self._run(self._opened.plans.relationship, (id,))
        return self.relationship_of(rows[0]) if rows else None

    def nodes_by_id(self, ids: Iterable[int]) -> dict[int, Node]:
        """See ``graph.Graph``."""
        return self._by_id(ids, self._nodes, "some_nodes", self.node_of)

    def relationships_by_id(self, ids: Iterable[int]) -> dict[int, Relationship]:
        """See ``graph.Graph``."""
        made = self.relationship_of
        return self._by_id(ids, self._relationships, "some_relationships", made)

    def _by_id(
        self,
        ids: Iterable[int],
        known: dict[int, E] | None,
        asked: str,
        make: Callable[[Row], E],
    ) -> dict[int, E]:
        found: dict[int, E] = {}
        missing = [*ids]
        if known is not None:
            found = {id: known[id] for id in missing if id in known}
            missing = [id for id in missing if id not in found]
            found = {id: entity for id, entity in found.items() if not entity.deleted}
        if missing and self._opened is not None:
            prepared: Prepared = getattr(self._opened.plans, asked)
            for at in range(0, len(missing), IDS_MAX):
                for row in self._run(prepared, (str(missing[at : at + IDS_MAX]),)):
                    found[row[0]] = make(row)
        return found

    def nodes(self, labels: Iterable[str] = ()) -> Iterator[Node]:
        """See ``graph.Graph``."""
        opened = self._opened
        if opened is None:
            return
        self.flush()
        wanted = tuple(labels)
        plans = opened.plans
        if not wanted:
            for row in self._rows(plans.all_nodes, ()):
                yield self.node_of(row)
            return
        for kind in opened.vocabulary.kinds_with_all(wanted):
            for row in self._rows(plans.nodes_of, (kind,)):
                yield self.node_of(row)

    def relationships(self, types: Iterable[str] = ()) -> Iterator[Relationship]:
        """See ``graph.Graph``."""
        opened = self._opened
        if opened is None:
            return
        self.flush()
        names = tuple(types)
        wanted = frozenset(opened.vocabulary.types(names))
        for row in self._rows(opened.plans.all_relationships, ()):
            if not names or row[1] in wanted:
                yield self.relationship_of(row)

    def seek(self, label: str, values: Mapping[str, Any]) -> Iterator[Node] | None:
        """See ``graph.Graph``: the index that has all properties, or else most of them."""
        opened = self._opened
        if opened is None:
            return None
        best: IndexPlans | None = None
        for plans in opened.plans.indexes:
            index = plans.index
            if index.label == label and not index.relationship and index.kind != "point":
                fits = all(name in values for name in index.properties)
                longer = best is None or len(index.properties) > len(best.index.properties)
                if fits and longer:
                    best = plans
        return None if best is None else self._sought(best, values)

    def _sought(self, plans: IndexPlans, values: Mapping[str, Any]) -> Iterator[Node]:
        assert self._opened is not None
        self.flush()
        try:
            key = entry_key(plans.index.properties, values)
        except AssertionError:  # a value that no property can have
            return
        if key is None:
            return
        for (id,) in self._run(plans.find, (key,)):
            node = self.node(id)
            if node is not None and all(
                equals(node.properties.get(name), value) for name, value in values.items()
            ):
                yield node

    def expand(
        self, node: Node, direction: Direction, types: Iterable[str] = ()
    ) -> Iterator[Relationship]:
        """See ``graph.Graph``."""
        opened = self._opened
        if opened is None:
            return
        self.unit.check()
        self.flush_relationships()
        names = tuple(types)
        numbers = opened.vocabulary.types(names)
        plans, id = opened.plans, node.id
        if direction is not Direction.LEFT:
            for row in self._typed(plans.out, plans.out_typed, id, names, numbers):
                yield self.relationship_of(row)
        if direction is not Direction.RIGHT:
            for row in self._typed(plans.into, plans.into_typed, id, names, numbers):
                if direction is Direction.LEFT or row[2] != id:
                    yield self.relationship_of(row)

    def _typed(
        self, plain: Prepared, typed: Prepared, id: int, names: tuple[str, ...], numbers: list[int]
    ) -> list[Row]:
        if not names:
            return self._run(plain, (id,))
        if len(numbers) == 1:
            return self._run(typed, (id, numbers[0]))
        return [row for number in numbers for row in self._run(typed, (id, number))]

    def ways_from(
        self, ids: Iterable[int], direction: Direction, types: Iterable[str] = ()
    ) -> dict[int, list[Way]]:
        """See ``graph.Graph``."""
        wanted = [*ids]
        found: dict[int, list[Way]] = {id: [] for id in wanted}
        opened = self._opened
        if opened is None:
            return found
        self.unit.check()
        self.flush_relationships()
        plans, names = opened.plans, tuple(types)
        numbers = opened.vocabulary.types(names)
        for at in range(0, len(wanted), IDS_MAX):
            given = str(wanted[at : at + IDS_MAX])
            if direction is not Direction.LEFT:
                for row in self._ways(plans.ways_out, plans.ways_out_typed, given, names, numbers):
                    found[row[0]].append(row[1:])
            if direction is not Direction.RIGHT:
                for row in self._ways(
                    plans.ways_into, plans.ways_into_typed, given, names, numbers
                ):
                    if direction is Direction.LEFT or row[0] != row[2]:
                        found[row[0]].append(row[1:])
        return found

    def _ways(
        self,
        plain: Prepared,
        typed: Prepared,
        given: str,
        names: tuple[str, ...],
        numbers: list[int],
    ) -> Iterator[Row]:
        if not names:
            yield from self._run(plain, (given,))
        for number in numbers:
            yield from self._run(typed, (given, number))

    def between(self, start: Node, end: Node, types: Iterable[str] = ()) -> Iterator[Relationship]:
        """See ``graph.Graph``. With a type it is one look-up, however many start and end have."""
        opened = self._opened
        if opened is None:
            return
        self.flush_relationships()
        names = tuple(types)
        numbers = tuple(opened.vocabulary.types(names))
        if names and not numbers:
            return
        plans = opened.plans
        for row in self.rows_between(
            plans.between, plans.between_typed, (start.id,), numbers, (end.id,)
        ):
            yield self.relationship_of(row)

    def rows_between(
        self,
        plain: Prepared,
        typed: Prepared,
        starts: tuple[Any, ...],
        types: Sequence[int],
        ends: tuple[Any, ...],
    ) -> Iterator[Row]:
        """Yield the rows of a statement about pairs of nodes: of these types, without any of all.

        To ask for each type by itself is quicker as long as there are not many.
        """
        assert self._opened is not None
        known = len(self._opened.graph.types)
        if not types and known > TYPES_ASKED_MAX:
            yield from self._run(plain, (*starts, *ends))
            return
        for number in types or range(known):
            yield from self._run(typed, (*starts, number, *ends))

    def degree(self, node: Node, direction: Direction, types: Iterable[str] = ()) -> int:
        """See ``graph.Graph``."""
        opened = self._opened
        if opened is None:
            return 0
        self.flush_relationships()
        names = tuple(types)
        numbers = opened.vocabulary.types(names)
        plans, id, found = opened.plans, node.id, 0
        if direction is not Direction.LEFT:
            rows = self._typed(plans.count_out, plans.count_out_typed, id, names, numbers)
            found += sum([row[0] for row in rows])
        if direction is not Direction.RIGHT:
            rows = self._typed(plans.count_into, plans.count_into_typed, id, names, numbers)
            found += sum([row[0] for row in rows])
        if direction is Direction.EITHER:
            if not names:
                found -= self._run(plans.count_loops, (id, id))[0][0]
            for number in numbers:
                found -= self._run(plans.count_loops_typed, (id, number, id))[0][0]
        return found

    def ask(self, prepared: Prepared, parameters: Sequence[Any]) -> Iterable[Row]:
        """Yield the rows of a statement over the graph as it is now."""
        self.flush()
        return self._rows(prepared, parameters)

    def _rows(self, prepared: Prepared, parameters: Sequence[Any]) -> Iterable[Row]:
        """Yield rows as they are read, or all at once where what is written would be seen."""
        if self._nodes is not None:
            return self._run(prepared, parameters)
        return self.unit.runner.stream(prepared, parameters)

    def node_of(self, row: Sequence[Any]) -> Node:
        """Return the node of a row: id, kind, JSON."""
        assert self._opened is not None
        known = self._nodes
        if known is not None:
            found = known.get(row[0])
            if found is not None:
                return found
        node = Node.__new__(Node)
        node.id = row[0]
        node.labels = self._opened.vocabulary.labels[row[1]]
        node.properties = decode(row[2])
        node.deleted = False
        if known is not None:
            known[node.id] = node
        return node

    def relationship_of(self, row: Sequence[Any]) -> Relationship:
        """Return the relationship of a row: id, type, source, target, JSON."""
        assert self._opened is not None
        known = self._relationships
        if known is not None:
            found = known.get(row[0])
            if found is not None:
                return found
        made = Relationship(
            row[0], self._opened.graph.types[row[1]], row[2], row[3], decode(row[4])
        )
        if known is not None:
            known[made.id] = made
        return made

    def flush(self) -> None:
        """Write what waits to be written: nothing, in a graph that only reads."""

    def flush_relationships(self) -> None:
        """Write the relationships that wait."""
