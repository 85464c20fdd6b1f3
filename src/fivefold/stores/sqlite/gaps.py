"""What SQLite lacks or does otherwise, as data: the renderer reads it, nothing else decides."""

from __future__ import annotations

import json

from fivefold.values.types import Kind, Type

COLLATIONS: dict[Kind, str] = {
    Kind.NUMERIC: "decimal",
    Kind.INTERVAL: "interval",
    Kind.JSONB: "jsonb",
}
"""Kinds whose stored texts do not compare as bytes, and the collation that compares them."""


def collation_of(type_: Type) -> str | None:
    """Return the name of the collation that compares stored forms of the type, or None."""
    if type_.element is not None:
        element = collation_of(type_.element)
        return "list" if element is None else f"list_{element}"
    if type_.kind is Kind.ENUM:
        # Labels compare by their order, which the collation's own name says: see collations.py.
        return "enum_" + json.dumps(type_.labels).encode().hex()
    return COLLATIONS.get(type_.kind)


RENAMES: dict[str, str] = {
    "char_length": "length",
    "character_length": "length",
    "position": "instr",
    "strpos": "instr",
    "textlen": "length",
    "text_larger": "max",
    "text_smaller": "min",
    "btrim": "trim",
    "substr": "ff_substr",
    "current_role": "ff_current_user",
    "user": "ff_current_user",
    "ceiling": "ff_ceil",
    "pow": "ff_power",
    "log10": "ff_log",
    "transaction_timestamp": "ff_now",
    "current_timestamp": "ff_now",
    "current_catalog": "ff_current_database",
    "every": "min",
    "bool_and": "min",
    "bool_or": "max",
    "dsqrt": "ff_sqrt",
    "dcbrt": "ff_cbrt",
    "variance": "ff_var_samp",
    "stddev": "ff_stddev_samp",
    "json_object_field_text": "ff_json_text_of_field",
    "json_array_element_text": "ff_json_text_of_element",
    "json_extract_path_text": "ff_json_text_of_path",
    "jsonb_object_field_text": "ff_jsonb_text_of_field",
    "jsonb_array_element_text": "ff_jsonb_text_of_element",
    "jsonb_extract_path_text": "ff_jsonb_text_of_path",
    "jsonb_to_record": "ff_json_to_record",
    "jsonb_to_recordset": "ff_json_to_recordset",
}
"""Functions that have another name here; ``ff_`` begins the names of our own."""

_NATIVE = """
length ltrim rtrim replace octet_length
row_number rank dense_rank percent_rank cume_dist
ntile lag lead first_value last_value nth_value
"""
NATIVE = frozenset(_NATIVE.split())
"""Functions that SQLite has under the same name, with the same meaning."""

_WITH_TYPES = """
to_json to_jsonb row_to_json array_to_json json_build_object jsonb_build_object json_build_array
jsonb_build_array array_append array_prepend array_cat array_remove array_replace
array_position array_positions array_fill arraycontains arraycontained arrayoverlap
array_to_string pg_column_size enum_first enum_last enum_range
"""
WITH_TYPES = frozenset(_WITH_TYPES.split())
"""Functions of ours that get each argument's type after it, as a code."""

_SETS = """
generate_series generate_subscripts unnest regexp_matches regexp_split_to_table string_to_table
json_array_elements json_array_elements_text jsonb_array_elements jsonb_array_elements_text
json_object_keys jsonb_object_keys json_each json_each_text jsonb_each jsonb_each_text
json_to_record json_to_recordset jsonb_to_record jsonb_to_recordset
pg_partition_ancestors pg_partition_tree pg_options_to_table aclexplode
"""
SETS = frozenset(_SETS.split())
"""Functions that return sets of rows, which SQLite knows in FROM only."""
