"""The text of tables and indexes in SQLite.

A column is declared under a name that people recognise and whose affinity leaves the stored
form alone (sqlite.org/datatype3.html, section 3.1): a numeric must not become a float, so it
is declared with TEXT in its name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import cast

from fivefold.catalog.changes import Bound
from fivefold.catalog.containers import Action, Column, ForeignKey, Index, Key, Model, Table
from fivefold.errors import Unsupported
from fivefold.plan.expr import Expr
from fivefold.stores.sqlite.names import index_name, null_index_name, quote, rowid_key, table_name
from fivefold.values.types import INTEGERS, Kind, Type

DECLARED: dict[Kind, str] = {
    Kind.BOOLEAN: "BOOLEAN",
    Kind.INT2: "SMALLINT",
    Kind.INT4: "INTEGER",
    Kind.INT8: "BIGINT",
    Kind.OID: "BIGINT",
    Kind.NUMERIC: "DECIMAL_TEXT",
    Kind.FLOAT4: "REAL",
    Kind.FLOAT8: "DOUBLE PRECISION",
    Kind.TEXT: "TEXT",
    Kind.VARCHAR: "VARCHAR",
    Kind.BPCHAR: "CHARACTER",
    Kind.NAME: "TEXT",
    Kind.BYTEA: "BLOB",
    Kind.DATE: "DATE_TEXT",
    Kind.TIME: "TIME_TEXT",
    Kind.TIMESTAMP: "TIMESTAMP_TEXT",
    Kind.TIMESTAMPTZ: "TIMESTAMPTZ_TEXT",
    Kind.INTERVAL: "TEXT",
    Kind.UUID: "UUID_TEXT",
    Kind.JSON: "JSON_TEXT",
    Kind.JSONB: "JSONB_TEXT",
    Kind.ARRAY: "ARRAY_TEXT",
}

COLLATIONS: dict[Kind, str] = {Kind.NUMERIC: "decimal", Kind.INTERVAL: "interval"}

_PLAIN_INTEGER = re.compile(r"-?\d{1,18}")
_PLAIN_TEXT = re.compile(r"'[^']*'")
_CAST = re.compile(  # as PostgreSQL's dumps write them
    r"'(-?\d{1,18})'::(?:smallint|integer|bigint)|('[^']*')::(?:text|character varying|varchar)",
    re.IGNORECASE,
)
_PLAIN_DEFAULT = re.compile(r"-?\d{1,18}|'[^']*'|true|false", re.IGNORECASE)


def declared(type: Type) -> str:
    """Return the declared type of a column, its modifiers shown as in SQL."""
    name = DECLARED.get(type.kind, "TEXT")
    if type.length is not None:
        return f"{name}({type.length})"
    if type.kind is Kind.NUMERIC and type.precision is not None:
        return f"{name}({type.precision},{type.scale or 0})"
    return name


def is_rowid_key(table: Table, column: Column) -> bool:
    """Say whether the column is the table's rowid: a primary key of one integer column."""
    return rowid_key(table) == column


def table_text(table: Table, bound: Bound, *, bare: bool = False, promoted: bool = False) -> str:
    """Return CREATE TABLE for ``table``.

    ``bare`` leaves out all constraints but the primary key (to reshape the table under);
    ``promoted`` leaves the primary key to an index, for a table that was made without one.
    """
    parts = [_column(table, column, bound, bare, promoted) for column in table.columns]
    key = table.primary_key
    rowid = any(is_rowid_key(table, column) for column in table.columns)
    if key is not None and not rowid and not promoted and not key.deferrable:
        parts.append(f"CONSTRAINT {quote(key.name)} PRIMARY KEY ({_ordered(key)})")
    if not bare:
        for check in table.checks:
            condition = expression_text(bound[check.expression])
            parts.append(f"CONSTRAINT {quote(check.name)} CHECK ({condition})")
        for key_ in table.foreign_keys:
            parts.append(_foreign_key(table, key_))
            if key_.match_full and len(key_.columns) > 1:
                parts.append(_all_or_none(key_))
    name = quote(table_name(table.namespace, table.name))
    body = ",\n    ".join(parts)
    clustered = key is not None and not rowid and table.model is not Model.RELATIONAL
    return f"CREATE TABLE {name} (\n    {body}\n)" + (" WITHOUT ROWID" if clustered else "")


def _ordered(key: Key) -> str:
    return ", ".join(
        [quote(name) + (" DESC" if name in key.descending else "") for name in key.columns]
    )


def _column(table: Table, column: Column, bound: Bound, bare: bool, promoted: bool) -> str:
    if is_rowid_key(table, column) and not promoted:
        assert table.primary_key is not None
        return (
            f"{quote(column.name)} INTEGER CONSTRAINT {quote(table.primary_key.name)} "
            "PRIMARY KEY NOT NULL"
        )
    text = f"{quote(column.name)} {declared(column.type)}"
    collation = COLLATIONS.get(column.type.kind)
    if collation is not None:
        text += f" COLLATE {collation}"
    if bare:
        return text
    if column.generated is not None:
        text += f" GENERATED ALWAYS AS ({expression_text(bound[column.generated])}) STORED"
    elif (default := plain_default(column)) is not None and _PLAIN_DEFAULT.fullmatch(default):
        text += f" DEFAULT {default}"
    return text + (" NOT NULL" if column.not_null else "")


def _all_or_none(key: ForeignKey) -> str:
    """Return the check of MATCH FULL; it has the foreign key's name, see failures.py."""
    first, *rest = [f"{quote(column)} IS NULL" for column in key.columns]
    alike = " AND ".join(f"({first}) = ({one})" for one in rest)
    return f"CONSTRAINT {quote(key.name)} CHECK ({alike})"


def _refuse_actions(table: Table, key: ForeignKey) -> None:
    """Refuse what SQLite's own actions would do otherwise."""
    if key.on_update is Action.SET_NULL and key.target == (table.namespace, table.name):
        # SQLite would take any value of the key from INSERT … ON CONFLICT DO UPDATE.
        raise Unsupported(
            "ON UPDATE SET NULL of a foreign key to its own table is not supported",
            hint="Use ON UPDATE CASCADE.",
        )
    names: tuple[str, ...] = ()
    if key.on_update is Action.SET_DEFAULT:
        names = key.columns
    elif key.on_delete is Action.SET_DEFAULT:
        names = key.on_delete_columns or key.columns
    for name in names:
        column = table.column(name)
        assert column is not None
        default = plain_default(column)
        computed = default is not None and not _is_stored_form(default, column.type)
        if computed or column.sequence is not None:
            raise Unsupported(
                f'SET DEFAULT of column "{name}" is not supported: its default is no plain number '
                "or text",
                hint="Give the column a constant default.",
            )


def plain_default(column: Column) -> str | None:
    """Return a column's default; that of a constant's cast to its own kind is the constant."""
    default = column.default
    found = None if default is None else _CAST.fullmatch(default)
    return default if found is None else found[1] or found[2]


def _is_stored_form(default: str, type_: Type) -> bool:
    """Say whether SQLite itself can put the default into a row, in its stored form."""
    if type_.kind in INTEGERS:
        return _PLAIN_INTEGER.fullmatch(default) is not None
    return type_.kind in (Kind.TEXT, Kind.VARCHAR) and _PLAIN_TEXT.fullmatch(default) is not None


def deletion(table: Table, key: ForeignKey) -> Action:
    """Return the action of SQLite that does what the key's ON DELETE means.

    SQLite refuses RESTRICT row by row, PostgreSQL when the statement has deleted its rows: of a
    table that refers to itself it may delete both.
    """
    if key.on_delete_columns:
        return Action.NO_ACTION  # actions.py sets them
    own = key.target == (table.namespace, table.name)
    if key.on_delete is Action.RESTRICT and own and not key.deferrable:
        return Action.NO_ACTION
    return key.on_delete


def _foreign_key(table: Table, key: ForeignKey) -> str:
    _refuse_actions(table, key)
    text = (
        f"CONSTRAINT {quote(key.name)} FOREIGN KEY ({_listed(key.columns)}) "
        f"REFERENCES {quote(table_name(*key.target))} ({_listed(key.target_columns)})"
    )
    on_delete = deletion(table, key)
    if on_delete is not Action.NO_ACTION:
        text += f" ON DELETE {on_delete.value}"
    if key.on_update is not Action.NO_ACTION:
        text += f" ON UPDATE {key.on_update.value}"
    if key.deferrable:
        text += " DEFERRABLE INITIALLY " + ("DEFERRED" if key.initially_deferred else "IMMEDIATE")
    return text


def index_text(table: Table, index: Index, bound: Bound) -> str:
    """Return CREATE INDEX for one index of ``table``."""
    parts = []
    for part in index.parts:
        column = table.column(part.expression)
        if index.method == "hash":
            parts.append(_hash_part(column, bound.get(part.expression)))
            continue
        plain = column is not None
        text = quote(part.expression) if plain else f"({expression_text(bound[part.expression])})"
        parts.append(text + (" DESC" if part.descending else ""))
    if not index.unique:
        parts += [quote(column) for column in index.include]
    unique = "UNIQUE " if index.unique else ""
    where = "" if index.where is None else f" WHERE {condition_text(bound[index.where])}"
    return (
        f"CREATE {unique}INDEX {quote(index_name(table.namespace, index.name))} "
        f"ON {quote(table_name(table.namespace, table.name))} ({', '.join(parts)}){where}"
    )


def _hash_part(column: Column | None, tree: object) -> str:
    """Return what a hash index is on, as the renderer writes it beside an equality."""
    # Imported only where such an index is made.
    from fivefold.plan.statement import type_of
    from fivefold.stores.sqlite.render.logic import hash_text

    if column is not None:
        return hash_text(quote(column.name), column.type)
    return hash_text(expression_text(tree), type_of(cast(Expr, tree)))


def null_index_text(table: Table, index: Index, bound: Bound) -> str:
    """Return the index beside a unique one that takes nulls for equal, over the rows with nulls."""
    parts, where = null_index_parts(table, [part.expression for part in index.parts])
    if index.where is not None:
        where = f"({where}) AND {condition_text(bound[index.where])}"
    return (
        f"CREATE UNIQUE INDEX {quote(index_name(table.namespace, null_index_name(index.name)))} "
        f"ON {quote(table_name(table.namespace, table.name))} ({parts}) WHERE {where}"
    )


def null_index_parts(table: Table, columns: Sequence[str]) -> tuple[str, str]:
    """Return what such an index is on, and its condition."""
    parts = []
    for name in columns:
        column = table.column(name)
        collation = None if column is None else COLLATIONS.get(column.type.kind)
        collated = "" if collation is None else f" COLLATE {collation}"
        parts.append(f"({quote(name)} IS NULL), ifnull({quote(name)}, 0){collated}")
    return ", ".join(parts), " OR ".join([f"{quote(name)} IS NULL" for name in columns])


def expression_text(tree: object) -> str:
    """Return a bound expression as SQLite text."""
    if isinstance(tree, str):
        return tree
    # Imported only where a tree comes: most tables have none.
    from fivefold.stores.sqlite.render import render_expression

    return render_expression(cast(Expr, tree))


def condition_text(tree: object) -> str:
    """Return the condition of a partial index as the renderer writes that of a query."""
    from fivefold.plan.nodes import Where

    return expression_text(tree if isinstance(tree, str) else Where(this=tree))


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(quote(name) for name in names)
