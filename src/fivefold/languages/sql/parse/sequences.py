"""Parses CREATE SEQUENCE, ALTER SEQUENCE and the options of identity columns."""

from __future__ import annotations

from typing import Any

from fivefold.errors import InvalidStatement, InvalidValue
from fivefold.languages.sql.definitions import (
    USUAL,
    Action,
    AlterTable,
    CreateSequence,
    Names,
    SequenceOptions,
)
from fivefold.languages.sql.parse.parts import if_not_exists
from fivefold.languages.sql.parse.stream import Stream
from fivefold.languages.sql.parse.types import type_name


def create_sequence(s: Stream, at: int) -> CreateSequence:
    exists = if_not_exists(s)
    at = s.at
    name = s.qualified()
    return CreateSequence(name, sequence_options(s), exists, at)


def alter_sequence(s: Stream, name: Names, exists: bool, at: int) -> AlterTable:
    action = Action("sequence", at, options=sequence_options(s))
    return AlterTable(name, (action,), exists, at, "SEQUENCE")


def sequence_options(s: Stream) -> SequenceOptions:
    """Parse options until a word that is none."""
    given: dict[str, Any] = {}
    while True:
        at = s.at
        key, value = _option(s)
        if key is None:
            return SequenceOptions(**given)
        if key in given:
            raise InvalidStatement("conflicting or redundant options", position=at + 1)
        given[key] = value


def _option(s: Stream) -> tuple[str | None, Any]:
    if s.accept("as"):
        return "type", type_name(s)
    if s.accept("start"):
        s.accept("with")
        return "start", s.signed_integer()
    if s.accept("increment"):
        s.accept("by")
        return "increment", s.signed_integer()
    if s.accept("minvalue"):
        return "minimum", s.signed_integer()
    if s.accept("maxvalue"):
        return "maximum", s.signed_integer()
    if s.accept("no", "minvalue"):
        return "minimum", USUAL
    if s.accept("no", "maxvalue"):
        return "maximum", USUAL
    if s.accept("cycle"):
        return "cycle", True
    if s.accept("no", "cycle"):
        return "cycle", False
    if s.accept("cache"):
        count = s.signed_integer()
        if count < 1:
            raise InvalidValue(
                f"CACHE ({count}) must be greater than zero", "invalid_parameter_value"
            )
        return "cache", count
    if s.accept("owned", "by"):
        if s.accept("none"):
            return "owner", ()
        return "owner", s.qualified()
    if s.accept("sequence", "name"):
        return "name", s.qualified()
    if s.accept("restart"):
        s.accept("with")
        return "restart", s.signed_integer() if s.kind == "int" or s.is_op("-") else USUAL
    return None, None
