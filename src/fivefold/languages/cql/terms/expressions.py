"""What terms and selectors become: typed expressions, whose columns get places later."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from fivefold.languages.cql.run import Run
from fivefold.languages.cql.terms.functions.signatures import Function
from fivefold.languages.cql.terms.matching import conversion
from fivefold.languages.cql.terms.selected import Positions, RowValue
from fivefold.values.cql.faults import invalid
from fivefold.values.cql.types import UNSET, CqlType
from fivefold.values.records import Record, changed
from fivefold.values.types import Stored


class Aggregation(Record):
    """An aggregate's call. ``column`` is its argument, if that is just one."""

    function: Function
    arguments: tuple[Expression, ...]
    column: str | None
    place: str
    """How positions call the place of its result in a row."""


class Expression(Record):
    """A typed term. ``bind`` makes it a closure over rows that have their columns there.

    ``shown`` is its name as a column. A ``marker`` may be UNSET; ``constant`` says that ``bind``
    gives the same for all rows and runs. ``column``: it is just that one.
    """

    type: CqlType
    shown: str
    bind: Callable[[Positions], RowValue]
    parts: tuple[Expression, ...] = ()
    columns: tuple[str, ...] = ()
    needs_cells: bool = False
    marker: int | None = None
    constant: bool = False
    column: str | None = None
    aggregations: tuple[Aggregation, ...] = ()


def constant(type: CqlType, shown: str, stored: Stored) -> Expression:
    """Return an expression that is always the same."""
    return Expression(type, shown, lambda _: lambda _run, _row: stored, constant=True)


def joined(
    type: CqlType,
    shown: str,
    parts: Sequence[Expression],
    make: Callable[[Sequence[RowValue]], RowValue],
    *,
    pure: bool = True,
) -> Expression:
    """Return an expression made of others; of constants it is one too, but errors wait.

    What is wrong with a constant's value is found when the statement is planned.
    """
    columns = dict.fromkeys(column for part in parts for column in part.columns)
    found = Expression(
        type,
        shown,
        lambda positions: make([part.bind(positions) for part in parts]),
        tuple(parts),
        tuple(columns),
        any(part.needs_cells for part in parts),
    )
    if pure and all(part.constant for part in parts):
        stored = found.bind({})(NO_RUN, ())
        return constant(type, shown, stored)
    return found


NO_RUN: Any = None
"""What constants are evaluated with: they look at nothing."""


def is_set(value: RowValue, part: Expression, message: str) -> RowValue:
    """Return a value that may not be UNSET."""
    if part.marker is None:
        return value

    def checked(run: Run, row: Sequence[Stored]) -> Stored:
        found: Any = value(run, row)
        if found is UNSET:
            raise invalid(message)
        return found  # type: ignore[no-any-return]

    return checked


def is_unset(value: Any) -> bool:
    """Say whether a parameter was left unset."""
    return value is UNSET


def aggregations_of(expression: Expression) -> list[Aggregation]:
    """Return all aggregates' calls in it, in order."""
    found = list(expression.aggregations)
    for part in expression.parts:
        found += aggregations_of(part)
    return found


def renamed(expression: Expression, name: Callable[[str], str]) -> Expression:
    """Return an expression that is shown otherwise, and no longer just a column."""
    return changed(expression, shown=name(expression.shown), column=None)


def fitted(expression: Expression, receiver: CqlType) -> Expression:
    """Return an expression whose values are those of the receiver's type."""
    convert = conversion(receiver, expression.type)
    if convert is None:
        return changed(expression, type=receiver) if receiver != expression.type else expression

    def make(values: Sequence[RowValue]) -> RowValue:
        (given,) = values

        def value(run: Run, row: Sequence[Stored]) -> Stored:
            found = given(run, row)
            return None if found is None else convert(found)

        return value

    return joined(receiver, expression.shown, (expression,), make)
