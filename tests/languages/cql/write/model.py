"""Last write wins, in plain Python: what a table holds is what its log of writes says.

Nothing is ever merged. A ``Log`` keeps each write of a cell, each marker and each deletion as it
came; what is there at a second is worked out anew from all of them whenever it is asked for.

Source: "Data manipulation" of Cassandra's CQL reference; ties of equal timestamps as Cassandra 5.0
settles them (``newest``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

Key = tuple[Any, ...]
Path = Any

STATIC: Key = ("static",)
"""Stands for the clustering of a partition's static row."""

NOWHERE: Key = ("nowhere",)
"""A clustering that no row has."""

MARKER = ""
"""The column that a row's marker is kept as."""


class Refused(Exception):
    """A statement that has to fail, with Cassandra's message."""


@dataclass(frozen=True)
class Times:
    """What a statement writes with: its timestamp and time to live, and the second it runs in."""

    at: int
    ttl: int = 0
    now: int = 0


@dataclass(frozen=True)
class Write:
    """A value written; None deletes."""

    value: Any
    times: Times

    @property
    def goes(self) -> int | None:
        """The second from which on it is gone, or at which it was deleted."""
        if self.value is None:
            return self.times.now
        return self.times.now + self.times.ttl if self.times.ttl else None

    def is_live(self, now: int) -> bool:
        """Say whether it is there."""
        return self.value is not None and (self.goes is None or now < self.goes)


def newest(writes: Iterable[Write], wire: Callable[[Any], bytes]) -> Write | None:
    """Return the write of a cell that wins.

    By timestamp; then what deletes or expires before what does not; what deletes before what
    expires; what goes later; what has the shorter time to live; the greater bytes.
    """

    def rank(write: Write) -> tuple[Any, ...]:
        value = b"" if write.value is None else wire(write.value)
        goes, ttl = write.goes, write.times.ttl if write.value is not None else 0
        fades = goes is not None
        return (write.times.at, fades, fades and write.value is None, goes or 0, -ttl, value)

    return max(writes, key=rank, default=None)


@dataclass
class Partition:
    """The writes of one partition."""

    cells: dict[tuple[Key, str, Path], list[Write]] = field(default_factory=dict)
    wiped: list[tuple[Key, str, int]] = field(default_factory=list)
    """Deletions of all parts of a column of one row, with their timestamps."""
    deleted: list[tuple[Callable[[Key], bool], int]] = field(default_factory=list)
    """Deletions of rows."""
    counts: dict[tuple[Key, str], int] = field(default_factory=dict)


class Log:
    """A table's writes. ``wire``: what a column's value, or its part's, is as bytes."""

    def __init__(self, wire: Callable[[str, Path, Any], bytes]) -> None:
        self.partitions: dict[Any, Partition] = {}
        self._wire = wire
        self._places = 0

    def partition(self, key: Any) -> Partition:
        """Return a partition, there or not."""
        return self.partitions.setdefault(key, Partition())

    # Writing

    def write(self, key: Any, row: Key, column: str, path: Path, value: Any, times: Times) -> None:
        """Write a cell; ``path`` is None for a plain column's."""
        cells = self.partition(key).cells
        cells.setdefault((row, column, path), []).append(Write(value, times))

    def mark(self, key: Any, row: Key, times: Times) -> None:
        """Insert a row."""
        self.write(key, row, MARKER, None, True, times)

    def wipe(self, key: Any, row: Key, column: str, at: int) -> None:
        """Delete all parts of a column up to a timestamp."""
        self.partition(key).wiped.append((row, column, at))

    def delete(self, key: Any, holds: Callable[[Key], bool], at: int) -> None:
        """Delete rows up to a timestamp; the static one if it is one that ``holds``."""
        self.partition(key).deleted.append((holds, at))

    def place(self, *, before: bool = False) -> int:
        """Return the path of a new item of a list, at its end or its beginning."""
        self._places += 1
        return -self._places if before else self._places

    # Reading

    def covered(self, key: Any, row: Key, column: str) -> int:
        """Return up to which timestamp what was written to a column is deleted."""
        partition = self.partition(key)
        found = [at for holds, at in partition.deleted if holds(row)]
        found += [at for one, name, at in partition.wiped if (one, name) == (row, column)]
        return max(found, default=-(2**63))

    def parts(self, key: Any, row: Key, column: str, now: int) -> dict[Path, Write]:
        """Return the cells of a column that are there, by path, in the order of paths."""
        covered = self.covered(key, row, column)
        found: dict[Path, Write] = {}
        for (one, name, path), writes in self.partition(key).cells.items():
            if (one, name) != (row, column):
                continue
            kept = (each for each in writes if each.times.at > covered)
            last = newest(kept, lambda value, path=path: self._wire(column, path, value))  # type: ignore[misc]  # bound per path
            if last is not None and last.is_live(now):
                found[path] = last
        return dict(sorted(found.items(), key=lambda item: (item[0] is None, item[0])))

    def cell(self, key: Any, row: Key, column: str, now: int) -> Write | None:
        """Return a plain column's cell if it is there."""
        return self.parts(key, row, column, now).get(None)

    def is_live(self, key: Any, row: Key, columns: Iterable[str], now: int) -> bool:
        """Say whether a row is there: it was inserted, or some column is."""
        return any(self.parts(key, row, column, now) for column in (MARKER, *columns))

    def rows(self, key: Any, columns: Iterable[str], now: int) -> list[Key]:
        """Return the clusterings of the rows that are there, in no order."""
        named = list(columns)
        known = {row for row, _, _ in self.partition(key).cells if row != STATIC}
        return [row for row in known if self.is_live(key, row, named, now)]
