"""Column families made from what the catalog knows of them."""

from __future__ import annotations

from collections.abc import Mapping

from fivefold.catalog.containers import Family, FamilyColumn
from fivefold.languages.cql.schema.typing import UserTypes
from fivefold.languages.cql.tables import Column, ColumnFamily
from fivefold.values.cql.codecs import codec_of
from fivefold.values.cql.names import read_type

GC_GRACE_S = 864_000


def column_family(
    keyspace: str,
    name: str,
    family: Family,
    types: UserTypes,
    *,
    views: tuple[str, ...] = (),
    system: bool = False,
) -> ColumnFamily:
    """Return a column family with its columns' types resolved."""
    parts: dict[str, list[Column]] = {
        kind: [] for kind in ("partition_key", "clustering", "static", "regular")
    }
    for column in family.columns:
        of_kind = parts[column.kind]
        of_kind.append(_column(column, len(of_kind), types))
    partition, clustering, static, regular = map(tuple, parts.values())
    options = dict(family.options)
    return ColumnFamily(
        keyspace,
        name,
        family,
        partition,
        clustering,
        static,
        regular,
        _by_name(partition, clustering, static, regular),
        family.indexes,
        views,
        is_counter=any(one.codec.type.name == "counter" for one in (*static, *regular)),
        default_ttl=int(options.get("default_time_to_live", 0)),
        gc_grace_s=int(options.get("gc_grace_seconds", GC_GRACE_S)),
        system=system,
    )


def _column(column: FamilyColumn, position: int, types: UserTypes) -> Column:
    codec = codec_of(read_type(column.type, types))
    return Column(column.name, codec, column.kind, position, column.descending)


def _by_name(*parts: tuple[Column, ...]) -> Mapping[str, Column]:
    return {column.name: column for part in parts for column in part}
