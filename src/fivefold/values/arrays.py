"""Arrays: PostgreSQL's literal ``{1,NULL,"a b"}`` and the stored JSON array.

Source: PostgreSQL 15's manual, section 8.15.6. Lower bounds are always 1.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from typing import Any

from fivefold.errors import InvalidValue, Limit, Unsupported
from fivefold.values.strings import bytea_hex, parse_bytea
from fivefold.values.types import FLOATS, Kind, Stored, Type

DIMENSIONS_MAX = 6
"""PostgreSQL's MAXDIM."""

Nested = list[Any]
"""A list of stored forms, or of such lists, all of one depth and shape."""

_BOUNDS = re.compile(r"\s*((?:\[[^]]*\]\s*)+)=", re.ASCII)
_BOUND = re.compile(r"\[\s*(?:([+-]?\d+)\s*:)?\s*([+-]?\d+)\s*\]", re.ASCII)
_TOKEN = re.compile(
    r"[ \t\n\v\f\r]*(?:"
    r'(?P<mark>[{},])|"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>(?:[^{},"\\]|\\.)+))',
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_TRAILING_BLANKS = re.compile(r"(?<!\\)((?:\\.|[^\\ \t\n\v\f\r])?)[ \t\n\v\f\r]+\Z", re.DOTALL)
_PLAIN_LIST = re.compile(r'\{[^{}"\\\s]*\}\Z')
_NEEDS_QUOTES = re.compile(r'[{}",\\ \t\n\v\f\r]|\A\Z|\A[nN][uU][lL][lL]\Z')
_QUOTED = re.compile(r'(["\\])')
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def _malformed(text: str, detail: str | None = None) -> InvalidValue:
    return InvalidValue(
        f'malformed array literal: "{text}"', "invalid_text_representation", detail=detail
    )


def pack(element: Type, values: Nested) -> str:
    """Return the stored form of a nested list of stored forms; None is NULL."""
    if element.kind is Kind.BYTEA or element.kind in FLOATS:
        values = each(_to_json, values)
    return _encode(values)


def _to_json(value: Stored) -> Stored:
    if isinstance(value, bytes):
        return bytea_hex(value)
    if isinstance(value, float) and math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return value


def unpack(element: Type, stored: str) -> Nested:
    """Return the nested list of stored forms that lies in ``stored``."""
    values: Nested = json.loads(stored)
    if element.kind is Kind.BYTEA:
        return each(parse_bytea, values)
    if element.kind in FLOATS:
        return each(lambda value: value if value == "NaN" else float(value), values)
    return values


def each(function: Callable[[Any], Any], values: Nested) -> Nested:
    """Return ``values`` with the function applied to every element that is not NULL."""
    return [
        None if value is None else each(function, value) if isinstance(value, list)
        else function(value)
        for value in values
    ]  # fmt: skip


def shape(values: Nested) -> tuple[int, ...]:
    """Return the length of each dimension, () if empty; ragged lists are an error."""
    if not values:
        return ()
    if not any(isinstance(value, list) for value in values):
        return (len(values),)
    shapes = {shape(value) if isinstance(value, list) else None for value in values}
    inner = shapes.pop()
    if shapes or inner is None:
        raise InvalidValue(
            "multidimensional arrays must have array expressions with matching dimensions",
            "array_subscript_error",
        )
    if len(inner) >= DIMENSIONS_MAX:
        raise too_many_dimensions(len(inner) + 1)
    return (len(values), *inner) if inner else ()


def too_many_dimensions(count: int) -> Limit:
    """Return the error of an array nested too deeply."""
    return Limit(
        f"number of array dimensions ({count}) exceeds the maximum allowed ({DIMENSIONS_MAX})",
        "program_limit_exceeded",
    )


def array_parser(element: Type, parse: Callable[[str], Stored]) -> Callable[[str], str]:
    """Return the input function of arrays whose elements ``parse`` reads."""

    def read(text: str) -> str:
        if text == "{}":
            return "[]"
        if _PLAIN_LIST.match(text):
            pieces = text[1:-1].split(",")
            if "" in pieces:
                raise _malformed(text, 'Unexpected "," character.')
            return pack(
                element,
                [None if piece.lower() == "null" else parse(piece) for piece in pieces],
            )
        return pack(element, each(parse, _read_literal(text)))

    return read


def _read_literal(text: str) -> Nested:
    body, bounds = text, None
    if found := _BOUNDS.match(text):
        body, bounds = text[found.end() :], _read_bounds(text, found[1])
    values, dimensions = _read_braces(text, body.strip(" \t\n\v\f\r"))
    if bounds is not None and bounds != dimensions:
        raise _malformed(text, "Specified array dimensions do not match array contents.")
    return values


def _read_bounds(text: str, bounds: str) -> tuple[int, ...]:
    sizes = []
    if _BOUND.sub("", bounds).strip():
        raise _malformed(text)
    for low, high in _BOUND.findall(bounds):
        if low and int(low) != 1:
            raise Unsupported("array subscripts begin at 1 in fivefold: leave out the bounds")
        sizes.append(int(high))
    return tuple(sizes)


def _read_braces(text: str, body: str) -> tuple[Nested, tuple[int, ...]]:
    """Return the nested list of texts and its shape; ``text`` is only for the error."""
    if not body.startswith("{"):
        raise _malformed(text, 'Array value must start with "{" or dimension information.')
    root: Nested = []
    open_lists: list[Nested] = []
    closed = False
    after_value, after_comma = False, False
    at = 0
    while at < len(body):
        token = _TOKEN.match(body, at)
        if token is None or closed:
            raise _malformed(text, "Junk after closing right brace." if closed else None)
        at = token.end()
        mark = token["mark"]
        if mark == "{":
            if after_value:
                raise _malformed(text, 'Unexpected "{" character.')
            fresh: Nested = [] if open_lists else root
            if open_lists:
                open_lists[-1].append(fresh)
            open_lists.append(fresh)
            if len(open_lists) > DIMENSIONS_MAX:
                raise too_many_dimensions(len(open_lists))
            after_comma = False
        elif mark == "}":
            if after_comma or (len(open_lists) > 1 and not open_lists[-1]):
                raise _malformed(text, 'Unexpected "}" character.')
            open_lists.pop()
            closed = not open_lists
            after_value = True
        elif mark == ",":
            if not after_value:
                raise _malformed(text, 'Unexpected "," character.')
            after_value, after_comma = False, True
        else:
            quoted = token["quoted"]
            if after_value:
                raise _malformed(text, "Unexpected array element.")
            if quoted is None and not token["bare"].strip(" \t\n\v\f\r"):
                continue
            open_lists[-1].append(_read_element(token))
            after_value, after_comma = True, False
            at = _skip_blanks(body, at)
    if not closed:
        raise _malformed(text, "Unexpected end of input.")
    try:
        dimensions = shape(root)
    except InvalidValue:
        raise _malformed(
            text, "Multidimensional arrays must have sub-arrays with matching dimensions."
        ) from None
    return (root if dimensions else []), dimensions


def _skip_blanks(body: str, at: int) -> int:
    while at < len(body) and body[at] in " \t\n\v\f\r":
        at += 1
    return at


def _read_element(token: re.Match[str]) -> str | None:
    quoted = token["quoted"]
    if quoted is not None:
        return _ESCAPE.sub(r"\1", quoted) if "\\" in quoted else quoted
    bare = token["bare"]
    if "\\" not in bare:
        bare = bare.rstrip(" \t\n\v\f\r")
        return None if bare.lower() == "null" else bare
    return _ESCAPE.sub(r"\1", _TRAILING_BLANKS.sub(r"\1", bare))


def array_output(element: Type, output: Callable[[Any], str]) -> Callable[[str], str]:
    """Return the output function of arrays whose elements ``output`` writes."""

    def write(stored: str) -> str:
        return _write(unpack(element, stored), output)

    return write


def _write(values: Nested, output: Callable[[Any], str]) -> str:
    pieces = []
    for value in values:
        if value is None:
            pieces.append("NULL")
        elif isinstance(value, list):
            pieces.append(_write(value, output))
        else:
            text = output(value)
            if _NEEDS_QUOTES.search(text):
                text = '"' + _QUOTED.sub(r"\\\1", text) + '"'
            pieces.append(text)
    return "{" + ",".join(pieces) + "}"
