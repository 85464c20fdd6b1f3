"""Functions of real numbers where they are not defined: NaN and Infinity instead of errors."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from fivefold.languages.cypher.functions.numeric import number


def real(name: str, evaluate: Callable[..., float]) -> Callable[..., float]:
    """Return a function of numbers that answers as IEEE 754 does."""

    def evaluated(*values: Any) -> float:
        try:
            return evaluate(*(float(number(name, value)) for value in values))
        except ValueError:
            return math.nan
        except OverflowError:
            return math.inf

    return evaluated
