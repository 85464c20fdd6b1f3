"""Python's objects to types and back, beside psycopg's own answers where they are facts."""

from __future__ import annotations

from collections import OrderedDict
from datetime import UTC, datetime, time, timedelta, timezone
from decimal import Decimal

import pytest

from fivefold.errors import FivefoldError, InvalidValue
from fivefold.values import types as t
from fivefold.values.names import type_named
from fivefold.values.python import Json, Jsonb, from_python, to_python
from fivefold.values.text import as_is, coerce_length, output, output_bytes, parser
from fivefold.values.types import Kind, Stored, Type, array_of


@pytest.mark.parametrize(
    ("value", "type_", "stored"),
    [
        (None, t.UNKNOWN, None),
        (True, t.BOOLEAN, 1),
        (5, t.INT2, 5),
        (-40_000, t.INT4, -40_000),
        (2**31, t.INT8, 2**31),
        (2**63, t.NUMERIC, str(2**63)),
        ("x", t.UNKNOWN, "x"),
        (float("nan"), t.FLOAT8, "NaN"),
        (Decimal("1E+3"), t.NUMERIC, "1000"),
        (Decimal("-0.00"), t.NUMERIC, "0.00"),
        (bytearray(b"\0a"), t.BYTEA, b"\0a"),
        (datetime(2024, 1, 2, tzinfo=timezone(timedelta(hours=2))), t.TIMESTAMPTZ,
         "2024-01-01 22:00:00+00"),
        (timedelta(days=-1, seconds=1), t.INTERVAL, "-1 days +00:00:01"),
        (Json({"b": 1, "a": 2}), t.JSON, '{"b": 1, "a": 2}'),
        (Jsonb({"bb": 1, "a": 2.50}), t.JSONB, '{"a": 2.5, "bb": 1}'),
        ([], t.UNKNOWN, "{}"),
        (["a b", None], t.UNKNOWN, '{"a b",NULL}'),
        ([1, None, 2**40], array_of(t.INT8), "[1,null,1099511627776]"),
        ([1, 2**70], array_of(t.NUMERIC), f'["1","{2**70}"]'),
        ([[b"a"], [b"\xff"]], array_of(t.BYTEA), '[["\\\\x61"],["\\\\xff"]]'),
        ([1.5, float("inf")], array_of(t.FLOAT8), '[1.5,"Infinity"]'),
        ([True, False], array_of(t.BOOLEAN), "[1,0]"),
    ],
)  # fmt: skip
def test_from_python(value: object, type_: Type, stored: Stored) -> None:
    assert from_python(value) == (type_, stored)


@pytest.mark.parametrize(
    "value",
    [
        {"a": 1},
        OrderedDict(a=1),
        object(),
        [1, "a"],
        [True, 1],
        [[1], [1, 2]],
        [[[[[[[1]]]]]]],
        "a\0b",
        time(1, tzinfo=UTC),
        Jsonb(object()),
        Jsonb({"a": float("nan")}),
        Jsonb("\0"),
        datetime.min.replace(tzinfo=timezone(timedelta(hours=2))),
    ],
)
def test_refused(value: object) -> None:
    with pytest.raises(FivefoldError):
        from_python(value)


def test_a_dict_is_told_to_be_wrapped() -> None:
    with pytest.raises(InvalidValue, match=r"Jsonb\(\{\.\.\.\}\)"):
        from_python({})


@pytest.mark.parametrize(
    ("name", "stored", "value"),
    [
        ("char(3)", "a", "a  "),
        ("interval", "1 year 2 mons 3 days", timedelta(days=365 + 60 + 3)),
        ("interval", "-1 years -1 mons", timedelta(days=-395)),
        ("jsonb", '{"a": [1.5]}', {"a": [1.5]}),
        ("float8[]", '["NaN",1,"-Infinity"]', None),
        ("numeric[]", '["1.50",null]', [Decimal("1.50"), None]),
        ("timestamptz", "2024-01-02 03:04:05.5+00", datetime(2024, 1, 2, 3, 4, 5, 500_000, UTC)),
    ],
)
def test_to_python(name: str, stored: str, value: object) -> None:
    type_ = type_named(name)
    assert type_ is not None
    load = to_python(type_)
    assert load is not None
    loaded = load(stored)
    assert loaded == value if value is not None else isinstance(loaded, list)


@pytest.mark.parametrize("type_", [t.INT2, t.INT8, t.TEXT, t.VARCHAR, t.NAME, t.BYTEA, t.OID])
def test_stored_forms_that_are_python_objects(type_: Type) -> None:
    assert to_python(type_) is None


@pytest.mark.parametrize(
    ("type_", "stored"),
    [
        (t.DATE, "infinity"),
        (t.TIMESTAMP, "-infinity"),
        (t.TIME, "24:00:00"),
        (t.INTERVAL, "5000000 years"),
    ],
)
def test_what_python_cannot_hold(type_: Type, stored: str) -> None:
    load = to_python(type_)
    assert load is not None
    with pytest.raises(InvalidValue):
        load(stored)


def test_functions_are_chosen_once() -> None:
    assert parser(t.TEXT) is as_is
    assert output(t.NUMERIC) is as_is
    assert output_bytes(t.INT4)(-5) == b"-5"
    assert output_bytes(t.BOOLEAN)(1) == b"t"
    assert output_bytes(t.TEXT)("é") == "é".encode()
    assert output(t.BYTEA, bytea_escape=True)(b"a\\\xff") == "a\\\\\\377"


@pytest.mark.parametrize(
    ("type_", "value", "cut"),
    [
        (Type(Kind.VARCHAR, length=2), "abc", "ab"),
        (Type(Kind.BPCHAR, length=3), "a  b", "a"),
        (array_of(Type(Kind.VARCHAR, length=1)), '["ab",null]', '["a",null]'),
        (Type(Kind.NUMERIC, precision=3, scale=1), "1.25", "1.3"),
        (Type(Kind.TIMESTAMP, precision=0), "2024-01-01 00:00:00.5", "2024-01-01 00:00:01"),
        (t.TEXT, None, None),
    ],
)
def test_explicit_lengths(type_: Type, value: Stored, cut: Stored) -> None:
    assert coerce_length(type_, value) == cut


@pytest.mark.parametrize(
    ("name", "modifiers", "type_"),
    [
        ("FLOAT", (24,), t.FLOAT4),
        ("float", (25,), t.FLOAT8),
        ("Character  Varying", (5,), Type(Kind.VARCHAR, length=5)),
        ("char", (), Type(Kind.BPCHAR, length=1)),
        ("bpchar", (), t.BPCHAR),
        ("decimal", (10,), Type(Kind.NUMERIC, precision=10, scale=0)),
        ("timestamp(9) with time zone", (), Type(Kind.TIMESTAMPTZ, precision=6)),
        ("text[][]", (), array_of(t.TEXT)),
        ("int array", (), array_of(t.INT4)),
        ("_int4", (), array_of(t.INT4)),
        ("pg_catalog.int8", (), t.INT8),
        ("serial", (), None),
        ("point", (), None),
        ("varchar(x)", (), None),
        ("]", (), None),
    ],
)
def test_names(name: str, modifiers: tuple[int, ...], type_: Type | None) -> None:
    assert type_named(name, modifiers) == type_


@pytest.mark.parametrize(
    ("name", "modifiers"),
    [
        ("varchar", (0,)),
        ("char", (10_485_761,)),
        ("numeric", (0,)),
        ("numeric", (1001,)),
        ("numeric", (5, 1001)),
        ("numeric", (1, 2, 3)),
        ("float", (54,)),
        ("float", (0,)),
        ("int4", (3,)),
        ("time", (-1,)),
    ],
)
def test_bad_modifiers(name: str, modifiers: tuple[int, ...]) -> None:
    with pytest.raises(FivefoldError):
        type_named(name, modifiers)
