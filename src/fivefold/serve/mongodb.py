"""MongoDB's protocol on the server: commands in, replies out."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from fivefold.engine.logins import has_users
from fivefold.engine.mongo import MongoSession, late
from fivefold.engine.session import MustWait
from fivefold.errors import FivefoldError
from fivefold.languages.mongo.client import Client
from fivefold.languages.mongo.commands import COMMANDS
from fivefold.languages.mongo.commands.hello import awaited_ms
from fivefold.languages.mongo.request import ENDINGS, Request
from fivefold.languages.mongo.statistics import collection_of
from fivefold.languages.mongo.topology import gossip
from fivefold.serve.connection import ClientConnection
from fivefold.serve.limits import INTERRUPT_AGAIN_SECONDS
from fivefold.values.documents.codec import decode
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import Document
from fivefold.values.documents.replyerrors import number_of
from fivefold.wire.mongodb.compress import UNCOMPRESSED, compressors
from fivefold.wire.mongodb.decode import command_name, take_arrays
from fivefold.wire.mongodb.encode import (
    encode_body,
    encode_compressed,
    encode_elements,
    encode_msg,
    encode_reply,
)
from fivefold.wire.mongodb.errors import encode_error
from fivefold.wire.mongodb.machine import MongoMachine
from fivefold.wire.mongodb.messages import Flags, Message

if TYPE_CHECKING:
    import asyncio

    from fivefold.serve.server import Server

HELLO = frozenset({"hello", "isMaster", "ismaster"})

STATE_CHANGES = frozenset({91, 189, 10058, 10107, 11600, 11602, 13435, 13436})
"""Errors that tell of another state of the set's member, or of its end."""

REQUEST_IDS = 2**31
"""Numbers of our messages: 32 bits with a sign, from 1."""


class Endings:
    """What replies end with, encoded once a second: the clock of the set moves no faster."""

    def __init__(self) -> None:
        self._second = -1
        self.failed = self.succeeded = b""

    def turn(self, now_ms: int) -> None:
        """Have the endings of this moment."""
        second = now_ms // 1000
        if second != self._second:
            self._second = second
            self.failed = encode_elements(gossip(now_ms))
            self.succeeded = encode_elements({"ok": 1.0}) + self.failed


ENDINGS_NOW = Endings()
"""Those of all connections: the clock is the same for each, and one loop serves them."""


class Facts:
    """What serverStatus and currentOp tell; see ``languages/mongo/context.py``."""

    __slots__ = ("_server",)

    def __init__(self, server: Server) -> None:
        self._server = server

    @property
    def port(self) -> int:
        """Return the port of MongoDB's protocol, 0 if it is not served."""
        return self._server.ports.get("mongodb", 0)

    @property
    def started_ms(self) -> int:
        """Return when the server began, milliseconds since 1970."""
        return self._server.started_ms

    def clients(self) -> Iterable[Client]:
        """Return the clients now connected, oldest first."""
        for connection in [*self._server.connections]:
            if isinstance(connection, MongoConnection):
                yield connection.client


class MongoConnection(ClientConnection):
    """One client of MongoDB's protocol."""

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self.machine = MongoMachine()
        self.machine.message_bytes_max = self.request_bytes(self.machine.message_bytes_max)
        self.client = Client(
            id=server.next_id(),
            created_ms=server.engine.clock.now_ms(),
            offers=tuple(compressors()),
        )
        self.client.kill = self._kill
        self.own = self.session
        self.commands = MongoSession(self.session, self.client, Facts(server))
        self.hub = self.commands.hub
        self._now_ms = server.engine.clock.now_ms
        self._waiting: list[Message] = []  # messages that came after the one being waited for
        self._current: Message | None = None
        self._began = 0.0  # the current command, by ``time.perf_counter()``
        self._timer: asyncio.TimerHandle | None = None  # of what waits for nothing but time
        self._write_concern_error: Document | None = None  # of a fail point, for the next answer
        self._request_ids = itertools.count(1)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        self.client.address = _address(transport.get_extra_info("peername"))
        self.client.local_address = _address(transport.get_extra_info("sockname"))
        self.hub.statistics.connections += 1
        has_users(self.server.engine)  # another process may have made the first one
        super().connection_made(transport)

    def receive(self, data: bytes) -> None:
        """Handle all messages that became whole."""
        messages = self.machine.receive(data)
        if self._waiting:
            messages = self._waiting + messages
            self._waiting = []
        statistics = self.hub.statistics
        statistics.bytes_in += len(data)
        statistics.requests += len(messages)
        for number, message in enumerate(messages):
            self._handle(message)
            if self.busy:
                self._waiting = messages[number + 1 :] + self._waiting
                return
        if self.machine.fault is not None:
            self.close()  # where its next message would begin, nobody knows

    # From a message to a command

    def _handle(self, message: Message) -> None:
        self._current = message
        self._began = time.perf_counter()
        ENDINGS_NOW.turn(self._now_ms())
        request: Request | None = None
        try:
            document, request = self._read(message)
            if request.command.name in HELLO:
                wait_ms = awaited_ms(self.commands, document)
                if wait_ms:
                    self._await_news(message, request, document, wait_ms)
                    return
            if self.hub.fail_point is not None and self._fails(message, request, document):
                return
        except FivefoldError as error:
            self._answer_error(message, error, request)
            return
        self._begin(message, request, document)

    def _read(self, message: Message) -> tuple[Document, Request]:
        """Return the command that a message holds, and what it asks for."""
        if message.fault is not None:
            raise message.fault
        body, beside = message.body, message.sequences
        command = COMMANDS.get(command_name(body))
        if command is not None and command.raw and not beside:
            body, beside = take_arrays(body, command.raw)
        document = decode(body)
        if message.database is not None:
            document = _legacy(document, message.database)
        return document, self.commands.resolve(document, beside)

    # From a command to its reply

    def _begin(self, message: Message, request: Request, document: Document) -> None:
        """Run a command that has not been tried yet."""
        try:
            self.session = self.commands.session_of(request)
        except FivefoldError as error:
            self._answer_error(message, error, request)
            return
        self._run(message, request, document)

    def _run(self, message: Message, request: Request, document: Document) -> None:
        try:
            reply = self.commands.attempt(request, document, inline=True)
        except MustWait as wait:
            if wait.for_writer:
                self.wait(
                    lambda: self._run(message, request, document),
                    lambda error: self._fail(message, error, request),
                )
            else:
                self.settle()
                self.start_task(self._on_thread_of_its_own(message, request, document))
        except FivefoldError as error:
            self._answer_error(message, error, request)
        else:
            self._answer(message, request, document, reply)

    async def _on_thread_of_its_own(
        self, message: Message, request: Request, document: Document
    ) -> None:
        client, clock = self.client, self._now_ms
        client.operation, client.operation_began_ms = self.server.next_id(), clock()
        client.running = document

        def work() -> Document | FivefoldError:
            try:
                return self.commands.attempt(request, document, inline=False)
            except FivefoldError as error:
                return error

        try:
            write = self.commands.writes(request, document)
            reply = await self.on_worker(work, write=write)
        except FivefoldError as error:
            reply = error
        finally:
            client.operation, client.running = 0, None
        ENDINGS_NOW.turn(clock())
        if isinstance(reply, FivefoldError):
            self._fail(message, reply, request)
        else:
            self._answer(message, request, document, reply)

    def _fail(self, message: Message, error: FivefoldError, request: Request) -> None:
        """Answer a command that may not have begun: it has waited for too long."""
        self.commands.fail()
        self._answer_error(message, error, request)

    def patience(self) -> tuple[float, FivefoldError]:
        """See ``ClientConnection``: a command with maxTimeMS waits no longer than that."""
        seconds, error = super().patience()
        if self.commands.deadline is not None:
            left = max(self.commands.deadline - time.monotonic(), 0)
            if left < seconds:
                return left, late()
        return seconds, error

    def _kill(self) -> None:
        """End what the client runs or waits for; on any thread."""
        self.server.wake(lambda: self._stop(self.client.operation))

    def _stop(self, operation: int) -> None:
        """Interrupt until it has worked: the thread may be between two statements."""
        if operation and self.client.operation == operation:
            self.cancel()
            self.loop.call_later(INTERRUPT_AGAIN_SECONDS, self._stop, operation)

    # Failing on purpose

    def _fails(self, message: Message, request: Request, document: Document) -> bool:
        """Say whether a fail point keeps the command from being run now, or ever."""
        point = self.hub.fail_point
        name = request.command.name
        if point is None or not point.hits(name, document, self.client.metadata):
            return False
        error = point.error

        def fail() -> None:
            if self.transport is None:
                return
            if point.closes:
                self.abort()
            elif error is not None:
                self._answer_error(message, error, request, point.labels)
            else:
                self._write_concern_error = point.write_concern_error
                self._begin(message, request, document)

        def go_on() -> None:
            self.busy = self.parked = False
            fail()
            self.settle()
            if not self.busy:
                self.resume_input()

        if point.block_ms:
            self.busy = self.parked = True
            self._timer = self.loop.call_later(point.block_ms / 1000, go_on)
        else:
            fail()
        return True

    # Replies

    def _answer(
        self, message: Message, request: Request, document: Document, reply: Document
    ) -> None:
        statistics, name = self.hub.statistics, request.command.name
        statistics.ran(name)
        collection = collection_of(name, document)
        if collection is not None:
            seconds = time.perf_counter() - self._began
            statistics.took(request.database, collection, name, seconds)
        if self._write_concern_error is not None:
            reply["writeConcernError"] = self._write_concern_error
            self._write_concern_error = None
        if message.answered:
            try:
                body = encode_body(reply, ENDINGS_NOW.succeeded)
            except FivefoldError as error:
                body = encode_error(error, ENDINGS_NOW.failed)
            self._put(message, body)

    def _answer_error(
        self,
        message: Message,
        error: FivefoldError,
        request: Request | None = None,
        labels: list[str] | None = None,
    ) -> None:
        inside = retryable = False
        if request is not None:
            self.hub.statistics.ran(request.command.name, failed=True)
            inside = request.session.inside
            retryable = request.session.retryable or request.command.name in ENDINGS
        if message.answered:
            ending = ENDINGS_NOW.failed
            if number_of(error) in STATE_CHANGES:
                # By it drivers see that they know the latest already, and look for no other server.
                known = {"topologyVersion": self.hub.topology.version()}
                ending = encode_elements(known) + ending
            if labels is not None:
                inside = retryable = False
                ending = encode_elements({"errorLabels": labels}) + ending
            body = encode_error(error, ending, inside=inside, retryable=retryable)
            self._put(message, body, failed=True)

    def _put(
        self,
        message: Message,
        body: bytes,
        *,
        failed: bool = False,
        response_to: int | None = None,
        more_to_come: bool = False,
    ) -> int:
        """Put a reply into ``out``; return its number."""
        number = next(self._request_ids) % REQUEST_IDS
        if response_to is None:
            response_to = message.request_id
        if message.database is not None:
            raw = encode_reply(body, number, response_to, failed=failed)
        else:
            checksum = bool(message.flags & Flags.CHECKSUM_PRESENT)
            raw = encode_msg(
                body, number, response_to, more_to_come=more_to_come, checksum=checksum
            )
        if message.compressor and command_name(message.body) not in UNCOMPRESSED:
            raw = encode_compressed(raw, message.compressor)
        self.hub.statistics.bytes_out += len(raw)
        self.out.append(raw)
        return number

    # A hello that waits for news of the topology, of which there never are any

    def _await_news(
        self, message: Message, request: Request, document: Document, wait_ms: int
    ) -> None:
        """Answer when the time is up, and again and again if the client takes many answers."""
        self.busy = self.parked = True
        response_to = message.request_id

        def tell() -> None:
            nonlocal response_to
            ENDINGS_NOW.turn(self._now_ms())
            reply = self.commands.attempt(request, document, inline=True)
            body = encode_body(reply, ENDINGS_NOW.succeeded)
            more = message.exhaust_allowed
            response_to = self._put(message, body, response_to=response_to, more_to_come=more)
            self.settle()
            if more:
                self._timer = self.loop.call_later(wait_ms / 1000, tell)
            else:
                self._timer = None
                self.busy = self.parked = False
                self.resume_input()

        self._timer = self.loop.call_later(wait_ms / 1000, tell)

    def _forget_news(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self.busy = self.parked = False

    # The end

    def interrupt(self) -> None:
        """End what a thread is doing for this client."""
        self.commands.interrupt()

    def end_session(self) -> None:
        """Give back what the client held; it is gone."""
        self._forget_news()
        self.commands.close()
        self.own.close()

    def refuse(self, error: FivefoldError) -> None:
        """Tell a client that it cannot be served, if it has asked for anything, and close."""
        if self._current is not None:
            self._answer_error(self._current, error)
        self.close()

    def shut_down(self) -> None:
        """Close: MongoDB's protocol has no farewell."""
        self._forget_news()
        self.close()

    def group_failed(self, error: FivefoldError) -> None:
        """Answer the last command with the error and close: what came before it is not known."""
        self.refuse(error)


def _legacy(document: Document, database: str) -> Document:
    """Return the command of an OP_QUERY: a hello, the first that a driver says."""
    inside = document.get("$query", document.get("query"))
    if isinstance(inside, dict):
        document = inside
    name = next(iter(document), "")
    if name not in HELLO:
        raise fault(
            352,
            f"Unsupported OP_QUERY command: {name}. The client driver may require an upgrade. "
            "For more details see https://dochub.mongodb.org/core/legacy-opcode-removal",
        )
    return {**document, "$db": database}


def _address(name: object) -> str:
    if not isinstance(name, tuple):
        return ""
    host = f"[{name[0]}]" if ":" in name[0] else name[0]
    return f"{host}:{name[1]}"
