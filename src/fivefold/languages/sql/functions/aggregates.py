"""Aggregates and window functions (the PostgreSQL 15 manual, 9.21 and 9.22)."""

from __future__ import annotations

from fivefold.languages.sql.signatures import Form, Function, Volatility, functions
from fivefold.values.types import FLOAT8, INT8

_AGGREGATES = """
count(|any) -> int8
sum(int2|int4) -> int8
sum(int8|numeric) -> numeric
sum(float4) -> float4
sum(float8) -> float8
sum(interval) -> interval
avg(int2|int4|int8|numeric) -> numeric
avg(float4|float8) -> float8
avg(interval) -> interval
bool_and(bool) -> bool
bool_or(bool) -> bool
every(bool) -> bool
bit_and(int2) -> int2
bit_and(int4) -> int4
bit_and(int8) -> int8
bit_or(int2) -> int2
bit_or(int4) -> int4
bit_or(int8) -> int8
bit_xor(int2) -> int2
bit_xor(int4) -> int4
bit_xor(int8) -> int8
string_agg(text,text) -> text
string_agg(bytea,bytea) -> bytea
array_agg(anynonarray) -> anyarray
array_agg(anyarray) -> anyarray
json_agg(anyelement) -> json
jsonb_agg(anyelement) -> jsonb
json_object_agg(any,any) -> json
jsonb_object_agg(any,any) -> jsonb
corr(float8,float8) -> float8
covar_pop(float8,float8) -> float8
covar_samp(float8,float8) -> float8
regr_avgx(float8,float8) -> float8
regr_avgy(float8,float8) -> float8
regr_count(float8,float8) -> int8
regr_intercept(float8,float8) -> float8
regr_r2(float8,float8) -> float8
regr_slope(float8,float8) -> float8
regr_sxx(float8,float8) -> float8
regr_sxy(float8,float8) -> float8
regr_syy(float8,float8) -> float8
"""
_ORDERED_SETS = """
percentile_cont(float8,float8) -> float8
percentile_cont(float8,interval) -> interval
percentile_cont(float8[],float8) -> float8[]
percentile_cont(float8[],interval) -> interval[]
percentile_disc(float8,anyelement) -> anyelement
percentile_disc(float8[],anyelement) -> anyarray
mode(anyelement) -> anyelement
"""
_ORDERED = (
    "int2 int4 int8 numeric float4 float8 text bpchar oid date time timestamp timestamptz interval"
    " anyenum"
)
_SPREADS = ("stddev", "stddev_pop", "stddev_samp", "variance", "var_pop", "var_samp")
_WINDOWS = """
row_number() -> int8
rank() -> int8
dense_rank() -> int8
percent_rank() -> float8
cume_dist() -> float8
ntile(int4) -> int4
lag(anyelement|anyelement,int4) -> anyelement
lag(anycompatible,int4,anycompatible) -> anycompatible
lead(anyelement|anyelement,int4) -> anyelement
lead(anycompatible,int4,anycompatible) -> anycompatible
first_value(anyelement) -> anyelement
last_value(anyelement) -> anyelement
nth_value(anyelement,int4) -> anyelement
"""


def _ordered_aggregates() -> list[Function]:
    lines = [f"{name}({kind}) -> {kind}" for name in ("min", "max") for kind in _ORDERED.split()]
    lines += [f"{name}(anyarray) -> anyarray" for name in ("min", "max")]
    lines += [f"{name}(int2|int4|int8|numeric) -> numeric" for name in _SPREADS]
    lines += [f"{name}(float4|float8) -> float8" for name in _SPREADS]
    return functions(Form.AGGREGATE, Volatility.IMMUTABLE, "\n".join(lines))


HYPOTHETICAL = {"rank": INT8, "dense_rank": INT8, "percent_rank": FLOAT8, "cume_dist": FLOAT8}
"""Aggregates of what a row would be among others, by WITHIN GROUP, and what they return."""

FUNCTIONS: tuple[Function, ...] = (
    *functions(Form.AGGREGATE, Volatility.IMMUTABLE, _AGGREGATES),
    *_ordered_aggregates(),
    *functions(Form.ORDERED, Volatility.IMMUTABLE, _ORDERED_SETS),
    *functions(Form.WINDOW, Volatility.IMMUTABLE, _WINDOWS),
)
