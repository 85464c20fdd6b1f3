"""Filters that the store applies: never more than Cassandra's, so that rows are only left out.

What it applies exactly need not be looked at again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from fivefold.languages.cql.relations.filters import comparable
from fivefold.languages.cql.relations.records import (
    Among,
    Bound,
    Containing,
    Equal,
    Restriction,
    Values,
)
from fivefold.languages.cql.run import Run
from fivefold.languages.cql.select.columns import kept, named, table_type
from fivefold.languages.cql.tables import Column
from fivefold.values.records import Record
from fivefold.values.types import Stored, Type

AMONG_MAX = 100
"""Values of IN that a statement takes: more are looked for in Python."""


class Condition(Record):
    """A condition of a statement on columns of a row; ``containers`` are others that it reads."""

    text: str
    types: Sequence[Type]
    values: Sequence[Stored]
    containers: Mapping[str, tuple[str, str]] = {}


Pushed = Callable[[Run], Condition | None]


def pushed(restriction: Restriction) -> Pushed | None:
    """Return what makes a restriction a condition of the store; None if it cannot be one."""
    if isinstance(restriction, Containing) or not all(
        _comparable(column) for column in restriction.columns
    ):
        return None
    if isinstance(restriction, Equal):
        equal = restriction
        return lambda run: _compared(equal.columns, "=", equal.read(run, filtered=True))
    if isinstance(restriction, Among):
        among = restriction
        return lambda run: _among(among.columns, among.read(run, filtered=True))
    low, high = restriction.low, restriction.high

    def between(run: Run) -> Condition:
        bounds = [_bound(bound, sign, run) for bound, sign in ((low, ">"), (high, "<")) if bound]
        return _joined(" AND ", bounds)

    return between


def _comparable(column: Column) -> bool:
    """Say whether what the table has compares as Cassandra compares the values."""
    if column.kind == "static":
        return False
    return column.kind == "clustering" or comparable(column.codec) is None


def _bound(bound: Bound, sign: str, run: Run) -> Condition:
    operator = f"{sign}=" if bound.inclusive else sign
    return _compared(bound.columns, operator, bound.read(run, filtered=True))


def _compared(columns: Sequence[Column], operator: str, values: Values) -> Condition:
    columns = columns[: len(values)]
    names = ", ".join([named(column.name) for column in columns])
    marks = ", ".join("?" * len(values))
    text = f"({names}) {operator} ({marks})" if len(values) > 1 else f"{names} {operator} {marks}"
    return Condition(
        text,
        [table_type(column) for column in columns],
        [kept(column, value) for column, value in zip(columns, values, strict=True)],
    )


def _among(columns: Sequence[Column], found: list[Values]) -> Condition | None:
    if not found or any(value is None for values in found for value in values):
        return Condition("1 = 0", (), ())
    if len(found) > AMONG_MAX:
        return None
    one = _joined(" OR ", [_compared(columns, "=", values) for values in found])
    return Condition(f"({one.text})", one.types, one.values)


def _joined(word: str, conditions: Sequence[Condition]) -> Condition:
    return Condition(
        word.join([one.text for one in conditions]),
        [type_ for one in conditions for type_ in one.types],
        [value for one in conditions for value in one.values],
    )
