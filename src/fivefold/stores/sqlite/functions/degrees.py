"""Trigonometric functions of degrees, exact at the multiples of 30 and 45 degrees.

As PostgreSQL does, a result is scaled by what the same arithmetic gives where it is known: at 30
and 60 degrees for sine and cosine, at 45 for tangent, at 0.5 and 1 for their inverses.
"""

from __future__ import annotations

import math

from fivefold.errors import InvalidValue
from fivefold.stores.sqlite.functions.numbers import Float, stored
from fivefold.stores.sqlite.functions.table import Entry, stricts

RADIANS = 0.0174532925199432957692
_SIN_30 = math.sin(30 * RADIANS)
_ONE_MINUS_COS_60 = 1.0 - math.cos(60 * RADIANS)
_ASIN_HALF, _ACOS_HALF, _ATAN_1 = math.asin(0.5), math.acos(0.5), math.atan(1.0)


def _sin_to_30(angle: float) -> float:
    return math.sin(angle * RADIANS) / _SIN_30 / 2.0


def _cos_to_60(angle: float) -> float:
    return 1.0 - (1.0 - math.cos(angle * RADIANS)) / _ONE_MINUS_COS_60 / 2.0


def _sin_to_90(angle: float) -> float:
    return _sin_to_30(angle) if angle <= 30 else _cos_to_60(90 - angle)


def _cos_to_90(angle: float) -> float:
    return _cos_to_60(angle) if angle <= 60 else _sin_to_30(90 - angle)


_TAN_45 = _sin_to_90(45) / _cos_to_90(45)
_COT_45 = _cos_to_90(45) / _sin_to_90(45)


def _range() -> InvalidValue:
    return InvalidValue("input is out of range", "numeric_value_out_of_range")


def _folded(angle: float) -> tuple[float, int, int]:
    """Return the angle in 0 to 90, and the signs of its sine and of its cosine."""
    if math.isinf(angle):
        raise _range()
    angle, sine, cosine = math.fmod(angle, 360), 1, 1
    if angle < 0:
        angle, sine = -angle, -1
    if angle > 180:
        angle, sine = 360 - angle, -sine
    if angle > 90:
        angle, cosine = 180 - angle, -1
    return angle, sine, cosine


def sine(value: Float) -> Float:
    """sind."""
    angle, sign, _ = _folded(float(value))
    return stored(sign * _sin_to_90(angle))


def cosine(value: Float) -> Float:
    """cosd."""
    angle, _, sign = _folded(float(value))
    return stored(sign * _cos_to_90(angle))


def tangent(value: Float) -> Float:
    """tand."""
    angle, one, other = _folded(float(value))
    below = _cos_to_90(angle)
    result = math.inf if below == 0 else _sin_to_90(angle) / below / _TAN_45
    return stored(one * other * result or 0.0)


def cotangent(value: Float) -> Float:
    """cotd."""
    angle, one, other = _folded(float(value))
    below = _sin_to_90(angle)
    # By zero itself the sign of zero decides, as C divides.
    result = math.copysign(math.inf, angle) if below == 0 else _cos_to_90(angle) / below / _COT_45
    return stored(one * other * result or 0.0)


def _part(value: Float) -> float:
    number = float(value)
    if number < -1 or number > 1:
        raise _range()
    return number


def _arc_sine(value: float) -> float:
    if value <= 0.5:
        return math.asin(value) / _ASIN_HALF * 30
    return 90 - math.acos(value) / _ACOS_HALF * 60


def _arc_cosine(value: float) -> float:
    if value <= 0.5:
        return 90 - math.asin(value) / _ASIN_HALF * 30
    return math.acos(value) / _ACOS_HALF * 60


def arc_sine(value: Float) -> Float:
    """asind."""
    number = _part(value)
    return stored(_arc_sine(number) if number >= 0 else -_arc_sine(-number))


def arc_cosine(value: Float) -> Float:
    """acosd."""
    number = _part(value)
    return stored(_arc_cosine(number) if number >= 0 else 90 + _arc_sine(-number))


def arc_tangent(value: Float) -> Float:
    """atand."""
    return stored(math.atan(float(value)) / _ATAN_1 * 45)


def arc_tangent2(one: Float, other: Float) -> Float:
    """atan2d."""
    return stored(math.atan2(float(one), float(other)) / _ATAN_1 * 45)


FUNCTIONS: tuple[Entry, ...] = stricts(
    ("ff_sind", sine),
    ("ff_cosd", cosine),
    ("ff_tand", tangent),
    ("ff_cotd", cotangent),
    ("ff_asind", arc_sine),
    ("ff_acosd", arc_cosine),
    ("ff_atand", arc_tangent),
    ("ff_atan2d", arc_tangent2),
)
