"""What reads like a function but has a syntax of its own: listed, never called by name."""

from __future__ import annotations

from typing import Any, Final

from fivefold.languages.cypher.functions.function import Function, by_name, declare


def _by_syntax(*values: Any) -> Any:
    raise AssertionError("compiled from its own node of the tree")


def _quantifier(name: str, description: str) -> Function:
    signature = f"{name}(variable :: ANY, list :: LIST<ANY>) :: BOOLEAN"
    return declare("Predicate", signature, description, _by_syntax)


FUNCTIONS: Final[dict[str, Function]] = by_name(
    (
        _quantifier("all", "Whether a condition holds for all elements."),
        _quantifier("any", "Whether a condition holds for an element."),
        _quantifier("none", "Whether a condition holds for no element."),
        _quantifier("single", "Whether a condition holds for exactly one element."),
        declare(
            "List",
            "reduce(accumulator :: ANY, variable :: LIST<ANY>) :: ANY",
            "What an expression makes of an accumulator and each element in turn.",
            _by_syntax,
        ),
    )
)
