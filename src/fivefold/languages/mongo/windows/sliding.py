"""Accumulators over windows.

Where a window only grows, an accumulator is added to. Where it also loses documents at its
beginning, sums and extremes are kept by what comes and goes, and any other accumulator is filled
anew for each document.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any

from bson.decimal128 import Decimal128
from bson.int64 import Int64

from fivefold.languages.mongo.accumulators.base import Accumulator
from fivefold.languages.mongo.accumulators.numbers import DECIMALS, Total
from fivefold.values.documents.kinds import INT32_MAX, INT32_MIN, MISSING
from fivefold.values.documents.order import SortKey, sort_key

from .frames import Frame


class SlidingTotal:
    """A sum of what is in the window, and how many numbers that are."""

    def __init__(self) -> None:
        self.whole = 0
        self.longs = self.doubles = self.decimals = self.count = 0
        self.real = Total()
        self.decimal = Decimal(0)
        self.odd: list[float] = []  # infinities and NaN, which cannot be taken from a sum

    def slide(self, value: Any, by: int) -> None:
        """Add a value (``by`` 1) or take one away (-1)."""
        cls = value.__class__
        if cls is int or cls is Int64:
            self.whole += by * value
            self.longs += by * (cls is Int64 or not INT32_MIN <= value <= INT32_MAX)
        elif cls is float:
            self.doubles += by
            if value - value != 0:
                self._slide_odd(value, by)
            elif self.doubles:
                self.real.add(by * value)
            else:
                self.real = Total()
        elif cls is Decimal128:
            self.decimals += by
            self.decimal = DECIMALS.add(self.decimal, by * value.to_decimal())
            if not self.decimals:
                self.decimal = Decimal(0)
        else:
            return
        self.count += by

    def _slide_odd(self, value: float, by: int) -> None:
        if by > 0:
            self.odd.append(value)
        else:
            self.odd.pop(0)

    def total(self) -> Total:
        total = Total()
        total.add(Int64(self.whole) if self.longs else self.whole)
        if self.doubles:
            total.add(self.real.double())
        for value in self.odd:
            total.add(value)
        if self.decimals:
            total.add(Decimal128(self.decimal))
        return total

    def sum(self) -> Any:
        return self.total().value()

    def average(self) -> Any:
        if not self.count:
            return None
        total = self.total()
        if total.decimal is not None:
            return Decimal128(DECIMALS.divide(total.exact(), Decimal(self.count)))
        return total.double() / self.count


def sliding_sums(
    values: list[Any], frames: Iterable[Frame], result: Callable[[SlidingTotal], Any]
) -> Iterator[Any]:
    total = SlidingTotal()
    begin = end = 0
    for first, last in frames:
        while end < last:
            total.slide(values[end], 1)
            end += 1
        while begin < first:
            if begin >= end:  # the window jumped over what it never held
                begin = end = first
                while end < last:
                    total.slide(values[end], 1)
                    end += 1
                break
            total.slide(values[begin], -1)
            begin += 1
        yield result(total)


def sliding_extremes(
    values: list[Any], frames: Iterable[Frame], better: Callable[[SortKey, SortKey], bool]
) -> Iterator[Any]:
    """Yield the best value of each frame: a queue holds those that can still become it."""
    queue: deque[tuple[int, SortKey]] = deque()
    end = 0
    for first, last in frames:
        for place in range(end, last):
            value = values[place]
            if value is None or value is MISSING:
                continue
            key = sort_key(value)
            while queue and better(key, queue[-1][1]):
                queue.pop()
            queue.append((place, key))
        end = max(end, last)
        while queue and queue[0][0] < first:
            queue.popleft()
        yield values[queue[0][0]] if queue else None


def filled(
    values: list[Any], frames: Iterable[Frame], make: Callable[[], Accumulator]
) -> Iterator[Any]:
    """Yield an accumulator's result for each frame."""
    state = make()
    begin = end = 0
    for first, last in frames:
        if first != begin or last < end:
            state, begin, end = make(), first, first
        for place in range(end, last):
            state.add(values[place])
        end = last
        yield state.result()


def lesser(left: SortKey, right: SortKey) -> bool:
    return left < right


def greater(left: SortKey, right: SortKey) -> bool:
    return right < left


Slide = Callable[[list[Any], Iterable[Frame]], Iterator[Any]]

SLIDING: dict[str, Slide] = {
    "$sum": lambda values, frames: sliding_sums(values, frames, SlidingTotal.sum),
    "$avg": lambda values, frames: sliding_sums(values, frames, SlidingTotal.average),
    "$count": lambda values, frames: (last - first for first, last in frames),
    "$min": lambda values, frames: sliding_extremes(values, frames, lesser),
    "$max": lambda values, frames: sliding_extremes(values, frames, greater),
    "$first": lambda values, frames: (
        None if first == last or values[first] is MISSING else values[first]
        for first, last in frames
    ),
    "$last": lambda values, frames: (
        None if first == last or values[last - 1] is MISSING else values[last - 1]
        for first, last in frames
    ),
    "$push": lambda values, frames: (
        [value for value in values[first:last] if value is not MISSING] for first, last in frames
    ),
}
"""What is not filled anew when documents leave the window."""
