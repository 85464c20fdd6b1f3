"""$setWindowFields, $fill and $densify (manual 7.0: these stages and their operators)."""

from __future__ import annotations

from datetime import datetime, timedelta
from statistics import covariance
from typing import Any

import pytest
from bson.decimal128 import Decimal128
from bson.int64 import Int64
from hypothesis import given
from hypothesis import strategies as st

from tests.languages.mongo.stages.rig import aggregate, refused

Documents = list[dict[str, Any]]

CAKES: Documents = [  # manual, "$setWindowFields", examples
    *(
        {
            "_id": 0,
            "type": "chocolate",
            "d": datetime(2020, 5, 18, 14, 10, 30),
            "state": "CA",
            "price": 13,
            "q": 120,
        },
        {
            "_id": 1,
            "type": "chocolate",
            "d": datetime(2021, 3, 20, 11, 30, 5),
            "state": "WA",
            "price": 14,
            "q": 140,
        },
        {
            "_id": 2,
            "type": "vanilla",
            "d": datetime(2021, 1, 11, 6, 31, 15),
            "state": "CA",
            "price": 12,
            "q": 145,
        },
        {
            "_id": 3,
            "type": "vanilla",
            "d": datetime(2020, 2, 8, 13, 13, 23),
            "state": "WA",
            "price": 13,
            "q": 104,
        },
        {
            "_id": 4,
            "type": "strawberry",
            "d": datetime(2019, 5, 18, 16, 9, 1),
            "state": "CA",
            "price": 41,
            "q": 162,
        },
        {
            "_id": 5,
            "type": "strawberry",
            "d": datetime(2019, 1, 8, 6, 12, 3),
            "state": "WA",
            "price": 43,
            "q": 134,
        },
    ),
]
BY_STATE = {"partitionBy": "$state", "sortBy": {"d": 1}}


def windowed(documents: Documents, function: Any, **options: Any) -> list[Any]:
    """Return what a window function gives, in the order in which documents come out."""
    stage = {"$setWindowFields": {**options, "output": {"r": function}}}
    return [each["r"] for each in aggregate(documents, stage)]


CAKE_CASES: list[tuple[Any, dict[str, Any], list[Any]]] = [
    (
        {"$sum": "$q", "window": {"documents": ["unbounded", "current"]}},
        BY_STATE,
        [162, 282, 427, 134, 238, 378],
    ),
    (
        {"$avg": "$q", "window": {"documents": [-1, 0]}},
        {"partitionBy": {"$year": "$d"}, "sortBy": {"d": 1}},
        [134.0, 148.0, 104.0, 112.0, 145.0, 142.5],
    ),
    (
        {"$max": "$q", "window": {"documents": ["unbounded", "unbounded"]}},
        {"partitionBy": {"$year": "$d"}, "sortBy": {"d": 1}},
        [162, 162, 120, 120, 145, 145],
    ),
    (
        {"$sum": "$q", "window": {"range": [-10, 10]}},
        {"partitionBy": "$state", "sortBy": {"price": 1}},
        [265, 265, 162, 244, 244, 134],
    ),
    (
        {"$push": "$d", "window": {"range": ["unbounded", -10], "unit": "month"}},
        BY_STATE,
        [
            [],
            [datetime(2019, 5, 18, 16, 9, 1)],
            [datetime(2019, 5, 18, 16, 9, 1)],
            [],
            [datetime(2019, 1, 8, 6, 12, 3)],
            [datetime(2019, 1, 8, 6, 12, 3), datetime(2020, 2, 8, 13, 13, 23)],
        ],
    ),
    ({"$rank": {}}, {"partitionBy": "$state", "sortBy": {"q": -1}}, [1, 2, 3, 1, 2, 3]),
    ({"$denseRank": {}}, {"partitionBy": "$state", "sortBy": {"d": 1}}, [1, 2, 3, 1, 2, 3]),
    ({"$documentNumber": {}}, {"sortBy": {"q": -1}}, [1, 2, 3, 4, 5, 6]),
    (
        {"$shift": {"output": "$q", "by": 1, "default": "none"}},
        {"partitionBy": "$state", "sortBy": {"q": -1}},
        [145, 120, "none", 134, 104, "none"],
    ),
    (
        {"$shift": {"output": "$q", "by": -1}},
        {"partitionBy": "$state", "sortBy": {"q": -1}},
        [None, 162, 145, None, 140, 134],
    ),
    (
        {
            "$covariancePop": [{"$year": "$d"}, "$q"],
            "window": {"documents": ["unbounded", "current"]},
        },
        BY_STATE,
        [0.0, -10.5, -5.666666666666671, 0.0, -7.5, 2.0],
    ),
    (
        {
            "$covarianceSamp": [{"$year": "$d"}, "$q"],
            "window": {"documents": ["unbounded", "current"]},
        },
        BY_STATE,
        [None, -21.0, -8.500000000000007, None, -15.0, 3.0],
    ),
    ({"$first": "$type"}, BY_STATE, ["strawberry"] * 6),
    (
        {"$last": "$type", "window": {"documents": [0, 1]}},
        BY_STATE,
        ["chocolate", "vanilla", "vanilla", "vanilla", "chocolate", "chocolate"],
    ),
    ({"$count": {}, "window": {"documents": [-1, 1]}}, BY_STATE, [2, 3, 2, 2, 3, 2]),
    ({"$min": "$q", "window": {"documents": [1, 2]}}, BY_STATE, [120, 145, None, 104, 140, None]),
    ({"$stdDevPop": "$price"}, {"partitionBy": "$type"}, [0.5, 0.5, 1.0, 1.0, 0.5, 0.5]),
    (
        {"$addToSet": "$price", "window": {"documents": [-1, 0]}},
        BY_STATE,
        [[41], [41, 13], [13, 12], [43], [43, 13], [13, 14]],
    ),
    (
        {
            "$topN": {"sortBy": {"price": 1}, "output": "$price", "n": 1},
            "window": {"documents": [-1, 0]},
        },
        BY_STATE,
        [[41], [13], [12], [43], [13], [13]],
    ),
    ({"$firstN": {"input": "$price", "n": 2}}, BY_STATE, [[41, 13]] * 3 + [[43, 13]] * 3),
    ({"$median": {"input": "$price", "method": "approximate"}}, BY_STATE, [13.0] * 3 + [14.0] * 3),
]


@pytest.mark.parametrize(("function", "options", "expected"), CAKE_CASES)
def test_cakes(function: Any, options: dict[str, Any], expected: list[Any]) -> None:
    found = windowed(CAKES, function, **options)
    assert (
        found == pytest.approx(expected) if isinstance(expected[-1], float) else found == expected
    )


def of(*values: Any) -> Documents:
    return [{"t": at} if v is ... else {"t": at, "v": v} for at, v in enumerate(values)]


NULLS = [{"n": 1}, {"n": None}, {}, {"n": 2}, {"n": 2}, {"n": 3}]

CASES: list[tuple[Documents, Any, dict[str, Any], list[Any]]] = [
    # null and missing sort alike but, up to 7.0, have ranks of their own
    (NULLS, {"$rank": {}}, {"sortBy": {"n": 1}}, [1, 2, 3, 4, 4, 6]),
    (NULLS, {"$denseRank": {}}, {"sortBy": {"n": 1}}, [1, 2, 3, 4, 4, 5]),
    (
        of(13, 15.4, 12),
        {"$expMovingAvg": {"input": "$v", "N": 2}},
        {"sortBy": {"t": 1}},
        [13.0, 14.6, 12.866666666666667],
    ),
    (
        of(13, None, 15.4),
        {"$expMovingAvg": {"input": "$v", "alpha": 0.75}},
        {"sortBy": {"t": 1}},
        [13.0, 13.0, 14.8],
    ),
    (of(...), {"$expMovingAvg": {"input": "$v", "alpha": 0.75}}, {"sortBy": {"t": 1}}, [None]),
    (of(None, 1, ..., None, 4, ...), {"$locf": "$v"}, {"sortBy": {"t": 1}}, [None, 1, 1, 1, 4, 4]),
    (
        of(None, 1, ..., None, 4, ...),
        {"$linearFill": "$v"},
        {"sortBy": {"t": 1}},
        [None, 1, 2.0, 3.0, 4, None],
    ),
    (
        of(1, 4, 9),
        {"$derivative": {"input": "$v"}, "window": {"documents": [-1, 0]}},
        {"sortBy": {"t": 1}},
        [None, 3.0, 5.0],
    ),
    (
        of(1, 3, 5),
        {"$integral": {"input": "$v"}, "window": {"documents": ["unbounded", "current"]}},
        {"sortBy": {"t": 1}},
        [0.0, 2.0, 6.0],
    ),
    (
        of(1, 2, 3, 4),
        {"$sum": "$v", "window": {"range": [-1, "current"]}},
        {"sortBy": {"t": 1}},
        [1, 3, 5, 7],
    ),
    (
        of(1, 2, 3),
        {"$sum": "$v", "window": {"range": ["current", "unbounded"]}},
        {"sortBy": {"t": 1}},
        [6, 5, 3],
    ),
    (of(1, 2, 3), {"$sum": "$v", "window": {"documents": [2, 5]}}, {"sortBy": {"t": 1}}, [3, 0, 0]),
    (
        of(1, 2, 3),
        {"$sum": "$v", "window": {"documents": [-5, -2]}},
        {"sortBy": {"t": 1}},
        [0, 0, 1],
    ),
    (
        of(1, 0.5, 3),
        {"$sum": "$v", "window": {"documents": [0, 0]}},
        {"sortBy": {"t": 1}},
        [1, 0.5, 3],
    ),
    (
        of(Int64(1), 2, 3),
        {"$sum": "$v", "window": {"documents": [-1, 0]}},
        {"sortBy": {"t": 1}},
        [Int64(1), Int64(3), 5],
    ),
    (
        of(Decimal128("1.5"), 2, 3),
        {"$sum": "$v", "window": {"documents": [-1, 0]}},
        {"sortBy": {"t": 1}},
        [Decimal128("1.5"), Decimal128("3.5"), 5],
    ),
    (
        of(float("inf"), 2, 3),
        {"$sum": "$v", "window": {"documents": [-1, 0]}},
        {"sortBy": {"t": 1}},
        [float("inf"), float("inf"), 5],
    ),
    (
        of("x", None, 3),
        {"$avg": "$v", "window": {"documents": [-1, 0]}},
        {"sortBy": {"t": 1}},
        [None, None, 3.0],
    ),
    (of(1, 2), {"$sum": "$v"}, {}, [3, 3]),
    (
        [
            {"t": datetime(2020, 5, 18, 14) + timedelta(seconds=30 * at), "v": v}
            for at, v in enumerate([295.1, 295.55, 296.25])
        ],
        {
            "$derivative": {"input": "$v", "unit": "hour"},
            "window": {"range": [-30, 0], "unit": "second"},
        },
        {"sortBy": {"t": 1}},
        [None, 54.0, 84.0],
    ),
]


@pytest.mark.parametrize(("documents", "function", "options", "expected"), CASES)
def test_window(
    documents: Documents, function: Any, options: dict[str, Any], expected: list[Any]
) -> None:
    found = windowed(documents, function, **options)
    assert [type(each) for each in found] == [type(each) for each in expected]
    assert [pytest.approx(each) if isinstance(each, float) else each for each in expected] == found


def test_partitions_and_dotted_fields() -> None:
    stage = {"$setWindowFields": {"output": {"a.n": {"$sum": "$q"}}, "partitionBy": "$k"}}
    found = aggregate([{"k": 2, "q": 1, "a": {"b": 0}}, {"k": 1, "q": 2}, {"k": 2, "q": 3}], stage)
    assert found == [
        {"k": 1, "q": 2, "a": {"n": 2}},
        {"k": 2, "q": 1, "a": {"b": 0, "n": 4}},
        {"k": 2, "q": 3, "a": {"n": 4}},
    ]


NUMBERS = st.one_of(st.integers(-5, 5), st.sampled_from([None, "x", 0.5, ...]))
BOUNDS = st.tuples(st.integers(-3, 3), st.integers(0, 3)).map(lambda pair: [pair[0], sum(pair)])
OPERATORS = ["$sum", "$avg", "$min", "$max", "$push", "$first", "$last"]


@given(st.lists(NUMBERS, max_size=9), BOUNDS, st.sampled_from(OPERATORS))
def test_a_window_is_a_group_of_its_documents(
    values: list[Any], bounds: list[int], operator: str
) -> None:
    documents = of(*values)
    function = {operator: "$v", "window": {"documents": bounds}}
    found = windowed(documents, function, sortBy={"t": 1})
    for at, each in enumerate(found):
        seen = documents[max(0, at + bounds[0]) : max(0, at + bounds[1] + 1)]
        group = aggregate([{}, *seen], {"$group": {"_id": None, "r": {operator: "$v"}}})[0]
        alone = aggregate(seen, {"$group": {"_id": None, "r": {operator: "$v"}}})
        assert (
            each
            == (alone[0] if alone else {"r": None} if operator in ("$first", "$last") else group)[
                "r"
            ]
        )


@given(st.lists(st.integers(-9, 9), min_size=2, max_size=8))
def test_covariance(values: list[int]) -> None:
    documents = of(*values)
    found = windowed(documents, {"$covarianceSamp": ["$t", "$v"]}, sortBy={"t": 1})
    assert found[0] == pytest.approx(covariance(range(len(values)), values))


FILL: list[tuple[dict[str, Any], Documents, Documents]] = [
    # manual, "$fill"
    (
        {"output": {"a": {"value": 0}, "b": {"value": "$c"}}},
        [{"a": None, "c": 1}, {"a": 2, "b": 3}],
        [{"a": 0, "c": 1, "b": 1}, {"a": 2, "b": 3}],
    ),
    (
        {"sortBy": {"t": 1}, "output": {"v": {"method": "linear"}}},
        of(1, None, ..., 4),
        [{"t": 0, "v": 1}, {"t": 1, "v": 2.0}, {"t": 2, "v": 3.0}, {"t": 3, "v": 4}],
    ),
    (
        {"sortBy": {"t": 1}, "output": {"v": {"method": "locf"}}},
        of(..., 1, None),
        [{"t": 0, "v": None}, {"t": 1, "v": 1}, {"t": 2, "v": 1}],
    ),
    (
        {"sortBy": {"t": 1}, "partitionByFields": ["k"], "output": {"v": {"method": "locf"}}},
        [{"t": 1, "k": 1, "v": 5}, {"t": 2, "k": 2}, {"t": 3, "k": 1}],
        [{"t": 1, "k": 1, "v": 5}, {"t": 3, "k": 1, "v": 5}, {"t": 2, "k": 2, "v": None}],
    ),
    (
        {
            "sortBy": {"t": 1},
            "partitionBy": {"k": "$k"},
            "output": {"v": {"method": "locf"}, "w": {"value": 1}},
        },
        [{"t": 1, "k": 1, "v": 5}],
        [{"t": 1, "k": 1, "v": 5, "w": 1}],
    ),
]


@pytest.mark.parametrize(("fill", "documents", "expected"), FILL)
def test_fill(fill: dict[str, Any], documents: Documents, expected: Documents) -> None:
    assert aggregate(documents, {"$fill": fill}) == expected


HOURS = {"step": 1, "unit": "hour"}
DAY = datetime(2021, 5, 18)

DENSIFY: list[tuple[dict[str, Any], Documents, Documents]] = [
    (
        {"field": "n", "range": {"step": 1, "bounds": "full"}},
        [{"n": 4, "x": 1}, {"n": 1}],
        [{"n": 1}, {"n": 2}, {"n": 3}, {"n": 4, "x": 1}],
    ),
    (
        {"field": "n", "range": {"step": 2, "bounds": [0, 6]}},
        [{"n": 3}, {"n": 9}],
        [{"n": 0}, {"n": 2}, {"n": 3}, {"n": 4}, {"n": 9}],
    ),
    (
        {"field": "n", "range": {"step": 1, "bounds": [0, 2]}},
        [],
        [{"n": 0}, {"n": 1}],
    ),
    # manual, "$densify", "Densifiction with Partitions"
    (
        {"field": "a", "partitionByFields": ["k"], "range": {"step": 200, "bounds": "full"}},
        [{"k": "x", "a": 600}, {"k": "x", "a": 950}, {"k": "y", "a": 800}],
        [
            *({"k": "x", "a": 600}, {"k": "x", "a": 800}, {"k": "x", "a": 950}),
            *({"k": "y", "a": 600}, {"k": "y", "a": 800}),
        ],
    ),
    (
        {"field": "a", "partitionByFields": ["k"], "range": {"step": 100, "bounds": "partition"}},
        [{"k": "x", "a": 600}, {"k": "x", "a": 850}, {"k": "y", "a": 800}],
        [
            *({"k": "x", "a": 600}, {"k": "x", "a": 700}, {"k": "x", "a": 800}),
            *({"k": "x", "a": 850}, {"k": "y", "a": 800}),
        ],
    ),
    (
        {"field": "t", "range": {**HOURS, "bounds": [DAY, DAY + timedelta(hours=3)]}},
        [{"t": DAY, "v": 1}],
        [{"t": DAY, "v": 1}, {"t": DAY + timedelta(hours=1)}, {"t": DAY + timedelta(hours=2)}],
    ),
    (
        {"field": "t", "range": {"step": 1, "unit": "month", "bounds": "full"}},
        [{"t": datetime(2021, 1, 1)}, {"t": datetime(2021, 3, 1)}],
        [{"t": datetime(2021, at, 1)} for at in (1, 2, 3)],
    ),
    (
        {"field": "a.n", "range": {"step": 0.5, "bounds": "full"}},
        [{"a": {"n": 1}}, {"a": {"n": 2}}, {"b": 0}],
        [{"b": 0}, {"a": {"n": 1}}, {"a": {"n": 1.5}}, {"a": {"n": 2}}],
    ),
]


@pytest.mark.parametrize(("densify", "documents", "expected"), DENSIFY)
def test_densify(densify: dict[str, Any], documents: Documents, expected: Documents) -> None:
    assert aggregate(documents, {"$densify": densify}) == expected


def window_of(function: Any, **options: Any) -> dict[str, Any]:
    return {"$setWindowFields": {**options, "output": {"r": function}}}


SORTED = {"sortBy": {"t": 1}}
FULL = {"step": 1, "bounds": "full"}

REFUSED: list[tuple[dict[str, Any], int, str | None]] = [
    ({"$setWindowFields": 1}, 9, None),
    ({"$setWindowFields": {}}, 40414, None),
    ({"$setWindowFields": {"output": {}, "x": 1}}, 40415, None),
    ({"$setWindowFields": {"output": 1}}, 14, None),
    (window_of(1), 9, None),
    (window_of({"$foo": 1}), 9, "Unrecognized window function, $foo"),
    (window_of({"$sum": 1, "$avg": 1}), 9, None),
    (window_of({"$sum": 1, "x": 1}), 9, "Window function found an unknown argument: x"),
    (window_of({"$sum": 1, "window": 1}), 9, "'window' field must be an object"),
    (window_of({"$sum": 1, "window": {"x": 1}}), 9, None),
    (window_of({"$sum": 1, "window": {"documents": [1]}}, **SORTED), 9, None),
    (window_of({"$sum": 1, "window": {"documents": [1, 0]}}, **SORTED), 5339900, None),
    (window_of({"$sum": 1, "window": {"documents": [0.5, 1]}}, **SORTED), 9, None),
    (
        window_of({"$sum": 1, "window": {"documents": [0, 1]}}),
        5339901,
        "Document-based bounds require a sortBy",
    ),
    (window_of({"$sum": 1, "window": {"range": [0, 1]}}), 5339902, None),
    (window_of({"$sum": 1, "window": {"range": ["x", 1]}}, **SORTED), 9, None),
    (window_of({"$sum": 1, "window": {"range": [0, 1], "unit": "eon"}}, **SORTED), 9, None),
    (window_of({"$sum": 1, "window": {"range": [0, 1], "unit": "day"}}, **SORTED), 5429513, None),
    (window_of({"$sum": 1, "window": {"range": [0, 1]}}, sortBy={"s": 1}), 5429414, None),
    (window_of({"$rank": {}}), 5371602, None),
    (window_of({"$rank": {"a": 1}}, **SORTED), 5371603, None),
    (window_of({"$rank": {}, "window": {"documents": [0, 1]}}, **SORTED), 5371601, None),
    (window_of({"$rank": {}}, sortBy={"a": 1, "b": 1}), 5371602, None),
    (window_of({"$shift": {"output": 1, "by": 1}}), 9, None),
    (window_of({"$shift": {"output": 1, "by": 1.5}}, **SORTED), 9, None),
    (window_of({"$shift": {"output": 1}}, **SORTED), 9, None),
    (window_of({"$shift": {"output": 1, "by": 1, "default": "$a"}}, **SORTED), 9, None),
    (window_of({"$expMovingAvg": {"input": 1}}, **SORTED), 9, None),
    (window_of({"$expMovingAvg": {"input": 1, "N": 0}}, **SORTED), 9, None),
    (window_of({"$expMovingAvg": {"input": 1, "alpha": 1}}, **SORTED), 9, None),
    (window_of({"$derivative": {"input": 1}}, **SORTED), 9, None),
    (window_of({"$derivative": {"input": 1, "unit": "month"}}, **SORTED), 9, None),
    (window_of({"$covariancePop": [1]}, **SORTED), 9, None),
    (window_of({"$linearFill": "$s"}, **SORTED), 6050201, None),
    (window_of({"$sum": 1}, partitionBy="$l"), 14, None),
    ({"$fill": 1}, 9, None),
    ({"$fill": {}}, 40414, None),
    ({"$fill": {"output": {}}}, 6050203, None),
    ({"$fill": {"output": {"a": {"method": "x"}}}}, 6050202, None),
    ({"$fill": {"output": {"a": {"method": "linear"}}}}, 605001, None),
    ({"$fill": {"output": {"a": {}}, "partitionBy": 1, "partitionByFields": []}}, 6050204, None),
    ({"$densify": 1}, 5733401, None),
    ({"$densify": {"range": FULL}}, 40414, None),
    ({"$densify": {"field": "t"}}, 40414, None),
    ({"$densify": {"field": 1, "range": FULL}}, 14, None),
    ({"$densify": {"field": "t", "range": {"step": 0, "bounds": "full"}}}, 5733401, None),
    ({"$densify": {"field": "t", "range": {"step": 1, "bounds": "x"}}}, 5946802, None),
    ({"$densify": {"field": "t", "range": {"step": 1, "bounds": "partition"}}}, 5733408, None),
    ({"$densify": {"field": "t", "range": {"step": 1, "bounds": [1]}}}, 5733403, None),
    ({"$densify": {"field": "t", "range": {"step": 1, "bounds": [2, 1]}}}, 5733402, None),
    ({"$densify": {"field": "t", "range": {"step": 1, "bounds": ["a", 1]}}}, 5733406, None),
    ({"$densify": {"field": "t", "range": {**HOURS, "bounds": [1, 2]}}}, 5733409, None),
    ({"$densify": {"field": "t", "range": {**HOURS, "bounds": "full"}}}, 6053600, None),
    ({"$densify": {"field": "s", "range": FULL}}, 5733201, None),
    ({"$densify": {"field": "t", "range": {"step": 1, "bounds": [0, 10**6]}}}, 5897900, None),
]


@pytest.mark.parametrize(("stage", "number", "message"), REFUSED)
def test_refused(stage: dict[str, Any], number: int, message: str | None) -> None:
    error = refused(stage, documents=[{"t": 1, "s": "x", "l": [1]}])
    assert error is not None
    assert error.number == number, error.message
    assert message is None or error.message == message
