"""Aggregates: over everything, or over each group of GROUP BY.

Rows of a group follow each other, for a group is a beginning of the key. A group is over when a
row of another one comes, so that a page of groups reads one row more than it has.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fivefold.languages.cql.relations.records import Values
from fivefold.languages.cql.run import Run
from fivefold.languages.cql.select.checks import Grouping
from fivefold.languages.cql.select.columns import Row
from fivefold.languages.cql.select.paging import Keys, Page, few
from fivefold.languages.cql.select.shapes import Group
from fivefold.languages.cql.select.sources import Source
from fivefold.values.types import Stored


class Groups:
    """The groups of a plan; ``distinct``: of each partition only one row counts."""

    def __init__(
        self,
        grouping: Grouping | None,
        begin: Callable[[], Group],
        positions: Mapping[str, int],
        keys: Keys,
        *,
        distinct: bool,
    ) -> None:
        self.everything = grouping is None
        self._begin = begin
        self._keys = keys
        self._distinct = distinct
        columns = () if grouping is None else grouping.columns
        self._places = [positions[column.name] for column in columns]
        last = None if grouping is None else grouping.last
        self._last = None if last is None else last.over(positions)

    def whole(self, run: Run, source: Source) -> Row:
        """Return the one row of aggregates over all rows."""
        group = self._begin()
        rows = source.rows()
        if self._distinct:
            rows = few(rows, source, self._keys, 1, Page(None, None))
        for row in rows:
            group.add(run, row)
        return group.result(run)

    def page(self, run: Run, source: Source, page: Page) -> tuple[list[Row], list[Row], Row | None]:
        """Return a page of groups, the first row of each, and the last row of the last of them."""
        results: list[Row] = []
        firsts: list[Row] = []
        last = before = None
        group: Group | None = None
        known: Values | None = None
        partition, count = page.begin()
        rows = source.rows()
        most = page.per_partition
        if self._distinct:
            most, rows = None, few(rows, source, self._keys, 1, Page(None, None))
        for row in rows:
            key = self._key(run, row)
            if group is None or key != known:
                if group is not None:
                    results.append(group.result(run))
                    last, group = before, None
                    page.counted = count
                    if len(results) == page.wanted:
                        break
                if self._keys(row) != partition:
                    partition, count = self._keys(row), 0
                if most is not None and count >= most:
                    source.leave(partition or ())
                    continue
                group, known = self._begin(), key
                firsts.append(row)
                count += 1
            group.add(run, row)
            before = row
        if group is not None:
            results.append(group.result(run))
            last = before
            page.counted = count
        page.taken = len(results)
        return results, firsts, last

    def _key(self, run: Run, row: Row) -> Values:
        key: list[Stored] = [row[place] for place in self._places]
        if self._last is not None:
            key.append(self._last(run, row))
        return tuple(key)
