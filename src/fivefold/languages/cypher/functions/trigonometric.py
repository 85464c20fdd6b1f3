"""Functions of angles in radians (Cypher Manual, "Mathematical functions - trigonometric")."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

from fivefold.languages.cypher.functions.function import Function, by_name, declare
from fivefold.languages.cypher.functions.real import real


def _cot(angle: float) -> float:
    tangent = math.tan(angle)
    return 1 / tangent if tangent else math.copysign(math.inf, tangent)


def _haversin(angle: float) -> float:
    return math.sin(angle / 2) ** 2


def _pi(*_: Any) -> float:
    return math.pi


def _of(name: str, description: str, evaluate: Callable[[float], float]) -> Function:
    signature = f"{name}(input :: FLOAT) :: FLOAT"
    return declare("Trigonometric", signature, description, real(name, evaluate))


FUNCTIONS: Final[dict[str, Function]] = by_name(
    (
        _of("acos", "The angle of a cosine.", math.acos),
        _of("asin", "The angle of a sine.", math.asin),
        _of("atan", "The angle of a tangent.", math.atan),
        declare(
            "Trigonometric",
            "atan2(y :: FLOAT, x :: FLOAT) :: FLOAT",
            "The angle of a point, from the x axis.",
            real("atan2", math.atan2),
        ),
        _of("cos", "The cosine.", math.cos),
        _of("cot", "The cotangent.", _cot),
        _of("degrees", "Radians as degrees.", math.degrees),
        _of("haversin", "Half the versine.", _haversin),
        declare("Trigonometric", "pi() :: FLOAT", "Half the way round a circle.", _pi),
        _of("radians", "Degrees as radians.", math.radians),
        _of("sin", "The sine.", math.sin),
        _of("tan", "The tangent.", math.tan),
    )
)
