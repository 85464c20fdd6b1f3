"""What stands in WHERE, and in IF of conditional changes."""

from __future__ import annotations

from fivefold.languages.cql.parse import terms, tokens
from fivefold.languages.cql.parse.stream import Stream
from fivefold.languages.cql.tree import ColumnName, Relation, Term, TupleLiteral

_COMPARISONS = ("=", "<", ">", "<=", ">=", "!=")

_FOLLOWING = frozenset(
    {
        *(tokens.END, ";", "GROUP", "ORDER", "PER", "LIMIT", "ALLOW", "IF", "PRIMARY"),
        *("INSERT", "UPDATE", "DELETE", "APPLY"),
    }
)
"""What may come after WHERE, of the statements that have it, and in a batch."""


def where(s: Stream) -> tuple[Relation, ...]:
    """Read ``WHERE relation AND …``; nothing if there is none."""
    return _joined(s) if s.accept("WHERE") else ()


def required_where(s: Stream) -> tuple[Relation, ...]:
    """Read WHERE, which has to be there."""
    s.expect("WHERE")
    return _joined(s)


def conditions(s: Stream) -> tuple[tuple[Relation, ...], bool]:
    """Read IF of UPDATE and DELETE: the conditions, and whether it is IF EXISTS."""
    if not s.accept("IF"):
        return (), False
    if s.mark == "EXISTS" and s.peek() not in (*_COMPARISONS, "IN", "[", "."):
        s.advance()
        return (), True
    found = [_condition(s)]
    while s.accept("AND"):
        found.append(_condition(s))
    return tuple(found), False


def _joined(s: Stream) -> tuple[Relation, ...]:
    found = [_relation(s)]
    while s.accept("AND"):
        found.append(_relation(s))
    if s.mark not in _FOLLOWING:
        s.fail()
    return tuple(found)


def _relation(s: Stream) -> Relation:
    s.enter()
    found = _one(s)
    s.leave()
    return found


def _one(s: Stream) -> Relation:
    at = s.at
    if s.mark == "TOKEN" and s.peek() == "(":
        s.advance()
        s.expect("(")
        columns = s.listed(_column)
        s.expect(")")
        if s.mark not in _COMPARISONS:
            s.fail()
        operator = s.advance().raw
        return Relation(columns, operator, terms.term(s), token=True, at=at)
    if s.mark == "(":
        return _several(s)
    column = _column(s)
    if s.accept("["):
        key = terms.term(s)
        s.expect("]")
        return _compared(s, column, at, key=key)
    if s.accept("IS"):
        s.expect("NOT", "NULL")
        return Relation((column,), "IS NOT NULL", None, at=at)
    if s.accept("LIKE"):
        return Relation((column,), "LIKE", terms.term(s), at=at)
    if s.accept("CONTAINS"):
        operator = "CONTAINS KEY" if s.accept("KEY") else "CONTAINS"
        return Relation((column,), operator, terms.term(s), at=at)
    return _compared(s, column, at)


def _column(s: Stream) -> ColumnName:
    at = s.at
    return ColumnName(s.name(), at)


def _compared(
    s: Stream,
    column: ColumnName,
    at: int,
    *,
    key: Term | None = None,
    field: str | None = None,
) -> Relation:
    if s.accept("IN"):
        return Relation((column,), "IN", _choices(s), key=key, field=field, at=at)
    if s.mark not in _COMPARISONS:
        s.fail()
    operator = s.advance().raw
    return Relation((column,), operator, terms.term(s), key=key, field=field, at=at)


def _choices(s: Stream) -> Term:
    """Read what stands after IN."""
    if s.mark in ("?", ":"):
        return terms.marker(s)
    at = s.at
    if s.mark != "(":
        s.fail()
    s.advance()
    items = () if s.mark == ")" else s.listed(terms.term)
    s.expect(")")
    return TupleLiteral(items, at)


def _several(s: Stream) -> Relation:
    """Read ``(a, b) > (1, 2)``, or a relation in brackets."""
    at, index = s.at, s.index
    s.expect("(")
    if not (s.is_name() and s.peek() in (",", ")")):
        s.go_to(index)
        s.expect("(")
        inner = _relation(s)
        s.expect(")")
        return inner
    columns = s.listed(_column)
    s.expect(")")
    if s.accept("IN"):
        return Relation(columns, "IN", _choices(s), several=True, at=at)
    if s.mark not in _COMPARISONS:
        s.fail()
    operator = s.advance().raw
    if s.mark not in ("?", ":", "("):
        s.fail()
    return Relation(columns, operator, terms.term(s), several=True, at=at)


def _condition(s: Stream) -> Relation:
    at = s.at
    column = _column(s)
    key = field = None
    if s.accept("["):
        key = terms.term(s)
        s.expect("]")
    elif s.accept("."):
        field = s.name()
    elif s.accept("CONTAINS"):
        operator = "CONTAINS KEY" if s.accept("KEY") else "CONTAINS"
        return Relation((column,), operator, terms.term(s), at=at)
    return _compared(s, column, at, key=key, field=field)
