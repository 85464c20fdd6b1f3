"""What holds for any update: the document stays, parts are shared, parts replay to the whole."""

from __future__ import annotations

from copy import deepcopy
from datetime import datetime
from typing import Any

import bson
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fivefold.errors import FivefoldError
from fivefold.languages.mongo.match import matcher, matcher_with_position, parse_filter
from fivefold.languages.mongo.update.compile import compile_update
from fivefold.languages.mongo.update.storable import DEPTH_MAX, depth_of
from fivefold.values.documents.kinds import MISSING
from fivefold.values.documents.paths import get

NOW = datetime(2024, 5, 6)
CHECKED = settings(derandomize=True, max_examples=100, deadline=None)
NAMES = st.sampled_from(["a", "b", "c", "0", "1"])
VALUES = st.recursive(
    st.one_of(st.none(), st.integers(-3, 3), st.sampled_from([0.5, 1.0, "x", True])),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3)),
    max_leaves=6,
)
DOCUMENTS = st.dictionaries(NAMES, VALUES, max_size=4)
PATHS = st.lists(NAMES, min_size=1, max_size=3).map(".".join)
NUMBERS = st.one_of(st.integers(-3, 3), st.sampled_from([0.5, 2.0]))
PARTS = st.one_of(
    st.tuples(st.sampled_from(["$set", "$min", "$max", "$push", "$addToSet", "$pull"]), VALUES),
    st.tuples(st.sampled_from(["$inc", "$mul"]), NUMBERS),
    st.tuples(st.just("$unset"), st.just("")),
    st.tuples(st.just("$pop"), st.sampled_from([1, -1])),
    st.tuples(st.just("$pullAll"), st.lists(VALUES, max_size=2)),
    st.tuples(st.just("$bit"), st.just({"xor": 5})),
    st.tuples(st.just("$rename"), PATHS),
)
OPERATIONS = st.lists(st.tuples(PATHS, PARTS), min_size=1, max_size=3)


def outcome(document: Any, update: Any) -> Any:
    try:
        return compile_update(update).apply(document, now=NOW)
    except FivefoldError as error:
        return error.number


@CHECKED
@given(DOCUMENTS, OPERATIONS)
def test_the_given_document_stays_and_what_is_beside_is_shared(
    document: Any, operations: Any
) -> None:
    update: dict[str, Any] = {}
    for path, (operator, argument) in operations:
        update.setdefault(operator, {})[path] = argument
    before, told = deepcopy(document), deepcopy(update)
    result = outcome(document, update)
    assert bson.encode(document) == bson.encode(before)
    assert bson.encode(update) == bson.encode(told)
    if isinstance(result, int):
        return
    assert (result is document) == (bson.encode(result) == bson.encode(document))
    touched = {path.partition(".")[0] for path, _ in operations}
    touched |= {
        part.partition(".")[0] for _, (operator, part) in operations if operator == "$rename"
    }
    for name, value in document.items():
        if name not in touched:
            assert result[name] is value


@CHECKED
@given(DOCUMENTS, OPERATIONS)
def test_an_update_is_its_parts_one_after_the_other(document: Any, operations: Any) -> None:
    operations = [step for step in operations if step[1][0] != "$rename"]
    assume(operations)
    update: dict[str, Any] = {}
    for path, (operator, argument) in operations:
        update.setdefault(operator, {})[path] = argument
    whole = outcome(document, update)
    if isinstance(whole, int):
        return
    result = document
    parts = [(path, name, each) for name in update for path, each in update[name].items()]
    for path, name, argument in sorted(parts, key=lambda part: part[0].split(".")):
        result = outcome(result, {name: {path: argument}})
    assert bson.encode(result) == bson.encode(whole)


@CHECKED
@given(DOCUMENTS, PATHS, VALUES)
def test_what_is_set_is_found(document: Any, path: str, value: Any) -> None:
    result = outcome(document, {"$set": {path: value}})
    if isinstance(result, int):
        assert result == 28
        return
    assert bson.encode({"": get(result, tuple(path.split(".")))}) == bson.encode({"": value})
    if get(document, tuple(path.split("."))) is not MISSING or (
        "0" not in path and "1" not in path
    ):
        assert matcher(parse_filter({path: {"$eq": value}}))(result)


@CHECKED
@given(
    st.lists(st.integers(0, 9), max_size=6),
    st.lists(st.integers(0, 9), max_size=4),
    st.integers(-4, 4),
    st.integers(-8, 8),
    st.sampled_from([None, 1, -1]),
)
def test_pushes_are_bounded(
    array: list[int], values: list[int], slice_: int, position: int, order: int | None
) -> None:
    clauses: dict[str, Any] = {"$each": values, "$slice": slice_, "$position": position}
    if order is not None:
        clauses["$sort"] = order
    result = outcome({"a": array}, {"$push": {"a": clauses}})["a"]
    assert len(result) == min(abs(slice_), len(array) + len(values))
    if order is not None:
        ordered = sorted(array + values, reverse=order < 0)
        assert result == (ordered[:slice_] if slice_ >= 0 else ordered[slice_:])


@CHECKED
@given(st.lists(st.integers(0, 5), max_size=6), st.integers(0, 5))
def test_the_position_that_a_filter_gives(array: list[int], wanted: int) -> None:
    matched, position = matcher_with_position(parse_filter({"a": wanted}))({"a": array})
    update = compile_update({"$set": {"a.$": "here"}})
    assert update.positional
    assert matched == (wanted in array)
    if not matched:
        return
    at = array.index(wanted)
    assert position == at
    expected = [*array[:at], "here", *array[at + 1 :]]
    assert update.apply({"a": array}, position=at, now=NOW) == {"a": expected}


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = {"a": value}
    return value


def test_documents_are_nested_a_hundred_levels_deep() -> None:
    deepest = nested(DEPTH_MAX)
    assert depth_of(deepest) == DEPTH_MAX
    assert outcome({}, {"$set": {"x": nested(DEPTH_MAX - 1)}}) == {"x": nested(DEPTH_MAX - 1)}
    assert outcome({}, {"$push": {"x": nested(DEPTH_MAX - 2)}}) == {"x": [nested(DEPTH_MAX - 2)]}
    assert outcome({}, nested(DEPTH_MAX)) == deepest


@pytest.mark.parametrize(
    ("document", "update"),
    [
        ({}, {"$set": {"x": nested(DEPTH_MAX)}}),
        ({}, {"$set": {"x.y": nested(DEPTH_MAX - 1)}}),
        ({}, {"$set": {".".join("a" * 101): 1}}),
        ({}, {"$push": {"x": nested(DEPTH_MAX - 1)}}),
        ({}, {"$addToSet": {"x": {"$each": [nested(DEPTH_MAX - 1)]}}}),
        ({"x": nested(DEPTH_MAX - 1)}, {"$rename": {"x": "a.b"}}),
        ({}, nested(DEPTH_MAX + 1)),
        ({"x": nested(DEPTH_MAX - 1)}, [{"$set": {"y": {"z": "$x"}}}]),
    ],
)
def test_and_no_deeper(document: Any, update: Any) -> None:
    assert outcome(document, update) == 15


@pytest.mark.parametrize("update", [{"$set": {"a.b": 1}}, {"$set": {"a.$[]": 1}}, {"a": 1}, []])
def test_updates_that_need_no_position(update: Any) -> None:
    assert not compile_update(update).positional


@pytest.mark.parametrize("path", ["a.$", "a.$.b", "a.$[].b.$"])
def test_updates_that_need_a_position(path: str) -> None:
    assert compile_update({"$set": {path: 1}}).positional


def test_variables_of_a_pipeline() -> None:
    update = compile_update([{"$set": {"b": "$$v"}}], variables={"v": 7})
    assert update.apply({"_id": 1}, now=NOW) == {"_id": 1, "b": 7}


def test_a_push_that_leaves_an_array_as_it_was() -> None:
    document = {"a": [1, 2]}
    update = {"$push": {"a": {"$each": [3], "$sort": 1, "$slice": 2}}}
    assert outcome(document, update) is document
