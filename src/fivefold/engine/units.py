"""Work on the models' own rows over a session: which transaction it runs in, what it sees there."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from fivefold.catalog.catalog import Catalog
from fivefold.catalog.changes import Change
from fivefold.engine.engine import Engine, Snapshot
from fivefold.engine.session import MustWait, Session, StalePlan, changed
from fivefold.errors import InvalidStatement
from fivefold.languages.unit import NeedsChange
from fivefold.plan.statement import Prepared, Statement
from fivefold.stores.contract import Connection
from fivefold.values.types import Type

T = TypeVar("T")

ROWS_INLINE_MAX = 200
"""How many rows may be looked at on the server's loop: about a millisecond's work."""


class StoreUnit:
    """See ``languages.unit.Unit``."""

    __slots__ = ("_engine", "_inline", "_user", "full", "now_ms", "runner", "snapshot", "writes")

    def __init__(
        self,
        engine: Engine,
        connection: Connection,
        snapshot: Snapshot,
        *,
        writes: bool,
        inline: bool,
        user: str | None = None,
    ) -> None:
        self._engine = engine
        self._inline = inline
        self.runner = connection
        self._user = user
        self.full = snapshot
        self.snapshot = snapshot if user is None else snapshot.seen(user)
        self.writes = writes
        self.now_ms = engine.clock.now_ms()

    @property
    def catalog(self) -> Catalog:
        """Return the catalog of the unit's transaction."""
        return self.snapshot.catalog

    @property
    def document(self) -> Type:
        """Return the type of a column of JSON to search in."""
        return self._engine.store.gaps.document

    @property
    def numbered(self) -> bool:
        """Say whether the store numbers rows: where one writes at a time it can."""
        return self._engine.store.gaps.single_writer

    def stamp(self) -> int:
        """Return a number above all that were returned before."""
        return self._engine.clock.stamp()

    def moment_us(self) -> int:
        """Return microseconds since 1970, but more than were returned before."""
        return self._engine.clock.moment_us()

    def prepare(self, statement: Statement) -> Prepared:
        """Return a statement as the store renders it."""
        return self._engine.store.prepare(statement)

    def remember(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what was made for a key under this catalog, or make it."""
        plans = self.snapshot.plans
        found: T | None = plans.get(key)
        if found is None:
            found = make()
            plans.put(key, found)
        return found

    def change(self, changes: Iterable[Change]) -> None:
        """See ``languages.unit.Altering``: only within ``Units.alter``."""
        self.full = changed(self.runner, self.full, changes)
        self.snapshot = self.full.seen(self._user)

    def check(self) -> None:
        """See ``languages.unit.Unit``."""
        self.runner.check()

    def expect(self, rows: int) -> None:
        """Raise MustWait for what takes long, on the loop."""
        if self._inline and rows > ROWS_INLINE_MAX:
            raise MustWait(for_writer=False)


Work = Callable[[StoreUnit], T]


class Units:
    """A session's work. ``inline``: it runs on the server's loop and may not wait."""

    __slots__ = ("_engine", "deadline", "inline", "session")

    def __init__(self, session: Session) -> None:
        self.session = session
        self.inline = False
        self.deadline: float | None = None
        """The ``time.monotonic()`` at which what runs is ended; for who runs it on a thread."""
        self._engine = session.engine

    def interrupt(self) -> None:
        """End what is running; callable from any thread."""
        self.session.interrupt()

    def read(self, work: Work[T], *, several: bool = True) -> T:
        """Return what ``work`` returns of one moment; ``several``: it may run many statements."""
        return self._perform(work, write=False, several=several)

    def write(self, work: Work[T]) -> T:
        """Return what ``work`` returns; all it writes is kept or nothing of it."""
        return self._perform(work, write=True, several=True)

    def alter(self, work: Work[T]) -> T:
        """Return what ``work`` returns, which may change the catalog."""
        if self.inline:
            raise MustWait(for_writer=False)
        session = self.session
        while True:
            snapshot = session.snapshot

            def run(connection: Connection, snapshot: Snapshot = snapshot) -> tuple[T, Snapshot]:
                unit = StoreUnit(
                    self._engine, connection, snapshot, writes=True, inline=False, user=session.user
                )
                return work(unit), unit.full

            try:
                return session.alter(run, snapshot.version)
            except StalePlan:
                if not session.open:
                    session.renew()
            except InvalidStatement as error:
                self._renew_doubled(error, snapshot)

    @property
    def inside(self) -> bool:
        """Say whether the session has a transaction open."""
        return self.session.open

    def _perform(self, work: Work[T], *, write: bool, several: bool) -> T:
        session, inline = self.session, self.inline
        several = several and not (inline and not write)
        while True:
            snapshot = session.snapshot

            def run(connection: Connection, snapshot: Snapshot = snapshot) -> T:
                unit = StoreUnit(
                    self._engine,
                    connection,
                    snapshot,
                    writes=write,
                    inline=inline,
                    user=session.user,
                )
                if inline or self._due is None:  # nothing is long on the loop
                    return work(unit)
                with self.within(connection):
                    return work(unit)

            try:
                return session.perform(
                    run, write=write, several=several, version=snapshot.version, inline=inline
                )
            except StalePlan:
                if not session.open:
                    session.renew()
            except NeedsChange as needs:
                if inline:
                    raise MustWait(for_writer=False) from None
                self._change(needs, snapshot)

    @property
    def _due(self) -> float | None:
        """When what begins now is ended: at the deadline, or when the server's limit has passed."""
        return self._engine.limits.deadline(self.deadline)

    @contextmanager
    def within(self, connection: Connection) -> Iterator[None]:
        """End what runs in this block at the deadline, if there is one."""
        due = self._due
        if due is None:
            yield
            return
        connection.set_deadline(due)
        try:
            yield
        finally:
            connection.set_deadline(None)

    def _change(self, needs: NeedsChange, snapshot: Snapshot) -> None:
        """Change the catalog, unless another has by now."""
        try:
            self.session.change_schema(needs.changes, snapshot.version, implied=True)
        except StalePlan:
            if not self.session.open:
                self.session.renew()
        except InvalidStatement as error:
            self._renew_doubled(error, snapshot)

    def _renew_doubled(self, error: InvalidStatement, snapshot: Snapshot) -> None:
        """Look for what is there twice, where several write at a time: another has made it since.

        Raises the error again if nobody has.
        """
        if self.session.open or not error.code.startswith("duplicate_"):
            raise error
        self.session.renew()
        if self.session.snapshot.version == snapshot.version:
            raise error
