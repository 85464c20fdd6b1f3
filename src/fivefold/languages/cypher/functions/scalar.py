"""Scalar functions, of any value (Cypher Manual, "Scalar functions")."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from fivefold.languages.cypher.functions.function import Function, by_name, declare, invalid

_of: Callable[..., Function] = partial(declare, "Scalar")


def _size(value: Any) -> int:
    if type(value) is list or type(value) is str:
        return len(value)
    raise invalid("size", value, "a String or a List")


FUNCTIONS: Final[dict[str, Function]] = by_name(
    (
        _of(
            "size(input :: STRING | LIST<ANY>) :: INTEGER",
            "How many elements or characters.",
            _size,
        ),
    )
)
