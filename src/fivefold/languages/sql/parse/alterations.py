"""Parses the actions of ALTER TABLE.

Source: the PostgreSQL manual, "ALTER TABLE".
"""

from __future__ import annotations

from fivefold.languages.sql.definitions import Action, Constraint
from fivefold.languages.sql.parse import deferrals
from fivefold.languages.sql.parse.parts import cascade, if_exists, if_not_exists, span
from fivefold.languages.sql.parse.sequences import sequence_options
from fivefold.languages.sql.parse.stream import Stream
from fivefold.languages.sql.parse.tables import (
    column_definition,
    storage_options,
    table_constraint,
)
from fivefold.languages.sql.parse.types import type_name

_SEQUENCE_WORDS = (
    "generated", "increment", "minvalue", "maxvalue", "start", "restart", "cache", "cycle", "no",
    "sequence",
)  # fmt: skip
_CONSTRAINT_WORDS = ("constraint", "primary", "unique", "foreign", "check", "exclude")


def actions(s: Stream) -> tuple[Action, ...]:
    """Parse actions between commas, or one renaming."""
    if s.is_word("rename") or (s.is_word("set") and s.peek() == "schema"):
        return (renaming(s),)
    found = [_action(s)]
    while s.accept_op(","):
        found.append(_action(s))
    return tuple(found)


def renaming(s: Stream) -> Action:
    """Parse what stands alone: RENAME … TO …, SET SCHEMA, OWNER TO, and options of an index."""
    at = s.at
    if s.is_word("owner", "set", "reset", "no", "depends", "alter", "cluster"):
        return _place_or_option(s, at)
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


def _place_or_option(s: Stream, at: int) -> Action:
    if s.accept("owner", "to"):
        return Action("owner", at, new_name=s.label())
    if s.accept("set", "schema"):
        return Action("schema", at, new_name=s.name())
    if s.is_word("set", "reset") and s.peek() == "(":
        s.advance()
        storage_options(s)
        return Action("nothing", at)
    if s.accept("set", "tablespace"):
        s.name()
        return Action("nothing", at)
    if s.is_word("alter"):
        s.advance()
        s.accept("column")
        at = s.at
        if s.kind == "int":
            s.advance()
            return _column_action(s, "", at)
        return _column_action(s, s.name(), at)
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
    if s.accept("alter", "constraint"):
        name = s.name()
        return Action(
            "alter_constraint", at, name, constraint=deferrals.of_table(s, Constraint("", None, at))
        )
    if s.accept("alter"):
        s.accept("column")
        at = s.at
        return _column_action(s, s.name(), at)
    if s.accept("validate", "constraint"):
        return Action("validate", at, s.name())
    if s.accept("cluster", "on"):
        return Action("cluster", at, s.name())
    if s.accept("replica", "identity"):
        if s.accept("using", "index"):
            return Action("cluster", at, s.name())
        if not any(s.accept(word) for word in ("default", "full", "nothing")):
            raise s.unexpected()
        return Action("nothing", at)
    if s.accept("set", "without", "cluster") or s.accept("set", "without", "oids"):
        return Action("nothing", at)
    if s.accept("set", "logged") or s.accept("set", "unlogged"):
        return Action("nothing", at)
    if s.is_word("enable", "disable") and s.peek() == "trigger" and s.peek(2) in ("all", "user"):
        return _triggers(s, at)
    if s.is_word("owner") or (s.is_word("set", "reset") and s.peek() in ("(", "tablespace")):
        return _place_or_option(s, at)
    if s.is_word("rename"):
        raise s.unexpected()
    raise s.unsupported("this form of ALTER TABLE", at)


def _triggers(s: Stream, at: int) -> Action:
    """ENABLE is how things are; DISABLE ALL would let foreign keys be broken."""
    if s.accept("disable", "trigger", "all"):
        raise s.unsupported("DISABLE TRIGGER ALL, which puts foreign keys out of force,", at)
    for _ in range(3):
        s.advance()
    return Action("nothing", at)


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
        return Action("column_setting", at, name)
    if s.accept("set", "storage") or s.accept("set", "compression"):
        s.label()
        return Action("column_setting", at, name)
    if s.is_word("set", "reset") and s.peek() == "(":
        s.advance()
        storage_options(s)
        return Action("column_setting", at, name)
    if s.is_word("restart") or (s.is_word("set") and s.peek() in _SEQUENCE_WORDS):
        return _identity(s, name, at)
    raise s.unsupported("this form of ALTER COLUMN", at)


def _identity(s: Stream, name: str, at: int) -> Action:
    """SET GENERATED …, SET sequence option and RESTART, as many as there are."""
    kind = ""
    options = None
    while s.is_word("set", "restart"):
        if s.accept("set", "generated"):
            kind = "always" if s.accept("always") else "by default"
            if kind == "by default":
                s.expect("by", "default")
            continue
        s.accept("set")
        options = sequence_options(s)
    return Action("set_identity", at, name, kind, options=options)
