"""The commands on sets."""

from __future__ import annotations

from collections.abc import Callable

from fivefold.languages.redis.arguments import bad_value, parse_int, syntax_error
from fivefold.languages.redis.command import Command, Handler, reading, writing
from fivefold.languages.redis.commands.elements import (
    SCANNED_WHOLE_MAX,
    changed,
    parse_count,
    parse_cursor,
    parse_draw,
    scan_options,
)
from fivefold.languages.redis.context import Context
from fivefold.models.keyvalue.entries import Entry
from fivefold.models.keyvalue.layout import SET
from fivefold.models.keyvalue.slots import MEMBERS
from fivefold.values.replies import Reply

Members = dict[bytes, None]
"""A set that keeps its order, so that answers are the same from run to run."""


def _find(context: Context, key: bytes) -> Entry | None:
    return context.space.entry(key, SET, context.now_ms)


def sadd(context: Context, args: list[bytes]) -> Reply:
    """Add members; return how many are new."""
    space = context.space
    context.expect(len(args) - 2)
    entry = _find(context, args[1])
    if entry is None:
        entry = space.make(args[1], SET, context.stamp())
        MEMBERS.add_new(space, entry, [(member,) for member in dict.fromkeys(args[2:])])
        added = entry.count
    elif len(args) == 3:
        added = int(MEMBERS.add(space, entry, args[2]))
    else:
        added = sum([MEMBERS.add(space, entry, member) for member in args[2:]])
    if added:
        changed(context, entry, "s", "sadd")
    return added


def srem(context: Context, args: list[bytes]) -> Reply:
    """Delete members; return how many were there."""
    entry = _find(context, args[1])
    if entry is None:
        return 0
    context.expect(len(args) - 2)
    deleted = sum([MEMBERS.discard(context.space, entry, member) for member in args[2:]])
    if deleted:
        changed(context, entry, "s", "srem")
    return deleted


def smove(context: Context, args: list[bytes]) -> Reply:
    """Take a member from one set to another."""
    space = context.space
    source = _find(context, args[1])
    if source is None:
        return 0
    target = _find(context, args[2])
    if args[1] == args[2]:
        return int(MEMBERS.has(space, source, args[3]))
    if not MEMBERS.discard(space, source, args[3]):
        return 0
    changed(context, source, "s", "srem")
    target = target or space.make(args[2], SET, context.stamp())
    if MEMBERS.add(space, target, args[3]):
        changed(context, target, "s", "sadd")
    return 1


def sismember(context: Context, args: list[bytes]) -> Reply:
    """Say whether something is a member."""
    entry = _find(context, args[1])
    return int(entry is not None and MEMBERS.has(context.space, entry, args[2]))


def smismember(context: Context, args: list[bytes]) -> Reply:
    """Say of several things whether they are members."""
    entry = _find(context, args[1])
    context.expect(len(args) - 2)
    return [
        int(entry is not None and MEMBERS.has(context.space, entry, member)) for member in args[2:]
    ]


def scard(context: Context, args: list[bytes]) -> Reply:
    """Return the number of members."""
    entry = _find(context, args[1])
    return 0 if entry is None else entry.count


def spop(context: Context, args: list[bytes]) -> Reply:
    """Take members at random."""
    if len(args) > 3:
        raise syntax_error()
    count = parse_count(args[2]) if len(args) == 3 else 1
    entry = _find(context, args[1])
    if entry is None:
        return None if len(args) == 2 else set()
    if count == 0:
        return set()
    context.expect(min(count, entry.count))
    taken = [member for (member,) in MEMBERS.pop(context.space, entry, count)]
    changed(context, entry, "s", "spop")
    return taken[0] if len(args) == 2 else set(taken)


def srandmember(context: Context, args: list[bytes]) -> Reply:
    """Return members at random, each once, or several times if the count is negative."""
    if len(args) > 3:
        raise syntax_error()
    if len(args) == 2:
        entry = _find(context, args[1])
        return None if entry is None else MEMBERS.draw(context.space, entry, 1)[0][0]
    count = parse_draw(args[2])
    entry = _find(context, args[1])
    if entry is None or count == 0:
        return []
    context.expect(min(count, entry.count) if count > 0 else -count)
    draw = MEMBERS.draw if count > 0 else MEMBERS.draw_with_repeats
    return [member for (member,) in draw(context.space, entry, abs(count))]


def sscan(context: Context, args: list[bytes]) -> Reply:
    """Return some members, and the cursor for more of them."""
    cursor = parse_cursor(args[2])
    entry = _find(context, args[1])
    if entry is None:
        return [b"0", []]
    matches, count, _ = scan_options(args[3:])
    if entry.count <= SCANNED_WHOLE_MAX:
        count = entry.count + 1
    context.expect(count)
    following, rows = MEMBERS.scan(context.space, entry, cursor, count)
    return [b"%d" % following, [member for (member,) in rows if matches(member)]]


def _members(context: Context, entry: Entry | None) -> Members:
    if entry is None:
        return {}
    return dict.fromkeys(member for (member,) in MEMBERS.all(context.space, entry))


def smembers(context: Context, args: list[bytes]) -> Reply:
    """Return all members."""
    entry = _find(context, args[1])
    context.expect(0 if entry is None else entry.count)
    return set(_members(context, entry))


# Several sets

Entries = list[Entry | None]


def _entries(context: Context, keys: list[bytes]) -> Entries:
    """Return the sets at ``keys``; says that all their members are to be looked at."""
    entries = [_find(context, key) for key in keys]
    context.expect(sum(entry.count for entry in entries if entry is not None))
    return entries


def _intersection(context: Context, entries: Entries) -> Members:
    if any(entry is None for entry in entries):
        return {}
    first, *others = sorted((entry for entry in entries if entry), key=lambda entry: entry.count)
    common = _members(context, first)
    for other in others:
        if len(common) * 4 < other.count:
            common = {
                member: None for member in common if MEMBERS.has(context.space, other, member)
            }
        else:
            theirs = _members(context, other)
            common = {member: None for member in common if member in theirs}
    return common


def _union(context: Context, entries: Entries) -> Members:
    united: Members = {}
    for entry in entries:
        united |= _members(context, entry)
    return united


def _difference(context: Context, entries: Entries) -> Members:
    left = _members(context, entries[0])
    for entry in entries[1:]:
        for member in _members(context, entry):
            left.pop(member, None)
    return left


Combine = Callable[[Context, Entries], Members]


def _answering(combine: Combine) -> Handler:
    def handler(context: Context, args: list[bytes]) -> Reply:
        """Return what these sets make together."""
        return set(combine(context, _entries(context, args[1:])))

    return handler


def _storing(combine: Combine, event: str) -> Handler:
    def handler(context: Context, args: list[bytes]) -> Reply:
        """Store what these sets make together; return how many members that is."""
        return store(context, args[1], combine(context, _entries(context, args[2:])), event)

    return handler


def store(context: Context, key: bytes, members: Members, event: str) -> int:
    """Make ``key`` the set of these members, whatever it was; without any it vanishes."""
    space = context.space
    if not members:
        if space.delete(key, context.now_ms):
            context.notify("g", "del", key)
        return 0
    entry = space.make(key, SET, context.stamp())
    MEMBERS.add_new(space, entry, [(member,) for member in members])
    changed(context, entry, "s", event)
    return entry.count


def sintercard(context: Context, args: list[bytes]) -> Reply:
    """Return how many members several sets have in common, counting up to a limit."""
    number = parse_int(args[1], "numkeys should be greater than 0", low=1)
    if number > len(args) - 2:
        raise bad_value("Number of keys can't be greater than number of args")
    limit, at = 0, 2 + number
    while at < len(args):
        if args[at].upper() != b"LIMIT" or at + 1 == len(args):
            raise syntax_error()
        limit = parse_int(args[at + 1], "LIMIT can't be negative", low=0)
        at += 2
    count = len(_intersection(context, _entries(context, args[2 : 2 + number])))
    return min(count, limit) if limit else count


def _several(name: str, combine: Combine) -> Command:
    return Command(name, _answering(combine), -2, ("readonly",), 1, -1, 1)


def _store(name: str, combine: Combine) -> Command:
    return Command(name, _storing(combine, name), -3, ("write", "denyoom"), 1, -1, 1)


COMMANDS = (
    writing("sadd", sadd, -3, "denyoom", "fast"),
    reading("scard", scard, 2, "fast"),
    _several("sdiff", _difference),
    _store("sdiffstore", _difference),
    _several("sinter", _intersection),
    Command("sintercard", sintercard, -3, ("readonly", "movablekeys")),
    _store("sinterstore", _intersection),
    reading("sismember", sismember, 3, "fast"),
    reading("smembers", smembers, 2),
    reading("smismember", smismember, -3, "fast"),
    Command("smove", smove, 4, ("write", "fast"), 1, 2, 1),
    writing("spop", spop, -2, "fast"),
    reading("srandmember", srandmember, -2),
    writing("srem", srem, -3, "fast"),
    reading("sscan", sscan, -3),
    _several("sunion", _union),
    _store("sunionstore", _union),
)
