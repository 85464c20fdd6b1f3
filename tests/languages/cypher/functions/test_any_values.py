"""Whatever a function or an operator is given, it answers or raises a fault of its own."""

from __future__ import annotations

import math
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fivefold.errors import FivefoldError
from fivefold.languages.cypher.functions.table import all_functions
from fivefold.values.graph.entities import Node, Path, Relationship
from fivefold.values.graph.temporal import (
    Date,
    DateTime,
    Duration,
    LocalDateTime,
    LocalTime,
    Time,
)
from fivefold.values.graph.types import WORDS, compile_type, type_of
from tests.languages.cypher.expressions.trees import apply, operate, run
from tests.languages.cypher.memory import MemoryGraph

NODE, OTHER = Node(1, ("A",), {"x": 1}), Node(2)
RELATIONSHIP = Relationship(1, "T", 1, 2, {})
GONE = Node(3, ("A",), {"x": 1})
GONE.deleted = True
INTEGERS = st.integers(-(2**63), 2**63 - 1) | st.integers(-3, 3)
SCALARS = (
    st.none()
    | st.booleans()
    | INTEGERS
    | st.floats()
    | st.text(max_size=4)
    | st.sampled_from(
        ["1.5", "true", "P1D", "1984-10-11", "12:00", "HALF_UP", "day", "NFC", "-1e400"]
    )
    | st.sampled_from([NODE, GONE, RELATIONSHIP, Path((NODE, OTHER), (RELATIONSHIP,))])
    | st.sampled_from([Date(0), LocalTime(1), Time(1, 0), LocalDateTime(1), DateTime(1, 0)])
    | st.builds(Duration, st.integers(-99, 99), st.integers(-99, 99), st.integers(-(10**9), 10**9))
)
VALUES = (
    SCALARS
    | st.lists(SCALARS, max_size=3)
    | st.dictionaries(st.text(max_size=3), SCALARS, max_size=2)
)
CALLED = [
    one for one in all_functions() if not one.aggregating and one.evaluate.__name__ != "_by_syntax"
]


@given(st.sampled_from(CALLED), st.data())
def test_functions(function: Any, data: st.DataObject) -> None:
    most = function.least + 2 if function.most is None else function.most
    arguments = data.draw(st.lists(VALUES, min_size=function.least, max_size=most))
    execution = run(MemoryGraph())
    with suppress(FivefoldError):
        value = apply(function.name, *arguments, execution=execution)
        assert type(value) in WORDS
        assert type(value) is not int or -(2**63) <= value < 2**63
        assert compile_type(type_of(value))(value)


@given(
    st.sampled_from([*"+-*/%^", "=", "<>", "<", "<=", ">", ">=", "and", "or", "xor", "in", "=~"])
    | st.sampled_from(["starts with", "ends with", "contains"]),
    VALUES,
    VALUES,
)
def test_operators(op: str, one: Any, two: Any) -> None:
    with suppress(FivefoldError):
        value = operate(op, one, two)
        assert type(value) in WORDS
        if op not in "+-*/%^":
            assert value in (True, False, None)


@given(INTEGERS)
def test_integers_survive_their_texts(number: int) -> None:
    assert apply("toInteger", apply("toString", number)) == number


@given(st.floats())
def test_floats_survive_their_texts(number: float) -> None:
    again = apply("toFloat", apply("toString", number))
    assert again == number or (math.isnan(again) and math.isnan(number))


@given(st.text(), st.text(max_size=2))
def test_what_is_split_can_be_joined(text: str, delimiter: str) -> None:
    assert delimiter.join(apply("split", text, delimiter)) == text


@given(st.text(max_size=8), st.integers(0, 10), st.integers(0, 10))
def test_parts_of_strings_agree(text: str, start: int, length: int) -> None:
    assert apply("left", text, length) == apply("substring", text, 0, length)
    assert apply("left", text, start) + apply("substring", text, start) == text
    assert apply("reverse", apply("right", text, length)) == apply(
        "left", apply("reverse", text), length
    )


@given(st.integers(-50, 50), st.integers(-50, 50), st.integers(-9, 9).filter(bool))
def test_ranges_hold_every_step_between_their_ends(start: int, end: int, step: int) -> None:
    expected, at = [], start
    while at <= end if step > 0 else at >= end:
        expected.append(at)
        at += step
    assert apply("range", start, end, step) == expected


@pytest.mark.parametrize("mode", ["UP", "DOWN", "CEILING", "FLOOR", "HALF_UP", "HALF_DOWN"])
@given(st.floats(-1e6, 1e6), st.integers(0, 5))
def test_rounding_stays_within_a_unit(mode: str, value: float, precision: int) -> None:
    rounded = apply("round", value, precision, mode)
    assert abs(rounded - value) <= 10.0**-precision + 1e-9
    assert apply("round", rounded, precision, mode) == rounded
