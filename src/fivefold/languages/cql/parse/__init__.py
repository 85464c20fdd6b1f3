"""CQL's text into its tree.

Source: Cassandra's CQL reference, version 5.0. The errors are those of Cassandra's parser where
only one thing could have stood; where it tries several ways, it may name another of them.
"""

from __future__ import annotations

from collections.abc import Callable

from fivefold.languages.cql.parse import changes, definitions, describing, queries, tokens
from fivefold.languages.cql.parse.stream import Stream
from fivefold.languages.cql.tree import Definition, Parsed, Statement

_STATEMENTS: dict[str, Callable[[Stream], Statement]] = {
    "SELECT": queries.select,
    "INSERT": changes.insert,
    "UPDATE": changes.update,
    "DELETE": changes.delete,
    "BEGIN": changes.batch,
    "TRUNCATE": changes.truncate,
    "USE": changes.use,
    "DESCRIBE": describing.describe,
    "DESC": describing.describe,
}
_DEFINITIONS: dict[str, Callable[[Stream], Definition | None]] = {
    "CREATE": definitions.create,
    "ALTER": definitions.alter,
    "DROP": definitions.drop,
}


def parse(text: str) -> Parsed:
    """Return a statement's tree. Raises InvalidStatement (syntax_error)."""
    s = Stream(text)
    statement = _statement(s)
    while s.accept(";"):
        pass
    if s.mark != tokens.END:
        raise s.mismatch(tokens.END)
    return Parsed(statement, tuple(s.markers), text)


def _statement(s: Stream) -> Statement:
    read = _STATEMENTS.get(s.mark)
    if read is not None:
        return read(s)
    known = describing.administration(s)
    if known is not None:
        return known
    define = _DEFINITIONS.get(s.mark)
    found = None if define is None else define(s)
    if found is None:
        if define is not None:
            s.advance()
        raise s.no_alternative()
    return found
