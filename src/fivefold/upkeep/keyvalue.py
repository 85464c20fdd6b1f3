"""A database of Redis's beside itself: keys and their elements, slots and positions, blocks."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

from fivefold.catalog.catalog import Catalog
from fivefold.models.keyvalue.blocks import START
from fivefold.models.keyvalue.layout import (
    DATABASES,
    ELEMENTS,
    KEYS,
    LIST,
    SORTED_SET,
    STREAM,
    STRING,
    TABLES,
    namespace,
)
from fivefold.stores.findings import Fault, Finding
from fivefold.upkeep.looking import Looking
from fivefold.upkeep.report import Place
from fivefold.values.types import BYTEA, FLOAT8, INT8, TEXT

_SHOWN_CHARS = 40

# Each yields the keys with which something is wrong. ``{e}`` are the elements of one kind.
_KINDS = ", ".join(f"'{kind}'" for kind in (STRING, *ELEMENTS))
_OF_KEYS = {
    "is of a kind that there is not": f"SELECT key FROM {{k}} WHERE kind NOT IN ({_KINDS})",
    "is a string without a value": "SELECT key FROM {k} WHERE kind = 'string' AND value IS NULL",
    "has a value beside its elements": (
        "SELECT key FROM {k} WHERE kind <> 'string' AND value IS NOT NULL"
    ),
    "does not know how many elements it has": (
        "SELECT key FROM {k} WHERE kind <> 'string' AND count IS NULL"
    ),
    "has the id of another": (
        "SELECT key FROM {k} WHERE id IN (SELECT id FROM {k} GROUP BY id HAVING count(*) > 1)"
    ),
}
_COUNTED = (
    "SELECT k.key, k.count, count(e.id) FROM {{k}} k LEFT JOIN {{e}} e ON e.id = k.id{only}"
    " WHERE k.kind = '{kind}' GROUP BY k.key, k.count HAVING k.count <> count(e.id)"
)
_NOBODYS = (
    "SELECT e.id, count(*) FROM {{e}} e WHERE NOT EXISTS"
    " (SELECT 1 FROM {{k}} k WHERE k.id = e.id AND k.kind = '{kind}')"
    " AND NOT EXISTS (SELECT 1 FROM {{g}} g WHERE g.id = e.id) GROUP BY e.id"
)
_HOLES = (
    "SELECT k.key FROM {{k}} k JOIN {{e}} e ON e.id = k.id WHERE k.kind = '{kind}'"
    " GROUP BY k.key, k.count, k.first HAVING min(e.{column}) <> {first}"
    " OR max(e.{column}) <> {first} + k.count - 1 OR count(DISTINCT e.{column}) <> k.count"
)
_WITHOUT_GROUP = (
    "SELECT k.key FROM {{k}} k JOIN {{e}} e ON e.id = k.id WHERE NOT EXISTS"
    " (SELECT 1 FROM {{o}} o WHERE o.id = e.id AND o.name = e.name) GROUP BY k.key"
)
_BLOCKS = "SELECT id, level, score, member, count FROM {b} ORDER BY id, level, score, member"
_MEMBERS = (
    "SELECT id, score, member FROM {m} WHERE id IN (SELECT id FROM {b}) ORDER BY id, score, member"
)


def databases(catalog: Catalog) -> list[str]:
    """Return the namespaces of the databases that were ever written to."""
    spaces = map(namespace, range(DATABASES))
    return [space for space in spaces if catalog.find(space, KEYS) is not None]


def tables(space: str) -> dict[str, Place]:
    """Return the tables of a database: what they are for, and where they are."""
    return {name: (space, name) for name in TABLES}


class Keys:
    """The keys of one database."""

    def __init__(self, look: Looking, space: str) -> None:
        self._look = look
        self._space = space
        self.place: Place = (space, KEYS)

    def findings(self) -> Iterator[Finding]:
        """Yield all that is wrong with them."""
        for said, text in _OF_KEYS.items():
            for (key,) in self._rows(text, {"k": KEYS}, [BYTEA]):
                yield self._wrong(key, said)
        for kind, tables in ELEMENTS.items():
            yield from self._counted(kind, tables[0])
            for table in tables:
                yield from self._nobodys(kind, table)
            if "slot" in TABLES[tables[0]].columns.split():
                yield from self._holes(kind, tables[0], "slot", "0")
        yield from self._holes(LIST, "list_items", "position", "k.first")
        for table in ("stream_consumers", "stream_pending"):
            tables_of = {"k": KEYS, "e": table, "o": "stream_groups"}
            for (key,) in self._rows(_WITHOUT_GROUP.format(), tables_of, [BYTEA]):
                yield self._wrong(key, f"has rows in {table} of a group that is not")
        for key, _, said in self.broken_blocks():
            yield self._wrong(key, said)

    def _rows(self, text: str, tables: dict[str, str], types: list[Any]) -> Iterator[Any]:
        containers = {name: (self._space, table) for name, table in tables.items()}
        return self._look.rows(text, containers, types)

    def _counted(self, kind: str, table: str) -> Iterator[Finding]:
        only = " AND e.place = 0" if kind == STREAM else ""
        text = _COUNTED.format(kind=kind, only=only)
        for key, count, found in self._rows(text, {"k": KEYS, "e": table}, [BYTEA, INT8, INT8]):
            yield self._wrong(key, f"says that it has {count} elements, and has {found}")

    def _nobodys(self, kind: str, table: str) -> Iterator[Finding]:
        tables = {"k": KEYS, "e": table, "g": "garbage"}
        for id_, count in self._rows(_NOBODYS.format(kind=kind), tables, [INT8, INT8]):
            message = f"{table} has {count} elements of a key that is not (id {id_})"
            yield Finding(Fault.ROWS, message, self.place)

    def _holes(self, kind: str, table: str, column: str, first: str) -> Iterator[Finding]:
        text = _HOLES.format(kind=kind, column=column, first=first)
        for (key,) in self._rows(text, {"k": KEYS, "e": table}, [BYTEA]):
            yield self._wrong(key, f"has a hole among the {column}s of its elements")

    # Sorted sets

    def broken_blocks(self) -> Iterator[tuple[bytes, int, str]]:
        """Yield sorted sets whose blocks do not count what they hold: key, id, what is wrong."""
        tables = {"b": "sorted_set_blocks", "m": "sorted_set_members"}
        kept: dict[int, dict[int, list[tuple[Any, ...]]]] = {}
        types = [INT8, INT8, FLOAT8, BYTEA, INT8]
        for id_, level, *block in self._rows(_BLOCKS, {"b": tables["b"]}, types):
            kept.setdefault(id_, {}).setdefault(level, []).append(tuple(block))
        found = {}
        members = self._rows(_MEMBERS, tables, [INT8, FLOAT8, BYTEA])
        for id_, group in groupby(members, itemgetter(0)):
            found[id_] = _is_counted(kept[id_], [row[1:] for row in group])
        text = "SELECT key, id, state FROM {k} WHERE kind = '" + SORTED_SET + "'"
        for key, id_, state in self._rows(text, {"k": KEYS}, [BYTEA, INT8, TEXT]):
            levels = max(kept.get(id_, {0: []}))
            if int(state or 0) != levels:
                yield key, id_, f"has {levels} levels of blocks, and says {state or 0}"
            elif not found.get(id_, True):
                yield key, id_, "has blocks that do not count what they hold"

    def _wrong(self, key: bytes, said: str) -> Finding:
        shown = repr(bytes(key))[1:]
        if len(shown) > _SHOWN_CHARS:
            shown = f"{shown[:_SHOWN_CHARS]}…"
        return Finding(Fault.ROWS, f"key {shown} {said}", self.place)


def _is_counted(levels: dict[int, list[tuple[Any, ...]]], members: list[tuple[Any, ...]]) -> bool:
    """Say whether each level's blocks, from the first position on, count the level below."""
    below = [(position, 1) for position in members]
    for level in sorted(levels):
        blocks = levels[level]
        if blocks[0][:2] != START:
            return False
        counts = []
        at = 0
        for place, (*_, count) in enumerate(blocks):
            end = blocks[place + 1][:2] if place + 1 < len(blocks) else None
            held = 0
            while at < len(below) and (end is None or below[at][0] < end):
                held += below[at][1]
                at += 1
            if held != count:
                return False
            counts.append(count)
        below = [(block[:2], count) for block, count in zip(blocks, counts, strict=True)]
    return True
