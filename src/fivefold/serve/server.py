"""The server: one loop, one group, some worker threads, a port for each protocol."""

from __future__ import annotations

import asyncio
import itertools
import secrets
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakSet

from fivefold.engine.cql_upkeep import Reclaiming
from fivefold.engine.document_upkeep import Upkeep
from fivefold.engine.engine import Engine
from fivefold.engine.group import Group
from fivefold.engine.redis_hub import deliver, hub_of, keep
from fivefold.engine.session import Session
from fivefold.errors import FivefoldError, Limit, Unavailable
from fivefold.languages.redis.channels import Delivery
from fivefold.languages.redis.session import Session as RedisClient
from fivefold.serve.connection import ClientConnection
from fivefold.serve.limits import (
    DRAIN_SECONDS,
    GOODBYE_SECONDS,
    HANDSHAKE_SECONDS,
    REAP_AGAIN_SECONDS,
    REAP_SECONDS,
    REFUSALS_MAX,
    WAITERS,
    WORKERS,
)
from fivefold.serve.lines import Lines
from fivefold.serve.postgres import PostgresConnection
from fivefold.serve.reaper import Versions, look_at_awaited, reap
from fivefold.serve.redis import RedisConnection
from fivefold.serve.shortening import Shortening
from fivefold.serve.spinning import Spinner
from fivefold.serve.syncing import Syncing

if TYPE_CHECKING:
    from fivefold.engine.activity import Activity
    from fivefold.serve.cassandra.hub import Hub
    from fivefold.serve.tls import Arriving, Tls

STANDARD_PORTS: dict[str, int] = {
    "postgres": 5432,
    "redis": 6379,
    "mongodb": 27017,
    "neo4j": 7687,
    "cassandra": 9042,
}


def _mongodb(server: Server) -> ClientConnection:
    # What BSON needs is imported for the first client that wants it, or by ``warming``.
    from fivefold.serve.mongodb import MongoConnection

    return MongoConnection(server)


def _neo4j(server: Server) -> ClientConnection:
    # Likewise what Cypher needs.
    from fivefold.serve.neo4j import BoltConnection

    return BoltConnection(server)


def _cassandra(server: Server) -> ClientConnection:
    # Likewise what CQL needs.
    from fivefold.serve.cassandra import CassandraConnection

    return CassandraConnection(server)


PROTOCOLS: dict[str, Callable[[Server], ClientConnection]] = {
    "postgres": PostgresConnection,
    "redis": RedisConnection,
    "mongodb": _mongodb,
    "neo4j": _neo4j,
    "cassandra": _cassandra,
}


class _Closing(asyncio.Protocol):
    """Closes a connection as soon as it is there."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        transport.close()


@dataclass(slots=True)
class RedisFacts:
    """What INFO and CLIENT LIST tell; see ``languages/redis/context.py``."""

    server: Server
    run_id: str
    started_ms: int

    @property
    def port(self) -> int:
        """Return the port of Redis's protocol, 0 if it is not served."""
        return self.server.ports.get("redis", 0)

    def sessions(self) -> Iterable[RedisClient]:
        """Return the sessions now connected, oldest first."""
        for connection in self.server.connections:
            if isinstance(connection, RedisConnection) and connection.client.kill is not None:
                yield connection.client


class Server:
    """Serves one engine. Everything here runs on one loop's thread, but for ``wake``."""

    def __init__(
        self, engine: Engine, loop: asyncio.AbstractEventLoop, tls: Tls | None = None
    ) -> None:
        self.engine = engine
        self.tls = tls  # which every client has to use, if there is one
        self.loop = loop
        self.thread = threading.get_ident()
        self.group = Group(engine, loop.call_soon, self.wake)
        self.workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="fivefold-worker")
        self.waiters = ThreadPoolExecutor(WAITERS, thread_name_prefix="fivefold-waiter")
        self.spinner = Spinner(loop)
        self.lines = Lines(self)
        self.syncing = Syncing(engine, loop)
        self.shortening = Shortening(engine)
        self.connections: dict[ClientConnection, None] = {}
        self.arriving: WeakSet[Arriving] = WeakSet()
        """Clients in the handshake of TLS: the loop lets go of those that fail and tells nobody."""
        self.ports: dict[str, int] = {}
        self.started_ms = engine.clock.now_ms()
        self.redis = RedisFacts(self, secrets.token_hex(20), self.started_ms)
        self.cassandra: Hub | None = None
        """What clients of Cassandra's protocol share, once there was one."""
        self.next_id: Callable[[], int] = itertools.count(1).__next__
        self.tasks: set[asyncio.Task[None]] = set()  # of all connections, also of those that left
        self._listeners: list[asyncio.Server] = []
        self._reaper: asyncio.TimerHandle | None = None
        self._awaited: Versions = {}
        self._upkeep = (Upkeep(engine), Reclaiming(engine))
        self.turn = asyncio.Lock()
        """Of the clients that wait for keys and try on threads, one tries at a time."""
        self.writing = asyncio.Semaphore(WORKERS)
        """Of many clients that write keys on threads, so many do: more meet too many conflicts."""
        self._emptied = asyncio.Event()

    def wake(self, callback: Callable[[], object]) -> None:
        """Run a callback on the loop soon; callable from any thread."""
        if threading.get_ident() == self.thread:
            self.loop.call_soon(callback)
        else:
            self.loop.call_soon_threadsafe(callback)

    async def listen(self, host: str, ports: Mapping[str, int]) -> None:
        """Open a port for each protocol named; port 0 picks a free one.

        Raises Unavailable, naming the port, if one cannot be had; then none stays open.
        """
        for protocol, port in ports.items():
            make = PROTOCOLS[protocol]
            try:
                listener = await self._listen(protocol, make, host, port)
            except OSError as error:
                await self.close_listeners()
                raise Unavailable(
                    f"cannot listen on {host}:{port} for {protocol}: {error.strerror or error}",
                    "store_unreachable",
                    hint="Is another server running there? Use --port-offset N, or --only.",
                ) from None
            self._listeners.append(listener)
            self.ports[protocol] = listener.sockets[0].getsockname()[1]
        self._reaper = self.loop.call_later(REAP_SECONDS, self._reap)

    async def _listen(
        self, protocol: str, make: Callable[[Server], ClientConnection], host: str, port: int
    ) -> asyncio.Server:
        def made() -> asyncio.BaseProtocol:
            return self._made(make)

        tls = self.tls
        if tls is None or protocol == "postgres":  # whose clients ask for TLS in the clear
            return await self.loop.create_server(made, host, port, backlog=1024)
        from fivefold.serve.tls import Arriving

        def arrives() -> asyncio.BaseProtocol:
            arriving = Arriving(made, self.arriving.discard)
            self.arriving.add(arriving)
            return arriving

        return await self.loop.create_server(
            arrives,
            host,
            port,
            backlog=1024,
            ssl=tls.listening,
            ssl_handshake_timeout=HANDSHAKE_SECONDS,
            ssl_shutdown_timeout=GOODBYE_SECONDS,
        )

    def _made(self, make: Callable[[Server], ClientConnection]) -> asyncio.BaseProtocol:
        """Return the connection of a new client; one that cannot be made is closed.

        What is wrong may be anything, an import above all. Raised to the loop, it would leave the
        client with a connection that nobody ends.
        """
        try:
            return make(self)
        except Exception as error:  # the loop's handler tells of it
            told = {"message": "a client's connection cannot be made", "exception": error}
            self.loop.call_exception_handler(told)
            return _Closing()

    def connected(self, connection: ClientConnection) -> None:
        """Take note of a new client; one too many is told so and closed."""
        self.connections[connection] = None
        if self.syncing.failure is not None:
            connection.turn_away(self.syncing.failure)
            return
        clients, most = len(self.connections) + len(self.arriving), self.engine.limits.connections
        if clients > most + REFUSALS_MAX:
            connection.abort()
        elif clients > most:
            hub_of(self.engine).statistics.rejected += 1
            connection.refuse(Limit("sorry, too many clients already", "too_many_connections"))

    def disconnected(self, connection: ClientConnection) -> None:
        """Forget a client."""
        self.connections.pop(connection, None)
        if not self.connections:
            self._emptied.set()

    def cancel(self, process_id: int, secret: bytes) -> None:
        """End what a PostgreSQL client runs or waits for, if the key is its own."""
        for connection in self.connections:
            if (
                isinstance(connection, PostgresConnection)
                and connection.process_id == process_id
                and secrets.compare_digest(connection.secret, secret)
            ):
                connection.cancel()

    def signal(self, process_id: int, terminate: bool) -> bool:
        """Cancel or end the session with that number, if there is one; from any thread."""
        for connection in list(self.connections):
            if isinstance(connection, PostgresConnection) and connection.process_id == process_id:
                act = connection.terminate if terminate else connection.cancel
                self.loop.call_soon_threadsafe(act)
                return True
        return False

    def activities(self) -> list[Activity]:
        """Return what the sessions of PostgreSQL's clients do; from any thread."""
        from fivefold.serve.postgres.activity import activities

        return activities(self.connections)

    def _reap(self) -> None:
        if self.tls is not None:
            self.tls.refresh()
        for upkeep in self._upkeep:
            if upkeep.is_due:
                self.ending(upkeep.run)
        hub = hub_of(self.engine)
        hub.statistics.fold()
        if hub.paused:  # nothing is deleted while clients' writes wait
            self._reaper = self.loop.call_later(REAP_SECONDS, self._reap)
            return
        if self.engine.store.gaps.in_process:
            self._reap_again(self._look_after(self.group, lambda told: self.group.join(keep(told))))
            return
        task = self.loop.create_task(self._reap_on_thread())
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _reap_on_thread(self) -> None:
        def work() -> bool:
            session = Session(self.engine)
            try:
                return self._look_after(session, deliver)
            finally:
                session.close()

        more = await self.loop.run_in_executor(self.workers, work)
        if self._reaper is not None:
            self._reap_again(more)

    def _look_after(
        self, session: Group | Session, tell: Callable[[Iterable[Delivery]], None]
    ) -> bool:
        with suppress(FivefoldError):  # a later turn will do; what is expired is invisible anyway
            if reap(self.engine, session, tell):
                return True
            self._awaited = look_at_awaited(self.engine, session, self._awaited)
        return False

    def _reap_again(self, more: bool) -> None:
        pause = REAP_AGAIN_SECONDS if more else REAP_SECONDS
        self._reaper = self.loop.call_later(pause, self._reap)

    async def close_listeners(self) -> None:
        """Accept nobody new."""
        listeners, self._listeners = self._listeners, []
        for listener in listeners:
            listener.close()

    def ending(self, work: Callable[[], None]) -> None:
        """Run what the end of a session has to wait for on a thread, while there are any."""
        try:
            self.workers.submit(work)
        except RuntimeError:  # the server has stopped: the engine sees to it when it closes
            return

    async def close(self) -> None:
        """Drain: let running statements end, then close every connection and the workers."""
        await self.close_listeners()
        if self._reaper is not None:
            self._reaper.cancel()
            self._reaper = None
        if self.tasks:
            await asyncio.wait(self.tasks, timeout=DRAIN_SECONDS)
        await self.lines.close()
        self.group.finish()
        await self.syncing.close()
        await self.loop.run_in_executor(None, self.shortening.close)
        self._emptied.clear()
        for connection in list(self.connections):
            connection.shut_down()
        if self.connections:
            try:
                await asyncio.wait_for(self._emptied.wait(), 1.0)
            except TimeoutError:
                for connection in list(self.connections):
                    connection.abort()
        if self.tasks:
            await asyncio.wait(self.tasks)  # they have been interrupted
        await self.loop.run_in_executor(None, self.workers.shutdown)
        await self.loop.run_in_executor(None, self.waiters.shutdown)
        self.group.close()
