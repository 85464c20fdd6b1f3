"""Group commit: autocommit work that arrives together shares one store transaction.

The server's loop reads from all sockets that have input, then runs what was scheduled. Work done in
between joins the open group; then the group commits and every participant's answers go out. So one
commit, and one sync to the disk, serves all who asked in the same turn, and nobody is
answered before it. Readers share the group's snapshot and see the group's own writes, which is
sound because their answers wait for the same commit.

The key-value model knows the keys that it has seen until the group ends (``spaces``) and writes
what changed of them once: fifty clients' INCRs of one key in a turn are one statement. Whatever
else the group does comes after that.

Work of one statement needs no savepoint (SQLite undoes a failed statement by itself); work of
several gets one, so that a failure takes nobody along. Commands of the key-value model go without:
they refuse before they write, and one that the store fails under way fails the group.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from fivefold.catalog.catalog import Version
from fivefold.engine.engine import Engine
from fivefold.engine.session import STEP, MustWait, StalePlan
from fivefold.engine.writer import Ticket
from fivefold.errors import Conflict, FivefoldError
from fivefold.stores.contract import Connection

if TYPE_CHECKING:
    from fivefold.models.keyvalue.space import KeySpace

T = TypeVar("T")

Ended = Callable[[FivefoldError | None], None]
Resume = Callable[[FivefoldError | None], None]


class Group:
    """The group of one server loop; every method is called on that loop's thread only.

    ``schedule`` runs a callback after this turn's input; ``wake`` does the same from any thread.
    """

    def __init__(
        self,
        engine: Engine,
        schedule: Callable[[Callable[[], None]], object],
        wake: Callable[[Callable[[], None]], object],
    ) -> None:
        self.engine = engine
        self.connection = engine.lease()
        self._schedule = schedule
        self._wake = wake
        self.open = False  # answers have to wait for what ``join`` is given
        self.writing = False
        self.number = 0  # of the group's transactions, from 1
        self.spaces: dict[int, KeySpace] = {}  # the key spaces over the group's connection
        self._failure: FivefoldError | None = None
        self._granted = False
        self._ended: list[Ended] = []
        self._parked: list[Resume] = []
        self._ticket: Ticket | None = None

    def join(self, ended: Ended) -> None:
        """Have ``ended`` called when the open group has committed (None) or failed."""
        self._ended.append(ended)

    def perform(
        self,
        work: Callable[[Connection], T],
        write: bool,
        several: bool,
        version: Version | None,
    ) -> T:
        """Run work in the group. Raises MustWait, StalePlan and what the work raises."""
        connection = self.enter(write)
        if self.spaces:
            self.settle()
        if several:
            connection.savepoint(STEP)
        try:
            if write and version is not None and version != self.engine.snapshot.version:
                raise StalePlan
            result = work(connection)
            if version is not None and not write and connection.moved():
                self._check(version)
        except BaseException as error:
            self.undo(error, several)
            raise
        if several:
            connection.release(STEP)
        return result

    def enter(self, write: bool) -> Connection:
        """Return the group's connection inside its transaction, opening what is missing."""
        if self._failure is not None:
            raise self._failure
        if write:
            if not self.writing:
                self._start_writing()
        elif not self.open:
            self.connection.begin(write=False)
            self._opened()
        return self.connection

    def settle(self) -> None:
        """Write what key spaces have put off. Whoever works on tables beside them calls this.

        Those who had it put off were answered, as far as they can tell: so if that fails, the
        group does.
        """
        try:
            for space in self.spaces.values():
                space.settle()
        except FivefoldError as error:
            self.fail(error)
            raise

    def fail(self, error: FivefoldError) -> None:
        """Have the group end with this error: nobody's work in it is kept."""
        self.writing = False  # has those who look here first come to ``enter``
        self._failure = error
        self._forget()

    def _forget(self) -> None:
        for space in self.spaces.values():
            space.forget()

    def _opened(self) -> None:
        self.open = True
        self.number += 1
        self._schedule(self.finish)

    def _start_writing(self) -> None:
        if not self._granted:
            if self._parked or not self.engine.writer.try_acquire():
                raise MustWait(for_writer=True)
            self._granted = True
        if self.open:
            self._forget()
            self.connection.commit()  # ends the snapshot of reads; there is nothing to lose yet
        try:
            self.connection.begin(write=True)
        except FivefoldError as error:
            self._release()
            if self.open:
                self.connection.begin(write=False)
            if isinstance(error, Conflict):
                raise MustWait(for_writer=False) from None
            raise
        self.writing = True
        if not self.open:
            self._opened()
        if self.connection.moved():
            self.engine.refresh(self.connection)

    def _check(self, version: Version) -> None:
        if self.engine.refresh(self.connection).version != version:
            raise StalePlan

    def undo(self, error: BaseException, several: bool) -> None:
        """Take back what failed, or take note that the store ended the whole transaction.

        Then nobody's work in this group was kept. Those who have answers waiting have still to
        ``join``, so all are told in ``finish``, and work that comes before it is refused.
        """
        self._forget()
        if self.connection.in_transaction:
            if several:
                self.connection.rollback_to(STEP)
                self.connection.release(STEP)
            return
        assert isinstance(error, FivefoldError), error
        self.fail(error)

    def finish(self) -> None:
        """Commit and tell all participants."""
        if not self.open:
            return
        if self.spaces and self._failure is None:
            with suppress(FivefoldError):  # it is the group's failure now
                self.settle()
        failure, self._failure = self._failure, None
        if failure is None:
            try:
                self.connection.commit()
            except FivefoldError as error:
                failure = error
                self._forget()
        elif self.connection.in_transaction:
            self.connection.rollback()
        self.open = self.writing = False
        self._release()
        ended, self._ended = self._ended, []
        for callback in ended:
            callback(failure)

    def _release(self) -> None:
        if self._granted:
            self._granted = False
            self.engine.writer.release()

    # Waiting for the writer's place

    def park(self, resume: Resume) -> None:
        """Have ``resume`` called on the loop once the group may write (None), or may not."""
        self._parked.append(resume)
        if self._ticket is None:
            self._ticket = self.engine.writer.enqueue(self._notify)
            if self._ticket.granted:
                self._schedule(self._resume)

    def _notify(self) -> None:
        self._wake(self._resume)

    def unpark(self, resume: Resume) -> None:
        """Forget a parked callback, of a client that left."""
        if resume not in self._parked:
            return
        self._parked.remove(resume)
        ticket = self._ticket
        if not self._parked and ticket is not None and self.engine.writer.withdraw(ticket):
            self._ticket = None

    def give_up(self, resume: Resume, error: FivefoldError) -> None:
        """Tell one who is parked why it need not wait any longer."""
        if resume in self._parked:
            self.unpark(resume)
            resume(error)

    def _resume(self) -> None:
        if self._ticket is None:
            return
        if not self._ticket.granted:
            return  # called for a ticket that was withdrawn
        self._ticket = None
        self._granted = True
        parked, self._parked = self._parked, []
        for resume in parked:
            resume(None)
        if not self.writing:
            self._release()

    def close(self) -> None:
        """Commit what is open and give the connection back."""
        self.finish()
        self.engine.give_back(self.connection)
