"""Projections of find: (document, projection, what comes out), by page of the manual."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import bson
import pytest
from bson.decimal128 import Decimal128
from bson.int64 import Int64

from fivefold.errors import FivefoldError
from fivefold.languages.mongo.projection import compile_projection

Case = tuple[Any, ...]

BOOK = {
    "_id": 1,
    "item": "journal",
    "status": "A",
    "size": {"h": 14, "w": 21, "uom": "cm"},
    "instock": [{"warehouse": "A", "qty": 5}, {"warehouse": "C", "qty": 15}],
}

FIELDS: list[Case] = [  # manual, "Project Fields to Return from Query"
    (BOOK, {}, BOOK),
    (BOOK, {"item": 1, "status": 1}, {"_id": 1, "item": "journal", "status": "A"}),
    (BOOK, {"item": 1, "_id": 0}, {"item": "journal"}),
    (BOOK, {"item": True, "_id": False}, {"item": "journal"}),
    (BOOK, {"item": Int64(1), "_id": 0.0}, {"item": "journal"}),
    (BOOK, {"item": Decimal128("2"), "_id": Decimal128("0")}, {"item": "journal"}),
    (BOOK, {"item": -1}, {"_id": 1, "item": "journal"}),
    (BOOK, {"_id": 1}, {"_id": 1}),
    ({"_id": 1, "a": 1}, {"_id": 0}, {"a": 1}),
    ({"_id": 1, "a": 1, "b": 2}, {"_id": 1, "a": 0}, {"_id": 1, "b": 2}),
    ({"_id": 1, "a": 1, "b": 2}, {"_id": 0, "a": 0}, {"b": 2}),
    ({"_id": 1, "a": 1, "b": 2}, {"a": 0}, {"_id": 1, "b": 2}),
    ({"_id": 1, "a": 1, "b": 2}, {"b": 1, "a": 1}, {"_id": 1, "a": 1, "b": 2}),
    ({"a": 1, "_id": 1}, {"a": 1}, {"a": 1, "_id": 1}),
    (BOOK, {"x": 1}, {"_id": 1}),
    (BOOK, {"size.uom": 1}, {"_id": 1, "size": {"uom": "cm"}}),
    (BOOK, {"size": {"uom": 1}}, {"_id": 1, "size": {"uom": "cm"}}),
    (
        {"_id": 1, "size": {"h": 14, "uom": "cm"}},
        {"size.uom": 0},
        {"_id": 1, "size": {"h": 14}},
    ),
    ({"_id": 1, "a": {"b": 1, "c": 2}}, {"a": {"b": 0}}, {"_id": 1, "a": {"c": 2}}),
    (BOOK, {"instock.qty": 1}, {"_id": 1, "instock": [{"qty": 5}, {"qty": 15}]}),
    ({"a": [{"b": 1, "c": 2}, 5]}, {"a.b": 1}, {"a": [{"b": 1}]}),
    ({"a": [{"b": 1, "c": 2}, 5]}, {"a.b": 0}, {"a": [{"c": 2}, 5]}),
    ({"a": [[{"b": 1, "c": 2}], 5]}, {"a.b": 1}, {"a": [[{"b": 1}]]}),
    ({"a": 5}, {"a.b": 1}, {}),
    ({"a": 5}, {"a.b": 0}, {"a": 5}),
    ({"a": {"c": 1}}, {"a.b": 1}, {"a": {}}),
    ({"a": {"b": 1, "c": 2, "d": 3}}, {"a.b": 1, "a.d": 1}, {"a": {"b": 1, "d": 3}}),
    ({"_id": {"x": 1, "y": 2}, "a": 1}, {"_id.x": 1}, {"_id": {"x": 1}}),
    ({"_id": {"x": 1, "y": 2}, "a": 1}, {"_id.x": 0}, {"_id": {"y": 2}, "a": 1}),
    ({"a": {"0": 1}}, {"a.0": 1}, {"a": {"0": 1}}),
    ({"a": [1, 2]}, {"a.0": 1}, {"a": []}),
]

EXPRESSIONS: list[Case] = [  # manual, "Project Fields to Return", Project Fields with Aggregation …
    ({"_id": 1, "a": 2}, {"b": {"$add": ["$a", 1]}}, {"_id": 1, "b": 3}),
    ({"_id": 1, "a": 2}, {"b": "$a"}, {"_id": 1, "b": 2}),
    ({"_id": 1, "a": 2}, {"b": "text"}, {"_id": 1, "b": "text"}),
    ({"_id": 1, "a": 2, "c": 3}, {"b": "$a", "c": 1}, {"_id": 1, "c": 3, "b": 2}),
    ({"_id": 1, "a": 2}, {"a": {"$literal": 1}, "_id": 0}, {"a": 1}),
    ({"_id": 1, "a": 2}, {"b": "$x"}, {"_id": 1}),
    ({"_id": 1, "a": 2}, {"b.c": "$a"}, {"_id": 1, "b": {"c": 2}}),
    (
        {"_id": 1, "a": {"x": 1, "y": 2}},
        {"a.x": 1, "a.z": "$a.y"},
        {"_id": 1, "a": {"x": 1, "z": 2}},
    ),
    ({"_id": 1, "a": [{"x": 1}]}, {"a.z": "$_id"}, {"_id": 1, "a": [{"z": 1}]}),
    ({"_id": 1, "a": 5}, {"a": {"b": "$_id"}}, {"_id": 1, "a": {"b": 1}}),
    ({"_id": 1, "a": [1, 2]}, {"b": ["$_id", 5]}, {"_id": 1, "b": [1, 5]}),
    ({"_id": 1, "a": [1, 2, 3]}, {"b": {"$slice": ["$a", 2]}}, {"_id": 1, "b": [1, 2]}),
]

SLICES: list[Case] = [  # manual, "$slice (projection)"
    ({"_id": 1, "a": [1, 2, 3], "b": 1}, {"a": {"$slice": 2}}, {"_id": 1, "a": [1, 2], "b": 1}),
    ({"_id": 1, "a": [1, 2, 3]}, {"a": {"$slice": -2}}, {"_id": 1, "a": [2, 3]}),
    ({"_id": 1, "a": [1, 2, 3]}, {"a": {"$slice": 0}}, {"_id": 1, "a": []}),
    ({"_id": 1, "a": [1, 2, 3, 4]}, {"a": {"$slice": [1, 2]}}, {"_id": 1, "a": [2, 3]}),
    ({"_id": 1, "a": [1, 2, 3, 4]}, {"a": {"$slice": [-3, 2]}}, {"_id": 1, "a": [2, 3]}),
    ({"_id": 1, "a": [1, 2, 3, 4]}, {"a": {"$slice": [-9, 2]}}, {"_id": 1, "a": [1, 2]}),
    ({"_id": 1, "a": [1, 2]}, {"a": {"$slice": [5, 2]}}, {"_id": 1, "a": []}),
    (
        {"_id": 1, "a": [1, 2, 3], "b": 1},
        {"a": {"$slice": 1}, "b": 1},
        {"_id": 1, "a": [1], "b": 1},
    ),
    ({"_id": 1, "a": [1, 2, 3], "b": 1}, {"a": {"$slice": 1}, "b": 0}, {"_id": 1, "a": [1]}),
    ({"_id": 1, "a": [1, 2], "b": 1}, {"a": {"$slice": 1}, "_id": 1}, {"_id": 1, "a": [1]}),
    ({"_id": 1, "a": [1, 2], "b": 1}, {"a": {"$slice": 1}, "_id": 0}, {"a": [1], "b": 1}),
    (
        {"_id": 1, "a": {"b": [1, 2], "c": 1}},
        {"a.b": {"$slice": 1}},
        {"_id": 1, "a": {"b": [1], "c": 1}},
    ),
    ({"_id": 1, "a": [{"b": [1, 2]}]}, {"a.b": {"$slice": 1}}, {"_id": 1, "a": [{"b": [1]}]}),
    ({"_id": 1, "a": 5}, {"a": {"$slice": 1}}, {"_id": 1, "a": 5}),
    ({"_id": 1}, {"a": {"$slice": 1}}, {"_id": 1}),
]

ELEMENTS: list[Case] = [  # manual, "$elemMatch (projection)"
    (
        {"_id": 1, "s": [{"n": "j", "v": 102}, {"n": "d", "v": 102}]},
        {"s": {"$elemMatch": {"v": 102}}},
        {"_id": 1, "s": [{"n": "j", "v": 102}]},
    ),
    ({"_id": 1, "s": [{"v": 1}]}, {"s": {"$elemMatch": {"v": 102}}}, {"_id": 1}),
    (
        {"_id": 1, "s": [{"v": 1, "a": 9}, {"v": 1, "a": 11}]},
        {"s": {"$elemMatch": {"v": 1, "a": {"$gt": 10}}}},
        {"_id": 1, "s": [{"v": 1, "a": 11}]},
    ),
    ({"_id": 1, "s": [1, 5, 9]}, {"s": {"$elemMatch": {"$gt": 3}}}, {"_id": 1, "s": [5]}),
    ({"_id": 1, "s": 5}, {"s": {"$elemMatch": {"$gt": 3}}}, {"_id": 1}),
    (
        {"_id": 1, "s": [1, 5], "b": 1, "c": 2},
        {"s": {"$elemMatch": {"$gt": 3}}, "b": 1},
        {"_id": 1, "b": 1, "s": [5]},
    ),
    (
        {"_id": 1, "s": [1, 5], "b": 1, "c": 2},
        {"s": {"$elemMatch": {"$gt": 3}}, "b": 0},
        {"_id": 1, "s": [5], "c": 2},
    ),
    ({"_id": 1, "s": [1, 5]}, {"s": {"$elemMatch": {"$gt": 3}}, "_id": 0}, {"s": [5]}),
]

POSITIONS: list[Case] = [  # manual, "$ (projection)": with the filter and the position it gave
    ({"_id": 1, "g": [80, 90]}, {"g.$": 1}, {"_id": 1, "g": [90]}, {"g": {"$gte": 85}}, 1),
    (
        {"_id": 1, "g": [{"x": 1}, {"x": 2}], "b": 1},
        {"g.$": 1, "b": 1},
        {"_id": 1, "g": [{"x": 2}], "b": 1},
        {"g.x": 2},
        1,
    ),
    ({"_id": 1, "a": {"g": [1, 2]}}, {"a.g.$": 1}, {"_id": 1, "a": {"g": [2]}}, {"a.g": 2}, 1),
    ({"_id": 1, "g": 5}, {"g.$": 1}, {"_id": 1, "g": 5}, {"g": 5}, None),
    ({"_id": 1, "g": [5]}, {"g.$": True, "_id": 0}, {"g": [5]}, {"$and": [{"g": 5}]}, 0),
]

ALL = [
    pytest.param(*case, *[None] * (5 - len(case)), id=f"{topic.lower()}-{place}")
    for topic, table in list(globals().items())
    if topic.isupper() and isinstance(table, list)
    for place, case in enumerate(table)
]


@pytest.mark.parametrize(("document", "spec", "expected", "filter", "position"), ALL)
def test_case(document: Any, spec: Any, expected: Any, filter: Any, position: Any) -> None:
    before = deepcopy(document)
    projection = compile_projection(spec, filter)
    assert bson.encode(projection(document, position)) == bson.encode(expected)
    assert bson.encode(document) == bson.encode(before)
    assert projection.positional == any(".$" in name for name in spec)


@pytest.mark.parametrize(
    ("spec", "number", "message"),
    [
        ({"a": 1, "b": 0}, 31254, "Cannot do exclusion on field b in inclusion projection"),
        ({"a": 0, "b": 1}, 31253, "Cannot do inclusion on field b in exclusion projection"),
        ({"a": {"b": 1, "c": 0}}, 31254, "Cannot do exclusion on field c in inclusion projection"),
        ({"a": 1, "a.b": 1}, 31249, "Path collision at a.b remaining portion b"),
        ({"a.b": 1, "a": 1}, 31250, "Path collision at a"),
        ({"a.b": 1, "a": {"b": 1}}, 31250, "Path collision at a"),
        ({"a": 0, "b": "$c"}, 31310, 'Cannot use an expression b: "$c" in an exclusion projection'),
        (
            {"a": 0, "b": {"$add": [1, 2]}},
            31252,
            "Cannot use expression other than $meta in exclusion projection",
        ),
        ({"": 1}, 40352, "FieldPath cannot be constructed with empty string"),
        ({"a.": 1}, 40353, "FieldPath must not end with a '.'."),
        ({"a..b": 1}, 15998, "FieldPath field names may not be empty strings."),
        ({"$a": 1}, 16410, "FieldPath field names may not start with '$'. Consider using"),
        ({"a": {}}, 51270, "An empty sub-projection is not a valid value. Found empty object at"),
        ({"a": {"$foo": 1}}, 168, "Unrecognized expression '$foo'"),
        ({"a": {"$slice": "x"}}, 28667, 'Invalid $slice syntax. The given syntax { $slice: "x" }'),
        (
            {"a": {"$slice": [1, 0]}},
            28724,
            "Invalid $slice syntax. The given syntax { $slice: [ 1,",
        ),
        (
            {"a": {"$elemMatch": 1}},
            31274,
            "elemMatch: Invalid argument, object required, but got in",
        ),
        (
            {"a.b": {"$elemMatch": {"x": 1}}},
            31275,
            "Cannot use $elemMatch projection on a nested fi",
        ),
        (
            {"g.$": 1, "h.$": 1},
            31276,
            "Cannot specify more than one positional projection per quer",
        ),
        (
            {"g.$": 1, "a": {"$elemMatch": {"x": 1}}},
            31255,
            "Cannot specify positional operator and",
        ),
        (
            {"a": {"$elemMatch": {"x": 1}}, "g.$": 1},
            31256,
            "Cannot specify positional operator and",
        ),
        ({"x.$": 1}, 31277, "Positional projection 'x.$' does not match the query document."),
        (
            {"g.$.x": 1},
            31394,
            "As of 4.4, it's illegal to specify positional operator in the middle",
        ),
        (
            {"g.$": {"x": 1}},
            31271,
            "positional projection cannot be used with an expression or sub",
        ),
        ({"g.$": "x"}, 31308, "positional projection cannot be used with a literal"),
        ({"g.$": 0}, 16410, "FieldPath field names may not start with '$'."),
        ({"a": 0, "g.$": 1}, 31253, "Cannot do inclusion on field g.$ in exclusion projection"),
    ],
)
def test_what_is_wrong_with_a_projection(spec: Any, number: int, message: str) -> None:
    with pytest.raises(FivefoldError) as caught:
        compile_projection(spec, {"g": 1, "h": 1})
    assert caught.value.number == number, caught.value.message
    assert caught.value.message.startswith(message), caught.value.message


def test_a_score_of_text_is_refused() -> None:
    with pytest.raises(FivefoldError) as caught:
        compile_projection({"a": {"$meta": "textScore"}}, {})
    assert caught.value.number == 115


@pytest.mark.parametrize(
    ("document", "position", "number"), [({"g": [1]}, None, 51246), ({"g": [1]}, 3, 51247)]
)
def test_positions_that_no_filter_gave(document: Any, position: Any, number: int) -> None:
    projection = compile_projection({"g.$": 1}, {"g": 1})
    with pytest.raises(FivefoldError) as caught:
        projection(document, position)
    assert caught.value.number == number


def test_a_position_without_a_filter() -> None:
    with pytest.raises(FivefoldError) as caught:
        compile_projection({"g.$": 1})
    assert caught.value.number == 51050


def test_expressions_see_variables() -> None:
    from fivefold.languages.mongo.expressions import Scope

    projection = compile_projection({"b": "$$v"}, {}, Scope().having("v"))
    assert projection({"_id": 1}, None, {"v": 7}) == {"_id": 1, "b": 7}


def test_new_fields_come_in_the_order_of_the_projection() -> None:
    projection = compile_projection({"a.b": "$x", "c": "$x", "_id": 0})
    assert list(projection({"x": 1})) == ["a", "c"]
