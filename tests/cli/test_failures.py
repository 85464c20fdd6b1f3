"""Errors as a person sees them."""

from __future__ import annotations

import pytest

from fivefold.cli.failures import lines
from fivefold.errors import InvalidStatement, Violation


@pytest.mark.parametrize(
    ("statement", "position", "shown"),
    [
        ("SELECT nope", 8, ["LINE 1: SELECT nope", "               ^"]),
        ("SELECT\n  nope,\n 2", 10, ["LINE 2:   nope,", "          ^"]),
        ("SELECT", 7, ["LINE 1: SELECT", "              ^"]),
        ("日本 x", 4, ["LINE 1: 日本 x", "             ^"]),
        ("a\tx", 3, ["LINE 1: a x", "          ^"]),
        ("", 1, []),
    ],
)
def test_caret(statement: str, position: int, shown: list[str]) -> None:
    error = InvalidStatement("no", position=position)
    assert [line.plain for line in lines(error, statement)] == ["ERROR: no", *shown]


def test_the_place_in_a_long_line() -> None:
    statement = "x" * 500 + "!" + "y" * 500
    _, line, caret = (line.plain for line in lines(InvalidStatement("no", position=501), statement))
    assert len(line) <= 110
    assert line[len(caret) - 1] == "!"


def test_detail_and_hint() -> None:
    error = Violation("no", detail="a [b] c", hint="do")
    assert [line.plain for line in lines(error)] == ["ERROR: no", "DETAIL: a [b] c", "HINT: do"]
