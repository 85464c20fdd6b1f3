"""Temporal values plus durations, and the durations between them.

Months come first, then days, both on the calendar and the clock of the value's zone, then seconds
on the line of time: a day may have 23 or 25 hours, an hour always 3600 seconds.

Source: Cypher Manual, "Temporal operators" and "Temporal functions: duration"; openCypher TCK,
expressions/temporal/Temporal8 and Temporal10.
"""

from __future__ import annotations

from fivefold.values.graph.temporal.calendar import (
    DAY_NANOS,
    DAY_SECONDS,
    SECOND_NANOS,
    months_between,
    plus_months,
)
from fivefold.values.graph.temporal.durations import Duration, towards_zero
from fivefold.values.graph.temporal.instants import (
    Date,
    DateTime,
    Instant,
    LocalDateTime,
    LocalTime,
    Time,
)


def plus(instant: Instant, duration: Duration, sign: int = 1) -> Instant:
    """Return the value a duration later, or with ``sign`` -1 earlier.

    A part that the value has not is passed over: a time has no days, of a date only whole days
    count. Raises a fault beyond the years that there are.
    """
    months, days = sign * duration.months, sign * duration.days
    nanos = sign * (duration.seconds * SECOND_NANOS + duration.nanoseconds)
    if isinstance(instant, Date):
        whole_days, _ = towards_zero(duration.seconds, DAY_SECONDS)
        return Date(_moved(instant.days, months) + days + sign * whole_days)
    if isinstance(instant, LocalTime):
        return LocalTime((instant.clock + nanos) % DAY_NANOS)
    if isinstance(instant, Time):
        return Time((instant.clock + nanos) % DAY_NANOS, instant.offset)
    if isinstance(instant, LocalDateTime):
        return LocalDateTime(_wall_moved(instant.wall, months) + days * DAY_NANOS + nanos)
    moment = instant
    if months:
        moment = _at_wall(moment, _wall_moved(moment.wall, months))
    if days:
        moment = _at_wall(moment, moment.wall + days * DAY_NANOS)
    return DateTime.at(moment.instant + nanos, moment.place) if nanos else moment


def _moved(days: int, months: int) -> int:
    return plus_months(days, months) if months else days


def _wall_moved(wall: int, months: int) -> int:
    if not months:
        return wall
    days, clock = divmod(wall, DAY_NANOS)
    return plus_months(days, months) * DAY_NANOS + clock


def _at_wall(moment: DateTime, wall: int) -> DateTime:
    return DateTime.local(wall, moment.place, moment.offset)


def between(start: Instant, end: Instant) -> Duration:
    """Return what must be added to ``start`` to come to ``end``: months, days, seconds.

    What one of them lacks it takes from the other: a date (and then only the time differs), a
    zone; a date's time is midnight.
    """
    dated = _has_date(start) and _has_date(end)
    one, other = _aligned(start, end)
    if not dated:
        return _seconds_between(one, other)
    months = _months(one, other)
    one = plus(one, Duration(months))
    days = _days(one, other)
    rest = _seconds_between(plus(one, Duration(0, days)), other)
    return Duration(months, days, rest.seconds, rest.nanoseconds)


def in_months(start: Instant, end: Instant) -> Duration:
    """Return the whole months between two values, aligned as for ``between``."""
    if not (_has_date(start) and _has_date(end)):
        return Duration()
    return Duration(_months(*_aligned(start, end)))


def in_days(start: Instant, end: Instant) -> Duration:
    """Return the whole days between two values, aligned as for ``between``."""
    if not (_has_date(start) and _has_date(end)):
        return Duration()
    return Duration(0, _days(*_aligned(start, end)))


def in_seconds(start: Instant, end: Instant) -> Duration:
    """Return the time between two values, aligned as for ``between``."""
    return _seconds_between(*_aligned(start, end))


def _has_date(value: Instant) -> bool:
    return not isinstance(value, (LocalTime, Time))


def _has_zone(value: Instant) -> bool:
    return isinstance(value, (Time, DateTime))


def _aligned(start: Instant, end: Instant) -> tuple[Instant, Instant]:
    """Return both values as ones of the same class, with a time."""
    one: Instant = LocalDateTime.of(start.days, 0) if isinstance(start, Date) else start
    other: Instant = LocalDateTime.of(end.days, 0) if isinstance(end, Date) else end
    if _has_date(one) != _has_date(other):
        one, other = _dated(one, other), _dated(other, one)
    if _has_zone(one) != _has_zone(other):
        one, other = _zoned(one, other), _zoned(other, one)
    return one, other


def _dated(value: Instant, like: Instant) -> Instant:
    if isinstance(like, (LocalDateTime, DateTime)):
        if isinstance(value, LocalTime):
            return LocalDateTime.of(like.days, value.clock)
        if isinstance(value, Time):
            return DateTime.local(like.days * DAY_NANOS + value.clock, value.offset)
    return value


def _zoned(value: Instant, like: Instant) -> Instant:
    if isinstance(value, LocalDateTime) and isinstance(like, DateTime):
        return DateTime.local(value.wall, like.place)
    if isinstance(value, LocalTime) and isinstance(like, Time):
        return Time(value.clock, like.offset)
    return value


def _walls(start: Instant, end: Instant) -> tuple[int, int]:
    """Return what the clocks of the first value's zone show at both."""
    if isinstance(start, DateTime) and isinstance(end, DateTime):
        return start.wall, DateTime.at(end.instant, start.place).wall
    assert isinstance(start, LocalDateTime)
    assert isinstance(end, LocalDateTime)
    return start.wall, end.wall


def _months(start: Instant, end: Instant) -> int:
    wall, end_wall = _walls(start, end)
    (days, clock), (end_days, end_clock) = divmod(wall, DAY_NANOS), divmod(end_wall, DAY_NANOS)
    if end_days > days and end_clock < clock:
        end_days -= 1
    elif end_days < days and end_clock > clock:
        end_days += 1
    return months_between(days, end_days)


def _days(start: Instant, end: Instant) -> int:
    wall, end_wall = _walls(start, end)
    return towards_zero(end_wall - wall, DAY_NANOS)[0]


def _seconds_between(start: Instant, end: Instant) -> Duration:
    if isinstance(start, DateTime) and isinstance(end, DateTime):
        return Duration(nanoseconds=end.instant - start.instant)
    if isinstance(start, LocalDateTime) and isinstance(end, LocalDateTime):
        return Duration(nanoseconds=end.wall - start.wall)
    if isinstance(start, Time) and isinstance(end, Time):
        return Duration(nanoseconds=end.key[0] - start.key[0])
    assert isinstance(start, LocalTime)
    assert isinstance(end, LocalTime)
    return Duration(nanoseconds=end.clock - start.clock)
