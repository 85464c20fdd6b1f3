"""Every stored form goes in and comes out as it was, and both stores order it alike."""

from __future__ import annotations

import math

import pytest

from fivefold.plan.statement import Statement, Template
from fivefold.stores.contract import Connection, Store
from fivefold.values.types import BYTEA, INT8, TEXT, Stored
from tests.stores.tools import Talk, fails, table, type_of

# type -> values in ascending order
VALUES: dict[str, list[Stored]] = {
    "bool": [0, 1],
    "int2": [-32768, -1, 0, 32767],
    "int4": [-(2**31), 7, 2**31 - 1],
    "int8": [-(2**63), 0, 2**63 - 1],
    "numeric": ["-Infinity", "-12.50", "0", "0.000000000000000000001", "2", "10",
                "123456789012345678901234567890.5", "Infinity", "NaN"],
    "numeric(6,2)": ["-0.50", "2.00", "1000.00"],
    "float4": [-math.inf, -1.5, 0.10000000149011612, 3.4028234663852886e38, math.inf, "NaN"],
    "float8": [-math.inf, -1.5e-300, 0.1, 1e15, 1.7976931348623157e308, math.inf, "NaN"],
    "text": ["", " a ", "'quoted' \"x\" ? {t} $1 %s", "A", "Z", "a", "line\nbreak", "é",
             "\U0001f600"],
    "varchar(5)": ["", "abcde", "ü"],
    "char(5)": ["", "ab", "abcde"],
    "name": ["a", "b"],
    "bytea": [b"", b"\x00", bytes(range(256)) * 4, b"\x00\xff", b"abc", b"\xff"],
    "date": ["-infinity", "0001-01-01", "1999-12-31", "2013-01-01", "9999-12-31", "infinity"],
    "time": ["00:00:00", "00:00:00.000001", "12:30:00.5", "23:59:59.999999"],
    "timestamp": ["-infinity", "0001-01-01 00:00:00", "2013-01-01 00:00:00",
                  "2013-01-01 00:00:00.1", "2013-01-01 00:00:00.123456", "infinity"],
    "timestamptz": ["-infinity", "2013-01-01 00:00:00+00", "2013-01-01 00:00:00.25+00",
                    "2200-07-01 12:00:00+00", "infinity"],
    "interval": ["-1 days", "00:00:00", "00:00:01.5", "01:00:00", "1 day",
                 "1 day 02:03:04.000005", "1 mon", "1 mon 1 day", "1 year 2 mons"],
    "uuid": ["00000000-0000-0000-0000-000000000000", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"],
    "json": ['{"b": 1,  "a":[1,2 ]}', "null", '"é"'],
    "jsonb": ['{"a": [1, 2], "b": 1}', "null", '"é"'],
    "int4[]": ["[]", "[1]", "[1,null]", "[1,2,3]", "[[1,2],[3,4]]"],
    "text[]": ["[]", '[""]', '["a","NULL",null,"x,{}\\"\\\\ y"]'],
    "bool[]": ["[1,0,null]"],
    "numeric[]": ['["1.50","NaN"]'],
    "bytea[]": ['["\\\\x00ff"]'],
    "date[]": ['["2013-01-01",null]'],
    "timestamptz[]": ['["2013-01-01 00:00:00+00"]'],
}  # fmt: skip
UNORDERED = ("json", "jsonb", "[]")


@pytest.fixture
def one(store: Store, first: Connection) -> Talk:
    return Talk(store, first)


def test_every_stored_form_goes_round(one: Talk) -> None:
    one.on.begin(write=True)
    for number, (name, values) in enumerate(VALUES.items()):
        type_ = type_of(name)
        one.create(table(f"t{number}", "id int8 not null", f"v {name}", key="id"))
        insert = one.store.prepare(
            one.statement(f"INSERT INTO {{t{number}}} (id, v) VALUES (?, ?)", INT8, type_)
        )
        rows: list[tuple[Stored, ...]] = list(enumerate([*values, None]))
        for row in rows[:2]:
            one.on.run(insert, row)
        one.on.run_many(insert, rows[2:])
        assert one.rows(f"t{number}") == rows, name
        select = f"SELECT id FROM {{t{number}}} WHERE v IS NOT NULL ORDER BY v"
        if not name.endswith(UNORDERED):
            found = [values[int(row[0])] for row in one.say(select)]  # type: ignore[arg-type]
            assert found == values, name
    one.on.commit()


@pytest.mark.parametrize("name", ["int8", "numeric", "float8", "text", "bytea", "timestamptz"])
def test_keys_of_every_kind_are_found(one: Talk, name: str) -> None:
    type_ = type_of(name)
    one.create(table("t", f"k {name} not null", key="k"))
    insert = one.store.prepare(one.statement("INSERT INTO {t} (k) VALUES (?)", type_))
    one.on.run_many(insert, ((value,) for value in VALUES[name]))
    find = one.store.prepare(one.statement("SELECT k FROM {t} WHERE k = ?", type_))
    for value in VALUES[name]:
        assert one.on.run(find, (value,)) == [(value,)]
        with fails("unique_violation"):
            one.on.run(insert, (value,))


def test_parameters_of_a_template_keep_their_places(one: Talk) -> None:
    statement = Statement(
        Template("SELECT ?, '?', ?, 'it''s ?', ?", {}), parameters=(INT8, TEXT, BYTEA)
    )
    values = (5, "x?y", b"\x00?")
    assert one.on.run(one.store.prepare(statement), values) == [(5, "?", "x?y", "it's ?", b"\x00?")]


def test_a_large_value(one: Talk) -> None:
    one.create(table("t", "v bytea", "w text"))
    blob, text = bytes(range(256)) * 20_000, "é" * 2_000_000
    one.say("INSERT INTO {t} (v, w) VALUES (?, ?)", blob, text, types=(BYTEA, TEXT))
    assert one.rows("t", "2") == [(blob, text)]
