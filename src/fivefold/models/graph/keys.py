"""Keys of indexes: bytes that sort as Cypher orders values of one type.

A value becomes a byte that tells its type and what orders it among its like; no key begins
another one, so that the parts of a composite key are just put together. Values that are equal have
equal keys. Source: openCypher 9, "Orderability and equivalence".
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any

from fivefold.models.ordered import NOT_A_NUMBER, number_key, text_key
from fivefold.values.graph.temporal import (
    Date,
    DateTime,
    Duration,
    LocalDateTime,
    LocalTime,
    Time,
)

NUMBER, STRING, BOOLEAN, LIST, BYTES = b"\x10", b"\x20", b"\x30", b"\x40", b"\x48"
_DATE, _TIME, _LOCAL_TIME, _DATE_TIME, _LOCAL_DATE_TIME, _DURATION = (
    b"\x50\x52\x54\x56\x58\x5a"[at : at + 1] for at in range(6)
)
_END = b"\x00"

_ABOVE_NAN = NUMBER + NOT_A_NUMBER + b"\x01"

_unsigned = struct.Struct(">Q").pack
_SIGN = 1 << 63


def key_of(value: Any) -> bytes:
    """Return the key of a value that a property may have."""
    cls = value.__class__
    if cls is str:
        return STRING + text_key(value)
    if cls is int or cls is float:
        return NUMBER + number_key(value)
    if cls is bool:
        return BOOLEAN + (b"\x01" if value else b"\x00")
    if cls is list or cls is tuple:
        return LIST + b"".join([key_of(one) for one in value]) + _END
    if cls is bytes:
        return BYTES + text_key(value.hex())
    return _temporal(value)


def _temporal(value: Any) -> bytes:
    """Return the key of a temporal value: moments of one instant are in their zones' order."""
    match value:
        case Date():
            return _DATE + _signed(value.days)
        case LocalTime():
            return _LOCAL_TIME + _signed(value.clock)
        case Time():
            return _TIME + _signed(value.key[0]) + _signed(value.offset)
        case LocalDateTime():
            return _LOCAL_DATE_TIME + _wide(value.wall)
        case DateTime():
            zone = text_key(value.zone or "")
            return _DATE_TIME + _wide(value.instant) + _signed(value.offset) + zone
        case Duration():
            return _DURATION + text_key(str(value))
    raise AssertionError(value)


def _signed(value: int) -> bytes:
    return _unsigned(value + _SIGN)


def _wide(value: int) -> bytes:
    """Return twelve bytes: nanoseconds of a billion years do not fit into eight."""
    return (value + (1 << 95)).to_bytes(12, "big")


def kind_range(value: Any) -> tuple[bytes, bytes]:
    """Return what no key of a value's type is below, NaN's left out, and one above all of them."""
    first = key_of(value)[:1]
    low = _ABOVE_NAN if first == NUMBER else first
    return low, bytes([first[0] + 1])


def entry_key(properties: tuple[str, ...], of: Mapping[str, Any]) -> bytes | None:
    """Return an entity's key in an index of these properties, None if it lacks one of them."""
    if len(properties) == 1:
        value = of.get(properties[0])
        return None if value is None else key_of(value)
    parts = []
    for name in properties:
        value = of.get(name)
        if value is None:
            return None
        parts.append(key_of(value))
    return b"".join(parts)
