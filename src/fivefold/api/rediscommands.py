"""The Redis commands by redis-py's method names, argument names and results.

Source: redis-py's ``redis/commands/core.py`` for the signatures and its documentation for what
each returns with ``decode_responses=False``. Shared by ``Redis``, which runs a command, and
``Pipeline``, which notes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from fivefold.errors import InvalidValue
from fivefold.values.replies import Reply, Verbatim

Word = bytes | str | int | float | memoryview | bytearray
"""What may be a key or a value: texts go as UTF-8, numbers as Python prints them."""

Seconds = int | timedelta
Moment = int | datetime

Parse = Callable[[Any], Any] | None
"""From a reply to a method's result; None: they are the same."""


def encode(word: Word) -> bytes:
    """Return a word as the bytes that Redis sees. Raises InvalidValue."""
    match word:
        case bytes():
            return word
        case str():
            return word.encode()
        case bool():
            pass
        case int():
            return b"%d" % word
        case float():
            return repr(word).encode()
        case bytearray() | memoryview():
            return bytes(word)
    raise InvalidValue(
        f"a value of type {type(word).__name__!r} is neither bytes, str, int nor float",
        hint="Convert it first.",
    )


def is_ok(reply: Reply) -> bool:
    """Return what redis-py makes of OK."""
    return reply == "OK"


def _pairs(mapping: Mapping[Any, Word]) -> list[Word]:
    return [word for pair in mapping.items() for word in pair]


def _count(time: Seconds, unit: timedelta) -> int:
    return time // unit if isinstance(time, timedelta) else time


def _when(moment: Moment, units_per_second: int) -> int:
    if isinstance(moment, datetime):
        return int(moment.timestamp() * units_per_second)
    return moment


_SECOND = timedelta(seconds=1)
_MILLISECOND = timedelta(milliseconds=1)


def expiry_words(
    ex: Seconds | None, px: Seconds | None, exat: Moment | None, pxat: Moment | None
) -> list[Word]:
    """Return the options of SET and GETEX that say when the key expires."""
    words: list[Word] = []
    if ex is not None:
        words += [b"EX", _count(ex, _SECOND)]
    if px is not None:
        words += [b"PX", _count(px, _MILLISECOND)]
    if exat is not None:
        words += [b"EXAT", _when(exat, 1)]
    if pxat is not None:
        words += [b"PXAT", _when(pxat, 1000)]
    return words


def _flags(**chosen: bool) -> list[Word]:
    return [name.upper().encode() for name, is_chosen in chosen.items() if is_chosen]


def _flush_words(asynchronous: bool) -> list[Word]:
    return [b"ASYNC"] if asynchronous else []


def _kind(reply: str) -> bytes:
    return reply.encode()


def _scanned(reply: list[Any]) -> tuple[int, list[bytes]]:
    return int(reply[0]), reply[1]


def _moment(reply: list[bytes]) -> tuple[int, int]:
    return int(reply[0]), int(reply[1])


def _number(text: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _value(text: str) -> Any:
    if "=" not in text:
        return _number(text)
    return {name: _number(value) for name, _, value in (p.partition("=") for p in text.split(","))}


def _facts(reply: Verbatim) -> dict[str, Any]:
    lines = reply.text.decode("utf-8", "surrogateescape").splitlines()
    pairs = (line.partition(":") for line in lines if line and not line.startswith("#"))
    return {name: _value(value) for name, _, value in pairs}


def _settings(reply: dict[bytes, bytes]) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in reply.items()}


class RedisCommands(Protocol):
    """Every method's command, arguments and result; how it is run is up to ``_run``."""

    def _run(self, parse: Parse, *words: Word) -> Any:
        """Run or note the command; ``parse`` makes the method's result of the reply."""
        ...

    # Strings

    def get(self, name: Word) -> Any:
        """Return the value, or None."""
        return self._run(None, b"GET", name)

    def set(
        self,
        name: Word,
        value: Word,
        ex: Seconds | None = None,
        px: Seconds | None = None,
        nx: bool = False,
        xx: bool = False,
        keepttl: bool = False,
        get: bool = False,
        exat: Moment | None = None,
        pxat: Moment | None = None,
    ) -> Any:
        """Return True, or None if ``nx`` or ``xx`` forbade it; with ``get`` the old value."""
        words: list[Word] = [b"SET", name, value, *expiry_words(ex, px, exat, pxat)]
        words += _flags(nx=nx, xx=xx, keepttl=keepttl, get=get)
        return self._run(None if get else _done_or_none, *words)

    def setnx(self, name: Word, value: Word) -> Any:
        """Return whether the key was set."""
        return self._run(bool, b"SETNX", name, value)

    def setex(self, name: Word, time: Seconds, value: Word) -> Any:
        """Set a key that expires after ``time`` seconds."""
        return self._run(is_ok, b"SETEX", name, _count(time, _SECOND), value)

    def psetex(self, name: Word, time_ms: Seconds, value: Word) -> Any:
        """Set a key that expires after ``time_ms`` milliseconds."""
        return self._run(is_ok, b"PSETEX", name, _count(time_ms, _MILLISECOND), value)

    def getset(self, name: Word, value: Word) -> Any:
        """Set a key and return what it was."""
        return self._run(None, b"GETSET", name, value)

    def getdel(self, name: Word) -> Any:
        """Return the value and delete the key."""
        return self._run(None, b"GETDEL", name)

    def getex(
        self,
        name: Word,
        ex: Seconds | None = None,
        px: Seconds | None = None,
        exat: Moment | None = None,
        pxat: Moment | None = None,
        persist: bool = False,
    ) -> Any:
        """Return the value and say when the key expires."""
        words = [*expiry_words(ex, px, exat, pxat), *_flags(persist=persist)]
        return self._run(None, b"GETEX", name, *words)

    def mget(self, keys: Any, *args: Word) -> Any:
        """Return the values of several keys, given as a list or one by one."""
        return self._run(None, b"MGET", *_listed(keys, args))

    def mset(self, mapping: Mapping[Any, Word]) -> Any:
        """Set several keys."""
        return self._run(is_ok, b"MSET", *_pairs(mapping))

    def msetnx(self, mapping: Mapping[Any, Word]) -> Any:
        """Set several keys, or none if any is there; return which."""
        return self._run(bool, b"MSETNX", *_pairs(mapping))

    def append(self, key: Word, value: Word) -> Any:
        """Add to the end; return the new length."""
        return self._run(None, b"APPEND", key, value)

    def strlen(self, name: Word) -> Any:
        """Return the length of the value."""
        return self._run(None, b"STRLEN", name)

    def getrange(self, key: Word, start: int, end: int) -> Any:
        """Return a part of the value, both ends included."""
        return self._run(None, b"GETRANGE", key, start, end)

    def substr(self, name: Word, start: int, end: int = -1) -> Any:
        """Return a part of the value, both ends included."""
        return self._run(None, b"SUBSTR", name, start, end)

    def setrange(self, name: Word, offset: int, value: Word) -> Any:
        """Overwrite a part of the value; return the new length."""
        return self._run(None, b"SETRANGE", name, offset, value)

    def incrby(self, name: Word, amount: int = 1) -> Any:
        """Add to a number; return the sum."""
        return self._run(None, b"INCRBY", name, amount)

    def incr(self, name: Word, amount: int = 1) -> Any:
        """Add to a number; return the sum."""
        return self.incrby(name, amount)

    def decrby(self, name: Word, amount: int = 1) -> Any:
        """Take from a number; return the rest."""
        return self._run(None, b"DECRBY", name, amount)

    def decr(self, name: Word, amount: int = 1) -> Any:
        """Take from a number; return the rest."""
        return self.decrby(name, amount)

    def incrbyfloat(self, name: Word, amount: float = 1.0) -> Any:
        """Add to a number; return the sum as a float."""
        return self._run(float, b"INCRBYFLOAT", name, amount)

    # Keys

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
        return self._run(_kind, b"TYPE", name)

    def keys(self, pattern: Word = b"*") -> Any:
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
        options = ((b"MATCH", match), (b"COUNT", count), (b"TYPE", _type))
        words = [word for name, value in options if value is not None for word in (name, value)]
        return self._run(_scanned, b"SCAN", cursor, *words)

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
        words = [*to, *_flags(replace=replace)]
        return self._run(bool, b"COPY", source, destination, *words)

    def move(self, name: Word, db: int) -> Any:
        """Take a key to another database; return whether."""
        return self._run(bool, b"MOVE", name, db)

    def object(self, infotype: str, key: Word) -> Any:
        """Return a fact about a key: its encoding, idletime or refcount."""
        return self._run(None, b"OBJECT", infotype, key)

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
        flags = _flags(nx=nx, xx=xx, gt=gt, lt=lt)
        return self._run(bool, b"EXPIRE", name, _count(time, _SECOND), *flags)

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
        flags = _flags(nx=nx, xx=xx, gt=gt, lt=lt)
        return self._run(bool, b"PEXPIRE", name, _count(time, _MILLISECOND), *flags)

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
        flags = _flags(nx=nx, xx=xx, gt=gt, lt=lt)
        return self._run(bool, b"EXPIREAT", name, _when(when, 1), *flags)

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
        flags = _flags(nx=nx, xx=xx, gt=gt, lt=lt)
        return self._run(bool, b"PEXPIREAT", name, _when(when, 1000), *flags)

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

    # The server

    def ping(self) -> Any:
        """Return True."""
        return self._run(lambda reply: reply == "PONG", b"PING")

    def echo(self, value: Word) -> Any:
        """Return the value."""
        return self._run(None, b"ECHO", value)

    def select(self, index: int) -> Any:
        """Go to another database."""
        return self._run(is_ok, b"SELECT", index)

    def time(self) -> Any:
        """Return the seconds since 1970 and the microseconds of the present second."""
        return self._run(_moment, b"TIME")

    def dbsize(self) -> Any:
        """Return the number of keys."""
        return self._run(None, b"DBSIZE")

    def flushdb(self, asynchronous: bool = False) -> Any:
        """Delete every key of this database."""
        return self._run(is_ok, b"FLUSHDB", *_flush_words(asynchronous))

    def flushall(self, asynchronous: bool = False) -> Any:
        """Delete every key of every database."""
        return self._run(is_ok, b"FLUSHALL", *_flush_words(asynchronous))

    def info(self, section: str | None = None, *args: str) -> Any:
        """Return facts about the server, by name."""
        words = [] if section is None else [section, *args]
        return self._run(_facts, b"INFO", *words)

    def config_get(self, pattern: Word = "*", *args: Word) -> Any:
        """Return the settings whose names match."""
        return self._run(_settings, b"CONFIG", b"GET", pattern, *args)


def _done_or_none(reply: Reply) -> bool | None:
    return True if reply == "OK" else None


def _listed(keys: Any, more: tuple[Word, ...]) -> Iterator[Word]:
    if isinstance(keys, (bytes, str, int, float, memoryview, bytearray)):
        yield keys
    else:
        yield from keys
    yield from more
