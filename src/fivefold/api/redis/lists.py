"""Lists, and SORT: redis-py's ``ListCommands`` by its names and results."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from fivefold.api.redis.results import is_ok, plain, tuple_or_none
from fivefold.api.redis.runner import Runner
from fivefold.api.redis.words import Keys, Word, flags, limit_words, listed, options
from fivefold.errors import InvalidValue

Timeout = int | float | None
"""How many seconds to wait; 0 or None: without an end."""


class Lists(Runner, Protocol):
    """The commands on lists."""

    def lpush(self, name: Word, *values: Word) -> Any:
        """Add items at the left end, each before the last; return the length."""
        return self._run(None, b"LPUSH", name, *values)

    def rpush(self, name: Word, *values: Word) -> Any:
        """Add items at the right end; return the length."""
        return self._run(None, b"RPUSH", name, *values)

    def lpushx(self, name: Word, *values: Word) -> Any:
        """Add items at the left end of a list that exists; return the length."""
        return self._run(None, b"LPUSHX", name, *values)

    def rpushx(self, name: Word, *values: Word) -> Any:
        """Add items at the right end of a list that exists; return the length."""
        return self._run(None, b"RPUSHX", name, *values)

    def lpop(self, name: Word, count: int | None = None) -> Any:
        """Take an item, or ``count``, from the left end."""
        return self._run(plain, b"LPOP", name, *_count(count))

    def rpop(self, name: Word, count: int | None = None) -> Any:
        """Take an item, or ``count``, from the right end."""
        return self._run(plain, b"RPOP", name, *_count(count))

    def llen(self, name: Word) -> Any:
        """Return the length."""
        return self._run(None, b"LLEN", name)

    def lrange(self, name: Word, start: int, end: int) -> Any:
        """Return a part of the list, both ends included."""
        return self._run(plain, b"LRANGE", name, start, end)

    def lindex(self, name: Word, index: int) -> Any:
        """Return an item by its place."""
        return self._run(None, b"LINDEX", name, index)

    def lset(self, name: Word, index: int, value: Word) -> Any:
        """Replace an item."""
        return self._run(is_ok, b"LSET", name, index, value)

    def linsert(self, name: Word, where: str, refvalue: Word, value: Word) -> Any:
        """Add an item BEFORE or AFTER another; return the length, -1 if there is no other."""
        return self._run(None, b"LINSERT", name, where, refvalue, value)

    def lrem(self, name: Word, count: int, value: Word) -> Any:
        """Take out items that equal a value; return how many."""
        return self._run(None, b"LREM", name, count, value)

    def ltrim(self, name: Word, start: int, end: int) -> Any:
        """Keep a part of the list only."""
        return self._run(is_ok, b"LTRIM", name, start, end)

    def lpos(
        self,
        name: Word,
        value: Word,
        rank: int | None = None,
        count: int | None = None,
        maxlen: int | None = None,
    ) -> Any:
        """Return where a value is; with ``count`` a list of places."""
        words = options(rank=rank, count=count, maxlen=maxlen)
        return self._run(plain, b"LPOS", name, value, *words)

    def lmove(
        self, first_list: Word, second_list: Word, src: str = "LEFT", dest: str = "RIGHT"
    ) -> Any:
        """Take an item from one list to another and return it."""
        return self._run(plain, b"LMOVE", first_list, second_list, src, dest)

    def rpoplpush(self, src: Word, dst: Word) -> Any:
        """Take an item from the right end of one list to the left end of another."""
        return self._run(plain, b"RPOPLPUSH", src, dst)

    def lmpop(self, num_keys: int, *args: Word, direction: str, count: int | None = 1) -> Any:
        """Take items of the first list that has some; return its key and them, or None."""
        words = options(count=None if count == 1 else count)
        return self._run(plain, b"LMPOP", num_keys, *args, direction, *words)

    # Waiting until there is something

    def blpop(self, keys: Keys, timeout: Timeout = 0) -> Any:
        """Take an item of the first list that has one; return (key, item), or None."""
        return self._run_waiting(tuple_or_none, b"BLPOP", *listed(keys), timeout or 0)

    def brpop(self, keys: Keys, timeout: Timeout = 0) -> Any:
        """Take an item of the first list that has one; return (key, item), or None."""
        return self._run_waiting(tuple_or_none, b"BRPOP", *listed(keys), timeout or 0)

    def brpoplpush(self, src: Word, dst: Word, timeout: Timeout = 0) -> Any:
        """Take an item from one list to another, once there is one."""
        return self._run_waiting(plain, b"BRPOPLPUSH", src, dst, timeout or 0)

    def blmove(
        self,
        first_list: Word,
        second_list: Word,
        timeout: int | float,
        src: str = "LEFT",
        dest: str = "RIGHT",
    ) -> Any:
        """Take an item from one list to another, once there is one."""
        return self._run_waiting(plain, b"BLMOVE", first_list, second_list, src, dest, timeout)

    def blmpop(
        self,
        timeout: float,
        numkeys: int,
        *args: Word,
        direction: str,
        count: int | None = 1,
    ) -> Any:
        """Take items of the first list that has some; return its key and them, or None."""
        words = options(count=count)
        return self._run_waiting(plain, b"BLMPOP", timeout, numkeys, *args, direction, *words)

    # Sorting

    def sort(
        self,
        name: Word,
        start: int | None = None,
        num: int | None = None,
        by: Word | None = None,
        get: Any = None,
        desc: bool = False,
        alpha: bool = False,
        store: Word | None = None,
        groups: bool | None = False,
    ) -> Any:
        """Return a list, set or sorted set in order, or store it and return its length.

        ``groups`` makes tuples of what several patterns of ``get`` found for each item.
        """
        patterns = [] if get is None else list(listed(get))
        if groups and (len(patterns) < 2 or isinstance(get, (bytes, str))):
            raise InvalidValue("groups needs at least two patterns in get")
        words = _sort_words(start, num, by, patterns, desc, alpha)
        parse = _grouped(len(patterns)) if groups else plain
        return self._run(parse, b"SORT", name, *words, *options(store=store))

    def sort_ro(
        self,
        key: Word,
        start: int | None = None,
        num: int | None = None,
        by: Word | None = None,
        get: Any = None,
        desc: bool = False,
        alpha: bool = False,
    ) -> Any:
        """Return a list, set or sorted set in order."""
        patterns = [] if get is None else listed(get)
        words = _sort_words(start, num, by, patterns, desc, alpha)
        return self._run(plain, b"SORT_RO", key, *words)


def _count(count: int | None) -> list[Word]:
    return [] if count is None else [count]


def _sort_words(
    start: int | None,
    num: int | None,
    by: Word | None,
    get: Iterable[Word],
    desc: bool,
    alpha: bool,
) -> list[Any]:
    words = [*options(by=by), *limit_words("start", start, num)]
    for pattern in get:
        words += (b"GET", pattern)
    return [*words, *flags(desc=desc, alpha=alpha)]


def _grouped(size: int) -> Any:
    def parse(reply: Any) -> Any:
        words = plain(reply)
        if not isinstance(words, list):
            return words
        return [tuple(words[at : at + size]) for at in range(0, len(words), size)]

    return parse
