"""Whole numbers in place of numerics and points in time, for windows that compute with them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from fivefold.errors import Unsupported
from fivefold.stores.sqlite.context import Context
from fivefold.stores.sqlite.functions.table import Entry, Needs, stricts
from fivefold.values.compare import interval_key
from fivefold.values.datetimes import DAY_MICROS, clock_micros, stored_moment

_MOST = 2**61  # greater than every number that is not infinite
_EPOCH = date(2000, 1, 1).toordinal()


def scaled(value: str, places: int) -> int:
    """Return a numeric as a whole number of its last decimal place."""
    number = Decimal(value)
    if not number.is_finite():
        return {"Infinity": _MOST, "-Infinity": -_MOST}.get(value, _MOST + 1)
    whole = number.scaleb(places)
    if whole != whole.to_integral_value() or abs(whole) >= _MOST:
        raise Unsupported(
            f"RANGE over numerics of more than {places} decimal places, or so great, "
            "is not supported by the embedded store",
            hint="Cast them to a numeric with a scale.",
        )
    return int(whole)


def _endless(stored: str) -> int | None:
    return {"infinity": _MOST, "-infinity": -_MOST}.get(stored)


def date_micros(stored: str) -> int:
    """Return a date's distance from 2000-01-01 in microseconds."""
    endless = _endless(stored)
    if endless is not None:
        return endless
    return (date.fromisoformat(stored).toordinal() - _EPOCH) * DAY_MICROS


def moment_micros(stored: str) -> int:
    """Return a timestamp's distance from 2000-01-01 00:00 in microseconds."""
    endless = _endless(stored)
    if endless is not None:
        return endless
    return _micros(stored_moment(stored))


def interval_micros(stored: str) -> int:
    """Return an interval's length in microseconds, a month as 30 days."""
    return interval_key(stored)


def _micros(moment: datetime) -> int:
    clock = (moment.hour * 3600 + moment.minute * 60 + moment.second) * 1_000_000
    return (moment.toordinal() - _EPOCH) * DAY_MICROS + clock + moment.microsecond


def micros_days(context: Context, stored: str | None) -> int | None:
    """Do so for windows that count days, which are all of one length in UTC only."""
    if str(context.zone) != "UTC":
        raise Unsupported(
            "RANGE with days over timestamp with time zone is supported in the time zone UTC only",
            hint="Say it in hours, or order by the value AT TIME ZONE 'UTC'.",
        )
    return None if stored is None else moment_micros(stored)


FUNCTIONS: tuple[Entry, ...] = (
    *stricts(
        ("ff_scaled", scaled),
        ("ff_micros_date", date_micros),
        ("ff_micros_time", clock_micros),
        ("ff_micros_timestamp", moment_micros),
        ("ff_micros_timestamptz", moment_micros),
        ("ff_micros_interval", interval_micros),
    ),
    Entry("ff_micros_days", 1, micros_days, deterministic=False, needs=Needs.CONTEXT),
)
