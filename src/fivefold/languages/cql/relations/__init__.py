"""WHERE: which relations a statement may have, and what they mean.

Source: "The WHERE clause" of "Data manipulation" in Cassandra's CQL reference, version 5.0; the
rules and messages are those observed of Cassandra 5.0.

- ``restrict`` reads the relations of SELECT, UPDATE, DELETE or a materialized view.
- ``Restrictions`` say what they come to: the partitions and slices of them that a run is about
  (``partitions``, ``slices``), and what is left to be seen of each row (``matches``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fivefold.languages.cql.run import Run
from fivefold.languages.cql.tables import Column, ColumnFamily
from fivefold.languages.cql.terms import Scope, Value
from fivefold.languages.cql.tree import Relation
from fivefold.values.records import Record
from fivefold.values.types import Stored

Values = tuple[Stored, ...]


class Slice(Record):
    """Rows of a partition: whose first clustering columns are ``equal``, and the next between.

    A bound has the values of the columns that come next, one or more of them (rows compare with it
    as tuples of values do, whatever the order that the columns lie in); None is no bound. An
    ``equal`` of all clustering columns is one row.
    """

    equal: Values
    low: Values | None = None
    low_inclusive: bool = True
    high: Values | None = None
    high_inclusive: bool = True


class Restrictions:
    """What the relations of a statement come to.

    - ``partition``: the values of the partition key, if each has one ``=``; ``clustering`` those
      of the leading clustering columns that have one. Who has them all needs no ``partitions``
      and ``slices``; null and unset values are still to be refused (``key_value``).
    - ``whole_rows``: all clustering columns are given; ``several_partitions``: an IN has several
      values; ``restricts_clustering``: some clustering column is restricted.
    - ``not_null``: columns of ``IS NOT NULL``, of views.
    """

    partition: tuple[Value, ...] | None
    clustering: tuple[Value, ...]
    whole_rows: bool
    several_partitions: bool
    restricts_clustering: bool
    not_null: tuple[Column, ...]

    def partitions(self, run: Run) -> list[Values]:
        """Return the partition keys that are meant, each once, in the order of their tokens."""
        raise NotImplementedError

    def slices(self, run: Run) -> list[Slice]:
        """Return what is meant of each partition, in the order of its rows; it may be nothing."""
        raise NotImplementedError

    def matches(self, run: Run) -> Callable[[Sequence[Stored]], bool]:
        """Return what says whether a row, in the order of the family's columns, is meant."""
        raise NotImplementedError


def key_value(column: Column, found: object) -> Stored:
    """Return a key's value. Raises Cassandra's errors for one that is null or unset."""
    raise NotImplementedError


def restrict(
    family: ColumnFamily,
    relations: Sequence[Relation],
    scope: Scope,
    kind: str = "SELECT",
    *,
    allow_filtering: bool = False,
    static_only: bool = False,
) -> Restrictions:
    """Return what relations mean. Raises Cassandra's errors for those that may not be.

    ``kind``: SELECT, UPDATE, DELETE or VIEW; ``static_only``: the statement is about static
    columns and the partition key only. That DELETE of columns needs ``whole_rows`` is left to it.
    """
    raise NotImplementedError
