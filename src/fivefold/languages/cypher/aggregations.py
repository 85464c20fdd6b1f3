"""Aggregations: what one value is made of many (openCypher 9, "Aggregating functions").

A group has one object for each aggregating call: ``add`` takes the call's arguments for one row,
``result`` gives the value. Nulls are passed over; DISTINCT is the caller's business.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, Final, Protocol

from fivefold.errors import FivefoldError
from fivefold.languages.cypher import tree
from fivefold.languages.cypher.walk import parts
from fivefold.values.graph.faults import fault
from fivefold.values.graph.order import sort_key
from fivefold.values.graph.temporal import Duration, durations
from fivefold.values.graph.types import word_of

_LEAST, _MOST = -(2**63), 2**63 - 1


class Aggregation(Protocol):
    """The aggregation of one group."""

    @property
    def add(self) -> Callable[..., None]:
        """Take a row's values of the call's arguments."""
        ...

    def result(self) -> Any:
        """Return the value for all that was added."""
        ...


class CountRows:
    """``count(*)``: how many rows there are."""

    __slots__ = ("count",)

    def __init__(self) -> None:
        self.count = 0

    def add(self) -> None:
        """Count a row."""
        self.count += 1

    def result(self) -> int:
        """Return the number of rows."""
        return self.count


class Count:
    """``count(value)``: how many are not null."""

    __slots__ = ("count",)

    def __init__(self) -> None:
        self.count = 0

    def add(self, value: Any) -> None:
        """Count a value that is not null."""
        if value is not None:
            self.count += 1

    def result(self) -> int:
        """Return the number of values."""
        return self.count


class Collect:
    """``collect(value)``: the list of what is not null."""

    __slots__ = ("values",)

    def __init__(self) -> None:
        self.values: list[Any] = []

    def add(self, value: Any) -> None:
        """Take a value that is not null."""
        if value is not None:
            self.values.append(value)

    def result(self) -> list[Any]:
        """Return the values in the order in which they came."""
        return self.values


class Sum:
    """``sum(value)``: of numbers or of durations; 0 of nothing.

    Integers are added without limit: only a sum beyond 64 bits is an error, not a way to it.
    """

    __slots__ = ("count", "length", "number")
    name = "sum"

    def __init__(self) -> None:
        self.count = 0
        self.number: int | float = 0
        self.length: Duration | None = None

    def add(self, value: Any) -> None:
        """Add a number or a duration."""
        kind = type(value)
        if kind is int or kind is float:
            self.number += value
            self.count += 1
        elif kind is Duration:
            self.length = value if self.length is None else durations.plus(self.length, value)
            self.count += 1
        elif value is not None:
            message = f"{self.name}() can only handle numerical values, duration, and null."
            raise fault("InvalidArgumentType", message, type="TypeError")

    def total(self) -> int | float | Duration:
        """Return the sum; raises a fault if numbers and durations are mixed."""
        if self.length is None:
            return self.number
        if self.number != 0:
            message = f"{self.name}() cannot mix number and duration"
            raise fault("InvalidArgumentType", message, type="TypeError")
        return self.length

    def result(self) -> int | float | Duration | None:
        """Return the sum; raises fault ArithmeticOverflow."""
        total = self.total()
        if type(total) is int and not _LEAST <= total <= _MOST:
            raise fault("ArithmeticOverflow", "long overflow")
        return total


class Avg(Sum):
    """``avg(value)``: of numbers, a float, or of durations; null of nothing."""

    __slots__ = ()
    name = "avg"

    def result(self) -> float | Duration | None:
        """Return the average."""
        if self.count == 0:
            return None
        total = self.total()
        if isinstance(total, Duration):
            return durations.divided(total, self.count)
        return total / self.count


class Max:
    """``max(value)``: the last in the order of ORDER BY; null of nothing."""

    __slots__ = ("best", "key", "kind")

    def __init__(self) -> None:
        self.best: Any = None
        self.key: Any = None
        self.kind: type | None = None

    def add(self, value: Any) -> None:
        """Keep a value that comes after the one that is kept."""
        kind = type(value)
        if kind is self.kind and (kind is int or kind is str):
            if value > self.best:
                self.best = value
                self.key = None
        elif value is not None:
            key = sort_key(value)
            if self.kind is None or key > (self.key or sort_key(self.best)):
                self.best, self.key, self.kind = value, key, kind

    def result(self) -> Any:
        """Return the value."""
        return self.best


class Min:
    """``min(value)``: the first in the order of ORDER BY; null of nothing."""

    __slots__ = ("best", "key", "kind")

    def __init__(self) -> None:
        self.best: Any = None
        self.key: Any = None
        self.kind: type | None = None

    def add(self, value: Any) -> None:
        """Keep a value that comes before the one that is kept."""
        kind = type(value)
        if kind is self.kind and (kind is int or kind is str):
            if value < self.best:
                self.best = value
                self.key = None
        elif value is not None:
            key = sort_key(value)
            if self.kind is None or key < (self.key or sort_key(self.best)):
                self.best, self.key, self.kind = value, key, kind

    def result(self) -> Any:
        """Return the value."""
        return self.best


class StDev:
    """``stDev(value)``: the standard deviation of a sample; 0.0 of fewer than two."""

    __slots__ = ("count", "mean", "squares")
    name = "stDev"
    unknown = 1
    """How many values' worth of freedom the mean takes."""

    def __init__(self) -> None:
        self.count = 0
        self.mean = self.squares = 0.0

    def add(self, value: Any) -> None:
        """Take a number. Source of the recurrence: Welford, Technometrics 4 (1962)."""
        if value is None:
            return
        _check_number(self.name, value)
        self.count += 1
        away = value - self.mean
        self.mean += away / self.count
        self.squares += away * (value - self.mean)

    def result(self) -> float:
        """Return the deviation."""
        if self.count < 2:
            return 0.0
        return math.sqrt(self.squares / (self.count - self.unknown))


class StDevP(StDev):
    """``stDevP(value)``: the standard deviation of a whole population."""

    __slots__ = ()
    name = "stDevP"
    unknown = 0


class PercentileDisc:
    """``percentileDisc(value, percentile)``: the nearest value; null of nothing."""

    __slots__ = ("percentile", "values")
    name = "percentileDisc"

    def __init__(self) -> None:
        self.values: list[int | float] = []
        self.percentile = 0.0

    def add(self, value: Any, percentile: Any) -> None:
        """Take a number; the first one's percentile counts, 0 to 1.

        Raises fault NumberOutOfRange.
        """
        if value is None:
            return
        _check_number(self.name, value)
        if not self.values:
            _check_number(self.name, percentile)
            if not 0 <= percentile <= 1:
                raise _no_percentile(percentile)
            self.percentile = percentile
        self.values.append(value)

    def result(self) -> int | float | None:
        """Return the first value that at least that part of all is at or below."""
        if not self.values:
            return None
        place = math.ceil(self.percentile * len(self.values)) - 1
        return sorted(self.values, key=sort_key)[max(place, 0)]


class PercentileCont(PercentileDisc):
    """``percentileCont(value, percentile)``: between the two nearest; null of nothing."""

    __slots__ = ()
    name = "percentileCont"

    def result(self) -> int | float | None:
        """Return the weighted average of the values next to the place, or the value in it."""
        if not self.values:
            return None
        values = sorted(self.values, key=sort_key)
        place = self.percentile * (len(values) - 1)
        low, high = math.floor(place), math.ceil(place)
        if low == high:
            return values[low]
        return values[low] + (values[high] - values[low]) * (place - low)


def _check_number(name: str, value: Any) -> None:
    if type(value) is not int and type(value) is not float:
        message = f"{name}() can only handle numerical values, not {word_of(value)}"
        raise fault("InvalidArgumentType", message, type="TypeError")


def _no_percentile(percentile: int | float) -> FivefoldError:
    return fault(
        "NumberOutOfRange",
        f"Invalid input '{percentile}' is not a valid argument, must be a number in the range"
        " 0.0 to 1.0",
    )


AGGREGATIONS: Final[dict[str, Callable[[], Aggregation]]] = {
    "count": Count,
    "collect": Collect,
    "sum": Sum,
    "avg": Avg,
    "min": Min,
    "max": Max,
    "stdev": StDev,
    "stdevp": StDevP,
    "percentilecont": PercentileCont,
    "percentiledisc": PercentileDisc,
}
"""Lower-case name → what makes the aggregation of one group. ``count(*)`` is ``CountRows``."""


def aggregation_of(call: tree.Call | tree.CountStar) -> Callable[[], Aggregation]:
    """Return what makes a group's aggregation for an aggregating call."""
    return CountRows if isinstance(call, tree.CountStar) else AGGREGATIONS[call.name.lower()]


def is_aggregating(expression: tree.Expression) -> bool:
    """Say whether an expression is made of many rows: whether it has an aggregating call."""
    return any(aggregating_calls(expression))


def aggregating_calls(node: Any) -> Iterator[tree.Call | tree.CountStar]:
    """Yield the outermost aggregating calls of an expression; a subquery's are its own."""
    if (isinstance(node, tree.Call) and node.name.lower() in AGGREGATIONS) or isinstance(
        node, tree.CountStar
    ):
        yield node
    elif not isinstance(node, tree.Subquery):
        for part in parts(node):
            yield from aggregating_calls(part)
