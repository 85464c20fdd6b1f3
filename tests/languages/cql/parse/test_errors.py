"""What is no CQL: the messages are those that Cassandra 5.0.5 gave for the same texts."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fivefold.errors import FivefoldError, InvalidStatement
from fivefold.languages.cql.parse import parse
from fivefold.values.cql import faults

WRONG = {
    "SELEC * FROM x": "line 1:0 no viable alternative at input 'SELEC' ([SELEC]...)",
    "SELECT FROM x": "line 1:7 no viable alternative at input 'FROM' (SELECT [FROM]...)",
    "SELECT * FRO x": "line 1:9 mismatched input 'FRO' expecting K_FROM (SELECT * [FRO]...)",
    "SELECT * FROM": "line 0:-1 no viable alternative at input '<EOF>'",
    "SELECT * FROM x WHERE": "line 0:-1 no viable alternative at input '<EOF>'",
    "SELECT * FROM x WHERE a = ": "line 0:-1 no viable alternative at input '<EOF>'",
    "SELECT * FROM x WHERE a = 'b": "line 1:28 mismatched character '<EOF>' expecting '''",
    "SELECT * FROM x LIMIT 1 foo": (
        "line 1:24 mismatched input 'foo' expecting EOF (...* FROM x LIMIT 1 [foo])"
    ),
    "SELECT * FROM lead.c LIMIT 'a'": (
        "line 1:27 no viable alternative at input 'a' (...* FROM lead.c LIMIT [']...)"
    ),
    "INSERT INTO x (a) VALUES 1": (
        "line 1:25 mismatched input '1' expecting '(' (...INTO x (a) VALUES [1])"
    ),
    "UPDATE x SET a = 1": "line 0:-1 mismatched input '<EOF>' expecting K_WHERE",
    "CREATE TABLE x": "line 0:-1 mismatched input '<EOF>' expecting '('",
    "CREATE KEYSPACE x": "line 0:-1 mismatched input '<EOF>' expecting K_WITH",
    "foo": "line 1:0 no viable alternative at input 'foo' ([foo])",
    ";": "line 1:0 no viable alternative at input ';' ([;])",
    "SELECT * FROM x; SELECT 1": (
        "line 1:17 mismatched input 'SELECT' expecting EOF (SELECT * FROM x; [SELECT]...)"
    ),
    'SELECT * FROM "X': "line 1:16 mismatched character '<EOF>' expecting '\"'",
    "SELECT @ FROM x": "line 1:7 no viable alternative at character '@'",
    "BEGIN BATCH SELECT * FROM x APPLY BATCH": (
        "line 1:12 mismatched input 'SELECT' expecting K_APPLY (BEGIN BATCH [SELECT]...)"
    ),
    "SELECT * FROM select": (
        "line 1:14 no viable alternative at input 'select' (SELECT * FROM [select])"
    ),
    "UPDATE x SET a = b + 1 WHERE k = 1": (
        "Only expressions of the form X = X +<value> are supported."
    ),
    "UPDATE x SET l = [0] + m WHERE k = 1": (
        "Only expressions of the form X = <value> + X are supported."
    ),
    "UPDATE x SET a = 1, a = 2 WHERE k = 1": "Multiple incompatible setting of column a",
    "UPDATE x SET u.a = 1, u.a = 2 WHERE k = 1": "Multiple incompatible setting of column u",
    "DELETE FROM lead.c USING TTL 5 WHERE k = 1": (
        "line 1:25 mismatched input 'TTL' expecting K_TIMESTAMP (DELETE FROM lead.c USING [TTL]...)"
    ),
    "CREATE TABLE x (a int PRIMARY KEY) WITH comment = 5 AND comment = 6": (
        "Multiple definitions for property 'comment'"
    ),
    "CREATE TABLE x (k frozen<int> PRIMARY KEY)": (
        "frozen<> is only allowed on collections, tuples, and user-defined types (got int)"
    ),
    "SELECT * FROM x WHERE a = 1 OR b = 2": (
        "line 1:28 no viable alternative at input 'OR' (...x WHERE a = 1 [OR]...)"
    ),
    "SELECT * FROM a\nWHERE k =\n  5 5": (
        "line 3:4 no viable alternative at input '5' (...aWHERE k =  5 [5])"
    ),
}


@pytest.mark.parametrize("text", WRONG)
def test_message(text: str) -> None:
    with pytest.raises(InvalidStatement) as raised:
        parse(text)
    assert str(raised.value) == WRONG[text]
    assert raised.value.number == faults.SYNTAX


def test_position_counts_characters() -> None:
    with pytest.raises(InvalidStatement) as raised:
        parse("SELECT * FRO x")
    assert raised.value.position == 10


def test_nesting_is_bounded() -> None:
    with pytest.raises(FivefoldError, match="nested"):
        parse("SELECT * FROM x WHERE a = " + "[" * 5_000)


_WORDS = st.sampled_from(
    re.findall(
        r"\S+",
        """SELECT * FROM x WHERE a = 1 ( ) [ ] { } , : ? 'b' "C" AND IN TOKEN USING TTL BATCH
        INSERT INTO VALUES UPDATE SET DELETE CREATE TABLE TYPE INDEX ON IF NOT EXISTS PRIMARY
        BEGIN KEY < > <= int frozen list map . .. - + 1d 0xff 5.5 CAST AS count LIMIT ORDER BY
        GROUP ; é $$""",
    )
)


@given(st.lists(_WORDS, max_size=14).map(" ".join) | st.text(max_size=30))
def test_garbage_is_refused_or_understood(text: str) -> None:
    with suppress(InvalidStatement):
        assert parse(text).text == text
