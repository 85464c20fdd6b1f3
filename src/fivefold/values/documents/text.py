"""Values as MongoDB writes them into its messages: ``{ a: 1, b: "x" }``.

The form is that of the shell of long ago, not JSON: doubles show their point, longs do not say so,
binaries are hexadecimal.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bson.binary import Binary

from fivefold.values.documents.kinds import Document, Kind, kind_of
from fivefold.values.documents.order import flags_text, milliseconds

STRING_CHARACTERS_MAX = 160
"""A longer string is cut off, as servers do it, so that a message stays readable."""


def shown_field(name: str, value: Any) -> str:
    """Return a field: ``a: 1``."""
    return f"{name}: {shown(value)}"


def shown(value: Any) -> str:
    """Return a value as messages show it."""
    kind = kind_of(value)
    write = _WRITERS.get(kind)
    return write(value) if write is not None else str(value)


def _document(value: Document) -> str:
    inside = ", ".join(shown_field(name, each) for name, each in value.items())
    return f"{{ {inside} }}" if inside else "{}"


def _array(value: list[Any]) -> str:
    inside = ", ".join(map(shown, value))
    return f"[ {inside} ]" if inside else "[]"


def _double(value: float) -> str:
    text = f"{value:.16g}"
    return text if any(each in text for each in ".ein") else text + ".0"


def _string(value: str) -> str:
    if len(value) > STRING_CHARACTERS_MAX:
        value = value[:STRING_CHARACTERS_MAX] + "..."
    return f'"{value}"'


def _binary(value: bytes) -> str:
    subtype = value.subtype if isinstance(value, Binary) else 0
    return f"BinData({subtype}, {bytes(value).hex().upper()})"


def _date(value: Any) -> str:
    return f"new Date({milliseconds(value)})"


def _regex(value: Any) -> str:
    return f"/{value.pattern}/{flags_text(value)}"


_WRITERS: dict[Kind, Callable[[Any], str]] = {
    Kind.OBJECT: _document,
    Kind.ARRAY: _array,
    Kind.DOUBLE: _double,
    Kind.STRING: _string,
    Kind.BINARY: _binary,
    Kind.DATE: _date,
    Kind.REGEX: _regex,
    Kind.BOOL: lambda value: "true" if value else "false",
    Kind.NULL: lambda value: "null",
    Kind.OBJECT_ID: lambda value: f"ObjectId('{value}')",
    Kind.TIMESTAMP: lambda value: f"Timestamp({value.time}, {value.inc})",
    Kind.MIN_KEY: lambda value: "MinKey",
    Kind.MAX_KEY: lambda value: "MaxKey",
}
