"""Comparison. Source: manual, "Comparison Expression Operators", "BSON Comparison Order".

Here, unlike in a filter, a missing field is not null: it is less than everything but MinKey.
"""

from __future__ import annotations

from typing import Any

from bson.int64 import Int64
from bson.min_key import MinKey

from fivefold.languages.mongo.expressions.forms import Fixed, Operator
from fivefold.values.documents import order
from fivefold.values.documents.kinds import MISSING

_PLAIN: frozenset[type] = frozenset({int, str, bool})
"""Classes whose values compare among themselves as Python does."""

_NUMBERS: frozenset[type] = frozenset({int, float, Int64})
"""Classes whose values compare as Python does, unless one is not a number."""


def compare(left: Any, right: Any) -> int:
    """Return -1, 0 or 1 as the left is less, equal or greater."""
    if left.__class__ is right.__class__ and left.__class__ in _PLAIN:
        return int(left > right) - int(left < right)
    if left.__class__ in _NUMBERS and right.__class__ in _NUMBERS:
        if left < right:  # type: ignore[operator]
            return -1
        if left > right:  # type: ignore[operator]
            return 1
        if left == right:
            return 0
    if left is MISSING or right is MISSING:
        return _compare_missing(left, right)
    return order.compare(left, right)


def _compare_missing(left: Any, right: Any) -> int:
    if left is right:
        return 0
    if left is MISSING:
        return 1 if isinstance(right, MinKey) else -1
    return -1 if isinstance(left, MinKey) else 1


def equal(left: Any, right: Any) -> bool:
    if left.__class__ is right.__class__ and left.__class__ in _PLAIN:
        return left == right  # type: ignore[no-any-return]
    return compare(left, right) == 0


def _not_equal(left: Any, right: Any) -> bool:
    return not equal(left, right)


def _greater(left: Any, right: Any) -> bool:
    if left.__class__ is right.__class__ and left.__class__ in _PLAIN:
        return left > right  # type: ignore[no-any-return]
    return compare(left, right) > 0


def _less(left: Any, right: Any) -> bool:
    if left.__class__ is right.__class__ and left.__class__ in _PLAIN:
        return left < right  # type: ignore[no-any-return]
    return compare(left, right) < 0


OPERATORS: dict[str, Operator] = {
    "$cmp": Fixed(compare, 2),
    "$eq": Fixed(equal, 2),
    "$ne": Fixed(_not_equal, 2),
    "$gt": Fixed(_greater, 2),
    "$gte": Fixed(lambda left, right: compare(left, right) >= 0, 2),
    "$lt": Fixed(_less, 2),
    "$lte": Fixed(lambda left, right: compare(left, right) <= 0, 2),
}
