"""Deferrable keys in a file: rows may be equal for a while, until the statement or the commit ends.

An index of SQLite that is unique is so row by row. A key that PostgreSQL checks later has a plain
index here, and triggers that keep book of the rows which have a double: ``fivefold_doubles`` has,
of any number n > 1 of equal rows, at least n - 1, and no row that is alone. Each entry refers to a
row of ``fivefold_nothing``, where there is none; so SQLite's own count of broken foreign keys,
which follows savepoints, refuses the statement (``at_once``) or the commit (``at_commit``). Who
writes tables without such keys pays nothing. Source: sqlite.org/foreignkeys.html, section 4.2.
"""

from __future__ import annotations

from collections.abc import Iterator

import apsw

from fivefold.catalog.catalog import Catalog
from fivefold.catalog.containers import Key, Table
from fivefold.errors import Unsupported, Violation
from fivefold.stores.sqlite import capture
from fivefold.stores.sqlite.names import index_name, quote, table_name

_TABLES = """
CREATE TABLE IF NOT EXISTS fivefold_nothing (number INTEGER PRIMARY KEY CHECK (number IS NULL));
CREATE TABLE IF NOT EXISTS fivefold_doubles (
    number INTEGER PRIMARY KEY,
    namespace TEXT NOT NULL,
    container TEXT NOT NULL,
    name TEXT NOT NULL,      -- of the key
    place INTEGER NOT NULL,  -- the row's rowid
    at_once INTEGER REFERENCES fivefold_nothing,
    at_commit INTEGER REFERENCES fivefold_nothing DEFERRABLE INITIALLY DEFERRED
) STRICT;
CREATE INDEX IF NOT EXISTS fivefold_doubles_place
    ON fivefold_doubles (namespace, container, name, place);
"""
_EVENTS = ("insert", "update", "delete")
_ROWIDS = ("rowid", "_rowid_", "oid")  # a column of that name hides the rowid


def watch(raw: apsw.Connection, table: Table) -> None:
    """Have the table's deferrable keys be watched from now on."""
    for key in deferrable_keys(table):
        raw.execute(_TABLES)
        for event, text in zip(_EVENTS, _triggers(table, key), strict=True):
            raw.execute(f"CREATE TRIGGER {_trigger_name(table, key, event)} {text}")


def unwatch(raw: apsw.Connection, table: Table) -> None:
    """Take the triggers of a table away: it is to get another shape."""
    for key in deferrable_keys(table):
        for event in _EVENTS:
            raw.execute(f"DROP TRIGGER {_trigger_name(table, key, event)}")


def has_pending(raw: apsw.Connection, table: Table) -> bool:
    """Say whether rows of the table have doubles that are still to be checked."""
    if not deferrable_keys(table) or not _is_watched(raw):
        return False
    pending = raw.execute(
        "SELECT 1 FROM fivefold_doubles WHERE namespace = ? AND container = ? LIMIT 1",
        (table.namespace, table.name),
    )
    return bool(pending.fetchall())


def deferrable_keys(table: Table) -> list[Key]:
    """Return the table's keys that are not checked row by row."""
    return [key for key in table.keys if key.deferrable]


def at_once(raw: apsw.Connection, catalog: Catalog) -> Violation | None:
    """Return the violation of a key that is checked when a statement ends."""
    return _first(raw, catalog, "WHERE at_once IS NOT NULL")


def anywhere(raw: apsw.Connection, catalog: Catalog) -> Violation | None:
    """Return the violation of any key, as it is due at commit."""
    return _first(raw, catalog, "")


def of_key(raw: apsw.Connection, table: Table, key: Key) -> Violation | None:
    """Return the violation of one key, if it has doubles."""
    place = raw.execute(
        "SELECT place FROM fivefold_doubles WHERE namespace = ? AND container = ? AND name = ?"
        " ORDER BY number LIMIT 1",
        (table.namespace, table.name, key.name),
    ).get
    return None if place is None else _violation(raw, table, key, place)


def _is_watched(raw: apsw.Connection) -> bool:
    return bool(raw.execute("SELECT 1 FROM sqlite_schema WHERE name = 'fivefold_doubles'").get)


def _first(raw: apsw.Connection, catalog: Catalog, where: str) -> Violation | None:
    if not _is_watched(raw):
        return None
    rows = raw.execute(
        "SELECT namespace, container, name, place FROM fivefold_doubles"
        f" {where} ORDER BY number LIMIT 1"
    ).fetchall()
    for namespace, container, name, place in rows:
        table = catalog.find(str(namespace), str(container))
        assert isinstance(table, Table)
        assert isinstance(place, int)
        key = next(key for key in table.keys if key.name == name)
        return _violation(raw, table, key, place)
    return None


def _violation(raw: apsw.Connection, table: Table, key: Key, place: int) -> Violation:
    columns = ", ".join(map(quote, key.columns))
    values = raw.execute(
        f"SELECT {columns} FROM {_stored(table)} WHERE {_rowid(table)} = ?", (place,)
    ).fetchall()
    return capture.not_unique(table, key.name, key.columns, values[0] if values else None)


def _stored(table: Table) -> str:
    return quote(table_name(table.namespace, table.name))


def _trigger_name(table: Table, key: Key, event: str) -> str:
    return quote(f"{index_name(table.namespace, key.name)}:{event}")


def _rowid(table: Table) -> str:
    """Return a name by which the table's rowid can be called."""
    names = {column.name.lower() for column in table.columns}
    for name in _ROWIDS:
        if name not in names:
            return name
    raise Unsupported(
        f"a deferrable key of a table with columns named {', '.join(_ROWIDS)} is not supported",
        hint="Rename one of them.",
    )


def _triggers(table: Table, key: Key) -> Iterator[str]:
    """Yield the bodies of the triggers, one for each of ``_EVENTS``."""
    rowid = _rowid(table)
    operator = "IS" if key.nulls_not_distinct else "="

    def equal(row: str) -> str:
        parts = [f"o.{quote(name)} {operator} {row}.{quote(name)}" for name in key.columns]
        return f"FROM {_stored(table)} AS o WHERE {' AND '.join(parts)}"

    named = [_text(part) for part in (table.namespace, table.name, key.name)]
    of_key = "namespace = {} AND container = {} AND name = {}".format(*named)
    when = "at_commit" if key.initially_deferred else "at_once"
    other = f"AND o.{rowid} <> new.{rowid}"
    has_double = f"EXISTS (SELECT 1 {equal('new')} {other})"
    added = (
        f"INSERT INTO fivefold_doubles (namespace, container, name, place, {when})"
        f" SELECT {', '.join(named)}, new.{rowid}, 1"
    )

    def removed(but: str) -> str:
        rest = f"{equal('old')} {but} LIMIT 1"
        return (
            f"DELETE FROM fivefold_doubles WHERE {of_key} AND place = old.{rowid};"
            f" DELETE FROM fivefold_doubles WHERE {of_key} AND place = (SELECT o.{rowid} {rest})"
            f" AND (SELECT 1 {rest} OFFSET 1) IS NULL;"
        )

    same = [f"old.{quote(name)} IS new.{quote(name)}" for name in key.columns]
    same.append(f"old.{rowid} = new.{rowid}")
    name = _stored(table)
    yield f"AFTER INSERT ON {name} WHEN {has_double} BEGIN {added}; END"
    yield (
        f"AFTER UPDATE ON {name} WHEN NOT ({' AND '.join(same)})"
        f" BEGIN {removed(other)} {added} WHERE {has_double}; END"
    )
    yield (
        f"AFTER DELETE ON {name} WHEN EXISTS (SELECT 1 FROM fivefold_doubles)"
        f" BEGIN {removed('')} END"
    )


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
