"""The accumulators by name, and how each is written.

Numbers and texts of errors are those of MongoDB 7.0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bson.decimal128 import Decimal128
from bson.int64 import Int64

from fivefold.languages.mongo.expressions.compile import compile_term
from fivefold.languages.mongo.expressions.terms import Evaluate, Scope, Term, Variables
from fivefold.languages.mongo.sorting import Sorting, parse_sort
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import INT64_MAX, Document
from fivefold.values.documents.text import shown

from .base import Accumulator
from .collecting import AddToSet, MergeObjects, Push
from .numbers import Average, Count, Deviation, Percentiles, Sum, as_double
from .picks import (
    Bottom,
    BottomN,
    First,
    FirstN,
    Greatest,
    GreatestN,
    Last,
    LastN,
    Least,
    LeastN,
    Top,
    TopN,
)

Make = Callable[[Document, Variables], Accumulator]


@dataclass(frozen=True, slots=True)
class Accumulation:
    """``{operator: argument}`` of a $group or a window, parsed.

    ``value`` gives what a document adds. ``make`` gives the state of a new group from the group's
    _id (an empty document if that is none), in which ``n`` may be looked up. ``sorting`` is what
    $top and its like sort by. ``counts`` says that it is not asked what is added.
    """

    operator: str
    argument: Any
    value: Evaluate
    make: Make = field(repr=False)
    term: Term | None = None
    sorting: Sorting | None = None
    counts: bool = False


Parse = Callable[[str, Any, Scope], Accumulation]


def parse_accumulation(operator: str, argument: Any, scope: Scope) -> Accumulation:
    """Return what ``{operator: argument}`` says. Raises 15952 for an unknown operator."""
    parse = ACCUMULATORS.get(operator)
    if parse is not None:
        return parse(operator, argument, scope)
    if operator in ("$accumulator", "$function"):
        raise fault(
            115, f"{operator} is not supported, as it needs JavaScript; use the other accumulators"
        )
    raise fault(15952, f"unknown group operator '{operator}'")


def _unary(state: Callable[[], Accumulator]) -> Parse:
    """Return the parser of an accumulator of one expression."""

    def parse(operator: str, argument: Any, scope: Scope) -> Accumulation:
        if isinstance(argument, list):
            raise fault(40237, f"The {operator} accumulator is a unary operator")
        term = compile_term(argument, scope)
        return Accumulation(operator, argument, term.run, lambda _id, _variables: state(), term)

    return parse


def _sum(operator: str, argument: Any, scope: Scope) -> Accumulation:
    if argument.__class__ is int and argument == 1:
        term = compile_term(argument, scope)
        return _counting(operator, argument, term)
    return _unary(Sum)(operator, argument, scope)


def _count(operator: str, argument: Any, scope: Scope) -> Accumulation:
    if argument != {} or not isinstance(argument, dict):
        raise fault(9, "$count takes no arguments, i.e. $count:{}")
    term = compile_term(1, scope)
    return _counting(operator, argument, term)


def _counting(operator: str, argument: Any, term: Term) -> Accumulation:
    return Accumulation(
        operator, argument, term.run, lambda _id, _variables: Count(), term, counts=True
    )


def _several(state: Callable[[int], Accumulator]) -> Parse:
    """Return the parser of an accumulator of ``input`` and ``n``."""

    def parse(operator: str, argument: Any, scope: Scope) -> Accumulation:
        if not isinstance(argument, dict):
            raise fault(
                5787900, f"specification must be an object; found {operator}: {shown(argument)}"
            )
        for name in argument:
            if name not in ("input", "n"):
                raise fault(5787901, f"Unknown argument for '{operator}' operator: {name}")
        if "n" not in argument:
            raise fault(5787906, "Missing value for 'n'")
        if "input" not in argument:
            raise fault(5787907, "Missing value for 'input'")
        term = compile_term(argument["input"], scope)
        make = _counted(argument["n"], scope, state)
        return Accumulation(operator, argument, term.run, make, term)

    return parse


def _ranked(state: Callable[[int], Accumulator], several: bool) -> Parse:
    """Return the parser of an accumulator of ``sortBy``, ``output`` and perhaps ``n``."""
    known = ("sortBy", "output", "n") if several else ("sortBy", "output")

    def parse(operator: str, argument: Any, scope: Scope) -> Accumulation:
        if not isinstance(argument, dict):
            raise fault(
                5788001, f"specification must be an object; found {operator}: {shown(argument)}"
            )
        for name in argument:
            if name not in known:
                raise fault(5788002, f"Unknown argument to {operator} '{name}'")
        for number, name in ((5788003, "n"), (5788004, "output"), (5788005, "sortBy")):
            if name in known and name not in argument:
                raise fault(number, f"Missing value for '{name}'")
        if not isinstance(argument["sortBy"], dict):
            raise fault(
                5788604,
                f"expected 'sortBy' to already be an object in the arguments to {operator}",
            )
        sorting = parse_sort(argument["sortBy"])
        key, output = sorting.key, compile_term(argument["output"], scope)
        run = output.run
        make = _counted(argument["n"] if several else 1, scope, state)
        return Accumulation(
            operator,
            argument,
            lambda document, variables: (key(document), run(document, variables)),
            make,
            output,
            sorting,
        )

    return parse


def _counted(value: Any, scope: Scope, state: Callable[[int], Accumulator]) -> Make:
    """Return what makes states of ``n``, which is known now or a matter of the group's _id."""
    term = compile_term(value, scope)
    if term.fixed:
        count = count_of(term.constant)
        return lambda _id, _variables: state(count)
    run = term.run
    return lambda _id, variables: state(count_of(run(_id, variables)))


def count_of(value: Any) -> int:
    """Return ``n``, a positive integer of any type; raises 5787902, 5787903 or 5787908."""
    number = value.to_decimal() if isinstance(value, Decimal128) else value
    if isinstance(value, bool) or not isinstance(value, int | float | Int64 | Decimal128):
        raise fault(5787902, f"Value for 'n' must be of integral type, but found {shown(value)}")
    if number != number or number != number // 1 or abs(number) > INT64_MAX:
        raise fault(5787903, f"Value for 'n' must be of integral type, but found {shown(value)}")
    if number <= 0:
        raise fault(5787908, f"'n' must be greater than 0, found {shown(value)}")
    return int(number)


def _percentile(operator: str, argument: Any, scope: Scope) -> Accumulation:
    known = ("input", "p", "method") if operator == "$percentile" else ("input", "method")
    if not isinstance(argument, dict):
        number = 7429703 if operator == "$percentile" else 7436100
        raise fault(
            number,
            f"specification must be an object; found {operator}: {shown(argument)}",
        )
    for name in argument:
        if name not in known:
            raise fault(40415, f"BSON field '{operator}.{name}' is an unknown field.")
    for name in known:
        if name not in argument:
            raise fault(40414, f"BSON field '{operator}.{name}' is missing but a required field")
    if argument["method"] != "approximate":
        raise fault(2, "Currently only 'approximate' can be used as a percentile 'method'.")
    shares = (0.5,) if operator == "$median" else shares_of(argument["p"], scope)
    term = compile_term(argument["input"], scope)
    single = operator == "$median"
    return Accumulation(
        operator, argument, term.run, lambda _id, _variables: Percentiles(shares, single), term
    )


def shares_of(value: Any, scope: Scope) -> tuple[float, ...]:
    """Return the shares that ``p`` lists: constant, from 0 to 1. Raises 7750300 to 7750303."""
    term = compile_term(value, scope)
    if not term.fixed:
        raise fault(7750300, "The $percentile 'p' field must be an array of constant expressions")
    listed = term.constant
    if not isinstance(listed, list) or not listed:
        raise fault(
            7750301,
            "The $percentile 'p' field must be an array of numbers from [0.0, 1.0], but found: "
            + shown(listed),
        )
    shares = []
    for each in listed:
        share = as_double(each)
        if share is None:
            raise fault(
                7750302,
                "The $percentile 'p' field must be an array of numbers from [0.0, 1.0], but found: "
                + shown(each),
            )
        if not 0 <= share <= 1:
            raise fault(
                7750303,
                "The $percentile 'p' field must be an array of numbers from [0.0, 1.0], but found: "
                + shown(each),
            )
        shares.append(share)
    return tuple(shares)


ACCUMULATORS: dict[str, Parse] = {
    "$addToSet": _unary(AddToSet),
    "$avg": _unary(Average),
    "$bottom": _ranked(Bottom, several=False),
    "$bottomN": _ranked(BottomN, several=True),
    "$count": _count,
    "$first": _unary(First),
    "$firstN": _several(FirstN),
    "$last": _unary(Last),
    "$lastN": _several(LastN),
    "$max": _unary(Greatest),
    "$maxN": _several(GreatestN),
    "$median": _percentile,
    "$mergeObjects": _unary(MergeObjects),
    "$min": _unary(Least),
    "$minN": _several(LeastN),
    "$percentile": _percentile,
    "$push": _unary(Push),
    "$stdDevPop": _unary(lambda: Deviation(sample=False)),
    "$stdDevSamp": _unary(lambda: Deviation(sample=True)),
    "$sum": _sum,
    "$top": _ranked(Top, several=False),
    "$topN": _ranked(TopN, several=True),
}
"""Accumulators of $group by name."""
