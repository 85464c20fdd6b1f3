"""An INSERT, UPDATE or DELETE, compiled: what it does to which rows."""

from __future__ import annotations

from collections.abc import Sequence

from fivefold.languages.cql.results import Rows, Void
from fivefold.languages.cql.run import Run
from fivefold.languages.cql.tables import ColumnFamily
from fivefold.languages.cql.terms import Value
from fivefold.languages.cql.write.attributes import Attributes
from fivefold.languages.cql.write.conditions import Condition
from fivefold.languages.cql.write.counters import Counting
from fivefold.languages.cql.write.quick import Quick
from fivefold.languages.cql.write.shapes import Apply, Operation, Stamp
from fivefold.languages.cql.write.targets import Targets, WhereTargets
from fivefold.languages.cql.write.writer import Writer
from fivefold.models.widecolumn.cells import Cell
from fivefold.models.widecolumn.rows import Row
from fivefold.values.records import Record

VOID = Void()


class Conditions(Record):
    """IF. ``exists``: whether the row has to be there, None if ``tests`` say what is asked."""

    exists: bool | None = None
    tests: tuple[Condition, ...] = ()


class Modification:
    """See ``plan.ModificationPlan``.

    ``rows`` are done to each of the rows, ``statics`` to the static row of each partition;
    ``inserts``: the rows are marked as inserted; ``deletes``: whole rows go.
    """

    def __init__(
        self,
        writer: Writer,
        attributes: Attributes,
        targets: Targets,
        *,
        rows: Sequence[Operation] = (),
        statics: Sequence[Operation] = (),
        counting: Counting | None = None,
        conditions: Conditions | None = None,
        inserts: bool = False,
        deletes: bool = False,
    ) -> None:
        self.writer = writer
        self.attributes = attributes
        self.targets = targets
        self.rows = rows
        self.statics = statics
        self.counting = counting
        self.conditions = conditions
        self.inserts = inserts
        self.deletes = deletes
        self.quick: Quick | None = None
        self.partition = _markers(targets.single, len(writer.shape.partition))

    @property
    def family(self) -> ColumnFamily:
        """The table that it writes."""
        return self.writer.family

    @property
    def conditional(self) -> bool:
        """Say whether it has IF."""
        return self.conditions is not None

    @property
    def static_only(self) -> bool:
        """Say whether it, and what it asks, is about static rows alone."""
        tests = () if self.conditions is None else self.conditions.tests
        if self.inserts or self.deletes or self.rows:
            return False
        kinds = {test.column.kind for test in tests}
        return "regular" not in kinds and (bool(self.statics) or bool(kinds))

    def run(self, run: Run) -> Rows | Void:
        """Do it, within a unit that writes."""
        if self.conditions is not None:
            from fivefold.languages.cql.write.conditional import run_conditionally

            return run_conditionally([(self, run)], run, batch=False)
        self.write(run, self.attributes.timestamp(run))
        return VOID

    def write(self, run: Run, timestamp: int) -> None:
        """Do it as of a timestamp, whatever the conditions."""
        if self.quick is not None and self.quick.run(run, timestamp):
            return
        if self.writer.shape.counter:
            self._count(run)
            return
        stamp = self.attributes.stamp(run, timestamp)
        self.writer.need_expiry(run.unit, stamp)
        rows = _bound(self.rows, run, stamp)
        statics = _bound(self.statics, run, stamp)
        marker = Cell(True, timestamp, stamp.ttl, stamp.second) if self.inserts else None
        partitions = self.targets.partitions(run)
        clusterings = self.targets.rows(run) if rows or marker is not None else ()
        keeper = self.writer.keeper(run)
        run.unit.expect(len(partitions) * max(len(clusterings), 1))
        for values in partitions:
            partition = self.writer.partition(values)
            if statics:
                keeper.change(partition, None, timestamp, _all(None, statics))
            for clustering in clusterings:
                keeper.change(partition, clustering, timestamp, _all(marker, rows))
            if self.deletes:
                assert isinstance(self.targets, WhereTargets)
                for reach in self.targets.reaches(run):
                    keeper.delete(partition, reach, timestamp)

    def _count(self, run: Run) -> None:
        """Do it to counters."""
        assert self.counting is not None
        for values in self.targets.partitions(run):
            partition = self.writer.partition(values)
            if self.deletes:
                assert isinstance(self.targets, WhereTargets)
                for reach in self.targets.reaches(run):
                    self.counting.delete(run, partition, reach)
                continue
            self.counting.change_static(run, partition)
            if self.counting.changes_rows:
                for clustering in self.targets.rows(run):
                    self.counting.change(run, partition, clustering)


def _markers(single: Sequence[Value] | None, count: int) -> tuple[int, ...]:
    """Return the numbers of the markers that the partition key is, or nothing."""
    markers = [] if single is None else [value.marker for value in single[:count]]
    found = tuple([marker for marker in markers if marker is not None])
    return found if len(found) == count else ()


def _bound(operations: Sequence[Operation], run: Run, stamp: Stamp) -> list[Apply]:
    found = [operation(run, stamp) for operation in operations]
    return [apply for apply in found if apply is not None]


def _all(marker: Cell | None, applies: Sequence[Apply]) -> Apply:
    def apply(row: Row) -> None:
        if marker is not None:
            row.mark(marker)
        for each in applies:
            each(row)

    return apply
