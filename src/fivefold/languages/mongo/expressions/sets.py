"""Arrays as sets, without order or repetitions. Source: manual, "Set Expression Operators"."""

from __future__ import annotations

from typing import Any

from fivefold.languages.mongo.expressions.booleans import truth
from fivefold.languages.mongo.expressions.forms import (
    Compile,
    Fixed,
    Operator,
    Special,
    Variadic,
    arguments_of,
)
from fivefold.languages.mongo.expressions.terms import Scope, Term, name_of, nullish
from fivefold.values.documents.faults import fault
from fivefold.values.documents.order import hash_key, sort_key


def _keys(values: list[Any]) -> dict[Any, Any]:
    """Return the values by what makes them equal, each once, the first of its like."""
    keyed: dict[Any, Any] = {}
    for value in values:
        keyed.setdefault(hash_key(value), value)
    return keyed


def _only_arrays(name: str, number: int, values: list[Any]) -> bool:
    """Return whether none is null or missing. Raises the fault if one is anything else."""
    for value in values:
        if nullish(value):
            return False
        if not isinstance(value, list):
            raise fault(
                number,
                f"All operands of {name} must be arrays. One argument is of type: {name_of(value)}",
            )
    return True


def _union(values: list[Any]) -> Any:
    if not _only_arrays("$setUnion", 17043, values):
        return None
    return sorted(_keys([each for value in values for each in value]).values(), key=sort_key)


def _intersection(values: list[Any]) -> Any:
    if not _only_arrays("$setIntersection", 17047, values):
        return None
    if not values:
        return []
    common = _keys(values[0])
    for value in values[1:]:
        others = _keys(value)
        common = {key: each for key, each in common.items() if key in others}
    return sorted(common.values(), key=sort_key)


def _difference(left: Any, right: Any) -> Any:
    if nullish(left) or nullish(right):
        return None
    _both_arrays("$setDifference", left, right, 17048, 17049)
    others = _keys(right)
    return [each for key, each in _keys(left).items() if key not in others]


def _both_arrays(name: str, left: Any, right: Any, first: int, second: int) -> None:
    for which, number, value in (("First", first, left), ("Second", second, right)):
        if not isinstance(value, list):
            raise fault(
                number,
                f"both operands of {name} must be arrays. {which} argument is of type: "
                f"{name_of(value)}",
            )


def _equals(values: list[Any]) -> bool:
    for at, value in enumerate(values, 1):
        if not isinstance(value, list):
            raise fault(
                5887502,
                f"All operands of $setEquals must be arrays. {at}-th argument is of type: "
                f"{name_of(value)}",
            )
    first, *others = [_keys(value).keys() for value in values]
    return all(other == first for other in others)


def _checked_equals(name: str, value: Any, scope: Scope, compile: Compile) -> Term:
    count = len(arguments_of(value))
    if count < 2:
        raise fault(17045, f"$setEquals needs at least two arguments had: {count}")
    return Variadic(_equals).build(name, value, scope, compile)


def _is_subset(left: Any, right: Any) -> bool:
    _both_arrays("$setIsSubset", left, right, 17046, 17042)
    return _keys(left).keys() <= _keys(right).keys()


def _elements(name: str, number: int, decide: Any) -> Fixed:
    def run(value: Any) -> bool:
        if not isinstance(value, list):
            raise fault(number, f"{name}'s argument must be an array, but is {name_of(value)}")
        return bool(decide(map(truth, value)))

    return Fixed(run)


OPERATORS: dict[str, Operator] = {
    "$allElementsTrue": _elements("$allElementsTrue", 17040, all),
    "$anyElementTrue": _elements("$anyElementTrue", 17041, any),
    "$setDifference": Fixed(_difference, 2),
    "$setEquals": Special(_checked_equals),
    "$setIntersection": Variadic(_intersection),
    "$setIsSubset": Fixed(_is_subset, 2),
    "$setUnion": Variadic(_union),
}
