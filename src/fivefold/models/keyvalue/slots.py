"""Elements that lie in slots: the fields of a hash, the members of a set.

The slots of one key are 0 to ``entry.count - 1``, without a hole. A new element takes the next
one; when one goes, the last moves into its slot. So any of n elements is drawn at random by one
look-up. A scan goes downwards: an element that moves while it goes on moves down, and is
met there if it was not met before; none that stays is missed, some may be met twice.

Who takes the second element at random in a transaction is likely to be followed by others. So
from there on some are drawn ahead, those handed out are deleted together, and their slots are
filled then.

The functions keep ``entry.count``; the caller touches or removes the entry. ``entry.known`` has
what elements carry by their names; all elements with a change put off are among them.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from typing import Any

from fivefold.models.keyvalue.entries import Entry
from fivefold.models.keyvalue.fixed import Fixed, read, write
from fivefold.models.keyvalue.space import KNOWN_BYTES_MAX, PUT_OFF_MAX, KeySpace, Rows

FETCHED_TOGETHER_MIN = 4
"""From this part of all elements on (one in so many) they are read together, not one by one."""


DRAWN_AHEAD = 16
"""Elements that are drawn together, and deleted together, where several are taken."""


class Slots:
    """The elements of one table. ``name`` is the column that tells them apart.

    ``carried`` is the column that each has besides, if there is one; rows are (name) or
    (name, carried).
    """

    def __init__(self, table: str, name: str, carried: str = "") -> None:
        columns = f"{name}, {carried}" if carried else name
        outputs = f"{name} {carried}"
        where = f"FROM {{{table}}} WHERE id = ?"
        self._has = read(f"SELECT slot {where} AND {name} = ?", f"id {name}", "slot")
        self._all = read(f"SELECT {columns}, slot {where}", "id", f"{outputs} slot", scans=True)
        self._at = read(f"SELECT {columns} {where} AND slot = ?", "id slot", outputs)
        slots = f"slot IN ({', '.join('?' * DRAWN_AHEAD)})"
        short = f"CASE WHEN length({name}) <= {KNOWN_BYTES_MAX} THEN {name} END"
        self._some = read(
            f"SELECT slot, {short} {where} AND {slots}",
            "id" + " slot" * DRAWN_AHEAD,
            f"slot {name}",
        )
        self.delete_some = write(f"DELETE {where} AND {slots}", "id" + " slot" * DRAWN_AHEAD)
        self._below = read(
            f"SELECT {columns}, slot {where} AND slot < ? ORDER BY slot DESC LIMIT ?",
            "id slot number",
            f"{outputs} slot",
        )
        marks = "?, ?, ?, ?" if carried else "?, ?, ?"
        self._insert = write(
            f"INSERT INTO {{{table}}} (id, {columns}, slot) VALUES ({marks})"
            f" ON CONFLICT (id, {name}) DO NOTHING",
            f"id {outputs} slot",
        )
        self._delete = write(f"DELETE {where} AND {name} = ? RETURNING slot", f"id {name}", "slot")
        self._take = write(f"DELETE {where} AND slot = ? RETURNING {columns}", "id slot", outputs)
        self.move = write(
            f"UPDATE {{{table}}} SET slot = ? WHERE id = ? AND slot = ?", "slot id slot"
        )
        self._value: Fixed | None = None
        self._set: Fixed | None = None
        if carried:
            self._value = read(f"SELECT {carried} {where} AND {name} = ?", f"id {name}", carried)
            self._set = write(
                f"UPDATE {{{table}}} SET {carried} = ? WHERE id = ? AND {name} = ?",
                f"{carried} id {name}",
            )

    def has(self, space: KeySpace, entry: Entry, name: bytes) -> bool:
        """Say whether there is an element of that name."""
        if entry.pending is not None:
            space.settle_elements(entry)
        if entry.known is not None and name in entry.known:
            return True
        return bool(space.look(self._has, (entry.id, name)))

    def value(self, space: KeySpace, entry: Entry, name: bytes) -> bytes | None:
        """Return what the element of that name carries, None if there is none."""
        assert self._value is not None
        if entry.known is not None and name in entry.known:
            return entry.known[name]  # type: ignore[no-any-return]  # known are bytes
        rows = space.look(self._value, (entry.id, name))
        return rows[0][0] if rows else None

    def all(self, space: KeySpace, entry: Entry) -> Rows:
        """Return all elements, by their slots."""
        rows = space.read(self._all, (entry.id,))
        rows.sort(key=_slot)
        return [row[:-1] for row in rows]

    def add(self, space: KeySpace, entry: Entry, name: bytes, *carried: bytes) -> bool:
        """Add an element; say whether it is new. One that is there stays as it is."""
        if entry.ahead is not None:
            _disturb(space, entry)
        if entry.known is not None and name in entry.known:
            return False
        new = space.change_apart(self._insert, (entry.id, name, *carried, entry.count)) > 0
        if new:
            entry.count += 1
        if new or not carried:  # else nobody knows what it carries
            _know(space, entry, name, carried[0] if carried else b"")
        return new

    def add_new(self, space: KeySpace, entry: Entry, rows: Sequence[tuple[Any, ...]]) -> None:
        """Add elements, all of different names, to a key that has none of them."""
        start, id_ = entry.count, entry.id
        space.change_many(
            self._insert, [(id_, *row, start + number) for number, row in enumerate(rows)]
        )
        entry.count += len(rows)

    def put(self, space: KeySpace, entry: Entry, name: bytes, carried: bytes) -> bool:
        """Have the element of that name carry something; say whether the element is new."""
        assert self._set is not None
        known = entry.known
        row = (carried, entry.id, name)
        if known is not None and name in known:
            if known[name] != carried:
                space.put_off(self._set, row)
                _know(space, entry, name, carried)
            return False
        if space.change_apart(self._set, row):
            _know(space, entry, name, carried)
            return False
        if len(carried) > KNOWN_BYTES_MAX:
            return self.add(space, entry, name, carried)
        _know(space, entry, name, carried)
        space.put_off(self._insert, (entry.id, name, carried, entry.count))
        entry.count += 1
        return True

    def discard(self, space: KeySpace, entry: Entry, name: bytes) -> bool:
        """Delete the element of that name; say whether there was one."""
        entry.ahead = None
        if entry.known is not None:
            entry.known.pop(name, None)
        rows = space.take(self._delete, (entry.id, name))
        if rows:
            self._close(space, entry, rows[0][0])
        return bool(rows)

    def _close(self, space: KeySpace, entry: Entry, slot: int) -> None:
        """Have the last element move into a slot that came free."""
        entry.count -= 1
        if slot != entry.count:
            space.change(self.move, (slot, entry.id, entry.count))

    def pop(self, space: KeySpace, entry: Entry, count: int) -> Rows:
        """Take ``count`` elements at random, at most all."""
        if count >= entry.count:
            rows = self.all(space, entry)
            space.empty(entry)
            return rows
        if entry.ahead is not None:
            return [self._next(space, entry) for _ in range(count)]
        taken = []
        entry.known = None
        entry.ahead = []
        for _ in range(count):
            slot = random.randrange(entry.count)
            taken += space.take(self._take, (entry.id, slot))
            self._close(space, entry, slot)
        return taken

    def _next(self, space: KeySpace, entry: Entry) -> tuple[bytes]:
        """Take an element that was drawn ahead, which carries nothing; it is not the last."""
        if not entry.ahead:
            space.settle_elements(entry)
            slots = random.sample(range(entry.count), min(DRAWN_AHEAD, entry.count))
            names: dict[int, bytes | None] = dict(
                space.look(self._some, (entry.id, *_filled(slots)))
            )
            entry.ahead = [(slot, names[slot]) for slot in slots]
        slot, name = entry.ahead.pop()
        if name is None:  # for its length
            ((name,),) = space.look(self._at, (entry.id, slot))
        if entry.known is not None:
            entry.known.pop(name, None)
        taken = entry.pending
        if taken is None:
            taken = _Taken(self, space, entry)
            space.await_settling(entry, taken)
        assert isinstance(taken, _Taken)
        taken.slots.append(slot)
        entry.count -= 1
        return (name,)

    def draw(self, space: KeySpace, entry: Entry, count: int) -> Rows:
        """Return ``count`` different elements at random, at most all."""
        if count >= entry.count:
            return self.all(space, entry)
        return self._fetch(space, entry, random.sample(range(entry.count), count))

    def draw_with_repeats(self, space: KeySpace, entry: Entry, count: int) -> Rows:
        """Return ``count`` elements at random, any of them several times."""
        return self._fetch(space, entry, random.choices(range(entry.count), k=count))

    def _fetch(self, space: KeySpace, entry: Entry, slots: Iterable[int]) -> Rows:
        wanted = list(slots)
        if len(wanted) * FETCHED_TOGETHER_MIN > entry.count:
            rows = self.all(space, entry)
            return [rows[slot] for slot in wanted]
        return [row for slot in wanted for row in space.read(self._at, (entry.id, slot))]

    def scan(self, space: KeySpace, entry: Entry, cursor: int, count: int) -> tuple[int, Rows]:
        """Return the cursor to go on with, 0 at the end, and the next ``count`` elements.

        ``cursor`` 0 begins.
        """
        rows = space.read(self._below, (entry.id, cursor or entry.count, count))
        following = rows[-1][-1] if len(rows) == count else 0
        return following, [row[:-1] for row in rows]


class _Taken:
    """Elements of one key that were handed out and are still in the table, by their slots."""

    __slots__ = ("_elements", "_entry", "_space", "slots")

    def __init__(self, elements: Slots, space: KeySpace, entry: Entry) -> None:
        self._elements = elements
        self._space = space
        self._entry = entry
        self.slots: list[int] = []

    def settle(self) -> None:
        """Delete them, and have the last elements move into the slots that came free."""
        space, id_, count, slots = self._space, self._entry.id, self._entry.count, self.slots
        for start in range(0, len(slots), DRAWN_AHEAD):
            part = slots[start : start + DRAWN_AHEAD]
            space.change(self._elements.delete_some, (id_, *_filled(part)))
        gone = set(slots)
        stay = [slot for slot in range(count, count + len(slots)) if slot not in gone]
        free = [slot for slot in slots if slot < count]
        moves = [(slot, id_, last) for slot, last in zip(free, stay, strict=True)]
        space.change_many(self._elements.move, moves)
        if self._entry.ahead:
            self._entry.ahead = []


def _filled(slots: list[int]) -> list[int]:
    """Return as many slots as the statement of several takes."""
    return slots + slots[-1:] * (DRAWN_AHEAD - len(slots))


def _disturb(space: KeySpace, entry: Entry) -> None:
    """Have an element be added to those of which some were taken out."""
    entry.ahead = None
    space.settle_elements(entry)


def _know(space: KeySpace, entry: Entry, name: bytes, carried: bytes) -> None:
    """Remember what an element carries."""
    known = entry.known
    if known is None:
        known = entry.known = {}
    elif len(known) >= PUT_OFF_MAX or len(carried) > KNOWN_BYTES_MAX:
        space.catch_up()
        known.clear()
    if len(carried) <= KNOWN_BYTES_MAX:
        known[name] = carried


def _slot(row: tuple[Any, ...]) -> int:
    return row[-1]  # type: ignore[no-any-return]  # a column of type bigint


FIELDS = Slots("hash_fields", "field", "value")
MEMBERS = Slots("set_members", "member")
