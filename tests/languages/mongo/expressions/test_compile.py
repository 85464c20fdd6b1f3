"""What compiling tells of an expression, and what running one leaves alone."""

from __future__ import annotations

from typing import Any

import pytest

from fivefold.errors import FivefoldError
from fivefold.languages.mongo.expressions import (
    VARYING,
    Scope,
    compile_expression,
    constant_of,
    paths_read,
)
from fivefold.languages.mongo.expressions.table import OPERATORS, UNSUPPORTED
from fivefold.values.documents.kinds import MISSING

READ: list[tuple[Any, set[str]]] = [
    (5, set()),
    ("text", set()),
    ("$a", {"a"}),
    ("$a.b.c", {"a.b.c"}),
    ("$$ROOT", {""}),
    ("$$ROOT.a.b", {"a.b"}),
    ("$$CURRENT", {""}),
    ("$$CURRENT.a", {"a"}),
    ("$$NOW", set()),
    ({"x": "$a", "y": ["$b", {"$add": ["$c.d", 1]}]}, {"a", "b", "c.d"}),
    ({"$literal": "$a"}, set()),
    ({"$map": {"input": "$a.b", "in": {"$add": ["$$this.x", "$c"]}}}, {"a.b", "c"}),
    (
        {"$filter": {"input": "$a", "cond": {"$gt": ["$$this", "$b"]}, "limit": "$n"}},
        {"a", "b", "n"},
    ),
    ({"$reduce": {"input": "$a", "initialValue": "$b", "in": "$c"}}, {"a", "b", "c"}),
    ({"$let": {"vars": {"x": "$a"}, "in": {"$add": ["$$x", "$b"]}}}, {"a", "b"}),
    ({"$let": {"vars": {"CURRENT": "$a"}, "in": "$b"}}, {"a"}),
    ({"$getField": "a.b"}, {"a.b"}),
    ({"$cond": ["$a", "$b", "$c"]}, {"a", "b", "c"}),
    ({"$cond": [True, "$b", "$c"]}, {"b"}),
    ({"$and": ["$a", False]}, set()),
    ({"$switch": {"branches": [{"case": "$a", "then": "$b"}], "default": "$c"}}, {"a", "b", "c"}),
    ({"$ifNull": ["$a", "$b", "$c"]}, {"a", "b", "c"}),
    ({"$dateToString": {"date": "$d", "format": "$f", "timezone": "$z"}}, {"d", "f", "z"}),
    ({"$dateFromString": {"dateString": "$d", "onError": "$e"}}, {"d", "e"}),
    ({"$convert": {"input": "$a", "to": "$t", "onNull": "$n"}}, {"a", "t", "n"}),
    ({"$sortArray": {"input": "$a", "sortBy": {"x": 1}}}, {"a"}),
]


@pytest.mark.parametrize(("expression", "paths"), READ)
def test_paths_read(expression: Any, paths: set[str]) -> None:
    found = {".".join(path) for path in paths_read(expression)}
    # a name with a point, as $getField has it, is one part of a path
    assert found == paths
    if expression == {"$getField": "a.b"}:
        assert paths_read(expression) == {("a.b",)}


CONSTANT: list[tuple[Any, Any]] = [
    (5, 5),
    ({"$add": [1, 2]}, 3),
    ({"a": {"$concat": ["x", "y"]}}, {"a": "xy"}),
    ([{"$add": [1, 2]}, "$$REMOVE"], [3, None]),
    ("$$REMOVE", MISSING),
    ({"$or": ["$a", True]}, True),
    ({"$ifNull": [1, "$a"]}, 1),
    ({"$toInt": "5"}, 5),
    ({"$literal": ["$a"]}, ["$a"]),
    ({"$let": {"vars": {"x": "$a"}, "in": 5}}, 5),
    ("$a", VARYING),
    ("$$NOW", VARYING),
    ({"$add": ["$a", 1]}, VARYING),
    ({"$rand": {}}, VARYING),
    ({"$sampleRate": 0.5}, VARYING),
]


@pytest.mark.parametrize(("expression", "value"), CONSTANT)
def test_constants(expression: Any, value: Any) -> None:
    assert constant_of(expression) == value or constant_of(expression) is value


def test_what_is_constant_is_computed_once() -> None:
    run = compile_expression({"$range": [0, 3]})
    assert run({}, {}) is run({}, {})


def test_constant_faults_are_raised_when_compiled() -> None:
    with pytest.raises(FivefoldError) as error:
        compile_expression({"$cond": ["$a", {"$divide": [1, 0]}, 1]})
    assert error.value.number == 2


def test_a_document_and_variables_are_left_as_they_are() -> None:
    document = {"a": [3, 1, 2], "o": {"x": 1}}
    variables = {"NOW": None}
    for expression in (
        {"$sortArray": {"input": "$a", "sortBy": 1}},
        {"$reverseArray": "$a"},
        {"$concatArrays": ["$a", "$a"]},
        {"$setField": {"field": "y", "input": "$o", "value": 1}},
        {"$unsetField": {"field": "x", "input": "$o"}},
        {"$mergeObjects": ["$o", {"z": 1}]},
        {"$map": {"input": "$a", "as": "item", "in": {"$add": ["$$item", 1]}}},
        {"$let": {"vars": {"v": 1}, "in": "$$v"}},
    ):
        compile_expression(expression)(document, variables)
    assert document == {"a": [3, 1, 2], "o": {"x": 1}}
    assert variables == {"NOW": None}


def test_root_is_told_apart_from_current() -> None:
    run = compile_expression({"r": "$$ROOT.a", "c": "$a"})
    assert run({"a": 1}, {"ROOT": {"a": 2}}) == {"r": 2, "c": 1}


def test_a_variable_without_a_value_is_named() -> None:
    with pytest.raises(FivefoldError) as error:
        compile_expression("$$CLUSTER_TIME")({}, {})
    assert "CLUSTER_TIME" in error.value.message


def test_what_is_not_known_is_named() -> None:
    for name in UNSUPPORTED:
        with pytest.raises(FivefoldError) as error:
            compile_expression({name: {}})
        assert error.value.number == 115
        assert UNSUPPORTED[name] in error.value.message
        assert name not in OPERATORS


def test_names_in_scope() -> None:
    scope = Scope().having("order_id")
    assert compile_expression("$$order_id.x", scope)({}, {"order_id": {"x": 5}}) == 5
    with pytest.raises(FivefoldError):
        compile_expression("$$order_id")


def test_what_lies_too_deep_is_said() -> None:
    expression: Any = "$a"
    for _ in range(100):
        expression = {"$add": [expression, 1]}
    assert compile_expression(expression)({"a": 1}, {}) == 101
    for _ in range(10_000):
        expression = {"$add": [expression, 1]}
    with pytest.raises(FivefoldError) as error:
        compile_expression(expression)
    assert error.value.number == 15


NAMED = """
    abs acos acosh add allElementsTrue and anyElementTrue arrayElemAt arrayToObject asin asinh
    atan atan2 atanh avg binarySize bitAnd bitNot bitOr bitXor bsonSize ceil cmp concat
    concatArrays cond convert cos cosh dateAdd dateDiff dateFromParts dateFromString
    dateSubtract dateToParts dateToString dateTrunc dayOfMonth dayOfWeek dayOfYear
    degreesToRadians divide eq exp filter first firstN floor getField gt gte hour ifNull in
    indexOfArray indexOfBytes indexOfCP isArray isNumber isoDayOfWeek isoWeek isoWeekYear last
    lastN let literal ln log log10 lt lte ltrim map max maxN median mergeObjects millisecond
    min minN minute mod month multiply ne not objectToArray or percentile pow radiansToDegrees
    rand range reduce regexFind regexFindAll regexMatch replaceAll replaceOne reverseArray
    round rtrim sampleRate second setDifference setEquals setField setIntersection setIsSubset
    setUnion sin sinh size slice sortArray split sqrt stdDevPop stdDevSamp strcasecmp
    strLenBytes strLenCP substr substrBytes substrCP subtract sum switch tan tanh toBool toDate
    toDecimal toDouble toHashedIndexKey toInt toLong toLower toObjectId toString toUpper trim
    trunc tsIncrement tsSecond type unsetField week year zip
"""


def test_the_manuals_list_is_complete() -> None:
    """Source: manual 7.0, "Aggregation Operators", alphabetical listing of expression operators."""
    assert {name.removeprefix("$") for name in OPERATORS} - {"const"} == set(NAMED.split())
