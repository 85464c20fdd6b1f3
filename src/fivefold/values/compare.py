"""The order of values that their stored texts do not have: numerics and intervals.

``decimal_order`` and ``interval_order`` are the collations ``decimal`` and ``interval`` of the
SQLite store; the keys are for sorting and grouping in Python.
"""

from __future__ import annotations

import functools
from decimal import Decimal

from fivefold.values.datetimes import DAY_MICROS
from fivefold.values.intervals import MONTH_DAYS, stored_interval

DecimalKey = tuple[bool, Decimal]
_ZERO = Decimal(0)


def decimal_order(a: str, b: str) -> int:
    """Compare two stored numerics: negative, 0 or positive; NaN equals NaN and is greatest."""
    if a == b:
        return 0
    if a == "NaN" or b == "NaN":
        return 1 if a == "NaN" else -1
    x, y = Decimal(a), Decimal(b)
    return -1 if x < y else 1 if x > y else 0


def decimal_key(stored: str) -> DecimalKey:
    """Return a key that sorts and groups stored numerics: 1.0 and 1.00 are one."""
    return (True, _ZERO) if stored == "NaN" else (False, Decimal(stored))


@functools.lru_cache(maxsize=4096)
def interval_key(stored: str) -> int:
    """Return an interval's length in microseconds, a month as 30 days, a day as 24 hours."""
    value = stored_interval(stored)
    return (value.months * MONTH_DAYS + value.days) * DAY_MICROS + value.micros


def interval_order(a: str, b: str) -> int:
    """Compare two stored intervals: negative, 0 or positive."""
    if a == b:
        return 0
    return interval_key(a) - interval_key(b)
