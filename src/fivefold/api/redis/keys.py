"""Keys and when they expire: the rest of redis-py's ``BasicKeyCommands``, and SCAN."""

from __future__ import annotations

from typing import Any, Protocol

from fivefold.api.redis.results import is_ok, plain, scanned
from fivefold.api.redis.runner import Runner
from fivefold.api.redis.words import (
    Moment,
    Seconds,
    Word,
    flags,
    milliseconds_of,
    moment_of,
    options,
    seconds_of,
)


class Keys(Runner, Protocol):
    """The commands on keys of any kind."""

    def delete(self, *names: Word) -> Any:
        """Delete keys; return how many were there."""
        return self._run(None, b"DEL", *names)

    def unlink(self, *names: Word) -> Any:
        """Delete keys; return how many were there."""
        return self._run(None, b"UNLINK", *names)

    def exists(self, *names: Word) -> Any:
        """Return how many of the keys are there."""
        return self._run(None, b"EXISTS", *names)

    def touch(self, *args: Word) -> Any:
        """Return how many of the keys are there."""
        return self._run(None, b"TOUCH", *args)

    def type(self, name: Word) -> Any:
        """Return the kind of the key, b"none" if it is absent."""
        return self._run(plain, b"TYPE", name)

    def keys(self, pattern: Word = "*") -> Any:
        """Return the keys that match the pattern."""
        return self._run(None, b"KEYS", pattern)

    def scan(
        self,
        cursor: int = 0,
        match: Word | None = None,
        count: int | None = None,
        _type: str | None = None,
    ) -> Any:
        """Return the next cursor, 0 at the end, and some keys."""
        words = options(match=match, count=count, type=_type)
        return self._run(scanned, b"SCAN", cursor, *words)

    def randomkey(self) -> Any:
        """Return some key, or None."""
        return self._run(None, b"RANDOMKEY")

    def rename(self, src: Word, dst: Word) -> Any:
        """Give a key another name."""
        return self._run(is_ok, b"RENAME", src, dst)

    def renamenx(self, src: Word, dst: Word) -> Any:
        """Give a key another name if nothing has it; return whether."""
        return self._run(bool, b"RENAMENX", src, dst)

    def copy(
        self,
        source: Word,
        destination: Word,
        destination_db: int | None = None,
        replace: bool = False,
    ) -> Any:
        """Copy a key; return whether."""
        to: list[Word] = [] if destination_db is None else [b"DB", destination_db]
        words = [*to, *flags(replace=replace)]
        return self._run(bool, b"COPY", source, destination, *words)

    def move(self, name: Word, db: int) -> Any:
        """Take a key to another database; return whether."""
        return self._run(bool, b"MOVE", name, db)

    def object(self, infotype: Word, key: Word) -> Any:
        """Return a fact about a key: its encoding, idletime or refcount."""
        return self._run(plain, b"OBJECT", infotype, key)

    def dump(self, name: Word) -> Any:
        """Return the key's value in a form of its own, which ``restore`` reads."""
        return self._run(None, b"DUMP", name)

    def restore(
        self,
        name: Word,
        ttl: int,
        value: Word,
        replace: bool = False,
        absttl: bool = False,
        idletime: int | None = None,
        frequency: int | None = None,
    ) -> Any:
        """Make a key of what ``dump`` returned, to live ``ttl`` ms (0: for ever); return b"OK"."""
        words = [
            *flags(replace=replace, absttl=absttl),
            *options(idletime=idletime, freq=frequency),
        ]
        return self._run(plain, b"RESTORE", name, ttl, value, *words)

    def memory_usage(self, key: Word, samples: int | None = None) -> Any:
        """Return about how many bytes a key takes, or None if it is absent."""
        return self._run(None, b"MEMORY", b"USAGE", key, *options(samples=samples))

    # Expiry

    def expire(
        self,
        name: Word,
        time: Seconds,
        nx: bool = False,
        xx: bool = False,
        gt: bool = False,
        lt: bool = False,
    ) -> Any:
        """Let a key expire after ``time`` seconds; return whether."""
        words = flags(nx=nx, xx=xx, gt=gt, lt=lt)
        return self._run(bool, b"EXPIRE", name, seconds_of(time), *words)

    def pexpire(
        self,
        name: Word,
        time: Seconds,
        nx: bool = False,
        xx: bool = False,
        gt: bool = False,
        lt: bool = False,
    ) -> Any:
        """Let a key expire after ``time`` milliseconds; return whether."""
        words = flags(nx=nx, xx=xx, gt=gt, lt=lt)
        return self._run(bool, b"PEXPIRE", name, milliseconds_of(time), *words)

    def expireat(
        self,
        name: Word,
        when: Moment,
        nx: bool = False,
        xx: bool = False,
        gt: bool = False,
        lt: bool = False,
    ) -> Any:
        """Let a key expire at a moment, in seconds since 1970; return whether."""
        words = flags(nx=nx, xx=xx, gt=gt, lt=lt)
        return self._run(bool, b"EXPIREAT", name, moment_of(when, 1), *words)

    def pexpireat(
        self,
        name: Word,
        when: Moment,
        nx: bool = False,
        xx: bool = False,
        gt: bool = False,
        lt: bool = False,
    ) -> Any:
        """Let a key expire at a moment, in milliseconds since 1970; return whether."""
        words = flags(nx=nx, xx=xx, gt=gt, lt=lt)
        return self._run(bool, b"PEXPIREAT", name, moment_of(when, 1000), *words)

    def persist(self, name: Word) -> Any:
        """Let a key never expire; return whether it would have."""
        return self._run(bool, b"PERSIST", name)

    def ttl(self, name: Word) -> Any:
        """Return the seconds left, -1 if the key never expires, -2 if it is absent."""
        return self._run(None, b"TTL", name)

    def pttl(self, name: Word) -> Any:
        """Return the milliseconds left, -1 if the key never expires, -2 if it is absent."""
        return self._run(None, b"PTTL", name)

    def expiretime(self, key: Word) -> Any:
        """Return when the key expires, in seconds since 1970."""
        return self._run(None, b"EXPIRETIME", key)

    def pexpiretime(self, key: Word) -> Any:
        """Return when the key expires, in milliseconds since 1970."""
        return self._run(None, b"PEXPIRETIME", key)
