"""array_fill, and width_bucket by an array of bounds."""

from __future__ import annotations

import json
import math
from bisect import bisect_right
from typing import Any

from fivefold.errors import InvalidStatement, InvalidValue, Limit, Unsupported
from fivefold.stores.sqlite.functions.codes import type_of_code
from fivefold.stores.sqlite.functions.table import Entry
from fivefold.values.arrays import DIMENSIONS_MAX, pack, too_many_dimensions, unpack
from fivefold.values.compare import decimal_key, interval_key
from fivefold.values.types import FLOATS, Kind, Stored

ELEMENTS_MAX = 10_000_000
"""Of an array that array_fill makes; PostgreSQL's own bound is 13 times that."""


def fill(
    value: Stored, code: str, sizes: str | None, _: str, bounds: str | None = "", __: str = ""
) -> str:
    """array_fill; lower bounds are 1, as all arrays' here."""
    type_ = type_of_code(code)
    if type_.element is not None:
        raise InvalidStatement(
            f"could not find array type for data type {type_}", "undefined_object"
        )
    if sizes is None or bounds is None:
        raise InvalidValue(
            "dimension array or low bound array cannot be null", "null_value_not_allowed"
        )
    counts = _dimensions(sizes, "Dimension array must be one dimensional.")
    if len(counts) > DIMENSIONS_MAX:
        raise too_many_dimensions(len(counts))
    firsts = [1] * len(counts)
    if bounds:
        firsts = _dimensions(bounds, "Dimension array must be one dimensional.")
        if len(firsts) != len(counts):
            raise InvalidValue(
                "wrong number of array subscripts",
                "array_subscript_error",
                detail="Low bound array has different size than dimensions array.",
            )
    if min(counts, default=0) < 0 or math.prod(counts) > ELEMENTS_MAX:
        raise Limit("array size exceeds the maximum allowed (134217727)", "program_limit_exceeded")
    if not counts or not math.prod(counts):
        return "[]"
    if any(first != 1 for first in firsts):
        raise Unsupported("an array whose subscripts begin elsewhere than at 1")
    filled: Any = value
    for count in reversed(counts):
        filled = [filled] * count
    return pack(type_, filled)


def _dimensions(array: str, detail: str) -> list[int]:
    """Return the numbers of an array of them. Raises InvalidValue."""
    numbers = json.loads(array)
    if any(isinstance(one, list) for one in numbers):
        raise InvalidValue(
            "wrong number of array subscripts", "array_subscript_error", detail=detail
        )
    if None in numbers:
        raise InvalidValue("dimension values cannot be null", "null_value_not_allowed")
    return list(numbers)


def bucket(value: Stored, code: str, bounds: str | None, _: str) -> int | None:
    """Return how many of the bounds, which are in order, are not greater than a value."""
    if value is None or bounds is None:
        return None
    type_ = type_of_code(code)
    values = unpack(type_, bounds)
    if any(isinstance(one, list) for one in values):
        raise InvalidValue("thresholds must be one-dimensional array", "array_subscript_error")
    if None in values:
        raise InvalidValue("thresholds array must not contain NULLs", "null_value_not_allowed")
    key: Any = {Kind.NUMERIC: decimal_key, Kind.INTERVAL: interval_key}.get(type_.kind, _plain)
    if type_.kind in FLOATS:
        key = _float_key
    elif type_.kind is Kind.ENUM:
        key = type_.labels.index
    return bisect_right([key(one) for one in values], key(value))


def _plain(value: Stored) -> Any:
    return value


def _float_key(value: float | str) -> tuple[bool, float]:
    return (True, 0.0) if isinstance(value, str) else (False, value)


FUNCTIONS: tuple[Entry, ...] = (
    Entry("ff_array_fill", -1, fill),
    Entry("ff_width_bucket", 4, bucket),
)
