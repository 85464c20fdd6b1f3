"""Terms: of values, and of what SELECT selects, where columns may stand in them."""

from __future__ import annotations

from collections.abc import Callable

from fivefold.languages.cql.parse import tokens, types
from fivefold.languages.cql.parse.stream import Stream
from fivefold.languages.cql.tree import (
    Arithmetic,
    Call,
    Cast,
    ColumnName,
    Constant,
    ElementOf,
    FieldOf,
    ListLiteral,
    MapLiteral,
    Marker,
    Negation,
    SetLiteral,
    SliceOf,
    Term,
    TupleLiteral,
    TypeHint,
    UserLiteral,
)

_CONSTANTS = {
    tokens.STRING: "string",
    tokens.INTEGER: "integer",
    tokens.FLOAT: "float",
    tokens.UUID: "uuid",
    tokens.HEX: "hex",
    tokens.DURATION: "duration",
    "TRUE": "boolean",
    "FALSE": "boolean",
    "NULL": "null",
    "NAN": "float",
    "INFINITY": "float",
}

_NUMBERS = (tokens.INTEGER, tokens.FLOAT, tokens.DURATION)

_WORDS = {"NAN": "NaN", "INFINITY": "Infinity"}


def term(s: Stream) -> Term:
    """Read a value: no columns in it."""
    return _sum(s, columns=False)


def selected(s: Stream) -> Term:
    """Read a term of a selection, in which columns may stand."""
    return _sum(s, columns=True)


def summand(s: Stream) -> Term:
    """Read what may be the first summand of a value."""
    return _product(s, columns=False)


def rest_of_sum(s: Stream, first: Term) -> Term:
    """Read what follows the first summand."""
    return _added(s, first, columns=False)


def _sum(s: Stream, *, columns: bool) -> Term:
    return _added(s, _product(s, columns=columns), columns=columns)


def _added(s: Stream, left: Term, *, columns: bool) -> Term:
    while s.mark in ("+", "-"):
        at = s.at
        operator = s.advance().raw
        left = Arithmetic(operator, left, _product(s, columns=columns), at)
    return left


def _product(s: Stream, *, columns: bool) -> Term:
    left = _signed(s, columns=columns)
    while s.mark in ("*", "/", "%"):
        at = s.at
        operator = s.advance().raw
        left = Arithmetic(operator, left, _signed(s, columns=columns), at)
    return left


def _signed(s: Stream, *, columns: bool) -> Term:
    if s.mark != "-":
        return _simple(s, columns=columns)
    s.enter()
    at = s.at
    s.advance()
    operand = _signed(s, columns=columns)
    s.leave()
    signed = isinstance(operand, Constant) and operand.kind in ("integer", "float", "duration")
    if signed and isinstance(operand, Constant) and not operand.text.startswith("-"):
        return Constant(operand.kind, f"-{operand.text}", at)
    return Negation(operand, at)


def _simple(s: Stream, *, columns: bool) -> Term:
    s.enter()
    found = _primary(s, columns=columns)
    while columns or s.mark == "[":
        if s.mark == "." and columns:
            at = s.at
            s.advance()
            found = FieldOf(found, s.name(), at)
        elif s.mark == "[" and columns:
            found = _subscript(s, found)
        else:
            break
    s.leave()
    return found


def _subscript(s: Stream, operand: Term) -> Term:
    at = s.at
    s.expect("[")
    low = None if s.mark == ".." else term(s)
    if s.accept(".."):
        high = None if s.mark == "]" else term(s)
        s.expect("]")
        return SliceOf(operand, low, high, at)
    s.expect("]")
    assert low is not None
    return ElementOf(operand, low, at)


def _primary(s: Stream, *, columns: bool) -> Term:
    mark, at = s.mark, s.at
    kind = _CONSTANTS.get(mark)
    if kind is not None and not (columns and mark in ("TRUE", "FALSE") and s.peek() == "("):
        text = _WORDS.get(mark, s.advance().text)
        return Constant(kind, text, at)  # type: ignore[arg-type]  # one of the table's words
    if mark in ("?", ":"):
        return marker(s)
    if mark == "[":
        s.advance()
        items = () if s.mark == "]" else s.listed(_inside(columns=columns))
        s.expect("]")
        return ListLiteral(items, at)
    if mark == "{":
        return _braces(s, columns=columns)
    if mark == "(":
        return _brackets(s, columns=columns)
    if mark == "CAST" and s.peek() == "(":
        return _cast(s)
    if (s.is_name() or mark == "TOKEN") and _is_call(s):
        return call(s, columns=columns)
    if columns and s.is_name():
        return ColumnName(s.advance().text, at)
    raise s.no_alternative()


def _is_call(s: Stream) -> bool:
    return s.peek() == "(" or (s.peek() == "." and s.peek(3) == "(")


def _inside(*, columns: bool) -> Callable[[Stream], Term]:
    return selected if columns else term


def marker(s: Stream) -> Marker:
    """Read ``?`` or ``:name``."""
    at = s.at
    name = None
    if s.accept(":"):
        name = s.name()
    else:
        s.expect("?")
    found = Marker(len(s.markers), name, at)
    s.markers.append(found)
    return found


def _braces(s: Stream, *, columns: bool) -> Term:
    at = s.at
    s.expect("{")
    if s.accept("}"):
        return SetLiteral((), at)
    if s.is_name() and s.peek() == ":" and not _is_call(s):
        return _user_literal(s, at, columns=columns)
    inside = _inside(columns=columns)
    first = inside(s)
    if s.mark != ":":
        items = [first]
        while s.accept(","):
            items.append(inside(s))
        s.expect("}")
        return SetLiteral(tuple(items), at)
    s.advance()
    pairs = [(first, inside(s))]
    while s.accept(","):
        key = inside(s)
        s.expect(":")
        pairs.append((key, inside(s)))
    s.expect("}")
    return MapLiteral(tuple(pairs), at)


def _user_literal(s: Stream, at: int, *, columns: bool) -> UserLiteral:
    inside = _inside(columns=columns)
    pairs = []
    while True:
        name = s.name()
        s.expect(":")
        pairs.append((name, inside(s)))
        if not s.accept(","):
            break
    s.expect("}")
    return UserLiteral(tuple(pairs), at)


def _brackets(s: Stream, *, columns: bool) -> Term:
    """Read ``(type) a``, a tuple, or a term in brackets."""
    at, index, count = s.at, s.index, len(s.markers)
    if s.peek() == tokens.STRING or s.peek()[:1].isalpha() or s.peek() == tokens.QUOTED:
        hint = _type_hint(s, columns=columns)
        if hint is not None:
            return hint
        s.go_to(index)
        del s.markers[count:]
    s.expect("(")
    items = s.listed(_inside(columns=columns))
    s.expect(")")
    return TupleLiteral(items, at)


def _type_hint(s: Stream, *, columns: bool) -> TypeHint | None:
    """Read ``(type) a``; None if the brackets hold no type, or nothing that it could hint at."""
    at = s.at
    s.expect("(")
    try:
        type_ = types.type_name(s)
    except Exception as error:  # whatever is wrong with it as a type, it may be a term
        if not getattr(error, "code", None):
            raise
        return None
    if s.mark != ")":
        return None
    s.advance()
    if not _begins_term(s, columns=columns):
        return None
    hinted = _signed if s.mark == "-" else _simple
    return TypeHint(type_, hinted(s, columns=columns), at)


def _begins_term(s: Stream, *, columns: bool) -> bool:
    mark = s.mark
    if mark in _CONSTANTS or mark in ("?", ":", "[", "{", "("):
        return True
    if mark == "-":  # a number's own sign; but ``(a) - b`` is a difference
        return _is_signed_number(s)
    return (s.is_name() or mark == "TOKEN") and (columns or _is_call(s))


def _is_signed_number(s: Stream) -> bool:
    """Say whether a number comes next whose ``-`` touches it: one token of Cassandra's."""
    return s.peek() in _NUMBERS and s.tokens[s.index + 1].at == s.at + 1


def whole_number(s: Stream) -> Term:
    """Read what may follow TIMESTAMP and TTL after USING: a whole number or a marker.

    Source: ``intValue`` of Cassandra 5's grammar; null, texts and sums are syntax errors.
    """
    signed = s.mark == "-" and s.peek() == tokens.INTEGER and _is_signed_number(s)
    if signed or s.mark == tokens.INTEGER:
        return _signed(s, columns=False)
    if s.mark in ("?", ":"):
        return marker(s)
    raise s.no_alternative()


def _cast(s: Stream) -> Cast:
    at = s.at
    s.expect("CAST", "(")
    operand = selected(s)
    s.expect("AS")
    type_ = types.type_name(s)
    s.expect(")")
    return Cast(operand, type_, at)


def call(s: Stream, *, columns: bool) -> Call:
    """Read a function's call."""
    at = s.at
    if s.mark == "TOKEN":
        s.advance()
        name: tuple[str | None, str] = (None, "token")
    else:
        name = s.qualified()
    s.expect("(")
    if name[1] == "count" and s.accept("*"):
        s.expect(")")
        return Call(name, (), True, at)
    arguments = () if s.mark == ")" else s.listed(_inside(columns=columns))
    s.expect(")")
    return Call(name, arguments, False, at)
