"""One connection to the file: runs prepared text, keeps one transaction, can be interrupted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING, cast

import apsw

from fivefold.catalog.catalog import Catalog, Version
from fivefold.catalog.changes import Change
from fivefold.catalog.containers import Sequence as SequenceContainer
from fivefold.catalog.containers import Table
from fivefold.errors import Conflict, FivefoldError, Unsupported
from fivefold.plan.statement import Prepared
from fivefold.stores.constraints import deferrable
from fivefold.stores.context import Attended, Context
from fivefold.stores.sqlite import failures, reflect
from fivefold.stores.sqlite.names import quote, table_name
from fivefold.stores.sqlite.watched import Watched
from fivefold.values.types import Row, Stored

if TYPE_CHECKING:
    from fivefold.plan.explain import Explanation, Options
    from fivefold.stores.findings import Finding
    from fivefold.stores.sqlite.deferring import Deferring
    from fivefold.stores.sqlite.store import SqliteStore

DEADLINE_STEPS = 20_000  # virtual machine steps between two looks at the clock: about a millisecond

ANALYZED_ROWS_MAX = 1_000  # looked at in each index: a millisecond, and close enough
ANALYZED_AFTER_ROWS = 10_000
"""Changed rows after which a connection looks for tables that have outgrown their figures."""
_OPTIMIZE = 0x10002  # ANALYZE where figures are missing or tenfold wrong, whatever was queried

_MISSES = ("no such", "unknown function")  # in a statement; in an index that it has to keep


class SqliteConnection:
    """A connection of the store's contract over one ``apsw.Connection``."""

    def __init__(self, connection: apsw.Connection, store: SqliteStore) -> None:
        self.raw = connection
        self.store = store
        self._attended = Attended(self.check)
        self.attend = self._attended.attend
        self._registered = False
        self._provided: dict[tuple[str, str], object] = {}  # system relations, by their tokens
        cursor = connection.cursor()
        self._cursor = cursor
        self._execute = cursor.execute
        self.changes: Callable[[], int] = connection.changes
        """Return how many rows the last INSERT, UPDATE or DELETE changed."""
        self._data_version = connection.data_version
        self._seen_data_version = -1
        self._fresh = False  # SQLite's data version is as of a statement after ``moved``
        self._has_catalog: tuple[int, bool] | None = None
        self._deadline: float | None = None
        self._timed_out = False
        self._deferring: Deferring | None = None  # what SET CONSTRAINTS asked for
        self.streams: set[apsw.Cursor] = set()  # statements that are being read row by row
        connection.set_busy_timeout(0)
        # Without a collation of its primary key's columns or of those that it covers, SQLite does
        # without the key, which for a table that is nothing else ends in "no query solution".
        connection.collation_needed(_add_collation)

    # Statements

    def run(self, prepared: Prepared, parameters: Sequence[Stored] = ()) -> list[Row]:
        """Run a statement and return all its rows."""
        self._fresh = True
        if type(prepared) is not Prepared:
            return self._run_special(prepared, parameters)
        try:
            return self._execute(prepared.text, parameters).fetchall()
        except apsw.Error as error:
            if self._register_for(error):
                return self.run(prepared, parameters)
            raise self._translated(error, prepared, parameters) from None
        except FivefoldError:
            raise
        except Exception as error:  # of one of our functions: a fault, but not the session's end
            raise failures.unexpected(error) from error

    def _run_special(self, prepared: Prepared, parameters: Sequence[Stored]) -> list[Row]:
        """Run a statement that is more than its text: watched, or in steps."""
        if not isinstance(prepared, Watched):
            return self._run_steps(prepared, parameters)
        self.forget_touched()
        rows = self.run(Prepared(prepared.statement, prepared.text, True), parameters)
        return [] if prepared.statement.outputs is None else rows

    def forget_touched(self) -> None:
        """Take note that a watched statement begins."""
        self._attended.context.touched.clear()

    def _run_steps(self, prepared: Prepared, parameters: Sequence[Stored]) -> list[Row]:
        """Run the steps of a statement, all or nothing; see ``steps``."""
        from fivefold.stores.sqlite import steps

        assert isinstance(prepared, steps.Stepped)
        self.savepoint("fivefold_steps")
        try:
            rows = steps.run(prepared, parameters, self.run)
        except BaseException:
            if self.in_transaction:
                self.rollback_to("fivefold_steps")
                self.release("fivefold_steps")
            raise
        self.release("fivefold_steps")
        return rows

    def stream(self, prepared: Prepared, parameters: Sequence[Stored] = ()) -> Iterator[Row]:
        """Run a statement and yield its rows as SQLite finds them."""
        # The cursor ends with this generator. Closing it outright leaks its 200 bytes (apsw 3.54).
        if type(prepared) is not Prepared:
            yield from self.run(prepared, parameters)
            return
        cursor = self.raw.cursor()
        self._fresh = True
        self.streams.add(cursor)
        try:
            yield from self._begun(cursor, prepared.text, parameters)
        except apsw.Error as error:
            cursor.close(True)  # the error's traceback would keep it
            raise self._translated(error, prepared, parameters) from None
        except FivefoldError:
            raise
        except Exception as error:  # as in ``run``
            raise failures.unexpected(error) from error
        finally:
            self.streams.discard(cursor)

    def explain(
        self, prepared: Prepared, parameters: Sequence[Stored], options: Options, catalog: Catalog
    ) -> Explanation:
        """Say how SQLite runs a statement, and with ANALYZE run it."""
        from fivefold.stores.sqlite.explain import explain

        if type(prepared) not in (Prepared, Watched):
            raise Unsupported("EXPLAIN of WITH queries that change rows is not supported")
        return explain(self, prepared, parameters, options, catalog)

    def run_many(self, prepared: Prepared, rows: Iterable[Sequence[Stored]]) -> int:
        """Run a statement once per row; a failing row undoes them all."""
        last: Sequence[Stored] = ()
        iterator = iter(rows)
        count = 0

        def remembered(taken: tuple[Sequence[Stored], ...] = ()) -> Iterator[Sequence[Stored]]:
            nonlocal last, count
            for row in chain(taken, iterator):
                last = row
                yield row
                count += self.changes()  # not what sequences changed

        self.savepoint("fivefold_many")
        if type(prepared) is not Prepared:
            return self._run_many_special(prepared, iterator)
        try:
            try:
                self._cursor.executemany(prepared.text, remembered())
            except apsw.SQLError as error:
                if not self._register_for(error):
                    raise
                # Found when the statement was prepared: at most one row had been taken.
                taken = (last,) if last else ()
                self._cursor.executemany(prepared.text, remembered(taken))
        except apsw.Error as error:
            try:  # while the rows before are there, with which this one does not agree
                refused = self._translated(error, prepared, last)
            finally:
                self._undo_many()
            raise refused from None
        except BaseException:
            self._undo_many()
            raise
        self.release("fivefold_many")
        return count

    def _run_many_special(self, prepared: Prepared, rows: Iterator[Sequence[Stored]]) -> int:
        count = 0
        try:
            for row in rows:
                self._run_special(prepared, row)
                count += self.changes()
        except BaseException:
            self._undo_many()
            raise
        self.release("fivefold_many")
        return count

    def _undo_many(self) -> None:
        if self.in_transaction:
            self.rollback_to("fivefold_many")
            self.release("fivefold_many")

    def _begun(self, cursor: apsw.Cursor, text: str, parameters: Sequence[Stored]) -> apsw.Cursor:
        try:
            return cursor.execute(text, parameters)
        except apsw.SQLError as error:
            if self._register_for(error):
                return cursor.execute(text, parameters)
            raise

    def _register_for(self, error: apsw.Error) -> bool:
        """Register fivefold's functions if SQLite misses one; say whether to try again.

        They are many, and a program that only reads keys needs none.
        """
        missing = isinstance(error, apsw.SQLError) and str(error).startswith(_MISSES)
        if not missing or self._registered:
            return False
        self.register_functions()
        return True

    def register_functions(self) -> None:
        """Register fivefold's functions and collations, if they are not yet."""
        if not self._registered:
            from fivefold.stores.sqlite.functions import registry

            self._registered = True
            # The functions cannot tell the stand-in from a context.
            registry.register(self.raw, cast(Context, self._attended))

    def provide(self, relation: Table, rows: Sequence[Row], token: object) -> None:
        """Put the rows of a system relation into a temporary table of its name."""
        key = (relation.namespace, relation.name)
        if self._provided.get(key) is token:
            return
        from fivefold.stores.sqlite import provided

        provided.fill(self, relation, rows)
        self._provided[key] = token

    def restart(self, sequence: SequenceContainer) -> None:
        """Have a sequence begin again at its start."""
        self._execute(
            "UPDATE fivefold_sequences SET last_value = ?, is_called = 0"
            " WHERE namespace = ? AND name = ?",
            (sequence.start, sequence.namespace, sequence.name),
        )

    # Transactions

    @property
    def in_transaction(self) -> bool:
        """Say whether a transaction is open; some failures (a full disk) end it."""
        return self.raw.in_transaction

    def begin(self, *, write: bool, wait_ms: int = 0) -> None:
        """Open a transaction, waiting up to ``wait_ms`` for another process's writer."""
        self._fresh = write  # a reader's snapshot is taken by its first statement
        try:
            self._execute("BEGIN IMMEDIATE" if write else "BEGIN")
        except apsw.BusyError:
            self._wait_to_write(wait_ms)
        except apsw.Error as error:
            raise failures.translate(error, str(self.store.path)) from None

    def _wait_to_write(self, wait_ms: int) -> None:
        """Wait for another process's writer, as SQLite does, by asking again and again."""
        try:
            self.raw.set_busy_timeout(wait_ms)
            self._execute("BEGIN IMMEDIATE")
        except apsw.BusyError:
            raise Conflict(
                "another transaction is writing", "lock_not_available", hint="Try again."
            ) from None
        except apsw.Error as error:
            raise failures.translate(error, str(self.store.path)) from None
        finally:
            self.raw.set_busy_timeout(0)

    def commit(self) -> None:
        """Make the transaction's changes lasting and visible."""
        self._deferring = None
        unmoved = self._data_version() == self._seen_data_version
        try:
            self._execute("COMMIT")
            if unmoved:  # SQLite counts our own commits too
                self._seen_data_version = self._data_version()
        except apsw.Error as error:
            translated = failures.at_commit(self, error)
            self.rollback()
            raise translated from None
        if self.streams:
            self._end_streams()

    def rollback(self) -> None:
        """Undo the transaction; nothing happens if none is open."""
        self._provided.clear()  # temporary tables are rolled back too
        self._deferring = None
        if self.streams:
            self._end_streams()
        if self.raw.in_transaction:
            self._undo("ROLLBACK")

    def _end_streams(self) -> None:
        """End what is being read. A reader that is given up may live on until it is collected.

        SQLite keeps a transaction's snapshot while one of its statements has rows left, so that
        the next transaction would see what was, and could not write.
        """
        for cursor in self.streams:
            cursor.close(True)
        self.streams.clear()

    def _undo(self, text: str) -> None:
        try:
            self._execute(text)
        except apsw.InterruptError:  # came between two rows, and lasts while any are being read
            self._end_streams()
            self._execute(text)

    def savepoint(self, name: str) -> None:
        """Mark a place to come back to."""
        self._execute(f"SAVEPOINT {quote(name)}")
        if self._deferring is not None:
            self._deferring.savepoint(name)

    def release(self, name: str) -> None:
        """Forget a savepoint and keep what came after it."""
        self._execute(f"RELEASE {quote(name)}")
        if self._deferring is not None:
            self._deferring.release(name)

    def rollback_to(self, name: str) -> None:
        """Undo what came after a savepoint, which stays."""
        self._provided.clear()
        self._undo(f"ROLLBACK TO {quote(name)}")
        if self._deferring is not None:
            self._deferring.rollback_to(name)

    def set_constraints(
        self, names: tuple[str, ...] | None, deferred: bool, catalog: Catalog
    ) -> bool:
        """Have constraints be checked at commit or at once; see ``deferring``."""
        from fivefold.stores.sqlite.deferring import Deferring

        chosen = deferrable(names, catalog)
        if self._deferring is None:
            self._deferring = Deferring()
            self._execute("PRAGMA defer_foreign_keys = ON")  # the transaction's end resets it
        self._deferring.choose(chosen, deferred=deferred)
        if not deferred:
            self.check_constraints(None, catalog)
        return True

    def check_constraints(self, changed: Table | None, catalog: Catalog) -> None:
        """Check what SET CONSTRAINTS left to be checked at once."""
        assert self._deferring is not None
        self._deferring.check(self.raw, changed, catalog)

    def truncate(self, tables: Sequence[Table], deletes: Sequence[Prepared]) -> None:
        """Empty tables row by row, or all at once where SQLite can."""
        from fivefold.stores.sqlite.deferring import refuse_pending

        for table in tables:
            refuse_pending(self.raw, table, "TRUNCATE")
        for prepared in deletes:
            self.run(prepared)

    def lock(self, tables: Sequence[tuple[str, str]], mode: str, *, nowait: bool) -> None:
        """Lock tables: whoever writes has locked them all."""

    def sizes(self, table: tuple[str, str]) -> tuple[int, int]:
        """Count the pages of a table and of its indexes."""
        from fivefold.stores.sqlite.functions import sizes

        name = table_name(*table)
        try:
            return sizes.own_bytes(self.raw, name), sizes.index_bytes(self.raw, name)
        except apsw.Error as error:
            raise failures.translate(error, str(self.store.path)) from None

    def analyze(self, tables: Sequence[tuple[str, str]]) -> None:
        """Count what tables and their indexes hold, from some rows of each."""
        self.register_functions()  # the collations of indexes are among them
        self._execute(f"PRAGMA analysis_limit = {ANALYZED_ROWS_MAX}")
        try:
            for namespace, name in tables:
                self._execute(f"ANALYZE main.{quote(table_name(namespace, name))}")
            # The cookie tells every other connection to read the figures.
            cookie = self._execute("PRAGMA schema_version").get
            self._execute(f"PRAGMA schema_version = {cookie + 1}")
        except apsw.Error as error:
            raise failures.translate(error, str(self.store.path)) from None

    # Limits

    def set_deadline(self, seconds: float | None) -> None:
        """Interrupt what runs past ``time.monotonic() == seconds``; None lifts it."""
        self._deadline = seconds
        self._timed_out = False
        if seconds is None:
            self.raw.set_progress_handler(None)
        else:
            self.raw.set_progress_handler(self._past_deadline, DEADLINE_STEPS)

    def _past_deadline(self) -> bool:
        self._timed_out = self._deadline is not None and time.monotonic() > self._deadline
        return self._timed_out

    def check(self) -> None:
        """Raise Limit if the running statement has been interrupted, or is past its deadline."""
        if self._deadline is not None and self._past_deadline():
            raise failures.interrupted(timed_out=True)
        if self.raw.is_interrupted:
            raise failures.interrupted(timed_out=False)

    def interrupt(self) -> None:
        """End the statement that is running, if any; callable from any thread."""
        self.raw.interrupt()

    # Catalog

    def moved(self) -> bool:
        """Say whether another connection may have committed since the last call.

        SQLite notices when it next looks at the file: if no statement has since, one is run.
        """
        if not self._fresh:
            self.catalog_version()
        self._fresh = False
        version = self._data_version()
        if version == self._seen_data_version:
            return False
        self._seen_data_version = version
        return True

    def catalog_version(self) -> Version:
        """Return (SQLite's schema cookie, fivefold's own count)."""
        try:
            cookie = self._execute("PRAGMA schema_version").get
            if self._has_catalog is None or self._has_catalog[0] != cookie:
                self._has_catalog = (cookie, reflect.has_catalog(self.raw))
            own = self._execute(reflect.READ_VERSION).get if self._has_catalog[1] else 0
        except apsw.Error as error:
            raise failures.translate(error, str(self.store.path)) from None
        return (cookie, own)

    personal = False
    """What sequences gave is in the context, which each session brings along."""

    def forget_session(self) -> None:
        """Do nothing."""

    def load_catalog(self) -> Catalog:
        """Read the catalog, and describe tables that others made in the file."""
        version = self.catalog_version()
        has_catalog = self._has_catalog is not None and self._has_catalog[1]
        try:
            return reflect.load(self.raw, version, has_catalog=has_catalog)
        except apsw.Error as error:
            raise failures.translate(error, str(self.store.path)) from None

    def inspect(self) -> Iterator[Finding]:
        """Yield what is wrong with the file."""
        from fivefold.stores.sqlite.inspecting import Inspection

        self.register_functions()  # indexes and checks may need them
        return Inspection(self.raw).findings()

    def change_schema(self, change: Change, catalog: Catalog) -> None:
        """Carry out a change of schema and record it; nothing is left of one that fails."""
        from fivefold.stores.sqlite import schema

        self.register_functions()
        self.savepoint("fivefold_change")
        try:
            schema.apply(self.raw, change, catalog)
        except BaseException as error:
            if self.in_transaction:
                self.rollback_to("fivefold_change")
                self.release("fivefold_change")
            if isinstance(error, apsw.Error):
                raise failures.translate(error, str(self.store.path)) from None
            raise
        self.release("fivefold_change")

    def close(self) -> None:
        """Close; an open transaction is rolled back. Who changed much leaves figures of it."""
        if self.raw.total_changes() >= ANALYZED_AFTER_ROWS and not self.in_transaction:
            self.register_functions()
            # Best effort: another process may be writing, and the next one to close will do it.
            with suppress(apsw.Error):
                self.raw.execute(f"PRAGMA analysis_limit = {ANALYZED_ROWS_MAX}")
                self.raw.execute(f"PRAGMA optimize = {_OPTIMIZE}")
        self.raw.close(True)

    def _translated(
        self, error: apsw.Error, prepared: Prepared, parameters: Sequence[Stored]
    ) -> FivefoldError:
        if isinstance(error, apsw.InterruptError):
            timed_out, self._timed_out = self._timed_out, False
            return failures.interrupted(timed_out)
        if isinstance(error, (apsw.ConstraintError, apsw.MismatchError)):
            return failures.constraint(self, error, prepared, parameters)
        if isinstance(error, apsw.SQLError) and str(error).startswith("no such "):
            known = self._has_catalog
            if known is None or self._execute("PRAGMA schema_version").get != known[0]:
                return failures.schema_changed()
        return failures.translate(error, str(self.store.path))


def _add_collation(connection: apsw.Connection, name: str) -> None:
    from fivefold.stores.sqlite.functions import collations

    collations.add(connection, name)
