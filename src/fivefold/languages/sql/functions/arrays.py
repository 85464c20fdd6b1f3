"""Functions of arrays (the PostgreSQL 15 manual, 9.19)."""

from __future__ import annotations

from fivefold.languages.sql.signatures import Form, Function, Volatility, functions

_IMMUTABLE = """
array_length(anyarray,int4) -> int4
array_lower(anyarray,int4) -> int4
array_upper(anyarray,int4) -> int4
array_ndims(anyarray) -> int4
array_dims(anyarray) -> text
cardinality(anyarray) -> int4
array_append(anycompatiblearray,anycompatible) -> anycompatiblearray
array_prepend(anycompatible,anycompatiblearray) -> anycompatiblearray
array_cat(anycompatiblearray,anycompatiblearray) -> anycompatiblearray
array_remove(anycompatiblearray,anycompatible) -> anycompatiblearray
array_replace(anycompatiblearray,anycompatible,anycompatible) -> anycompatiblearray
array_position(anycompatiblearray,anycompatible|anycompatiblearray,anycompatible,int4) -> int4
array_positions(anycompatiblearray,anycompatible) -> int4[]
array_fill(anyelement,int4[]|anyelement,int4[],int4[]) -> anyarray
trim_array(anyarray,int4) -> anyarray
arraycontains(anyarray,anyarray) -> bool
arraycontained(anyarray,anyarray) -> bool
arrayoverlap(anyarray,anyarray) -> bool
"""

FUNCTIONS: tuple[Function, ...] = (*functions(Form.SCALAR, Volatility.IMMUTABLE, _IMMUTABLE),)
