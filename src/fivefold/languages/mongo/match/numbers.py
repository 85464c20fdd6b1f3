"""Whole numbers in operators' arguments, and the words in which MongoDB refuses others."""

from __future__ import annotations

from typing import Any

from bson.decimal128 import Decimal128

from fivefold.errors import FivefoldError
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import (
    INT32_MAX,
    INT32_MIN,
    INT64_MAX,
    INT64_MIN,
    NUMBERS,
    kind_of,
)
from fivefold.values.documents.text import shown_field


def is_number(value: Any) -> bool:
    """Tell whether a value is an int, long, double or decimal."""
    return kind_of(value) in NUMBERS


def whole_number(name: str, value: Any) -> int:
    """Return a number that must be whole and fit 64 bits. Raises fault 9 (FailedToParse)."""
    if not is_number(value):
        raise fault(9, f"Expected a number in: {shown_field(name, value)}")
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        if value != value:
            raise fault(9, f"Expected an integer, but found NaN in: {shown_field(name, value)}")
        if not INT64_MIN <= value < 2.0**63:
            raise _not_64_bits(name, value)
        if value != int(value):
            raise fault(9, f"Expected an integer: {shown_field(name, value)}")
        return int(value)
    exact = value.to_decimal()
    if not exact.is_finite() or exact != int(exact) or not INT64_MIN <= exact <= INT64_MAX:
        raise _not_64_bits(name, value)
    return int(exact)


def size_number(name: str, value: Any, bits: int = 64) -> int:
    """Return a whole number of 0 or more that fits so many bits. Raises fault 9."""
    whole = whole_number(name, value)
    if bits == 32 and not INT32_MIN <= whole <= INT32_MAX:
        raise fault(9, f"Cannot represent {shown_field(name, value)} in an int")
    if whole < 0:
        raise fault(9, f"Expected a non-negative number in: {shown_field(name, value)}")
    return whole


def whole_part(value: Any) -> int | None:
    """Return a number without what is behind its point; None if that is no 64-bit number."""
    if isinstance(value, Decimal128):
        value = value.to_decimal()
        if not value.is_finite() or not INT64_MIN <= value <= INT64_MAX:
            return None
    elif isinstance(value, float) and not INT64_MIN <= value < 2.0**63:
        return None
    return int(value)


def _not_64_bits(name: str, value: Any) -> FivefoldError:
    return fault(9, f"Cannot represent as a 64-bit integer: {shown_field(name, value)}")
