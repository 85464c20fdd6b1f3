"""PostgreSQL's casts: which exist, how freely they are applied, and what they do.

Which there are, values/castings.py knows.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, tzinfo
from typing import Any

from fivefold.errors import InvalidStatement, InvalidValue
from fivefold.values import numbers, strings
from fivefold.values.arrays import each, pack, unpack
from fivefold.values.castings import cast_context
from fivefold.values.datetimes import DAY_MICROS, clock_micros, clock_text, to_local, to_utc
from fivefold.values.intervals import Interval, interval_text, stored_interval
from fivefold.values.json import parse_jsonb
from fivefold.values.text import Clock, coerce_length, output, parse
from fivefold.values.types import FLOATS, INTEGERS, REFERENCES, TEXTS, Kind, Stored, Type

_INFINITE = ("infinity", "-infinity")


def _bare(type_: Type) -> Type:
    if type_.kind is Kind.ENUM:
        return type_
    element = None if type_.element is None else _bare(type_.element)
    return Type(type_.kind, element=element)


def coerce(
    type_: Type,
    source: Type,
    value: Stored,
    *,
    zone: tzinfo = UTC,
    explicit: bool = False,
    now: Clock | None = None,
) -> Stored:
    """Return a stored value of ``source`` as a stored value of ``type_``.

    ``explicit`` (CAST, ``::``) cuts texts that are too long, where an assignment refuses them;
    ``now`` is as in ``parse``.
    Raises InvalidValue if the value does not fit, InvalidStatement if there is no such cast.
    """
    if cast_context(source, type_) is None:
        raise InvalidStatement(
            f"cannot cast type {_bare(source)} to {_bare(type_)}", "cannot_coerce"
        )
    if value is None or (type_ == source and type_.kind is not Kind.UNKNOWN):
        return value
    if source.kind is type_.kind and type_.element is None:
        return coerce_length(type_, value, explicit=explicit)
    if type_.element is not None and source.element is not None:
        assert isinstance(value, str)
        target, origin = type_.element, source.element
        items = each(
            lambda item: coerce(target, origin, item, zone=zone, explicit=explicit, now=now),
            unpack(origin, value),
        )
        return pack(target, items)
    if source.kind in TEXTS or source.kind is Kind.UNKNOWN:
        return _from_text(type_, str(value), zone, explicit, now)
    if type_.kind in TEXTS or type_.kind is Kind.UNKNOWN:
        if source.kind is Kind.BOOLEAN and type_.kind is not Kind.NAME:
            text = "true" if value else "false"
        else:
            text = output(source, zone=zone)(value)
        return coerce_length(type_, text, explicit=explicit)
    bare = _bare(type_)
    changed = _convert(bare, source, value, zone)
    return changed if type_ == bare else coerce_length(type_, changed, explicit=explicit)


def _from_text(type_: Type, text: str, zone: tzinfo, explicit: bool, now: Clock | None) -> Stored:
    if type_.kind in TEXTS or type_.kind is Kind.UNKNOWN:
        return coerce_length(type_, text, explicit=explicit)
    if type_.element is not None and explicit and type_.element.kind in TEXTS:
        loose = Type(Kind.ARRAY, element=Type(type_.element.kind))
        return coerce_length(type_, parse(loose, text, zone=zone), explicit=True)
    return parse(type_, text, zone=zone, now=now)


def _convert(type_: Type, source: Type, value: Any, zone: tzinfo) -> Stored:
    """Cast between two kinds that are not texts; ``type_`` has no modifier."""
    kind, origin = type_.kind, source.kind
    if origin is Kind.JSONB and kind is not Kind.JSON:
        return _from_jsonb(type_, value)
    if kind is Kind.CHAR or origin is Kind.CHAR:
        return _to_char(value) if kind is Kind.CHAR else _from_char(value)
    if origin in INTEGERS or origin in REFERENCES or origin is Kind.BOOLEAN:
        return _from_integer(kind, origin, value)
    if origin in FLOATS:
        return _from_float(kind, origin, value)
    if origin is Kind.NUMERIC:
        return _from_numeric(kind, value)
    return _OTHERS[origin, kind](value, zone)


def _to_char(value: int) -> str:
    if not -128 <= value <= 127:
        raise InvalidValue('"char" out of range', "numeric_value_out_of_range")
    return strings.char_of_byte(value & 0xFF)


def _from_char(value: str) -> int:
    byte = strings.byte_of_char(value)
    return byte - 256 if byte > 127 else byte


def _from_integer(kind: Kind, origin: Kind, value: int) -> Stored:
    if kind is Kind.BOOLEAN:
        return 1 if value else 0
    if kind is Kind.NUMERIC:
        return str(value)
    if kind in FLOATS:
        return numbers.number_to_float(kind, value)
    if kind in REFERENCES:
        # From int2 and int4 the bits are taken as they are, and back to int4 likewise.
        return numbers.integer_in_range(
            Kind.OID, value if origin is Kind.INT8 else value & numbers.OID_MAX
        )
    if origin in REFERENCES and kind is Kind.INT4 and value > numbers.INTEGER_BOUNDS[kind][1]:
        return value - numbers.OID_MAX - 1
    return numbers.integer_in_range(kind, value)


def _from_float(kind: Kind, origin: Kind, value: float | str) -> Stored:
    if kind in INTEGERS:
        return numbers.float_to_integer(kind, value)
    if kind is Kind.NUMERIC:
        return numbers.float_to_numeric(origin, value)
    return numbers.number_to_float(kind, value)


def _from_numeric(kind: Kind, value: str) -> Stored:
    if kind in INTEGERS:
        return numbers.numeric_to_integer(kind, value)
    return numbers.number_to_float(kind, value)


def _from_jsonb(type_: Type, text: str) -> Stored:
    value = json.loads(text, parse_float=str, parse_int=str)
    wants_boolean = type_.kind is Kind.BOOLEAN
    # Numbers were kept as texts, and a JSON string begins with a quote.
    is_number = isinstance(value, str) and not text.startswith('"')
    if wants_boolean and isinstance(value, bool):
        return int(value)
    if not wants_boolean and is_number:
        if type_.kind is Kind.NUMERIC:
            return text
        return _from_numeric(type_.kind, text)
    names = {dict: "object", list: "array", str: "string", bool: "boolean", type(None): "null"}
    name = "numeric" if is_number else names[type(value)]
    raise InvalidValue(f"cannot cast jsonb {name} to type {type_}", "invalid_parameter_value")


def _date_to_timestamp(value: str, zone: tzinfo) -> str:
    return value if value in _INFINITE else f"{value} 00:00:00"


def _date_to_timestamptz(value: str, zone: tzinfo) -> str:
    return to_utc(_date_to_timestamp(value, zone), zone)


def _timestamp_to_date(value: str, zone: tzinfo) -> str:
    return value if value in _INFINITE else value[:10]


def _timestamp_to_time(value: str, zone: tzinfo) -> str | None:
    return None if value in _INFINITE else value[11:]


def _time_to_interval(value: str, zone: tzinfo) -> str:
    return interval_text(Interval(micros=clock_micros(value)))


def _interval_to_time(value: str, zone: tzinfo) -> str:
    return clock_text(stored_interval(value).micros % DAY_MICROS)


_OTHERS: dict[tuple[Kind, Kind], Callable[[str, tzinfo], Stored]] = {
    (Kind.DATE, Kind.TIMESTAMP): _date_to_timestamp,
    (Kind.DATE, Kind.TIMESTAMPTZ): _date_to_timestamptz,
    (Kind.TIMESTAMP, Kind.DATE): _timestamp_to_date,
    (Kind.TIMESTAMP, Kind.TIME): _timestamp_to_time,
    (Kind.TIMESTAMP, Kind.TIMESTAMPTZ): to_utc,
    (Kind.TIMESTAMPTZ, Kind.TIMESTAMP): to_local,
    (Kind.TIMESTAMPTZ, Kind.DATE): lambda value, zone: _timestamp_to_date(
        to_local(value, zone), zone
    ),
    (Kind.TIMESTAMPTZ, Kind.TIME): lambda value, zone: _timestamp_to_time(
        to_local(value, zone), zone
    ),
    (Kind.TIME, Kind.INTERVAL): _time_to_interval,
    (Kind.INTERVAL, Kind.TIME): _interval_to_time,
    (Kind.JSON, Kind.JSONB): lambda value, zone: parse_jsonb(value),
    (Kind.JSONB, Kind.JSON): lambda value, zone: value,
}
