"""Counters: numbers that are added to, and deleted, but not written.

Source: "Counters" of "Data types" in Cassandra's CQL reference.
"""

from __future__ import annotations

from collections.abc import Sequence

from fivefold.languages.cql.run import Run
from fivefold.languages.cql.write.operations import Count, increment
from fivefold.languages.cql.write.writer import Writer
from fivefold.models.widecolumn.reaches import Reach
from fivefold.models.widecolumn.shape import Partition, Values
from fivefold.models.widecolumn.statements import SAFE, Side


class Counting:
    """What a statement does to the counters of a row and of a static row.

    ``deleted`` are the names of columns that go.
    """

    def __init__(
        self, writer: Writer, counts: Sequence[Count], deleted: Sequence[str] = ()
    ) -> None:
        self._writer = writer
        static = {part.name for part in writer.shape.static}
        self._counts = [
            [count for count in counts if (count.column.name in static) is is_static]
            for is_static in (False, True)
        ]
        self._deleted = [
            [name for name in dict.fromkeys(deleted) if (name in static) is is_static]
            for is_static in (False, True)
        ]
        self.changes_rows = bool(self._counts[0] or self._deleted[0])

    def change(self, run: Run, partition: Partition, clustering: Values) -> None:
        """Change the counters of a row."""
        kept = self._writer.shape.kept(clustering)
        self._change(run, self._writer.plans(run.unit).rows, partition, kept)

    def change_static(self, run: Run, partition: Partition) -> None:
        """Change the counters of a static row, if any are named."""
        if self._counts[1] or self._deleted[1]:
            self._change(run, self._writer.plans(run.unit).static, partition, ())

    def _change(self, run: Run, side: Side, partition: Partition, kept: Values) -> None:
        runner = run.unit.runner
        key = (partition.token, *partition.values, *kept)
        own = (0, None, None) if side.timed else ()
        given = [
            (count.column.name, increment(count.evaluate(run), count.sign))
            for count in self._counts[side.static]
        ]
        added = {name: number for name, number in given if number is not None}
        if added:
            if all(-SAFE <= number <= SAFE for number in added.values()):
                runner.run(side.count(tuple(added)), (*key, *added.values(), *own))
                if runner.changes():
                    return
            known = self._read(run, side, key)
            for name, number in added.items():
                known[name] = (number + (known[name] or 0) + 2**63) % 2**64 - 2**63
            runner.run(side.write, (*key, *known.values(), *own))
        if self._deleted[side.static]:
            known = self._read(run, side, key)
            known |= dict.fromkeys(self._deleted[side.static])
            if any(value is not None for value in known.values()):
                runner.run(side.write, (*key, *known.values(), *own))
            else:
                runner.run(side.remove, key)

    @staticmethod
    def _read(run: Run, side: Side, key: Sequence[object]) -> dict[str, int | None]:
        rows = run.unit.runner.run(side.read, key)
        names = [part.name for part in side.parts]
        return dict(zip(names, rows[0], strict=False)) if rows else dict.fromkeys(names)

    def delete(self, run: Run, partition: Partition, reach: Reach) -> None:
        """Delete whole rows."""
        plans, runner = self._writer.plans(run.unit), run.unit.runner
        place = (partition.token, *partition.values, *reach.values)
        runner.run(plans.rows.remove_plain(reach.condition, reach.types), place)
        if not reach.condition and self._writer.shape.static:
            runner.run(plans.static.remove, place)
