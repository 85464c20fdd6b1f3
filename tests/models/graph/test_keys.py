"""Keys of indexes: equal for equal values, in the order of ``<``, none begins another."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from fivefold.models.graph.keys import key_of, kind_range
from fivefold.values.graph.order import equals, less
from fivefold.values.graph.temporal import (
    Date,
    DateTime,
    Duration,
    LocalDateTime,
    LocalTime,
    Time,
)

DAY_NANOS = 86_400_000_000_000
few = st.integers(-2, 2)
offsets = few.map(lambda quarters: quarters * 900)
zones = st.sampled_from(["UTC", "Europe/Stockholm", "Africa/Algiers"])
values = st.one_of(
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    few,
    st.floats(),
    few.map(float),
    st.text(alphabet="a\0\x01é\U0001f600", max_size=3),
    st.builds(Date, st.one_of(few, st.integers(-(10**9), 10**9))),
    st.builds(LocalTime, st.integers(0, DAY_NANOS - 1)),
    st.builds(Time, st.sampled_from([0, 900_000_000_000]), offsets),
    st.builds(LocalDateTime, st.one_of(few, st.integers(-(10**24), 10**24))),
    st.builds(DateTime, few, offsets),
    st.builds(DateTime.at, few, zones),
    st.builds(Duration, few, few, few, st.just(5)),
)


@settings(max_examples=500, derandomize=True, deadline=None)
@given(values, values)
def test_keys_are_equal_and_ordered_as_values_are(one: Any, other: Any) -> None:
    key, other_key = key_of(one), key_of(other)
    same = equals(one, other) or (one != one and other != other)
    assert (key == other_key) is bool(same)
    before = less(one, other)
    if before is not None and one == one and other == other:
        assert (key < other_key) is before
        low, high = kind_range(one)
        assert low <= other_key < high
    if key != other_key:
        assert not key.startswith(other_key)
