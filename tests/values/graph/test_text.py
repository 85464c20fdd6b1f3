"""Values as literals: the notation of the TCK's README, floats as java.lang.Double.toString."""

from __future__ import annotations

from typing import Any

import pytest

from fivefold.values.graph.entities import Node, Path, Relationship
from fivefold.values.graph.temporal import (
    Date,
    DateTime,
    Duration,
    LocalDateTime,
    LocalTime,
    Time,
)
from fivefold.values.graph.text import literal, temporal_text

A = Node(1, ["A", "B"], {"p": 0, "q": "string"})
B = Node(2)
T = Relationship(1, "T", 1, 2, {"p": 0})
BACK = Relationship(2, "IS IN", 1, 2)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *((None, "null"), (True, "true"), (False, "false"), (0, "0"), (-7, "-7")),
        *((1.0, "1.0"), (-0.0, "-0.0"), (0.001, "0.001"), (9999999.0, "9999999.0")),
        *((1e7, "1.0E7"), (1.5e10, "1.5E10"), (123456789.25, "1.2345678925E8")),
        *((0.00012, "1.2E-4"), (1e-305, "1.0E-305"), (-1e308, "-1.0E308")),
        *((float("nan"), "NaN"), (float("inf"), "Infinity"), (float("-inf"), "-Infinity")),
        *(
            ("", "''"),
            ("it's", "'it\\'s'"),
            ("a\\b\n", "'a\\\\b\\n'"),
            ("é\U0001f600", "'é\U0001f600'"),
        ),
        *(([], "[]"), ([1, [None], "x"], "[1, [null], 'x']"), (b"\x01\xff", "[1, 255]")),
        *(({}, "{}"), ({"a": 1, "b c": {}}, "{a: 1, `b c`: {}}"), ({"`": 1}, "{````: 1}")),
        (A, "(:A:B {p: 0, q: 'string'})"),
        (B, "()"),
        (Node(3, [], {"x": 1.0}), "({x: 1.0})"),
        (T, "[:T {p: 0}]"),
        (BACK, "[:`IS IN`]"),
        (Path([B]), "<()>"),
        (Path([A, B, A], [T, BACK]), f"<{literal(A)}-[:T {{p: 0}}]->()<-[:`IS IN`]-{literal(A)}>"),
        (Date(0), "'1970-01-01'"),
        (LocalTime(0), "'00:00'"),
        (DateTime.at(0, "Europe/Stockholm"), "'1970-01-01T01:00+01:00[Europe/Stockholm]'"),
        ([Duration(14, 3, -1)], "['P1Y2M3DT-1S']"),
    ],
)
def test_a_value_is_written_as_a_literal(value: Any, text: str) -> None:
    assert literal(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (LocalTime(0), "00:00:00"),
        (Time(0, -3600), "00:00:00-01:00"),
        (LocalDateTime(0), "1970-01-01T00:00:00"),
        (DateTime(0, 0), "1970-01-01T00:00:00Z"),
        (DateTime(500_000_000, 0, "UTC"), "1970-01-01T00:00:00.5Z[UTC]"),
        (Date(0), "1970-01-01"),
        (Duration(), "PT0S"),
    ],
)
def test_to_string_keeps_seconds_of_zero(value: Any, text: str) -> None:
    assert temporal_text(value) == text
