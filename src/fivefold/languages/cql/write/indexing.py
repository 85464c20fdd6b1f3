"""Indexes that are tables, kept in step with their column row by row, in the same transaction.

Source: "Secondary Indexes" of Cassandra's CQL reference.
"""

from __future__ import annotations

from fivefold.catalog.containers import FamilyIndex
from fivefold.languages.cql.indexed import index_keys
from fivefold.languages.cql.run import Run
from fivefold.languages.cql.tables import ColumnFamily
from fivefold.languages.cql.write.shapes import part_of, shape_of
from fivefold.languages.unit import Unit
from fivefold.models.widecolumn.keeping import Watch
from fivefold.models.widecolumn.layout import INDEXED, TOKEN, index_name, statement
from fivefold.models.widecolumn.rows import Row
from fivefold.models.widecolumn.shape import Partition, Values, named
from fivefold.plan.statement import Prepared
from fivefold.values.types import BYTEA, INT8

_ANY_TIME = -1
"""A second at which whatever has a value is there, expired or not."""


class Indexing:
    """What an index has of its table's rows, or of their static ones."""

    def __init__(self, family: ColumnFamily, index: FamilyIndex) -> None:
        column = family.by_name[index.column]
        self._static = column.kind == "static"
        self._part = part_of(column)
        self._keys = index_keys(column, index.target)
        self._shape = shape = shape_of(family)
        self._table = (family.keyspace, index_name(family.name, index.name))
        key = shape.partition if self._static else (*shape.partition, *shape.clustering)
        self._names = [named(INDEXED), named(TOKEN), *(named(one.name) for one in key)]
        self._types = [BYTEA, INT8, *(one.type for one in key)]

    def watch(self, run: Run) -> Watch:
        """Return what keeps the index in step with each row that a run changes."""
        unit = run.unit
        add, remove = unit.remember(("cql index", *self._table), lambda: self._prepared(unit))

        def watch(partition: Partition, clustering: Values | None, before: Row, after: Row) -> None:
            if (clustering is None) != self._static:
                return
            old = self._found(before, _ANY_TIME)
            new = self._found(after, run.now_s) if after.is_live(run.now_s) else set()
            if old == new:
                return
            kept = () if clustering is None else self._shape.kept(clustering)
            place = (partition.token, *partition.values, *kept)
            for key in old - new:
                unit.runner.run(remove, (key, *place))
            for key in new - old:
                unit.runner.run(add, (key, *place))

        return watch

    def _found(self, row: Row, now_s: int) -> set[bytes]:
        stored = row.value(self._part, now_s)
        return set() if stored is None else self._keys(stored)

    def _prepared(self, unit: Unit) -> tuple[Prepared, Prepared]:
        """Return what adds a key of a row and what removes one."""
        names, containers = ", ".join(self._names), {"i": self._table}
        marks = ", ".join("?" * len(self._names))
        add = f"INSERT INTO {{i}} ({names}) VALUES ({marks}) ON CONFLICT DO NOTHING"
        at = " AND ".join([f"{name} = ?" for name in self._names])
        return (
            unit.prepare(statement(add, containers, self._types, writes=True)),
            unit.prepare(
                statement(f"DELETE FROM {{i}} WHERE {at}", containers, self._types, writes=True)
            ),
        )
