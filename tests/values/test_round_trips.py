"""What goes in comes out: text, binary and Python forms, for values hypothesis makes up."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fivefold.errors import FivefoldError
from fivefold.values import types as t
from fivefold.values.casts import coerce
from fivefold.values.compare import decimal_key, decimal_order, interval_key, interval_order
from fivefold.values.intervals import Interval, interval_text, stored_interval
from fivefold.values.python import Jsonb, from_python, to_python
from fivefold.values.text import output, parse
from fivefold.values.types import Type, array_of
from fivefold.wire.postgres.binary import binary_input, binary_output

quick = settings(derandomize=True, max_examples=50, deadline=None, database=None)

texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
decimals = st.decimals(allow_nan=False, allow_infinity=False, places=7) | st.integers().map(Decimal)
micros = st.integers(-(2**62), 2**62)
int4s = st.integers(-(2**31), 2**31 - 1)
VALUES: dict[Type, st.SearchStrategy[Any]] = {
    t.BOOLEAN: st.booleans(),
    t.INT2: st.integers(-(2**15), 2**15 - 1),
    t.INT8: st.integers(2**40, 2**63 - 1),
    t.FLOAT8: st.floats(allow_nan=False),
    t.NUMERIC: decimals,
    t.BYTEA: st.binary(),
    t.DATE: st.dates(),
    t.TIME: st.times(),
    t.TIMESTAMP: st.datetimes(),
    t.TIMESTAMPTZ: st.datetimes(timezones=st.just(UTC)),
    t.INTERVAL: st.timedeltas(timedelta(-(10**7)), timedelta(10**7)),
    t.UUID: st.uuids(),
    t.JSONB: st.recursive(
        st.none() | st.booleans() | st.integers() | texts,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    ).map(Jsonb),
}


@pytest.mark.parametrize("type_", VALUES, ids=str)
def test_python_store_text_binary(type_: Type) -> None:
    load = to_python(type_) or (lambda stored: stored)
    show, send, receive = output(type_), binary_output(type_), binary_input(type_)

    @quick
    @given(VALUES[type_])
    def check(value: Any) -> None:
        sent_as, first = from_python(value)
        stored = coerce(type_, sent_as, first)
        assert parse(type_, show(stored)) == stored
        assert receive(send(stored)) == stored
        assert load(stored) == (value.obj if isinstance(value, Jsonb) else value)

    check()


@pytest.mark.parametrize("type_", [*VALUES, t.TEXT], ids=str)
def test_arrays(type_: Type) -> None:
    array = array_of(type_)
    items = st.none() | VALUES.get(type_, texts)
    rows = st.integers(1, 3).flatmap(
        lambda width: st.lists(st.lists(items, min_size=width, max_size=width), max_size=3)
    )
    load = to_python(array)
    assert load is not None

    @quick
    @given(st.lists(items, max_size=4) | rows)
    def check(values: list[Any]) -> None:
        sent_as, first = from_python(values)
        stored = coerce(array, sent_as, first)
        assert parse(array, output(array)(stored)) == stored
        assert binary_input(array)(binary_output(array)(stored)) == stored
        assert load(stored) == unwrapped(values)

    check()


def unwrapped(value: Any) -> Any:
    if isinstance(value, list):
        return [unwrapped(item) for item in value]
    return value.obj if isinstance(value, Jsonb) else value


@quick
@given(st.floats(width=32))
def test_float4(value: float) -> None:
    stored: float | str = "NaN" if math.isnan(value) else value
    assert parse(t.FLOAT4, output(t.FLOAT4)(stored)) == stored
    assert binary_input(t.FLOAT4)(binary_output(t.FLOAT4)(stored)) == stored


@quick
@given(int4s, int4s, micros)
def test_interval_parts(months: int, days: int, rest: int) -> None:
    stored = interval_text(Interval(months, days, rest))
    assert stored_interval(stored) == Interval(months, days, rest)
    assert parse(t.INTERVAL, stored) == stored
    assert binary_input(t.INTERVAL)(binary_output(t.INTERVAL)(stored)) == stored


@quick
@given(decimals, decimals)
def test_decimal_order(a: Decimal, b: Decimal) -> None:
    x, y = from_python(a)[1], from_python(b)[1]
    assert isinstance(x, str)
    assert isinstance(y, str)
    assert decimal_order(x, y) == (a > b) - (a < b)
    assert (decimal_key(x) < decimal_key(y)) is (a < b)


@pytest.mark.parametrize(
    ("a", "b", "sign"),
    [
        ("1.0", "1.00", 0),
        ("NaN", "NaN", 0),
        ("NaN", "Infinity", 1),
        ("-Infinity", "NaN", -1),
        ("-Infinity", "-1e9", -1),
        ("Infinity", "999", 1),
        ("9", "10", -1),
    ],
)
def test_special_decimals(a: str, b: str, sign: int) -> None:
    assert decimal_order(a, b) == sign
    assert decimal_order(b, a) == -sign
    assert (decimal_key(a) > decimal_key(b)) - (decimal_key(a) < decimal_key(b)) == sign


@pytest.mark.parametrize(
    ("a", "b", "sign"),
    [
        ("1 mon", "30 days", 0),
        ("1 day", "24:00:00", 0),
        ("1 year", "361 days", -1),
        ("-1 days +25:00:00", "01:00:00", 0),
        ("00:00:00.5", "00:00:00.25", 1),
    ],
)
def test_interval_order(a: str, b: str, sign: int) -> None:
    difference = interval_order(a, b)
    assert (difference > 0) - (difference < 0) == sign
    assert (interval_key(a) == interval_key(b)) is (sign == 0)


def test_text_order_is_value_order() -> None:
    moments = [datetime(2024, 1, 1, 0, 0, 0, n) for n in (0, 1, 500_000, 999_999)]
    for values in (moments, [moment.replace(tzinfo=UTC) for moment in moments]):
        stored = [str(from_python(value)[1]) for value in values]
        assert stored == sorted(stored)
    assert "-infinity" < "0001-01-01" < str(from_python(date.max)[1]) < "infinity"
    assert from_python(time(1, 2, 3, 500_000)) == (t.TIME, "01:02:03.5")


PIECES = ["2024", "01", "Jan", "-", "/", ":", ".5", "pm", "+02", "UTC", "T", "{", "}", ",", '"']
PIECES += ["\\", " ", "e", "x", "NULL", "day", "ago", "P", "[", "]", "\n", "é", "٣"]
READABLE = [*VALUES, t.FLOAT4, t.OID, t.JSON, t.NAME, array_of(t.TEXT), array_of(t.DATE)]


@settings(quick, max_examples=1000)
@given(st.sampled_from(READABLE), st.lists(st.sampled_from(PIECES), max_size=7) | st.lists(texts))
def test_any_text_is_a_value_or_an_error(type_: Type, pieces: list[str]) -> None:
    try:
        stored = parse(type_, "".join(pieces))
    except FivefoldError:
        return
    assert parse(type_, output(type_)(stored)) == stored
