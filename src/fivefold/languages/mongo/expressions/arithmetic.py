"""Arithmetic. Source: manual, "Arithmetic Expression Operators" and each operator's page."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from bson.datetime_ms import DatetimeMS
from bson.decimal128 import Decimal128
from bson.int64 import Int64

from fivefold.languages.mongo.expressions.forms import Fixed, Operator, Variadic
from fivefold.languages.mongo.expressions.instants import is_date, of_ms
from fivefold.languages.mongo.expressions.numbers import (
    CONTEXT,
    DECIMAL,
    DOUBLE,
    INT,
    LONG,
    as_long,
    decimal,
    decimal128,
    int32,
    is_finite,
    is_nan,
    of_rank,
    quantized,
    rank,
    to_places,
)
from fivefold.languages.mongo.expressions.terms import name_of, nullish
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN
from fivefold.values.documents.order import milliseconds


def add(left: Any, right: Any) -> Any:
    """Return the sum of two; a number and a date are a date so many milliseconds on."""
    a, b = left.__class__, right.__class__
    if a is float and (b is float or b is int):
        return left + right
    if a is int and b is int:
        total = left + right
        if INT32_MIN <= total <= INT32_MAX and INT32_MIN <= left <= INT32_MAX >= right >= INT32_MIN:
            return total
    return add_all([left, right])


def add_all(values: list[Any]) -> Any:
    """Return the sum: null if one is null or missing."""
    widest, dated = 1, False
    for value in values:
        if nullish(value):
            return None
        kind = rank(value)
        if kind:
            widest = max(widest, kind)
        elif not is_date(value):
            raise fault(14, f"$add only supports numeric or date types, not {name_of(value)}")
        elif dated:
            raise fault(16612, "only one date allowed in an $add expression")
        else:
            dated = True
    if not dated:
        return of_rank(sum(values), widest) if widest <= LONG else _sum(values, widest)
    total = _sum([milliseconds(value) if is_date(value) else value for value in values], widest)
    return _moved(total, "$add")


def _sum(values: list[Any], widest: int) -> Any:
    if widest == DECIMAL:
        total = Decimal(0)
        for value in values:
            total = CONTEXT.add(total, decimal(value))
        return decimal128(total)
    if widest == DOUBLE:
        return _float_sum(values)
    return of_rank(sum(map(int, values)), widest)


def _float_sum(values: list[Any]) -> float:
    total = 0.0
    for value in values:
        total += value
    return total


def _moved(ms: Any, name: str) -> datetime | DatetimeMS:
    """Return the date of a number of milliseconds, rounded to a whole one."""
    if not is_finite(ms):
        raise fault(15, f"date overflow in {name}")
    whole = ms if isinstance(ms, int) else int(quantized(Decimal(str(ms)), 0, ROUND_HALF_EVEN))
    if not INT64_MIN <= whole <= INT64_MAX:
        raise fault(15, f"date overflow in {name}")
    return of_ms(int(whole))


def multiply(left: Any, right: Any) -> Any:
    a, b = left.__class__, right.__class__
    if a is float and (b is float or b is int):
        return left * right
    if a is int:
        if b is float:
            return left * right
        if b is int:
            total = left * right
            if (
                INT32_MIN <= total <= INT32_MAX
                and INT32_MIN <= left <= INT32_MAX >= right >= INT32_MIN
            ):
                return total
    return multiply_all([left, right])


def multiply_all(values: list[Any]) -> Any:
    """Return the product: null if one is null or missing."""
    widest = 1
    for value in values:
        if nullish(value):
            return None
        kind = rank(value)
        if not kind:
            raise fault(14, f"$multiply only supports numeric types, not {name_of(value)}")
        widest = max(widest, kind)
    if widest == DECIMAL:
        product = Decimal(1)
        for value in values:
            product = CONTEXT.multiply(product, decimal(value))
        return decimal128(product)
    if widest == DOUBLE:
        return math.prod(map(float, values))
    return of_rank(math.prod(map(int, values)), widest)


def subtract(left: Any, right: Any) -> Any:
    """Return the difference: of two dates in milliseconds, of a date and a number a date."""
    a, b = left.__class__, right.__class__
    if a is float and (b is float or b is int):
        return left - right
    if a is int and b is int:
        less = left - right
        if INT32_MIN <= less <= INT32_MAX and INT32_MIN <= left <= INT32_MAX >= right >= INT32_MIN:
            return less
    if nullish(left) or nullish(right):
        return None
    kinds = rank(left), rank(right)
    if all(kinds):
        if DECIMAL in kinds:
            return decimal128(CONTEXT.subtract(decimal(left), decimal(right)))
        if DOUBLE in kinds:
            return float(left) - float(right)
        return of_rank(int(left) - int(right), max(kinds))
    if is_date(left) and is_date(right):
        between = milliseconds(left) - milliseconds(right)
        if not INT64_MIN <= between <= INT64_MAX:
            raise fault(15, "overflow in $subtract of two dates")
        return Int64(between)
    if is_date(left) and kinds[1]:
        amount = decimal(right) if kinds[1] == DECIMAL else right
        return _moved(milliseconds(left) - amount, "$subtract")
    raise fault(14, f"can't $subtract {name_of(right)} from {name_of(left)}")


def divide(left: Any, right: Any) -> Any:
    """Return the quotient, always a double unless one is a decimal."""
    kinds = rank(left), rank(right)
    if all(kinds):
        if DECIMAL in kinds:
            below = decimal(right)
            if below == 0:
                raise fault(2, "can't $divide by zero")
            return decimal128(CONTEXT.divide(decimal(left), below))
        if right == 0:
            raise fault(2, "can't $divide by zero")
        return float(left) / float(right)
    if nullish(left) or nullish(right):
        return None
    raise fault(
        14, f"$divide only supports numeric types, not {name_of(left)} and {name_of(right)}"
    )


def mod(left: Any, right: Any) -> Any:
    """Return the rest, which has the sign of the dividend.

    A divisor that is a double counts as the int that it is equal to, if there is one.
    """
    kinds = rank(left), rank(right)
    if all(kinds):
        if DECIMAL in kinds:
            below = decimal(right)
            if below == 0:
                raise fault(5733415, "can't $mod by zero")
            return decimal128(_decimal_rest(decimal(left), below))
        if right == 0:
            raise fault(16610, "can't $mod by zero")
        if kinds[0] == DOUBLE or (kinds[1] == DOUBLE and int32(right) is None):
            return math.fmod(left, right) if is_finite(left) else math.nan
        dividend, divisor = int(left), int(right)
        rest = abs(dividend) % abs(divisor)
        return of_rank(-rest if dividend < 0 else rest, LONG if LONG in kinds else INT)
    if nullish(left) or nullish(right):
        return None
    raise fault(
        16611, f"$mod only supports numeric types, not {name_of(left)} and {name_of(right)}"
    )


def _decimal_rest(left: Decimal, right: Decimal) -> Decimal:
    if not left.is_finite() or right.is_nan():
        return Decimal("NaN")
    if right.is_infinite():
        return left
    return _REST.remainder(left, right)


_REST = Context(prec=12400, Emin=-20000, Emax=20000, traps=[])
"""Wide enough for the whole quotient of two decimals, which a remainder needs."""


def numeric(name: str, compute: Callable[[Any, int], Any]) -> Fixed:
    """Return the operator of one number; ``compute`` gets its type too. Null stays null."""

    def run(value: Any) -> Any:
        kind = rank(value)
        if kind:
            return compute(value, kind)
        if nullish(value):
            return None
        raise fault(28765, f"{name} only supports numeric types, not {name_of(value)}")

    return Fixed(run)


def _abs(value: Any, kind: int) -> Any:
    if kind == DECIMAL:
        return decimal128(decimal(value).copy_abs())
    if kind == DOUBLE:
        return abs(value)
    if value == INT64_MIN:
        raise fault(28680, "can't take $abs of long long min")
    return of_rank(abs(int(value)), kind)


def _whole(rounding: str, compute: Callable[[float], int]) -> Callable[[Any, int], Any]:
    def run(value: Any, kind: int) -> Any:
        if kind == DECIMAL:
            exact = decimal(value)
            whole = exact.to_integral_value(rounding) if exact.is_finite() else Decimal("NaN")
            return decimal128(whole)
        if kind == DOUBLE and math.isfinite(value):
            return math.copysign(float(compute(value)), value)
        return value

    return run


def _exp(value: Any, kind: int) -> Any:
    if kind == DECIMAL:
        return decimal128(CONTEXT.exp(decimal(value)))
    try:
        return math.exp(value)
    except OverflowError:
        return math.inf


def _logarithm(
    name: str, number: int, exact: Callable[[Decimal], Decimal], compute: Callable[[float], float]
) -> Callable[[Any, int], Any]:
    def run(value: Any, kind: int) -> Any:
        if is_nan(value):
            return value
        if (decimal(value) if kind == DECIMAL else value) <= 0:
            raise fault(
                number, f"{name}'s argument must be a positive number, but is {shown(value)}"
            )
        return decimal128(exact(decimal(value))) if kind == DECIMAL else compute(value)

    return run


def _log(value: Any, base: Any) -> Any:
    if nullish(value) or nullish(base):
        return None
    kinds = rank(value), rank(base)
    if not kinds[0]:
        raise fault(28756, f"$log's argument must be numeric, not {name_of(value)}")
    if not kinds[1]:
        raise fault(28757, f"$log's base must be numeric, not {name_of(base)}")
    exact, below = (decimal(value), decimal(base)) if DECIMAL in kinds else (value, base)
    if not is_nan(value) and exact <= 0:
        raise fault(28758, f"$log's argument must be a positive number, but is {shown(value)}")
    if not is_nan(base) and (below <= 0 or below == 1):
        raise fault(
            28759, f"$log's base must be a positive number not equal to 1, but is {shown(base)}"
        )
    if DECIMAL in kinds:
        return decimal128(CONTEXT.divide(CONTEXT.ln(exact), CONTEXT.ln(below)))
    return math.log(exact) / math.log(below)


def _sqrt(value: Any, kind: int) -> Any:
    if kind == DECIMAL:
        exact = decimal(value)
        if exact < 0:
            raise fault(28714, "$sqrt's argument must be greater than or equal to 0")
        return decimal128(CONTEXT.sqrt(exact))
    if value < 0:
        raise fault(28714, "$sqrt's argument must be greater than or equal to 0")
    return math.sqrt(value)


def _pow(base: Any, exponent: Any) -> Any:
    """Return the power: whole if both are and it fits, else a double or a decimal."""
    if nullish(base) or nullish(exponent):
        return None
    kinds = rank(base), rank(exponent)
    if not kinds[0]:
        raise fault(28762, f"$pow's base must be numeric, not {name_of(base)}")
    if not kinds[1]:
        raise fault(28763, f"$pow's exponent must be numeric, not {name_of(exponent)}")
    if DECIMAL in kinds:
        below, power = decimal(base), decimal(exponent)
        _check_power(below, power)
        if power == 0:
            return decimal128(Decimal(1))
        return decimal128(CONTEXT.power(below, power))
    _check_power(base, exponent)
    if DOUBLE in kinds:
        return _float_power(float(base), float(exponent))
    whole = _whole_power(int(base), int(exponent))
    if whole is None:
        return _float_power(float(base), float(exponent))
    return of_rank(whole, max(kinds))


def _check_power(base: Any, exponent: Any) -> None:
    if base == 0 and exponent < 0:
        raise fault(28764, "$pow cannot take a base of 0 and a negative exponent")


def _whole_power(base: int, exponent: int) -> int | None:
    """Return the power if it is whole and fits an int64."""
    if base in (0, 1):
        return 1 if exponent == 0 else base
    if base == -1:
        return -1 if exponent % 2 else 1
    if not 0 <= exponent < 64:
        return None
    whole = base**exponent
    return whole if INT64_MIN <= whole <= INT64_MAX else None


def _float_power(base: float, exponent: float) -> float:
    try:
        return math.pow(base, exponent)
    except OverflowError:
        odd = exponent == int(exponent) and int(exponent) % 2 == 1
        return -math.inf if base < 0 and odd else math.inf
    except ValueError:
        return math.nan


PLACE_MIN, PLACE_MAX = -20, 100
"""Where $round and $trunc may cut (manual, "$round")."""


def _rounding(name: str, rounding: str) -> Callable[..., Any]:
    def run(value: Any, place: Any = 0) -> Any:
        if nullish(value):
            return None
        kind = rank(value)
        if not kind:
            raise fault(51081, f"{name} only supports numeric types, not {name_of(value)}")
        if nullish(place):
            return None
        as_long(place)
        places = int32(place)
        if places is None:
            raise fault(51082, f"precision argument to  {name} must be a integral value")
        if not PLACE_MIN <= places <= PLACE_MAX:
            raise fault(
                51083,
                f"cannot apply {name} with precision value {places} "
                f"value must be in [{PLACE_MIN}, {PLACE_MAX}]",
            )
        return _cut(value, kind, places, rounding, name)

    return run


def _cut(value: Any, kind: int, places: int, rounding: str, name: str) -> Any:
    if not is_finite(value):
        return value
    if kind == DECIMAL:
        return decimal128(to_places(decimal(value), places, rounding))
    if kind == DOUBLE:
        return math.copysign(float(quantized(Decimal(value), places, rounding)), value)
    if places >= 0:
        return value
    total = int(quantized(Decimal(int(value)), places, rounding))
    if not INT64_MIN <= total <= INT64_MAX:
        raise fault(
            51080,
            f"invalid conversion from Decimal128 result in {name} resulting from "
            f"arguments: [{value}, {places}]",
        )
    return of_rank(total, kind)


def shown(value: Any) -> str:
    """Return a number as messages have it: rounded to six digits unless it is a decimal."""
    return str(value) if isinstance(value, Decimal128) else f"{float(value):.6g}"


OPERATORS: dict[str, Operator] = {
    "$abs": numeric("$abs", _abs),
    "$add": Variadic(add_all, add),
    "$ceil": numeric("$ceil", _whole(ROUND_CEILING, math.ceil)),
    "$divide": Fixed(divide, 2),
    "$exp": numeric("$exp", _exp),
    "$floor": numeric("$floor", _whole(ROUND_FLOOR, math.floor)),
    "$ln": numeric("$ln", _logarithm("$ln", 28766, CONTEXT.ln, math.log)),
    "$log": Fixed(_log, 2),
    "$log10": numeric("$log10", _logarithm("$log10", 28761, CONTEXT.log10, math.log10)),
    "$mod": Fixed(mod, 2),
    "$multiply": Variadic(multiply_all, multiply),
    "$pow": Fixed(_pow, 2),
    "$round": Fixed(_rounding("$round", ROUND_HALF_EVEN), 1, 2),
    "$sqrt": numeric("$sqrt", _sqrt),
    "$subtract": Fixed(subtract, 2),
    "$trunc": Fixed(_rounding("$trunc", ROUND_DOWN), 1, 2),
}
