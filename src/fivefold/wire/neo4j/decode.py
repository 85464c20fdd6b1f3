"""PackStream: from bytes to values, and from a whole message to a request.

A value begins with a marker byte that says its type and, if it is small, its value or size.
Dates, times and durations are *structures*, which ``structures`` makes values of. A structure that
is well formed but means nothing we can hold fails its request; bytes that are no PackStream end the
connection, for whoever sent them is not a driver.

Source: Bolt manual, "PackStream".
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any, TypeAlias

from fivefold.errors import FivefoldError
from fivefold.wire import limits
from fivefold.wire.neo4j.messages import LAYOUTS, Refused, Request, Version, malformed
from fivefold.wire.neo4j.structures import Hydrate, unknown

Structures: TypeAlias = Mapping[int, Hydrate]
"""By tag: what makes a value of a structure's fields."""

_int16 = struct.Struct(">h").unpack_from
_int32 = struct.Struct(">i").unpack_from
_int64 = struct.Struct(">q").unpack_from
_float = struct.Struct(">d").unpack_from
_uint16 = struct.Struct(">H").unpack_from
_uint32 = struct.Struct(">I").unpack_from

# Markers of values with a size of one, two or four bytes, and how many.
_STRINGS = {0xD0: 1, 0xD1: 2, 0xD2: 4}
_BYTES = {0xCC: 1, 0xCD: 2, 0xCE: 4}
_LISTS = {0xD4: 1, 0xD5: 2, 0xD6: 4}
_MAPS = {0xD8: 1, 0xD9: 2, 0xDA: 4}

_CONSTANTS = {0xC0: None, 0xC2: False, 0xC3: True}


class Decoder:
    """Reads the values of one connection. ``structures`` may be changed by a HELLO."""

    __slots__ = ("structures", "unhydrated")

    def __init__(self, structures: Structures) -> None:
        self.structures = structures
        self.unhydrated: FivefoldError | None = None
        """Why a structure of the message that was read last is no value, if one is not."""

    def request(self, message: bytes, version: Version) -> Request:
        """Return what a whole message says; never raises."""
        self._forget()
        try:
            tag, fields = self._fields(message)
        except FivefoldError as error:
            return Refused(error, fatal=True)
        layout = LAYOUTS.get(tag)
        if layout is None or version < layout.since:
            return Refused(malformed(f"no message of Bolt {version} is 0x{tag:02X}"), fatal=True)
        if len(fields) != len(layout.types):
            return Refused(malformed(f"message 0x{tag:02X} has {len(fields)} fields"), fatal=True)
        unhydrated: FivefoldError | None = self.unhydrated
        if unhydrated is not None:
            return Refused(unhydrated, fatal=False)
        for value, kind in zip(fields, layout.types, strict=True):
            if value.__class__ is not kind:
                wrong = malformed(f"a field of message 0x{tag:02X} is of another type")
                return Refused(wrong, fatal=True)
        try:
            return layout.read(fields, version)
        except FivefoldError as error:
            return Refused(error, fatal=False)

    def value(self, data: bytes) -> Any:
        """Return the one value that ``data`` holds. Raises FivefoldError."""
        self._forget()
        value, at = self._guarded(data, 0)
        if at != len(data):
            raise malformed("there are bytes behind the value")
        if self.unhydrated is not None:
            raise self.unhydrated
        return value

    def _forget(self) -> None:
        self.unhydrated = None

    def _fields(self, message: bytes) -> tuple[int, list[Any]]:
        if len(message) < 2 or message[0] & 0xF0 != 0xB0:
            raise malformed("a message is a structure")
        fields = []
        at = 2
        for _ in range(message[0] & 0x0F):
            value, at = self._guarded(message, at)
            fields.append(value)
        if at != len(message):
            raise malformed("there are bytes behind the message")
        return message[1], fields

    def _guarded(self, data: bytes, at: int) -> tuple[Any, int]:
        try:
            return self._value(data, at, 0)
        except (IndexError, struct.error):
            raise malformed("the message ends inside of a value") from None
        except UnicodeDecodeError:
            raise malformed("a string is not UTF-8") from None

    def _value(self, data: bytes, at: int, depth: int) -> tuple[Any, int]:
        """Return the value that begins there, and where it ends."""
        marker = data[at]
        at += 1
        if marker < 0x80:
            return marker, at
        if marker < 0x90:
            return self._string(data, at, marker & 0x0F)
        if marker >= 0xF0:
            return marker - 0x100, at
        if marker < 0xA0:
            return self._list(data, at, marker & 0x0F, depth)
        if marker < 0xB0:
            return self._map(data, at, marker & 0x0F, depth)
        if marker < 0xC0:
            return self._structure(data, at, marker & 0x0F, depth)
        if marker == 0xC1:
            return _float(data, at)[0], at + 8
        if 0xC8 <= marker <= 0xCB:
            return _integer(data, at, marker)
        if marker in _CONSTANTS:
            return _CONSTANTS[marker], at
        return self._sized(data, at, marker, depth)

    def _sized(self, data: bytes, at: int, marker: int, depth: int) -> tuple[Any, int]:
        if marker in _STRINGS:
            size, at = _size(data, at, _STRINGS[marker])
            return self._string(data, at, size)
        if marker in _MAPS:
            size, at = _size(data, at, _MAPS[marker])
            return self._map(data, at, size, depth)
        if marker in _LISTS:
            size, at = _size(data, at, _LISTS[marker])
            return self._list(data, at, size, depth)
        if marker in _BYTES:
            size, at = _size(data, at, _BYTES[marker])
            return data[at : _end(data, at, size)], at + size
        raise malformed(f"no value begins with 0x{marker:02X}")

    def _string(self, data: bytes, at: int, size: int) -> tuple[str, int]:
        end = _end(data, at, size)
        return str(data[at:end], "utf-8"), end

    def _list(self, data: bytes, at: int, size: int, depth: int) -> tuple[list[Any], int]:
        if depth >= limits.NEO4J_DEPTH_MAX:
            raise _too_deep()
        values: list[Any] = []
        add = values.append
        for _ in range(size):
            marker = data[at]
            if marker < 0x80:
                value: Any = marker
                at += 1
            else:
                value, at = self._value(data, at, depth + 1)
            add(value)
        return values, at

    def _map(self, data: bytes, at: int, size: int, depth: int) -> tuple[dict[str, Any], int]:
        if depth >= limits.NEO4J_DEPTH_MAX:
            raise _too_deep()
        values: dict[str, Any] = {}
        for _ in range(size):
            marker = data[at]
            if 0x80 <= marker < 0x90:
                end = _end(data, at + 1, marker & 0x0F)
                key = str(data[at + 1 : end], "utf-8")
                at = end
            else:
                key, at = self._value(data, at, depth + 1)
                if key.__class__ is not str:
                    raise malformed("a key of a map is no string")
            marker = data[at]
            if marker < 0x80:
                values[key] = marker
                at += 1
            else:
                values[key], at = self._value(data, at, depth + 1)
        if len(values) != size:
            raise malformed("a key is twice in a map")
        return values, at

    def _structure(self, data: bytes, at: int, size: int, depth: int) -> tuple[Any, int]:
        tag = data[at]
        fields, at = self._list(data, at + 1, size, depth)
        hydrate = self.structures.get(tag)
        try:
            if hydrate is None:
                raise unknown(tag)
            return hydrate(fields), at
        except FivefoldError as error:  # the message is read to its end all the same
            self.unhydrated = self.unhydrated or error
            return None, at


def _size(data: bytes, at: int, size_bytes: int) -> tuple[int, int]:
    if size_bytes == 1:
        return data[at], at + 1
    if size_bytes == 2:
        return _uint16(data, at)[0], at + 2
    return _uint32(data, at)[0], at + 4


def _end(data: bytes, at: int, size: int) -> int:
    end = at + size
    if end > len(data):
        raise IndexError
    return end


def _integer(data: bytes, at: int, marker: int) -> tuple[int, int]:
    if marker == 0xC8:
        byte = data[at]
        return byte - 0x100 if byte & 0x80 else byte, at + 1
    if marker == 0xC9:
        return _int16(data, at)[0], at + 2
    if marker == 0xCA:
        return _int32(data, at)[0], at + 4
    return _int64(data, at)[0], at + 8


def _too_deep() -> FivefoldError:
    return malformed(f"values are nested deeper than {limits.NEO4J_DEPTH_MAX}")
