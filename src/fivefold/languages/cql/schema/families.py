"""Column families as statements name them."""

from __future__ import annotations

from collections.abc import Iterator

from fivefold.catalog.catalog import Catalog
from fivefold.catalog.containers import Family, View
from fivefold.errors import FivefoldError
from fivefold.languages.cql.schema.columns import column_family
from fivefold.languages.cql.schema.typing import keyspace_of, types_of
from fivefold.languages.cql.system import system_family, system_keyspaces
from fivefold.languages.cql.tables import ColumnFamily
from fivefold.values.cql.faults import invalid


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
    types = types_of(catalog, keyspace)
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
