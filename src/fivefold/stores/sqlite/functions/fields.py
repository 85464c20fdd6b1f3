"""Fields of dates and times: extract, date_part, date_trunc, date_bin."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from fivefold.errors import InvalidValue, Unsupported
from fivefold.stores.sqlite.context import Context
from fivefold.stores.sqlite.functions import numeric
from fivefold.stores.sqlite.functions.clocks import zone_of
from fivefold.stores.sqlite.functions.datetime import (
    EPOCH,
    INFINITE,
    MICRO,
    day_micros,
    here,
    out_of_range,
)
from fivefold.stores.sqlite.functions.numbers import stored
from fivefold.stores.sqlite.functions.table import Entry, strict, stricts
from fivefold.values.datetimes import (
    DAY_MICROS,
    clock_micros,
    moment_text,
    stored_moment,
    to_local,
    to_utc,
)
from fivefold.values.intervals import Interval, interval_text, stored_interval

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
            day = str(moment.toordinal() + 1_721_425)
            return numeric.plus(day, numeric.over(str(micros), str(DAY_MICROS)))
    return None


_MONOTONIC = frozenset({"year", "decade", "century", "millennium", "julian", "isoyear", "epoch"})


def _infinite_field(unit: str, moment: str) -> str | None:
    if unit in _MONOTONIC:
        return "Infinity" if moment == "infinity" else "-Infinity"
    return None


_PLACES = {"year": (0, 4), "month": (5, 7), "day": (8, 10), "hour": (11, 13), "minute": (14, 16)}
"""Where fields lie in a stored timestamp or, the first three, in a date."""


def extract_timestamp(field: str, moment: str) -> str | None:
    """Return a field of a timestamp."""
    place = _PLACES.get(field)
    if place is not None and moment[-1] != "y":
        return str(int(moment[place[0] : place[1]]))
    unit = unit_of(field, "timestamp without time zone")
    if moment in INFINITE:
        return _infinite_field(unit, moment)
    found = moment_field(unit, stored_moment(moment))
    if found is None:
        raise _not_supported(unit, "timestamp without time zone")
    return found


def extract_date(field: str, day: str) -> str | None:
    """Return a field of a date; those of a time are none."""
    place = _PLACES.get(field)
    if place is not None and place[1] <= len(day) and day[-1] != "y":
        return str(int(day[place[0] : place[1]]))
    unit = unit_of(field, "date")
    if unit in ("microseconds", "milliseconds", "second", "minute", "hour") or "zone" in unit:
        raise _not_supported(unit, "date")
    if day in INFINITE:
        return _infinite_field(unit, day)
    found = moment_field(unit, stored_moment(day))
    if found is None:
        raise _not_supported(unit, "date")
    return found.partition(".")[0]


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


_CUTS = {
    "year": (4, "-01-01 00:00:00"),
    "month": (7, "-01 00:00:00"),
    "day": (10, " 00:00:00"),
    "hour": (13, ":00:00"),
    "minute": (16, ":00"),
}
"""How much of a stored timestamp stays, and what follows."""


_WITHIN_A_DAY = ("microseconds", "milliseconds", "second", "minute", "hour")


def trunc_timestamp(field: str, moment: str) -> str:
    """Cut a timestamp to a unit."""
    cut = _CUTS.get(field)
    if cut is not None and moment[-1] != "y":
        return moment[: cut[0]] + cut[1]
    name = "timestamp without time zone"
    if moment in INFINITE:
        return moment
    unit = unit_of(field, name)
    return moment_text(truncated(unit, stored_moment(moment), name))


def trunc_here(
    context: Context, field: str | None, moment: str | None, zone: str | None = ""
) -> str | None:
    """Cut a timestamptz to a unit of the session's, or of a named zone's, wall clock."""
    if field is None or moment is None or zone is None:
        return None
    if moment in INFINITE:
        return moment
    where = zone_of(zone) if zone else context.zone
    name = "timestamp with time zone"
    unit = unit_of(field, name)
    local = stored_moment(to_local(moment, where))
    cut = truncated(unit, local, name)
    if unit in _WITHIN_A_DAY:  # the offset stays: of an hour that comes twice it is the same one
        return moment_text(stored_moment(moment) - (local - cut)) + "+00"
    return to_utc(moment_text(cut), where)


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
    if origin in INFINITE:
        raise InvalidValue("origin out of range", "datetime_field_overflow")
    start = stored_moment(origin)
    since = (stored_moment(moment) - start) // MICRO
    try:
        text = moment_text(start + timedelta(microseconds=since - since % size))
    except OverflowError:
        raise out_of_range("timestamp") from None
    return text + "+00" if moment.endswith("+00") else text


FUNCTIONS: tuple[Entry, ...] = (
    *stricts(
        ("ff_extract_text_timestamp", extract_timestamp),
        ("ff_extract_text_date", extract_date),
        ("ff_extract_text_time", extract_time),
        ("ff_extract_text_interval", extract_interval),
        ("ff_date_trunc_text_timestamp", trunc_timestamp),
        ("ff_date_trunc_text_interval", trunc_interval),
        ("ff_date_bin", date_bin),
    ),
    Entry("ff_date_part_text_timestamp", 2, strict(_as_float(extract_timestamp))),
    Entry("ff_date_part_text_date", 2, strict(_as_float(extract_date))),
    Entry("ff_date_part_text_time", 2, strict(_as_float(extract_time))),
    Entry("ff_date_part_text_interval", 2, strict(_as_float(extract_interval))),
    here("ff_extract_text_timestamptz", 2, extract_here),
    here("ff_date_part_text_timestamptz", 2, part_here),
    here("ff_date_trunc_text_timestamptz", -1, trunc_here),
)
