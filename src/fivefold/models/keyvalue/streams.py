"""The entries of a stream, one row for each field, by (ms, seq, place).

An entry's ID is (ms, seq). A stream may be empty and still be there. ``entry.count`` is the number
of its entries; ``entry.state`` holds, besides them, the last ID given, the largest ID deleted and
how many entries were ever added.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fivefold.models.keyvalue.entries import Entry
from fivefold.models.keyvalue.fixed import read, write
from fivefold.models.keyvalue.space import KeySpace

Id = tuple[int, int]
"""(milliseconds, sequence number)."""

ID_PART_MAX = 2**63 - 1
"""The largest of either part here: the stores' integers. Redis has one bit more."""

FIRST: Id = (0, 0)
LAST: Id = (ID_PART_MAX, ID_PART_MAX)

Fields = list[bytes]
"""Field, value, field, value, …"""

ROWS_TOGETHER = 500
"""Rows read at a time where it is not known how many fields the entries have."""

_ROWS = "FROM {stream_entries} WHERE id = ?"
_COLUMNS = "ms seq place field value"

_INSERT = write(
    "INSERT INTO {stream_entries} (id, ms, seq, place, field, value) VALUES (?, ?, ?, ?, ?, ?)",
    f"id {_COLUMNS}",
)
_FORWARD = read(
    f"SELECT ms, seq, place, field, value {_ROWS} AND (ms, seq) >= (?, ?) AND (ms, seq) <= (?, ?)"
    " ORDER BY ms, seq, place LIMIT ?",
    "id ms seq ms seq number",
    _COLUMNS,
)
_BACKWARD = read(
    f"SELECT ms, seq, place, field, value {_ROWS} AND (ms, seq) >= (?, ?) AND (ms, seq) <= (?, ?)"
    " ORDER BY ms DESC, seq DESC, place DESC LIMIT ?",
    "id ms seq ms seq number",
    _COLUMNS,
)
_ONE = read(
    f"SELECT field, value {_ROWS} AND ms = ? AND seq = ? ORDER BY place",
    "id ms seq",
    "field value",
)
_NTH = read(
    f"SELECT ms, seq {_ROWS} AND place = 0 ORDER BY ms, seq LIMIT 1 OFFSET ?",
    "id number",
    "ms seq",
)
_BEFORE = read(
    f"SELECT count(*) {_ROWS} AND place = 0 AND (ms, seq) < (?, ?)", "id ms seq", "number"
)
_DELETE_ONE = write(f"DELETE {_ROWS} AND ms = ? AND seq = ?", "id ms seq")
_DELETE_BEFORE = write(f"DELETE {_ROWS} AND (ms, seq) < (?, ?)", "id ms seq")


@dataclass(slots=True)
class Past:
    """What a stream remembers besides its entries."""

    last: Id = FIRST
    deleted: Id = FIRST
    added: int = 0


def past(entry: Entry) -> Past:
    """Return what a stream remembers."""
    if entry.state is None:
        return Past()
    last, deleted, added = entry.state.split(" ")
    return Past(_id(last), _id(deleted), int(added))


def remember(entry: Entry, known: Past) -> None:
    """Have a stream remember this; the caller touches the entry."""
    entry.state = f"{shown(known.last)} {shown(known.deleted)} {known.added}"


def _id(text: str) -> Id:
    ms, _, seq = text.partition("-")
    return int(ms), int(seq)


def shown(id_: Id) -> str:
    """Return an ID as clients see it."""
    return f"{id_[0]}-{id_[1]}"


def after(id_: Id) -> Id | None:
    """Return the next ID, None after the last."""
    ms, seq = id_
    if seq < ID_PART_MAX:
        return ms, seq + 1
    return (ms + 1, 0) if ms < ID_PART_MAX else None


def before(id_: Id) -> Id | None:
    """Return the ID before, None before the first."""
    ms, seq = id_
    if seq:
        return ms, seq - 1
    return (ms - 1, ID_PART_MAX) if ms else None


def add(space: KeySpace, entry: Entry, id_: Id, fields: Fields) -> None:
    """Add an entry, whose ID is after all that were."""
    rows = [
        (entry.id, *id_, place, fields[place * 2], fields[place * 2 + 1])
        for place in range(len(fields) // 2)
    ]
    space.change_many(_INSERT, rows)
    entry.count += 1
    known = past(entry)
    known.last, known.added = id_, known.added + 1
    remember(entry, known)


def between(
    space: KeySpace, entry: Entry, low: Id, high: Id, count: int | None, *, backwards: bool = False
) -> list[tuple[Id, Fields]]:
    """Return at most ``count`` entries (None: all) with IDs from ``low`` to ``high``."""
    found: list[tuple[Id, Fields]] = []
    for one in _walk(space, entry, low, high, backwards, count):
        if len(found) == count:
            break
        found.append(one)
    return found


def _walk(
    space: KeySpace, entry: Entry, low: Id, high: Id, backwards: bool, count: int | None
) -> Iterator[tuple[Id, Fields]]:
    fixed = _BACKWARD if backwards else _FORWARD
    limit = ROWS_TOGETHER if count is None else min(ROWS_TOGETHER, count * 4 + 4)
    while low <= high:
        rows = space.read(fixed, (entry.id, *low, *high, limit))
        whole: dict[Id, Fields] = {}
        for ms, seq, _, field, value in rows:
            fields = whole.setdefault((ms, seq), [])
            fields += (value, field) if backwards else (field, value)
        ids = list(whole)
        more = len(rows) == limit
        if more and len(ids) > 1:
            ids.pop()  # its other fields may come with the next
        elif more:
            whole[ids[0]] = _fields(space, entry, ids[0])
            if backwards:
                whole[ids[0]].reverse()
        for id_ in ids:
            yield id_, whole[id_][::-1] if backwards else whole[id_]
        if not more:
            return
        following = before(ids[-1]) if backwards else after(ids[-1])
        if following is None:
            return
        low, high = (low, following) if backwards else (following, high)
        limit = ROWS_TOGETHER


def _fields(space: KeySpace, entry: Entry, id_: Id) -> Fields:
    return [word for row in space.read(_ONE, (entry.id, *id_)) for word in row]


def at(space: KeySpace, entry: Entry, id_: Id) -> Fields | None:
    """Return the fields of one entry, None if it is not there."""
    return _fields(space, entry, id_) or None


def ends(
    space: KeySpace, entry: Entry
) -> tuple[tuple[Id, Fields] | None, tuple[Id, Fields] | None]:
    """Return the first and the last entry."""
    first = between(space, entry, FIRST, LAST, 1)
    last = between(space, entry, FIRST, LAST, 1, backwards=True)
    return (first[0] if first else None, last[0] if last else None)


def first_id(space: KeySpace, entry: Entry) -> Id:
    """Return the ID of the first entry, 0-0 if there is none."""
    rows = space.read(_NTH, (entry.id, 0))
    return rows[0] if rows else FIRST


def delete(space: KeySpace, entry: Entry, ids: Sequence[Id]) -> int:
    """Delete entries; return how many were there."""
    known = past(entry)
    gone = 0
    for id_ in ids:
        if space.change(_DELETE_ONE, (entry.id, *id_)):
            gone += 1
            known.deleted = max(known.deleted, id_)
    entry.count -= gone
    remember(entry, known)
    return gone


def excess(space: KeySpace, entry: Entry, longest: int | None, least: Id) -> int:
    """Return how many entries are too many: beyond ``longest``, or (None) before ``least``."""
    if longest is not None:
        return max(entry.count - longest, 0)
    return space.read(_BEFORE, (entry.id, *least))[0][0]  # type: ignore[no-any-return]  # a number


def trim(space: KeySpace, entry: Entry, number: int) -> None:
    """Delete the first ``number`` entries."""
    rows = space.read(_NTH, (entry.id, number))
    low = rows[0] if rows else (ID_PART_MAX, ID_PART_MAX)
    space.change(_DELETE_BEFORE, (entry.id, *low))
    if not rows:
        space.change(_DELETE_ONE, (entry.id, *LAST))
    entry.count -= number
