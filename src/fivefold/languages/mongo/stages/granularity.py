"""Series of preferred numbers, to which $bucketAuto rounds its boundaries.

Source: manual 7.0, "$bucketAuto (aggregation)", section "Granularity"; the series are those of
ISO 3 (Renard), IEC 60063 (E), and "1-2-5".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, inf, log2
from typing import Any

from bson.decimal128 import Decimal128

from fivefold.languages.mongo.accumulators.numbers import as_double
from fivefold.values.documents.faults import fault


@dataclass(frozen=True, slots=True)
class Granularity:
    """A series: its numbers times all powers of ten; without any, the powers of two."""

    series: tuple[float, ...] = ()

    def check(self, value: Any) -> None:
        """Raise 40258 to 40260 for what cannot be rounded."""
        number = None if isinstance(value, bool) else as_double(value)
        if number is None:
            raise fault(
                40258,
                "$bucketAuto can specify a 'granularity' with numeric boundaries only, but found a "
                "value with type that is not a number",
            )
        if number != number:
            raise fault(
                40259,
                "$bucketAuto can specify a 'granularity' with numeric boundaries only, but found a "
                "NaN",
            )
        if number < 0:
            raise fault(
                40260,
                "$bucketAuto can specify a 'granularity' with non-negative numbers only, but found "
                "a negative number",
            )

    def above(self, value: Any) -> Any:
        """Return the first number of the series above a value; zero is its own."""
        return _like(value, self._above(_number(value)))

    def below(self, value: Any) -> Any:
        """Return the last number of the series below a value; zero is its own."""
        return _like(value, self._below(_number(value)))

    def _above(self, number: float) -> float:
        if number in (0, inf):
            return number
        if not self.series:
            return float(2 ** (floor(log2(number)) + 1))
        power = 1.0
        while number >= self.series[-1] * power:
            if number < self.series[0] * power * 10:
                return self.series[0] * power * 10
            power *= 10
        while number < self.series[0] * power:
            if number >= self.series[-1] * power / 10:
                return self.series[0] * power
            power /= 10
        return next(each * power for each in self.series if number < each * power)

    def _below(self, number: float) -> float:
        if number in (0, inf):
            return number
        if not self.series:
            return float(2.0 ** (ceil(log2(number)) - 1))
        power = 1.0
        while number > self.series[-1] * power:
            if number <= self.series[0] * power * 10:
                return self.series[-1] * power
            power *= 10
        while number <= self.series[0] * power:
            power /= 10
            if number > self.series[-1] * power:
                return self.series[-1] * power
        return next(each * power for each in reversed(self.series) if each * power < number)


def _number(value: Any) -> float:
    number = as_double(value)
    assert number is not None, "checked before"
    return number


def _like(value: Any, number: float) -> Any:
    """Return a number as a decimal if the value was one; MongoDB rounds all others to doubles."""
    return Decimal128(format(number, ".15g")) if isinstance(value, Decimal128) else number


def _series(numbers: Sequence[float]) -> Granularity:
    return Granularity(tuple(numbers))


_R5 = (1.0, 1.6, 2.5, 4.0, 6.3)
_R10 = (1.0, 1.25, 1.6, 2.0, 2.5, 3.15, 4.0, 5.0, 6.3, 8.0)
_R20 = (
    *(1.0, 1.12, 1.25, 1.4, 1.6, 1.8, 2.0, 2.24, 2.5, 2.8),
    *(3.15, 3.55, 4.0, 4.5, 5.0, 5.6, 6.3, 7.1, 8.0, 9.0),
)
_R40 = (
    *(1.0, 1.06, 1.12, 1.18, 1.25, 1.32, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9, 2.0, 2.12),
    *(2.24, 2.36, 2.5, 2.65, 2.8, 3.0, 3.15, 3.35, 3.55, 3.75, 4.0, 4.25, 4.5, 4.75),
    *(5.0, 5.3, 5.6, 6.0, 6.3, 6.7, 7.1, 7.5, 8.0, 8.5, 9.0, 9.5),
)
_R80 = (
    *(1.0, 1.03, 1.06, 1.09, 1.12, 1.15, 1.18, 1.22, 1.25, 1.28, 1.32, 1.36, 1.4, 1.45),
    *(1.5, 1.55, 1.6, 1.65, 1.7, 1.75, 1.8, 1.85, 1.9, 1.95, 2.0, 2.06, 2.12, 2.18),
    *(2.24, 2.3, 2.36, 2.43, 2.5, 2.58, 2.65, 2.72, 2.8, 2.9, 3.0, 3.07, 3.15, 3.25),
    *(3.35, 3.45, 3.55, 3.65, 3.75, 3.87, 4.0, 4.12, 4.25, 4.37, 4.5, 4.62, 4.75, 4.87),
    *(5.0, 5.15, 5.3, 5.45, 5.6, 5.8, 6.0, 6.15, 6.3, 6.5, 6.7, 6.9, 7.1, 7.3),
    *(7.5, 7.75, 8.0, 8.25, 8.5, 8.75, 9.0, 9.25, 9.5, 9.75),
)
_E6 = (1.0, 1.5, 2.2, 3.3, 4.7, 6.8)
_E12 = (1.0, 1.2, 1.5, 1.8, 2.2, 2.7, 3.3, 3.9, 4.7, 5.6, 6.8, 8.2)
_E24 = (
    *(1.0, 1.1, 1.2, 1.3, 1.5, 1.6, 1.8, 2.0, 2.2, 2.4, 2.7, 3.0),
    *(3.3, 3.6, 3.9, 4.3, 4.7, 5.1, 5.6, 6.2, 6.8, 7.5, 8.2, 9.1),
)


def _exact(steps: int) -> tuple[float, ...]:
    """Return an E series of three digits: the powers of the root of ten, rounded.

    IEC 60063 rounds one number of E192 otherwise than to the nearest, 9.20.
    """
    numbers = [round(10 ** (step / steps), 2) for step in range(steps)]
    return tuple([9.2 if number == 9.19 else number for number in numbers])


GRANULARITIES: dict[str, Granularity] = {
    "R5": _series(_R5),
    "R10": _series(_R10),
    "R20": _series(_R20),
    "R40": _series(_R40),
    "R80": _series(_R80),
    "1-2-5": _series((1.0, 2.0, 5.0)),
    "E6": _series(_E6),
    "E12": _series(_E12),
    "E24": _series(_E24),
    "E48": _series(_exact(48)),
    "E96": _series(_exact(96)),
    "E192": _series(_exact(192)),
    "POWERSOF2": Granularity(),
}
