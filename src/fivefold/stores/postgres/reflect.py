"""Reading the catalog: what fivefold wrote, and what others made in the same database.

A table that fivefold did not make, or whose columns somebody changed since, is described from
pg_catalog. (PostgreSQL manual, chapter 53.)
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

from fivefold.catalog import codec
from fivefold.catalog.catalog import DEFAULT_NAMESPACE, Catalog, Version
from fivefold.catalog.containers import (
    Action,
    Column,
    Container,
    ForeignKey,
    Index,
    IndexPart,
    Key,
    Table,
)
from fivefold.catalog.roles import Role
from fivefold.stores.postgres.names import OWN_SCHEMA
from fivefold.values.types import TEXT, Kind, Type, array_of

Execute = Callable[..., list[tuple[Any, ...]]]
"""Runs text with parameters and returns its rows."""

_COLUMNS = (
    "SELECT string_agg(format('%s %s %s %s', a.attname, a.atttypid, a.atttypmod, a.attnotnull),"
    " E'\\n' ORDER BY a.attnum) FROM pg_attribute a"
    " WHERE a.attrelid = {relation} AND a.attnum > 0 AND NOT a.attisdropped"
)
COLUMNS_OF_ONE = _COLUMNS.format(
    relation="(SELECT t.oid FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace"
    " WHERE n.nspname = $1::text AND t.relname = $2::text AND t.relkind IN ('r', 'p'))"
)
"""The columns of the table $1.$2 as one text: another text says that somebody altered it."""

_OTHERS = f"n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', '{OWN_SCHEMA}')"
_NAMESPACES = f"SELECT n.nspname FROM pg_namespace n WHERE {_OTHERS}"
_COMMENTS = (
    "SELECT n.nspname, d.description FROM pg_description d JOIN pg_namespace n ON n.oid = d.objoid"
    f" WHERE d.classoid = 'pg_namespace'::regclass AND {_OTHERS} UNION ALL"
    " SELECT '', s.description FROM pg_shdescription s JOIN pg_database b ON b.oid = s.objoid"
    " WHERE s.classoid = 'pg_database'::regclass AND b.datname = current_database()"
)
TABLES = (
    f"SELECT n.nspname, t.relname, ({_COLUMNS.format(relation='t.oid')}) FROM pg_class t"
    f" JOIN pg_namespace n ON n.oid = t.relnamespace WHERE t.relkind IN ('r', 'p') AND {_OTHERS}"
)
_CONTAINERS = f"SELECT namespace, name, definition, columns FROM {OWN_SCHEMA}.fivefold_containers"
ROLES = f"{OWN_SCHEMA}.fivefold_roles"
"""The table of roles; it is not there while there never was one."""
_RELATION = (
    "SELECT t.oid FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace"
    " WHERE n.nspname = $1::text AND t.relname = $2::text"
)
_ATTRIBUTES = (
    "SELECT a.attname, y.typname, e.typname, a.atttypmod, a.attnotnull, a.attgenerated,"
    " a.attidentity FROM pg_attribute a JOIN pg_type y ON y.oid = a.atttypid"
    " LEFT JOIN pg_type e ON e.oid = y.typelem AND y.typlen = -1"
    f" WHERE a.attrelid = ({_RELATION}) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"
)
_NAMES = (
    "(SELECT string_agg(a.attname, E'\\n' ORDER BY k.place) FROM"
    " unnest({keys}) WITH ORDINALITY k(number, place)"
    " JOIN pg_attribute a ON a.attrelid = {relation} AND a.attnum = k.number)"
)
_CONSTRAINTS = (
    "SELECT c.conname, c.contype::text,"
    f" {_NAMES.format(keys='c.conkey', relation='c.conrelid')}, fn.nspname, f.relname,"
    f" {_NAMES.format(keys='c.confkey', relation='c.confrelid')},"
    " c.confdeltype::text, c.confupdtype::text, c.condeferrable, c.condeferred"
    " FROM pg_constraint c LEFT JOIN pg_class f ON f.oid = c.confrelid"
    " LEFT JOIN pg_namespace fn ON fn.oid = f.relnamespace"
    f" WHERE c.conrelid = ({_RELATION}) ORDER BY c.conname"
)
_INDEXES = (
    "SELECT x.relname, i.indisunique,"
    f" {_NAMES.format(keys='i.indkey', relation='i.indrelid')}"
    " FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid"
    f" WHERE i.indrelid = ({_RELATION}) AND i.indexprs IS NULL AND i.indpred IS NULL"
    " AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid)"
    " ORDER BY x.relname"
)

_ACTIONS = {
    "a": Action.NO_ACTION,
    "r": Action.RESTRICT,
    "c": Action.CASCADE,
    "n": Action.SET_NULL,
    "d": Action.SET_DEFAULT,
}


def load(execute: Execute, version: Version) -> Catalog:
    """Return the whole catalog at ``version``."""
    namespaces = {DEFAULT_NAMESPACE, *(str(name) for (name,) in execute(_NAMESPACES))}
    present = {(str(row[0]), str(row[1])): row[2] for row in execute(TABLES)}
    containers: dict[tuple[str, str], Container] = {}
    for namespace, name, definition, columns in execute(_CONTAINERS):
        key = (str(namespace), str(name))
        if columns is not None and present.get(key, "") != columns:
            continue  # somebody else altered or dropped it
        containers[key] = codec.decode(str(definition))
    for key in present:
        if key not in containers:
            containers[key] = describe(execute, *key)
    known = {key: found for key, found in containers.items() if key[0] in namespaces}
    comments = {str(name): str(text) for name, text in execute(_COMMENTS)}
    roles: dict[str, Role] = {}
    if has_roles(execute):
        for name, definition in execute(f"SELECT name, definition FROM {ROLES}"):
            roles[str(name)] = codec.decode_role(str(definition))
    return Catalog(
        version,
        frozenset(namespaces),
        MappingProxyType(known),
        MappingProxyType(comments),
        roles=MappingProxyType(roles),
    )


def has_roles(execute: Execute) -> bool:
    """Say whether the table of roles has been made."""
    return bool(execute(f"SELECT 1 WHERE to_regclass('{ROLES}') IS NOT NULL"))


def describe(execute: Execute, namespace: str, name: str) -> Table:
    """Describe a table that fivefold did not make."""
    columns = []
    for column, kind, element, modifier, not_null, generated, _ in execute(
        _ATTRIBUTES, (namespace, name)
    ):
        columns.append(
            Column(
                str(column),
                _type(str(kind), element, int(modifier or 0)),
                not_null=bool(not_null),
                generated="" if generated else None,
            )
        )
    found = constraints(execute, namespace, name).values()
    return Table(
        namespace,
        name,
        tuple(columns),
        tuple(key for key in found if isinstance(key, Key)),
        tuple(key for key in found if isinstance(key, ForeignKey)),
        indexes=_indexes(execute, namespace, name),
    )


def _indexes(execute: Execute, namespace: str, name: str) -> tuple[Index, ...]:
    return tuple(
        Index(str(index), tuple(map(IndexPart, str(names).split("\n"))), unique=bool(unique))
        for index, unique, names in execute(_INDEXES, (namespace, name))
    )


def constraints(execute: Execute, namespace: str, name: str) -> dict[str, Key | ForeignKey | None]:
    """Return the table's constraints as they stand, by name; None for a check."""
    found: dict[str, Key | ForeignKey | None] = {}
    for row in execute(_CONSTRAINTS, (namespace, name)):
        constraint, kind, columns = row[:3]
        if kind in "pu":
            found[constraint] = Key(
                constraint,
                tuple(columns.split("\n")),
                primary=kind == "p",
                deferrable=bool(row[8]),
                initially_deferred=bool(row[9]),
            )
        elif kind == "f":
            found[constraint] = ForeignKey(
                constraint,
                tuple(columns.split("\n")),
                (row[3], row[4]),
                tuple(row[5].split("\n")),
                _ACTIONS[row[6]],
                _ACTIONS[row[7]],
                bool(row[8]),
                bool(row[9]),
            )
        elif kind == "c":
            found[constraint] = None
    return found


def _type(kind: str, element: Any, modifier: int) -> Type:
    """Return our type for PostgreSQL's; one that we do not have is text to us."""
    if element is not None and kind.startswith("_"):
        return array_of(_type(str(element), None, modifier))
    try:
        known = Kind(kind)
    except ValueError:
        return TEXT
    if modifier < 0:
        return Type(known)
    match known:
        case Kind.VARCHAR | Kind.BPCHAR:
            return Type(known, length=modifier - 4)  # 4: the length word (varchar.c)
        case Kind.NUMERIC:
            packed = modifier - 4
            return Type(known, precision=packed >> 16 & 0xFFFF, scale=packed & 0x7FF)
        case Kind.TIME | Kind.TIMESTAMP | Kind.TIMESTAMPTZ:
            return Type(known, precision=modifier)
    return Type(known)
