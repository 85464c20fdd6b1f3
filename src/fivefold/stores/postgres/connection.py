"""One connection to PostgreSQL, kept to the contract: a failed statement undoes only itself.

PostgreSQL fails the whole transaction when one statement fails. So a savepoint, the *guard*, stands
before what might have to be undone. It costs little: BEGIN sets the first one in the
same message, which also reads the catalog's version; reads leave a guard as good as it was; a
savepoint of the caller is a guard too. Only a statement after a write needs a message of its own.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

import psycopg
from psycopg import errors
from psycopg.pq import ExecStatus, TransactionStatus

from fivefold.catalog.catalog import Catalog, Version
from fivefold.catalog.changes import Change
from fivefold.catalog.containers import Sequence as SequenceContainer
from fivefold.catalog.containers import Table
from fivefold.errors import Limit, Unavailable
from fivefold.plan.explain import Explanation, Options
from fivefold.plan.statement import Prepared
from fivefold.stores.constraints import deferrable
from fivefold.stores.context import Context
from fivefold.stores.postgres import failures, reflect, schema
from fivefold.stores.postgres.cancelling import cancel
from fivefold.stores.postgres.explain import explaining
from fivefold.stores.postgres.names import DEFAULTS, Settings, qualified, quote, settings_texts
from fivefold.stores.postgres.prepared import PostgresPrepared
from fivefold.values.types import Row, Stored

if TYPE_CHECKING:
    from fivefold.stores.findings import Finding
    from fivefold.stores.postgres.store import PostgresStore

T = TypeVar("T")

STREAM_ROWS = 1_000  # fetched at once by ``stream``: a message of some 100 kB
TIMEOUT_MS_MIN = 10  # for one statement: savepoints and settings run under it as well

_GUARD = "fivefold_guard"
_READ_VERSION = schema.READ_VERSION.encode()
_BEGIN = f"BEGIN; SAVEPOINT {_GUARD}; ".encode()
_numbers = itertools.count(1)  # of prepared statements: no two on one line may share a name
_SET_GUARD = f"SAVEPOINT {_GUARD}".encode()
_MOVE_GUARD = f"RELEASE {_GUARD}; SAVEPOINT {_GUARD}".encode()
_TO_GUARD = f"ROLLBACK TO {_GUARD}".encode()
_NO_TRANSACTION = (TransactionStatus.IDLE, TransactionStatus.UNKNOWN)


class PostgresConnection:
    """A connection of the store's contract over one ``psycopg.Connection``."""

    def __init__(self, raw: psycopg.Connection, store: PostgresStore) -> None:
        self.store = store
        self._use(raw)
        self._restore: bytes | None = None  # undoes a failed statement; None: no guard stands
        self._guarded = False  # our guard is the innermost savepoint
        self._changes = 0
        self.personal = False  # what sequences gave to the session is in the server's session
        self._version: int | None = None  # of the catalog, as this transaction sees it
        self._seen: int | None = None  # what ``moved`` last compared with
        self._deadline: float | None = None
        self._streaming = 0  # streams whose rows somebody takes
        self._stopped = False  # by an interrupt while one of them was between two fetches
        self._timed = False  # the server may have a statement_timeout from us
        self._set: Settings | None = DEFAULTS  # the server's; None: not known
        self._wanted: Settings = DEFAULTS
        self._context = Context()
        self._streams = 0
        self._within: set[str] = set()  # the streams that end with the transaction
        self._running = False
        self._cancel = threading.Lock()

    def _use(self, raw: psycopg.Connection) -> None:
        self.raw = raw
        self._line = raw.pgconn
        self._cursor = psycopg.RawCursor(raw)
        self._version_name: bytes | None = None  # the prepared statement that reads the version

    # Statements

    def run(self, prepared: Prepared, parameters: Sequence[Stored] = ()) -> list[Row]:
        """Run a statement and return all its rows."""
        cursor = self._guard(lambda: self._execute(prepared, parameters))
        if prepared.writes:
            self._changes = cursor.rowcount
            self._restore = None
        result = cursor.pgresult
        if result is None or result.status != ExecStatus.TUPLES_OK:
            return []
        return _as_stored(prepared, cursor.fetchall())

    def _execute(self, prepared: Prepared, parameters: Sequence[Stored]) -> psycopg.RawCursor[Row]:
        self._note(prepared)
        return self._cursor.execute(_text(prepared), self._values(prepared, parameters))

    def _note(self, prepared: Prepared) -> None:
        if prepared.personal:
            self.personal = True

    def stream(self, prepared: Prepared, parameters: Sequence[Stored] = ()) -> Iterator[Row]:
        """Run a statement and yield its rows; other statements may run meanwhile.

        Rows come through a cursor of the server, which outside a transaction is one WITH HOLD. A
        statement that writes has been carried out when its first row comes.
        """
        if prepared.writes:
            yield from self.run(prepared, parameters)
            return
        self._streams += 1
        self._note(prepared)
        name = f"fivefold_stream_{self._streams}"
        within = self.in_transaction
        hold = "" if within else "WITH HOLD "
        text = f"DECLARE {name} NO SCROLL CURSOR {hold}FOR {prepared.text}"
        values = self._values(prepared, parameters)
        self._guard(lambda: self._cursor.execute(text.encode(), values, prepare=False))
        self._stopped = self._stopped and self._streaming > 0
        self._streaming += 1
        self._restore = None  # going back behind the DECLARE would close the cursor
        fetch = f"FETCH {STREAM_ROWS} FROM {name}".encode()
        if within:
            self._within.add(name)
        try:
            while True:
                if within and name not in self._within:
                    raise failures.stream_ended()
                cursor = self._guard(lambda: self._cursor.execute(fetch, prepare=False))
                rows = cursor.fetchall()
                for row in _as_stored(prepared, rows):
                    yield row
                    if self._stopped or self._deadline is not None:
                        self.check()  # whoever takes the rows may be slow
                if len(rows) < STREAM_ROWS:
                    break
        finally:
            self._streaming -= 1
            if not within or name in self._within:  # else the connection may be somebody else's
                self._within.discard(name)
                self._close_stream(name)

    def _close_stream(self, name: str) -> None:
        if self.raw.closed:
            return
        deadline, self._deadline = self._deadline, None
        try:
            known = "SELECT 1 FROM pg_cursors WHERE name = $1"
            if self._guard(lambda: self._cursor.execute(known, (name,))).fetchall():
                self.execute(f"CLOSE {name}")
        except Unavailable:
            pass  # and so is the cursor
        finally:
            self._deadline = deadline

    def explain(
        self, prepared: Prepared, parameters: Sequence[Stored], options: Options, catalog: Catalog
    ) -> Explanation:
        """Have the server explain, in its own words."""
        text = explaining(prepared.text, options).encode()
        values = self._values(prepared, parameters)
        cursor = self._guard(lambda: self._cursor.execute(text, values, prepare=False))
        if options.analyze and prepared.writes:
            self._restore = None
        return Explanation(lines=tuple(str(row[0]) for row in cursor.fetchall()))

    def run_many(self, prepared: Prepared, rows: Iterable[Sequence[Stored]]) -> int:
        """Run a statement once per row; a failing row undoes them all."""
        converted = (self._values(prepared, row) for row in rows)
        work = self._all_of(prepared, converted)
        if self.in_transaction:
            return self._guard(work, keeps=False)
        self.begin(write=True)
        try:
            count = self._guard(work)
        except BaseException:
            self.rollback()
            raise
        self.commit()
        return count

    def _all_of(self, prepared: Prepared, rows: Iterable[Sequence[Stored]]) -> Callable[[], int]:
        def work() -> int:
            self._note(prepared)
            self._cursor.executemany(_text(prepared), rows)
            self._changes = max(self._cursor.rowcount, 0)
            return self._changes

        return work

    def changes(self) -> int:
        """Return how many rows the last INSERT, UPDATE or DELETE changed."""
        return self._changes

    def attend(self, context: Context) -> None:
        """Have the server read and show times and names as this session does.

        Times still arrive in UTC.
        """
        self._context = context
        self._wanted = (context.zone, context.store_path, context.lock_timeout_ms)

    def provide(self, relation: Table, rows: Sequence[Row], token: object) -> None:
        """PostgreSQL has catalogs of its own."""

    def restart(self, sequence: SequenceContainer) -> None:
        """Have a sequence begin again at its start."""
        name = qualified(sequence.namespace, sequence.name)
        self._version_name = None  # after ALTER and DROP psycopg drops what was prepared
        self._guard(lambda: self.execute(f"ALTER SEQUENCE {name} RESTART"), keeps=False)

    def execute(self, text: str, parameters: Sequence[Stored] = ()) -> list[Row]:
        """Run text of the store's own, unguarded."""
        cursor = self._cursor.execute(text.encode(), parameters, prepare=False)
        result = cursor.pgresult
        return cursor.fetchall() if result and result.status == ExecStatus.TUPLES_OK else []

    def _values(self, prepared: Prepared, parameters: Sequence[Stored]) -> Sequence[Stored]:
        assert isinstance(prepared, PostgresPrepared)
        return prepared.crossing_values(parameters, self._context)

    # The guard

    def _guard(self, work: Callable[[], T], *, keeps: bool = True) -> T:
        """Run ``work``; if it fails, go back to before it.

        ``keeps`` says that work leaves the guard as good as it was (it does not write), or that
        the caller looks after that.
        """
        self._prepare_to_run()
        self._running = True
        try:
            result = work()
        except psycopg.Error as error:
            raise self._recovered(error) from None
        except BaseException:
            self._recover(though_sound=True)
            raise
        finally:
            self._running = False
            if self._cancel.locked():
                with self._cancel:  # a cancel request is on its way: it must not hit the next one
                    pass
        if not keeps:
            self._restore = None
        return result

    def _prepare_to_run(self) -> None:
        if self._line.transaction_status == TransactionStatus.IDLE:
            pass
        elif self.raw.closed:
            self._replace()
        elif self._restore is None:
            self._control(_MOVE_GUARD if self._guarded else _SET_GUARD)
            self._restore, self._guarded = _TO_GUARD, True
        if self._deadline is not None or self._timed:
            self._set_timeout()
        if self._wanted != self._set:
            self._control("; ".join(settings_texts(*self._wanted)).encode())
            self._set = self._wanted

    def _recovered(self, error: psycopg.Error) -> Exception:
        """Go back to before the failed statement and return its error as ours."""
        self._recover()
        if failures.is_cached_plan(error):
            self.execute("DEALLOCATE ALL")
            self._version_name = None
            return failures.schema_changed()
        if error.sqlstate in failures.STALE and not self.in_transaction and not self.raw.closed:
            try:
                changed = self._read_version() != self._seen
            except psycopg.Error:
                changed = False
            if changed:
                return failures.schema_changed()
        return failures.translate(error)

    def _recover(self, *, though_sound: bool = False) -> None:
        """Go back to the guard, if PostgreSQL refuses to go on (or ``though_sound``)."""
        status = self._line.transaction_status
        if status != TransactionStatus.INERROR and not (
            though_sound and status == TransactionStatus.INTRANS
        ):
            return
        restore = self._restore
        if restore is None:  # only a savepoint that nobody set leads here
            self.rollback()
            return
        try:
            self._control(restore)
        except Limit:
            self._control(restore)  # the timeout of the failed statement met this one too
        self._forget_settings()

    def _forget_settings(self) -> None:
        """Take note that a rollback may have taken a setting back."""
        if self._set != DEFAULTS or self._wanted != DEFAULTS:
            self._set = None

    def _control(self, command: bytes) -> bytes | None:
        """Run commands in one message; return the last one's first value."""
        result = self._line.exec_(command)
        if result.status not in (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK):
            raise failures.translate(errors.error_from_result(result))
        return result.get_value(0, 0) if result.ntuples else None

    def _replace(self) -> None:
        """Take another line to the server in place of one that broke."""
        self._use(self.store.another(self.raw))
        self._restore, self._guarded, self._timed, self._version = None, False, False, None
        self.personal = False
        self._set = DEFAULTS

    # Transactions

    @property
    def in_transaction(self) -> bool:
        """Say whether a transaction is open; a broken line has none."""
        return self._line.transaction_status not in _NO_TRANSACTION

    def begin(self, *, write: bool, wait_ms: int = 0) -> None:
        """Open a serializable transaction.

        There is no writer's place to wait for: writers meet at the rows that both change, and
        wait for each other there, ``store.LOCK_WAIT_MS`` at most.
        """
        self._stopped = False
        if self.raw.closed:
            self._replace()
        try:
            version = self._read_version(_BEGIN)
        except BaseException:
            self.rollback()
            raise
        self._version = version
        self._restore, self._guarded = _TO_GUARD, True

    def commit(self) -> None:
        """Make the transaction's changes lasting and visible."""
        result = self._line.exec_(b"COMMIT")
        self._ended()
        if result.status != ExecStatus.COMMAND_OK:
            self._forget_settings()
            raise failures.translate(errors.error_from_result(result))
        if result.command_status == b"ROLLBACK":
            raise failures.failed_transaction()

    def rollback(self) -> None:
        """Undo the transaction; nothing happens if none is open."""
        if self.in_transaction:
            self._line.exec_(b"ROLLBACK")
            self._forget_settings()
        self._ended()

    def _ended(self) -> None:
        self._restore, self._guarded, self._version = None, False, None
        self._within.clear()

    def savepoint(self, name: str) -> None:
        """Mark a place to come back to."""
        inner = f"RELEASE {_GUARD}; " if self._guarded else ""
        self._control(f"{inner}SAVEPOINT {quote(name)}".encode())
        self._restore, self._guarded = f"ROLLBACK TO {quote(name)}".encode(), False

    def release(self, name: str) -> None:
        """Forget a savepoint and keep what came after it."""
        self._control(f"RELEASE {quote(name)}".encode())
        self._restore, self._guarded = None, False

    def rollback_to(self, name: str) -> None:
        """Undo what came after a savepoint, which stays."""
        command = f"ROLLBACK TO {quote(name)}".encode()
        self._control(command)
        self._restore, self._guarded, self._version = command, False, None
        self._forget_settings()

    def set_constraints(
        self, names: tuple[str, ...] | None, deferred: bool, catalog: Catalog
    ) -> bool:
        """Have constraints be checked at commit or at once."""
        found = deferrable(names, catalog)
        listed = ", ".join(qualified(namespace, name) for namespace, name in found)
        when = "DEFERRED" if deferred else "IMMEDIATE"
        text = f"SET CONSTRAINTS {'ALL' if names is None else listed} {when}"
        self._guard(lambda: self.execute(text), keeps=False)
        return False

    def check_constraints(self, changed: Table | None, catalog: Catalog) -> None:
        """Check nothing: PostgreSQL has."""

    def lock(self, tables: Sequence[tuple[str, str]], mode: str, *, nowait: bool) -> None:
        """Lock tables."""
        names = ", ".join(qualified(*one) for one in tables)
        text = f"LOCK TABLE {names} IN {mode} MODE{' NOWAIT' if nowait else ''}"
        self._guard(lambda: self.execute(text), keeps=False)

    def truncate(self, tables: Sequence[Table], deletes: Sequence[Prepared]) -> None:
        """Have PostgreSQL empty tables: it knows what is still to be checked."""
        names = ", ".join(qualified(one.namespace, one.name) for one in tables)
        self._guard(lambda: self.execute(f"TRUNCATE {names}"), keeps=False)

    def analyze(self, tables: Sequence[tuple[str, str]]) -> None:
        """Have PostgreSQL count what tables hold."""
        text = f"ANALYZE {', '.join(qualified(*one) for one in tables)}"
        self._guard(lambda: self.execute(text), keeps=False)

    def sizes(self, table: tuple[str, str]) -> tuple[int, int]:
        """Have PostgreSQL measure a table; its TOAST table counts as its own."""
        text = "SELECT pg_table_size(t), pg_indexes_size(t) FROM to_regclass($1::text) AS t"
        rows = self._guard(lambda: self.execute(text, (qualified(*table),)))
        ((own, indexes),) = rows
        return int(own or 0), int(indexes or 0)

    # Limits

    def set_deadline(self, seconds: float | None) -> None:
        """Interrupt what runs past ``time.monotonic() == seconds``; None lifts it."""
        self._deadline = seconds

    def _set_timeout(self) -> None:
        if self._deadline is None:
            milliseconds = 0
            # Inside a transaction the setting may come back by a rollback: set it again then.
            self._timed = self.in_transaction
        else:
            seconds = self._deadline - time.monotonic()
            if seconds <= 0:
                raise failures.timed_out()
            milliseconds = max(TIMEOUT_MS_MIN, round(seconds * 1000))
            self._timed = True
        self._control(f"SET statement_timeout = {milliseconds}".encode())

    def check(self) -> None:
        """Raise Limit if what runs has been interrupted, or is past its deadline."""
        if self._stopped:
            self._stopped = False
            raise failures.interrupted()
        if self._deadline is not None and time.monotonic() > self._deadline:
            raise failures.timed_out()

    def interrupt(self) -> None:
        """End the statement that is running, if any; callable from any thread."""
        with self._cancel:
            if self._running:
                cancel(self.raw)
            else:
                self._stopped = True  # for ``check``; it is forgotten when something else begins

    # Catalog

    def moved(self) -> bool:
        """Say whether the catalog's version is another than when last asked.

        Inside a transaction it was read by BEGIN; outside, this asks the server.
        """
        version = self._current_version()
        if version == self._seen:
            return False
        self._seen = version
        return True

    def catalog_version(self) -> Version:
        """Return (0, fivefold's own count of changes): what others change is not counted."""
        return (0, self._current_version())

    def _current_version(self) -> int:
        if self._version is not None:
            return self._version
        try:
            if self.raw.closed:
                self._replace()
            version = self._read_version()
        except psycopg.Error as error:
            raise failures.translate(error) from None
        if self.in_transaction:
            self._version = version
        return version

    def _read_version(self, before: bytes = b"") -> int:
        """Run ``before`` and read the catalog's version, by a statement that is prepared once."""
        if self._version_name is None:
            version = self._control(before + _READ_VERSION)
            name = b"fivefold_version_%d" % next(_numbers)
            self._control(b"PREPARE %b AS %b" % (name, _READ_VERSION))
            self._version_name = name
        else:
            version = self._control(b"%bEXECUTE %b" % (before, self._version_name))
        assert version is not None
        return int(version)

    def load_catalog(self) -> Catalog:
        """Read the catalog, and describe tables that others made in the database."""
        return self._guard(lambda: reflect.load(self.execute, self.catalog_version()))

    def inspect(self) -> Iterator[Finding]:
        """Yield what is wrong with the database, as far as it lets us look."""
        from fivefold.stores.postgres.inspecting import findings

        return findings(self)

    def change_schema(self, change: Change, catalog: Catalog) -> None:
        """Carry out a change of schema and record it."""
        self._version_name = None  # as in ``restart``
        self._guard(lambda: schema.apply(self.execute, change, catalog), keeps=False)
        self._version = None

    def forget_session(self) -> None:
        """Forget what sequences gave."""
        if self._line.exec_(b"DISCARD SEQUENCES").status != ExecStatus.COMMAND_OK:
            self.raw.close()
        self.personal = False

    def close(self) -> None:
        """Give the line back to the pool; an open transaction is rolled back."""
        self.rollback()
        if not self.raw.closed:
            self._deadline, self._wanted = None, DEFAULTS
            self._prepare_to_run()  # puts the settings back for the next who takes the line
            if self._version_name is not None:
                self._control(b"DEALLOCATE " + self._version_name)
        self.store.give_back(self.raw)


def _text(prepared: Prepared) -> bytes:
    assert isinstance(prepared, PostgresPrepared)
    return prepared.packed


def _as_stored(prepared: Prepared, rows: list[Row]) -> list[Row]:
    return prepared.as_stored(rows) if isinstance(prepared, PostgresPrepared) else rows
