"""The commands that look at members of a sorted set at random, or at all of them in turn."""

from __future__ import annotations

import random
from hashlib import blake2b

from fivefold.languages.redis.arguments import INT64_MAX, bad_value, syntax_error
from fivefold.languages.redis.command import Command
from fivefold.languages.redis.commands.elements import (
    SCANNED_WHOLE_MAX,
    parse_cursor,
    parse_draw,
    scan_options,
)
from fivefold.languages.redis.commands.sorted_sets import find, scored
from fivefold.languages.redis.context import Context
from fivefold.models.keyvalue.sorted_sets import Scored, SortedSet
from fivefold.values.replies import Reply, format_double


def zrandmember(context: Context, args: list[bytes]) -> Reply:
    """Return members at random, each once, or several times if the count is negative."""
    if len(args) == 2:
        found = find(context, args[1])
        return None if found is None else _draw(found, [random.randrange(found.entry.count)])[0][0]
    count = parse_draw(args[2])
    if len(args) > 4 or (len(args) == 4 and args[3].lower() != b"withscores"):
        raise syntax_error()
    with_scores = len(args) == 4
    if with_scores and abs(count) > INT64_MAX // 2:
        raise bad_value("value is out of range")
    found = find(context, args[1])
    if found is None or count == 0:
        return []
    size = found.entry.count
    context.expect(min(count, size) if count > 0 else -count)
    if count >= size:
        drawn = found.members(reverse=True)  # as redis-server has them
    elif count > 0:
        drawn = _draw(found, random.sample(range(size), count))
    else:
        drawn = _draw(found, random.choices(range(size), k=-count))
    return scored(context, drawn, with_scores)


def _draw(found: SortedSet, ranks: list[int]) -> list[Scored]:
    if len(ranks) * 4 > found.entry.count:
        members = found.members()
        return [members[rank] for rank in ranks]
    return [found.slice(rank, rank)[0] for rank in ranks]


class Cursors:
    """Where scans of large sets go on: after a member, of which the cursor is a hash.

    A cursor that is not remembered is looked for among the members; if its member has
    gone as well, the scan begins anew, and so misses nothing.
    """

    REMEMBERED_MAX = 10_000
    BITS = 52

    def __init__(self) -> None:
        self._members: dict[tuple[int, int], bytes] = {}

    def forget(self) -> None:
        """Forget all cursors."""
        self._members.clear()

    def make(self, id_: int, member: bytes) -> int:
        """Return the cursor that says "after this member"."""
        cursor = self._hash(member)
        known = self._members.pop((id_, cursor), member)
        self._members[id_, cursor] = min(known, member)  # of two with one hash the first
        while len(self._members) > self.REMEMBERED_MAX:
            self._members.pop(next(iter(self._members)), None)
        return cursor

    def find(self, context: Context, found: SortedSet, cursor: int) -> bytes | None:
        """Return the member after which to go on, None for before the first."""
        member = self._members.get((found.entry.id, cursor))
        if member is None and cursor:
            context.expect(found.entry.count)
            members = found.after(None, found.entry.count)
            return next((each for each, _ in members if self._hash(each) == cursor), None)
        return member

    def _hash(self, member: bytes) -> int:
        digest = blake2b(member, digest_size=8).digest()
        return int.from_bytes(digest, "big") % (1 << self.BITS) or 1


CURSORS = Cursors()


def zscan(context: Context, args: list[bytes]) -> Reply:
    """Return some members with their scores, and the cursor for more of them."""
    cursor = parse_cursor(args[2])
    found = find(context, args[1])
    if found is None:
        return [b"0", []]
    matches, count, _ = scan_options(args[3:])
    following = 0
    if found.entry.count <= SCANNED_WHOLE_MAX:
        members = found.members()
    else:
        context.expect(min(count, found.entry.count))
        members = found.after(CURSORS.find(context, found, cursor), count)
        if len(members) == count:
            following = CURSORS.make(found.entry.id, members[-1][0])
    shown = _in_full if found.entry.count <= SCANNED_WHOLE_MAX else format_double
    pairs = [(member, shown(score)) for member, score in members if matches(member)]
    return [b"%d" % following, [part for pair in pairs for part in pair]]


def _in_full(score: float) -> bytes:
    """Return a score as redis-server keeps it in a small set: an integer has all its digits."""
    is_integer = abs(score) <= INT64_MAX // 2 and score == int(score)
    return b"%d" % int(score) if is_integer else format_double(score)


COMMANDS = (
    Command("zrandmember", zrandmember, -2, ("readonly",), 1, 1, 1),
    Command("zscan", zscan, -3, ("readonly",), 1, 1, 1),
)
