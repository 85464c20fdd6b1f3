"""Equality, comparability, orderability and equivalence: openCypher 9 and CIP2016-06-14."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fivefold.values.graph.entities import Node, Path, Relationship
from fivefold.values.graph.order import (
    equals,
    equivalence_key,
    less,
    less_or_equal,
    sort_key,
)
from fivefold.values.graph.temporal import (
    Date,
    DateTime,
    Duration,
    LocalDateTime,
    LocalTime,
    Time,
)

NAN = float("nan")
A, B = Node(1), Node(2)
T, U = Relationship(1, "T", 1, 2), Relationship(2, "U", 2, 1)

# Each line comes before the next under ORDER BY; what stands in one line is equivalent.
LADDER: list[list[Any]] = [
    [{}],
    [{"a": 1}, {"a": 1.0}],
    [{"a": 2}],
    [{"b": 0}],
    [{"a": 1, "b": None}],
    [A, Node(1, ["L"])],
    [B],
    [T],
    [U],
    [[]],
    [["a"]],
    [["a", 1]],
    [[1]],
    [[1, "a"]],
    [[1, None]],
    [[None, 1]],
    [[None, 2]],
    [Path([A])],
    [Path([A, B], [T])],
    [Path([B])],
    [DateTime(0, 0)],
    [DateTime(0, 0, "UTC")],
    [DateTime(0, 3600)],
    [DateTime(1, -3600)],
    [LocalDateTime(-1)],
    [LocalDateTime(0)],
    [Date(-1)],
    [Date(0)],
    [Time(0, 3600)],
    [Time(3600_000_000_000, 3600), Time(3600_000_000_000, 3600)],
    [LocalTime(0)],
    [LocalTime(1)],
    [Duration(0, 30)],
    [Duration(0, 0, 30 * 86_400, 1)],
    [Duration(1)],
    [Duration(0, 31)],
    [b"\x00"],
    [""],
    ["10"],
    ["9"],
    ["a"],
    ["é"],
    ["\U0001f600"],
    [False],
    [True],
    [float("-inf")],
    [-1],
    [0, 0.0, -0.0],
    [1, 1.0],
    [1.5],
    [2**53],
    [2**53 + 1],
    [float("inf")],
    [NAN, float("nan")],
    [None],
]


def test_any_two_values_are_ordered_as_the_ladder_is() -> None:
    steps = [(place, value) for place, line in enumerate(LADDER) for value in line]
    for (place, one), (other_place, other) in itertools.product(steps, steps):
        assert (sort_key(one) < sort_key(other)) is (place < other_place), (one, other)
        same = equivalence_key(one) == equivalence_key(other)
        assert same is (place == other_place), (one, other)
        if same:
            assert hash(equivalence_key(one)) == hash(equivalence_key(other))


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        *((1, 1.0, True), (1, 2, False), (1, "1", False), (True, 1, False), (1, None, None)),
        *((None, None, None), (NAN, NAN, False), (NAN, 1, False), (2**53 + 1, 2.0**53, False)),
        *(([], [], True), ([1], [1.0], True), ([1], [1, None], False), ([None], [1], None)),
        *(([1, None], [2, None], False), ([[None]], [[1]], None), ([1], 1, False)),
        *(({}, {}, True), ({"k": None}, {"k": None}, None), ({"k": 1}, {"k": 1.0}, True)),
        *(({"k": 1}, {"l": 1}, False), ({"k": 1, "l": None}, {"k": 2, "l": 1}, False)),
        *((A, Node(1, ["X"]), True), (A, B, False), (A, T, False)),
        *((Path([A, B], [T]), Path([A, B], [T]), True), (Path([A]), A, False)),
        (DateTime(0, 0), DateTime(0, 3600), False),
        (Duration(0, 1), Duration(0, 0, 86_400), False),
        (Date(0), LocalDateTime(0), False),
    ],
)
def test_equality_is_three_valued(one: Any, other: Any, equal: bool | None) -> None:
    assert equals(one, other) is equal
    assert equals(other, one) is equal


@pytest.mark.parametrize(
    ("one", "other", "is_less", "is_less_or_equal"),
    [
        *((1, 3.14, True, True), (1, 1.0, False, True), ("a", "b", True, True)),
        *((False, True, True, True), (True, False, False, False), (1, "1", None, None)),
        *((1, True, None, None), (None, None, None, None), (None, 1, None, None)),
        *((NAN, NAN, False, False), (NAN, 1, False, False), (NAN, "a", None, None)),
        *(([1], [1, 0], True, True), ([1], [1, None], True, True), ([1], [1], False, True)),
        *(([1, None], [1, 2], None, None), ([1, None], [1, "a"], None, None)),
        *(([3, None], [1, 2], False, False), ([1, "a"], [1, 2], None, None)),
        *(({}, {}, None, None), (A, B, None, None), (Path([A]), Path([B]), None, None)),
        *((Duration(1), Duration(2), None, None), (Date(0), Date(1), True, True)),
        *((Date(0), LocalDateTime(1), None, None), (DateTime(0, 0), DateTime(0, 60), True, True)),
        (Time(0, 3600), Time(0, 0), True, True),
    ],
)
def test_comparability(
    one: Any, other: Any, is_less: bool | None, is_less_or_equal: bool | None
) -> None:
    assert less(one, other) is is_less
    assert less_or_equal(one, other) is is_less_or_equal


scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.floats(), st.text(max_size=2), st.just(A)
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("ab"), inner, max_size=2)
    ),
    max_leaves=6,
)


@settings(max_examples=300, derandomize=True, deadline=None)
@given(values, values, values)
def test_the_relations_agree_with_each_other(one: Any, other: Any, third: Any) -> None:
    key, other_key, third_key = sort_key(one), sort_key(other), sort_key(third)
    assert (key < other_key) + (other_key < key) + (key == other_key) == 1
    if key < other_key and other_key < third_key:
        assert key < third_key
    equivalent = equivalence_key(one) == equivalence_key(other)
    assert equivalent is (key == other_key)
    if equals(one, other):
        assert equivalent
    if less(one, other):
        assert key < other_key
