"""The commands on lists that answer at once."""

from __future__ import annotations

from fivefold.languages.redis.arguments import bad_value, parse_int, syntax_error, wrong_count
from fivefold.languages.redis.command import Command, reading, writing
from fivefold.languages.redis.commands.elements import changed, parse_count
from fivefold.languages.redis.context import Context
from fivefold.models.keyvalue import lists
from fivefold.models.keyvalue.entries import Entry
from fivefold.models.keyvalue.layout import LIST
from fivefold.values.replies import NIL_ARRAY, Reply

ENDS = {b"LEFT": True, b"RIGHT": False}
"""The words for the ends of a list, to whether it is the left one."""


def find(context: Context, key: bytes) -> Entry | None:
    """Return the list at ``key``, or None. Raises ``wrong_kind``."""
    return context.space.entry(key, LIST, context.now_ms)


def parse_end(word: bytes) -> bool:
    """Return whether a word says LEFT."""
    end = ENDS.get(word.upper())
    if end is None:
        raise syntax_error()
    return end


def _push(context: Context, args: list[bytes], left: bool, only_if_there: bool) -> Reply:
    space = context.space
    entry = space.entry(args[1], LIST, context.now_ms)
    if entry is None:
        if only_if_there:
            return 0
        entry = space.make(args[1], LIST, context.stamp())
    lists.push(space, entry, args[2:], left=left)
    changed(context, entry, "l", "lpush" if left else "rpush")
    return entry.count


def lpush(context: Context, args: list[bytes]) -> Reply:
    """Add items at the left end, one after the other."""
    return _push(context, args, True, False)


def rpush(context: Context, args: list[bytes]) -> Reply:
    """Add items at the right end."""
    return _push(context, args, False, False)


def lpushx(context: Context, args: list[bytes]) -> Reply:
    """Add items at the left end of a list that is there."""
    return _push(context, args, True, True)


def rpushx(context: Context, args: list[bytes]) -> Reply:
    """Add items at the right end of a list that is there."""
    return _push(context, args, False, True)


def pop_one(context: Context, entry: Entry, left: bool) -> bytes:
    """Take the item at one end of a list that is there."""
    value = lists.pop(context.space, entry, left=left)
    changed(context, entry, "l", "lpop" if left else "rpop")
    return value


def pop_many(context: Context, entry: Entry, count: int, left: bool) -> list[bytes]:
    """Take at most ``count`` items, one at least, at one end of a list that is there."""
    context.expect(min(count, entry.count))
    values = lists.pop_many(context.space, entry, count, left=left)
    changed(context, entry, "l", "lpop" if left else "rpop")
    return values


def _pop(context: Context, args: list[bytes], left: bool) -> Reply:
    if len(args) > 3:
        raise wrong_count("lpop" if left else "rpop")
    count = parse_count(args[2]) if len(args) == 3 else None
    entry = find(context, args[1])
    if count is None:
        return None if entry is None else pop_one(context, entry, left)
    if entry is None:
        return NIL_ARRAY
    return [*pop_many(context, entry, count, left)] if count else []


def lpop(context: Context, args: list[bytes]) -> Reply:
    """Take items at the left end."""
    return _pop(context, args, True)


def rpop(context: Context, args: list[bytes]) -> Reply:
    """Take items at the right end."""
    return _pop(context, args, False)


def llen(context: Context, args: list[bytes]) -> Reply:
    """Return the number of items."""
    entry = find(context, args[1])
    return 0 if entry is None else entry.count


def span(start: int, end: int, count: int) -> range:
    """Return the indexes between two ends, both included; negative ones count from the end."""
    start = max(start + count, 0) if start < 0 else start
    end = end + count if end < 0 else end
    return range(start, min(end + 1, count))


def lrange(context: Context, args: list[bytes]) -> Reply:
    """Return the items of a range."""
    start, end = parse_int(args[2]), parse_int(args[3])
    entry = find(context, args[1])
    if entry is None:
        return []
    wanted = span(start, end, entry.count)
    if not wanted:
        return []
    context.expect(len(wanted))
    return lists.between(context.space, entry, wanted.start, wanted.stop)  # type: ignore[return-value]  # a list of bytes is a list of replies


def ltrim(context: Context, args: list[bytes]) -> Reply:
    """Delete all items but a range."""
    start, end = parse_int(args[2]), parse_int(args[3])
    entry = find(context, args[1])
    if entry is None:
        return "OK"
    kept = span(start, end, entry.count)
    if kept:
        context.expect(entry.count - len(kept))
        lists.keep(context.space, entry, kept.start, kept.stop)
    else:
        context.space.empty(entry)
    changed(context, entry, "l", "ltrim")
    return "OK"


def _index(word: bytes, entry: Entry) -> int | None:
    index = parse_int(word)
    index = index + entry.count if index < 0 else index
    return index if 0 <= index < entry.count else None


def lindex(context: Context, args: list[bytes]) -> Reply:
    """Return one item."""
    entry = find(context, args[1])
    if entry is None:
        return None
    index = _index(args[2], entry)
    return None if index is None else lists.at(context.space, entry, index)


def lset(context: Context, args: list[bytes]) -> Reply:
    """Overwrite one item."""
    entry = find(context, args[1])
    if entry is None:
        raise bad_value("no such key")
    index = _index(args[2], entry)
    if index is None:
        raise bad_value("index out of range")
    lists.put(context.space, entry, index, args[3])
    changed(context, entry, "l", "lset")
    return "OK"


def linsert(context: Context, args: list[bytes]) -> Reply:
    """Put an item before or after another."""
    where = args[2].upper()
    if where not in (b"BEFORE", b"AFTER"):
        raise syntax_error()
    entry = find(context, args[1])
    if entry is None:
        return 0
    context.expect(entry.count)
    for index, value in lists.walk(context.space, entry):
        if value == args[3]:
            lists.insert(context.space, entry, index + (where == b"AFTER"), args[4])
            changed(context, entry, "l", "linsert")
            return entry.count
    return -1


def lrem(context: Context, args: list[bytes]) -> Reply:
    """Delete items equal to a value: so many from the left, from the right, or all."""
    count = parse_int(args[2])
    entry = find(context, args[1])
    if entry is None:
        return 0
    context.expect(entry.count)
    found: list[int] = []
    for index, value in lists.walk(context.space, entry, backwards=count < 0):
        if value == args[3]:
            found.append(index)
            if len(found) == abs(count):
                break
    if found:
        lists.remove(context.space, entry, found)
        changed(context, entry, "l", "lrem")
    return len(found)


def lpos(context: Context, args: list[bytes]) -> Reply:
    """Return where a value is in a list."""
    rank, count, longest = _lpos_options(args)
    entry = find(context, args[1])
    found: list[int] = []
    if entry is not None:
        context.expect(min(entry.count, longest or entry.count))
        seen = 0
        for number, (index, value) in enumerate(
            lists.walk(context.space, entry, backwards=rank < 0), 1
        ):
            if value == args[2]:
                seen += 1
                if seen >= abs(rank):
                    found.append(index)
                if found and len(found) == (1 if count is None else count):
                    break
            if number == longest:
                break
    if count is None:
        return found[0] if found else None
    return [*found]


def _lpos_options(args: list[bytes]) -> tuple[int, int | None, int]:
    """Return the rank, the count (None: not asked for) and how many to compare (0: all)."""
    rank, count, longest = 1, None, 0
    for at in range(3, len(args), 2):
        option = args[at].upper()
        if at + 1 == len(args):
            raise syntax_error()
        if option == b"RANK":
            rank = parse_int(args[at + 1])
            if rank == 0:
                raise bad_value(
                    "RANK can't be zero: use 1 to start from the first match, 2 from the second"
                    " ... or use negative to start from the end of the list"
                )
        elif option == b"COUNT":
            count = parse_count(args[at + 1], "COUNT can't be negative")
        elif option == b"MAXLEN":
            longest = parse_count(args[at + 1], "MAXLEN can't be negative")
        else:
            raise syntax_error()
    return rank, count, longest


def move_item(
    context: Context, source: Entry, target_key: bytes, from_left: bool, to_left: bool
) -> bytes:
    """Take an item from a list that is there to the end of another, or of itself."""
    space = context.space
    target = find(context, target_key)
    value = lists.pop(space, source, left=from_left)
    if target is source:
        lists.push(space, source, [value], left=to_left)
        context.notify("l", "lpop" if from_left else "rpop", source.key)
        changed(context, source, "l", "lpush" if to_left else "rpush")
        return value
    target = target or space.make(target_key, LIST, context.stamp())
    lists.push(space, target, [value], left=to_left)
    changed(context, target, "l", "lpush" if to_left else "rpush")
    changed(context, source, "l", "lpop" if from_left else "rpop")
    return value


def _move(context: Context, args: list[bytes], from_left: bool, to_left: bool) -> Reply:
    source = find(context, args[1])
    if source is None:
        return None
    return move_item(context, source, args[2], from_left, to_left)


def lmove(context: Context, args: list[bytes]) -> Reply:
    """Take an item from the end of one list to the end of another."""
    return _move(context, args, parse_end(args[3]), parse_end(args[4]))


def rpoplpush(context: Context, args: list[bytes]) -> Reply:
    """Take an item from the right end of one list to the left end of another."""
    return _move(context, args, False, True)


def parse_lmpop(args: list[bytes], at: int) -> tuple[list[bytes], bool, int]:
    """Return the keys, whether LEFT, and the count, of which the words begin at ``args[at]``."""
    number = parse_int(args[at], "numkeys should be greater than 0", low=1)
    end = at + 1 + number
    if end >= len(args):
        raise syntax_error()
    left = parse_end(args[end])
    count: int | None = None
    rest = args[end + 1 :]
    while rest:
        if rest[0].upper() != b"COUNT" or count is not None or len(rest) < 2:
            raise syntax_error()
        count = parse_int(rest[1], "count should be greater than 0", low=1)
        rest = rest[2:]
    return args[at + 1 : end], left, count or 1


def pop_first(context: Context, keys: list[bytes], left: bool, count: int) -> Reply:
    """Take items of the first of these lists that is there; None if none is."""
    for key in keys:
        entry = find(context, key)
        if entry is not None:
            return [key, pop_many(context, entry, count, left)]  # type: ignore[list-item]  # a list of bytes is a list of replies
    return None


def lmpop(context: Context, args: list[bytes]) -> Reply:
    """Take items of the first of several lists that is there."""
    popped = pop_first(context, *parse_lmpop(args, 1))
    return NIL_ARRAY if popped is None else popped


_MOVES = ("write", "denyoom")

COMMANDS = (
    reading("lindex", lindex, 3),
    writing("linsert", linsert, 5, "denyoom"),
    Command("llen", llen, 2, ("readonly", "fast"), 1, 1, 1),
    Command("lmove", lmove, 5, _MOVES, 1, 2, 1),
    Command("lmpop", lmpop, -4, ("write", "movablekeys")),
    writing("lpop", lpop, -2, "fast"),
    reading("lpos", lpos, -3),
    writing("lpush", lpush, -3, "denyoom", "fast"),
    writing("lpushx", lpushx, -3, "denyoom", "fast"),
    reading("lrange", lrange, 4),
    writing("lrem", lrem, 4),
    writing("lset", lset, 4, "denyoom"),
    writing("ltrim", ltrim, 4),
    writing("rpop", rpop, -2, "fast"),
    Command("rpoplpush", rpoplpush, 3, _MOVES, 1, 2, 1),
    writing("rpush", rpush, -3, "denyoom", "fast"),
    writing("rpushx", rpushx, -3, "denyoom", "fast"),
)
