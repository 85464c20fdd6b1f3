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
from fivefold.languages.cql.write.shapes import Apply, Change, Look, Operation, Stamp
from fivefold.languages.cql.write.targets import Targets, WhereTargets
from fivefold.languages.cql.write.writer import Writer
from fivefold.models.widecolumn.cells import Cell, Part
from fivefold.models.widecolumn.keeping import Keeper
from fivefold.models.widecolumn.rows import Row
from fivefold.models.widecolumn.shape import Partition, Values
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
        self.rows, self.row_looks = _parted(rows)
        self.statics, self.static_looks = _parted(statics)
        self.looks = bool(self.row_looks or self.static_looks)
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
        if self.inserts or self.deletes or self.rows or self.row_looks:
            return False
        kinds = {test.column.kind for test in tests}
        statics = bool(self.statics or self.static_looks)
        return "regular" not in kinds and (statics or bool(kinds))

    @property
    def asks_statics(self) -> bool:
        """Say whether what it asks is about the static row alone."""
        tests = () if self.conditions is None else self.conditions.tests
        return self.static_only if not tests else all(one.column.kind == "static" for one in tests)

    def run(self, run: Run) -> Rows | Void:
        """Do it, within a unit that writes."""
        if self.conditions is not None:
            from fivefold.languages.cql.write.conditional import run_conditionally

            return run_conditionally([(self, run)], run, batch=False)
        timestamp = self.attributes.timestamp(run)
        if self.looks:
            look([(self, run, timestamp)])
        self.write(run, timestamp)
        return VOID

    def write(self, run: Run, timestamp: int, ranges_at: int | None = None) -> None:
        """Do it as of a timestamp, whatever the conditions, but for what it has to look for.

        ``ranges_at`` is the timestamp of a deletion that is not of single rows, if another one.
        """
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
                single = bool(self.writer.shape.clustering) and self.targets.single is not None
                at = timestamp if single or ranges_at is None else ranges_at
                for reach in self.targets.reaches(run):
                    keeper.delete(partition, reach, at)

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
            if not self.counting.changes_rows:
                self.counting.change_static(run, partition)
                continue
            for clustering in self.targets.rows(run):
                # A static counter is added to for each of the rows.
                self.counting.change_static(run, partition)
                self.counting.change(run, partition, clustering)


def _parted(operations: Sequence[Operation]) -> tuple[list[Change], list[Look]]:
    looks = [each for each in operations if isinstance(each, Look)]
    return [each for each in operations if not isinstance(each, Look)], looks


class _Picked:
    """What is done to items of lists of one row; ``timestamp`` is the newest."""

    def __init__(self, keeper: Keeper, partition: Partition, clustering: Values | None) -> None:
        self.keeper = keeper
        self.partition = partition
        self.clustering = clustering
        self.timestamp = -(2**63)
        self.items: list[tuple[Part, int, Cell]] = []

    def apply(self, row: Row) -> None:
        """Do it to the row."""
        for part, place, cell in self.items:
            row.parts(part).replace(place, cell)


def look(statements: Sequence[tuple[Modification, Run, int]]) -> None:
    """Do what statements with their timestamps do to items of lists that they look for.

    They are done together: each sees the lists as they were before all of them.
    """
    found: dict[tuple[str, str, bytes, Values | None], _Picked] = {}
    for modification, run, timestamp in statements:
        writer, targets = modification.writer, modification.targets
        stamp = modification.attributes.stamp(run, timestamp)
        writer.need_expiry(run.unit, stamp)
        keeper = writer.keeper(run)
        for values in targets.partitions(run):
            partition = writer.partition(values)
            rows: list[tuple[Values | None, list[Look]]] = [(None, modification.static_looks)]
            if modification.row_looks:
                rows += [(each, modification.row_looks) for each in targets.rows(run)]
            for clustering, looks in rows:
                if not looks:
                    continue
                row = keeper.current(partition, clustering)
                place = (writer.shape.namespace, writer.shape.name, partition.raw, clustering)
                picked = found.setdefault(place, _Picked(keeper, partition, clustering))
                picked.timestamp = max(picked.timestamp, timestamp)
                for each in looks:
                    pick = each.bind(run, stamp)
                    items = () if pick is None else pick(row.parts(each.part))
                    picked.items += [(each.part, place, cell) for place, cell in items]
    for picked in found.values():
        if picked.items:
            picked.keeper.change(
                picked.partition, picked.clustering, picked.timestamp, picked.apply
            )


def _markers(single: Sequence[Value] | None, count: int) -> tuple[int, ...]:
    """Return the numbers of the markers that the partition key is, or nothing."""
    markers = [] if single is None else [value.marker for value in single[:count]]
    found = tuple([marker for marker in markers if marker is not None])
    return found if len(found) == count else ()


def _bound(operations: Sequence[Change], run: Run, stamp: Stamp) -> list[Apply]:
    found = [operation(run, stamp) for operation in operations]
    return [apply for apply in found if apply is not None]


def _all(marker: Cell | None, applies: Sequence[Apply]) -> Apply:
    def apply(row: Row) -> None:
        if marker is not None:
            row.mark(marker)
        for each in applies:
            each(row)

    return apply
