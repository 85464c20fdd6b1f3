"""Temporal values cut off at a unit, with what a map puts in the place of what was cut off.

Source: Cypher Manual, "Temporal functions: truncating"; openCypher TCK, Temporal9.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fivefold.values.graph.temporal import building, calendar
from fivefold.values.graph.temporal.building import Fields, refuse
from fivefold.values.graph.temporal.calendar import (
    DAY_NANOS,
    HOUR_NANOS,
    MINUTE_NANOS,
    SECOND_NANOS,
    civil,
)
from fivefold.values.graph.temporal.components import quarter
from fivefold.values.graph.temporal.faults import unsupported
from fivefold.values.graph.temporal.instants import (
    Date,
    DateTime,
    Instant,
    LocalDateTime,
    LocalTime,
    Time,
)
from fivefold.values.graph.temporal.reading import check
from fivefold.values.graph.temporal.zones import read_zone


def _year_start(years: int) -> Callable[[int], int]:
    return lambda days: calendar.days_of(civil(days)[0] // years * years, 1, 1)


DATE_UNITS: dict[str, Callable[[int], int]] = {
    "millennium": _year_start(1000),
    "century": _year_start(100),
    "decade": _year_start(10),
    "year": _year_start(1),
    "weekyear": lambda days: calendar.week_start(calendar.week(days)[0]),
    "quarter": lambda days: calendar.quarter_start(civil(days)[0], quarter(days)),
    "month": lambda days: days - civil(days)[1].day + 1,
    "week": lambda days: days - calendar.weekday(days) + 1,
    "day": lambda days: days,
}
"""Of days since 1970."""

TIME_UNITS = {
    "day": DAY_NANOS,
    "hour": HOUR_NANOS,
    "minute": MINUTE_NANOS,
    "second": SECOND_NANOS,
    "millisecond": 1_000_000,
    "microsecond": 1_000,
}
"""Nanoseconds of a unit."""

_FINER = {
    "millisecond": (("microsecond", 1_000, 1_000), ("nanosecond", 1, 1_000_000)),
    "microsecond": (("nanosecond", 1, 1_000),),
}
"""What a map may put below a truncated second's part: field, nanoseconds of one, how many."""


def truncate_date(unit: str, value: Instant, fields: Fields) -> Date:
    """Return the first day of the unit that holds a value's date."""
    days = DATE_UNITS.get(unit.lower())
    if days is None:
        _known(unit)
        raise unsupported(f"Unit too small for truncation: {unit}")
    date = Date(days(building.days_in(value)))
    return building.build_date({**fields, "date": date}) if fields else date


def truncate_local_time(unit: str, value: Instant, fields: Fields) -> LocalTime:
    """Return a value's time of day without what is below a unit."""
    clock, rest = _clock(unit, value, fields)
    time = LocalTime(clock)
    return building.build_local_time({**rest, "time": time}) if rest else time


def truncate_time(
    unit: str, value: Instant, fields: Fields, default: int | str = building.UTC
) -> Time:
    """Return a value's time with its offset, or a given ``timezone`` in its place."""
    clock, rest = _clock(unit, value, fields)
    zone, rest = _zone(rest)
    time = building.to_time(LocalTime(clock), _place(zone, value, default, offset_only=True))
    return building.build_time({**rest, "time": time}) if rest else time


def truncate_local_date_time(unit: str, value: Instant, fields: Fields) -> LocalDateTime:
    """Return the first moment, on no zone's clock, of the unit that a value is in."""
    wall, rest = _wall(unit, value, fields)
    local = LocalDateTime(wall)
    return building.build_local_date_time({**rest, "datetime": local}) if rest else local


def truncate_date_time(
    unit: str, value: Instant, fields: Fields, default: int | str = building.UTC
) -> DateTime:
    """Return the first moment of the unit that a value is in, on the clock of its zone, or of a
    given ``timezone`` in its place."""
    wall, rest = _wall(unit, value, fields)
    zone, rest = _zone(rest)
    moment = DateTime.local(wall, _place(zone, value, default))
    return building.build_date_time({**rest, "datetime": moment}) if rest else moment


def _known(unit: str) -> None:
    if unit.lower() not in DATE_UNITS and unit.lower() not in TIME_UNITS:
        raise unsupported(f"Unsupported unit: {unit}")


def _clock(unit: str, value: Instant, fields: Fields) -> tuple[int, dict[str, object]]:
    nanos = TIME_UNITS.get(unit.lower())
    if nanos is None:
        _known(unit)
        raise unsupported(f"Unit is too large to be used for truncation: {unit}")
    clock = building.clock_in(value)
    return _finer(unit.lower(), clock - clock % nanos, fields)


def _wall(unit: str, value: Instant, fields: Fields) -> tuple[int, dict[str, object]]:
    start = DATE_UNITS.get(unit.lower())
    days = building.days_in(value)
    if start is not None:
        return start(days) * DAY_NANOS, dict(fields)
    _known(unit)
    if isinstance(value, Date):
        raise unsupported(f"Cannot truncate {value} with a time based unit: {unit}")
    clock, rest = _clock(unit, value, fields)
    return days * DAY_NANOS + clock, rest


def _finer(unit: str, clock: int, fields: Fields) -> tuple[int, dict[str, object]]:
    """Add what a map has below a unit of parts of a second, which building would set alone."""
    rest = dict(fields)
    for name, nanos, limit in _FINER.get(unit, ()):
        number = rest.pop(name, None)
        if isinstance(number, int) and not isinstance(number, bool):
            clock += check(name, number, 0, limit - 1) * nanos
        elif number is not None:
            refuse(f"{name} must be an integer value")
    return clock, rest


def _zone(fields: Mapping[str, object]) -> tuple[int | str | None, dict[str, object]]:
    rest = dict(fields)
    zone = rest.pop("timezone", None)
    if zone is not None and not isinstance(zone, str):
        refuse(f"Cannot convert to ZoneId: {zone}")
    return None if zone is None else read_zone(zone), rest


def _place(
    zone: int | str | None, value: Instant, default: int | str, *, offset_only: bool = False
) -> int | str:
    if zone is not None:
        return zone
    if offset_only and isinstance(value, DateTime):
        return value.offset
    return building.place_in(value, default)
