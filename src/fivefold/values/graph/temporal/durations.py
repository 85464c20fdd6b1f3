"""Durations: months, days, seconds and nanoseconds that are never carried into each other.

Fractions of a unit are carried downwards: a month is 30.436875 days on average (the year of the
calendar's 400-year cycle), a day 86 400 seconds. Fractions are worked out exactly, on the decimal
digits that were written, and cut off below a nanosecond.

Source: Cypher Manual, "Durations"; ISO 8601-1:2019, 5.5.2 (text forms).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Final

from fivefold.values.graph.faults import fault
from fivefold.values.graph.temporal.calendar import DAY_SECONDS, SECOND_NANOS
from fivefold.values.graph.temporal.faults import malformed, wrong

AVERAGE_MONTH_DAYS = Fraction(146_097, 4_800)
AVERAGE_MONTH_SECONDS = 2_629_746

_INT64_END = 1 << 63

_UNIT_MONTHS = {"years": 12, "quarters": 3, "months": 1}
_UNIT_DAYS = {"weeks": 7, "days": 1}
_UNIT_SECONDS = {"hours": 3600, "minutes": 60, "seconds": 1}
_UNIT_NANOS = {"milliseconds": 1_000_000, "microseconds": 1_000, "nanoseconds": 1}
_UNITS = {
    unit: (part, factor)
    for part, units in enumerate((_UNIT_MONTHS, _UNIT_DAYS, _UNIT_SECONDS, _UNIT_NANOS))
    for unit, factor in units.items()
}
"""Which of the four parts a unit belongs to, and how much of it one is."""

_NUMBER = r"([-+]?\d+(?:[.,]\d+)?)"
_WITH_UNITS = re.compile(
    rf"([-+]?)P(?:{_NUMBER}Y)?(?:{_NUMBER}M)?(?:{_NUMBER}W)?(?:{_NUMBER}D)?"
    rf"(T(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:([-+]?\d+(?:[.,]\d{{1,9}})?)S)?)?",
    re.ASCII | re.IGNORECASE,
)
_UNITS_OF_TEXT = ("years", "months", "weeks", "days", "hours", "minutes", "seconds")
_LIKE_DATES = re.compile(
    r"([-+]?)P(?:(\d{4})-(\d\d)-(\d\d)|(\d{4})(\d\d)(\d\d))?"
    r"(?:T(?:(\d\d):(\d\d)(?::(\d\d(?:[.,]\d{1,9})?))?|(\d\d)(?:(\d\d)(\d\d(?:[.,]\d{1,9})?)?)?))?",
    re.ASCII | re.IGNORECASE,
)


@functools.total_ordering
class Duration:
    """``nanoseconds`` are 0 to 999 999 999, so that seconds are those at or below the length.

    Ordered by average length, then by months, days, seconds; equal if all parts are.
    """

    __slots__ = ("days", "months", "nanoseconds", "seconds")

    def __init__(
        self, months: int = 0, days: int = 0, seconds: int = 0, nanoseconds: int = 0
    ) -> None:
        if not 0 <= nanoseconds < SECOND_NANOS:
            carried, nanoseconds = divmod(nanoseconds, SECOND_NANOS)
            seconds += carried
        self.months: Final = months
        self.days: Final = days
        self.seconds: Final = seconds
        self.nanoseconds: Final = nanoseconds
        if not -_INT64_END <= self._average_seconds() < _INT64_END or not (
            -_INT64_END <= seconds < _INT64_END
        ):
            raise wrong(
                "Invalid value for duration, will cause overflow. Value was "
                f"months={months}, days={days}, seconds={seconds}, nanos={nanoseconds}",
            )

    def _average_seconds(self) -> int:
        return self.months * AVERAGE_MONTH_SECONDS + self.days * DAY_SECONDS + self.seconds

    @property
    def key(self) -> tuple[int, int, int, int, int]:
        """What durations are ordered by."""
        length = self._average_seconds()
        return length, self.nanoseconds, self.months, self.days, self.seconds

    def __eq__(self, other: object) -> bool:
        return type(other) is Duration and self.key == other.key

    def __lt__(self, other: Duration) -> bool:
        return self.key < other.key if type(other) is Duration else NotImplemented

    def __hash__(self) -> int:
        return hash((Duration, self.months, self.days, self.seconds, self.nanoseconds))

    def __str__(self) -> str:
        years, months = towards_zero(self.months, 12)
        text = _quantity(years, "Y") + _quantity(months, "M") + _quantity(self.days, "D")
        length = self.seconds * SECOND_NANOS + self.nanoseconds
        if length:
            minutes, nanos = towards_zero(length, 60 * SECOND_NANOS)
            hours, minutes = towards_zero(minutes, 60)
            text += "T" + _quantity(hours, "H") + _quantity(minutes, "M")
            if nanos:
                second, nano = divmod(abs(nanos), SECOND_NANOS)
                decimals = f".{nano:09d}".rstrip("0") if nano else ""
                text += f"{'-' if nanos < 0 else ''}{second}{decimals}S"
        return f"P{text}" if text else "PT0S"

    def __repr__(self) -> str:
        return f"Duration('{self}')"


def towards_zero(number: int, divisor: int) -> tuple[int, int]:
    """Return quotient and remainder of a division that rounds towards zero."""
    quotient, remainder = divmod(abs(number), divisor)
    return (-quotient, -remainder) if number < 0 else (quotient, remainder)


def _quantity(number: int, unit: str) -> str:
    return f"{number}{unit}" if number else ""


def carried(
    months: int | Fraction, days: int | Fraction, seconds: int | Fraction, nanos: int | Fraction
) -> Duration:
    """Return the duration of parts that may be fractions, which are carried downwards."""
    whole_months = int(months)
    days += AVERAGE_MONTH_DAYS * (months - whole_months)
    whole_days = int(days)
    seconds += DAY_SECONDS * (days - whole_days)
    whole_seconds = int(seconds)
    nanos += SECOND_NANOS * (seconds - whole_seconds)
    return Duration(whole_months, whole_days, whole_seconds, int(nanos))


def exact(number: int | float) -> int | Fraction:
    """Return what a float's shortest decimal form says: 0.1 is a tenth.

    Raises a fault for what is no finite number.
    """
    if isinstance(number, int):
        return number
    try:
        return Fraction(repr(number))
    except ValueError:  # NaN and the infinities
        raise wrong(f"A duration cannot be made of {number}") from None


def duration_of(fields: Mapping[str, object]) -> Duration:
    """Return the duration of a map of units (in any case) to numbers; null counts as nothing."""
    parts: list[int | Fraction] = [0, 0, 0, 0]
    if not fields:
        raise wrong("At least one unit of a duration must be given")
    for name, number in fields.items():
        unit = _UNITS.get(name.lower())
        if unit is None:
            raise wrong(f"No such field: {name}")
        if number is None:
            continue
        if isinstance(number, bool) or not isinstance(number, (int, float)):
            raise wrong(f"{name} must be a number value")
        part, factor = unit
        parts[part] += exact(number) * factor
    if all(isinstance(part, int) for part in parts):
        return Duration(*(int(part) for part in parts))
    return carried(*parts)


def read_duration(text: str) -> Duration:
    """Read ISO 8601 text: with units ('P1Y2M10DT2H30M', the last may have decimals) or like dates
    ('P2012-02-02T14:37:21.545'); raises a fault for anything else."""
    found = _WITH_UNITS.fullmatch(text)
    if found is not None and text[-1] not in "PpTt":
        sign, *numbers = found.groups()
        del numbers[4]  # all of the time
        read = _read_units(sign, numbers)
    else:
        found = _LIKE_DATES.fullmatch(text)
        read = _read_like_dates(*found.groups()) if found and text[-1] not in "PpTt" else None
    if read is None:
        raise malformed("Duration", text)
    return read


def _decimal(number: str) -> int | Fraction:
    if number.lstrip("+-").isdigit():
        return int(number)
    return Fraction(number.replace(",", "."))


def _read_units(sign: str, numbers: list[str | None]) -> Duration | None:
    given = [
        (_UNITS[unit], _decimal(number))
        for unit, number in zip(_UNITS_OF_TEXT, numbers, strict=True)
        if number is not None
    ]
    if any(isinstance(number, Fraction) for _, number in given[:-1]):
        return None
    parts: list[int | Fraction] = [0, 0, 0, 0]
    for (part, factor), number in given:
        parts[part] += (-number if sign == "-" else number) * factor
    return carried(*parts)


def _read_like_dates(sign: str, *groups: str | None) -> Duration:
    dates, dates_basic, clock, clock_basic = groups[:3], groups[3:6], groups[6:9], groups[9:]
    year, month, day = (int(one or 0) for one in (dates if dates[0] else dates_basic))
    times = clock if clock[0] else clock_basic
    hour, minute = int(times[0] or 0), int(times[1] or 0)
    second = _decimal(times[2] or "0")
    limits = (
        ("months", month, 12),
        ("days", day, 31),
        ("hours", hour, 24),
        ("minutes", minute, 60),
    )
    for unit, number, most in (*limits, ("seconds", second, 60)):
        if number > most:
            raise wrong(f"{unit} is out of range: {number}")
    seconds = hour * 3600 + minute * 60 + second
    factor = -1 if sign == "-" else 1
    return carried(factor * (year * 12 + month), factor * day, factor * seconds, 0)


def plus(one: Duration, other: Duration, sign: int = 1) -> Duration:
    """Return the sum, or with ``sign`` -1 the difference, part by part."""
    return Duration(
        one.months + sign * other.months,
        one.days + sign * other.days,
        one.seconds + sign * other.seconds,
        one.nanoseconds + sign * other.nanoseconds,
    )


def times(duration: Duration, factor: int | float) -> Duration:
    """Return each part multiplied; fractions are carried downwards."""
    return _scaled(duration, exact(factor))


def divided(duration: Duration, divisor: int | float) -> Duration:
    """Return each part divided; fractions are carried downwards. Raises a fault for zero."""
    number = exact(divisor)
    if number == 0:
        raise fault("DivisionByZero", "/ by zero")
    return _scaled(duration, Fraction(1) / number)


def _scaled(duration: Duration, factor: int | Fraction) -> Duration:
    length = duration.seconds * SECOND_NANOS + duration.nanoseconds
    seconds, nanos = towards_zero(length, SECOND_NANOS)
    return carried(
        duration.months * factor, duration.days * factor, seconds * factor, nanos * factor
    )
