"""Exact decimals: PostgreSQL's arithmetic with its rules for the scale of a result.

A stored numeric is text; plus, minus and times go through ``decimal`` and are exact, the others
choose their scale as src/backend/utils/adt/numeric.c of PostgreSQL 15 does, whose digits are
groups of four decimals ("weight" counts such groups). Rounding is half away from zero.
"""

from __future__ import annotations

import math
from decimal import Context, Decimal

from fivefold.errors import InvalidValue
from fivefold.stores.sqlite.functions.table import Entry, stricts
from fivefold.values.numbers import EXACT, numeric_text

GROUP = 4
SIGNIFICANT_MIN = 16
SCALE_MAX = 1000
ROUNDED_SCALE_MAX = 16383  # of round() and trunc(), to either side
POWER_DIGITS_MAX = 131_072
GUARD_DIGITS = 12

_add, _subtract, _multiply = EXACT.add, EXACT.subtract, EXACT.multiply


def division_by_zero() -> InvalidValue:
    """Return the error of a division by zero."""
    return InvalidValue("division by zero", "division_by_zero")


def overflow() -> InvalidValue:
    """Return the error of a result that no numeric can hold."""
    return InvalidValue("value overflows numeric format", "numeric_value_out_of_range")


def special(text: str) -> bool:
    """Say whether a stored numeric is NaN or infinite."""
    return text[-1] in "Ny"


def integer(text: str) -> int:
    """Read digits, also more than int() agrees to read (4,300)."""
    try:
        return int(text)
    except ValueError:
        return int(Decimal(text))


def digits_text(value: int) -> str:
    """Write digits, also more than str() agrees to write."""
    try:
        return str(value)
    except ValueError:
        return format(Decimal(value), "f")


def split(text: str) -> tuple[int, int]:
    """Return (the digits as one integer, their scale) of a finite stored numeric."""
    whole, _, fraction = text.partition(".")
    return integer(whole + fraction), len(fraction)


def written(digits: int, scale: int) -> str:
    """Return the stored form of ``digits / 10**scale``."""
    if scale <= 0:
        return digits_text(digits * 10**-scale)
    sign = "-" if digits < 0 else ""
    text = digits_text(abs(digits)).rjust(scale + 1, "0")
    return f"{sign}{text[:-scale]}.{text[-scale:]}"


def rounded_quotient(above: int, below: int) -> int:
    """Divide, rounding half away from zero."""
    negative = (above < 0) != (below < 0)
    above, below = abs(above), abs(below)
    quotient = (2 * above + below) // (2 * below)
    return -quotient if negative else quotient


def at_scale(digits: int, scale: int, wanted: int) -> str:
    """Return ``digits / 10**scale`` rounded to another scale, which may be negative."""
    if wanted >= scale:
        return written(digits * 10 ** (wanted - scale), wanted)
    whole = rounded_quotient(digits, 10 ** (scale - wanted))
    return written(whole, wanted) if wanted >= 0 else written(whole * 10**-wanted, 0)


def _text(value: Decimal) -> str:
    """Return the stored form; most values print as they lie, which is three times as fast."""
    text = str(value)
    if text[-1].isdigit() and "E" not in text and text[0] != "-" and len(text) < SCALE_MAX:
        return text
    return numeric_text(value)


def plus(a: str, b: str) -> str:
    """Add; the scale is the larger one."""
    return _text(_add(Decimal(a), Decimal(b)))


def minus(a: str, b: str) -> str:
    """Subtract; the scale is the larger one."""
    return _text(_subtract(Decimal(a), Decimal(b)))


def times(a: str, b: str) -> str:
    """Multiply; the scale is the sum of both."""
    return _text(_multiply(Decimal(a), Decimal(b)))


def _weight(digits: int, scale: int) -> tuple[int, int]:
    """Return the weight of the first group of digits and that group's value."""
    if not digits:
        return 0, 0
    text = digits_text(abs(digits))
    place = len(text) - 1 - scale
    weight = place // GROUP
    return weight, int(text[: place - GROUP * weight + 1].ljust(place - GROUP * weight + 1, "0"))


def _limited(scale: int, *scales: int) -> int:
    return min(max(scale, *scales, 0), SCALE_MAX)


def division_scale(above: tuple[int, int], below: tuple[int, int]) -> int:
    """Return the scale of a quotient: at least 16 significant digits (select_div_scale)."""
    weight, first = _weight(*above)
    other_weight, other_first = _weight(*below)
    quotient_weight = weight - other_weight - (first <= other_first)
    return _limited(SIGNIFICANT_MIN - quotient_weight * GROUP, above[1], below[1])


def over(a: str, b: str) -> str:
    """Divide."""
    if special(a) or special(b):
        return _special_quotient(a, b)
    above, below = split(a), split(b)
    if not below[0]:
        raise division_by_zero()
    scale = division_scale(above, below)
    return written(_quotient(above, below, scale), scale)


def _quotient(above: tuple[int, int], below: tuple[int, int], scale: int) -> int:
    shift = scale + below[1] - above[1]
    if shift >= 0:
        return rounded_quotient(above[0] * 10**shift, below[0])
    return rounded_quotient(above[0], below[0] * 10**-shift)


def _special_quotient(a: str, b: str) -> str:
    if a == "NaN" or b == "NaN":
        return "NaN"
    if special(b):
        return "NaN" if special(a) else "0"
    if not Decimal(b):
        raise division_by_zero()
    return "Infinity" if (a[0] == "-") == (b[0] == "-") else "-Infinity"


def modulo(a: str, b: str) -> str:
    """Return the remainder, with the sign of ``a``."""
    if special(a) or special(b):
        if a == "NaN" or b == "NaN":
            return "NaN"
        if special(a):
            if not special(b) and not Decimal(b):
                raise division_by_zero()
            return "NaN"
        return a
    below = Decimal(b)
    if not below:
        raise division_by_zero()
    return numeric_text(EXACT.remainder(Decimal(a), below))


def negative(a: str) -> str:
    """Turn the sign."""
    if a == "NaN" or not a.strip("-0."):
        return a
    return a[1:] if a[0] == "-" else f"-{a}"


def absolute(a: str) -> str:
    """Drop the sign."""
    return a.removeprefix("-")


def sign(a: str) -> str:
    """Return -1, 0 or 1."""
    if a == "NaN":
        return a
    return "-1" if a[0] == "-" else "1" if a.strip("0.") else "0"


def round_to(a: str, scale: int = 0) -> str:
    """Round half away from zero to a scale, which may be negative."""
    if special(a):
        return a
    return at_scale(*split(a), max(min(scale, ROUNDED_SCALE_MAX), -ROUNDED_SCALE_MAX))


def truncate(a: str, scale: int = 0) -> str:
    """Cut digits beyond a scale, which may be negative."""
    if special(a):
        return a
    digits, own = split(a)
    scale = max(min(scale, ROUNDED_SCALE_MAX), -ROUNDED_SCALE_MAX)
    if scale >= own:
        return written(digits * 10 ** (scale - own), scale)
    unit = 10 ** (own - scale)
    whole = abs(digits) // unit * (-1 if digits < 0 else 1)
    return written(whole, scale) if scale >= 0 else written(whole * 10**-scale, 0)


def ceiling(a: str) -> str:
    """Return the next whole number upwards."""
    if special(a):
        return a
    digits, scale = split(a)
    return digits_text(-(-digits // 10**scale))


def floor(a: str) -> str:
    """Return the next whole number downwards."""
    if special(a):
        return a
    digits, scale = split(a)
    return digits_text(digits // 10**scale)


def whole_quotient(a: str, b: str) -> str:
    """Divide and cut the fraction off."""
    if special(a) or special(b):
        return _special_quotient(a, b)
    (above, scale), (below, other) = split(a), split(b)
    if not below:
        raise division_by_zero()
    above, below = above * 10**other, below * 10**scale
    quotient = abs(above) // abs(below)
    return digits_text(-quotient if (above < 0) != (below < 0) else quotient)


def square_root(a: str) -> str:
    """Return the square root to at least 16 significant digits."""
    if a in ("NaN", "Infinity"):
        return a
    if a[0] == "-":
        raise InvalidValue(
            "cannot take square root of a negative number", "invalid_argument_for_power_function"
        )
    digits, scale = split(a)
    weight = _weight(digits, scale)[0]
    # C divides towards zero.
    root_weight = math.trunc((weight + 1) * GROUP / 2) - 1
    wanted = _limited(SIGNIFICANT_MIN - root_weight, scale)
    # Two digits more than wanted; a root that is cut there never lies on a half by chance, for
    # then its square would end in 25 and be exact.
    shift = 2 * (wanted + 2) - scale
    root = math.isqrt(digits * 10**shift if shift >= 0 else digits // 10**-shift)
    return at_scale(root, wanted + 2, wanted)


def _context(digits: int) -> Context:
    return Context(prec=digits, Emax=EXACT.Emax, Emin=EXACT.Emin, traps=[])


def _rounded(value: Decimal, scale: int) -> str:
    unit = Decimal(1).scaleb(-scale, EXACT)
    return numeric_text(value.quantize(unit, EXACT.rounding, EXACT))


EXPONENT_DIGITS_MAX = 6000 * 0.434294481903252
"""PostgreSQL refuses exp() of more than NUMERIC_MAX_RESULT_SCALE * 3."""


def exponential(a: str) -> str:
    """Return e to the power of ``a``."""
    if a == "NaN" or a == "Infinity":
        return a
    if a == "-Infinity":
        return "0"
    value = Decimal(a)
    weight = float(value) * 0.434294481903252
    if weight > min(POWER_DIGITS_MAX, EXPONENT_DIGITS_MAX):
        raise overflow()
    scale = _limited(SIGNIFICANT_MIN - int(max(weight, -2000.0)), split(a)[1])
    digits = max(scale + int(weight), 0) + GUARD_DIGITS + SIGNIFICANT_MIN
    return _rounded(_context(digits).exp(value), scale)


def _log_weight(a: str) -> int:
    """Estimate the decimal weight of ln(a) as estimate_ln_dweight does."""
    digits, scale = split(a)
    if digits <= 0:
        return 0
    value = Decimal(a)
    if Decimal("0.9") <= value <= Decimal("1.1"):
        rest, scale = split(numeric_text(_subtract(value, Decimal(1))))
        if not rest:
            return 0
        weight, first = _weight(rest, scale)
        return weight * GROUP + int(math.log10(first))
    weight, first = _weight(digits, scale)
    place = weight * GROUP
    tail = digits_text(abs(digits))[len(str(first)) :]
    if tail.strip("0"):
        first = first * 10**GROUP + int(tail[:GROUP].ljust(GROUP, "0"))
        place -= GROUP
    estimate = math.log(first) + place * 2.302585092994046
    return int(math.log10(abs(estimate)))


def _check_log(a: str) -> None:
    if a[0] == "-":
        raise InvalidValue(
            "cannot take logarithm of a negative number", "invalid_argument_for_logarithm"
        )
    if not a.strip("0."):
        raise InvalidValue("cannot take logarithm of zero", "invalid_argument_for_logarithm")


def natural_log(a: str) -> str:
    """Return the natural logarithm."""
    if a in ("NaN", "Infinity"):
        return a
    _check_log(a)
    scale = _limited(SIGNIFICANT_MIN - _log_weight(a), split(a)[1])
    return _rounded(_context(scale + len(a) + GUARD_DIGITS).ln(Decimal(a)), scale)


def log_to_base(base: str, a: str) -> str:
    """Return the logarithm of ``a`` to a base."""
    if base == "NaN" or a == "NaN":
        return "NaN"
    _check_log(base)
    _check_log(a)
    if special(base) or special(a):
        return "NaN" if special(base) and special(a) else "0" if special(base) else "Infinity"
    scale = _limited(
        SIGNIFICANT_MIN - (_log_weight(a) - _log_weight(base)), split(base)[1], split(a)[1]
    )
    context = _context(scale + len(a) + len(base) + GUARD_DIGITS + SIGNIFICANT_MIN)
    below = context.ln(Decimal(base))
    if not below:
        raise division_by_zero()
    return _rounded(context.divide(context.ln(Decimal(a)), below), scale)


def log_to_ten(a: str) -> str:
    """Return the decimal logarithm."""
    return log_to_base("10", a)


def _zero_to_negative() -> InvalidValue:
    return InvalidValue(
        "zero raised to a negative power is undefined", "invalid_argument_for_power_function"
    )


def _complex() -> InvalidValue:
    return InvalidValue(
        "a negative number raised to a non-integer power yields a complex result",
        "invalid_argument_for_power_function",
    )


def power(base: str, exponent: str) -> str:
    """Raise to a power."""
    if special(base) or special(exponent):
        return _special_power(base, exponent)
    value, (digits, scale) = Decimal(base), split(exponent)
    whole, rest = divmod(digits, 10**scale)
    if not value and digits < 0:
        raise _zero_to_negative()
    if not rest and -(2**31) <= whole < 2**31:
        return _whole_power(base, value, whole)
    if not value:
        return written(0, SIGNIFICANT_MIN)
    if value < 0 and rest:
        raise _complex()
    negative, value = value < 0 and whole % 2 == 1, abs(value)
    weight = float(_context(30).ln(value)) * float(Decimal(exponent))
    weight *= 0.434294481903252
    if weight > POWER_DIGITS_MAX:
        raise overflow()
    wanted = _limited(SIGNIFICANT_MIN - int(max(weight, -2000.0)), split(base)[1], scale)
    context = _context(max(wanted + int(weight), 0) + len(exponent) + 2 * GUARD_DIGITS)
    result = context.exp(context.multiply(Decimal(exponent), context.ln(value)))
    return _rounded(-result if negative else result, wanted)


def _whole_power(base: str, value: Decimal, exponent: int) -> str:
    wanted = _limited(SIGNIFICANT_MIN, split(base)[1])
    if not exponent:
        return written(10**wanted, wanted)
    if not value:
        return written(0, wanted)
    weight = float(_context(20).log10(abs(value))) * exponent
    if weight > POWER_DIGITS_MAX:
        raise overflow()
    digits = max(int(weight) + wanted, 0) + GUARD_DIGITS + len(str(abs(exponent)))
    return _rounded(_context(digits).power(value, exponent), wanted)


def _special_power(base: str, exponent: str) -> str:
    if base == "NaN":
        return "1" if not special(exponent) and not Decimal(exponent) else "NaN"
    if exponent == "NaN":
        return "1" if not special(base) and Decimal(base) == 1 else "NaN"
    if special(exponent):
        if exponent[0] == "-" and not special(base) and not Decimal(base):
            raise _zero_to_negative()
        return _of_limit(math.pow(float(base), float(exponent)))
    digits, scale = split(exponent)
    whole, rest = divmod(digits, 10**scale)
    if base[0] == "-" and rest:
        raise _complex()
    # Of an infinity only the exponent's sign counts, and whether it is odd.
    small = (2 - whole % 2) * ((digits > 0) - (digits < 0))
    return _of_limit(math.pow(float(base), small))


def _of_limit(result: float) -> str:
    return "Infinity" if result == math.inf else "-Infinity" if result < 0 else f"{abs(result):.0f}"


def greatest_divisor(a: str, b: str) -> str:
    """Return the greatest common divisor."""
    if special(a) or special(b):
        return "NaN"
    (one, scale), (other, other_scale) = split(a), split(b)
    most = max(scale, other_scale)
    return written(math.gcd(one * 10 ** (most - scale), other * 10 ** (most - other_scale)), most)


def least_multiple(a: str, b: str) -> str:
    """Return the least common multiple."""
    if special(a) or special(b):
        return "NaN"
    (one, scale), (other, other_scale) = split(a), split(b)
    most = max(scale, other_scale)
    return written(math.lcm(one * 10 ** (most - scale), other * 10 ** (most - other_scale)), most)


def factorial(a: int) -> str:
    """Return the factorial of an int8."""
    if a < 0:
        raise InvalidValue(
            "factorial of a negative number is undefined", "numeric_value_out_of_range"
        )
    if a > 32177:
        raise overflow()
    return digits_text(math.factorial(a))


def scale_of(a: str) -> int | None:
    """Return how many digits follow the point."""
    return None if special(a) else len(a.partition(".")[2])


def least_scale(a: str) -> int | None:
    """Return how many digits have to follow the point."""
    return None if special(a) else len(a.partition(".")[2].rstrip("0"))


def trim_scale(a: str) -> str:
    """Drop zeros at the end of the fraction."""
    return a if special(a) or "." not in a else a.rstrip("0").rstrip(".")


def one_more(count: int) -> int:
    """Return ``count + 1`` if that is an int4."""
    if count + 1 >= 2**31:
        raise InvalidValue("integer out of range", "numeric_value_out_of_range")
    return count + 1


def width_bucket(value: str, low: str, high: str, count: int) -> int:
    """Return the number of the bucket that a value falls into."""
    if count <= 0:
        raise InvalidValue("count must be greater than zero", "invalid_argument_for_width_bucket")
    if "NaN" in (value, low, high):
        raise InvalidValue(
            "operand, lower bound, and upper bound cannot be NaN",
            "invalid_argument_for_width_bucket",
        )
    if special(low) or special(high):
        raise InvalidValue(
            "lower and upper bounds must be finite", "invalid_argument_for_width_bucket"
        )
    at, start, end = Decimal(value), Decimal(low), Decimal(high)
    if start == end:
        raise InvalidValue(
            "lower bound cannot equal upper bound", "invalid_argument_for_width_bucket"
        )
    if start > end:
        at, start, end = -at, -start, -end
    if at < start:
        return 0
    if at >= end:
        return one_more(count)
    return int((at - start) * count // (end - start)) + 1


FUNCTIONS: tuple[Entry, ...] = stricts(
    ("ff_plus_numeric", plus),
    ("ff_minus_numeric", minus),
    ("ff_times_numeric", times),
    ("ff_over_numeric", over),
    ("ff_modulo_numeric", modulo),
    ("ff_negative_numeric", negative),
    ("ff_abs_numeric", absolute),
    ("ff_sign_numeric", sign),
    ("ff_round_numeric", round_to),
    ("ff_trunc_numeric", truncate),
    ("ff_ceil_numeric", ceiling),
    ("ff_floor_numeric", floor),
    ("ff_div_numeric", whole_quotient),
    ("ff_sqrt_numeric", square_root),
    ("ff_exp_numeric", exponential),
    ("ff_ln_numeric", natural_log),
    ("ff_log_numeric_numeric", log_to_base),
    ("ff_log_numeric", log_to_ten),
    ("ff_power_numeric", power),
    ("ff_gcd_numeric", greatest_divisor),
    ("ff_lcm_numeric", least_multiple),
    ("ff_factorial", factorial),
    ("ff_scale", scale_of),
    ("ff_min_scale", least_scale),
    ("ff_trim_scale", trim_scale),
    ("ff_width_bucket_numeric", width_bucket),
)
