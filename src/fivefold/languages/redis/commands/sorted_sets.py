"""The commands on the members of one sorted set, and those that take members out of the first
of several."""

from __future__ import annotations

from dataclasses import dataclass

from fivefold.languages.redis.arguments import (
    bad_value,
    parse_int,
    syntax_error,
)
from fivefold.languages.redis.blocking import block, parse_timeout
from fivefold.languages.redis.command import Command, reading, writing
from fivefold.languages.redis.commands.elements import (
    changed,
    parse_count,
)
from fivefold.languages.redis.context import Context
from fivefold.languages.redis.doubles import parse_double
from fivefold.models.keyvalue import sorted_sets
from fivefold.models.keyvalue.sorted_sets import ALL, Scored, SortedSet
from fivefold.values.replies import NIL_ARRAY, Reply

_SCORE_STARTS = frozenset(b"0123456789-+.")


@dataclass(slots=True)
class Conditions:
    """The options of ZADD: when a member is added, and what the answer counts."""

    nx: bool = False
    xx: bool = False
    gt: bool = False
    lt: bool = False
    ch: bool = False
    incr: bool = False


_NONE = Conditions()


def find(context: Context, key: bytes) -> SortedSet | None:
    """Return the sorted set at a key, or None. Raises ``wrong_kind``."""
    return sorted_sets.find(context.space, key, context.now_ms)


def scored(context: Context, members: list[Scored], with_scores: bool = True) -> list[Reply]:
    """Return members as a reply: pairs in RESP3, one after the other in RESP2."""
    if not with_scores:
        return [member for member, _ in members]
    if context.session.protocol == 2:
        return [part for pair in members for part in pair]
    return [list(pair) for pair in members]


# ZADD


def zadd(context: Context, args: list[bytes]) -> Reply:
    """Add members, or give them other scores; return how many are new."""
    if len(args) == 4 and args[2][:1] and args[2][0] in _SCORE_STARTS:
        return add(context, args[1], [(args[3], parse_double(args[2]))], _NONE)
    return _zadd(context, args, Conditions())


def zincrby(context: Context, args: list[bytes]) -> Reply:
    """Add to the score of a member, which is 0 if it is new."""
    return _zadd(context, args, Conditions(incr=True))


def _zadd(context: Context, args: list[bytes], conditions: Conditions) -> Reply:
    at = read_conditions(args, conditions, ("nx", "xx", "ch", "incr", "gt", "lt"))
    if at == len(args) or (len(args) - at) % 2:
        raise syntax_error()
    c = conditions
    if c.nx and c.xx:
        raise bad_value("XX and NX options at the same time are not compatible")
    if (c.nx and (c.gt or c.lt)) or (c.gt and c.lt):
        raise bad_value("GT, LT, and/or NX options at the same time are not compatible")
    if c.incr and len(args) - at > 2:
        raise bad_value("INCR option supports a single increment-element pair")
    pairs = [(args[at + 1], parse_double(args[at])) for at in range(at, len(args), 2)]
    return add(context, args[1], pairs, conditions)


def read_conditions(args: list[bytes], conditions: Conditions, allowed: tuple[str, ...]) -> int:
    """Read the options after the key; return the place of what follows."""
    at = 2
    while at < len(args):
        option = args[at].lower().decode("latin-1")
        if option not in allowed:
            break
        setattr(conditions, option, True)
        at += 1
    return at


def add(context: Context, key: bytes, pairs: list[Scored], conditions: Conditions) -> Reply:
    """Do what ZADD does with members and their scores, one after the other."""
    context.expect(len(pairs))
    found = find(context, key)
    if found is None and conditions.xx:
        return None if conditions.incr else 0
    old = {} if found is None else found.scores(list({member: None for member, _ in pairs}))
    new: dict[bytes, float] = {}
    added, last = 0, None
    changes = 0
    for member, score in pairs:
        current = new.get(member)
        current = old.get(member) if current is None else current
        last = _decide(score, current, conditions)
        if last is None or last == current:
            continue
        new[member] = last
        added += current is None
        changes += 1
    if new:
        if found is None:
            found = sorted_sets.make(context.space, key, new, context.stamp())
        else:
            found.put(new, {member: old[member] for member in new if member in old})
        changed(context, found.entry, "z", "zincr" if conditions.incr else "zadd")
    if conditions.incr:
        return last
    return changes if conditions.ch else added


def _decide(score: float, current: float | None, conditions: Conditions) -> float | None:
    """Return the score that a member is to have; None: nothing is to be done."""
    if current is None:
        return None if conditions.xx else score
    if conditions is _NONE:
        return score
    if conditions.nx:
        return None
    if conditions.incr:
        score += current
        if score != score:
            raise bad_value("resulting score is not a number (NaN)")
    if (conditions.lt and score >= current) or (conditions.gt and score <= current):
        return None
    return score


# Single members


def zrem(context: Context, args: list[bytes]) -> Reply:
    """Delete members; return how many were there."""
    found = find(context, args[1])
    if found is None:
        return 0
    context.expect(len(args) - 2)
    scores = found.scores(list(dict.fromkeys(args[2:])))
    if scores:
        found.remove(list(scores.items()))
        changed(context, found.entry, "z", "zrem")
    return len(scores)


def zcard(context: Context, args: list[bytes]) -> Reply:
    """Return the number of members."""
    found = find(context, args[1])
    return 0 if found is None else found.entry.count


def zscore(context: Context, args: list[bytes]) -> Reply:
    """Return the score of a member."""
    found = find(context, args[1])
    return None if found is None else found.score(args[2])


def zmscore(context: Context, args: list[bytes]) -> Reply:
    """Return the scores of several members."""
    found = find(context, args[1])
    context.expect(len(args) - 2)
    scores = {} if found is None else found.scores(args[2:])
    return [scores.get(member) for member in args[2:]]


def _rank(context: Context, args: list[bytes], reverse: bool) -> Reply:
    found = find(context, args[1])
    score = None if found is None else found.score(args[2])
    if found is None or score is None:
        return None
    rank = found.before((score, args[2]))
    return found.entry.count - 1 - rank if reverse else rank


def zrank(context: Context, args: list[bytes]) -> Reply:
    """Return how many members come before one."""
    return _rank(context, args, False)


def zrevrank(context: Context, args: list[bytes]) -> Reply:
    """Return how many members come after one."""
    return _rank(context, args, True)


# Taking members out at the ends


def _pop(context: Context, found: SortedSet, count: int, largest: bool) -> list[Scored]:
    context.expect(min(count, found.entry.count))
    if count == 1:
        members = [found.pop(largest=largest)]
    else:
        members = found.members(ALL, count, reverse=largest)
        found.remove(members)
    changed(context, found.entry, "z", "zpopmax" if largest else "zpopmin")
    return members


def _zpop(context: Context, args: list[bytes], largest: bool) -> Reply:
    if len(args) > 3:
        raise syntax_error()
    count = parse_count(args[2]) if len(args) == 3 else 1
    found = find(context, args[1])
    if found is None or count == 0:
        return []
    members = _pop(context, found, count, largest)
    return scored(context, members) if len(args) == 3 else list(members[0])


def zpopmin(context: Context, args: list[bytes]) -> Reply:
    """Take the members with the least scores."""
    return _zpop(context, args, False)


def zpopmax(context: Context, args: list[bytes]) -> Reply:
    """Take the members with the greatest scores."""
    return _zpop(context, args, True)


def _bzpop(context: Context, args: list[bytes], largest: bool) -> Reply:
    deadline_ms = parse_timeout(context, args[-1])
    keys = args[1:-1]
    for key in keys:
        found = find(context, key)
        if found is not None:
            return [key, *_pop(context, found, 1, largest)[0]]
    return block(context, keys, deadline_ms, NIL_ARRAY)


def bzpopmin(context: Context, args: list[bytes]) -> Reply:
    """Take the member with the least score of the first sorted set that has one."""
    return _bzpop(context, args, False)


def bzpopmax(context: Context, args: list[bytes]) -> Reply:
    """Take the member with the greatest score of the first sorted set that has one."""
    return _bzpop(context, args, True)


def _read_mpop(args: list[bytes], at: int) -> tuple[list[bytes], bool, int]:
    """Return the keys, whether the greatest are wanted, and how many, from ``args[at]`` on."""
    number = parse_int(args[at], "numkeys should be greater than 0", low=1)
    end = at + 1 + number
    if end >= len(args) or args[end].upper() not in (b"MIN", b"MAX"):
        raise syntax_error()
    options = args[end + 1 :]
    count = 1
    if options:
        if len(options) < 2 or options[0].upper() != b"COUNT":
            raise syntax_error()
        count = parse_int(options[1], "count should be greater than 0", low=1)
        if len(options) > 2:
            raise syntax_error()
    return args[at + 1 : end], args[end].upper() == b"MAX", count


def _mpop(context: Context, keys: list[bytes], largest: bool, count: int) -> Reply:
    """Return what was taken of the first set that has some, or None."""
    for key in keys:
        found = find(context, key)
        if found is not None:
            return [key, [list(pair) for pair in _pop(context, found, count, largest)]]
    return None


def zmpop(context: Context, args: list[bytes]) -> Reply:
    """Take members of the first of several sorted sets that has some."""
    popped = _mpop(context, *_read_mpop(args, 1))
    return NIL_ARRAY if popped is None else popped


def bzmpop(context: Context, args: list[bytes]) -> Reply:
    """Take members of the first of several sorted sets that has some."""
    keys, largest, count = _read_mpop(args, 2)
    deadline_ms = parse_timeout(context, args[1])
    popped = _mpop(context, keys, largest, count)
    return block(context, keys, deadline_ms, NIL_ARRAY) if popped is None else popped


_BLOCKING = ("write", "noscript", "blocking", "fast")

COMMANDS = (
    Command("bzmpop", bzmpop, -5, ("write", "blocking", "movablekeys")),
    Command("bzpopmax", bzpopmax, -3, _BLOCKING, 1, -2, 1),
    Command("bzpopmin", bzpopmin, -3, _BLOCKING, 1, -2, 1),
    writing("zadd", zadd, -4, "denyoom", "fast"),
    reading("zcard", zcard, 2, "fast"),
    writing("zincrby", zincrby, 4, "denyoom", "fast"),
    Command("zmpop", zmpop, -4, ("write", "movablekeys")),
    reading("zmscore", zmscore, -3, "fast"),
    writing("zpopmax", zpopmax, -2, "fast"),
    writing("zpopmin", zpopmin, -2, "fast"),
    reading("zrank", zrank, 3, "fast"),
    writing("zrem", zrem, -3, "fast"),
    reading("zrevrank", zrevrank, 3, "fast"),
    reading("zscore", zscore, 3, "fast"),
)
