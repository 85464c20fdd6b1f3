"""Functions of temporal values: Cypher Manual, "Temporal functions"; openCypher TCK, Temporal4."""

from __future__ import annotations

from typing import Any

import pytest

from fivefold.errors import FivefoldError
from fivefold.languages.cypher import tree
from fivefold.languages.cypher.expressions import compile_expression
from fivefold.languages.cypher.expressions.compiler import Constant
from fivefold.languages.cypher.functions import table, temporal
from fivefold.languages.cypher.graph import Run, Statistics
from fivefold.values.graph.temporal import (
    Date,
    DateTime,
    Duration,
    LocalDateTime,
    LocalTime,
    Time,
)
from fivefold.values.graph.temporal.reading import read_date_time

STATEMENT = read_date_time("2024-02-29T23:30:15.5Z")
TRANSACTION = read_date_time("2024-02-29T22:00Z")
TYPES = {
    "date": Date,
    "localtime": LocalTime,
    "time": Time,
    "localdatetime": LocalDateTime,
    "datetime": DateTime,
}
INSTANT = LocalDateTime(0)


def call(name: str, *arguments: Any, transaction: DateTime | None = TRANSACTION) -> Any:
    function = table.find(name)
    assert function is not None, name
    assert function.takes(len(arguments)), name
    if None in arguments and not function.sees_nulls:
        return None
    run = Run(None, {}, STATEMENT, Statistics(), transaction)  # type: ignore[arg-type]
    return function.evaluate(*([run] if function.needs_run else []), *arguments)


def test_the_table_names_all_of_them() -> None:
    named = set(table.FAMILIES["temporal"].split())
    assert named == {function.name for function in temporal.FUNCTIONS.values()}


@pytest.mark.parametrize(
    ("name", "arguments", "text"),
    [
        ("date", (), "2024-02-29"),
        ("localtime", (), "23:30:15.5"),
        ("time", (), "23:30:15.5Z"),
        ("localdatetime", (), "2024-02-29T23:30:15.5"),
        ("datetime", (), "2024-02-29T23:30:15.5Z"),
        ("DATE.STATEMENT", (), "2024-02-29"),
        ("date.statement", ("Asia/Tokyo",), "2024-03-01"),
        ("date", ({"timezone": "Asia/Tokyo"},), "2024-03-01"),
        ("time", ({"timezone": "Asia/Tokyo"},), "08:30:15.5+09:00"),
        ("datetime", ({"timezone": "+05:00"},), "2024-03-01T04:30:15.5+05:00"),
        ("datetime.transaction", (), "2024-02-29T22:00Z"),
        ("datetime.transaction", ("Asia/Tokyo",), "2024-03-01T07:00+09:00[Asia/Tokyo]"),
        ("localtime.transaction", ("-01:30",), "20:30"),
        ("date", ("2015-W30-2",), "2015-07-21"),
        ("datetime", ({"year": 1984, "week": 10},), "1984-03-05T00:00Z"),
        (
            "datetime",
            ({"epochSeconds": 416779, "nanosecond": 23},),
            "1970-01-05T19:46:19.000000023Z",
        ),
        ("datetime", ({"epochMillis": 237821673987},), "1977-07-15T13:34:33.987Z"),
        ("localtime", (STATEMENT,), "23:30:15.5"),
        ("date.truncate", ("month",), "2024-02-01"),
        ("date.truncate", ("month", Date(0), {"day": 5}), "1970-01-05"),
        ("date.truncate", ("MONTH", Date(-1), None), "1969-12-01"),
        ("datetime.truncate", ("hour", STATEMENT), "2024-02-29T23:00Z"),
        ("datetime.fromepoch", (416779, 999999999), "1970-01-05T19:46:19.999999999Z"),
        ("datetime.fromEpochMillis", (237821673987,), "1977-07-15T13:34:33.987Z"),
        ("duration", ("P1.5M",), "P1M15DT5H14M33S"),
        ("duration", ({"days": 0.1, "seconds": -1},), "PT2H23M59S"),
        ("duration.inDays", (Date(0), Date(40)), "P40D"),
        ("duration.between", (Date(0), Date(40)), "P1M9D"),
    ],
)
def test_calls(name: str, arguments: tuple[Any, ...], text: str) -> None:
    assert str(call(name, *arguments)) == text


@pytest.mark.parametrize("clock", ["", ".transaction", ".statement", ".realtime"])
@pytest.mark.parametrize("name", TYPES)
def test_every_type_tells_every_clock_in_any_zone(name: str, clock: str) -> None:
    assert type(call(name + clock)) is TYPES[name]
    assert call(name + clock, None) is None
    if clock:
        assert type(call(name + clock, "Europe/Stockholm")) is TYPES[name]


@pytest.mark.parametrize(
    ("name", "arguments", "settled"),
    [
        ("date", ("2015-01-01",), True),
        ("date", (), False),
        ("date", ({"year": 2015},), True),
        ("datetime", ({"timezone": "UTC"},), False),
        ("time", ({"hour": 1, "timezone": "Europe/London"},), False),
        ("datetime", (STATEMENT,), True),
        ("date.statement", (), False),
        ("date.truncate", ("day",), False),
        ("date.truncate", ("day", STATEMENT), True),
    ],
)
def test_calls_that_are_the_same_in_every_run(
    name: str, arguments: tuple[Any, ...], settled: bool
) -> None:
    function = table.find(name)
    assert function is not None
    assert (function.settled is not None and function.settled(*arguments)) is settled
    compiled = compile_expression(tree.Call(name, tuple(map(tree.Literal, arguments))))
    assert isinstance(compiled, Constant) is settled


def test_without_a_transaction_of_its_own_the_statement_is_one() -> None:
    assert call("datetime.transaction", transaction=None) == STATEMENT


@pytest.mark.parametrize("name", [name for name in temporal.FUNCTIONS if "." in name])
def test_null_of_null(name: str) -> None:
    function = temporal.FUNCTIONS[name]
    assert call(name, *[None] * max(1, function.least)) is None


WRONG: list[tuple[str, tuple[Any, ...]]] = [
    ("date", (1,)),
    ("date", (True,)),
    ("date", ([],)),
    ("date", (Duration(),)),
    ("date", (LocalTime(0),)),
    ("date", ({},)),
    ("date", ({"hour": 1},)),
    ("date", ({"yeer": 1984},)),
    ("date", ({"month": 1},)),
    ("date", ({"year": 1984, "day": 1},)),
    ("date", ({"year": 1984, "month": 2, "day": 30},)),
    ("date", ({"year": 1984, "month": 13},)),
    ("date", ({"year": 1984, "month": 1.5},)),
    ("date", ({"year": 1984, "month": 1, "week": 2},)),
    ("date", ({"year": 1985, "ordinalDay": 366},)),
    ("date", ({"year": 10**9},)),
    ("date", ({"year": 10**30},)),
    ("date", ({"date": "2015-01-01"},)),
    ("date", ({"date": LocalTime(0)},)),
    ("date.statement", (1,)),
    ("date.statement", ("Mars/Base",)),
    ("localtime", ({"minute": 1},)),
    ("localtime", ({"hour": 24},)),
    ("localtime", ({"hour": 1, "minute": 1, "second": 1, "millisecond": 1000},)),
    ("localtime", ({"hour": 1, "minute": 1, "second": 1, "millisecond": 1, "nanosecond": 1000},)),
    ("localtime", (Date(0),)),
    ("time", ({"hour": 1, "timezone": 1},)),
    ("localdatetime", (Date(0),)),
    ("localdatetime", ({"year": 1984, "hour": 1},)),
    ("localdatetime", ({"hour": 1},)),
    ("datetime", ({"datetime": INSTANT, "time": LocalTime(0)},)),
    ("datetime", ({"epochSeconds": 1, "date": Date(0)},)),
    ("datetime", ({"epochSeconds": 10**18},)),
    ("datetime.fromepoch", (1, 10**9)),
    ("datetime.fromepoch", (1.0, 0)),
    ("datetime.fromepochmillis", ("1",)),
    ("date.truncate", ("hour", INSTANT)),
    ("date.truncate", ("fortnight", INSTANT)),
    ("date.truncate", (1, INSTANT)),
    ("date.truncate", ("day", "2015-01-01")),
    ("date.truncate", ("day", INSTANT, 1)),
    ("localtime.truncate", ("month", INSTANT)),
    ("localtime.truncate", ("millisecond", INSTANT, {"nanosecond": 10**6})),
    ("datetime.truncate", ("hour", Date(0))),
    ("duration", (1,)),
    ("duration", ({},)),
    ("duration", ({"fortnights": 1},)),
    ("duration", ({"days": "1"},)),
    ("duration", ({"days": float("nan")},)),
    ("duration", ({"years": 2**60},)),
    ("duration.between", (Date(0), 1)),
    ("duration.between", (Duration(), Date(0))),
]


@pytest.mark.parametrize(("name", "arguments"), WRONG)
def test_wrong_arguments_are_faults(name: str, arguments: tuple[Any, ...]) -> None:
    with pytest.raises(FivefoldError) as error:
        call(name, *arguments)
    assert error.value.facts["detail"] == "InvalidArgumentValue"
    assert error.value.facts["phase"] == "runtime"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (LocalTime(0), "00:00:00"),
        (Time(0, 3600), "00:00:00+01:00"),
        (Date(0), "1970-01-01"),
        (Duration(1), "P1M"),
    ],
)
def test_to_string_and_joined_to_a_string(value: Any, text: str) -> None:
    assert call("toString", value) == text
    joined = tree.Binary("+", tree.Literal("it is "), tree.Variable("value"))
    assert compile_expression(joined)({"value": value}, Run(*[None] * 4)) == f"it is {text}"  # type: ignore[arg-type]
