"""Aggregates WITHIN GROUP: SQLite hands them their rows in order.

Source: the PostgreSQL manual, 9.21, "Ordered-Set Aggregate Functions".
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from fivefold.errors import InvalidValue
from fivefold.stores.sqlite.functions.codes import type_of_code
from fivefold.stores.sqlite.functions.collations import COLLATIONS
from fivefold.stores.sqlite.functions.datetime import interval_minus, interval_plus, interval_times
from fivefold.stores.sqlite.functions.numbers import stored
from fivefold.stores.sqlite.gaps import collation_of
from fivefold.values.arrays import each, pack, unpack
from fivefold.values.types import FLOAT8, Kind, Stored, Type

Rows = list[tuple[Any, ...]]
_Pick = Callable[[float, list[Any]], Any]


@lru_cache(256)
def _order(code: str) -> Callable[[str, str], int] | None:
    name = collation_of(type_of_code(code))
    return None if name is None else COLLATIONS[name]


def same(one: Any, other: Any, code: str) -> bool:
    """Say whether two stored forms of a type, or nulls, are one value."""
    if one is None or other is None or one == other:
        return bool(one == other)
    order = _order(code)
    return order is not None and order(one, other) == 0


def without_repeats(rows: Rows, width: int) -> Rows:
    """Return sorted rows without those that come again; after ``width`` values are their codes."""
    kept: Rows = []
    for row in rows:
        if not kept or not all(same(row[at], kept[-1][at], row[width + at]) for at in range(width)):
            kept.append(row)
    return kept


def count_different(rows: Rows) -> int:
    """Count the different rows among sorted ones: half of each is values, half their codes."""
    return len(without_repeats(rows, len(rows[0]) // 2)) if rows else 0


def mode(rows: Rows) -> Stored:
    """Return the most frequent value, the first in order of those as frequent."""
    best: Stored = None
    most = count = 0
    last: Any = None
    first: Any = None
    for value, code in rows:
        if value is None:
            continue
        if count and same(value, last, code):
            count += 1
        else:
            first, count = value, 1
        last = value
        if count > most:
            best, most = first, count
    return best


def _fraction(value: Any) -> float:
    number = float(value)
    if not 0 <= number <= 1:
        raise InvalidValue(
            f"percentile value {number:g} is not between 0 and 1", "numeric_value_out_of_range"
        )
    return number


def _percentile(rows: Rows, pick: _Pick) -> Stored:
    if not rows or rows[0][0] is None:
        return None
    fractions, fraction_code, code = rows[0][0], rows[0][1], rows[0][3]
    values = [row[2] for row in rows if row[2] is not None]
    if type_of_code(fraction_code).element is None:
        fraction = _fraction(fractions)
        return pick(fraction, values) if values else None
    if not values:
        return None
    listed = each(lambda one: pick(_fraction(one), values), unpack(FLOAT8, fractions))
    return pack(type_of_code(code), listed)


def percentile_disc(rows: Rows) -> Stored:
    """Return the first value whose place in the order reaches the fraction."""
    return _percentile(
        rows, lambda fraction, values: values[max(math.ceil(fraction * len(values)), 1) - 1]
    )


def percentile_cont(rows: Rows) -> Stored:
    """Return the value at the fraction, between its two neighbours if it falls there."""
    return _percentile(rows, _between(type_of_code(rows[0][3])) if rows else _between(FLOAT8))


def _between(type_: Type) -> _Pick:
    def pick(fraction: float, values: list[Any]) -> Any:
        place = fraction * (len(values) - 1)
        first = math.floor(place)
        low, high = values[first], values[math.ceil(place)]
        if first == math.ceil(place):
            return low
        if type_.kind is Kind.INTERVAL:
            return interval_plus(low, interval_times(interval_minus(high, low), place - first))
        return stored(float(low) + (place - first) * (float(high) - float(low)))

    return pick
