"""Codecs of numbers and booleans.

Source: "Data types" of Cassandra's CQL reference; section 6 of the native protocol's
specification, version 5, "Data Type Serialization Formats".
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from struct import Struct, error
from typing import Any

from fivefold.values.cql.faults import invalid_value
from fivefold.values.cql.making import (
    FromWire,
    ValueCodec,
    expected,
    java_double,
    java_text,
    refused,
)
from fivefold.values.cql.types import SCALARS, CqlType
from fivefold.values.numbers import float4_text, nearest_float4
from fivefold.values.types import BOOLEAN, FLOAT4, FLOAT8, INT2, INT4, INT8, NUMERIC, Type

INTEGER = re.compile(r"[+-]?[0-9]+")
_FLOAT = re.compile(
    r"\s*[+-]?(?:NaN|Infinity|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[fFdD]?)\s*"
)
_HEX_FLOAT = re.compile(r"\s*[+-]?0[xX][0-9a-fA-F]*\.?[0-9a-fA-F]*[pP][+-]?[0-9]+[fFdD]?\s*")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def fixed_from_wire(letter: str, message: str, *, empty: bool = True) -> FromWire:
    """Return the reader of a value of a fixed length; empty bytes may stand for null.

    ``message`` is that of Cassandra, braces where it says the length.
    """
    unpack = Struct(f">{letter}").unpack

    def from_wire(wire: bytes | None) -> Any:
        if wire is None:
            return None
        try:
            return unpack(wire)[0]
        except error:
            if empty and not wire:
                return None
            raise invalid_value(message.format(len(wire))) from None

    return from_wire


# Integers

INTEGERS: dict[str, tuple[str, int, Type, str, str, bool]] = {
    "tinyint": ("b", 1, INT2, "byte", "Expected 1 byte for a tinyint ({})", False),
    "smallint": ("h", 2, INT2, "short", "Expected 2 bytes for a smallint ({})", False),
    "int": ("i", 4, INT4, "int", "Expected 4 or 0 byte int ({})", True),
    "bigint": ("q", 8, INT8, "long", "Expected 8 or 0 byte long ({})", True),
    "counter": ("q", 8, INT8, "long", "Expected 8 or 0 byte long ({})", True),
}
"""struct's letter, bytes, store's type, Java's word, message, whether nothing is null."""

_JSON_WORDS = {
    "tinyint": "a byte value",
    "smallint": "a short value",
    "int": "an int value",
    "bigint": "a bigint value",
    "counter": "a bigint value",
}


def integer_codec(type: CqlType) -> ValueCodec:
    """Return the codec of an integer of a fixed length."""
    letter, size, store, _, message, empty = INTEGERS[type.name]
    top = 1 << (8 * size - 1)
    parse_text = integer_of_text(type.name)
    small = size < 4

    def parse(value: Any) -> int:
        if value.__class__ is int:
            if -top <= value < top:
                return int(value)
            if small:
                return parse_text(str(value))
        elif isinstance(value, str):
            return parse_text(value)
        elif small and isinstance(value, float):
            return parse_text(java_double(value))
        raise expected(_JSON_WORDS[type.name], value)

    def load(value: Any) -> int:
        if isinstance(value, int) or hasattr(value, "__index__"):
            number = int(value)
            if -top <= number < top:
                return number
            raise invalid_value(f"{number} is out of the range of {type.name}")
        raise refused(value, type)

    def unplain(value: int) -> int:
        if -top <= value < top:
            return value
        raise invalid_value(f"{value} is out of the range of {type.name}")

    def write_key(stored: int) -> bytes:
        return (stored + top).to_bytes(size, "big")

    def read_key(key: bytes, at: int) -> tuple[int, int]:
        return int.from_bytes(key[at : at + size], "big") - top, at + size

    return ValueCodec(
        type,
        store,
        encode=Struct(f">{letter}").pack,
        from_wire=fixed_from_wire(letter, message, empty=empty),
        json=str,
        parse=parse,
        from_item=int,
        load=load,
        unplain=unplain,
        write_key=write_key,
        read_key=read_key,
        native=True,
        fixed=letter,
        width=size if size >= 4 else None,
    )


def integer_of_text(name: str) -> Callable[[str], int]:
    """Return the reader of an integer's digits, with Cassandra's message for what is none."""
    _, size, _, word, _, _ = INTEGERS[name]
    top = 1 << (8 * size - 1)

    def read(text: str) -> int:
        if INTEGER.fullmatch(text) and len(text) < 100:
            number = int(text)
            if -top <= number < top:
                return number
        raise invalid_value(f"Unable to make {word} from '{text}'")

    return read


# Floats: NaN is stored as text

_SPECIAL = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def float_of_text(name: str) -> Callable[[str], float | str]:
    """Return the reader of a float's text, as Java reads it."""
    single = name == "float"

    def read(text: str) -> float | str:
        if _FLOAT.fullmatch(text):
            bare = text.strip().rstrip("fFdD")
            value = float(bare)
        elif _HEX_FLOAT.fullmatch(text):
            try:
                value = float.fromhex(text.strip().rstrip("fFdD"))
            except OverflowError:
                value = math.inf
        else:
            raise invalid_value(f"Unable to make {name} from '{text}'")
        if single:
            value = nearest_float4(value, bare if "x" not in text.lower() else None)
        return "NaN" if value != value else value

    return read


def float_codec(type: CqlType) -> ValueCodec:
    """Return the codec of float or double."""
    single = type.name == "float"
    letter, size = ("f", 4) if single else ("d", 8)
    of_text = float_of_text(type.name)
    packer = Struct(f">{letter}")
    pack, unpack = packer.pack, packer.unpack
    whole = Struct(">I" if single else ">Q")
    top = 1 << (8 * size - 1)
    mask = (top << 1) - 1
    read = fixed_from_wire(
        letter, f"Expected {size} or 0 byte value for a {type.name} ({{}})", empty=True
    )

    def encode(stored: Any) -> bytes:
        return pack(math.nan if stored.__class__ is str else stored)

    def from_wire(wire: bytes | None) -> Any:
        value = read(wire)
        return value if value == value else "NaN"

    def shown(stored: Any) -> str:
        value = float(stored)
        return java_double(value, float4_text(value) if single else None)

    def json(stored: Any) -> str:
        text = shown(stored)
        return "null" if text[-1] in "Ny" else text

    def item(stored: Any) -> str:
        text = shown(stored)
        return f'"{text}"' if text[-1] in "Ny" else text

    def rounded(value: float) -> float | str:
        near = nearest_float4(value) if single else value
        return near if near == near else "NaN"

    def from_item(value: Any) -> float | str:
        return rounded(float(value))

    def parse(value: Any) -> float | str:
        if isinstance(value, bool):
            raise expected(f"a {type.name} value", value)
        if isinstance(value, float):
            return rounded(value)
        if isinstance(value, (int, str)):
            return of_text(str(value))
        raise expected(f"a {type.name} value", value)

    def load(value: Any) -> float | str:
        if isinstance(value, (int, float, Decimal)) or hasattr(value, "__float__"):
            try:
                return rounded(float(value))
            except OverflowError:
                return math.inf if value > 0 else -math.inf
        raise refused(value, type)

    def write_key(stored: Any) -> bytes:
        (bits,) = whole.unpack(encode(stored))
        return whole.pack(bits ^ (mask if bits & top else top))

    def read_key(key: bytes, at: int) -> tuple[float | str, int]:
        (bits,) = whole.unpack_from(key, at)
        (value,) = unpack(whole.pack(bits ^ (top if bits & top else mask)))
        return (value if value == value else "NaN"), at + size

    return ValueCodec(
        type,
        FLOAT4 if single else FLOAT8,
        encode=encode,
        from_wire=from_wire,
        json=json,
        item=item,
        from_item=from_item,
        parse=parse,
        literal=shown,
        plain=float,
        unplain=rounded,
        load=load,
        dump=float,
        write_key=write_key,
        read_key=read_key,
        sort=write_key,
        fixed=letter,
        width=size,
    )


# varint and decimal: their digits


def varint_bytes(number: int) -> bytes:
    """Return a number in the fewest bytes, as two's complement."""
    size = (number if number >= 0 else ~number).bit_length() // 8 + 1
    return number.to_bytes(size, "big", signed=True)


def _number_of(digits: str) -> int:
    # Python reads no more than 4300 digits at once; Decimal reads them all.
    return int(digits) if len(digits) < 4000 else int(Decimal(digits))


def _digits_of(number: int) -> str:
    return str(number) if number.bit_length() < 13_000 else f"{Decimal(number):f}"


def _number_key(digits: int) -> bytes:
    size = abs(digits).bit_length() // 8 + 1
    head = size.to_bytes(4, "big")
    body = abs(digits).to_bytes(size, "big")
    if digits >= 0:
        return b"\x80" + head + body
    return b"\x7f" + inverted(head + body)


_INVERSE = bytes(255 - byte for byte in range(256))


def inverted(key: bytes) -> bytes:
    """Return bytes that sort the other way."""
    return key.translate(_INVERSE)


def varint_codec(type: CqlType) -> ValueCodec:
    """Return the codec of varint."""

    def from_wire(wire: bytes | None) -> str | None:
        if not wire:  # nothing is null, as in Cassandra's older protocols
            return None
        return _digits_of(int.from_bytes(wire, "big", signed=True))

    def encode(stored: str) -> bytes:
        return varint_bytes(_number_of(stored))

    def parse(value: Any) -> str:
        text = java_text(value)
        if isinstance(value, (int, str)) and INTEGER.fullmatch(text):
            return _digits_of(_number_of(text))
        raise invalid_value(f"Value '{text}' is not a valid representation of a varint value")

    def load(value: Any) -> str:
        if isinstance(value, int) or hasattr(value, "__index__"):
            return _digits_of(int(value))
        raise refused(value, type)

    def write_key(stored: str) -> bytes:
        return _number_key(_number_of(stored))

    def read_key(key: bytes, at: int) -> tuple[str, int]:
        negative = key[at] == 0x7F
        head = key[at + 1 : at + 5]
        size = int.from_bytes(inverted(head) if negative else head, "big")
        body = key[at + 5 : at + 5 + size]
        number = int.from_bytes(inverted(body) if negative else body, "big")
        return _digits_of(-number if negative else number), at + 5 + size

    return ValueCodec(
        type,
        NUMERIC,
        encode=encode,
        from_wire=from_wire,
        json=str,
        parse=parse,
        from_item=str,
        plain=_number_of,
        unplain=_digits_of,
        load=load,
        dump=_number_of,
        write_key=write_key,
        read_key=read_key,
        exact=True,
        sort=_number_of,
    )


def decimal_text(value: Decimal) -> str:
    """Return the digits that say the value and its scale, as Java's BigDecimal shows them."""
    text = str(value)
    return text.lstrip("-") if value.is_zero() else text


def decimal_of_text(text: str) -> str | None:
    """Return the stored form of a decimal's text; None if it is none."""
    if not _DECIMAL.fullmatch(text):
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or not -(2**31) < exponent < 2**31:
        return None
    return decimal_text(value)


def decimal_codec(type: CqlType) -> ValueCodec:
    """Return the codec of decimal."""

    def from_wire(wire: bytes | None) -> str | None:
        if not wire:  # nothing is null, as in Cassandra's older protocols
            return None
        if len(wire) < 4:
            raise invalid_value(f"Expected 0 or at least 4 bytes ({len(wire)})")
        if len(wire) == 4:
            raise invalid_value("Zero length BigInteger")
        scale = int.from_bytes(wire[:4], "big", signed=True)
        unscaled = Decimal(int.from_bytes(wire[4:], "big", signed=True))
        sign, digits, _ = unscaled.as_tuple()
        return decimal_text(Decimal((sign, digits, -scale)))

    def encode(stored: str) -> bytes:
        sign, digits, exponent = Decimal(stored).as_tuple()
        assert isinstance(exponent, int)
        unscaled = int(Decimal((sign, digits, 0)))
        return (-exponent).to_bytes(4, "big", signed=True) + varint_bytes(unscaled)

    def parse(value: Any) -> str:
        text = java_text(value)
        stored = decimal_of_text(text) if isinstance(value, (int, float, str)) else None
        if stored is None or isinstance(value, bool):
            raise invalid_value(f"Value '{text}' is not a valid representation of a decimal value")
        return stored

    def unplain(value: Decimal) -> str:
        exponent = value.as_tuple().exponent
        if isinstance(exponent, int) and -(2**31) < exponent < 2**31:
            return decimal_text(value)
        raise invalid_value(f"{value} is no decimal")

    def load(value: Any) -> str:
        if isinstance(value, (Decimal, int, float)):
            return unplain(Decimal(repr(value)) if isinstance(value, float) else Decimal(value))
        raise refused(value, type)

    return ValueCodec(
        type,
        NUMERIC,
        encode=encode,
        from_wire=from_wire,
        json=str,
        parse=parse,
        from_item=str,
        plain=Decimal,
        unplain=unplain,
        load=load,
        dump=Decimal,
        write_key=_decimal_key,
        read_key=_read_decimal_key,
        exact=True,
        sort=Decimal,
    )


SCALE_BYTES = 4
"""The last ones of a decimal's key."""


def _decimal_key(stored: str) -> bytes:
    """Return sign, power of ten, digits and their end, then the scale: 1.0 and 1.00 differ last.

    Digits are bytes 1 to 10, so that a shorter one is before those that go on.
    """
    value = Decimal(stored)
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    scale = (exponent + 2**31).to_bytes(SCALE_BYTES, "big")
    if value.is_zero():
        return b"\x80" + scale
    power = (value.adjusted() + 2**62).to_bytes(8, "big")
    text = bytes(digits).rstrip(b"\x00")
    body = power + bytes([digit + 1 for digit in text]) + b"\x00"
    return (b"\x7f" + inverted(body) if sign else b"\x81" + body) + scale


def _read_decimal_key(key: bytes, at: int) -> tuple[str, int]:
    kind = key[at]
    at += 1
    if kind == 0x80:
        exponent = int.from_bytes(key[at : at + 4], "big") - 2**31
        return decimal_text(Decimal((0, (0,), exponent))), at + 4
    end = key.index(b"\xff" if kind == 0x7F else b"\x00", at + 8)
    body = key[at:end]
    if kind == 0x7F:
        body = inverted(body)
    exponent = int.from_bytes(key[end + 1 : end + 5], "big") - 2**31
    power = int.from_bytes(body[:8], "big") - 2**62
    digits = [byte - 1 for byte in body[8:]]
    digits += [0] * (power - exponent + 1 - len(digits))
    return decimal_text(Decimal((int(kind == 0x7F), tuple(digits), exponent))), end + 5


# Booleans


def boolean_codec(type: CqlType) -> ValueCodec:
    """Return the codec of boolean."""

    def from_wire(wire: bytes | None) -> int | None:
        if not wire:  # nothing is null, as in Cassandra's older protocols
            return None
        if len(wire) != 1:
            raise invalid_value(f"Expected 1 or 0 byte value ({len(wire)})")
        return 1 if wire[0] else 0

    def parse(value: Any) -> int:
        if isinstance(value, bool):
            return int(value)
        if isinstance(value, str):
            found = {"true": 1, "false": 0}.get(value.lower())
            if found is None:
                raise invalid_value(f"Unable to make boolean from '{value}'")
            return found
        raise expected("a boolean value", value)

    def load(value: Any) -> int:
        if isinstance(value, (bool, int)) or value.__class__.__name__ in {"bool_", "bool"}:
            return 1 if value else 0
        raise refused(value, type)

    return ValueCodec(
        type,
        BOOLEAN,
        encode=lambda stored: b"\x01" if stored else b"\x00",
        from_wire=from_wire,
        json=lambda stored: "true" if stored else "false",
        parse=parse,
        plain=bool,
        unplain=int,
        load=load,
        dump=bool,
        write_key=lambda stored: b"\x01" if stored else b"\x00",
        read_key=lambda key, at: (key[at], at + 1),
        fixed="?",
        width=1,
    )


MAKERS: dict[CqlType, Callable[[CqlType], ValueCodec]] = {
    **{SCALARS[name]: integer_codec for name in INTEGERS},
    SCALARS["float"]: float_codec,
    SCALARS["double"]: float_codec,
    SCALARS["varint"]: varint_codec,
    SCALARS["decimal"]: decimal_codec,
    SCALARS["boolean"]: boolean_codec,
}
