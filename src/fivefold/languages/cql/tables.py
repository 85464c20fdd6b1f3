"""Column families as statements see them: their columns with the codecs of their types."""

from __future__ import annotations

from collections.abc import Mapping

from fivefold.catalog.containers import Family, FamilyIndex
from fivefold.languages.cql.results import ColumnSpec
from fivefold.values.cql.codec import Codec
from fivefold.values.records import Record


class Column(Record):
    """A column; ``kind`` as in the catalog, ``position`` is that in the key."""

    name: str
    codec: Codec
    kind: str
    position: int = 0
    descending: bool = False


class ColumnFamily(Record):
    """A table or materialized view of CQL, resolved.

    ``columns`` are in the order of ``SELECT *``: partition key, clustering, static and regular
    ones by name each. ``system``: its rows are made by ``system``, not stored.
    """

    keyspace: str
    name: str
    family: Family
    partition: tuple[Column, ...]
    clustering: tuple[Column, ...]
    static: tuple[Column, ...]
    regular: tuple[Column, ...]
    by_name: Mapping[str, Column]
    indexes: tuple[FamilyIndex, ...] = ()
    views: tuple[str, ...] = ()
    """Names of the materialized views over it."""
    is_counter: bool = False
    default_ttl: int = 0
    gc_grace_s: int = 864_000
    system: bool = False

    @property
    def columns(self) -> tuple[Column, ...]:
        """Return all columns."""
        return (*self.partition, *self.clustering, *self.static, *self.regular)

    def spec(self, column: Column) -> ColumnSpec:
        """Return a column as results and markers name it."""
        return ColumnSpec(self.keyspace, self.name, column.name, column.codec.type)
