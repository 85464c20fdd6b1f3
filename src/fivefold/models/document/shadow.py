"""The shadow of a document: JSON in which the store searches, and which SQL shows.

Strings, booleans, nulls and finite numbers are themselves. Anything else is an object whose one
name tells what it is, as in MongoDB's extended JSON: ``{"$oid": "65…"}``, ``{"$date": 1700…}``
(milliseconds since 1970, UTC), ``{"$numberDecimal": "1.10"}``; a text with NUL, which PostgreSQL's
jsonb cannot hold, is ``{"$text": …}``. The name of a field that could be taken for one of these
has a dollar more in front.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bson import json_util
from bson.code import Code
from bson.datetime_ms import DatetimeMS
from bson.objectid import ObjectId

from fivefold.values.documents.order import milliseconds

_WORDS = """
oid date numberDecimal numberDouble numberLong binary regularExpression timestamp minKey
maxKey code scope symbol dbPointer undefined uuid text
"""
_MARKERS = frozenset(_WORDS.split())
_OPTIONS = json_util.CANONICAL_JSON_OPTIONS

OBJECT_ID = "$oid"
NUL = "\\u0000"
"""How a NUL in a text is written, which no plain document has."""
DATE = "$date"


def _marked(value: object) -> object:
    """Return what stands for a value that JSON has no word for."""
    if isinstance(value, ObjectId):
        return {OBJECT_ID: str(value)}
    if isinstance(value, (datetime, DatetimeMS)):
        return {DATE: milliseconds(value)}
    return json_util.default(value, _OPTIONS)


def _writer() -> Callable[[object], str]:
    """Return json's encoder, made once: to make one takes longer than a small document."""
    encoder = json.JSONEncoder(
        ensure_ascii=False,
        allow_nan=False,
        check_circular=False,
        separators=(",", ":"),
        default=_marked,
    )
    make: Any = getattr(json.encoder, "c_make_encoder", None)
    if make is None:
        return encoder.encode
    compiled = make(None, _marked, json.encoder.encode_basestring, None, ":", ",", *(False,) * 3)
    return lambda value: "".join(compiled(value, 0))


_write = _writer()


def shadow(document: Mapping[str, Any], *, plain: bool) -> str:
    """Return a document's shadow; ``plain`` is what ``Shape.examine`` said of it."""
    return _write(document if plain else _spelled(document))


def _spelled(value: Any) -> Any:
    """Return a value as the encoder is to write it, whatever it holds."""
    if isinstance(value, Mapping):
        return {_name(name): _spelled(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_spelled(each) for each in value]
    if isinstance(value, str):
        if isinstance(value, Code):
            return json_util.default(value, _OPTIONS)
        return {"$text": value.replace("\0", "\N{SYMBOL FOR NULL}")} if "\0" in value else value
    if isinstance(value, float) and value - value != 0:
        return {
            "$numberDouble": "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
        }
    return value


def _name(name: str) -> str:
    name = name.replace("\0", "")
    return f"${name}" if name[:1] == "$" and name.lstrip("$") in _MARKERS else name
