"""Numbers of four types: which type a result has, and how each becomes another.

A result is of the widest type of its operands (int, long, double, decimal); an int that overflows
becomes a long, a long that overflows a double. Decimals have 34 digits (IEEE 754-2008 decimal128);
a double becomes one of 15 digits. Source: manual, "Arithmetic Expression Operators", "$toDecimal".
"""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Context, Decimal
from math import isfinite, isnan
from typing import Any

from bson.decimal128 import Decimal128
from bson.int64 import Int64

from fivefold.languages.mongo.expressions.terms import name_of, shown_value
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import (
    INT32_MAX,
    INT32_MIN,
    INT64_MAX,
    INT64_MIN,
    Kind,
    kind_of,
)

CONTEXT = Context(prec=34, rounding=ROUND_HALF_EVEN, Emin=-6143, Emax=6144, clamp=1, traps=[])
"""The arithmetic of decimal128; nothing traps, as results are infinite or not a number instead."""

_EXACT = Context(prec=800, Emin=-10000, Emax=10000, traps=[])
"""Wide enough for every double as it is."""

INT, LONG, DOUBLE, DECIMAL = 1, 2, 3, 4
"""The types from narrow to wide; 0 is no number."""


def rank(value: Any) -> int:
    """Return which type of number a value is; 0 if it is none."""
    cls = value.__class__
    if cls is int:
        return INT if INT32_MIN <= value <= INT32_MAX else LONG
    if cls is float:
        return DOUBLE
    if cls is Int64:
        return LONG
    if cls is Decimal128:
        return DECIMAL
    return _RANKS.get(kind_of(value), 0)


_RANKS = {Kind.INT: INT, Kind.LONG: LONG, Kind.DOUBLE: DOUBLE, Kind.DECIMAL: DECIMAL}


def long(value: int) -> Any:
    """Return an int64: of a class of its own where an int would be taken for an int32."""
    return Int64(value) if INT32_MIN <= value <= INT32_MAX else value


def of_rank(total: int, widest: int) -> Any:
    """Return a whole result in the type it has: past an int a long, past a long a double."""
    if widest == INT and INT32_MIN <= total <= INT32_MAX:
        return total
    if INT64_MIN <= total <= INT64_MAX:
        return long(total)
    return float(total)


def decimal(value: Any) -> Decimal:
    """Return any number as a decimal of at most 34 digits; a double with its first 15."""
    if value.__class__ is Decimal128:
        return value.to_decimal()
    if isinstance(value, float):
        if value == 0 or not isfinite(value):
            return Decimal(str(value).removesuffix(".0"))
        return Decimal(f"{value:.14e}")
    if isinstance(value, Decimal128):
        return value.to_decimal()
    return Decimal(int(value))


def decimal128(value: Decimal) -> Decimal128:
    """Return a decimal rounded to what decimal128 holds."""
    return Decimal128(CONTEXT.plus(value))


def double(value: Any) -> float:
    """Return any number as the nearest double; a decimal too large is infinite."""
    if isinstance(value, Decimal128):
        return float(value.to_decimal())
    return float(value)


def is_nan(value: Any) -> bool:
    if isinstance(value, float):
        return isnan(value)
    return isinstance(value, Decimal128) and value.to_decimal().is_nan()


def is_finite(value: Any) -> bool:
    if isinstance(value, float):
        return isfinite(value)
    return not isinstance(value, Decimal128) or value.to_decimal().is_finite()


def integral(value: Any) -> int | None:
    """Return a number as an int if it is whole and fits an int64; None otherwise."""
    if rank(value) in (INT, LONG):
        return int(value)
    if not rank(value) or not is_finite(value):
        return None
    exact = value.to_decimal() if isinstance(value, Decimal128) else Decimal(value)
    if exact != exact.to_integral_value(ROUND_DOWN):
        return None
    whole = int(exact)
    return whole if INT64_MIN <= whole <= INT64_MAX else None


def as_long(value: Any) -> int:
    """Return a number cut to an int64. Raises faults 16004 and 31109."""
    if not rank(value):
        raise fault(16004, f"can't convert from BSON type {name_of(value)} to long")
    exact = value.to_decimal() if isinstance(value, Decimal128) else value
    if not is_finite(value) or not INT64_MIN <= exact <= INT64_MAX:
        raise fault(31109, f"Can't coerce out of range value {shown_value(value)} to long")
    return int(exact)


def int32(value: Any) -> int | None:
    """Return a number as an int if it is whole and fits an int32; None otherwise."""
    whole = integral(value)
    return whole if whole is not None and INT32_MIN <= whole <= INT32_MAX else None


def to_places(value: Decimal, places: int, rounding: str) -> Decimal:
    """Return a decimal with just so many digits after the point, unless 34 do not hold them."""
    found = CONTEXT.copy().quantize(value, Decimal((0, (1,), -places)))
    return (
        value if found.is_nan() else value.quantize(Decimal((0, (1,), -places)), rounding, _EXACT)
    )


def quantized(value: Decimal, places: int, rounding: str) -> Decimal:
    """Return a decimal with so many digits after the point; as it is if it has fewer."""
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or exponent >= -places:
        return value
    return value.quantize(Decimal((0, (1,), -places)), rounding, _EXACT)
