"""Values as messages show them, and which values are the same to the last bit."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import bson
import pytest
from bson.binary import Binary
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

from fivefold.values.documents.identity import identical
from fivefold.values.documents.kinds import MISSING
from fivefold.values.documents.text import shown, shown_field

OID = ObjectId("65a000000000000000000001")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({}, "{}"),
        ([], "[]"),
        ({"a": 1, "b": [1, "x"]}, '{ a: 1, b: [ 1, "x" ] }'),
        (1.0, "1.0"),
        (1.5, "1.5"),
        (1e20, "1e+20"),
        (float("inf"), "inf"),
        (float("nan"), "nan"),
        (Int64(5), "5"),
        (True, "true"),
        (None, "null"),
        (OID, "ObjectId('65a000000000000000000001')"),
        (datetime(1970, 1, 1, 0, 0, 1), "new Date(1000)"),
        (DatetimeMS(-(2**60)), f"new Date({-(2**60)})"),
        (Regex("^a", "im"), "/^a/im"),
        (Timestamp(1, 2), "Timestamp(1, 2)"),
        (b"\x01\xff", "BinData(0, 01FF)"),
        (Binary(b"\x01", 4), "BinData(4, 01)"),
        (Decimal128("1.50"), "1.50"),
        (MinKey(), "MinKey"),
        (MaxKey(), "MaxKey"),
        ("x" * 200, '"' + "x" * 160 + '..."'),
    ],
)
def test_values_are_shown(value: Any, text: str) -> None:
    assert shown(value) == text
    assert shown_field("f", value) == f"f: {text}"


VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-2, 2),
        st.integers(-2, 2).map(Int64),
        st.sampled_from([0.0, -0.0, 1.0, 2.0, float("nan"), float("inf")]),
        st.sampled_from(["", "a", b"a", Binary(b"a", 5), Regex("a"), Regex("a", "i")]),
        st.sampled_from([Decimal128("1"), Decimal128("1.0"), MinKey(), MaxKey(), OID]),
        st.sampled_from([datetime(2020, 1, 1), datetime(2020, 1, 1, tzinfo=UTC)]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2), st.dictionaries(st.sampled_from("ab"), inner, max_size=2)
    ),
    max_leaves=4,
)


@settings(derandomize=True, max_examples=100, deadline=None)
@given(VALUES, VALUES)
def test_identical_is_what_the_bytes_say(first: Any, second: Any) -> None:
    same = bson.encode({"": first}) == bson.encode({"": second})
    assert identical(first, second) == same
    assert identical(first, first)
    assert not identical(first, MISSING)
