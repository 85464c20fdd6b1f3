"""What a new index or materialized view has of the rows that are there already."""

from __future__ import annotations

from collections.abc import Callable

from fivefold.languages.cql.run import Run
from fivefold.languages.cql.tables import ColumnFamily
from fivefold.languages.cql.write.writer import Writer
from fivefold.languages.unit import Altering, watched
from fivefold.models.widecolumn.keeping import Watch
from fivefold.models.widecolumn.rows import Row, decoded
from fivefold.models.widecolumn.shape import Partition


def fill(
    unit: Altering, family: ColumnFamily, watcher: Callable[[Run], Watch], *, static: bool = False
) -> None:
    """Tell of all rows of a table, or of its static ones, as if they were just written."""
    writer, run = Writer(family), Run(unit)
    watch, plans, shape = watcher(run), writer.plans(unit), writer.shape
    side = plans.static if static else plans.rows
    first, count = 1 + len(shape.partition), 0 if static else len(shape.clustering)
    for found in watched(unit.runner.stream(side.everything), unit.check):
        token, *values = found[:first]
        kept = found[first : first + count]
        clustering = tuple(
            [column.stored(value) for column, value in zip(shape.clustering, kept, strict=False)]
        )
        *cells, written, named, _ = found[first + count :]
        row = decoded(side.parts, cells, written, named)
        partition = Partition(token, tuple(values), b"")
        watch(partition, None if static else clustering, Row(), row)
