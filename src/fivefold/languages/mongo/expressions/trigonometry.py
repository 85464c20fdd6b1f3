"""Trigonometry, in radians; decimals in, decimals out.

Source: manual, "Trigonometry Expression Operators". A decimal's result is computed as the sum of
its series in more digits than it keeps (``series``).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from fivefold.languages.mongo.expressions import series
from fivefold.languages.mongo.expressions.arithmetic import numeric, shown
from fivefold.languages.mongo.expressions.forms import Fixed, Operator
from fivefold.languages.mongo.expressions.numbers import DECIMAL, decimal, decimal128, is_nan, rank
from fivefold.languages.mongo.expressions.terms import name_of, nullish
from fivefold.values.documents.faults import fault

_ANY = (-math.inf, math.inf)
_CLOSED = (-1.0, 1.0)


def _bounded(
    name: str,
    compute: Callable[[float], float],
    exact: Callable[[Decimal], Decimal],
    bounds: tuple[float, float] = _ANY,
    finite: bool = False,
) -> Fixed:
    """Return the operator of a function defined between bounds, if ``finite`` without infinity."""
    low, high = bounds
    left, right = ("(", ")") if finite else ("[", "]")
    ends = [f"{each:g}" for each in bounds]

    def run(value: Any, kind: int) -> Any:
        if is_nan(value):
            return value
        number = decimal(value) if kind == DECIMAL else float(value)
        if not low <= number <= high or (finite and abs(number) == math.inf):
            raise fault(
                50989,
                f"cannot apply {name} to {shown(value)}, value must be in "
                f"{left}{ends[0]},{ends[1]}{right}",
            )
        if kind == DECIMAL:
            return decimal128(exact(number))  # type: ignore[arg-type]
        try:
            return compute(number)  # type: ignore[arg-type]
        except OverflowError:
            return -math.inf if number < 0 and name == "$sinh" else math.inf

    return numeric(name, run)


def _atanh(value: float) -> float:
    return math.copysign(math.inf, value) if abs(value) == 1 else math.atanh(value)


def _atan2(y: Any, x: Any) -> Any:
    if nullish(y) or nullish(x):
        return None
    kinds = rank(y), rank(x)
    if not kinds[0]:
        raise fault(51044, f"$atan2 only supports numeric types, not {name_of(y)}")
    if not kinds[1]:
        raise fault(51045, f"$atan2 only supports numeric types, not {name_of(x)}")
    if DECIMAL in kinds:
        return decimal128(series.atan2(decimal(y), decimal(x)))
    return math.atan2(y, x)


OPERATORS: dict[str, Operator] = {
    "$acos": _bounded("$acos", math.acos, series.acos, _CLOSED),
    "$acosh": _bounded("$acosh", math.acosh, series.acosh, (1.0, math.inf)),
    "$asin": _bounded("$asin", math.asin, series.asin, _CLOSED),
    "$asinh": _bounded("$asinh", math.asinh, series.asinh),
    "$atan": _bounded("$atan", math.atan, series.atan),
    "$atan2": Fixed(_atan2, 2),
    "$atanh": _bounded("$atanh", _atanh, series.atanh, _CLOSED),
    "$cos": _bounded("$cos", math.cos, series.cos, finite=True),
    "$cosh": _bounded("$cosh", math.cosh, series.cosh),
    "$degreesToRadians": _bounded("$degreesToRadians", math.radians, series.radians),
    "$radiansToDegrees": _bounded("$radiansToDegrees", math.degrees, series.degrees),
    "$sin": _bounded("$sin", math.sin, series.sin, finite=True),
    "$sinh": _bounded("$sinh", math.sinh, series.sinh),
    "$tan": _bounded("$tan", math.tan, series.tan, finite=True),
    "$tanh": _bounded("$tanh", math.tanh, series.tanh),
}
