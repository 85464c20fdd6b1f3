"""Values as text: the literals of Cypher, in the notation of the openCypher TCK.

``(:A {x: 1})`` is a node, ``[:T]`` a relationship, ``<(:A)-[:T]->(:B)>`` a path; temporal values
are their text in quotes. Source: the TCK's README, "Format of the expected results".
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from fivefold.values.graph.entities import Node, Path, Relationship
from fivefold.values.graph.temporal import (
    Date,
    DateTime,
    Duration,
    LocalDateTime,
    LocalTime,
    Time,
)
from fivefold.values.graph.temporal.instants import clock_text, wall_text
from fivefold.values.graph.temporal.zones import offset_text

_PLAIN_NAME = re.compile(r"[^\W\d]\w*")
_ESCAPES = str.maketrans(
    {
        "\\": "\\\\",
        "'": "\\'",
        "\b": "\\b",
        "\f": "\\f",
        "\n": "\\n",
        "\r": "\\r",
        "\t": "\\t",
    }
)
_SCIENTIFIC_FROM, _SCIENTIFIC_BELOW = 1e7, 1e-3


def float_text(value: float) -> str:
    """Return what toString gives: '1.0', '1.0E10', '1.5E-4', 'NaN', '-Infinity'.

    Source: the documentation of java.lang.Double.toString, which Neo4j prints floats with.
    """
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0 or _SCIENTIFIC_BELOW <= abs(value) < _SCIENTIFIC_FROM:
        return repr(value)
    mantissa, _, exponent = repr(value).partition("e")
    sign = "-" if value < 0 else ""
    whole, _, decimals = mantissa.lstrip("-").partition(".")
    digits = (whole + decimals).lstrip("0")
    # The exponent of the first digit: zeros in front of it count back.
    first = int(exponent or 0) + len(whole) - 1 - (len(whole + decimals) - len(digits))
    digits = digits.rstrip("0")
    return f"{sign}{digits[0]}.{digits[1:] or '0'}E{first}"


def string_text(value: str) -> str:
    """Return a string in single quotes."""
    return f"'{value.translate(_ESCAPES)}'"


def name_text(name: str) -> str:
    """Return a name of a label, type or property, in backticks if it is no plain word."""
    return name if _PLAIN_NAME.fullmatch(name) else "`" + name.replace("`", "``") + "`"


def literal(value: Any) -> str:
    """Return the text of a value of any type."""
    return _LITERALS[type(value)](value)


def temporal_text(value: Any) -> str:
    """Return what toString gives for a temporal value: as ``str``, but seconds are never left out.

    Source: the documentation of java.time's DateTimeFormatter, ISO_TIME and ISO_DATE_TIME.
    """
    if isinstance(value, LocalTime):
        return clock_text(value.clock, full=True)
    if isinstance(value, Time):
        return clock_text(value.clock, full=True) + offset_text(value.offset)
    if isinstance(value, LocalDateTime):
        return wall_text(value.wall, full=True)
    if isinstance(value, DateTime):
        zone = "" if value.zone is None else f"[{value.zone}]"
        return wall_text(value.wall, full=True) + offset_text(value.offset) + zone
    return str(value)


def _list(value: list[Any]) -> str:
    return f"[{', '.join(map(literal, value))}]"


def _map(value: Mapping[str, Any]) -> str:
    return "{" + ", ".join(f"{name_text(key)}: {literal(one)}" for key, one in value.items()) + "}"


def _node(node: Node) -> str:
    labels = "".join(f":{name_text(label)}" for label in sorted(node.labels))
    parts = [labels] if labels else []
    if node.properties:
        parts.append(_map(node.properties))
    return f"({' '.join(parts)})"


def _relationship(relationship: Relationship) -> str:
    properties = f" {_map(relationship.properties)}" if relationship.properties else ""
    return f"[:{name_text(relationship.type)}{properties}]"


def _path(path: Path) -> str:
    text = _node(path.nodes[0])
    for start, relationship, node in zip(
        path.nodes, path.relationships, path.nodes[1:], strict=False
    ):
        forward = relationship.start_id == start.id
        before, after = ("-", "->") if forward else ("<-", "-")
        text += before + _relationship(relationship) + after + _node(node)
    return f"<{text}>"


def debug_text(value: Any) -> str:
    """Return a value as Neo4j's errors show it: ``Map{a -> Long(1)}``."""
    if isinstance(value, dict):
        return f"Map{{{', '.join(f'{name} -> {debug_text(one)}' for name, one in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"List{{{', '.join(map(debug_text, value))}}}"
    if isinstance(value, Node):
        return f"({value.id})"
    if isinstance(value, Relationship):
        return f"-[{value.id}]-"
    if isinstance(value, Path):
        return f"Path{{{''.join(map(debug_text, value))}}}"
    shape = _DEBUG.get(type(value))
    return literal(value) if shape is None else shape(value)


_DEBUG: dict[type, Callable[[Any], str]] = {
    type(None): lambda value: "NO_VALUE",
    bool: lambda value: f"Boolean('{literal(value)}')",
    int: lambda value: f"Long({value})",
    float: lambda value: f"Double({value:.6e})",
    str: lambda value: f'String("{value}")',
}


def _quoted(value: Any) -> str:
    return f"'{value}'"


_LITERALS: dict[type, Callable[[Any], str]] = {
    type(None): lambda _: "null",
    bool: lambda value: "true" if value else "false",
    int: str,
    float: float_text,
    str: string_text,
    bytes: lambda value: _list(list(value)),
    list: _list,
    dict: _map,
    Node: _node,
    Relationship: _relationship,
    Path: _path,
    **dict.fromkeys((Date, LocalTime, Time, LocalDateTime, DateTime, Duration), _quoted),
}
