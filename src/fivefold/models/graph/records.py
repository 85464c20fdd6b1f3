"""The nodes and relationships of one graph over one connection, with all indexes.

What is created waits until it is to be read, or for the end, so that many are written by one
statement. Unique keys are looked for when they are written, so that whoever made the second one is
told.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fivefold.catalog.containers import Graph, GraphIndex
from fivefold.models.graph.layout import statement
from fivefold.plan.statement import Effort, Prepared, Statement

Row = tuple[Any, ...]


IDS_MAX = 1_000
"""How many ids or keys one statement is given: more make it no quicker."""


class IndexPlans:
    """The statements over one index, each prepared on its first use."""

    def __init__(
        self,
        prepare: Callable[[Statement], Prepared],
        namespace: str,
        index: GraphIndex,
        number: int,
    ) -> None:
        self.index = index
        self.number = number
        self._prepare = prepare
        self._namespace = namespace

    def __getattr__(self, name: str) -> Prepared:
        """Prepare a statement of ``_OF_INDEXES``."""
        try:
            text, parameters, columns, effort = _OF_INDEXES[name]
        except KeyError:
            raise AttributeError(name) from None
        if self.index.relationship:
            entity, found, columns = _LINK, "{r} e", columns.replace(_OF_NODE, _OF_RELATIONSHIP)
        else:
            entity, found = _POINT, "{n} e"
        text = text.replace("{entity}", entity).replace("{found}", found)
        made = self._prepare(
            statement(
                *(self._namespace, text, parameters, columns),
                index=self.index,
                writes=not columns,
                effort=effort,
            )
        )
        self.__dict__[name] = made
        return made


class Plans:
    """The statements over one graph as the catalog has it, prepared by a store."""

    def __init__(
        self,
        prepare: Callable[[Statement], Prepared],
        namespace: str,
        graph: Graph,
        *,
        numbered: bool,
    ) -> None:
        self.graph = graph
        self.namespace = namespace
        self.numbered = numbered
        self._prepare = prepare
        self._made: dict[str, Prepared] = {}
        self.indexes = tuple(
            IndexPlans(prepare, namespace, index, number)
            for number, index in enumerate(graph.indexes)
        )

    def __getattr__(self, name: str) -> Prepared:
        """Prepare a statement of ``_STATEMENTS`` on its first use."""
        try:
            text, parameters, columns, writes = _STATEMENTS[name]
        except KeyError:
            raise AttributeError(name) from None
        effort = Effort.SCAN if name in _SCANS else Effort.POINT
        made = self._prepare(
            statement(self.namespace, text, parameters, columns, writes=writes, effort=effort)
        )
        self.__dict__[name] = made
        return made


_POINT, _LINK = "e.id, e.kind, {json}", "e.id, e.type, e.source, e.target, {json}"
_NODE = "id, kind, {json}"
_RELATIONSHIP = "id, type, source, target, {json}"
_OF_NODE = "id kind json"
_OF_RELATIONSHIP = "id type source target json"

_OF_INDEXES: dict[str, tuple[str, str, str, Effort]] = {
    "insert": ("INSERT INTO {i} (key, id) VALUES (?, ?)", "key id", "", Effort.POINT),
    "delete": ("DELETE FROM {i} WHERE key = ? AND id = ?", "key id", "", Effort.POINT),
    "find": ("SELECT id FROM {i} WHERE key = ?", "key", "id", Effort.POINT),
    "find_all": (
        "SELECT i.key, i.id FROM {each_key} w CROSS JOIN {i} i WHERE i.key = w.value",
        *("keys", "key id", Effort.SCAN),
    ),
    "found_one": (
        "SELECT {entity} FROM {i} i CROSS JOIN {found} WHERE i.key = ? AND e.id = i.id",
        *("key", _OF_NODE, Effort.POINT),
    ),
    "found": (
        "SELECT i.key, {entity} FROM {each_key} w CROSS JOIN {i} i CROSS JOIN {found}"
        " WHERE i.key = w.value AND e.id = i.id",
        *("keys", f"key {_OF_NODE}", Effort.SCAN),
    ),
}

_OUT = "SELECT r.source, r.id, r.target FROM {each} w CROSS JOIN {r} r WHERE r.source = w.value"
_INTO = "SELECT r.target, r.id, r.source FROM {each} w CROSS JOIN {r} r WHERE r.target = w.value"
_SCANS = frozenset(
    {"all_nodes", "nodes_of", "all_relationships", "node_keys", "relationship_keys"}
    | {"nodes_after", "relationships_after", "some_nodes", "some_relationships"}
    | {
        "ways_out",
        "ways_out_typed",
        "ways_into",
        "ways_into_typed",
        "all_between",
        "all_between_typed",
    }
)

_STATEMENTS: dict[str, tuple[str, str, str, bool]] = {
    "node": (f"SELECT {_NODE} FROM {{n}} WHERE id = ?", "id", _OF_NODE, False),
    "all_nodes": (f"SELECT {_NODE} FROM {{n}} ORDER BY id", "", _OF_NODE, False),
    "nodes_of": (f"SELECT {_NODE} FROM {{n}} WHERE kind = ? ORDER BY id", "kind", _OF_NODE, False),
    "nodes_after": (
        "SELECT id, {json} FROM {n} WHERE kind = ? AND id > ? ORDER BY id LIMIT ?",
        *("kind id n", "id json", False),
    ),
    "relationships_after": (
        "SELECT id, {json} FROM {r} WHERE type = ? AND id > ? ORDER BY id LIMIT ?",
        *("type id n", "id json", False),
    ),
    "count_of": ("SELECT count(*) FROM {n} WHERE kind = ?", "kind", "count", False),
    "count_some": (
        "SELECT count(*) FROM (SELECT id FROM {n} WHERE kind = ? LIMIT ?) AS counted",
        *("kind n", "count", False),
    ),
    "has_kind": ("SELECT id FROM {n} WHERE kind = ? LIMIT 1", "kind", "id", False),
    "has_type": ("SELECT id FROM {r} WHERE type = ? LIMIT 1", "type", "id", False),
    "node_keys": (
        "SELECT DISTINCT e.key FROM {n}, {members} e",
        *("", "text", False),
    ),
    "relationship_keys": (
        "SELECT DISTINCT e.key FROM {r}, {members} e",
        *("", "text", False),
    ),
    "relationship": (
        f"SELECT {_RELATIONSHIP} FROM {{r}} WHERE id = ?",
        *("id", _OF_RELATIONSHIP, False),
    ),
    "all_relationships": (
        f"SELECT {_RELATIONSHIP} FROM {{r}} ORDER BY id",
        *("", _OF_RELATIONSHIP, False),
    ),
    "out": (
        f"SELECT {_RELATIONSHIP} FROM {{r}} WHERE source = ?",
        *("id", _OF_RELATIONSHIP, False),
    ),
    "out_typed": (
        f"SELECT {_RELATIONSHIP} FROM {{r}} WHERE source = ? AND type = ?",
        *("id type", _OF_RELATIONSHIP, False),
    ),
    "into": (
        f"SELECT {_RELATIONSHIP} FROM {{r}} WHERE target = ?",
        *("id", _OF_RELATIONSHIP, False),
    ),
    "into_typed": (
        f"SELECT {_RELATIONSHIP} FROM {{r}} WHERE target = ? AND type = ?",
        *("id type", _OF_RELATIONSHIP, False),
    ),
    "some_nodes": (
        "SELECT n.id, n.kind, {json} FROM {each} w CROSS JOIN {n} n WHERE n.id = w.value",
        *("ids", _OF_NODE, False),
    ),
    "some_relationships": (
        "SELECT r.id, r.type, r.source, r.target, {json}"
        " FROM {each} w CROSS JOIN {r} r WHERE r.id = w.value",
        *("ids", _OF_RELATIONSHIP, False),
    ),
    "ways_out": (_OUT, "ids", "source id target", False),
    "ways_out_typed": (f"{_OUT} AND r.type = ?", "ids type", "source id target", False),
    "ways_into": (_INTO, "ids", "target id source", False),
    "ways_into_typed": (f"{_INTO} AND r.type = ?", "ids type", "target id source", False),
    "between": (
        f"SELECT {_RELATIONSHIP} FROM {{r}} WHERE source = ? AND target = ?",
        *("id id", _OF_RELATIONSHIP, False),
    ),
    "all_between": (
        "SELECT r.id, r.type, r.source, r.target, {json} FROM {each_pair} w CROSS JOIN {r} r"
        " WHERE r.source = w.one AND r.target = w.other",
        *("pairs", _OF_RELATIONSHIP, False),
    ),
    "all_between_typed": (
        "SELECT r.id, r.type, r.source, r.target, {json} FROM {each_pair} w CROSS JOIN {r} r"
        " WHERE r.source = w.one AND r.type = ? AND r.target = w.other",
        *("pairs type", _OF_RELATIONSHIP, False),
    ),
    "between_typed": (
        f"SELECT {_RELATIONSHIP} FROM {{r}} WHERE source = ? AND type = ? AND target = ?",
        *("id type id", _OF_RELATIONSHIP, False),
    ),
    "count_out": ("SELECT count(*) FROM {r} WHERE source = ?", "id", "count", False),
    "count_out_typed": (
        "SELECT count(*) FROM {r} WHERE source = ? AND type = ?",
        *("id type", "count", False),
    ),
    "count_into": ("SELECT count(*) FROM {r} WHERE target = ?", "id", "count", False),
    "count_into_typed": (
        "SELECT count(*) FROM {r} WHERE target = ? AND type = ?",
        *("id type", "count", False),
    ),
    "count_loops": (
        "SELECT count(*) FROM {r} WHERE source = ? AND target = ?",
        "id id",
        "count",
        False,
    ),
    "count_loops_typed": (
        "SELECT count(*) FROM {r} WHERE source = ? AND type = ? AND target = ?",
        *("id type id", "count", False),
    ),
    "last_node": ("SELECT max(id) FROM {n}", "", "id", False),
    "last_relationship": ("SELECT max(id) FROM {r}", "", "id", False),
    "insert_node": (
        "INSERT INTO {n} (id, kind, properties) VALUES (?, ?, {given})",
        *("id kind given", "", True),
    ),
    "insert_next_node": (
        "INSERT INTO {n} (kind, properties) VALUES (?, {given}) RETURNING id",
        *("kind given", "id", True),
    ),
    "insert_next_relationship": (
        "INSERT INTO {r} (type, source, target, properties) VALUES (?, ?, ?, {given}) RETURNING id",
        *("type source target given", "id", True),
    ),
    "insert_relationship": (
        "INSERT INTO {r} (id, type, source, target, properties) VALUES (?, ?, ?, ?, {given})",
        *("id type source target given", "", True),
    ),
    "update_node": ("UPDATE {n} SET properties = {given} WHERE id = ?", "given id", "", True),
    "update_relationship": (
        "UPDATE {r} SET properties = {given} WHERE id = ?",
        *("given id", "", True),
    ),
    "update_kind": ("UPDATE {n} SET kind = ? WHERE id = ?", "kind id", "", True),
    "delete_node": ("DELETE FROM {n} WHERE id = ?", "id", "", True),
    "delete_relationship": ("DELETE FROM {r} WHERE id = ?", "id", "", True),
}
