"""Rows of a column family, read and written exactly: what is there, what was deleted, what is new.

A change of a row reads it with what is known of deletions, applies itself and writes what has come
of it. That a fast statement could have done the same is for the one who asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from fivefold.models.widecolumn.reaches import Reach
from fivefold.models.widecolumn.rows import Row, decoded, encoded, left
from fivefold.models.widecolumn.shape import STATIC, Partition, Values
from fivefold.models.widecolumn.statements import Plans, Side
from fivefold.plan.statement import Prepared


class Runner(Protocol):
    """A store's connection, inside a transaction."""

    def run(self, prepared: Prepared, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]: ...
    def stream(
        self, prepared: Prepared, parameters: Sequence[Any] = ()
    ) -> Iterator[tuple[Any, ...]]: ...
    def changes(self) -> int: ...


Watch = Callable[[Partition, Values | None, Row, Row], None]
"""Told of a row's partition, its clustering (None: the static row), and it before and after."""


class Keeper:
    """The rows of one family over one connection.

    ``need_past`` is called before something is written to the table of what was deleted that is
    not there yet; it raises. ``watch`` is told of every row that changes, if there is one.
    """

    __slots__ = ("_need_past", "_runner", "now_s", "plans", "watch")

    def __init__(
        self,
        runner: Runner,
        plans: Plans,
        now_s: int,
        need_past: Callable[[], None],
        watch: Watch | None = None,
    ) -> None:
        self._runner = runner
        self.plans = plans
        self.now_s = now_s
        self._need_past = need_past
        self.watch = watch

    def read(self, side: Side, partition: Partition, kept: Values) -> Row | None:
        """Return the row of clustering values as the table holds them; None: there is none."""
        rows = self._runner.run(side.read, (partition.token, *partition.values, *kept))
        return _row(side, rows[0]) if rows else None

    def current(self, partition: Partition, clustering: Values | None) -> Row:
        """Return what there is of a row, or of the static one if there is no clustering."""
        if clustering is None:
            return self.read(self.plans.static, partition, ()) or Row()
        kept = self.plans.shape.kept(clustering)
        return self.read(self.plans.rows, partition, kept) or Row()

    def rows_of(self, partition: Partition) -> Iterator[tuple[Values, Row]]:
        """Yield the rows of a partition with their clusterings, in order."""
        side, shape = self.plans.rows, self.plans.shape
        count = len(shape.clustering)
        for found in self._runner.stream(side.ordered, (partition.token, *partition.values)):
            yield self._clustering(found[:count]), _row(side, found[count:])

    def _clustering(self, kept: Sequence[Any]) -> Values:
        columns = self.plans.shape.clustering
        return tuple([column.stored(value) for column, value in zip(columns, kept, strict=True)])

    def change(
        self,
        partition: Partition,
        clustering: Values | None,
        timestamp: int,
        apply: Callable[[Row], None],
    ) -> None:
        """Have a row, the static one if there is no clustering, changed as of that timestamp."""
        side = self.plans.static if clustering is None else self.plans.rows
        kept = () if clustering is None else self.plans.shape.kept(clustering)
        covered, found = self._past(side, partition, clustering)
        if covered is not None and timestamp <= covered:
            return
        row = self.read(side, partition, kept)
        before = None
        if self.watch is not None:
            before = self.read(side, partition, kept) or Row()
        existed = row is not None
        row = row or Row()
        if covered is not None:
            for each in found:
                each.delete(covered, self.now_s)
        for each in found:
            row.absorb(side.parts, each)
        apply(row)
        self._write(side, partition, clustering, kept, row, existed, bool(found))
        if self.watch is not None and before is not None:
            self.watch(partition, clustering, before, row)

    def reclaim(self, partition: Partition, clustering: Values | None) -> None:
        """Have a row, the static one if there is no clustering, without what has expired."""
        side = self.plans.static if clustering is None else self.plans.rows
        kept = () if clustering is None else self.plans.shape.kept(clustering)
        row = self.read(side, partition, kept)
        if row is None:
            return
        before = self.read(side, partition, kept)
        self._write(side, partition, clustering, kept, row, True, False)
        if self.watch is not None and before is not None:
            self.watch(partition, clustering, before, row)

    def _past(
        self, side: Side, partition: Partition, clustering: Values | None
    ) -> tuple[int | None, list[Row]]:
        """Return the newest deletion of a row, and what is known of deletions of its cells."""
        past = self.plans.past
        if past is None:
            return None, []
        shape = self.plans.shape
        key = STATIC if clustering is None else shape.row_key(clustering)
        rows = self._runner.run(past.find, (partition.token, partition.raw, key, key))
        covered = max((at for _, _, at, cells in rows if cells is None), default=None)
        nothing = [None] * len(side.parts)
        found = [decoded(side.parts, nothing, 0, row[3]) for row in rows if row[3] is not None]
        return covered, found

    def _write(
        self,
        side: Side,
        partition: Partition,
        clustering: Values | None,
        kept: Values,
        row: Row,
        existed: bool,
        remembered: bool,
    ) -> None:
        """Write what a row has become; ``remembered``: the past had something of its cells."""
        shape, run = self.plans.shape, self._runner.run
        key = (partition.token, *partition.values, *kept)
        made = encoded(side.parts, row, self.now_s, self.now_s - shape.gc_grace_s)
        if remembered and self.plans.past is not None:
            place = (partition.token, partition.raw, *shape.range_of(clustering))
            run(self.plans.past.drop, place)
        if made is not None:
            run(side.write, (*key, *made.values, made.written, made.cells, made.expires))
            return
        if existed:
            run(side.remove, key)
        remains = left(row)
        if remains is not None:
            cells, at, second = remains
            self.remember(partition, shape.range_of(clustering), at, cells, second)

    def remember(
        self, partition: Partition, range: Sequence[bytes], at: int, cells: str | None, second: int
    ) -> None:
        """Note what was deleted."""
        if self.plans.past is None:
            self._need_past()
        assert self.plans.past is not None
        row = (partition.token, partition.raw, *range, at, cells, second)
        self._runner.run(self.plans.past.add, row)

    def delete(self, partition: Partition, reach: Reach, timestamp: int) -> None:
        """Delete all rows that are reached, as of that timestamp."""
        plans, run = self.plans, self._runner.run
        if plans.past is None:
            self._need_past()
        assert plans.past is not None
        for low, high in reach.ranges:
            run(plans.past.forget, (partition.token, partition.raw, low, high, timestamp))
            self.remember(partition, (low, high), timestamp, None, self.now_s)
        self._delete(plans.rows, partition, reach, timestamp)
        if not reach.condition and plans.shape.static:
            self._delete(plans.static, partition, reach, timestamp)

    def _delete(self, side: Side, partition: Partition, reach: Reach, timestamp: int) -> None:
        run, shape = self._runner.run, self.plans.shape
        place = (partition.token, *partition.values, *reach.values)
        rest = ' AND "cells$" IS NOT NULL'
        if self.watch is None:
            run(side.remove_plain(reach.condition, reach.types), (*place, timestamp))
        else:
            rest = ""
        count = 0 if side.static else len(shape.clustering)
        for found in run(side.within(reach.condition + rest, reach.types), place):
            kept = found[:count]
            clustering = None if side.static else self._clustering(kept)
            row = _row(side, found[count:])
            row.delete(timestamp, self.now_s)
            self._write(side, partition, clustering, kept, row, True, False)
            if self.watch is not None:
                self.watch(partition, clustering, _row(side, found[count:]), row)


def _row(side: Side, found: Sequence[Any]) -> Row:
    values, (written, cells, _) = found[:-3], found[-3:]
    return decoded(side.parts, values, written, cells)
