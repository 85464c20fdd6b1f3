"""Numbers as Java computes them: Cassandra's arithmetic shows through.

Whole numbers wrap around, floats are rounded to their width, doubles become whole numbers by
cutting off and stopping at the ends; decimals are exact, and divided to 32 digits.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Context, Decimal

NUMBERS = (
    "tinyint",
    "smallint",
    "int",
    "bigint",
    "float",
    "double",
    "decimal",
    "varint",
    "counter",
)
"""The words of the types of numbers; a function for each of them is tried in this order."""

BITS = {"tinyint": 8, "smallint": 16, "int": 32, "bigint": 64, "counter": 64}

EXACT = Context(prec=100_000, Emax=10**9, Emin=-(10**9))
"""Sums and products of decimals are exact; numbers of more digits are not computed with."""

DIGITS = 32
"""Significant digits of a decimal's quotient, exponential or logarithm, and the least decimals."""

_MAX_SCALE = 1000
_SINGLE = struct.Struct(">f")


def wrapped(bits: int) -> Callable[[int], int]:
    """Return what keeps the low bits of a whole number, the highest as its sign."""
    half, whole = 1 << (bits - 1), 1 << bits
    return lambda number: (number + half) % whole - half


def single(number: float) -> float:
    """Return the nearest float of 32 bits."""
    try:
        found: float = _SINGLE.unpack(_SINGLE.pack(number))[0]
    except OverflowError:
        return math.copysign(math.inf, number)
    return found


def cut(number: float, bits: int) -> int:
    """Return a double as a whole number: NaN is 0, what is too large the largest."""
    if number != number:
        return 0
    low, high = -(1 << (bits - 1)), (1 << (bits - 1)) - 1
    if math.isinf(number):
        return high if number > 0 else low
    return max(low, min(high, int(number)))


def narrow(number: float, bits: int) -> int:
    """Return a double as a whole number; those of less than 32 bits are the low ones of 32."""
    return wrapped(bits)(cut(number, max(bits, 32)))


def quotient(left: int, right: int) -> int:
    """Return a quotient without its fraction."""
    found = abs(left) // abs(right)
    return found if (left < 0) == (right < 0) else -found


def remainder(left: int, right: int) -> int:
    """Return what is left of a division, with the sign of what was divided."""
    return left - quotient(left, right) * right


def float_quotient(left: float, right: float) -> float:
    """Return a quotient of floats, which may be infinite or NaN."""
    if right:
        return left / right
    if not left or left != left:
        return math.nan
    return math.copysign(math.inf, left) * math.copysign(1.0, right)


def float_remainder(left: float, right: float) -> float:
    """Return what is left of a division of floats."""
    if not right or math.isinf(left) or left != left or right != right:
        return math.nan
    return math.fmod(left, right)


def _scale(number: Decimal) -> int:
    return -int(number.as_tuple().exponent)


def _whole_digits(number: Decimal) -> int:
    return len(number.as_tuple().digits) - _scale(number)


def decimal_quotient(left: Decimal, right: Decimal) -> Decimal:
    """Return a quotient of 32 decimals, or as many significant digits if those are more."""
    first = _whole_digits(left) - _whole_digits(right)
    scale = min(max(DIGITS - first, _scale(left), _scale(right), DIGITS), _MAX_SCALE)
    found = divided(left, right, scale)
    return EXACT.normalize(found) if found else Decimal(0)


def divided(left: Decimal, right: Decimal, scale: int, rounding: str = ROUND_HALF_UP) -> Decimal:
    """Return a quotient of so many decimals."""
    context = Context(prec=EXACT.prec, rounding=rounding, Emax=EXACT.Emax, Emin=EXACT.Emin)
    top = context.scaleb(left, scale)
    shift = max(0, _scale(top), _scale(right))
    dividend = int(context.scaleb(top, shift))
    divisor = int(context.scaleb(right, shift))
    return context.scaleb(_rounded(dividend, divisor, rounding), -scale)


def _rounded(dividend: int, divisor: int, rounding: str) -> Decimal:
    whole, rest = divmod(abs(dividend), abs(divisor))
    twice = 2 * rest - abs(divisor)
    if twice > 0 or (twice == 0 and (rounding == ROUND_HALF_UP or whole % 2)):
        whole += 1
    return Decimal(whole if (dividend < 0) == (divisor < 0) else -whole)


def decimal_remainder(left: Decimal, right: Decimal) -> Decimal:
    """Return what is left of a division, with the sign of what was divided."""
    return EXACT.remainder(left, right)


def significant(number: Decimal) -> Decimal:
    """Return a number of exactly 32 significant digits."""
    if not number:
        return number
    found = Context(prec=DIGITS, rounding=ROUND_HALF_UP).plus(number)
    missing = DIGITS - len(found.as_tuple().digits)
    if missing <= 0:
        return found
    return EXACT.quantize(found, Decimal((0, (1,), int(found.as_tuple().exponent) - missing)))
