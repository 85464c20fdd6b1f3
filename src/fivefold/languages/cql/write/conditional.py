"""Lightweight transactions: statements that are applied if rows are as they ask.

Whoever is refused is shown the rows that were asked for. They are read as Cassandra reads them:
static columns are seen if the statement writes or asks any, regular ones likewise; without a
condition on a row the partition's first one stands for it.

Source: "Lightweight transactions" of Cassandra's CQL reference; what is shown is as observed of
Cassandra 5.0.
"""

from __future__ import annotations

from collections.abc import Sequence

from fivefold.languages.cql.relations import Restrictions
from fivefold.languages.cql.results import ColumnSpec, Rows
from fivefold.languages.cql.run import Run
from fivefold.languages.cql.tables import Column, ColumnFamily
from fivefold.languages.cql.write.conditions import Test
from fivefold.languages.cql.write.modification import Modification, look
from fivefold.languages.cql.write.shapes import part_of
from fivefold.languages.cql.write.targets import WhereTargets
from fivefold.languages.cql.write.writer import Writer
from fivefold.models.widecolumn.keeping import Keeper
from fivefold.models.widecolumn.rows import Row
from fivefold.models.widecolumn.shape import Partition, Values
from fivefold.values.cql.faults import invalid
from fivefold.values.cql.types import BOOLEAN
from fivefold.values.types import Stored

APPLIED = "[applied]"

Statements = Sequence[tuple[Modification, Run]]


class _Asked:
    """What is asked of one row: whether it is there, or what its columns are."""

    def __init__(self) -> None:
        self.exists: bool | None = None
        self.tests: list[tuple[Column, Test]] = []

    def add(self, modification: Modification, run: Run) -> None:
        """Take in the conditions of one more statement. Raises if they contradict."""
        conditions = modification.conditions
        assert conditions is not None
        if conditions.exists is None:
            if self.exists is not None:
                raise invalid("Cannot mix IF conditions and IF NOT EXISTS for the same row")
            self.tests += [(one.column, one.bind(run)) for one in conditions.tests]
            return
        if self.tests:
            raise invalid(
                "Cannot mix IF conditions and IF"
                f" {'' if conditions.exists else 'NOT '}EXISTS for the same row"
            )
        if self.exists is not None and self.exists is not conditions.exists:
            raise invalid("Cannot mix IF EXISTS and IF NOT EXISTS conditions for the same row")
        self.exists = conditions.exists


def run_conditionally(statements: Statements, run: Run, *, batch: bool) -> Rows:
    """Run statements on one partition if all conditions hold; return what came of it."""
    writer = statements[0][0].writer
    partition = _partition(statements, batch)
    static_asked: _Asked | None = None
    asked: dict[Values, _Asked] = {}
    for modification, own in statements:
        if modification.conditions is None:
            continue
        if modification.asks_statics:
            static_asked = static_asked or _Asked()
            static_asked.add(modification, own)
        else:
            (clustering,) = modification.targets.rows(own)
            asked.setdefault(clustering, _Asked()).add(modification, own)
    reader = _Reader(writer, writer.keeper(run), partition, statements)
    rows = {clustering: reader.row(clustering) for clustering in _ordered(writer, asked)}
    holds = static_asked is None or reader.holds(static_asked, None, reader.has_static)
    if holds and all(
        reader.holds(asked[clustering], row, row is not None) for clustering, row in rows.items()
    ):
        look([(one, own, run.now_us) for one, own in statements if one.looks])
        for modification, own in statements:
            # What is deleted by ranges is older than all that the same transaction writes.
            modification.write(own, run.now_us, run.now_us - 1)
        return Rows((_applied(writer.family),), [(1,)])
    return _refused(reader, statements, rows if asked else None, batch)


def _partition(statements: Statements, batch: bool) -> Partition:
    found: Partition | None = None
    for modification, own in statements:
        targets = modification.targets
        if batch and isinstance(targets, WhereTargets):
            _refuse_in(targets.restrictions, "deletions" if modification.deletes else "updates")
        for values in targets.partitions(own):
            partition = modification.writer.partition(values)
            if found is not None and found.raw != partition.raw:
                raise invalid("Batch with conditions cannot span multiple partitions")
            found = partition
    assert found is not None
    return found


def _refuse_in(restrictions: Restrictions, what: str) -> None:
    if restrictions.several_partitions:
        raise invalid(
            "Batch with conditions cannot span multiple partitions"
            " (you cannot use IN on the partition key)"
        )
    if restrictions.several_rows:
        raise invalid(f"IN on the clustering key columns is not supported with conditional {what}")


def _ordered(writer: Writer, asked: dict[Values, _Asked]) -> list[Values]:
    return sorted(asked, key=writer.shape.row_key)


def _applied(family: ColumnFamily) -> ColumnSpec:
    return ColumnSpec(family.keyspace, family.name, APPLIED, BOOLEAN)


class _Reader:
    """One partition as the statements see it."""

    def __init__(
        self, writer: Writer, keeper: Keeper, partition: Partition, statements: Statements
    ) -> None:
        self.family = writer.family
        self.partition = partition
        self._writer = writer
        self._keeper = keeper
        conditions = [each.conditions for each, _ in statements if each.conditions is not None]
        tested = [test.column for each in conditions for test in each.tests]
        conditional = [each for each, _ in statements if each.conditions is not None]
        self._statics = {
            column.name
            for column in (
                self.family.static
                if any(each.statics for each in conditional)
                else [column for column in tested if column.kind == "static"]
            )
        }
        self._regulars = {
            column.name
            for column in (
                self.family.regular
                if any(not each.static_only for each, _ in statements)
                else [column for column in tested if column.kind == "regular"]
            )
        }
        static = keeper.read(keeper.plans.static, partition, ()) if self._statics else None
        self.static = self._values(static, self.family.static, self._statics)
        self.has_static = any(value is not None for value in self.static.values())

    def _values(
        self, row: Row | None, columns: Sequence[Column], seen: set[str]
    ) -> dict[str, Stored]:
        if row is None:
            return {}
        now_s = self._keeper.now_s
        return {
            column.name: row.value(part_of(column), now_s)
            for column in columns
            if column.name in seen
        }

    def row(self, clustering: Values) -> dict[str, Stored] | None:
        """Return the values of a row; None: there is none."""
        keeper = self._keeper
        kept = self._writer.shape.kept(clustering)
        row = keeper.read(keeper.plans.rows, self.partition, kept)
        return self._shown(row, clustering)

    def _shown(self, row: Row | None, clustering: Values) -> dict[str, Stored] | None:
        now_s = self._keeper.now_s
        if row is None or not row.is_live(now_s):
            return None
        marked = row.marker is not None and row.marker.is_live(now_s)
        if not marked and not any(
            row.value(part_of(column), now_s) is not None
            for column in self.family.regular
            if column.name in self._regulars
        ):
            return None
        names = [column.name for column in self.family.clustering]
        found = self._values(row, self.family.regular, self._regulars)
        return {**dict(zip(names, clustering, strict=True)), **found}

    def first(self) -> dict[str, Stored] | None:
        """Return the values of the partition's first row."""
        for clustering, row in self._keeper.rows_of(self.partition):
            found = self._shown(row, clustering)
            if found is not None:
                return found
        return None

    def holds(self, asked: _Asked, row: dict[str, Stored] | None, there: bool) -> bool:
        """Say whether a row is as it is asked to be."""
        if asked.exists is not None:
            return asked.exists is there
        return all(
            test((self.static if column.kind == "static" else row or {}).get(column.name))
            for column, test in asked.tests
        )


def _refused(
    reader: _Reader,
    statements: Statements,
    asked: dict[Values, dict[str, Stored] | None] | None,
    batch: bool,
) -> Rows:
    """Return what those are shown who were refused; ``asked`` is None if no row was asked for."""
    family = reader.family
    if asked is None:
        first = reader.first()
        found = [] if first is None else [first]
    else:
        found = [row for row in asked.values() if row is not None]
    if not found and reader.has_static:
        found = [{}]
    if not found:
        return Rows((_applied(family),), [(0,)])
    columns = _columns(family, statements, batch)
    key = zip([one.name for one in family.partition], reader.partition.values, strict=True)
    known = {**dict(key), **reader.static}
    rows = [(0, *({**known, **row}.get(column.name) for column in columns)) for row in found]
    return Rows((_applied(family), *map(family.spec, columns)), rows)


def _columns(family: ColumnFamily, statements: Statements, batch: bool) -> list[Column]:
    named: dict[str, Column] = {}
    if batch:
        named = {column.name: column for column in (*family.partition, *family.clustering)}
    for modification, _ in statements:
        if modification.conditions is None:
            continue
        if modification.conditions.exists is not None:
            return list(family.columns)
        named |= {test.column.name: test.column for test in modification.conditions.tests}
    return list(named.values())
