"""A store that holds its callers and itself to the contract; every test runs over it.

The wrapper asserts what ``stores/contract.py`` promises: what goes in (stored forms, one thread
at a time, nothing after ``close``, savepoints that exist) and what comes out (rows in stored form,
errors of ``fivefold.errors`` only, a transaction that is open exactly when it should be).
It is for tests: an AssertionError here is a defect in the caller or in the store.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from fivefold.catalog.catalog import Catalog, Version
from fivefold.catalog.changes import Change
from fivefold.catalog.containers import Sequence as SequenceContainer
from fivefold.catalog.containers import Table
from fivefold.errors import FivefoldError
from fivefold.plan.explain import Explanation, Options
from fivefold.plan.statement import Prepared, Statement, Template
from fivefold.stores.context import Context
from fivefold.stores.contract import Connection, Line, Store
from fivefold.stores.findings import Finding
from fivefold.values.types import Row, Stored

STORED = (int, float, str, bytes)

# What a statement may fail with; the wire rooms' own codes never come from a store.
NEVER = frozenset(
    {
        "protocol_violation",
        "internal_error",
        "unknown_command",
        "script_error",
        "too_many_connections",
    }
)
DRIVERS = frozenset({"apsw", "psycopg", "psycopg_pool"})


def checked(store: Store) -> Store:
    """Return ``store`` under checks."""
    return CheckedStore(store)


def _check_values(values: Sequence[Stored], what: str) -> None:
    for value in values:
        ok = value is None or (isinstance(value, STORED) and type(value) in STORED)
        assert ok, f"{what} {value!r} is a {type(value).__name__}, not a stored form"
        assert value == value, f"{what} NaN: its stored form is text"


class CheckedStore:
    """The store's side: renders only what it can, and closes once."""

    def __init__(self, inner: Store) -> None:
        self.inner = inner
        self.gaps = inner.gaps
        self.leaves_sync = inner.leaves_sync
        self.name = inner.name
        self._closed = False

    def sync(self) -> None:
        """Make what was committed lasting."""
        assert self.inner.leaves_sync, "nothing is left to sync"
        with _only_ours():
            self.inner.sync()

    def leave_log(self, grown: Callable[[], None] | None) -> None:
        """Have others look after the log."""
        self.inner.leave_log(grown)

    def shorten_log(self, alone: Callable[[], AbstractContextManager[None]]) -> bool:
        """Put the log into the file."""
        assert not self._closed, "shorten_log after close"
        with _only_ours():
            return self.inner.shorten_log(alone)

    def connect(self, *, synced: bool = True) -> Connection:
        """Return a connection under checks."""
        assert not self._closed, "connect after close"
        with _only_ours():
            return CheckedConnection(self.inner.connect(synced=synced))

    def line(self) -> Line | None:
        """Return a line as it is: tests of lines look at it."""
        return self.inner.line()

    def prepare(self, statement: Statement) -> Prepared:
        """Render, and check that the result says what was asked for."""
        if isinstance(statement.source, Template):
            marks = re.sub("'[^']*'", "", statement.source.text).count("?")
            marks += sum(path.column == "?" for path in (statement.source.paths or {}).values())
            assert not statement.parameters or marks == len(statement.parameters), statement
        with _only_ours():
            prepared = self.inner.prepare(statement)
        assert prepared.statement is statement
        assert prepared.writes is statement.writes
        return prepared

    def close(self) -> None:
        """Close."""
        assert not self._closed, "closed twice"
        self._closed = True
        self.inner.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


class CheckedConnection:
    """The connection's side. What is not of the contract is handed through."""

    def __init__(self, inner: Connection) -> None:
        self.inner = inner
        self._closed = False
        self._savepoints: list[str] = []
        self._lock = threading.Lock()
        self._version: Version | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Assert that nobody else is inside, and that only our errors come out."""
        assert self._lock.acquire(blocking=False), "two threads use one connection"
        try:
            assert not self._closed, "a statement after close"
            with _only_ours():
                yield
        finally:
            self._lock.release()
            if not self._closed and not self.inner.in_transaction:
                self._savepoints.clear()

    # Statements

    def run(self, prepared: Prepared, parameters: Sequence[Stored] = ()) -> list[Row]:
        """Run, checking values on both sides and that the transaction stays as it was."""
        _check_parameters(prepared, parameters)
        with self._alone():
            was_open = self.inner.in_transaction
            rows = self.inner.run(prepared, parameters)
            assert self.inner.in_transaction == was_open, "a statement began or ended a transaction"
        assert isinstance(rows, list)
        for row in rows:
            _check_row(prepared, row)
        if prepared.statement.writes:
            assert self.changes() >= 0
        return rows

    def stream(self, prepared: Prepared, parameters: Sequence[Stored] = ()) -> Iterator[Row]:
        """Stream; other statements may run between two rows, on the same thread."""
        _check_parameters(prepared, parameters)
        rows = self.inner.stream(prepared, parameters)
        try:
            while True:
                with self._alone():
                    row = next(rows, None)
                if row is None:
                    return
                _check_row(prepared, row)
                yield row
        finally:
            close = getattr(rows, "close", None)
            if close is not None:
                close()

    def explain(
        self,
        prepared: Prepared,
        parameters: Sequence[Stored],
        options: Options,
        catalog: Catalog,
    ) -> Explanation:
        """Explain; the statement must have its tree still."""
        _check_parameters(prepared, parameters)
        with self._alone():
            found = self.inner.explain(prepared, parameters, options, catalog)
        assert (found.plan is None) is bool(found.lines)
        return found

    def run_many(self, prepared: Prepared, rows: Iterable[Sequence[Stored]]) -> int:
        """Run for each row."""
        assert prepared.statement.writes, "run_many of a statement that does not write"

        def looked_at() -> Iterator[Sequence[Stored]]:
            for row in rows:
                _check_parameters(prepared, row)
                yield row

        with self._alone():
            was_open = self.inner.in_transaction
            count = self.inner.run_many(prepared, looked_at())
            assert self.inner.in_transaction == was_open
        assert count >= 0
        return count

    def attend(self, context: Context) -> None:
        """Attend to a session."""
        with self._alone():
            self.inner.attend(context)

    def provide(self, relation: Table, rows: Sequence[Row], token: object) -> None:
        """Check the rows, and provide them."""
        assert all(len(row) == len(relation.columns) for row in rows)
        with self._alone():
            self.inner.provide(relation, rows, token)

    def restart(self, sequence: SequenceContainer) -> None:
        """Restart a sequence."""
        with self._alone():
            self.inner.restart(sequence)

    def changes(self) -> int:
        """Return the rows changed."""
        count = self.inner.changes()
        assert isinstance(count, int)
        assert count >= 0
        return count

    # Transactions

    @property
    def in_transaction(self) -> bool:
        """Say whether a transaction is open."""
        return self.inner.in_transaction

    def begin(self, *, write: bool, wait_ms: int = 0) -> None:
        """Begin; none may be open."""
        assert wait_ms >= 0
        with self._alone():
            assert not self.inner.in_transaction, "begin inside a transaction"
            try:
                self.inner.begin(write=write, wait_ms=wait_ms)
            except FivefoldError:
                assert not self.inner.in_transaction, "a failed begin left a transaction open"
                raise
            assert self.inner.in_transaction, "begin opened no transaction"

    def commit(self) -> None:
        """Commit; afterwards nothing is open, however it went."""
        with self._alone():
            assert self.inner.in_transaction, "commit without a transaction"
            try:
                self.inner.commit()
            except FivefoldError:
                self._version = None  # a change of schema may have been undone
                raise
            finally:
                assert not self.inner.in_transaction, "commit left a transaction open"

    def rollback(self) -> None:
        """Roll back; allowed at any time."""
        with self._alone():
            self._version = None  # a change of schema may be undone
            self.inner.rollback()
            assert not self.inner.in_transaction, "rollback left a transaction open"

    def savepoint(self, name: str) -> None:
        """Set a savepoint; inside a transaction only."""
        with self._alone():
            assert self.inner.in_transaction, "savepoint without a transaction"
            self.inner.savepoint(name)
            self._savepoints.append(name)

    def release(self, name: str) -> None:
        """Release a savepoint that exists, and those after it."""
        with self._alone():
            del self._savepoints[self._place(name) :]
            self.inner.release(name)

    def rollback_to(self, name: str) -> None:
        """Go back to a savepoint that exists; those after it are gone."""
        with self._alone():
            del self._savepoints[self._place(name) + 1 :]
            self._version = None
            self.inner.rollback_to(name)

    def _place(self, name: str) -> int:
        assert name in self._savepoints, f"no savepoint {name}"
        return len(self._savepoints) - 1 - self._savepoints[::-1].index(name)

    def set_constraints(
        self, names: tuple[str, ...] | None, deferred: bool, catalog: Catalog
    ) -> bool:
        """Defer constraints, inside a transaction."""
        with self._alone():
            assert self.inner.in_transaction, "set_constraints outside a transaction"
            return self.inner.set_constraints(names, deferred, catalog)

    def check_constraints(self, changed: Table | None, catalog: Catalog) -> None:
        """Check constraints, inside a transaction."""
        with self._alone():
            assert self.inner.in_transaction, "check_constraints outside a transaction"
            self.inner.check_constraints(changed, catalog)

    def lock(self, tables: Sequence[tuple[str, str]], mode: str, *, nowait: bool) -> None:
        """Lock tables, inside a transaction."""
        with self._alone():
            assert self.inner.in_transaction, "lock outside a transaction"
            self.inner.lock(tables, mode, nowait=nowait)

    def truncate(self, tables: Sequence[Table], deletes: Sequence[Prepared]) -> None:
        """Empty tables, inside a transaction."""
        with self._alone():
            assert self.inner.in_transaction, "truncate outside a transaction"
            self.inner.truncate(tables, deletes)

    def analyze(self, tables: Sequence[tuple[str, str]]) -> None:
        """Count what tables hold, inside a transaction."""
        with self._alone():
            assert self.inner.in_transaction, "analyze outside a transaction"
            self.inner.analyze(tables)

    def sizes(self, table: tuple[str, str]) -> tuple[int, int]:
        """Return what a table takes, none of it below nothing."""
        with self._alone():
            sizes = self.inner.sizes(table)
        assert min(sizes) >= 0, sizes
        return sizes

    # Limits

    def set_deadline(self, seconds: float | None) -> None:
        """Set the deadline."""
        with self._alone():
            self.inner.set_deadline(seconds)

    def check(self) -> None:
        """Look whether it is to stop."""
        with _only_ours():
            self.inner.check()

    def interrupt(self) -> None:
        """Interrupt, from any thread."""
        self.inner.interrupt()

    # Catalog

    def change_schema(self, change: Change, catalog: Catalog) -> None:
        """Change the schema inside a transaction, from the catalog that it sees."""
        with self._alone():
            assert self.inner.in_transaction, "change_schema outside a transaction"
            before = self.inner.catalog_version()
            assert catalog.version == before, (catalog.version, before)
            self.inner.change_schema(change, catalog)
            self._version = self.inner.catalog_version()
            assert self._version != before, "a change of schema left the version as it was"

    def catalog_version(self) -> Version:
        """Return the version; remember it to hold ``moved`` to its promise."""
        with self._alone():
            self._version = self.inner.catalog_version()
        return self._version

    def moved(self) -> bool:
        """Ask; if the answer is no the version must be what it was."""
        with self._alone():
            moved = self.inner.moved()
            version = self.inner.catalog_version()
            if not moved and self._version is not None:
                assert version == self._version, "moved() said no, and the catalog had moved"
            self._version = version
        return moved

    @property
    def personal(self) -> bool:
        """Say what the store's own says."""
        return self.inner.personal

    def forget_session(self) -> None:
        """Forget, all of it."""
        self.inner.forget_session()
        assert not self.inner.personal

    def load_catalog(self) -> Catalog:
        """Load the catalog; it carries the version that the transaction sees."""
        with self._alone():
            catalog = self.inner.load_catalog()
            if self.inner.in_transaction:
                assert catalog.version == self.inner.catalog_version()
        for (namespace, name), container in catalog.containers.items():
            assert (container.namespace, container.name) == (namespace, name)
            assert namespace in catalog.namespaces, f"{namespace}.{name} lies in no namespace"
        return catalog

    def inspect(self) -> Iterator[Finding]:
        """Look for what is wrong."""
        assert self.inner.in_transaction, "inspect() outside a transaction"
        yield from self.inner.inspect()

    def close(self) -> None:
        """Close."""
        assert not self._closed, "closed twice"
        self._closed = True
        self.inner.close()


@contextmanager
def _only_ours() -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        _check_error(error)
        raise


def _check_error(error: BaseException) -> None:
    if isinstance(error, FivefoldError):
        assert error.code in error.codes
        assert error.code not in NEVER, f"a store may not raise {error.code}: {error}"
    else:
        package = type(error).__module__.split(".")[0]
        assert package not in DRIVERS, f"an error of the driver's own came through: {error!r}"


def _check_parameters(prepared: Prepared, parameters: Sequence[Stored]) -> None:
    expected = len(prepared.statement.parameters)
    assert not expected or len(parameters) == expected, (prepared.text, parameters)
    _check_values(parameters, "parameter")


def _check_row(prepared: Prepared, row: Row) -> None:
    assert type(row) is tuple, row
    _check_values(row, "value")
    outputs = prepared.statement.outputs
    assert outputs is None or len(outputs) == len(row), (outputs, row)
