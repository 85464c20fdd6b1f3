"""Parses CREATE SCHEMA and ALTER SCHEMA.

Source: the PostgreSQL manual, "CREATE SCHEMA", "ALTER SCHEMA".
"""

from __future__ import annotations

from fivefold.errors import Unsupported
from fivefold.languages.sql import definitions
from fivefold.languages.sql.definitions import AlterSchema, CreateSchema, Element
from fivefold.languages.sql.parse.parts import if_not_exists
from fivefold.languages.sql.parse.stream import Stream

_ORDER = {
    definitions.CreateSequence: 0,
    definitions.CreateTable: 1,
    definitions.CreateView: 2,
    definitions.CreateIndex: 3,
    definitions.Grant: 4,
}
"""What may be made with a schema, and in which order PostgreSQL makes it."""

_MADE = ("table", "view", "sequence", "index", "unique", "unlogged", "recursive", "or")


def create_schema(s: Stream, at: int) -> CreateSchema:
    """Parse what comes after CREATE SCHEMA."""
    exists = if_not_exists(s)
    name = owner = None
    if not s.is_word("authorization"):
        name = s.name()
    if s.accept("authorization"):
        owner = _role(s)
    found: list[Element] = []
    while s.is_word("create", "grant"):
        if exists:
            raise Unsupported(
                "CREATE SCHEMA IF NOT EXISTS cannot include schema elements", position=s.at + 1
            )
        found.append(_element(s))
    found.sort(key=lambda one: _ORDER[type(one.node)])
    return CreateSchema(name, exists, at, owner, tuple(found))


def _role(s: Stream) -> str | None:
    """Parse a role; None is whoever asks."""
    if s.kind == "word" and s.value in ("current_user", "session_user", "current_role"):
        s.advance()
        return None
    return s.name()


def _element(s: Stream) -> Element:
    from fivefold.languages.sql.parse.statements import statement

    at = s.at
    if s.is_word("create") and s.peek() not in _MADE:
        s.advance()
        raise s.unexpected()
    node = statement(s)
    # Blanks in front keep the positions of errors.
    text = " " * at + s.text[at : s.previous_end()]
    return Element(node, text)  # type: ignore[arg-type]  # _MADE are definitions


def alter_schema(s: Stream) -> AlterSchema:
    """Parse what comes after ALTER SCHEMA."""
    at = s.at
    name = s.name()
    if s.accept("owner", "to"):
        _role(s)
        return AlterSchema(name, None, at)
    s.expect("rename", "to")
    return AlterSchema(name, s.name(), at)
