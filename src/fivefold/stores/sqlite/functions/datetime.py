"""Arithmetic of dates, times, timestamps and intervals on their stored texts.

A timestamptz lies in UTC; what moves its wall clock (days, months, fields, truncation) is done in
the session's time zone. 'infinity' and '-infinity' stay what they are.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal

from fivefold.errors import InvalidValue, Unsupported
from fivefold.stores.sqlite.context import Context
from fivefold.stores.sqlite.functions.numbers import stored
from fivefold.stores.sqlite.functions.table import Entry, Needs, strict, stricts
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
from fivefold.values.intervals import Interval, interval_text, stored_interval
from fivefold.values.zones import zone_setting

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
        return moment + timedelta(days=by.days * sign, microseconds=by.micros * sign)
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
    return day if day in INFINITE else f"{day} {time}"


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
    return _scaled(stored_interval(a), lambda part: part / number)


def _scaled(value: Interval, by: Callable[[float], float]) -> str:
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


# Fields

_UNITS = {
    "microseconds": "microseconds", "microsecond": "microseconds", "usec": "microseconds",
    "us": "microseconds", "milliseconds": "milliseconds", "millisecond": "milliseconds",
    "msec": "milliseconds", "ms": "milliseconds", "second": "second", "seconds": "second",
    "sec": "second", "s": "second", "minute": "minute", "minutes": "minute", "min": "minute",
    "m": "minute", "mins": "minute", "hour": "hour", "hours": "hour", "h": "hour", "hr": "hour",
    "hrs": "hour", "day": "day", "days": "day", "d": "day", "week": "week", "weeks": "week",
    "w": "week", "month": "month", "months": "month", "mon": "month", "mons": "month",
    "quarter": "quarter", "qtr": "quarter", "year": "year", "years": "year", "y": "year",
    "yr": "year", "yrs": "year", "decade": "decade", "decades": "decade", "century": "century",
    "centuries": "century", "c": "century", "millennium": "millennium", "epoch": "epoch",
    "millennia": "millennium", "dow": "dow", "isodow": "isodow", "doy": "doy",
    "isoyear": "isoyear", "julian": "julian", "timezone": "timezone",
    "timezone_hour": "timezone_hour", "timezone_minute": "timezone_minute",
}  # fmt: skip


def unit_of(text: str, type_name: str) -> str:
    """Return the field that a word means. Raises InvalidValue for none."""
    found = _UNITS.get(text.lower())
    if found is None:
        raise InvalidValue(
            f'unit "{text.lower()}" not recognized for type {type_name}', "invalid_parameter_value"
        )
    return found


def _not_supported(unit: str, type_name: str) -> Unsupported:
    return Unsupported(f'unit "{unit}" not supported for type {type_name}')


def _clock_field(unit: str, micros: int) -> str | None:
    """Return a field of a time in microseconds, or None if it is none of a time."""
    sign = -1 if micros < 0 else 1
    second = abs(micros) % 60_000_000 * sign
    match unit:
        case "microseconds":
            return str(second)
        case "milliseconds":
            return _fixed(second, 3)
        case "second":
            return _fixed(second, 6)
        case "minute":
            return str(abs(micros) // 60_000_000 % 60 * sign)
        case "hour":
            return str(abs(micros) // 3_600_000_000 * sign)
    return None


def _fixed(value: int, digits: int) -> str:
    sign = "-" if value < 0 else ""
    text = str(abs(value)).rjust(digits + 1, "0")
    return f"{sign}{text[:-digits]}.{text[-digits:]}"


def moment_field(unit: str, moment: datetime) -> str | None:
    """Return a field of a wall clock, as numeric, or None if it has no such field."""
    micros = day_micros(moment)
    found = _clock_field(unit, micros)
    if found is not None:
        return found
    year = moment.year
    match unit:
        case "day":
            return str(moment.day)
        case "month":
            return str(moment.month)
        case "year":
            return str(year)
        case "quarter":
            return str((moment.month - 1) // 3 + 1)
        case "decade":
            return str(year // 10)
        case "century":
            return str((year + 99) // 100)
        case "millennium":
            return str((year + 999) // 1000)
        case "dow":
            return str(moment.isoweekday() % 7)
        case "isodow":
            return str(moment.isoweekday())
        case "doy":
            return str(moment.timetuple().tm_yday)
        case "week":
            return str(moment.isocalendar().week)
        case "isoyear":
            return str(moment.isocalendar().year)
        case "epoch":
            return _fixed((moment - EPOCH) // MICRO, 6)
        case "julian":
            day = moment.toordinal() + 1_721_425
            return str(day) if not micros else f"{Decimal(day) + Decimal(micros) / DAY_MICROS:.20f}"
    return None


_MONOTONIC = frozenset({"year", "decade", "century", "millennium", "julian", "isoyear", "epoch"})


def _infinite_field(unit: str, moment: str) -> str | None:
    if unit in _MONOTONIC:
        return "Infinity" if moment == "infinity" else "-Infinity"
    return None


def extract_timestamp(field: str, moment: str) -> str | None:
    """Return a field of a timestamp."""
    unit = unit_of(field, "timestamp without time zone")
    if moment in INFINITE:
        return _infinite_field(unit, moment)
    found = moment_field(unit, stored_moment(moment))
    if found is None:
        raise _not_supported(unit, "timestamp without time zone")
    return found


def extract_date(field: str, day: str) -> str | None:
    """Return a field of a date; those of a time are none."""
    unit = unit_of(field, "date")
    if unit in ("microseconds", "milliseconds", "second", "minute", "hour") or "zone" in unit:
        raise _not_supported(unit, "date")
    if day in INFINITE:
        return _infinite_field(unit, day)
    found = moment_field(unit, stored_moment(day))
    if found is None:
        raise _not_supported(unit, "date")
    return found.removesuffix(".000000")


def extract_time(field: str, time: str) -> str:
    """Return a field of a time of day."""
    unit = unit_of(field, "time without time zone")
    micros = clock_micros(time)
    found = _fixed(micros, 6) if unit == "epoch" else _clock_field(unit, micros)
    if found is None:
        raise _not_supported(unit, "time without time zone")
    return found


def extract_here(context: Context, field: str | None, moment: str | None) -> str | None:
    """Return a field of a timestamptz by the session's wall clock."""
    if field is None or moment is None:
        return None
    unit = unit_of(field, "timestamp with time zone")
    if moment in INFINITE:
        return _infinite_field(unit, moment)
    instant = stored_moment(moment)
    if unit == "epoch":
        return _fixed((instant - EPOCH) // MICRO, 6)
    local = instant.replace(tzinfo=UTC).astimezone(context.zone)
    offset = local.utcoffset() or timedelta(0)
    seconds = int(offset.total_seconds())
    match unit:
        case "timezone":
            return str(seconds)
        case "timezone_hour":
            return str(math.trunc(seconds / 3600))
        case "timezone_minute":
            return str(math.trunc(seconds / 60) - math.trunc(seconds / 3600) * 60)
    found = moment_field(unit, local.replace(tzinfo=None))
    if found is None:
        raise _not_supported(unit, "timestamp with time zone")
    return found


def extract_interval(field: str, value: str) -> str:
    """Return a field of an interval."""
    unit = unit_of(field, "interval")
    parts = stored_interval(value)
    found = _clock_field(unit, parts.micros)
    if found is not None:
        return found
    years = math.trunc(parts.months / 12)
    months = parts.months - years * 12
    match unit:
        case "day":
            return str(parts.days)
        case "month":
            return str(months)
        case "quarter":
            return str(math.trunc(months / 3) + 1)
        case "year":
            return str(years)
        case "decade":
            return str(math.trunc(years / 10))
        case "century":
            return str(math.trunc(years / 100))
        case "millennium":
            return str(math.trunc(years / 1000))
        case "epoch":
            quarter_days = years * 1461 + months * 120 + parts.days * 4  # 365.25 days a year
            return _fixed(quarter_days * (DAY_MICROS // 4) + parts.micros, 6)
    raise _not_supported(unit, "interval")


def _as_float(function: Callable[..., str | None]) -> Callable[..., float | str | None]:
    def run(field: str, value: str) -> float | str | None:
        found = function(field, value)
        return None if found is None else stored(float(found))

    return run


def part_here(context: Context, field: str | None, moment: str | None) -> float | str | None:
    """Return a field of a timestamptz as a float."""
    found = extract_here(context, field, moment)
    return None if found is None else stored(float(found))


# Truncation


def truncated(unit: str, moment: datetime, type_name: str) -> datetime:
    """Cut a wall clock to a unit."""
    match unit:
        case "microseconds":
            return moment
        case "milliseconds":
            return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
        case "second":
            return moment.replace(microsecond=0)
        case "minute":
            return moment.replace(second=0, microsecond=0)
        case "hour":
            return moment.replace(minute=0, second=0, microsecond=0)
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    match unit:
        case "day":
            return day
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case "year":
            return day.replace(month=1, day=1)
        case "decade":
            return day.replace(year=max(day.year // 10 * 10, 1), month=1, day=1)
        case "century":
            return day.replace(year=(day.year - 1) // 100 * 100 + 1, month=1, day=1)
        case "millennium":
            return day.replace(year=(day.year - 1) // 1000 * 1000 + 1, month=1, day=1)
    raise _not_supported(unit, type_name)


def trunc_timestamp(field: str, moment: str) -> str:
    """Cut a timestamp to a unit."""
    name = "timestamp without time zone"
    unit = unit_of(field, name)
    if moment in INFINITE:
        return moment
    return moment_text(truncated(unit, stored_moment(moment), name))


def trunc_here(
    context: Context, field: str | None, moment: str | None, zone: str | None = ""
) -> str | None:
    """Cut a timestamptz to a unit of the session's, or of a named zone's, wall clock."""
    if field is None or moment is None or zone is None:
        return None
    where = _zone(zone) if zone else context.zone
    name = "timestamp with time zone"
    unit = unit_of(field, name)
    if moment in INFINITE:
        return moment
    return to_utc(moment_text(truncated(unit, stored_moment(to_local(moment, where)), name)), where)


def trunc_interval(field: str, value: str) -> str:
    """Cut an interval to a unit."""
    unit = unit_of(field, "interval")
    parts = stored_interval(value)
    months = {"month": 1, "quarter": 3, "year": 12, "decade": 120, "century": 1200,
              "millennium": 12000}.get(unit)  # fmt: skip
    if months is not None:
        return interval_text(Interval(months=math.trunc(parts.months / months) * months))
    size = {"microseconds": 1, "milliseconds": 1000, "second": 1_000_000, "minute": 60_000_000,
            "hour": 3_600_000_000, "day": DAY_MICROS * 2**40}.get(unit)  # fmt: skip
    if size is None:
        raise _not_supported(unit, "interval")
    parts.micros = abs(parts.micros) // size * size * (-1 if parts.micros < 0 else 1)
    return interval_text(parts)


def date_bin(width: str, moment: str, origin: str) -> str:
    """Cut a moment to a multiple of a width since an origin."""
    if moment in INFINITE:
        return moment
    step = stored_interval(width)
    if step.months:
        raise Unsupported("timestamps cannot be binned into intervals containing months or years")
    size = step.days * DAY_MICROS + step.micros
    if size <= 0:
        raise InvalidValue("stride must be greater than zero", "datetime_field_overflow")
    start = stored_moment(origin)
    since = (stored_moment(moment) - start) // MICRO
    text = moment_text(start + timedelta(microseconds=since - since % size))
    return text + "+00" if moment.endswith("+00") else text


# Zones


def _zone(name: str) -> tzinfo:
    zone = zone_setting(name)
    if zone is None:
        raise InvalidValue(f'time zone "{name}" not recognized', "invalid_parameter_value")
    return zone


def at_zone_local(name: str, moment: str) -> str:
    """Read a timestamp as the wall clock of a zone."""
    return to_utc(moment, _zone(name))


def at_zone(name: str, moment: str) -> str:
    """Show a timestamptz as the wall clock of a zone."""
    return to_local(moment, _zone(name))


def _interval_shift(by: str) -> timedelta:
    value = stored_interval(by)
    if value.months or value.days:
        raise InvalidValue(
            f'interval time zone "{by}" must not include months or days', "invalid_parameter_value"
        )
    return timedelta(microseconds=value.micros)


def at_shift_local(by: str, moment: str) -> str:
    """Read a timestamp as the wall clock so far east of Greenwich."""
    return moment_text(stored_moment(moment) - _interval_shift(by)) + "+00"


def at_shift(by: str, moment: str) -> str:
    """Show a timestamptz as the wall clock so far east of Greenwich."""
    return moment_text(stored_moment(moment) + _interval_shift(by))


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


def make_time(hour: int, minute: int, second: float) -> str:
    """Put a time of day together."""
    if not (0 <= hour <= 24 and 0 <= minute <= 59 and 0 <= second <= 60):
        raise InvalidValue(
            f"time field value out of range: {hour}:{minute:02d}:{second:02g}",
            "datetime_field_overflow",
        )
    return clock_text((hour * 60 + minute) * 60_000_000 + round(second * 1_000_000))


def make_timestamp(year: int, month: int, day: int, hour: int, minute: int, second: float) -> str:
    """Put a timestamp together."""
    start = stored_moment(make_date(year, month, day))
    time = clock_micros(make_time(hour, minute, second))
    return moment_text(start + timedelta(microseconds=time))


def make_timestamptz(context: Context, *parts: int | float | str | None) -> str | None:
    """Put a timestamptz together, in the session's or in a named zone."""
    if None in parts:
        return None
    zone = _zone(str(parts[6])) if len(parts) > 6 else context.zone
    return to_utc(make_timestamp(*parts[:6]), zone)  # type: ignore[arg-type]


def make_interval(*parts: float | None) -> str | None:
    """Put an interval together: years, months, weeks, days, hours, minutes, seconds."""
    if None in parts:
        return None
    given: list[float | None] = [*parts, *[0] * (7 - len(parts))]
    years, months, weeks, days, hours, minutes, seconds = given
    assert seconds is not None
    micros = (int(hours or 0) * 60 + int(minutes or 0)) * 60_000_000 + round(seconds * 1_000_000)
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


def _here(name: str, arguments: int, function: Callable[..., object]) -> Entry:
    return Entry(name, arguments, function, deterministic=False, needs=Needs.CONTEXT)


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
        ("ff_extract_text_timestamp", extract_timestamp),
        ("ff_extract_text_date", extract_date),
        ("ff_extract_text_time", extract_time),
        ("ff_extract_text_interval", extract_interval),
        ("ff_date_trunc_text_timestamp", trunc_timestamp),
        ("ff_date_trunc_text_interval", trunc_interval),
        ("ff_date_bin", date_bin),
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
    Entry("ff_date_part_text_timestamp", 2, strict(_as_float(extract_timestamp))),
    Entry("ff_date_part_text_date", 2, strict(_as_float(extract_date))),
    Entry("ff_date_part_text_time", 2, strict(_as_float(extract_time))),
    Entry("ff_date_part_text_interval", 2, strict(_as_float(extract_interval))),
    Entry("ff_make_interval", -1, make_interval),
    _here("ff_make_timestamptz", -1, make_timestamptz),
    _here("ff_timestamptz_pl_interval", 2, timestamptz_plus),
    _here("ff_timestamptz_mi_interval", 2, timestamptz_minus),
    _here("ff_interval_pl_timestamptz", 2, plus_timestamptz),
    _here("ff_age_timestamptz", 2, age_here),
    _here("ff_age_timestamptz", 1, age_today_here),
    _here("ff_age_timestamp", 1, age_today),
    _here("ff_extract_text_timestamptz", 2, extract_here),
    _here("ff_date_part_text_timestamptz", 2, part_here),
    _here("ff_date_trunc_text_timestamptz", -1, trunc_here),
    _here("ff_now", -1, now),
    _here("ff_statement_timestamp", 0, statement_now),
    _here("ff_clock_timestamp", 0, clock_now),
    _here("ff_current_date", 0, today),
    _here("ff_localtimestamp", -1, local_now),
    _here("ff_localtime", -1, local_time),
    _here("ff_timeofday", 0, time_of_day),
)
