"""Aggregations: the TCK's expressions/aggregation, the Cypher Manual's "Aggregating functions"."""

from __future__ import annotations

import math
import statistics
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fivefold.errors import FivefoldError
from fivefold.languages.cypher import tree
from fivefold.languages.cypher.aggregations import (
    AGGREGATIONS,
    CountRows,
    aggregating_calls,
    aggregation_of,
    is_aggregating,
)
from fivefold.languages.cypher.functions.table import find
from fivefold.values.graph.order import sort_key
from fivefold.values.graph.temporal import Date, Duration
from tests.languages.cypher.expressions.trees import parsed

MOST = 2**63 - 1
HOUR = Duration(seconds=3600)


def aggregate(name: str, *rows: Any) -> Any:
    made = AGGREGATIONS[name.lower()]()
    for row in rows:
        made.add(*(row if isinstance(row, tuple) else (row,)))
    return made.result()


@pytest.mark.parametrize(
    ("name", "rows", "value"),
    [
        ("count", [1, None, "a"], 2),
        ("count", [], 0),
        ("collect", [1, None, [2]], [1, [2]]),
        ("collect", [], []),
        ("sum", [1, 2, None], 3),
        ("sum", [1, 2.5], 3.5),
        ("sum", [], 0),
        ("sum", [HOUR, None, HOUR], Duration(seconds=7200)),
        ("sum", [MOST, 1, -1], MOST),
        ("avg", [1, 2, None], 1.5),
        ("avg", [None], None),
        ("avg", [HOUR, Duration(days=2)], Duration(days=1, seconds=1800)),
        ("max", [1, "a", None, [1, 2], 0.2, "b"], 1),
        ("min", [1, "a", None, [1, 2], 0.2, "b"], [1, 2]),
        ("max", [1, 1.5, 3, 2], 3),
        ("min", [3, 2, 1.5, 2], 1.5),
        ("max", ["a", "c", "b"], "c"),
        ("max", [[1], [2], [2, 1]], [2, 1]),
        ("min", [[1], [2], [2, 1]], [1]),
        ("max", [1, math.inf], math.inf),
        ("min", [Date(3), Date(1)], Date(1)),
        ("max", [None], None),
        ("min", [], None),
        ("stDev", [42, 33, 44], 5.859465277082316),
        ("stDevP", [42, 33, 44], 4.784233364802441),
        ("stDev", [42], 0.0),
        ("stDev", [None], 0.0),
        ("percentileCont", [(10.0, 0.0), (20.0, 0.0), (30.0, 0.0)], 10.0),
        ("percentileCont", [(10.0, 0.5), (20.0, 0.5), (30.0, 0.5)], 20.0),
        ("percentileCont", [(10, 1), (20, 1), (30, 1)], 30),
        ("percentileCont", [(25, 0.4), (38, 0.4), (41, 0.4), (53, 0.4), (54, 0.4)], 39.8),
        ("percentileDisc", [(10.0, 0.0), (20.0, 0.0), (30.0, 0.0)], 10.0),
        ("percentileDisc", [(10.0, 0.5), (20.0, 0.5), (30.0, 0.5)], 20.0),
        ("percentileDisc", [(10, 1.0), (None, 1.0), (30, 1.0)], 30),
        ("percentileDisc", [(None, 3)], None),
        ("percentileCont", [], None),
    ],
)
def test_answers(name: str, rows: list[Any], value: Any) -> None:
    got = aggregate(name, *rows)
    assert type(got) is type(value)
    assert got == (pytest.approx(value) if type(value) is float and value < 100 else value)


def test_rows() -> None:
    made = CountRows()
    made.add()
    made.add()
    assert made.result() == 2


@pytest.mark.parametrize(
    ("name", "rows", "fault"),
    [
        ("sum", [1, "a"], ("TypeError", "InvalidArgumentType")),
        ("sum", [True], ("TypeError", "InvalidArgumentType")),
        ("sum", [1, HOUR], ("TypeError", "InvalidArgumentType")),
        ("avg", [[1]], ("TypeError", "InvalidArgumentType")),
        ("stDev", ["a"], ("TypeError", "InvalidArgumentType")),
        ("sum", [MOST, 1], ("ArithmeticError", "ArithmeticOverflow")),
        ("percentileCont", [(10.0, 1000)], ("ArgumentError", "NumberOutOfRange")),
        ("percentileCont", [(10.0, -1)], ("ArgumentError", "NumberOutOfRange")),
        ("percentileDisc", [(10.0, 1.1)], ("ArgumentError", "NumberOutOfRange")),
        ("percentileDisc", [(0.9, 3)], ("ArgumentError", "NumberOutOfRange")),
        ("percentileDisc", [(1, "a")], ("TypeError", "InvalidArgumentType")),
        ("percentileDisc", [("a", 1)], ("TypeError", "InvalidArgumentType")),
    ],
)
def test_faults(name: str, rows: list[Any], fault: tuple[str, str]) -> None:
    with pytest.raises(FivefoldError) as caught:
        aggregate(name, *rows)
    assert (caught.value.facts["type"], caught.value.facts["detail"]) == fault


def test_calls_are_found() -> None:
    text = "{a: count(*) + sum(x.n), b: [y IN collect(DISTINCT z) | y + Min(1)], c: size([x])}"
    calls = list(aggregating_calls(parsed(text)))
    assert [one.name for one in calls if isinstance(one, tree.Call)] == ["sum", "collect", "Min"]
    assert aggregation_of(calls[0]) is CountRows
    assert is_aggregating(parsed(text))
    assert not is_aggregating(parsed("size([1]) + COUNT { MATCH (n) RETURN count(n) }"))


def test_each_is_told_of() -> None:
    for name in AGGREGATIONS:
        function = find(name)
        assert function
        assert function.aggregating
        assert function.least == function.most == (2 if name.startswith("percentile") else 1)


values = st.none() | st.booleans() | st.integers(-5, 5) | st.floats() | st.text(max_size=2)


@given(st.lists(values | st.lists(values, max_size=2), max_size=8))
def test_extremes_are_the_ends_of_an_order(rows: list[Any]) -> None:
    ordered = sorted((row for row in rows if row is not None), key=sort_key)
    for name, place in (("min", 0), ("max", -1)):
        found = aggregate(name, *rows)
        assert sort_key(found) == sort_key(ordered[place] if ordered else None)


@given(st.lists(st.integers(-1000, 1000), min_size=2, max_size=20), st.floats(0, 1))
def test_statistics(rows: list[int], percentile: float) -> None:
    assert aggregate("avg", *rows) == pytest.approx(statistics.fmean(rows))
    assert aggregate("stDev", *rows) == pytest.approx(statistics.stdev(rows), abs=1e-6)
    assert aggregate("stDevP", *rows) == pytest.approx(statistics.pstdev(rows), abs=1e-6)
    pairs = [(row, percentile) for row in rows]
    assert min(rows) <= aggregate("percentileCont", *pairs) <= max(rows)
    assert aggregate("percentileDisc", *pairs) in rows
