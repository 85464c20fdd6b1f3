"""What the system tables tell of the server that is asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol
from uuid import UUID

from fivefold.values.records import Record

RELEASE_VERSION = "5.0.5"
CQL_VERSION = "3.4.7"
PROTOCOL_VERSION = "5"
PARTITIONER = "org.apache.cassandra.dht.Murmur3Partitioner"
DATA_CENTER = "datacenter1"
RACK = "rack1"


class Client(Record):
    """A connection, as system_views.clients tells of it."""

    address: str
    port: int
    protocol_version: int = 5
    keyspace: str | None = None
    driver_name: str | None = None
    driver_version: str | None = None
    options: Mapping[str, str] = {}
    request_count: int = 0
    username: str = "anonymous"
    encrypted: bool = False


class Traces(Protocol):
    """Sessions and events that were traced, each a row's plain values by column."""

    def sessions(self) -> Iterable[Mapping[str, Any]]: ...
    def events(self) -> Iterable[Mapping[str, Any]]: ...


class Sources(Protocol):
    """What only the server knows."""

    def clients(self) -> Iterable[Client]: ...
    def prepared(self) -> Iterable[tuple[bytes, str | None, str]]:
        """Yield statements: id, the keyspace it was prepared in, text."""
        ...


class Node(Record):
    """A server: ``address`` and ``port`` are where its clients reach it."""

    host_id: UUID = UUID(int=0)
    cluster_name: str = "fivefold"
    address: str = "127.0.0.1"
    port: int = 9042
    started_s: int = 0
    sources: Sources | None = None
    traces: Traces | None = None
