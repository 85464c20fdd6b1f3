"""What is in a key of whatever kind, taken out as plain values and put into another.

Contents are lists: a string's one value; a hash's fields and values in turn; a list's items; a
set's members; a sorted set's scores and members in turn; of a stream what it remembers, and the
rows of its entries, groups, consumers and pending entries. They are checked before they are
put in, as they may come from anywhere.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from fivefold.models.keyvalue import lists, sorted_sets, streams, texts
from fivefold.models.keyvalue.entries import Entry
from fivefold.models.keyvalue.layout import (
    ELEMENTS,
    HASH,
    LIST,
    SET,
    SORTED_SET,
    STREAM,
    STRING,
    TABLES,
    TYPES,
)
from fivefold.models.keyvalue.slots import FIELDS, MEMBERS
from fivefold.models.keyvalue.space import KeySpace
from fivefold.values.types import BYTEA

Contents = list[Any]


class Malformed(Exception):
    """Contents that no key can have."""


def size(contents: Contents) -> int:
    """Return about how many elements there are."""
    return len(contents) + sum(len(each) for each in contents if isinstance(each, list))


def take(space: KeySpace, entry: Entry) -> Contents:
    """Return what is in a key that is there."""
    match entry.kind:
        case "string":
            return [space.value(entry)]
        case "hash":
            return [word for row in FIELDS.all(space, entry) for word in row]
        case "list":
            return [*lists.between(space, entry, 0, entry.count)]
        case "set":
            return [member for (member,) in MEMBERS.all(space, entry)]
        case "zset":
            found = sorted_sets.SortedSet(space, entry).members()
            return [word for member, score in found for word in (score, member)]
        case _:
            past = streams.past(entry)
            tables = [
                [list(row) for row in space.read(texts.ELEMENTS_OF[name].read, (entry.id,))]
                for name in ELEMENTS[STREAM]
            ]
            return [[*past.last, *past.deleted, past.added], *tables]


def check(kind: str, contents: Contents) -> None:
    """Raise Malformed if no key of that kind can have these contents."""
    good = _CHECKS.get(kind)
    if good is None or not good(contents):
        raise Malformed


def _all_bytes(contents: Contents) -> bool:
    return bool(contents) and all(isinstance(each, bytes) for each in contents)


def _good_pairs(contents: Contents) -> bool:
    names = contents[::2]
    return _all_bytes(contents) and len(contents) % 2 == 0 and len(set(names)) == len(names)


def _good_scores(contents: Contents) -> bool:
    scores, members = contents[::2], contents[1::2]
    return (
        _all_bytes(members)
        and len(scores) == len(members) == len(set(members))
        and all(isinstance(score, float) and not math.isnan(score) for score in scores)
    )


def _good_stream(contents: Contents) -> bool:
    past, *tables = contents
    if len(past) != 5 or not all(isinstance(each, int) and each >= 0 for each in past):
        return False
    if len(tables) != len(ELEMENTS[STREAM]):
        return False
    return all(map(_good_rows, ELEMENTS[STREAM], tables)) and _good_entries(past, tables[0])


def _good_rows(table: str, rows: Contents) -> bool:
    layout = TABLES[table]
    names, nullable = layout.columns.split()[1:], layout.nullable.split()
    kinds = [bytes if TYPES[name] == BYTEA else int for name in names]
    for row in rows:
        if len(row) != len(names):
            return False
        for value, name, kind in zip(row, names, kinds, strict=True):
            if not isinstance(value, kind) and not (value is None and name in nullable):
                return False
    keys = [tuple(row[: layout.key - 1]) for row in rows]
    return len(set(keys)) == len(keys)


def _good_entries(past: list[int], rows: Contents) -> bool:
    """Say whether each entry's fields are numbered from 0, and its ID is one that was given."""
    places: dict[tuple[int, int], list[int]] = {}
    for ms, seq, place, _, _ in rows:
        places.setdefault((ms, seq), []).append(place)
    return all(
        (0, 0) < id_ <= (past[0], past[1]) and sorted(found) == list(range(len(found)))
        for id_, found in places.items()
    )


_CHECKS: dict[str, Callable[[Contents], bool]] = {
    STRING: lambda contents: len(contents) == 1 and _all_bytes(contents),
    HASH: _good_pairs,
    LIST: _all_bytes,
    SET: lambda contents: _all_bytes(contents) and len(set(contents)) == len(contents),
    SORTED_SET: _good_scores,
    STREAM: _good_stream,
}


def give(
    space: KeySpace,
    key: bytes,
    kind: str,
    contents: Contents,
    stamp: int,
    expire_ms: int | None,
) -> None:
    """Make ``key`` a key of that kind with these contents, which are good, expiring as given."""
    if kind == STRING:
        space.put(key, contents[0], stamp, expire_ms)
        return
    entry = space.make(key, kind, stamp)
    entry.expire_ms = expire_ms
    if kind == HASH:
        FIELDS.add_new(space, entry, list(zip(contents[::2], contents[1::2], strict=True)))
    elif kind == SET:
        MEMBERS.add_new(space, entry, [(member,) for member in contents])
    elif kind == LIST:
        lists.push(space, entry, contents, left=False)
    elif kind == SORTED_SET:
        scores = dict(zip(contents[1::2], contents[::2], strict=True))
        sorted_sets.SortedSet(space, entry).put(scores, {})
    else:
        _give_stream(space, entry, contents)


def _give_stream(space: KeySpace, entry: Entry, contents: Contents) -> None:
    past, *tables = contents
    known = streams.Past((past[0], past[1]), (past[2], past[3]), past[4])
    streams.remember(entry, known)
    entry.count = sum(1 for row in tables[0] if row[2] == 0)
    for name, rows in zip(ELEMENTS[STREAM], tables, strict=True):
        insert = texts.ELEMENTS_OF[name].insert
        space.change_many(insert, [(entry.id, *row) for row in rows])
