"""Rows of one run: read, put together with static ones, filtered, in Cassandra's order.

A partition of which no row is left shows its static row by itself, unless the statement is about
certain rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from fivefold.languages.cql.relations import Restrictions
from fivefold.languages.cql.relations.filters import Matcher, matcher
from fivefold.languages.cql.relations.ranges import Slice
from fivefold.languages.cql.relations.records import Restriction, Values
from fivefold.languages.cql.relations.restrictions import all_of
from fivefold.languages.cql.run import Run
from fivefold.languages.cql.select.columns import Columns, Row, living
from fivefold.languages.cql.select.narrowing import narrowing
from fivefold.languages.cql.select.pushed import Condition, pushed
from fivefold.languages.cql.select.searches import Reader, Search
from fivefold.languages.cql.select.states import Position
from fivefold.values.cql.tokens import partition_bytes, token_of

SKIPPED_MAX = 20
"""Rows of a partition that are read over before it is left by a search of its own."""
INLINE_MAX = 200
"""Rows that are read before the unit is told that there are many."""


class Source(Protocol):
    """The rows of one run."""

    def rows(self) -> Iterator[Row]: ...
    def leave(self, partition: Values) -> None:
        """Have no more rows of the partition that the last row was of."""
        ...


class Reading:
    """What a plan reads from the tables of a family."""

    def __init__(self, restrictions: Restrictions, columns: Columns, *, backwards: bool) -> None:
        family = restrictions.family
        self.restrictions = restrictions
        self.columns = columns
        self.backwards = backwards
        self.reader = Reader(columns, backwards=backwards)
        self.shows_static = bool(family.static) and not (
            restrictions.restricts_clustering or restrictions.restricts_regular
        )
        self.reads_static = bool(columns.static) or self.shows_static
        self.live = living(columns.regular, columns.regular_at) if columns.timed else None
        self.live_static = (
            living(columns.static, len(family.partition)) if columns.static_timed else None
        )
        if not family.family.expires:
            self.live = self.live_static = None
        applied = restrictions.filters
        if not restrictions.keys_given:
            applied = (*restrictions.leading, *applied)
        made = [(one, pushed(one)) for one in applied]
        self.pushed = tuple((one, make) for one, make in made if make is not None)
        self.tested = tuple(one for one, each in made if each is None or self._may_be_gone(one))
        self.all_tested = applied
        found = [narrowing(family, one) for one in applied] if family.indexes else []
        self.narrowed = tuple(one for one in found if one is not None)
        self.row_nulls = (None,) * (columns.static_at - len(family.partition))
        self.static_nulls = (None,) * len(columns.of_static)

    def _may_be_gone(self, restriction: Restriction) -> bool:
        """Say whether the store may take for there what has expired."""
        return self.live is not None and restriction.columns[0].kind == "regular"

    @property
    def exact(self) -> bool:
        """Say whether each row that the store finds is one of the statement's."""
        return not self.tested and self.live is None

    def source(self, run: Run, position: Position | None, limit: int | None) -> StoredRows:
        """Return the rows of a run, after a position; ``limit``: so many of them will do."""
        return StoredRows(self, run, position, limit)


class StoredRows:
    """See ``Source``."""

    def __init__(
        self, reading: Reading, run: Run, position: Position | None, limit: int | None
    ) -> None:
        self.reading = reading
        self.run = run
        self.position = position
        self.family = reading.restrictions.family
        self.reader = reading.reader
        self._left: Values | None = None
        self._read = 0
        self._width = len(self.family.partition)
        conditions: list[Condition] = []
        tested = list(reading.tested)
        for one, make in reading.pushed:
            found = make(run)
            if found is not None:
                conditions.append(found)
            elif one not in tested:
                tested.append(one)
        self.static_conditions: list[Condition] = []
        for narrowed in reading.narrowed:
            found = narrowed.condition(run)
            if found is not None:
                conditions.append(found)
                if narrowed.static:
                    self.static_conditions.append(found)
        self.conditions = conditions
        self.limit = limit if not tested and reading.live is None else None
        positions = reading.columns.positions
        self.test = self._test(tested, positions)
        self.static_test = self._test(reading.all_tested, positions)

    def _test(
        self, restrictions: Sequence[Restriction], positions: dict[str, int]
    ) -> Matcher | None:
        if not restrictions:
            return None
        return all_of([matcher(one, positions, self.run) for one in restrictions])

    def leave(self, partition: Values) -> None:
        """Have no more rows of the partition that the last row was of."""
        self._left = partition

    def rows(self) -> Iterator[Row]:
        """Yield the rows."""
        return self._keyed() if self.reading.restrictions.keys_given else self._ranged()

    def count(self) -> int | None:
        """Return how many rows there are, None if they have to be looked at for that."""
        restrictions = self.reading.restrictions
        if self.test is not None or self.reading.live is not None or self.reading.shows_static:
            return None
        if not restrictions.keys_given:
            self.run.unit.expect(INLINE_MAX + 1)
            return self.reader.count(self.run, self._among_tokens(None))
        slices = restrictions.slices(self.run)
        keys = restrictions.keys(self.run)
        if not restrictions.whole_rows:
            self.run.unit.expect(INLINE_MAX + 1)
        found = 0
        for token, key in keys:
            for slice_ in slices:
                found += self.reader.count(self.run, self._in_slice(token, key, slice_))
        return found

    # Partitions that are given

    def _keyed(self) -> Iterator[Row]:
        reading, position = self.reading, self.position
        restrictions = reading.restrictions
        slices = restrictions.slices(self.run)
        if reading.backwards:
            slices.reverse()
        keys = restrictions.keys(self.run)
        last: Values | None = None
        if position is not None:
            places = [place for place, (_, key) in enumerate(keys) if key == position.partition]
            keys = keys[places[0] :] if places else []
            last = position.clustering
            if last is None:
                keys = keys[1:]
        for token, key in keys:
            static = self._static_row(token, key) if reading.reads_static else None
            behind = reading.static_nulls if static is None else static
            found = last is not None
            for row in self._shown(self._of_partition(token, key, slices, last)):
                row = (*row, *behind)
                if self.test is None or self.test(row):
                    found = True
                    yield row
                    if self._left is not None:
                        break
            self._left = last = None
            if not found and static is not None and reading.shows_static:
                yield from self._static_only(key, static)

    def _of_partition(
        self, token: int, key: Values, slices: Sequence[Slice], last: Values | None
    ) -> Iterator[Row]:
        """Yield the rows of slices of a partition, after the one with a clustering."""
        reader = self.reader
        for slice_ in slices:
            whole = len(slice_.equal) == len(self.family.clustering)
            order = 1 if last is None else self._compare(slice_.equal, last)
            if order < 0:
                continue
            if last is None or order > 0:
                searches: Iterable[Search] = [self._in_slice(token, key, slice_)]
            else:
                searches = self._after(token, key, slice_, last)
            for search in searches:
                yield from reader.rows(self.run, search, None if whole else self.limit, point=whole)

    def _in_slice(self, token: int, key: Values, slice_: Slice) -> Search:
        search = Search(self.conditions)
        search.partition(self.family, token, key)
        search.equal(self.family.clustering, slice_.equal)
        search.within(self.family.clustering[len(slice_.equal) :], slice_)
        return search

    def _after(self, token: int, key: Values, slice_: Slice, last: Values) -> Iterator[Search]:
        """Yield what finds those rows of a slice that come after one of it, in order."""
        clustering = self.family.clustering
        first = len(slice_.equal)
        for place in reversed(range(first, len(last))):
            search = Search(self.conditions)
            search.partition(self.family, token, key)
            search.equal(clustering, last[:place])
            search.within(clustering[first:], slice_)
            down = clustering[place].descending != self.reading.backwards
            search.column(clustering[place], "<" if down else ">", last[place])
            yield search

    def _compare(self, equal: Values, last: Values) -> int:
        """Return whether rows that begin so come before a row, with it or after it."""
        for column, one, other in zip(self.family.clustering, equal, last, strict=False):
            if one != other:
                to_key = column.codec.to_key
                earlier = to_key(one) < to_key(other)
                down = column.descending != self.reading.backwards
                return -1 if earlier != down else 1
        return 0

    # Static rows

    def _static_row(self, token: int, key: Values) -> Row | None:
        """Return the static row of a partition, without its key."""
        search = Search()
        search.partition(self.family, token, key)
        for row in self._static_shown(self.reader.static(self.run, search, point=True)):
            return row[self._width :]
        return None

    def _static_shown(self, rows: Iterator[Row]) -> Iterator[Row]:
        live = self.reading.live_static
        if live is None:
            return rows
        now_s = self.run.now_s
        return (found for row in rows if (found := live(row, now_s)) is not None)

    def _static_only(self, key: Values, static: Row) -> Iterator[Row]:
        row = (*key, *self.reading.row_nulls, *static)
        if self.static_test is None or self.static_test(row):
            yield row

    # Ranges of partitions

    def _ranged(self) -> Iterator[Row]:
        position = self.position
        if position is None:
            yield from self._merged(self._range(None), None)
            return
        key = position.partition
        token = self._token(key)
        if position.clustering is not None:
            rest = self._of_partition(token, key, [Slice(())], position.clustering)
            static = self._static_row(token, key) if self.reading.reads_static else None
            behind = self.reading.static_nulls if static is None else static
            for row in self._shown(rest):
                row = (*row, *behind)
                if self.test is None or self.test(row):
                    yield row
                    if self._left is not None:
                        self._left = None
                        break
        yield from self._merged(self._range((token, key)), (token, key))

    def _token(self, key: Values) -> int:
        codecs = tuple(column.codec for column in self.family.partition)
        return token_of(partition_bytes(codecs, key))

    def _range(self, after: tuple[int, Values] | None) -> Iterator[Row]:
        """Yield the rows of partitions after one, but for those of partitions that are left."""
        width = self._width
        again = True
        while again:
            again = False
            skipped = 0
            search = self._among_tokens(after)
            for row in self._shown(self.reader.rows(self.run, search, self.limit)):
                if self._left is not None:
                    if row[:width] == self._left:
                        skipped += 1
                        if skipped < SKIPPED_MAX:
                            continue
                        after = (self._token(self._left), self._left)
                        again = True
                        break
                    self._left = None
                    skipped = 0
                yield row

    def _among_tokens(self, after: tuple[int, Values] | None) -> Search:
        search = Search(self.conditions)
        restrictions = self.reading.restrictions
        if restrictions.has_token:
            search.tokens(restrictions.tokens(self.run))
        if after is not None:
            search.after(self.family, *after)
        return search

    def _merged(self, rows: Iterator[Row], after: tuple[int, Values] | None) -> Iterator[Row]:
        """Yield rows with the static ones of their partitions."""
        reading, test = self.reading, self.test
        if not reading.reads_static:
            nulls = reading.static_nulls
            for row in rows:
                row = (*row, *nulls) if nulls else row
                if test is None or test(row):
                    yield row
            return
        statics = _Statics(self, after)
        current: Values | None = None
        static: Row | None = None
        found = True
        for row in rows:
            key = row[: self._width]
            if key != current:
                if not found and static is not None and reading.shows_static:
                    yield from self._static_only(current or (), static)
                for other, alone in statics.before(self._token(key)):
                    if reading.shows_static:
                        yield from self._static_only(other, alone)
                static = statics.of(key)
                current, found = key, False
            row = (*row, *(reading.static_nulls if static is None else static))
            if test is None or test(row):
                found = True
                yield row
        if reading.shows_static:
            if not found and static is not None:
                yield from self._static_only(current or (), static)
            for other, alone in statics.before(None):
                yield from self._static_only(other, alone)

    def _shown(self, rows: Iterator[Row]) -> Iterator[Row]:
        """Yield rows as they are now, their bytes made values."""
        reading = self.reading
        live, made = reading.live, reading.columns.bytes_at
        now_s = 0 if live is None else self.run.now_s
        unit = self.run.unit
        for row in rows:
            self._read += 1
            if self._read == INLINE_MAX:
                unit.expect(INLINE_MAX + 1)
            if live is not None:
                kept = live(row, now_s)
                if kept is None:
                    continue
                row = kept
            if made:
                values = list(row)
                for place, column in made:
                    values[place] = column.codec.from_key(values[place])  # type: ignore[arg-type]
                row = tuple(values)
            yield row


class _Statics:
    """The static rows of a range of partitions, read alongside."""

    def __init__(self, source: StoredRows, after: tuple[int, Values] | None) -> None:
        self._source = source
        search = Search(source.static_conditions)
        restrictions = source.reading.restrictions
        if restrictions.has_token:
            search.tokens(restrictions.tokens(source.run))
        if after is not None:
            search.after(source.family, *after)
        self._rows = source._static_shown(source.reader.static(source.run, search))
        self._width = len(source.family.partition)
        self._same: dict[Values, Row] = {}
        self._next = next(self._rows, None)

    def before(self, token: int | None) -> Iterator[tuple[Values, Row]]:
        """Yield partition keys and static rows before a token; those of the token are kept."""
        yield from self._same.items()
        self._same = {}
        while self._next is not None:
            key, static = self._next[: self._width], self._next[self._width :]
            found = self._source._token(key)
            if token is not None and found > token:
                return
            self._next = next(self._rows, None)
            if found == token:
                self._same[key] = static
            else:
                yield key, static

    def of(self, key: Values) -> Row | None:
        """Return the static row of a partition whose token ``before`` was asked for."""
        return self._same.pop(key, None)
