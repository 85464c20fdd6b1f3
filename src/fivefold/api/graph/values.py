"""Values between a program and the language.

In come Python's own: sequences, mappings, dates and times, nodes (as themselves). Out go numbers,
texts, lists, dicts, the temporal classes of ``values.graph.temporal`` (nanoseconds and months need
their own; ``to_native`` gives Python's), and the entities of ``entities``.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from typing import Any

from fivefold.api.graph.entities import Node, Path, Relationship
from fivefold.errors import InvalidValue
from fivefold.values.graph import entities as inner
from fivefold.values.graph.temporal import (
    Date,
    DateTime,
    Duration,
    LocalDateTime,
    LocalTime,
    Time,
)
from fivefold.values.graph.temporal.native import from_native

PLAIN = frozenset((type(None), bool, int, float, str, bytes))
_TEMPORAL = frozenset((Date, Time, LocalTime, DateTime, LocalDateTime, Duration))
_NATIVE = (datetime.date, datetime.time, datetime.timedelta)


def incoming(value: Any) -> Any:
    """Return a parameter's value. Raises InvalidValue for what the language has no value for."""
    cls = value.__class__
    if cls in PLAIN or cls in _TEMPORAL:
        if cls is int and not -(2**63) <= value < 2**63:
            raise InvalidValue(
                "an integer has to be between -2^63 and 2^63 - 1", "numeric_value_out_of_range"
            )
        return value
    if isinstance(value, _NATIVE):
        return from_native(value)
    if isinstance(value, Mapping):
        if any(name.__class__ is not str for name in value):
            raise InvalidValue("a map's keys have to be texts", "wrong_value_kind")
        return {name: incoming(one) for name, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [incoming(one) for one in value]
    if isinstance(value, (bytearray, memoryview)):
        return bytes(value)
    for known in (bool, int, float, str):  # their subclasses: enums, numpy's float64
        if isinstance(value, known):
            return known(value)
    raise InvalidValue(
        f"a value of type {type(value).__name__} cannot be a parameter",
        "wrong_value_kind",
        hint="Pass numbers, texts, bytes, lists, maps, dates or times; of a node its id.",
    )


def parameters_of(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the parameters of a query."""
    for value in given.values():
        if value.__class__ not in PLAIN or value.__class__ is int:
            return {name: incoming(value) for name, value in given.items()}
    return given


class Outgoing:
    """Values of one answer: entities know their graph."""

    __slots__ = ("_graph", "_made")

    def __init__(self, graph: str) -> None:
        self._graph = graph
        self._made: dict[type, Callable[[Any], Any]] = {
            list: lambda value: [*map(self.value, value)],
            dict: lambda value: {name: self.value(one) for name, one in value.items()},
            inner.Node: self._node,
            inner.Relationship: self._relationship,
            inner.Path: self._path,
        }

    def value(self, value: Any) -> Any:
        """Return a value as programs get it."""
        if value.__class__ in PLAIN:
            return value
        make = self._made.get(value.__class__)
        return value if make is None else make(value)

    def _node(self, node: inner.Node) -> Node:
        return Node(self._graph, node.id, node.labels, node.properties)

    def _relationship(
        self, one: inner.Relationship, start: Node | None = None, end: Node | None = None
    ) -> Relationship:
        nothing: frozenset[str] = frozenset()
        return Relationship(
            self._graph,
            one.id,
            one.type,
            start or Node(self._graph, one.start_id, nothing, {}),
            end or Node(self._graph, one.end_id, nothing, {}),
            one.properties,
        )

    def _path(self, path: inner.Path) -> Path:
        nodes = tuple(map(self._node, path.nodes))
        known = {node.id: node for node in nodes}
        return Path(
            nodes,
            tuple(
                self._relationship(one, known[one.start_id], known[one.end_id])
                for one in path.relationships
            ),
        )
