"""Records: PostgreSQL's literal ``(1,"a b",)`` and the stored JSON array of the fields.

Source: the PostgreSQL manual, 8.16.6, "Composite Type Input and Output Syntax".
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Sequence
from typing import Any

from fivefold.errors import InvalidValue
from fivefold.values.strings import bytea_hex, parse_bytea
from fivefold.values.types import FLOATS, Kind, Stored, Type

_NEEDS_QUOTES = re.compile(r'[(),"\\\s]|\A\Z')
_FIELD = re.compile(r'((?:"(?:[^"\\]|\\.|"")*"|\\.|[^,()"\\])*)([,)])', re.DOTALL)
_PIECE = re.compile(r'"((?:[^"\\]|\\.|"")*)"|\\(.)|([^"\\]+)', re.DOTALL)
_QUOTED = re.compile(r'\\(.)|"(")', re.DOTALL)

FieldOutput = Callable[[Any], str]


def pack(values: Sequence[Stored]) -> str:
    """Return the stored form of a record with these fields in stored form."""
    return json.dumps([_to_json(one) for one in values], ensure_ascii=False, separators=(",", ":"))


def _to_json(value: Stored) -> Stored:
    if isinstance(value, bytes):
        return bytea_hex(value)
    if isinstance(value, float) and math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return value


def unpack(type_: Type, stored: str) -> list[Stored]:
    """Return the fields of a record in stored form."""
    values: list[Stored] = json.loads(stored)
    return [
        _from_json(value, field) for value, (_, field) in zip(values, type_.fields, strict=True)
    ]


def _from_json(value: Any, type_: Type) -> Stored:
    if value is None:
        return None
    if type_.kind is Kind.BYTEA:
        return parse_bytea(value)
    if type_.kind in FLOATS:
        return "NaN" if value == "NaN" else float(value)
    return value  # type: ignore[no-any-return]  # JSON has no types


def record_output(type_: Type, outputs: Sequence[FieldOutput]) -> Callable[[str], str]:
    """Return the output function of records whose fields these functions write."""

    def write(stored: str) -> str:
        texts = [
            "" if value is None else _quoted(show(value))
            for value, show in zip(unpack(type_, stored), outputs, strict=True)
        ]
        return f"({','.join(texts)})"

    return write


def _quoted(text: str) -> str:
    if _NEEDS_QUOTES.search(text) is None:
        return text
    doubled = text.replace("\\", "\\\\").replace('"', '""')
    return f'"{doubled}"'


def record_parser(parsers: Sequence[Callable[[str], Stored]]) -> Callable[[str], str]:
    """Return the function from a record's literal to its stored form."""

    def read(text: str) -> str:
        fields = _fields(text) if len(parsers) else []
        if len(fields) != len(parsers):
            raise InvalidValue(f'malformed record literal: "{text}"')
        return pack(
            [
                None if field is None else parse(field)
                for field, parse in zip(fields, parsers, strict=True)
            ]
        )

    return read


def _fields(text: str) -> list[str | None]:
    found: list[str | None] = []
    at = 1
    while at < len(text):
        field = _FIELD.match(text, at)
        if field is None:
            break
        found.append(_plain(field[1]) if field[1] else None)
        at = field.end()
    return found


def _plain(field: str) -> str:
    return "".join(
        [
            _QUOTED.sub(lambda one: one[1] or one[2], piece[1])
            if piece[1] is not None
            else piece[2] or piece[3]
            for piece in _PIECE.finditer(field)
        ]
    )
