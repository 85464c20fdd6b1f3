"""Definitions as text: defaults, constraints, indexes and views, as PostgreSQL prints them."""

from __future__ import annotations

from fivefold.catalog.containers import (
    Action,
    Check,
    Column,
    ForeignKey,
    Identity,
    Index,
    IndexPart,
    Key,
    Table,
    View,
)
from fivefold.languages.sql.bind.relations import quoted_name
from fivefold.languages.sql.system.catalog import System
from fivefold.languages.sql.system.objects import part_column


def default(system: System, table: Table, column: Column) -> str | None:
    """Return a column's default or generation expression; None if it has neither."""
    if column.generated is not None:
        return column.generated
    if column.identity is Identity.SERIAL and column.sequence is not None:
        named = qualified(table.namespace, column.sequence)
        return f"nextval('{named}'::regclass)"
    return column.default


def qualified(namespace: str, name: str) -> str:
    """Return a name as SQL writes it, with its namespace unless that is on every path."""
    return (
        quoted_name(name)
        if namespace == "public"
        else (f"{quoted_name(namespace)}.{quoted_name(name)}")
    )


def constraint(system: System, table: Table, found: Key | ForeignKey | Check) -> str:
    """Return a constraint as pg_get_constraintdef prints it."""
    if isinstance(found, Check):
        return f"CHECK (({found.expression}))"
    if isinstance(found, Key):
        text = "PRIMARY KEY" if found.primary else "UNIQUE"
        if found.nulls_not_distinct:
            text += " NULLS NOT DISTINCT"
        text += f" {_listed(found.columns)}"
        if found.include:
            text += f" INCLUDE {_listed(found.include)}"
        return text + _deferral(found)
    target = qualified(*found.target)
    text = f"FOREIGN KEY {_listed(found.columns)} REFERENCES {target}"
    text += _listed(found.target_columns)
    if found.match_full:
        text += " MATCH FULL"
    if found.on_update is not Action.NO_ACTION:
        text += f" ON UPDATE {found.on_update}"
    if found.on_delete is not Action.NO_ACTION:
        text += f" ON DELETE {found.on_delete}"
    return text + _deferral(found)


def _deferral(found: Key | ForeignKey) -> str:
    if not found.deferrable:
        return ""
    return " DEFERRABLE" + (" INITIALLY DEFERRED" if found.initially_deferred else "")


def _listed(names: tuple[str, ...]) -> str:
    return f"({', '.join(quoted_name(name) for name in names)})"


def index(system: System, table: Table, found: Index) -> str:
    """Return the CREATE INDEX that pg_get_indexdef prints."""
    unique = "UNIQUE " if found.unique else ""
    parts = ", ".join(index_part(table, part) for part in found.parts)
    text = f"CREATE {unique}INDEX {quoted_name(found.name)} ON "
    text += f"{quoted_name(table.namespace)}.{quoted_name(table.name)}"
    text += f" USING {found.method} ({parts})"
    if found.include:
        text += f" INCLUDE {_listed(found.include)}"
    if found.nulls_not_distinct:
        text += " NULLS NOT DISTINCT"
    return text if found.where is None else f"{text} WHERE ({found.where})"


def index_part(table: Table, part: IndexPart, *, plain: bool = False) -> str:
    """Return one part of an index; ``plain`` leaves out its direction."""
    column = part_column(table, part)
    text = f"({part.expression})" if column is None else quoted_name(column.name)
    if plain:
        return text
    if part.descending:
        text += " DESC"
    if part.nulls_first is not None and part.nulls_first is not part.descending:
        text += " NULLS FIRST" if part.nulls_first else " NULLS LAST"
    return text


def view(system: System, found: View | Table) -> str:
    """Return a view's query as pg_get_viewdef prints it."""
    return f" {(found.query or '').strip().rstrip(';')};"
