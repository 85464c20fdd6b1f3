"""JSON made of other values: to_json, json_build_object and their kin."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import tzinfo
from typing import Any

from fivefold.errors import InvalidValue
from fivefold.stores.sqlite.context import Context
from fivefold.stores.sqlite.functions.arrays import flat
from fivefold.stores.sqlite.functions.codes import type_of_code
from fivefold.stores.sqlite.functions.json import INFINITE_NUMBERS
from fivefold.stores.sqlite.functions.table import Entry, Function, Needs, strict
from fivefold.values.arrays import shape, unpack
from fivefold.values.json import parse_jsonb
from fivefold.values.rows import unpack as unpack_record
from fivefold.values.text import output
from fivefold.values.types import INTEGERS, TEXT, Kind, Stored, Type

_encode_text = json.JSONEncoder(ensure_ascii=False).encode


def value_text(value: Stored, type_: Type, zone: tzinfo) -> str:
    """Return a stored value as JSON text, as to_json does."""
    if value is None:
        return "null"
    kind = type_.kind
    if type_.element is not None:
        element = type_.element
        return _array_text(unpack(element, str(value)), element, zone)
    if kind in (Kind.JSON, Kind.JSONB):
        return str(value)
    if kind is Kind.RECORD:
        return record_text(str(value), type_, zone)
    if kind is Kind.BOOLEAN:
        return "true" if value else "false"
    if kind in INTEGERS:
        return str(value)
    text = output(type_, zone=zone)(value)
    if kind in (Kind.NUMERIC, Kind.FLOAT4, Kind.FLOAT8):
        return _encode_text(text) if text in INFINITE_NUMBERS else text
    if kind in (Kind.TIMESTAMP, Kind.TIMESTAMPTZ):
        text = text.replace(" ", "T", 1)
        if kind is Kind.TIMESTAMPTZ and text[-3:-2] in "+-":
            text += ":00"
    return _encode_text(text)


def record_text(stored: str, type_: Type, zone: tzinfo, between: str = ",") -> str:
    """Return a record as a JSON object, as row_to_json does."""
    members = [
        f"{_encode_text(name)}:{value_text(value, field, zone)}"
        for (name, field), value in zip(type_.fields, unpack_record(type_, stored), strict=True)
    ]
    return "{" + between.join(members) + "}"


def _row_to_json(
    context: Context, value: str | None, code: str, pretty: int | None = 0, _: str = ""
) -> str | None:
    if value is None or pretty is None:
        return None
    return record_text(value, type_of_code(code), context.zone, ",\n " if pretty else ",")


def _array_text(values: list[Any], element: Type, zone: tzinfo) -> str:
    return "[" + ",".join(
        [_array_text(one, element, zone) if isinstance(one, list)
         else value_text(one, element, zone) for one in values]
    ) + "]"  # fmt: skip


def _array_to_json(
    context: Context, value: str | None, code: str, pretty: int | None = 0, _: str = ""
) -> str | None:
    if value is None or pretty is None:
        return None
    element = type_of_code(code).element
    if not pretty or element is None:
        return value_text(value, type_of_code(code), context.zone)
    zone = context.zone
    members = [
        _array_text(one, element, zone) if isinstance(one, list) else value_text(one, element, zone)
        for one in unpack(element, value)
    ]
    return "[" + ",\n ".join(members) + "]"


def _to_json(context: Context, value: Stored, code: str) -> str | None:
    return None if value is None else value_text(value, type_of_code(code), context.zone)


def _to_jsonb(context: Context, value: Stored, code: str) -> str | None:
    return (
        None if value is None else parse_jsonb(value_text(value, type_of_code(code), context.zone))
    )


def key_text(value: Stored, type_: Type, zone: tzinfo) -> str:
    """Return an object's key. Raises InvalidValue for null."""
    if value is None:
        raise InvalidValue("null value not allowed for object key", "null_value_not_allowed")
    if type_.element is not None or type_.kind in (Kind.JSON, Kind.JSONB, Kind.RECORD):
        raise InvalidValue(
            "key value must be scalar, not array, composite, or json", "invalid_parameter_value"
        )
    text = value_text(value, type_, zone)
    return str(json.loads(text)) if text[0] == '"' else text


def build_object(context: Context, *arguments: Any, name: str = "json_build_object") -> str:
    """json_build_object: keys and values in turn, each followed by the code of its type."""
    values, types = arguments[::2], [type_of_code(code) for code in arguments[1::2]]
    if len(values) % 2:
        raise InvalidValue(
            "argument list must have even number of elements", "invalid_parameter_value",
            hint=f"The arguments of {name}() must consist of alternating keys"
            " and values.",
        )  # fmt: skip
    parts = []
    for at in range(0, len(values), 2):
        if values[at] is None:
            raise InvalidValue(f"argument {at + 1} cannot be null", "invalid_parameter_value",
                               hint="Object keys should be text.")  # fmt: skip
        key = _encode_text(key_text(values[at], types[at], context.zone))
        parts.append(f"{key} : {value_text(values[at + 1], types[at + 1], context.zone)}")
    return "{" + ", ".join(parts) + "}"


def build_array(context: Context, *arguments: Any) -> str:
    """json_build_array: values, each followed by the code of its type."""
    values, codes = arguments[::2], arguments[1::2]
    pairs = zip(values, codes, strict=True)
    parts = [value_text(value, type_of_code(code), context.zone) for value, code in pairs]
    return "[" + ", ".join(parts) + "]"


def _normalized(function: Callable[..., str]) -> Function:
    return lambda context, *arguments: parse_jsonb(function(context, *arguments))


def build_jsonb_object(context: Context, *arguments: Any) -> str:
    """jsonb_build_object."""
    for at in range(0, len(arguments), 4):
        if arguments[at] is None and len(arguments) % 4 == 0:
            message = f"argument {at // 2 + 1}: key must not be null"
            raise InvalidValue(message, "invalid_parameter_value")
    return parse_jsonb(build_object(context, *arguments, name="jsonb_build_object"))


def wrong_subscripts() -> InvalidValue:
    """Return the error of a text array that may have one dimension only."""
    return InvalidValue("wrong number of array subscripts", "array_subscript_error")


def object_of_arrays(keys: str, values: str | None = None) -> str:
    """json_object: of one array of alternating keys and values, or of two arrays."""
    names = unpack(TEXT, keys)
    if values is None:
        sizes = shape(names)
        if len(sizes) > 2:
            raise wrong_subscripts()
        if len(sizes) == 2 and sizes[1] != 2:
            raise InvalidValue("array must have two columns", "array_subscript_error")
        if len(sizes) == 1 and sizes[0] % 2:
            raise InvalidValue("array must have even number of elements", "array_subscript_error")
        alternating = list(flat(names))
        names, items = alternating[::2], alternating[1::2]
    else:
        items = unpack(TEXT, values)
        if len(shape(names)) > 1 or len(shape(items)) > 1:
            raise wrong_subscripts()
        if len(items) != len(names):
            raise InvalidValue("mismatched array dimensions", "array_subscript_error")
    parts = []
    for name, item in zip(names, items, strict=True):
        if name is None:
            raise InvalidValue("null value not allowed for object key", "null_value_not_allowed")
        parts.append(f"{_encode_text(name)} : {'null' if item is None else _encode_text(item)}")
    return "{" + ", ".join(parts) + "}"


def _here(name: str, arguments: int, function: Function) -> Entry:
    return Entry(name, arguments, function, deterministic=False, needs=Needs.CONTEXT)


def _jsonb_object(keys: str, values: str | None = None) -> str:
    return parse_jsonb(object_of_arrays(keys, values))


FUNCTIONS: tuple[Entry, ...] = (
    Entry("ff_json_object", -1, strict(lambda *arrays: object_of_arrays(*arrays))),
    Entry("ff_jsonb_object", -1, strict(lambda *arrays: _jsonb_object(*arrays))),
    _here("ff_to_json", 2, _to_json),
    _here("ff_row_to_json", -1, _row_to_json),
    _here("ff_array_to_json", -1, _array_to_json),
    _here("ff_to_jsonb", 2, _to_jsonb),
    _here("ff_json_build_object", -1, build_object),
    _here("ff_jsonb_build_object", -1, build_jsonb_object),
    _here("ff_json_build_array", -1, build_array),
    _here("ff_jsonb_build_array", -1, _normalized(build_array)),
)
