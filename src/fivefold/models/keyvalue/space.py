"""The operations on one Redis database, inside whatever transaction the connection has open.

A key past its time is not there: every method that takes ``now_ms`` sees it as absent, and the
row is overwritten or deleted by whoever comes next, ``reap`` at the latest.

The container of a database is made by its first write. A ``KeySpace`` over one that does not
exist yet reads nothing, and calls ``create`` before it writes.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from fivefold.errors import InvalidValue
from fivefold.models.keyvalue.layout import KEYS_TOGETHER, STRING, Statements
from fivefold.plan.statement import Prepared

Rows = list[tuple[Any, ...]]
Head = tuple[str, int | None, int]
"""(kind, expire_ms, version) of a key."""


class Runner(Protocol):
    """What a key space needs of a store's connection."""

    def run(self, prepared: Prepared, parameters: Sequence[Any] = ()) -> Rows: ...
    def changes(self) -> int: ...


def wrong_kind() -> InvalidValue:
    """Return the error for a command that does not fit the kind of its key."""
    return InvalidValue(
        "Operation against a key holding the wrong kind of value", "wrong_value_kind"
    )


class KeySpace:
    """One database on one connection. Keys and values are bytes; times are Unix milliseconds.

    ``create`` makes the container (and may raise what a change of schema raises); None says that
    it exists. Whoever learns later that it came to be, or that its making was rolled back, calls
    ``open`` or ``close``.
    """

    __slots__ = ("_changes", "_create", "_put", "_read", "_run", "_value", "_write", "statements")

    def __init__(
        self, connection: Runner, statements: Statements, create: Callable[[], None] | None
    ) -> None:
        self.statements = statements
        self._run = connection.run
        self._changes = connection.changes
        self._create: Callable[[], None] | None = None
        # Bound once, for GET and SET: each attribute between here and the store is felt there.
        self._value = statements.read_value
        self._put = statements.put
        self._read: Callable[[Prepared, Sequence[Any]], Rows] = connection.run
        self._write: Callable[[Prepared, Sequence[Any]], Rows] = connection.run
        if create is not None:
            self.close(create)

    @property
    def exists(self) -> bool:
        """Say whether the container exists, as far as is known."""
        return self._create is None

    def open(self) -> None:
        """Take note that the container exists."""
        self._create = None
        self._read = self._write = self._run

    def close(self, create: Callable[[], None]) -> None:
        """Take note that the container does not exist."""
        self._create = create
        self._read = _no_rows
        self._write = self._write_first

    def _write_first(self, prepared: Prepared, parameters: Sequence[Any]) -> Rows:
        if self._create is not None:
            self._create()
            self.open()
        return self._run(prepared, parameters)

    # One key

    def get(self, key: bytes, now_ms: int) -> bytes | None:
        """Return the string at ``key``, or None. Raises ``wrong_kind``."""
        rows = self._read(self._value, (key,))
        if rows:
            value, expire_ms = rows[0]
            if expire_ms is None or expire_ms >= now_ms:
                if value is None:
                    raise wrong_kind()
                return value  # type: ignore[no-any-return]
        return None

    def values(self, keys: Sequence[bytes], now_ms: int) -> dict[bytes, bytes | None]:
        """Return the strings at those of ``keys`` that are there; None for another kind."""
        found: dict[bytes, bytes | None] = {}
        statement = self.statements.read_values
        for start in range(0, len(keys), KEYS_TOGETHER):
            part = list(keys[start : start + KEYS_TOGETHER])
            part += part[-1:] * (KEYS_TOGETHER - len(part))
            for key, value, expire_ms in self._read(statement, part):
                if expire_ms is None or expire_ms >= now_ms:
                    found[key] = value
        return found

    def head(self, key: bytes, now_ms: int) -> Head | None:
        """Return (kind, expire_ms, version) of ``key``, or None."""
        rows = self._read(self.statements.read_head, (key,))
        if rows:
            head: Head = rows[0]
            if head[1] is None or head[1] >= now_ms:
                return head
        return None

    def put(self, key: bytes, value: bytes, stamp: int, expire_ms: int | None = None) -> None:
        """Make ``key`` the string ``value``, whatever it was, expiring as given."""
        row = (key, value, expire_ms, stamp, stamp)
        self._write(self._put, row)
        if not self._changes():
            self.discard(key)
            self._write(self._put, row)

    def change(self, key: bytes, value: bytes, stamp: int) -> None:
        """Give a string that is there another value; it expires as before."""
        self._write(self.statements.change, (value, stamp, key))

    def expire(self, key: bytes, expire_ms: int | None, stamp: int) -> None:
        """Say when a key that is there expires; None: never."""
        self._write(self.statements.expire, (expire_ms, stamp, key))

    def delete(self, key: bytes, now_ms: int) -> bool:
        """Delete ``key``; say whether it was there."""
        self._write(self.statements.delete_string, (key, now_ms))
        if self._changes():
            return True
        if self.head(key, now_ms) is None:
            return False
        self.discard(key)
        return True

    def discard(self, key: bytes) -> None:
        """Delete the row of ``key``, expired or not, of whatever kind."""
        self._write(self.statements.discard, (key,))

    def rename(self, key: bytes, new: bytes, stamp: int) -> None:
        """Move a key that is there to the name ``new``, over what was there."""
        self.discard(new)
        self._write(self.statements.rename, (new, stamp, key))

    def copy(self, key: bytes, head: Head, to: KeySpace, new: bytes, stamp: int) -> None:
        """Make ``new``, absent in the key space ``to``, a copy of ``key``, whose head is given.

        The copy expires when the key does.
        """
        assert head[0] == STRING, head
        value = self._read(self._value, (key,))[0][0]
        to.put(new, value, stamp, head[1])

    # Many keys

    def keys(self, prefix: bytes, now_ms: int) -> list[bytes]:
        """Return all keys that begin with ``prefix``."""
        statements, after = self.statements, _after_prefix(prefix)
        if not prefix:
            rows = self._read(statements.keys_all, (now_ms,))
        elif after is None:
            rows = self._read(statements.keys_from, (prefix, now_ms))
        else:
            rows = self._read(statements.keys_between, (prefix, after, now_ms))
        return [key for (key,) in rows]

    def scan(self, cursor: int, count: int, now_ms: int) -> tuple[int, list[tuple[bytes, str]]]:
        """Look at the next ``count`` keys after ``cursor``, 0 to begin.

        Returns the cursor to go on with, 0 at the end, and (key, kind) of those there.
        """
        rows = self._read(self.statements.scan, (cursor, count))
        found = [
            (key, kind)
            for _, key, kind, expire_ms in rows
            if expire_ms is None or expire_ms >= now_ms
        ]
        return (rows[-1][0] if len(rows) == count else 0), found

    def count(self, now_ms: int) -> int:
        """Return the number of keys."""
        expired = self._read(self.statements.count_expired, (now_ms,))
        return self._read(self.statements.count, ())[0][0] - expired[0][0] if expired else 0

    def count_expiring(self, now_ms: int) -> int:
        """Return the number of keys that will expire."""
        rows = self._read(self.statements.count_expiring, (now_ms,))
        return rows[0][0] if rows else 0

    def random(self, now_ms: int) -> bytes | None:
        """Return some key, or None if there is none.

        Keys made after a pause are likelier, as the ids between belong to nobody.
        """
        for low, high in self._bounds():
            at = random.randint(low, high)
            rows = self._read(self.statements.at_or_after, (at, now_ms))
            rows = rows or self._read(self.statements.at_or_after, (low, now_ms))
            return rows[0][0] if rows else None
        return None

    def _bounds(self) -> Iterator[tuple[int, int]]:
        for low, high in self._read(self.statements.bounds, ()):
            if low is not None:
                yield low, high

    def clear(self) -> None:
        """Delete every key."""
        if self.exists:
            self._write(self.statements.clear, ())

    def reap(self, now_ms: int, limit: int) -> list[bytes]:
        """Delete at most ``limit`` expired keys, longest expired first; return them.

        Fewer than ``limit`` says that no more is to be done now.
        """
        rows = self._read(self.statements.overdue, (now_ms, limit))
        keys = [key for (key,) in rows]
        for key in keys:
            self.discard(key)
        return keys


def _no_rows(prepared: Prepared, parameters: Sequence[Any]) -> Rows:
    return []


def _after_prefix(prefix: bytes) -> bytes | None:
    """Return the least bytes after all that begin with ``prefix``; None: nothing comes after."""
    kept = prefix.rstrip(b"\xff")
    return kept[:-1] + bytes([kept[-1] + 1]) if kept else None
