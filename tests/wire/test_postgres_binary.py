"""Binary forms known by heart, and bytes that are no value of their type.

All kinds are compared with a real server, and go round, in tests/values.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fivefold.errors import FivefoldError, InvalidStatement, InvalidValue, Limit
from fivefold.values import types as t
from fivefold.values.names import type_named
from fivefold.values.oids import NUMBERS, TYPES
from fivefold.values.types import Type, array_of
from fivefold.wire.postgres.binary import binary_input, binary_output
from fivefold.wire.postgres.types import length_of, oid_of, type_of


@pytest.mark.parametrize(
    ("name", "stored", "data"),
    [
        ("int2", -2, "fffe"),
        ("bool", 1, "01"),
        ("numeric", "-1234567.8900", "0003 0001 4000 0004 007b 11d7 22c4"),
        ("numeric", "0.00001", "0001 fffe 0000 0005 03e8"),
        ("numeric", "0.00", "0000 0000 0000 0002"),
        ("numeric", "NaN", "0000 0000 c000 0000"),
        ("date", "1999-12-31", "ffffffff"),
        ("timestamp", "2000-01-01 00:00:00.000001", "0000000000000001"),
        ("timestamptz", "infinity", "7fffffffffffffff"),
        ("interval", "1 mon -1 days +00:00:01", "00000000000f4240 ffffffff 00000001"),
        ("jsonb", '{"a": 1}', "01 7b2261223a20317d"),
        ("int4[]", "[]", "00000000 00000000 00000017"),
        ("int2[]", "[7,null]", "00000001 00000001 00000015 00000002 00000001"
         " 00000002 0007 ffffffff"),
    ],
)  # fmt: skip
def test_known_bytes(name: str, stored: object, data: str) -> None:
    type_ = type_named(name)
    assert type_ is not None
    assert binary_output(type_)(stored) == bytes.fromhex(data)
    assert binary_input(type_)(bytes.fromhex(data)) == stored


@pytest.mark.parametrize(
    ("type_", "data"),
    [
        (t.INT2, "00"),
        (t.INT4, "0000000000"),
        (t.INT8, ""),
        (t.BOOLEAN, ""),
        (t.BOOLEAN, "0001"),
        (t.FLOAT4, "000000"),
        (t.FLOAT8, "00000000"),
        (t.DATE, "0000"),
        (t.TIME, "00"),
        (t.TIMESTAMP, "00000000"),
        (t.INTERVAL, "00"),
        (t.UUID, "00"),
        (t.JSONB, ""),
        (t.JSONB, "02 31"),
        (t.NUMERIC, "0000"),
        (t.NUMERIC, "0001 0000 0000 0000"),
        (t.NUMERIC, "0001 0000 1234 0000 0001"),
        (t.NUMERIC, "0001 0000 0000 ffff 0001"),
        (t.NUMERIC, "0001 0000 0000 0000 2710"),
        (array_of(t.INT4), ""),
        (array_of(t.INT4), "00000000 00000002 00000017"),
        (array_of(t.INT4), "ffffffff 00000000 00000017"),
        (array_of(t.INT4), "00000001 00000000 00000017 7fffffff 00000001"),
        (array_of(t.INT4), "00000001 00000000 00000017 ffffffff 00000001"),
        (array_of(t.INT4), "00000001 00000000 00000017 00000001 00000001 00000004 0000"),
        (array_of(t.INT4), "00000000 00000000 00000017 00"),
    ],
)
def test_malformed(type_: Type, data: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        binary_input(type_)(bytes.fromhex(data))
    assert caught.value.code == "invalid_binary_representation"


@pytest.mark.parametrize(
    ("type_", "data", "code"),
    [
        (t.TEXT, "ff", "character_not_in_repertoire"),
        (t.TEXT, "6100", "character_not_in_repertoire"),
        (t.DATE, "7ffffffe", "datetime_field_overflow"),
        (t.TIME, "ffffffffffffffff", "datetime_field_overflow"),
        (t.TIMESTAMPTZ, "7ffffffffffffffe", "datetime_field_overflow"),
        (t.JSONB, "01 7b", "invalid_text_representation"),
        (t.JSON, "7b", "invalid_text_representation"),
        (Type(t.Kind.VARCHAR, length=1), "6162", "string_data_right_truncation"),
        (Type(t.Kind.NUMERIC, precision=1, scale=0), "0001 0000 0000 0000 000a",
         "numeric_value_out_of_range"),
    ],
)  # fmt: skip
def test_values_that_do_not_fit(type_: Type, data: str, code: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        binary_input(type_)(bytes.fromhex(data))
    assert caught.value.code == code


def test_arrays_of_another_kind() -> None:
    with pytest.raises(InvalidStatement):
        binary_input(array_of(t.INT4))(bytes.fromhex("00000000 00000000 00000019"))
    with pytest.raises(Limit):
        binary_input(array_of(t.INT4))(bytes.fromhex("00000007 00000000 00000017"))


READABLE = [type_ for type_ in TYPES.values() if oid_of(type_)]


@settings(derandomize=True, max_examples=200, deadline=None, database=None)
@given(st.sampled_from(READABLE), st.binary(max_size=40))
def test_any_bytes_are_a_value_or_an_error(type_: Type, data: bytes) -> None:
    try:
        stored = binary_input(type_)(data)
    except FivefoldError:
        return
    again = binary_output(type_)(stored)
    assert binary_input(type_)(again) == stored


def test_numbers_are_their_own() -> None:
    oids = [number for row in NUMBERS.values() for number in (row.oid, row.array_oid) if number]
    assert len(set(oids)) == len(oids)
    assert type_of(0) == t.UNKNOWN
    assert type_of(600) is None
    assert length_of(array_of(t.INT4)) == -1


def test_records_say_the_types_of_their_fields() -> None:
    fields = (("a", t.INT4), ("b", t.TEXT), ("c", t.BYTEA), ("d", t.FLOAT8))
    sent = binary_output(t.Type(t.Kind.RECORD, fields=fields))('[1,null,"\\\\x00ff",1.5]')
    one, two, three, four = "0000001700000004", "00000019", "0000001100000002", "000002bd00000008"
    assert sent.hex() == (f"00000004{one}00000001{two}ffffffff{three}00ff{four}3ff8000000000000")
