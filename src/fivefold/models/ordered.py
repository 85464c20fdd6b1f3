"""Bytes that sort as numbers and texts do: what the models make the keys of their indexes of.

Numbers of all types compare with each other, exactly: a number is the greatest double that is not
above it, made to sort as bytes, and what is left between the two: nothing for most, else decimal
digits. Texts end with 0; a 0 or 1 in them has a 1 in front.
"""

from __future__ import annotations

import math
import struct
from decimal import Context, Decimal, localcontext

_END = b"\x00"
_double = struct.Struct(">d").pack
_unsigned = struct.Struct(">Q")
_EXACT = 2**53
_SIGN = 1 << 63
_ALL = (1 << 64) - 1
_DIGITS = Context(prec=6200)  # whatever a Decimal128 and a double have between them, exactly

NOT_A_NUMBER = bytes(9)
"""Sorts below all other numbers."""


def double_key(value: float) -> bytes:
    """Return eight bytes that sort as doubles do; zero has one form."""
    (bits,) = _unsigned.unpack(_double(value + 0.0))
    return _unsigned.pack(bits ^ _ALL if bits & _SIGN else bits | _SIGN)


def number_key(value: int | float) -> bytes:
    """Return bytes that sort as integers and doubles do."""
    if value.__class__ is float:
        return NOT_A_NUMBER if value != value else double_key(value) + _END
    if -_EXACT <= value <= _EXACT:
        return double_key(float(value)) + _END
    return decimal_key(Decimal(value))


def decimal_key(value: Decimal) -> bytes:
    """Return bytes that sort as numbers do."""
    if value.is_nan():
        return NOT_A_NUMBER
    if value.is_infinite():
        return double_key(float(value)) + _END
    nearest = float(value)
    with localcontext(_DIGITS):
        if math.isinf(nearest) or Decimal(nearest) > value:
            nearest = math.nextafter(nearest, -math.inf)
        if math.isinf(nearest):  # below all doubles
            return double_key(nearest) + _remainder(value + Decimal(10) ** 6200)
        rest = value - Decimal(nearest)
    return double_key(nearest) + (_remainder(rest) if rest else _END)


def _remainder(rest: Decimal) -> bytes:
    """Return bytes that sort as what is left of a number, which is above 0."""
    _, digits, _ = rest.as_tuple()
    text = "".join(map(str, digits)).rstrip("0")
    return b"\x01" + struct.pack(">H", rest.adjusted() + 0x8000) + text.encode() + _END


def text_key(value: str) -> bytes:
    """Return bytes that sort as texts do by their characters."""
    raw = value.encode("utf-8", "surrogatepass")
    if b"\0" in raw or b"\x01" in raw:
        raw = raw.replace(b"\x01", b"\x01\x01").replace(b"\0", b"\x01\0")
        # Each 0 and 1 now has a 1 in front; the end is a 0 that has none.
    return raw + _END
