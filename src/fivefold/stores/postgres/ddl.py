"""The text of tables, constraints and indexes in PostgreSQL: native types, native constraints."""

from __future__ import annotations

import re
from typing import cast

from fivefold.catalog.catalog import SEPARATOR
from fivefold.catalog.changes import Bound
from fivefold.catalog.containers import (
    Action,
    Check,
    Column,
    EnumType,
    ForeignKey,
    Index,
    Key,
    Sequence,
    Table,
)
from fivefold.plan.expr import Expr
from fivefold.stores.postgres.names import qualified, quote, string, type_name

_PLAIN_DEFAULT = re.compile(r"-?\d{1,18}|'[^']*'|true|false|now\(\)", re.IGNORECASE)


def table_text(table: Table, bound: Bound) -> str:
    """Return CREATE TABLE with keys and checks; foreign keys and indexes are made after it."""
    parts = [column_text(table, column, bound) for column in table.columns]
    parts += [key_text(key) for key in table.keys if not key.descending]
    parts += [check_text(check, bound) for check in table.checks]
    body = ",\n    ".join(parts)
    return f"CREATE TABLE {qualified(table.namespace, table.name)} (\n    {body}\n)"


def column_text(table: Table, column: Column, bound: Bound, *, bare: bool = False) -> str:
    """Return a column's definition; ``bare`` leaves NOT NULL and the default for later."""
    text = f"{quote(column.name)} {type_name(column.type) or column.type}"
    if column.generated is not None:
        text += f" GENERATED ALWAYS AS ({expression_text(bound[column.generated])}) STORED"
    elif not bare and (default := default_text(table, column)) is not None:
        text += f" DEFAULT {default}"
    return text + (" NOT NULL" if column.not_null and not bare else "")


def default_text(table: Table, column: Column) -> str | None:
    """Return a column's default for the catalogs and for programs that write past fivefold.

    fivefold itself fills in every column. A column with a sequence shows as serial. In a database
    beside the main one names are others than those the text has: only plain ones are kept there.
    """
    if column.sequence is not None:
        name = string(qualified(table.namespace, column.sequence))
        return f"nextval({name}::regclass)"
    if column.default is None or column.generated is not None:
        return None
    plain = SEPARATOR not in table.namespace or _PLAIN_DEFAULT.fullmatch(column.default)
    return column.default if plain else None


def key_text(key: Key) -> str:
    """Return a primary key or unique constraint."""
    kind = "PRIMARY KEY" if key.primary else "UNIQUE"
    nulls = " NULLS NOT DISTINCT" if key.nulls_not_distinct else ""
    include = f" INCLUDE ({_listed(key.include)})" if key.include else ""
    columns = f"({_listed(key.columns)}){include}{_timing(key)}"
    return f"CONSTRAINT {quote(key.name)} {kind}{nulls} {columns}"


def descending_key_text(table: Table, key: Key) -> str:
    """Return CREATE UNIQUE INDEX for a key some of whose columns descend: a constraint's cannot."""
    parts = [quote(name) + (" DESC" if name in key.descending else "") for name in key.columns]
    at = qualified(table.namespace, table.name)
    return f"CREATE UNIQUE INDEX {quote(key.name)} ON {at} ({', '.join(parts)})"


def check_text(check: Check, bound: Bound) -> str:
    """Return a check constraint."""
    condition = expression_text(bound[check.expression])
    return f"CONSTRAINT {quote(check.name)} CHECK ({condition})"


def foreign_key_text(key: ForeignKey) -> str:
    """Return a foreign key constraint."""
    text = (
        f"CONSTRAINT {quote(key.name)} FOREIGN KEY ({_listed(key.columns)}) "
        f"REFERENCES {qualified(*key.target)} ({_listed(key.target_columns)})"
    )
    if key.match_full:
        text += " MATCH FULL"
    if key.on_delete is not Action.NO_ACTION:
        text += f" ON DELETE {key.on_delete.value}"
    if key.on_delete_columns:
        text += f" ({_listed(key.on_delete_columns)})"
    if key.on_update is not Action.NO_ACTION:
        text += f" ON UPDATE {key.on_update.value}"
    return text + _timing(key)


def _timing(key: Key | ForeignKey) -> str:
    if not key.deferrable:
        return ""
    return " DEFERRABLE INITIALLY " + ("DEFERRED" if key.initially_deferred else "IMMEDIATE")


def index_text(table: Table, index: Index, bound: Bound) -> str:
    """Return CREATE INDEX."""
    parts = []
    for part in index.parts:
        plain = table.column(part.expression) is not None
        text = quote(part.expression) if plain else f"({expression_text(bound[part.expression])})"
        text += " DESC" if part.descending else ""
        if part.nulls_first is not None:
            text += " NULLS FIRST" if part.nulls_first else " NULLS LAST"
        parts.append(text)
    unique = "UNIQUE " if index.unique else ""
    where = "" if index.where is None else f" WHERE {expression_text(bound[index.where])}"
    method = "" if index.method == "btree" else f"USING {index.method} "
    include = f" INCLUDE ({_listed(index.include)})" if index.include else ""
    nulls = " NULLS NOT DISTINCT" if index.nulls_not_distinct else ""
    return (
        f"CREATE {unique}INDEX {quote(index.name)} ON {qualified(table.namespace, table.name)} "
        f"{method}({', '.join(parts)}){include}{nulls}{where}"
    )


def sequence_text(sequence: Sequence) -> str:
    """Return CREATE SEQUENCE."""
    cycle = "CYCLE" if sequence.cycle else "NO CYCLE"
    return (
        f"CREATE SEQUENCE {qualified(sequence.namespace, sequence.name)} AS {sequence.type} "
        f"INCREMENT {sequence.increment} MINVALUE {sequence.minimum} MAXVALUE {sequence.maximum} "
        f"START {sequence.start} CACHE {sequence.cache} {cycle}"
    )


def enum_text(enum: EnumType) -> str:
    """Return CREATE TYPE."""
    labels = ", ".join(string(label) for label in enum.labels)
    return f"CREATE TYPE {qualified(enum.namespace, enum.name)} AS ENUM ({labels})"


def expression_text(tree: object) -> str:
    """Return a bound expression as PostgreSQL text."""
    if isinstance(tree, str):
        return tree
    # Imported only where a tree comes: the models' fixed statements are templates.
    from fivefold.stores.postgres.render import render

    return render(cast(Expr, tree))


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(quote(name) for name in names)
