"""Parses whole texts: statements between semicolons."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import fivefold.languages.sql.parse.changes as changes
import fivefold.languages.sql.parse.expressions as expressions
import fivefold.languages.sql.parse.queries as queries
from fivefold.languages.sql import commands, tree
from fivefold.languages.sql.parse.stream import Stream

if TYPE_CHECKING:
    from fivefold.languages.sql import definitions

    Tree = tree.Query | tree.Insert | tree.Update | tree.Delete | definitions.Definition
    Node = Tree | commands.Command


class Parsed(NamedTuple):
    """One statement of a text: its tree and where it stands, as offsets into the whole text."""

    node: Node
    text: str
    start: int
    end: int


def parse(text: str) -> list[Parsed]:
    """Parse every statement of ``text``; none gives one ``Empty``.

    Raises InvalidStatement (syntax_error) with a position in the whole text, or Unsupported.
    """
    s = Stream(text)
    found: list[Parsed] = []
    while True:
        while s.accept_op(";"):
            pass
        if s.kind == "end":
            break
        start = s.at
        node = statement(s)
        if s.kind != "end" and not s.is_op(";"):
            raise s.unexpected()
        found.append(Parsed(node, text, start, s.previous_end()))
    return found or [Parsed(commands.Empty(), text, 0, len(text))]


def parse_query(text: str) -> tree.Query:
    """Parse a text that is one query."""
    s = Stream(text)
    found = queries.query(s)
    if s.kind != "end":
        raise s.unexpected()
    return found


def parse_expression(text: str) -> tree.Expr:
    """Parse a text that is one expression."""
    s = Stream(text)
    found = expressions.expression(s)
    if s.kind != "end":
        raise s.unexpected()
    return found


def statement(s: Stream) -> Node:
    """Parse one statement."""
    if s.is_op("("):
        return _query(s)
    if s.kind != "word":
        raise s.unexpected()
    word = s.value
    if word in ("select", "values", "table"):
        return _query(s)
    if word in ("insert", "update", "delete"):
        return changes.change(s)
    if word == "with":
        return _with(s)
    # Imported only where such a statement comes: a program's first is mostly a query.
    from fivefold.languages.sql.parse.commands import PARSERS

    parser = PARSERS.get(word)
    if parser is not None:
        return parser(s)  # type: ignore[no-any-return]  # a table of all kinds
    if word in _UNSUPPORTED:
        raise s.unsupported(word.upper())
    raise s.unexpected()


def _with(s: Stream) -> Node:
    start = s.index
    commons, recursive = queries.with_clause(s)
    if s.is_word("insert", "update", "delete"):
        return changes.change(s, commons, recursive)
    s.go_back(start)
    return _query(s)


def _query(s: Stream) -> Node:
    """Parse a query, which INTO makes another statement of."""
    start = s.index
    found = queries.query(s)
    if any(one[:2] == ("word", "into") for one in s.tokens[start : s.index]):
        from fivefold.languages.sql.parse.into import statement

        return statement(found)
    return found


_UNSUPPORTED = frozenset(
    [
        "merge",
        "call",
        "do",
        "listen",
        "notify",
        "reassign",
        "reindex",
        "security",
        "import",
        "load",
    ]
)
