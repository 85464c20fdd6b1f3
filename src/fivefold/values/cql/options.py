"""Types on the wire: [option] of the native protocol's versions 3 to 5.

Source: section 4.2.5.2, "Rows", of each version's specification. A type that a version does not
know is sent as a custom one, by the name of its class.
"""

from __future__ import annotations

from functools import lru_cache
from struct import Struct, error

from fivefold.errors import ProtocolFault
from fivefold.values.cql.classes import class_name, read_class
from fivefold.values.cql.types import NUMBERS, CqlType

_short = Struct(">H").pack
_short_at = Struct(">H").unpack_from

SINCE = {"date": 4, "time": 4, "smallint": 4, "tinyint": 4, "duration": 5}
"""The version since which a type has its number."""

_CUSTOM, _LIST, _MAP, _SET, _UDT, _TUPLE = 0x00, 0x20, 0x21, 0x22, 0x30, 0x31
_WORDS = {number: word for word, number in NUMBERS.items()} | {0x0A: "text"}


def _string(text: str) -> bytes:
    data = text.encode()
    return _short(len(data)) + data


@lru_cache(maxsize=4096)
def type_option(type: CqlType, version: int) -> bytes:
    """Return a type as [option]."""
    number = NUMBERS.get(type.name)
    if number is None or version < SINCE.get(type.name, 0):
        return _short(_CUSTOM) + _string(class_name(type))
    head = _short(number)
    if type.user is not None:
        keyspace, name = type.user
        fields = [_string(field) + type_option(one, version) for field, one in type.fields]
        return b"".join([head, _string(keyspace), _string(name), _short(len(fields)), *fields])
    if type.name == "tuple":
        head += _short(len(type.parameters))
    return head + b"".join([type_option(one, version) for one in type.parameters])


def read_option(data: bytes, at: int) -> tuple[CqlType, int]:
    """Return the type of an [option] and where it ends. Raises ProtocolFault."""
    try:
        return _read(data, at)
    except (IndexError, KeyError, ValueError, error) as fault:
        raise ProtocolFault("not an option of a type") from fault


def _read_string(data: bytes, at: int) -> tuple[str, int]:
    (size,) = _short_at(data, at)
    end = at + 2 + size
    if end > len(data):
        raise IndexError(end)
    return data[at + 2 : end].decode(), end


def _read(data: bytes, at: int) -> tuple[CqlType, int]:
    (number,) = _short_at(data, at)
    at += 2
    if number == _CUSTOM:
        text, at = _read_string(data, at)
        return read_class(text), at
    word = _WORDS[number]
    if number == _UDT:
        keyspace, at = _read_string(data, at)
        name, at = _read_string(data, at)
        (count,) = _short_at(data, at)
        at += 2
        fields = []
        for _ in range(count):
            field, at = _read_string(data, at)
            one, at = _read(data, at)
            fields.append((field, one))
        return CqlType(word, user=(keyspace, name), fields=tuple(fields)), at
    count = {_LIST: 1, _SET: 1, _MAP: 2}.get(number, 0)
    if number == _TUPLE:
        (count,) = _short_at(data, at)
        at += 2
    parts = []
    for _ in range(count):
        one, at = _read(data, at)
        parts.append(one)
    return CqlType(word, tuple(parts), number == _TUPLE), at
