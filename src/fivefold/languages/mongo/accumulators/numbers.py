"""Accumulators of numbers; what is no number they do not see.

Doubles are summed with a second double that keeps what rounding lost (Neumaier's variant of Kahan's
summation), step for step as SQLite's ``sum()`` does it: a $group that was lowered to SQL gives the
same double as one that runs here. Integers are exact until the first double comes.
Sources: manual 7.0, "$sum", "$avg", "$stdDevPop", "$stdDevSamp"; sqlite.org, "Built-in Aggregate
Functions", section 2 (floating-point sums).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from math import ceil, inf, isfinite, nan, sqrt
from typing import Any

from bson.decimal128 import Decimal128, create_decimal128_context
from bson.int64 import Int64

from fivefold.values.documents.kinds import INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN

from .base import STATE_BYTES

DECIMALS = create_decimal128_context()
"""Arithmetic of Decimal128: 34 digits, nothing trapped."""

_EXACT_INT = 2**52
"""Integers below are doubles without loss; SQLite splits those that are not."""
_SPLIT = 2**14


class Total:
    """A running sum of numbers of all types, with the type that the sum has, and their count."""

    __slots__ = ("count", "decimal", "error", "large", "real", "whole")

    def __init__(self) -> None:
        self.count = 0
        self.whole = 0
        self.large = False  # whether any integer was a long
        self.real: float | None = None  # the sum from the first double on
        self.error = 0.0
        self.decimal: Decimal | None = None

    def add(self, value: Any) -> None:
        """Add a value; nothing happens if it is no number."""
        cls = value.__class__
        if cls is float:
            before = self.real
            if before is None:
                before = self._begin()
            self.real = after = before + value
            if abs(before) > abs(value):
                self.error += (before - after) + value
            else:
                self.error += (value - after) + before
        elif cls is int or cls is Int64:
            if cls is Int64 or not INT32_MIN <= value <= INT32_MAX:
                self.large = True
            if self.real is None:
                self.whole += value
            else:
                self._add_whole(value)
        elif cls is Decimal128:
            self.decimal = DECIMALS.add(self.decimal or Decimal(0), value.to_decimal())
        else:
            return
        self.count += 1

    def _begin(self) -> float:
        small = _below_split(self.whole) if abs(self.whole) >= _EXACT_INT else 0
        self.real = real = _double(self.whole - small)
        self.error = float(small)
        return real

    def _add_whole(self, value: int) -> None:
        """Add an integer to doubles; it is no new value."""
        small = _below_split(value) if abs(value) >= _EXACT_INT else 0
        self.add(float(value - small))
        self.count -= 1
        if small or abs(value) >= _EXACT_INT:
            self.add(float(small))
            self.count -= 1

    def double(self) -> float:
        """Return the sum of all that was no decimal as a double."""
        if self.real is None:
            return _double(self.whole)
        return self.real + self.error if isfinite(self.error) else self.real

    def exact(self) -> Decimal:
        """Return the whole sum as a decimal of 34 digits."""
        if self.real is None:
            rest = DECIMALS.create_decimal(self.whole)
        elif isfinite(self.real) and isfinite(self.error):
            rest = DECIMALS.add(Decimal(self.real), Decimal(self.error))
        else:
            rest = Decimal(self.real)
        return DECIMALS.add(self.decimal or Decimal(0), rest)

    def value(self) -> Any:
        """Return the sum: a decimal if one was in it, else a double, else a long, else an int."""
        if self.decimal is not None:
            return Decimal128(self.exact())
        if self.real is not None:
            return self.double()
        if not INT64_MIN <= self.whole <= INT64_MAX:
            return _double(self.whole)
        if self.large and INT32_MIN <= self.whole <= INT32_MAX:
            return Int64(self.whole)
        return self.whole


def _below_split(value: int) -> int:
    """Return the remainder by 2**14 with the sign of the value, as C's ``%`` gives it."""
    return value % _SPLIT if value >= 0 else -(-value % _SPLIT)


def _double(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        return inf if value > 0 else -inf


class Sum:
    """$sum: an int, a long if one was added or the int overflows, else a double, a decimal."""

    __slots__ = ("add", "total")

    def __init__(self, total: Total | None = None) -> None:
        self.total = total or Total()
        self.add = self.total.add

    def result(self) -> Any:
        return self.total.value()

    def size(self) -> int:
        return STATE_BYTES

    def __reduce__(self) -> Any:
        return type(self), (self.total,)


class Average(Sum):
    """$avg: a double or a decimal; null of no number."""

    __slots__ = ()

    def result(self) -> Any:
        total = self.total
        if not total.count:
            return None
        if total.decimal is not None:
            return Decimal128(DECIMALS.divide(total.exact(), Decimal(total.count)))
        return total.double() / total.count


class Count:
    """$count, and {$sum: 1}."""

    __slots__ = ("count",)

    def __init__(self) -> None:
        self.count = 0

    def add(self, _value: Any) -> None:
        self.count += 1

    def result(self) -> int:
        return self.count

    def size(self) -> int:
        return STATE_BYTES


class Deviation:
    """$stdDevPop and $stdDevSamp, in one pass (Welford); null of too few numbers."""

    __slots__ = ("count", "mean", "sample", "squares")

    def __init__(self, sample: bool) -> None:
        self.sample = sample
        self.count = 0
        self.mean = self.squares = 0.0

    def add(self, value: Any) -> None:
        number = as_double(value)
        if number is None:
            return
        self.count += 1
        delta = number - self.mean
        self.mean += delta / self.count
        self.squares += delta * (number - self.mean)

    def result(self) -> float | None:
        over = self.count - self.sample
        return sqrt(self.squares / over) if over > 0 else None

    def size(self) -> int:
        return STATE_BYTES


class Percentiles:
    """$percentile and $median: the least number that the share ``p`` of all does not exceed.

    MongoDB's method "approximate" gives this number too, as long as its digest merges nothing.
    """

    __slots__ = ("numbers", "shares", "single")

    def __init__(self, shares: Sequence[float], single: bool) -> None:
        self.numbers: list[float] = []
        self.shares, self.single = shares, single

    def add(self, value: Any) -> None:
        number = as_double(value)
        if number is not None and number == number:
            self.numbers.append(number)

    def result(self) -> Any:
        ordered = sorted(self.numbers)
        count = len(ordered)
        found = [
            ordered[max(0, ceil(share * count) - 1)] if count else None for share in self.shares
        ]
        return found[0] if self.single else found

    def size(self) -> int:
        return STATE_BYTES + 32 * len(self.numbers)


def as_double(value: Any) -> float | None:
    """Return a number as a double, and None of what is no number."""
    cls = value.__class__
    if cls is float:
        return value  # type: ignore[no-any-return]
    if cls is int or cls is Int64:
        return float(value)
    if cls is Decimal128:
        number = value.to_decimal()
        return nan if number.is_nan() else float(number)
    return None
