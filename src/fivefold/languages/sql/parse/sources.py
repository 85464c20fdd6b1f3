"""Parses what stands in FROM: relations, joins, functions, queries, and their aliases.

Source: the PostgreSQL manual, "SELECT", FROM Clause.
"""

from __future__ import annotations

import fivefold.languages.sql.parse.calls as calls
import fivefold.languages.sql.parse.expressions as expressions
import fivefold.languages.sql.parse.queries as queries
from fivefold.languages.sql import tree
from fivefold.languages.sql.parse.stream import Stream
from fivefold.languages.sql.parse.types import type_name
from fivefold.languages.sql.tree import Expr


def from_list(s: Stream) -> tuple[tree.Source, ...]:
    """Parse the sources after FROM or USING."""
    found = [source(s)]
    while s.accept_op(","):
        found.append(source(s))
    return tuple(found)


def source(s: Stream) -> tree.Source:
    """Parse one source with the joins that follow it."""
    s.deeper()
    left = _single(s)
    while True:
        at = s.at
        natural = s.accept("natural")
        kind = _join_kind(s)
        if kind is None:
            if natural:
                raise s.unexpected()
            s.depth -= 1
            return left
        if kind == "cross":
            if natural:
                raise s.unexpected()
            left = tree.Join(kind, left, _single(s), None, None, False, None, at)
            continue
        # It binds to the right only if its condition has not come yet: a JOIN b JOIN c ON … ON …
        right = _single(s)
        if not natural and not s.is_word("on", "using"):
            right = _nested(s, right)
        condition = using = None
        if not natural:
            if s.accept("on"):
                condition = expressions.expression(s)
            else:
                s.expect("using")
                using = s.names()
                if s.is_word("as"):
                    raise s.unsupported("JOIN USING … AS")
        left = tree.Join(kind, left, right, condition, using, natural, None, at)


def _nested(s: Stream, left: tree.Source) -> tree.Source:
    while not s.is_word("on", "using"):
        at = s.at
        natural = s.accept("natural")
        kind = _join_kind(s)
        if kind is None:
            raise s.unexpected()
        right = _single(s)
        condition = using = None
        if kind != "cross" and not natural:
            if not s.is_word("on", "using"):
                right = _nested(s, right)
            if s.accept("on"):
                condition = expressions.expression(s)
            else:
                s.expect("using")
                using = s.names()
        left = tree.Join(kind, left, right, condition, using, natural, None, at)
    return left


def _join_kind(s: Stream) -> str | None:
    if s.accept("join") or s.accept("inner", "join"):
        return "inner"
    if s.accept("cross", "join"):
        return "cross"
    if s.is_word("left", "right", "full") and s.peek() in ("join", "outer"):
        kind = s.value
        s.advance()
        s.accept("outer")
        s.expect("join")
        return kind
    return None


def _single(s: Stream) -> tree.Source:
    at = s.at
    lateral = s.accept("lateral")
    if s.is_op("("):
        if queries.starts_query_in_parentheses(s):
            s.advance()
            inner = queries.query(s)
            s.expect_op(")")
            return tree.Derived(inner, alias(s), lateral, at)
        s.advance()
        joined = source(s)
        s.expect_op(")")
        named = alias(s)
        if named is not None:
            raise s.unsupported("an alias for a parenthesized join", named.at)
        return joined
    if lateral or (s.kind in ("word", "name") and _calls_function(s)):
        return _function(s, lateral, at)
    return relation(s)


def _calls_function(s: Stream) -> bool:
    if s.kind == "word" and (s.value in calls.WITHOUT_PARENTHESES):
        return True
    if s.is_word("rows") and s.peek() == "from":
        return True
    ahead = 1
    while s.peek(ahead) == ".":
        ahead += 2
    return s.peek(ahead) == "(" and not s.is_word("only")


def _function(s: Stream, lateral: bool, at: int) -> tree.Source:
    found: list[tuple[Expr, tree.Alias | None]] = []
    if s.accept("rows", "from"):
        s.expect_op("(")
        while True:
            call = _called(s)
            found.append((call, alias(s) if s.is_word("as") else None))
            if not s.accept_op(","):
                break
        s.expect_op(")")
    else:
        found.append((_called(s), None))
    ordinality = s.accept("with", "ordinality")
    return tree.FunctionSource(tuple(found), alias(s), ordinality, lateral, at)


def _called(s: Stream) -> Expr:
    found = expressions.primary(s)
    if not isinstance(found, tree.Call | tree.Special | tree.Cast):
        raise s.unexpected()
    return found


def relation(s: Stream, aliased: bool = True, changed: bool = False) -> tree.Relation:
    """Parse the name of a table with ONLY, ``*`` and its alias; SET follows one to be changed."""
    s.accept("only")
    at = s.at
    parts = s.qualified()
    s.accept_op("*")
    named = None if not aliased or (changed and s.is_word("set")) else alias(s)
    if s.is_word("tablesample"):
        raise s.unsupported("TABLESAMPLE")
    return tree.Relation(parts, named, at)


def alias(s: Stream) -> tree.Alias | None:
    """Parse ``[AS] name [(column, …)]`` if it stands here."""
    at = s.at
    name = ""
    if s.accept("as"):
        name = "" if s.is_op("(") else s.name()
    elif s.is_name():
        name = s.name()
    else:
        return None
    if not s.is_op("("):
        return tree.Alias(name, (), at)
    if s.tokens[s.index + 2][0] in ("word", "name"):
        first = s.tokens[s.index + 1][2]
        columns, types = _definitions(s)
        return tree.Alias(name, columns, first, types)
    if not name:
        raise s.unexpected()
    return tree.Alias(name, tuple(column for column, _ in s.names()), at)


def _definitions(s: Stream) -> tuple[tuple[str, ...], tuple[tree.TypeName, ...]]:
    """Parse ``(column type, …)``."""
    s.expect_op("(")
    columns, types = [], []
    while True:
        columns.append(s.name())
        types.append(type_name(s))
        if not s.accept_op(","):
            break
    s.expect_op(")")
    return tuple(columns), tuple(types)
