"""What commands on documents ask of the engine: transactions to work in, cursors to leave open."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol, TypeVar

from fivefold.languages.mongo.collections import Name
from fivefold.languages.unit import Altering, Unit
from fivefold.values.documents.kinds import Document
from fivefold.values.documents.raw import Batch as Raw

T = TypeVar("T")

Item = bytes | Document
"""A document of a reply: as it is stored, or as it was made."""


class Batch(NamedTuple):
    """Some of a cursor's documents; ``cursor`` is 0 if there are no more."""

    items: Raw
    cursor: int


class Data(Protocol):
    """The transactions of a command: one of its own, or the one that its session has open."""

    def read(self, work: Callable[[Unit], T], *, several: bool = True) -> T:
        """Return what ``work`` returns of one moment; ``several``: of more than a statement."""
        ...

    def write(self, work: Callable[[Unit], T]) -> T:
        """Return what ``work`` returns; all that it writes is kept, or nothing of it."""
        ...

    def alter(self, work: Callable[[Altering], T]) -> T:
        """Likewise work that changes the catalog too."""
        ...

    @property
    def inside(self) -> bool:
        """Say whether the command belongs to a transaction of several."""
        ...

    def open(self, name: Name, work: Callable[[Unit], Iterator[Item]], first: int | None) -> Batch:
        """Return the first documents that ``work`` yields, and a cursor for the others.

        ``first`` is how many; None is as many as fit into a reply. What a cursor yields is of the
        moment at which it was opened.
        """
        ...

    def more(self, name: Name, cursor: int, count: int | None) -> Batch:
        """Return the next documents of a cursor. Raises fault 43 if there is none of that name."""
        ...

    def kill(self, name: Name, cursors: list[int]) -> tuple[list[int], list[int]]:
        """Close cursors; return those that were, and those that were not there."""
        ...

    def once(self, work: Callable[[Unit], Document]) -> Document:
        """Write, and return what ``work`` returns; if it was done before, its answer then."""
        ...
