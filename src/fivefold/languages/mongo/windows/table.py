"""Fields of $setWindowFields: the accumulators and window functions by name, and how each is
written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bson.decimal128 import Decimal128

from fivefold.languages.mongo.accumulators.table import ACCUMULATORS, parse_accumulation
from fivefold.languages.mongo.expressions.compile import compile_term
from fivefold.languages.mongo.expressions.terms import Scope, Term
from fivefold.languages.mongo.sorting import Sorting
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import INT32_MAX, INT32_MIN, Document
from fivefold.values.documents.text import shown

from .frames import WHOLE, DocumentsWindow, Partition, Window, parse_window
from .functions import (
    RANKINGS,
    UNIT_MS,
    carried,
    covariances,
    derivatives,
    integrals,
    interpolated,
    moving_average,
    one_field,
    shifted,
)
from .sliding import SLIDING, filled

Results = Callable[[Partition], Iterator[Any]]
Parse = Callable[[str, Any, "Window | None", "Sorting | None", Scope], Results]


@dataclass(frozen=True, slots=True)
class WindowField:
    """A field of ``output``: ``results`` gives its value for each document of a partition."""

    path: tuple[str, ...]
    operator: str
    argument: Any
    window: Window | None
    results: Results


def parse_window_field(
    path: tuple[str, ...], value: Any, sorting: Sorting | None, scope: Scope
) -> WindowField:
    """Return what ``{$op: argument, window: {…}}`` says."""
    if not isinstance(value, dict):
        raise fault(9, f"The field '{'.'.join(path)}' must be an object, but found: {shown(value)}")
    operators = [name for name in value if name.startswith("$")]
    if len(operators) != 1:
        raise fault(
            9, f"Expected exactly one window function in the specification, found {shown(value)}"
        )
    for name in value:
        if name != "window" and not name.startswith("$"):
            raise fault(9, f"Window function found an unknown argument: {name}")
    operator = operators[0]
    argument = value[operator]
    window = parse_window(value["window"], sorting) if "window" in value else None
    parse = WINDOW_FUNCTIONS.get(operator)
    if parse is None:
        if operator not in ACCUMULATORS:
            raise fault(9, f"Unrecognized window function, {operator}")
        parse = _accumulator
    return WindowField(
        path, operator, argument, window, parse(operator, argument, window, sorting, scope)
    )


def _values(term: Term, partition: Partition) -> list[Any]:
    run, variables = term.run, partition.variables
    return [run(document, variables) for document in partition.documents]


def _accumulator(
    operator: str, argument: Any, window: Window | None, sorting: Sorting | None, scope: Scope
) -> Results:
    accumulation = parse_accumulation(operator, argument, scope)
    seen = window or WHOLE
    slide = None if _grows(seen) else SLIDING.get(operator)

    def results(partition: Partition) -> Iterator[Any]:
        variables = partition.variables
        value = accumulation.value
        values = [value(document, variables) for document in partition.documents]
        frames = seen.frames(partition)
        if slide is not None:
            return slide(values, frames)
        return filled(values, frames, lambda: accumulation.make({}, variables))

    return results


def _grows(window: Window) -> bool:
    return window.lower is None


def _no_window(operator: str, window: Window | None, number: int = 5371601) -> None:
    if window is not None:
        raise fault(number, f"{operator} does not accept a 'window' field")


def _ranking(
    operator: str, argument: Any, window: Window | None, sorting: Sorting | None, scope: Scope
) -> Results:
    if window is not None:
        raise fault(5371601, "Rank style window functions take no other arguments")
    if argument != {} or not isinstance(argument, dict):
        raise fault(5371603, "(None) Rank style window functions take no arguments, i.e. {}")
    if operator == "$documentNumber":
        if sorting is None:
            one_field(sorting, operator, 5371602)
    else:
        one_field(sorting, operator, 5371602)
    return RANKINGS[operator]


def _shift(
    operator: str, argument: Any, window: Window | None, sorting: Sorting | None, scope: Scope
) -> Results:
    _no_window(operator, window, 9)
    if sorting is None:
        raise fault(9, "'$shift' requires a sortBy")
    given = _named(operator, argument, ("output", "by"), ("default",))
    by = given["by"]
    if (
        isinstance(by, bool)
        or not isinstance(by, int | float)
        or by != int(by)
        or not (INT32_MIN <= by <= INT32_MAX)
    ):
        raise fault(9, f"'$shift:by' field must be an integer, but found by: {shown(by)}")
    default = compile_term(given.get("default"), scope)
    if not default.fixed:
        raise fault(
            9,
            "'$shift:default' expression must yield a constant value.",
        )
    term = compile_term(given["output"], scope)
    return lambda partition: shifted(_values(term, partition), int(by), default.constant)


def _named(
    operator: str, argument: Any, required: tuple[str, ...], optional: tuple[str, ...] = ()
) -> Document:
    """Return an operator's arguments; raises fault 9 for unknown ones and for those that are
    missing.
    """
    if not isinstance(argument, dict):
        raise fault(9, f"Argument to '{operator}' must be an object")
    for name in argument:
        if name not in required and name not in optional:
            raise fault(9, f"Unknown argument to '{operator}': {name}")
    for name in required:
        if name not in argument:
            raise fault(9, f"'{operator}' requires an '{name}' expression")
    return argument


def _moving_average(
    operator: str, argument: Any, window: Window | None, sorting: Sorting | None, scope: Scope
) -> Results:
    _no_window(operator, window, 9)
    if sorting is None:
        raise fault(9, "$expMovingAvg requires an explicit 'sortBy'")
    given = _named(operator, argument, ("input",), ("N", "alpha"))
    if ("N" in given) == ("alpha" in given):
        raise fault(
            9,
            "$expMovingAvg sub object must have exactly two fields: An 'input' field, and "
            "either an "
            "'N' field or an 'alpha' field",
        )
    term = compile_term(given["input"], scope)
    alpha = _span(given["N"]) if "N" in given else _alpha(given["alpha"])
    return lambda partition: moving_average(_values(term, partition), alpha)


def _span(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        raise fault(9, f"'N' field must be an integer, but found N: {shown(value)}. ")
    if value <= 0:
        raise fault(9, f"'N' must be greater than zero. Got {shown(value)}")
    return Decimal(2) / Decimal(int(value) + 1)


def _alpha(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal128):
        raise fault(9, f"'alpha' must be a number, but found alpha: {shown(value)}")
    number = Decimal(str(value))
    if not 0 < number < 1:
        raise fault(9, f"'alpha' must be between 0 and 1 (exclusive), found alpha: {shown(value)}")
    return number


def _covariance(
    operator: str, argument: Any, window: Window | None, sorting: Sorting | None, scope: Scope
) -> Results:
    listed = argument if isinstance(argument, list) else []
    if len(listed) != 2:
        raise fault(
            9, f"{operator} requires an array of two expressions, but found {shown(argument)}"
        )
    first, second = (compile_term(each, scope) for each in listed)
    seen = window or WHOLE
    sample = operator == "$covarianceSamp"
    return lambda partition: covariances(
        list(zip(_values(first, partition), _values(second, partition), strict=True)),
        seen.frames(partition),
        sample,
    )


def _slope(
    operator: str, argument: Any, window: Window | None, sorting: Sorting | None, scope: Scope
) -> Results:
    given = _named(operator, argument, ("input",), ("unit",))
    if sorting is None:
        raise fault(9, f"{operator} requires a sortBy")
    if len(sorting.fields) != 1:
        raise fault(9, f"{operator} requires a non-compound sortBy")
    if sorting.fields[0].descending and operator == "$integral":
        raise fault(9, f"{operator} requires an ascending sortBy")
    if window is None and operator == "$derivative":
        raise fault(9, f"{operator} requires explicit window bounds")
    unit = given.get("unit")
    if unit is not None and unit not in UNIT_MS:
        raise fault(
            9,
            f"{operator} 'unit' must be 'week' or smaller, but found {shown(unit)}",
        )
    term = compile_term(given["input"], scope)
    seen: Window = window or DocumentsWindow(None, None)
    compute = derivatives if operator == "$derivative" else integrals
    return lambda partition: compute(
        _values(term, partition), partition, seen.frames(partition), unit
    )


def _carried(
    operator: str, argument: Any, window: Window | None, sorting: Sorting | None, scope: Scope
) -> Results:
    _no_window(operator, window, 9)
    term = compile_term(argument, scope)
    return lambda partition: carried(_values(term, partition))


def _linear(
    operator: str, argument: Any, window: Window | None, sorting: Sorting | None, scope: Scope
) -> Results:
    _no_window(operator, window, 9)
    one_field(sorting, operator, 605001)
    term = compile_term(argument, scope)
    return lambda partition: interpolated(_values(term, partition), partition)


WINDOW_FUNCTIONS: dict[str, Parse] = {
    "$covariancePop": _covariance,
    "$covarianceSamp": _covariance,
    "$denseRank": _ranking,
    "$derivative": _slope,
    "$documentNumber": _ranking,
    "$expMovingAvg": _moving_average,
    "$integral": _slope,
    "$linearFill": _linear,
    "$locf": _carried,
    "$rank": _ranking,
    "$shift": _shift,
}
"""Functions that only windows have; all accumulators are window functions too."""
