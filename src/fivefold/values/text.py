"""PostgreSQL's input and output functions: text to stored form and back.

``parser`` and ``output`` choose once, by type, a function that is then called per value; use
them wherever more than one value of a type is read or written. What only some types need is
imported when one of them is met: what reads times takes 15 ms.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from typing import Any

from fivefold.errors import InvalidValue, Unsupported
from fivefold.values import numbers, strings
from fivefold.values.types import INT2, OID, REFERENCES, Kind, Stored, Type

Clock = Callable[[], datetime]
"""Tells what 'now' and 'today' mean in a text that is read."""


class Relative(Unsupported):
    """A text says 'now' or 'today', and nobody has said when that is."""


_PRECISE = frozenset({Kind.TIME, Kind.TIMESTAMP, Kind.TIMESTAMPTZ, Kind.INTERVAL})
_MOMENTS = frozenset({Kind.DATE, Kind.TIME, Kind.TIMESTAMP, Kind.TIMESTAMPTZ})
_PLAIN: dict[Kind, Callable[[str], Stored]] = {
    Kind.BOOLEAN: strings.parse_boolean,
    Kind.BYTEA: strings.parse_bytea,
    Kind.CHAR: strings.parse_char,
    Kind.UUID: strings.parse_uuid,
}


def parse(type_: Type, text: str, *, zone: tzinfo = UTC, now: Clock | None = None) -> Stored:
    """Return the stored form of ``text``, as PostgreSQL's input function of the type reads it.

    ``zone`` is the session's; ``now`` tells what 'now' and 'today' mean: without it they raise
    Relative. Raises InvalidValue.
    """
    return parser(type_, zone, now)(text)


def parser(type_: Type, zone: tzinfo = UTC, now: Clock | None = None) -> Callable[[str], Stored]:
    """Return the type's input function; see ``parse``."""
    kind = type_.kind
    if type_.element is not None:
        from fivefold.values.arrays import array_parser

        return array_parser(type_.element, parser(type_.element, zone, now))
    if kind in numbers.INTEGER_BOUNDS:
        return numbers.integer_parser(type_)
    if kind is Kind.XID:
        return numbers.integer_parser(OID)
    if kind in REFERENCES:
        return _parse_reference
    if kind is Kind.INT2VECTOR or kind is Kind.OIDVECTOR:
        return _parse_vector(INT2 if kind is Kind.INT2VECTOR else OID)
    if kind in _PLAIN:
        return _PLAIN[kind]
    if kind is Kind.JSON or kind is Kind.JSONB:
        from fivefold.values import json

        return json.parse_json if kind is Kind.JSON else json.parse_jsonb
    if kind in _MOMENTS:
        from fivefold.values import datetimes

        read: Callable[..., str] = getattr(datetimes, f"parse_{kind}")
        return lambda text: read(type_, text, zone, now)
    if kind is Kind.NUMERIC:
        return lambda text: numbers.parse_numeric(type_, text)
    if kind is Kind.FLOAT8:
        return numbers.parse_float8
    if kind is Kind.FLOAT4:
        return lambda text: numbers.parse_float(type_, text)
    if kind is Kind.ENUM:
        return _enum_parser(type_)
    if kind is Kind.RECORD:
        return _refuse_record
    if kind is Kind.INTERVAL:
        from fivefold.values.intervals import parse_interval

        return lambda text: parse_interval(type_, text)
    if kind is Kind.NAME or kind is Kind.BPCHAR or type_.length is not None:
        return lambda text: strings.fit_text(type_, text, explicit=False)
    return as_is


def _refuse_record(text: str) -> Stored:
    raise Unsupported("input of anonymous composite types is not implemented")


def _enum_parser(type_: Type) -> Callable[[str], str]:
    labels = frozenset(type_.labels)

    def read(text: str) -> str:
        if text not in labels:
            raise InvalidValue(
                f'invalid input value for enum {type_}: "{text}"', "invalid_text_representation"
            )
        return text

    return read


def as_is(text: str) -> str:
    """Return ``text``: the function of types whose text and stored form are one.

    Public, so that a hot loop can leave the call out: ``if read is as_is``.
    """
    return text


def coerce_length(type_: Type, value: Stored, *, explicit: bool = True) -> Stored:
    """Apply the type's modifier to a value of its kind.

    An explicit cast cuts a text that is too long; an assignment (``explicit=False``) refuses it
    unless the excess is blanks. Numbers and times are rounded either way.
    """
    if value is None:
        return None
    if type_.element is not None:
        from fivefold.values.arrays import each, pack, unpack

        assert isinstance(value, str)
        element = type_.element
        if element == Type(element.kind):
            return value
        return pack(
            element,
            each(
                lambda item: coerce_length(element, item, explicit=explicit),
                unpack(element, value),
            ),
        )
    kind = type_.kind
    if kind is Kind.BPCHAR or kind is Kind.NAME or type_.length is not None:
        assert isinstance(value, str)
        return strings.fit_text(type_, value, explicit=explicit)
    if type_.precision is None:
        return value
    if kind is Kind.NUMERIC:
        assert isinstance(value, str)
        return numbers.fit_numeric(type_, value)
    if kind is Kind.INTERVAL:
        from fivefold.values.datetimes import round_micros
        from fivefold.values.intervals import interval_text, stored_interval

        assert isinstance(value, str)
        interval = stored_interval(value)
        interval.micros = round_micros(interval.micros, type_.precision)
        return interval_text(interval)
    if kind in _PRECISE and isinstance(value, str) and "." in value:
        return parse(type_, value)
    return value


def output(type_: Type, *, zone: tzinfo = UTC, bytea_escape: bool = False) -> Callable[[Any], str]:
    """Return the type's output function; it is never given NULL.

    ``zone`` shows timestamptz; ``bytea_escape`` is the setting bytea_output = 'escape'.
    """
    kind = type_.kind
    if type_.element is not None:
        from fivefold.values.arrays import array_output

        return array_output(
            type_.element, output(type_.element, zone=zone, bytea_escape=bytea_escape)
        )
    if kind is Kind.RECORD:
        from fivefold.values.rows import record_output

        shows = [output(one, zone=zone, bytea_escape=bytea_escape) for _, one in type_.fields]
        return record_output(type_, shows)
    if kind is Kind.BOOLEAN:
        return _show_boolean
    if kind in numbers.INTEGER_BOUNDS or kind in REFERENCES or kind is Kind.XID:
        return str  # what an oid names is put in its place before: see the catalogs of SQL
    if kind is Kind.INT2VECTOR or kind is Kind.OIDVECTOR:
        return _show_vector
    if kind is Kind.FLOAT8:
        return numbers.float8_text
    if kind is Kind.FLOAT4:
        return numbers.float4_text
    if kind is Kind.BYTEA:
        return strings.bytea_escape if bytea_escape else strings.bytea_hex
    if kind is Kind.TIMESTAMPTZ and zone is not UTC:
        from fivefold.values.datetimes import timestamptz_output

        return timestamptz_output(zone)
    if kind is Kind.BPCHAR and type_.length is not None:
        length = type_.length
        return lambda value: value.ljust(length)
    return as_is


def _parse_reference(text: str) -> Stored:
    """Return an oid, or the name for which whoever runs the statement puts one."""
    return int(text) if text.isdecimal() and text.isascii() else text


def _show_vector(value: str) -> str:
    return value[1:-1].replace(",", " ")


def _parse_vector(element: Type) -> Callable[[str], str]:
    read = parser(element)
    return lambda text: f"[{','.join(str(read(part)) for part in text.split())}]"


def _show_boolean(value: int) -> str:
    return "t" if value else "f"


def output_bytes(
    type_: Type, *, zone: tzinfo = UTC, bytea_escape: bool = False
) -> Callable[[Any], bytes]:
    """Return the type's output function in UTF-8, for wires and COPY; see ``output``."""
    kind = type_.kind
    if kind in numbers.INTEGER_BOUNDS:
        return b"%d".__mod__
    if kind is Kind.BOOLEAN:
        return _boolean_bytes
    show = output(type_, zone=zone, bytea_escape=bytea_escape)
    if show is as_is:
        return str.encode
    return lambda value: show(value).encode()


def _boolean_bytes(value: int) -> bytes:
    return b"t" if value else b"f"
