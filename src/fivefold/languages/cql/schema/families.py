"""Column families as statements name them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fivefold.catalog.catalog import Catalog
from fivefold.catalog.containers import Family, FamilyColumn, View
from fivefold.errors import FivefoldError
from fivefold.languages.cql.schema.typing import UserTypes, keyspace_of, kept_type
from fivefold.languages.cql.system import system_family, system_keyspaces
from fivefold.languages.cql.tables import Column, ColumnFamily
from fivefold.values.cql.codecs import codec_of
from fivefold.values.cql.faults import invalid

DAY_S = 86_400
GC_GRACE_S = 10 * DAY_S


def resolve(catalog: Catalog, keyspace: str | None, name: str) -> ColumnFamily:
    """Return the table or materialized view of that name. Raises Cassandra's errors."""
    if keyspace is None:
        raise no_keyspace()
    found = find(catalog, keyspace, name)
    if found is not None:
        return found
    if keyspace not in system_keyspaces() and keyspace_of(catalog, keyspace) is None:
        raise invalid(f"keyspace {keyspace} does not exist", "undefined_namespace")
    raise invalid(f"table {name} does not exist", "undefined_table")


def no_keyspace() -> FivefoldError:
    """Return the error for a table that is named alone before any USE."""
    return invalid(
        "No keyspace has been specified. USE a keyspace, or explicitly specify keyspace.tablename",
        "undefined_namespace",
    )


def find(catalog: Catalog, keyspace: str, name: str) -> ColumnFamily | None:
    """Return the table or materialized view of that name, if there is one."""
    if keyspace in system_keyspaces():
        return system_family(keyspace, name)
    family = family_of(catalog, keyspace, name)
    if family is None:
        return None
    space = keyspace_of(catalog, keyspace)
    types = {} if space is None else {one.name: one for one in space.types}
    return column_family(keyspace, name, family, types, views=views_of(catalog, keyspace, name))


def family_of(catalog: Catalog, keyspace: str, name: str) -> Family | None:
    """Return what the catalog knows of a table or view of CQL, None for other containers."""
    view = catalog.find(keyspace, name)
    return view.family if isinstance(view, View) else None


def families(catalog: Catalog, keyspace: str) -> Iterator[tuple[str, Family]]:
    """Yield the tables and materialized views of a keyspace, by name."""
    for space, name in sorted(catalog.containers):
        if space == keyspace and (family := family_of(catalog, keyspace, name)) is not None:
            yield name, family


def views_of(catalog: Catalog, keyspace: str, name: str) -> tuple[str, ...]:
    """Return the names of the materialized views over a table."""
    return tuple(view for view, family in families(catalog, keyspace) if family.base == name)


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
        of_kind.append(_column(column, len(of_kind), keyspace, types))
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


def _column(column: FamilyColumn, position: int, keyspace: str, types: UserTypes) -> Column:
    codec = codec_of(kept_type(column.type, keyspace, types))
    return Column(column.name, codec, column.kind, position, column.descending)


def _by_name(*parts: tuple[Column, ...]) -> Mapping[str, Column]:
    return {column.name: column for part in parts for column in part}
