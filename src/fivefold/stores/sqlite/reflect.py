"""Reading the catalog: what fivefold wrote, and what others made in the same file.

A table that fivefold did not make, or whose text somebody changed since, is described from SQLite's
own schema: an existing SQLite file opens as a database with its tables in ``public``.
"""

from __future__ import annotations

import re
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import apsw

from fivefold.catalog import codec
from fivefold.catalog.catalog import DEFAULT_NAMESPACE, Catalog, Version
from fivefold.catalog.containers import (
    Action,
    Column,
    Container,
    ForeignKey,
    Identity,
    Index,
    IndexPart,
    Key,
    Table,
)
from fivefold.catalog.roles import Role
from fivefold.stores.sqlite.names import OWN_PREFIX, quote
from fivefold.values.types import (
    BOOLEAN,
    BYTEA,
    DATE,
    FLOAT8,
    INT8,
    INTEGERS,
    JSON,
    TEXT,
    TIMESTAMP,
    UUID,
    Type,
)

# Declared names whose values SQLite users keep as text or numbers in the form that the type's
# stored form has; everything else is known by its affinity.
_NAMED = {"BOOLEAN": BOOLEAN, "BOOL": BOOLEAN, "DATE": DATE, "DATETIME": TIMESTAMP,
          "TIMESTAMP": TIMESTAMP, "JSON": JSON, "UUID": UUID}  # fmt: skip

# The affinity rules, in order (sqlite.org/datatype3.html, section 3.1).
_AFFINITIES = (
    (re.compile("INT"), INT8),
    (re.compile("CHAR|CLOB|TEXT"), TEXT),
    (re.compile("BLOB"), BYTEA),
    (re.compile("REAL|FLOA|DOUB"), FLOAT8),
)


READ_VERSION = "SELECT value FROM fivefold_meta WHERE name = 'catalog_version'"
ROLES = "fivefold_roles"
"""The table of roles; it is not there while there never was one."""
COMMENT = "comment on "
"""Begins the names under which fivefold_meta keeps the comments of namespaces."""
_READ_COMMENTS = (
    f"SELECT substr(name, {len(COMMENT) + 1}), value FROM fivefold_meta"
    f" WHERE name >= '{COMMENT}' AND name < '{COMMENT}~'"
)


def has_catalog(raw: apsw.Connection) -> bool:
    """Say whether the file holds fivefold's own tables; a file of others need not."""
    found = raw.execute("SELECT 1 FROM sqlite_schema WHERE name = 'fivefold_meta'").fetchone()
    return found is not None


def load(raw: apsw.Connection, version: Version, *, has_catalog: bool) -> Catalog:
    """Return the whole catalog at ``version``."""
    texts = {
        str(name): str(sql)
        for name, sql in raw.execute(
            "SELECT name, sql FROM sqlite_schema WHERE type = 'table'"
            " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
        )
    }
    namespaces = {DEFAULT_NAMESPACE}
    containers: dict[tuple[str, str], Container] = {}
    described = set()
    comments: dict[str, str] = {}
    roles: dict[str, Role] = {}
    if has_catalog:
        namespaces.update(name for (name,) in raw.execute("SELECT name FROM fivefold_namespaces"))
        for namespace, name, definition, table, text in raw.execute(
            "SELECT namespace, name, definition, store_table, store_text FROM fivefold_containers"
        ):
            if table is not None and texts.get(table) != text:
                continue  # somebody else altered or dropped it
            containers[namespace, name] = codec.decode(definition)
            if table is not None:
                described.add(table)
        comments.update(raw.execute(_READ_COMMENTS))
        if ROLES in texts:
            for name, definition in raw.execute(f"SELECT name, definition FROM {ROLES}"):
                roles[name] = codec.decode_role(definition)
    for name, text in texts.items():
        foreign = name not in described and not name.startswith(OWN_PREFIX)
        if foreign and not text.upper().startswith("CREATE VIRTUAL"):
            containers[DEFAULT_NAMESPACE, name] = describe(raw, name)
    return Catalog(
        version,
        frozenset(namespaces),
        MappingProxyType(containers),
        MappingProxyType(comments),
        roles=MappingProxyType(roles),
    )


def describe(raw: apsw.Connection, name: str) -> Table:
    """Describe a table that fivefold did not make."""
    columns = []
    key_parts: dict[int, str] = {}
    for _, column, type_name, not_null, _default, key_part, hidden in _pragma(
        raw, "table_xinfo", name
    ):
        if hidden == 1:
            continue
        columns.append(
            Column(
                column,
                type_declared(type_name),
                not_null=bool(not_null) or key_part > 0,
                generated="" if hidden else None,
            )
        )
        if key_part:
            key_parts[key_part] = column
    keys = []
    if key_parts:
        parts = tuple(key_parts[number] for number in sorted(key_parts))
        columns = [_numbered(column, parts) for column in columns]
        keys.append(Key(f"{name}_pkey", parts, primary=True))
    return Table(
        DEFAULT_NAMESPACE,
        name,
        tuple(columns),
        tuple(keys),
        _foreign_keys(raw, name),
        indexes=_indexes(raw, name),
    )


def _numbered(column: Column, key: tuple[str, ...]) -> Column:
    """Say of a rowid that SQLite gives it a number, as those who made the table expect."""
    if key != (column.name,) or column.type.kind not in INTEGERS:
        return column
    return replace(column, identity=Identity.BY_DEFAULT)


def _pragma(raw: apsw.Connection, pragma: str, name: str) -> list[tuple[Any, ...]]:
    return raw.execute(f"PRAGMA {pragma}({quote(name)})").fetchall()


def type_declared(declared: str) -> Type:
    """Return the type nearest to what a foreign column declares."""
    head = declared.upper().partition("(")[0].strip()
    if head in _NAMED:
        return _NAMED[head]
    for pattern, type in _AFFINITIES:
        if pattern.search(head):
            return type
    return TEXT


def _indexes(raw: apsw.Connection, table: str) -> tuple[Index, ...]:
    found = []
    for _, name, unique, origin, partial in _pragma(raw, "index_list", table):
        parts = [row[2] for row in _pragma(raw, "index_info", name)]
        if origin != "pk" and not partial and None not in parts:
            found.append(Index(name, tuple(map(IndexPart, parts)), unique=bool(unique)))
    return tuple(found)


def _foreign_keys(raw: apsw.Connection, table: str) -> tuple[ForeignKey, ...]:
    grouped: dict[int, list[tuple[str, str, str | None, str, str]]] = {}
    for number, _, target, column, target_column, on_update, on_delete, _match in _pragma(
        raw, "foreign_key_list", table
    ):
        grouped.setdefault(number, []).append((target, column, target_column, on_update, on_delete))
    keys = []
    for parts in grouped.values():
        target, _, _, on_update, on_delete = parts[0]
        columns = tuple(part[1] for part in parts)
        named = tuple(part[2] for part in parts if part[2] is not None)
        keys.append(
            ForeignKey(
                f"{table}_{'_'.join(columns)}_fkey",
                columns,
                (DEFAULT_NAMESPACE, target),
                named or _primary_columns(raw, target),
                Action(on_delete),
                Action(on_update),
            )
        )
    return tuple(keys)


def _primary_columns(raw: apsw.Connection, table: str) -> tuple[str, ...]:
    rows = _pragma(raw, "table_info", table)
    return tuple(row[1] for row in sorted(rows, key=lambda row: row[5]) if row[5])
