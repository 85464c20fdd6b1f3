"""A SQL session: plans, settings, prepared statements and PostgreSQL's rules of transactions.

A failed statement fails the whole transaction: all that follows is refused until it is rolled
back, to a savepoint or wholly. Outside BEGIN every statement is a transaction of its own, unless
the caller opened an implicit one (``begin_implicit``) for several that belong together.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from fivefold.catalog.catalog import SEPARATOR
from fivefold.catalog.containers import Table
from fivefold.engine import temporary
from fivefold.engine.commands import HANDLERS, MAY_WAIT, show
from fivefold.engine.engine import Snapshot
from fivefold.engine.planning import Planner, missing_parameter, read_texts
from fivefold.engine.plans import Plan
from fivefold.engine.reading import Reading
from fivefold.engine.results import PreparedText, Result
from fivefold.engine.session import MustWait, Session, StalePlan
from fivefold.engine.settings import Mark, Settings
from fivefold.engine.streams import Stream
from fivefold.errors import Conflict, Denied, FivefoldError, InvalidState, InvalidStatement
from fivefold.languages.sql import commands as c
from fivefold.plan.statement import Output, Statement
from fivefold.stores.context import Context as StoreContext
from fivefold.stores.context import SystemCatalog
from fivefold.stores.contract import Answer, Connection, Line
from fivefold.values.types import Row, Stored, Type

if TYPE_CHECKING:
    from fivefold.engine.activity import Activity
    from fivefold.engine.advisory import SessionLocks

T = TypeVar("T")

OWN_DATABASES = ("postgres", "fivefold")
"""Names under which every store's main database is found, beside the store's own."""

ISOLATION = "read committed"  # what clients that ask for no level expect, and more than get

REPLANS_MAX = 10  # a catalog that changes ten times while one statement is planned is a fault


@dataclass(frozen=True, slots=True)
class _Savepoint:
    name: str
    settings: Mark
    read_only: bool
    locks: int


class SqlSession:
    """One SQL client over an engine session. Used by one thread at a time."""

    def __init__(self, session: Session, user: str = "fivefold", database: str = "") -> None:
        self.session = session
        self.engine = session.engine
        self.user = user
        self.database = database or self.engine.store.name
        self.main_names = frozenset({*OWN_DATABASES, self.engine.store.name, self.user})
        self.prefix = self._prefix()  # of its namespaces in the store
        self.engine.users[self.prefix] += 1
        self.settings = Settings(user)
        self._closed = False
        self.on_commit: dict[tuple[str, str], str] = {}  # what becomes of temporary tables
        self.failed = False
        self.implicit = False  # the open transaction was not opened by BEGIN
        self.read_only = False
        self.isolation = ISOLATION  # the level that the open transaction was asked for
        self.prepared: dict[str, PreparedText] = {}
        self.context = StoreContext(
            user=user,
            session_user=user,
            database=self.database,
            search_path=self.settings.search_path,
            settings=self.settings.values,
            find_setting=self.settings.find,
            set_setting=self._set_config,
            locks=self._locks,
            clock=self.engine.clock.now_utc,
            prefix=self.prefix,
            system=self.system,
        )
        self._system: tuple[tuple[Snapshot, str], SystemCatalog] | None = None
        self.peers: Callable[[], list[Activity]] | None = None  # the sessions of its server
        self.planner = Planner(session, self.settings, self.context)
        self.reading = Reading(session)
        self._savepoints: list[_Savepoint] = []
        if session.open:
            self.settings.begin()

    def _prefix(self) -> str:
        name = self.database
        if name not in self.session.snapshot.catalog.databases and name not in self.main_names:
            self.session.renew()  # another process may have made it
        return name + SEPARATOR if name in self.session.snapshot.catalog.databases else ""

    # Planning

    def now(self) -> datetime:
        """Return what now() is: the open transaction's start, or this moment."""
        return self.session.begun_utc or self.engine.clock.now_utc()

    def outputs_of(self, plan: Plan) -> tuple[Output, ...] | None:
        """Return the columns that a plan will give, also for commands that are no queries."""
        command = plan.command
        if isinstance(command, c.Show):
            return show(self, plan, command, ()).outputs
        if isinstance(command, c.Execute):
            known = self.find_prepared(command.name)
            return self.outputs_of(self.plan(known.text, known.types)[0])
        if isinstance(command, c.Fetch):
            cursor = self.reading.cursors.get(command.name)
            return None if command.move or cursor is None else cursor.plan.outputs
        return plan.outputs if isinstance(command, c.Query | c.Explain) else None

    def plan(self, text: str, types: tuple[Type | None, ...] = ()) -> tuple[Plan, Row]:
        """Return the plan of one statement and the values of its lifted literals."""
        try:
            found = self.planner.plan(text, types)
            if self.session.user is None:
                return found
            try:
                self._check_privileges(found[0])
            except Denied:
                if not self.session.renew():
                    raise
                return self.plan(text, types)  # another process may have granted it
            return found
        except FivefoldError as error:
            if self.failed and error.code != "syntax_error":
                raise _aborted() from None
            raise

    def _check_privileges(self, plan: Plan) -> None:
        """Refuse a plan before its columns are told of. The gate asks again when it is run."""
        identity = self.session.identity
        if identity is not None and identity not in plan.attached:
            # Imported only where there are roles.
            from fivefold.engine.privileges import needed

            identity.check(needed(plan))
            plan.attached[identity] = True

    def plan_given(
        self, text: str, given: int, types: tuple[Type | None, ...] = ()
    ) -> tuple[Plan, Row]:
        """Plan a statement with values for that many parameters; it may name no others."""
        try:
            found = self.plan(text, types)
        except InvalidStatement as error:
            missing = None
            if error.code == "indeterminate_datatype":
                missing = missing_parameter(text, given)
            raise missing or error from None
        if len(found[0].types) > given:
            raise missing_parameter(text, given) or AssertionError("a parameter from nowhere")
        return found

    def writes(self, plan: Plan) -> bool:
        """Say whether running the plan needs the writer's place."""
        command = plan.command
        if not isinstance(command, c.Execute):
            return plan.writes
        known = self.prepared.get(command.name)
        return known is not None and self.plan(known.text, known.types)[0].writes

    # The state of the transaction

    @property
    def status(self) -> str:
        """Return PostgreSQL's letter: I idle, T in a transaction, E in a failed one."""
        if not self.session.open or self.implicit:
            return "I"
        return "E" if self.failed else "T"

    def begin_implicit(self) -> None:
        """Open a transaction for several statements; ``end_implicit`` ends it."""
        if not self.session.open:
            self.begin()
            self.implicit = True

    def end_implicit(self) -> None:
        """Commit the implicit transaction, or roll it back if a statement failed in it."""
        if self.implicit:
            self.end(commit=not self.failed)

    def begin(self) -> None:
        """Open a transaction, as BEGIN does."""
        self.session.begin()
        self.settings.begin()
        self.read_only = self.settings.get("default_transaction_read_only") == "on"
        self.isolation = ISOLATION

    def end(self, *, commit: bool) -> None:
        """Commit the transaction or roll it back. Raises what the commit raises."""
        try:
            if commit:
                self.reading.hold()
            self.reading.close_streams()
            if commit:
                if self.on_commit:
                    temporary.at_commit(self)
                self.session.commit()
            else:
                self.session.rollback()
        except BaseException:
            commit = False
            raise
        finally:
            self.failed = self.implicit = self.read_only = False
            self._savepoints.clear()
            if self.reading.cursors:
                self.reading.end_cursors(commit=commit)
            if self.settings.end(commit=commit):
                self.planner.forget()

    def fail(self) -> None:
        """Take note that a statement failed: an open transaction can only be rolled back."""
        if self.session.open:
            if self.session.lost:
                self.reading.close_streams()
                self.reading.end_cursors(commit=False)
                self._savepoints.clear()
                self.session.rollback()
                self.session.begin()  # failed, as the client has not been told of the end
            self.failed = True

    # Running

    def execute(
        self,
        text: str,
        parameters: Sequence[Stored] = (),
        types: tuple[Type | None, ...] = (),
        *,
        inline: bool = False,
        as_texts: bool = False,
    ) -> Result:
        """Run one statement. Raises FivefoldError; MustWait if ``inline`` and it would block.

        With ``as_texts``, parameters for which no type is given are texts still, to be read as
        what the statement takes them for.
        """
        given = parameters
        try:
            for _ in range(REPLANS_MAX):
                plan, literals = self.plan_given(text, len(parameters), types)
                if as_texts:
                    parameters = read_texts(plan, given, types, self.settings.zone, self.now)
                try:
                    return self.run(plan, (*parameters, *literals), inline=inline)
                except StalePlan:
                    continue
        except FivefoldError:
            self.fail()
            raise
        raise AssertionError("the catalog never stands still")

    def run(self, plan: Plan, parameters: Sequence[Stored], *, inline: bool = False) -> Result:
        """Run a plan. Raises StalePlan if it has to be made again, before anything was done."""
        command = plan.command
        if self.failed:
            self.check_allowed(plan)
        if self.on_commit and plan.writes and not self.session.open:
            return self._in_transaction(plan, parameters, inline)
        if type(command) is c.Query:
            return self._query(plan, command, parameters, inline)
        handler: Callable[..., Result] = HANDLERS[type(command)]
        if inline and handler in MAY_WAIT:
            raise MustWait(for_writer=False)
        return handler(self, plan, command, parameters)

    def _in_transaction(self, plan: Plan, parameters: Sequence[Stored], inline: bool) -> Result:
        """Run an autocommit statement whose end does something to temporary tables."""
        if inline:
            raise MustWait(for_writer=False)
        self.begin_implicit()
        try:
            result = self.run(plan, parameters)
        except BaseException:
            self.end(commit=False)
            raise
        self.end(commit=True)
        return result

    def _query(
        self, plan: Plan, command: c.Query, parameters: Sequence[Stored], inline: bool
    ) -> Result:
        if inline and not plan.point:
            raise MustWait(for_writer=False)
        if plan.writes:
            self.check_writable(f"SELECT FOR {command.strength}" if command.locks else command.tag)
        if command.nowait:
            name = plan.prepared[0].statement.accesses[0].container
            with self.not_waiting(f'row in relation "{name}"'):
                return self._run_query(plan, command, parameters, inline)
        return self._run_query(plan, command, parameters, inline)

    @contextmanager
    def not_waiting(self, what: str) -> Iterator[None]:
        """Refuse to wait for others' locks in this block, as NOWAIT asks."""
        self.session.may_wait = False
        refused = Conflict(f"could not obtain lock on {what}", "lock_not_available")
        try:
            yield
        except MustWait as wait:
            if not wait.for_writer:
                raise
            raise refused from None
        except Conflict as conflict:
            if conflict.code != "lock_not_available":
                raise
            raise refused from None
        finally:
            self.session.may_wait = True

    def _run_query(
        self, plan: Plan, command: c.Query | c.CopyOut, parameters: Sequence[Stored], inline: bool
    ) -> Result:
        prepared = plan.prepared[0]
        counted = prepared.statement.target is not None

        def work(connection: Connection) -> tuple[list[Row], int]:
            self.use(connection, prepared.statement)
            rows = connection.run(prepared, parameters)
            count = connection.changes() if counted else len(rows)
            if self.session.checks and plan.writes:
                self.check_constraints(connection, prepared.statement.target)
            return rows, count

        try:
            rows, count = self._perform(work, plan, inline)
        finally:
            if not plan.point and self.session.locks is not None and not self.session.open:
                self.session.locks.go_back(0)  # the statement was a transaction by itself
        return self._result(plan, rows, count)

    def _result(self, plan: Plan, rows: list[Row], count: int) -> Result:
        if plan.named:
            rows = list(self.with_names(plan, rows))
        if rows and not plan.outputs:
            # A store cannot return rows of nothing, and rows that were checked are not asked for.
            rows = [] if plan.outputs is None else [()] * len(rows)
        return Result(plan.command.tag, plan.outputs, rows, count, plan=plan)

    # On a line of the loop's to a store in another process

    def fits_line(self, plan: Plan) -> bool:
        """Say whether a plan may be run by ``send``: a statement by key, outside a transaction."""
        command = plan.command
        return (
            plan.point
            and type(command) is c.Query
            and not (self.session.open or self.failed or self.on_commit)
            and not (plan.named or command.nowait or plan.prepared[0].personal)
            and not plan.prepared[0].statement.system
            and not self._timeout_ms
            and (self.session.user is None or self.session.identity is None)
            and plan.version == self.engine.snapshot.version
        )

    def send(self, line: Line, plan: Plan, parameters: Sequence[Stored]) -> bool:
        """Send a plan that ``fits_line``; ``answered`` makes a result of what comes back."""
        if plan.writes:
            self.check_writable(plan.command.tag)
        self.context.begin_statement(None)
        return line.send(plan.prepared[0], parameters, self.context, plan.version)

    def answered(self, plan: Plan, answer: Answer) -> Result:
        """Return the result of a plan that was sent on a line."""
        counted = plan.prepared[0].statement.target is not None
        return self._result(plan, answer.rows, answer.changed if counted else len(answer.rows))

    def stream(self, plan: Plan, parameters: Sequence[Stored]) -> Result:
        """Run a query of many rows; its rows come one by one while the transaction is open.

        The caller has opened one, and keeps it open until it has read enough. ``within`` ends
        reading that takes too long.
        """
        tag = plan.command.tag
        if plan.writes:  # nobody reads on while rows are still being changed
            assert isinstance(plan.command, c.CopyOut)
            self.check_writable(tag)
            changed = self._run_query(plan, plan.command, parameters, inline=False)
            return Result(tag, plan.outputs, iter(changed.rows), plan=plan)
        rows = self.open_stream(plan, parameters)
        return Result(tag, plan.outputs, rows, plan=plan)

    def open_stream(self, plan: Plan, parameters: Sequence[Stored]) -> Stream:
        """Return the rows of a query, as of now, while the transaction is open."""
        assert self.session.open
        return self.reading.open(self.read_rows(plan, parameters))

    def read_rows(self, plan: Plan, parameters: Sequence[Stored]) -> Iterator[Row]:
        """Return the rows of a query as a generator; nobody settles it."""

        def work(connection: Connection) -> Iterator[Row]:
            if plan.prepared[0].statement.system:
                self._provide(connection, plan.prepared[0].statement)
            return connection.stream(plan.prepared[0], parameters)

        rows = self.session.perform(work, write=False, version=plan.version, sees=plan.sees)
        if plan.named:
            rows = self.with_names(plan, rows)
        return rows if plan.outputs else _without_columns(rows)

    @contextmanager
    def within(self, deadline: float | None) -> Iterator[None]:
        """Have the store end what runs in this block past ``time.monotonic() == deadline``."""
        connection = self.session.connection()
        self.use(connection)
        if deadline is None:
            yield
            return
        connection.set_deadline(deadline)
        try:
            yield
        finally:
            connection.set_deadline(None)

    @property
    def _timeout_ms(self) -> float:
        """The milliseconds that a statement may take, 0 without a limit: the shorter one of two."""
        asked, seconds = self.settings.statement_timeout_ms, self.engine.limits.statement_seconds
        if seconds is None:
            return asked
        return min(asked, seconds * 1000) if asked else seconds * 1000

    def deadline(self) -> float | None:
        """Return the time.monotonic() by which a statement that begins now has to end."""
        timeout_ms = self._timeout_ms
        return time.monotonic() + timeout_ms / 1000 if timeout_ms else None

    def check_allowed(self, plan: Plan) -> None:
        """Raise InvalidState in a failed transaction, except for what ends it."""
        if self.failed and not isinstance(plan.command, (c.Commit, c.Rollback, c.RollbackTo)):
            raise _aborted()

    def check_writable(self, tag: str) -> None:
        """Raise InvalidState in a read-only transaction."""
        if self.session.open:
            read_only = self.read_only
        else:
            read_only = self.settings.values["default_transaction_read_only"] == "on"
        if read_only:
            raise InvalidState(
                f"cannot execute {tag} in a read-only transaction", "read_only_transaction"
            )

    def _perform(self, work: Callable[[Connection], T], plan: Plan, inline: bool) -> T:
        if not inline:
            work = self.limited(work)
        return self.session.perform(
            work,
            write=plan.writes,
            several=plan.writes and self.session.checks,
            version=plan.version,
            inline=inline,
            sees=plan.sees,
        )

    def check_constraints(self, connection: Connection, changed: Table | None) -> None:
        """Have the store check what SET CONSTRAINTS did not put off."""
        if self.session.checks:
            connection.check_constraints(changed, self.session.snapshot.catalog)

    def limited(self, work: Callable[[Connection], T]) -> Callable[[Connection], T]:
        """Return work that ends when statement_timeout has passed."""
        timeout_ms = self._timeout_ms
        return _limited(work, timeout_ms) if timeout_ms else work

    def use(self, connection: Connection, statement: Statement | None = None) -> None:
        """Have the functions on this connection see this session, at this moment.

        A statement about the system catalogs finds their rows.
        """
        context = self.context
        context.begin_statement(self.session.begun_utc)
        connection.attend(context)
        if statement is not None and statement.system:
            self._provide(connection, statement)

    def _provide(self, connection: Connection, statement: Statement) -> None:
        from fivefold.engine.system import provide

        provide(self, connection, statement)

    def system(self) -> SystemCatalog:
        """Return the system catalogs as the next statement sees them."""
        seen = (self.session.snapshot, self.user)  # functions ask for each row
        if self._system is None or self._system[0] != seen:
            from fivefold.engine.system import system_of

            self._system = (seen, system_of(self))
        return self._system[1]

    def with_names(self, plan: Plan, rows: Iterable[Row]) -> Iterator[Row]:
        """Return a plan's rows with names for the oids that its outputs show as names."""
        from fivefold.engine.system import with_names

        return with_names(self, plan.named, rows)

    def _set_config(self, name: str, value: str | None, local: bool) -> str:
        """Do what set_config does, in the middle of a statement."""
        if not local or self.session.open:
            self.settings.set(name, value, local=local)
            self.planner.forget()
        return self.settings.get(name) if value is None or not local else value

    def _locks(self) -> SessionLocks:
        """Return the session's advisory locks."""
        if self.session.locks is None:
            from fivefold.engine.advisory import SessionLocks

            self.session.locks = SessionLocks(self.engine.advisory, self.context)
        return self.session.locks

    # Commands that are no queries

    @property
    def depth(self) -> int:
        """Return how many savepoints are set."""
        return len(self._savepoints)

    def savepoint(self, name: str) -> None:
        """Mark a place inside the transaction; a later one of the same name hides it."""
        # A store may take names without regard to case, so it is given numbers.
        self.session.savepoint(_store_name(len(self._savepoints)))
        locks = self.session.locks
        mark = 0 if locks is None else locks.mark
        self._savepoints.append(_Savepoint(name, self.settings.mark(), self.read_only, mark))

    def release(self, name: str) -> None:
        """Forget a savepoint, keep what came after it. Raises InvalidState for an unknown one."""
        at = self._find_savepoint(name)
        self.session.release(_store_name(at))
        del self._savepoints[at:]
        self.reading.released(at)

    def rollback_to(self, name: str) -> None:
        """Undo what came after a savepoint, failures too. Raises InvalidState for no such one."""
        at = self._find_savepoint(name)
        self.reading.close_cursors(at + 1)
        self.session.rollback_to(_store_name(at))
        del self._savepoints[at + 1 :]
        self.failed = False
        self.settings.go_back(self._savepoints[at].settings)
        self.read_only = self._savepoints[at].read_only
        if self.session.locks is not None:
            self.session.locks.go_back(self._savepoints[at].locks)
        self.planner.forget()

    def _find_savepoint(self, name: str) -> int:
        for at in range(len(self._savepoints) - 1, -1, -1):
            if self._savepoints[at].name == name:
                return at
        raise InvalidState(f'savepoint "{name}" does not exist', "invalid_savepoint")

    def find_prepared(self, name: str) -> PreparedText:
        """Return a prepared statement. Raises InvalidStatement if there is none of that name."""
        known = self.prepared.get(name)
        if known is None:
            raise InvalidStatement(
                f'prepared statement "{name}" does not exist', "invalid_prepared_statement"
            )
        return known

    def forget_sequences(self) -> None:
        """Forget what sequences gave, for currval and lastval."""
        self.context.current_values.clear()
        self.context.last_sequence = None
        self.session.forget()

    def close(self) -> None:
        """Roll back what is open and give the connection back."""
        if not self._closed:
            self._closed = True
            self.engine.users[self.prefix] -= 1
        self.reading.close_cursors()
        self.reading.close_streams()
        temporary.end(self)
        self.session.close()


def _limited(work: Callable[[Connection], T], timeout_ms: float) -> Callable[[Connection], T]:
    def limited(connection: Connection) -> T:
        connection.set_deadline(time.monotonic() + timeout_ms / 1000)
        try:
            return work(connection)
        finally:
            connection.set_deadline(None)

    return limited


def _without_columns(rows: Iterator[Row]) -> Iterator[Row]:
    """Return the rows of a query of nothing, for a store puts something into them."""
    try:
        for _ in rows:
            yield ()
    finally:
        rows.close()  # type: ignore[attr-defined]  # a generator


def _store_name(number: int) -> str:
    return f"fivefold_sql_{number}"


def _aborted() -> InvalidState:
    return InvalidState(
        "current transaction is aborted, commands ignored until end of transaction block",
        "in_failed_transaction",
    )
