"""The wall between fivefold and the databases that keep its data.

A ``Store`` hands out ``Connection``s; one connection serves one thread at a time and has at
most one transaction open. All values that cross the wall are in stored form (values/types.py).
Every error that crosses it is one of ``fivefold.errors``. After a failed statement the
transaction stands as it was before that statement, unless ``in_transaction`` says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol

from fivefold.catalog.catalog import Catalog, Version
from fivefold.catalog.changes import Change
from fivefold.catalog.containers import Sequence as SequenceContainer
from fivefold.catalog.containers import Table
from fivefold.plan.explain import Explanation, Options
from fivefold.plan.statement import Prepared, Statement
from fivefold.stores.context import Context
from fivefold.stores.findings import Finding
from fivefold.values.types import Row, Stored, Type


class Durability(StrEnum):
    """When a commit counts as done."""

    FULL = "full"  # synced to the disk before the answer
    NORMAL = "normal"  # survives a killed process; a power cut may take the last moments
    OFF = "off"  # the operating system writes when it likes


@dataclass(frozen=True, slots=True)
class Gaps:
    """What a store can and cannot do: the engine asks here, never for a store's name."""

    single_writer: bool  # one write transaction at a time, for the whole store
    in_process: bool  # a statement by key costs microseconds: may run on the server's loop
    temporary_prefix: str  # begins the namespaces of temporary tables
    transactional_schema: bool  # a change of schema rolls back
    streams_see_writes: bool  # rows that are being read change with later writes of the transaction
    document: Type  # of a column that holds documents, whose paths templates read


class Connection(Protocol):
    """One line to the store.

    ``run`` returns all rows at once; ``stream`` returns rows as they are
    read and keeps the statement open until exhausted or closed. ``changes`` is the number of
    rows that the last statement inserted, updated or deleted.
    """

    def run(self, prepared: Prepared, parameters: Sequence[Stored] = ()) -> list[Row]: ...
    def stream(self, prepared: Prepared, parameters: Sequence[Stored] = ()) -> Iterator[Row]: ...
    def run_many(self, prepared: Prepared, rows: Iterable[Sequence[Stored]]) -> int:
        """Run once per row, all or nothing; return the rows changed in all."""
        ...

    def changes(self) -> int: ...

    def explain(
        self,
        prepared: Prepared,
        parameters: Sequence[Stored],
        options: Options,
        catalog: Catalog,
    ) -> Explanation:
        """Say how a statement is run; with ``options.analyze`` run it, and say how that went.

        ``prepared`` was made of a statement that has its tree still.
        """
        ...

    @property
    def in_transaction(self) -> bool: ...
    def begin(self, *, write: bool, wait_ms: int = 0) -> None:
        """Open a transaction; a write transaction waits at most ``wait_ms`` for the writer's place.

        Raises Conflict (lock_not_available) when that has passed. A transaction begun with
        ``write=False`` may still write: a store that has to give up its snapshot for that
        raises Conflict (serialization_failure).
        """
        ...

    def commit(self) -> None: ...
    def rollback(self) -> None: ...
    def savepoint(self, name: str) -> None: ...
    def release(self, name: str) -> None: ...
    def rollback_to(self, name: str) -> None:
        """Undo all since the savepoint, which stays."""
        ...

    def attend(self, context: Context) -> None:
        """Let the functions of the statements that follow see this session."""
        ...

    def provide(self, relation: Table, rows: Sequence[Row], token: object) -> None:
        """Have statements find these rows in a system relation, until another ``token`` comes.

        Nothing is written to the store. One with system catalogs of its own does nothing.
        """
        ...

    def restart(self, sequence: SequenceContainer) -> None:
        """Have a sequence begin again at its start."""
        ...

    def set_constraints(
        self, names: tuple[str, ...] | None, deferred: bool, catalog: Catalog
    ) -> bool:
        """Have constraints, None for all that may be, be checked at commit, or from now on at once.

        Returns whether ``check_constraints`` is due after each change until the transaction ends.
        Raises InvalidStatement for a name that no constraint has or that cannot be deferred, and
        Violation if one that is to be checked now is broken already.
        """
        ...

    def check_constraints(self, changed: Table | None, catalog: Catalog) -> None:
        """Raise Violation if a change, of that table, broke what is to be checked at once."""
        ...

    def lock(self, tables: Sequence[tuple[str, str]], mode: str, *, nowait: bool) -> None:
        """Lock tables, each (namespace, name), in one of PostgreSQL's modes ('SHARE').

        Nothing is left to do where one transaction writes at a time: it has been begun as such.
        """
        ...

    def truncate(self, tables: Sequence[Table], deletes: Sequence[Prepared]) -> None:
        """Empty tables. ``deletes`` do so too, in an order that keeps foreign keys.

        Raises InvalidState (object_in_use) if rows of theirs are still to be checked.
        """
        ...

    def analyze(self, tables: Sequence[tuple[str, str]]) -> None:
        """Count what tables, each (namespace, name), and their indexes hold, to plan by it.

        Plans that were made before are made anew.
        """
        ...

    def sizes(self, table: tuple[str, str]) -> tuple[int, int]:
        """Return the bytes that a table, (namespace, name), takes, and those of its indexes."""
        ...

    def set_deadline(self, seconds: float | None) -> None:
        """Interrupt statements that still run at this time.monotonic(); None lifts it."""
        ...

    def check(self) -> None:
        """Raise Limit if what runs has been interrupted, or is past its deadline.

        For whoever does something long between two statements.
        """
        ...

    def interrupt(self) -> None:
        """End the running statement with Limit (query_canceled); callable from any thread."""
        ...

    def change_schema(self, change: Change, catalog: Catalog) -> None:
        """Carry out a change inside the open write transaction and record it in the catalog.

        ``catalog`` is the one before the change.
        """
        ...

    def catalog_version(self) -> Version:
        """Return the version that this connection's transaction sees."""
        ...

    def moved(self) -> bool:
        """Say, at next to no cost, whether another connection may have committed since last asked.

        False is a promise that ``catalog_version`` has not changed.
        """
        ...

    @property
    def personal(self) -> bool:
        """Say whether it holds what is its session's alone, until ``forget_session``."""
        ...

    def forget_session(self) -> None:
        """Forget what a session left: nobody else may see it."""
        ...

    def load_catalog(self) -> Catalog: ...
    def inspect(self) -> Iterator[Finding]:
        """Yield all that is wrong with the store itself, inside the open transaction.

        It never raises for what is damaged: what cannot be read is a finding too. Behind such
        damage another transaction may have to be begun, which is as open as this one then.
        """
        ...

    def close(self) -> None: ...


class Answer(NamedTuple):
    """What a statement gave: its rows, and how many it inserted, updated or deleted."""

    rows: list[Row]
    changed: int


class Line(Protocol):
    """A line to a store in another process, for one statement at a time, which nobody waits for.

    Each statement is a transaction of its own. After ``send`` its answer is there at some time when
    there is something to read from ``fileno``: ``receive`` returns it once it is whole.
    """

    def fileno(self) -> int: ...
    def send(
        self,
        prepared: Prepared,
        parameters: Sequence[Stored],
        context: Context,
        version: Version,
    ) -> bool:
        """Send a statement that was made from this version of the catalog.

        False says that ``flush`` is to be called whenever more can be written, until it is True.
        """
        ...

    def flush(self) -> bool: ...
    def receive(self) -> Answer | None:
        """Return the answer, None if more has to come. Raises what the statement failed with.

        Conflict says that nothing was done, and that to run it again may help: the catalog may be
        another one. Unavailable says that the line is broken; ``broken`` does from then on.
        """
        ...

    @property
    def broken(self) -> bool: ...
    def interrupt(self) -> None:
        """End the running statement with Limit (query_canceled); callable from any thread."""
        ...

    def close(self) -> None: ...


class Store(Protocol):
    """A place where data lives."""

    gaps: Gaps
    name: str  # the database's own name: a file's stem, a PostgreSQL database

    leaves_sync: bool  # commits of a connection that is not ``synced`` are lasting by ``sync`` only

    def connect(self, *, synced: bool = True) -> Connection:
        """Return a new connection; the caller closes it. Raises Unavailable."""
        ...

    def line(self) -> Line | None:
        """Return a new line; None where ``gaps.in_process`` says that nobody needs one."""
        ...

    def sync(self) -> None:
        """Make lasting all that was committed before the call; from any thread.

        Raises Unavailable: then nobody can tell what is lasting.
        """
        ...

    def leave_log(self, grown: Callable[[], None] | None) -> None:
        """Have no commit wait while a long log of changes is put into the file.

        Instead ``grown`` is called, on the thread that commits, each time the log is long enough
        for ``shorten_log``. None: as it was before. Nothing happens where there is no such log.
        """
        ...

    def shorten_log(self, alone: Callable[[], AbstractContextManager[None]]) -> bool:
        """Put the log into the file while others read and write, and the rest within ``alone``.

        There nobody else in this process writes; it may raise Conflict instead. Returns whether
        all was done; if not, somebody reads an older state. Raises Unavailable.
        """
        ...

    def prepare(self, statement: Statement) -> Prepared:
        """Render a statement. Raises Unsupported for what this store cannot say."""
        ...

    def close(self) -> None: ...
