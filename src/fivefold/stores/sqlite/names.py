"""How containers are called inside the file, and the text of templates."""

from __future__ import annotations

from fivefold.catalog.catalog import DEFAULT_NAMESPACE
from fivefold.catalog.containers import Column, Model, Table
from fivefold.plan.statement import Path, Reading, Template
from fivefold.values.types import INTEGERS

OWN_PREFIX = "fivefold_"

HEADER = b"SQLite format 3\0"
"""How each file of SQLite's begins that is not encrypted."""

_WITH_ROWIDS = (Model.RELATIONAL, Model.DOCUMENT, Model.GRAPH)
"""The models whose tables may be found by a number; those of others are clustered by their key."""

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
    if key is None or len(key.columns) != 1 or table.model not in _WITH_ROWIDS:
        return None
    if key.deferrable:
        return None  # two rows may have it for a while
    column = table.column(key.columns[0])
    return column if column is not None and column.type.kind in INTEGERS else None


def render_template(template: Template) -> str:
    """Return a template's text with its containers' names and its paths put in."""
    names = {key: quote(table_name(*value)) for key, value in template.containers.items()}
    if template.paths is not None:
        names |= {key: path_text(path) for key, path in template.paths.items()}
    return template.text.format_map(names)


def path_text(path: Path) -> str:
    """Return what reads a path of a column of JSONB. Source: sqlite.org/json1.html, 3.3 and 4.6."""
    steps = string("$" + "".join([f'."{step}"' for step in path.steps]))
    column = path.column
    if path.element:
        kind = column.removesuffix("value") + "type"
        if not path.steps:
            return _element_text(column, kind, path.reading)
        column = f"CASE {kind} WHEN 'object' THEN {column} END"
    match path.reading:
        case Reading.DOCUMENT:
            return f"jsonb({column})"
        case Reading.MEMBERS | Reading.EACH:
            return f"json_each({column})"
        case Reading.EACH_BYTES:
            return f"(SELECT unhex(value) AS value FROM json_each({column}))"
        case Reading.EACH_PAIR:
            parts = "value ->> 0 AS one, value ->> 1 AS other"
            return f"(SELECT {parts} FROM json_each({column}))"
        case Reading.JSON:
            return f"json({column})" if not path.steps else f"({column} -> {steps})"
        case Reading.KIND:
            return f"json_type({column}, {steps})"
        case Reading.ELEMENTS:
            kind = f"json_type({column}, {steps})"
            return f"jsonb_each(CASE {kind} WHEN 'array' THEN {column} END, {steps})"
        case Reading.PLAIN_NUMBER | Reading.PLAIN_BOOLEAN | Reading.PLAIN_TEXT:
            kinds = _KINDS_READ[path.reading]
            kind = f"json_type({column}, {steps})"
            return f"CASE WHEN {kind} IN ({kinds}) THEN ({column}) ->> {steps} END"
        case _:
            return f"(({column}) ->> {steps})" if path.element else f"({column} ->> {steps})"


def _element_text(column: str, kind: str, reading: Reading) -> str:
    """Return what reads an element of an array: jsonb_each has it as a value of SQL."""
    if reading is Reading.KIND:
        return kind
    kinds = _KINDS_READ.get(reading)
    return column if kinds is None else f"CASE WHEN {kind} IN ({kinds}) THEN {column} END"


_KINDS_READ = {
    Reading.PLAIN_NUMBER: "'integer', 'real'",
    Reading.PLAIN_BOOLEAN: "'true', 'false'",
    Reading.PLAIN_TEXT: "'text'",
}


def string(value: str) -> str:
    """Return a string constant."""
    return "'" + value.replace("'", "''") + "'"
