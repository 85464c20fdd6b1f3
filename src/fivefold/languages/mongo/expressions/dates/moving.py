"""Counting in units of time: $dateAdd, $dateSubtract, $dateDiff, $dateTrunc.

Source: manual, each operator's page. Units of a day and more follow the clock of the time zone, so
that a day may have 23 hours; smaller ones are so many milliseconds.
"""

from __future__ import annotations

from typing import Any

from fivefold.errors import FivefoldError
from fivefold.languages.mongo.expressions.dates.calendar import (
    DAY_MS,
    Local,
    days_of,
    month_days,
    number_of,
    weekday,
)
from fivefold.languages.mongo.expressions.dates.making import zone_or_utc
from fivefold.languages.mongo.expressions.dates.zones import Zone
from fivefold.languages.mongo.expressions.forms import ABSENT, Named, Operator
from fivefold.languages.mongo.expressions.instants import is_moment, moment_ms, of_ms
from fivefold.languages.mongo.expressions.numbers import integral, long
from fivefold.languages.mongo.expressions.terms import name_of, nullish, shown_value
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import INT64_MAX, INT64_MIN

_MONTHS = {"year": 12, "quarter": 3, "month": 1}
_DAYS = {"week": 7, "day": 1}
_MS = {"hour": 3_600_000, "minute": 60_000, "second": 1000, "millisecond": 1}
UNITS = (*_MONTHS, *_DAYS, *_MS)

_WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "monday mon",
            "tuesday tue",
            "wednesday wed",
            "thursday thu",
            "friday fri",
            "saturday sat",
            "sunday sun",
        ),
        1,
    )
    for name in names.split()
}


def _moment(value: Any, name: str, number: int, what: str) -> int:
    if not is_moment(value):
        raise fault(number, f"{name} requires {what} to be a date, but got {name_of(value)}")
    return moment_ms(value)


def _unit(value: Any, name: str, no_string: int, unknown: int, what: str) -> str:
    if not isinstance(value, str):
        raise fault(no_string, f"{name} requires '{what}' to be a string, but got {name_of(value)}")
    if value not in UNITS:
        raise fault(
            unknown, f"{name} parameter '{what}' value cannot be recognized as a time unit: {value}"
        )
    return value


def _start_of_week(value: Any, name: str) -> int:
    if value is ABSENT:
        return 7
    if not isinstance(value, str):
        raise fault(
            5439015,
            f"{name} requires 'startOfWeek' to be a string, but got {name_of(value)}",
        )
    day = _WEEKDAYS.get(value.lower())
    if day is None:
        raise fault(
            5439016,
            f"{name} parameter 'startOfWeek' value cannot be recognized as a day of a week: "
            f"{value}",
        )
    return day


def _clock(value: Any, name: str) -> Zone:
    try:
        return zone_or_utc(value)
    except FivefoldError as error:
        raise fault(
            error.number or 2,
            f"{name} parameter 'timezone' value parsing failed :: caused by :: {error.message}",
        ) from None


# --------------------------------------------------------------------------- add and subtract

AMOUNT_MAX = {
    "year": 1 << 31,
    "quarter": 1 << 33,
    "month": 1 << 35,
    "week": 1 << 41,
    "day": 1 << 44,
}
"""More than any date can be moved by; larger amounts are refused before they are computed."""


def _adding(name: str, sign: int) -> Named:
    def run(start: Any, unit: Any, amount: Any, zone: Any) -> Any:
        if nullish(start) or nullish(unit) or nullish(amount) or nullish(zone):
            return None
        ms = _moment(start, name, 5166403, "startDate")
        if not isinstance(unit, str):
            raise fault(
                5166404, f"{name} expects string defining the time unit, but got {name_of(unit)}"
            )
        if unit not in UNITS:
            raise fault(9, f"unknown time unit value: {unit}")
        count = integral(amount)
        if count is None:
            raise fault(5166405, f"{name} expects integer amount of time units")
        return of_ms(_checked(moved(ms, unit, sign * count, zone_or_utc(zone)), name))

    return Named(
        run,
        ("startDate", "unit", "amount"),
        ("timezone",),
        not_object=(5166400, "{operator} expects an object as its argument"),
        unknown=(
            5166401,
            "Unrecognized argument to {operator}: {name}. Expected arguments are startDate, unit, "
            "amount, and optionally timezone.",
        ),
        lacking=(5166402, "{operator} requires startDate, unit, and amount to be present"),
        absent=ABSENT,
    )


def _checked(ms: int, name: str) -> int:
    if not INT64_MIN <= ms <= INT64_MAX:
        raise fault(5166406, f"{name} overflowed")
    return ms


def moved(ms: int, unit: str, count: int, zone: Zone) -> int:
    """Return a moment so many units on; a day that its month has not is the month's last."""
    if unit in _MS:
        return ms + count * _MS[unit]
    if abs(count) > AMOUNT_MAX[unit]:
        return INT64_MAX + 1
    if unit in _DAYS:
        return zone.moment(zone.local(ms) + count * _DAYS[unit] * DAY_MS)
    parts = zone.parts(ms)
    years, month = divmod(parts.month - 1 + count * _MONTHS[unit], 12)
    year, month = parts.year + years, month + 1
    day = min(parts.day, month_days(year, month))
    return zone.of_parts(parts._replace(year=year, month=month, day=day))


# --------------------------------------------------------------------------------- difference


def _difference(start: Any, end: Any, unit: Any, zone: Any, first: Any) -> Any:
    weekly = unit == "week"
    if any(map(nullish, (start, end, unit, zone))) or (weekly and nullish(first)):
        return None
    a = _moment(start, "$dateDiff", 5166307, "'startDate'")
    b = _moment(end, "$dateDiff", 5166307, "'endDate'")
    unit = _unit(unit, "$dateDiff", 5439013, 5439014, "unit")
    day = _start_of_week(first, "$dateDiff") if weekly else 7
    count = between(a, b, unit, _clock(zone, "$dateDiff"), day)
    if not INT64_MIN <= count <= INT64_MAX:
        raise fault(5166308, "$dateDiff overflowed")
    return long(count)


def between(start: int, end: int, unit: str, zone: Zone, first_day: int = 7) -> int:
    """Return how many borders of units lie between two moments."""
    if unit == "millisecond":
        return end - start
    if unit in _MS:
        size = _MS[unit]
        return (end + zone.offset(end) % size) // size - (start + zone.offset(start) % size) // size
    a, b = zone.parts(start), zone.parts(end)
    if unit in _MONTHS:
        size = _MONTHS[unit]
        return (b.year * 12 + b.month - 1) // size - (a.year * 12 + a.month - 1) // size
    if unit == "week":
        return _week_number(b, first_day) - _week_number(a, first_day)
    return number_of(b) - number_of(a)


def _week_number(parts: Local, first_day: int) -> int:
    days = number_of(parts)
    return (days - (weekday(days) - first_day) % 7 + 7) // 7


# --------------------------------------------------------------------------------- truncation

_REFERENCE_DAYS = days_of(2000, 1, 1)
"""From where units are counted in bins: 2000 began on a Saturday."""


def _truncate(date: Any, unit: Any, size: Any, zone: Any, first: Any) -> Any:
    weekly = unit == "week"
    if any(map(nullish, (date, unit, size, zone))) or (weekly and nullish(first)):
        return None
    ms = _moment(date, "$dateTrunc", 5439012, "'date'")
    unit = _unit(unit, "$dateTrunc", 5439013, 5439014, "unit")
    day = _start_of_week(first, "$dateTrunc") if weekly else 7
    count = 1 if size is ABSENT else integral(size)
    if count is None:
        raise fault(
            5439017,
            "$dateTrunc requires 'binSize' to be a 64-bit integer, but got value "
            f"'{shown_value(size)}' of type {name_of(size)}",
        )
    if count <= 0:
        raise fault(
            5439018,
            f"$dateTrunc requires 'binSize' to be greater than 0, but got value {count}",
        )
    clock = _clock(zone, "$dateTrunc")
    return of_ms(_checked(truncated(ms, unit, count, clock, day), "$dateTrunc"))


def truncated(ms: int, unit: str, count: int, zone: Zone, first_day: int = 7) -> int:
    """Return the first moment of the bin of so many units that a moment lies in."""
    if unit in _MS:
        size = _MS[unit] * count
        reference = zone.moment(_REFERENCE_DAYS * DAY_MS)
        return ms - (ms - reference) % size
    parts = zone.parts(ms)
    if unit in _MONTHS:
        months = (parts.year - 2000) * 12 + parts.month - 1
        years, month = divmod(months - months % (_MONTHS[unit] * count), 12)
        days = days_of(2000 + years, month + 1, 1)
    else:
        reference = _REFERENCE_DAYS
        if unit == "week":
            reference += (first_day - weekday(reference)) % 7
        days = number_of(parts)
        days -= (days - reference) % (_DAYS[unit] * count)
    return zone.moment(days * DAY_MS)


OPERATORS: dict[str, Operator] = {
    "$dateAdd": _adding("$dateAdd", 1),
    "$dateDiff": Named(
        _difference,
        ("startDate", "endDate", "unit"),
        ("timezone", "startOfWeek"),
        not_object=(5166301, "{operator} only supports an object as its argument"),
        unknown=(5166302, "Unrecognized argument to {operator}: {name}"),
        lacking=(5166303, "Missing '{name}' parameter to {operator}"),
        numbers={"startDate": 5166303, "endDate": 5166304, "unit": 5166305},
        absent=ABSENT,
    ),
    "$dateSubtract": _adding("$dateSubtract", -1),
    "$dateTrunc": Named(
        _truncate,
        ("date", "unit"),
        ("binSize", "timezone", "startOfWeek"),
        not_object=(5439007, "{operator} only supports an object as its argument"),
        unknown=(5439008, "Unrecognized argument to {operator}: {name}"),
        lacking=(5439009, "Missing '{name}' parameter to {operator}"),
        numbers={"date": 5439009, "unit": 5439010},
        absent=ABSENT,
    ),
}
