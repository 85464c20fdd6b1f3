"""Accumulators of $group (manual 7.0: the page of each, named beside its cases)."""

from __future__ import annotations

from typing import Any

import apsw
import pytest
from bson.decimal128 import Decimal128
from bson.int64 import Int64
from hypothesis import given
from hypothesis import strategies as st

from fivefold.languages.mongo.accumulators.numbers import Average, Sum
from tests.languages.mongo.stages.rig import aggregate, refused

BIG = 2**31
D = Decimal128

# (accumulator, values of v that come, what it gives); a value of ... is a document without v
CASES: list[tuple[Any, list[Any], Any]] = [
    # $sum: result types; what is no number is passed over
    ({"$sum": "$v"}, [1, 2], 3),
    ({"$sum": "$v"}, [1, 2.5], 3.5),
    ({"$sum": "$v"}, [1, Int64(2)], Int64(3)),
    ({"$sum": "$v"}, [2**31 - 1, 1], 2**31),
    ({"$sum": "$v"}, [BIG, -BIG], Int64(0)),
    ({"$sum": "$v"}, [Int64(2**63 - 1), 1], float(2**63)),
    ({"$sum": "$v"}, [2**53, 1, -(2**53)], Int64(1)),
    ({"$sum": "$v"}, [0.1] * 10, 1.0),
    ({"$sum": "$v"}, [1e100, 1.0, -1e100], 1.0),
    ({"$sum": "$v"}, [D("1.10"), D("2.20")], D("3.30")),
    ({"$sum": "$v"}, [D("1.5"), 1, 0.5], D("3.0")),
    ({"$sum": "$v"}, ["x", None, ..., True, [1], {"a": 1}], 0),
    ({"$sum": "$v"}, [float("inf"), 1], float("inf")),
    ({"$sum": "$v"}, [float("inf"), float("-inf")], float("nan")),
    ({"$sum": 1}, [0, 0, 0], 3),
    ({"$sum": 2.5}, [0, 0], 5.0),
    ({"$sum": Int64(1)}, [0, 0], Int64(2)),
    ({"$sum": {"$multiply": ["$v", "$v"]}}, [2, 3], 13),
    # $avg
    ({"$avg": "$v"}, [1, 2], 1.5),
    ({"$avg": "$v"}, [1, 3], 2.0),
    ({"$avg": "$v"}, ["x", None, ...], None),
    ({"$avg": "$v"}, [1, None, "x", 3], 2.0),
    ({"$avg": "$v"}, [D("1"), D("2")], D("1.5")),
    # $count
    ({"$count": {}}, [1, None, ...], 3),
    # $min and $max: null and missing are passed over; order across types
    ({"$min": "$v"}, [3, 1, 2], 1),
    ({"$min": "$v"}, [3, None, ...], 3),
    ({"$min": "$v"}, [None, ...], None),
    ({"$min": "$v"}, ["a", 5], 5),
    ({"$max": "$v"}, ["a", 5], "a"),
    ({"$max": "$v"}, [3, 1, [0]], [0]),
    ({"$max": "$v"}, [None], None),
    ({"$max": "$v"}, [float("nan"), 1], 1),
    ({"$min": "$v"}, [float("nan"), 1], float("nan")),
    # $first, $last: null for what is missing
    ({"$first": "$v"}, [..., 2], None),
    ({"$first": "$v"}, [7, 2], 7),
    ({"$last": "$v"}, [7, 2], 2),
    ({"$last": "$v"}, [7, ...], None),
    # $push leaves out what is missing, $addToSet too
    ({"$push": "$v"}, [1, ..., None, 1], [1, None, 1]),
    ({"$push": {"w": "$v"}}, [1, ...], [{"w": 1}, {}]),
    ({"$addToSet": "$v"}, [1, ..., 1.0, None, "x", "x"], [1, None, "x"]),
    ({"$addToSet": "$v"}, [[1, 2], [1, 2], [2, 1]], [[1, 2], [2, 1]]),
    (
        {"$addToSet": "$v"},
        [{"a": 1, "b": 2}, {"b": 2, "a": 1}],
        [{"a": 1, "b": 2}, {"b": 2, "a": 1}],
    ),
    ({"$addToSet": "$v"}, [1, True], [1, True]),
    # $mergeObjects
    ({"$mergeObjects": "$v"}, [{"a": 1}, None, ..., {"b": 2}, {"a": 3}], {"a": 3, "b": 2}),
    ({"$mergeObjects": "$v"}, [None], {}),
    # $stdDevPop, $stdDevSamp
    ({"$stdDevPop": "$v"}, [1, 2, 3, 4], 1.118033988749895),
    ({"$stdDevSamp": "$v"}, [1, 2, 3, 4], 1.2909944487358056),
    ({"$stdDevPop": "$v"}, [5], 0.0),
    ({"$stdDevSamp": "$v"}, [5], None),
    ({"$stdDevPop": "$v"}, ["x"], None),
    # $firstN, $lastN: null for what is missing
    ({"$firstN": {"input": "$v", "n": 2}}, [..., 2, 3], [None, 2]),
    ({"$firstN": {"input": "$v", "n": 9}}, [1, 2], [1, 2]),
    ({"$lastN": {"input": "$v", "n": 2}}, [1, 2, 3], [2, 3]),
    ({"$lastN": {"input": "$v", "n": Int64(2)}}, [1, ...], [1, None]),
    # $minN, $maxN: null and missing are passed over
    ({"$minN": {"input": "$v", "n": 2}}, [3, None, 1, ..., 2], [1, 2]),
    ({"$maxN": {"input": "$v", "n": 2}}, [3, None, 1, 2], [3, 2]),
    ({"$maxN": {"input": "$v", "n": 2.0}}, ["a", 1, 2], ["a", 2]),
    # $top, $topN, $bottom, $bottomN
    ({"$top": {"sortBy": {"v": 1}, "output": "$v"}}, [3, 1, 2], 1),
    ({"$top": {"sortBy": {"v": -1}, "output": ["$v", "$i"]}}, [3, 1, 2], [3, 0]),
    ({"$bottom": {"sortBy": {"v": 1}, "output": "$v"}}, [3, 1, 2], 3),
    ({"$top": {"sortBy": {"i": 1}, "output": "$v"}}, [..., 1], None),
    ({"$topN": {"sortBy": {"v": -1}, "output": "$v", "n": 2}}, [3, 1, 2], [3, 2]),
    ({"$bottomN": {"sortBy": {"v": -1}, "output": "$v", "n": 2}}, [3, 1, 2], [2, 1]),
    ({"$bottomN": {"sortBy": {"v": 1}, "output": "$i", "n": 2}}, [1, 1, 1], [1, 2]),
    ({"$topN": {"sortBy": {"v": 1}, "output": "$i", "n": 2}}, [1, 1, 1], [0, 1]),
    # $percentile, $median
    ({"$median": {"input": "$v", "method": "approximate"}}, [4, 1, 3, 2], 2.0),
    ({"$median": {"input": "$v", "method": "approximate"}}, ["x"], None),
    (
        {"$percentile": {"input": "$v", "p": [0.5, 0.9, 0, 1], "method": "approximate"}},
        [*range(1, 11)],
        [5.0, 9.0, 1.0, 10.0],
    ),
    ({"$percentile": {"input": "$v", "p": [0.5], "method": "approximate"}}, [None], [None]),
]


def documents_of(values: list[Any]) -> list[dict[str, Any]]:
    return [
        {"_id": at, "i": at} if value is ... else {"_id": at, "i": at, "v": value}
        for at, value in enumerate(values)
    ]


@pytest.mark.parametrize(("accumulator", "values", "expected"), CASES)
def test_accumulator(accumulator: Any, values: list[Any], expected: Any) -> None:
    (found,) = aggregate(documents_of(values), {"$group": {"_id": None, "r": accumulator}})
    assert repr(found["r"]) == repr(expected)
    assert type(found["r"]) is type(expected)


REFUSED: list[tuple[Any, int, str | None]] = [
    (1, 40234, "The field 'r' must be an accumulator object"),
    ({}, 40238, "The field 'r' must specify one accumulator"),
    ({"$sum": 1, "$avg": 1}, 40238, None),
    ({"$foo": 1}, 15952, "unknown group operator '$foo'"),
    ({"$accumulator": {}}, 115, None),
    ({"$sum": [1, 2]}, 40237, "The $sum accumulator is a unary operator"),
    ({"$count": 1}, 9, "$count takes no arguments, i.e. $count:{}"),
    ({"$firstN": 1}, 5787900, "specification must be an object; found $firstN: 1"),
    ({"$firstN": {"n": 1}}, 5787907, "Missing value for 'input'"),
    ({"$minN": {"input": 1}}, 5787906, "Missing value for 'n'"),
    ({"$minN": {"input": 1, "n": 1, "x": 1}}, 5787901, None),
    ({"$minN": {"input": 1, "n": 0}}, 5787908, "'n' must be greater than 0, found 0"),
    ({"$minN": {"input": 1, "n": -3}}, 5787908, None),
    ({"$minN": {"input": 1, "n": "x"}}, 5787902, None),
    ({"$minN": {"input": 1, "n": 1.5}}, 5787903, None),
    ({"$top": {"output": 1}}, 5788005, "Missing value for 'sortBy'"),
    ({"$top": {"sortBy": {"a": 1}}}, 5788004, "Missing value for 'output'"),
    ({"$topN": {"sortBy": {"a": 1}, "output": 1}}, 5788003, "Missing value for 'n'"),
    ({"$top": {"sortBy": 1, "output": 1}}, 5788604, None),
    ({"$median": {"input": 1, "method": "exact"}}, 2, None),
    ({"$median": {"input": 1}}, 40414, None),
    ({"$percentile": {"input": 1, "p": [2], "method": "approximate"}}, 7750303, None),
    ({"$percentile": {"input": 1, "p": [], "method": "approximate"}}, 7750301, None),
    ({"$percentile": {"input": 1, "p": ["x"], "method": "approximate"}}, 7750302, None),
    ({"$percentile": {"input": 1, "p": ["$v"], "method": "approximate"}}, 7750300, None),
]


@pytest.mark.parametrize(("accumulator", "number", "message"), REFUSED)
def test_what_is_no_accumulator(accumulator: Any, number: int, message: str | None) -> None:
    error = refused({"$group": {"_id": None, "r": accumulator}})
    assert error is not None
    assert error.number == number
    assert message is None or error.message == message


def test_merge_objects_takes_documents_only() -> None:
    error = refused({"$group": {"_id": 1, "r": {"$mergeObjects": "$v"}}}, documents=[{"v": 1}])
    assert error is not None
    assert error.number == 40400
    assert error.message == "$mergeObjects requires object inputs, but input 1 is of type int"


def test_how_many_can_be_told_by_the_group() -> None:
    """Manual, "$maxN", "Computing n Based on the Group Key for $group"."""
    documents = [{"game": game, "score": score} for game in "AB" for score in (5, 9, 7)]
    count = {"$cond": {"if": {"$eq": ["$game", "A"]}, "then": 1, "else": 2}}
    found = aggregate(
        documents,
        {"$group": {"_id": {"game": "$game"}, "r": {"$maxN": {"input": "$score", "n": count}}}},
    )
    assert [each["r"] for each in found] == [[9], [9, 7]]


NUMBERS = st.one_of(
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300),
    st.sampled_from([0.1, 1e16, -1e16, 1.0, 3]),
)


@given(st.lists(NUMBERS, min_size=1, max_size=30))
def test_sums_are_those_of_sqlite(values: list[int | float]) -> None:
    """A $group that was lowered to SQL gives the same double: to the last bit."""
    connection = apsw.Connection(":memory:")
    connection.execute("CREATE TABLE t (v)")
    connection.executemany("INSERT INTO t VALUES (?)", [(value,) for value in values])
    expected = connection.execute("SELECT sum(v), avg(v) FROM t").fetchone()
    connection.close()
    total, average = Sum(), Average()
    for value in values:
        total.add(value)
        average.add(value)
    assert (total.result(), average.result()) == expected
