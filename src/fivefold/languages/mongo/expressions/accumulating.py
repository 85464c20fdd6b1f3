"""Accumulators over the elements of an array, or over arguments, as expressions.

Of one argument that is an array its elements count, of several arguments each itself. What they
come to is what $group's accumulators say. Source: manual, "$sum", "$avg", "$min", "$max",
"$stdDevPop", "$stdDevSamp", "$median", "$percentile".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fivefold.languages.mongo.accumulators.base import Accumulator
from fivefold.languages.mongo.accumulators.numbers import Average, Deviation, Percentiles, Sum
from fivefold.languages.mongo.accumulators.picks import Greatest, Least
from fivefold.languages.mongo.expressions.forms import (
    Compile,
    Named,
    Operator,
    Special,
    applied,
    arguments_of,
    listed,
)
from fivefold.languages.mongo.expressions.numbers import double, rank
from fivefold.languages.mongo.expressions.terms import Scope, Term, shown_value
from fivefold.values.documents.faults import fault


def _accumulated(make: Callable[[], Accumulator], values: list[Any]) -> Any:
    state = make()
    for value in values:
        state.add(value)
    return state.result()


def _over(make: Callable[[], Accumulator]) -> Special:
    def one(value: Any) -> Any:
        return _accumulated(make, value if isinstance(value, list) else [value])

    def build(name: str, value: Any, scope: Scope, compile: Compile) -> Term:
        terms = [compile(each, scope) for each in arguments_of(value)]
        if len(terms) == 1:
            return applied(one, terms)
        return listed(lambda values: _accumulated(make, values), terms)

    return Special(build)


def _percentiles(value: Any, shares: list[float], single: bool, method: Any) -> Any:
    if method != "approximate":
        raise fault(2, "Currently only 'approximate' can be used as a percentile 'method'.")
    values = value if isinstance(value, list) else [value]
    return _accumulated(lambda: Percentiles(shares, single), values)


def _median(value: Any, method: Any) -> float | None:
    return _percentiles(value, [0.5], True, method)  # type: ignore[no-any-return]


_NO_SHARES = "The $percentile 'p' field must be an array of numbers from [0.0, 1.0], but found: "


def _percentile(value: Any, shares: Any, method: Any) -> list[float | None]:
    if not isinstance(shares, list) or not shares:
        raise fault(7750301, _NO_SHARES + shown_value(shares))
    for share in shares:
        if not rank(share):
            raise fault(7750302, _NO_SHARES + shown_value(share))
        if not 0 <= double(share) <= 1:
            raise fault(7750303, _NO_SHARES + shown_value(share))
    return _percentiles(value, [*map(double, shares)], False, method)  # type: ignore[no-any-return]


_NO_OBJECT = "specification must be an object; found {operator}: {name}"
_ERRORS: dict[str, Any] = {
    "unknown": (40415, "BSON field '{operator}.{name}' is an unknown field."),
    "lacking": (40414, "BSON field '{operator}.{name}' is missing but a required field"),
}

OPERATORS: dict[str, Operator] = {
    "$avg": _over(Average),
    "$max": _over(Greatest),
    "$median": Named(_median, ("input", "method"), not_object=(7436201, _NO_OBJECT), **_ERRORS),
    "$min": _over(Least),
    "$percentile": Named(
        _percentile,
        ("input", "p", "method"),
        not_object=(7436200, _NO_OBJECT),
        **_ERRORS,
    ),
    "$stdDevPop": _over(lambda: Deviation(False)),
    "$stdDevSamp": _over(lambda: Deviation(True)),
    "$sum": _over(Sum),
}
