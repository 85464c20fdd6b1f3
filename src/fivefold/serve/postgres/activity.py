"""What a server's sessions do, for pg_stat_activity; asked from any thread."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from fivefold.engine.activity import Activity
from fivefold.serve.connection import ClientConnection
from fivefold.serve.postgres.connection import PostgresConnection


def activities(connections: Iterable[ClientConnection]) -> list[Activity]:
    """Return those of PostgreSQL's clients that have introduced themselves."""
    found = []
    for connection in list(connections):
        if isinstance(connection, PostgresConnection) and connection.started is not None:
            found.append(_activity(connection))
    return found


def _activity(connection: PostgresConnection) -> Activity:
    asked, transport = connection.asked, connection.transport
    peer = None if transport is None else transport.get_extra_info("peername")
    ago = timedelta(seconds=connection.loop.time() - connection.heard)
    return Activity(
        connection.sql,
        connection.busy,
        connection.session.granted,
        connection.waits_to_write,
        asked if isinstance(asked, str) else asked.text,
        connection.started,
        connection.sql.engine.clock.now_utc() - ago,
        *(peer[:2] if peer else ()),
    )
