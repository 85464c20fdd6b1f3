"""Paths through documents and arrays: manual, "Query an Array of Embedded Documents", "Query for
Null or Missing Fields", "Dot Notation".
"""

from __future__ import annotations

from typing import Any

import pytest

from fivefold.errors import FivefoldError
from fivefold.values.documents import paths
from fivefold.values.documents.kinds import MISSING, Document
from fivefold.values.documents.paths import (
    ends_at,
    get,
    index_of,
    parse_path,
    unset,
    values_at,
    values_with_offsets,
)

# path, document, what it reaches (with the elements of an array at its end), the offsets
REACHED: list[tuple[str, Document, list[Any], list[int | None]]] = [
    ("a", {"x": 4, "a": 5}, [5], [None]),
    ("a", {}, [MISSING], [None]),
    ("a", {"a": [5, 6]}, [5, 6, [5, 6]], [0, 1, None]),
    ("a", {"a": []}, [[]], [None]),
    ("a", {"a": [[1, 2]]}, [[1, 2], [[1, 2]]], [0, None]),
    ("a.b", {"a": {"b": 1}}, [1], [None]),
    ("a.b", {"a": 4}, [MISSING], [None]),
    ("a.b", {"a": {}}, [MISSING], [None]),
    ("a.b", {"a": [4]}, [], []),
    ("a.b", {"a": []}, [], []),
    ("a.b", {"a": {"b": []}}, [[]], [None]),
    (
        "a.b",
        {"a": [{"b": 5}, 3, {}, {"b": [9, 11]}, {"b": 7}]},
        [5, MISSING, 9, 11, [9, 11], 7],
        [0, 2, 3, 3, 3, 4],
    ),
    ("a.b", {"a": [[{"b": 1}]]}, [], []),
    ("a.b.c", {"a": [{"b": [{"c": 1}, {}]}, {"b": 2}]}, [1, MISSING, MISSING], [0, 0, 1]),
    ("a.b.x", {"a": [{"b": []}, {"b": []}]}, [], []),
    ("a.1", {"a": [5, 7, 3]}, [7], [None]),
    ("a.3", {"a": [5, 7, 3]}, [], []),
    ("a.01", {"a": [5, 7, 3]}, [], []),
    ("a.1", {"a": {"1": 2}}, [2], [None]),
    ("a.1", {"a": [5, [2, 4], 3]}, [[2, 4]], [None]),
    ("a.1", {"a": [5, {"1": 4}, 3]}, [4, {"1": 4}], [1, None]),
    ("a.1.b", {"a": [5, {"b": 4}, 3]}, [MISSING, 4], [1, None]),
    ("a.1.b", {"a": [5, [{"b": 4}], 3]}, [4], [0]),
    ("a.0.0", {"a": [[5]]}, [5], [None]),
    ("a.0.b", {"a": [5]}, [], []),
    (
        "a.0.b",
        {"a": [{"b": [2, 3]}, {"b": [4, 5]}]},
        [MISSING, 2, 3, [2, 3], MISSING],
        [0, 0, 1, None, 1],
    ),
    ("a.", {"a": {"": 1}}, [1], [None]),
]


@pytest.mark.parametrize(("text", "document", "values", "offsets"), REACHED)
def test_what_a_path_reaches(
    text: str, document: Document, values: list[Any], offsets: list[int | None]
) -> None:
    path = parse_path(text)
    assert values_at(document, path) == values
    found = list(values_with_offsets(document, path))
    assert found == list(zip(values, offsets, strict=True))
    assert [value for value, _ in values_with_offsets(document, path, expand=False)] == ends_at(
        document, path
    )


@pytest.mark.parametrize(
    ("text", "document", "values"),
    [
        ("a", {"a": [5, 6]}, [[5, 6]]),
        ("a", {}, [MISSING]),
        ("a.b", {"a": [{"b": [1]}, {"b": 2}]}, [[1], 2]),
        ("a.b", {"a": {"b": [1]}}, [[1]]),
    ],
)
def test_an_array_at_the_end_may_stay_whole(
    text: str, document: Document, values: list[Any]
) -> None:
    assert ends_at(document, parse_path(text)) == values


def test_an_index_is_written_one_way() -> None:
    assert [index_of(text) for text in ("0", "7", "10", "00", "07", "-1", "a", "", "²", "٣")] == [
        *(0, 7, 10),
        *[None] * 7,
    ]


@pytest.mark.parametrize(
    ("text", "document", "value"),
    [
        ("a.b", {"a": {"b": 1}}, 1),
        ("a.1", {"a": [5, 6]}, 6),
        ("a.2", {"a": [5, 6]}, MISSING),
        ("a.b", {"a": [{"b": 1}]}, MISSING),
        ("a.0.b", {"a": [{"b": 1}]}, 1),
        ("a.b", {"a": 1}, MISSING),
    ],
)
def test_a_plain_walk(text: str, document: Document, value: Any) -> None:
    assert get(document, parse_path(text)) == value


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("a", {}, {"a": 9}),
        ("a.b", {}, {"a": {"b": 9}}),
        ("a.0", {}, {"a": {"0": 9}}),
        ("a.0", {"a": [1, 2]}, {"a": [9, 2]}),
        ("a.3", {"a": [1]}, {"a": [1, None, None, 9]}),
        ("a.1.b", {"a": []}, {"a": [None, {"b": 9}]}),
        ("a.b.c", {"a": {"b": {"c": 1, "d": 2}}}, {"a": {"b": {"c": 9, "d": 2}}}),
    ],
)
def test_setting(text: str, before: Document, after: Document) -> None:
    paths.set(before, parse_path(text), 9)
    assert before == after


@pytest.mark.parametrize(
    ("text", "document", "number"),
    [("a.b", {"a": 1}, 28), ("a.b", {"a": [1]}, 28), ("a.b.c", {"a": None}, 28)],
)
def test_setting_through_what_is_no_document(text: str, document: Document, number: int) -> None:
    with pytest.raises(FivefoldError, match="Cannot create field") as caught:
        paths.set(document, parse_path(text), 9)
    assert caught.value.number == number


def test_an_index_far_beyond_the_end() -> None:
    with pytest.raises(FivefoldError, match="can't backfill more than 1500000 elements") as caught:
        paths.set({"a": []}, ("a", "1500002"), 1)
    assert caught.value.number == 2


@pytest.mark.parametrize(
    ("text", "before", "after", "there"),
    [
        ("a", {"a": 1, "b": 2}, {"b": 2}, True),
        ("a.b", {"a": {"b": 1}}, {"a": {}}, True),
        ("a.1", {"a": [1, 2]}, {"a": [1, None]}, True),
        ("a.b", {"a": 1}, {"a": 1}, False),
        ("a.9", {"a": [1]}, {"a": [1]}, False),
    ],
)
def test_unsetting(text: str, before: Document, after: Document, there: bool) -> None:
    assert unset(before, parse_path(text)) is there
    assert before == after
