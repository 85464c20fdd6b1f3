"""Work on documents over a session, their cursors, and writes that are asked for again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from fivefold.engine import document_retries as retries
from fivefold.engine.document_cursors import Cursor, Cursors, take
from fivefold.engine.engine import Engine
from fivefold.engine.session import MustWait, Session
from fivefold.engine.units import StoreUnit, Units, Work
from fivefold.languages.mongo.collections import Name
from fivefold.languages.mongo.data import Batch, Item
from fivefold.stores.contract import Connection
from fivefold.values.documents.kinds import Document


def cursors_of(engine: Engine) -> Cursors:
    """Return the engine's cursors, made on first use."""
    made = engine.prepared.get("document cursors")
    if made is None:
        cursors = Cursors(engine)
        made = engine.prepared.setdefault("document cursors", cursors)
        engine.closing.append(cursors.close)
    assert isinstance(made, Cursors)
    return made


class Documents(Units):
    """A session's documents. ``inline``: the work runs on the server's loop and may not wait."""

    __slots__ = ("_reading", "retried")

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.retried: tuple[bytes, int] | None = None
        """The session and the number of the retryable write that runs."""
        self._reading: Connection | None = None  # that a cursor's first batch comes from

    def interrupt(self) -> None:
        """End what is running; callable from any thread."""
        super().interrupt()
        reading = self._reading
        if reading is not None:
            reading.interrupt()

    def once(self, work: Work[Document]) -> Document:
        """See ``languages.mongo.data.Data``."""
        if self.retried is None:
            return self.write(work)
        lsid, number = self.retried

        def again(unit: StoreUnit) -> Document:
            reply = retries.done(unit, lsid, number)
            if reply is None:
                reply = work(unit)
                retries.keep(unit, lsid, number, reply)
            return reply

        return self.write(again)

    def open(self, name: Name, work: Work[Iterator[Item]], first: int | None) -> Batch:
        """See ``languages.mongo.data.Data``."""
        cursors = cursors_of(self._engine)
        if self.session.open or self.inline:
            # What is left over waits beside its transaction, which may change what it reads.
            items, left = take(iter(self.read(lambda unit: [*work(unit)])), first)
            number = 0 if left is None else cursors.add(name, left, None).number
            return Batch(items, number)
        connection = self._engine.lease()
        try:
            connection.begin(write=False)
            snapshot = self._engine.refresh(connection)
            unit = StoreUnit(self._engine, connection, snapshot, writes=False, inline=False)
            with self._reads(connection):
                items, left = take(work(unit), first)
        except BaseException:
            self._engine.give_back(connection)
            raise
        if left is None:
            self._engine.give_back(connection)
            return Batch(items, 0)
        cursor = cursors.add(name, left, connection)
        if self.deadline is not None:
            cursor.seconds = max(self.deadline - time.monotonic(), 0)
        return Batch(items, cursor.number)

    def more(self, name: Name, cursor: int, count: int | None) -> Batch:
        """See ``languages.mongo.data.Data``."""
        if self.inline:
            raise MustWait(for_writer=False)
        return cursors_of(self._engine).more(name, cursor, count, self._goes_on)

    @contextmanager
    def _goes_on(self, cursor: Cursor) -> Iterator[None]:
        """Take what a batch needs from the time that its cursor has left."""
        if cursor.connection is None:
            yield
            return
        began = time.monotonic()
        if cursor.seconds is not None:
            self.deadline = began + cursor.seconds
        with self._reads(cursor.connection):
            yield
        if cursor.seconds is not None:
            cursor.seconds = max(cursor.seconds - (time.monotonic() - began), 0)

    @contextmanager
    def _reads(self, connection: Connection) -> Iterator[None]:
        """Have ``interrupt`` and the deadline end what the connection does in this block."""
        self._reading = connection
        try:
            with self.within(connection):
                yield
        finally:
            self._reading = None

    def kill(self, name: Name, cursors: list[int]) -> tuple[list[int], list[int]]:
        """See ``languages.mongo.data.Data``."""
        return cursors_of(self._engine).kill(name, cursors)
