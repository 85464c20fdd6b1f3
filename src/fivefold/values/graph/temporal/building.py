"""Temporal values made of maps, of each other, and cut off at a unit.

A map has the fields of one way to say a date (a calendar's, a week's, a quarter's or an ordinal
one), those of a time, and a zone; or it takes a value with ``date``, ``time`` or ``datetime`` and
says what is different. Without such a value no field may be left out before a smaller one.

Source: Cypher Manual, "Temporal functions: instant types"; openCypher TCK, expressions/temporal/
Temporal1, Temporal3 and Temporal9.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import NoReturn

from fivefold.values.graph.temporal import calendar
from fivefold.values.graph.temporal.calendar import DAY_NANOS, SECOND_NANOS, civil
from fivefold.values.graph.temporal.components import day_of_quarter, quarter
from fivefold.values.graph.temporal.faults import unsupported, wrong
from fivefold.values.graph.temporal.instants import (
    Date,
    DateTime,
    Instant,
    LocalDateTime,
    LocalTime,
    Time,
    clock_of,
)
from fivefold.values.graph.temporal.reading import check, day_of_month, day_of_year
from fivefold.values.graph.temporal.zones import offset_at, read_zone

Fields = Mapping[str, object]

UTC = 0
"""The zone of values that are given none, as an offset."""

_FORMS = {
    "calendar": ("month", "day"),
    "week": ("week", "dayOfWeek"),
    "quarter": ("quarter", "dayOfQuarter"),
    "ordinal": ("ordinalDay",),
}
_FORM_OF = {field: form for form, fields in _FORMS.items() for field in fields}
_DATE_FIELDS = ("year", *_FORM_OF)
_SUBSECONDS = ("millisecond", "microsecond", "nanosecond")
_TIME_FIELDS = ("hour", "minute", "second", *_SUBSECONDS)
_EPOCHS = ("epochSeconds", "epochMillis")

_NAMES = {
    name.lower(): name
    for name in (*_DATE_FIELDS, *_TIME_FIELDS, *_EPOCHS, "timezone", "date", "time", "datetime")
} | {"weekday": "dayOfWeek", "quarterday": "dayOfQuarter"}

_DATES = frozenset((*_DATE_FIELDS, "date"))
_TIMES = frozenset((*_TIME_FIELDS, "time"))
_BOTH = _DATES | _TIMES | {"datetime"}


def refuse(message: str) -> NoReturn:
    raise wrong(message)


def _named(fields: Fields, supported: frozenset[str]) -> dict[str, object]:
    """Return the fields by their names' own case; a null field is as one left out, but for the
    order in which fields may be left out."""
    named: dict[str, object] = {}
    for key, value in fields.items():
        name = _NAMES.get(key.lower())
        if name is None:
            refuse(f"No such field: {key}")
        if name not in supported:
            refuse(f"Not supported: {name}")
        if name in named:
            refuse(f"cannot re-assign {name}")
        named[name] = value
    if not named:
        refuse("At least one temporal unit must be specified")
    return named


def _number(named: Fields, name: str, default: int) -> int:
    value = named.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int):
        refuse(f"{name} must be an integer value")
    return value


def _selected(named: Fields, name: str) -> Instant:
    value = named[name]
    if not isinstance(value, (Date, LocalTime, Time, LocalDateTime, DateTime)):
        refuse(f"Cannot construct {name} from: {value}")
    return value


# Parts of values


def days_in(value: Instant) -> int:
    """Return the days since 1970 of a value's date; raises a fault if it has none."""
    if isinstance(value, (LocalTime, Time)):
        raise unsupported(f"Cannot get the date of: {value}")
    return value.days


def clock_in(value: Instant) -> int:
    """Return a value's time in nanoseconds from midnight; raises a fault if it has none."""
    if isinstance(value, Date):
        raise unsupported(f"Cannot get the time of: {value}")
    return value.clock


def place_in(value: Instant, default: int | str = UTC) -> int | str:
    """Return a value's zone, by name or offset; ``default`` for one that has none."""
    if isinstance(value, DateTime):
        return value.place
    return value.offset if isinstance(value, Time) else default


def _offset_in(value: Instant, default: int) -> int:
    return value.offset if isinstance(value, (Time, DateTime)) else default


def _offset_now(zone: int | str) -> int:
    """Return a zone's offset at this moment: a time without a date has no other to take."""
    return zone if isinstance(zone, int) else offset_at(time.time_ns(), zone)


# Dates of fields


def _days(named: Fields, base: int | None) -> int:
    form = _form(named)
    if base is None:
        _check_order(named, ("year", *_FORMS[form]))
        year = check("year", _number(named, "year", 0), -calendar.YEAR_MAX, calendar.YEAR_MAX)
        days = calendar.week_start(year) if "week" in named else calendar.days_of(year, 1, 1)
    else:
        days = _with_year(base, named)
    if "quarter" in named:
        number = check("quarter", _number(named, "quarter", 1), 1, 4)
        days = calendar.plus_months(days, (number - quarter(days)) * 3)
    if "month" in named:
        year, like = civil(days)
        days = calendar.clamped(year, check("month", _number(named, "month", 1), 1, 12), like.day)
    if "week" in named:
        days += (check("week", _number(named, "week", 1), 1, 53) - calendar.week(days)[1]) * 7
    if "ordinalDay" in named:
        days = day_of_year(civil(days)[0], _number(named, "ordinalDay", 1))
    if "dayOfQuarter" in named:
        number = check("dayOfQuarter", _number(named, "dayOfQuarter", 1), 1, 92)
        days += number - day_of_quarter(days)
    if "dayOfWeek" in named:
        number = check("dayOfWeek", _number(named, "dayOfWeek", 1), 1, 7)
        days += number - calendar.weekday(days)
    if "day" in named:
        year, like = civil(days)
        days = day_of_month(year, like.month, _number(named, "day", 1))
    return days


def _form(named: Fields) -> str:
    """Return which way of saying a date the fields are of; raises a fault if they are of two."""
    form = None
    for name in named:
        found = _FORM_OF.get(name)
        if found is not None and found != form:
            if form is not None:
                refuse(f"Cannot assign {name} to {form} date.")
            form = found
    return form or "calendar"


def _check_order(named: Fields, names: tuple[str, ...]) -> None:
    """Raise a fault unless all fields before the last given one are given."""
    if names[0] not in named:
        refuse(f"{names[0]} must be specified")
    missing = None
    for name in names:
        if name not in named:
            missing = missing or name
        elif missing is not None:
            refuse(f"{name} cannot be specified without {missing}")


def _with_year(base: int, named: Fields) -> int:
    if "year" not in named:
        return base
    number = check("year", _number(named, "year", 0), -calendar.YEAR_MAX, calendar.YEAR_MAX)
    if "week" in named:
        week = min(calendar.week(base)[1], calendar.weeks_in(number))
        return calendar.week_start(number, week) + calendar.weekday(base) - 1
    _, like = civil(base)
    return calendar.clamped(number, like.month, like.day)


# Times of fields


def _clock(named: Fields, base: int | None) -> int:
    if base is None:
        subsecond = {"subsecond"} if any(name in named for name in _SUBSECONDS) else set()
        given = dict.fromkeys({*named, *subsecond})
        _check_order(given, ("hour", "minute", "second", "subsecond"))
        base = 0
    seconds, nano = divmod(base, SECOND_NANOS)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return clock_of(
        check("hour", _number(named, "hour", hour if "hour" not in named else 0), 0, 23),
        check("minute", _number(named, "minute", minute if "minute" not in named else 0), 0, 59),
        check("second", _number(named, "second", second if "second" not in named else 0), 0, 59),
        _subsecond(named, nano),
    )


def _subsecond(named: Fields, nano: int) -> int:
    """Return the nanoseconds of the fields below a second: each field beside another has three
    digits, and what the value had is gone as soon as there is one."""
    given = [name for name in _SUBSECONDS if name in named]
    if not given:
        return nano
    total = 0
    for name, factor in zip(_SUBSECONDS, (1_000_000, 1_000, 1), strict=True):
        coarser = any(other in given for other in _SUBSECONDS if other != name)
        limit = 1_000 if coarser or name == "millisecond" else SECOND_NANOS // factor
        total += check(name, _number(named, name, 0), 0, limit - 1) * factor
    return total


# Values of maps


def build_date(fields: Fields) -> Date:
    """Return the date that a map says; raises a fault if it says none."""
    named = _named(fields, _DATES)
    return Date(_days(named, days_in(_selected(named, "date")) if "date" in named else None))


def build_local_time(fields: Fields) -> LocalTime:
    """Return the time of day that a map says; raises a fault if it says none."""
    named = _named(fields, _TIMES)
    return LocalTime(_clock(named, clock_in(_selected(named, "time")) if "time" in named else None))


def build_time(fields: Fields, default: int | str = UTC) -> Time:
    """Return the time of day with an offset that a map says; raises a fault if it says none.

    A ``timezone`` beside a value that has one of its own keeps the moment; else it keeps the clock.
    """
    named = _named(fields, _TIMES | {"timezone"})
    zone = _zone(named)
    if "time" not in named:
        return Time(_clock(named, None), _offset_now(default if zone is None else zone))
    value = _selected(named, "time")
    clock = _clock(named, clock_in(value))
    if zone is None:
        return Time(clock, _offset_in(value, _offset_now(default)))
    if isinstance(value, (Time, DateTime)):
        return Time(clock, value.offset).at(_offset_now(zone))
    return Time(clock, _offset_now(zone))


def build_local_date_time(fields: Fields) -> LocalDateTime:
    """Return the day and time that a map says; raises a fault if it says none."""
    wall, _ = _build_wall(_named(fields, _BOTH))
    return LocalDateTime(wall)


def build_date_time(fields: Fields, default: int | str = UTC) -> DateTime:
    """Return the moment that a map says; raises a fault if it says none.

    A ``timezone`` beside a value that has one of its own keeps the moment; else it keeps the clock.
    """
    named = _named(fields, _BOTH | {"timezone", *_EPOCHS})
    zone = _zone(named)
    epoch = next((name for name in _EPOCHS if name in named), None)
    if epoch is not None:
        if "date" in named or "time" in named or "datetime" in named:
            refuse(f"{epoch} cannot be selected together with date, time or datetime.")
        factor = SECOND_NANOS if epoch == "epochSeconds" else 1_000_000
        moment = DateTime.at(_number(named, epoch, 0) * factor, default if zone is None else zone)
        wall = _days(named, moment.days) * DAY_NANOS + _clock(named, moment.clock)
        return DateTime.local(wall, moment.place, moment.offset)
    wall, value = _build_wall(named)
    if isinstance(value, (Time, DateTime)):
        before = value.offset
        moment = DateTime.local(wall, place_in(value), before)
        return moment if zone is None else DateTime.at(moment.instant, zone)
    return DateTime.local(wall, default if zone is None else zone)


def _zone(named: Fields) -> int | str | None:
    zone = named.get("timezone")
    if zone is None:
        return None
    if not isinstance(zone, str):
        refuse(f"Cannot convert to ZoneId: {zone}")
    return read_zone(zone)


def _build_wall(named: Fields) -> tuple[int, Instant | None]:
    """Return the nanoseconds from 1970-01-01T00:00, and the value that the time was taken of."""
    if "datetime" in named:
        for name in ("date", "time"):
            if name in named:
                refuse(f"{name} cannot be selected together with datetime.")
        value = _selected(named, "datetime")
        return _days(named, days_in(value)) * DAY_NANOS + _clock(named, clock_in(value)), value
    date = _selected(named, "date") if "date" in named else None
    source = _selected(named, "time") if "time" in named else None
    timed = source is not None or any(name in named for name in _TIME_FIELDS)
    if date is None and timed:
        for name in ("year", *_FORMS[_form(named)]):
            if name not in named:
                refuse(f"{name} must be specified")
    days = _days(named, None if date is None else days_in(date))
    if not timed:
        return days * DAY_NANOS, None
    return days * DAY_NANOS + _clock(named, None if source is None else clock_in(source)), source


# Values of other values


def to_date(value: Instant) -> Date:
    return value if isinstance(value, Date) else Date(days_in(value))


def to_local_time(value: Instant) -> LocalTime:
    return value if isinstance(value, LocalTime) else LocalTime(clock_in(value))


def to_time(value: Instant, default: int | str = UTC) -> Time:
    if isinstance(value, Time):
        return value
    return Time(clock_in(value), _offset_in(value, _offset_now(default)))


def to_local_date_time(value: Instant) -> LocalDateTime:
    """Return the day and time that a value shows; a date is no such value."""
    if isinstance(value, LocalDateTime):
        return value
    if isinstance(value, DateTime):
        return LocalDateTime(value.wall)
    raise unsupported(f"Cannot select local datetime from: {value}")


def to_date_time(value: Instant, default: int | str = UTC) -> DateTime:
    """Return the moment of a value; a date is no such value."""
    if isinstance(value, DateTime):
        return value
    if isinstance(value, LocalDateTime):
        return DateTime.local(value.wall, default)
    raise unsupported(f"Cannot select datetime from: {value}")
