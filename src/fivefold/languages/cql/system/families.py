"""The system tables as column families."""

from __future__ import annotations

from functools import cache

from fivefold.languages.cql.schema.columns import column_family
from fivefold.languages.cql.system.definitions import system_tables
from fivefold.languages.cql.tables import ColumnFamily


@cache
def system_family(keyspace: str, name: str) -> ColumnFamily | None:
    """Return a system table, None if there is none of that name."""
    family = system_tables().get(keyspace, {}).get(name)
    return None if family is None else column_family(keyspace, name, family, {}, system=True)
