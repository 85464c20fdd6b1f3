"""Parses SELECT, VALUES, TABLE and their combinations.

Source: the PostgreSQL manual, "SELECT", synopsis.
"""

from __future__ import annotations

from collections.abc import Callable

import fivefold.languages.sql.parse.calls as calls
import fivefold.languages.sql.parse.changes as changes
import fivefold.languages.sql.parse.expressions as expressions
import fivefold.languages.sql.parse.sources as sources
from fivefold.errors import InvalidStatement
from fivefold.languages.sql import tree
from fivefold.languages.sql.parse.stream import Stream
from fivefold.languages.sql.tree import Expr

_STARTS = ("select", "values", "with", "table")
_AFTER_SIDE = ("union", "intersect", "except", "order", "limit", "offset", "fetch")


def starts_query(s: Stream) -> bool:
    """Say whether a query stands here, possibly in parentheses."""
    return s.is_word(*_STARTS) or (s.is_op("(") and starts_query_in_parentheses(s))


def starts_query_in_parentheses(s: Stream) -> bool:
    """Say whether the parenthesis here holds a query and nothing else.

    ``((SELECT 1) + 2)`` holds an expression, ``((SELECT 1) UNION SELECT 2)`` a query.
    """
    ahead = 1
    while s.peek(ahead) == "(":
        ahead += 1
    if s.peek(ahead) not in _STARTS or (s.peek(ahead) == "values" and s.peek(ahead + 1) != "("):
        return False
    if ahead == 1:
        return True
    # Each of the parentheses before the query has to close where a query may end or go on.
    depth, left = 0, ahead - 1
    for index in range(s.index + 1, len(s.tokens) - 1):
        kind, value, _, _ = s.tokens[index]
        if kind == "op" and value == "(":
            depth += 1
        elif kind == "op" and value == ")":
            depth -= 1
            if depth == left - 1:
                kind, value, _, _ = s.tokens[index + 1]
                if (kind, value) != ("op", ")") and (kind != "word" or value not in _AFTER_SIDE):
                    return False
                left = depth
                if not left:
                    return True
    return True


def query(s: Stream) -> tree.Query:
    """Parse a whole query with its WITH, ORDER BY, LIMIT, OFFSET and locking."""
    s.deeper()
    at = s.at
    commons, recursive = with_clause(s)
    body = _union(s)
    order = order_by(s)
    limit, offset, ties = _limits(s)
    locking: tuple[tree.Lock, ...] = ()
    while s.is_word("for"):
        locking += _locking(s)
        if limit is None and offset is None:
            limit, offset, ties = _limits(s)
    s.depth -= 1
    inner = body.body if isinstance(body, tree.Query) else body
    made = tree.Query(inner, at, commons, recursive, order, limit, offset, locking, ties)
    if isinstance(body, tree.Query):
        made = _merged(s, body, made)
    if made.ties and not made.order:
        raise InvalidStatement("WITH TIES cannot be specified without ORDER BY clause")
    return made


def _merged(s: Stream, inner: tree.Query, outer: tree.Query) -> tree.Query:
    """Put the clauses after a query in parentheses into it: they are clauses of its own."""
    for key, words in (
        ("order", "ORDER BY"),
        ("offset", "OFFSET"),
        ("limit", "LIMIT"),
        ("commons", "WITH"),
    ):
        first, second = getattr(inner, key), getattr(outer, key)
        if first and second:
            at = second[0].at if isinstance(second, tuple) else second.at
            raise expressions_error(s, f"multiple {words} clauses not allowed", at)
    return tree.Query(
        inner.body,
        outer.at,
        inner.commons or outer.commons,
        inner.recursive or outer.recursive,
        inner.order or outer.order,
        inner.limit or outer.limit,
        inner.offset or outer.offset,
        inner.locking or outer.locking,
        inner.ties or outer.ties,
    )


def expressions_error(s: Stream, message: str, at: int) -> Exception:
    return InvalidStatement(message, position=at + 1)


def with_clause(s: Stream) -> tuple[tuple[tree.Common, ...], bool]:
    """Parse ``WITH [RECURSIVE] name AS (…), …`` if it stands here."""
    if not s.accept("with"):
        return (), False
    recursive = s.peek() not in ("as", "(") and s.accept("recursive")
    found = [_common(s)]
    while s.accept_op(","):
        found.append(_common(s))
    return tuple(found), recursive


def _common(s: Stream) -> tree.Common:
    at = s.at
    name = s.name()
    columns = tuple(column for column, _ in s.names()) if s.is_op("(") else ()
    s.expect("as")
    materialized = None
    if s.accept("materialized"):
        materialized = True
    elif s.accept("not", "materialized"):
        materialized = False
    s.expect_op("(")
    body: tree.Query | tree.Insert | tree.Update | tree.Delete
    body = changes.change(s) if s.is_word("insert", "update", "delete") else query(s)
    s.expect_op(")")
    if s.is_word("search", "cycle"):
        raise s.unsupported(s.value.upper())
    return tree.Common(name, columns, body, materialized, at)


def _union(s: Stream) -> tree.Select | tree.Values | tree.SetOperation | tree.Query:
    left = _intersect(s)
    while s.is_word("union", "except"):
        left = _combine(s, left, _intersect)
    return left


def _intersect(s: Stream) -> tree.Select | tree.Values | tree.SetOperation | tree.Query:
    left = _operand(s)
    while s.is_word("intersect"):
        left = _combine(s, left, _operand)
    return left


_Body = tree.Select | tree.Values | tree.SetOperation | tree.Query


def _combine(s: Stream, left: _Body, parse_right: Callable[[Stream], _Body]) -> tree.SetOperation:
    op, at = s.value, s.at
    s.advance()
    every = s.accept("all")
    if not every:
        s.accept("distinct")
    right = parse_right(s)
    return tree.SetOperation(op, every, _as_query(left), _as_query(right), at)


def _as_query(body: _Body) -> tree.Query:
    return body if isinstance(body, tree.Query) else tree.Query(body, body.at)


def _operand(s: Stream) -> tree.Select | tree.Values | tree.SetOperation | tree.Query:
    if s.is_op("("):
        s.advance()
        inner = query(s)
        s.expect_op(")")
        return inner
    if s.is_word("select"):
        return _select(s)
    if s.is_word("values"):
        return values(s)
    if s.is_word("table"):
        at = s.at
        s.advance()
        source = sources.relation(s, aliased=False)
        star = tree.Target(tree.Name((), True, at), None, at)
        return tree.Select(None, (star,), (source,), None, None, None, (), at)
    raise s.unexpected()


def values(s: Stream) -> tree.Values:
    """Parse ``VALUES (…), …``."""
    at = s.at
    s.expect("values")
    rows = []
    while True:
        s.expect_op("(")
        rows.append(expressions.expressions(s))
        s.expect_op(")")
        if not s.accept_op(","):
            return tree.Values(tuple(rows), at)


def _select(s: Stream) -> tree.Select:
    at = s.at
    s.advance()
    distinct: tuple[Expr, ...] | None = None
    if s.accept("distinct"):
        distinct = ()
        if s.accept("on"):
            s.expect_op("(")
            distinct = expressions.expressions(s)
            s.expect_op(")")
    else:
        s.accept("all")
    found: tuple[tree.Target, ...] = ()
    if distinct is not None or not _ends_targets(s):
        found = targets(s)
    into: tree.Into | None = None
    if s.accept("into"):
        from fivefold.languages.sql.parse.into import into as parse_into

        into = parse_into(s)
    listed = sources.from_list(s) if s.accept("from") else ()
    where = expressions.expression(s) if s.accept("where") else None
    group, group_distinct = None, False
    if s.accept("group"):
        s.expect("by")
        group_distinct = s.accept("distinct")
        if not group_distinct:
            s.accept("all")
        group = _grouping(s)
    having = expressions.expression(s) if s.accept("having") else None
    windows = []
    if s.accept("window"):
        while True:
            name = s.name()
            s.expect("as")
            windows.append((name, calls.window(s)))
            if not s.accept_op(","):
                break
    return tree.Select(
        distinct, found, listed, where, group, having, tuple(windows), at, group_distinct, into
    )


def _ends_targets(s: Stream) -> bool:
    return (
        s.kind == "end"
        or (s.kind == "op" and s.value in (")", ";"))
        or s.is_word(
            "from",
            "where",
            "group",
            "having",
            "order",
            "limit",
            "union",
            "except",
            "intersect",
            "offset",
            "for",
            "into",
            "window",
            "fetch",
        )
    )


def _grouping(s: Stream) -> tuple[Expr | tree.Grouping, ...]:
    found = [_grouping_part(s)]
    while s.accept_op(","):
        found.append(_grouping_part(s))
    return tuple(found)


def _grouping_part(s: Stream) -> Expr | tree.Grouping:
    at = s.at
    if s.is_word("rollup", "cube") and s.peek() == "(":
        kind = s.value
        s.advance()
        return tree.Grouping(kind, _grouping_list(s, _grouping_set), at)
    if s.is_word("grouping") and s.peek() == "sets":
        s.advance()
        s.advance()
        return tree.Grouping("sets", _grouping_list(s, _grouping_part), at)
    return _grouping_set(s)


def _grouping_list(
    s: Stream, part: Callable[[Stream], Expr | tree.Grouping]
) -> tuple[Expr | tree.Grouping, ...]:
    s.deeper()
    s.expect_op("(")
    found = [part(s)]
    while s.accept_op(","):
        found.append(part(s))
    s.expect_op(")")
    s.depth -= 1
    return tuple(found)


def _grouping_set(s: Stream) -> Expr | tree.Grouping:
    """Parse an expression; what looks like a row without ROW before it is a set of them."""
    at = s.at
    parenthesis = s.is_op("(")
    if parenthesis and s.peek() == ")":
        s.advance()
        s.advance()
        return tree.Grouping("set", (), at)
    found = expressions.expression(s)
    if parenthesis and isinstance(found, tree.RowOf) and found.at == at:
        return tree.Grouping("set", found.items, at)
    return found


def targets(s: Stream) -> tuple[tree.Target, ...]:
    """Parse the output list of SELECT or RETURNING."""
    found = []
    while True:
        at = s.at
        if s.is_op("*"):
            s.advance()
            found.append(tree.Target(tree.Name((), True, at), None, at))
        else:
            value = expressions.output(s)
            alias = None
            if s.accept("as") or ((s.kind == "word" or s.kind == "name") and s.is_bare_label()):
                alias = s.label()
            found.append(tree.Target(value, alias, at))
        if not s.accept_op(","):
            return tuple(found)


def order_by(s: Stream) -> tuple[tree.SortKey, ...]:
    """Parse ``ORDER BY …`` if it stands here."""
    if not s.accept("order"):
        return ()
    s.expect("by")
    found = []
    while True:
        at = s.at
        value = expressions.expression(s)
        descending = False
        if s.accept("desc"):
            descending = True
        elif s.accept("using"):
            descending = _ordering_operator(s)
        else:
            s.accept("asc")
        nulls_first = None
        if s.accept("nulls"):
            if not s.is_word("first", "last"):
                raise s.unexpected()
            nulls_first = s.value == "first"
            s.advance()
        found.append(tree.SortKey(value, descending, nulls_first, at))
        if not s.accept_op(","):
            return tuple(found)


def _ordering_operator(s: Stream) -> bool:
    """Parse the operator after USING; say whether it puts the greatest first."""
    qualified = s.accept("operator")
    if qualified:
        s.expect_op("(")
        if s.accept("pg_catalog"):
            s.expect_op(".")
    at, op = s.at, s.value
    if s.kind != "op" or op in _NO_OPERATORS:
        raise s.unexpected()
    s.advance()
    if qualified:
        s.expect_op(")")
    if op in ("<", ">"):
        return op == ">"
    if op.startswith("~"):
        raise s.unsupported(f"ORDER BY … USING {op}", at)
    raise InvalidStatement(
        f"operator {op} is not a valid ordering operator",
        "wrong_object_type",
        hint='Ordering operators must be "<" or ">" members of btree operator families.',
        position=at + 1,
    )


_NO_OPERATORS = frozenset({"(", ")", "[", "]", ",", ";", ".", ":", "::", ":="})


def _limits(s: Stream) -> tuple[Expr | None, Expr | None, bool]:
    limit: Expr | None = None
    offset: Expr | None = None
    ties = False
    while True:
        at = s.at
        if limit is None and s.accept("limit"):
            if s.accept("all"):
                limit = tree.Const("null", "null", s.at, -1)
            else:
                limit = expressions.expression(s)
                if s.is_op(","):
                    raise InvalidStatement(
                        "LIMIT #,# syntax is not supported",
                        hint="Use separate LIMIT and OFFSET clauses.",
                        position=at + 1,
                    )
        elif offset is None and s.accept("offset"):
            offset = expressions.expression(s)
            if s.is_word("row", "rows"):
                s.advance()
        elif limit is None and s.accept("fetch"):
            limit, ties = _fetch(s)
        else:
            return limit, offset, ties


def _fetch(s: Stream) -> tuple[Expr, bool]:
    if not s.is_word("first", "next"):
        raise s.unexpected()
    s.advance()
    limit: Expr = tree.Const("int", "1", s.at, -1)
    if not s.is_word("row", "rows"):
        limit = expressions.expression(s, expressions.MINUS)
    if not s.is_word("row", "rows"):
        raise s.unexpected()
    s.advance()
    if s.accept("with"):
        s.expect("ties")
        return limit, True
    s.expect("only")
    return limit, False


def _locking(s: Stream) -> tuple[tree.Lock, ...]:
    at = s.at
    s.expect("for")
    for strength in ("update", "no key update", "share", "key share"):
        if s.accept(*strength.split()):
            break
    else:
        if s.accept("read", "only"):
            return ()
        raise s.unexpected()
    of: list[tuple[str, int]] = []
    if s.accept("of"):
        while True:
            place = s.at
            of.append((s.qualified()[-1], place))
            if not s.accept_op(","):
                break
    wait = next((one for one in ("nowait", "skip locked") if s.accept(*one.split())), "")
    return (tree.Lock(strength.upper(), tuple(of), wait.upper(), at),)
