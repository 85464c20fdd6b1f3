"""The commands on the bits of strings. Bit 0 is the highest of the first byte."""

from __future__ import annotations

from functools import reduce
from operator import and_, or_, xor

from fivefold.languages.redis.arguments import STRING_BYTES_MAX, bad_value, parse_int, syntax_error
from fivefold.languages.redis.command import Command
from fivefold.languages.redis.context import Context
from fivefold.models.keyvalue.entries import Entry
from fivefold.models.keyvalue.layout import STRING
from fivefold.values.replies import Reply

_BAD_OFFSET = "bit offset is not an integer or out of range"


def find(context: Context, key: bytes) -> tuple[Entry | None, bytes]:
    """Return a string's entry and value, empty if it is not there. Raises ``wrong_kind``."""
    entry = context.space.entry(key, STRING, context.now_ms)
    return entry, b"" if entry is None else context.space.value(entry)


def store(context: Context, key: bytes, entry: Entry | None, value: bytes, event: str) -> None:
    """Write the new value of a string; ``entry`` is what was there."""
    if entry is None:
        context.space.put(key, value, context.stamp())
    else:
        context.space.change_value(entry, value, context.stamp())
    context.notify("$", event, key)


def parse_offset(word: bytes, width: int = 0) -> int:
    """Return a bit's offset; with a ``width``, ``#n`` means the n-th so many bits."""
    steps = bool(width) and word[:1] == b"#"
    offset = parse_int(word[1:] if steps else word, _BAD_OFFSET) * (width if steps else 1)
    if not 0 <= offset < STRING_BYTES_MAX * 8:
        raise bad_value(_BAD_OFFSET)
    return offset


def setbit(context: Context, args: list[bytes]) -> Reply:
    """Set one bit; return what it was."""
    offset = parse_offset(args[2])
    bit = parse_int(args[3], "bit is not an integer or out of range", 0, 1)
    entry, old = find(context, args[1])
    at, mask = offset >> 3, 0x80 >> (offset & 7)
    value = bytearray(old.ljust(at + 1, b"\0"))
    was = int(bool(value[at] & mask))
    if was != bit or len(value) != len(old):
        value[at] = value[at] | mask if bit else value[at] & ~mask
        store(context, args[1], entry, bytes(value), "setbit")
    return was


def getbit(context: Context, args: list[bytes]) -> Reply:
    """Return one bit."""
    offset = parse_offset(args[2])
    _, value = find(context, args[1])
    at = offset >> 3
    return int(at < len(value) and bool(value[at] & (0x80 >> (offset & 7))))


def _span(start: int, end: int, length: int) -> tuple[int, int]:
    """Return the first and the last of ``length`` places that two ends mean."""
    start = max(start + length, 0) if start < 0 else start
    end = max(end + length, 0) if end < 0 else end
    return start, min(end, length - 1)


def _bits(value: bytes, first: int, last: int) -> int:
    """Return the bits from ``first`` to ``last`` as one number."""
    whole = int.from_bytes(value[first >> 3 : (last >> 3) + 1], "big")
    return (whole >> (7 - (last & 7))) & ((1 << (last - first + 1)) - 1)


def _unit(words: list[bytes], at: int) -> int:
    """Return how many bits the unit of a range has, which may be named at the end."""
    if len(words) <= at:
        return 8
    unit = {b"BIT": 1, b"BYTE": 8}.get(words[at].upper())
    if unit is None:
        raise syntax_error()
    return unit


def bitcount(context: Context, args: list[bytes]) -> Reply:
    """Return how many bits are set, perhaps in a range."""
    entry, value = find(context, args[1])
    if entry is None:
        return 0
    if len(args) == 2:
        return int.from_bytes(value, "big").bit_count()
    if len(args) not in (4, 5):
        raise syntax_error()
    start, end = parse_int(args[2]), parse_int(args[3])
    if start < 0 and end < 0 and start > end:
        return 0
    unit = _unit(args, 4)
    first, last = _span(start, end, len(value) * 8 // unit)
    if first > last:
        return 0
    return _bits(value, first * unit, last * unit + unit - 1).bit_count()


def bitpos(context: Context, args: list[bytes]) -> Reply:
    """Return where the first bit of a kind is, perhaps in a range."""
    bit = parse_int(args[2])
    if bit not in (0, 1):
        raise bad_value("The bit argument must be 1 or 0.")
    entry, value = find(context, args[1])
    if entry is None:
        return -1 if bit else 0
    if len(args) > 6:
        raise syntax_error()
    start = parse_int(args[3]) if len(args) > 3 else 0
    unit = _unit(args, 5)
    end = parse_int(args[4]) if len(args) > 4 else -1
    first, last = _span(start, end, len(value) * 8 // unit)
    if first > last:
        return -1
    first, last = first * unit, last * unit + unit - 1
    found = _bits(value, first, last)
    width = last - first + 1
    if not bit:
        found ^= (1 << width) - 1
    if found:
        return first + width - found.bit_length()
    return -1 if bit or len(args) > 4 else len(value) * 8


_OPERATIONS = {b"AND": and_, b"OR": or_, b"XOR": xor}


def bitop(context: Context, args: list[bytes]) -> Reply:
    """Combine strings bit by bit into another; return its length."""
    name = args[1].upper()
    if name not in (b"AND", b"OR", b"XOR", b"NOT"):
        raise syntax_error()
    if name == b"NOT" and len(args) != 4:
        raise bad_value("BITOP NOT must be called with a single source key.")
    values = [find(context, key)[1] for key in args[3:]]
    length = max(map(len, values))
    numbers = [int.from_bytes(value.ljust(length, b"\0"), "big") for value in values]
    if name == b"NOT":
        result = numbers[0] ^ ((1 << length * 8) - 1)
    else:
        result = reduce(_OPERATIONS[name], numbers)
    if length:
        context.space.put(args[2], result.to_bytes(length, "big"), context.stamp())
        context.notify("$", "set", args[2])
    elif context.space.delete(args[2], context.now_ms):
        context.notify("g", "del", args[2])
    return length


COMMANDS = (
    Command("bitcount", bitcount, -2, ("readonly",), 1, 1, 1),
    Command("bitop", bitop, -4, ("write", "denyoom"), 2, -1, 1),
    Command("bitpos", bitpos, -3, ("readonly",), 1, 1, 1),
    Command("getbit", getbit, 3, ("readonly", "fast"), 1, 1, 1),
    Command("setbit", setbit, 4, ("write", "denyoom"), 1, 1, 1),
)
