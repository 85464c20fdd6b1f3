"""Types of values: the tests of ``IS ::``, which are the Cypher Manual's ("Type predicate
expressions").
"""

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
from fivefold.values.graph.types import NAMES, compile_type, type_of

EXAMPLES: dict[str, Any] = {
    "BOOLEAN": True,
    "STRING": "",
    "INTEGER": 1,
    "FLOAT": 1.0,
    "DATE": Date(0),
    "LOCAL TIME": LocalTime(0),
    "ZONED TIME": Time(0, 0),
    "LOCAL DATETIME": LocalDateTime(0),
    "ZONED DATETIME": DateTime(0, 0),
    "DURATION": Duration(),
    "NODE": Node(1),
    "RELATIONSHIP": Relationship(1, "T", 1, 1),
    "MAP": {},
    "PATH": Path((Node(1),)),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_type_has_its_values_and_null(name: str) -> None:
    test, strict = compile_type(name), compile_type(f"{name} NOT NULL")
    for other, value in EXAMPLES.items():
        assert test(value) is strict(value) is (name == other)
    assert test(None)
    assert not strict(None)
    assert type_of(EXAMPLES[name]) == f"{name} NOT NULL"


@pytest.mark.parametrize(
    ("name", "yes", "no"),
    [
        ("ANY", [1, None, []], []),
        ("ANY NOT NULL", [1, []], [None]),
        ("NOTHING", [], [1, None]),
        ("NULL", [None], [1]),
        ("POINT", [None], [1]),
        ("INTEGER | FLOAT", [1, 1.0, None], ["x", True]),
        ("INTEGER NOT NULL | STRING NOT NULL", [1, ""], [None, 1.0]),
        ("LIST<INTEGER>", [[], [1], [1, None], None], [[1.0], 1]),
        ("LIST<INTEGER NOT NULL>", [[], [1], None], [[1, None], [True]]),
        ("LIST<INTEGER NOT NULL> NOT NULL", [[], [1]], [None]),
        ("LIST<LIST<STRING> | INTEGER>", [[], [1, ["x"]]], [["x"]]),
        ("LIST<NOTHING>", [[], None], [[1], [None]]),
        ("PROPERTY VALUE", [1, "x", Date(0), [1, 2], [], None], [{}, [1, "x"], [None], [[1]]]),
    ],
)
def test_composed_types(name: str, yes: list[Any], no: list[Any]) -> None:
    test = compile_type(name)
    assert [value for value in yes if not test(value)] == []
    assert [value for value in no if test(value)] == []


def test_every_type_of_a_scalar_has_a_test() -> None:
    assert set(EXAMPLES) | {"LIST", "BYTEARRAY"} == set(NAMES.values())
