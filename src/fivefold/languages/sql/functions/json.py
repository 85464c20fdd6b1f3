"""Functions of json and jsonb (the PostgreSQL 15 manual, 9.16).

``fivefold_document`` shows what a collection keeps to be searched; its views call it.
"""

from __future__ import annotations

from fivefold.languages.sql.signatures import Form, Function, Volatility, functions

_IMMUTABLE = """
json_object_field(json,text) -> json
json_object_field_text(json,text) -> text
json_array_element(json,int4) -> json
json_array_element_text(json,int4) -> text
json_extract_path(json,variadic text) -> json
json_extract_path_text(json,variadic text) -> text
jsonb_object_field(jsonb,text) -> jsonb
jsonb_object_field_text(jsonb,text) -> text
jsonb_array_element(jsonb,int4) -> jsonb
jsonb_array_element_text(jsonb,int4) -> text
jsonb_extract_path(jsonb,variadic text) -> jsonb
jsonb_extract_path_text(jsonb,variadic text) -> text
jsonb_contains(jsonb,jsonb) -> bool
jsonb_contained(jsonb,jsonb) -> bool
jsonb_exists(jsonb,text) -> bool
jsonb_exists_any(jsonb,text[]) -> bool
jsonb_exists_all(jsonb,text[]) -> bool
jsonb_concat(jsonb,jsonb) -> jsonb
jsonb_delete(jsonb,text|jsonb,int4|jsonb,variadic text) -> jsonb
jsonb_delete_path(jsonb,text[]) -> jsonb
json_array_length(json) -> int4
jsonb_array_length(jsonb) -> int4
json_typeof(json) -> text
jsonb_typeof(jsonb) -> text
jsonb_set(jsonb,text[],jsonb|jsonb,text[],jsonb,bool) -> jsonb
jsonb_set_lax(jsonb,text[],jsonb|jsonb,text[],jsonb,bool|jsonb,text[],jsonb,bool,text) -> jsonb
jsonb_insert(jsonb,text[],jsonb|jsonb,text[],jsonb,bool) -> jsonb
json_strip_nulls(json) -> json
jsonb_strip_nulls(jsonb) -> jsonb
jsonb_pretty(jsonb) -> text
json_object(text[]|text[],text[]) -> json
jsonb_object(text[]|text[],text[]) -> jsonb
fivefold_document(bytea) -> jsonb
"""
_STABLE = """
to_json(anyelement) -> json
to_jsonb(anyelement) -> jsonb
row_to_json(record|record,bool) -> json
array_to_json(anyarray|anyarray,bool) -> json
json_build_object(|variadic any) -> json
jsonb_build_object(|variadic any) -> jsonb
json_build_array(|variadic any) -> json
jsonb_build_array(|variadic any) -> jsonb
"""

FUNCTIONS: tuple[Function, ...] = (
    *functions(Form.SCALAR, Volatility.IMMUTABLE, _IMMUTABLE),
    *functions(Form.SCALAR, Volatility.STABLE, _STABLE),
)
