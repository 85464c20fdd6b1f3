"""The calendar beside Python's, and units of time beside each other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fivefold.errors import FivefoldError
from fivefold.languages.mongo.expressions import compile_expression
from fivefold.languages.mongo.expressions.dates import calendar
from fivefold.languages.mongo.expressions.dates.moving import UNITS, between, moved, truncated
from fivefold.languages.mongo.expressions.dates.zones import Zone, zone_named
from fivefold.languages.mongo.expressions.instants import of_ms
from fivefold.values.documents.order import milliseconds

DATES = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)).map(
    lambda date: date.replace(microsecond=date.microsecond // 1000 * 1000)
)
ZONES = st.sampled_from(
    ("UTC", "Europe/Paris", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "-0330")
)
LIMITS = settings(derandomize=True, max_examples=150, deadline=None)


@LIMITS
@given(DATES)
def test_parts_are_python_s(date: datetime) -> None:
    parts = calendar.local_parts(milliseconds(date))
    assert (*parts[:6], parts.microsecond) == (*date.timetuple()[:6], date.microsecond)
    assert calendar.local_ms(parts) == milliseconds(date)
    assert calendar.iso_week_date(parts) == tuple(date.isocalendar())
    assert calendar.day_of_year(parts) == date.timetuple().tm_yday
    assert calendar.week(parts) == int(date.strftime("%U"))
    assert calendar.number_of(parts) == calendar.iso_days(*date.isocalendar())


@LIMITS
@given(st.integers(-(2**50), 2**50))
def test_the_calendar_has_no_end(ms: int) -> None:
    parts = calendar.local_parts(ms)
    assert calendar.local_ms(parts) == ms
    assert 1 <= parts.day <= calendar.month_days(parts.year, parts.month)


@LIMITS
@given(DATES, ZONES)
def test_clocks_are_python_s(date: datetime, name: str) -> None:
    zone, ms = zone_named(name), milliseconds(date)
    if name != "-0330":
        there = date.replace(tzinfo=UTC).astimezone(ZoneInfo(name)).replace(tzinfo=None)
        assert zone.local(ms) == milliseconds(there)
    shown = zone.shown(date)
    assert (shown.year, shown.month, shown.day, shown.hour) == zone.parts(ms)[:4]
    again = zone.moment(zone.local(ms))
    assert again == ms or abs(again - ms) <= 3_600_000  # what a clock shows twice


@LIMITS
@given(DATES, ZONES, st.sampled_from(UNITS), st.integers(1, 12))
def test_bins_are_steps_on_the_way(date: datetime, name: str, unit: str, size: int) -> None:
    zone, ms = zone_named(name), milliseconds(date)
    start = truncated(ms, unit, size, zone)
    assert start <= ms
    assert truncated(start, unit, size, zone) == start
    if size == 1 and unit != "hour":
        assert between(start, ms, unit, zone) == 0


@LIMITS
@given(DATES, st.sampled_from(UNITS), st.integers(-50, 50))
def test_what_is_added_lies_between(date: datetime, unit: str, count: int) -> None:
    zone, ms = Zone(), milliseconds(date)
    assert between(ms, moved(ms, unit, count, zone), unit, zone) == count


FORMATS = (
    "%Y-%m-%dT%H:%M:%S.%L",
    "%d.%m.%Y %H:%M:%S:%L",
    "%G/%V/%u %H %M %S %L",
    "%Y %j %H%M%S%L%z",
)


@LIMITS
@given(DATES.filter(lambda date: date.year < 2100), st.sampled_from(FORMATS))
def test_what_is_written_is_read(date: datetime, format: str) -> None:
    wide = format.replace("%H%M%S%L", "%H:%M:%S.%L")
    text = compile_expression({"$dateToString": {"date": "$d", "format": wide}})({"d": date}, {})
    form: dict[str, Any] = {"dateString": text, "format": wide}
    assert compile_expression({"$dateFromString": form})({}, {}) == date


@LIMITS
@given(DATES)
def test_a_date_as_a_string_is_the_date(date: datetime) -> None:
    text = compile_expression({"$toString": "$d"})({"d": date}, {})
    assert compile_expression({"$toDate": "$s"})({"s": text}, {}) == date


def test_dates_beyond_python_s() -> None:
    end = milliseconds(datetime(9999, 12, 31))
    document = {"d": of_ms(end)}
    add = {"$dateAdd": {"startDate": "$d", "unit": "year", "amount": 1}}
    later = compile_expression(add)(document, {})
    assert compile_expression({"$year": "$d"})({"d": later}, {}) == 10000
    assert compile_expression({"$subtract": ["$e", "$d"]})(
        {"d": document["d"], "e": later}, {}
    ) == timedelta(days=366) // timedelta(milliseconds=1)


@pytest.mark.parametrize("text", ["next monday", "now", "+1 day", "yesterday noon", "12"])
def test_words_are_no_dates(text: str) -> None:
    with pytest.raises(FivefoldError) as error:
        compile_expression({"$toDate": text})
    assert error.value.number == 241
