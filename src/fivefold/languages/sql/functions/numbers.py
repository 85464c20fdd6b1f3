"""Functions of numbers (the PostgreSQL 15 manual, 9.3)."""

from __future__ import annotations

from fivefold.languages.sql.signatures import Form, Function, Volatility, functions

_IMMUTABLE = """
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
sind(float8) -> float8
cosd(float8) -> float8
tand(float8) -> float8
cotd(float8) -> float8
asind(float8) -> float8
acosd(float8) -> float8
atand(float8) -> float8
atan2d(float8,float8) -> float8
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
width_bucket(anycompatible,anycompatiblearray) -> int4
scale(numeric) -> int4
min_scale(numeric) -> int4
trim_scale(numeric) -> numeric
"""
_VOLATILE = """
random() -> float8
setseed(float8) -> void
"""

FUNCTIONS: tuple[Function, ...] = (
    *functions(Form.SCALAR, Volatility.IMMUTABLE, _IMMUTABLE),
    *functions(Form.SCALAR, Volatility.VOLATILE, _VOLATILE),
)
