"""The form of DUMP: what is in a key, as bytes that RESTORE takes back, on any store.

A dump is a list (kind, contents …) of bytes, integers, doubles, nulls and lists, each with a letter
before it: ``b`` and ``l`` with a length of four bytes, ``i`` and ``f`` with eight bytes, ``n``
alone, all big-endian. After it come the version, two bytes, and the first eight bytes of BLAKE2b
of all before. It is fivefold's own: redis-server's form tells how its memory looks.
"""

from __future__ import annotations

import hashlib
import math
import struct
from collections.abc import Sequence
from typing import TypeAlias

VERSION = 1
_SUM_BYTES = 8
_DEPTH_MAX = 8

Item: TypeAlias = "bytes | int | float | Sequence[Item] | None"


class Malformed(Exception):
    """The bytes are no dump, or one of another version."""


def dump(contents: Item) -> bytes:
    """Return the contents as bytes."""
    body = b"".join(_written(contents)) + struct.pack(">H", VERSION)
    return body + _sum(body)


def _sum(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=_SUM_BYTES).digest()


def _written(item: Item) -> list[bytes]:
    match item:
        case None:
            return [b"n"]
        case bytes():
            return [b"b", struct.pack(">I", len(item)), item]
        case int():
            return [b"i", struct.pack(">q", item)]
        case float():
            return [b"f", struct.pack(">d", item)]
        case _:
            parts = [b"l", struct.pack(">I", len(item))]
            for each in item:
                parts += _written(each)
            return parts


def load(data: bytes) -> Item:
    """Return the contents. Raises Malformed."""
    body, total = data[:-_SUM_BYTES], data[-_SUM_BYTES:]
    if len(data) <= _SUM_BYTES + 2 or _sum(body) != total:
        raise Malformed
    if body[-2:] != struct.pack(">H", VERSION):
        raise Malformed
    try:
        item, end = _read(body[:-2], 0, 0)
    except (struct.error, IndexError):
        raise Malformed from None
    if end != len(body) - 2:
        raise Malformed
    return item


def _read(data: bytes, at: int, depth: int) -> tuple[Item, int]:
    letter, at = data[at : at + 1], at + 1
    if letter == b"n":
        return None, at
    if letter == b"i":
        (number,) = struct.unpack_from(">q", data, at)
        return number, at + 8
    if letter == b"f":
        (double,) = struct.unpack_from(">d", data, at)
        if math.isnan(double):
            raise Malformed
        return double, at + 8
    if letter not in (b"b", b"l") or depth > _DEPTH_MAX:
        raise Malformed
    (length,) = struct.unpack_from(">I", data, at)
    at += 4
    if at + length > len(data):
        raise Malformed
    if letter == b"b":
        return data[at : at + length], at + length
    items: list[Item] = []
    for _ in range(length):
        item, at = _read(data, at, depth + 1)
        items.append(item)
    return items, at
