"""The commands on ranges of a sorted set: by rank, by score, by the bytes of members."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from fivefold.languages.redis.arguments import bad_value, parse_int, syntax_error
from fivefold.languages.redis.command import Command, Handler, reading
from fivefold.languages.redis.commands.elements import changed
from fivefold.languages.redis.commands.sorted_sets import find, scored
from fivefold.languages.redis.context import Context
from fivefold.languages.redis.doubles import parse_bound
from fivefold.models.keyvalue import sorted_sets
from fivefold.models.keyvalue.blocks import START
from fivefold.models.keyvalue.sorted_sets import ALL, NO_LIMIT, Range, Scored, SortedSet
from fivefold.values.replies import Reply

Bounds = tuple[bytes, bytes]
"""The least and the greatest as the client spelled them."""

LexRange = tuple[bytes, bytes | None]
"""From the one member up to, and without, the other; None: to the end."""

NOTHING: Range = ((math.inf, b""), START)
_NO_LEX: LexRange = (b"\0", b"")

Select = Callable[[Context, SortedSet, bool, int, int], list[Scored]]
"""From (context, set, whether backwards, how many to skip, how many at most) to members."""


# Ranges by rank


def parse_ranks(bounds: Bounds) -> tuple[int, int]:
    """Return the two ranks as they are spelled."""
    return parse_int(bounds[0]), parse_int(bounds[1])


def ranks_within(ranks: tuple[int, int], count: int) -> tuple[int, int]:
    """Return two ranks in a set of ``count``, counted from its start, the first after the last
    if no member lies between them."""
    first, last = (rank + count if rank < 0 else rank for rank in ranks)
    return max(first, 0), min(last, count - 1)


def _by_rank(bounds: Bounds) -> Select:
    ranks = parse_ranks(bounds)

    def select(
        context: Context, found: SortedSet, reverse: bool, skip: int, limit: int
    ) -> list[Scored]:
        count = found.entry.count
        first, last = ranks_within(ranks, count)
        if first > last:
            return []
        context.expect(last - first + 1)
        if not reverse:
            return found.slice(first, last)
        return found.slice(count - 1 - last, count - 1 - first)[::-1]

    return select


# Ranges by score


def parse_scores(bounds: Bounds) -> Range:
    """Return the range of positions between two scores."""
    low, high = (_score_bound(word) for word in bounds)
    (least, after_least), (greatest, before_greatest) = low, high
    if (after_least and least == math.inf) or math.isnan(least):
        return NOTHING
    start = math.nextafter(least, math.inf) if after_least else least
    if before_greatest:
        return (start, b""), (greatest, b"")
    if greatest == math.inf:
        return (start, b""), None
    return (start, b""), (math.nextafter(greatest, math.inf), b"")


def _score_bound(word: bytes) -> tuple[float, bool]:
    """Return a bound, and whether it is itself left out."""
    excluded = word.startswith(b"(")
    value = parse_bound(word[excluded:])
    if value is None:
        raise bad_value("min or max is not a float")
    return value, excluded


def expect(context: Context, found: SortedSet, range_: Range, skip: int, limit: int) -> None:
    """Say how many members of a range are going to be looked at."""
    count = found.entry.count
    if found.entry.state is not None:  # a large one: it is worth a look
        count = found.count(range_)
    context.expect(min(count, skip + limit))


def _by_score(bounds: Bounds) -> Select:
    range_ = parse_scores(bounds)

    def select(
        context: Context, found: SortedSet, reverse: bool, skip: int, limit: int
    ) -> list[Scored]:
        expect(context, found, range_, skip, limit)
        return found.members(range_, limit, skip, reverse=reverse)

    return select


# Ranges by member


def parse_lex(bounds: Bounds) -> LexRange:
    """Return the range of members between two."""
    low, high = (_lex_bound(word) for word in bounds)
    least = low if isinstance(low, bytes) else low.member + b"\0" * low.excluded
    if least == b"+" and isinstance(low, bytes):
        return _NO_LEX
    if isinstance(high, bytes):
        return _NO_LEX if high == b"-" else (_start(low), None)
    return _start(low), high.member + b"\0" * (not high.excluded)


@dataclass(frozen=True, slots=True)
class _LexBound:
    member: bytes
    excluded: bool


def _lex_bound(word: bytes) -> _LexBound | bytes:
    """Return a bound, or ``-`` or ``+`` for before and after all members."""
    if word[:1] in (b"(", b"["):
        return _LexBound(word[1:], word[:1] == b"(")
    if word[:1] in (b"-", b"+") and word[1:2] in (b"", b"\0"):
        return word[:1]
    raise bad_value("min or max not valid string range item")


def _start(low: _LexBound | bytes) -> bytes:
    return b"" if isinstance(low, bytes) else low.member + b"\0" * low.excluded


def _positions(found: SortedSet, lex: LexRange) -> Range | None:
    """Return the range of positions, if all members have one score, as they are meant to."""
    if lex == _NO_LEX:
        return NOTHING
    score, last = found.members(ALL, 1)[0][1], found.members(ALL, 1, reverse=True)[0][1]
    if score != last:
        return None
    low, high = lex
    return (score, low), (None if high is None else (score, high))


def _walked(context: Context, found: SortedSet, lex: LexRange, reverse: bool) -> list[Scored]:
    """Return a range of members whose scores differ: what redis-server finds in a small set.

    It goes to the first member that is not too small and takes all up to the first too great.
    """
    context.expect(found.entry.count)
    low, high = lex
    members = found.members()
    if members[-1][0] < low or (high is not None and members[0][0] >= high):
        return []

    def is_early(member: bytes) -> bool:
        return member < low

    def is_late(member: bytes) -> bool:
        return high is not None and member >= high

    skipped, ends = (is_late, is_early) if reverse else (is_early, is_late)
    taken: list[Scored] = []
    for pair in reversed(members) if reverse else members:
        if taken or not skipped(pair[0]):
            if ends(pair[0]):
                break
            taken.append(pair)
    return taken


def _by_lex(bounds: Bounds) -> Select:
    lex = parse_lex(bounds)

    def select(
        context: Context, found: SortedSet, reverse: bool, skip: int, limit: int
    ) -> list[Scored]:
        range_ = _positions(found, lex)
        if range_ is None:
            return _walked(context, found, lex, reverse)[skip : skip + limit]
        expect(context, found, range_, skip, limit)
        return found.members(range_, limit, skip, reverse=reverse)

    return select


# ZRANGE and its older forms

_SELECTS: dict[str, Callable[[Bounds], Select]] = {
    "rank": _by_rank,
    "score": _by_score,
    "lex": _by_lex,
}


@dataclass(slots=True)
class _Options:
    """What is asked for; ``by`` and ``reverse`` are None while they may still be chosen."""

    by: str | None
    reverse: bool | None
    stores: bool
    with_scores: bool = False
    skip: int = 0
    limit: int = -1


def _read_options(words: list[bytes], options: _Options) -> None:
    at = 0
    while at < len(words):
        word = words[at].lower()
        if word == b"withscores" and not options.stores:
            options.with_scores = True
        elif word == b"limit" and len(words) - at > 2:
            options.skip, options.limit = parse_int(words[at + 1]), parse_int(words[at + 2])
            at += 2
        elif word == b"rev" and options.reverse is None:
            options.reverse = True
        elif word in (b"bylex", b"byscore") and options.by is None:
            options.by = word[2:].decode()
        else:
            raise syntax_error()
        at += 1
    if options.limit != -1 and options.by in (None, "rank"):
        raise bad_value(
            "syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX"
        )
    if options.with_scores and options.by == "lex":
        raise bad_value("syntax error, WITHSCORES not supported in combination with BYLEX")


def _select(context: Context, args: list[bytes], at: int, options: _Options) -> list[Scored]:
    """Return the members asked for by ``args[at]``, the key, and what follows it."""
    _read_options(args[at + 3 :], options)
    by, reverse = options.by or "rank", bool(options.reverse)
    low, high = args[at + 1], args[at + 2]
    select = _SELECTS[by]((high, low) if reverse and by != "rank" else (low, high))
    found = find(context, args[at])
    if found is None or options.skip < 0:
        return []
    limit = NO_LIMIT if options.limit < 0 else options.limit
    return select(context, found, reverse, options.skip, limit)


def _range(context: Context, args: list[bytes], by: str | None, reverse: bool | None) -> Reply:
    options = _Options(by, reverse, stores=False)
    return scored(context, _select(context, args, 1, options), options.with_scores)


def zrange(context: Context, args: list[bytes]) -> Reply:
    """Return a range of members, by rank, score or bytes, in either order."""
    return _range(context, args, None, None)


def zrevrange(context: Context, args: list[bytes]) -> Reply:
    """Return a range of members by rank, the greatest score first."""
    return _range(context, args, "rank", True)


def zrangebyscore(context: Context, args: list[bytes]) -> Reply:
    """Return the members between two scores."""
    return _range(context, args, "score", False)


def zrevrangebyscore(context: Context, args: list[bytes]) -> Reply:
    """Return the members between two scores, the greatest first."""
    return _range(context, args, "score", True)


def zrangebylex(context: Context, args: list[bytes]) -> Reply:
    """Return the members between two, where all scores are the same."""
    return _range(context, args, "lex", False)


def zrevrangebylex(context: Context, args: list[bytes]) -> Reply:
    """Return the members between two, the last first, where all scores are the same."""
    return _range(context, args, "lex", True)


def zrangestore(context: Context, args: list[bytes]) -> Reply:
    """Make a range of members of one sorted set another."""
    members = _select(context, args, 2, _Options(None, None, stores=True))
    return store(context, args[1], dict(members), "zrangestore")


def store(context: Context, key: bytes, scores: dict[bytes, float], event: str) -> int:
    """Make a key the sorted set of these members; of none, delete it. Return how many."""
    if scores:
        made = sorted_sets.make(context.space, key, scores, context.stamp())
        changed(context, made.entry, "z", event)
    elif context.space.delete(key, context.now_ms):
        context.notify("g", "del", key)
    return len(scores)


# Counting and deleting


def zcount(context: Context, args: list[bytes]) -> Reply:
    """Return how many members lie between two scores."""
    range_ = parse_scores((args[2], args[3]))
    found = find(context, args[1])
    return 0 if found is None else found.count(range_)


def zlexcount(context: Context, args: list[bytes]) -> Reply:
    """Return how many members lie between two, where all scores are the same."""
    lex = parse_lex((args[2], args[3]))
    found = find(context, args[1])
    if found is None:
        return 0
    range_ = _positions(found, lex)
    return len(_walked(context, found, lex, False)) if range_ is None else found.count(range_)


def _remove(context: Context, args: list[bytes], by: str) -> Reply:
    select = _SELECTS[by]((args[2], args[3]))
    found = find(context, args[1])
    if found is None:
        return 0
    members = select(context, found, False, 0, NO_LIMIT)
    if members:
        found.remove(members)
        changed(context, found.entry, "z", f"zremrangeby{by}")
    return len(members)


def zremrangebyrank(context: Context, args: list[bytes]) -> Reply:
    """Delete the members between two ranks."""
    return _remove(context, args, "rank")


def zremrangebyscore(context: Context, args: list[bytes]) -> Reply:
    """Delete the members between two scores."""
    return _remove(context, args, "score")


def zremrangebylex(context: Context, args: list[bytes]) -> Reply:
    """Delete the members between two, where all scores are the same."""
    return _remove(context, args, "lex")


def _write(name: str, handler: Handler) -> Command:
    return Command(name, handler, 4, ("write",), 1, 1, 1)


COMMANDS = (
    reading("zcount", zcount, 4, "fast"),
    reading("zlexcount", zlexcount, 4, "fast"),
    reading("zrange", zrange, -4),
    reading("zrangebylex", zrangebylex, -4),
    reading("zrangebyscore", zrangebyscore, -4),
    Command("zrangestore", zrangestore, -5, ("write", "denyoom"), 1, 2, 1),
    _write("zremrangebylex", zremrangebylex),
    _write("zremrangebyrank", zremrangebyrank),
    _write("zremrangebyscore", zremrangebyscore),
    reading("zrevrange", zrevrange, -4),
    reading("zrevrangebylex", zrevrangebylex, -4),
    reading("zrevrangebyscore", zrevrangebyscore, -4),
)
