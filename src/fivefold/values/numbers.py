"""Integers, floats and decimals: PostgreSQL's text forms and their stored forms.

Source of the rules: PostgreSQL 15's manual, sections 8.1 and 4.1.2.6, and the behaviour of the
server itself (tests/values/test_like_postgres.py asks it).
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, ROUND_HALF_UP, Context, Decimal

from fivefold.errors import InvalidValue, Unsupported
from fivefold.values.types import FLOAT8, INTEGER_RANGE, NUMERIC, Kind, Type

BLANKS = " \t\n\v\f\r"
"""What PostgreSQL's ``isspace`` skips; Python's ``strip()`` would take more."""

NUMERIC_WHOLE_DIGITS_MAX = 131_072
NUMERIC_SCALE_MAX = 16_383
OID_MAX = 2**32 - 1
FLOAT8_FIXED_MAX = 1e15
"""From here on PostgreSQL prints an exponent; Python does so from 1e16."""

EXACT = Context(
    prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN, rounding=ROUND_HALF_UP, traps=[], clamp=0
)

_INTEGER = re.compile(r"[ \t\n\v\f\r]*([+-]?[0-9]+)([ \t\n\v\f\r]*\Z)?", re.ASCII)
_PLAIN_NUMERIC = re.compile(r"-?(?:0|[1-9][0-9]{0,1000})(?:\.[0-9]{1,1000})?\Z")
_NUMERIC = re.compile(r"([+-]?)(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE]([+-]?[0-9]+))?\Z")
_PLAIN_FLOAT = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?\Z")
_FLOAT = re.compile(
    r"[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
    r"|0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)(?:[pP][+-]?[0-9]+)?)\Z"
)
_NONZERO_HEX = re.compile(r"0[xX][0.]*[1-9a-fA-F]")
_SPECIAL = {
    "nan": "NaN",
    "infinity": "Infinity",
    "+infinity": "Infinity",
    "-infinity": "-Infinity",
    "inf": "Infinity",
    "+inf": "Infinity",
    "-inf": "-Infinity",
}
INTEGER_BOUNDS: dict[Kind, tuple[int, int]] = {**INTEGER_RANGE, Kind.OID: (-(2**31), OID_MAX)}
_FLOAT4 = struct.Struct("<f")


def syntax_error(type_: Type | str, text: str) -> InvalidValue:
    """Return the error of a text that no value of the type looks like."""
    return InvalidValue(
        f'invalid input syntax for type {type_}: "{text}"', "invalid_text_representation"
    )


def _bare(type_: Type) -> Type:
    return Type(type_.kind)


def integer_parser(type_: Type) -> Callable[[str], int]:
    """Return the input function of int2, int4, int8 or oid."""
    low, high = INTEGER_BOUNDS[type_.kind]
    if type_.kind is Kind.OID:
        return lambda text: _parse_integer(type_, text, low, high) & OID_MAX

    def parse(text: str) -> int:
        # Python's int() also takes '1_000' and other scripts' digits: so look before.
        try:
            if text.isdecimal() and text.isascii():
                value = int(text)
                if value <= high:
                    return value
            elif text[:1] == "-":
                digits = text[1:]
                if digits.isdecimal() and digits.isascii():
                    value = -int(digits)
                    if value >= low:
                        return value
        except ValueError:
            pass  # more digits than int() agrees to read
        return _parse_integer(type_, text, low, high)

    return parse


def _parse_integer(type_: Type, text: str, low: int, high: int) -> int:
    found = _INTEGER.match(text)
    if found is None or (found[2] is None and type_.kind is Kind.OID):
        raise syntax_error(type_, text)
    digits = found[1]
    # As PostgreSQL does: too many digits are noticed before what follows them is looked at.
    significant = digits.lstrip("+-0")
    value = int(digits) if len(significant) < 25 else high + 1
    if not low <= value <= high:
        raise InvalidValue(
            f'value "{text}" is out of range for type {type_}', "numeric_value_out_of_range"
        )
    if found[2] is None:
        raise syntax_error(type_, text)
    return value


def integer_in_range(kind: Kind, value: int) -> int:
    """Return ``value`` if the kind can hold it; the error is that of a cast, not of an input."""
    low, high = INTEGER_BOUNDS[kind] if kind is not Kind.OID else (0, OID_MAX)
    if low <= value <= high:
        return value
    name = "OID" if kind is Kind.OID else str(Type(kind))
    raise InvalidValue(f"{name} out of range", "numeric_value_out_of_range")


# Floats


def parse_float8(text: str) -> float | str:
    """Return a float8's stored form; see ``parse_float``."""
    return float(text) if _PLAIN_FLOAT.match(text) else parse_float(FLOAT8, text)


def parse_float(type_: Type, text: str) -> float | str:
    """Return a float4's or float8's stored form: a float, or 'NaN'."""
    bare = text.strip(BLANKS)
    if _FLOAT.match(bare) is None:
        special = _SPECIAL.get(bare.lower())
        if special is None and not (bare[:4].lower() == "nan(" and bare.endswith(")")):
            raise syntax_error(type_, text)
        return "NaN" if special in (None, "NaN") else float(special or "")
    is_hex = "x" in bare or "X" in bare
    try:
        value = float.fromhex(bare) if is_hex else float(bare)
    except OverflowError:
        value = math.inf
    if type_.kind is Kind.FLOAT4:
        value = nearest_float4(value, None if is_hex else bare)
    if math.isinf(value) or (value == 0 and _is_not_zero(bare, is_hex)):
        raise InvalidValue(
            f'"{bare}" is out of range for type {type_}', "numeric_value_out_of_range"
        )
    return value


def _is_not_zero(text: str, is_hex: bool) -> bool:
    if is_hex:
        return _NONZERO_HEX.search(text) is not None
    return text.lower().partition("e")[0].strip("+-0.") != ""


def nearest_float4(value: float, text: str | None = None) -> float:
    """Return the 24-bit float nearest to ``value``, or to the decimal ``text`` it was read from.

    A text first rounded to 53 bits may land exactly between two 24-bit floats, where rounding
    again goes the wrong way: only then the text decides. Too large becomes infinity.
    """
    try:
        (near,) = _FLOAT4.unpack(_FLOAT4.pack(value))
    except OverflowError:
        return math.copysign(math.inf, value)
    if text is not None and near != value and math.isfinite(value):
        exact = EXACT.create_decimal(text)
        seen = Decimal(value)
        if exact != seen:
            nudged = math.nextafter(value, math.inf if exact > seen else -math.inf)
            (near,) = _FLOAT4.unpack(_FLOAT4.pack(nudged)) if _is_tie(value) else (near,)
    return float(near)


def _is_tie(value: float) -> bool:
    (bits,) = struct.unpack("<Q", struct.pack("<d", value))
    return bool(bits & 0x1FFFFFFF == 0x10000000)


def float8_text(value: float | str) -> str:
    """Return the shortest digits that read back as ``value``, in PostgreSQL's layout."""
    if value.__class__ is not float:
        if isinstance(value, str):
            return value
        value = float(value)
    text = repr(value)
    if -FLOAT8_FIXED_MAX < value < FLOAT8_FIXED_MAX:
        return text[:-2] if text.endswith(".0") else text
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value != value:
        return "NaN"
    if abs(value) < 1e16:
        return _with_exponent(text.removesuffix(".0"))
    # A decimal exactly between two floats reads back by the even-digit rule only; PostgreSQL
    # does not lean on that rule, so such a number (1e23) needs more digits.
    if _is_midpoint(text, value):
        for digits in (15, 16):
            longer = f"{value:.{digits}e}"
            if float(longer) == value and not _is_midpoint(longer, value):
                head, _, exponent = longer.partition("e")
                return f"{head.rstrip('0').rstrip('.')}e{exponent}"
    return text


def _is_midpoint(text: str, value: float) -> bool:
    apart = abs(int(Decimal(text)) - int(value))
    up, down = math.nextafter(value, math.inf), math.nextafter(value, -math.inf)
    gaps = [abs(int(near) - int(value)) for near in (up, down) if math.isfinite(near)]
    return apart != 0 and 2 * apart in gaps


def _with_exponent(digits: str) -> str:
    """Return '1234.5' as '1.2345e+03'."""
    sign = "-" if digits[0] == "-" else ""
    whole, _, fraction = digits.removeprefix("-").partition(".")
    mantissa = (whole + fraction).rstrip("0")
    rest = f".{mantissa[1:]}" if len(mantissa) > 1 else ""
    return f"{sign}{mantissa[0]}{rest}e+{len(whole) - 1:02d}"


def float4_text(value: float | str) -> str:
    """Return the shortest digits that read back as the 24-bit ``value``."""
    if isinstance(value, str):
        return value
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value != value:
        return "NaN"
    if value == 0:
        return "-0" if math.copysign(1, value) < 0 else "0"
    first = 6 if abs(value) > 1.2e-38 else 1
    for digits in range(first, 10):
        text = f"{value:.{digits}g}"
        near = float(text)
        # As for float8, a decimal exactly between two floats does not count.
        if nearest_float4(near) == value and not (_is_tie(near) and Decimal(text) == near):
            break
    if "e" in text or abs(value) < 1e6:
        return text
    return _with_exponent(text)


# Decimals


def parse_numeric(type_: Type, text: str) -> str:
    """Return a numeric's stored form: its digits as given, rounded to the declared scale."""
    if _PLAIN_NUMERIC.match(text) and text[0] != "-":
        return text if type_.precision is None else fit_numeric(type_, text)
    bare = text.strip(BLANKS)
    found = _NUMERIC.match(bare)
    if found is None:
        special = _SPECIAL.get(bare.lower())
        if special is None:
            raise syntax_error(_bare(type_), text)
        return fit_numeric(type_, special)
    exponent = found[2] or "0"
    significant = exponent.lstrip("+-0")
    if len(significant) > 6 or len(bare) > 300_000:
        raise _numeric_overflow()
    value = EXACT.create_decimal(bare)
    return fit_numeric(type_, numeric_text(value))


def _numeric_overflow() -> InvalidValue:
    return InvalidValue("value overflows numeric format", "numeric_value_out_of_range")


def numeric_text(value: Decimal, *, limited: bool = True) -> str:
    """Return the stored form of a Decimal: no exponent, no negative zero, every digit kept."""
    if not value.is_finite():
        if value.is_nan():
            return "NaN"
        return "Infinity" if value > 0 else "-Infinity"
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)
    if limited and (
        -exponent > NUMERIC_SCALE_MAX or (value and value.adjusted() >= NUMERIC_WHOLE_DIGITS_MAX)
    ):
        raise _numeric_overflow()
    if not value:
        return f"{value.copy_abs():f}" if exponent <= 0 else "0"
    return f"{value:f}"


def fit_numeric(type_: Type, text: str) -> str:
    """Round a stored numeric to ``numeric(precision, scale)``, half away from zero."""
    precision = type_.precision
    if precision is None or text == "NaN":
        return text
    scale = type_.scale or 0
    if text.endswith("y"):
        raise InvalidValue(
            "numeric field overflow",
            "numeric_value_out_of_range",
            detail=f"A field with precision {precision}, scale {scale}"
            " cannot hold an infinite value.",
        )
    whole, _, fraction = text.partition(".")
    if len(fraction) == scale and len(whole) <= precision - scale and whole[0] != "-":
        return text
    value = EXACT.create_decimal(text).quantize(
        Decimal(1).scaleb(-scale, EXACT), ROUND_HALF_UP, EXACT
    )
    if value and value.adjusted() >= precision - scale:
        limit = f"10^{precision - scale}" if precision != scale else "1"
        raise InvalidValue(
            "numeric field overflow",
            "numeric_value_out_of_range",
            detail=f"A field with precision {precision}, scale {scale} must round to an"
            f" absolute value less than {limit}.",
        )
    return numeric_text(value, limited=False)


def float_to_numeric(kind: Kind, value: float | str) -> str:
    """Cast a float to numeric as PostgreSQL does: by its first 15 (float4: 6) digits."""
    if isinstance(value, str) or not math.isfinite(value):
        return "NaN" if isinstance(value, str) else float8_text(value)
    digits = 6 if kind is Kind.FLOAT4 else 15
    return parse_numeric(NUMERIC, f"{value:.{digits}g}")


def numeric_to_integer(kind: Kind, text: str) -> int:
    """Cast a numeric to an integer kind, rounding half away from zero."""
    name = str(Type(kind))
    if text[-1] in "Ny":
        shown = "NaN" if text == "NaN" else "infinity"
        raise Unsupported(f"cannot convert {shown} to {name}")
    value = EXACT.create_decimal(text)
    if value.adjusted() > 20:
        raise InvalidValue(f"{name} out of range", "numeric_value_out_of_range")
    return integer_in_range(kind, int(value.to_integral_value(ROUND_HALF_UP, EXACT)))


def float_to_integer(kind: Kind, value: float | str) -> int:
    """Cast a float to an integer kind, rounding half to even."""
    if isinstance(value, str) or not math.isfinite(value):
        raise InvalidValue(f"{Type(kind)} out of range", "numeric_value_out_of_range")
    return integer_in_range(kind, round(value))


def number_to_float(kind: Kind, value: float | str) -> float | str:
    """Cast an int, a float or a stored numeric to float4 or float8."""
    if value == "NaN":
        return "NaN"
    if isinstance(value, str):
        if value.endswith("y"):
            return float(value)
        return parse_float(FLOAT8 if kind is Kind.FLOAT8 else Type(kind), value)
    if kind is Kind.FLOAT8:
        return float(value)
    near = nearest_float4(float(value), str(value) if isinstance(value, int) else None)
    if math.isinf(near) and not math.isinf(value):
        raise InvalidValue("value out of range: overflow", "numeric_value_out_of_range")
    if near == 0 and value != 0:
        raise InvalidValue("value out of range: underflow", "numeric_value_out_of_range")
    return near
