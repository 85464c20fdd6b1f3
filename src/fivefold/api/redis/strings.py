"""Strings: the commands of redis-py's ``BasicKeyCommands`` on values, by its names and results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from fivefold.api.redis.results import is_ok, plain
from fivefold.api.redis.runner import Runner
from fivefold.api.redis.words import (
    Moment,
    Seconds,
    Word,
    expiry_words,
    flags,
    listed,
    milliseconds_of,
    options,
    pairs,
    seconds_of,
)
from fivefold.values.replies import Reply


def _done_or_none(reply: Reply) -> bool | None:
    return True if reply == "OK" else None


class Strings(Runner, Protocol):
    """The commands on strings."""

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
        words += flags(nx=nx, xx=xx, keepttl=keepttl, get=get)
        return self._run(None if get else _done_or_none, *words)

    def setnx(self, name: Word, value: Word) -> Any:
        """Return whether the key was set."""
        return self._run(bool, b"SETNX", name, value)

    def setex(self, name: Word, time: Seconds, value: Word) -> Any:
        """Set a key that expires after ``time`` seconds."""
        return self._run(is_ok, b"SETEX", name, seconds_of(time), value)

    def psetex(self, name: Word, time_ms: Seconds, value: Word) -> Any:
        """Set a key that expires after ``time_ms`` milliseconds."""
        return self._run(is_ok, b"PSETEX", name, milliseconds_of(time_ms), value)

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
        words = [*expiry_words(ex, px, exat, pxat), *flags(persist=persist)]
        return self._run(None, b"GETEX", name, *words)

    def mget(self, keys: Any, *args: Word) -> Any:
        """Return the values of several keys, given as a list or one by one."""
        return self._run(None, b"MGET", *listed(keys, args))

    def mset(self, mapping: Mapping[Any, Word]) -> Any:
        """Set several keys."""
        return self._run(is_ok, b"MSET", *pairs(mapping))

    def msetnx(self, mapping: Mapping[Any, Word]) -> Any:
        """Set several keys, or none if any is there; return which."""
        return self._run(bool, b"MSETNX", *pairs(mapping))

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

    def lcs(
        self,
        key1: Word,
        key2: Word,
        len: bool = False,
        idx: bool = False,
        minmatchlen: int = 0,
        withmatchlen: bool = False,
    ) -> Any:
        """Return the longest text that two values share, its length, or where it lies."""
        words = [*flags(len=len, idx=idx), *options(minmatchlen=minmatchlen or None)]
        words += flags(withmatchlen=withmatchlen)
        return self._run(plain, b"LCS", key1, key2, *words)
