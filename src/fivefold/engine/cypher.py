"""A client's queries of Cypher: which transaction they run in, what comes of them.

A query that only reads, outside a transaction, may leave its rows in the store: they are of the
moment at which it began, however long it takes to ask for them. Everything else is run to its end
at once. A plan is remembered by the query's text, as long as the catalog is what it was.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from traceback import clear_frames
from typing import Any, cast

from fivefold.catalog.roles import Privilege
from fivefold.engine.session import MustWait, Session
from fivefold.engine.units import StoreUnit, Units
from fivefold.errors import InvalidState, Limit
from fivefold.languages.cypher.graph import Notification, Profile, Run, Statistics
from fivefold.languages.cypher.notifications import parameters_not_provided
from fivefold.languages.cypher.planning import HOME, SYSTEM, Plan, Understood, plan_of, understand
from fivefold.languages.cypher.stored.opened import find
from fivefold.languages.cypher.stored.profiling import ProfiledRunner
from fivefold.languages.cypher.stored.writing import StoredGraph
from fivefold.security.identity import denied
from fivefold.stores.contract import Connection
from fivefold.values.graph.faults import fault
from fivefold.values.graph.temporal import DateTime
from fivefold.values.graph.temporal.native import from_native

Row = Sequence[Any]


class Answer:
    """What a query returns: its rows, and about them, once all have been fetched.

    ``kind`` is r, rw, w or s (of the schema), as in Neo4j's summaries. ``graph`` is the identity of
    its graph, for element ids. ``ready``: to fetch rows takes no time.
    """

    def __init__(self, plan: Plan, database: str, run: Run | None, rows: Iterable[Row]) -> None:
        self.columns = plan.columns
        self.kind = plan.kind
        self.database = database
        self.graph = "0" * 32 if run is None else run.graph.uuid
        self.statistics = Statistics() if run is None else run.statistics
        self.notifications: Sequence[Notification] = plan.notifications
        if run is not None and run.notifications:
            self.notifications = (*plan.notifications, *run.notifications)
        self.ready = True
        self._plan = plan
        self._profile: Profile | None = None
        self._rows = iter(rows)
        self._give_back: Callable[[], None] | None = None

    @property
    def plan(self) -> Mapping[str, Any] | None:
        """What EXPLAIN shows."""
        return self._plan.shown() if self._plan.explains else None

    @property
    def profile(self) -> Mapping[str, Any] | None:
        """What PROFILE shows, once all rows have been fetched."""
        return None if self._profile is None else self._plan.shown(self._profile)

    def __iter__(self) -> Iterator[Row]:
        try:
            yield from self._rows
        finally:
            self.close()

    def fetch(self, rows_max: int) -> list[Row]:
        """Return the next rows; fewer than asked for are the last."""
        try:
            rows = [*islice(self._rows, rows_max)]
        except BaseException as error:
            clear_frames(error.__traceback__)
            self.close()
            raise
        if len(rows) < rows_max:
            self.close()
        return rows

    def close(self) -> None:
        """Give up the rows that are left."""
        give_back, self._give_back = self._give_back, None
        if give_back is not None:
            self._rows = iter(())
            give_back()

    def leave(self, rows: Iterator[Row], give_back: Callable[[], None]) -> None:
        """Let rows wait in the store, until ``give_back``."""
        self.ready = False
        self._rows, self._give_back = rows, give_back

    def counted(self, profile: Profile) -> None:
        """Have PROFILE show what is counted."""
        self._profile = profile


class CypherSession(Units):
    """One client's line to the graphs."""

    __slots__ = ("_database", "_ended", "_reading", "_reads_only")

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._database = HOME
        self._reads_only = False
        self._reading: Connection | None = None
        self._ended = False

    def interrupt(self) -> None:
        """End what is running; callable from any thread."""
        self._ended = True
        super().interrupt()
        reading = self._reading
        if reading is not None:
            reading.interrupt()

    def _go_on(self) -> None:
        """Raise Limit if what is running was interrupted, or is late, while no statement was."""
        if self._ended:
            raise Limit("canceling statement due to user request", "query_canceled")
        if self.deadline is not None and time.monotonic() > self.deadline:
            raise Limit("canceling statement due to statement timeout", "statement_timeout")

    def check(self, database: str | None) -> str:
        """Return a database's name, the home database's for None. Raises DatabaseNotFound."""
        if database is None or database == HOME:
            database = HOME
        self._check_privileges(database)
        if database == HOME:
            return HOME
        if database != SYSTEM and database not in self.session.snapshot.catalog.namespaces:
            raise fault(
                "DatabaseNotFound",
                f"Database does not exist. Database name: '{database}'.",
            )
        return database

    def _check_privileges(self, database: str) -> None:
        """Raise Denied, before anything is told of a graph that may be none of the role's."""
        identity = self.session.identity
        if identity is None or database == SYSTEM:
            return
        if not any(identity.may(each, database) for each in (Privilege.READ, Privilege.WRITE)):
            if self.session.renew():  # another process may have granted it
                self._check_privileges(database)
                return
            raise denied(f"database '{database}'", Privilege.READ)

    def writes(self, query: str, database: str | None, *, inline: bool = False) -> bool:
        """Say whether a query may write. Raises what is wrong with it; MustWait if it is new."""
        self.inline = inline
        return self._understood(query).writes

    # Transactions

    def begin(self, database: str | None, *, reads_only: bool = False) -> None:
        """Open a transaction."""
        self._database = self.check(database)
        self._reads_only = reads_only
        self.session.begin()

    def commit(self) -> None:
        """Commit it."""
        self.session.commit()

    def rollback(self) -> None:
        """Roll it back; nothing happens if none is open."""
        if self.session.open:
            self.session.rollback()

    # Queries

    def run(
        self,
        query: str,
        parameters: Mapping[str, Any],
        database: str | None = None,
        *,
        reads_only: bool = False,
        inline: bool = False,
        stream: bool = True,
    ) -> Answer:
        """Begin to run a query; inside a transaction its database and mode count.

        ``stream``: rows may be left in the store, until ``Answer.close``. ``inline``: raises
        MustWait if it takes long. Raises FivefoldError, those of ``values.graph.faults`` among
        them.
        """
        self.inline = inline
        self._ended = False
        if self.session.open:
            reads_only = self._reads_only
            if database is not None and database != self._database:
                raise InvalidState(
                    f"the transaction is one of the database {self._database}",
                    "active_transaction",
                )
            database = self._database
        else:
            database = self.check(database)
        understood = self._understood(query)
        if understood.database is not None:
            database = self.check(understood.database)
        if understood.parameters and not understood.explains:
            missing = understood.parameters - parameters.keys()
            if missing:
                shown = ", ".join(sorted(missing))
                raise fault("MissingParameter", f"Expected parameter(s): {shown}")
        if understood.writes and reads_only:
            raise fault(
                "AccessMode",
                f"Writing in read access mode not allowed. Attempted write to {database}",
            )

        def work(unit: StoreUnit) -> Answer:
            return self._all(unit, understood, database, parameters)

        try:
            if understood.alters:
                return self.alter(work)
            if understood.writes:
                return self.write(work)
            plan: Plan | None = self.session.snapshot.plans.get(("cypher", database, query))
            if plan is not None and plan.is_single:
                return self.read(work, several=False)
            if stream and not (self.session.open or inline or understood.explains):
                return self._stream(understood, database, parameters)
            return self.read(work)
        except BaseException as error:
            # What was reading rows hangs on the error, and holds its connection's snapshot.
            clear_frames(error.__traceback__)
            raise

    def _understood(self, query: str) -> Understood:
        lasting = self._engine.lasting
        key = ("cypher", query)
        found: Understood | None = lasting.get(key)
        if found is None:
            if self.inline:
                raise MustWait(for_writer=False)
            found = understand(query)
            lasting.put(key, found)
        return found

    def _all(
        self, unit: StoreUnit, understood: Understood, database: str, parameters: Mapping[str, Any]
    ) -> Answer:
        """Run a query to its end."""
        plan = self._plan(unit, understood, database)
        if plan.explains:
            answer = Answer(plan, database, None, ())
            missing = [name for name in understood.checked.parameters if name not in parameters]
            if missing:
                told = parameters_not_provided(missing)
                answer.notifications = (*plan.notifications, told)
            return answer
        run = self._run_of(unit, plan, database, parameters)
        rows = [*plan.rows(run)]
        if plan.writes:
            run.graph.finish()
        answer = Answer(plan, database, run, rows)
        if run.profile is not None:
            answer.counted(run.profile)
        return answer

    def _plan(self, unit: StoreUnit, understood: Understood, database: str) -> Plan:
        return unit.remember(
            ("cypher", database, understood.text), lambda: plan_of(unit, database, understood)
        )

    def _run_of(
        self, unit: StoreUnit, plan: Plan, database: str, parameters: Mapping[str, Any]
    ) -> Run:
        statistics, profile = Statistics(), Profile() if plan.profiles else None
        if profile is not None:
            unit.runner = cast(Connection, ProfiledRunner(unit.runner, profile))
        run = Run(StoredGraph(unit, database, statistics), parameters, self._now, statistics)
        run.check, run.profile = self._go_on, profile
        return run

    def _now(self) -> DateTime:
        now = from_native(self._engine.clock.now_utc())
        assert isinstance(now, DateTime)
        return now

    def _stream(
        self, understood: Understood, database: str, parameters: Mapping[str, Any]
    ) -> Answer:
        connection = self._engine.lease()
        try:
            connection.begin(write=False)
            snapshot = self._engine.refresh(connection)
            guarded = self.session.guard(connection, snapshot)
            unit = StoreUnit(self._engine, guarded, snapshot, writes=False, inline=False)
            plan = self._plan(unit, understood, database)
            run = self._run_of(unit, plan, database, parameters)
            answer = Answer(plan, database, run, ())
            rows = self._guarded(connection, iter(plan.rows(run)))
            answer.leave(rows, lambda: self._engine.give_back(connection))
        except BaseException:
            self._engine.give_back(connection)
            raise
        if run.profile is not None:
            answer.counted(run.profile)
        return answer

    def _guarded(self, connection: Connection, rows: Iterator[Row]) -> Iterator[Row]:
        """Yield rows; to find the next one may be interrupted."""
        while True:
            self._reading = connection
            try:
                with self.within(connection):
                    row = next(rows, None)
            finally:
                self._reading = None
            if row is None:
                return
            yield row

    def graph_of(self, database: str | None = None) -> str:
        """Return the identity of a database's graph."""
        name = self.check(database)
        found = self.read(lambda unit: find(unit, name), several=False)
        return "0" * 32 if found is None else found.graph.uuid

    def close(self) -> None:
        """Roll back what is open, and give everything back."""
        self.session.close()
