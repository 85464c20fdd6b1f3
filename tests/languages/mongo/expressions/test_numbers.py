"""Arithmetic over random numbers of all types, beside Python's exact integers and decimals."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from bson.decimal128 import Decimal128
from bson.int64 import Int64
from hypothesis import given, settings
from hypothesis import strategies as st

from fivefold.languages.mongo.expressions import compile_expression, series
from fivefold.languages.mongo.expressions.numbers import CONTEXT, decimal
from fivefold.values.documents.kinds import (
    INT32_MAX,
    INT32_MIN,
    INT64_MAX,
    INT64_MIN,
    Kind,
    kind_of,
)

EDGES = (0, 1, -1, INT32_MAX, INT32_MIN, INT32_MAX + 1, INT64_MAX, INT64_MIN)
INTS = st.one_of(st.sampled_from(EDGES[:5]), st.integers(INT32_MIN, INT32_MAX))
LONGS = st.one_of(st.sampled_from(EDGES), st.integers(INT64_MIN, INT64_MAX)).map(Int64)
DOUBLES = st.floats(allow_nan=True, allow_infinity=True)
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, places=6).map(
    lambda value: Decimal128(CONTEXT.plus(value))
)
NUMBERS = st.one_of(INTS, LONGS, DOUBLES, DECIMALS)
WIDTH = {Kind.INT: 1, Kind.LONG: 2, Kind.DOUBLE: 3, Kind.DECIMAL: 4}

ADD, MULTIPLY, SUBTRACT, DIVIDE, MOD = (
    compile_expression({name: ["$a", "$b"]})
    for name in ("$add", "$multiply", "$subtract", "$divide", "$mod")
)


def width(value: Any) -> int:
    return WIDTH[kind_of(value)]


@settings(derandomize=True, max_examples=300, deadline=None)
@given(NUMBERS, NUMBERS)
def test_a_result_is_of_the_wider_type_or_of_one_wider_still(a: Any, b: Any) -> None:
    document = {"a": a, "b": b}
    wider = max(width(a), width(b))
    for run in (ADD, MULTIPLY, SUBTRACT):
        found = width(run(document, {}))
        assert found == wider or (wider < 3 and wider < found <= 3)
    if decimal(b) != 0:
        assert width(DIVIDE(document, {})) == max(wider, 3)


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.one_of(INTS, LONGS), st.one_of(INTS, LONGS))
def test_whole_numbers_are_exact_until_they_are_doubles(a: int, b: int) -> None:
    document = {"a": a, "b": b}
    for run, exact in ((ADD, int(a) + b), (SUBTRACT, int(a) - b), (MULTIPLY, int(a) * b)):
        found = run(document, {})
        if INT64_MIN <= exact <= INT64_MAX:
            assert found == exact
            plain = width(a) == width(b) == 1 and INT32_MIN <= exact <= INT32_MAX
            assert kind_of(found) is (Kind.INT if plain else Kind.LONG)
        else:
            assert found == float(exact)
            assert isinstance(found, float)
    if b:
        rest = MOD(document, {})
        assert abs(rest) < abs(b)
        assert (a - rest) % b == 0
        assert rest == 0 or (rest < 0) == (a < 0)


@settings(derandomize=True, max_examples=200, deadline=None)
@given(DECIMALS, st.one_of(DECIMALS, INTS, LONGS))
def test_decimals_have_34_digits(a: Decimal128, b: Any) -> None:
    document = {"a": a, "b": b}
    left, right = decimal(a), decimal(b)
    assert ADD(document, {}).to_decimal() == CONTEXT.add(left, right)
    assert MULTIPLY(document, {}).to_decimal() == CONTEXT.multiply(left, right)
    assert SUBTRACT(document, {}).to_decimal() == CONTEXT.subtract(left, right)


@settings(derandomize=True, max_examples=150, deadline=None)
@given(st.lists(NUMBERS, min_size=3, max_size=5))
def test_many_are_added_as_two_and_two_are_where_nothing_is_rounded(values: list[Any]) -> None:
    whole = [value for value in values if width(value) < 3]
    total: Any = 0
    for value in whole:
        total = ADD({"a": total, "b": value}, {})
    if not isinstance(total, float) and all(abs(value) < 2**60 for value in whole):
        names = {str(at): value for at, value in enumerate(whole)}
        run = compile_expression({"$add": [f"${name}" for name in names]})
        assert run(names, {}) == total


@settings(derandomize=True, max_examples=40, deadline=None)
@given(st.decimals(-100, 100, places=12))
def test_series_agree_with_each_other(x: Decimal) -> None:
    """sin² + cos² is 1, and tan of atan gives back what it was given, to 34 digits."""
    sine, cosine = series.sin(x), series.cos(x)
    squares = CONTEXT.add(CONTEXT.multiply(sine, sine), CONTEXT.multiply(cosine, cosine))
    assert CONTEXT.subtract(squares, Decimal(1)).copy_abs() < Decimal("1e-32")
    back = CONTEXT.subtract(series.tan(series.atan(x)), x)
    assert back.copy_abs() <= x.copy_abs() * Decimal("1e-33")
