"""Integers and floats: what SQLite's own operators do not check, and PostgreSQL's functions."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from fivefold.errors import InvalidStatement, InvalidValue
from fivefold.stores.sqlite.functions.numeric import division_by_zero, one_more
from fivefold.stores.sqlite.functions.table import Entry, Function, stricts
from fivefold.values.numbers import nearest_float4
from fivefold.values.types import INTEGER_RANGE, SQL_NAMES, Kind

if TYPE_CHECKING:
    from random import Random

Float = float | str
"""A stored float: NaN is text."""

_NAMES = {kind.value: SQL_NAMES[kind] for kind in (Kind.INT2, Kind.INT4, Kind.INT8)}
_WIDTHS = {Kind.INT2: 16, Kind.INT4: 32, Kind.INT8: 64}


def fail(what: str) -> None:
    """Raise the error that a rendered condition has found."""
    if what == "zero":
        raise division_by_zero()
    if what == "rows":
        raise InvalidStatement(
            "more than one row returned by a subquery used as an expression",
            "cardinality_violation",
        )
    raise InvalidValue(f"{_NAMES[what]} out of range", "numeric_value_out_of_range")


def _cut_quotient(a: int, b: int) -> int:
    quotient = abs(a) // abs(b)
    return -quotient if (a < 0) != (b < 0) else quotient


def _cut_remainder(a: int, b: int) -> int:
    return a - b * _cut_quotient(a, b)


def _integer_step(kind: Kind, step: Callable[[int, int], int], *, divides: bool) -> Function:
    low, high = INTEGER_RANGE[kind]

    def run(a: int, b: int) -> int:
        if divides and b == 0:
            raise division_by_zero()
        result = step(a, b)
        if not low <= result <= high:
            fail(kind.value)
        return result

    return run


def _absolute(kind: Kind) -> Function:
    high = INTEGER_RANGE[kind][1]

    def run(a: int) -> int:
        if abs(a) > high:
            fail(kind.value)
        return abs(a)

    return run


def _wrapped(kind: Kind, value: int) -> int:
    half = 1 << (_WIDTHS[kind] - 1)
    return ((value + half) & (2 * half - 1)) - half


def _shift_left(kind: Kind) -> Function:
    width = max(_WIDTHS[kind], 32)

    def run(a: int, count: int) -> int:
        return _wrapped(kind, a << (count % width))

    return run


def _shift_right(kind: Kind) -> Function:
    width = max(_WIDTHS[kind], 32)

    def run(a: int, count: int) -> int:
        return a >> (count % width)

    return run


def _common(kind: Kind, function: Callable[[int, int], int]) -> Function:
    high = INTEGER_RANGE[kind][1]

    def run(a: int, b: int) -> int:
        result = function(a, b)
        if result > high:
            fail(kind.value)
        return result

    return run


def _integers() -> tuple[Entry, ...]:
    pairs: list[tuple[str, Function]] = []
    for kind in (Kind.INT2, Kind.INT4, Kind.INT8):
        pairs += [
            (f"ff_plus_{kind}", _integer_step(kind, operator.add, divides=False)),
            (f"ff_minus_{kind}", _integer_step(kind, operator.sub, divides=False)),
            (f"ff_times_{kind}", _integer_step(kind, operator.mul, divides=False)),
            (f"ff_over_{kind}", _integer_step(kind, _cut_quotient, divides=True)),
            (f"ff_modulo_{kind}", _integer_step(kind, _cut_remainder, divides=True)),
            (f"ff_abs_{kind}", _absolute(kind)),
            (f"ff_xor_{kind}", lambda a, b: a ^ b),
            (f"ff_shift_left_{kind}", _shift_left(kind)),
            (f"ff_shift_right_{kind}", _shift_right(kind)),
            (f"ff_gcd_{kind}", _common(kind, math.gcd)),
            (f"ff_lcm_{kind}", _common(kind, math.lcm)),
        ]
    return stricts(*pairs)


# Floats


def stored(value: float) -> Float:
    """Return a float's stored form; SQLite would make a null of NaN."""
    return "NaN" if value != value else value


def out_of_range(what: str) -> InvalidValue:
    """Return the error of an ``overflow`` or ``underflow``."""
    return InvalidValue(f"value out of range: {what}", "numeric_value_out_of_range")


def _plus(a: float, b: float) -> float:
    result = a + b
    if math.isinf(result) and not math.isinf(a) and not math.isinf(b):
        raise out_of_range("overflow")
    return result


def _minus(a: float, b: float) -> float:
    return _plus(a, -b)


def _times(a: float, b: float) -> float:
    result = a * b
    if math.isinf(result) and not math.isinf(a) and not math.isinf(b):
        raise out_of_range("overflow")
    if result == 0 and a != 0 and b != 0:
        raise out_of_range("underflow")
    return result


def _over(a: float, b: float) -> float:
    if b == 0:
        if a != a:
            return a
        raise division_by_zero()
    result = a / b
    if math.isinf(result) and not math.isinf(a):
        raise out_of_range("overflow")
    if result == 0 and a != 0 and not math.isinf(b):
        raise out_of_range("underflow")
    return result


def _float8(step: Callable[[float, float], float]) -> Function:
    return lambda a, b: stored(step(float(a), float(b)))


def _float4(step: Callable[[float, float], float]) -> Function:
    def run(a: Float, b: Float) -> Float:
        one, other = float(a), float(b)
        result = step(one, other)
        near = nearest_float4(result) if math.isfinite(result) else result
        if math.isinf(near) and not math.isinf(one) and not math.isinf(other):
            raise out_of_range("overflow")
        if near == 0 and result != 0:
            raise out_of_range("underflow")
        return stored(near)

    return run


def _power(a: float, b: float) -> float:
    if a == 0 and b < 0:
        raise InvalidValue(
            "zero raised to a negative power is undefined", "invalid_argument_for_power_function"
        )
    if a < 0 and math.isfinite(b) and b != math.floor(b):
        raise InvalidValue(
            "a negative number raised to a non-integer power yields a complex result",
            "invalid_argument_for_power_function",
        )
    try:
        result = math.pow(a, b)
    except OverflowError:
        raise out_of_range("overflow") from None
    except ValueError:
        return math.nan
    if result == 0 and a != 0 and math.isfinite(a) and math.isfinite(b):
        raise out_of_range("underflow")
    return result


def _checked_log(name: str) -> Callable[[float], float]:
    function = getattr(math, name)

    def run(a: float) -> float:
        if a == 0:
            raise InvalidValue("cannot take logarithm of zero", "invalid_argument_for_logarithm")
        if a < 0:
            raise InvalidValue(
                "cannot take logarithm of a negative number", "invalid_argument_for_logarithm"
            )
        return float(function(a))

    return run


def _square_root(a: float) -> float:
    if a < 0:
        raise InvalidValue(
            "cannot take square root of a negative number", "invalid_argument_for_power_function"
        )
    return math.sqrt(a)


def _exponential(a: float) -> float:
    try:
        result = math.exp(a)
    except OverflowError:
        raise out_of_range("overflow") from None
    if result == 0 and not math.isinf(a):
        raise out_of_range("underflow")
    return result


def _cotangent(a: float) -> float:
    tangent = math.tan(a)
    return math.copysign(math.inf, tangent) if tangent == 0 else 1.0 / tangent


def _plain(function: Callable[[float], float]) -> Function:
    """Make a function of one float: its domain and range errors become PostgreSQL's."""

    def run(a: Float) -> Float:
        value = float(a)
        if value != value:
            return "NaN"
        try:
            return stored(function(value))
        except ValueError:
            raise InvalidValue("input is out of range", "numeric_value_out_of_range") from None
        except OverflowError:
            raise out_of_range("overflow") from None

    return run


def _whole(function: Callable[[float], float]) -> Callable[[float], float]:
    return lambda value: math.copysign(function(value), value) if math.isfinite(value) else value


def _sign(value: Float) -> float:
    value = float(value)
    return float((value > 0) - (value < 0))  # of NaN it is 0


def _infinite_too(function: Callable[[float], float]) -> Callable[[float], float]:
    def run(value: float) -> float:
        if math.isinf(value):
            raise ValueError
        return function(value)

    return run


def _degrees(value: float) -> float:
    result = value / 0.0174532925199432957692
    if math.isinf(result) and not math.isinf(value):
        raise out_of_range("overflow")
    return result


def _arc_tangent_hyperbolic(value: float) -> float:
    return math.copysign(math.inf, value) if abs(value) == 1 else math.atanh(value)


def _radians(value: float) -> float:
    result = math.radians(value)
    if value and not result:
        raise out_of_range("underflow")
    return result


def _sinh(value: float) -> float:
    try:
        return math.sinh(value)
    except OverflowError:
        return math.copysign(math.inf, value)


def _cosh(value: float) -> float:
    try:
        return math.cosh(value)
    except OverflowError:
        return math.inf


_ONE_FLOAT: dict[str, Callable[[float], float]] = {
    "abs": abs,
    "negative": operator.neg,
    "ceil": _whole(math.ceil),
    "floor": _whole(math.floor),
    "round": _whole(round),
    "trunc": _whole(math.trunc),
    "sqrt": _square_root,
    "cbrt": math.cbrt,
    "exp": _exponential,
    "ln": _checked_log("log"),
    "log": _checked_log("log10"),
    "degrees": _degrees,
    "radians": _radians,
    "sin": _infinite_too(math.sin),
    "cos": _infinite_too(math.cos),
    "tan": _infinite_too(math.tan),
    "cot": _infinite_too(_cotangent),
    "asin": math.asin,
    "acos": math.acos,
    "atan": math.atan,
    "sinh": _sinh,
    "cosh": _cosh,
    "tanh": math.tanh,
    "asinh": math.asinh,
    "acosh": math.acosh,
    "atanh": _arc_tangent_hyperbolic,
}


def _two_angles(a: Float, b: Float) -> Float:
    return stored(math.atan2(float(a), float(b)))


def _pi() -> float:
    return math.pi


def _width_bucket(a: Float, low: Float, high: Float, count: int) -> int:
    value, start, end = float(a), float(low), float(high)
    if count <= 0:
        raise InvalidValue("count must be greater than zero", "invalid_argument_for_width_bucket")
    if value != value or start != start or end != end:
        raise InvalidValue(
            "operand, lower bound, and upper bound cannot be NaN",
            "invalid_argument_for_width_bucket",
        )
    if math.isinf(start) or math.isinf(end):
        raise InvalidValue(
            "lower and upper bounds must be finite", "invalid_argument_for_width_bucket"
        )
    if start == end:
        raise InvalidValue(
            "lower bound cannot equal upper bound", "invalid_argument_for_width_bucket"
        )
    if start > end:
        value, start, end = -value, -start, -end
    if value < start:
        return 0
    if value >= end:
        return one_more(count)
    steps = count * (value - start) / (end - start)
    if not math.isfinite(steps) or math.isinf(end - start):
        raise InvalidValue("integer out of range", "numeric_value_out_of_range")
    return one_more(int(steps))


def _floats() -> tuple[Entry, ...]:
    pairs: list[tuple[str, Function]] = []
    for word, step in (("plus", _plus), ("minus", _minus), ("times", _times), ("over", _over)):
        pairs += [(f"ff_{word}_float8", _float8(step)), (f"ff_{word}_float4", _float4(step))]
    pairs += [(f"ff_{name}_float8", _plain(function)) for name, function in _ONE_FLOAT.items()]
    pairs += [
        ("ff_abs_float4", _plain(abs)),
        ("ff_sign_float8", _sign),
        ("ff_power_float8", _float8(_power)),
        ("ff_atan2", _two_angles),
        ("ff_width_bucket_float8", _width_bucket),
    ]
    return stricts(*pairs)


@cache
def _generator() -> Random:
    from random import Random  # 5 ms, which opening a file has not

    return Random()


def _random() -> float:
    return _generator().random()


def _seed(value: Float | None) -> str | None:
    if value is None:
        return None
    if not -1.0 <= float(value) <= 1.0:
        raise InvalidValue(
            f"setseed parameter {float(value):g} is out of allowed range [-1,1]",
            "invalid_parameter_value",
        )
    _generator().seed(float(value))
    return ""


def _row_limit(word: str, code: str) -> Function:
    def run(count: int | None) -> int:
        if count is None:
            return -1 if word == "LIMIT" else 0
        if count < 0:
            raise InvalidValue(f"{word} must not be negative", code)
        return count

    return run


def _positive(name: str) -> Function:
    def run(count: int) -> int:
        if count <= 0:
            raise InvalidValue(
                f"argument of {name} must be greater than zero",
                f"invalid_argument_for_{name}_function",
            )
        return count

    return run


def _ties(count: int | None) -> int:
    """Check the count of FETCH FIRST … WITH TIES."""
    if count is None:
        return 2**62  # no limit
    if count < 0:
        raise InvalidValue("LIMIT must not be negative", "invalid_row_count_in_limit_clause")
    return count


FUNCTIONS: tuple[Entry, ...] = (
    Entry("ff_fail", 1, fail, deterministic=False),
    *_integers(),
    *_floats(),
    Entry("ff_pi", 0, _pi),
    Entry("ff_random", 0, _random, deterministic=False),
    Entry("ff_setseed", 1, _seed, deterministic=False),
    Entry("ff_limit", 1, _row_limit("LIMIT", "invalid_row_count_in_limit_clause")),
    Entry("ff_offset", 1, _row_limit("OFFSET", "invalid_row_count_in_result_offset_clause")),
    Entry("ff_ties", 1, _ties),
    Entry("ff_ntile_count", 1, _positive("ntile")),
    Entry("ff_nth_value_count", 1, _positive("nth_value")),
)
