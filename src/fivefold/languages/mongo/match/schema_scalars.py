"""Keywords of ``$jsonSchema`` about strings and numbers: lengths, patterns, bounds, multiples."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Context, Decimal
from typing import Any

from bson.decimal128 import Decimal128

from fivefold.languages.mongo.match.numbers import is_number, size_number
from fivefold.languages.mongo.match.questions import compare_test
from fivefold.languages.mongo.match.schema import Rule, broken
from fivefold.languages.mongo.match.tree import Compare, Comparison
from fivefold.languages.mongo.patterns import compile_pattern
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import Document

_EXACT = Context(prec=13_000)
"""Digits enough for the remainder of the largest decimal by the smallest."""


def scalar_rules(schema: Document) -> list[Rule]:
    """Return the rules of a schema about strings and numbers."""
    rules = []
    if "pattern" in schema:
        rules.append(_pattern(schema["pattern"]))
    for keyword in ("maxLength", "minLength"):
        if keyword in schema:
            rules.append(_length(keyword, schema[keyword]))
    if "multipleOf" in schema:
        rules.append(_multiple_of(schema["multipleOf"]))
    for keyword in ("maximum", "minimum"):
        if rule := _bound(keyword, schema):
            rules.append(rule)
    return rules


def _rule(keyword: str, specified: Document, reason: str, holds: Callable[[Any], bool]) -> Rule:
    return Rule(keyword, holds, lambda value: [broken(keyword, specified, reason, value)])


def _pattern(pattern: Any) -> Rule:
    if not isinstance(pattern, str):
        raise fault(14, "$jsonSchema keyword 'pattern' must be a string")
    search = compile_pattern(pattern).search
    return _rule(
        "pattern",
        {"pattern": pattern},
        "regular expression did not match",
        lambda value: not isinstance(value, str) or search(value) is not None,
    )


def _length(keyword: str, value: Any) -> Rule:
    limit = size_number(keyword, value)
    least = keyword == "minLength"
    return _rule(
        keyword,
        {keyword: value},
        "specified string length was not satisfied",
        lambda value: (
            not isinstance(value, str) or (len(value) >= limit if least else len(value) <= limit)
        ),
    )


def _multiple_of(value: Any) -> Rule:
    if not is_number(value):
        raise fault(14, "$jsonSchema keyword 'multipleOf' must be a number")
    divisor = _decimal(value)
    if not divisor > 0:
        raise fault(9, "$jsonSchema keyword 'multipleOf' must have a positive value")

    def holds(value: Any) -> bool:
        if not is_number(value):
            return True
        exact = _decimal(value)
        return exact.is_finite() and _EXACT.remainder(exact, divisor) == 0

    return _rule(
        "multipleOf",
        {"multipleOf": value},
        "considered value is not a multiple of the specified value",
        holds,
    )


def _decimal(value: Any) -> Decimal:
    """Return a number as MongoDB makes a decimal of it: of a double, 15 digits."""
    if isinstance(value, Decimal128):
        exact: Decimal = value.to_decimal()
        return Decimal(-1) if exact.is_nan() else exact
    if isinstance(value, float):
        return Decimal(f"{value:.14e}") if value == value else Decimal("-Infinity")
    return Decimal(int(value))


def _bound(keyword: str, schema: Document) -> Rule | None:
    exclusive_name = "exclusiveM" + keyword[1:]
    if keyword not in schema:
        if exclusive_name in schema:
            raise fault(
                9,
                f"$jsonSchema keyword '{keyword}' must be a present if {exclusive_name} is present",
            )
        return None
    specified = {keyword: schema[keyword]}
    exclusive = False
    if exclusive_name in schema:
        exclusive = schema[exclusive_name]
        if not isinstance(exclusive, bool):
            raise fault(14, f"$jsonSchema keyword '{exclusive_name}' must be a boolean")
        specified[exclusive_name] = exclusive
    bound = schema[keyword]
    if not is_number(bound):
        raise fault(14, f"$jsonSchema keyword '{keyword}' must be a number")
    strict, loose = _RELATIONS[keyword]
    test = compare_test(Compare((), strict if exclusive else loose, bound))
    return _rule(
        keyword,
        specified,
        "comparison failed",
        lambda value: not is_number(value) or test(value),
    )


_RELATIONS: dict[str, tuple[Comparison, Comparison]] = {
    "maximum": ("$lt", "$lte"),
    "minimum": ("$gt", "$gte"),
}
