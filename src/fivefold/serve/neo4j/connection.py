"""One client of Neo4j's protocol: who it is, which message means what, and the transaction."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from fivefold.errors import FivefoldError, Internal, InvalidState, ProtocolFault
from fivefold.serve.connection import ClientConnection
from fivefold.serve.limits import INPUT_BYTES_MAX, INTERRUPT_AGAIN_SECONDS
from fivefold.serve.neo4j.clock import Clock
from fivefold.serve.neo4j.login import check_login
from fivefold.serve.neo4j.queries import Queries
from fivefold.serve.neo4j.session import Line, open_line
from fivefold.wire.neo4j import BoltMachine, encode
from fivefold.wire.neo4j import messages as m
from fivefold.wire.neo4j.errors import failure, is_fatal
from fivefold.wire.neo4j.states import Admission, State

if TYPE_CHECKING:
    import asyncio

    from fivefold.serve.server import Server

AGENT = "Neo4j/5.26.0-fivefold"
"""What we call ourselves: drivers look for the name and a number."""

ROUTES_SECONDS = 3600
"""How long a driver may trust a routing table: there is never another one."""


class BoltConnection(ClientConnection):
    """One client of Neo4j's protocol."""

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self.machine = BoltMachine()
        self.machine.message_bytes_max = self.request_bytes(self.machine.message_bytes_max)
        self.line: Line = open_line(self.session)
        self.queries = Queries(self)
        self.clock = Clock(self)
        self.notifications = m.Notifications()
        self.terminated: FivefoldError | None = None
        """Why a transaction is over that the client takes for open."""
        self._number = server.next_id()
        self._waiting: deque[m.Request] = deque()
        self._waiting_bytes = 0  # that came while the connection was busy
        self._refusal: FivefoldError | None = None  # what it is told when it introduces itself
        self._interrupting = False
        self._rollback_due = False  # of a transaction in another process
        self._address = ""

    # Input

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        name = transport.get_extra_info("sockname")
        if isinstance(name, tuple):
            host = f"[{name[0]}]" if ":" in name[0] else name[0]
            self._address = f"{host}:{name[1]}"
        self.clock.await_startup()
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Called by the loop. What comes while the connection is busy may be a RESET."""
        if not self.busy or self._closing:
            super().data_received(data)
            return
        if self._spinner.client is self:
            self._spinner.came()
        self._waiting.extend(self.machine.receive(data))
        self._waiting_bytes += len(data)
        if self._waiting_bytes > INPUT_BYTES_MAX and self.transport is not None:
            self.transport.pause_reading()
        if self.machine.interrupted or any(each.__class__ is m.Goodbye for each in self._waiting):
            self._interrupt()

    def receive(self, data: bytes) -> None:
        """Handle all messages that became whole."""
        self._waiting.extend(self.machine.receive(data))
        self._waiting_bytes = 0
        self.clock.since = None
        if self._rollback_due:
            self._roll_back_on_thread()
        waiting = self._waiting
        while waiting and not self.busy and not self._closing:
            self._handle(waiting.popleft())
        if self.busy or self._closing:
            return
        if self.machine.fault is not None:
            self.close()
        elif self.holds:
            self.clock.watch()

    @property
    def holds(self) -> bool:
        """Say whether the client holds something that others miss or that takes memory."""
        return self.session.open or self.queries.waiting

    def _interrupt(self) -> None:
        """End what is being done, until it has ended: a thread may not have come to it yet."""
        if not self._interrupting:
            self._interrupting = True
            self._interrupt_again()

    def _interrupt_again(self) -> None:
        if self.busy and self.transport is not None:
            self.cancel()
            self.loop.call_later(INTERRUPT_AGAIN_SECONDS, self._interrupt_again)
        else:
            self._interrupting = False

    # Messages

    def _handle(self, request: m.Request) -> None:
        if isinstance(request, m.Answer):
            self.out.append(request.data)
            return
        admission = self.machine.admit(request)
        if admission is Admission.PERFORM:
            try:
                self._handlers[request.__class__](self, request)
            except FivefoldError as error:
                self.fail(error)
        elif admission is Admission.IGNORE:
            self.out.append(encode.IGNORED)
        else:
            self.fail(self._out_of_place(request))

    def _out_of_place(self, request: m.Request) -> FivefoldError:
        if isinstance(request, m.Refused) and isinstance(request.error, ProtocolFault):
            return request.error
        name = request.__class__.__name__.upper()
        state = self.machine.state.name
        return ProtocolFault(f"Message {name} cannot be handled by a session in the {state} state")

    def peek(self) -> m.Request | None:
        """Return the message that is handled next, if it has come."""
        return self._waiting[0] if self._waiting else None

    def succeed(
        self, request: m.Request, said: dict[str, Any] | None = None, open_results: int = 0
    ) -> None:
        """Answer that a message was performed."""
        self.machine.succeeded(request, open_results)
        self.out.append(self.machine.encoder.success(said) if said else encode.SUCCESS)

    def fail(self, error: FivefoldError, query: str | None = None) -> None:
        """Answer that a message failed; its transaction is rolled back, as in Neo4j."""
        if self.terminated is not None:
            error, self.terminated = self.terminated, None
        if self.machine.interrupted:  # it was to end, so nobody asks how
            self.out.append(encode.IGNORED)
        else:
            said = failure(error, self.machine.version, query)
            self.out.append(self.machine.encoder.failure(said))
        self.machine.failed()
        if is_fatal(error) or self.machine.state is State.DEFUNCT:
            self.close()
        self.give_up()

    # Who the client is

    def _hello(self, request: m.Hello) -> None:
        if self._refusal is not None:
            raise self._refusal
        self.notifications = request.notifications
        said: dict[str, Any] = {
            "server": AGENT,
            "connection_id": f"bolt-{self._number}",
            "hints": {"telemetry.enabled": False},
        }
        if "utc" in request.patches and self.machine.patch_utc():
            said["patch_bolt"] = ["utc"]
        if request.authentication is not None:
            self.session.user = check_login(self.server.engine, request.authentication)
            self.clock.started()
        self.succeed(request, said)

    def _logon(self, request: m.Logon) -> None:
        self.session.user = check_login(self.server.engine, request.authentication)
        self.clock.started()
        self.succeed(request)

    def _logoff(self, request: m.Logoff) -> None:
        self.succeed(request)

    def _goodbye(self, request: m.Goodbye) -> None:
        self.machine.succeeded(request)
        self.close()

    def _telemetry(self, request: m.Telemetry) -> None:
        self.succeed(request)

    def _refused(self, request: m.Refused) -> None:
        raise request.error

    def _route(self, request: m.Route) -> None:
        """Answer with a routing table of one: the address by which the client came."""
        database = self.line.check(request.database)
        address = request.routing.get("address") or self._address
        servers = [{"role": role, "addresses": [address]} for role in ("WRITE", "READ", "ROUTE")]
        table = {"ttl": ROUTES_SECONDS, "db": database, "servers": servers}
        self.succeed(request, {"rt": table})

    # Transactions

    def _begin(self, request: m.Begin) -> None:
        options = request.options
        database = self.line.check(options.database)
        self._check_user(options)
        self.line.begin(database, reads_only=options.reads_only)
        self.queries.filters = options.notifications
        self.clock.begin(options.timeout_ms)
        self.succeed(request, {"db": database} if self.machine.version >= (5, 8) else None)

    def _check_user(self, options: m.Options) -> None:
        if options.impersonated is not None:
            raise InvalidState(
                "Impersonation is not supported: there are no users to impersonate",
                "object_not_in_prerequisite_state",
            )

    def run_options(self, options: m.Options) -> None:
        """Take note of how a query outside a transaction is to be run."""
        self._check_user(options)
        self.clock.begin(options.timeout_ms)

    def _commit(self, request: m.Commit) -> None:
        self._check_open()
        self.queries.clear()
        self._end(self.line.commit, lambda: self._committed(request))

    def _committed(self, request: m.Commit) -> None:
        self.clock.end()
        self.succeed(request, {"bookmark": self.bookmark()})

    def _rollback(self, request: m.Rollback) -> None:
        self._check_open()
        self.queries.clear()
        self._end(self.line.rollback, lambda: self._rolled_back(request))

    def _rolled_back(self, request: m.Request) -> None:
        self.clock.end()
        self.succeed(request)

    def _reset(self, request: m.Reset) -> None:
        self.terminated = None
        self.queries.clear()
        self._end(self.line.rollback, lambda: self._rolled_back(request))

    def _check_open(self) -> None:
        """Raise why a transaction is over that the client takes for open."""
        if self.terminated is not None:
            raise self.terminated

    def _end(self, work: Callable[[], None], then: Callable[[], None]) -> None:
        """Commit or roll back, on a thread if the store is another process."""
        if not self.session.open or self.session.in_process:
            work()
            then()
            return

        async def run() -> None:
            try:
                await self.on_worker(work, write=False)
                then()
            except FivefoldError as error:
                self.fail(error)

        self.settle()
        self.start_task(run())

    def give_up(self) -> None:
        """Roll back what is open."""
        self.queries.clear()
        self.clock.end()
        if not self.session.open or self.session.in_process:
            self.line.rollback()
        elif self.busy:  # this is the end of a task: the next one does it, before anything else
            self._rollback_due = True
        else:
            self._roll_back_on_thread()

    def _roll_back_on_thread(self) -> None:
        async def run() -> None:
            await self.on_worker(self.line.rollback, write=False)

        self._rollback_due = False
        self.start_task(run())

    def terminate(self, error: FivefoldError) -> None:
        """End the transaction; its next message, or the one that runs, is answered with why."""
        self.terminated = error
        if self.busy:
            self._interrupt()
        else:
            self.give_up()

    def bookmark(self) -> str:
        """Return what stands for all that was committed until now: a number that rises.

        Whoever shows it sees as much without waiting: there is one store.
        """
        return f"fivefold:{self.server.engine.clock.stamp()}"

    # The end

    def interrupt(self) -> None:
        """End what a thread is doing for this client."""
        self.line.interrupt()

    def end_session(self) -> None:
        """Give back what the client held; it is gone."""
        self.clock.stop()
        self.queries.clear()
        self.line.close()
        self.session.close()

    def refuse(self, error: FivefoldError) -> None:
        """Tell a client that it cannot be served, and close."""
        if self.machine.state is State.NEGOTIATION and not isinstance(error, Internal):
            self._refusal = error  # it is told when it introduces itself, and then closed
            return
        if self.machine.state is not State.DEFUNCT and self.machine.version > (0, 0):
            said = failure(error, self.machine.version)
            self.out.append(self.machine.encoder.failure(said))
        self.machine.ended()
        self.close()

    def shut_down(self) -> None:
        """Close: Bolt has no farewell of a server's."""
        self.close()

    def group_failed(self, error: FivefoldError) -> None:
        """Answer with the error and close: what came before it is not known."""
        self.refuse(error)

    _handlers: ClassVar[dict[type, Callable[..., None]]] = {
        m.Hello: _hello,
        m.Logon: _logon,
        m.Logoff: _logoff,
        m.Goodbye: _goodbye,
        m.Telemetry: _telemetry,
        m.Refused: _refused,
        m.Route: _route,
        m.Begin: _begin,
        m.Commit: _commit,
        m.Rollback: _rollback,
        m.Reset: _reset,
        m.Run: lambda self, request: self.queries.run(request),
        m.Pull: lambda self, request: self.queries.pull(request),
        m.Discard: lambda self, request: self.queries.discard(request),
    }
