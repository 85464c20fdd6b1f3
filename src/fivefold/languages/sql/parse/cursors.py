"""Parses cursors, LOCK TABLE, and statements that ask for housekeeping which is not needed here."""

from __future__ import annotations

from collections.abc import Callable

import fivefold.languages.sql.parse.queries as queries
from fivefold.errors import InvalidStatement
from fivefold.languages.sql import commands, definitions
from fivefold.languages.sql.parse.stream import Stream

_DIRECTIONS = ("next", "prior", "first", "last", "absolute", "relative", "forward", "backward")


def _declare(s: Stream) -> definitions.DeclareCursor:
    at = s.at
    s.advance()
    name = s.name()
    scroll: bool | None = None
    binary = insensitive = False
    while not s.is_word("cursor"):
        before = scroll
        if s.accept("no", "scroll"):
            scroll = False
        elif s.accept("scroll"):
            scroll = True
        elif s.accept("binary"):
            binary = True
        elif s.accept("insensitive"):
            insensitive = True
        elif not s.accept("asensitive"):
            raise s.unexpected()
        if before is not None and before is not scroll:
            raise InvalidStatement(
                "cannot specify both SCROLL and NO SCROLL", "invalid_cursor_definition"
            )
    s.advance()
    hold = s.accept("with", "hold")
    if not hold:
        s.accept("without", "hold")
    s.expect("for")
    query = queries.query(s)
    return definitions.DeclareCursor(name, query, scroll, hold, binary, insensitive, at)


def _fetch(s: Stream) -> commands.Fetch:
    move = s.value == "move"
    s.advance()
    direction, count = _direction(s)
    if not s.accept("from"):
        s.accept("in")
    return commands.Fetch(s.name(), direction, count, move, "MOVE" if move else "FETCH")


def _direction(s: Stream) -> tuple[str, int | None]:
    if s.kind == "int" or s.is_op("-") or s.is_op("+"):
        count = s.signed_integer()
        return ("forward", count) if count >= 0 else ("backward", -count)
    if s.accept("all"):
        return "forward", None
    if not s.is_word(*_DIRECTIONS):
        return "forward", 1
    word = s.value
    s.advance()
    if word in ("next", "prior"):
        return ("forward" if word == "next" else "backward"), 1
    if word in ("first", "last"):
        return word, 1
    if word in ("absolute", "relative"):
        return word, s.signed_integer()
    if s.accept("all"):
        return word, None
    if s.kind == "int" or s.is_op("-") or s.is_op("+"):
        return word, s.signed_integer()
    return word, 1


def _close(s: Stream) -> commands.CloseCursor:
    s.advance()
    if s.accept("all"):
        return commands.CloseCursor(None, "CLOSE CURSOR ALL")
    return commands.CloseCursor(s.name())


_MODES = (
    "access share",
    "row share",
    "row exclusive",
    "share update exclusive",
    "share row exclusive",
    "share",
    "exclusive",
    "access exclusive",
)


def _lock(s: Stream) -> definitions.LockTable:
    at = s.at
    s.advance()
    s.accept("table")
    names: list[tuple[tuple[str, ...], int]] = []
    while True:
        s.accept("only")
        place = s.at
        names.append((s.qualified(), place))
        s.accept_op("*")
        if not s.accept_op(","):
            break
    mode = "access exclusive"
    if s.accept("in"):
        for mode in _MODES:
            if s.accept(*mode.split()):
                break
        else:
            raise s.unexpected()
        s.expect("mode")
    return definitions.LockTable(tuple(names), mode.upper(), s.accept("nowait"), at)


PARSERS: dict[str, Callable[[Stream], commands.Command | definitions.Definition]] = {
    "declare": _declare,
    "fetch": _fetch,
    "move": _fetch,
    "close": _close,
    "lock": _lock,
}
