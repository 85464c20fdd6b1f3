"""Constants: which literal is a value of which type.

Source: "Constants" of Cassandra's CQL reference.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fivefold.values.cql.durations import duration_of_text, duration_text
from fivefold.values.cql.faults import invalid, invalid_value
from fivefold.values.cql.identities import address_of_text, timeuuid_of_text, uuid_of_text
from fivefold.values.cql.moments import (
    date_of_number,
    date_of_text,
    time_of_number,
    time_of_text,
    timestamp_of_number,
    timestamp_of_text,
)
from fivefold.values.cql.names import type_text
from fivefold.values.cql.numbers import (
    INTEGERS,
    decimal_of_text,
    float_of_text,
    integer_of_text,
)
from fivefold.values.cql.strings import NOT_ASCII, hex_bytes, whole
from fivefold.values.cql.types import CqlType
from fivefold.values.types import Stored

Reader = Callable[[str], Any]


def _decimal(text: str) -> str:
    stored = decimal_of_text(text)
    if stored is None:
        raise invalid_value(f"unable to make BigDecimal from '{text}'")
    return stored


def _varint(text: str) -> str:
    stored = decimal_of_text(text)
    if stored is None:
        raise invalid_value(f"unable to make int from '{text}'")
    return stored


def _ascii(text: str) -> str:
    if not text.isascii():
        raise invalid_value(NOT_ASCII)
    return text


def _or_null(read: Reader) -> Reader:
    return lambda text: read(text) if text else None


def _tinyint_of_hex(text: str) -> int:
    wire = hex_bytes(text[2:])
    if len(wire) != 1:
        raise invalid_value(f"Expected 1 byte for a tinyint ({len(wire)})")
    return int.from_bytes(wire, "big", signed=True)


READERS: dict[str, dict[str, Reader]] = {
    **{name: {"integer": integer_of_text(name)} for name in INTEGERS},
    "varint": {"integer": _varint},
    "decimal": {"integer": _decimal, "float": _decimal},
    "float": {"integer": float_of_text("float"), "float": float_of_text("float")},
    "double": {"integer": float_of_text("double"), "float": float_of_text("double")},
    "text": {"string": whole},
    "ascii": {"string": _ascii},
    "boolean": {"boolean": lambda text: int(text.lower() == "true")},
    "blob": {"hex": lambda text: hex_bytes(text[2:])},
    "uuid": {"uuid": uuid_of_text},
    "timeuuid": {"uuid": timeuuid_of_text},
    "inet": {"string": _or_null(address_of_text)},
    "timestamp": {"string": _or_null(timestamp_of_text), "integer": timestamp_of_number},
    "date": {"string": date_of_text, "integer": date_of_number},
    "time": {"string": time_of_text, "integer": time_of_number},
    "duration": {
        "duration": lambda text: duration_text(duration_of_text(text)),
        "integer": lambda text: duration_text(duration_of_text(text)),
    },
}
"""By the type's word and the literal's kind, the way from its text to the stored form."""
READERS["tinyint"]["hex"] = _tinyint_of_hex

OWN_TYPES = {
    "string": "text",
    "integer": "int",
    "float": "double",
    "boolean": "boolean",
    "uuid": "uuid",
    "hex": "blob",
    "duration": "duration",
}
"""The type that a literal has where nothing says another; an integer may be a bigint or varint."""


def constant_fits(kind: str, type: CqlType) -> bool:
    """Say whether a literal of that kind may be a value of a type; null is one of any."""
    return kind == "null" or kind in READERS.get(type.name, ())


def constant_stored(
    kind: str, text: str, type: CqlType, name: str, *, now_ms: Callable[[], int] | None = None
) -> Stored:
    """Return the stored form of a literal for the receiver called ``name``.

    ``kind`` and ``text`` are those of ``tree.Constant``; ``now_ms`` is what the timestamp 'now'
    is. Raises Cassandra's errors for a literal of a kind that the type does not take, and for a
    text that is no value of it.
    """
    if kind == "null":
        return None
    read = READERS.get(type.name, {}).get(kind)
    if read is None:
        raise invalid(
            f'Invalid {kind.upper()} constant ({text}) for "{name}" of type {type_text(type)}',
            "datatype_mismatch",
        )
    if now_ms is not None and kind == "string" and type.name == "timestamp" and text:
        return timestamp_of_text(text, now_ms)
    stored: Stored = read(text)
    return stored
