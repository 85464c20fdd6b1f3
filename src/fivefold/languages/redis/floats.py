"""Numbers with a fraction as INCRBYFLOAT adds and prints them.

redis-server computes in C's ``long double``, which on x86-64 has 64 bits of mantissa: with them
10.5 + 0.1 is 10.6, with a double's 53 it is not. Here a number is an exact fraction, rounded to
64 bits where the C program rounds, so the digits agree to the last one.
"""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

from fivefold.languages.redis.arguments import bad_value

TEXT_BYTES_MAX = 5 * 1024
"""Redis's MAX_LONG_DOUBLE_CHARS: a text as long as that is no number."""

_MANTISSA_BITS = 64
_EXPONENT_MAX = 16384
_DECIMAL_EXPONENT_MAX = 20_000  # far beyond a long double's 4932, even after 5,000 digits
_DIGITS = 17

# What strtold reads, besides nan, which redis-server refuses.
_NUMBER = re.compile(
    rb"([+-]?)(?:"
    rb"(?P<inf>inf(?:inity)?)"
    rb"|0x(?P<hex>[0-9a-f]+\.?[0-9a-f]*|\.[0-9a-f]+)(?:p(?P<power>[+-]?[0-9]+))?"
    rb"|(?P<dec>[0-9]+\.?[0-9]*|\.[0-9]+)(?:e(?P<exp>[+-]?[0-9]+))?"
    rb")",
    re.IGNORECASE,
)


def add_decimals(left: bytes, right: bytes, refusal: str = "value is not a valid float") -> bytes:
    """Return the sum as INCRBYFLOAT prints it: at most 17 digits after the point, no exponent.

    ``refusal`` is what is said of a ``left`` that is no number.
    """
    first, second = parse_number(left, refusal), parse_number(right)
    total = None if first is None or second is None else _round(first + second)
    if total is None:
        raise bad_value("increment would produce NaN or Infinity")
    return _print(total)


def parse_amount(text: bytes) -> bytes:
    """Return the number that HINCRBYFLOAT is to add, as it prints it. Raises InvalidValue."""
    value = parse_number(text)
    if value is None:
        raise bad_value("value is NaN or Infinity")
    return _print(value)


def parse_number(text: bytes, refusal: str = "value is not a valid float") -> Fraction | None:
    """Return the number that a word spells, or None for an infinity. Raises InvalidValue."""
    match = _NUMBER.fullmatch(text) if len(text) < TEXT_BYTES_MAX else None
    if match is None:
        raise bad_value(refusal)
    if match["inf"]:
        return None
    if match["hex"]:
        whole, _, fraction = match["hex"].partition(b".")
        exact = Fraction(int(whole + fraction, 16), 16 ** len(fraction))
        exact *= Fraction(2) ** _bounded(match["power"])
    else:
        # Through Decimal, as int refuses more than 4,300 digits.
        exact = Fraction(Decimal(match["dec"].decode())) * Fraction(10) ** _bounded(match["exp"])
    value = _round(exact)
    if value is None or (exact and abs(exact) < Fraction(1, 2 ** (_EXPONENT_MAX + 62))):
        raise bad_value(refusal)
    return -value if match[1] == b"-" else value


def _bounded(exponent: bytes | None) -> int:
    value = int(exponent or b"0")
    return max(-_DECIMAL_EXPONENT_MAX, min(_DECIMAL_EXPONENT_MAX, value))


def _round(value: Fraction) -> Fraction | None:
    """Return the nearest ``long double``, or None where that is an infinity."""
    if not value:
        return value
    top, bottom = abs(value.numerator), value.denominator
    exponent = top.bit_length() - bottom.bit_length()
    if top < bottom << exponent if exponent >= 0 else top << -exponent < bottom:
        exponent -= 1
    unit = Fraction(2) ** (exponent - _MANTISSA_BITS + 1)
    rounded = round(value / unit) * unit
    return None if abs(rounded) >= 1 << _EXPONENT_MAX else rounded


def _print(value: Fraction) -> bytes:
    scaled = round(value * 10**_DIGITS)
    digits = str(Decimal(abs(scaled))).zfill(_DIGITS + 1)
    text = f"{digits[:-_DIGITS]}.{digits[-_DIGITS:]}".rstrip("0").rstrip(".")
    return (f"-{text}" if scaled < 0 else text).encode()
