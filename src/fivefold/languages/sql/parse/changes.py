"""Parses INSERT, UPDATE and DELETE."""

from __future__ import annotations

from collections.abc import Callable

import fivefold.languages.sql.parse.expressions as expressions
import fivefold.languages.sql.parse.queries as queries
import fivefold.languages.sql.parse.sources as sources
from fivefold.languages.sql import tree
from fivefold.languages.sql.parse.stream import Stream
from fivefold.languages.sql.tree import Expr


def change(
    s: Stream, commons: tuple[tree.Common, ...] = (), recursive: bool = False
) -> tree.Insert | tree.Update | tree.Delete:
    """Parse the statement that the cursor is on; a WITH before it has been read already."""
    parsers: dict[str, Callable[..., tree.Insert | tree.Update | tree.Delete]] = {
        "insert": insert,
        "update": update,
        "delete": delete,
    }
    if s.kind != "word" or s.value not in parsers:
        raise s.unexpected()
    return parsers[s.value](s, commons, recursive)


def insert(s: Stream, commons: tuple[tree.Common, ...], recursive: bool) -> tree.Insert:
    at = s.at
    s.expect("insert", "into")
    table_at = s.at
    parts = s.qualified()
    named = tree.Alias(s.name(), (), s.at) if s.accept("as") else None
    table = tree.Relation(parts, named, table_at)
    columns = None
    overriding = None
    if s.is_op("(") and not queries.starts_query_in_parentheses(s):
        columns = _columns(s)
    if s.accept("overriding"):
        if not s.is_word("user", "system"):
            raise s.unexpected()
        overriding = s.value
        s.advance()
        s.expect("value")
    query = None
    if s.accept("default"):
        s.expect("values")
    else:
        query = queries.query(s)
    conflict = _conflict(s) if s.is_word("on") else None
    return tree.Insert(
        table, columns, query, overriding, conflict, returning(s), commons, recursive, at
    )


def _columns(s: Stream) -> tuple[tuple[str, int], ...]:
    s.expect_op("(")
    found = []
    while True:
        at = s.at
        found.append((s.name(), at))
        if s.is_op(".") or s.is_op("["):
            raise s.unsupported("a part of a column as target")
        if not s.accept_op(","):
            break
    s.expect_op(")")
    return tuple(found)


def _conflict(s: Stream) -> tree.OnConflict:
    at = s.at
    s.expect("on", "conflict")
    columns: tuple[Expr, ...] = ()
    where = constraint = None
    if s.is_op("("):
        s.advance()
        columns = expressions.expressions(s)
        s.expect_op(")")
        where = expressions.expression(s) if s.accept("where") else None
    elif s.accept("on", "constraint"):
        constraint = s.name()
    s.expect("do")
    if s.accept("nothing"):
        return tree.OnConflict(columns, where, constraint, None, None, at)
    s.expect("update", "set")
    found = assignments(s)
    condition = expressions.expression(s) if s.accept("where") else None
    return tree.OnConflict(columns, where, constraint, found, condition, at)


def update(s: Stream, commons: tuple[tree.Common, ...], recursive: bool) -> tree.Update:
    at = s.at
    s.advance()
    table = sources.relation(s, changed=True)
    s.expect("set")
    found = assignments(s)
    listed = sources.from_list(s) if s.accept("from") else ()
    return tree.Update(table, found, listed, _where(s), returning(s), commons, recursive, at)


def assignments(s: Stream) -> tuple[tree.Assignment, ...]:
    """Parse what follows SET."""
    found = []
    while True:
        at = s.at
        if s.is_op("("):
            columns = _columns(s)
            s.expect_op("=")
            found.append(tree.Assignment(columns, expressions.expression(s), True, at))
        else:
            name = s.name()
            if s.is_op("."):
                raise s.unsupported("a part of a column as target")
            part = expressions.subscripts(s, tree.Name((name,), False, at))
            s.expect_op("=")
            value = expressions.expression(s)
            found.append(tree.Assignment(((name, at),), value, False, at, part))
        if not s.accept_op(","):
            return tuple(found)


def delete(s: Stream, commons: tuple[tree.Common, ...], recursive: bool) -> tree.Delete:
    at = s.at
    s.expect("delete", "from")
    table = sources.relation(s)
    listed = sources.from_list(s) if s.accept("using") else ()
    return tree.Delete(table, listed, _where(s), returning(s), commons, recursive, at)


def _where(s: Stream) -> Expr | None:
    if not s.accept("where"):
        return None
    if s.is_word("current") and s.peek() == "of":
        raise s.unsupported("WHERE CURRENT OF")
    return expressions.expression(s)


def returning(s: Stream) -> tuple[tree.Target, ...]:
    return queries.targets(s) if s.accept("returning") else ()
