"""Functions of json and jsonb.

A json value keeps its text; what is cut out of one keeps its digits and key order. jsonb is
normalized text (values/json.py), so results are printed by that module's printer again.
"""

from __future__ import annotations

import json
import re
from typing import Any

from fivefold.errors import InvalidValue
from fivefold.stores.sqlite.functions.arrays import flat
from fivefold.stores.sqlite.functions.table import Entry, Function, stricts
from fivefold.values.arrays import unpack
from fivefold.values.json import parse_jsonb
from fivefold.values.types import TEXT, array_of


class Digits(str):
    """A number as it was written."""

    __slots__ = ()


_DECODER = json.JSONDecoder(parse_int=Digits, parse_float=Digits, strict=False)
_encode_text = json.JSONEncoder(ensure_ascii=False).encode
TEXTS_ARRAY = array_of(TEXT)
INFINITE_NUMBERS = ("NaN", "Infinity", "-Infinity")


def read(text: str) -> Any:
    """Return a JSON text as Python values, numbers as ``Digits``."""
    return _DECODER.decode(text)


def write(value: Any, *, comma: str = ", ", colon: str = ": ") -> str:
    """Return Python values as JSON, with jsonb's blanks."""
    if isinstance(value, Digits):
        return str(value)
    if isinstance(value, dict):
        return "{" + comma.join(
            [f"{_encode_text(key)}{colon}{write(item, comma=comma, colon=colon)}"
             for key, item in value.items()]
        ) + "}"  # fmt: skip
    if isinstance(value, list):
        return "[" + comma.join([write(item, comma=comma, colon=colon) for item in value]) + "]"
    return _encode_text(value)


def kind_of(value: Any) -> str:
    """Return PostgreSQL's word for a JSON value's type."""
    if isinstance(value, Digits):
        return "number"
    return {dict: "object", list: "array", str: "string", bool: "boolean"}.get(type(value), "null")


def as_text(value: Any) -> str | None:
    """Return a JSON value as ``->>`` does: strings bare, null as null."""
    if value is None:
        return None
    return value if isinstance(value, str) else write(value)


# Members. For json the member's own text is wanted: it is cut from the source by raw decoding.


def _member(value: Any, key: str | int) -> Any:
    """Return a member, or the marker ``...`` if there is none."""
    if isinstance(value, dict) and isinstance(key, str):
        return value.get(key, ...)
    if isinstance(value, list) and isinstance(key, int):
        at = key if key >= 0 else len(value) + key
        return value[at] if 0 <= at < len(value) else ...
    return ...


def _walk(value: Any, path: list[str | None]) -> Any:
    for step in path:
        if step is None:
            return ...
        if isinstance(value, list):
            try:
                value = _member(value, int(step))
            except ValueError:
                return ...
        else:
            value = _member(value, step)
        if value is ...:
            return ...
    return value


def raw_members(text: str) -> tuple[list[tuple[str, str]], list[str]]:
    """Return an object's (key, text) pairs and an array's texts, each cut from the source."""
    pairs: list[tuple[str, str]] = []
    items: list[str] = []
    at = len(text) - len(text.lstrip())
    if text[at] not in "{[":
        return pairs, items
    is_object, at = text[at] == "{", at + 1
    while True:
        at = _skip(text, at)
        if text[at] in "]},":
            if text[at] != ",":
                return pairs, items
            at = _skip(text, at + 1)
        key = ""
        if is_object:
            key, at = _DECODER.raw_decode(text, at)
            at = _skip(text, _skip(text, at) + 1)
        _, end = _DECODER.raw_decode(text, at)
        if is_object:
            pairs.append((key, text[at:end]))
        else:
            items.append(text[at:end])
        at = end


def _skip(text: str, at: int) -> int:
    while text[at] in " \t\n\r":
        at += 1
    return at


def json_field(text: str, key: str) -> str | None:
    """json -> text."""
    found = [item for name, item in raw_members(text)[0] if name == key]
    return found[-1] if found else None


def json_element(text: str, at: int) -> str | None:
    """json -> int."""
    items = raw_members(text)[1]
    at = at if at >= 0 else len(items) + at
    return items[at] if 0 <= at < len(items) else None


def json_text(found: str | None) -> str | None:
    if found is None:
        return None
    value = read(found)
    if value is None:
        return None
    return value if isinstance(value, str) and not isinstance(value, Digits) else found


def json_field_text(text: str, key: str) -> str | None:
    """json ->> text."""
    return json_text(json_field(text, key))


def json_element_text(text: str, at: int) -> str | None:
    """json ->> int."""
    return json_text(json_element(text, at))


def json_path(text: str, *steps: str) -> str | None:
    """json_extract_path, or ``#>`` where the steps come as one array."""
    found: str | None = text
    for step in _steps(steps):
        if found is None or step is None:
            return None
        if found.lstrip().startswith("["):
            try:
                found = json_element(found, int(step))
            except ValueError:
                return None
        else:
            found = json_field(found, step)
    return found


def json_path_text(text: str, *steps: str) -> str | None:
    """json_extract_path_text, ``#>>``."""
    return json_text(json_path(text, *steps))


def _steps(steps: tuple[str, ...]) -> list[str | None]:
    # An array comes as one JSON text with the mark that the renderer sets before it.
    if len(steps) == 2 and steps[0] == "\0array":
        return unpack(TEXT, steps[1])
    return list(steps)


def jsonb_element(text: str, at: int) -> str | None:
    """jsonb -> int. A scalar lies as an array of one, as PostgreSQL's own code shows."""
    found = _element(read(text), at)
    return None if found is ... else write(found)


def jsonb_element_text(text: str, at: int) -> str | None:
    """jsonb ->> int."""
    found = _element(read(text), at)
    return None if found is ... else as_text(found)


def _element(value: Any, at: int) -> Any:
    return _member(value if isinstance(value, (list, dict)) else [value], at)


def jsonb_field(text: str, key: str | int) -> str | None:
    """jsonb -> key."""
    found = _member(read(text), key)
    return None if found is ... else write(found)


def jsonb_field_text(text: str, key: str | int) -> str | None:
    """jsonb ->> key."""
    found = _member(read(text), key)
    return None if found is ... else as_text(found)


def jsonb_path(text: str, *steps: str) -> str | None:
    """jsonb_extract_path, ``#>``."""
    found = _walk(read(text), _steps(steps))
    return None if found is ... else write(found)


def jsonb_path_text(text: str, *steps: str) -> str | None:
    """jsonb_extract_path_text, ``#>>``."""
    found = _walk(read(text), _steps(steps))
    return None if found is ... else as_text(found)


# Containment


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, Digits) and isinstance(b, Digits):
        from decimal import Decimal

        return a == b or Decimal(a) == Decimal(b)
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_same(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(_same, a, b))
    return type(a) is type(b) and bool(a == b)


def _holds(whole: Any, part: Any, *, top: bool = False) -> bool:
    if isinstance(whole, dict) and isinstance(part, dict):
        return all(key in whole and _holds(whole[key], item) for key, item in part.items())
    if isinstance(whole, list) and isinstance(part, list):
        return all(any(_holds(one, item) for one in whole) for item in part)
    if top and isinstance(whole, list) and not isinstance(part, dict):
        return any(_same(one, part) for one in whole)
    return _same(whole, part)


def contains(whole: str, part: str) -> int:
    """jsonb @> jsonb."""
    return int(_holds(read(whole), read(part), top=True))


def contained(part: str, whole: str) -> int:
    """jsonb <@ jsonb."""
    return contains(whole, part)


def _keys(text: str) -> Any:
    value = read(text)
    if isinstance(value, str) and not isinstance(value, Digits):
        return (value,)
    if isinstance(value, list):
        return {one for one in value if isinstance(one, str) and not isinstance(one, Digits)}
    return value if isinstance(value, dict) else ()


def has_key(text: str, key: str) -> int:
    """jsonb ? text."""
    return int(key in _keys(text))


def has_any_key(text: str, keys: str) -> int:
    """jsonb ?| text[]."""
    known = _keys(text)
    return int(any(key in known for key in flat(unpack(TEXT, keys)) if key is not None))


def has_all_keys(text: str, keys: str) -> int:
    """jsonb ?& text[]."""
    known = _keys(text)
    return int(all(key in known for key in flat(unpack(TEXT, keys)) if key is not None))


# Changes of jsonb


def _wrong(message: str) -> InvalidValue:
    return InvalidValue(message, "invalid_parameter_value")


def concat(a: str, b: str) -> str:
    """jsonb || jsonb."""
    one, other = read(a), read(b)
    if isinstance(one, dict) and isinstance(other, dict):
        return parse_jsonb(write({**one, **other}))
    left = one if isinstance(one, list) else [one]
    right = other if isinstance(other, list) else [other]
    return write(left + right)


def delete_key(text: str, key: str) -> str:
    """jsonb - text."""
    value = read(text)
    if isinstance(value, dict):
        value.pop(key, None)
    elif isinstance(value, list):
        value = [one for one in value if isinstance(one, Digits) or one != key]
    else:
        raise _wrong("cannot delete from scalar")
    return write(value)


def delete_keys(text: str, keys: str) -> str:
    """jsonb - text[]."""
    for key in _one_dimension(keys):
        if key is not None:
            text = delete_key(text, key)
    return text


def delete_element(text: str, at: int) -> str:
    """jsonb - int."""
    value = read(text)
    if isinstance(value, dict):
        raise _wrong("cannot delete from object using integer index")
    if not isinstance(value, list):
        raise _wrong("cannot delete from scalar")
    at = at if at >= 0 else len(value) + at
    if 0 <= at < len(value):
        del value[at]
    return write(value)


_INTEGER = re.compile(r"\s*[+-]?[0-9]+", re.ASCII)


def _parent(value: Any, path: list[str | None]) -> tuple[Any, str | int | None]:
    """Return the container that the last step is looked up in, and that step, or None."""
    for number, step in enumerate(path, 1):
        if step is None:
            raise InvalidValue(
                f"path element at position {number} is null", "null_value_not_allowed"
            )
        key: str | int = step
        if isinstance(value, list):
            if _INTEGER.fullmatch(step) is None or abs(int(step)) >= 2**31:
                raise InvalidValue(
                    f'path element at position {number} is not an integer: "{step}"',
                    "invalid_text_representation",
                )
            key = int(step)
        elif not isinstance(value, dict):
            break
        if number == len(path):
            return value, key
        value = _member(value, key)
    return None, None


def _one_dimension(array: str) -> list[str | None]:
    values: list[Any] = unpack(TEXT, array)
    if any(isinstance(one, list) for one in values):
        raise InvalidValue("wrong number of array subscripts", "array_subscript_error")
    return values


def _path(path: str, text: str, fault: str = "cannot set path in scalar") -> list[str | None]:
    steps = _one_dimension(path)
    if not text.startswith(("{", "[")):
        raise _wrong(fault)
    return steps


def delete_path(text: str, path: str) -> str:
    """jsonb #- text[]."""
    value = read(text)
    steps = _path(path, text, "cannot delete path in scalar")
    if steps and value:
        parent, last = _parent(value, steps)
        if isinstance(parent, dict):
            parent.pop(last, None)
        elif (
            isinstance(parent, list)
            and isinstance(last, int)
            and -len(parent) <= last < len(parent)
        ):
            del parent[last]
    return write(value)


def set_path(text: str, path: str, new: str, create: int = 1) -> str:
    """jsonb_set."""
    value = read(text)
    steps = _path(path, text)
    if not steps or not (value or create):
        return text
    parent, last = _parent(value, steps)
    if isinstance(parent, dict) and (create or last in parent):
        parent[last] = read(new)
    elif isinstance(parent, list) and isinstance(last, int):
        if -len(parent) <= last < len(parent):
            parent[last] = read(new)
        elif create:
            parent.insert(len(parent) if last >= 0 else 0, read(new))
    return parse_jsonb(write(value))


def insert_path(text: str, path: str, new: str, after: int = 0) -> str:
    """jsonb_insert."""
    value = read(text)
    steps = _path(path, text)
    if not steps:
        return text
    parent, last = _parent(value, steps)
    if isinstance(parent, dict):
        if last in parent:
            raise InvalidValue(
                "cannot replace existing key", "invalid_parameter_value",
                hint="Try using the function jsonb_set to replace key value.",
            )  # fmt: skip
        parent[last] = read(new)
    elif isinstance(parent, list) and isinstance(last, int):
        at = last if last >= 0 else len(parent) + last
        parent.insert(
            min(max(at + (1 if after and 0 <= at < len(parent) else 0), 0), len(parent)), read(new)
        )
    return parse_jsonb(write(value))


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def strip_nulls(text: str) -> str:
    """jsonb_strip_nulls."""
    return write(_without_nulls(read(text)))


def json_strip_nulls(text: str) -> str:
    """json_strip_nulls, which prints without blanks and keeps a key as often as it stands."""
    first = text.lstrip()[0]
    pairs, items = raw_members(text)
    if first == "{":
        parts = [
            f"{_encode_text(key)}:{json_strip_nulls(item)}" for key, item in pairs if item != "null"
        ]
        return "{" + ",".join(parts) + "}"
    if first == "[":
        return "[" + ",".join([json_strip_nulls(item) for item in items]) + "]"
    return write(read(text))


def pretty(text: str) -> str:
    """jsonb_pretty."""
    return _pretty(read(text), "")


def _pretty(value: Any, indent: str) -> str:
    inner = indent + "    "
    if isinstance(value, dict):
        lines = [
            f"{inner}{_encode_text(key)}: {_pretty(item, inner)}" for key, item in value.items()
        ]
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}" if lines else "{\n" + indent + "}"
    if isinstance(value, list):
        lines = [inner + _pretty(item, inner) for item in value]
        return "[\n" + ",\n".join(lines) + f"\n{indent}]" if lines else "[\n" + indent + "]"
    return write(value)


def type_name(text: str) -> str:
    """jsonb_typeof."""
    return kind_of(read(text))


def array_length(text: str) -> int:
    """jsonb_array_length."""
    value = read(text)
    if not isinstance(value, list):
        what = "a non-array" if isinstance(value, dict) else "a scalar"
        raise _wrong(f"cannot get array length of {what}")
    return len(value)


# Rows, as one JSON array of stored values


def _rows(values: list[Any]) -> str:
    return _encode_text(values)


def _elements(text: str, function: str) -> list[str]:
    if not text.lstrip().startswith("["):
        what = "an object" if text.lstrip().startswith("{") else "a scalar"
        if function.startswith("jsonb"):
            raise _wrong(f"cannot extract elements from {what}")
        what = "a scalar" if what == "a scalar" else "a non-array"
        raise _wrong(f"cannot call {function} on {what}")
    return raw_members(text)[1]


def _elements_of(function: str, *, texts: bool) -> Function:
    def run(text: str) -> str:
        items = _elements(text, function)
        return _rows([json_text(item) for item in items] if texts else items)

    return run


def _object_members(text: str, function: str) -> list[tuple[str, str]]:
    if not text.lstrip().startswith("{"):
        if function.startswith("jsonb_each"):
            raise _wrong(f"cannot call {function} on a non-object")
        what = "an array" if text.lstrip().startswith("[") else "a scalar"
        if function.startswith("json_each"):
            ending = " as an object" if what == "an array" else ""
            raise _wrong(f"cannot deconstruct {what}{ending}")
        raise _wrong(f"cannot call {function} on {what}")
    return raw_members(text)[0]


def _object_keys(function: str) -> Function:
    return lambda text: _rows([key for key, _ in _object_members(text, function)])


def _pairs_of(function: str, *, texts: bool) -> Function:
    def run(text: str) -> str:
        pairs = _object_members(text, function)
        return _rows([[key, json_text(item) if texts else item] for key, item in pairs])

    return run


def _strict_pairs() -> list[tuple[str, Function]]:
    pairs: list[tuple[str, Function]] = []
    for kind in ("json", "jsonb"):
        for name, texts in (
            (f"{kind}_array_elements", False),
            (f"{kind}_array_elements_text", True),
        ):
            pairs.append((f"ff_{name}", _elements_of(name, texts=texts)))
        for name, texts in ((f"{kind}_each", False), (f"{kind}_each_text", True)):
            pairs.append((f"ff_{name}", _pairs_of(name, texts=texts)))
        pairs.append((f"ff_{kind}_object_keys", _object_keys(f"{kind}_object_keys")))
        pairs.append((f"ff_{kind}_array_length", array_length))
        pairs.append((f"ff_{kind}_typeof", type_name))
    return pairs


FUNCTIONS: tuple[Entry, ...] = (
    *stricts(
        *_strict_pairs(),
        ("ff_json_object_field", json_field),
        ("ff_json_text_of_field", json_field_text),
        ("ff_json_array_element", json_element),
        ("ff_json_text_of_element", json_element_text),
        ("ff_json_extract_path", json_path),
        ("ff_json_text_of_path", json_path_text),
        ("ff_jsonb_object_field", jsonb_field),
        ("ff_jsonb_text_of_field", jsonb_field_text),
        ("ff_jsonb_array_element", jsonb_element),
        ("ff_jsonb_text_of_element", jsonb_element_text),
        ("ff_jsonb_extract_path", jsonb_path),
        ("ff_jsonb_text_of_path", jsonb_path_text),
        ("ff_jsonb_contains", contains),
        ("ff_jsonb_contained", contained),
        ("ff_jsonb_exists", has_key),
        ("ff_jsonb_exists_any", has_any_key),
        ("ff_jsonb_exists_all", has_all_keys),
        ("ff_jsonb_concat", concat),
        ("ff_jsonb_delete_jsonb_text", delete_key),
        ("ff_jsonb_delete_jsonb_int4", delete_element),
        ("ff_jsonb_delete_jsonb_array", delete_keys),
        ("ff_jsonb_delete_path", delete_path),
        ("ff_jsonb_set", set_path),
        ("ff_jsonb_insert", insert_path),
        ("ff_jsonb_strip_nulls", strip_nulls),
        ("ff_json_strip_nulls", json_strip_nulls),
        ("ff_jsonb_pretty", pretty),
    ),
)
