"""Parses SHOW.

Source: the Neo4j Cypher Manual 5, "Listing functions and procedures", "SHOW TRANSACTIONS", "SHOW
SETTINGS", "SHOW INDEXES", "SHOW CONSTRAINTS"; the Neo4j Operations Manual 5 for databases and
users.
"""

from __future__ import annotations

import fivefold.languages.cypher.parse.clauses as clauses
import fivefold.languages.cypher.parse.expressions as grammar
from fivefold.languages.cypher import tree
from fivefold.languages.cypher.parse.stream import Stream
from fivefold.languages.cypher.parse.tokens import END
from fivefold.languages.cypher.tree import Expression, Show

# What is shown by the words for it, and the words that may stand before those.
_WHAT = {
    "INDEX": "INDEXES", "INDEXES": "INDEXES",
    "CONSTRAINT": "CONSTRAINTS", "CONSTRAINTS": "CONSTRAINTS",
    "DATABASE": "DATABASES", "DATABASES": "DATABASES",
    "FUNCTION": "FUNCTIONS", "FUNCTIONS": "FUNCTIONS",
    "PROCEDURE": "PROCEDURES", "PROCEDURES": "PROCEDURES",
    "TRANSACTION": "TRANSACTIONS", "TRANSACTIONS": "TRANSACTIONS",
    "SETTING": "SETTINGS", "SETTINGS": "SETTINGS",
    "USER": "USERS", "USERS": "USERS", "ROLE": "ROLES", "ROLES": "ROLES",
    "PRIVILEGE": "PRIVILEGES", "PRIVILEGES": "PRIVILEGES",
    "SERVER": "SERVERS", "SERVERS": "SERVERS", "ALIAS": "ALIASES", "ALIASES": "ALIASES",
}  # fmt: skip
_ONE_KIND = {
    "UNIQUENESS": "UNIQUE", "REL": "RELATIONSHIP", "EXIST": "EXISTENCE", "EXISTS": "EXISTENCE",
}  # fmt: skip
_SUBJECTS = ("", "NODE ", "RELATIONSHIP ")
_FILTERS: dict[str, frozenset[str]] = {
    "INDEXES": frozenset({"FULLTEXT", "LOOKUP", "POINT", "RANGE", "TEXT", "VECTOR"}),
    "CONSTRAINTS": frozenset(
        subject + kind
        for subject in _SUBJECTS
        for kind in ("UNIQUE", "EXISTENCE", "PROPERTY EXISTENCE", "KEY", "PROPERTY TYPE")
    )
    | {"PROPERTY UNIQUE"},
    "DATABASES": frozenset({"DEFAULT", "HOME"}),
    "FUNCTIONS": frozenset({"BUILT IN", "USER DEFINED"}),
    "USERS": frozenset({"CURRENT"}),
}
_UNSUPPORTED = {
    "USERS": "Users are those of the server; SHOW CURRENT USER.",
    "ROLES": "Rights are those of the server's users.",
    "PRIVILEGES": "Rights are those of the server's users.",
    "SERVERS": "There is one server.",
    "ALIASES": "There are no aliases: SHOW DATABASES.",
}
_WORDS_BEFORE_MAX = 4
_AFTER = frozenset({"YIELD", "WHERE", "RETURN", ";", END})


def show(s: Stream) -> Show | None:
    """Parse ``SHOW [filter] what [name] [YIELD …] [WHERE …] [RETURN …]``."""
    at, start = s.at, s.index
    if not s.is_name(1):
        return None
    s.advance()
    what, filter = _subject(s)
    if what in _UNSUPPORTED and filter is None:
        raise s.unsupported(f"SHOW {what}", _UNSUPPORTED[what], s.starts[start])
    name: str | None = None
    values: Expression | None = None
    if what == "DATABASES" and filter is None and s.marks[s.index - 1] == "DATABASE":
        name = s.dotted("a database name") if s.mark not in _AFTER else None
    elif what in ("TRANSACTIONS", "SETTINGS") and s.mark not in _AFTER:
        values = _values(s)
    elif what in ("FUNCTIONS", "PROCEDURES") and s.accept("EXECUTABLE"):
        _executable_by(s)
    if s.mark in ("BRIEF", "VERBOSE"):
        raise s.unsupported(f"{s.mark} after SHOW", "Write YIELD with the columns, or YIELD *.")
    yields, where, returns = _rest(s)
    return Show(what, filter, name, yields, where, returns, at, values)


def _subject(s: Stream) -> tuple[str, str | None]:
    """Parse what is to be shown, with the words before it."""
    words: list[str] = []
    while s.is_name() and len(words) < _WORDS_BEFORE_MAX:
        what = _WHAT.get(s.mark) if s.peek() != "DEFINED" else None
        filter = " ".join(words)
        if what is not None and (not words or filter in _FILTERS.get(what, ())):
            s.advance()
            return what, filter or None
        if what is not None and filter == "ALL" and what != "DATABASES":
            s.advance()
            return what, None
        words.append(_ONE_KIND.get(s.mark, s.mark))
        s.advance()
    raise s.unexpected(
        *("CONSTRAINTS", "CURRENT USER", "DATABASES", "FUNCTIONS", "INDEXES", "PROCEDURES"),
        *("SETTINGS", "TRANSACTIONS", "USERS"),
    )


def _values(s: Stream) -> Expression:
    """Parse names or ids: ``'a', 'b'``, or an expression for one or a list of them."""
    at = s.at
    found = [grammar.expression(s)]
    while s.accept(","):
        found.append(grammar.expression(s))
    return found[0] if len(found) == 1 else tree.ListLiteral(tuple(found), at)


def _executable_by(s: Stream) -> None:
    """Step over by whom: the user who asks may execute everything."""
    if s.accept("BY") and not s.accept("CURRENT", "USER"):
        raise s.unsupported("EXECUTABLE BY another user", "Write EXECUTABLE BY CURRENT USER.")


def _rest(
    s: Stream,
) -> tuple[tree.Projection | None, Expression | None, tree.Projection | None]:
    yields = where = returns = None
    if s.mark == "YIELD":
        at = s.at
        s.advance()
        yields = clauses.projected(s, at)
        for item in yields.items:
            if type(item.expression) is not tree.Variable:
                s.go_to(s.starts.index(item.at))
                raise s.unexpected("a variable name", "'*'")
    if s.accept("WHERE"):
        where = grammar.condition(s)
    if yields is not None and s.mark == "RETURN":
        at = s.at
        s.advance()
        returns = clauses.projected(s, at)
    return yields, where, returns
