"""Parses CREATE VIEW, CREATE MATERIALIZED VIEW and REFRESH.

Source: the PostgreSQL manual, "CREATE VIEW", "CREATE MATERIALIZED VIEW".
"""

from __future__ import annotations

import fivefold.languages.sql.parse.queries as queries
from fivefold.errors import InvalidStatement
from fivefold.languages.sql.definitions import CreateTableAs, CreateView, Refresh
from fivefold.languages.sql.parse.parts import if_not_exists
from fivefold.languages.sql.parse.stream import Stream
from fivefold.languages.sql.parse.tables import storage_options


def create_view(s: Stream, replace: bool) -> CreateView:
    """Parse [RECURSIVE] VIEW and what follows."""
    recursive = s.accept("recursive")
    s.expect("view")
    name_at = s.at
    name = s.qualified()
    if recursive and not s.is_op("("):
        raise s.unexpected()
    columns = s.names() if s.is_op("(") else ()
    check = _options(s) if s.accept("with") else None
    s.expect("as")
    start = s.at
    query = queries.query(s)
    text = s.text[start : s.previous_end()]
    if recursive:
        listed = ", ".join(_quoted(column) for column, _ in columns)
        own = _quoted(name[-1])
        text = f"WITH RECURSIVE {own} ({listed}) AS ({text}) SELECT {listed} FROM {own}"
        query = queries.query(Stream(text))
    if s.is_word("with"):
        s.advance()
        check = "local" if s.accept("local") else "cascaded"
        s.accept("cascaded")
        s.expect("check", "option")
        if recursive:
            raise s.unsupported("WITH CHECK OPTION on a recursive view")
    return CreateView(name, columns, query, text, replace, name_at, check)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _options(s: Stream) -> str | None:
    """Parse ``(check_option = local, …)``; the others are about privileges, which are not yet."""
    s.expect_op("(")
    check = None
    while True:
        at, option = s.at, s.label()
        value = s.label() if s.accept_op("=") and s.kind != "string" else "true"
        if s.kind == "string":
            value = s.string()
        if option == "check_option":
            check = value.lower()
        elif option not in ("security_barrier", "security_invoker"):
            raise InvalidStatement(
                f'unrecognized parameter "{option}"', "invalid_parameter_value", position=at + 1
            )
        if not s.accept_op(","):
            s.expect_op(")")
            return check


def create_materialized(s: Stream) -> CreateTableAs:
    """Parse what comes after CREATE MATERIALIZED VIEW."""
    exists = if_not_exists(s)
    name_at = s.at
    name = s.qualified()
    columns = s.names() if s.is_op("(") else ()
    if s.accept("using"):
        s.name()
    if s.is_word("with") and s.peek() == "(":
        s.advance()
        storage_options(s)
    if s.accept("tablespace"):
        s.name()
    s.expect("as")
    start = s.at
    query = queries.query(s)
    text = s.text[start : s.previous_end()]
    return CreateTableAs(name, columns, query, _with_data(s), exists, name_at, text)


def _with_data(s: Stream) -> bool:
    if s.accept("with", "no", "data"):
        return False
    s.accept("with", "data")
    return True


def refresh(s: Stream) -> Refresh:
    """Parse REFRESH MATERIALIZED VIEW."""
    s.expect("refresh", "materialized", "view")
    concurrently = s.accept("concurrently")
    at = s.at
    name = s.qualified()
    data = _with_data(s)
    if concurrently and not data:
        raise InvalidStatement("CONCURRENTLY and WITH NO DATA options cannot be used together")
    return Refresh(name, concurrently, data, at)
