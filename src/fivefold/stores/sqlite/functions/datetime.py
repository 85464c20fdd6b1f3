"""Arithmetic of dates, times, timestamps and intervals on their stored texts.

A timestamptz lies in UTC; what moves its wall clock (days, months, fields, truncation) is done in
the session's time zone. 'infinity' and '-infinity' stay what they are.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date, datetime, timedelta, tzinfo

from fivefold.errors import InvalidValue
from fivefold.stores.sqlite.context import Context
from fivefold.stores.sqlite.functions.table import Entry, Needs, stricts
from fivefold.values.datetimes import (
    DAY_MICROS,
    clock_micros,
    clock_text,
    moment_text,
    stored_moment,
    to_local,
    to_utc,
)
from fivefold.values.intervals import Interval, interval_text, stored_interval

MIDNIGHT_AFTER = "24:00:00"
INFINITE = ("infinity", "-infinity")
MICRO = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1)
INT4_MAX = 2**31 - 1


def out_of_range(what: str) -> InvalidValue:
    """Return the error of a date, timestamp or interval that no value can hold."""
    return InvalidValue(f"{what} out of range", "datetime_field_overflow")


def shown(value: Interval) -> str:
    """Return an interval's stored form. Raises InvalidValue if its parts are too large."""
    if abs(value.months) > INT4_MAX or abs(value.days) > INT4_MAX or abs(value.micros) >= 2**63:
        raise out_of_range("interval")
    return interval_text(value)


def here(name: str, arguments: int, function: Callable[..., object]) -> Entry:
    """List a function that needs to know the session's time or zone."""
    return Entry(name, arguments, function, deterministic=False, needs=Needs.CONTEXT)


def _moved_months(moment: datetime, months: int) -> datetime:
    at = moment.year * 12 + moment.month - 1 + months
    year, month = at // 12, at % 12 + 1
    if not 1 <= year <= 9999:
        raise out_of_range("timestamp")
    return moment.replace(year=year, month=month, day=min(moment.day, month_days(year, month)))


def month_days(year: int, month: int) -> int:
    """Return how many days a month has."""
    if month == 12:
        return 31
    return (date(year, month + 1, 1) - date(year, month, 1)).days


def moved(moment: datetime, by: Interval, sign: int = 1) -> datetime:
    """Add an interval: months, then days, then time."""
    if by.months:
        moment = _moved_months(moment, by.months * sign)
    try:
        shift = timedelta(days=by.days * sign, microseconds=by.micros * sign)
    except OverflowError:
        raise out_of_range("timestamp") from None
    return shifted(moment, shift)


def shifted(moment: datetime, shift: timedelta) -> datetime:
    """Add a span of time. Raises InvalidValue if that leads out of the years there are."""
    try:
        return moment + shift
    except OverflowError:
        raise out_of_range("timestamp") from None


# date


def date_plus(day: str, days: int) -> str:
    """Add days to a date."""
    if day in INFINITE:
        return day
    try:
        return str(date.fromisoformat(day) + timedelta(days=days))
    except OverflowError:
        raise out_of_range("date") from None


def date_minus(day: str, days: int) -> str:
    """Take days from a date."""
    return date_plus(day, -days)


def plus_date(days: int, day: str) -> str:
    """Add a date to days."""
    return date_plus(day, days)


def date_difference(a: str, b: str) -> int:
    """Return the days from ``b`` to ``a``."""
    if a in INFINITE or b in INFINITE:
        raise InvalidValue("cannot subtract infinite dates", "datetime_field_overflow")
    return (date.fromisoformat(a) - date.fromisoformat(b)).days


def date_time(day: str, time: str) -> str:
    """Put a date and a time of day together."""
    if day in INFINITE:
        return day
    return f"{day} {time}" if time != MIDNIGHT_AFTER else f"{date_plus(day, 1)} 00:00:00"


def time_date(time: str, day: str) -> str:
    """Put a time of day and a date together."""
    return date_time(day, time)


# timestamp


def timestamp_plus(moment: str, by: str) -> str:
    """Add an interval to a timestamp (or a date, which becomes one)."""
    if moment in INFINITE:
        return moment
    return moment_text(moved(stored_moment(moment), stored_interval(by)))


def timestamp_minus(moment: str, by: str) -> str:
    """Take an interval from a timestamp."""
    if moment in INFINITE:
        return moment
    return moment_text(moved(stored_moment(moment), stored_interval(by), -1))


def plus_timestamp(by: str, moment: str) -> str:
    """Add a timestamp to an interval."""
    return timestamp_plus(moment, by)


def timestamp_difference(a: str, b: str) -> str:
    """Return the interval, in days and time, from ``b`` to ``a``."""
    if a in INFINITE or b in INFINITE:
        raise InvalidValue("cannot subtract infinite timestamps", "datetime_field_overflow")
    micros = (stored_moment(a) - stored_moment(b)) // MICRO
    days = int(math.copysign(abs(micros) // DAY_MICROS, micros))
    return shown(Interval(days=days, micros=micros - days * DAY_MICROS))


def timestamptz_plus(context: Context, moment: str | None, by: str | None) -> str | None:
    """Add an interval to a timestamptz; days and months move the wall clock."""
    return _timestamptz_moved(context.zone, moment, by, 1)


def timestamptz_minus(context: Context, moment: str | None, by: str | None) -> str | None:
    """Take an interval from a timestamptz."""
    return _timestamptz_moved(context.zone, moment, by, -1)


def plus_timestamptz(context: Context, by: str | None, moment: str | None) -> str | None:
    """Add a timestamptz to an interval."""
    return _timestamptz_moved(context.zone, moment, by, 1)


def _timestamptz_moved(zone: tzinfo, moment: str | None, by: str | None, sign: int) -> str | None:
    if moment is None or by is None or moment in INFINITE:
        return None if by is None else moment
    interval = stored_interval(by)
    if interval.months or interval.days:
        local = moved(stored_moment(to_local(moment, zone)),
                      Interval(interval.months, interval.days), sign)  # fmt: skip
        moment = to_utc(moment_text(local), zone)
    return moment_text(moved(stored_moment(moment), Interval(micros=interval.micros), sign)) + "+00"


# time


def time_plus(time: str, by: str) -> str:
    """Add an interval's time to a time of day, round the clock."""
    return clock_text((clock_micros(time) + stored_interval(by).micros) % DAY_MICROS)


def time_minus(time: str, by: str) -> str:
    """Take an interval's time from a time of day, round the clock."""
    return clock_text((clock_micros(time) - stored_interval(by).micros) % DAY_MICROS)


def plus_time(by: str, time: str) -> str:
    """Add a time of day to an interval."""
    return time_plus(time, by)


def time_difference(a: str, b: str) -> str:
    """Return the interval between two times of day."""
    return interval_text(Interval(micros=clock_micros(a) - clock_micros(b)))


# interval


def interval_plus(a: str, b: str) -> str:
    """Add intervals part by part."""
    one, other = stored_interval(a), stored_interval(b)
    return shown(Interval(one.months + other.months, one.days + other.days,
                          one.micros + other.micros))  # fmt: skip


def interval_minus(a: str, b: str) -> str:
    """Subtract intervals part by part."""
    return interval_plus(a, interval_negative(b))


def interval_negative(a: str) -> str:
    """Turn every part's sign."""
    one = stored_interval(a)
    return shown(Interval(-one.months, -one.days, -one.micros))


def interval_times(a: str, factor: float | str) -> str:
    """Multiply; fractions of months spill into days (30 each) and of days into time."""
    number = float(factor)
    if not math.isfinite(number):
        raise out_of_range("interval")
    return _scaled(stored_interval(a), lambda part: part * number)


def times_interval(factor: float | str, a: str) -> str:
    """Multiply."""
    return interval_times(a, factor)


def interval_over(a: str, divisor: float | str) -> str:
    """Divide, spilling as ``interval_times`` does."""
    number = float(divisor)
    if number == 0:
        raise InvalidValue("division by zero", "division_by_zero")
    if math.isnan(number):
        raise out_of_range("interval")
    return _scaled(stored_interval(a), lambda part: part / number)


def _scaled(value: Interval, by: Callable[[float], float]) -> str:
    try:
        return _spilled(value, by)
    except OverflowError:
        raise out_of_range("interval") from None


def _spilled(value: Interval, by: Callable[[float], float]) -> str:
    """Follow interval_mul of src/backend/utils/adt/timestamp.c in its rounding."""
    whole_months, whole_days = math.trunc(by(value.months)), math.trunc(by(value.days))
    month_rest = round((by(value.months) - whole_months) * 30.0, 6)
    seconds = round(
        (by(value.days) - whole_days + month_rest - math.trunc(month_rest)) * 86400.0, 6
    )
    if abs(seconds) >= 86400.0:
        whole_days += math.trunc(seconds / 86400.0)
        seconds -= math.trunc(seconds / 86400.0) * 86400.0
    whole_days += math.trunc(month_rest)
    micros = round(by(value.micros) + seconds * 1_000_000.0)
    return shown(Interval(whole_months, whole_days, micros))


def justify_hours(a: str) -> str:
    """Turn 24 hours into a day."""
    value = stored_interval(a)
    days = math.trunc(value.micros / DAY_MICROS)
    value.micros -= days * DAY_MICROS
    value.days += days
    if value.days > 0 and value.micros < 0:
        value.days, value.micros = value.days - 1, value.micros + DAY_MICROS
    elif value.days < 0 and value.micros > 0:
        value.days, value.micros = value.days + 1, value.micros - DAY_MICROS
    return shown(value)


def justify_days(a: str) -> str:
    """Turn 30 days into a month."""
    value = stored_interval(a)
    months = math.trunc(value.days / 30)
    value.days -= months * 30
    value.months += months
    if value.months > 0 and value.days < 0:
        value.months, value.days = value.months - 1, value.days + 30
    elif value.months < 0 and value.days > 0:
        value.months, value.days = value.months + 1, value.days - 30
    return shown(value)


def justify_interval(a: str) -> str:
    """Turn hours into days and days into months, with one sign throughout."""
    value = stored_interval(justify_days(justify_hours(a)))
    if value.months > 0 and (value.days < 0 or (value.days == 0 and value.micros < 0)):
        value.months, value.days = value.months - 1, value.days + 30
    elif value.months < 0 and (value.days > 0 or (value.days == 0 and value.micros > 0)):
        value.months, value.days = value.months + 1, value.days - 30
    if value.days > 0 and value.micros < 0:
        value.days, value.micros = value.days - 1, value.micros + DAY_MICROS
    elif value.days < 0 and value.micros > 0:
        value.days, value.micros = value.days + 1, value.micros - DAY_MICROS
    return shown(value)


def day_micros(moment: datetime) -> int:
    """Return the microseconds since midnight."""
    return (moment - moment.replace(hour=0, minute=0, second=0, microsecond=0)) // MICRO


def age(a: str, b: str) -> str:
    """Return the difference in years, months, days and time, as people count."""
    if a in INFINITE or b in INFINITE:
        raise out_of_range("interval")
    one, other = stored_moment(a), stored_moment(b)
    sign = 1 if one >= other else -1
    if sign < 0:
        one, other = other, one
    months = (one.year - other.year) * 12 + one.month - other.month
    days = one.day - other.day
    micros = day_micros(one) - day_micros(other)
    if micros < 0:
        micros, days = micros + DAY_MICROS, days - 1
    while days < 0:
        days += month_days(other.year, other.month)
        months -= 1
    return shown(Interval(months * sign, days * sign, micros * sign))


def age_here(context: Context, a: str | None, b: str | None) -> str | None:
    """Return the difference of two timestamptz by the session's wall clock."""
    if a is None or b is None:
        return None
    return age(to_local(a, context.zone), to_local(b, context.zone))


def age_today(context: Context, a: str | None) -> str | None:
    """Return the difference of a timestamp from today's midnight."""
    if a is None:
        return None
    return age(f"{context.now_utc.astimezone(context.zone).date()} 00:00:00", a)


def age_today_here(context: Context, a: str | None) -> str | None:
    """Return the difference of a timestamptz from today's midnight."""
    return None if a is None else age_today(context, to_local(a, context.zone))


FUNCTIONS: tuple[Entry, ...] = (
    *stricts(
        ("ff_date_pli", date_plus),
        ("ff_integer_pl_date", plus_date),
        ("ff_date_mii", date_minus),
        ("ff_date_mi", date_difference),
        ("ff_date_pl_interval", timestamp_plus),
        ("ff_date_mi_interval", timestamp_minus),
        ("ff_interval_pl_date", plus_timestamp),
        ("ff_datetime_pl", date_time),
        ("ff_timedate_pl", time_date),
        ("ff_timestamp_pl_interval", timestamp_plus),
        ("ff_timestamp_mi_interval", timestamp_minus),
        ("ff_interval_pl_timestamp", plus_timestamp),
        ("ff_timestamp_mi", timestamp_difference),
        ("ff_timestamptz_mi", timestamp_difference),
        ("ff_time_pl_interval", time_plus),
        ("ff_time_mi_interval", time_minus),
        ("ff_interval_pl_time", plus_time),
        ("ff_time_mi_time", time_difference),
        ("ff_interval_pl", interval_plus),
        ("ff_interval_mi", interval_minus),
        ("ff_interval_um", interval_negative),
        ("ff_negative_interval", interval_negative),
        ("ff_interval_mul", interval_times),
        ("ff_mul_d_interval", times_interval),
        ("ff_interval_div", interval_over),
        ("ff_justify_hours", justify_hours),
        ("ff_justify_days", justify_days),
        ("ff_justify_interval", justify_interval),
        ("ff_age_timestamp", age),
    ),
    here("ff_timestamptz_pl_interval", 2, timestamptz_plus),
    here("ff_timestamptz_mi_interval", 2, timestamptz_minus),
    here("ff_interval_pl_timestamptz", 2, plus_timestamptz),
    here("ff_age_timestamptz", 2, age_here),
    here("ff_age_timestamptz", 1, age_today_here),
    here("ff_age_timestamp", 1, age_today),
)
