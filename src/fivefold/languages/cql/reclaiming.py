"""Space taken back: what has expired, and deletions that need not be remembered any more.

A deletion is remembered for ``gc_grace_seconds``; see "Deletes" and the table options of
Cassandra's CQL reference. What has expired is a deletion of the moment at which it was written, as
it is there. Rows of materialized views and entries of indexes go with the rows that they are of.
"""

from __future__ import annotations

from fivefold.languages.cql.run import Run
from fivefold.languages.cql.schema.families import find
from fivefold.languages.cql.schema.typing import namer
from fivefold.languages.cql.tables import ColumnFamily
from fivefold.languages.cql.terms import Scope
from fivefold.languages.cql.write.writer import Writer
from fivefold.languages.unit import Unit
from fivefold.models.widecolumn.statements import Side

Name = tuple[str, str]


def is_due(unit: Unit, name: Name) -> bool:
    """Say whether there is something to be taken back in a table."""
    writer = _writer(unit, name)
    if writer is None:
        return False
    now_s = Run(unit).now_s
    plans = writer.plans(unit)
    forgotten = now_s - writer.shape.gc_grace_s
    if plans.past is not None and unit.runner.run(plans.past.forgotten, (forgotten,)):
        return True
    return any(unit.runner.run(side.expired, (now_s, 1)) for side in _sides(writer, unit))


def reclaim(unit: Unit, name: Name, most: int) -> int:
    """Take back at most so many rows, and so many deletions; return how many rows it was."""
    writer = _writer(unit, name)
    if writer is None:
        return 0
    run = Run(unit)
    shape, plans = writer.shape, writer.plans(unit)
    keeper = writer.keeper(run)
    count = 0
    for side in _sides(writer, unit):
        for _, *values in unit.runner.run(side.expired, (run.now_s, most - count)):
            partition = writer.partition(tuple(values[: len(shape.partition)]))
            kept = values[len(shape.partition) :]
            clustering = tuple(
                [column.stored(one) for column, one in zip(shape.clustering, kept, strict=False)]
            )
            keeper.reclaim(partition, None if side.static else clustering)
            count += 1
    if plans.past is not None:
        unit.runner.run(plans.past.clean, (run.now_s - shape.gc_grace_s, most))
    return count


def _writer(unit: Unit, name: Name) -> Writer | None:
    """Return what writes to a table; None if it is none, or nothing of it ever goes."""
    family = find(unit.catalog, *name)
    if family is None or family.family.base is not None or family.is_counter:
        return None
    if not (family.family.past or family.family.expires):
        return None

    def make() -> Writer:
        writer = Writer(family, lambda other: _found(unit, name[0], other[1]))
        writer.keep_others(Scope(*name, namer(unit.catalog, name[0]), family))
        return writer

    return unit.remember(("cql reclaiming", *name), make)


def _found(unit: Unit, keyspace: str, name: str) -> ColumnFamily:
    found = find(unit.catalog, keyspace, name)
    assert found is not None, name
    return found


def _sides(writer: Writer, unit: Unit) -> list[Side]:
    if not writer.family.family.expires:
        return []
    plans = writer.plans(unit)
    return [plans.rows, plans.static] if writer.shape.static else [plans.rows]
