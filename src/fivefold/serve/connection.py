"""What every protocol's connection shares: input, output, waiting, and joining the group.

A connection handles its requests in order. Each is tried on the loop; one that would have to
wait (``MustWait``) stops the connection, and goes on either when the writer's place is free, or on
a worker thread. Meanwhile input is kept, up to a limit, and then not read.

Output gathers in ``out``. While the group is open it leaves only after the group's commit, and
while a transaction is being synced only after that (``serve/syncing.py``): nothing is acknowledged
that could still be lost.
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, TypeVar, cast

from fivefold.engine.session import Session
from fivefold.engine.writer import Ticket, busy
from fivefold.errors import FivefoldError, Internal, Limit
from fivefold.serve.limits import (
    GOODBYE_SECONDS,
    HANDSHAKE_SECONDS,
    INPUT_BYTES_MAX,
    INTERRUPT_AGAIN_SECONDS,
    OUTPUT_BYTES_MAX,
    STALLED_SECONDS,
)

if TYPE_CHECKING:
    import ssl

    from fivefold.serve.lines import JoinedLine, Then
    from fivefold.serve.server import Server
    from fivefold.stores.contract import Answer, Line

T = TypeVar("T")

_GiveUp = Callable[[FivefoldError], None]


class ClientConnection(asyncio.Protocol):
    """One client. Subclasses say how to take input and what to do with a request."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.loop = server.loop
        self.group = server.group
        self._writer = server.engine.writer
        self._spinner = server.spinner
        self._syncing = server.syncing
        self.session = Session(server.engine, server.group)
        self.out: list[bytes] = []
        self.transport: asyncio.Transport | None = None
        self.busy = False  # a request is being waited for
        self.parked = False  # so it is, and no task will end the wait
        self.paused = False  # the client does not read what it is sent
        self.task: asyncio.Task[None] | None = None
        self._joined = False
        self._line: JoinedLine | None = None  # that a statement of ours is run on
        self._on_thread = False
        self._give_up: _GiveUp | None = None  # while waiting to write
        self._stalled: asyncio.TimerHandle | None = None
        self._unread = 0  # bytes of output when the client was last seen not reading
        self._writable = asyncio.Event()
        self._writable.set()
        self._on_ended = self._group_ended
        self._held = 0  # of ``out``: what waits for a sync
        self._told = False  # that a sync failed: it is being said
        self._held_in = 0  # the number of the session's last transaction then
        self._sent_in = 0  # and when something was last sent
        self._on_synced = self._synced
        self._kept: list[bytes] = []
        self._kept_bytes = 0
        self._closing = False

    # For subclasses

    @abstractmethod
    def receive(self, data: bytes) -> None:
        """Take input; handle the requests in it until none is left or ``busy`` is set."""

    @abstractmethod
    def group_failed(self, error: FivefoldError) -> None:
        """Put into ``out`` what the client is told if the group could not be committed.

        What had been put there since the group began is gone.
        """

    @abstractmethod
    def refuse(self, error: FivefoldError) -> None:
        """Tell a client that it cannot be served, and close."""

    @abstractmethod
    def shut_down(self) -> None:
        """Tell the client, where its protocol has words for it, that the server stops; close."""

    def request_bytes(self, own: int) -> int:
        """Return how long a request may be: as its protocol has it, or as the server was told."""
        given = self.server.engine.limits.request_bytes
        return own if given is None else min(own, given)

    def end_session(self) -> None:
        """Give back what the client held; it is gone."""
        self.session.close()

    def interrupt(self) -> None:
        """End what a thread is doing for this client."""
        self.session.interrupt()

    # Encryption

    def encrypt(self, context: ssl.SSLContext) -> None:
        """Go on in TLS, as its server; what is in ``out`` is the last to leave in the clear."""
        assert self.transport is not None
        # Whatever follows in the clear belongs to the handshake, which fails at it.
        self.transport.pause_reading()
        self._write()
        self.start_task(self._shake_hands(self.transport, context))

    async def _shake_hands(self, plain: asyncio.Transport, context: ssl.SSLContext) -> None:
        try:
            transport = await self.loop.start_tls(
                plain,
                self,
                context,
                server_side=True,
                ssl_handshake_timeout=HANDSHAKE_SECONDS,
                ssl_shutdown_timeout=GOODBYE_SECONDS,
            )
        except OSError:  # the client does not speak TLS, or trusts another certificate, or left
            transport = None
        if transport is None:
            plain.abort()
            # The loop tells a protocol of the end in some of these cases only.
            self.loop.call_soon(self.connection_lost, None)
        elif self.transport is not None:
            self.transport = transport
            transport.set_write_buffer_limits(high=OUTPUT_BYTES_MAX)

    # Input

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        # uvloop's transport does not inherit from asyncio's.
        self.transport = cast(asyncio.Transport, transport)
        self.transport.set_write_buffer_limits(high=OUTPUT_BYTES_MAX)
        self.server.connected(self)

    def data_received(self, data: bytes) -> None:
        """Called by the loop."""
        if self._closing:
            return
        if self._spinner.client is self:
            self._spinner.came()
        if self.busy or self.paused:
            self._kept.append(data)
            self._kept_bytes += len(data)
            if self._kept_bytes > INPUT_BYTES_MAX and self.transport is not None:
                self.transport.pause_reading()
            return
        try:  # as ``_receive`` and ``settle``: this is the way of every request
            self.receive(data)
        except Exception as error:
            self._own_fault(error)
        if not self.group.open:
            self.flush()
        elif not self._joined and (self.out or self._closing):
            self._joined = True
            self.group.join(self._on_ended)

    def _receive(self, data: bytes) -> None:
        try:
            self.receive(data)
        except Exception as error:  # a fault of ours: the client is told, the others go on
            self._own_fault(error)

    def _own_fault(self, error: Exception) -> None:
        self.loop.call_exception_handler(
            {"message": "a client's request failed", "exception": error, "protocol": self}
        )
        self.refuse(Internal("the server failed at this request: its log says how"))

    def resume_input(self) -> None:
        """Handle what came while the connection was busy."""
        while not (self.busy or self.paused or self._closing):
            data, self._kept, self._kept_bytes = b"".join(self._kept), [], 0
            if self.transport is not None and not self.transport.is_closing():
                self.transport.resume_reading()
            self._receive(data)
            self.settle()
            if not self._kept:
                return

    # Output

    def settle(self) -> None:
        """Send what is in ``out``, now or after the group's commit."""
        if not self.group.open:
            self.flush()
        elif not self._joined and (self.out or self._closing):
            self._joined = True
            self.group.join(self._on_ended)

    def flush(self) -> None:
        """Send what is in ``out``."""
        out = self.out
        if out and self.transport is not None:
            if self._syncing.owed and not self._may_leave():
                return
            self._sent_in = self.session.transactions
            self.transport.write(out[0] if len(out) == 1 else b"".join(out))
            out.clear()
            if self.session.granted and self._writer.waited_for:
                self._spinner.wait_for(self)
        if self._closing and not self.busy and self.transport is not None:
            self.transport.close()

    def _write(self) -> None:
        out = self.out
        if out and self.transport is not None:
            self.transport.write(out[0] if len(out) == 1 else b"".join(out))
        out.clear()

    def _may_leave(self) -> bool:
        """Say whether ``out`` may be sent though there are commits to sync; else it is, later.

        What a transaction says inside may leave, if nothing from before it is still here.
        """
        if self._held or self._told:
            return self._told
        session = self.session
        if session.open and session.transactions == self._sent_in:
            return True
        # A thread comes late. If nobody writes meanwhile the loop has nothing better to do.
        if not self._writer.taken and self._syncing.now():
            return True
        self._held, self._held_in = len(self.out), session.transactions
        self._syncing.join(self._on_synced)
        return False

    def turn_away(self, error: FivefoldError) -> None:
        """Serve nothing but the reason why nothing is served."""
        self._told = True
        self.refuse(error)

    def _synced(self, error: FivefoldError | None) -> None:
        held, self._held = self._held, 0
        self._sent_in = self._held_in
        out = self.out
        if error is not None:
            out.clear()
            self._told = True
            self.group_failed(error)
            self._write()
            self._told = False
        else:
            rest = out[held:]
            del out[held:]
            self._write()
            out.extend(rest)
        self.settle()

    def _group_ended(self, error: FivefoldError | None) -> None:
        self._joined = False
        if error is not None:
            self.out.clear()
            self.group_failed(error)
        self.flush()

    def pause_writing(self) -> None:
        """Called by the loop: the client does not read."""
        self.paused = True
        self._writable.clear()
        self._watch_reader()

    def _watch_reader(self) -> None:
        assert self.transport is not None
        self._unread = self.transport.get_write_buffer_size()
        self._stalled = self.loop.call_later(STALLED_SECONDS, self._check_reader)

    def _check_reader(self) -> None:
        if self.transport is not None and self.transport.get_write_buffer_size() < self._unread:
            self._watch_reader()  # slow, but it reads
        else:
            self.abort()

    def resume_writing(self) -> None:
        """Called by the loop: the client reads again."""
        self.paused = False
        self._writable.set()
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None
        if not self.busy:
            self.resume_input()

    async def drained(self) -> None:
        """Wait until the client has read most of what was sent."""
        await self._writable.wait()

    # Waiting

    def wait(self, work: Callable[[], None], failed: Callable[[FivefoldError], None]) -> None:
        """Stop the connection until it may write; then call ``work``.

        Inside a transaction the session itself stands in line for the writer's place, else the
        group does. ``work`` puts answers into ``out``; ``failed`` is told if the wait was too long.
        """
        self.busy = True

        def resume(error: FivefoldError | None) -> None:
            timer.cancel()
            self.busy = False
            self._give_up = None
            if self.transport is None:
                return
            try:
                if error is None:
                    work()
                else:
                    failed(error)
            except Exception as fault:  # likewise a fault of ours
                self._own_fault(fault)
            self.settle()
            if not self.busy:
                self.resume_input()

        if self.session.open:
            give_up = self._stand(resume)
        else:
            give_up = partial(self.group.give_up, resume)
            self.group.park(resume)
        self._give_up = give_up
        seconds, late = self.patience()
        timer = self.loop.call_later(seconds, give_up, late)

    def patience(self) -> tuple[float, FivefoldError]:
        """Return how long this client stands in line, in seconds, and what it is told then."""
        return self.session.wait_seconds, busy()

    def _stand(self, resume: Callable[[FivefoldError | None], None]) -> _GiveUp:
        """Call ``resume`` once the session has the writer's place, or by what is returned."""
        writer = self._writer

        def granted() -> None:
            if self.transport is None:  # the client left while this was on its way
                writer.release()
                return
            self.session.granted = True
            resume(None)

        def give_up(error: FivefoldError) -> None:
            if writer.withdraw(ticket):
                resume(error)

        ticket = writer.enqueue(lambda: self.server.wake(granted))
        if ticket.granted:
            self.loop.call_soon(granted)
        return give_up

    @property
    def waits_to_write(self) -> bool:
        """Say whether this client stands in line for the writer's place."""
        return self._give_up is not None

    def cancel(self) -> None:
        """End what is being done or waited for, as the client asks; nothing if it is idle."""
        if self._on_thread:
            self.interrupt()
        elif self._line is not None:
            self._line.interrupt()
        elif self._give_up is not None:
            self._give_up(canceled())

    def run_on_line(self, send: Callable[[Line], bool], then: Then) -> bool:
        """Stop the connection until a statement has been answered; False if no line is free.

        ``then`` puts the answer into ``out``. Raises what ``send`` raises.
        """
        line = self.server.lines.take()
        if line is None:
            return False

        def ended(found: Answer | FivefoldError) -> None:
            self._line = None
            self.busy = False
            if self.transport is None:
                self.end_session()
                return
            try:
                then(found)
            except Exception as fault:  # likewise a fault of ours
                self._own_fault(fault)
            self.settle()
            if not self.busy:
                self.resume_input()

        if not line.run(send, ended):
            return False
        self._line = line
        self.busy = True
        return True

    def start_task(self, coroutine: Coroutine[object, object, None]) -> None:
        """Stop the connection until the coroutine has ended."""
        self.busy = True
        self.task = task = self.loop.create_task(coroutine)
        self.server.tasks.add(task)
        # Not at the coroutine's own end: one that is cancelled before it begins has none.
        task.add_done_callback(self._task_ended)

    def _task_ended(self, task: asyncio.Task[None]) -> None:
        self.server.tasks.discard(task)
        self.task = None
        self.busy = self.parked
        error = None if task.cancelled() else task.exception()
        if self.transport is None:
            self.end_session()
        if error is not None:  # a fault of ours: without an answer the client would hang
            self.loop.call_exception_handler(
                {"message": "a client's request failed", "exception": error, "protocol": self}
            )
            self.refuse(Internal("the server failed at this request: its log says how"))
        self.settle()
        self.resume_input()

    async def on_worker(self, work: Callable[[], T], *, write: bool, waits: bool = False) -> T:
        """Run ``work`` on a thread, as the writer if ``write``. Raises Conflict after a long wait.

        A write waits for the writer's place here and not on the thread, so that those who wait
        never take the threads that those who write need. Work that ``waits`` has others. Where many
        write, they wait for each other's rows: so writes have those others too, and so has what an
        open transaction does next, whose rows others wait for.
        """
        single = self.server.engine.store.gaps.single_writer
        if write and single and not self.session.granted:
            await self._stand_in_line()
        self._on_thread = True
        try:
            if not single and (write or self.session.open):
                waits = True
            threads = self.server.waiters if waits else self.server.workers
            return await self.loop.run_in_executor(threads, work)
        finally:
            self._on_thread = False
            if not self.session.open:
                self.session.unclaim()
                self.session.rest()

    async def _stand_in_line(self) -> None:
        writer = self._writer
        done: asyncio.Future[FivefoldError | None] = self.loop.create_future()

        def end(error: FivefoldError | None) -> None:
            if not done.done():
                done.set_result(error)

        ticket: Ticket = writer.enqueue(lambda: self.server.wake(lambda: end(None)))
        if not ticket.granted:
            seconds, late = self.patience()
            timer = self.loop.call_later(seconds, end, late)
            self._give_up = end
            try:
                error = await done
            except asyncio.CancelledError:
                if not writer.withdraw(ticket):
                    writer.release()
                raise
            finally:
                timer.cancel()
                self._give_up = None
            if error is not None and writer.withdraw(ticket):
                raise error
        self.session.granted = True

    # The end

    def close(self) -> None:
        """Close once everything in ``out`` is sent."""
        self._closing = True
        self.settle()

    def abort(self) -> None:
        """Close now."""
        if self.transport is not None:
            self.transport.abort()

    def connection_lost(self, error: Exception | None) -> None:
        """Called by the loop: give back all that this client holds."""
        if self.transport is None:
            return  # told twice, of a handshake that failed
        self.transport = None
        self._closing = True
        self._kept = []
        self._writable.set()
        if self._stalled is not None:
            self._stalled.cancel()
        if self._on_thread:
            self._end_statement()
        elif self._line is not None:
            self._line.interrupt()  # its answer ends the session
        elif self.task is not None:
            self.task.cancel()
        else:
            if self._give_up is not None:
                self._give_up(canceled())
            self.end_session()
        self.server.disconnected(self)

    def _end_statement(self) -> None:
        """Interrupt until it has worked: the thread may not have come to the statement yet.

        The task closes the session.
        """
        if self._on_thread:
            self.interrupt()
            self.loop.call_later(INTERRUPT_AGAIN_SECONDS, self._end_statement)


def canceled() -> Limit:
    """Return the error of what its own client has ended."""
    return Limit("canceling statement due to user request", "query_canceled")
