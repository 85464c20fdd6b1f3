"""What may not run on the loop runs here: on threads, several statements of a client at a time.

Each runs over a line of its own. They are given back when nothing is waiting; a client that leaves
has what runs ended.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fivefold.engine.session import Session
from fivefold.engine.writer import Ticket, busy
from fivefold.errors import FivefoldError, Internal
from fivefold.serve.cassandra.session import Line, open_line
from fivefold.serve.limits import INTERRUPT_AGAIN_SECONDS

if TYPE_CHECKING:
    from fivefold.serve.cassandra.connection import CassandraConnection

AT_ONCE = 4
"""Statements of one client on threads: half of the threads there are, others want some too."""

AT_ONCE_REMOTE = 16
"""The same over a store in another process, where threads mostly wait."""


@dataclass(slots=True, eq=False)
class Job:
    """``work`` runs on a thread; ``then`` is given what it returns, or its error, on the loop.

    ``writes`` is asked on the loop before; it may raise, or say None if that is only known by
    ``find_out``, on a thread.
    """

    writes: Callable[[], bool | None]
    find_out: Callable[[Line], bool]
    work: Callable[[Line], Any]
    then: Callable[[Any], None]


def unexpected(error: Exception) -> Internal:
    """Return what a client is told of a fault of ours; its cause is for the log."""
    fault = Internal("the server failed at this request: its log says how")
    fault.__cause__ = error
    return fault


class Worker:
    """A line of the connection's beside its first one."""

    __slots__ = ("line", "session")

    def __init__(self, connection: CassandraConnection) -> None:
        self.session = Session(
            connection.server.engine, connection.server.group, connection.session.user
        )
        self.line = open_line(self.session)
        self.line.node = connection.cluster_node


class Workers:
    """Those of one connection."""

    def __init__(self, connection: CassandraConnection) -> None:
        self._connection = connection
        self._waiting: deque[Job] = deque()
        self._idle: list[Worker] = []
        self._running: set[Worker] = set()
        self._closed = False
        in_process = connection.session.in_process
        self._at_once = AT_ONCE if in_process else AT_ONCE_REMOTE

    @property
    def count(self) -> int:
        """Return how many jobs run or wait."""
        return len(self._waiting) + len(self._running)

    def submit(self, job: Job) -> None:
        """Run a job as soon as there is a place."""
        self._waiting.append(job)
        self._start()

    def _start(self) -> None:
        while self._waiting and len(self._running) < self._at_once and not self._closed:
            worker = self._idle.pop() if self._idle else Worker(self._connection)
            self._running.add(worker)
            server = self._connection.server
            task = server.loop.create_task(self._run(worker, self._waiting.popleft()))
            server.tasks.add(task)
            task.add_done_callback(server.tasks.discard)

    async def _run(self, worker: Worker, job: Job) -> None:
        connection = self._connection
        worker.line.keyspace = connection.line.keyspace
        try:
            found = await self._perform(worker, job)
        except FivefoldError as error:
            found = error
        except Exception as error:  # a fault of ours: without an answer the client would wait
            found = unexpected(error)
        finally:
            self._running.discard(worker)
            worker.session.unclaim()
            worker.session.rest()
        if self._closed:
            if isinstance(found, Internal):
                connection.tell_fault(found)
            worker.line.close()
            return
        self._idle.append(worker)
        self._start()
        job.then(found)

    async def _perform(self, worker: Worker, job: Job) -> Any:
        loop, server = self._connection.loop, self._connection.server
        write = job.writes()
        if write is None:
            write = await loop.run_in_executor(server.workers, job.find_out, worker.line)
        single = worker.session.single_writer
        if write and single:
            await self._stand_in_line(worker.session)
        # As ``ClientConnection.on_worker``: where many write, they wait for each other's rows.
        threads = server.waiters if write and not single else server.workers
        return await loop.run_in_executor(threads, job.work, worker.line)

    async def _stand_in_line(self, session: Session) -> None:
        """Wait for the writer's place; here and not on the thread. Raises Conflict, Limit."""
        connection = self._connection
        writer = connection.server.engine.writer
        done: asyncio.Future[FivefoldError | None] = connection.loop.create_future()

        def end(error: FivefoldError | None) -> None:
            if not done.done():
                done.set_result(error)

        ticket: Ticket = writer.enqueue(lambda: connection.server.wake(lambda: end(None)))
        if not ticket.granted:
            timer = connection.loop.call_later(session.wait_seconds, end, busy())
            try:
                error = await done
            except asyncio.CancelledError:
                if not writer.withdraw(ticket):
                    writer.release()
                raise
            finally:
                timer.cancel()
            if error is not None and writer.withdraw(ticket):
                raise error
        session.granted = True

    def close(self) -> None:
        """End what runs, and give everything back."""
        self._closed = True
        self._waiting.clear()
        for worker in self._idle:
            worker.line.close()
        self._idle.clear()
        self._interrupt()

    def _interrupt(self) -> None:
        """Interrupt until it has worked: a thread may be between two statements."""
        for worker in self._running:
            worker.line.interrupt()
        if self._running:
            self._connection.loop.call_later(INTERRUPT_AGAIN_SECONDS, self._interrupt)
