"""The components of temporal values, by the names that Cypher has for them, in any case.

Source: Cypher Manual, "Temporal values: accessing components of temporal instants" and "of
durations".
"""

from __future__ import annotations

from collections.abc import Callable

from fivefold.values.graph.temporal import calendar
from fivefold.values.graph.temporal.calendar import (
    HOUR_NANOS,
    MINUTE_NANOS,
    SECOND_NANOS,
    civil,
)
from fivefold.values.graph.temporal.durations import Duration, towards_zero
from fivefold.values.graph.temporal.faults import unsupported
from fivefold.values.graph.temporal.instants import (
    Date,
    DateTime,
    Instant,
    LocalTime,
    Time,
)
from fivefold.values.graph.temporal.zones import offset_text


def quarter(days: int) -> int:
    return (civil(days)[1].month + 2) // 3


def day_of_quarter(days: int) -> int:
    return days - calendar.quarter_start(civil(days)[0], quarter(days)) + 1


OF_DAYS: dict[str, Callable[[int], int]] = {
    "year": lambda days: civil(days)[0],
    "quarter": quarter,
    "month": lambda days: civil(days)[1].month,
    "week": lambda days: calendar.week(days)[1],
    "weekyear": lambda days: calendar.week(days)[0],
    "dayofquarter": day_of_quarter,
    "quarterday": day_of_quarter,
    "day": lambda days: civil(days)[1].day,
    "ordinalday": lambda days: civil(days)[1].timetuple().tm_yday,
    "dayofweek": calendar.weekday,
    "weekday": calendar.weekday,
}
"""Of days since 1970."""

OF_CLOCK: dict[str, Callable[[int], int]] = {
    "hour": lambda clock: clock // HOUR_NANOS,
    "minute": lambda clock: clock // MINUTE_NANOS % 60,
    "second": lambda clock: clock // SECOND_NANOS % 60,
    "millisecond": lambda clock: clock % SECOND_NANOS // 1_000_000,
    "microsecond": lambda clock: clock % SECOND_NANOS // 1_000,
    "nanosecond": lambda clock: clock % SECOND_NANOS,
}
"""Of nanoseconds from midnight."""

OF_OFFSET: dict[str, Callable[[int], int | str]] = {
    "timezone": offset_text,
    "offset": offset_text,
    "offsetminutes": lambda offset: towards_zero(offset, 60)[0],
    "offsetseconds": lambda offset: offset,
}

OF_MOMENT: dict[str, Callable[[DateTime], int | str]] = {
    "timezone": lambda moment: moment.zone or offset_text(moment.offset),
    "epochmillis": lambda moment: moment.instant // 1_000_000,
    "epochseconds": lambda moment: towards_zero(moment.instant // 1_000_000, 1_000)[0],
}

OF_DURATION: dict[str, Callable[[Duration], int]] = {
    "years": lambda d: towards_zero(d.months, 12)[0],
    "quarters": lambda d: towards_zero(d.months, 3)[0],
    "months": lambda d: d.months,
    "weeks": lambda d: towards_zero(d.days, 7)[0],
    "days": lambda d: d.days,
    "hours": lambda d: towards_zero(d.seconds, 3600)[0],
    "minutes": lambda d: towards_zero(d.seconds, 60)[0],
    "seconds": lambda d: d.seconds,
    "milliseconds": lambda d: d.seconds * 1_000 + d.nanoseconds // 1_000_000,
    "microseconds": lambda d: d.seconds * 1_000_000 + d.nanoseconds // 1_000,
    "nanoseconds": lambda d: d.seconds * SECOND_NANOS + d.nanoseconds,
    "quartersofyear": lambda d: towards_zero(towards_zero(d.months, 3)[0], 4)[1],
    "monthsofquarter": lambda d: towards_zero(d.months, 3)[1],
    "monthsofyear": lambda d: towards_zero(d.months, 12)[1],
    "daysofweek": lambda d: towards_zero(d.days, 7)[1],
    "minutesofhour": lambda d: towards_zero(towards_zero(d.seconds, 60)[0], 60)[1],
    "secondsofminute": lambda d: towards_zero(d.seconds, 60)[1],
    "millisecondsofsecond": lambda d: d.nanoseconds // 1_000_000,
    "microsecondsofsecond": lambda d: d.nanoseconds // 1_000,
    "nanosecondsofsecond": lambda d: d.nanoseconds,
}


def component(value: Instant | Duration, name: str) -> int | str:
    """Return a component of a value; raises a fault for a name that it has not."""
    found = _component(value, name.lower())
    if found is None:
        raise unsupported(f"No such field: {name}")
    return found


def _component(value: Instant | Duration, name: str) -> int | str | None:
    if isinstance(value, Duration):
        return OF_DURATION[name](value) if name in OF_DURATION else None
    if isinstance(value, DateTime) and name in OF_MOMENT:
        return OF_MOMENT[name](value)
    if isinstance(value, (Time, DateTime)) and name in OF_OFFSET:
        return OF_OFFSET[name](value.offset)
    if name in OF_DAYS and not isinstance(value, (LocalTime, Time)):
        return OF_DAYS[name](value.days)
    if name in OF_CLOCK and not isinstance(value, Date):
        return OF_CLOCK[name](value.clock)
    return None
