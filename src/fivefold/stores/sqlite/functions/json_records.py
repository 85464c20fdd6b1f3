"""Rows out of JSON: json_to_record and its kin.

Source: the PostgreSQL manual, 9.16, "JSON Processing Functions": how a JSON value becomes a value
of a column's type.
"""

from __future__ import annotations

import json
from functools import lru_cache

from fivefold.errors import InvalidValue
from fivefold.stores.sqlite.context import Context
from fivefold.stores.sqlite.functions.codes import type_of_code
from fivefold.stores.sqlite.functions.json import json_text, raw_members
from fivefold.stores.sqlite.functions.table import Entry, Needs
from fivefold.values.arrays import pack
from fivefold.values.strings import bytea_hex
from fivefold.values.text import coerce_length, parser
from fivefold.values.types import Kind, Stored, Type

Columns = tuple[tuple[str, Type], ...]


@lru_cache(256)
def columns_of(text: str) -> Columns:
    """Return columns from their JSON: ``[["name", "code of type"], …]``."""
    return tuple([(name, type_of_code(code)) for name, code in json.loads(text)])


def value_of(raw: str, type_: Type, context: Context) -> Stored:
    """Return a JSON value as a stored form of the type; JSON's null is NULL."""
    raw = raw.strip()
    if raw == "null":
        return None
    if type_.kind in (Kind.JSON, Kind.JSONB):
        return raw if type_.kind is Kind.JSON else str(parser(type_)(raw))
    if type_.element is not None and raw.startswith("["):
        element = type_.element
        items = [value_of(item, element, context) for item in raw_members(raw)[1]]
        return pack(element, items)
    text = json_text(raw) or ""
    if type_.element is not None and not raw.startswith('"'):
        raise InvalidValue("expected JSON array", "invalid_text_representation")
    value = parser(type_, context.zone, lambda: context.now_utc)(text)
    return coerce_length(type_, value, explicit=True)


def _row(raw: str, columns: Columns, context: Context, function: str) -> list[Stored]:
    if not raw.lstrip().startswith("{"):
        what = "an array" if raw.lstrip().startswith("[") else "a scalar"
        raise InvalidValue(f"cannot call {function} on {what}", "invalid_parameter_value")
    members = dict(raw_members(raw)[0])
    values = [
        None if name not in members else value_of(members[name], type_, context)
        for name, type_ in columns
    ]
    return [bytea_hex(one) if isinstance(one, bytes) else one for one in values]


def to_record(context: Context, text: str | None, columns: str) -> str | None:
    """json_to_record: one row."""
    known = columns_of(columns)
    if text is None:
        return json.dumps([[None] * len(known)])
    return json.dumps([_row(text, known, context, "populate_composite")])


def to_recordset(context: Context, text: str | None, columns: str) -> str | None:
    """json_to_recordset: a row for each object of an array."""
    if text is None:
        return None
    if not text.lstrip().startswith("["):
        what = "an object" if text.lstrip().startswith("{") else "a scalar"
        raise InvalidValue(f"cannot call json_to_recordset on {what}", "invalid_parameter_value")
    known = columns_of(columns)
    return json.dumps(
        [_row(raw, known, context, "json_to_recordset") for raw in raw_members(text)[1]]
    )


FUNCTIONS: tuple[Entry, ...] = (
    Entry("ff_json_to_record", 2, to_record, deterministic=False, needs=Needs.CONTEXT),
    Entry("ff_json_to_recordset", 2, to_recordset, deterministic=False, needs=Needs.CONTEXT),
)
