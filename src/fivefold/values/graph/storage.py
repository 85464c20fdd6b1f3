"""Properties as JSON, which is how a store keeps them, and back.

Strings, booleans, finite numbers and lists are themselves; a float is written with a point and
without an exponent, so that it stays one in every store. Anything else is an object of one name,
which tells what it is: ``{"$date": "2020-01-01"}``, ``{"$float": "NaN"}``, ``{"$bytes": …}`` (base
64), ``{"$text": …}`` (likewise, of a text with NUL, which PostgreSQL's jsonb cannot hold). As maps
are no properties, no other object occurs; a property's name that begins with a dollar has one more.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from fivefold.values.graph.faults import fault
from fivefold.values.graph.temporal import (
    Date,
    DateTime,
    Duration,
    LocalDateTime,
    LocalTime,
    Time,
)
from fivefold.values.graph.temporal.durations import read_duration
from fivefold.values.graph.temporal.reading import (
    read_date,
    read_local_date_time,
    read_local_time,
    read_stored_date_time,
    read_time,
)
from fivefold.values.graph.text import debug_text

_NAMES: dict[type, str] = {
    Date: "$date",
    Time: "$time",
    LocalTime: "$localtime",
    DateTime: "$datetime",
    LocalDateTime: "$localdatetime",
    Duration: "$duration",
}
_READERS: dict[str, Callable[[Any], Any]] = {
    "$float": float,
    "$bytes": b64decode,
    "$text": lambda text: b64decode(text).decode(),
    "$date": read_date,
    "$time": read_time,
    "$localtime": read_local_time,
    "$datetime": read_stored_date_time,
    "$localdatetime": read_local_date_time,
    "$duration": read_duration,
}

_FLOAT_MAX = 1e16
"""From here on the shortest text of a float has an exponent."""

SPECIAL = ('{"$float"', '{"$text"')
"""What begins numbers and texts that a store does not find among its own."""

_INT_MIN, _INT_MAX = -(2**63), 2**63 - 1

_quoted: Callable[[str], str] = json.encoder.encode_basestring
_decoder: Any = json.JSONDecoder(object_hook=lambda found: _read(found))
_plain_decoder: Any = json.JSONDecoder()
_scan, _scan_plain = _decoder.scan_once, _plain_decoder.scan_once


def encode(properties: Mapping[str, Any]) -> str:
    """Return properties, none of them null, as JSON.

    Raises fault InvalidPropertyType for what no property can be: maps, entities, lists of lists
    or of nulls.
    """
    parts = []
    for name, value in properties.items():
        label = _quoted(name if name[:1] != "$" else f"${name}")
        cls = value.__class__
        if cls is str and "\0" not in value:
            parts.append(f"{label}:{_quoted(value)}")
        elif cls is int and _INT_MIN <= value <= _INT_MAX:
            parts.append(f"{label}:{value}")
        else:
            parts.append(f"{label}:{_spelled(value)}")
    return f"{{{','.join(parts)}}}"


def is_special(text: str) -> bool:
    """Say whether properties hold numbers or texts that are not themselves in ``encode``'s text."""
    return '{"$' in text and any(one in text for one in SPECIAL)


def _spelled(value: Any, *, inside: bool = False) -> str:
    cls = value.__class__
    if cls is bool:
        return "true" if value else "false"
    if cls is str:
        return (
            _tagged("$text", b64encode(value.encode()).decode())
            if "\0" in value
            else _quoted(value)
        )
    if cls is int and _INT_MIN <= value <= _INT_MAX:
        return str(value)
    if cls is float:
        return _float(value)
    if (cls is list or cls is tuple) and not inside:
        if len({_sort(one) for one in value}) > 1:
            raise _mixed(value)
        return f"[{','.join([_spelled(one, inside=True) for one in value])}]"
    if cls is bytes and not inside:
        return _tagged("$bytes", b64encode(value).decode())
    name = _NAMES.get(cls)
    if name is None:
        if inside and (value is None or cls is list or cls is tuple):
            what = "null values" if value is None else "collections"
            raise _refused(f"Collections containing {what} can not be stored in properties.")
        raise _no_property(value)
    return _tagged(name, str(value))


def _float(value: float) -> str:
    text = repr(value)
    if value - value != 0 or text == "-0.0":
        return _tagged("$float", text)
    if -_FLOAT_MAX < value < _FLOAT_MAX:
        return text if "e" not in text else format(Decimal(text), "f")
    return f"{value:.1f}"


def _tagged(name: str, text: str) -> str:
    return f'{{"{name}":{_quoted(text)}}}'


def _sort(value: Any) -> type:
    """Return what all elements of a list have to share: numbers of both sorts go together."""
    return float if value.__class__ is int else value.__class__


def evened(value: list[Any]) -> list[Any]:
    """Return a list as a property has it: whole numbers beside others are floats too."""
    classes = {one.__class__ for one in value}
    return [float(one) for one in value] if classes == {int, float} else value


def _refused(message: str) -> Exception:
    return fault("InvalidPropertyType", message)


def _mixed(value: list[Any]) -> Exception:
    """Return the error for a list of several sorts: what no property can be at all comes first."""
    for one in value:
        _spelled(one, inside=True)
    return _refused(
        "Neo4j only supports a subset of Cypher types for storage as singleton or array properties."
        " Please refer to section cypher/syntax/values of the manual for more details."
    )


def _no_property(value: Any) -> Exception:
    return _refused(
        "Property values can only be of primitive types or arrays thereof."
        f" Encountered: {debug_text(value)}."
    )


def decode(text: str) -> dict[str, Any]:
    """Return the properties that ``encode`` wrote."""
    if text == "{}":
        return {}
    if '"$' not in text:
        return _scan_plain(text, 0)[0]  # type: ignore[no-any-return]  # an object
    return {
        name[1:] if name[:1] == "$" else name: value for name, value in _scan(text, 0)[0].items()
    }


def decode_value(text: str) -> Any:
    """Return one property's value of its JSON."""
    return (_scan_plain if '"$' not in text else _scan)(text, 0)[0]


def _read(found: dict[str, Any]) -> Any:
    if len(found) == 1:
        ((name, value),) = found.items()
        reader = _READERS.get(name)
        if reader is not None and value.__class__ is str:
            return reader(value)
    return found
