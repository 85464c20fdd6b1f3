"""The items of a list, at positions from ``entry.first`` on, without a hole.

An index is a position by one addition, so an item in the middle of a million is found by one
look-up. An insertion or deletion in the middle moves the items of the shorter side.

The functions keep ``entry.count`` and ``entry.first``; the caller touches or removes the entry.
``entry.known`` has items by their positions: those just pushed, and those that are next to go
where several are popped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fivefold.models.keyvalue.entries import Entry
from fivefold.models.keyvalue.fixed import read, write
from fivefold.models.keyvalue.space import KNOWN_BYTES_MAX, PUT_OFF_MAX, KeySpace

SEARCHED_TOGETHER = 500
"""Items read at a time by those who look for some."""

KNOWN_AHEAD = 32
"""Items at the end of a list that are read together by the second to take one there."""

KNOWN_RANGE_MAX = 128
"""The longest range that the second to read one leaves for others."""

_ITEMS = "FROM {list_items} WHERE id = ?"

_AT = read(f"SELECT value {_ITEMS} AND position = ?", "id position", "value")
_BETWEEN = read(
    f"SELECT value {_ITEMS} AND position >= ? AND position < ? ORDER BY position",
    "id position position",
    "value",
)
_INSERT = write(
    "INSERT INTO {list_items} (id, position, value) VALUES (?, ?, ?)", "id position value"
)
_SET = write("UPDATE {list_items} SET value = ? WHERE id = ? AND position = ?", "value id position")
_TAKE = write(f"DELETE {_ITEMS} AND position = ? RETURNING value", "id position", "value")
_AHEAD = read(
    f"SELECT position, value {_ITEMS} AND position >= ? AND position < ?"
    f" AND length(value) <= {KNOWN_BYTES_MAX}",
    "id position position",
    "position value",
)
_DELETE = write(f"DELETE {_ITEMS} AND position >= ? AND position < ?", "id position position")


def push(space: KeySpace, entry: Entry, values: Sequence[bytes], *, left: bool) -> None:
    """Add values at one end, one after the other."""
    if left:
        start, step = entry.first - 1, -1
        entry.first -= len(values)
    else:
        start, step = entry.first + entry.count, 1
    entry.count += len(values)
    if len(values) == 1 and len(values[0]) <= KNOWN_BYTES_MAX:
        known = entry.known
        if known is None:
            known = entry.known = {}
        elif len(known) >= PUT_OFF_MAX:
            known.clear()
        known[start] = values[0]
        space.put_off(_INSERT, (entry.id, start, values[0]))
    else:
        rows = [(entry.id, start + step * number, value) for number, value in enumerate(values)]
        space.change_many(_INSERT, rows)


def pop(space: KeySpace, entry: Entry, *, left: bool) -> bytes:
    """Take the item at one end; there is one."""
    entry.count -= 1
    position = entry.first if left else entry.first + entry.count
    if left:
        entry.first += 1
    known = entry.known
    if known is None:
        entry.known = {}
    elif position in known or _read_ahead(space, entry, position, left=left):
        _put_off_removal(space, entry.id, position)
        return known.pop(position)  # type: ignore[no-any-return]  # known are bytes
    value: bytes = space.take(_TAKE, (entry.id, position))[0][0]
    return value


def _put_off_removal(space: KeySpace, id_: int, position: int) -> None:
    """Have an item deleted, together with those beside it."""
    last = space.last_put_off(_DELETE)
    if last is not None and last[0] == id_ and position in (last[1] - 1, last[2]):
        space.put_off_instead((id_, min(last[1], position), max(last[2], position + 1)))
    else:
        space.put_off(_DELETE, (id_, position, position + 1))


def _read_ahead(space: KeySpace, entry: Entry, position: int, *, left: bool) -> bool:
    """Know the items that are taken next, from a position on; say whether its own is known."""
    known = entry.known
    assert known is not None
    if left:
        bounds = position, min(position + KNOWN_AHEAD, position + entry.count + 1)
    else:
        bounds = max(position + 1 - KNOWN_AHEAD, entry.first), position + 1
    known.update(space.read(_AHEAD, (entry.id, *bounds)))
    return position in known


def pop_many(space: KeySpace, entry: Entry, count: int, *, left: bool) -> list[bytes]:
    """Take at most ``count`` items at one end, the outermost first."""
    count = min(count, entry.count)
    entry.known = None
    start = 0 if left else entry.count - count
    values = between(space, entry, start, start + count)
    space.change(_DELETE, (entry.id, entry.first + start, entry.first + start + count))
    entry.count -= count
    if left:
        entry.first += count
        return values
    return values[::-1]


def at(space: KeySpace, entry: Entry, index: int) -> bytes:
    """Return the item at an index from 0 to ``entry.count - 1``."""
    value: bytes = space.read(_AT, (entry.id, entry.first + index))[0][0]
    return value


def put(space: KeySpace, entry: Entry, index: int, value: bytes) -> None:
    """Overwrite the item at an index from 0 to ``entry.count - 1``."""
    entry.known = None
    space.change(_SET, (value, entry.id, entry.first + index))


def between(space: KeySpace, entry: Entry, start: int, stop: int) -> list[bytes]:
    """Return the items from index ``start`` to before ``stop``."""
    first, known = entry.first, entry.known
    positions = range(first + start, first + stop)
    if known:
        try:
            return list(map(known.__getitem__, positions))
        except KeyError:
            pass  # at least one has to be read
    rows = space.read(_BETWEEN, (entry.id, first + start, first + stop))
    values: list[bytes] = [value for (value,) in rows]
    if known is None:
        entry.known = {}  # who comes next may be followed by others
    elif len(values) <= KNOWN_RANGE_MAX and max(map(len, values), default=0) <= KNOWN_BYTES_MAX:
        known.update(zip(positions, values, strict=True))
    return values


def keep(space: KeySpace, entry: Entry, start: int, stop: int) -> None:
    """Delete the items before index ``start`` and from ``stop`` on."""
    entry.known = None
    first, end = entry.first, entry.first + entry.count
    if start:
        space.change(_DELETE, (entry.id, first, first + start))
    if first + stop < end:
        space.change(_DELETE, (entry.id, first + stop, end))
    entry.first, entry.count = first + start, stop - start


def walk(space: KeySpace, entry: Entry, *, backwards: bool = False) -> Iterator[tuple[int, bytes]]:
    """Yield (index, item) of all items."""
    for done in range(0, entry.count, SEARCHED_TOGETHER):
        if backwards:
            stop = entry.count - done
            start = max(stop - SEARCHED_TOGETHER, 0)
            values = between(space, entry, start, stop)
            yield from zip(range(stop - 1, start - 1, -1), reversed(values), strict=True)
        else:
            values = between(space, entry, done, min(done + SEARCHED_TOGETHER, entry.count))
            yield from enumerate(values, done)


def insert(space: KeySpace, entry: Entry, index: int, value: bytes) -> None:
    """Put a value before the item at ``index``; ``entry.count`` puts it at the end."""
    if index <= entry.count // 2:
        before = between(space, entry, 0, index)
        keep_from(space, entry, index)
        push(space, entry, [value, *reversed(before)], left=True)
    else:
        after = between(space, entry, index, entry.count)
        keep(space, entry, 0, index)
        push(space, entry, [value, *after], left=False)


def keep_from(space: KeySpace, entry: Entry, start: int) -> None:
    """Delete the items before index ``start``."""
    keep(space, entry, start, entry.count)


def remove(space: KeySpace, entry: Entry, indexes: Sequence[int]) -> None:
    """Delete the items at these indexes, at least one; the others close up."""
    gone = set(indexes)
    low, high = min(gone), max(gone)
    if high < entry.count - low:
        kept = [
            value
            for index, value in enumerate(between(space, entry, 0, high + 1))
            if index not in gone
        ]
        keep_from(space, entry, high + 1)
        if kept:
            push(space, entry, kept[::-1], left=True)
    else:
        kept = [
            value
            for index, value in enumerate(between(space, entry, low, entry.count), low)
            if index not in gone
        ]
        keep(space, entry, 0, low)
        if kept:
            push(space, entry, kept, left=False)
