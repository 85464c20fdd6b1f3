"""The order of BSON's values: manual, "Comparison/Sort Order"."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from bson.binary import Binary
from bson.code import Code
from bson.datetime_ms import DatetimeMS
from bson.decimal128 import Decimal128
from bson.int64 import Int64
from bson.max_key import MaxKey
from bson.min_key import MinKey
from bson.objectid import ObjectId
from bson.regex import Regex
from bson.timestamp import Timestamp
from hypothesis import given, settings
from hypothesis import strategies as st

from fivefold.values.documents.kinds import MISSING
from fivefold.values.documents.order import (
    compare,
    equal,
    hash_key,
    is_nan,
    milliseconds,
    rank_of,
    sort_key,
)

NAN = float("nan")
INFINITY = float("inf")

# Each line is less than the next; what stands in one line is equal.
LADDER: list[list[Any]] = [
    [MinKey()],
    [None, MISSING],
    [NAN, -NAN, Decimal128("NaN"), Decimal128("-NaN")],
    [-INFINITY, Decimal128("-Infinity")],
    [Decimal128("-1E+6144")],
    [-(2**63), Int64(-(2**63)), float(-(2**63))],
    [-1, -1.0, Int64(-1), Decimal128("-1.000")],
    [0, -0.0, 0.0, Int64(0), Decimal128("0E-6176"), Decimal128("-0")],
    [5e-324],
    [Decimal128("0.1")],
    [0.1],  # a little more than a tenth
    [1, 1.0, Int64(1), Decimal128("1"), Decimal128("1.0")],
    [2**53, float(2**53), Decimal128(str(2**53))],
    [2**53 + 1, Decimal128(str(2**53 + 1))],  # no double is there
    [2**63 - 1, Int64(2**63 - 1)],
    [float(2**63), Decimal128(str(2**63))],
    [1.7976931348623157e308],
    [Decimal128("9E+6144")],
    [INFINITY, Decimal128("Infinity")],
    [""],
    ["A"],
    ["a"],
    ["a\0"],
    ["ab"],
    ["é"],
    ["\uffff"],
    ["\U0001f600"],  # UTF-8 orders by code points, UTF-16 would not
    [{}],
    [{"a": None}],
    [{"b": None}],
    [{"a": NAN}],
    [{"a": 1}, {"a": 1.0}],
    [{"a": 1, "b": 1}],
    [{"a": 2}],
    [{"b": NAN}],  # the name before the value, the type before the name
    [{"b": 1, "a": 1}],
    [{"a": ""}],
    [[]],
    [[None]],
    [[1], [1.0]],
    [[1, 2]],
    [[2]],
    [["a"]],
    [[[]]],
    [b"", Binary(b"", 0)],
    [Binary(b"", 5)],
    [b"b"],
    [Binary(b"a", 5)],
    [b"aa"],
    [UUID(int=1), Binary.from_uuid(UUID(int=1))],
    [ObjectId("000000000000000000000001")],
    [ObjectId("ffffffffffffffffffffffff")],
    [False],
    [True],
    [DatetimeMS(-(2**60))],
    [datetime(1969, 12, 31, 23, 59, 59, 999000)],
    [datetime(1970, 1, 1), DatetimeMS(0), datetime(1970, 1, 1, tzinfo=UTC)],
    [
        datetime(2024, 1, 1, 1, 0, 0, 1000),
        datetime(2024, 1, 1, 1, 0, 0, 1999),
        datetime(2024, 1, 1, 2, 0, 0, 1000, timezone(timedelta(hours=1))),
    ],
    [DatetimeMS(2**60)],
    [Timestamp(1, 5)],
    [Timestamp(2, 0)],
    [Regex("a")],
    [Regex("a", "i")],
    [Regex("b")],
    [Code("f")],
    [Code("f", {})],
    [Code("f", {"a": 1})],
    [MaxKey()],
]
STEPS = [(place, value) for place, line in enumerate(LADDER) for value in line]


@pytest.mark.parametrize("left", STEPS, ids=repr)
def test_the_ladder(left: tuple[int, Any]) -> None:
    place, value = left
    for other_place, other in STEPS:
        expected = (place > other_place) - (place < other_place)
        assert compare(value, other) == expected, (value, other)
        assert equal(value, other) is (expected == 0)
        assert (sort_key(value) < sort_key(other)) is (expected < 0)
        assert (hash_key(value) == hash_key(other)) is (expected == 0), (value, other)
        if expected == 0:
            assert hash(hash_key(value)) == hash(hash_key(other))


def test_nested_values_are_told_apart_as_plain_ones_are() -> None:
    for (place, value), (other_place, other) in itertools.combinations(STEPS, 2):
        if MISSING in (value, other):
            continue
        same = place == other_place
        assert equal([value], [other]) is same
        assert equal({"x": value}, {"x": other}) is same
        assert (hash_key({"x": [value]}) == hash_key({"x": [other]})) is same


class Named(str):
    __slots__ = ()


class Ordered(dict[str, Any]):
    pass


def test_classes_that_programs_make() -> None:
    assert equal(Named("a"), "a")
    assert hash_key(Named("a")) == "a"
    assert equal(Ordered(a=1), {"a": 1})
    assert hash_key(Ordered(a=1)) == hash_key({"a": 1})
    with pytest.raises(TypeError, match="no value of BSON: object"):
        sort_key(object())


def test_small_questions() -> None:
    assert is_nan(NAN)
    assert is_nan(Decimal128("NaN"))
    assert not is_nan(1)
    assert not is_nan("NaN")
    assert rank_of(1) == rank_of(Decimal128("1")) != rank_of("1")
    assert milliseconds(datetime(1970, 1, 1, 0, 0, 1)) == 1000


NUMBERS = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    st.integers(-3, 3),
    st.integers(-3, 3).map(Int64),
    st.floats(),
    st.sampled_from([0.5, 1.0, 2.0, NAN, -0.0]),
    st.decimals(allow_nan=True, places=3, min_value=-9, max_value=9).map(
        lambda value: Decimal128(value)
    ),
)
SCALARS = st.one_of(
    NUMBERS,
    st.sampled_from([None, True, False, MinKey(), MaxKey(), b"a", ObjectId(b"a" * 12)]),
    st.sampled_from(["", "a", "b"]),
    st.datetimes(datetime(2020, 1, 1), datetime(2020, 1, 2)),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("ab"), inner, max_size=2)
    ),
    max_leaves=6,
)


@settings(derandomize=True, max_examples=300, deadline=None)
@given(VALUES, VALUES, VALUES)
def test_it_is_a_total_order(one: Any, two: Any, three: Any) -> None:
    assert compare(one, one) == 0
    assert compare(one, two) == -compare(two, one)
    assert equal(one, two) is (compare(one, two) == 0)
    assert (hash_key(one) == hash_key(two)) is equal(one, two)
    low, middle, high = sorted([one, two, three], key=sort_key)
    assert compare(low, middle) <= 0
    assert compare(middle, high) <= 0
    assert compare(low, high) <= 0
    if equal(one, two):
        assert hash(hash_key(one)) == hash(hash_key(two))
