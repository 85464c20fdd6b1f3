"""Plans of statements that change data, and of batches of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from fivefold.languages.cql.results import Rows, Void
from fivefold.languages.cql.run import Run
from fivefold.languages.cql.tables import ColumnFamily
from fivefold.languages.cql.terms import Scope
from fivefold.languages.cql.tree import Batch, Modification, Name
from fivefold.languages.unit import Unit

Resolve = Callable[[Name], ColumnFamily]
"""A table's name in a statement to the table; a materialized view's too. Raises as Cassandra."""


class ModificationPlan(Protocol):
    """INSERT, UPDATE or DELETE.

    ``partition`` are the numbers of the markers that are the partition key, in its order; empty if
    not all of it are markers. ``conditional``: it has IF, and returns rows.
    """

    @property
    def family(self) -> ColumnFamily: ...
    @property
    def partition(self) -> tuple[int, ...]: ...
    @property
    def conditional(self) -> bool: ...
    def run(self, run: Run) -> Rows | Void:
        """Do it, within a unit that writes. Raises NeedsChange, and errors as Cassandra's."""
        ...


class BatchPlan(Protocol):
    """BEGIN BATCH … APPLY BATCH."""

    @property
    def partition(self) -> tuple[int, ...]: ...
    @property
    def conditional(self) -> bool: ...
    def run(self, run: Run) -> Rows | Void: ...


def plan_modification(
    statement: Modification, family: ColumnFamily, scope: Scope, resolve: Resolve
) -> ModificationPlan:
    """Return the plan of a statement on that table, which resolves its materialized views."""
    raise NotImplementedError


def plan_batch(batch: Batch, scope: Scope, resolve: Resolve) -> BatchPlan:
    """Return the plan of a batch; ``scope`` collects the markers of all its statements."""
    raise NotImplementedError


def run_batch(
    kind: str, statements: Sequence[tuple[ModificationPlan, Run]], run: Run
) -> Rows | Void:
    """Run a batch of the protocol: each plan with its own parameters, all with ``run``'s options.

    ``kind``: logged, unlogged or counter.
    """
    raise NotImplementedError


def truncate(unit: Unit, family: ColumnFamily) -> None:
    """Empty a table, with its indexes and materialized views."""
    raise NotImplementedError
