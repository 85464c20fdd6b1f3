"""How Redis database N lies in the store: tables and views of the namespace ``redis_N``.

One row of ``keys`` is one key. ``kind`` is what TYPE answers; ``value`` is a string's bytes (an
integer as the decimal digits that Redis would show) and null for the other kinds, whose
elements have tables of their own. Those are clustered by ``id``, which never changes while the
key lives: RENAME is one row, and so is the end of a key with a million elements, which ``garbage``
remembers until they are deleted a few at a time. ``count`` is the number of elements, ``first``
the position of a list's first item, ``state`` what a stream remembers besides its entries, or how
many levels of blocks a sorted set has.

The items of a list lie at the positions ``first`` to ``first + count - 1``. Fields of hashes and
members of sets have slots, 0 to ``count - 1``: whoever goes leaves its slot to the last, so that
one at random is found by one look-up, and a scan downwards misses nobody who stays.

``version`` is stamped anew by every change, and stamps are never used twice: WATCH compares
them, whichever process made the change. ``id`` is the stamp with which the key began, so a SCAN
that goes by ``id`` keeps Redis's promise (a key that is there from its start to its end is
returned) with a cursor that needs no memory anywhere: the last id seen.

``expire_ms`` is the last millisecond, counted from 1970 in UTC, at which the key is there. A
key past it is invisible at once and deleted later.

The views (``hashes``, ``lists``, …) show the elements by key to SQL, without what has expired.
"""

from __future__ import annotations

from dataclasses import dataclass

from fivefold.catalog.changes import Bound
from fivefold.catalog.containers import Column, Index, IndexPart, Key, Model, Table, View
from fivefold.values.types import BYTEA, FLOAT8, INT8, TEXT, Type

DATABASES = 16
KEYS = "keys"

STRING, HASH, LIST, SET, SORTED_SET, STREAM = "string", "hash", "list", "set", "zset", "stream"

TYPES: dict[str, Type] = {
    "key": BYTEA,
    "kind": TEXT,
    "value": BYTEA,
    "expire_ms": INT8,
    "version": INT8,
    "id": INT8,
    "count": INT8,
    "first": INT8,
    "state": TEXT,
    "field": BYTEA,
    "position": INT8,
    "member": BYTEA,
    "score": FLOAT8,
    "slot": INT8,
    "level": INT8,
    "ms": INT8,
    "seq": INT8,
    "place": INT8,
    "name": BYTEA,
    "consumer": BYTEA,
    "entries_read": INT8,
    "seen_ms": INT8,
    "delivered_ms": INT8,
    "deliveries": INT8,
    "number": INT8,
}
"""The types of columns and parameters by their names; ``number`` is any integer parameter."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A table of the model: its columns, of which the first ``key`` are its primary key."""

    name: str
    columns: str
    key: int
    nullable: str = ""
    indexes: tuple[Index, ...] = ()

    def table(self, namespace: str) -> Table:
        """Return the container in that namespace."""
        names = self.columns.split()
        nullable = self.nullable.split()
        return Table(
            namespace,
            self.name,
            tuple(Column(name, TYPES[name], name not in nullable) for name in names),
            keys=(Key(f"{self.name}_pkey", tuple(names[: self.key]), primary=True),),
            indexes=self.indexes,
            model=Model.KEYVALUE,
        )


def _slots(table: str) -> tuple[Index, ...]:
    return (Index(f"{table}_slot_idx", (IndexPart("id"), IndexPart("slot"))),)


_EXPIRES = "(expire_ms IS NOT NULL)"

BOUND: Bound = {_EXPIRES: "expire_ms IS NOT NULL"}
"""The condition of the partial index, for the stores: every one understands it as it is."""

TABLES: dict[str, Layout] = {
    table.name: table
    for table in (
        Layout(
            KEYS,
            "key kind expire_ms version id count first state value",
            1,
            "value expire_ms count first state",
            (
                Index("keys_id_idx", (IndexPart("id"),)),
                Index("keys_expire_ms_idx", (IndexPart("expire_ms"),), where=_EXPIRES),
            ),
        ),
        Layout("hash_fields", "id field value slot", 2, indexes=_slots("hash_fields")),
        Layout("list_items", "id position value", 2),
        Layout("set_members", "id member slot", 2, indexes=_slots("set_members")),
        Layout(
            "sorted_set_members",
            "id member score",
            2,
            indexes=(
                Index(
                    "sorted_set_members_score_idx",
                    (IndexPart("id"), IndexPart("score"), IndexPart("member")),
                ),
            ),
        ),
        Layout("sorted_set_blocks", "id level score member count", 4),
        Layout("stream_entries", "id ms seq place field value", 4),
        Layout("stream_groups", "id name ms seq entries_read", 2, "entries_read"),
        Layout("stream_consumers", "id name consumer seen_ms", 3),
        Layout(
            "stream_pending",
            "id name ms seq consumer delivered_ms deliveries",
            4,
            indexes=(
                Index(
                    "stream_pending_consumer_idx",
                    tuple(map(IndexPart, ("id", "name", "consumer", "ms", "seq"))),
                ),
            ),
        ),
        Layout("garbage", "id kind", 2),
    )
}

ELEMENTS: dict[str, tuple[str, ...]] = {
    HASH: ("hash_fields",),
    LIST: ("list_items",),
    SET: ("set_members",),
    SORTED_SET: ("sorted_set_members", "sorted_set_blocks"),
    STREAM: ("stream_entries", "stream_groups", "stream_consumers", "stream_pending"),
}
"""The tables in which the elements of each kind of key lie."""

# name -> the columns besides the key, the table of the elements, the kind.
_VIEWS: dict[str, tuple[str, str, str]] = {
    "hashes": ("e.field, e.value", "hash_fields", HASH),
    "lists": ("e.position - k.first AS index, e.value", "list_items", LIST),
    "sets": ("e.member", "set_members", SET),
    "sorted_sets": ("e.member, e.score", "sorted_set_members", SORTED_SET),
    "streams": ("e.ms, e.seq, e.place, e.field, e.value", "stream_entries", STREAM),
}
_VIEW_TYPES = {**TYPES, "index": INT8}

_IN_TIME = "(k.expire_ms IS NULL OR k.expire_ms >= extract(epoch from clock_timestamp()) * 1000)"


def namespace(number: int) -> str:
    """Return the namespace of Redis database ``number``."""
    return f"redis_{number}"


def containers(number: int) -> tuple[Table | View, ...]:
    """Return all containers of database ``number``."""
    space = namespace(number)
    tables = [layout.table(space) for layout in TABLES.values()]
    views = [_strings(space)]
    for name, (columns, elements, kind) in _VIEWS.items():
        query = (
            f"SELECT k.key, {columns} FROM {space}.{KEYS} k"
            f" JOIN {space}.{elements} e ON e.id = k.id"
            f" WHERE k.kind = '{kind}' AND {_IN_TIME}"
        )
        views.append(_view(space, name, query, ["key", *_names(columns)]))
    return (*tables, *views)


def _strings(space: str) -> View:
    query = f"SELECT k.key, k.value FROM {space}.{KEYS} k WHERE k.kind = 'string' AND {_IN_TIME}"
    return _view(space, "strings", query, ["key", "value"])


def _names(columns: str) -> list[str]:
    return [column.split()[-1].removeprefix("e.") for column in columns.split(", ")]


def _view(space: str, name: str, query: str, columns: list[str]) -> View:
    made = tuple(Column(column, _VIEW_TYPES[column]) for column in columns)
    return View(space, name, query, made, model=Model.KEYVALUE)
