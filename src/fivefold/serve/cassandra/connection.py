"""One client of Cassandra's protocol: who it is, which message means what, what it is told.

Answers of one turn of the loop leave together, in few frames.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from fivefold.engine import logins
from fivefold.errors import FivefoldError, Internal
from fivefold.languages.cql.system.node import CQL_VERSION, Client
from fivefold.serve.cassandra import login
from fivefold.serve.cassandra.events import down_event
from fivefold.serve.cassandra.hub import hub_of
from fivefold.serve.cassandra.session import Line, open_line
from fivefold.serve.cassandra.statements import IN_FLIGHT_MAX, Statements
from fivefold.serve.connection import ClientConnection
from fivefold.serve.limits import MESSAGES_TURN, STARTUP_SECONDS
from fivefold.wire.cassandra import CassandraMachine, encode
from fivefold.wire.cassandra import messages as m
from fivefold.wire.cassandra.compress import compressors
from fivefold.wire.cassandra.errors import encode_error, is_fatal
from fivefold.wire.cassandra.machine import State

if TYPE_CHECKING:
    import asyncio

    from fivefold.languages.cql.system.node import Node
    from fivefold.serve.server import Server

Address = tuple[str, int]


class CassandraConnection(ClientConnection):
    """One client. ``client`` and ``node`` are the addresses of the two ends."""

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self.hub = hub_of(server)
        self.machine = CassandraMachine(lambda: logins.has_users(server.engine))
        self.machine.message_bytes_max = self.request_bytes(self.machine.message_bytes_max)
        self.line: Line = open_line(self.session)
        self.cluster_node: Node | None = None
        """This server, as system tables tell of it."""
        self.statements = Statements(self)
        self.client: Address = ("127.0.0.1", 0)
        self.node: Address = ("127.0.0.1", 0)
        self.options: Mapping[str, str] = {}
        """What STARTUP said."""
        self.user = "anonymous"
        self.requests = 0
        self._envelopes: list[bytes] = []
        self._streams: list[int] = []  # of the envelopes
        self._unsent: list[list[int]] = []  # the streams that are answered in each of ``out``
        self._waiting: list[m.Request] = []  # for the next turn, or for room
        self._full = False  # too many statements are in flight
        self._refusal: FivefoldError | None = None
        self._startup: asyncio.TimerHandle | None = None

    # Input

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        self.client = _address(transport.get_extra_info("peername"), self.client)
        self.node = _address(transport.get_extra_info("sockname"), self.node)
        self.cluster_node = self.hub.node(*self.node)
        self.line.node = self.cluster_node
        self._startup = self.loop.call_later(STARTUP_SECONDS, self.abort)
        super().connection_made(transport)

    def receive(self, data: bytes) -> None:
        """Handle all requests that became whole, as many as one turn may."""
        requests = self.machine.receive(data) if data else []
        if self._waiting:
            requests = self._waiting + requests
            self._waiting = []
        for number, request in enumerate(requests):
            if number == MESSAGES_TURN or self.statements.in_flight >= IN_FLIGHT_MAX:
                self._waiting = requests[number:]
                self._pause(number < MESSAGES_TURN)
                break
            self._handle(request)
            if self._closing:
                break
        self._pack()

    def _pause(self, full: bool) -> None:
        """Take no more requests: until the next turn, or until there is room for more."""
        self.busy = self.parked = True
        self._full = full
        if not full:
            self.loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        self._full = False
        self.busy = self.parked = False
        if self.transport is not None:
            self.resume_input()

    def relieved(self) -> None:
        """Send what was answered beside the turn of the client's input, and look for room."""
        if self.transport is None:
            return
        self._pack()
        self.settle()
        if self._full and self.statements.in_flight <= IN_FLIGHT_MAX // 2:
            self._full = False
            self.loop.call_soon(self._go_on)

    def _handle(self, request: m.Request) -> None:
        self.requests += 1
        kind = request.__class__
        if kind in _STATEMENTS and self._refusal is None:
            self.statements.handle(request)  # type: ignore[arg-type]  # by `kind`
            return
        try:
            if self._refusal is not None:
                raise self._refusal
            _HANDLERS[kind](self, request)
        except FivefoldError as error:
            self.fail(request.stream, error)
            if self._refusal is not None:
                self._close_packed()

    # Answers

    def answer(
        self,
        stream: int,
        opcode: int,
        body: bytes,
        warnings: Sequence[str] = (),
        trace: bytes | None = None,
    ) -> None:
        """Answer a request; ``trace`` is the id of its trace."""
        flags = 0
        if warnings and self.machine.version >= 4:
            flags = m.Flag.WARNING
            body = encode.warned(warnings, body)
        if trace is not None:
            flags |= m.Flag.TRACING
            body = encode.traced(trace, body)
        self._envelopes.append(self.machine.envelope(stream, opcode, body, flags))
        self._streams.append(stream)

    def fail(
        self,
        stream: int,
        error: FivefoldError,
        consistency: int = 1,
        trace: bytes | None = None,
    ) -> None:
        """Answer that a request failed. The log tells how, if it is a fault of ours."""
        if isinstance(error, Internal) and error is not self._refusal:
            self.tell_fault(error)
        body = encode_error(error, consistency, self.machine.version or m.VERSIONS[-1])
        self.answer(stream, m.Opcode.ERROR, body, (), trace)
        if is_fatal(error):
            self._close_packed()

    def tell(self, event: bytes) -> None:
        """Send an event."""
        if self.transport is None or self._closing:
            return
        self.answer(m.EVENTS_STREAM, m.Opcode.EVENT, event)
        self._pack()
        self.settle()

    def tell_fault(self, error: Internal) -> None:
        """Have the server's log tell of a fault of ours, and of what it came from."""
        cause = error.__cause__ or error
        self.loop.call_exception_handler(
            {"message": "a client's request failed", "exception": cause, "protocol": self}
        )

    def _pack(self) -> None:
        """Put what was answered into ``out``."""
        if self._envelopes:
            self.out.append(self.machine.pack(self._envelopes))
            self._unsent.append(self._streams)
            self._envelopes, self._streams = [], []

    def flush(self) -> None:
        """See ``ClientConnection``."""
        super().flush()
        sent = len(self._unsent) - len(self.out)
        if sent > 0:
            del self._unsent[:sent]

    def _close_packed(self) -> None:
        self._pack()
        self.close()

    # Who the client is

    def _start(self, request: m.Startup) -> None:
        self.options = request.options
        if self.machine.state is State.AUTHENTICATION:
            body = encode.string(login.AUTHENTICATOR)
            self.answer(request.stream, m.Opcode.AUTHENTICATE, body)
        else:
            self._started()
            self.answer(request.stream, m.Opcode.READY, b"")
        self._pack()
        self.machine.begin()

    def _started(self) -> None:
        if self._startup is not None:
            self._startup.cancel()
            self._startup = None

    def _log_in(self, request: m.AuthResponse) -> None:
        if self.machine.state is not State.READY:
            try:
                self.user = login.check_login(self.server.engine, request.token)
            except FivefoldError as error:
                self.fail(request.stream, error)
                self._close_packed()
                return
            self.session.user = self.user
            self.machine.logged_in()
            self._started()
        self.answer(request.stream, m.Opcode.AUTH_SUCCESS, encode.long_bytes(None))

    def _tell_options(self, request: m.Options) -> None:
        supported = {
            "PROTOCOL_VERSIONS": [*m.SUPPORTED_VERSIONS.values()],
            "COMPRESSION": [*compressors()],
            "CQL_VERSION": [CQL_VERSION],
        }
        self.answer(request.stream, m.Opcode.SUPPORTED, encode.supported(supported))

    def _register(self, request: m.Register) -> None:
        for event in request.events:
            self.hub.events.register(self, event)
        self.answer(request.stream, m.Opcode.READY, b"")

    def _refused(self, request: m.Refused) -> None:
        version = request.version or self.machine.version or m.VERSIONS[-1]
        body = encode_error(request.error, 1, version)
        self._envelopes.append(
            self.machine.envelope(request.stream, m.Opcode.ERROR, body, version=request.version)
        )
        self._streams.append(request.stream)
        if request.last:
            self._close_packed()

    def described(self) -> Client:
        """Return what system_views.clients tells of this one; on any thread."""
        return Client(
            *self.client,
            protocol_version=self.machine.version,
            keyspace=self.line.keyspace,
            driver_name=self.options.get("DRIVER_NAME"),
            driver_version=self.options.get("DRIVER_VERSION"),
            options=self.options,
            request_count=self.requests,
            username=self.user,
            encrypted=self.server.tls is not None,
        )

    # The end

    def end_session(self) -> None:
        """Give back what the client held; it is gone."""
        self._started()
        self.hub.events.forget(self)
        self.statements.close()
        self.line.close()

    def interrupt(self) -> None:
        """End what runs for this client."""
        self.line.interrupt()

    def refuse(self, error: FivefoldError) -> None:
        """Tell a client that it cannot be served when it asks for anything, and close."""
        self._refusal = error
        if self.machine.state is State.READY:
            self.close()

    def shut_down(self) -> None:
        """Tell who wants to know that this node is going away; close."""
        if self.hub.events.wants(self, "STATUS_CHANGE"):
            self.tell(down_event(*self.node))
        self.close()

    def group_failed(self, error: FivefoldError) -> None:
        """Answer with the error all whose answers waited for the group."""
        streams = [stream for each in self._unsent for stream in each]
        self._unsent = []
        for stream in streams:
            if stream != m.EVENTS_STREAM:
                self.fail(stream, error)
        self._pack()


_STATEMENTS = frozenset({m.Query, m.Prepare, m.Execute, m.Batch})

_HANDLERS: Mapping[type, Callable[[CassandraConnection, Any], None]] = {
    m.Startup: CassandraConnection._start,
    m.Options: CassandraConnection._tell_options,
    m.AuthResponse: CassandraConnection._log_in,
    m.Register: CassandraConnection._register,
    m.Refused: CassandraConnection._refused,
}


def _address(name: object, otherwise: Address) -> Address:
    """Return a host and a port of what a socket calls its end."""
    if not isinstance(name, tuple):
        return otherwise
    return str(name[0]).partition("%")[0], int(name[1])
