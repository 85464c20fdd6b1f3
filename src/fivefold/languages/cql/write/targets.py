"""Which rows a statement is about: those of an INSERT's values, or of a WHERE."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from fivefold.languages.cql.relations import Restrictions, key_value
from fivefold.languages.cql.run import Run
from fivefold.languages.cql.tables import Column
from fivefold.languages.cql.terms import Value
from fivefold.models.widecolumn.reaches import PARTITION, Reach, reach_of
from fivefold.models.widecolumn.shape import Shape, Values
from fivefold.values.cql.faults import invalid_value
from fivefold.values.cql.tokens import KEY_BYTES_MAX


class Targets(Protocol):
    """The rows of a statement. ``single`` are the key's values if it is about one row."""

    @property
    def single(self) -> tuple[Value, ...] | None: ...
    def partitions(self, run: Run) -> Sequence[Values]: ...
    def rows(self, run: Run) -> Sequence[Values]:
        """Return the clustering of each row of a partition."""
        ...


class InsertTargets:
    """The one row of an INSERT."""

    def __init__(
        self,
        partition: Sequence[tuple[Column, Value]],
        clustering: Sequence[tuple[Column, Value]],
    ) -> None:
        self._partition = partition
        self._clustering = clustering
        self.single: tuple[Value, ...] | None = tuple(
            value for _, value in (*partition, *clustering)
        )

    def partitions(self, run: Run) -> Sequence[Values]:
        """Return the partition."""
        return [
            tuple(
                [
                    key_value(column, value.evaluate(run), filtered=False)
                    for column, value in self._partition
                ]
            )
        ]

    def rows(self, run: Run) -> Sequence[Values]:
        """Return the row's clustering."""
        found = [
            key_value(column, value.evaluate(run), filtered=False)
            for column, value in self._clustering
        ]
        return [checked(self._clustering, tuple(found))]


def checked(columns: Sequence[tuple[Column, Value]], values: Values) -> Values:
    """Return clustering values. Raises InvalidRequest for one that is too long."""
    for (column, _), value in zip(columns, values, strict=True):
        if isinstance(value, str | bytes) and 4 * len(value) > KEY_BYTES_MAX:
            size = len(column.codec.to_wire(value) or b"")
            if size > KEY_BYTES_MAX:
                raise invalid_value(
                    f"Key length of {size} is longer than maximum of {KEY_BYTES_MAX}"
                )
    return values


class WhereTargets:
    """The rows of an UPDATE or a DELETE."""

    def __init__(self, shape: Shape, restrictions: Restrictions) -> None:
        self.restrictions = restrictions
        self._shape = shape
        self.single: tuple[Value, ...] | None = None
        partition, clustering = restrictions.partition, restrictions.clustering
        if partition is not None and len(clustering) == len(shape.clustering):
            self.single = (*partition, *clustering)

    def partitions(self, run: Run) -> Sequence[Values]:
        """Return the partitions."""
        return self.restrictions.partitions(run)

    def rows(self, run: Run) -> Sequence[Values]:
        """Return the rows' clusterings, all columns of each."""
        if not self._shape.clustering:
            return [()]
        return [each.equal for each in self.restrictions.slices(run)]

    def reaches(self, run: Run) -> Sequence[Reach]:
        """Return what rows of each partition a DELETE takes."""
        if not self.restrictions.restricts_clustering:
            return [PARTITION]
        self.restrictions.refuse_null_bounds(run)
        return [
            reach_of(
                *(self._shape, each.equal, each.low, each.low_inclusive),
                *(each.high, each.high_inclusive),
            )
            for each in self.restrictions.slices(run)
        ]
