"""What a statement's terms are read in: names of types, and what its markers turn out to be."""

from __future__ import annotations

from collections.abc import Callable

from fivefold.languages.cql.results import ColumnSpec
from fivefold.languages.cql.tree import Marker, TypeName
from fivefold.values.cql.types import CqlType


class Scope:
    """One statement's scope; it collects the markers' specifications while terms are compiled.

    ``keyspace`` and ``table`` are those that the statement is about; markers whose receiver is no
    column are told to be of them. ``type_named`` finds types, user types of that keyspace among
    them, and raises Cassandra's error for one that is not there.
    """

    def __init__(
        self,
        keyspace: str,
        table: str = "",
        type_named: Callable[[TypeName], CqlType] | None = None,
        markers: int = 0,
    ) -> None:
        self.keyspace = keyspace
        self.table = table
        self._type_named = type_named
        self._specs: list[ColumnSpec | None] = [None] * markers

    def type_named(self, name: TypeName) -> CqlType:
        """Return the type that is written so."""
        raise NotImplementedError

    def bind(self, marker: Marker, receiver: ColumnSpec) -> None:
        """Note what a marker takes; one with a name is called by that name."""
        specs = self._specs
        while len(specs) <= marker.number:
            specs.append(None)
        name = receiver.name if marker.name is None else marker.name
        specs[marker.number] = ColumnSpec(receiver.keyspace, receiver.table, name, receiver.type)

    @property
    def parameters(self) -> tuple[ColumnSpec, ...]:
        """Return the markers' specifications, in the order of the text; all have been bound."""
        return tuple(spec for spec in self._specs if spec is not None)
