"""SELECT … INTO: which is CREATE TABLE AS, written otherwise.

Source: the PostgreSQL manual, "SELECT INTO".
"""

from __future__ import annotations

from fivefold.languages.sql import tree
from fivefold.languages.sql.definitions import CreateTableAs, Definition
from fivefold.languages.sql.parse import temporary
from fivefold.languages.sql.parse.stream import Stream
from fivefold.values.records import changed


def into(s: Stream) -> tree.Into:
    """Parse what comes after INTO."""
    own = False
    if s.is_word("local", "global") and s.peek() in ("temp", "temporary"):
        s.advance()
    if s.is_word("temp", "temporary") and s.peek() not in (".", "from", ";", ""):
        own = True
        s.advance()
    elif s.is_word("unlogged"):
        s.advance()
    if s.is_word("table"):
        s.advance()
    at = s.at
    return tree.Into(s.qualified(), own, at)


def statement(query: tree.Query) -> tree.Query | Definition:
    """Return the statement that a query is, if its first SELECT has INTO."""
    found = _first(query).into
    if found is None:
        return query
    made = CreateTableAs(found.name, (), _without(query), True, False, found.at)
    if not found.temporary:
        return made
    named = temporary.named(made, found.at)
    assert isinstance(named, CreateTableAs)
    return named


def _first(query: tree.Query) -> tree.Select:
    body = query.body
    while isinstance(body, tree.SetOperation):
        body = body.left.body
    return body if isinstance(body, tree.Select) else _NOTHING


_NOTHING = tree.Select(None, (), (), None, None, None, (), 0)


def _without(query: tree.Query) -> tree.Query:
    body = query.body
    if isinstance(body, tree.SetOperation):
        return changed(query, body=changed(body, left=_without(body.left)))
    assert isinstance(body, tree.Select)
    return changed(query, body=changed(body, into=None))
