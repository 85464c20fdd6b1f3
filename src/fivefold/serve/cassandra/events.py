"""What clients are told of without asking: changes of the schema, and that the server stops.

A change is seen by comparing catalogs, so it makes no difference who has made it: a client of this
protocol, of another one, the program itself, or another process over the same store. Who changes
something has it looked for at once; otherwise it is seen within ``LOOK_SECONDS``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from ipaddress import ip_address
from typing import TYPE_CHECKING

from fivefold.catalog.catalog import Catalog
from fivefold.catalog.containers import Family, Keyspace, UserType, View
from fivefold.engine.session import Session
from fivefold.errors import FivefoldError
from fivefold.languages.cql.results import SchemaChange
from fivefold.wire.cassandra import encode

if TYPE_CHECKING:
    import asyncio

    from fivefold.serve.cassandra.connection import CassandraConnection
    from fivefold.serve.server import Server

LOOK_SECONDS = 1.0
"""How often changes by others are looked for while somebody wants to be told."""

Families = Mapping[tuple[str, str], Family]


def changes(before: Catalog, after: Catalog) -> Iterator[SchemaChange]:
    """Yield what changed: what others are made of first, and what is gone inside out."""
    old_spaces, new_spaces = _keyspaces(before), _keyspaces(after)
    old, new = _families(before), _families(after)
    for name in sorted(new_spaces.keys() - old_spaces.keys()):
        yield SchemaChange("CREATED", "KEYSPACE", name)
    for name in sorted(new_spaces.keys() & old_spaces.keys()):
        if _without_types(old_spaces[name]) != _without_types(new_spaces[name]):
            yield SchemaChange("UPDATED", "KEYSPACE", name)
    old_types, new_types = _types(old_spaces), _types(new_spaces)
    for space, name in sorted(new_types.keys()):
        if (space, name) not in old_types:
            yield SchemaChange("CREATED", "TYPE", space, name)
        elif old_types[space, name] != new_types[space, name]:
            yield SchemaChange("UPDATED", "TYPE", space, name)
    for space, name in sorted(new.keys() - old.keys()):
        yield SchemaChange("CREATED", "TABLE", space, name)
    for space, name in sorted(new.keys() & old.keys()):
        if _as_told(old[space, name]) != _as_told(new[space, name]):
            yield SchemaChange("UPDATED", "TABLE", space, name)
    for space, name in sorted(old.keys() - new.keys()):
        yield SchemaChange("DROPPED", "TABLE", space, name)
    for space, name in sorted(old_types.keys() - new_types.keys()):
        yield SchemaChange("DROPPED", "TYPE", space, name)
    for name in sorted(old_spaces.keys() - new_spaces.keys()):
        yield SchemaChange("DROPPED", "KEYSPACE", name)


def _keyspaces(catalog: Catalog) -> dict[str, Keyspace]:
    return {
        each.namespace: each.keyspace
        for each in catalog.containers.values()
        if isinstance(each, View) and each.keyspace is not None
    }


def _families(catalog: Catalog) -> dict[tuple[str, str], Family]:
    return {
        key: each.family
        for key, each in catalog.containers.items()
        if isinstance(each, View) and each.family is not None
    }


def _types(spaces: Mapping[str, Keyspace]) -> dict[tuple[str, str], UserType]:
    return {(space, each.name): each for space, found in spaces.items() for each in found.types}


def _without_types(keyspace: Keyspace) -> Keyspace:
    return replace(keyspace, types=())


def _as_told(family: Family) -> Family:
    """Return a family without what only we know of it."""
    return replace(family, past=False, expires=False)


class Events:
    """Who is told of what, of all clients of one server."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._clients: dict[str, dict[CassandraConnection, None]] = {}
        self._seen = server.engine.snapshot
        self._timer: asyncio.TimerHandle | None = None

    def register(self, client: CassandraConnection, event: str) -> None:
        """Have a client told of one kind of events."""
        self._clients.setdefault(event, {})[client] = None
        if event == "SCHEMA_CHANGE" and self._timer is None:
            self._seen = self._server.engine.snapshot
            self._look_later()

    def forget(self, client: CassandraConnection) -> None:
        """Forget a client that is gone."""
        for clients in self._clients.values():
            clients.pop(client, None)

    def wants(self, client: CassandraConnection, event: str) -> bool:
        """Say whether a client is told of a kind of events."""
        return client in self._clients.get(event, {})

    def look(self) -> None:
        """Tell of what has changed since the last look."""
        before, after = self._seen, self._server.engine.snapshot
        if before is after:
            return
        self._seen = after
        clients = self._clients.get("SCHEMA_CHANGE")
        if not clients or before.version == after.version:
            return
        for change in changes(before.catalog, after.catalog):
            body = encode.schema_event(change)
            for client in [*clients]:
                client.tell(body)

    def _look_later(self) -> None:
        self._timer = self._server.loop.call_later(LOOK_SECONDS, self._look_again)

    def _look_again(self) -> None:
        self._timer = None
        if not self._clients.get("SCHEMA_CHANGE"):
            return
        if self._server.engine.store.gaps.in_process:
            self._renew()
        else:
            self._server.ending(self._renew)
        self.look()
        self._look_later()

    def _renew(self) -> None:
        """See what other processes have changed; on any thread."""
        try:
            Session(self._server.engine).renew()
        except FivefoldError:  # the next look will do
            return


def down_event(host: str, port: int) -> bytes:
    """Return the event that this node is going away."""
    return encode.status_event("DOWN", ip_address(host).packed, port)
