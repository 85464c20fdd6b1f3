"""A session: one user's line to the database, with at most one transaction open.

Everything that reaches the store goes through ``Session.perform``, in one of three ways:

- *alone*: autocommit, on a connection of the session's own, in a transaction for just this work;
- *grouped*: autocommit on the server's loop, sharing a transaction with whoever arrived at the
  same time (``engine/group.py``);
- *inside*: in the transaction that the session opened with ``begin``. As in PostgreSQL its snapshot
  is taken by the first statement, and it becomes the writer by its first write. A reader that
  turns writer after somebody else committed gets a retryable Conflict.

A plan is made from a catalog. Work says from which version, and ``perform`` raises ``StalePlan``
before anything was changed if the store has another one by now: make the plan again.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import count
from typing import TYPE_CHECKING, TypeVar

from fivefold.catalog.catalog import Version
from fivefold.catalog.changes import Change, SetRole
from fivefold.engine.engine import Engine, Snapshot, closed
from fivefold.engine.limits import (
    AUTOCOMMIT_PAUSE_MS_MAX,
    OTHER_PROCESS_WAIT_MS,
    WRITER_WAIT_SECONDS,
)
from fivefold.errors import Conflict, Denied, FivefoldError, InvalidState
from fivefold.stores.contract import Connection

if TYPE_CHECKING:
    from fivefold.engine.advisory import SessionLocks
    from fivefold.engine.group import Group
    from fivefold.security.identity import Identity

T = TypeVar("T")

STEP = "fivefold_step"  # the savepoint around work of several statements


class StalePlan(Exception):
    """The catalog changed since the plan was made; nothing was done."""


class MustWait(Exception):
    """The work cannot be done on the loop now.

    ``for_writer``: a session of this process is writing, wait for ``engine.writer``. Otherwise
    the store itself has to be waited for, on a thread.
    """

    def __init__(self, for_writer: bool) -> None:
        self.for_writer = for_writer


class Session:
    """Transactions over one leased connection. Used by one thread at a time."""

    def __init__(self, engine: Engine, group: Group | None = None, user: str | None = None) -> None:
        self.engine = engine
        self.group = group
        self.open = False  # inside begin … commit
        self.begun_utc: datetime | None = None
        self.granted = False  # holds the writer's place
        self.single_writer = engine.store.gaps.single_writer
        self.in_process = engine.store.gaps.in_process
        self.leaves_sync = group is not None and engine.store.leaves_sync
        """A server answers commits only when they are synced, and several by one sync."""
        self.transactions = 0  # how many ``begin`` has opened
        self.lock_timeout_seconds = 0.0  # 0: the engine's own limit
        self.may_wait = True  # for the writer's place; NOWAIT says no
        self._connection: Connection | None = None
        self._kept = False  # it is not given back before the session ends
        self._started = False  # the store's transaction runs
        self._snapshot: Snapshot | None = None  # the transaction's own view of the catalog
        self._writing = False  # the store's transaction is the writer
        self._seen = False  # it has looked at more than the catalog
        self._wrote_in = 0  # the number of the group's last transaction that has a write of ours
        self._changed_schema = False
        self.checks = False  # the store wants to be asked after changes: SET CONSTRAINTS was used
        self.locks: SessionLocks | None = None  # the advisory ones, once it has asked for some
        self.committed: list[Callable[[], None]] = []
        """Called when the transaction has committed, forgotten when it is rolled back."""
        self._marks: dict[str, int] = {}  # how many of them there were at each savepoint
        self.user = user
        """The role whose privileges count; None is the owner, who may do everything."""
        self.settle: Callable[[], None] | None = None
        """Called before the transaction's next write: rows are being read that must not see it."""

    @property
    def wait_seconds(self) -> float:
        """Return how long a write of this session waits for the writer's place."""
        if not self.may_wait:
            return 0.0
        return self.lock_timeout_seconds or WRITER_WAIT_SECONDS

    # The catalog

    @property
    def snapshot(self) -> Snapshot:
        """Return the catalog that the next statement sees, as far as is known."""
        return self._snapshot or self.engine.snapshot

    def renew(self) -> bool:
        """Look whether another process changed the catalog; say whether it did."""
        if self._snapshot is not None:
            return False  # a transaction sees one catalog, its own
        seen = self.engine.snapshot
        connection = self.engine.lease()
        try:
            return self.engine.refresh(connection) is not seen
        finally:
            self.engine.give_back(connection)

    @property
    def seen(self) -> Snapshot:
        """Return the catalog as the session's role may know of it."""
        return self.snapshot if self.user is None else self.snapshot.seen(self.user)

    def guard(self, connection: Connection, snapshot: Snapshot) -> Connection:
        """Return a connection that is not the session's own as its role may use it."""
        identity = None if self.user is None else snapshot.identity(self.user)
        if identity is None:
            return connection
        from fivefold.engine.gate import guard

        return guard(connection, identity)

    @property
    def identity(self) -> Identity | None:
        """Return what the session's role may do, as of the next statement; None is everything."""
        return None if self.user is None else self.snapshot.identity(self.user)

    def check_owner(self, what: str) -> None:
        """Return if the session's role may do everything. Raises Denied."""
        if self.user is not None and self.identity is not None:
            raise Denied(
                f"{what} is only for superusers so far, and {self.user} has grants",
                hint="Use SQL, or make the role a superuser.",
            )

    def _guarded(self, work: Callable[[Connection], T]) -> Callable[[Connection], T]:
        """Return work that is refused where the session's role may not do what it does."""

        def guarded(connection: Connection) -> T:
            identity = self.identity
            if identity is None:
                return work(connection)
            # Imported only where there are roles.
            from fivefold.engine.gate import guard

            return work(guard(connection, identity))

        return guarded

    # Work

    def perform(
        self,
        work: Callable[[Connection], T],
        *,
        write: bool,
        several: bool = False,
        version: Version | None = None,
        inline: bool = False,
        sees: bool = True,
    ) -> T:
        """Run ``work`` in the transaction that is due and return what it returns.

        ``several`` says that the work is more than one statement: all of it is undone if it fails.
        ``sees`` says that it looks at more than the catalog, so that the transaction has to go on
        from what it saw.
        ``inline`` says that the caller must not be made to wait: MustWait is raised instead.
        """
        if self.user is not None:
            work = self._guarded(work)
        if inline and not self.in_process:
            raise MustWait(for_writer=False)  # the loop has others to look after than a server
        if self.open:
            return self._inside(work, write, several, version, inline, sees)
        if inline:
            if self.group is None:
                raise MustWait(for_writer=False)
            result = self.group.perform(work, write, several, version)
            if write:
                self._wrote_in = self.group.number
            return result
        return self._alone(work, write, several, version)

    def _follows_group(self) -> bool:
        """Say whether this session wrote something that the group has yet to commit."""
        group = self.group
        return group is not None and group.open and self._wrote_in == group.number

    def _alone(
        self,
        work: Callable[[Connection], T],
        write: bool,
        several: bool,
        version: Version | None,
    ) -> T:
        connection = self._connection or self.connection()
        # A connection does not call moved what it changed itself, for the session before this.
        if version is not None and version != self.engine.snapshot.version:
            raise StalePlan
        if not write and not several:
            try:
                result = work(connection)
            except FivefoldError:
                if version is not None and connection.moved():
                    self._check(connection, version)  # what it missed may have another name by now
                raise
            if connection.moved():
                self._check(connection, version)
            return result
        if self.single_writer:
            return self._one_transaction(connection, work, write, version)
        last = time.monotonic() + self.wait_seconds
        for number in count():
            try:
                return self._one_transaction(connection, work, write, version)
            except Conflict as conflict:
                # With writers beside each other, an autocommit statement's is ours; but one that
                # has waited for a lock in vain has waited long enough.
                if conflict.code == "lock_not_available" or time.monotonic() >= last:
                    raise
                pause_ms = min(2**number, AUTOCOMMIT_PAUSE_MS_MAX)
                time.sleep(pause_ms * random.random() / 1000)
        raise AssertionError("it counts for ever")

    def _one_transaction(
        self,
        connection: Connection,
        work: Callable[[Connection], T],
        write: bool,
        version: Version | None,
    ) -> T:
        if write:
            self.begin_alone(connection)
        else:
            connection.begin(write=False)
        try:
            if connection.moved() or not write:
                self._check(connection, version)
            result = work(connection)
        except BaseException:
            self.end_alone(connection, commit=False)
            raise
        self.end_alone(connection, commit=True)
        return result

    def begin_alone(self, connection: Connection) -> None:
        """Begin the write transaction of one autocommit statement; ``end_alone`` ends it."""
        if self.single_writer and not self.granted:
            if not self.engine.writer.try_acquire():
                self.engine.writer.acquire(self.wait_seconds)
            self.granted = True
        try:
            connection.begin(write=True, wait_ms=OTHER_PROCESS_WAIT_MS)
        except BaseException:
            self.unclaim()
            raise

    def end_alone(self, connection: Connection, *, commit: bool) -> None:
        """Commit or roll back what ``begin_alone`` began, and give the writer's place back."""
        try:
            if commit:
                connection.commit()
                if self.leaves_sync:
                    self.engine.unsynced = True
            else:
                connection.rollback()
        finally:
            if self.granted:
                self.granted = False
                self.engine.writer.release()

    def _check(self, connection: Connection, version: Version | None) -> Snapshot:
        snapshot = self.engine.refresh(connection)
        if version is not None and snapshot.version != version:
            raise StalePlan
        return snapshot

    def _inside(
        self,
        work: Callable[[Connection], T],
        write: bool,
        several: bool,
        version: Version | None,
        inline: bool,
        sees: bool,
    ) -> T:
        if self.lost:
            raise lost()
        if not self._started and inline and self._follows_group():
            raise MustWait(for_writer=False)
        if write and self.settle is not None:
            if inline:
                raise MustWait(for_writer=False)
            self.settle()
        if write and not self.granted:
            self._claim(inline)
        connection = self.connection()  # the last writer's, whose pages are still the latest
        if write and self._started and not (self._writing or self._seen) and self.single_writer:
            # A reader cannot turn writer once others have committed. One that has seen nothing
            # but the catalog, as tools do before CREATE TABLE, begins again: the catalog is the
            # latest for each statement of PostgreSQL's too.
            connection.rollback()
            self._started = False
        self._seen = self._seen or sees
        if not self._started:
            self._start(connection, write)
        if version is not None and self.snapshot.version != version:
            raise StalePlan
        if not write:
            return self._step(connection, work, several)
        try:
            result = self._step(connection, work, several)
        except Conflict:
            if not self._writing:
                self.unclaim()  # it cannot write any more: let others
            raise
        self._writing = True
        return result

    def _step(self, connection: Connection, work: Callable[[Connection], T], several: bool) -> T:
        if not several:
            return work(connection)
        connection.savepoint(STEP)
        try:
            result = work(connection)
        except BaseException:
            if connection.in_transaction:
                connection.rollback_to(STEP)
                connection.release(STEP)
            raise
        connection.release(STEP)
        return result

    def _start(self, connection: Connection, write: bool) -> None:
        try:
            connection.begin(write=write, wait_ms=OTHER_PROCESS_WAIT_MS)
        except BaseException:
            self.unclaim()
            raise
        self._started = True
        self._writing = write
        if not write or connection.moved():
            self._snapshot = self.engine.refresh(connection)
        else:
            self._snapshot = self.engine.snapshot

    def _claim(self, inline: bool) -> None:
        if self.granted or not self.single_writer:
            return
        if not inline:
            self.engine.writer.acquire(self.wait_seconds)
        elif not self.engine.writer.try_acquire():
            raise MustWait(for_writer=True)
        self.granted = True

    def unclaim(self) -> None:
        """Give the writer's place back, if this session holds it."""
        if self.granted:
            self.granted = False
            self.engine.writer.release()

    # Transactions

    def begin(self) -> None:
        """Open a transaction; the store hears of it with the first statement."""
        if self.open:
            raise InvalidState("there is already a transaction in progress", "active_transaction")
        if self.engine.closed:
            raise closed()
        self.open = True
        self.transactions += 1
        self.begun_utc = self.engine.clock.now_utc()

    def commit(self) -> None:
        """Commit. If that fails the transaction is rolled back and the error raised."""
        connection = self._connection
        committed: list[Callable[[], None]] = []
        try:
            if self._started and connection is not None:
                if self.lost:
                    raise lost()
                connection.commit()
                if self._writing and self.leaves_sync:
                    self.engine.unsynced = True
                if self._changed_schema and self._snapshot is not None:
                    self.engine.publish(self._snapshot)
            committed = self.committed
        finally:
            self._end()
        for callback in committed:
            callback()

    def rollback(self) -> None:
        """Roll back; nothing happens if no transaction is open."""
        try:
            if self._started and self._connection is not None:
                self._connection.rollback()
        finally:
            self._end()

    def _end(self) -> None:
        self.open = self._started = self._writing = self._changed_schema = self.checks = False
        self._seen = False
        self._snapshot = self.begun_utc = None
        if self.locks is not None:
            self.locks.go_back(0)
        if self.group is not None:
            self.rest()
        if self.committed:
            self.committed = []
        self._marks.clear()
        self.unclaim()

    def savepoint(self, name: str) -> None:
        """Mark a place inside the transaction."""
        self._running().savepoint(name)
        self._marks[name] = len(self.committed)
        self._seen = True  # the savepoint would be lost with a new beginning

    def release(self, name: str) -> None:
        """Forget a savepoint and keep what came after it."""
        self._running().release(name)

    def rollback_to(self, name: str) -> None:
        """Undo what came after a savepoint."""
        connection = self._running()
        connection.rollback_to(name)
        del self.committed[self._marks.get(name, 0) :]
        if self._changed_schema:
            self._snapshot = Snapshot(connection.load_catalog())

    def _running(self) -> Connection:
        assert self.open
        connection = self.connection()
        if not self._started:
            self._start(connection, write=False)
        return connection

    @property
    def lost(self) -> bool:
        """Say whether the store itself has ended the transaction (a full disk does that)."""
        connection = self._connection
        return self._started and connection is not None and not connection.in_transaction

    # Schema

    def change_schema(
        self,
        changes: tuple[Change, ...],
        version: Version | None = None,
        *,
        implied: bool = False,
    ) -> None:
        """Carry out changes of schema, all or none; they were derived from ``version``.

        ``implied``: nobody asked for them, they follow from what is written.
        """

        def work(connection: Connection) -> tuple[None, Snapshot]:
            identity = self.identity if implied else None
            if identity is not None:
                from fivefold.engine.gate import bare

                for change in changes:
                    identity.check_implied(change)
                connection = bare(connection)
            return None, changed(connection, self.snapshot, changes)

        self.alter(work, version)

    def alter(
        self, work: Callable[[Connection], tuple[T, Snapshot]], version: Version | None = None
    ) -> T:
        """Run work that may change the schema among other things; it returns the new catalog too.

        All it does is kept, or nothing of it.
        """
        result, snapshot = self.perform(work, write=True, several=True, version=version)
        if not self.open:
            self.engine.publish(snapshot)
        elif snapshot.version != self.snapshot.version:
            self._changed_schema = True
            self._snapshot = snapshot
        return result

    # The connection

    @property
    def started(self) -> bool:
        """Say whether the open transaction has done something in the store."""
        return self._started

    def connection(self) -> Connection:
        """Return the session's own connection, leased on first use."""
        if self._connection is None:
            self._connection = self.engine.lease(synced=not self.leaves_sync)
        return self._connection

    def rest(self) -> None:
        """Give the connection back until it is needed again; not inside a transaction.

        One that holds what only this session may see is kept, as long as there are enough.
        """
        connection = self._connection
        if connection is None or self.open:
            return
        if connection.personal and not self._kept:
            self._kept = self.engine.keep()
        if not self._kept:
            self._connection = None
            self.engine.give_back(connection)

    def forget(self) -> None:
        """Forget what the connection holds for this session."""
        connection = self._connection
        if connection is not None and connection.personal:
            connection.forget_session()

    def interrupt(self) -> None:
        """End the statement that is running; callable from any thread."""
        connection = self._connection
        if connection is not None:
            connection.interrupt()

    def close(self) -> None:
        """Roll back what is open and give the connection back."""
        try:
            self.rollback()
        finally:
            if self.locks is not None:
                self.locks.unlock_all()
            connection, self._connection = self._connection, None
            if self._kept:
                self._kept = False
                self.engine.unkeep()
            if connection is not None:
                self.engine.give_back(connection)


def changed(connection: Connection, snapshot: Snapshot, changes: Iterable[Change]) -> Snapshot:
    """Carry out changes of schema in the open transaction; return the catalog that it has then."""
    catalog = snapshot.catalog
    for change in changes:
        connection.change_schema(change, catalog)
        before, catalog = catalog, connection.load_catalog()
        if catalog.roles:
            from fivefold.engine.gate import bare, regranted

            for old, new in regranted(before, catalog):
                # Not by a guarded connection: nobody is asked for what follows by itself.
                bare(connection).change_schema(SetRole(old, new), catalog)
                catalog = connection.load_catalog()
    return Snapshot(catalog)


def lost() -> InvalidState:
    """Return the error of work in a transaction that the store has ended."""
    return InvalidState(
        "the store has ended the transaction: nothing of it was kept",
        "in_failed_transaction",
        hint="Begin it again.",
    )
