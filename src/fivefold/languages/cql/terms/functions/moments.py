"""Points in time: moved by durations, and the floors of ranges of time.

Source: "Datetime functions" and "Datetime arithmetic" of Cassandra's CQL reference.
"""

from __future__ import annotations

import calendar
import uuid as uuids
from collections.abc import Callable
from datetime import date, timedelta

from fivefold.languages.cql.run import Run
from fivefold.languages.cql.terms.functions.signatures import Function
from fivefold.values.cql.durations import Duration
from fivefold.values.cql.faults import invalid
from fivefold.values.cql.types import (
    BIGINT,
    DATE,
    DURATION,
    TIME,
    TIMESTAMP,
    TIMEUUID,
    UUID,
    CqlType,
)
from fivefold.values.cql.uuids import (
    TIMEUUIDS,
    UUID_EPOCH,
    max_timeuuid,
    min_timeuuid,
    random_uuid,
    time_ms,
)

DAY_MS = 86_400_000
DAY_NS = DAY_MS * 1_000_000
_EPOCH = date(1970, 1, 1)


def date_of(days: int) -> date | None:
    """Return a day that counts from 1970, None where Python has no calendar for it."""
    try:
        return _EPOCH + timedelta(days=days)
    except OverflowError:
        return None


def _moved_months(days: int, months: int) -> int:
    """Return a day some months later; where a month is too short, its last one.

    The calendar repeats after 400 years, which brings any day to those that Python knows.
    """
    cycles, rest = divmod(days, 146_097)
    day = _EPOCH + timedelta(days=rest)
    years, month = divmod(day.month - 1 + months, 12)
    more, year = divmod(day.year + years - 1970, 400)
    last = calendar.monthrange(1970 + year, month + 1)[1]
    found = date(1970 + year, month + 1, min(day.day, last))
    return (found - _EPOCH).days + (cycles + more) * 146_097


def moved_date(days: int, duration: Duration, sign: int) -> int:
    """Return a date moved by a duration. Raises ValueError if that has parts of days."""
    if duration.nanoseconds:
        raise ValueError(f"The duration must have a day precision. Was: {duration}")
    return _moved_months(days, sign * duration.months) + sign * duration.days


def moved_timestamp(ms: int, duration: Duration, sign: int) -> int:
    """Return a timestamp moved by a duration. Raises ValueError if that has less than 1 ms."""
    if duration.nanoseconds % 1_000_000:
        raise ValueError(f"The duration must have a millisecond precision. Was: {duration}")
    days, rest = divmod(ms, DAY_MS)
    days = _moved_months(days, sign * duration.months) + sign * duration.days
    return days * DAY_MS + rest + sign * (duration.nanoseconds // 1_000_000)


def _floor(moment: int, duration: Duration, start: int) -> int:
    """Return the last of the moments ``start + n * duration`` up to ``moment``, in milliseconds."""
    if start > moment:
        raise invalid("The floor function starting time is greater than the provided time")
    if min(duration) < 0:
        raise invalid("Negative durations are not supported by the floor function")
    fixed = duration.days * DAY_MS + duration.nanoseconds // 1_000_000
    if not duration.months:
        return moment - (moment - start) % fixed if fixed else moment
    low = (moment - start) // (duration.months * 31 * DAY_MS + fixed)
    high = (moment - start) // (duration.months * 28 * DAY_MS + fixed) + 1
    while high - low > 1:
        middle = (low + high) // 2
        if _times(start, duration, middle) <= moment:
            low = middle
        else:
            high = middle
    return _times(start, duration, low)


def _times(start: int, duration: Duration, many: int) -> int:
    return moved_timestamp(start, Duration(*(part * many for part in duration)), 1)


def _floor_timestamp(ms: int, duration: Duration, start: int = 0) -> int:
    if duration.nanoseconds % 1_000_000:
        raise invalid(
            f"The floor cannot be computed for the {duration} duration"
            " as precision is below 1 millisecond"
        )
    return _floor(ms, duration, start)


def _floor_timeuuid(uuid: uuids.UUID, duration: Duration, start: int = 0) -> int:
    return _floor_timestamp((uuid.time - UUID_EPOCH) // 10_000, duration, start)


def _floor_date(days: int, duration: Duration, start: int = 0) -> int:
    if duration.nanoseconds:
        raise invalid(
            f"The floor on date values cannot be computed for the {duration} duration"
            " as precision is below 1 day"
        )
    return _floor(days * DAY_MS, duration, start * DAY_MS) // DAY_MS


def _floor_time(ns: int, duration: Duration) -> int:
    if duration.months or duration.days or duration.nanoseconds > DAY_NS:
        raise invalid(
            "For time values, the floor can only be computed for durations smaller that a day"
        )
    if duration.nanoseconds < 0:
        raise invalid("Negative durations are not supported by the floor function")
    return ns - ns % duration.nanoseconds if duration.nanoseconds else ns


def _now(run: Run) -> bytes:
    return TIMEUUIDS.next(run.unit.moment_us())


def _random(_run: Run) -> bytes:
    return random_uuid()


def _today(run: Run) -> int:
    return run.unit.now_ms // DAY_MS


def _time_of_day(run: Run) -> int:
    return run.unit.now_ms % DAY_MS * 1_000_000


def _of_run(name: str, returns: CqlType, call: Callable[[Run], object]) -> Function:
    return Function(name, (), returns, call, stored=True, needs_run=True, pure=False)


def _of(
    name: str, arguments: tuple[CqlType, ...], returns: CqlType, call: Callable[..., object]
) -> Function:
    """Return a function of stored forms, which for all of these types but durations are plain."""
    return Function(name, arguments, returns, call, stored=DURATION not in arguments)


_NAMES = {
    "current_timestamp": "currenttimestamp",
    "current_date": "currentdate",
    "current_time": "currenttime",
    "current_timeuuid": "currenttimeuuid",
    "min_timeuuid": "mintimeuuid",
    "max_timeuuid": "maxtimeuuid",
    "to_date": "todate",
    "to_timestamp": "totimestamp",
    "to_unix_timestamp": "tounixtimestamp",
}
"""Functions and the names that they had before."""


def _both(function: Function) -> tuple[Function, Function]:
    old = Function(
        _NAMES[function.name],
        function.arguments,
        function.returns,
        function.call,
        stored=function.stored,
        needs_run=function.needs_run,
        pure=function.pure,
    )
    return function, old


def _same(value: int) -> int:
    return value


_RENAMED = (
    _of_run("current_timestamp", TIMESTAMP, lambda run: run.unit.now_ms),
    _of_run("current_date", DATE, _today),
    _of_run("current_time", TIME, _time_of_day),
    _of_run("current_timeuuid", TIMEUUID, _now),
    _of("min_timeuuid", (TIMESTAMP,), TIMEUUID, min_timeuuid),
    _of("max_timeuuid", (TIMESTAMP,), TIMEUUID, max_timeuuid),
    _of("to_date", (TIMEUUID,), DATE, lambda stored: time_ms(stored) // DAY_MS),
    _of("to_date", (TIMESTAMP,), DATE, lambda ms: ms // DAY_MS),
    _of("to_timestamp", (TIMEUUID,), TIMESTAMP, time_ms),
    _of("to_timestamp", (DATE,), TIMESTAMP, lambda days: days * DAY_MS),
    _of("to_unix_timestamp", (TIMEUUID,), BIGINT, time_ms),
    _of("to_unix_timestamp", (DATE,), BIGINT, lambda days: days * DAY_MS),
    _of("to_unix_timestamp", (TIMESTAMP,), BIGINT, _same),
)

FUNCTIONS: tuple[Function, ...] = (
    _of_run("now", TIMEUUID, _now),
    _of_run("uuid", UUID, _random),
    *(each for function in _RENAMED for each in _both(function)),
    _of("floor", (TIMESTAMP, DURATION), TIMESTAMP, _floor_timestamp),
    _of("floor", (TIMESTAMP, DURATION, TIMESTAMP), TIMESTAMP, _floor_timestamp),
    _of("floor", (TIMEUUID, DURATION), TIMESTAMP, _floor_timeuuid),
    _of("floor", (TIMEUUID, DURATION, TIMESTAMP), TIMESTAMP, _floor_timeuuid),
    _of("floor", (DATE, DURATION), DATE, _floor_date),
    _of("floor", (DATE, DURATION, DATE), DATE, _floor_date),
    _of("floor", (TIME, DURATION), TIME, _floor_time),
)
