"""Functions that return sets of rows (the PostgreSQL 15 manual, 9.25 and elsewhere)."""

from __future__ import annotations

from fivefold.languages.sql.signatures import Form, Function, Volatility, functions
from fivefold.values.types import JSON, JSONB, TEXT, Type

_SETS = """
generate_series(int4,int4|int4,int4,int4) -> int4
generate_series(int8,int8|int8,int8,int8) -> int8
generate_series(numeric,numeric|numeric,numeric,numeric) -> numeric
generate_series(timestamp,timestamp,interval) -> timestamp
generate_series(timestamptz,timestamptz,interval) -> timestamptz
generate_subscripts(anyarray,int4|anyarray,int4,bool) -> int4
unnest(anyarray) -> anyelement
regexp_matches(text,text|text,text,text) -> text[]
regexp_split_to_table(text,text|text,text,text) -> text
string_to_table(text,text|text,text,text) -> text
json_array_elements(json) -> json
json_array_elements_text(json) -> text
jsonb_array_elements(jsonb) -> jsonb
jsonb_array_elements_text(jsonb) -> text
json_object_keys(json) -> text
jsonb_object_keys(jsonb) -> text
json_to_record(json) -> record
json_to_recordset(json) -> record
jsonb_to_record(jsonb) -> record
jsonb_to_recordset(jsonb) -> record
json_each(json) -> record
json_each_text(json) -> record
jsonb_each(jsonb) -> record
jsonb_each_text(jsonb) -> record
"""

RECORD_COLUMNS: dict[str, tuple[tuple[str, Type], ...]] = {
    "json_each": (("key", TEXT), ("value", JSON)),
    "json_each_text": (("key", TEXT), ("value", TEXT)),
    "jsonb_each": (("key", TEXT), ("value", JSONB)),
    "jsonb_each_text": (("key", TEXT), ("value", TEXT)),
}
"""The columns of set-returning functions that return records."""

SET_COLUMNS = {
    "json_array_elements": "value",
    "json_array_elements_text": "value",
    "jsonb_array_elements": "value",
    "jsonb_array_elements_text": "value",
}
"""The column names of set-returning functions that have one of their own."""

FUNCTIONS: tuple[Function, ...] = (*functions(Form.SET, Volatility.IMMUTABLE, _SETS),)
