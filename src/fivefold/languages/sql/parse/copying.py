"""Parses COPY.

Source: the PostgreSQL manual, "COPY".
"""

from __future__ import annotations

from collections.abc import Callable

import fivefold.languages.sql.parse.changes as changes
import fivefold.languages.sql.parse.expressions as expressions
import fivefold.languages.sql.parse.queries as queries
from fivefold.errors import Denied, InvalidStatement
from fivefold.languages.sql import definitions, tree
from fivefold.languages.sql.parse.copy_options import options
from fivefold.languages.sql.parse.stream import Stream

_PROGRAM = (
    "must be superuser or have privileges of the pg_execute_server_program role to COPY to or "
    "from an external program"
)
_READ_FILE = (
    "must be superuser or have privileges of the pg_read_server_files role to COPY from a file"
)
_WRITE_FILE = (
    "must be superuser or have privileges of the pg_write_server_files role to COPY to a file"
)


def _copy(s: Stream) -> definitions.Copy:
    at = s.at
    s.advance()
    binary = s.accept("binary")
    table: tuple[str, ...] = ()
    columns = None
    query: tree.Query | tree.Insert | tree.Update | tree.Delete | None = None
    if not binary and s.accept_op("("):
        query = _inner(s)
        s.expect_op(")")
    else:
        table = s.qualified()
        if s.is_op("("):
            columns = s.names()
    incoming = query is None and s.accept("from")
    if not incoming:
        s.expect("to")
    refused = _place(s, incoming=incoming)
    found = options(s, binary=binary, incoming=incoming)
    where = None
    if query is None and s.is_word("where"):
        if not incoming:
            raise InvalidStatement("WHERE clause not allowed with COPY TO", position=s.at + 1)
        s.advance()
        where = expressions.expression(s)
    if refused is not None and s.kind == "end":
        raise refused
    return definitions.Copy(table, columns, query, incoming, found, where, at)


def _place(s: Stream, *, incoming: bool) -> Denied | None:
    """Step over STDIN or its like; return why a file or program of the server is out of reach."""
    program = s.accept("program")
    if s.is_word("stdin", "stdout"):
        if program:
            raise InvalidStatement("STDIN/STDOUT not allowed with PROGRAM")
        s.advance()
        return None
    s.string()
    message = _PROGRAM if program else _READ_FILE if incoming else _WRITE_FILE
    return Denied(
        message,
        hint="Anyone can COPY to stdout or from stdin. psql's \\copy command also works for "
        "anyone.",
    )


def _inner(s: Stream) -> tree.Query | tree.Insert | tree.Update | tree.Delete:
    if s.is_word("insert", "update", "delete"):
        return changes.change(s)
    return queries.query(s)


PARSERS: dict[str, Callable[[Stream], definitions.Definition]] = {
    "copy": _copy,
}
