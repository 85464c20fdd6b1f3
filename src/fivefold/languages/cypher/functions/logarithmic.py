"""Powers and logarithms (Cypher Manual, "Mathematical functions - logarithmic")."""

from __future__ import annotations

import math
from typing import Any, Final

from fivefold.languages.cypher.functions.function import Function, by_name, declare
from fivefold.languages.cypher.functions.real import real


def _log(value: float) -> float:
    return math.log(value) if value else -math.inf


def _log10(value: float) -> float:
    return math.log10(value) if value else -math.inf


def _e(*_: Any) -> float:
    return math.e


def _of(name: str, description: str, evaluate: Any) -> Function:
    signature = f"{name}(input :: FLOAT) :: FLOAT"
    return declare("Logarithmic", signature, description, real(name, evaluate))


FUNCTIONS: Final[dict[str, Function]] = by_name(
    (
        declare("Logarithmic", "e() :: FLOAT", "The base of the natural logarithm.", _e),
        _of("exp", "e to a power.", math.exp),
        _of("log", "The natural logarithm.", _log),
        _of("log10", "The logarithm to base 10.", _log10),
        _of("sqrt", "The square root.", math.sqrt),
    )
)
