"""Functions of numbers (Cypher Manual, "Mathematical functions - numeric")."""

from __future__ import annotations

import decimal
import math
import random
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from fivefold.languages.cypher.functions.function import Function, by_name, declare, invalid
from fivefold.values.graph.faults import fault

_of: Callable[..., Function] = partial(declare, "Numeric")
_NUMBER = "INTEGER | FLOAT"
_MOST = 2**63 - 1

MODES: Final = {
    "UP": decimal.ROUND_UP,
    "DOWN": decimal.ROUND_DOWN,
    "CEILING": decimal.ROUND_CEILING,
    "FLOOR": decimal.ROUND_FLOOR,
    "HALF_UP": decimal.ROUND_HALF_UP,
    "HALF_DOWN": decimal.ROUND_HALF_DOWN,
    "HALF_EVEN": decimal.ROUND_HALF_EVEN,
}
PRECISION_MAX = 400
"""No float has a digit further behind the point that rounding could change."""
_EXACT = decimal.Context(prec=2 * PRECISION_MAX)


def number(name: str, value: Any) -> int | float:
    """Return an argument that is a number; raises fault InvalidArgumentValue."""
    if type(value) is int or type(value) is float:
        return value
    raise invalid(name, value, "a Number")


def _abs(value: Any) -> int | float:
    absolute = abs(number("abs", value))
    if type(absolute) is int and absolute > _MOST:
        raise fault("ArithmeticOverflow", "long overflow")
    return absolute


def _finite(name: str, change: Callable[[float], float]) -> Callable[[Any], float]:
    """Return a function that leaves infinities and NaN as they are."""

    def changed(value: Any) -> float:
        exact = float(number(name, value))
        if not math.isfinite(exact):
            return exact
        made = float(change(exact))
        return made if made else math.copysign(made, exact)

    return changed


def _is_nan(value: Any) -> bool:
    return math.isnan(number("isNaN", value))


def _round(value: Any, precision: Any = 0, mode: Any = None) -> float:
    """Return the nearest number with so many decimals; ties go by the mode.

    Without one they go away from zero, but towards positive infinity if there are no decimals.
    """
    rounded = float(number("round", value))
    digits = number("round", precision)
    if mode is not None and (not isinstance(mode, str) or mode not in MODES):
        raise fault(
            "InvalidArgumentValue",
            f"Unknown rounding mode. Valid values are: {', '.join(MODES)}.",
        )
    if digits < 0:
        message = "Precision argument to 'round()' cannot be negative"
        raise fault("InvalidArgumentValue", message)
    if not math.isfinite(rounded):
        return rounded
    if digits < 1 and mode is None:
        below = math.floor(rounded)
        return float(below + 1 if rounded - below >= 0.5 else below)
    exact = decimal.Decimal(repr(rounded))
    unit = decimal.Decimal(1).scaleb(-min(int(digits), PRECISION_MAX))
    return float(exact.quantize(unit, MODES[mode or "HALF_UP"], _EXACT))


def _sign(value: Any) -> int:
    one = number("sign", value)
    return (one > 0) - (one < 0)


FUNCTIONS: Final[dict[str, Function]] = by_name(
    (
        _of(f"abs(input :: {_NUMBER}) :: {_NUMBER}", "The absolute value.", _abs),
        _of(
            "ceil(input :: FLOAT) :: FLOAT",
            "The next whole number above.",
            _finite("ceil", math.ceil),
        ),
        _of(
            "floor(input :: FLOAT) :: FLOAT",
            "The next whole number below.",
            _finite("floor", math.floor),
        ),
        _of(f"isNaN(input :: {_NUMBER}) :: BOOLEAN", "Whether it is not a number.", _is_nan),
        _of(
            "rand() :: FLOAT",
            "A random number from 0 up to but not 1.",
            random.random,
            deterministic=False,
        ),
        _of(
            f"round(value :: FLOAT, [precision :: {_NUMBER}], [mode :: STRING]) :: FLOAT",
            "Rounded to some decimals, in a mode.",
            _round,
        ),
        _of(f"sign(input :: {_NUMBER}) :: INTEGER", "-1, 0 or 1.", _sign),
    )
)
