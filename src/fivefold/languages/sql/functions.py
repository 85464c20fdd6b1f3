"""Every function that SQL can call, with its argument and result types.

Source: the PostgreSQL 15 manual, chapter 9; names, signatures and volatility as in pg_proc.

In a bound tree every call is ``exp.Anonymous(this=name, expressions=[…])`` with the arguments cast
to
the signature's types; ``node.meta["function"]`` is the ``Function``. For ``any`` arguments the
type of
each argument is in its own ``meta["type"]``. Aggregates nest in this order, innermost first:

    Anonymous(this="string_agg", expressions=[Distinct(expressions=[x, ', '])])      DISTINCT: one
        node as the only argument, holding all arguments
    Order(this=Anonymous(…), expressions=[Ordered, …])                                ORDER BY
    inside
    Filter(this=…, expression=Where(this=condition))                                  FILTER
    Window(this=…, partition_by=[…], order=Order, spec=WindowSpec)                    OVER

``count(*)`` is ``count`` without arguments. Window frames are always in the WindowSpec with
``kind``
ROWS, RANGE or GROUPS, ``start``/``end`` 'UNBOUNDED', 'CURRENT ROW' or an expression, and
``start_side``/``end_side`` 'PRECEDING' or 'FOLLOWING' (``exclude`` a Var); named
windows are
resolved, so no WINDOW clause is left. Set-returning functions stand in FROM as
``Table(this=Anonymous, alias=TableAlias(this, columns))``; with ``ordinality`` the last column
counts the rows.
"""

from __future__ import annotations

from fivefold.languages.sql.signatures import Form, Function, Volatility, functions
from fivefold.values.types import INT8, JSON, JSONB, TEXT, Type

_STRINGS = """
length(text|bpchar|bytea) -> int4
char_length(text|bpchar) -> int4
character_length(text|bpchar) -> int4
octet_length(text|bpchar|bytea) -> int4
bit_length(text|bytea) -> int4
lower(text) -> text
upper(text) -> text
initcap(text) -> text
substring(text,int4|text,int4,int4|text,text|text,text,text) -> text
substring(bytea,int4|bytea,int4,int4) -> bytea
substr(text,int4|text,int4,int4) -> text
substr(bytea,int4|bytea,int4,int4) -> bytea
left(text,int4) -> text
right(text,int4) -> text
position(text,text|bytea,bytea) -> int4
strpos(text,text) -> int4
overlay(text,text,int4|text,text,int4,int4) -> text
btrim(text|text,text) -> text
btrim(bytea,bytea) -> bytea
ltrim(text|text,text) -> text
rtrim(text|text,text) -> text
lpad(text,int4|text,int4,text) -> text
rpad(text,int4|text,int4,text) -> text
repeat(text,int4) -> text
replace(text,text,text) -> text
reverse(text) -> text
split_part(text,text,int4) -> text
translate(text,text,text) -> text
starts_with(text,text) -> bool
ascii(text) -> int4
chr(int4) -> text
md5(text|bytea) -> text
sha224(bytea) -> bytea
sha256(bytea) -> bytea
sha384(bytea) -> bytea
sha512(bytea) -> bytea
encode(bytea,text) -> text
decode(text,text) -> bytea
convert_from(bytea,name) -> text
convert_to(text,name) -> bytea
get_byte(bytea,int4) -> int4
set_byte(bytea,int4,int4) -> bytea
to_hex(int4|int8) -> text
quote_ident(text) -> text
quote_literal(text) -> text
quote_nullable(text) -> text
regexp_replace(text,text,text|text,text,text,text) -> text
regexp_match(text,text|text,text,text) -> text[]
regexp_split_to_array(text,text|text,text,text) -> text[]
regexp_count(text,text|text,text,int4|text,text,int4,text) -> int4
regexp_like(text,text|text,text,text) -> bool
regexp_substr(text,text|text,text,int4) -> text
regexp_instr(text,text) -> int4
string_to_array(text,text|text,text,text) -> text[]
textregexeq(text,text) -> bool
textregexne(text,text) -> bool
texticregexeq(text,text) -> bool
texticregexne(text,text) -> bool
byteacat(bytea,bytea) -> bytea
"""
_STRINGS_STABLE = """
concat(variadic any) -> text
concat_ws(text,variadic any) -> text
format(text|text,variadic any) -> text
array_to_string(anyarray,text|anyarray,text,text) -> text
quote_literal(anyelement) -> text
quote_nullable(anyelement) -> text
"""
_NUMBERS = """
abs(int2) -> int2
abs(int4) -> int4
abs(int8) -> int8
abs(numeric) -> numeric
abs(float4) -> float4
abs(float8) -> float8
ceil(numeric) -> numeric
ceil(float8) -> float8
ceiling(numeric) -> numeric
ceiling(float8) -> float8
floor(numeric) -> numeric
floor(float8) -> float8
round(numeric|numeric,int4) -> numeric
round(float8) -> float8
trunc(numeric|numeric,int4) -> numeric
trunc(float8) -> float8
sign(numeric) -> numeric
sign(float8) -> float8
sqrt(numeric) -> numeric
sqrt(float8) -> float8
cbrt(float8) -> float8
dsqrt(float8) -> float8
dcbrt(float8) -> float8
exp(numeric) -> numeric
exp(float8) -> float8
ln(numeric) -> numeric
ln(float8) -> float8
log(numeric|numeric,numeric) -> numeric
log(float8) -> float8
log10(numeric) -> numeric
log10(float8) -> float8
power(numeric,numeric) -> numeric
power(float8,float8) -> float8
pow(numeric,numeric) -> numeric
pow(float8,float8) -> float8
mod(int2,int2) -> int2
mod(int4,int4) -> int4
mod(int8,int8) -> int8
mod(numeric,numeric) -> numeric
div(numeric,numeric) -> numeric
gcd(int4,int4) -> int4
gcd(int8,int8) -> int8
gcd(numeric,numeric) -> numeric
lcm(int4,int4) -> int4
lcm(int8,int8) -> int8
lcm(numeric,numeric) -> numeric
factorial(int8) -> numeric
pi() -> float8
degrees(float8) -> float8
radians(float8) -> float8
sin(float8) -> float8
cos(float8) -> float8
tan(float8) -> float8
cot(float8) -> float8
asin(float8) -> float8
acos(float8) -> float8
atan(float8) -> float8
atan2(float8,float8) -> float8
sinh(float8) -> float8
cosh(float8) -> float8
tanh(float8) -> float8
asinh(float8) -> float8
acosh(float8) -> float8
atanh(float8) -> float8
width_bucket(numeric,numeric,numeric,int4|float8,float8,float8,int4) -> int4
scale(numeric) -> int4
min_scale(numeric) -> int4
trim_scale(numeric) -> numeric
"""
_NUMBERS_VOLATILE = """
random() -> float8
setseed(float8) -> void
"""
_DATES = """
date_trunc(text,timestamp) -> timestamp
date_trunc(text,interval) -> interval
extract(text,date|text,time|text,timestamp|text,interval) -> numeric
date_part(text,date|text,time|text,timestamp|text,interval) -> float8
age(timestamp,timestamp|timestamptz,timestamptz) -> interval
make_date(int4,int4,int4) -> date
make_time(int4,int4,float8) -> time
make_timestamp(int4,int4,int4,int4,int4,float8) -> timestamp
make_interval(|int4|int4,int4|int4,int4,int4|int4,int4,int4,int4) -> interval
make_interval(int4,int4,int4,int4,int4|int4,int4,int4,int4,int4,int4) -> interval
make_interval(int4,int4,int4,int4,int4,int4,float8) -> interval
justify_days(interval) -> interval
justify_hours(interval) -> interval
justify_interval(interval) -> interval
isfinite(date|timestamp|timestamptz|interval) -> bool
to_timestamp(float8) -> timestamptz
timezone(text,timestamp|interval,timestamp) -> timestamptz
timezone(text,timestamptz|interval,timestamptz) -> timestamp
date_bin(interval,timestamp,timestamp) -> timestamp
date_bin(interval,timestamptz,timestamptz) -> timestamptz
date_pli(date,int4) -> date
integer_pl_date(int4,date) -> date
date_mii(date,int4) -> date
date_mi(date,date) -> int4
date_pl_interval(date,interval) -> timestamp
date_mi_interval(date,interval) -> timestamp
interval_pl_date(interval,date) -> timestamp
datetime_pl(date,time) -> timestamp
timedate_pl(time,date) -> timestamp
timestamp_pl_interval(timestamp,interval) -> timestamp
timestamp_mi_interval(timestamp,interval) -> timestamp
interval_pl_timestamp(interval,timestamp) -> timestamp
timestamp_mi(timestamp,timestamp) -> interval
timestamptz_mi(timestamptz,timestamptz) -> interval
time_pl_interval(time,interval) -> time
time_mi_interval(time,interval) -> time
interval_pl_time(interval,time) -> time
time_mi_time(time,time) -> interval
interval_pl(interval,interval) -> interval
interval_mi(interval,interval) -> interval
interval_mul(interval,float8) -> interval
mul_d_interval(float8,interval) -> interval
interval_div(interval,float8) -> interval
interval_um(interval) -> interval
"""
_DATES_STABLE = """
now() -> timestamptz
transaction_timestamp() -> timestamptz
statement_timestamp() -> timestamptz
current_timestamp(|int4) -> timestamptz
current_date() -> date
localtimestamp(|int4) -> timestamp
localtime(|int4) -> time
date_trunc(text,timestamptz|text,timestamptz,text) -> timestamptz
extract(text,timestamptz) -> numeric
date_part(text,timestamptz) -> float8
age(timestamp|timestamptz) -> interval
make_timestamptz(int4,int4,int4,int4,int4,float8) -> timestamptz
make_timestamptz(int4,int4,int4,int4,int4,float8,text) -> timestamptz
to_char(timestamp,text|timestamptz,text|interval,text|numeric,text) -> text
to_char(int4,text|int8,text|float4,text|float8,text) -> text
to_date(text,text) -> date
to_timestamp(text,text) -> timestamptz
to_number(text,text) -> numeric
timestamptz_pl_interval(timestamptz,interval) -> timestamptz
timestamptz_mi_interval(timestamptz,interval) -> timestamptz
interval_pl_timestamptz(interval,timestamptz) -> timestamptz
"""
_DATES_VOLATILE = """
clock_timestamp() -> timestamptz
timeofday() -> text
pg_sleep(float8) -> void
"""
_JSON = """
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
jsonb_delete(jsonb,text|jsonb,int4|jsonb,text[]) -> jsonb
jsonb_delete_path(jsonb,text[]) -> jsonb
json_array_length(json) -> int4
jsonb_array_length(jsonb) -> int4
json_typeof(json) -> text
jsonb_typeof(jsonb) -> text
jsonb_set(jsonb,text[],jsonb|jsonb,text[],jsonb,bool) -> jsonb
jsonb_insert(jsonb,text[],jsonb|jsonb,text[],jsonb,bool) -> jsonb
json_strip_nulls(json) -> json
jsonb_strip_nulls(jsonb) -> jsonb
jsonb_pretty(jsonb) -> text
json_object(text[]|text[],text[]) -> json
jsonb_object(text[]|text[],text[]) -> jsonb
"""
_JSON_STABLE = """
to_json(anyelement) -> json
to_jsonb(anyelement) -> jsonb
array_to_json(anyarray) -> json
json_build_object(|variadic any) -> json
jsonb_build_object(|variadic any) -> jsonb
json_build_array(|variadic any) -> json
jsonb_build_array(|variadic any) -> jsonb
"""
_ARRAYS = """
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
array_fill(anyelement,int4[]) -> anyarray
trim_array(anyarray,int4) -> anyarray
arraycontains(anyarray,anyarray) -> bool
arraycontained(anyarray,anyarray) -> bool
arrayoverlap(anyarray,anyarray) -> bool
"""
_SYSTEM_STABLE = """
version() -> text
current_user() -> name
session_user() -> name
user() -> name
current_role() -> name
current_catalog() -> name
current_database() -> name
current_schema() -> name
current_schemas(bool) -> name[]
pg_typeof(any) -> regtype
pg_backend_pid() -> int4
pg_is_in_recovery() -> bool
pg_postmaster_start_time() -> timestamptz
current_setting(text|text,bool) -> text
inet_server_port() -> int4
txid_current() -> int8
num_nulls(variadic any) -> int4
num_nonnulls(variadic any) -> int4
pg_get_serial_sequence(text,text) -> text
pg_column_size(any) -> int4
"""
_SYSTEM_VOLATILE = """
nextval(regclass) -> int8
currval(regclass) -> int8
setval(regclass,int8|regclass,int8,bool) -> int8
lastval() -> int8
gen_random_uuid() -> uuid
set_config(text,text,bool) -> text
pg_advisory_lock(int8) -> void
pg_advisory_unlock(int8) -> bool
pg_cancel_backend(int4) -> bool
"""
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
_ORDERED = [
    "int2",
    "int4",
    "int8",
    "numeric",
    "float4",
    "float8",
    "text",
    "bpchar",
    "oid",
    "date",
    "time",
    "timestamp",
    "timestamptz",
    "interval",
]
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


def _ordered_aggregates() -> list[Function]:
    lines = [f"{name}({kind}) -> {kind}" for name in ("min", "max") for kind in _ORDERED]
    lines += [f"{name}(anyarray) -> anyarray" for name in ("min", "max")]
    lines += [f"{name}(int2|int4|int8|numeric) -> numeric" for name in _SPREADS]
    lines += [f"{name}(float4|float8) -> float8" for name in _SPREADS]
    return functions(Form.AGGREGATE, Volatility.IMMUTABLE, "\n".join(lines))


FUNCTIONS: tuple[Function, ...] = (
    *functions(Form.SCALAR, Volatility.IMMUTABLE, _STRINGS + _NUMBERS + _DATES + _JSON + _ARRAYS),
    *functions(
        Form.SCALAR,
        Volatility.STABLE,
        _STRINGS_STABLE + _DATES_STABLE + _JSON_STABLE + _SYSTEM_STABLE,
    ),
    *functions(
        Form.SCALAR, Volatility.VOLATILE, _NUMBERS_VOLATILE + _DATES_VOLATILE + _SYSTEM_VOLATILE
    ),
    *functions(Form.AGGREGATE, Volatility.IMMUTABLE, _AGGREGATES),
    *_ordered_aggregates(),
    *functions(Form.WINDOW, Volatility.IMMUTABLE, _WINDOWS),
    *functions(Form.SET, Volatility.IMMUTABLE, _SETS),
)

BY_NAME: dict[str, tuple[Function, ...]] = {}
for _function in FUNCTIONS:
    BY_NAME[_function.name] = (*BY_NAME.get(_function.name, ()), _function)

ORDINALITY = INT8
