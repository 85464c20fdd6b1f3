"""PostgreSQL's binary forms of values, to and from their stored forms.

All numbers are big-endian; moments count microseconds, and dates days, from 2000-01-01.
Source: the ``*send`` and ``*recv`` functions' formats, as the protocol's clients rely on them.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from fivefold.errors import FivefoldError, InvalidStatement, InvalidValue
from fivefold.values.arrays import DIMENSIONS_MAX, Nested, pack, shape, too_many_dimensions, unpack
from fivefold.values.datetimes import (
    DAY_MICROS,
    clock_micros,
    clock_text,
    moment_text,
    stored_moment,
)
from fivefold.values.intervals import Interval, interval_text, stored_interval
from fivefold.values.json import parse_json, parse_jsonb
from fivefold.values.strings import byte_of_char, char_of_byte
from fivefold.values.text import coerce_length, parser
from fivefold.values.types import INT2, OID, REFERENCES, Kind, Stored, Type
from fivefold.wire.postgres.types import oid_of

_INT2 = struct.Struct("!h")
_INT4 = struct.Struct("!i")
_INT8 = struct.Struct("!q")
_OID = struct.Struct("!I")
_FLOAT4 = struct.Struct("!f")
_FLOAT8 = struct.Struct("!d")
_INTERVAL = struct.Struct("!qii")
_NUMERIC_HEAD = struct.Struct("!HhHH")
_ARRAY_HEAD = struct.Struct("!iiI")
_DIMENSION = struct.Struct("!ii")
_NULL = _INT4.pack(-1)

_MOMENT_ORIGIN = datetime(2000, 1, 1)
_DAY_ORIGIN = date(2000, 1, 1).toordinal()
_MICRO = timedelta(microseconds=1)
_MOMENT_INFINITE = {"infinity": 2**63 - 1, "-infinity": -(2**63)}
_DAY_INFINITE = {"infinity": 2**31 - 1, "-infinity": -(2**31)}
_INFINITE_MOMENT = {number: text for text, number in _MOMENT_INFINITE.items()}
_INFINITE_DAY = {number: text for text, number in _DAY_INFINITE.items()}

_NEGATIVE = 0x4000
_NUMERIC_SPECIAL = {"NaN": 0xC000, "Infinity": 0xD000, "-Infinity": 0xF000}
_SPECIAL_NUMERIC = {sign: text for text, sign in _NUMERIC_SPECIAL.items()}
_SCALE_MASK = 0x3FFF
_INFINITE_SCALE = 0x20  # no meaning, but what PostgreSQL sends
_JSONB_VERSION = 1

_STRUCTS: dict[Kind, struct.Struct] = {
    Kind.INT2: _INT2,
    Kind.INT4: _INT4,
    Kind.INT8: _INT8,
    **dict.fromkeys((*REFERENCES, Kind.XID), _OID),
}
_VECTORS = {Kind.INT2VECTOR: INT2, Kind.OIDVECTOR: OID}


def malformed(message: str = "incorrect binary data format") -> InvalidValue:
    """Return the error of bytes that are no value of their type."""
    return InvalidValue(message, "invalid_binary_representation")


def binary_output(type_: Type) -> Callable[[Any], bytes]:
    """Return the function from stored form to binary form; it is never given NULL."""
    kind = type_.kind
    if type_.element is not None:
        return _array_output(type_.element)
    if kind is Kind.RECORD:
        return _record_output(type_)
    if kind in _VECTORS:
        return _array_output(_VECTORS[kind], first=0)
    if kind in _STRUCTS:
        return _STRUCTS[kind].pack
    if kind is Kind.BPCHAR and type_.length is not None:
        length = type_.length
        return lambda value: value.ljust(length).encode()
    return _OUTPUTS.get(kind, str.encode)


def _write_float4(value: float | str) -> bytes:
    return _FLOAT4.pack(float(value))


def _write_float8(value: float | str) -> bytes:
    return _FLOAT8.pack(float(value))


def _write_boolean(value: int) -> bytes:
    return b"\x01" if value else b"\x00"


def _write_numeric(value: str) -> bytes:
    special = _NUMERIC_SPECIAL.get(value)
    if special is not None:
        return _NUMERIC_HEAD.pack(0, 0, special, 0 if value == "NaN" else _INFINITE_SCALE)
    sign = _NEGATIVE if value[0] == "-" else 0
    whole, _, fraction = value.removeprefix("-").partition(".")
    whole = whole.zfill(-(-len(whole) // 4) * 4)
    digits = whole + fraction + "0" * (-len(fraction) % 4)
    groups = [int(digits[at : at + 4]) for at in range(0, len(digits), 4)]
    weight = len(whole) // 4 - 1
    first = next((at for at, group in enumerate(groups) if group), len(groups))
    last = len(groups)
    while last > first and not groups[last - 1]:
        last -= 1
    groups = groups[first:last]
    weight = weight - first if groups else 0
    head = _NUMERIC_HEAD.pack(len(groups), weight, sign if groups else 0, len(fraction))
    return head + struct.pack(f"!{len(groups)}H", *groups)


def _write_date(value: str) -> bytes:
    infinite = _DAY_INFINITE.get(value)
    days = date.fromisoformat(value).toordinal() - _DAY_ORIGIN if infinite is None else infinite
    return _INT4.pack(days)


def _write_time(value: str) -> bytes:
    return _INT8.pack(clock_micros(value))


def _write_moment(value: str) -> bytes:
    infinite = _MOMENT_INFINITE.get(value)
    if infinite is not None:
        return _INT8.pack(infinite)
    return _INT8.pack((stored_moment(value) - _MOMENT_ORIGIN) // _MICRO)


def _write_interval(value: str) -> bytes:
    interval = stored_interval(value)
    return _INTERVAL.pack(interval.micros, interval.days, interval.months)


def _write_uuid(value: str) -> bytes:
    return bytes.fromhex(value.replace("-", ""))


def _write_jsonb(value: str) -> bytes:
    return b"\x01" + value.encode()


def _array_output(element: Type, first: int = 1) -> Callable[[str], bytes]:
    write = binary_output(element)
    oid = oid_of(element)

    def write_array(stored: str) -> bytes:
        values = unpack(element, stored)
        dimensions = shape(values)
        items = list(_flatten(values, len(dimensions)))
        parts = [_ARRAY_HEAD.pack(len(dimensions), None in items, oid)]
        parts += [_DIMENSION.pack(size, first) for size in dimensions]
        for item in items:
            if item is None:
                parts.append(_NULL)
            else:
                data = write(item)
                parts.append(_INT4.pack(len(data)))
                parts.append(data)
        return b"".join(parts)

    return write_array


def _record_output(type_: Type) -> Callable[[str], bytes]:
    from fivefold.values.rows import unpack as unpack_record

    fields = [(_OID.pack(oid_of(field)), binary_output(field)) for _, field in type_.fields]

    def write_record(stored: str) -> bytes:
        parts = [_INT4.pack(len(fields))]
        for value, (oid, write) in zip(unpack_record(type_, stored), fields, strict=True):
            data = None if value is None else write(value)
            parts += [oid, _NULL] if data is None else [oid, _INT4.pack(len(data)), data]
        return b"".join(parts)

    return write_record


def _flatten(values: Nested, depth: int) -> Nested:
    for _ in range(depth - 1):
        values = [item for inner in values for item in inner]
    return values


_OUTPUTS: dict[Kind, Callable[[Any], bytes]] = {
    Kind.BOOLEAN: _write_boolean,
    Kind.FLOAT4: _write_float4,
    Kind.FLOAT8: _write_float8,
    Kind.NUMERIC: _write_numeric,
    Kind.BYTEA: bytes,
    Kind.DATE: _write_date,
    Kind.TIME: _write_time,
    Kind.TIMESTAMP: _write_moment,
    Kind.TIMESTAMPTZ: _write_moment,
    Kind.INTERVAL: _write_interval,
    Kind.UUID: _write_uuid,
    Kind.JSONB: _write_jsonb,
    Kind.CHAR: lambda value: bytes([byte_of_char(value)]),
}


def binary_input(type_: Type) -> Callable[[bytes], Stored]:
    """Return the function from binary form to stored form, the type's modifier applied.

    Raises InvalidValue ``invalid_binary_representation`` for bytes that are no such value.
    """
    kind = type_.kind
    if type_.element is not None:
        return _array_input(type_.element)
    if kind in _VECTORS:
        return _array_input(_VECTORS[kind])
    if kind is Kind.ENUM or kind is Kind.RECORD:
        label = parser(type_)
        return lambda data: label(_read_text(data))
    read = _read_integer(_STRUCTS[kind]) if kind in _STRUCTS else _INPUTS.get(kind, _read_text)
    if type_.length is None and type_.precision is None and kind not in (Kind.BPCHAR, Kind.NAME):
        return read
    return lambda data: coerce_length(type_, read(data), explicit=False)


def _read_integer(form: struct.Struct) -> Callable[[bytes], int]:
    unpack_bytes = form.unpack

    def read(data: bytes) -> int:
        try:
            value: int = unpack_bytes(data)[0]
        except struct.error:
            raise malformed() from None
        return value

    return read


_read_int4 = _read_integer(_INT4)
_read_int8 = _read_integer(_INT8)


def _read_text(data: bytes) -> str:
    if b"\0" in data:
        raise _not_utf8(b"\0")
    try:
        return str(data, "utf-8")
    except UnicodeDecodeError as error:
        raise _not_utf8(bytes(data[error.start : error.end])) from None


def _not_utf8(data: bytes) -> InvalidValue:
    return InvalidValue(
        f'invalid byte sequence for encoding "UTF8": 0x{data.hex(" ").replace(" ", " 0x")}',
        "character_not_in_repertoire",
    )


def _read_boolean(data: bytes) -> int:
    if len(data) != 1:
        raise malformed()
    return 1 if data != b"\0" else 0


def _read_float(form: struct.Struct) -> Callable[[bytes], float | str]:
    def read(data: bytes) -> float | str:
        try:
            value: float = form.unpack(data)[0]
        except struct.error:
            raise malformed() from None
        return value if value == value else "NaN"

    return read


def _read_numeric(data: bytes) -> str:
    if len(data) < _NUMERIC_HEAD.size:
        raise malformed()
    count, weight, sign, scale = _NUMERIC_HEAD.unpack_from(data)
    if len(data) != _NUMERIC_HEAD.size + 2 * count:
        raise malformed()
    if sign in _SPECIAL_NUMERIC:
        return _SPECIAL_NUMERIC[sign]
    if sign not in (0, _NEGATIVE):
        raise malformed('invalid sign in external "numeric" value')
    if scale & ~_SCALE_MASK:
        raise malformed('invalid scale in external "numeric" value')
    groups = struct.unpack_from(f"!{count}H", data, _NUMERIC_HEAD.size)
    if any(group > 9999 for group in groups):
        raise malformed('invalid digit in external "numeric" value')
    digits = "".join(f"{group:04d}" for group in groups)
    point = (weight + 1) * 4
    if point <= 0:
        whole, fraction = "0", "0" * -point + digits
    else:
        digits = digits.ljust(point, "0")
        whole, fraction = digits[:point].lstrip("0") or "0", digits[point:]
    # PostgreSQL cuts the digits beyond the scale, and shows as many as the scale says.
    fraction = fraction[:scale].ljust(scale, "0")
    text = f"{whole}.{fraction}" if scale else whole
    return f"-{text}" if sign and text.strip("0.") else text


def _read_date(data: bytes) -> str:
    days = _read_int4(data)
    if days in _INFINITE_DAY:
        return _INFINITE_DAY[days]
    try:
        return date.fromordinal(days + _DAY_ORIGIN).isoformat()
    except (ValueError, OverflowError):
        raise _beyond("date") from None


def _beyond(name: str) -> InvalidValue:
    return InvalidValue(
        f"{name} out of range", "datetime_field_overflow", detail="Years are 1 to 9999."
    )


def _read_time(data: bytes) -> str:
    micros = _read_int8(data)
    if not 0 <= micros <= DAY_MICROS:
        raise InvalidValue("time out of range", "datetime_field_overflow")
    return clock_text(micros)


def _read_timestamp(data: bytes) -> str:
    micros = _read_int8(data)
    if micros in _INFINITE_MOMENT:
        return _INFINITE_MOMENT[micros]
    try:
        return moment_text(_MOMENT_ORIGIN + timedelta(microseconds=micros))
    except OverflowError:
        raise _beyond("timestamp") from None


def _read_timestamptz(data: bytes) -> str:
    text = _read_timestamp(data)
    return text if text.endswith("y") else f"{text}+00"


def _read_interval(data: bytes) -> str:
    try:
        micros, days, months = _INTERVAL.unpack(data)
    except struct.error:
        raise malformed() from None
    return interval_text(Interval(months, days, micros))


def _read_uuid(data: bytes) -> str:
    if len(data) != 16:
        raise malformed()
    digits = bytes(data).hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _read_json(data: bytes) -> str:
    return parse_json(_read_text(data))


def _read_jsonb(data: bytes) -> str:
    if not data:
        raise malformed()
    if data[0] != _JSONB_VERSION:
        raise malformed(f"unsupported jsonb version number {data[0]}")
    return parse_jsonb(_read_text(data[1:]))


def _array_input(element: Type) -> Callable[[bytes], str]:
    read = binary_input(element)
    oid = oid_of(element)

    def read_array(data: bytes) -> str:
        try:
            return _read_array(data, element, oid, read)
        except (struct.error, IndexError):
            raise malformed() from None

    return read_array


def _read_array(data: bytes, element: Type, oid: int, read: Callable[[bytes], Stored]) -> str:
    depth, flags, element_oid = _ARRAY_HEAD.unpack_from(data)
    if flags not in (0, 1):
        raise malformed("invalid array flags")
    if not 0 <= depth <= DIMENSIONS_MAX:
        error: FivefoldError = malformed(f"invalid number of dimensions: {depth}")
        raise error if depth < 0 else too_many_dimensions(depth)
    if element_oid != oid:
        raise InvalidStatement(
            f"binary data has array element type {element_oid} instead of expected {oid}",
            "datatype_mismatch",
        )
    at = _ARRAY_HEAD.size
    sizes = []
    count = 1
    for _ in range(depth):
        size, _lower = _DIMENSION.unpack_from(data, at)
        at += _DIMENSION.size
        sizes.append(size)
        count *= size
        # Every element has a length word: more than the bytes can hold is not an array.
        if size < 0 or count * _INT4.size > len(data):
            raise malformed()
    items: Nested = []
    for _ in range(count if depth else 0):
        (size,) = _INT4.unpack_from(data, at)
        at += _INT4.size
        if size < -1 or at + size > len(data):
            raise malformed()
        items.append(None if size < 0 else read(data[at : at + size]))
        at += max(size, 0)
    if at != len(data):
        raise malformed()
    if not items:
        return "[]"
    for size in reversed(sizes[1:]):
        items = [items[start : start + size] for start in range(0, len(items), size)]
    return pack(element, items)


_INPUTS: dict[Kind, Callable[[bytes], Stored]] = {
    Kind.BOOLEAN: _read_boolean,
    Kind.FLOAT4: _read_float(_FLOAT4),
    Kind.FLOAT8: _read_float(_FLOAT8),
    Kind.NUMERIC: _read_numeric,
    Kind.BYTEA: bytes,
    Kind.DATE: _read_date,
    Kind.TIME: _read_time,
    Kind.TIMESTAMP: _read_timestamp,
    Kind.TIMESTAMPTZ: _read_timestamptz,
    Kind.INTERVAL: _read_interval,
    Kind.UUID: _read_uuid,
    Kind.JSON: _read_json,
    Kind.CHAR: lambda data: char_of_byte(data[0]) if data else "",
    Kind.JSONB: _read_jsonb,
}
