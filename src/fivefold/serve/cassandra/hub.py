"""What the clients of one server share: events, traces, what is known of statements."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from fivefold.languages.cql.system.node import Client, Node
from fivefold.serve.cassandra.events import Events
from fivefold.serve.cassandra.known import KnownStatements
from fivefold.serve.cassandra.tracing import Traces

if TYPE_CHECKING:
    from fivefold.serve.server import Server


class Hub:
    """See above; one for each server."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.events = Events(server)
        self.known = KnownStatements(server.engine.lasting)
        self.traces = Traces()

    def node(self, address: str, port: int) -> Node:
        """Return this server as the clients of an address know it, the same after a restart."""
        return Node(
            host_id=uuid5(NAMESPACE_URL, f"cassandra://{address}:{port}"),
            address=address,
            port=port,
            started_s=self.server.started_ms // 1000,
            sources=self,
            traces=self.traces,
        )

    def clients(self) -> Iterator[Client]:
        """Yield the clients now connected, oldest first."""
        from fivefold.serve.cassandra.connection import CassandraConnection

        for connection in [*self.server.connections]:
            if isinstance(connection, CassandraConnection):
                yield connection.described()

    def prepared(self) -> Iterator[tuple[bytes, str | None, str]]:
        """Yield the statements that are prepared."""
        for known in self.known.all():
            yield known.prepared.id, known.prepared.keyspace, known.prepared.text


def hub_of(server: Server) -> Hub:
    """Return the hub of a server, made for its first client."""
    found = server.cassandra
    if found is None:
        found = server.cassandra = Hub(server)
    return found
