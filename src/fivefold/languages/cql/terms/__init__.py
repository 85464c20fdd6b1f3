"""Terms and selectors: typed by their receivers, then closures.

Source: "Definitions", "Functions", "Arithmetic operators" and "Data manipulation" of Cassandra's
CQL reference.

- ``compile_value`` makes a term of VALUES, SET, WHERE, IF, USING or LIMIT a ``Value``;
  ``compile_term`` is its closure alone. No columns may be in it.
- ``compile_selector`` makes what SELECT selects a ``Selected``.
- ``Scope`` is a statement's; it learns from them what its markers are.
"""

from __future__ import annotations

from collections.abc import Callable

from fivefold.languages.cql.results import ColumnSpec
from fivefold.languages.cql.run import Run
from fivefold.languages.cql.tables import ColumnFamily
from fivefold.languages.cql.terms.compiling import Terms
from fivefold.languages.cql.terms.expressions import NO_RUN, Expression, aggregations_of
from fivefold.languages.cql.terms.groups import gathering, without_unset
from fivefold.languages.cql.terms.scope import Scope
from fivefold.languages.cql.terms.selected import Gathering, Positions, RowValue, Selected
from fivefold.languages.cql.tree import Selector, Term
from fivefold.values.cql.types import Unset
from fivefold.values.records import Record
from fivefold.values.types import Stored

__all__ = [
    "Gathering",
    "Positions",
    "RowValue",
    "Scope",
    "Selected",
    "Value",
    "compile_selector",
    "compile_term",
    "compile_value",
]


class Value(Record):
    """A term, compiled.

    ``marker`` is the number of the parameter that it is, if it is just that; ``constant`` says
    that ``stored`` is what it always is. ``evaluate`` works for all.
    """

    evaluate: Callable[[Run], Stored | Unset]
    marker: int | None = None
    constant: bool = False
    stored: Stored = None


def compile_value(term: Term, receiver: ColumnSpec, scope: Scope) -> Value:
    """Return a term as a value of the receiver. Raises InvalidRequest as Cassandra words it."""
    found = Terms(scope).compile(term, receiver)
    if found.marker is not None:
        return _parameter(found.marker)
    bound = found.bind({})
    if found.constant:
        stored = bound(NO_RUN, ())
        return Value(lambda _run: stored, None, True, stored)
    return Value(lambda run: bound(run, ()))


def _parameter(number: int) -> Value:
    return Value(lambda run: run.parameters[number], number)


def compile_term(term: Term, receiver: ColumnSpec, scope: Scope) -> Callable[[Run], Stored | Unset]:
    """Return the closure of ``compile_value``."""
    return compile_value(term, receiver, scope).evaluate


def compile_selector(selector: Selector, family: ColumnFamily, scope: Scope) -> Selected:
    """Return what a selector selects from the rows of a column family."""
    found = Terms(scope, family).compile(selector.term, None)
    aggregations = aggregations_of(found)
    name = found.shown if selector.alias is None else selector.alias
    return Selected(
        name,
        found.type,
        found.column,
        found.columns,
        found.needs_cells,
        bool(aggregations),
        lambda positions: without_unset(found, found.bind(positions)),
        lambda positions: gathering(found, aggregations, positions),
        _whole_aggregate(found),
    )


def _whole_aggregate(found: Expression) -> tuple[str, str | None] | None:
    """Return the aggregate that a selector is, and its column, if it is nothing more."""
    if len(found.aggregations) != 1:
        return None
    (aggregation,) = found.aggregations
    if aggregation.arguments and aggregation.column is None:
        return None
    return aggregation.function.name, aggregation.column
