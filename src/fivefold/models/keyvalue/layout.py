"""How Redis database N lies in the store: the table ``keys`` of the namespace ``redis_N``.

One row is one key. ``value`` is a string's bytes (an integer as the decimal digits that Redis
would show) and null for the other kinds, whose elements have tables of their own.

``version`` is stamped anew by every change, and stamps are never used twice: WATCH compares
them, whichever process made the change. ``id`` is the stamp with which the row began. It never
changes while the key lives, so a SCAN that goes by ``id`` keeps Redis's promise (a key that is
there from its start to its end is returned) with a cursor that needs no memory anywhere: the
last id seen.

``expire_ms`` is the last millisecond, counted from 1970 in UTC, at which the key is there. A
key past it is invisible at once and deleted later.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from fivefold.catalog.changes import Bound
from fivefold.catalog.containers import Column, Index, IndexPart, Key, Model, Table
from fivefold.plan.statement import (
    Access,
    Effort,
    Output,
    Prepared,
    Privilege,
    Statement,
    Template,
)
from fivefold.values.types import BYTEA, INT8, TEXT, Row, Type


class Connection(Protocol):
    """What writing many strings needs of a store's connection."""

    def run(self, prepared: Prepared, parameters: Row = ()) -> list[Row]: ...
    def run_many(self, prepared: Prepared, rows: list[Row]) -> int: ...
    @property
    def changes(self) -> Callable[[], int]: ...


DATABASES = 16
KEYS = "keys"

KEYS_TOGETHER = 16
"""Keys looked up by one statement where several are wanted: that costs half of one at a time."""

STRING = "string"
"""The kind of a key that holds a string; kinds are what TYPE answers."""

_TYPES: dict[str, Type] = {
    "key": BYTEA,
    "kind": TEXT,
    "value": BYTEA,
    "expire_ms": INT8,
    "version": INT8,
    "id": INT8,
}
_NULLABLE = ("value", "expire_ms")


_EXPIRES = "(expire_ms IS NOT NULL)"

BOUND: Bound = {_EXPIRES: "expire_ms IS NOT NULL"}
"""The condition of the table's partial index, for the stores: every one understands it as it is."""


def namespace(number: int) -> str:
    """Return the namespace of Redis database ``number``."""
    return f"redis_{number}"


def table(number: int) -> Table:
    """Return the container of database ``number``."""
    columns = (Column(name, type_, name not in _NULLABLE) for name, type_ in _TYPES.items())
    return Table(
        namespace(number),
        KEYS,
        tuple(columns),
        keys=(Key("keys_pkey", ("key",), primary=True),),
        indexes=(
            Index("keys_id_idx", (IndexPart("id"),)),
            Index("keys_expire_ms_idx", (IndexPart("expire_ms"),), where=_EXPIRES),
        ),
        model=Model.KEYVALUE,
    )


@dataclass(frozen=True, slots=True)
class Statements:
    """The fixed statements over one database, prepared once for each store."""

    read_value: Prepared
    read_values: Prepared
    read_head: Prepared
    put: Prepared
    change: Prepared
    expire: Prepared
    delete_string: Prepared
    discard: Prepared
    rename: Prepared
    scan: Prepared
    keys_all: Prepared
    keys_from: Prepared
    keys_between: Prepared
    count: Prepared
    count_expired: Prepared
    count_expiring: Prepared
    bounds: Prepared
    at_or_after: Prepared
    overdue: Prepared
    clear: Prepared

    def write(self, connection: Connection, rows: list[Row]) -> None:
        """Put many strings, (key, value, expire_ms, stamp, stamp) each, whatever was there."""
        if connection.run_many(self.put, rows) != len(rows):
            for row in rows:  # some key is of another kind, whose elements go first
                connection.run(self.put, row)
                if not connection.changes():
                    connection.run(self.discard, row[:1])
                    connection.run(self.put, row)


_LIVE = "(expire_ms IS NULL OR expire_ms >= ?)"

# name -> text, the columns of its parameters, the columns of its rows.
_READS: dict[str, tuple[str, str, str]] = {
    "read_value": (
        "SELECT value, expire_ms FROM {keys} WHERE key = ?",
        "key",
        "value expire_ms",
    ),
    "read_values": (
        "SELECT key, value, expire_ms FROM {keys}"
        f" WHERE key IN ({', '.join('?' * KEYS_TOGETHER)})",
        " ".join(["key"] * KEYS_TOGETHER),
        "key value expire_ms",
    ),
    "read_head": (
        "SELECT kind, expire_ms, version FROM {keys} WHERE key = ?",
        "key",
        "kind expire_ms version",
    ),
    "scan": (
        "SELECT id, key, kind, expire_ms FROM {keys} WHERE id > ? ORDER BY id LIMIT ?",
        "id id",
        "id key kind expire_ms",
    ),
    "keys_all": (f"SELECT key FROM {{keys}} WHERE {_LIVE}", "expire_ms", "key"),
    "keys_from": (
        f"SELECT key FROM {{keys}} WHERE key >= ? AND {_LIVE}",
        "key expire_ms",
        "key",
    ),
    "keys_between": (
        f"SELECT key FROM {{keys}} WHERE key >= ? AND key < ? AND {_LIVE}",
        "key key expire_ms",
        "key",
    ),
    "count": ("SELECT count(*) FROM {keys}", "", "id"),
    "count_expired": (
        "SELECT count(*) FROM {keys} WHERE expire_ms IS NOT NULL AND expire_ms < ?",
        "expire_ms",
        "id",
    ),
    "count_expiring": (
        "SELECT count(*) FROM {keys} WHERE expire_ms IS NOT NULL AND expire_ms >= ?",
        "expire_ms",
        "id",
    ),
    "bounds": (
        "SELECT (SELECT min(id) FROM {keys}), (SELECT max(id) FROM {keys})",
        "",
        "id id",
    ),
    "at_or_after": (
        f"SELECT key FROM {{keys}} WHERE id >= ? AND {_LIVE} ORDER BY id LIMIT 1",
        "id expire_ms",
        "key",
    ),
    "overdue": (
        "SELECT key FROM {keys} WHERE expire_ms IS NOT NULL AND expire_ms < ?"
        " ORDER BY expire_ms LIMIT ?",
        "expire_ms id",
        "key",
    ),
}

_WRITES: dict[str, tuple[str, str]] = {
    # Leaves a key of another kind alone: its elements have to go first.
    "put": (
        "INSERT INTO {keys} AS present (key, kind, value, expire_ms, version, id)"
        " VALUES (?, 'string', ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET"
        " value = excluded.value, expire_ms = excluded.expire_ms, version = excluded.version"
        " WHERE present.kind = 'string'",
        "key value expire_ms version id",
    ),
    "change": ("UPDATE {keys} SET value = ?, version = ? WHERE key = ?", "value version key"),
    "expire": (
        "UPDATE {keys} SET expire_ms = ?, version = ? WHERE key = ?",
        "expire_ms version key",
    ),
    "delete_string": (
        f"DELETE FROM {{keys}} WHERE key = ? AND kind = 'string' AND {_LIVE}",
        "key expire_ms",
    ),
    "discard": ("DELETE FROM {keys} WHERE key = ?", "key"),
    "rename": ("UPDATE {keys} SET key = ?, version = ? WHERE key = ?", "key version key"),
    "clear": ("DELETE FROM {keys}", ""),
}

_SCANS = frozenset(
    ["scan", "keys_all", "keys_from", "keys_between", "overdue", "clear"]
    + [name for name in _READS if name.startswith("count")]
)


def statements(prepare: Callable[[Statement], Prepared], number: int) -> Statements:
    """Return the statements of database ``number`` as a store's ``prepare`` renders them.

    The table need not exist yet.
    """
    keys = table(number)
    made: dict[str, Prepared] = {}
    for name, (text, parameters, columns) in _READS.items():
        outputs = tuple(Output(column, _TYPES[column]) for column in columns.split())
        made[name] = prepare(_statement(keys, name, text, parameters, outputs))
    for name, (text, parameters) in _WRITES.items():
        made[name] = prepare(_statement(keys, name, text, parameters, None))
    return Statements(**made)


def _statement(
    keys: Table, name: str, text: str, parameters: str, outputs: tuple[Output, ...] | None
) -> Statement:
    writes = outputs is None
    privilege = Privilege.WRITE if writes else Privilege.READ
    return Statement(
        Template(text, {"keys": (keys.namespace, keys.name)}),
        parameters=tuple(_TYPES[column] for column in parameters.split()),
        outputs=outputs,
        accesses=(Access(keys.namespace, keys.name, privilege),),
        writes=writes,
        effort=Effort.SCAN if name in _SCANS else Effort.POINT,
        target=keys if writes else None,
    )
