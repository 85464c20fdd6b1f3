"""How containers are called inside the file, and the text of templates."""

from __future__ import annotations

from fivefold.catalog.catalog import DEFAULT_NAMESPACE
from fivefold.catalog.containers import Column, Model, Table
from fivefold.plan.statement import Template
from fivefold.values.types import INTEGERS

OWN_PREFIX = "fivefold_"

NULL_KEY = "null key"
"""Stands where a rowid would be null: SQLite makes up a number for a null, and refuses a text."""


def quote(name: str) -> str:
    """Return ``name`` as a quoted identifier."""
    return '"' + name.replace('"', '""') + '"'


def table_name(namespace: str, name: str) -> str:
    """Return the name of the SQLite table that holds a container."""
    return name if namespace == DEFAULT_NAMESPACE else f"{namespace}.{name}"


def index_name(namespace: str, name: str) -> str:
    """Return the name of the SQLite index; indexes share the tables' names, as in PostgreSQL."""
    return table_name(namespace, name)


def null_index_name(name: str) -> str:
    """Return the name of the index that NULLS NOT DISTINCT needs beside one of that name."""
    return f"{name}:nulls"


def rowid_key(table: Table) -> Column | None:
    """Return the column that is the table's rowid: a primary key of one integer column."""
    key = table.primary_key
    if key is None or len(key.columns) != 1 or table.model is not Model.RELATIONAL:
        return None
    if key.deferrable:
        return None  # two rows may have it for a while
    column = table.column(key.columns[0])
    return column if column is not None and column.type.kind in INTEGERS else None


def render_template(template: Template) -> str:
    """Return a template's text with its containers' names put in."""
    names = {key: quote(table_name(*value)) for key, value in template.containers.items()}
    return template.text.format_map(names)
