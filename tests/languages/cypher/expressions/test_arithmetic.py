"""Arithmetic: the Cypher Manual's "Mathematical operators", the TCK's expressions/mathematical,
expressions/precedence and expressions/literals; Java's 64 bits against Python's integers.
"""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fivefold.errors import FivefoldError
from fivefold.values.graph.temporal import Date, Duration
from tests.languages.cypher.expressions.trees import details, evaluate, operate

LEAST, MOST = -(2**63), 2**63 - 1
NAN, INFINITY = math.nan, math.inf
DAY, WEEK = Date(0), Duration(days=7)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2", 3),
        ("1 + 2.0", 3.0),
        ("7 - 10", -3),
        ("3 * 4", 12),
        ("7 / 2", 3),
        ("-7 / 2", -3),
        ("7 / -2", -3),
        ("-7 / -2", 3),
        ("7 / 2.0", 3.5),
        ("7 % 3", 1),
        ("-7 % 3", -1),
        ("7 % -3", 1),
        ("-7.5 % 2", -1.5),
        ("2 ^ 10", 1024.0),
        ("4 ^ 3 ^ 2", 4096.0),
        ("-3 ^ 2", 9.0),
        ("4 ^ 0.5", 2.0),
        ("2 ^ -1", 0.5),
        ("1.0 / 0", INFINITY),
        ("-1 / 0.0", -INFINITY),
        ("1 / -0.0", -INFINITY),
        ("0.0 / 0.0", NAN),
        ("0 / 0.0", NAN),
        ("5 % 0.0", NAN),
        ("(1.0 / 0) % 2", NAN),
        ("5 % (1.0 / 0)", 5.0),
        ("0 ^ -1", INFINITY),
        ("0.0 ^ -2", INFINITY),
        ("(-0.0) ^ -1", -INFINITY),
        ("(-8) ^ 0.5", NAN),
        ("10 ^ 400", INFINITY),
        ("(-10) ^ 401", -INFINITY),
        ("1e308 * 10", INFINITY),
        ("-(-3)", 3),
        ("- 3.5", -3.5),
        ("+ 3", 3),
        ("9223372036854775806 + 1", MOST),
        ("12 / 4 * 3 - 2 * 4", 1),
        ("'a' + 'b'", "ab"),
        ("'a' + 1", "a1"),
        ("1 + 'a'", "1a"),
        ("'a' + 1.0", "a1.0"),
        ("'a' + true", "atrue"),
        ("[1] + [2, 3]", [1, 2, 3]),
        ("[1] + 2", [1, 2]),
        ("0 + [1]", [0, 1]),
        ("['a'] + 'b' + ['c']", ["a", "b", "c"]),
        ("[1] + null", None),
        ("'a' + null", None),
        ("null - 1", None),
        ("1 / null", None),
        ("null ^ null", None),
        ("-null", None),
    ],
)
def test_answers(text: str, value: Any) -> None:
    got = evaluate(text)
    assert type(got) is type(value)
    assert got == value or (got != got and value != value)


@pytest.mark.parametrize(
    ("op", "one", "two", "value"),
    [
        ("+", DAY, WEEK, Date(7)),
        ("+", WEEK, DAY, Date(7)),
        ("-", DAY, WEEK, Date(-7)),
        ("+", WEEK, WEEK, Duration(days=14)),
        ("-", WEEK, WEEK, Duration()),
        ("*", WEEK, 2, Duration(days=14)),
        ("*", 2, WEEK, Duration(days=14)),
        ("/", WEEK, 7, Duration(days=1)),
        ("+", "on ", DAY, "on 1970-01-01"),
        ("+", [WEEK], DAY, [WEEK, DAY]),
    ],
)
def test_temporal_values(op: str, one: Any, two: Any, value: Any) -> None:
    assert operate(op, one, two) == value


@pytest.mark.parametrize(
    ("op", "one", "two"),
    [
        *[(op, 1, True) for op in "+-*/%^"],
        *[(op, "a", {}) for op in "+-*/%^"],
        *[("-", 1, "a"), ("*", [1], 2), ("-", DAY, DAY), ("+", DAY, DAY), ("-", WEEK, DAY)],
        *[("+", DAY, 1), ("*", WEEK, WEEK), ("/", 1, WEEK), ("+", {}, {}), ("*", DAY, 2)],
    ],
)
def test_what_does_not_go_together(op: str, one: Any, two: Any) -> None:
    assert details(f"one {op} two", one=one, two=two) == ("TypeError", "InvalidArgumentType")


@pytest.mark.parametrize(
    "text",
    [
        "9223372036854775807 + 1",
        "-9223372036854775807 - 2",
        "9223372036854775807 * 2",
        "(-9223372036854775807 - 1) / -1",
        "-(-9223372036854775807 - 1)",
        "3037000500 * 3037000500",
    ],
)
def test_overflow(text: str) -> None:
    assert details(text) == ("ArithmeticError", "ArithmeticOverflow")


def test_division_by_zero() -> None:
    assert details("1 / 0") == ("ArithmeticError", "DivisionByZero")
    assert details("1 % 0") == ("ArithmeticError", "DivisionByZero")


def test_signs_are_of_numbers() -> None:
    assert details("-x", x="a") == ("TypeError", "InvalidArgumentType")
    assert details("+x", x=True) == ("TypeError", "InvalidArgumentType")
    assert evaluate("-x", x=WEEK) == Duration(days=-7)


def test_what_fails_is_folded_away_only_if_it_is_run() -> None:
    assert evaluate("CASE WHEN true THEN 1 ELSE 1 / 0 END") == 1
    assert evaluate("false AND 1 / 0 = 1") is False


integers = st.integers(LEAST, MOST) | st.integers(-10, 10)


def java(op: str, one: int, two: int) -> int | None:
    """What Java's exact arithmetic gives; None for an overflow or a division by zero."""
    if op in "/%" and two == 0:
        return None
    quotient = abs(one) // abs(two) * (1 if (one < 0) == (two < 0) else -1) if two else 0
    value = {
        "+": one + two,
        "-": one - two,
        "*": one * two,
        "/": quotient,
        "%": one - quotient * two,
    }[op]
    return value if LEAST <= value <= MOST else None


@given(st.sampled_from("+-*/%"), integers, integers)
def test_integers_are_javas(op: str, one: int, two: int) -> None:
    expected = java(op, one, two)
    if expected is not None:
        assert operate(op, one, two) == expected
        return
    with pytest.raises(FivefoldError) as caught:
        operate(op, one, two)
    assert caught.value.facts["type"] == "ArithmeticError"
