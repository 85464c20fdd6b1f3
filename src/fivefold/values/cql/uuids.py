"""UUIDs: bytes that sort as Cassandra compares them, and those made of a time.

Cassandra compares uuids by their version, then those of version 1 by time and all others as bytes.
It compares timeuuids by time, then the other half byte by byte with signs. So a stored uuid
begins with its version, its fields of time turned round in version 1, and a stored timeuuid is
turned round and has the sign bits of its other half inverted.

Source: "Data types", "Working with UUIDs", and "Timeuuid functions" of Cassandra's CQL reference;
RFC 9562, section 5.1.
"""

from __future__ import annotations

import os
import threading
import uuid
from struct import Struct

_HALVES = Struct(">Q8s")
_SIGNS = bytes(byte ^ 0x80 for byte in range(256))

UUID_EPOCH = 0x01B21DD213814000
"""1970 in the time of UUIDs, tenths of microseconds since 1582."""

_LOW, _HIGH = b"\x80" * 8, b"\x7f" * 8


def uuid_to_stored(wire: bytes) -> bytes:
    """Return the stored form of a uuid's 16 bytes."""
    if wire[6] >> 4 == 1:
        return wire[6:8] + wire[4:6] + wire[:4] + wire[8:]
    high, low = _HALVES.unpack(wire)
    return _HALVES.pack((high & 0xF000) << 48 | (high >> 16) << 12 | high & 0xFFF, low)


def uuid_from_stored(stored: bytes) -> bytes:
    """Return the 16 bytes of a stored uuid."""
    if stored[0] >> 4 == 1:
        return stored[4:8] + stored[2:4] + stored[:2] + stored[8:]
    high, low = _HALVES.unpack(stored)
    moved = (high >> 12 & 0xFFFFFFFFFFFF) << 16 | (high >> 48) & 0xF000 | high & 0xFFF
    return _HALVES.pack(moved, low)


def timeuuid_to_stored(wire: bytes) -> bytes:
    """Return the stored form of a timeuuid's 16 bytes."""
    return wire[6:8] + wire[4:6] + wire[:4] + wire[8:].translate(_SIGNS)


def timeuuid_from_stored(stored: bytes) -> bytes:
    """Return the 16 bytes of a stored timeuuid."""
    return stored[4:8] + stored[2:4] + stored[:2] + stored[8:].translate(_SIGNS)


def text_of(wire: bytes) -> str:
    """Return 36 characters."""
    text = wire.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def time_ms(stored: bytes) -> int:
    """Return the milliseconds since 1970 of a stored timeuuid."""
    return time_ticks(stored) // 10_000


def time_ticks(stored: bytes) -> int:
    """Return the tenths of microseconds since 1970 of a stored timeuuid."""
    return (int.from_bytes(stored[:8], "big") & 0x0FFFFFFFFFFFFFFF) - UUID_EPOCH


def _of_time(ticks: int, rest: bytes) -> bytes:
    count = (ticks + UUID_EPOCH) & 0x0FFFFFFFFFFFFFFF
    return (0x1000000000000000 | count).to_bytes(8, "big") + rest.translate(_SIGNS)


def min_timeuuid(ms: int) -> bytes:
    """Return the stored timeuuid that is before all others of that millisecond."""
    return _of_time(ms * 10_000, _LOW)


def max_timeuuid(ms: int) -> bytes:
    """Return the stored timeuuid that is after all others of that millisecond."""
    return _of_time(ms * 10_000 + 9_999, _HIGH)


def random_uuid() -> bytes:
    """Return a stored uuid of version 4."""
    return uuid_to_stored(uuid.uuid4().bytes)


class TimeUuids:
    """Makes timeuuids, each later than the one before, of one node and clock sequence."""

    def __init__(self) -> None:
        random = bytearray(os.urandom(8))
        random[0] = random[0] & 0x3F | 0x80  # the variant of RFC 9562
        random[2] |= 1  # no address of a network card
        self._rest = bytes(random)
        self._last = 0
        self._lock = threading.Lock()

    def next(self, now_us: int) -> bytes:
        """Return a new stored timeuuid; ``now_us`` counts microseconds since 1970."""
        with self._lock:
            ticks = self._last = max(now_us * 10, self._last + 1)
        return _of_time(ticks, self._rest)


TIMEUUIDS = TimeUuids()
"""Those of this process."""
