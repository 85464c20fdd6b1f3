"""Aggregates.

Source: "Native aggregates" of Cassandra's CQL reference. Sums are of the type of what is summed:
whole numbers wrap around. An average of whole numbers has no fraction; one of decimals is kept
running, so that each step is rounded.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from fivefold.languages.cql.terms.functions import javamath
from fivefold.languages.cql.terms.functions.calling import SAME
from fivefold.languages.cql.terms.functions.signatures import (
    Factory,
    Function,
    Parameter,
    State,
    any_type,
    no_guess,
)
from fivefold.values.cql.codecs import codec_of
from fivefold.values.cql.types import BIGINT, BLOB, SCALARS, CqlType


class CountRows:
    """``count(*)``."""

    def __init__(self) -> None:
        self._many = 0

    def add(self) -> None:
        """Count a row."""
        self._many += 1

    def result(self) -> int:
        """Return how many came."""
        return self._many


class Count:
    """``count(a)``: of what is not null."""

    def __init__(self) -> None:
        self._many = 0

    def add(self, value: Any) -> None:
        """Count a value."""
        if value is not None:
            self._many += 1

    def result(self) -> int:
        """Return how many came."""
        return self._many


class Whole:
    """The sum or average of whole numbers."""

    def __init__(self, finish: Callable[[int, int], int]) -> None:
        self._sum = self._many = 0
        self._finish = finish

    def add(self, value: int | None) -> None:
        """Add a number."""
        if value is not None:
            self._sum += value
            self._many += 1

    def result(self) -> int:
        """Return the sum or average."""
        return self._finish(self._sum, self._many)


class Floating:
    """The sum or average of floats, with what was lost in each step added to the next.

    The average also is what it should be where the sum is too large for a double.
    """

    def __init__(self, single: bool, average: bool) -> None:
        self._single, self._average = single, average
        self._sum = self._lost = self._simple = 0.0
        self._exact: Decimal | None = None
        self._many = 0

    def add(self, value: float | None) -> None:
        """Add a number."""
        if value is None:
            return
        self._many += 1
        self._simple += value
        if self._exact is not None:
            if value - value == 0:
                self._exact += Decimal(value)
            return
        before = self._sum
        increment = value - self._lost
        after = before + increment
        self._lost = (after - before) - increment
        self._sum = after
        if math.isinf(after) and value - value == 0 and before - before == 0:
            self._exact = Decimal(before) + Decimal(value)

    def _total(self) -> float:
        simple = self._simple
        if self._sum != self._sum and math.isinf(simple):
            return simple
        return self._sum if self._exact is None else simple

    def result(self) -> float:
        """Return the sum or average."""
        if not self._average:
            found = self._total()
        elif not self._many:
            return 0.0
        elif self._exact is not None and not math.isnan(self._simple):
            found = float(self._exact / self._many)
        else:
            found = self._total() / self._many
        return javamath.single(found) if self._single else found


class DecimalSum:
    """The sum of decimals."""

    def __init__(self) -> None:
        self._sum = Decimal(0)

    def add(self, value: Decimal | None) -> None:
        """Add a number."""
        if value is not None:
            self._sum = javamath.EXACT.add(self._sum, value)

    def result(self) -> Decimal:
        """Return the sum."""
        return self._sum


class DecimalAverage:
    """The average of decimals: each moves it by its part of the difference."""

    def __init__(self) -> None:
        self._average = Decimal(0)
        self._many = 0

    def add(self, value: Decimal | None) -> None:
        """Take in a number."""
        if value is None:
            return
        self._many += 1
        difference = javamath.EXACT.subtract(value, self._average)
        scale = -int(difference.as_tuple().exponent)
        step = javamath.divided(difference, Decimal(self._many), scale, ROUND_HALF_EVEN)
        self._average = javamath.EXACT.add(self._average, step)

    def result(self) -> Decimal:
        """Return the average."""
        return self._average


class Extreme:
    """The least or greatest value, as the type orders them."""

    def __init__(self, key: Callable[[Any], Any] | None, greatest: bool) -> None:
        self._key, self._greatest = key, greatest
        self._found: Any = None
        self._found_key: Any = None

    def add(self, value: Any) -> None:
        """Take in a value in stored form."""
        if value is None:
            return
        key = value if self._key is None else self._key(value)
        if self._found is None or (
            key > self._found_key if self._greatest else key < self._found_key
        ):
            self._found, self._found_key = value, key

    def result(self) -> Any:
        """Return it, None if nothing came."""
        return self._found


_SORTS_AS_STORED = SAME | {"uuid", "timeuuid"}


def key_of(type: CqlType) -> Callable[[Any], Any] | None:
    """Return what makes keys that sort as a type's values, None if stored forms do."""
    return None if type.name in _SORTS_AS_STORED else codec_of(type).to_key


def _no_call(*_values: Any) -> Any:
    raise AssertionError("an aggregate is not called")


def aggregate(
    name: str,
    arguments: tuple[CqlType, ...],
    returns: CqlType,
    start: Callable[[], State],
    *,
    stored: bool = False,
    label: str | None = None,
    by_factory: bool = False,
) -> Function:
    """Return an aggregate."""
    return Function(
        name, arguments, returns, _no_call, True, stored, start=start, label=label,
        by_factory=by_factory,
    )  # fmt: skip


def _average(total: int, many: int) -> int:
    return javamath.quotient(total, many) if many else 0


def summing(type: str) -> Callable[[], State]:
    """Return what sums numbers of a type."""
    if type in ("float", "double"):
        return lambda: Floating(type == "float", average=False)
    if type == "decimal":
        return DecimalSum
    if type == "varint":
        return lambda: Whole(lambda total, _many: total)
    wrap = javamath.wrapped(javamath.BITS[type])
    return lambda: Whole(lambda total, _many: wrap(total))


def averaging(type: str) -> Callable[[], State]:
    """Return what makes the average of numbers of a type."""
    if type in ("float", "double"):
        return lambda: Floating(type == "float", average=True)
    if type == "decimal":
        return DecimalAverage
    return lambda: Whole(_average)


def _extreme(name: str, types: tuple[CqlType, ...], _receiver: CqlType | None) -> Function:
    (type,) = types
    key, greatest = key_of(type), name == "max"
    return aggregate(
        name, types, type, lambda: Extreme(key, greatest), stored=True, by_factory=True
    )


COUNT_ROWS = aggregate("countRows", (), BIGINT, CountRows, stored=True, label="count")

FUNCTIONS: tuple[Function, ...] = (
    aggregate("count", (BLOB,), BIGINT, Count, stored=True),
    *(aggregate("sum", (SCALARS[one],), SCALARS[one], summing(one)) for one in javamath.NUMBERS),
    *(aggregate("avg", (SCALARS[one],), SCALARS[one], averaging(one)) for one in javamath.NUMBERS),
)

_ANY = Parameter("any", any_type, no_guess)

FACTORIES: tuple[Factory, ...] = (
    Factory("min", (_ANY,), _extreme),
    Factory("max", (_ANY,), _extreme),
)
