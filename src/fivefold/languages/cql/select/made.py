"""Rows that are made in Python, of system tables: the same as stored ones to whoever reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from fivefold.languages.cql.relations import Restrictions
from fivefold.languages.cql.relations.records import Values
from fivefold.languages.cql.run import Run
from fivefold.languages.cql.select.columns import OWN, Row
from fivefold.languages.cql.select.states import Position
from fivefold.languages.cql.tables import Column
from fivefold.values.cql.tokens import partition_bytes, token_of
from fivefold.values.types import Stored

MadeRows = Callable[[Run], Iterable[Sequence[Stored]]]
"""Gives the rows of a system table, in the order of its family's columns, sorted or not."""

_OWN: Row = (0, None, None)


class Making:
    """What a plan reads of a family whose rows are made."""

    def __init__(self, restrictions: Restrictions, make: MadeRows, *, backwards: bool) -> None:
        family = restrictions.family
        self.restrictions = restrictions
        self.make = make
        self.backwards = backwards
        names = [column.name for column in family.columns] + [name for name, _ in OWN]
        self.positions = {name: place for place, name in enumerate(names)}

    def source(self, run: Run, position: Position | None, limit: int | None) -> MadeSource:
        """Return the rows of a run, after a position."""
        return MadeSource(self, run, position)


class MadeSource:
    """See ``sources.Source``."""

    def __init__(self, making: Making, run: Run, position: Position | None) -> None:
        self._making = making
        self._run = run
        self._position = position
        self._left: Values | None = None

    def leave(self, partition: Values) -> None:
        """Have no more rows of the partition that the last row was of."""
        self._left = partition

    def rows(self) -> Iterator[Row]:
        """Yield the rows."""
        making, position = self._making, self._position
        family = making.restrictions.family
        matches = making.restrictions.matches(self._run)
        first, last = len(family.partition), len(family.partition) + len(family.clustering)
        key = _order(family.partition, family.clustering, backwards=making.backwards)
        found = [tuple(row) for row in making.make(self._run) if matches(row)]
        found.sort(key=lambda row: key(row[:first], row[first:last]))
        begin = None
        if position is not None:
            begin = key(position.partition, position.clustering or ())
        for row in found:
            if row[:first] == self._left:
                continue
            if begin is not None and position is not None:
                if position.clustering is None and row[:first] == position.partition:
                    continue
                if key(row[:first], row[first:last]) <= begin:
                    continue
            yield (*row, *_OWN)


def _order(
    partition: Sequence[Column], clustering: Sequence[Column], *, backwards: bool
) -> Callable[[Values, Values], Any]:
    """Return what gives keys by which rows are sorted as Cassandra has them."""
    codecs = tuple(column.codec for column in partition)
    ways = [(column.codec.to_key, column.descending != backwards) for column in clustering]

    def key(keys: Values, values: Values) -> Any:
        raw = partition_bytes(codecs, keys)
        rest = [
            _Down(to_key(value)) if down else to_key(value)
            for (to_key, down), value in zip(ways, values, strict=False)
        ]
        return token_of(raw), raw, rest

    return key


class _Down:
    """A key that sorts the other way."""

    __slots__ = ("key",)

    def __init__(self, key: bytes) -> None:
        self.key = key

    def __lt__(self, other: _Down) -> bool:
        return other.key < self.key

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Down) and other.key == self.key

    def __hash__(self) -> int:
        return hash(self.key)
