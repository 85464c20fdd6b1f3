"""SELECT: planned once, then run: statements of the store, and what is left to do with their rows.

Source: "SELECT" of "Data manipulation" in Cassandra's CQL reference, version 5.0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from fivefold.languages.cql.results import ColumnSpec, Rows
from fivefold.languages.cql.run import Run
from fivefold.languages.cql.tables import ColumnFamily
from fivefold.languages.cql.terms import Scope
from fivefold.languages.cql.tree import Select
from fivefold.values.types import Stored

MadeRows = Callable[[Run], Iterable[Sequence[Stored]]]
"""Gives the rows of a system table, in the order of its family's columns, sorted or not."""


class SelectPlan:
    """A SELECT that is ready to run, any number of times, as long as the catalog is the same."""

    columns: tuple[ColumnSpec, ...]
    partition: tuple[int, ...]
    """The markers of the partition key, if each of its columns has one: what drivers route by."""

    def run(self, run: Run) -> Rows:
        """Return the rows, or the next page of them."""
        raise NotImplementedError


def plan_select(
    select: Select, family: ColumnFamily, scope: Scope, made_rows: MadeRows | None = None
) -> SelectPlan:
    """Return the plan of a SELECT from a column family. Raises Cassandra's errors.

    ``made_rows`` are those of a family that is ``system``.
    """
    raise NotImplementedError
