"""Keys: bytes that sort as BSON's values compare, for ``_id`` and for indexes.

A value becomes a byte that tells its type's place in BSON's order (manual, "Comparison/Sort
Order") and what orders it among its like; no key begins another one, so that the parts of a
compound key are just put together, and a descending part has its bytes complemented.

Numbers and texts are as in ``models.ordered``.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import Any

from bson.decimal128 import Decimal128

from fivefold.models.ordered import decimal_key, number_key, text_key
from fivefold.values.documents.kinds import Kind, kind_of
from fivefold.values.documents.order import milliseconds

_MISSING = b"\x05"  # of an index part: sorts as null, and equals it
_NULL = b"\x05"
_NUMBER, _STRING, _OBJECT, _ARRAY, _BINARY, _OBJECT_ID, _BOOL, _DATE, _TIMESTAMP, _REGEX = (
    b"\x0a\x0c\x0e\x10\x12\x14\x16\x18\x1a\x1c"[at : at + 1] for at in range(10)
)
_CODE, _CODE_WITH_SCOPE, _MAX_KEY, _MIN_KEY = b"\x20", b"\x22", b"\xf0", b"\x01"
_END = b"\x00"

EMPTY_ARRAY = b"\x04"
"""The key, in an index, of an array without elements: below null (manual, "Multikey Indexes")."""

LOWEST, HIGHEST = b"", b"\xff"
"""Below and above all keys."""

_unsigned = struct.Struct(">Q")
_length = struct.Struct(">I").pack
_SIGN = 1 << 63
_COMPLEMENT = bytes(255 - byte for byte in range(256))

BRACKETS: dict[Kind, bytes] = {
    Kind.MIN_KEY: _MIN_KEY,
    Kind.NULL: _NULL,
    Kind.DOUBLE: _NUMBER,
    Kind.INT: _NUMBER,
    Kind.LONG: _NUMBER,
    Kind.DECIMAL: _NUMBER,
    Kind.STRING: _STRING,
    Kind.OBJECT: _OBJECT,
    Kind.ARRAY: _ARRAY,
    Kind.BINARY: _BINARY,
    Kind.OBJECT_ID: _OBJECT_ID,
    Kind.BOOL: _BOOL,
    Kind.DATE: _DATE,
    Kind.TIMESTAMP: _TIMESTAMP,
    Kind.REGEX: _REGEX,
    Kind.CODE: _CODE,
    Kind.CODE_WITH_SCOPE: _CODE_WITH_SCOPE,
    Kind.MAX_KEY: _MAX_KEY,
}
"""The byte with which the keys of a type's values begin."""


def key_of(value: Any) -> bytes:
    """Return a value's key."""
    cls = value.__class__
    if cls is int:
        return _NUMBER + number_key(value)
    if cls is str:
        return _STRING + text_key(value)
    return _key(value)


def complement(key: bytes) -> bytes:
    """Return the key that sorts the other way round."""
    return key.translate(_COMPLEMENT)


def _number(value: Any) -> bytes:
    if isinstance(value, Decimal128):
        return _NUMBER + decimal_key(value.to_decimal())
    return _NUMBER + number_key(value if value.__class__ is float else int(value))


def _key(value: Any) -> bytes:
    kind = kind_of(value)
    match kind:
        case Kind.DOUBLE | Kind.INT | Kind.LONG | Kind.DECIMAL:
            return _number(value)
        case Kind.STRING:
            return _STRING + text_key(str(value))
        case Kind.NULL | Kind.MISSING:
            return _NULL
        case Kind.OBJECT_ID:
            return _OBJECT_ID + bytes(value.binary)
        case Kind.BOOL:
            return _BOOL + (b"\x01" if value else b"\x00")
        case Kind.DATE:
            return _DATE + _signed(milliseconds(value))
        case Kind.OBJECT:
            return _OBJECT + _fields(value.items())
        case Kind.ARRAY:
            return _ARRAY + b"".join([key_of(one) for one in value]) + _END
        case Kind.BINARY:
            subtype = getattr(value, "subtype", 0)
            return _BINARY + _length(len(value)) + bytes([subtype]) + bytes(value)
        case Kind.TIMESTAMP:
            return _TIMESTAMP + _unsigned.pack(value.time << 32 | value.inc)
        case Kind.REGEX:
            pattern = value.pattern if isinstance(value.pattern, str) else value.pattern.decode()
            return _REGEX + text_key(pattern) + text_key(_flags(value.flags))
        case Kind.CODE:
            return _CODE + text_key(str(value))
        case Kind.CODE_WITH_SCOPE:
            return _CODE_WITH_SCOPE + text_key(str(value)) + _fields(value.scope.items())
        case Kind.MIN_KEY:
            return _MIN_KEY
        case Kind.MAX_KEY:
            return _MAX_KEY
    raise AssertionError(kind)


def _signed(value: int) -> bytes:
    return _unsigned.pack(value + _SIGN)


def _fields(items: Iterable[tuple[str, Any]]) -> bytes:
    """Return fields in order: type, name, value of each, as documents compare."""
    parts = []
    for name, value in items:
        key = key_of(value)
        parts.append(key[:1] + text_key(name) + key[1:])
    return b"".join(parts) + _END


def _flags(flags: int) -> str:
    import re

    letters = zip("imsux", (re.I, re.M, re.S, re.U, re.X), strict=True)
    return "".join(sorted(letter for letter, flag in letters if flags & flag))
