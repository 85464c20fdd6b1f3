"""The schema of any SQLite file, which is opened for reading only.

Source: sqlite.org/pragma.html: table_xinfo, index_list, index_xinfo, foreign_key_list.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from fivefold.design.schema import Entity, EntityKind, Field, Index, Reference, Schema, reference
from fivefold.errors import Unavailable

NAMESPACE = "public"
"""Where the tables of a SQLite file are, as in a store of fivefold's."""

_HIDDEN = 1
"""What table_xinfo says of a column of a virtual table that nobody sees."""


def is_ours(path: Path) -> bool:
    """Say whether a file is a store of fivefold's; one that cannot be read may be encrypted."""
    try:
        with closing(_open(path)) as raw:
            found = raw.execute("SELECT 1 FROM sqlite_schema WHERE name = 'fivefold_meta'")
            return found.fetchone() is not None
    except sqlite3.DatabaseError:
        return True


def read_sqlite(path: Path) -> Schema:
    """Return the schema of a file. Raises Unavailable if it cannot be read."""
    try:
        with closing(_open(path)) as raw:
            names = raw.execute(
                "SELECT name, type FROM sqlite_schema WHERE type IN ('table', 'view')"
                " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
            )
            return Schema(tuple(_entity(raw, name, kind) for name, kind in names.fetchall()))
    except sqlite3.Error as error:
        raise Unavailable(f'"{path}" cannot be read: {error}', "not_a_store") from None


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)


def _entity(raw: sqlite3.Connection, name: str, kind: str) -> Entity:
    columns = raw.execute(
        'SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_xinfo(?) WHERE hidden <> ?',
        (name, _HIDDEN),
    ).fetchall()
    primary = tuple(one[0] for one in sorted(columns, key=lambda one: one[4]) if one[4])
    fields = tuple(
        # An INTEGER PRIMARY KEY is the rowid, which is never null though nothing says so.
        Field(column, type_ or "any", not (required or primary == (column,)), default)
        for column, type_, required, default, _ in columns
    )
    unique, indexes = _indexes(raw, name)
    whole = tuple(one.parts for one in indexes if one.unique and one.where is None)
    return Entity(
        *(EntityKind.TABLE if kind == "table" else EntityKind.VIEW, NAMESPACE, name, fields),
        primary_key=primary,
        unique_keys=unique,
        indexes=indexes,
        references=_references(raw, name, fields, (primary, *unique, *whole)),
        rows=_rows(raw, name) if kind == "table" else None,
    )


def _indexes(
    raw: sqlite3.Connection, table: str
) -> tuple[tuple[tuple[str, ...], ...], tuple[Index, ...]]:
    """Return the unique keys of a table, and the indexes that are no key's own."""
    keys, indexes = [], []
    listed = raw.execute(
        'SELECT name, "unique", origin, partial FROM pragma_index_list(?) ORDER BY seq DESC',
        (table,),
    )
    for name, unique, origin, partial in listed.fetchall():
        parts = tuple(
            column or "(an expression)"
            for (column,) in raw.execute(
                "SELECT name FROM pragma_index_xinfo(?) WHERE key ORDER BY seqno", (name,)
            )
        )
        if origin == "u":
            keys.append(parts)
        elif origin == "c":
            where = _condition(raw, name) if partial else None
            indexes.append(Index(name, parts, bool(unique), where))
    return tuple(keys), tuple(indexes)


def _condition(raw: sqlite3.Connection, index: str) -> str:
    (text,) = raw.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (index,)).fetchone()
    return str(text[text.upper().rindex("WHERE") + len("WHERE") :].strip())


def _references(
    raw: sqlite3.Connection,
    table: str,
    fields: tuple[Field, ...],
    keys: tuple[tuple[str, ...], ...],
) -> tuple[Reference, ...]:
    found: dict[int, tuple[str, list[tuple[str, str | None]]]] = {}
    listed = raw.execute(
        'SELECT id, "table", "from", "to" FROM pragma_foreign_key_list(?) ORDER BY id, seq',
        (table,),
    )
    for number, target, column, referenced in listed.fetchall():
        found.setdefault(number, (target, []))[1].append((column, referenced))
    return tuple(
        reference(
            *(f"{table}_{'_'.join(column for column, _ in pairs)}_fkey",),
            tuple(column for column, _ in pairs),
            (NAMESPACE, _exactly(raw, target)),
            # Without names the target's primary key is meant.
            tuple(name for _, name in pairs if name) or _primary_key(raw, target),
            columns=fields,
            keys=keys,
        )
        for target, pairs in (found[number] for number in sorted(found, reverse=True))
    )


def _exactly(raw: sqlite3.Connection, table: str) -> str:
    """Return a table's name as it was declared: a foreign key may write it in other letters."""
    query = "SELECT name FROM sqlite_schema WHERE type = 'table' AND lower(name) = lower(?)"
    found = raw.execute(query, (table,)).fetchone()
    return table if found is None else str(found[0])


def _primary_key(raw: sqlite3.Connection, table: str) -> tuple[str, ...]:
    query = "SELECT name FROM pragma_table_xinfo(?) WHERE pk ORDER BY pk"
    return tuple(name for (name,) in raw.execute(query, (table,)))


def _rows(raw: sqlite3.Connection, table: str) -> int | None:
    """Return about how many rows there are: no table is read for that.

    Rows are numbered upwards, so that the last number is close unless many were deleted.
    """
    quoted = table.replace('"', '""')
    try:
        (last,) = raw.execute(f'SELECT max(rowid) FROM "{quoted}"').fetchone()
    except sqlite3.OperationalError:  # WITHOUT ROWID, or virtual
        return None
    return last or 0
