"""The items of a list, at positions from ``entry.first`` on, without a hole.

An index is a position by one addition, so an item in the middle of a million is found by one
look-up. An insertion or deletion in the middle moves the items of the shorter side.

The functions keep ``entry.count`` and ``entry.first``; the caller touches or removes the entry.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fivefold.models.keyvalue.entries import Entry
from fivefold.models.keyvalue.fixed import read, write
from fivefold.models.keyvalue.space import KeySpace

SEARCHED_TOGETHER = 500
"""Items read at a time by those who look for some."""

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
_DELETE = write(f"DELETE {_ITEMS} AND position >= ? AND position < ?", "id position position")


def push(space: KeySpace, entry: Entry, values: Sequence[bytes], *, left: bool) -> None:
    """Add values at one end, one after the other."""
    if left:
        start, step = entry.first - 1, -1
        entry.first -= len(values)
    else:
        start, step = entry.first + entry.count, 1
    entry.count += len(values)
    if len(values) == 1:
        space.change(_INSERT, (entry.id, start, values[0]))
    else:
        rows = [(entry.id, start + step * number, value) for number, value in enumerate(values)]
        space.change_many(_INSERT, rows)


def pop(space: KeySpace, entry: Entry, *, left: bool) -> bytes:
    """Take the item at one end; there is one."""
    entry.count -= 1
    position = entry.first if left else entry.first + entry.count
    if left:
        entry.first += 1
    value: bytes = space.take(_TAKE, (entry.id, position))[0][0]
    return value


def pop_many(space: KeySpace, entry: Entry, count: int, *, left: bool) -> list[bytes]:
    """Take at most ``count`` items at one end, the outermost first."""
    count = min(count, entry.count)
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
    space.change(_SET, (value, entry.id, entry.first + index))


def between(space: KeySpace, entry: Entry, start: int, stop: int) -> list[bytes]:
    """Return the items from index ``start`` to before ``stop``."""
    first = entry.first
    return [value for (value,) in space.read(_BETWEEN, (entry.id, first + start, first + stop))]


def keep(space: KeySpace, entry: Entry, start: int, stop: int) -> None:
    """Delete the items before index ``start`` and from ``stop`` on."""
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
            values = between(space, entry, done, done + SEARCHED_TOGETHER)
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
