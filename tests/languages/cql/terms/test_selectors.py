"""Selectors over a row, against what a real Cassandra 5.0.5 answered: ``selectors.txt``."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fivefold.errors import FivefoldError
from fivefold.values.cql.codecs import codec_of
from fivefold.values.cql.names import type_text
from tests.languages.cql.terms.rig import row, scope, selected, value_of

LINES = (Path(__file__).parent / "selectors.txt").read_text().splitlines()
CASES = [line.split(" => ", 1) for line in LINES if not line.startswith("#")]
KNOWN = re.compile(r"\((known type|can be matched by following) signatures: .*\)", re.DOTALL)


def answer(text: str) -> str:
    try:
        if "?" in text:
            of = scope()
            selected(text, of)
            return "markers " + ", ".join(f"{s.name} {type_text(s.type)}" for s in of.parameters)
        value, found = value_of(text)
    except FivefoldError as error:
        shown = KNOWN.sub(
            lambda each: "(known)" if "known" in each[0][:6] else "(sigs)", str(error)
        )
        return f"error {shown.strip(chr(34))}"
    literal = "null" if value is None else codec_of(found.type).to_literal(value)
    return f"{found.name} | {type_text(found.type)} | {literal}"


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[text for text, _ in CASES])
def test_answers_as_cassandra_does(text: str, expected: str) -> None:
    assert answer(text) == expected


def test_a_column_is_passed_on() -> None:
    value, found = value_of("n")
    assert (value, found.name, found.column, found.columns) == (42, "n", "n", ("n",))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("count(*)", 3),
        ("count(n)", 2),
        ("sum(n)", -2147483648),
        ("avg(n)", 1073741824),
        ("avg(de)", "0.63"),
        ("max(n) + 1", -2147483648),
        ("max(te)", "z"),
        ("c", 1),
    ],
)
def test_groups_of_rows(text: str, expected: object) -> None:
    rows = [
        row(n=2147483647, de="0.25", te="a"),
        row(n=1, de="1", te="z", c=2),
        row(n=None, de=None, te=None, c=3),
    ]
    assert value_of(text, rows=rows)[0] == expected


@pytest.mark.parametrize(("text", "expected"), [("count(n)", 0), ("sum(n)", 0), ("min(n)", None)])
def test_no_rows(text: str, expected: object) -> None:
    assert value_of(text, rows=())[0] == expected
