"""A client's queries: RUN, PULL and DISCARD, on the loop where that is short, else on threads.

A client mostly sends RUN and PULL together. Then its first records are fetched with the same trip
to a thread, and the PULL finds them there. After that one trip fetches and encodes a batch, and the
next begins when the client has read what was sent: memory holds a batch, whatever the result.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fivefold.engine.session import MustWait
from fivefold.errors import FivefoldError, InvalidState, Limit
from fivefold.serve.connection import canceled
from fivefold.serve.limits import ROWS_BATCH
from fivefold.serve.neo4j.results import Reading, Readings
from fivefold.wire.neo4j import messages as m
from fivefold.wire.neo4j.states import INSIDE

if TYPE_CHECKING:
    from fivefold.serve.neo4j.connection import BoltConnection

BRIEF_SECONDS = 0.002
"""What a query may take on the loop. It is tried there if it took no longer the last time."""

BRIEF = "cypher is brief"
"""With a query's text, what the engine remembers that under."""

LIST_INLINE_MAX = 100
"""Items of a parameter with which a query is tried on the loop: it may do something for each."""


class Queries:
    """The queries of one connection. ``filters`` are the transaction's own for notifications."""

    def __init__(self, connection: BoltConnection) -> None:
        self.filters: m.Notifications | None = None
        self._connection = connection
        self._open = Readings()
        self._lasting = connection.server.engine.lasting

    @property
    def waiting(self) -> bool:
        """Say whether results that hold a place in the store wait for the client."""
        return any(not reading.ready for reading in self._open)

    def clear(self) -> None:
        """Give up all results."""
        self._open.clear()

    # RUN

    def run(self, request: m.Run) -> None:
        """Begin a query. Raises FivefoldError."""
        connection = self._connection
        inside = connection.machine.state in INSIDE
        if connection.terminated is not None:
            raise connection.terminated
        if not inside:
            connection.run_options(request.options)
            self.filters = request.options.notifications
        self._attempt(request, time.monotonic())

    def _attempt(self, request: m.Run, began: float) -> None:
        connection = self._connection
        try:
            reading = self._inline(request, began)
        except MustWait as wait:
            if wait.for_writer:
                connection.wait(
                    lambda: self._attempt(request, began),
                    lambda error: connection.fail(error, request.query),
                )
            else:
                connection.settle()
                connection.start_task(self._run_on_thread(request, began))
        except FivefoldError as error:
            connection.fail(error, request.query)
        else:
            self._began(request, reading)

    def _inline(self, request: m.Run, began: float) -> Reading:
        """Begin a query on the loop, if it was brief before. Raises MustWait, FivefoldError.

        One that only reads is stopped if it is not brief this time; what writes is not, for that
        could take back what others wrote in the same group.
        """
        line, query = self._connection.line, request.query
        if not self._lasting.get((BRIEF, query)) or _is_large(request.parameters):
            raise MustWait(for_writer=False)
        reads = not line.writes(query, request.options.database, inline=True)
        start = time.monotonic()
        line.deadline = start + BRIEF_SECONDS if reads else None
        try:
            reading = self._start(request, began, inline=True)
        except Limit as error:
            if error.code != "statement_timeout":
                raise
            self._lasting.put((BRIEF, query), False)
            raise MustWait(for_writer=False) from None
        finally:
            line.deadline = None
        if time.monotonic() - start > BRIEF_SECONDS:
            self._lasting.put((BRIEF, query), False)
        return reading

    def _start(self, request: m.Run, began: float, *, inline: bool) -> Reading:
        connection, options = self._connection, request.options
        result = connection.line.run(
            request.query,
            request.parameters,
            options.database,
            reads_only=options.reads_only,
            inline=inline,
        )
        filters = self.filters or connection.notifications
        return Reading(result, self._open.next_qid(), request.query, filters, began)

    async def _run_on_thread(self, request: m.Run, began: float) -> None:
        connection = self._connection
        following = connection.peek()
        ahead = _batch_rows(following.n) if isinstance(following, m.Pull) else 0

        def work() -> Reading | FivefoldError:
            try:
                start = time.monotonic()
                reading = self._start(request, began, inline=False)
                if ahead:
                    reading.ahead(ahead)
                is_brief = reading.ready and time.monotonic() - start < BRIEF_SECONDS
                self._lasting.put((BRIEF, request.query), is_brief)
                return reading
            except FivefoldError as error:
                return error

        try:
            write = await self._writes(request)
            found = await connection.on_worker(work, write=write)
        except FivefoldError as error:
            found = error
        if isinstance(found, FivefoldError):
            connection.fail(found, request.query)
        elif connection.terminated is not None:
            connection.fail(connection.terminated, request.query)
        else:
            self._began(request, found)

    async def _writes(self, request: m.Run) -> bool:
        """Say whether a query may write; a new one is understood on a thread. Raises its faults."""
        line, query, database = self._connection.line, request.query, request.options.database
        try:
            return line.writes(query, database, inline=True)
        except MustWait:
            pass

        def work() -> bool | FivefoldError:
            try:
                return line.writes(query, database)
            except FivefoldError as error:
                return error

        found = await self._connection.on_worker(work, write=False)
        if isinstance(found, FivefoldError):
            raise found
        return found

    def _began(self, request: m.Run, reading: Reading) -> None:
        connection, machine = self._connection, self._connection.machine
        inside = machine.state in INSIDE
        self._open.add(reading)
        connection.succeed(request, reading.head(machine.version, inside=inside), len(self._open))

    # PULL and DISCARD

    def _find(self, qid: int) -> Reading:
        connection = self._connection
        if connection.terminated is not None:
            raise connection.terminated
        reading = self._open.find(qid)
        if reading is None:
            raise InvalidState(
                f"There is no open result with id {qid}", "object_not_in_prerequisite_state"
            )
        return reading

    def pull(self, request: m.Pull) -> None:
        """Send records. Raises FivefoldError."""
        self._read(request, self._find(request.qid), discard=False)

    def discard(self, request: m.Discard) -> None:
        """Pass over records. Raises FivefoldError."""
        self._read(request, self._find(request.qid), discard=True)

    def _read(self, request: m.Pull | m.Discard, reading: Reading, *, discard: bool) -> None:
        connection = self._connection
        if discard and request.n == m.LAST and reading.may_end:
            reading.end()
        if not reading.ready:
            connection.settle()
            connection.start_task(self._read_on_thread(request, reading, discard, request.n))
            return
        try:
            data, count = self._batch(_batch_rows(request.n), reading, discard)
        except FivefoldError as error:
            connection.fail(error, reading.query)
            return
        left = _left(request.n, count)
        if left and reading.more:  # too much to be encoded on the loop
            connection.out.append(data)
            connection.settle()
            connection.start_task(self._read_on_thread(request, reading, discard, left))
        else:
            self._answer(request, reading, data)

    def _batch(self, rows_max: int, reading: Reading, discard: bool) -> tuple[bytes, int]:
        if discard:
            return b"", len(reading.take(rows_max))
        return reading.read(rows_max, self._connection.machine.encoder)

    async def _read_on_thread(
        self, request: m.Pull | m.Discard, reading: Reading, discard: bool, left: int
    ) -> None:
        connection = self._connection

        def work() -> tuple[bytes, int] | FivefoldError:
            try:
                return self._batch(_batch_rows(left), reading, discard)
            except FivefoldError as error:
                return error

        while True:
            try:
                found = await connection.on_worker(work, write=reading.writes)
            except FivefoldError as error:
                found = error
            if connection.terminated is not None:
                found = connection.terminated
            if isinstance(found, FivefoldError):
                connection.fail(found, reading.query)
                return
            data, count = found
            left = _left(left, count)
            if not left or not reading.more:
                self._answer(request, reading, data)
                return
            connection.out.append(data)
            connection.settle()
            await connection.drained()
            if connection.transport is None:
                return
            if connection.machine.interrupted:
                connection.fail(canceled(), reading.query)
                return

    def _answer(self, request: m.Pull | m.Discard, reading: Reading, data: bytes) -> None:
        """Send the last records that were asked for, and what there is to say behind them."""
        connection, machine = self._connection, self._connection.machine
        if data:
            connection.out.append(data)
        if reading.more:
            connection.succeed(request, {"has_more": True}, len(self._open))
            return
        self._open.remove(reading)
        said = reading.summary(machine.version)
        if machine.state not in INSIDE:
            connection.clock.end()
            said["bookmark"] = connection.bookmark()
        connection.succeed(request, said, len(self._open))


def _is_large(parameters: Mapping[str, Any]) -> bool:
    return any(
        value.__class__ is list and len(value) > LIST_INLINE_MAX for value in parameters.values()
    )


def _left(n: int, count: int) -> int:
    return n if n == m.LAST else n - count


def _batch_rows(n: int) -> int:
    return ROWS_BATCH if n == m.LAST else min(n, ROWS_BATCH)
