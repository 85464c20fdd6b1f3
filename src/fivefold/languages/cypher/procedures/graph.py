"""Procedures that tell what is in a graph.

Source: the Neo4j Operations Manual 5, "Procedures": db.labels to db.schema.visualization.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, Final

from fivefold.languages.cypher.graph import Run
from fivefold.languages.cypher.procedures.procedure import Procedure, declare
from fivefold.languages.cypher.schema.seen import described
from fivefold.values.graph.entities import Entity, Node, Relationship
from fivefold.values.graph.text import name_text

Row = Sequence[Any]

_TYPES: Final[dict[type, str]] = {
    bool: "Boolean",
    int: "Long",
    float: "Double",
    str: "String",
    bytes: "ByteArray",
}
"""What db.schema.nodeTypeProperties calls types; those of temporal values are their classes'."""
_OF_ELEMENTS: Final = {"Boolean": "BooleanArray", "Long": "LongArray", "Double": "DoubleArray"}


def _labels(run: Run) -> Iterator[Row]:
    return zip(run.graph.labels())


def _types(run: Run) -> Iterator[Row]:
    return zip(run.graph.types())


def _keys(run: Run) -> Iterator[Row]:
    return zip(run.graph.keys())


class _Kind:
    """What the entities of one set of labels, or of one type, have in common."""

    def __init__(self) -> None:
        self.count = 0
        self.found: Counter[str] = Counter()
        self.types: dict[str, set[str]] = {}

    def add(self, entity: Entity) -> None:
        self.count += 1
        self.found.update([*entity.properties])
        for key, value in entity.properties.items():
            self.types.setdefault(key, set()).add(_type_of(value))

    def rows(self, *first: Any) -> Iterator[Row]:
        """Yield a row for each property, or one if there is none."""
        if not self.types:
            yield (*first, None, None, False)
        for key, types in sorted(self.types.items()):
            yield (*first, key, sorted(types), self.found[key] == self.count)


def _type_of(value: Any) -> str:
    if type(value) is not list:
        return _TYPES.get(type(value)) or type(value).__name__
    inner = _type_of(value[0]) if value else "String"
    return _OF_ELEMENTS.get(inner) or f"{inner}Array"


def _node_properties(run: Run) -> Iterator[Row]:
    kinds: dict[tuple[str, ...], _Kind] = {}
    for node in run.graph.nodes():
        kinds.setdefault(tuple(sorted(node.labels)), _Kind()).add(node)
    for labels, kind in sorted(kinds.items()):
        yield from kind.rows("".join([f":`{label}`" for label in labels]), [*labels])


def _relationship_properties(run: Run) -> Iterator[Row]:
    kinds: dict[str, _Kind] = {}
    for relationship in run.graph.relationships():
        kinds.setdefault(relationship.type, _Kind()).add(relationship)
    for type, kind in sorted(kinds.items()):
        yield from kind.rows(f":`{type}`")


def _visualization(run: Run) -> Iterator[Row]:
    """Yield one row: a node for each label, a relationship for each type between two of them.

    Neither is in the graph, so their ids are below zero.
    """
    graph = run.graph
    known = described(run)
    nodes: dict[str, Node] = {}
    for number, label in enumerate(graph.labels(), start=1):
        indexes = [
            ",".join(index.properties)
            for index in known.indexes
            if index.label == label and not index.relationship and not index.constraint
        ]
        constraints = [
            f"Constraint( name='{one.name}', schema=(:{name_text(label)}"
            f" {{{', '.join(one.properties)}}}) )"
            for one in known.constraints
            if one.label == label and not one.relationship
        ]
        properties = {"name": label, "indexes": indexes, "constraints": constraints}
        nodes[label] = Node(-number, [label], properties)
    ends: dict[tuple[str, str, str], None] = {}
    for relationship in graph.relationships():
        start, end = graph.node(relationship.start_id), graph.node(relationship.end_id)
        if start is not None and end is not None:
            for one in sorted(start.labels):
                for other in sorted(end.labels):
                    ends[relationship.type, one, other] = None
    relationships = [
        Relationship(-number, type, nodes[start].id, nodes[end].id, {"name": type})
        for number, (type, start, end) in enumerate(sorted(ends), start=1)
        if start in nodes and end in nodes
    ]
    yield [*nodes.values()], relationships


def _nothing(run: Run, *arguments: Any) -> Iterable[Row]:
    """An index is complete as soon as it is there, and nothing is sampled."""
    return ()


def _no_caches(run: Run) -> Iterable[Row]:
    return [("Query cache already empty.",)]


_reads: Callable[..., Procedure] = partial(declare, "READ")
PROCEDURES: Final = (
    _reads("db.labels() :: (label :: STRING)", "List all labels attached to nodes.", _labels),
    _reads(
        "db.relationshipTypes() :: (relationshipType :: STRING)",
        "List all types attached to relationships.",
        _types,
    ),
    _reads(
        "db.propertyKeys() :: (propertyKey :: STRING)",
        "List all property keys in the database.",
        _keys,
    ),
    _reads(
        "db.schema.nodeTypeProperties() :: (nodeType :: STRING, nodeLabels :: LIST<STRING>,"
        " propertyName :: STRING, propertyTypes :: LIST<STRING>, mandatory :: BOOLEAN)",
        "Show the properties of nodes for each set of labels.",
        _node_properties,
    ),
    _reads(
        "db.schema.relTypeProperties() :: (relType :: STRING, propertyName :: STRING,"
        " propertyTypes :: LIST<STRING>, mandatory :: BOOLEAN)",
        "Show the properties of relationships for each type.",
        _relationship_properties,
    ),
    _reads(
        "db.schema.visualization() :: (nodes :: LIST<NODE>, relationships :: LIST<RELATIONSHIP>)",
        "Show labels as nodes, and the types between them as relationships.",
        _visualization,
    ),
    _reads(
        "db.awaitIndex(indexName :: STRING, timeOutSeconds :: INTEGER) :: VOID",
        "Wait for an index to come online.",
        _nothing,
        300,
    ),
    _reads(
        "db.awaitIndexes(timeOutSeconds :: INTEGER) :: VOID",
        "Wait for all indexes to come online.",
        _nothing,
        300,
    ),
    _reads(
        "db.resampleIndex(indexName :: STRING) :: VOID",
        "Sample an index anew.",
        _nothing,
    ),
    _reads("db.resampleOutdatedIndexes() :: VOID", "Sample outdated indexes anew.", _nothing),
    _reads(
        "db.prepareForReplanning(timeOutSeconds :: INTEGER) :: VOID",
        "Sample all indexes anew and forget plans.",
        _nothing,
        300,
    ),
    declare(
        "DBMS",
        "db.clearQueryCaches() :: (value :: STRING)",
        "Forget all plans of queries.",
        _no_caches,
    ),
)
