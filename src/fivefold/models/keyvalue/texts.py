"""The fixed statements over ``keys``, and over the elements of whatever kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fivefold.models.keyvalue.entries import ABSENT, UNREAD, Entry
from fivefold.models.keyvalue.fixed import Fixed, read, write
from fivefold.models.keyvalue.layout import ELEMENTS, STRING, TABLES

KEYS_TOGETHER = 16
"""Keys looked up by one statement where several are wanted: that costs half of one at a time."""

_LIVE = "(expire_ms IS NULL OR expire_ms >= ?)"

READ_VALUE = read("SELECT value, expire_ms FROM {keys} WHERE key = ?", "key", "value expire_ms")
READ_VALUES = read(
    f"SELECT key, value, expire_ms FROM {{keys}} WHERE key IN ({', '.join('?' * KEYS_TOGETHER)})",
    " ".join(["key"] * KEYS_TOGETHER),
    "key value expire_ms",
)
READ_HEAD = read(
    "SELECT kind, expire_ms, version, id, count, first, state FROM {keys} WHERE key = ?",
    "key",
    "kind expire_ms version id count first state",
)
SCAN = read(
    "SELECT id, key, kind, expire_ms FROM {keys} WHERE id > ? ORDER BY id LIMIT ?",
    "id number",
    "id key kind expire_ms",
    scans=True,
)
KEYS_ALL = read(f"SELECT key FROM {{keys}} WHERE {_LIVE}", "expire_ms", "key", scans=True)
KEYS_FROM = read(
    f"SELECT key FROM {{keys}} WHERE key >= ? AND {_LIVE}", "key expire_ms", "key", scans=True
)
KEYS_BETWEEN = read(
    f"SELECT key FROM {{keys}} WHERE key >= ? AND key < ? AND {_LIVE}",
    "key key expire_ms",
    "key",
    scans=True,
)
COUNT = read("SELECT count(*) FROM {keys}", "", "number", scans=True)
COUNT_EXPIRED = read(
    "SELECT count(*) FROM {keys} WHERE expire_ms IS NOT NULL AND expire_ms < ?",
    "expire_ms",
    "number",
    scans=True,
)
COUNT_EXPIRING = read(
    "SELECT count(*) FROM {keys} WHERE expire_ms IS NOT NULL AND expire_ms >= ?",
    "expire_ms",
    "number",
    scans=True,
)
BOUNDS = read("SELECT (SELECT min(id) FROM {keys}), (SELECT max(id) FROM {keys})", "", "id id")
AT_OR_AFTER = read(
    f"SELECT key FROM {{keys}} WHERE id >= ? AND {_LIVE} ORDER BY id LIMIT 1",
    "id expire_ms",
    "key",
)
OVERDUE = read(
    "SELECT key FROM {keys} WHERE expire_ms IS NOT NULL AND expire_ms < ?"
    " ORDER BY expire_ms LIMIT ?",
    "expire_ms number",
    "key",
    scans=True,
)

# Leaves a key of another kind alone: its elements have to go first.
PUT = write(
    "INSERT INTO {keys} AS present (key, kind, value, expire_ms, version, id)"
    " VALUES (?, 'string', ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET"
    " value = excluded.value, expire_ms = excluded.expire_ms, version = excluded.version"
    " WHERE present.kind = 'string'",
    "key value expire_ms version id",
)
WRITE = write(
    "INSERT INTO {keys} (key, kind, value, expire_ms, version, id, count, first, state)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET kind = excluded.kind,"
    " value = excluded.value, expire_ms = excluded.expire_ms, version = excluded.version,"
    " id = excluded.id, count = excluded.count, first = excluded.first, state = excluded.state",
    "key kind value expire_ms version id count first state",
)
CHANGE_STRING = write(
    "UPDATE {keys} SET value = ?, expire_ms = ?, version = ? WHERE key = ?",
    "value expire_ms version key",
)
CHANGE = write(
    "UPDATE {keys} SET expire_ms = ?, version = ?, count = ?, first = ?, state = ? WHERE key = ?",
    "expire_ms version count first state key",
)
DISCARD = write("DELETE FROM {keys} WHERE key = ?", "key")

LEAVE = write("INSERT INTO {garbage} (id, kind) VALUES (?, ?)", "id kind")
GARBAGE = read("SELECT id, kind FROM {garbage} LIMIT 1", "", "id kind")
SWEPT = write("DELETE FROM {garbage} WHERE id = ? AND kind = ?", "id kind")

ALL_ROWS = {
    name: (
        read(
            f"SELECT {', '.join(table.columns.split())} FROM {{{name}}}",
            "",
            table.columns,
            scans=True,
        ),
        write(
            f"INSERT INTO {{{name}}} ({', '.join(table.columns.split())})"
            f" VALUES ({', '.join('?' * len(table.columns.split()))})",
            table.columns,
        ),
    )
    for name, table in TABLES.items()
}
"""For each table, what reads all of it and what writes a row of it."""

CLEAR = tuple(write(f"DELETE FROM {{{name}}}", "", scans=True) for name in TABLES)


@dataclass(frozen=True, slots=True)
class Elements:
    """The statements over all elements of one key in one table.

    ``read`` returns every column but ``id``, in order; ``insert`` takes all with ``id`` first.
    """

    read: Fixed
    insert: Fixed
    delete: Fixed
    delete_some: Fixed


def _elements(name: str) -> Elements:
    layout = TABLES[name]
    columns = layout.columns.split()
    others = columns[1:]
    within = ", ".join(columns[1 : layout.key])
    marks = ", ".join("?" * len(columns))
    return Elements(
        read(
            f"SELECT {', '.join(others)} FROM {{{name}}} WHERE id = ?",
            "id",
            " ".join(others),
            scans=True,
        ),
        write(f"INSERT INTO {{{name}}} ({', '.join(columns)}) VALUES ({marks})", layout.columns),
        write(f"DELETE FROM {{{name}}} WHERE id = ?", "id", scans=True),
        write(
            f"DELETE FROM {{{name}}} WHERE id = ? AND ({within}) IN"
            f" (SELECT {within} FROM {{{name}}} WHERE id = ? LIMIT ?)",
            "id id number",
        ),
    )


ELEMENTS_OF = {name: _elements(name) for names in ELEMENTS.values() for name in names}


def fitting(entry: Entry) -> Fixed | None:
    """Return the statement that writes what changed of an entry, None if nothing has to be."""
    if entry.kind is ABSENT:
        return DISCARD if entry.stored or entry.blind else None
    if entry.blind:
        return PUT
    if entry.whole or not entry.stored:
        return WRITE
    return CHANGE_STRING if entry.kind == STRING and entry.value is not UNREAD else CHANGE


def row(entry: Entry, fixed: Fixed) -> tuple[Any, ...]:
    """Return the parameters of ``fitting``'s statement, and take note that it is run."""
    e = entry
    plain = e.kind == STRING
    count = None if plain else e.count
    first = e.first if e.kind == "list" else None
    if fixed is DISCARD:
        e.stored = e.blind = False
        return (e.key,)
    e.stored, e.whole = True, False
    if fixed is PUT:
        return (e.key, e.value, e.expire_ms, e.version, e.id)
    if fixed is CHANGE_STRING:
        return (e.value, e.expire_ms, e.version, e.key)
    if fixed is CHANGE:
        return (e.expire_ms, e.version, count, first, e.state, e.key)
    return (e.key, e.kind, e.value, e.expire_ms, e.version, e.id, count, first, e.state)
