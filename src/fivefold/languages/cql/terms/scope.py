"""What a statement's terms are read in: names of types, and what its markers turn out to be."""

from __future__ import annotations

from collections.abc import Callable

from fivefold.languages.cql.results import ColumnSpec
from fivefold.languages.cql.tables import ColumnFamily
from fivefold.languages.cql.tree import Marker, TypeName
from fivefold.values.cql.types import CqlType


class Scope:
    """One statement's scope; it collects the markers' specifications while terms are compiled.

    ``keyspace`` and ``table`` are those that the statement is about; markers whose receiver is no
    column are told to be of them. ``type_named`` finds types, user types of that keyspace among
    them, and raises Cassandra's error for one that is not there (``schema.typing.namer``).
    ``family`` is the statement's table, whose partition key ``token()`` takes.
    """

    def __init__(
        self,
        keyspace: str,
        table: str,
        type_named: Callable[[TypeName], CqlType],
        family: ColumnFamily | None = None,
    ) -> None:
        self.keyspace = keyspace
        self.table = table
        self.type_named = type_named
        self.family = family
        self._specs: dict[int, ColumnSpec] = {}

    def spec(self, name: str, type: CqlType) -> ColumnSpec:
        """Return a receiver of the statement's table, as ``[limit]`` is one."""
        return ColumnSpec(self.keyspace, self.table, name, type)

    def bind(self, marker: Marker, receiver: ColumnSpec) -> None:
        """Note what a marker takes; one with a name is called by that name."""
        name = receiver.name if marker.name is None else marker.name
        self._specs[marker.number] = ColumnSpec(
            receiver.keyspace, receiver.table, name, receiver.type
        )

    @property
    def parameters(self) -> tuple[ColumnSpec, ...]:
        """Return the markers' specifications, in the order of the text."""
        return tuple(self._specs[number] for number in sorted(self._specs))
