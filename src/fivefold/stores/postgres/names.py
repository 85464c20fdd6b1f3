"""How containers and types are called in PostgreSQL, and the text of templates."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, tzinfo

from fivefold.plan.statement import Path, Reading, Template
from fivefold.values.types import Kind, Type

OWN_SCHEMA = "fivefold"
"""The schema that holds the catalog's own tables; no namespace can have this name."""

Settings = tuple[tzinfo, tuple[str, ...], int]
"""What the server has to know of a session: its zone, search path and lock_timeout (in ms)."""

DEFAULTS: Settings = (UTC, ("public",), 0)
"""What a connection has that no session has set; 0 is the limit of the store."""

_MARKS = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|\?""")


def quote(name: str) -> str:
    """Return ``name`` as a quoted identifier."""
    return '"' + name.replace('"', '""') + '"'


def qualified(namespace: str, name: str) -> str:
    """Return the quoted name of a container."""
    return f"{quote(namespace)}.{quote(name)}"


def string(value: str) -> str:
    """Return a string constant; standard_conforming_strings is on in every connection."""
    return "'" + value.replace("'", "''") + "'"


def settings_texts(zone: tzinfo, path: tuple[str, ...], lock_timeout_ms: int) -> tuple[str, ...]:
    """Return the SETs of a session; functions that find or show names go by the path."""
    listed = ", ".join(map(quote, path)) or "''"
    timeout = lock_timeout_ms or "DEFAULT"
    return _zone_text(zone), f"SET search_path = {listed}", f"SET lock_timeout = {timeout}"


def _zone_text(zone: tzinfo) -> str:
    """Return SET TIME ZONE for a zone by name, or by its offset if it has no name."""
    name = getattr(zone, "key", None)
    if name is None:
        offset = zone.utcoffset(None)
        hours = 0.0 if offset is None else offset.total_seconds() / 3600
        return f"SET TIME ZONE {hours}"
    return f"SET TIME ZONE {string(name)}"


def type_name(type_: Type) -> str | None:
    """Return the type as SQL writes it, or None for one that no value can be cast to."""
    if type_.kind in (Kind.UNKNOWN, Kind.RECORD, Kind.VOID):
        return None
    if type_.kind is Kind.BPCHAR and type_.length is None:
        return "bpchar"  # "character" alone is one of length 1
    if type_.element is not None:
        element = type_name(type_.element)
        return None if element is None else f"{element}[]"
    if type_.kind is Kind.ENUM and type_.name is not None:
        return qualified(*type_.name)
    return str(type_)


def parameter(number: int, type_: Type) -> str:
    """Return the placeholder of $number: a parameter crosses as text that its type reads."""
    name = type_name(type_)
    return f"${number}" if name is None else f"${number}::{name}"


def render_template(template: Template, parameters: Sequence[Type]) -> str:
    """Return a template's text with its containers' names and typed placeholders put in."""
    count = 0

    def mark(found: re.Match[str]) -> str:
        nonlocal count
        if found[0] != "?":
            return found[0]
        count += 1
        known = parameters[count - 1] if count <= len(parameters) else Type(Kind.UNKNOWN)
        return parameter(count, known)

    names = {key: qualified(*value) for key, value in template.containers.items()}
    text = template.text
    if template.paths is not None:
        for key, path in template.paths.items():
            if path.column == "?":  # it counts among the other parameters
                text = text.replace(f"{{{key}}}", path_text(path))
        names |= {key: path_text(path) for key, path in template.paths.items()}
    return _MARKS.sub(mark, text).format_map(names)


def path_text(path: Path) -> str:
    """Return what reads a path of a column of jsonb (PostgreSQL manual, 9.16)."""
    column = path.column
    if len(path.steps) == 1:
        part, text = (
            f"({column} -> {string(path.steps[0])})",
            f"({column} ->> {string(path.steps[0])})",
        )
    else:
        steps = string("{" + ",".join([f'"{step}"' for step in path.steps]) + "}")
        part, text = f"({column} #> {steps})", f"({column} #>> {steps})"
    kind = f"jsonb_typeof({part})"
    match path.reading:
        case Reading.NUMBER:
            return f"{text}::numeric"
        case Reading.INTEGER:
            return f"{text}::int8"
        case Reading.TEXT:
            return f'({text} COLLATE "C")'
        case Reading.BOOLEAN:
            return f"{text}::boolean::int"
        case Reading.PLAIN_NUMBER:
            return f"CASE {kind} WHEN 'number' THEN {text}::numeric END"
        case Reading.PLAIN_TEXT:
            return f"CASE {kind} WHEN 'string' THEN {text} COLLATE \"C\" END"
        case Reading.PLAIN_BOOLEAN:
            return f"CASE {kind} WHEN 'boolean' THEN {text}::boolean::int END"
        case Reading.KIND:
            return kind
        case Reading.EACH:
            return "(SELECT unnest(?) AS value)"
        case Reading.EACH_BYTES:
            return "(SELECT decode(unnest(?), 'hex') AS value)"
        case Reading.EACH_PAIR:
            parts = "(value ->> 0)::int8 AS one, (value ->> 1)::int8 AS other"
            return f"(SELECT {parts} FROM jsonb_array_elements(?))"
        case Reading.MEMBERS:
            return f"jsonb_each({column})"
        case Reading.JSON:
            return f"({column if not path.steps else part})::text"
        case Reading.ELEMENTS:
            return f"jsonb_array_elements(CASE {kind} WHEN 'array' THEN {part} ELSE '[]' END)"
        case _:
            return column
