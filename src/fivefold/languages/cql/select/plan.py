"""A SELECT, planned: what is read, what becomes of it, how much of it is a page.

A page ends when it has as many rows as were asked for; whether more come is then not known, and a
state is given all the same, as Cassandra does, unless LIMIT or PER PARTITION LIMIT forbid more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter

from fivefold.languages.cql.relations import restrict
from fivefold.languages.cql.relations.records import Values
from fivefold.languages.cql.relations.rules import FILTERING
from fivefold.languages.cql.results import ColumnSpec, Rows
from fivefold.languages.cql.run import Run
from fivefold.languages.cql.select.checks import check_distinct, grouping, ordering
from fivefold.languages.cql.select.columns import Row, columns_of
from fivefold.languages.cql.select.direct import Direct, direct
from fivefold.languages.cql.select.grouped import Groups
from fivefold.languages.cql.select.limits import limit_of
from fivefold.languages.cql.select.made import MadeRows, Making
from fivefold.languages.cql.select.paging import Keys, Page, taken
from fivefold.languages.cql.select.shapes import Shape, gatherer, json_of, shape_of, specs
from fivefold.languages.cql.select.sources import Reading, StoredRows
from fivefold.languages.cql.select.states import Position, from_state, to_state
from fivefold.languages.cql.tables import Column, ColumnFamily
from fivefold.languages.cql.terms import Scope, Selected, compile_selector
from fivefold.languages.cql.tree import Call, ColumnName, Select, Selector
from fivefold.values.cql.faults import invalid

NO_KEY = "Aggregation query used without partition key"
SEVERAL_KEYS = "Aggregation query used on multiple partition keys (IN restriction)"
SORTED_PAGES = (
    "Cannot page queries with both ORDER BY and a IN restriction on the partition key; you must"
    " either remove the ORDER BY or the IN and sort client side, or disable paging for this query"
)


class SelectPlan:
    """A SELECT that is ready to run, any number of times, as long as the catalog is the same."""

    def __init__(
        self, select: Select, family: ColumnFamily, scope: Scope, made: MadeRows | None
    ) -> None:
        selected = _selected(select, family, scope)
        restrictions = restrict(
            family,
            select.where,
            scope,
            allow_filtering=select.allow_filtering,
            static_only=_static_only(select, selected, family),
        )
        self.family = family
        self.restrictions = restrictions
        self.columns: tuple[ColumnSpec, ...] = specs(family, selected, json=select.json)
        self._json = json_of(selected) if select.json else None
        self._per_partition = limit_of(
            select.per_partition_limit, "[per_partition_limit]", family, scope
        )
        self._distinct = select.distinct
        if select.distinct:
            if select.per_partition_limit is not None:
                raise invalid("PER PARTITION LIMIT is not allowed with SELECT DISTINCT queries")
            names = [name for one in selected for name in one.columns]
            if restrictions.several_partitions:  # rows are sorted, so that they have to be read
                names += [each.column.name for each in select.order_by]
            check_distinct(family, names, restrictions)
        grouped = grouping(select, restrictions, scope)
        self._aggregates = grouped is not None or any(one.is_aggregate for one in selected)
        if self._aggregates and grouped is None and self._per_partition is not None:
            raise invalid("PER PARTITION LIMIT is not allowed with aggregate queries.")
        backwards, order = ordering(select, restrictions)
        self._sorts = bool(order) and restrictions.several_partitions
        if restrictions.needs_filtering:
            raise invalid(FILTERING)
        self._limit = limit_of(select.limit, "[limit]", family, scope)
        self._warnings = self._warned()
        read = selected if grouped is None or grouped.last is None else [*selected, grouped.last]
        self._reading: Reading | Making
        if made is None:
            columns = columns_of(family, read, restrictions.columns)
            self._reading = Reading(restrictions, columns, backwards=backwards)
            positions = columns.positions
        else:
            self._reading = Making(restrictions, made, backwards=backwards)
            positions = self._reading.positions
        self._keys = _getter(family.partition, positions)
        self._clustering = _getter(family.clustering, positions)
        self._order_at = [
            (positions[column.name], column, column.descending != backwards) for column in order
        ]
        self._shape: Shape | None = None
        self._groups: Groups | None = None
        if self._aggregates:
            begin = gatherer(selected, positions)
            self._groups = Groups(grouped, begin, positions, self._keys, distinct=select.distinct)
        else:
            self._shape = shape_of(selected, positions)
        self._counts = 0 if select.distinct else _counted(select)
        self._direct: Direct | None = None
        plain = not (self._aggregates or select.json or select.distinct)
        if plain and self._per_partition is None:
            self._direct = direct(
                restrictions, self.columns, selected, self._limit, backwards=backwards
            )

    @property
    def is_single(self) -> bool:
        """Say whether it is one statement of the store."""
        return self._direct is not None

    @property
    def partition(self) -> tuple[int, ...]:
        """Return the markers of the partition key, if each of its columns has one."""
        values = self.restrictions.partition or ()
        markers = [value.marker for value in values if value.marker is not None]
        return tuple(markers) if len(markers) == len(values) else ()

    def _warned(self) -> tuple[str, ...]:
        if not self._aggregates:
            return ()
        if not self.restrictions.restricts_partition:
            return (NO_KEY,)
        return (SEVERAL_KEYS,) if self.restrictions.several_partitions else ()

    def run(self, run: Run) -> Rows:
        """Return the rows, or the next page of them."""
        options = run.options
        if self._direct is not None and options.paging is None:
            found = self._direct.run(run)
            if found is not None:
                return found
        page = self._asked(run)
        if self._groups is not None and self._groups.everything:
            return self._rows([self._whole(run)])
        whole = page.per_partition is not None or self._groups is not None
        source = self._reading.source(run, page.position, None if whole else page.wanted)
        last: Row | None = None
        rows: Sequence[Row]
        if self._sorts:
            page.wanted = None
        if self._groups is not None:
            rows, firsts, last = self._groups.page(run, source, page)
            if self._sorts:
                rows = self._sorted(firsts, rows)[: page.limit]
        elif self._sorts:
            read = taken(source, self._keys, page)
            rows = self._shaped(run, self._sorted(read, read)[: page.limit])
        else:
            read = taken(source, self._keys, page)
            last = read[-1] if read else None
            rows = self._shaped(run, read)
        return self._rows(rows, None if last is None else self._state(run, page, last))

    def _asked(self, run: Run) -> Page:
        """Return the page that is asked for. Raises Cassandra's errors."""
        limit = None if self._limit is None else self._limit(run)
        per_partition = None if self._per_partition is None else self._per_partition(run)
        if self._distinct:
            per_partition = 1
        options = run.options
        size = options.page_size if options.page_size and options.page_size > 0 else None
        if size is not None and limit is not None and limit <= size and self._groups is None:
            size = None
        if self._sorts and size is not None:
            raise invalid(SORTED_PAGES)
        position = None
        if options.paging is not None:
            family = self.family
            widths = len(family.partition), len(family.clustering)
            position = from_state(family.family.id, options.paging, *widths)
            limit = position.remaining
        return Page(size, limit, per_partition, position)

    def _rows(self, rows: Sequence[Row], state: bytes | None = None) -> Rows:
        shown = rows if self._json is None else self._json(rows)
        return Rows(self.columns, shown, state, self._warnings)

    def _shaped(self, run: Run, rows: Sequence[Row]) -> Sequence[Row]:
        assert self._shape is not None
        return self._shape(run, rows)

    def _whole(self, run: Run) -> Row:
        """Return the one row of aggregates over everything."""
        assert self._groups is not None
        source = self._reading.source(run, None, None)
        if self._counts and isinstance(source, StoredRows):
            count = source.count()
            if count is not None:
                return (count,) * self._counts
        return self._groups.whole(run, source)

    def _state(self, run: Run, page: Page, last: Row) -> bytes | None:
        """Return the state after a row, None if no more rows come."""
        remaining = None if page.limit is None else page.limit - page.taken
        if not page.is_full or remaining == 0:
            return None
        key, clustering = self._keys(last), self._clustering(last)
        alone = bool(clustering) and clustering[0] is None
        most = page.per_partition
        if (alone or (most is not None and page.counted >= most)) and self._is_last(run, key):
            return None
        over = alone or self._distinct
        position = Position(key, None if over else clustering, remaining, page.counted)
        return to_state(self.family.family.id, position)

    def _is_last(self, run: Run, key: Values) -> bool:
        """Say whether no partition comes after one, of those that are given."""
        return self.restrictions.keys_given and self.restrictions.partitions(run)[-1] == key

    def _sorted(self, read: Sequence[Row], rows: Sequence[Row]) -> list[Row]:
        """Return rows of several partitions in one order, that of what was read for them."""
        places = list(range(len(rows)))
        for at, column, down in reversed(self._order_at):

            def order(place: int, at: int = at, column: Column = column) -> tuple[bool, bytes]:
                value = read[place][at]
                # Nulls, of static rows, are first in the table's order, whatever that is.
                if value is None:
                    return column.descending, b""
                return not column.descending, column.codec.to_key(value)

            places.sort(key=order, reverse=down)
        return [rows[place] for place in places]


def _selected(select: Select, family: ColumnFamily, scope: Scope) -> list[Selected]:
    """Return what is selected; of ``*`` all columns."""
    selectors = select.selectors or [Selector(ColumnName(column.name)) for column in family.columns]
    return [compile_selector(selector, family, scope) for selector in selectors]


def _static_only(select: Select, selected: Sequence[Selected], family: ColumnFamily) -> bool:
    """Say whether static columns are selected, and none but those of the partition key besides."""
    if not select.selectors:
        return False
    kinds = {family.by_name[name].kind for one in selected for name in one.columns}
    return "static" in kinds and kinds <= {"static", "partition_key"}


def _counted(select: Select) -> int:
    """Return how many times all rows are counted, if nothing else is selected."""
    terms = [selector.term for selector in select.selectors]
    return len(terms) if all(isinstance(one, Call) and one.star for one in terms) else 0


def _getter(columns: Sequence[Column], positions: Mapping[str, int]) -> Keys:
    """Return what takes some columns from a row."""
    places = [positions[column.name] for column in columns]
    if len(places) > 1:
        return itemgetter(*places)
    if not places:
        return lambda row: ()
    (place,) = places
    return lambda row: (row[place],)
