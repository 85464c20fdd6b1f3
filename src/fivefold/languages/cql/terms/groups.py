"""Selectors over groups of rows.

What a selector does with the results of its aggregates is evaluated over a row: the group's first
one, with those results behind its end. So what is selected beside an aggregate is that of the first
row; of no rows at all it is null.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from fivefold.languages.cql.run import Run
from fivefold.languages.cql.terms.expressions import Aggregation, Expression, is_unset
from fivefold.languages.cql.terms.functions.calling import to_plain, to_stored
from fivefold.languages.cql.terms.functions.signatures import State
from fivefold.languages.cql.terms.selected import Gathering, Positions, RowValue
from fivefold.values.types import Stored

Step = tuple[Callable[[], State], "list[tuple[RowValue, Any]]", Any]


def without_unset(expression: Expression, value: RowValue) -> RowValue:
    """Return a value that is null where it is a parameter that was left unset."""
    if expression.marker is None:
        return value
    return lambda run, row: None if is_unset(found := value(run, row)) else found


def gathering(
    expression: Expression, aggregations: Sequence[Aggregation], positions: Positions
) -> Callable[[], Gathering]:
    """Return what begins a group."""
    width = max(positions.values(), default=-1) + 1
    extended = dict(positions)
    for number, aggregation in enumerate(aggregations):
        extended[aggregation.place] = width + number
    outer = without_unset(expression, expression.bind(extended))
    steps = [_step(aggregation, positions) for aggregation in aggregations]
    return lambda: Group(outer, steps, width)


def _step(aggregation: Aggregation, positions: Positions) -> Step:
    function = aggregation.function
    assert function.start is not None
    arguments = []
    for argument, type in zip(aggregation.arguments, function.arguments, strict=True):
        take = None if function.stored else to_plain(type)
        arguments.append((argument.bind(positions), take))
    return function.start, arguments, None if function.stored else to_stored(function.returns)


class Group:
    """A group of rows, while they come."""

    __slots__ = ("_first", "_outer", "_states", "_width")

    def __init__(self, outer: RowValue, steps: Sequence[Step], width: int) -> None:
        self._outer = outer
        self._width = width
        self._first: Sequence[Stored] | None = None
        self._states = [(start(), arguments, give) for start, arguments, give in steps]

    def add(self, run: Run, row: Sequence[Stored]) -> None:
        """Take in a row."""
        if self._first is None:
            self._first = row
        for state, arguments, _ in self._states:
            values = []
            for argument, take in arguments:
                value = argument(run, row)
                values.append(value if take is None or value is None else take(value))
            state.add(*values)

    def result(self, run: Run) -> Stored:
        """Return the value for the rows that came."""
        width = self._width
        first = self._first
        if first is None:
            first = (None,) * width
        results = []
        for state, _, give in self._states:
            found = state.result()
            results.append(found if give is None or found is None else give(found))
        return self._outer(run, (*first[:width], *results))
