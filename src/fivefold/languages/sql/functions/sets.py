"""Functions that return sets of rows (the PostgreSQL 15 manual, 9.25 and elsewhere)."""

from __future__ import annotations

from fivefold.languages.sql.signatures import Form, Function, Volatility, functions
from fivefold.values.types import BOOLEAN, INT4, JSON, JSONB, OID, REGCLASS, TEXT, Type

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
_STABLE = """
pg_partition_ancestors(regclass) -> regclass
pg_partition_tree(regclass) -> record
pg_options_to_table(text[]) -> record
aclexplode(aclitem[]) -> record
"""

RECORD_COLUMNS: dict[str, tuple[tuple[str, Type], ...]] = {
    "json_each": (("key", TEXT), ("value", JSON)),
    "json_each_text": (("key", TEXT), ("value", TEXT)),
    "jsonb_each": (("key", TEXT), ("value", JSONB)),
    "jsonb_each_text": (("key", TEXT), ("value", TEXT)),
    "pg_options_to_table": (("option_name", TEXT), ("option_value", TEXT)),
    "pg_partition_tree": (
        ("relid", REGCLASS),
        ("parentrelid", REGCLASS),
        ("isleaf", BOOLEAN),
        ("level", INT4),
    ),
    "aclexplode": (
        ("grantor", OID),
        ("grantee", OID),
        ("privilege_type", TEXT),
        ("is_grantable", BOOLEAN),
    ),
}
"""The columns of set-returning functions that return records."""

SET_COLUMNS = {
    "json_array_elements": "value",
    "json_array_elements_text": "value",
    "jsonb_array_elements": "value",
    "jsonb_array_elements_text": "value",
}
"""The column names of set-returning functions that have one of their own."""

FUNCTIONS: tuple[Function, ...] = (
    *functions(Form.SET, Volatility.IMMUTABLE, _SETS),
    *functions(Form.SET, Volatility.STABLE, _STABLE),
)
