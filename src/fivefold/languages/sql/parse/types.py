"""Parses names of types: ``numeric(10,2)``, ``timestamp(3) with time zone``, ``text[]`` …"""

from __future__ import annotations

from fivefold.errors import InvalidValue
from fivefold.languages.sql.keywords import COLUMN_ONLY
from fivefold.languages.sql.parse.stream import Stream
from fivefold.languages.sql.tree import TypeName

_PLAIN = {
    "int": "int4", "integer": "int4", "smallint": "int2", "bigint": "int8", "real": "float4",
    "boolean": "bool", "decimal": "numeric", "dec": "numeric", "numeric": "numeric",
}  # fmt: skip
_FIELDS = ("year", "month", "day", "hour", "minute", "second")
_FIELDS_TO = {
    "year": ("month",),
    "day": ("hour", "minute", "second"),
    "hour": ("minute", "second"),
    "minute": ("second",),
}


def type_name(s: Stream) -> TypeName:
    """Parse a type's name with its modifiers and array bounds."""
    at = s.at
    if s.accept("setof"):
        raise s.unsupported("SETOF", at)
    parts, modifiers, fields = _scalar(s)
    dimensions = 0
    if s.accept("array"):
        dimensions = 1
        if s.accept_op("["):
            s.signed_integer()
            s.expect_op("]")
    while s.is_op("["):
        s.advance()
        if s.kind == "int":
            s.advance()
        s.expect_op("]")
        dimensions += 1
    return TypeName(parts, modifiers, dimensions, fields, at)


def _scalar(s: Stream) -> tuple[tuple[str, ...], tuple[int, ...], str | None]:
    if s.kind == "word":
        word = s.value
        if word in _PLAIN:
            s.advance()
            return (("pg_catalog", _PLAIN[word]), _modifiers(s), None)
        if s.accept("double", "precision"):
            return (("pg_catalog", "float8"), (), None)
        if word == "float":
            s.advance()
            return (("pg_catalog", _float(s)), (), None)
        if word in ("char", "character", "varchar", "nchar", "national"):
            return _character(s)
        if word in ("timestamp", "time"):
            s.advance()
            modifiers = _modifiers(s)
            if s.accept("with", "time", "zone"):
                word += "tz"
            else:
                s.accept("without", "time", "zone")
            return (("pg_catalog", word), modifiers, None)
        if word == "interval":
            s.advance()
            modifiers = _modifiers(s)
            if modifiers:
                return (("pg_catalog", "interval"), modifiers, None)
            fields, modifiers = interval_fields(s)
            return (("pg_catalog", "interval"), modifiers, fields)
        if word == "bit":
            raise s.unsupported("type bit")
    if not s.is_type_name() or (s.kind == "word" and s.value in COLUMN_ONLY):
        raise s.unexpected()
    parts = [s.label()]
    while s.accept_op("."):
        parts.append(s.label())
    if s.is_op("%"):
        raise s.unsupported("%TYPE")
    return (tuple(parts), _modifiers(s), None)


def _float(s: Stream) -> str:
    at = s.at
    modifiers = _modifiers(s)
    if not modifiers:
        return "float8"
    if modifiers[0] < 1 or modifiers[0] > 53:
        side = "at least 1 bit" if modifiers[0] < 1 else "less than 54 bits"
        raise InvalidValue(f"precision for type float must be {side}", position=at + 1)
    return "float4" if modifiers[0] <= 24 else "float8"


def _character(s: Stream) -> tuple[tuple[str, ...], tuple[int, ...], None]:
    word = s.value
    s.advance()
    if word == "national":
        if not s.is_word("char", "character"):
            raise s.unexpected()
        s.advance()
    varying = word == "varchar" or s.accept("varying")
    modifiers = _modifiers(s)
    if varying:
        return (("pg_catalog", "varchar"), modifiers, None)
    return (("pg_catalog", "bpchar"), modifiers or (1,), None)


def _modifiers(s: Stream) -> tuple[int, ...]:
    if not s.is_op("("):
        return ()
    s.advance()
    found = [s.signed_integer()]
    while s.accept_op(","):
        found.append(s.signed_integer())
    s.expect_op(")")
    return tuple(found)


def interval_fields(s: Stream) -> tuple[str | None, tuple[int, ...]]:
    """Parse ``YEAR TO MONTH`` and its like after INTERVAL; seconds may have a precision."""
    if not s.is_word(*_FIELDS):
        return None, ()
    found = s.value
    last = found
    s.advance()
    if s.is_word("to") and found in _FIELDS_TO:
        s.advance()
        if not s.is_word(*_FIELDS_TO[found]):
            raise s.unexpected()
        last = s.value
        found = f"{found} to {last}"
        s.advance()
    if last != "second" or not s.is_op("("):
        return found, ()
    s.advance()
    precision = s.signed_integer()
    s.expect_op(")")
    return found, (precision,)
