"""Functions of dates, times and intervals, and formatting (PostgreSQL 15 manual, 9.8 and 9.9)."""

from __future__ import annotations

from fivefold.languages.sql.signatures import Form, Function, Volatility, functions

_IMMUTABLE = """
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
overlaps(timestamp,timestamp,timestamp,timestamp|timestamp,timestamp,timestamp,interval) -> bool
overlaps(timestamp,interval,timestamp,timestamp|timestamp,interval,timestamp,interval) -> bool
overlaps(timestamptz,timestamptz,timestamptz,timestamptz) -> bool
overlaps(timestamptz,timestamptz,timestamptz,interval) -> bool
overlaps(timestamptz,interval,timestamptz,timestamptz) -> bool
overlaps(timestamptz,interval,timestamptz,interval) -> bool
overlaps(time,time,time,time|time,time,time,interval) -> bool
overlaps(time,interval,time,time|time,interval,time,interval) -> bool
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
_STABLE = """
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
_VOLATILE = """
clock_timestamp() -> timestamptz
timeofday() -> text
pg_sleep(float8) -> void
pg_sleep_for(interval) -> void
pg_sleep_until(timestamptz) -> void
"""

FUNCTIONS: tuple[Function, ...] = (
    *functions(Form.SCALAR, Volatility.IMMUTABLE, _IMMUTABLE),
    *functions(Form.SCALAR, Volatility.STABLE, _STABLE),
    *functions(Form.SCALAR, Volatility.VOLATILE, _VOLATILE),
)
