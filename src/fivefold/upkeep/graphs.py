"""A graph beside itself: labels and types, both ends of relationships, properties, indexes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from fivefold.catalog.containers import Graph, GraphIndex, View
from fivefold.models.graph import layout
from fivefold.models.graph.keys import entry_key
from fivefold.plan.statement import Path, Reading
from fivefold.stores.findings import Fault, Finding
from fivefold.upkeep.entries import Entry, Sum, differences
from fivefold.upkeep.looking import Looking
from fivefold.upkeep.report import Place
from fivefold.values.graph.storage import decode
from fivefold.values.types import BYTEA, INT4, INT8, TEXT

_JSON = Path("properties", (), Reading.JSON)
_DANGLING = (
    "SELECT r.id, r.{end} FROM {{r}} r LEFT JOIN {{n}} n ON n.id = r.{end}"
    " WHERE n.id IS NULL ORDER BY r.id"
)

Entity = tuple[int, tuple[str, ...], dict[str, Any]]
"""An id, its labels or its one type, its properties."""


def tables(view: View) -> dict[str, Place]:
    """Return the tables of a graph: what they are for, and where they are."""
    assert view.graph is not None
    found = {"nodes": layout.NODE_TABLE, "relationships": layout.RELATIONSHIP_TABLE}
    for index in view.graph.indexes:
        found[f"index {index.name}"] = layout.index_table_name(index)
    return {what: (view.namespace, name) for what, name in found.items()}


class GraphRows:
    """One graph."""

    def __init__(self, look: Looking, view: View) -> None:
        assert view.graph is not None
        self._look = look
        self._graph: Graph = view.graph
        self._place = (view.namespace, view.name)
        self._containers = {
            "n": (view.namespace, layout.NODE_TABLE),
            "r": (view.namespace, layout.RELATIONSHIP_TABLE),
        }

    def findings(self) -> Iterator[Finding]:
        """Yield all that is wrong with it."""
        for end in ("source", "target"):
            text = _DANGLING.format(end=end)
            for id_, missing in self._look.rows(text, self._containers, [INT8, INT8]):
                yield self._wrong(f"relationship {id_} has node {missing}, which is not, as {end}")
        for relationship in (False, True):
            yield from self._entities(relationship)

    def _entities(self, relationship: bool) -> Iterator[Finding]:
        what = "relationship" if relationship else "node"
        indexes = [one for one in self._graph.indexes if one.relationship is relationship]
        sums = [Sum() for _ in indexes]
        for id_, number, text in self._rows(relationship):
            try:
                entity = self._read(id_, number, text, relationship)
            except (IndexError, ValueError, KeyError, TypeError) as error:
                yield self._wrong(f"{what} {id_} cannot be read: {error}")
                continue
            for said in self._broken(entity, relationship):
                yield self._wrong(f"{what} {id_} {said}")
            for index, total in zip(indexes, sums, strict=True):
                for entry in _entries(index, entity):
                    total.add(entry)
        for index, total in zip(indexes, sums, strict=True):
            yield from self._index(index, total)

    def _read(self, id_: int, number: int, text: str, relationship: bool) -> Entity:
        """Return an entity. Raises IndexError, ValueError, KeyError or TypeError if it is none."""
        known = self._graph.types if relationship else self._graph.kinds
        if not 0 <= number < len(known):
            word = "type" if relationship else "set of labels"
            raise IndexError(f"the catalog has no {word} of the number {number}")
        properties = decode(text)
        if not isinstance(properties, dict):
            raise TypeError("its properties are no object")
        labels = (self._graph.types[number],) if relationship else self._graph.kinds[number]
        return id_, labels, properties

    def _rows(self, relationship: bool) -> Iterator[tuple[Any, ...]]:
        columns, table = ("type", "r") if relationship else ("kind", "n")
        text = f"SELECT id, {columns}, {{json}} FROM {{{table}}} ORDER BY id"
        containers = {table: self._containers[table]}
        return self._look.rows(text, containers, [INT8, INT4, TEXT], paths={"json": _JSON})

    def _broken(self, entity: Entity, relationship: bool) -> Iterator[str]:
        """Yield the constraints that want properties to be there which are not."""
        _, labels, properties = entity
        for constraint in self._graph.constraints:
            if (
                constraint.relationship is relationship
                and constraint.kind in ("exists", "key")
                and constraint.label in labels
            ):
                for name in constraint.properties:
                    if name not in properties:
                        yield f"lacks {name}, which the constraint {constraint.name} wants"

    def _index(self, index: GraphIndex, total: Sum) -> Iterator[Finding]:
        there = partial(self._there, index)
        if total.is_of(there()):
            return
        expected = partial(self.expected, index)
        what = "relationship" if index.relationship else "node"
        for is_missing, (_, id_) in differences(expected, expected, there):
            said = "lacks the key" if is_missing else "has a key too many"
            message = f"index {index.name} {said} of {what} {id_}"
            yield Finding(Fault.INDEX, message, self._place)

    def _there(self, index: GraphIndex) -> Iterator[Entry]:
        table = (self._place[0], layout.index_table_name(index))
        return self._look.rows("SELECT key, id FROM {i}", {"i": table}, [BYTEA, INT8])

    def expected(self, index: GraphIndex) -> Iterator[Entry]:
        """Yield the entries that an index should have."""
        for id_, number, text in self._rows(index.relationship):
            try:
                entity = self._read(id_, number, text, index.relationship)
            except (IndexError, ValueError, KeyError, TypeError):  # told already
                continue
            yield from _entries(index, entity)

    def _wrong(self, message: str) -> Finding:
        return Finding(Fault.ROWS, message, self._place)


def _entries(index: GraphIndex, entity: Entity) -> Iterator[Entry]:
    id_, labels, properties = entity
    if index.label in labels:
        key = entry_key(index.properties, properties)
        if key is not None:
            yield key, id_
