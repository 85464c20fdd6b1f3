"""Filters that are answered without a command find what plain evaluation finds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from bson.int64 import Int64
from bson.objectid import ObjectId
from hypothesis import given, settings
from hypothesis import strategies as st

import fivefold
from fivefold.api.documents import Collection
from fivefold.engine import document_points as points
from fivefold.languages.mongo.match import matcher, parse_filter
from tests.conftest import empty_store

VALUES = [
    *(-1, 0, 1, 2, 2**31, 2**53 + 1, 1.5, 2.0, -0.0, float("inf"), float("nan"), True, False),
    *("", "a", "ab", "a\0b", "b", ObjectId(b"a" * 12), datetime(2024, 1, 1), datetime(1960, 1, 1)),
]
STORED = [*VALUES, None, [1, 2], [], ["a", 3], {"b": 1}, Int64(2)]
PLAIN = [*(-1, 0, 1, 2, 2**31, 1.5), *("a", "b"), True]


def documents(values: list[Any]) -> list[dict[str, Any]]:
    return [
        {"_id": number, "a": values[number % len(values)], "b": values[number * 7 % len(values)]}
        for number in range(3 * len(values))
    ] + [{"_id": 1_000}, {"_id": "x", "b": 1}]


@pytest.fixture(scope="module")
def collections(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Collection]]:
    """Collections with indexes: one of anything, one whose fields never held an array."""
    at: Path = tmp_path_factory.mktemp("forms") / "forms.db"
    with empty_store(str(at)) as url, fivefold.open(url, durability="off") as db:
        made = {}
        for name, values in (("any", STORED), ("plain", PLAIN)):
            made[name] = db.collection("shop", name)
            made[name].create_index("a")
            made[name].create_index([("b", -1), ("a", 1)])
            made[name].insert_many(documents(values))
        yield made


comparisons = st.one_of(
    st.sampled_from(VALUES),
    st.dictionaries(
        st.sampled_from(["$eq", "$gt", "$gte", "$lt", "$lte"]),
        st.sampled_from(VALUES),
        min_size=1,
        max_size=2,
    ),
)
filters = st.dictionaries(st.sampled_from(["_id", "a", "b"]), comparisons, min_size=1, max_size=3)


@pytest.mark.parametrize("name", ["any", "plain"])
@settings(max_examples=250)
@given(filters)
def test_what_is_found(
    collections: dict[str, Collection], name: str, filter: dict[str, Any]
) -> None:
    collection = collections[name]
    matches = matcher(parse_filter(filter))
    expected = [one["_id"] for one in collection.find() if matches(one)]
    found = [one["_id"] for one in collection.find(filter)]
    assert sorted(map(str, found)) == sorted(map(str, expected))
    assert len(collection.find(filter).limit(2).to_list()) == min(2, len(expected))
    one = collection.find_one(filter)
    assert (one is None) == (not expected)


def test_which_are_answered_so(collections: dict[str, Collection]) -> None:
    plain = collections["plain"]
    data = plain.door.data
    quick = [{"a": 1}, {"a": {"$gt": 0, "$lte": 2}}, {"b": "a", "a": {"$lt": 2}}, {"_id": 3}]
    for filter in quick:
        assert len(points.find(data, plain.place, filter, 0)) == plain.count_documents(filter)
    for filter in ({"c": 1}, {"a": None}, {"$or": [{"a": 1}]}, {"a": {"$ne": 1}}, {}):
        with pytest.raises(points.NotQuick):
            points.find(data, plain.place, filter, 0)
