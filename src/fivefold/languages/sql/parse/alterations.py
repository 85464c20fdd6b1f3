"""Parses the actions of ALTER TABLE.

Source: the PostgreSQL manual, "ALTER TABLE".
"""

from __future__ import annotations

from fivefold.languages.sql.definitions import Action
from fivefold.languages.sql.parse.parts import cascade, if_exists, if_not_exists, span
from fivefold.languages.sql.parse.sequences import sequence_options
from fivefold.languages.sql.parse.stream import Stream
from fivefold.languages.sql.parse.tables import column_definition, table_constraint
from fivefold.languages.sql.parse.types import type_name

_CONSTRAINT_WORDS = ("constraint", "primary", "unique", "foreign", "check", "exclude")


def actions(s: Stream) -> tuple[Action, ...]:
    """Parse actions between commas, or one renaming."""
    if s.is_word("rename", "set") and (s.is_word("rename") or s.peek() == "schema"):
        return (renaming(s),)
    found = [_action(s)]
    while s.accept_op(","):
        found.append(_action(s))
    return tuple(found)


def renaming(s: Stream) -> Action:
    """Parse RENAME … TO …, which stands alone."""
    at = s.at
    if s.is_word("owner", "set"):
        return _owner_or_schema(s, at)
    s.expect("rename")
    if s.accept("to"):
        return Action("rename", at, new_name=s.name())
    if s.accept("constraint"):
        name = s.name()
        s.expect("to")
        return Action("rename_constraint", at, name, s.name())
    s.accept("column")
    name = s.name()
    s.expect("to")
    return Action("rename_column", at, name, s.name())


def _owner_or_schema(s: Stream, at: int) -> Action:
    if s.accept("owner", "to"):
        return Action("owner", at, new_name=s.label())
    s.expect("set")
    if s.accept("schema"):
        return Action("schema", at, new_name=s.name())
    raise s.unsupported("this form of ALTER", at)


def _action(s: Stream) -> Action:
    at = s.at
    if s.accept("add"):
        if s.is_word(*_CONSTRAINT_WORDS):
            return Action("add_constraint", at, constraint=table_constraint(s))
        s.accept("column")
        exists = if_not_exists(s)
        return Action("add_column", at, column=column_definition(s), exists=exists)
    if s.accept("drop"):
        what = "drop_constraint" if s.accept("constraint") else "drop_column"
        if what == "drop_column":
            s.accept("column")
        exists = if_exists(s)
        at = s.at
        name = s.name()
        return Action(what, at, name, exists=exists, cascade=cascade(s))
    if s.accept("alter"):
        s.accept("column")
        at = s.at
        return _column_action(s, s.name(), at)
    if s.is_word("owner"):
        return _owner_or_schema(s, at)
    if s.accept("validate", "constraint"):
        return Action("validate", at, s.name())
    if s.is_word("rename"):
        raise s.unexpected()
    raise s.unsupported("this form of ALTER TABLE", at)


def _column_action(s: Stream, name: str, at: int) -> Action:
    if s.accept("set", "not", "null"):
        return Action("set_not_null", at, name)
    if s.accept("drop", "not", "null"):
        return Action("drop_not_null", at, name)
    if s.accept("set", "default"):
        return Action("set_default", at, name, expression=span(s))
    if s.accept("drop", "default"):
        return Action("drop_default", at, name)
    if s.accept("drop", "identity"):
        return Action("drop_identity", at, name, exists=if_exists(s))
    if s.accept("drop", "expression"):
        return Action("drop_expression", at, name, exists=if_exists(s))
    if s.accept("add", "generated"):
        always = s.accept("always")
        if not always:
            s.expect("by", "default")
        s.expect("as", "identity")
        options = None
        if s.accept_op("("):
            options = sequence_options(s)
            s.expect_op(")")
        kind = "add_identity_always" if always else "add_identity"
        return Action(kind, at, name, options=options)
    if s.accept("set", "data", "type") or s.accept("type"):
        type_ = type_name(s)
        if s.accept("collate"):
            s.qualified()
        using = span(s) if s.accept("using") else None
        return Action("type", at, name, type=type_, expression=using)
    if s.accept("set", "statistics"):
        s.signed_integer()
        return Action("nothing", at, name)
    if s.accept("set", "storage"):
        s.label()
        return Action("nothing", at, name)
    raise s.unsupported("this form of ALTER COLUMN", at)
