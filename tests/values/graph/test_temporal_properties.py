"""What holds for all temporal values: texts, sums, differences, order, and Python's as a judge."""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fivefold.errors import FivefoldError
from fivefold.values.graph import order
from fivefold.values.graph.temporal import (
    Date,
    DateTime,
    Duration,
    LocalDateTime,
    LocalTime,
    Time,
    arithmetic,
    calendar,
    durations,
    reading,
)
from fivefold.values.graph.temporal.calendar import DAY_NANOS, DAYS_MAX, DAYS_MIN, SECOND_NANOS
from fivefold.values.graph.temporal.components import component
from fivefold.values.graph.temporal.native import from_native, to_native

few = settings(max_examples=150, derandomize=True, deadline=None)

ZONES = [
    *("Europe/Stockholm", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "UTC"),
    *("Africa/Monrovia", "Asia/Kathmandu", "America/St_Johns", "Antarctica/Troll"),
]
YEAR_DAYS = 366
near = st.integers(-200 * YEAR_DAYS, 200 * YEAR_DAYS)
days = st.one_of(near, st.integers(DAYS_MIN + 2, DAYS_MAX - 2))
clocks = st.one_of(
    st.integers(0, DAY_NANOS - 1), st.integers(0, 24 * 60 - 1).map(lambda m: m * 60 * SECOND_NANOS)
)
offsets = st.one_of(st.integers(-18 * 4, 18 * 4).map(lambda q: q * 900), st.integers(-64800, 64800))
walls = st.builds(lambda day, clock: day * DAY_NANOS + clock, days, clocks)

dates = st.builds(Date, days)
local_times = st.builds(LocalTime, clocks)
times = st.builds(Time, clocks, offsets)
local_date_times = st.builds(LocalDateTime, walls)
date_times = st.builds(DateTime.at, walls, st.one_of(offsets, st.sampled_from(ZONES)))
small = st.integers(-100_000, 100_000)
some_durations = st.builds(Duration, small, small, st.integers(-(10**10), 10**10), small)

READERS: dict[type, Callable[[str], object]] = {
    Date: reading.read_date,
    LocalTime: reading.read_local_time,
    Time: reading.read_time,
    LocalDateTime: reading.read_local_date_time,
    DateTime: reading.read_date_time,
    Duration: durations.read_duration,
}
instants = st.one_of(dates, local_times, times, local_date_times, date_times)


@few
@given(st.one_of(instants, some_durations))
def test_the_text_of_a_value_is_read_as_that_value(value: Any) -> None:
    assert READERS[type(value)](str(value)) == value


@few
@given(st.one_of(instants, some_durations), st.one_of(instants, some_durations))
def test_order_is_total_and_agrees_with_equality(one: Any, other: Any) -> None:
    key, other_key = order.sort_key(one), order.sort_key(other)
    assert (key < other_key) + (key == other_key) + (key > other_key) == 1
    same = order.equivalence_key(one) == order.equivalence_key(other)
    assert same == (key == other_key) == order.equals(one, other)
    if type(one) is not type(other):
        assert order.less(one, other) is None
        with pytest.raises(TypeError):
            _ = one < other
    elif not isinstance(one, Duration):
        assert order.less(one, other) is (key < other_key) is (one < other)


@few
@given(st.one_of(dates, local_date_times, date_times), st.integers(-1000, 1000), small)
def test_days_and_seconds_added_can_be_taken_away(value: Any, some: int, seconds: int) -> None:
    assume(not isinstance(value, DateTime) or value.zone is None)
    duration = Duration(0, some, seconds)
    try:
        later = arithmetic.plus(value, duration)
    except FivefoldError:
        return  # past the last year
    assert arithmetic.plus(later, duration, -1) == value


@few
@given(
    st.one_of(
        *(st.tuples(kind, kind) for kind in (dates, local_times, times)),
        *(st.tuples(kind, kind) for kind in (local_date_times, date_times)),
    )
)
def test_what_is_between_two_values_leads_from_one_to_the_other(pair: tuple[Any, Any]) -> None:
    start, end = pair
    reached: Any = arithmetic.plus(start, arithmetic.between(start, end))
    if isinstance(start, DateTime):
        assert reached.instant == end.instant
    elif isinstance(start, Time):
        assert reached == end.at(start.offset)
    else:
        assert reached == end
    if not isinstance(start, Date):
        assert arithmetic.in_seconds(start, end) == durations.times(
            arithmetic.in_seconds(end, start), -1
        )


@few
@given(some_durations, some_durations, st.integers(-50, 50).filter(bool))
def test_durations_add_and_scale_part_by_part(one: Duration, other: Duration, factor: int) -> None:
    assert durations.plus(durations.plus(one, other), other, -1) == one
    assert durations.divided(durations.times(one, factor), factor) == one
    assert durations.times(one, float(factor)) == durations.times(one, factor)


# Python's datetime as the judge, within its years

python_dates = st.dates(datetime.date(2, 1, 1), datetime.date(9998, 12, 31))
python_moments = st.datetimes(datetime.datetime(2, 1, 2), datetime.datetime(9998, 12, 30))


@few
@given(python_dates, small)
def test_dates_agree_with_python(day: datetime.date, more: int) -> None:
    value = from_native(day)
    assert str(value) == day.isoformat()
    assert to_native(value) == day
    week_year, week, weekday = day.isocalendar()
    expected = {
        "year": day.year,
        "month": day.month,
        "day": day.day,
        "weekYear": week_year,
        "week": week,
        "dayOfWeek": weekday,
        "ordinalDay": day.timetuple().tm_yday,
        "quarter": (day.month + 2) // 3,
    }
    assert {name: component(value, name) for name in expected} == expected
    moved = day.toordinal() + more
    if 0 < moved <= datetime.date.max.toordinal():
        expected_day = datetime.date.fromordinal(moved)
        assert arithmetic.plus(Date(value.days), Duration(0, more)) == from_native(expected_day)  # type: ignore[union-attr]


@few
@given(st.integers(-999_999_990, 999_999_990), st.integers(1, 12), st.integers(1, 31))
def test_far_years_are_as_those_of_the_same_place_in_400(year: int, month: int, day: int) -> None:
    near_year = 2000 + year % 400
    try:
        expected = datetime.date(near_year, month, day)
    except ValueError:
        with pytest.raises(ValueError, match="day"):
            calendar.days_of(year, month, day)
        return
    found = calendar.days_of(year, month, day)
    assert calendar.civil(found)[0] == year
    like = calendar.civil(found)[1]
    assert (like.month, like.day) == (month, day)
    assert calendar.weekday(found) == expected.isoweekday()
    week_year, week, _ = expected.isocalendar()
    assert calendar.week(found) == (week_year + year - near_year, week)


@few
@given(python_moments, st.sampled_from(ZONES), st.booleans())
def test_moments_in_zones_agree_with_python(
    local: datetime.datetime, zone: str, later: bool
) -> None:
    # From 1972 on: before, the system's tables for Python may know more than the IANA's main ones.
    local = local.replace(year=1972 + local.year % 400, day=min(local.day, 28), fold=later)
    aware = local.replace(tzinfo=zoneinfo.ZoneInfo(zone))
    value = from_native(aware)
    assert isinstance(value, DateTime)
    assert value.instant // 1000 == (aware - _EPOCH) // _MICRO
    assert component(value, "timezone") == zone
    back = to_native(value)
    assert isinstance(back, datetime.datetime)
    assert back.astimezone(datetime.UTC) == aware.astimezone(datetime.UTC)


_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_MICRO = datetime.timedelta(microseconds=1)


@few
@given(st.one_of(st.times(), st.timedeltas(), python_moments))
def test_python_values_come_back(value: Any) -> None:
    assert to_native(from_native(value)) == value


@few
@given(instants)
def test_attributes_are_the_components(value: Any) -> None:
    for name in ("year", "month", "day", "hour", "minute", "second", "nanosecond"):
        try:
            expected = component(value, name)
        except FivefoldError:
            assert not hasattr(value, name)
        else:
            assert getattr(value, name) == expected


@few
@given(st.times(), st.integers(-18 * 60, 18 * 60))
def test_times_with_offsets_come_back(clock: datetime.time, minutes: int) -> None:
    aware = clock.replace(tzinfo=datetime.timezone(datetime.timedelta(minutes=minutes)))
    value = from_native(aware)
    assert isinstance(value, Time)
    assert value.offset == minutes * 60
    back = to_native(value)
    assert isinstance(back, datetime.time)
    assert (back.replace(tzinfo=None), back.utcoffset()) == (clock, aware.utcoffset())


@pytest.mark.parametrize(
    "value", [Date(DAYS_MAX), LocalDateTime(DAYS_MIN * DAY_NANOS), Duration(1), Duration(0, 10**12)]
)
def test_what_python_cannot_hold_is_a_fault(value: Any) -> None:
    with pytest.raises(FivefoldError, match="Python has no"):
        to_native(value)
