"""Python's objects: what a stored value looks like to a program, and the other way.

Both ways mimic psycopg 3: Decimal for numeric, aware datetimes in UTC for timestamptz, timedelta
for interval, and a str that leaves its type to the statement. What only some types need is imported
when one of them is met.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from fivefold.errors import InvalidValue
from fivefold.values import types as t
from fivefold.values.numbers import numeric_text
from fivefold.values.records import Record
from fivefold.values.text import output
from fivefold.values.types import INTEGER_RANGE, REFERENCES, Kind, Stored, Type, array_of

if TYPE_CHECKING:
    from uuid import UUID as Uuid

YEAR_DAYS = 365
"""psycopg's year of an interval, when it becomes a timedelta."""


class Json(Record):
    """Wraps an object that is to be sent as json."""

    obj: object


class Jsonb(Record):
    """Wraps an object that is to be sent as jsonb."""

    obj: object


Loads = Callable[[str], object]
"""Reads the text of a json or jsonb."""


def to_python(type_: Type, loads: Loads | None = None) -> Callable[[Any], object] | None:
    """Return the function from stored form to Python object; None means: the same object.

    ``loads`` reads JSON instead of Python's own. The function is never given NULL; it raises
    InvalidValue for what Python's type cannot hold.
    """
    kind = type_.kind
    if type_.element is not None:
        return _list_loader(type_.element, loads)
    if loads is not None and kind in (Kind.JSON, Kind.JSONB):
        return loads
    if kind is Kind.BPCHAR and type_.length is not None:
        length = type_.length
        return lambda value: value.ljust(length)
    if kind in _SHOWN:
        return output(type_)
    return _LOADERS.get(kind)


def _list_loader(element: Type, loads: Loads | None) -> Callable[[str], object]:
    from fivefold.values.arrays import each, unpack

    load = to_python(element, loads)
    if load is None:
        return lambda stored: unpack(element, stored)
    convert = load
    return lambda stored: each(convert, unpack(element, stored))


def _too_far(what: str, stored: str) -> InvalidValue:
    return InvalidValue(f"{what} {stored} has no Python equal", "datetime_field_overflow")


def _load_date(stored: str) -> date:
    try:
        return date.fromisoformat(stored)
    except ValueError:
        raise _too_far("date", stored) from None


def _load_time(stored: str) -> time:
    try:
        return time.fromisoformat(stored)
    except ValueError:
        raise _too_far("time", stored) from None


def _load_moment(stored: str) -> datetime:
    try:
        return datetime.fromisoformat(stored)
    except ValueError:
        raise _too_far("timestamp", stored) from None


def _load_interval(stored: str) -> timedelta:
    from fivefold.values.intervals import MONTH_DAYS, stored_interval

    value = stored_interval(stored)
    years, months = divmod(value.months, 12) if value.months > 0 else (0, value.months)
    if value.months < 0:
        years, months = divmod(-value.months, 12)
        years, months = -years, -months
    try:
        return timedelta(
            days=value.days + YEAR_DAYS * years + MONTH_DAYS * months, microseconds=value.micros
        )
    except OverflowError:
        raise _too_far("interval", stored) from None


def _load_uuid(stored: str) -> Uuid:
    from uuid import UUID

    return UUID(stored)


def _load_json(stored: str) -> object:
    import json

    return json.loads(stored)


_SHOWN = REFERENCES - {Kind.OID} | {Kind.XID, *t.VECTOR_ELEMENTS}
"""Kinds that psycopg has no class for: their values are texts."""

_LOADERS: dict[Kind, Callable[[Any], object]] = {
    Kind.BOOLEAN: bool,
    Kind.FLOAT4: float,
    Kind.FLOAT8: float,
    Kind.NUMERIC: Decimal,
    Kind.DATE: _load_date,
    Kind.TIME: _load_time,
    Kind.TIMESTAMP: _load_moment,
    Kind.TIMESTAMPTZ: _load_moment,
    Kind.INTERVAL: _load_interval,
    Kind.UUID: _load_uuid,
    Kind.JSON: _load_json,
    Kind.JSONB: _load_json,
}


def from_python(value: object) -> tuple[Type, Stored]:
    """Return the type psycopg would send ``value`` as, and its stored form.

    A str, and a list of str, is of type unknown: the statement decides. Raises InvalidValue for
    objects of other classes.
    """
    if value is None:
        return t.UNKNOWN, None
    dump = _DUMPERS.get(type(value))
    if dump is None:
        dump = next((_DUMPERS[base] for base in type(value).__mro__ if base in _DUMPERS), None)
        if dump is None and "uuid" in sys.modules and isinstance(value, sys.modules["uuid"].UUID):
            return t.UUID, str(value)
        if dump is None:
            raise InvalidValue(
                f"cannot send a Python {type(value).__name__} as a value", "wrong_value_kind"
            )
    return dump(value)


def _dump_int(value: int) -> tuple[Type, Stored]:
    for type_ in (t.INT2, t.INT4, t.INT8):
        low, high = INTEGER_RANGE[type_.kind]
        if low <= value <= high:
            return type_, int(value)
    return t.NUMERIC, numeric_text(Decimal(value))


def _dump_str(value: str) -> tuple[Type, Stored]:
    if "\0" in value:
        raise InvalidValue("a text cannot hold the character 0", "character_not_in_repertoire")
    return t.UNKNOWN, str(value)


def _dump_float(value: float) -> tuple[Type, Stored]:
    return t.FLOAT8, "NaN" if value != value else float(value)


def _dump_datetime(value: datetime) -> tuple[Type, Stored]:
    from fivefold.values.datetimes import moment_text

    if value.utcoffset() is None:
        return t.TIMESTAMP, moment_text(value.replace(tzinfo=None))
    try:
        return t.TIMESTAMPTZ, moment_text(value.astimezone(UTC).replace(tzinfo=None)) + "+00"
    except OverflowError:
        raise _too_far("timestamp", str(value)) from None


def _dump_time(value: time) -> tuple[Type, Stored]:
    from fivefold.values.datetimes import clock_text
    from fivefold.values.intervals import SECOND

    if value.tzinfo is not None:
        raise InvalidValue("a time of day has no time zone in fivefold", "wrong_value_kind")
    seconds = (value.hour * 60 + value.minute) * 60 + value.second
    return t.TIME, clock_text(seconds * SECOND + value.microsecond)


def _dump_timedelta(value: timedelta) -> tuple[Type, Stored]:
    from fivefold.values.intervals import SECOND, Interval, interval_text

    micros = value.seconds * SECOND + value.microseconds
    return t.INTERVAL, interval_text(Interval(days=value.days, micros=micros))


def _dump_dict(value: object) -> tuple[Type, Stored]:
    raise InvalidValue("a dict is sent wrapped: Jsonb({...}) or Json({...})", "wrong_value_kind")


def _dump_json(value: Json) -> tuple[Type, Stored]:
    from fivefold.values.json import parse_json

    return t.JSON, parse_json(_dumps(value.obj))


def _dump_jsonb(value: Jsonb) -> tuple[Type, Stored]:
    from fivefold.values.json import parse_jsonb

    return t.JSONB, parse_jsonb(_dumps(value.obj))


def _dumps(obj: object) -> str:
    import json

    try:
        return json.dumps(obj)
    except (TypeError, ValueError) as error:
        raise InvalidValue(f"not JSON: {error}", "wrong_value_kind") from None


def _dump_list(values: list[Any]) -> tuple[Type, Stored]:
    from fivefold.values.arrays import array_output, each, pack, shape

    shape(values)
    items = [from_python(item) for item in _flat(values)]
    kinds = {type_ for type_, _ in items}
    if not kinds or kinds == {t.UNKNOWN}:
        return t.UNKNOWN, array_output(t.TEXT, str)(pack(t.TEXT, values))
    integers = [type_ for type_ in (t.INT2, t.INT4, t.INT8, t.NUMERIC) if type_ in kinds]
    all_ints = all(type(item) is int for item in _flat(values))
    if len(kinds) > 1 and not (all_ints and len(integers) == len(kinds)):
        names = ", ".join(sorted({type(item).__name__ for item in _flat(values)}))
        raise InvalidValue(f"a list holds values of one type; got: {names}", "wrong_value_kind")
    element = integers[-1] if all_ints else kinds.pop()
    as_text = all_ints and element == t.NUMERIC

    def store(item: object) -> Stored:
        stored = from_python(item)[1]
        return str(stored) if as_text else stored

    return array_of(element), pack(element, each(store, values))


def _flat(values: list[Any]) -> Iterator[Any]:
    for value in values:
        if isinstance(value, list):
            yield from _flat(value)
        elif value is not None:
            yield value


_DUMPERS: dict[type, Callable[[Any], tuple[Type, Stored]]] = {
    int: _dump_int,
    str: _dump_str,
    bool: lambda value: (t.BOOLEAN, int(value)),
    float: _dump_float,
    Decimal: lambda value: (t.NUMERIC, numeric_text(value)),
    datetime: _dump_datetime,
    date: lambda value: (t.DATE, value.isoformat()),
    time: _dump_time,
    timedelta: _dump_timedelta,
    bytes: lambda value: (t.BYTEA, bytes(value)),
    bytearray: lambda value: (t.BYTEA, bytes(value)),
    memoryview: lambda value: (t.BYTEA, bytes(value)),
    list: _dump_list,
    dict: _dump_dict,
    Json: _dump_json,
    Jsonb: _dump_jsonb,
}
