"""What the work of a command or query sees of the engine: one transaction, catalog, connection.

Such work is a function of a ``Unit``; the engine gives it one inside the transaction that is
due, and may call it again from the start, with another one, if that transaction has to be begun
anew. So it keeps nothing that it learned from an earlier unit but what the wire shall see.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Any, Protocol, TypeVar

from fivefold.catalog.catalog import Catalog
from fivefold.catalog.changes import Change
from fivefold.plan.statement import Prepared, Statement
from fivefold.values.types import Type

T = TypeVar("T")

WATCHED_EVERY = 16
"""Documents between two looks at the clock: what Python does to each may take a millisecond."""


class NeedsChange(Exception):
    """The catalog has to be changed first: the work is undone, and called again afterwards.

    ``changes`` were made for the catalog that the unit has.
    """

    def __init__(self, changes: tuple[Change, ...]) -> None:
        self.changes = changes


class Runner(Protocol):
    """A store's connection, inside the unit's transaction."""

    def run(self, prepared: Prepared, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]: ...
    def stream(
        self, prepared: Prepared, parameters: Sequence[Any] = ()
    ) -> Iterator[tuple[Any, ...]]: ...
    def run_many(self, prepared: Prepared, rows: Any) -> int: ...
    def changes(self) -> int: ...
    def check(self) -> None: ...
    def savepoint(self, name: str) -> None: ...
    def release(self, name: str) -> None: ...
    def rollback_to(self, name: str) -> None: ...
    def sizes(self, table: tuple[str, str]) -> tuple[int, int]: ...


class Unit(Protocol):
    """One transaction's view. ``document`` is the type of a column of JSON to search in."""

    @property
    def catalog(self) -> Catalog: ...
    @property
    def runner(self) -> Runner: ...
    @property
    def document(self) -> Type: ...
    @property
    def numbered(self) -> bool:
        """Say whether the store itself numbers the rows of the models that it keeps."""
        ...

    @property
    def writes(self) -> bool: ...
    @property
    def now_ms(self) -> int: ...
    def stamp(self) -> int: ...
    def moment_us(self) -> int: ...
    def prepare(self, statement: Statement) -> Prepared: ...
    def remember(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what was made for a key under the same catalog, or make it."""
        ...

    def expect(self, rows: int) -> None:
        """Say, before anything is written, that so many rows are about to be looked at.

        On the server's loop too many are refused there, and the command is run again elsewhere.
        """
        ...

    def check(self) -> None:
        """Raise if the command was interrupted or has run too long; for what Python does alone."""
        ...


def watched(found: Iterator[T], check: Callable[[], None]) -> Iterator[T]:
    """Yield what comes, calling ``check`` now and then."""
    for number, each in enumerate(found):
        if not number % WATCHED_EVERY:
            check()
        yield each


class Altering(Unit, Protocol):
    """A unit in which the catalog may be changed too."""

    def change(self, changes: Iterable[Change]) -> None:
        """Change the catalog: ``catalog`` is the changed one from here on.

        No rows may be being read.
        """
        ...
