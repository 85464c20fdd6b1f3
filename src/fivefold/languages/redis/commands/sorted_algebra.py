"""The commands that unite, intersect and subtract sorted sets, and sets among them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from fivefold.languages.redis.arguments import bad_value, parse_int, syntax_error
from fivefold.languages.redis.command import Command
from fivefold.languages.redis.commands.sorted_ranges import store
from fivefold.languages.redis.commands.sorted_sets import scored
from fivefold.languages.redis.context import Context
from fivefold.languages.redis.doubles import parse_double
from fivefold.models.keyvalue.entries import Entry
from fivefold.models.keyvalue.layout import SET, SORTED_SET
from fivefold.models.keyvalue.slots import MEMBERS
from fivefold.models.keyvalue.sorted_sets import Scored, SortedSet
from fivefold.models.keyvalue.space import KeySpace, wrong_kind
from fivefold.values.replies import Reply

Aggregate = Callable[[float, float], float]


def _sum(so_far: float, score: float) -> float:
    total = so_far + score
    return total if total == total else 0.0  # of the two infinities


# Spelled out, as ``min`` and ``max`` would keep a score that is not a number.
AGGREGATES: dict[bytes, Aggregate] = {
    b"sum": _sum,
    b"min": lambda so_far, score: score if score < so_far else so_far,
    b"max": lambda so_far, score: score if score > so_far else so_far,
}

MET_ONE_BY_ONE_MIN = 8
"""A source so many times as large as the smallest is asked for its members, not read."""


@dataclass(slots=True)
class _Source:
    """One input: a sorted set, a set whose members all have the score 1, or nothing."""

    space: KeySpace
    entry: Entry | None
    weight: float = 1.0

    @property
    def count(self) -> int:
        return 0 if self.entry is None else self.entry.count

    def members(self) -> list[Scored]:
        if self.entry is None:
            return []
        if self.entry.kind == SET:
            return [(member, 1.0) for (member,) in MEMBERS.all(self.space, self.entry)]
        return SortedSet(self.space, self.entry).members()

    def scores(self, wanted: list[bytes]) -> dict[bytes, float]:
        """Return the scores of those of ``wanted`` that are members, perhaps with others."""
        if self.entry is None or len(wanted) * MET_ONE_BY_ONE_MIN > self.entry.count:
            return dict(self.members())
        if self.entry.kind == SORTED_SET:
            return SortedSet(self.space, self.entry).scores(wanted)
        return {name: 1.0 for name in wanted if MEMBERS.has(self.space, self.entry, name)}


@dataclass(slots=True)
class _Request:
    sources: list[_Source]
    aggregate: Aggregate = field(default=_sum)
    with_scores: bool = False
    limit: int = 0


def _read_request(context: Context, args: list[bytes], at: int, allowed: set[bytes]) -> _Request:
    """Read the number of keys at ``args[at]``, the keys and the options after them."""
    number = parse_int(args[at])
    name = args[0].lower().decode("latin-1")
    if number < 1:
        raise bad_value(f"at least 1 input key is needed for '{name}' command")
    if number > len(args) - at - 1:
        raise syntax_error()
    at += 1
    request = _Request([_source(context, key) for key in args[at : at + number]])
    at += number
    while at < len(args):
        option, left = args[at].lower(), len(args) - at - 1
        at += 1
        if option not in allowed:
            raise syntax_error()
        if option == b"weights" and left >= number:
            for source, word in zip(request.sources, args[at : at + number], strict=True):
                source.weight = parse_double(word, "weight value is not a float")
            at += number
        elif option == b"aggregate" and left and args[at].lower() in AGGREGATES:
            request.aggregate = AGGREGATES[args[at].lower()]
            at += 1
        elif option == b"limit" and left:
            request.limit = parse_int(args[at], "LIMIT can't be negative", low=0)
            at += 1
        elif option == b"withscores":
            request.with_scores = True
        else:
            raise syntax_error()
    context.expect(sum(source.count for source in request.sources))
    return request


def _source(context: Context, key: bytes) -> _Source:
    entry = context.space.find(key, context.now_ms)
    if entry is not None and entry.kind not in (SET, SORTED_SET):
        raise wrong_kind()
    return _Source(context.space, entry)


def _weighed(score: float, weight: float) -> float:
    product = score * weight
    return product if product == product else 0.0  # of zero and an infinity


def _by_count(source: _Source) -> int:
    return source.count


def unite(request: _Request) -> dict[bytes, float]:
    """Return all members, with the scores that they have in the several sources together."""
    result: dict[bytes, float] = {}
    for source in sorted(request.sources, key=_by_count):
        for member, score in source.members():
            weighed = _weighed(score, source.weight)
            known = result.get(member)
            result[member] = weighed if known is None else request.aggregate(known, weighed)
    return result


def intersect(request: _Request) -> dict[bytes, float]:
    """Return the members that every source has."""
    first, *others = sorted(request.sources, key=_by_count)
    result = {member: _weighed(score, first.weight) for member, score in first.members()}
    for source in others:
        if not result:
            break
        scores = source.scores(list(result))
        result = {
            member: request.aggregate(so_far, scores[member] * source.weight)
            for member, so_far in result.items()
            if member in scores
        }
    return result


def subtract(request: _Request) -> dict[bytes, float]:
    """Return the members of the first source that no other has."""
    first, *others = request.sources
    result = dict(first.members())
    for source in others:
        if not result:
            break
        gone = source.scores(list(result))
        result = {member: score for member, score in result.items() if member not in gone}
    return result


Operation = Callable[[_Request], dict[bytes, float]]

_WEIGHED = {b"weights", b"aggregate"}
_SHOWN = {b"withscores"}


def _show(context: Context, args: list[bytes], operation: Operation, allowed: set[bytes]) -> Reply:
    request = _read_request(context, args, 1, allowed)
    result = operation(request)
    ordered = sorted(result.items(), key=lambda pair: (pair[1], pair[0]))
    return scored(context, ordered, request.with_scores)


def _store(context: Context, args: list[bytes], operation: Operation, allowed: set[bytes]) -> Reply:
    request = _read_request(context, args, 2, allowed)
    return store(context, args[1], operation(request), args[0].lower().decode("latin-1"))


def zunion(context: Context, args: list[bytes]) -> Reply:
    """Return the members of several sorted sets."""
    return _show(context, args, unite, _WEIGHED | _SHOWN)


def zinter(context: Context, args: list[bytes]) -> Reply:
    """Return the members that several sorted sets have in common."""
    return _show(context, args, intersect, _WEIGHED | _SHOWN)


def zdiff(context: Context, args: list[bytes]) -> Reply:
    """Return the members of a sorted set that others do not have."""
    return _show(context, args, subtract, _SHOWN)


def zunionstore(context: Context, args: list[bytes]) -> Reply:
    """Make the members of several sorted sets one."""
    return _store(context, args, unite, _WEIGHED)


def zinterstore(context: Context, args: list[bytes]) -> Reply:
    """Make what several sorted sets have in common another."""
    return _store(context, args, intersect, _WEIGHED)


def zdiffstore(context: Context, args: list[bytes]) -> Reply:
    """Make the members of a sorted set that others do not have another."""
    return _store(context, args, subtract, set())


def zintercard(context: Context, args: list[bytes]) -> Reply:
    """Return how many members several sorted sets have in common."""
    request = _read_request(context, args, 1, {b"limit"})
    count = len(intersect(request))
    return min(count, request.limit) if request.limit else count


_READS = ("readonly", "movablekeys")
_WRITES = ("write", "denyoom", "movablekeys")

COMMANDS = (
    Command("zdiff", zdiff, -3, _READS),
    Command("zdiffstore", zdiffstore, -4, _WRITES, 1, 1, 1),
    Command("zinter", zinter, -3, _READS),
    Command("zintercard", zintercard, -3, _READS),
    Command("zinterstore", zinterstore, -4, _WRITES, 1, 1, 1),
    Command("zunion", zunion, -3, _READS),
    Command("zunionstore", zunionstore, -4, _WRITES, 1, 1, 1),
)
