"""Sort specifications (manual 7.0: "cursor.sort()", "$sort", "Comparison/Sort Order")."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest
from bson.decimal128 import Decimal128
from bson.int64 import Int64
from bson.max_key import MaxKey
from bson.min_key import MinKey
from bson.objectid import ObjectId
from hypothesis import given
from hypothesis import strategies as st

from fivefold.errors import FivefoldError
from fivefold.languages.mongo.sorting import parse_sort
from fivefold.values.documents.order import compare

NAN = float("nan")

ORDERED: list[Any] = [
    *(MinKey(), [], None, NAN, -1.5, 0, Decimal128("0.1"), 1, Int64(2), 2.5),
    *("", "A", "a", {}, {"a": 1}, b"x", ObjectId("0" * 24), False, True),
    *(datetime(1970, 1, 1), MaxKey()),
]


@pytest.mark.parametrize("direction", [1, -1])
@pytest.mark.parametrize("beside", [{}, {"z": 1}, {"z": 1, "y": -1}])
def test_types_in_their_order(direction: int, beside: dict[str, int]) -> None:
    documents = [{"_id": at, "a": value} for at, value in enumerate(ORDERED)]
    found = parse_sort({"a": direction, **beside}).sort(documents[::-1])
    assert [each["_id"] for each in found] == [*range(len(ORDERED))][::direction]


# (specification, documents in the order they have to come out; given reversed)
CASES: list[tuple[dict[str, Any], list[dict[str, Any]]]] = [
    ({"a": 1}, [{"a": [1, 9]}, {"a": 2}, {"a": [3]}]),
    ({"a": -1}, [{"a": [1, 9]}, {"a": [3]}, {"a": 2}]),
    ({"a": 1}, [{"a": []}, {"a": None}, {"a": [4, 5]}]),
    ({"a": -1}, [{"a": [4, 5]}, {"a": None}, {"a": []}]),
    ({"a": 1}, [{}, {"a": 0}]),
    ({"a.b": 1}, [{"a": 5}, {"a": {"b": 1}}, {"a": {"b": 2}}]),
    ({"a.b": 1}, [{"a": []}, {"a": [{"b": 3}, {"b": 1}]}, {"a": [{"b": 2}]}]),
    ({"a.b": -1}, [{"a": [{"b": 3}, {"b": 1}]}, {"a": [{"b": 2}]}, {"a": {}}]),
    ({"a.b": 1}, [{"a": [{"b": []}]}, {"a": [{"b": [2, 3]}]}]),
    ({"a.1": 1}, [{"a": [9, 1]}, {"a": [0, 2]}]),
    ({"a.0.b": -1}, [{"a": [{"b": 2}]}, {"a": [{"b": 1}, {"b": 5}]}]),
    ({"a": 1, "b": -1}, [{"a": 1, "b": 2}, {"a": 1, "b": 1}, {"a": 2, "b": 9}]),
    ({"a": 1, "b": 1}, [{"a": [1, 5], "b": 3}, {"a": [2, 0.5][:1], "b": 1}]),
    # two fields of one array go by the same element
    (
        {"a.x": 1, "a.y": 1},
        [{"a": [{"x": 1, "y": 5}, {"x": 2, "y": 0}]}, {"a": [{"x": 1, "y": 6}]}],
    ),
    ({"a": 1}, [{"a": [[2], 3]}, {"a": [[1]]}][:1]),
    ({"a": 1}, [{"a": [True]}, {"a": [datetime(2000, 1, 1)]}]),
    ({"a": 1.0}, [{"a": 1}, {"a": 2}]),
    ({"a": Int64(-1)}, [{"a": 2}, {"a": 1}]),
    ({"a": Decimal128("-1")}, [{"a": NAN * 1}, {"a": 1}][1:]),
    ({"a": -1}, [{"a": Decimal128("1.5")}, {"a": 1.25}, {"a": 1}, {"a": NAN}]),
]


@pytest.mark.parametrize(("specification", "documents"), CASES)
def test_order(specification: dict[str, Any], documents: list[dict[str, Any]]) -> None:
    found = parse_sort(specification).sort(documents[::-1])
    assert str(found) == str(documents)


def test_equal_documents_stay_as_they_came() -> None:
    documents = [{"_id": at, "a": at % 2} for at in range(8)]
    found = parse_sort({"a": -1}).sort(documents)
    assert [each["_id"] for each in found] == [1, 3, 5, 7, 0, 2, 4, 6]


@pytest.mark.parametrize(
    ("specification", "number", "message"),
    [
        (1, 15973, "the $sort key specification must be an object"),
        ({}, 15976, "$sort stage must have at least one sort key"),
        ({"a": 2}, 15975, "$sort key ordering must be 1 (for ascending) or -1 (for descending)"),
        ({"a": 0}, 15975, None),
        ({"a": 1.5}, 15975, None),
        ({"a": "x"}, 15974, 'Illegal key in $sort specification: a: "x"'),
        ({"a": True}, 15974, "Illegal key in $sort specification: a: true"),
        ({"a": {"b": 1}}, 15974, None),
        ({"a": {"$meta": "textScore"}}, 115, None),
        ({"": 1}, 40352, "FieldPath cannot be constructed with empty string"),
        ({"a.": 1}, 40353, "FieldPath must not end with a '.'."),
        ({"a..b": 1}, 15998, "FieldPath field names may not be empty strings."),
        ({"$a": 1}, 16410, None),
        ({f"a{at}": 1 for at in range(33)}, 13103, "too many compound keys"),
    ],
)
def test_refused(specification: Any, number: int, message: str | None) -> None:
    with pytest.raises(FivefoldError) as caught:
        parse_sort(specification)
    assert caught.value.number == number
    assert message is None or caught.value.message == message


def test_parallel_arrays_are_refused() -> None:
    with pytest.raises(FivefoldError, match="cannot sort with keys that are parallel arrays") as it:
        parse_sort({"a": 1, "b": 1}).sort([{"a": [1], "b": [2]}, {}])
    assert it.value.number == 2


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.floats(), st.text("ab", max_size=2)
)


@given(st.lists(st.tuples(VALUES, VALUES), max_size=12), st.sampled_from([1, -1]))
def test_two_fields_compare_one_after_the_other(pairs: list[Any], direction: int) -> None:
    found = parse_sort({"a": 1, "b": direction}).sort([{"a": a, "b": b} for a, b in pairs])
    for before, after in pairwise(found):
        first = compare(before["a"], after["a"])
        assert first <= 0
        assert first < 0 or compare(before["b"], after["b"]) * direction <= 0
