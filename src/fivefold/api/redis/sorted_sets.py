"""Sorted sets: redis-py's ``SortedSetCommands`` by its names and results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from fivefold.api.redis.results import (
    Cast,
    Parse,
    number_or_none,
    numbers,
    plain,
    popped,
    ranked,
    scanned_scores,
    scored,
)
from fivefold.api.redis.runner import Runner
from fivefold.api.redis.words import Keys, Word, flags, limit_words, listed, options
from fivefold.errors import InvalidValue

Bound = Word
"""A score, ``(score`` for one that is itself left out, ``-inf`` or ``+inf``."""


class SortedSets(Runner, Protocol):
    """The commands on sorted sets, without their ranges."""

    def zadd(
        self,
        name: Word,
        mapping: Mapping[Any, Word],
        nx: bool = False,
        xx: bool = False,
        ch: bool = False,
        incr: bool = False,
        gt: bool = False,
        lt: bool = False,
    ) -> Any:
        """Add members, a mapping to scores, or change scores; return how many are new.

        With ``incr`` the score is added to; returned is the sum, or None if that was forbidden.
        """
        words: list[Any] = flags(nx=nx, xx=xx, ch=ch, incr=incr, gt=gt, lt=lt)
        for member, score in mapping.items():
            words += (score, member)
        return self._run(number_or_none if incr else None, b"ZADD", name, *words)

    def zincrby(self, name: Word, amount: float, value: Word) -> Any:
        """Add to a member's score; return the sum."""
        return self._run(number_or_none, b"ZINCRBY", name, amount, value)

    def zrem(self, name: Word, *values: Word) -> Any:
        """Take out members; return how many were there."""
        return self._run(None, b"ZREM", name, *values)

    def zcard(self, name: Word) -> Any:
        """Return how many members there are."""
        return self._run(None, b"ZCARD", name)

    def zscore(self, name: Word, value: Word) -> Any:
        """Return a member's score, or None."""
        return self._run(number_or_none, b"ZSCORE", name, value)

    def zmscore(self, key: Word, members: Sequence[Word]) -> Any:
        """Return the scores of several members."""
        if not members:
            raise InvalidValue("zmscore needs members")
        return self._run(numbers, b"ZMSCORE", key, *members)

    def zrank(
        self, name: Word, value: Word, withscore: bool = False, score_cast_func: Cast = float
    ) -> Any:
        """Return how many members come before this one, or None."""
        return self._rank(b"ZRANK", name, value, withscore, score_cast_func)

    def zrevrank(
        self, name: Word, value: Word, withscore: bool = False, score_cast_func: Cast = float
    ) -> Any:
        """Return how many members come after this one, or None."""
        return self._rank(b"ZREVRANK", name, value, withscore, score_cast_func)

    def _rank(self, command: bytes, name: Word, value: Word, withscore: bool, cast: Cast) -> Any:
        parse = ranked(cast) if withscore else plain
        return self._run(parse, command, name, value, *flags(withscore=withscore))

    def zcount(self, name: Word, min: Bound, max: Bound) -> Any:
        """Return how many members have scores between two."""
        return self._run(None, b"ZCOUNT", name, min, max)

    def zlexcount(self, name: Word, min: Word, max: Word) -> Any:
        """Return how many members lie between two, in the order of their bytes."""
        return self._run(None, b"ZLEXCOUNT", name, min, max)

    def zpopmin(self, name: Word, count: int | None = None) -> Any:
        """Take out the members with the lowest scores; return (member, score) pairs."""
        return self._run(scored(), b"ZPOPMIN", name, *([] if count is None else [count]))

    def zpopmax(self, name: Word, count: int | None = None) -> Any:
        """Take out the members with the highest scores; return (member, score) pairs."""
        return self._run(scored(), b"ZPOPMAX", name, *([] if count is None else [count]))

    def zmpop(
        self,
        num_keys: int,
        keys: Sequence[Word],
        min: bool | None = False,
        max: bool | None = False,
        count: int | None = 1,
    ) -> Any:
        """Take members out of the first sorted set that has some; return its key and them."""
        words = [*_end(min, max), *options(count=None if count == 1 else count)]
        return self._run(plain, b"ZMPOP", num_keys, *keys, *words)

    def zrandmember(self, key: Word, count: int | None = None, withscores: bool = False) -> Any:
        """Return some member, or a list of them, perhaps each with its score behind it."""
        words = [*([] if count is None else [count]), *flags(withscores=withscores)]
        return self._run(_flat, b"ZRANDMEMBER", key, *words)

    def zscan(
        self,
        name: Word,
        cursor: int = 0,
        match: Word | None = None,
        count: int | None = None,
        score_cast_func: Cast = float,
    ) -> Any:
        """Return the next cursor, 0 at the end, and some (member, score) pairs."""
        words = options(match=match, count=count)
        return self._run(scanned_scores(score_cast_func), b"ZSCAN", name, cursor, *words)

    # Waiting until there is something

    def bzpopmin(self, keys: Keys, timeout: float | None = 0) -> Any:
        """Take out the member with the lowest score; return (key, member, score), or None."""
        return self._run_waiting(popped, b"BZPOPMIN", *listed(keys), timeout or 0)

    def bzpopmax(self, keys: Keys, timeout: float | None = 0) -> Any:
        """Take out the member with the highest score; return (key, member, score), or None."""
        return self._run_waiting(popped, b"BZPOPMAX", *listed(keys), timeout or 0)

    def bzmpop(
        self,
        timeout: float,
        numkeys: int,
        keys: Sequence[Word],
        min: bool | None = False,
        max: bool | None = False,
        count: int | None = 1,
    ) -> Any:
        """Take members out of the first sorted set that has some; return its key and them."""
        words = [*_end(min, max), *options(count=count)]
        return self._run_waiting(plain, b"BZMPOP", timeout, numkeys, *keys, *words)

    # Several sorted sets

    def zdiff(self, keys: Sequence[Word], withscores: bool = False) -> Any:
        """Return what is in the first only; with scores as a flat list."""
        words = flags(withscores=withscores)
        return self._run(_flat, b"ZDIFF", len(keys), *keys, *words)

    def zdiffstore(self, dest: Word, keys: Sequence[Word]) -> Any:
        """Store what is in the first only; return how many."""
        return self._run(None, b"ZDIFFSTORE", dest, len(keys), *keys)

    def zinter(
        self,
        keys: Sequence[Word] | Mapping[Any, float],
        aggregate: str | None = None,
        withscores: bool = False,
    ) -> Any:
        """Return what is in all; ``keys`` may be a mapping to weights."""
        words = [*_several(keys, aggregate), *flags(withscores=withscores)]
        return self._run(_with(withscores, float), b"ZINTER", *words)

    def zinterstore(
        self,
        dest: Word,
        keys: Sequence[Word] | Mapping[Any, float],
        aggregate: str | None = None,
    ) -> Any:
        """Store what is in all; return how many."""
        return self._run(None, b"ZINTERSTORE", dest, *_several(keys, aggregate))

    def zintercard(self, numkeys: int, keys: Sequence[Word], limit: int = 0) -> Any:
        """Return how much is in all, at most ``limit`` if it is not 0."""
        return self._run(None, b"ZINTERCARD", numkeys, *keys, b"LIMIT", limit)

    def zunion(
        self,
        keys: Sequence[Word] | Mapping[Any, float],
        aggregate: str | None = None,
        withscores: bool = False,
        score_cast_func: Cast = float,
    ) -> Any:
        """Return what is in any; ``keys`` may be a mapping to weights."""
        words = [*_several(keys, aggregate), *flags(withscores=withscores)]
        return self._run(_with(withscores, score_cast_func), b"ZUNION", *words)

    def zunionstore(
        self,
        dest: Word,
        keys: Sequence[Word] | Mapping[Any, float],
        aggregate: str | None = None,
    ) -> Any:
        """Store what is in any; return how many."""
        return self._run(None, b"ZUNIONSTORE", dest, *_several(keys, aggregate))


class SortedRanges(Runner, Protocol):
    """The ranges of sorted sets, by rank, score or the order of bytes."""

    def zrange(
        self,
        name: Word,
        start: Word,
        end: Word,
        desc: bool = False,
        withscores: bool = False,
        score_cast_func: Cast = float,
        byscore: bool = False,
        bylex: bool = False,
        offset: int | None = None,
        num: int | None = None,
    ) -> Any:
        """Return the members between two ranks, scores or members, in order or against it."""
        words = _range(start, end, desc, byscore, bylex, offset, num)
        words += flags(withscores=withscores)
        return self._run(_with(withscores, score_cast_func), b"ZRANGE", name, *words)

    def zrangestore(
        self,
        dest: Word,
        name: Word,
        start: Word,
        end: Word,
        byscore: bool = False,
        bylex: bool = False,
        desc: bool = False,
        offset: int | None = None,
        num: int | None = None,
    ) -> Any:
        """Store the members between two ranks, scores or members; return how many."""
        words = _range(start, end, desc, byscore, bylex, offset, num)
        return self._run(None, b"ZRANGESTORE", dest, name, *words)

    def zrevrange(
        self,
        name: Word,
        start: int,
        end: int,
        withscores: bool = False,
        score_cast_func: Cast = float,
    ) -> Any:
        """Return the members between two ranks, counted from the highest score."""
        words = flags(withscores=withscores)
        parse = _with(withscores, score_cast_func)
        return self._run(parse, b"ZREVRANGE", name, start, end, *words)

    def zrangebyscore(
        self,
        name: Word,
        min: Bound,
        max: Bound,
        start: int | None = None,
        num: int | None = None,
        withscores: bool = False,
        score_cast_func: Cast = float,
    ) -> Any:
        """Return the members with scores between two."""
        words = [*limit_words("start", start, num), *flags(withscores=withscores)]
        parse = _with(withscores, score_cast_func)
        return self._run(parse, b"ZRANGEBYSCORE", name, min, max, *words)

    def zrevrangebyscore(
        self,
        name: Word,
        max: Bound,
        min: Bound,
        start: int | None = None,
        num: int | None = None,
        withscores: bool = False,
        score_cast_func: Cast = float,
    ) -> Any:
        """Return the members with scores between two, highest first."""
        words = [*limit_words("start", start, num), *flags(withscores=withscores)]
        parse = _with(withscores, score_cast_func)
        return self._run(parse, b"ZREVRANGEBYSCORE", name, max, min, *words)

    def zrangebylex(
        self,
        name: Word,
        min: Word,
        max: Word,
        start: int | None = None,
        num: int | None = None,
    ) -> Any:
        """Return the members between two, in the order of their bytes."""
        words = limit_words("start", start, num)
        return self._run(plain, b"ZRANGEBYLEX", name, min, max, *words)

    def zrevrangebylex(
        self,
        name: Word,
        max: Word,
        min: Word,
        start: int | None = None,
        num: int | None = None,
    ) -> Any:
        """Return the members between two, against the order of their bytes."""
        words = limit_words("start", start, num)
        return self._run(plain, b"ZREVRANGEBYLEX", name, max, min, *words)

    def zremrangebyrank(self, name: Word, min: int, max: int) -> Any:
        """Take out the members between two ranks; return how many."""
        return self._run(None, b"ZREMRANGEBYRANK", name, min, max)

    def zremrangebyscore(self, name: Word, min: Bound, max: Bound) -> Any:
        """Take out the members with scores between two; return how many."""
        return self._run(None, b"ZREMRANGEBYSCORE", name, min, max)

    def zremrangebylex(self, name: Word, min: Word, max: Word) -> Any:
        """Take out the members between two in the order of their bytes; return how many."""
        return self._run(None, b"ZREMRANGEBYLEX", name, min, max)


def _with(withscores: bool, cast: Cast) -> Parse:
    return scored(cast) if withscores else plain


def _end(min: bool | None, max: bool | None) -> list[Word]:
    if bool(min) == bool(max):
        raise InvalidValue("one of min and max must be true")
    return [b"MIN" if min else b"MAX"]


def _several(keys: Iterable[Word] | Mapping[Any, float], aggregate: str | None) -> list[Any]:
    names = list(keys)
    words: list[Any] = [len(names), *names]
    if isinstance(keys, Mapping):
        words += (b"WEIGHTS", *keys.values())
    return words + options(aggregate=aggregate)


def _range(
    start: Word,
    end: Word,
    desc: bool,
    byscore: bool,
    bylex: bool,
    offset: int | None,
    num: int | None,
) -> list[Any]:
    words = [start, end, *flags(byscore=byscore, bylex=bylex, rev=desc)]
    return words + limit_words("offset", offset, num)


def _flat(reply: Any) -> Any:
    words = plain(reply)
    if words and isinstance(words[0], list):
        return [word for pair in words for word in pair]
    return words
