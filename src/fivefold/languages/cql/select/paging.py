"""How much is asked of a page, and how many rows a partition may give."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from fivefold.languages.cql.relations.records import Values
from fivefold.languages.cql.select.columns import Row
from fivefold.languages.cql.select.sources import Source
from fivefold.languages.cql.select.states import Position

Keys = Callable[[Row], Values]
"""Takes the partition key, or the clustering, from a row."""


class Page:
    """What is asked of a page, and what came of it.

    ``limit`` and ``per_partition`` count rows, or groups if there are some; ``taken`` those that
    came, ``counted`` those of the partition of the last of them. ``wanted``: no more are taken.
    """

    __slots__ = ("counted", "limit", "per_partition", "position", "size", "taken", "wanted")

    def __init__(
        self,
        size: int | None,
        limit: int | None,
        per_partition: int | None = None,
        position: Position | None = None,
    ) -> None:
        self.size = size
        self.limit = limit
        self.per_partition = per_partition
        self.position = position
        self.wanted = limit if size is None or (limit is not None and limit < size) else size
        self.taken = 0
        self.counted = 0

    @property
    def is_full(self) -> bool:
        """Say whether as many came as the page has."""
        return self.size is not None and self.taken == self.wanted

    def begin(self) -> tuple[Values | None, int]:
        """Return the partition that the page begins in, and what came of it before."""
        position = self.position
        return (None, 0) if position is None else (position.partition, position.counted)


def taken(source: Source, keys: Keys, page: Page) -> list[Row]:
    """Return the rows of a page."""
    rows: list[Row] = []
    wanted = page.wanted
    if wanted == 0:
        return rows
    found = source.rows()
    if page.per_partition is not None:
        found = few(found, source, keys, page.per_partition, page)
    for row in found:
        rows.append(row)
        if len(rows) == wanted:
            break
    page.taken = len(rows)
    return rows


def few(rows: Iterator[Row], source: Source, keys: Keys, most: int, page: Page) -> Iterator[Row]:
    """Yield only the first rows of each partition."""
    partition, count = page.begin()
    for row in rows:
        key = keys(row)
        if key != partition:
            partition, count = key, 0
        if count >= most:
            source.leave(key)
            continue
        count += 1
        page.counted = count
        if count == most:
            source.leave(key)
        yield row
