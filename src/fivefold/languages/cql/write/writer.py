"""One table to be written: its statements, its keeper, and what has to be kept in step with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from fivefold.catalog.changes import CreateContainer, Describe
from fivefold.catalog.containers import FamilyIndex, View
from fivefold.languages.cql.indexed import is_tabled
from fivefold.languages.cql.run import Run
from fivefold.languages.cql.tables import ColumnFamily
from fivefold.languages.cql.terms import Scope
from fivefold.languages.cql.tree import Name
from fivefold.languages.cql.write.shapes import Stamp, shape_of
from fivefold.languages.unit import NeedsChange, Unit
from fivefold.models.widecolumn.keeping import Keeper, Watch
from fivefold.models.widecolumn.layout import (
    index_name,
    past_name,
    past_table,
    rows_name,
    static_name,
)
from fivefold.models.widecolumn.rows import Row
from fivefold.models.widecolumn.shape import Partition, Shape, Values
from fivefold.models.widecolumn.statements import Plans
from fivefold.values.cql.faults import invalid_value
from fivefold.values.cql.tokens import partition_encoder, token_of

PARTITIONS_MAX = 10_000
"""Partitions that a plan remembers the tokens of."""

WatchMaker = Callable[[Run], Watch]


class Writer:
    """What writes to one table."""

    def __init__(
        self, family: ColumnFamily, resolve: Callable[[Name], ColumnFamily] | None = None
    ) -> None:
        self.family = family
        self.shape = shape_of(family)
        self._encode = partition_encoder([column.codec for column in family.partition])
        self._partitions: dict[Values, Partition] = {}
        # 0.0 and -0.0 are equal, and not one key.
        types = {column.codec.type.name for column in family.partition}
        self._remembers = types.isdisjoint({"float", "double"}) and not any(
            column.codec.type.parameters or column.codec.type.fields for column in family.partition
        )
        self.views: list[ColumnFamily] = []
        if resolve is not None:
            self.views = [resolve((family.keyspace, view)) for view in family.views]
        self.watchers: list[WatchMaker] = []
        """Each makes, for a run, what keeps an index or a view in step."""

    def keep_others(self, scope: Scope) -> None:
        """Have indexes that are tables, and materialized views, kept in step."""
        tabled = self._tabled()
        if tabled:
            from fivefold.languages.cql.write.indexing import Indexing

            self.watchers += [Indexing(self.family, index).watch for index in tabled]
        if self.views:
            from fivefold.languages.cql.write.viewing import Viewing

            for view in self.views:
                self.watchers.append(Viewing(self.family, view, scope.type_named).watch)

    def _tabled(self) -> list[FamilyIndex]:
        family = self.family
        return [one for one in family.indexes if is_tabled(family.by_name[one.column])]

    def plans(self, unit: Unit) -> Plans:
        """Return the statements over the table."""
        return plans_of(unit, self.shape)

    def keeper(self, run: Run) -> Keeper:
        """Return what reads and writes rows exactly."""
        unit = run.unit
        watches = [make(run) for make in self.watchers]
        watch: Watch | None = None
        if watches:

            def watch(
                partition: Partition, clustering: Values | None, before: Row, after: Row
            ) -> None:
                for each in watches:
                    each(partition, clustering, before, after)

        return Keeper(unit.runner, self.plans(unit), run.now_s, lambda: self._need(unit), watch)

    def _need(self, unit: Unit) -> None:
        """Have the table of what was deleted be made."""
        name = (self.shape.namespace, self.shape.name)
        view = unit.catalog.find(*name)
        assert isinstance(view, View)
        assert view.family is not None
        changes: list[CreateContainer | Describe] = []
        if unit.catalog.find(name[0], past_name(name[1])) is None:
            changes.append(CreateContainer(past_table(*name)))
        changes.append(Describe(view, replace(view, family=replace(view.family, past=True))))
        raise NeedsChange(tuple(changes))

    def truncate(self, unit: Unit) -> None:
        """Delete all rows, those of indexes and views too, and what is known of deletions."""
        family = self.family
        tables = [rows_name(family.name)]
        if family.static:
            tables.append(static_name(family.name))
        if family.family.past:
            tables.append(past_name(family.name))
        tables += [index_name(family.name, index.name) for index in self._tabled()]
        tables += [rows_name(view.name) for view in self.views]
        for prepared in self.plans(unit).empty(tables):
            unit.runner.run(prepared)

    def need_expiry(self, unit: Unit, stamp: Stamp) -> None:
        """Have the catalog say that something expires, if it does not yet."""
        if stamp.second is not None and not self.family.family.expires:
            raise expiring(unit, self.shape)

    def partition(self, values: Values) -> Partition:
        """Return the partition of a key. Raises InvalidRequest for one that is no key."""
        found = self._partitions.get(values) if self._remembers else None
        if found is not None:
            return found
        raw = self._encode(values)
        if not raw:
            raise invalid_value("Key may not be empty")
        found = Partition(token_of(raw), values, raw)
        if self._remembers:
            if len(self._partitions) >= PARTITIONS_MAX:
                self._partitions.clear()
            self._partitions[values] = found
        return found


def plans_of(unit: Unit, shape: Shape) -> Plans:
    """Return the statements over a family's tables."""
    key = ("cql tables", shape.namespace, shape.name)
    return unit.remember(key, lambda: Plans(unit.prepare, shape))


def expiring(unit: Unit, shape: Shape) -> NeedsChange:
    """Return what has the catalog say that something of a family expires."""
    from fivefold.languages.cql.schema.laying import flagged  # once in a family's life

    return NeedsChange(flagged(unit.catalog, shape.namespace, shape.name, expires=True))
