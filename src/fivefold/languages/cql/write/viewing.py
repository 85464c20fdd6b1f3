"""Materialized views, kept in step with their table row by row, in the same transaction.

A row of a view is what its table's row says now: no write comes to it from elsewhere, so nothing is
remembered of what was deleted from it. Its cells have the timestamps and times to live of those of
the table.

Source: "Materialized Views" of Cassandra's CQL reference; when a row is there, and until when, as
Cassandra 5.0 answers.
"""

from __future__ import annotations

from collections.abc import Callable

from fivefold.languages.cql.parse.relations import required_where
from fivefold.languages.cql.parse.stream import Stream
from fivefold.languages.cql.relations import restrict
from fivefold.languages.cql.run import Run
from fivefold.languages.cql.tables import ColumnFamily
from fivefold.languages.cql.terms import Scope
from fivefold.languages.cql.tree import TypeName
from fivefold.languages.cql.write.shapes import part_of, shape_of
from fivefold.languages.cql.write.writer import expiring, plans_of
from fivefold.models.widecolumn.cells import Cell, Part, Parts
from fivefold.models.widecolumn.keeping import Watch
from fivefold.models.widecolumn.rows import Row, encoded
from fivefold.models.widecolumn.shape import Partition, Values
from fivefold.values.cql.tokens import partition_encoder, token_of
from fivefold.values.cql.types import CqlType
from fivefold.values.types import Stored


class Viewing:
    """What a view has of its table's rows.

    ``_extra`` is the column of its key that is none of the table's key, if it has one: then the row
    is there as long as that cell is, else as long as the table's row is.
    """

    def __init__(
        self, base: ColumnFamily, view: ColumnFamily, type_named: Callable[[TypeName], CqlType]
    ) -> None:
        self._view = view
        self._shape = shape_of(view)
        key = [column.name for column in (*base.partition, *base.clustering)]
        own = [column.name for column in (*view.partition, *view.clustering)]
        parts = {column.name: part_of(column) for column in base.regular}
        self._extra = next((name for name in own if name in parts), None)
        self._places = [key.index(name) if name in key else None for name in own]
        self._positions = {name: place for place, name in enumerate(key)}
        self._selected = [parts[column.name] for column in view.regular]
        seen = {*own, *(part.name for part in self._selected)}
        self._unseen = [part for name, part in parts.items() if name not in seen]
        self._encode = partition_encoder([column.codec for column in view.partition])
        assert view.family.where is not None
        relations = [
            relation
            for relation in required_where(Stream(f"WHERE {view.family.where}"))
            if relation.operator != "IS NOT NULL"
        ]
        scope = Scope(base.keyspace, base.name, type_named, base)
        self._where = restrict(base, relations, scope, "VIEW") if relations else None

    def watch(self, run: Run) -> Watch:
        """Return what keeps the view in step with each row that a run changes."""
        side = plans_of(run.unit, self._shape).rows
        matches = None if self._where is None else self._where.matches(run, self._positions)
        expires = self._view.family.expires

        def watch(partition: Partition, clustering: Values | None, before: Row, after: Row) -> None:
            if clustering is None:
                return
            key = (*partition.values, *clustering)
            if matches is not None and not matches(key):
                return
            old = self._place(key, before)
            new = self._place(key, after) if after.is_live(run.now_s) else None
            row = None if new is None else self._row(after, run.now_s)
            if old is not None and (old != new or row is None):
                run.unit.runner.run(side.remove, old)
            if new is None or row is None:
                return
            made = encoded(side.parts, row, run.now_s)
            assert made is not None
            if made.expires is not None and not expires:
                raise expiring(run.unit, self._shape)
            values = (*new, *made.values, made.written, made.cells, made.expires)
            run.unit.runner.run(side.write, values)

        return watch

    def _place(self, key: Values, row: Row) -> Values | None:
        """Return the key, as the view's table holds it, of where a row is; it may have expired."""
        extra: Stored = None
        if self._extra is not None:
            cell = row.cells.get(self._extra)
            extra = cell.value if isinstance(cell, Cell) else None
            if extra is None:
                return None
        elif row.marker is None and not row.cells:
            return None
        values = tuple([extra if place is None else key[place] for place in self._places])
        count = len(self._shape.partition)
        first, rest = values[:count], values[count:]
        raw = self._encode(first)
        if not raw:
            return None  # a key of one empty text or blob is none
        return (token_of(raw), *first, *self._shape.kept(rest))

    def _row(self, row: Row, now_s: int) -> Row | None:
        """Return what the view has of a row that is there; None: it is not in the view."""
        cells: dict[str, Cell | Parts] = {}
        for part in self._selected:
            cell = row.cells.get(part.name)
            if isinstance(cell, Parts) or (cell is not None and cell.is_live(now_s)):
                cells[part.name] = cell
        if self._extra is not None:
            extra = row.cells[self._extra]
            assert isinstance(extra, Cell)
            if not extra.is_live(now_s):
                return None
            return Row(extra._replace(value=True), cells, extra.second)
        return Row(self._marker(row, now_s), cells)

    def _marker(self, row: Row, now_s: int) -> Cell | None:
        """Return the marker of a row that is also there for columns which the view has not."""
        found = [] if row.marker is None else [row.marker]
        for part in self._unseen:
            found += _cells(row, part, now_s)
        live = [cell for cell in found if cell.is_live(now_s)]
        if not live:
            return None
        kept = max(live, key=lambda cell: (cell.second is None, cell.second or 0))
        return kept._replace(value=True)


def _cells(row: Row, part: Part, now_s: int) -> list[Cell]:
    cell = row.cells.get(part.name)
    if isinstance(cell, Parts):
        if cell.value(now_s) is None:
            return []
        return [cell.rest] if cell.whole and cell.rest is not None else list(cell.all())
    return [] if cell is None else [cell]
