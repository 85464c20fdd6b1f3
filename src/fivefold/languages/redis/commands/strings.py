"""The commands on strings."""

from __future__ import annotations

from fivefold.languages.redis.arguments import (
    INT64_MAX,
    INT64_MIN,
    STRING_BYTES_MAX,
    bad_value,
    parse_expiry,
    parse_int,
    syntax_error,
    wrong_count,
)
from fivefold.languages.redis.command import Command, reading, writing
from fivefold.languages.redis.context import Context
from fivefold.languages.redis.floats import add_decimals
from fivefold.models.keyvalue.entries import Entry
from fivefold.models.keyvalue.layout import STRING
from fivefold.values.replies import Reply

# Option -> (milliseconds in its unit, whether it counts from now).
EXPIRIES: dict[bytes, tuple[int, bool]] = {
    b"EX": (1000, True),
    b"PX": (1, True),
    b"EXAT": (1000, False),
    b"PXAT": (1, False),
}


def get(context: Context, args: list[bytes]) -> Reply:
    """Return the value of a key."""
    return context.space.get(args[1], context.now_ms)


def set_(context: Context, args: list[bytes]) -> Reply:
    """Set a key to a value, whatever it was."""
    if len(args) > 3:
        return _set_with_options(context, args)
    context.space.put(args[1], args[2], context.stamp())
    context.notify("$", "set", args[1])
    return "OK"


def _set_with_options(context: Context, args: list[bytes]) -> Reply:
    key, value, space, now_ms = args[1], args[2], context.space, context.now_ms
    options, expiry = _read_options(args, 3, {b"NX", b"XX", b"GET", b"KEEPTTL"})
    expire_ms = None if expiry is None else _expiry_ms(expiry, now_ms, "set")
    entry = space.find(key, now_ms)
    old = space.get(key, now_ms) if b"GET" in options else None
    if (b"NX" in options and entry is not None) or (b"XX" in options and entry is None):
        return old
    if b"KEEPTTL" in options and entry is not None:
        expire_ms = entry.expire_ms
    space.put(key, value, context.stamp(), expire_ms)
    context.notify("$", "set", key)
    if expiry is not None:
        context.notify("g", "expire", key)
    return old if b"GET" in options else "OK"


def _read_options(
    args: list[bytes], at: int, allowed: set[bytes]
) -> tuple[set[bytes], tuple[bytes, bytes] | None]:
    """Return the options from ``args[at]`` on, and the one with a time and its time."""
    options: set[bytes] = set()
    expiry: tuple[bytes, bytes] | None = None
    while at < len(args):
        word = args[at].upper()
        if word in allowed:
            options.add(word)
        elif word in EXPIRIES and at + 1 < len(args) and (expiry is None or expiry[0] == word):
            at += 1
            expiry = word, args[at]
        else:
            raise syntax_error()
        at += 1
    keeps = (b"KEEPTTL" in options) + (b"PERSIST" in options) + (expiry is not None)
    if keeps > 1 or {b"NX", b"XX"} <= options:
        raise syntax_error()
    return options, expiry


def _expiry_ms(expiry: tuple[bytes, bytes], now_ms: int, name: str) -> int:
    unit_ms, is_relative = EXPIRIES[expiry[0]]
    return parse_expiry(expiry[1], unit_ms, now_ms if is_relative else 0, name, positive=True)


def setnx(context: Context, args: list[bytes]) -> Reply:
    """Set a key that is not there yet."""
    if context.space.find(args[1], context.now_ms) is not None:
        return 0
    context.space.put(args[1], args[2], context.stamp())
    context.notify("$", "set", args[1])
    return 1


def _set_expiring(context: Context, args: list[bytes], unit_ms: int, name: str) -> Reply:
    expire_ms = parse_expiry(args[2], unit_ms, context.now_ms, name, positive=True)
    context.space.put(args[1], args[3], context.stamp(), expire_ms)
    context.notify("$", "set", args[1])
    context.notify("g", "expire", args[1])
    return "OK"


def setex(context: Context, args: list[bytes]) -> Reply:
    """Set a key that expires after some seconds."""
    return _set_expiring(context, args, 1000, "setex")


def psetex(context: Context, args: list[bytes]) -> Reply:
    """Set a key that expires after some milliseconds."""
    return _set_expiring(context, args, 1, "psetex")


def getset(context: Context, args: list[bytes]) -> Reply:
    """Set a key and return what it was."""
    old = context.space.get(args[1], context.now_ms)
    context.space.put(args[1], args[2], context.stamp())
    context.notify("$", "set", args[1])
    return old


def getdel(context: Context, args: list[bytes]) -> Reply:
    """Return the value of a key and delete it."""
    space = context.space
    entry = space.entry(args[1], STRING, context.now_ms)
    if entry is None:
        return None
    old = space.value(entry)
    space.remove(entry)
    context.notify("g", "del", args[1])
    return old


def getex(context: Context, args: list[bytes]) -> Reply:
    """Return the value of a key and say when it expires."""
    key, space, now_ms = args[1], context.space, context.now_ms
    options, expiry = _read_options(args, 2, {b"PERSIST"})
    entry = space.entry(key, STRING, now_ms)
    if entry is None:
        return None
    value = space.value(entry)
    if expiry is not None:
        expire_ms = _expiry_ms(expiry, now_ms, "getex")
        if expire_ms <= now_ms:
            space.remove(entry)
            context.notify("g", "del", key)
        else:
            space.expire(entry, expire_ms, context.stamp())
            context.notify("g", "expire", key)
    elif b"PERSIST" in options and entry.expire_ms is not None:
        space.expire(entry, None, context.stamp())
        context.notify("g", "persist", key)
    return value


def mget(context: Context, args: list[bytes]) -> Reply:
    """Return the values of several keys; null for what is no string."""
    found = context.space.values(args[1:], context.now_ms)
    return [found.get(key) for key in args[1:]]


def mset(context: Context, args: list[bytes]) -> Reply:
    """Set several keys."""
    _put_pairs(context, args, "mset")
    return "OK"


def msetnx(context: Context, args: list[bytes]) -> Reply:
    """Set several keys, or none if any of them is there."""
    if len(args) % 2 == 0:
        raise wrong_count("msetnx")
    if any(context.space.find(key, context.now_ms) is not None for key in args[1::2]):
        return 0
    _put_pairs(context, args, "msetnx")
    return 1


def _put_pairs(context: Context, args: list[bytes], name: str) -> None:
    if len(args) % 2 == 0:
        raise wrong_count(name)
    put, stamp = context.space.put, context.stamp
    for at in range(1, len(args), 2):
        put(args[at], args[at + 1], stamp())
        context.notify("$", "set", args[at])


def _find(context: Context, key: bytes) -> tuple[Entry | None, bytes]:
    """Return the entry of a string and its value, empty if it is not there."""
    entry = context.space.entry(key, STRING, context.now_ms)
    return entry, b"" if entry is None else context.space.value(entry)


def _store(context: Context, key: bytes, entry: Entry | None, value: bytes) -> None:
    """Write the new value of a key; ``entry`` is what was there."""
    if entry is None:
        context.space.put(key, value, context.stamp())
    else:
        context.space.change_value(entry, value, context.stamp())


def append(context: Context, args: list[bytes]) -> Reply:
    """Add to the end of a string."""
    entry, old = _find(context, args[1])
    value = old + args[2]
    _check_length(len(value))
    _store(context, args[1], entry, value)
    context.notify("$", "append", args[1])
    return len(value)


def _check_length(length: int) -> None:
    if length > STRING_BYTES_MAX:
        raise bad_value("string exceeds maximum allowed size (proto-max-bulk-len)")


def strlen(context: Context, args: list[bytes]) -> Reply:
    """Return the length of a string."""
    return len(context.space.get(args[1], context.now_ms) or b"")


def getrange(context: Context, args: list[bytes]) -> Reply:
    """Return a part of a string; both ends belong to it, negative ones count from the end."""
    start, end = parse_int(args[2]), parse_int(args[3])
    value = context.space.get(args[1], context.now_ms) or b""
    length = len(value)
    if start < 0 and end < 0 and start > end:
        return b""
    start = max(start + length, 0) if start < 0 else start
    end = max(end + length, 0) if end < 0 else end
    return value[start : end + 1]


def setrange(context: Context, args: list[bytes]) -> Reply:
    """Overwrite a part of a string, after zero bytes if it is too short."""
    key, part, offset = args[1], args[3], parse_int(args[2])
    if offset < 0:
        raise bad_value("offset is out of range")
    entry, value = _find(context, key)
    if not part:
        return len(value)
    _check_length(offset + len(part))
    head = value[:offset].ljust(offset, b"\0")
    value = head + part + value[offset + len(part) :]
    _store(context, key, entry, value)
    context.notify("$", "setrange", key)
    return len(value)


def _add(context: Context, key: bytes, amount: int) -> Reply:
    space = context.space
    entry = space.entry(key, STRING, context.now_ms)
    if entry is None:
        space.put(key, b"%d" % amount, context.stamp())
        context.notify("$", "incrby", key)
        return amount
    total = parse_int(space.value(entry)) + amount
    if not INT64_MIN <= total <= INT64_MAX:
        raise bad_value("increment or decrement would overflow")
    space.change_value(entry, b"%d" % total, context.stamp())
    context.notify("$", "incrby", key)
    return total


def incr(context: Context, args: list[bytes]) -> Reply:
    """Add one to a number."""
    return _add(context, args[1], 1)


def decr(context: Context, args: list[bytes]) -> Reply:
    """Take one from a number."""
    return _add(context, args[1], -1)


def incrby(context: Context, args: list[bytes]) -> Reply:
    """Add to a number."""
    return _add(context, args[1], parse_int(args[2]))


def decrby(context: Context, args: list[bytes]) -> Reply:
    """Take from a number."""
    amount = parse_int(args[2])
    if amount == INT64_MIN:
        raise bad_value("decrement would overflow")
    return _add(context, args[1], -amount)


def incrbyfloat(context: Context, args: list[bytes]) -> Reply:
    """Add to a number with a fraction."""
    entry, old = _find(context, args[1])
    value = add_decimals(b"0" if entry is None else old, args[2])
    _store(context, args[1], entry, value)
    context.notify("$", "incrbyfloat", args[1])
    return value


_PAIRS = ("write", "denyoom")

COMMANDS = (
    writing("append", append, 3, "denyoom", "fast"),
    writing("decr", decr, 2, "denyoom", "fast"),
    writing("decrby", decrby, 3, "denyoom", "fast"),
    reading("get", get, 2, "fast"),
    writing("getdel", getdel, 2, "fast"),
    writing("getex", getex, -2, "fast"),
    reading("getrange", getrange, 4),
    writing("getset", getset, 3, "denyoom", "fast"),
    writing("incr", incr, 2, "denyoom", "fast"),
    writing("incrby", incrby, 3, "denyoom", "fast"),
    writing("incrbyfloat", incrbyfloat, 3, "denyoom", "fast"),
    Command("mget", mget, -2, ("readonly", "fast"), 1, -1, 1),
    Command("mset", mset, -3, _PAIRS, 1, -1, 2),
    Command("msetnx", msetnx, -3, _PAIRS, 1, -1, 2),
    writing("psetex", psetex, 4, "denyoom"),
    writing("set", set_, -3, "denyoom"),
    writing("setex", setex, 4, "denyoom"),
    writing("setnx", setnx, 3, "denyoom", "fast"),
    writing("setrange", setrange, 4, "denyoom"),
    reading("strlen", strlen, 2, "fast"),
    reading("substr", getrange, 4),
)
