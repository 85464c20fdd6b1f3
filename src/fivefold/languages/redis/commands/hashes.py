"""The commands on hashes."""

from __future__ import annotations

from fivefold.languages.redis.arguments import (
    INT64_MAX,
    INT64_MIN,
    bad_value,
    parse_int,
    syntax_error,
    wrong_count,
)
from fivefold.languages.redis.command import reading, writing
from fivefold.languages.redis.commands.elements import (
    SCANNED_WHOLE_MAX,
    changed,
    parse_cursor,
    parse_draw,
    scan_options,
)
from fivefold.languages.redis.context import Context
from fivefold.languages.redis.floats import add_decimals, parse_amount
from fivefold.models.keyvalue.entries import Entry
from fivefold.models.keyvalue.layout import HASH
from fivefold.models.keyvalue.slots import FIELDS
from fivefold.models.keyvalue.space import Rows
from fivefold.values.replies import Reply


def _find(context: Context, key: bytes) -> Entry | None:
    return context.space.entry(key, HASH, context.now_ms)


def _find_or_make(context: Context, key: bytes) -> Entry:
    entry = context.space.entry(key, HASH, context.now_ms)
    return entry or context.space.make(key, HASH, context.stamp())


def _put_pairs(context: Context, args: list[bytes], name: str) -> int:
    if len(args) % 2:
        raise wrong_count(name)
    context.expect(len(args) // 2)
    space = context.space
    entry = _find_or_make(context, args[1])
    if len(args) == 4:
        added = int(FIELDS.put(space, entry, args[2], args[3]))
    elif entry.count:
        added = sum(
            [FIELDS.put(space, entry, args[at], args[at + 1]) for at in range(2, len(args), 2)]
        )
    else:
        pairs = dict(zip(args[2::2], args[3::2], strict=True))
        FIELDS.add_new(space, entry, list(pairs.items()))
        added = entry.count
    changed(context, entry, "h", "hset")
    return added


def hset(context: Context, args: list[bytes]) -> Reply:
    """Set fields; return how many are new."""
    return _put_pairs(context, args, "hset")


def hmset(context: Context, args: list[bytes]) -> Reply:
    """Set fields."""
    _put_pairs(context, args, "hmset")
    return "OK"


def hsetnx(context: Context, args: list[bytes]) -> Reply:
    """Set a field that is not there yet."""
    entry = _find(context, args[1])
    if entry is not None and FIELDS.has(context.space, entry, args[2]):
        return 0
    entry = entry or context.space.make(args[1], HASH, context.stamp())
    FIELDS.add(context.space, entry, args[2], args[3])
    changed(context, entry, "h", "hset")
    return 1


def hget(context: Context, args: list[bytes]) -> Reply:
    """Return the value of a field."""
    entry = _find(context, args[1])
    return None if entry is None else FIELDS.value(context.space, entry, args[2])


def hmget(context: Context, args: list[bytes]) -> Reply:
    """Return the values of several fields."""
    entry = _find(context, args[1])
    if entry is None:
        return [None] * (len(args) - 2)
    context.expect(len(args) - 2)
    return [FIELDS.value(context.space, entry, field) for field in args[2:]]


def hdel(context: Context, args: list[bytes]) -> Reply:
    """Delete fields; return how many were there."""
    entry = _find(context, args[1])
    if entry is None:
        return 0
    context.expect(len(args) - 2)
    deleted = sum([FIELDS.discard(context.space, entry, field) for field in args[2:]])
    if deleted:
        changed(context, entry, "h", "hdel")
    return deleted


def hexists(context: Context, args: list[bytes]) -> Reply:
    """Say whether a field is there."""
    entry = _find(context, args[1])
    return int(entry is not None and FIELDS.has(context.space, entry, args[2]))


def hlen(context: Context, args: list[bytes]) -> Reply:
    """Return the number of fields."""
    entry = _find(context, args[1])
    return 0 if entry is None else entry.count


def hstrlen(context: Context, args: list[bytes]) -> Reply:
    """Return the length of a field's value."""
    entry = _find(context, args[1])
    return 0 if entry is None else len(FIELDS.value(context.space, entry, args[2]) or b"")


def _pairs(context: Context, key: bytes) -> Rows:
    entry = _find(context, key)
    if entry is None:
        return []
    context.expect(entry.count)
    return FIELDS.all(context.space, entry)


def hgetall(context: Context, args: list[bytes]) -> Reply:
    """Return all fields with their values."""
    return dict(_pairs(context, args[1]))


def hkeys(context: Context, args: list[bytes]) -> Reply:
    """Return all fields."""
    return [field for field, _ in _pairs(context, args[1])]


def hvals(context: Context, args: list[bytes]) -> Reply:
    """Return all values."""
    return [value for _, value in _pairs(context, args[1])]


def _value(context: Context, key: bytes, field: bytes) -> tuple[Entry | None, bytes | None]:
    entry = _find(context, key)
    return entry, None if entry is None else FIELDS.value(context.space, entry, field)


def _put(
    context: Context, entry: Entry | None, args: list[bytes], value: bytes, event: str
) -> None:
    entry = entry or context.space.make(args[1], HASH, context.stamp())
    FIELDS.put(context.space, entry, args[2], value)
    changed(context, entry, "h", event)


def hincrby(context: Context, args: list[bytes]) -> Reply:
    """Add to a field that is a number."""
    amount = parse_int(args[3])
    entry, value = _value(context, args[1], args[2])
    total = amount
    if value is not None:
        total += parse_int(value, "hash value is not an integer")
    if not INT64_MIN <= total <= INT64_MAX:
        raise bad_value("increment or decrement would overflow")
    _put(context, entry, args, b"%d" % total, "hincrby")
    return total


def hincrbyfloat(context: Context, args: list[bytes]) -> Reply:
    """Add to a field that is a number with a fraction."""
    amount = parse_amount(args[3])
    entry, value = _value(context, args[1], args[2])
    total = amount if value is None else add_decimals(value, args[3], "hash value is not a float")
    _put(context, entry, args, total, "hincrbyfloat")
    return total


def hrandfield(context: Context, args: list[bytes]) -> Reply:
    """Return fields at random, each once, or several times if the count is negative."""
    if len(args) == 2:
        entry = _find(context, args[1])
        return None if entry is None else FIELDS.draw(context.space, entry, 1)[0][0]
    count = parse_draw(args[2])
    with_values = len(args) > 3
    if len(args) > 4 or (with_values and args[3].upper() != b"WITHVALUES"):
        raise syntax_error()
    if with_values and abs(count) > INT64_MAX // 2:
        raise bad_value("value is out of range")
    entry = _find(context, args[1])
    if entry is None or count == 0:
        return []
    context.expect(min(abs(count), entry.count) if count > 0 else -count)
    draw = FIELDS.draw if count > 0 else FIELDS.draw_with_repeats
    rows = draw(context.space, entry, abs(count))
    if not with_values:
        return [field for field, _ in rows]
    if context.session.protocol == 3:
        return [[field, value] for field, value in rows]
    return [word for row in rows for word in row]


def hscan(context: Context, args: list[bytes]) -> Reply:
    """Return some fields with their values, and the cursor for more of them."""
    cursor = parse_cursor(args[2])
    entry = _find(context, args[1])
    if entry is None:
        return [b"0", []]
    matches, count, _ = scan_options(args[3:])
    if entry.count <= SCANNED_WHOLE_MAX:
        count = entry.count + 1
    context.expect(count)
    following, rows = FIELDS.scan(context.space, entry, cursor, count)
    return [b"%d" % following, [word for row in rows if matches(row[0]) for word in row]]


COMMANDS = (
    writing("hdel", hdel, -3, "fast"),
    reading("hexists", hexists, 3, "fast"),
    reading("hget", hget, 3, "fast"),
    reading("hgetall", hgetall, 2),
    writing("hincrby", hincrby, 4, "denyoom", "fast"),
    writing("hincrbyfloat", hincrbyfloat, 4, "denyoom", "fast"),
    reading("hkeys", hkeys, 2),
    reading("hlen", hlen, 2, "fast"),
    reading("hmget", hmget, -3, "fast"),
    writing("hmset", hmset, -4, "denyoom", "fast"),
    reading("hrandfield", hrandfield, -2),
    reading("hscan", hscan, -3),
    writing("hset", hset, -4, "denyoom", "fast"),
    writing("hsetnx", hsetnx, 4, "denyoom", "fast"),
    reading("hstrlen", hstrlen, 3, "fast"),
    reading("hvals", hvals, 2),
)
