"""Parts that several statements of DDL share."""

from __future__ import annotations

from fivefold.languages.sql.definitions import Span
from fivefold.languages.sql.parse import expressions
from fivefold.languages.sql.parse.stream import Stream


def if_not_exists(s: Stream) -> bool:
    return s.accept("if", "not", "exists")


def if_exists(s: Stream) -> bool:
    return s.accept("if", "exists")


def cascade(s: Stream) -> bool:
    if s.accept("cascade"):
        return True
    s.accept("restrict")
    return False


def span(s: Stream, level: int = expressions.OR) -> Span:
    """Parse an expression and keep its text."""
    start = s.at
    value = expressions.expression(s, level)
    return Span(value, s.text[start : s.previous_end()], start)
