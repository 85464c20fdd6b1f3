"""Parses CREATE TYPE and ALTER TYPE, as far as types are enums.

Source: the PostgreSQL manual, "CREATE TYPE" and "ALTER TYPE".
"""

from __future__ import annotations

from fivefold.errors import Unsupported
from fivefold.languages.sql.definitions import AlterEnum, CreateEnum
from fivefold.languages.sql.parse.stream import Stream


def create_type(s: Stream) -> CreateEnum:
    """Parse what follows CREATE TYPE."""
    at = s.at
    name = s.qualified()
    if not s.accept("as"):
        raise _only_enums(s, "a base or shell type", at)
    if not s.accept("enum"):
        range_or_row = "a range type" if s.is_word("range") else "a composite type"
        if not (s.is_word("range") or s.is_op("(")):
            raise s.unexpected()
        raise _only_enums(s, range_or_row, at)
    s.expect_op("(")
    labels: list[str] = []
    if not s.accept_op(")"):
        labels.append(s.string())
        while s.accept_op(","):
            labels.append(s.string())
        s.expect_op(")")
    return CreateEnum(name, tuple(labels), at)


def _only_enums(s: Stream, what: str, at: int) -> Unsupported:
    return Unsupported(
        f"CREATE TYPE of {what} is not supported",
        hint="Use CREATE TYPE … AS ENUM, or columns of a table, or jsonb.",
        position=at + 1,
    )


def alter_type(s: Stream) -> AlterEnum:
    """Parse what follows ALTER TYPE."""
    at = s.at
    name = s.qualified()
    if s.accept("add", "value"):
        exists = s.accept("if", "not", "exists")
        label = s.string()
        side = ""
        if s.is_word("before", "after"):
            side = s.value
            s.advance()
        return AlterEnum(name, "add", label, s.string() if side else "", side, exists, at)
    if s.accept("rename", "value"):
        label = s.string()
        s.expect("to")
        return AlterEnum(name, "relabel", label, s.string(), "", False, at)
    if s.accept("rename", "to"):
        return AlterEnum(name, "rename", s.name(), "", "", False, at)
    if s.accept("set", "schema"):
        return AlterEnum(name, "schema", s.name(), "", "", False, at)
    if s.accept("owner", "to"):
        return AlterEnum(name, "owner", s.label(), "", "", False, at)
    if s.is_word("add", "drop", "alter", "rename", "set"):
        raise s.unsupported("ALTER TYPE of a composite or base type")
    raise s.unexpected()
