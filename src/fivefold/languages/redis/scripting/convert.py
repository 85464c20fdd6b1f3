"""Replies on their way into a script, and a script's result on its way out.

Both travel as rows of marks and values, as ``lua/sandbox.lua`` reads and writes them: 0 a plain
value, 1 a status, 2 an error, 3 an array and its length, 4 a map, 5 a set, 6 a double, 7 a big
number, 8 nothing, 9 a verbatim text and its format. Source: redis.io, "Redis Lua API reference",
"Data type conversion".
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from fivefold.errors import FivefoldError, InvalidStatement
from fivefold.values.replies import (
    NIL_ARRAY,
    Attributed,
    BigNumber,
    Digits,
    Frames,
    Members,
    NilArray,
    Push,
    Reply,
    Verbatim,
)
from fivefold.values.replyerrors import error_text

FLAT_MAX = 4000
"""Items of an array that are handed over at once."""

_INT64_MIN, _INT64_MAX = -(1 << 63), (1 << 63) - 1
_SIMPLE = frozenset((bytes, int))


def error_bytes(error: FivefoldError) -> bytes:
    """Return the text of an error as scripts see it."""
    return error_text(error).encode("utf-8", "surrogateescape")


def to_lua(reply: Reply, protocol: int) -> tuple[tuple[Any, ...], list[Any]]:
    """Return the answer of ``redis.call``, and the row that it refers to, mostly none."""
    kind = type(reply)
    if kind is bytes or kind is int:
        return (0, reply), []
    if kind is str:
        return (1, reply.encode()), []  # type: ignore[union-attr]  # by `kind`
    if reply is None or reply is NIL_ARRAY:
        return (0, None if protocol == 3 else False), []
    if kind is list and len(reply) <= FLAT_MAX and _SIMPLE.issuperset(map(type, reply)):  # type: ignore[arg-type]  # by `kind`
        return (3, *reply), []  # type: ignore[misc]  # by `kind`
    row: list[Any] = []
    _flatten(reply, protocol, row)
    return (4,), row


def _flatten(reply: Reply, protocol: int, row: list[Any]) -> None:
    modern = protocol == 3
    match reply:
        case None | NilArray():
            row += (0, None if modern else False)
        case bool():
            row += (0, reply if modern else int(reply))
        case bytes() | int():
            row += (0, reply)
        case str():
            row += (1, reply.encode())
        case FivefoldError():
            row += (2, error_bytes(reply))
        case float():
            row += (6, reply) if modern else (0, _double(reply))
        case Digits():
            row += (6, float(reply.text)) if modern else (0, reply.text)
        case BigNumber():
            row += (7 if modern else 0, b"%d" % reply.value)
        case Verbatim():
            row += (9, reply.text, reply.format.encode()) if modern else (0, reply.text)
        case Attributed():
            _flatten(reply.value, protocol, row)
        case dict():
            row += (4, len(reply)) if modern else (3, 2 * len(reply))
            _flatten_all((each for pair in reply.items() for each in pair), protocol, row)
        case set() | frozenset() | Members():
            row += (5 if modern else 3, len(reply))
            _flatten_all(reply, protocol, row)
        case Push() | Frames():
            row += (3, len(reply.items))
            _flatten_all(reply.items, protocol, row)
        case list() | tuple():
            row += (3, len(reply))
            _flatten_all(reply, protocol, row)
        case _:
            raise AssertionError(reply)


def _flatten_all(replies: Iterable[Reply], protocol: int, row: list[Any]) -> None:
    for each in replies:
        _flatten(each, protocol, row)


def _double(number: float) -> bytes:
    if math.isfinite(number):
        return b"%.17g" % number
    return b"nan" if number != number else b"inf" if number > 0 else b"-inf"


def from_lua(row: list[Any], protocol: int) -> Reply:
    """Return the reply that a row is; ``protocol`` is what the script set last."""
    reply, at = _read(row, 0, protocol)
    assert at == len(row), (at, len(row))
    return reply


def plain(value: object, protocol: int) -> Reply:
    """Return the reply that a string, number or boolean is."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, bool):
        if protocol == 3:
            return value
        return 1 if value else None
    if isinstance(value, int | float):
        return whole(value)
    return None


def whole(number: float) -> int:
    """Return what C makes of a double that becomes a ``long long`` on x86-64."""
    if not math.isfinite(number) or not _INT64_MIN <= int(number) <= _INT64_MAX:
        return _INT64_MIN
    return int(number)


def raised(text: bytes) -> FivefoldError:
    """Return an error whose text is all of it."""
    return InvalidStatement(text.decode("utf-8", "surrogateescape"), "script_error")


def _read(row: list[Any], at: int, protocol: int) -> tuple[Reply, int]:
    mark, value = row[at], row[at + 1]
    at += 2
    match mark:
        case 0:
            return plain(value, protocol), at
        case 1:
            return value.decode("utf-8", "surrogateescape").translate(_ONE_LINE), at
        case 2:
            return raised(value), at
        case 3 | 5:
            items: list[Reply] = []
            for _ in range(int(value)):
                item, at = _read(row, at, protocol)
                items.append(item)
            return (items if mark == 3 else Members(items)), at
        case 4:
            return _read_map(row, at, int(value), protocol)
        case 6:
            return float(value), at
        case 7:
            return _big_number(value), at
        case 9:
            return Verbatim(value, row[at][:3].decode("latin-1").ljust(3)), at + 1
    return None, at


_ONE_LINE = str.maketrans("\r\n", "  ")


def _read_map(row: list[Any], at: int, count: int, protocol: int) -> tuple[Reply, int]:
    pairs: dict[Reply, Reply] = {}
    for _ in range(count):
        key, at = _read(row, at, protocol)
        value, at = _read(row, at, protocol)
        pairs[tuple(key) if isinstance(key, list) else key] = value
    return pairs, at


def _big_number(text: bytes) -> Reply:
    digits = text[1:] if text[:1] == b"-" else text
    return BigNumber(int(text)) if digits.isdigit() and len(digits) < 4000 else text
