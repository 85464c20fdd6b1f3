"""Functions that are conditions (Cypher Manual, "Predicate functions")."""

from __future__ import annotations

from typing import Any, Final

from fivefold.languages.cypher.functions.function import Function, by_name, declare, invalid


def _is_empty(value: Any) -> bool:
    if type(value) not in (list, dict, str):
        raise invalid("isEmpty", value, "a List, a Map or a String")
    return not value


def _exists(value: Any) -> bool:
    return value is not None


FUNCTIONS: Final[dict[str, Function]] = by_name(
    (
        declare(
            "Predicate",
            "exists(input :: ANY) :: BOOLEAN",
            "Whether a property, or a path, is there.",
            _exists,
            sees_nulls=True,
        ),
        declare(
            "Predicate",
            "isEmpty(input :: LIST<ANY> | MAP | STRING) :: BOOLEAN",
            "Whether it has no elements.",
            _is_empty,
        ),
    )
)
