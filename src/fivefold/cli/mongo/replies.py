"""Values as mongosh prints them: as JavaScript would be typed, in lines of up to 80 characters.

The layout is that of Node's util.inspect, with its defaults: what has at most three levels and is
short stands on one line, and arrays of many short values stand in columns.
"""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bson.binary import UUID_SUBTYPE, Binary
from bson.code import Code
from bson.datetime_ms import DatetimeMS
from bson.dbref import DBRef
from bson.decimal128 import Decimal128
from bson.int64 import Int64
from bson.max_key import MaxKey
from bson.min_key import MinKey
from bson.objectid import ObjectId
from bson.regex import Regex
from bson.timestamp import Timestamp

from fivefold.cli.mongo.constructors import iso_text
from fivefold.cli.mongo.literals import shown_number

LINE_CHARS_MAX = 80
LEVELS_ON_A_LINE = 3
COLUMNS_MAX = 12
UNGROUPED_MAX = 6
"""An array of more values than these is laid out in columns."""
SPLIT_CHARS_MIN = 16

_NAME = re.compile(r"[a-zA-Z_][a-zA-Z_0-9]*\Z")
_CONTROL = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", "\\": "\\\\"}


def readable(value: Any, indent: int = 0) -> str:
    """Return a value for people. Continued lines begin with ``indent`` spaces."""
    return _Layout().laid_out(value, indent, 0)


class _Layout:
    """Lays one value out; knows how deep the innermost value seen last lay."""

    def __init__(self) -> None:
        self.deepest = 0

    def laid_out(self, value: Any, indent: int, level: int) -> str:
        if isinstance(value, Mapping):
            self.deepest = level
            if not value:
                return "{}"
            parts = []
            for name, one in value.items():
                shown = name if _NAME.match(name) else quoted(name)
                parts.append(f"{shown}: {self.laid_out(one, indent + 2, level + 1)}")
            return self._joined(parts, "{}", indent, level)
        if isinstance(value, list | tuple):
            self.deepest = level
            if not value:
                return "[]"
            parts = [self.laid_out(one, indent + 2, level + 1) for one in value]
            grouped = in_columns(parts, indent, value) if len(parts) > UNGROUPED_MAX else parts
            return self._joined(grouped, "[]", indent, level, whole=len(grouped) == len(parts))
        if isinstance(value, str) and not isinstance(value, Code):
            return _long_string(value, indent)
        return scalar(value)

    def _joined(
        self, parts: list[str], brackets: str, indent: int, level: int, whole: bool = True
    ) -> str:
        if self.deepest - level < LEVELS_ON_A_LINE and whole:
            width = sum(map(len, parts)) + 2 * len(parts) + indent + 11
            if width <= LINE_CHARS_MAX and not any("\n" in part for part in parts):
                return f"{brackets[0]} {', '.join(parts)} {brackets[1]}"
        between = "\n" + " " * indent
        lines = f",{between}  ".join(parts)
        return f"{brackets[0]}{between}  {lines}{between}{brackets[1]}"


def in_columns(parts: list[str], indent: int, values: Sequence[Any]) -> list[str]:
    """Return lines of several values each, one below the other; the values if that is no gain."""
    widths = [len(part) + 2 for part in parts]
    widest = max(widths)
    if widest * 3 + indent >= LINE_CHARS_MAX:
        return parts
    if not (sum(widths) / widest > 5 or widest - 2 <= 6):
        return parts
    # A letter is about 2.5 times as high as it is wide: as many columns as make a square.
    biased = max(widest - 3 - math.sqrt(widest - sum(widths) / len(parts)), 1)
    columns = min(
        math.floor(math.sqrt(2.5 * biased * len(parts)) / biased + 0.5),
        (LINE_CHARS_MAX - indent) // widest,
        COLUMNS_MAX,
    )
    if columns <= 1:
        return parts
    wide = [max(widths[column::columns]) for column in range(min(columns, len(parts)))]
    to_right = all(
        isinstance(one, int | float) and not isinstance(one, bool | Int64) for one in values
    )
    lines = []
    for begin in range(0, len(parts), columns):
        row = parts[begin : begin + columns]
        cells = [f"{part}, " for part in row[:-1]]
        if to_right:
            shown = [cell.rjust(width) for cell, width in zip(cells, wide, strict=False)]
            shown.append(row[-1].rjust(wide[len(row) - 1] - 2))
        else:
            shown = [cell.ljust(width) for cell, width in zip(cells, wide, strict=False)]
            shown.append(row[-1])
        lines.append("".join(shown))
    return lines


def scalar(value: Any) -> str:
    """Return a value that holds no others."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case Int64():
            return f"Long('{int(value)}')"
        case int() | float():
            return shown_number(value)
        case ObjectId():
            return f"ObjectId('{value}')"
        case datetime():
            return f"ISODate('{value.isoformat(timespec='milliseconds')}Z')"
        case DatetimeMS():
            return f"ISODate('{iso_text(int(value))}')"
        case Decimal128():
            return f"Decimal128('{value}')"
        case Regex():
            return _pattern(value)
        case Timestamp():
            return f"Timestamp({{ t: {value.time}, i: {value.inc} }})"
        case MinKey():
            return "MinKey()"
        case MaxKey():
            return "MaxKey()"
        case Code():
            return _code(value)
        case DBRef():
            parts = [quoted(value.collection), readable(value.id)]
            parts += [quoted(value.database)] if value.database else []
            return f"DBRef({', '.join(parts)})"
        case bytes():
            return _binary(value)
    return str(value)


def _pattern(value: Regex[Any]) -> str:
    pattern = value.pattern if isinstance(value.pattern, str) else value.pattern.decode()
    letters = "".join(
        letter for letter, flag in zip("imsx", (2, 8, 16, 64), strict=True) if value.flags & flag
    )
    if "x" in letters or "\n" in pattern or not pattern:
        return f"BSONRegExp({quoted(pattern)}, {quoted(letters)})"
    bare = re.sub(r"(\\.|\[(?:\\.|[^\]\\])*\])|/", lambda match: match[1] or "\\/", pattern)
    return f"/{bare}/{letters}"


def _code(value: Code) -> str:
    scope = f", {readable(value.scope)}" if value.scope else ""
    return f"Code({quoted(str(value))}{scope})"


def _binary(value: bytes) -> str:
    subtype = value.subtype if isinstance(value, Binary) else 0
    if subtype == UUID_SUBTYPE and len(value) == 16:
        return (
            f"UUID('{value.hex()[:8]}-"
            + "-".join(
                value.hex()[begin:end] for begin, end in ((8, 12), (12, 16), (16, 20), (20, 32))
            )
            + "')"
        )
    return f"Binary.createFromBase64('{base64.b64encode(value).decode()}', {subtype})"


def quoted(text: str) -> str:
    """Return a string in the quotes that it holds least of."""
    mark = next((mark for mark in "'\"`" if mark not in text), "'")
    shown = "".join(
        _CONTROL.get(one) or (f"\\{one}" if one == mark else one)
        if one >= " " and not "\x7f" <= one <= "\x9f"
        else _CONTROL.get(one) or f"\\x{ord(one):02X}"
        for one in text
    )
    return f"{mark}{shown}{mark}"


def _long_string(text: str, indent: int) -> str:
    """Return a string: a long one of several lines has them below one another."""
    if len(text) > max(SPLIT_CHARS_MIN, LINE_CHARS_MAX - indent - 4) and "\n" in text:
        lines = text.splitlines(keepends=True)
        return (" +\n" + " " * (indent + 2)).join(map(quoted, lines))
    return quoted(text)
