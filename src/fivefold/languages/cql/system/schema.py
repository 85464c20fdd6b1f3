"""What the catalog knows of keyspaces, as rows of system_schema and system_virtual_schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import md5
from typing import Any
from uuid import UUID

from fivefold.catalog.catalog import Catalog
from fivefold.catalog.containers import Family, FamilyColumn, FamilyIndex, Keyspace, View
from fivefold.languages.cql.parse.printing import quoted
from fivefold.languages.cql.schema.options import shown_options
from fivefold.languages.cql.schema.values import read_map, read_text
from fivefold.languages.cql.system.definitions import KEYSPACES, VIRTUAL, system_tables

Plain = Mapping[str, Any]


def keyspaces_of(catalog: Catalog) -> dict[str, Keyspace]:
    """Return the keyspaces that are stored, those of the system first."""
    found = dict(KEYSPACES)
    for (namespace, _), container in catalog.containers.items():
        if isinstance(container, View) and container.keyspace is not None:
            found[namespace] = container.keyspace
    return found


def families_of(catalog: Catalog) -> Iterator[tuple[str, str, Family]]:
    """Yield all tables and materialized views but the virtual ones: keyspace, name, family."""
    for keyspace in KEYSPACES:
        for name, family in system_tables()[keyspace].items():
            yield keyspace, name, family
    for (keyspace, name), container in catalog.containers.items():
        if isinstance(container, View) and container.family is not None:
            yield keyspace, name, container.family


def version(catalog: Catalog) -> UUID:
    """Return the schema's version: the same as long as it tells the same."""
    told = [
        repr((*key, container.keyspace, _told(container.family)))
        for key, container in sorted(catalog.containers.items())
        if isinstance(container, View) and (container.keyspace or container.family)
    ]
    return UUID(bytes=md5("\n".join(told).encode(), usedforsecurity=False).digest(), version=3)


def _told(family: Family | None) -> tuple[Any, ...]:
    if family is None:
        return ()
    return (
        *(family.id, family.columns, family.indexes, family.options, family.dropped),
        *(family.base, family.where, family.all),
    )


def keyspaces(catalog: Catalog) -> Iterator[Plain]:
    """Yield system_schema.keyspaces."""
    for name, keyspace in keyspaces_of(catalog).items():
        yield {
            "keyspace_name": name,
            "durable_writes": keyspace.durable_writes,
            "replication": dict(keyspace.replication),
        }


def tables(catalog: Catalog) -> Iterator[Plain]:
    """Yield system_schema.tables."""
    for keyspace, name, family in families_of(catalog):
        if family.base is None:
            flags = ["compound", *(["counter"] if is_counter(family) else [])]
            yield {
                "keyspace_name": keyspace,
                "table_name": name,
                **_options(family),
                "flags": flags,
                "id": UUID(family.id),
            }


def is_counter(family: Family) -> bool:
    """Say whether a table has counters."""
    return any(column.type == "counter" for column in family.columns)


_WHOLE = (
    "default_time_to_live",
    "gc_grace_seconds",
    "max_index_interval",
    "memtable_flush_period_in_ms",
    "min_index_interval",
)
_IF_NOT_DEFAULT = ("allow_auto_snapshot", "incremental_backups")


def _options(family: Family) -> dict[str, Any]:
    shown = shown_options(family.options)
    found: dict[str, Any] = {
        name: read_text(shown[name])
        for name in ("additional_write_policy", "comment", "read_repair", "speculative_retry")
    }
    found |= {name: int(shown[name]) for name in _WHOLE}
    found |= {name: float(shown[name]) for name in ("bloom_filter_fp_chance", "crc_check_chance")}
    found |= {name: read_map(shown[name]) for name in ("caching", "compaction", "compression")}
    found |= {name: False for name in _IF_NOT_DEFAULT if shown[name] == "false"}
    return {
        **found,
        "extensions": {},
        "dclocal_read_repair_chance": 0.0,
        "read_repair_chance": 0.0,
    }


def views(catalog: Catalog) -> Iterator[Plain]:
    """Yield system_schema.views."""
    ids = {(space, name): family.id for space, name, family in families_of(catalog)}
    for keyspace, name, family in families_of(catalog):
        if family.base is not None:
            yield {
                "keyspace_name": keyspace,
                "view_name": name,
                **_options(family),
                "base_table_id": UUID(ids[keyspace, family.base]),
                "base_table_name": family.base,
                "id": UUID(family.id),
                "include_all_columns": family.all,
                "where_clause": family.where,
            }


def columns(catalog: Catalog) -> Iterator[Plain]:
    """Yield system_schema.columns."""
    for keyspace, name, family in families_of(catalog):
        yield from _columns(keyspace, name, family)


def _columns(keyspace: str, name: str, family: Family) -> Iterator[Plain]:
    counts: dict[str, int] = {}
    for column in family.columns:
        position = counts.get(column.kind, 0)
        counts[column.kind] = position + 1
        yield {
            "keyspace_name": keyspace,
            "table_name": name,
            "column_name": column.name,
            "clustering_order": _order(column),
            "column_name_bytes": column.name.encode(),
            "kind": column.kind,
            "position": position if column.kind in ("partition_key", "clustering") else -1,
            "type": column.type,
        }


def _order(column: FamilyColumn) -> str:
    if column.kind != "clustering":
        return "none"
    return "desc" if column.descending else "asc"


def dropped_columns(catalog: Catalog) -> Iterator[Plain]:
    """Yield system_schema.dropped_columns."""
    for keyspace, name, family in families_of(catalog):
        for dropped in family.dropped:
            yield {
                "keyspace_name": keyspace,
                "table_name": name,
                "column_name": dropped.name,
                "dropped_time": dropped.at // 1000,
                "kind": dropped.kind,
                "type": dropped.type,
            }


def indexes(catalog: Catalog) -> Iterator[Plain]:
    """Yield system_schema.indexes."""
    for keyspace, name, family in families_of(catalog):
        for index in family.indexes:
            options = dict(index.options)
            yield {
                "keyspace_name": keyspace,
                "table_name": name,
                "index_name": index.name,
                "kind": "CUSTOM" if "class_name" in options else "COMPOSITES",
                "options": {**options, "target": target(family, index)},
            }


def target(family: Family, index: FamilyIndex) -> str:
    """Return an index's target as CQL writes it: a column, or ``keys(column)`` and its like."""
    name = quoted(index.column)
    column = next(one for one in family.columns if one.name == index.column)
    plain = index.target == "values" and not column.type.startswith(("list<", "set<", "map<"))
    return name if plain else f"{index.target}({name})"


def types(catalog: Catalog) -> Iterator[Plain]:
    """Yield system_schema.types."""
    for keyspace, known in keyspaces_of(catalog).items():
        for type in known.types:
            yield {
                "keyspace_name": keyspace,
                "type_name": type.name,
                "field_names": [name for name, _ in type.fields],
                "field_types": [text for _, text in type.fields],
            }


def virtual_keyspaces(catalog: Catalog) -> Iterator[Plain]:
    """Yield system_virtual_schema.keyspaces."""
    for keyspace in VIRTUAL:
        yield {"keyspace_name": keyspace}


def virtual_tables(catalog: Catalog) -> Iterator[Plain]:
    """Yield system_virtual_schema.tables."""
    for keyspace in VIRTUAL:
        for name, family in system_tables()[keyspace].items():
            comment = read_text(dict(family.options).get("comment", "''"))
            yield {"keyspace_name": keyspace, "table_name": name, "comment": comment}


def virtual_columns(catalog: Catalog) -> Iterator[Plain]:
    """Yield system_virtual_schema.columns."""
    for keyspace in VIRTUAL:
        for name, family in system_tables()[keyspace].items():
            yield from _columns(keyspace, name, family)
