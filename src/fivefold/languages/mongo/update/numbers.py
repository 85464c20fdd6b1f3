"""Arithmetic of ``$inc``, ``$mul`` and ``$bit``: types widen, whole numbers never wrap around.

int and int give an int, or a long if it does not fit; a long makes a long, a double a double, a
decimal a decimal. A long that does not fit is refused. Source: manual, "$inc", "$mul", "$bit".
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Context, Decimal, localcontext
from typing import Any

from bson.decimal128 import Decimal128, create_decimal128_context
from bson.int64 import Int64

from fivefold.values.documents.kinds import (
    INT32_MAX,
    INT32_MIN,
    INT64_MAX,
    INT64_MIN,
    Kind,
    kind_of,
)

Number = int | float | Decimal128

_DECIMAL: Context = create_decimal128_context()


class NoRoom(Exception):
    """The result is no 64-bit integer."""


def add(first: Number, second: Number) -> Number:
    """Return the sum; raises NoRoom."""
    return _calculate(first, second, operator.add)


def multiply(first: Number, second: Number) -> Number:
    """Return the product; raises NoRoom."""
    return _calculate(first, second, operator.mul)


def is_long(value: Number) -> bool:
    """Return whether a whole number is a long: by its class, or because it fits no int."""
    return value.__class__ is Int64 or not INT32_MIN <= value <= INT32_MAX  # type: ignore[operator]


def whole(value: int, *, long: bool) -> int:
    """Return a result as an int if it may be one and fits, else as a long; raises NoRoom."""
    if not long and INT32_MIN <= value <= INT32_MAX:
        return int(value)
    if INT64_MIN <= value <= INT64_MAX:
        return Int64(value)
    raise NoRoom


def described(value: Number) -> str:
    """Return a number as messages about arithmetic show it: ``(NumberLong)5``."""
    return f"({_NAMES[kind_of(value)]}){value}"


_NAMES = {
    Kind.INT: "NumberInt",
    Kind.LONG: "NumberLong",
    Kind.DOUBLE: "NumberDouble",
    Kind.DECIMAL: "NumberDecimal",
}


def _calculate(first: Number, second: Number, how: Callable[[Any, Any], Any]) -> Number:
    if isinstance(first, Decimal128) or isinstance(second, Decimal128):
        with localcontext(_DECIMAL):
            return Decimal128(how(_decimal(first), _decimal(second)))
    if isinstance(first, float) or isinstance(second, float):
        return float(how(float(first), float(second)))
    result = how(int(first), int(second))
    return whole(result, long=is_long(first) or is_long(second))


def _decimal(value: Number) -> Decimal:
    """Return a number as a decimal; a double with 15 digits, all that it can be trusted for."""
    if isinstance(value, Decimal128):
        return value.to_decimal()
    return Decimal(f"{value:.14e}") if isinstance(value, float) else Decimal(value)
