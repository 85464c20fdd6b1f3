"""Temporal values from and to Python's own, and their numbers on the wire.

Python counts microseconds and years 1 to 9999: what is finer is cut off on the way there, what is
further a fault.
"""

from __future__ import annotations

import datetime
import zoneinfo

from fivefold.values.graph.temporal.calendar import DAY_NANOS, DAY_SECONDS, EPOCH, SECOND_NANOS
from fivefold.values.graph.temporal.durations import Duration
from fivefold.values.graph.temporal.faults import wrong
from fivefold.values.graph.temporal.instants import (
    Date,
    DateTime,
    Instant,
    LocalDateTime,
    LocalTime,
    Time,
    clock_of,
)
from fivefold.values.graph.temporal.zones import zone_name

Native = datetime.date | datetime.time | datetime.datetime | datetime.timedelta

_MICRO_NANOS = 1_000


def from_native(value: Native) -> Instant | Duration:
    """Return the temporal value that Python's one means, kept to the microsecond."""
    if isinstance(value, datetime.datetime):
        clock = clock_of(value.hour, value.minute, value.second, value.microsecond * _MICRO_NANOS)
        wall = (value.toordinal() - EPOCH) * DAY_NANOS + clock
        offset = value.utcoffset()
        if offset is None:
            return LocalDateTime(wall)
        seconds = _seconds(offset)
        # pytz calls the name ``zone``, zoneinfo and dateutil's followers ``key``.
        name = getattr(value.tzinfo, "key", None) or getattr(value.tzinfo, "zone", None)
        zone = zone_name(name) if isinstance(name, str) else None
        return DateTime(wall - seconds * SECOND_NANOS, seconds, zone)
    if isinstance(value, datetime.date):
        return Date(value.toordinal() - EPOCH)
    if isinstance(value, datetime.timedelta):
        return Duration(0, value.days, value.seconds, value.microseconds * _MICRO_NANOS)
    clock = clock_of(value.hour, value.minute, value.second, value.microsecond * _MICRO_NANOS)
    offset = value.utcoffset()
    return LocalTime(clock) if offset is None else Time(clock, _seconds(offset))


def to_native(value: Instant | Duration) -> Native:
    """Return Python's value; raises a fault if Python has none (a duration with months, too)."""
    try:
        return _to_native(value)
    except (ValueError, OverflowError):
        raise wrong(f"Python has no {type(value).__name__.lower()} {value}") from None


def _to_native(value: Instant | Duration) -> Native:
    if isinstance(value, Duration):
        if value.months:
            raise ValueError
        micros = value.nanoseconds // _MICRO_NANOS
        return datetime.timedelta(value.days, value.seconds, micros)
    if isinstance(value, Date):
        return datetime.date.fromordinal(value.days + EPOCH)
    if isinstance(value, LocalTime):
        return _time(value.clock)
    if isinstance(value, Time):
        return _time(value.clock).replace(tzinfo=_fixed(value.offset))
    days, clock = divmod(value.wall, DAY_NANOS)
    local = datetime.datetime.combine(datetime.date.fromordinal(days + EPOCH), _time(clock))
    if isinstance(value, LocalDateTime):
        return local
    if value.zone is None:
        return local.replace(tzinfo=_fixed(value.offset))
    aware = local.replace(tzinfo=zoneinfo.ZoneInfo(value.zone))
    twice = aware.utcoffset() != datetime.timedelta(0, value.offset)
    return aware.replace(fold=1) if twice else aware


def _time(clock: int) -> datetime.time:
    seconds, nanos = divmod(clock, SECOND_NANOS)
    minutes, second = divmod(seconds, 60)
    return datetime.time(minutes // 60, minutes % 60, second, nanos // _MICRO_NANOS)


def _fixed(offset: int) -> datetime.timezone:
    return datetime.timezone(datetime.timedelta(0, offset)) if offset else datetime.UTC


def _seconds(offset: datetime.timedelta) -> int:
    return offset.days * DAY_SECONDS + offset.seconds
