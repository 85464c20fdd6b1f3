"""Time zones, the clock, and dates and times put together from numbers."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta, tzinfo

from fivefold.errors import InvalidValue
from fivefold.stores.sqlite.context import Context
from fivefold.stores.sqlite.functions.datetime import (
    EPOCH,
    INFINITE,
    day_micros,
    here,
    out_of_range,
    shifted,
    shown,
)
from fivefold.stores.sqlite.functions.table import Entry, stricts
from fivefold.values.datetimes import (
    DAY_MICROS,
    clock_micros,
    clock_text,
    moment_text,
    round_micros,
    round_moment,
    stored_moment,
    to_local,
    to_utc,
)
from fivefold.values.intervals import Interval, stored_interval
from fivefold.values.numbers import float8_text
from fivefold.values.zones import zone_of_input, zone_of_words

# Zones


def zone_of(name: str) -> tzinfo:
    """Return the zone of that name or abbreviation."""
    return _known(zone_of_words(name), name)


def _known(zone: tzinfo | None, name: str) -> tzinfo:
    if zone is None:
        raise InvalidValue(f'time zone "{name}" not recognized', "invalid_parameter_value")
    return zone


def _zone_to_make(name: str) -> tzinfo:
    if name[:1].isdigit():
        raise InvalidValue(
            f'invalid input syntax for type numeric time zone: "{name}"',
            "invalid_parameter_value",
            hint='Numeric time zones must have "-" or "+" as first character.',
        )
    return _known(zone_of_input(name), name)


def at_zone_local(name: str, moment: str) -> str:
    """Read a timestamp as the wall clock of a zone."""
    return moment if moment in INFINITE else to_utc(moment, zone_of(name))


def at_zone(name: str, moment: str) -> str:
    """Show a timestamptz as the wall clock of a zone."""
    return moment if moment in INFINITE else to_local(moment, zone_of(name))


def _interval_shift(by: str) -> timedelta:
    value = stored_interval(by)
    if value.months or value.days:
        raise InvalidValue(
            f'interval time zone "{by}" must not include months or days', "invalid_parameter_value"
        )
    return timedelta(seconds=int(value.micros / 1_000_000))


def at_shift_local(by: str, moment: str) -> str:
    """Read a timestamp as the wall clock so far east of Greenwich."""
    if moment in INFINITE:
        return moment
    shift = _interval_shift(by)
    return moment_text(shifted(stored_moment(moment), -shift)) + "+00"


def at_shift(by: str, moment: str) -> str:
    """Show a timestamptz as the wall clock so far east of Greenwich."""
    if moment in INFINITE:
        return moment
    shift = _interval_shift(by)
    return moment_text(shifted(stored_moment(moment), shift))


# Making


def make_date(year: int, month: int, day: int) -> str:
    """Put a date together."""
    try:
        return str(date(year, month, day))
    except ValueError:
        raise InvalidValue(
            f"date field value out of range: {year}-{month:02d}-{day:02d}",
            "datetime_field_overflow",
        ) from None


def make_time(hour: int, minute: int, second: float | str) -> str:
    """Put a time of day together; NaN, a text in stored form, is no second."""
    second = float(second)
    micros = DAY_MICROS + 1
    if 0 <= hour <= 24 and 0 <= minute <= 59 and 0 <= second <= 60:
        micros = (hour * 60 + minute) * 60_000_000 + round(second * 1_000_000)
    if micros > DAY_MICROS:
        shown = (
            f"{second:02g}"
            if math.isfinite(second)
            else float8_text(second if math.isinf(second) else "NaN")
        )
        raise InvalidValue(
            f"time field value out of range: {hour}:{minute:02d}:{shown}",
            "datetime_field_overflow",
        )
    return clock_text(micros)


def make_timestamp(year: int, month: int, day: int, hour: int, minute: int, second: float) -> str:
    """Put a timestamp together."""
    start = stored_moment(make_date(year, month, day))
    time = clock_micros(make_time(hour, minute, second))
    return moment_text(start + timedelta(microseconds=time))


def make_timestamptz(context: Context, *parts: int | float | str | None) -> str | None:
    """Put a timestamptz together, in the session's or in a named zone."""
    if None in parts:
        return None
    moment = make_timestamp(*parts[:6])  # type: ignore[arg-type]  # a length is lost
    return to_utc(moment, _zone_to_make(str(parts[6])) if len(parts) > 6 else context.zone)


def make_interval(*parts: float | str | None) -> str | None:
    """Put an interval together: years, months, weeks, days, hours, minutes, seconds."""
    if None in parts:
        return None
    given: list[float | str | None] = [*parts, *[0] * (7 - len(parts))]
    years, months, weeks, days, hours, minutes, seconds = given
    number = float(seconds or 0)
    if not math.isfinite(number):
        raise out_of_range("interval")
    number *= 1_000_000
    if not abs(number) < 2**63:
        raise out_of_range("interval")
    micros = (int(hours or 0) * 60 + int(minutes or 0)) * 60_000_000 + round(number)
    return shown(Interval(int(years or 0) * 12 + int(months or 0),
                          int(weeks or 0) * 7 + int(days or 0), micros))  # fmt: skip


def is_finite(value: str) -> int:
    """Say whether a date or timestamp is finite; intervals always are."""
    return int(value not in INFINITE)


def from_epoch(seconds: float | str) -> str:
    """Return the timestamptz so many seconds after 1970."""
    number = float(seconds)
    if math.isinf(number):
        return "infinity" if number > 0 else "-infinity"
    if number != number:
        raise InvalidValue("timestamp cannot be NaN", "datetime_field_overflow")
    try:
        return moment_text(EPOCH + timedelta(microseconds=round(number * 1_000_000))) + "+00"
    except OverflowError:
        raise InvalidValue(
            f'timestamp out of range: "{number:g}"', "datetime_field_overflow"
        ) from None


# Clocks


def _utc_text(moment: datetime) -> str:
    return moment_text(moment.astimezone(UTC).replace(tzinfo=None)) + "+00"


def _local_now(context: Context) -> datetime:
    return context.now_utc.astimezone(context.zone).replace(tzinfo=None)


def now(context: Context, precision: int | None = None) -> str:
    """Return the transaction's start."""
    moment = round_moment(context.now_utc.astimezone(UTC).replace(tzinfo=None), precision)
    return moment_text(moment) + "+00"


def statement_now(context: Context) -> str:
    """Return the statement's start."""
    return _utc_text(context.statement_utc)


def clock_now(context: Context) -> str:
    """Return the time as it is."""
    return _utc_text(datetime.now(UTC))


def today(context: Context) -> str:
    """Return the transaction's date."""
    return str(_local_now(context).date())


def local_now(context: Context, precision: int | None = None) -> str:
    """Return the transaction's start by the session's wall clock."""
    return moment_text(round_moment(_local_now(context), precision))


def local_time(context: Context, precision: int | None = None) -> str:
    """Return the transaction's time of day by the session's wall clock."""
    moment = _local_now(context)
    micros = day_micros(moment)
    return clock_text(round_micros(micros, precision))


def time_of_day(context: Context) -> str:
    """Return the time as it is, in words."""
    moment = datetime.now(UTC).astimezone(context.zone)
    return moment.strftime("%a %b %d %H:%M:%S.%f %Y ") + (moment.tzname() or "UTC")


def overlaps(a: str | None, b: str | None, c: str | None, d: str | None) -> int | None:
    """OVERLAPS of two periods; the end of one may be unknown, and may stand first."""
    periods = []
    for start, end in ((a, b), (c, d)):
        if start is None or (end is not None and end < start):
            start, end = end, start
        if start is None:
            return None
        periods.append((start, end))
    (first, first_end), (second, second_end) = sorted(periods, key=lambda one: one[0])
    if first == second:
        return None if first_end is None or second_end is None else 1
    if first_end is None:
        return None
    if second < first_end:
        return 1
    return None if second_end is None else 0


FUNCTIONS: tuple[Entry, ...] = (
    Entry("ff_overlaps", 4, overlaps),
    *stricts(
        ("ff_timezone_text_timestamp", at_zone_local),
        ("ff_timezone_text_timestamptz", at_zone),
        ("ff_timezone_interval_timestamp", at_shift_local),
        ("ff_timezone_interval_timestamptz", at_shift),
        ("ff_make_date", make_date),
        ("ff_make_time", make_time),
        ("ff_make_timestamp", make_timestamp),
        ("ff_isfinite", is_finite),
        ("ff_to_timestamp_float8", from_epoch),
    ),
    Entry("ff_make_interval", -1, make_interval),
    here("ff_make_timestamptz", -1, make_timestamptz),
    here("ff_now", -1, now),
    here("ff_statement_timestamp", 0, statement_now),
    here("ff_clock_timestamp", 0, clock_now),
    here("ff_current_date", 0, today),
    here("ff_localtimestamp", -1, local_now),
    here("ff_localtime", -1, local_time),
    here("ff_timeofday", 0, time_of_day),
)
