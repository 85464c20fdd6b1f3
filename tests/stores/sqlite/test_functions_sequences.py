"""Sequences: nextval, currval, setval and lastval on the rows of the store."""

from __future__ import annotations

import apsw
import pytest

from fivefold.errors import InvalidState, InvalidStatement, InvalidValue
from fivefold.stores.sqlite.context import Context
from fivefold.stores.sqlite.functions import registry

TABLE = """
CREATE TABLE fivefold_sequences (namespace TEXT, name TEXT, last_value INTEGER, is_called INTEGER,
    increment INTEGER, minimum INTEGER, maximum INTEGER, cycle INTEGER,
    PRIMARY KEY (namespace, name));
INSERT INTO fivefold_sequences VALUES
    ('public', 'up', 1, 0, 1, 1, 3, 0), ('other', 'down', -1, 0, -2, -4, -1, 1);
"""


@pytest.fixture
def raw() -> apsw.Connection:
    found = apsw.Connection(":memory:")
    registry.register(found, Context())
    found.execute(TABLE)
    return found


def value(raw: apsw.Connection, expression: str) -> object:
    return raw.execute(f"SELECT {expression}").get


def test_counts_up_and_ends(raw: apsw.Connection) -> None:
    assert [value(raw, "ff_nextval('public.up')") for _ in range(3)] == [1, 2, 3]
    with pytest.raises(InvalidValue, match=r"reached maximum value of sequence \"up\" \(3\)"):
        value(raw, "ff_nextval('public.up')")
    assert value(raw, "ff_currval('public.up')") == 3
    assert value(raw, "ff_lastval()") == 3


def test_counts_down_and_round(raw: apsw.Connection) -> None:
    assert [value(raw, "ff_nextval('other.down')") for _ in range(3)] == [-1, -3, -1]


def test_draws_once_a_row(raw: apsw.Connection) -> None:
    raw.execute("CREATE TABLE t (id INTEGER)")
    raw.execute("INSERT INTO t SELECT ff_nextval('public.up') FROM (VALUES (1), (2))")
    assert raw.execute("SELECT id FROM t").fetchall() == [(1,), (2,)]


def test_rolls_back_with_its_transaction(raw: apsw.Connection) -> None:
    raw.execute("BEGIN")
    value(raw, "ff_nextval('public.up')")
    raw.execute("ROLLBACK")
    assert value(raw, "ff_nextval('public.up')") == 1


def test_setval(raw: apsw.Connection) -> None:
    assert value(raw, "ff_setval('public.up', 2)") == 2
    assert value(raw, "ff_nextval('public.up')") == 3
    assert value(raw, "ff_setval('public.up', 2, 0)") == 2
    assert value(raw, "ff_nextval('public.up')") == 2
    with pytest.raises(InvalidValue, match="value 9 is out of bounds"):
        value(raw, "ff_setval('public.up', 9)")


def test_what_is_not_there(raw: apsw.Connection) -> None:
    with pytest.raises(InvalidState, match='currval of sequence "up" is not yet defined'):
        value(raw, "ff_currval('public.up')")
    with pytest.raises(InvalidState, match="lastval is not yet defined"):
        value(raw, "ff_lastval()")
    with pytest.raises(InvalidStatement, match='relation "gone" does not exist'):
        value(raw, "ff_nextval('public.gone')")
