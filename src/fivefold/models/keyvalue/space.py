"""The operations on one Redis database, inside whatever transaction the connection has open.

A key past its time is not there: every method that takes ``now_ms`` sees it as absent, and the
row is overwritten or deleted by whoever comes next, ``reap`` at the latest.

What a command learns of a key is kept as an ``Entry``, and changes of it are written by ``write``:
in the server's group once for all commands of a turn, elsewhere at the end of each command.
``settle`` writes and forgets; it comes before anybody else may change the tables. Changes of
elements are put off likewise and made many at a time, before any other statement that might see
them: as they are, in their order (``put_off``), or as something that a key's kind has gathered
(``await_settling``).

The tables of a database are made before the first transaction that writes to it. A ``KeySpace``
over tables that do not exist reads nothing; whoever learns that they came to be, or that
their making was rolled back, calls ``open`` or ``close``.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

from fivefold.errors import InvalidValue
from fivefold.models.keyvalue import texts
from fivefold.models.keyvalue.entries import ABSENT, UNREAD, Entry, Pending
from fivefold.models.keyvalue.fixed import ROWS_TOGETHER, Fixed, Statements
from fivefold.models.keyvalue.layout import ELEMENTS, LIST, SORTED_SET, STREAM, STRING
from fivefold.plan.statement import Prepared

Rows = list[tuple[Any, ...]]

KEYS_TOGETHER = texts.KEYS_TOGETHER

DELETED_AT_ONCE_MAX = 256
"""The elements of a larger key are left to the reaper, so that no deletion takes long."""

PUT_OFF_MAX = 1_000
"""How many changes of elements are put off."""

APART_MAX = 4
"""So few rows are written one by one: the savepoint around many costs as much as two of them."""

KNOWN_BYTES_MAX = 4_096
"""A larger element is neither put off nor remembered."""

AWAITED = frozenset({LIST, SORTED_SET, STREAM})
"""The kinds that clients may wait for."""


class Runner(Protocol):
    """What a key space needs of a store's connection."""

    def run(self, prepared: Prepared, parameters: Sequence[Any] = ()) -> Rows: ...
    def run_many(self, prepared: Prepared, rows: Iterable[Sequence[Any]]) -> int: ...
    def changes(self) -> int: ...


def wrong_kind() -> InvalidValue:
    """Return the error for a command that does not fit the kind of its key."""
    return InvalidValue(
        "Operation against a key holding the wrong kind of value", "wrong_value_kind"
    )


class KeySpace:
    """One database on one connection. Keys and values are bytes; times are Unix milliseconds.

    ``entries`` are the keys that are known; ``unwritten`` those of them that changed. ``signals``
    are keys that came to hold what a client may wait for, ``expired`` keys that were past their
    time and are gone for good: who runs the commands takes both away.
    """

    __slots__ = (
        "_behind",
        "_changes",
        "_late",
        "_late_count",
        "_pending",
        "_read",
        "_run",
        "_run_many",
        "_value",
        "entries",
        "exists",
        "expired",
        "looked",
        "signals",
        "statements",
        "unwritten",
    )

    def __init__(self, connection: Runner, statements: Statements, *, exists: bool) -> None:
        self.statements = statements
        self.looked = statements.looked
        self.entries: dict[bytes, Entry] = {}
        self.unwritten: list[Entry] = []
        self.signals: list[bytes] = []
        self.expired: list[bytes] = []
        self.exists = exists
        self._run = connection.run
        self._run_many = connection.run_many
        self._changes = connection.changes
        self._late: list[tuple[Fixed, Rows]] = []
        self._late_count = 0
        self._pending: list[Entry] = []
        self._behind = False  # something is put off
        self._read = connection.run if exists else _no_rows
        self._value = statements[texts.READ_VALUE]  # bound once, for GET

    @property
    def number(self) -> int:
        """Return the database's number."""
        return self.statements.number

    def open(self) -> None:
        """Take note that the tables exist."""
        self.exists = True
        self._read = self._run

    def close(self) -> None:
        """Take note that the tables do not exist."""
        self.exists = False
        self._read = _no_rows

    # Statements, for the modules of the kinds

    def read(self, fixed: Fixed, parameters: Sequence[Any] = ()) -> Rows:
        """Run a statement that reads."""
        if self._behind:
            self.catch_up()
        return self._read(self.statements[fixed], parameters)

    def look(self, fixed: Fixed, parameters: Sequence[Any] = ()) -> Rows:
        """Run a statement that reads nothing of what was put off."""
        return self._read(self.statements[fixed], parameters)

    def change(self, fixed: Fixed, parameters: Sequence[Any] = ()) -> int:
        """Run a statement that writes; return how many rows it changed."""
        if self._behind:
            self.catch_up()
        self._run(self.statements[fixed], parameters)
        return self._changes()

    def change_apart(self, fixed: Fixed, parameters: Sequence[Any] = ()) -> int:
        """Run a statement that writes, and has nothing to do with what was put off."""
        self._run(self.statements[fixed], parameters)
        return self._changes()

    def take(self, fixed: Fixed, parameters: Sequence[Any] = ()) -> Rows:
        """Run a statement that writes and returns rows."""
        if self._behind:
            self.catch_up()
        return self._run(self.statements[fixed], parameters)

    def put_off(self, fixed: Fixed, parameters: tuple[Any, ...]) -> None:
        """Run a statement that writes before the next one that might see it."""
        late = self._late
        if late and late[-1][0] is fixed:
            late[-1][1].append(parameters)
        else:
            late.append((fixed, [parameters]))
        self._behind = True
        self._late_count += 1
        if self._late_count >= PUT_OFF_MAX:
            self.catch_up()

    def last_put_off(self, fixed: Fixed) -> tuple[Any, ...] | None:
        """Return the change put off last, if this statement is to make it."""
        late = self._late
        return late[-1][1][-1] if late and late[-1][0] is fixed else None

    def put_off_instead(self, parameters: tuple[Any, ...]) -> None:
        """Have the change put off last be made with other parameters."""
        self._late[-1][1][-1] = parameters

    def await_settling(self, entry: Entry, pending: Pending) -> None:
        """Have changes of the elements of a key be made before the next statement of any key."""
        entry.pending = pending
        self._pending.append(entry)
        self._behind = True

    def catch_up(self) -> None:
        """Run what was put off."""
        late, self._late, self._late_count = self._late, [], 0
        entries, self._pending = self._pending, []
        self._behind = False
        for fixed, rows in late:
            self.make_many(fixed, rows)
        for entry in entries:
            pending, entry.pending = entry.pending, None
            if pending is not None:
                pending.settle()

    def settle_elements(self, entry: Entry) -> None:
        """Make the changes of one key's elements that were put off; those of others may wait."""
        pending, entry.pending = entry.pending, None
        if pending is not None:
            self._pending.remove(entry)
            self._behind = False  # for its own statements
            pending.settle()
            self._behind = bool(self._late or self._pending)

    def make_many(self, fixed: Fixed, rows: Rows) -> None:
        """Run a statement that writes once for each of ``rows``, or for many at a time."""
        done = 0
        if len(rows) >= ROWS_TOGETHER and fixed.together is not None:
            together = self.statements[fixed.together]
            for done in range(ROWS_TOGETHER, len(rows) + 1, ROWS_TOGETHER):
                part = rows[done - ROWS_TOGETHER : done]
                self._run(together, tuple([value for row in part for value in row]))
        self.change_many(fixed, rows[done:])

    def change_many(self, fixed: Fixed, rows: Sequence[Sequence[Any]]) -> int:
        """Run a statement that writes once for each of ``rows``; return the rows changed in all."""
        if len(rows) <= APART_MAX:
            return sum([self.change(fixed, row) for row in rows])
        if self._behind:
            self.catch_up()
        return self._run_many(self.statements[fixed], rows)

    # Entries

    def find(self, key: bytes, now_ms: int) -> Entry | None:
        """Return what is known of ``key``, of whatever kind, or None if it is not there."""
        entry = self.entries.get(key)
        if entry is None:
            entry = self._load(key)
        if entry.kind is ABSENT:
            return None
        if entry.expire_ms is not None and entry.expire_ms < now_ms:
            entry.lapsed = True
            return None
        return entry

    def entry(self, key: bytes, kind: str, now_ms: int) -> Entry | None:
        """Return what is known of ``key``, or None. Raises ``wrong_kind``."""
        entry = self.entries.get(key)
        if entry is not None and entry.kind == kind and entry.expire_ms is None:
            return entry
        entry = self.find(key, now_ms)
        if entry is not None and entry.kind != kind:
            raise wrong_kind()
        return entry

    def _load(self, key: bytes) -> Entry:
        rows = self._read(self.statements[texts.READ_HEAD], (key,))
        if rows:
            entry = Entry(key, *rows[0])
            entry.stored = True
        else:
            entry = Entry(key, ABSENT, None, 0, 0)
        self.entries[key] = entry
        return entry

    def make(self, key: bytes, kind: str, stamp: int) -> Entry:
        """Return the entry of a new key with nothing in it, in the place of what was there."""
        entry = self.entries.get(key)
        if entry is None:
            entry = self._load(key)
        if entry.kind is not ABSENT:
            self._end(entry)
        entry.kind = kind
        entry.id = stamp
        entry.value = entry.expire_ms = entry.state = entry.known = entry.ahead = None
        entry.count = entry.first = 0
        entry.whole, entry.blind = True, False
        self.touch(entry, stamp)
        if kind in AWAITED:
            self.signals.append(key)
        return entry

    def touch(self, entry: Entry, stamp: int) -> None:
        """Take note that the key, or something in it, has changed."""
        entry.version = stamp
        if not entry.dirty:
            entry.dirty = True
            self.unwritten.append(entry)

    def expire(self, entry: Entry, expire_ms: int | None, stamp: int) -> None:
        """Say when a key that is there expires; None: never."""
        entry.expire_ms = expire_ms
        self.touch(entry, stamp)

    def remove(self, entry: Entry) -> None:
        """Delete a key that is there, with all that is in it."""
        self._end(entry)
        entry.kind = ABSENT
        self.touch(entry, entry.version)

    def empty(self, entry: Entry) -> None:
        """Delete all that is in a key of several elements; the caller removes or fills it."""
        self._end(entry)
        entry.count = entry.first = 0

    def _end(self, entry: Entry) -> None:
        """Delete the elements of a key, which itself is deleted or overwritten by the caller."""
        if self._behind:
            self.catch_up()
        entry.known = entry.ahead = None
        if entry.lapsed:
            entry.lapsed = False
            self.expired.append(entry.key)
        if entry.blind and entry.kind == STRING:
            self.write()  # so that nothing of another kind lies beneath it any more
            return
        tables = ELEMENTS.get(entry.kind, ())
        if entry.count > DELETED_AT_ONCE_MAX:
            self.change(texts.LEAVE, (entry.id, entry.kind))
        elif entry.count or entry.kind == STREAM:
            for table in tables:
                self.change(texts.ELEMENTS_OF[table].delete, (entry.id,))

    def write(self) -> None:
        """Write the entries that changed, and what was put off of their elements."""
        if self._behind:
            self.catch_up()
        unwritten = self.unwritten
        if not unwritten:
            return
        self.unwritten = []
        work: dict[Fixed, Rows] = {}
        for entry in unwritten:
            entry.dirty = False
            fixed = texts.fitting(entry)
            if fixed is not None:
                work.setdefault(fixed, []).append(texts.row(entry, fixed))
        for fixed, rows in work.items():
            if fixed is texts.PUT:
                self._put_all(rows)
            else:
                self.change_many(fixed, rows)

    def _put_all(self, rows: Rows) -> None:
        if self.change_many(texts.PUT, rows) == len(rows):
            return
        for row in rows:  # some key is of another kind, whose elements go first
            if not self.change(texts.PUT, row):
                found = self._read(self.statements[texts.READ_HEAD], row[:1])
                self._end(Entry(row[0], *found[0]))
                self.change(texts.DISCARD, row[:1])
                self.change(texts.PUT, row)

    def settle(self) -> None:
        """Write what changed, and know nothing any more: others may change the tables."""
        if self.unwritten:
            self.write()
        self.entries.clear()

    def forget(self) -> None:
        """Know nothing any more, and write nothing: what was done is undone."""
        self.entries.clear()
        self.unwritten.clear()
        self._late.clear()
        self._late_count = 0
        self._pending.clear()
        self._behind = False
        self.signals.clear()
        self.expired.clear()

    # Strings

    def get(self, key: bytes, now_ms: int) -> bytes | None:
        """Return the string at ``key``, or None. Raises ``wrong_kind``."""
        if key in self.entries:
            self.note_lookup(self.entries[key], now_ms)
            entry = self.entry(key, STRING, now_ms)
            return None if entry is None else self.value(entry)
        rows = self._read(self._value, (key,))
        if rows:
            value, expire_ms = rows[0]
            if expire_ms is None or expire_ms >= now_ms:
                self.looked.hits += 1
                if value is None:
                    raise wrong_kind()
                return value  # type: ignore[no-any-return]  # a column of type bytea
        self.looked.misses += 1
        return None

    def value(self, entry: Entry) -> bytes:
        """Return the bytes of a string's entry."""
        if entry.value is UNREAD:
            entry.value = self._read(self._value, (entry.key,))[0][0]
        assert entry.value is not None
        return entry.value

    def values(self, keys: Sequence[bytes], now_ms: int) -> dict[bytes, bytes | None]:
        """Return the strings at those of ``keys`` that are there; None for another kind."""
        if self.unwritten:
            self.write()
        found: dict[bytes, bytes | None] = {}
        statement = self.statements[texts.READ_VALUES]
        for start in range(0, len(keys), KEYS_TOGETHER):
            part = list(keys[start : start + KEYS_TOGETHER])
            part += part[-1:] * (KEYS_TOGETHER - len(part))
            for key, value, expire_ms in self._read(statement, part):
                if expire_ms is None or expire_ms >= now_ms:
                    found[key] = value
        hits = sum(key in found for key in keys)
        self.looked.hits += hits
        self.looked.misses += len(keys) - hits
        return found

    def note_lookup(self, entry: Entry, now_ms: int) -> None:
        """Count that a key was read, or was not there to be read."""
        if entry.kind is ABSENT or (entry.expire_ms is not None and entry.expire_ms < now_ms):
            self.looked.misses += 1
        else:
            self.looked.hits += 1

    def put(self, key: bytes, value: bytes, stamp: int, expire_ms: int | None = None) -> None:
        """Make ``key`` the string ``value``, whatever it was, expiring as given."""
        entry = self.entries.get(key)
        if entry is None:
            entry = self.entries[key] = Entry(key, STRING, expire_ms, stamp, stamp)
            entry.blind = True
        elif entry.kind != STRING:
            entry = self.make(key, STRING, stamp)
        entry.value = value
        entry.expire_ms = expire_ms
        entry.version = stamp
        if not entry.dirty:
            entry.dirty = True
            self.unwritten.append(entry)

    def change_value(self, entry: Entry, value: bytes, stamp: int) -> None:
        """Give a string that is there another value; it expires as before."""
        entry.value = value
        self.touch(entry, stamp)

    # Whole keys

    def delete(self, key: bytes, now_ms: int) -> bool:
        """Delete ``key``; say whether it was there."""
        entry = self.find(key, now_ms)
        if entry is None:
            return False
        self.remove(entry)
        return True

    def rename(self, entry: Entry, new: bytes, stamp: int) -> None:
        """Move a key that is there to the name ``new``, over what was there."""
        if entry.kind == STRING:
            value = self.value(entry)
            self.put(new, value, stamp, entry.expire_ms)
        else:
            self.catch_up()
            moved = self.make(new, entry.kind, entry.id)
            moved.expire_ms, moved.state = entry.expire_ms, entry.state
            moved.count, moved.first = entry.count, entry.first
            self.touch(moved, stamp)
        entry.kind = ABSENT  # without its elements, which have moved
        self.touch(entry, stamp)

    def copy(self, entry: Entry, to: KeySpace, new: bytes, stamp: int) -> None:
        """Make ``new`` in the key space ``to`` a copy of a key, which expires when it does."""
        if entry.kind == STRING:
            to.put(new, self.value(entry), stamp, entry.expire_ms)
            return
        self.catch_up()
        made = to.make(new, entry.kind, stamp)
        made.expire_ms, made.state = entry.expire_ms, entry.state
        made.count, made.first = entry.count, entry.first
        for table in ELEMENTS[entry.kind]:
            elements = texts.ELEMENTS_OF[table]
            rows = [(made.id, *row) for row in self.read(elements.read, (entry.id,))]
            to.change_many(elements.insert, rows)

    # Many keys

    def keys(self, prefix: bytes, now_ms: int) -> list[bytes]:
        """Return all keys that begin with ``prefix``."""
        self.write()
        after = _after_prefix(prefix)
        if not prefix:
            rows = self.read(texts.KEYS_ALL, (now_ms,))
        elif after is None:
            rows = self.read(texts.KEYS_FROM, (prefix, now_ms))
        else:
            rows = self.read(texts.KEYS_BETWEEN, (prefix, after, now_ms))
        return [key for (key,) in rows]

    def scan(self, cursor: int, count: int, now_ms: int) -> tuple[int, list[tuple[bytes, str]]]:
        """Look at the next ``count`` keys after ``cursor``, 0 to begin.

        Returns the cursor to go on with, 0 at the end, and (key, kind) of those there.
        """
        self.write()
        rows = self.read(texts.SCAN, (cursor, count))
        found = [
            (key, kind)
            for _, key, kind, expire_ms in rows
            if expire_ms is None or expire_ms >= now_ms
        ]
        return (rows[-1][0] if len(rows) == count else 0), found

    def count(self, now_ms: int) -> int:
        """Return the number of keys."""
        self.write()
        expired = self.read(texts.COUNT_EXPIRED, (now_ms,))
        return self.read(texts.COUNT)[0][0] - expired[0][0] if expired else 0

    def count_expiring(self, now_ms: int) -> int:
        """Return the number of keys that will expire."""
        self.write()
        rows = self.read(texts.COUNT_EXPIRING, (now_ms,))
        return rows[0][0] if rows else 0

    def random(self, now_ms: int) -> bytes | None:
        """Return some key, or None if there is none.

        Keys made after a pause are likelier, as the ids between belong to nobody.
        """
        self.write()
        for low, high in self._bounds():
            at = random.randint(low, high)
            rows = self.read(texts.AT_OR_AFTER, (at, now_ms))
            rows = rows or self.read(texts.AT_OR_AFTER, (low, now_ms))
            return rows[0][0] if rows else None
        return None

    def _bounds(self) -> Iterator[tuple[int, int]]:
        for low, high in self.read(texts.BOUNDS):
            if low is not None:
                yield low, high

    def clear(self) -> None:
        """Delete every key."""
        if self.exists:
            self.settle()
            for fixed in texts.CLEAR:
                self.change(fixed)

    def swap(self, other: KeySpace) -> None:
        """Give each of two databases what the other has; both exist, and the tables of both."""
        self.settle()
        other.settle()
        small, large = sorted((self, other), key=lambda space: space.read(texts.COUNT)[0][0])
        kept = {name: small.read(read) for name, (read, _) in texts.ALL_ROWS.items()}
        small.clear()
        for name in texts.ALL_ROWS:
            small._run(small.statements.copying(name, large.number), ())
        large.clear()
        for name, (_, write) in texts.ALL_ROWS.items():
            large.change_many(write, kept[name])

    # What the reaper does

    def due(self, now_ms: int) -> bool:
        """Say whether ``reap`` or ``sweep`` has something to do."""
        return bool(self.read(texts.OVERDUE, (now_ms, 1)) or self.read(texts.GARBAGE))

    def reap(self, now_ms: int, limit: int) -> list[bytes]:
        """Delete at most ``limit`` expired keys, longest expired first; return them.

        Fewer than ``limit`` says that no more is to be done now.
        """
        self.write()
        keys = [key for (key,) in self.read(texts.OVERDUE, (now_ms, limit))]
        for key in keys:
            if self.find(key, now_ms) is None:  # it may have been renewed since it was read
                self.remove(self.entries[key])
        self.write()
        return keys

    def sweep(self, limit: int) -> bool:
        """Delete at most ``limit`` elements of keys that are gone; say whether some are left."""
        for id_, kind in self.read(texts.GARBAGE):
            for table in ELEMENTS[kind]:
                limit -= self.change(texts.ELEMENTS_OF[table].delete_some, (id_, id_, limit))
                if limit <= 0:
                    return True
            self.change(texts.SWEPT, (id_, kind))
            return True
        return False


def _no_rows(prepared: Prepared, parameters: Sequence[Any] = ()) -> Rows:
    return []


def _after_prefix(prefix: bytes) -> bytes | None:
    """Return the least bytes after all that begin with ``prefix``; None: nothing comes after."""
    kept = prefix.rstrip(b"\xff")
    return kept[:-1] + bytes([kept[-1] + 1]) if kept else None
