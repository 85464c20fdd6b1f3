"""Parses function calls: by name, and those with a syntax of their own."""

from __future__ import annotations

from collections.abc import Callable

import fivefold.languages.sql.parse.expressions as expressions
import fivefold.languages.sql.parse.queries as queries
from fivefold.errors import InvalidStatement
from fivefold.languages.sql import tree
from fivefold.languages.sql.parse.stream import Stream
from fivefold.languages.sql.tree import Expr

_VALUES = frozenset(
    [
        "current_date",
        "current_role",
        "current_user",
        "session_user",
        "user",
        "current_catalog",
        "current_schema",
    ]
)
_TIMES = frozenset({"current_time", "current_timestamp", "localtime", "localtimestamp"})
WITHOUT_PARENTHESES = _VALUES | _TIMES
_SPECIAL = frozenset({"coalesce", "greatest", "least", "nullif"})
_MODES = ("rows", "range", "groups")


def call_by_name(s: Stream, name: tuple[str, ...], at: int) -> Expr:
    """Parse the arguments and all that may follow them; the cursor is on ``(``."""
    s.expect_op("(")
    star = distinct = variadic = False
    arguments: list[Expr] = []
    names: list[str] = []
    order: tuple[tree.SortKey, ...] = ()
    if s.is_op("*"):
        s.advance()
        star = True
    elif not s.is_op(")"):
        distinct = s.accept("distinct")
        if not distinct:
            s.accept("all")
        while True:
            variadic = s.accept("variadic")
            if s.peek() in ("=>", ":=") and s.is_function_name():
                names.append(s.label())
                s.advance()
            elif names:
                raise InvalidStatement(
                    "positional argument cannot follow named argument", position=s.at + 1
                )
            arguments.append(expressions.expression(s))
            if variadic or not s.accept_op(","):
                break
        order = queries.order_by(s)
    s.expect_op(")")
    within: tuple[tree.SortKey, ...] = ()
    at_within = s.at
    if s.accept("within", "group"):
        for used, words in (
            (order, "multiple ORDER BY clauses"),
            (distinct, "DISTINCT"),
            (variadic, "VARIADIC"),
        ):
            if used:
                raise InvalidStatement(
                    f"cannot use {words} with WITHIN GROUP", position=at_within + 1
                )
        s.expect_op("(")
        if not s.is_word("order"):
            raise s.unexpected()
        within = queries.order_by(s)
        s.expect_op(")")
    condition = None
    if s.is_word("filter") and s.peek() == "(":
        s.advance()
        s.advance()
        s.expect("where")
        condition = expressions.expression(s)
        s.expect_op(")")
    over = _over(s)
    over_at = s.tokens[s.index - 1][2] if isinstance(over, str) else -1
    return tree.Call(
        name,
        tuple(arguments),
        at,
        star,
        distinct,
        variadic,
        order,
        within,
        condition,
        over,
        names=tuple(names),
        over_at=over_at,
    )


def _over(s: Stream) -> tree.Window | str | None:
    if not s.is_word("over"):
        return None
    s.advance()
    if s.is_op("("):
        return window(s)
    return s.name()


def window(s: Stream) -> tree.Window:
    """Parse ``(base PARTITION BY … ORDER BY … frame)``."""
    at = s.at
    s.expect_op("(")
    base = None
    if s.is_name() and not s.is_word("partition", *_MODES):
        base = s.name()
    partition: tuple[Expr, ...] = ()
    if s.accept("partition"):
        s.expect("by")
        partition = expressions.expressions(s)
    order = queries.order_by(s)
    frame = _frame(s) if s.is_word(*_MODES) else None
    s.expect_op(")")
    return tree.Window(base, partition, order, frame, at)


def _frame(s: Stream) -> tree.Frame:
    at, mode = s.at, s.value
    s.advance()
    between = s.accept("between")
    start_at = end_at = s.at
    start = _bound(s)
    end: tuple[str, Expr | None] = ("current row", None)
    if between:
        s.expect("and")
        end_at = s.at
        end = _bound(s)
    _check_bounds(start[0], end[0], start_at, end_at, between=between)
    exclude = None
    if s.accept("exclude"):
        for words in (("current", "row"), ("group",), ("ties",), ("no", "others")):
            if s.accept(*words):
                exclude = " ".join(words)
                break
        else:
            raise s.unexpected()
    return tree.Frame(mode, start, end, exclude, between, at)


def _check_bounds(start: str, end: str, start_at: int, end_at: int, *, between: bool) -> None:
    problem, at = None, end_at
    if start == "unbounded following":
        problem, at = "frame start cannot be UNBOUNDED FOLLOWING", start_at
    elif end == "unbounded preceding":
        problem = "frame end cannot be UNBOUNDED PRECEDING"
    elif start == "following" and not between:
        problem = "frame starting from following row cannot end with current row"
    elif start == "following" and end in ("current row", "preceding"):
        problem = "frame starting from following row cannot have preceding rows"
    elif start == "current row" and end == "preceding":
        problem = "frame starting from current row cannot have preceding rows"
    if problem is not None:
        raise InvalidStatement(problem, "windowing_error", position=at + 1)


def _bound(s: Stream) -> tuple[str, Expr | None]:
    for words in (("unbounded", "preceding"), ("unbounded", "following"), ("current", "row")):
        if s.accept(*words):
            return " ".join(words), None
    offset = expressions.expression(s)
    if not s.is_word("preceding", "following"):
        raise s.unexpected()
    side = s.value
    s.advance()
    return side, offset


def special_call(s: Stream) -> Expr | None:
    """Parse a call with its own syntax if one stands here, else return None."""
    word, at = s.value, s.at
    if word in _VALUES:
        if word == "current_schema" and s.peek() == "(":
            return None
        s.advance()
        return tree.Call((word,), (), at, syntax=True)
    if word in _TIMES:
        return _time(s)
    if s.peek() != "(":
        return None
    if word in _SPECIAL:
        s.advance()
        s.advance()
        found = expressions.expressions(s)
        if word == "nullif" and len(found) != 2:
            raise s.unexpected()
        s.expect_op(")")
        return tree.Special(word, found, at)
    parser = _SYNTAX.get(word)
    if parser is None:
        if word in _UNSUPPORTED:
            raise s.unsupported(word.upper())
        return None
    s.advance()
    s.advance()
    name, arguments, syntax = parser(s)
    s.expect_op(")")
    return tree.Call((name,), arguments, at, syntax=syntax)


_UNSUPPORTED = frozenset(
    [
        "treat",
        "xmlconcat",
        "xmlelement",
        "xmlexists",
        "xmlforest",
        "xmlparse",
        "xmlpi",
        "xmlroot",
        "xmlserialize",
    ]
)


def _time(s: Stream) -> Expr:
    word, at = s.value, s.at
    s.advance()
    arguments: tuple[Expr, ...] = ()
    if s.accept_op("("):
        arguments = (tree.Const("int", s.value, s.at, -1),)
        if s.kind != "int":
            raise s.unexpected()
        s.advance()
        s.expect_op(")")
    return tree.Call((word,), arguments, at, syntax=True)


def _extract(s: Stream) -> tuple[str, tuple[Expr, ...], bool]:
    if s.kind not in ("word", "name", "string"):
        raise s.unexpected()
    field = tree.Const("string", s.value, s.at, -1)
    s.advance()
    s.expect("from")
    return "extract", (field, expressions.expression(s)), True


def _substring(s: Stream) -> tuple[str, tuple[Expr, ...], bool]:
    found = [expressions.expression(s)]
    if s.is_op(","):
        while s.accept_op(","):
            found.append(expressions.expression(s))
        return "substring", tuple(found), False
    if s.accept("similar"):
        found.append(expressions.expression(s))
        s.expect("escape")
        return "substring", (*found, expressions.expression(s)), True
    start = length = None
    while s.is_word("from", "for"):
        word = s.value
        s.advance()
        value = expressions.expression(s)
        if word == "from" and start is None:
            start = value
        elif word == "for" and length is None:
            length = value
        else:
            raise s.unexpected()
    if start is None and length is not None:
        start = tree.Const("int", "1", s.at, -1)
    parts = (found[0], start, length)
    return "substring", tuple(part for part in parts if part is not None), True


def _grouping(s: Stream) -> tuple[str, tuple[Expr, ...], bool]:
    return "grouping", expressions.expressions(s), True


def _position(s: Stream) -> tuple[str, tuple[Expr, ...], bool]:
    needle = expressions.expression(s, expressions.OTHER)
    s.expect("in")
    return "position", (expressions.expression(s, expressions.OTHER), needle), True


def _overlay(s: Stream) -> tuple[str, tuple[Expr, ...], bool]:
    found = [expressions.expression(s)]
    if s.accept_op(","):
        found.extend(expressions.expressions(s))
        return "overlay", tuple(found), False
    s.expect("placing")
    found.append(expressions.expression(s))
    s.expect("from")
    found.append(expressions.expression(s))
    if s.accept("for"):
        found.append(expressions.expression(s))
    return "overlay", tuple(found), True


def _trim(s: Stream) -> tuple[str, tuple[Expr, ...], bool]:
    name = "btrim"
    for word, function in (("both", "btrim"), ("leading", "ltrim"), ("trailing", "rtrim")):
        if s.accept(word):
            name = function
            break
    if s.accept("from"):
        return name, expressions.expressions(s), True
    found = [expressions.expression(s)]
    if s.accept("from"):
        return name, (*expressions.expressions(s), *found), True
    while s.accept_op(","):
        found.append(expressions.expression(s))
    return name, tuple(found), True


def _normalize(s: Stream) -> tuple[str, tuple[Expr, ...], bool]:
    found = [expressions.expression(s)]
    if s.accept_op(","):
        if not s.is_word(*NORMAL_FORMS):
            raise s.unexpected()
        found.append(tree.Const("string", s.value.upper(), s.at, -1))
        s.advance()
    return "normalize", tuple(found), True


NORMAL_FORMS = ("nfc", "nfd", "nfkc", "nfkd")

_Parser = Callable[[Stream], tuple[str, tuple[Expr, ...], bool]]
_SYNTAX: dict[str, _Parser] = {
    "extract": _extract,
    "grouping": _grouping,
    "substring": _substring,
    "position": _position,
    "overlay": _overlay,
    "normalize": _normalize,
    "trim": _trim,
}
