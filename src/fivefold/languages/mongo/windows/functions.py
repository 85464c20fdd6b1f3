"""The functions that only windows have: ranks, neighbours, moving averages, slopes, gaps filled.

Source: manual 7.0, the pages of these operators; numbers and texts of errors as in MongoDB 7.0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from math import isnan
from typing import Any

from bson.decimal128 import Decimal128

from fivefold.languages.mongo.accumulators.numbers import DECIMALS, as_double
from fivefold.languages.mongo.expressions.instants import is_date
from fivefold.languages.mongo.sorting import Sorting
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import MISSING, NAMES, kind_of
from fivefold.values.documents.order import milliseconds, sort_key

from .frames import Frame, Partition

UNIT_MS: dict[str, int] = {
    "week": 604_800_000,
    "day": 86_400_000,
    "hour": 3_600_000,
    "minute": 60_000,
    "second": 1000,
    "millisecond": 1,
}
"""Units of time of a fixed length, which slopes and areas may have."""


def document_numbers(partition: Partition) -> Iterator[int]:
    return iter(range(1, len(partition.documents) + 1))


def ranks(partition: Partition) -> Iterator[int]:
    """$rank: one more than the documents before that are not equal."""
    rank = 0
    for place, fresh in enumerate(_fresh(partition), 1):
        rank = place if fresh else rank
        yield rank


def dense_ranks(partition: Partition) -> Iterator[int]:
    """$denseRank: one more than the different values before."""
    rank = 0
    for fresh in _fresh(partition):
        rank += fresh
        yield rank


def _fresh(partition: Partition) -> Iterator[bool]:
    """Yield whether each document's value differs from that before; to 7.0 null is not missing."""
    last: Any = None
    for value in partition.sorted_values():
        key = (value is MISSING, sort_key(value))
        yield key != last
        last = key


def shifted(values: Sequence[Any], by: int, default: Any) -> Iterator[Any]:
    """$shift: the value of the document so many places on, or the default."""
    count = len(values)
    for place in range(by, count + by):
        value = values[place] if 0 <= place < count else default
        yield None if value is MISSING else value


def moving_average(values: Sequence[Any], alpha: Decimal) -> Iterator[Any]:
    """$expMovingAvg: what is no number changes nothing."""
    share, rest = float(alpha), float(1 - alpha)
    current: float | Decimal | None = None
    for value in values:
        number = as_double(value)
        if number is not None:
            if isinstance(value, Decimal128) or isinstance(current, Decimal):
                exact = value.to_decimal() if isinstance(value, Decimal128) else _decimal(number)
                if current is not None:
                    before = current if isinstance(current, Decimal) else _decimal(current)
                    exact = DECIMALS.add(
                        DECIMALS.multiply(exact, alpha), DECIMALS.multiply(before, 1 - alpha)
                    )
                current = exact
            else:
                current = number if current is None else number * share + current * rest
        yield Decimal128(current) if isinstance(current, Decimal) else current


def _decimal(value: float) -> Decimal:
    return Decimal(str(value))


def covariances(pairs: Sequence[Any], frames: Iterator[Frame], sample: bool) -> Iterator[Any]:
    """$covariancePop and $covarianceSamp over pairs; pairs that are not two numbers are passed
    over.
    """
    numbers = [_pair(pair) for pair in pairs]
    begin = end = count = 0
    mean_x = mean_y = together = 0.0
    for first, last in frames:
        if first != begin or last < end:
            begin = end = first
            count, mean_x, mean_y, together = 0, 0.0, 0.0, 0.0
        for pair in numbers[end:last]:
            if pair is None:
                continue
            x, y = pair
            count += 1
            delta = x - mean_x
            mean_x += delta / count
            mean_y += (y - mean_y) / count
            together += delta * (y - mean_y)
        end = last
        over = count - sample
        yield together / over if over > 0 else None


def _pair(pair: Any) -> tuple[float, float] | None:
    x, y = as_double(pair[0]), as_double(pair[1])
    return None if x is None or y is None else (x, y)


def _time(value: Any, unit: str | None, operator: str) -> float:
    """Return a value of the sort as a number of units."""
    if unit is not None:
        if not is_date(value):
            raise fault(
                5624900 if operator == "$derivative" else 5429513,
                f"{operator} with 'unit' expects the sortBy field to be a Date, but it was "
                + NAMES[kind_of(value)],
            )
        return milliseconds(value) / UNIT_MS[unit]
    if is_date(value):
        raise fault(
            5624901,
            f"{operator} where the sortBy is a Date requires a 'unit'",
        )
    number = as_double(value)
    if number is None or isinstance(value, bool):
        raise fault(
            5624902,
            f"{operator} where the sortBy is not a Date requires the sortBy field to be numeric, "
            f"but it was {NAMES[kind_of(value)]}",
        )
    return number


def _amount(value: Any, operator: str) -> float:
    number = as_double(value)
    if is_date(value):
        return float(milliseconds(value))
    if number is None:
        raise fault(
            5624903, f"{operator} input must be a number, but it was {NAMES[kind_of(value)]}"
        )
    return number


def derivatives(
    values: Sequence[Any], partition: Partition, frames: Iterator[Frame], unit: str | None
) -> Iterator[Any]:
    """$derivative: the slope from the first to the last of each frame."""
    times = partition.sorted_values()
    for first, last in frames:
        if last - first < 2:
            yield None
            continue
        begin, end = values[first], values[last - 1]
        from_time = _time(times[first], unit, "$derivative")
        to_time = _time(times[last - 1], unit, "$derivative")
        if _none(begin) or _none(end) or to_time == from_time:
            yield None
        else:
            rise = _amount(end, "$derivative") - _amount(begin, "$derivative")
            yield rise / (to_time - from_time)


def integrals(
    values: Sequence[Any], partition: Partition, frames: Iterator[Frame], unit: str | None
) -> Iterator[Any]:
    """$integral: the area under the values of each frame, by trapezoids."""
    known: list[tuple[float, float] | None] = [
        None if _none(value) else (_time(time, unit, "$integral"), _amount(value, "$integral"))
        for time, value in zip(partition.sorted_values(), values, strict=True)
    ]
    for first, last in frames:
        points = [point for point in known[first:last] if point is not None]
        if not points:
            yield None
            continue
        area = 0.0
        for (t0, y0), (t1, y1) in pairwise(points):
            area += (t1 - t0) * (y0 + y1) / 2
        yield area


def carried(values: Sequence[Any]) -> Iterator[Any]:
    """$locf: the last value that was not null or missing."""
    last: Any = None
    for value in values:
        if not _none(value):
            last = value
        yield last


def _none(value: Any) -> bool:
    return value is None or value is MISSING


def interpolated(values: Sequence[Any], partition: Partition) -> Iterator[Any]:
    """$linearFill: between two numbers, the line from one to the other."""
    times = [_fill_time(value) for value in partition.sorted_values()]
    for before, after in pairwise(times):
        if before == after:
            raise fault(6050106, "There can be no repeated values in the sort field")
    held: list[int] = []  # the places that wait for a number behind them
    left: int | None = None
    found: list[Any] = [None] * len(values)
    for place, value in enumerate(values):
        if _none(value):
            held.append(place)
            continue
        if as_double(value) is None or isinstance(value, bool):
            raise fault(
                6050201,
                f"Value to be filled must be numeric or nullish, but found {NAMES[kind_of(value)]}",
            )
        found[place] = value
        if left is not None:
            for gap in held:
                found[gap] = _between(times[left], times[place], values[left], value, times[gap])
        held.clear()
        left = place
    return iter(found)


def _fill_time(value: Any) -> float:
    if is_date(value):
        return float(milliseconds(value))
    number = as_double(value)
    if number is None or isnan(number):
        raise fault(
            605001,
            "$linearFill requires the sortBy field to be a number or a date, but it was "
            f"{NAMES[kind_of(value)]}",
        )
    return number


def _between(t0: float, t1: float, y0: Any, y1: Any, t: float) -> Any:
    share = (t - t0) / (t1 - t0)
    if isinstance(y0, Decimal128) or isinstance(y1, Decimal128):
        low, high = (Decimal(str(each)) for each in (y0, y1))
        rise = DECIMALS.multiply(DECIMALS.subtract(high, low), Decimal(str(share)))
        return Decimal128(DECIMALS.add(low, rise))
    return y0 + (y1 - y0) * share


Ranking = Callable[[Partition], Iterator[Any]]

RANKINGS: dict[str, Ranking] = {
    "$rank": ranks,
    "$denseRank": dense_ranks,
    "$documentNumber": document_numbers,
}


def one_field(sorting: Sorting | None, operator: str, number: int) -> None:
    """Raise unless the partition is sorted by one field."""
    if sorting is None or len(sorting.fields) != 1:
        raise fault(
            number,
            f"{operator} must be specified with a top level sortBy expression with exactly one "
            "element",
        )
