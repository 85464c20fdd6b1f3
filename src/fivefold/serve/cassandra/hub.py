"""What the clients of one server share: events, traces, what is known of statements."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fivefold.serve.cassandra.events import Events
from fivefold.serve.cassandra.known import KnownStatements
from fivefold.serve.cassandra.tracing import Traces

if TYPE_CHECKING:
    from fivefold.serve.cassandra.connection import CassandraConnection
    from fivefold.serve.server import Server


class Hub:
    """See above; one for each server."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.events = Events(server)
        self.known = KnownStatements(server.engine.lasting)
        self.traces = Traces()

    def connections(self) -> Iterator[CassandraConnection]:
        """Yield the clients now connected, oldest first."""
        from fivefold.serve.cassandra.connection import CassandraConnection

        for connection in [*self.server.connections]:
            if isinstance(connection, CassandraConnection):
                yield connection


def hub_of(server: Server) -> Hub:
    """Return the hub of a server, made for its first client."""
    found = server.cassandra
    if found is None:
        found = server.cassandra = Hub(server)
    return found
