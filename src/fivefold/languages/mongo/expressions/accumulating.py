"""Accumulators over the elements of an array, or over arguments, as expressions.

Of one argument that is an array its elements count, of several arguments each itself. What is no
number is left out. Source: manual, "$sum", "$avg", "$min", "$max", "$stdDevPop", "$stdDevSamp",
"$median", "$percentile".
"""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from fivefold.languages.mongo.expressions.forms import (
    Compile,
    Named,
    Operator,
    Special,
    applied,
    arguments_of,
    listed,
)
from fivefold.languages.mongo.expressions.numbers import (
    CONTEXT,
    DECIMAL,
    DOUBLE,
    decimal,
    decimal128,
    double,
    is_nan,
    of_rank,
    rank,
)
from fivefold.languages.mongo.expressions.terms import Scope, Term, name_of, nullish
from fivefold.values.documents.faults import fault
from fivefold.values.documents.order import sort_key

Combine = Callable[[list[Any]], Any]


def _over(combine: Combine) -> Special:
    def one(value: Any) -> Any:
        return combine(value if isinstance(value, list) else [value])

    def build(name: str, value: Any, scope: Scope, compile: Compile) -> Term:
        terms = [compile(each, scope) for each in arguments_of(value)]
        return applied(one, terms) if len(terms) == 1 else listed(combine, terms)

    return Special(build)


def total_of(values: list[Any]) -> Any:
    """Return the sum of the numbers among values, in the widest of their types; 0 of none."""
    numbers, kinds = [], set()
    for value in values:
        kind = rank(value)
        if kind:
            numbers.append(value)
            kinds.add(kind)
    widest = max(kinds, default=1)
    if widest == DECIMAL:
        total = Decimal(0)
        for value in numbers:
            total = CONTEXT.add(total, decimal(value))
        return decimal128(total)
    if widest == DOUBLE:
        return exact_sum([float(value) for value in numbers])
    return of_rank(sum(map(int, numbers)), widest)


def exact_sum(numbers: list[float]) -> float:
    """Return the sum of doubles, rounded once; what is infinite or not a number included."""
    try:
        return math.fsum(numbers)
    except (OverflowError, ValueError):  # past the largest double on the way; inf and -inf
        return sum(numbers)


def average_of(values: list[Any]) -> Any:
    numbers = [value for value in values if rank(value)]
    if not numbers:
        return None
    if any(rank(value) == DECIMAL for value in numbers):
        return decimal128(CONTEXT.divide(decimal(total_of(numbers)), Decimal(len(numbers))))
    return exact_sum([float(value) for value in numbers]) / len(numbers)


def _extreme(pick: Callable[..., Any]) -> Combine:
    def run(values: list[Any]) -> Any:
        there = [value for value in values if not nullish(value)]
        return pick(there, key=sort_key) if there else None

    return run


def _deviation(less: int) -> Combine:
    """Return the standard deviation: of a population, or of a sample (one ``less``)."""

    def run(values: list[Any]) -> Any:
        numbers = [double(value) for value in values if rank(value)]
        if len(numbers) <= less:
            return None
        if not all(map(math.isfinite, numbers)):
            return math.nan if less or len(numbers) > 0 else None
        mean = math.fsum(numbers) / len(numbers)
        squares = math.fsum((number - mean) ** 2 for number in numbers)
        return math.sqrt(squares / (len(numbers) - less))

    return run


def _numbers_sorted(value: Any) -> list[float]:
    values = value if isinstance(value, list) else [value]
    return sorted(double(each) for each in values if rank(each) and not is_nan(each))


def at_share(numbers: list[float], share: float) -> float | None:
    """Return the least of sorted numbers that at least so many of them are not above."""
    if not numbers:
        return None
    return numbers[max(math.ceil(share * len(numbers)) - 1, 0)]


def _check_method(method: Any) -> None:
    if method != "approximate":
        raise fault(
            2,
            "Currently only 'approximate' can be used as percentile 'method'.",
        )


def _median(value: Any, method: Any) -> float | None:
    _check_method(method)
    return at_share(_numbers_sorted(value), 0.5)


def _percentile(value: Any, shares: Any, method: Any) -> list[float | None]:
    _check_method(method)
    if not isinstance(shares, list) or not shares:
        raise fault(
            7750301,
            f"The $percentile 'p' field must be an array of numbers from [0.0, 1.0], "
            f"but found {name_of(shares)}",
        )
    for share in shares:
        if not rank(share) or not 0 <= double(share) <= 1:
            raise fault(
                7750303,
                "The $percentile 'p' field must be an array of numbers from [0.0, 1.0], "
                f"but found: {share}",
            )
    numbers = _numbers_sorted(value)
    return [at_share(numbers, double(share)) for share in shares]


_ERRORS: dict[str, Any] = {
    "not_object": (7436100, "specification must be an object"),
    "unknown": (40415, "BSON field '{operator}.{name}' is an unknown field."),
    "lacking": (40414, "BSON field '{operator}.{name}' is missing but a required field"),
}

OPERATORS: dict[str, Operator] = {
    "$avg": _over(average_of),
    "$max": _over(_extreme(max)),
    "$median": Named(_median, ("input", "method"), **_ERRORS),
    "$min": _over(_extreme(min)),
    "$percentile": Named(_percentile, ("input", "p", "method"), **_ERRORS),
    "$stdDevPop": _over(_deviation(0)),
    "$stdDevSamp": _over(_deviation(1)),
    "$sum": _over(total_of),
}
