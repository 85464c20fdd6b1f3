"""Parses what only temporary relations have."""

from __future__ import annotations

from fivefold.errors import InvalidStatement
from fivefold.languages.sql.definitions import (
    CreateSequence,
    CreateTable,
    CreateTableAs,
    CreateView,
)
from fivefold.languages.sql.parse.stream import Stream

Created = CreateTable | CreateTableAs | CreateView | CreateSequence
SCHEMA = "pg_temp"


def named(node: Created, at: int) -> Created:
    """Return the statement with its name in the session's own schema."""
    if len(node.name) > 1 and node.name[-2] != SCHEMA:
        raise InvalidStatement(
            "cannot create temporary relation in non-temporary schema",
            "invalid_table_definition",
            position=at + 1,
        )
    return node._replace(name=(SCHEMA, node.name[-1]))


def on_commit(s: Stream) -> str:
    """Parse ON COMMIT: drop, delete, keep, or nothing if it is not there."""
    if not s.accept("on", "commit"):
        return ""
    if s.accept("drop"):
        return "drop"
    if s.accept("delete", "rows"):
        return "delete"
    s.expect("preserve", "rows")
    return "keep"
