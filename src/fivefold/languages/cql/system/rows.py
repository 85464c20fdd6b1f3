"""The rows of the system tables.

Source: the system keyspaces of Cassandra 5.0.5, and what drivers read of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from ipaddress import ip_address
from typing import Any, Final

from fivefold.catalog.catalog import Catalog
from fivefold.languages.cql.system import node as words
from fivefold.languages.cql.system import schema
from fivefold.languages.cql.system.definitions import VIRTUAL
from fivefold.languages.cql.system.node import Node
from fivefold.languages.cql.tables import ColumnFamily
from fivefold.values.cql.tokens import partition_bytes, token_of
from fivefold.values.types import Stored

Plain = Mapping[str, Any]
"""A row: the plain values of its columns; what is not named is null."""

FIRST_TOKEN = "-9223372036854775808"
INTERNODE_PORT = 7000


def system_rows(family: ColumnFamily, catalog: Catalog, node: Node) -> list[list[Stored]]:
    """Return the rows of a system table in stored form, in Cassandra's order.

    Values stand in the order of the family's ``columns``.
    """
    make = _ROWS.get((family.keyspace, family.name))
    if make is None:
        return []
    columns = family.columns
    rows = [
        [column.codec.from_plain(row.get(column.name)) for column in columns]
        for row in make(catalog, node)
    ]
    rows.sort(key=_order(family))
    return rows


def _order(family: ColumnFamily) -> Callable[[list[Stored]], tuple[Any, ...]]:
    """Return what rows are sorted by: virtual tables by their keys, others by token first."""
    codecs = [column.codec for column in (*family.partition, *family.clustering)]
    number = len(family.partition)
    by_key = family.keyspace in VIRTUAL

    def order(row: list[Stored]) -> tuple[Any, ...]:
        first = 0 if by_key else token_of(partition_bytes(codecs[:number], row[:number]))
        keys = (codec.to_key(value) for codec, value in zip(codecs, row, strict=False))
        return (first, *keys)

    return order


def _local(catalog: Catalog, node: Node) -> Iterator[Plain]:
    address = ip_address(node.address)
    yield {
        "key": "local",
        "bootstrapped": "COMPLETED",
        "broadcast_address": address,
        "broadcast_port": INTERNODE_PORT,
        "cluster_name": node.cluster_name,
        "cql_version": words.CQL_VERSION,
        "data_center": words.DATA_CENTER,
        "gossip_generation": node.started_s,
        "host_id": node.host_id,
        "listen_address": address,
        "listen_port": INTERNODE_PORT,
        "native_protocol_version": words.PROTOCOL_VERSION,
        "partitioner": words.PARTITIONER,
        "rack": words.RACK,
        "release_version": words.RELEASE_VERSION,
        "rpc_address": address,
        "rpc_port": node.port,
        "schema_version": schema.version(catalog),
        "tokens": [FIRST_TOKEN],
    }


def _indexes(catalog: Catalog, node: Node) -> Iterator[Plain]:
    for row in schema.indexes(catalog):
        yield {"table_name": row["keyspace_name"], "index_name": row["index_name"]}


def _built_views(catalog: Catalog, node: Node) -> Iterator[Plain]:
    for row in schema.views(catalog):
        names = {name: row[name] for name in ("keyspace_name", "view_name")}
        yield {**names, "status_replicated": True}


def _prepared(catalog: Catalog, node: Node) -> Iterator[Plain]:
    if node.sources is not None:
        for id, keyspace, text in node.sources.prepared():
            yield {"prepared_id": id, "logged_keyspace": keyspace, "query_string": text}


def _clients(catalog: Catalog, node: Node) -> Iterator[Plain]:
    for client in () if node.sources is None else node.sources.clients():
        yield {
            "address": ip_address(client.address),
            "port": client.port,
            "client_options": dict(client.options),
            "connection_stage": "ready",
            "driver_name": client.driver_name,
            "driver_version": client.driver_version,
            "hostname": client.address,
            "keyspace_name": client.keyspace,
            "protocol_version": client.protocol_version,
            "request_count": client.request_count,
            "ssl_enabled": client.encrypted,
            "username": client.username,
        }


def _settings(catalog: Catalog, node: Node) -> Iterator[Plain]:
    known = {
        "authenticator": "AllowAllAuthenticator",
        "authorizer": "AllowAllAuthorizer",
        "cluster_name": node.cluster_name,
        "endpoint_snitch": "SimpleSnitch",
        "listen_address": node.address,
        "materialized_views_enabled": "true",
        "native_transport_port": str(node.port),
        "num_tokens": "1",
        "partitioner": words.PARTITIONER,
        "rpc_address": node.address,
        "user_defined_functions_enabled": "false",
    }
    for name, value in known.items():
        yield {"name": name, "value": value}


def _sessions(catalog: Catalog, node: Node) -> Iterable[Plain]:
    return () if node.traces is None else node.traces.sessions()


def _events(catalog: Catalog, node: Node) -> Iterable[Plain]:
    return () if node.traces is None else node.traces.events()


def _of_schema(rows: Callable[[Catalog], Iterable[Plain]]) -> Callable[[Catalog, Node], Any]:
    return lambda catalog, node: rows(catalog)


_ROWS: Final[Mapping[tuple[str, str], Callable[[Catalog, Node], Iterable[Plain]]]] = {
    ("system", "local"): _local,
    ("system", "IndexInfo"): _indexes,
    ("system", "built_views"): _built_views,
    ("system", "prepared_statements"): _prepared,
    ("system_schema", "keyspaces"): _of_schema(schema.keyspaces),
    ("system_schema", "tables"): _of_schema(schema.tables),
    ("system_schema", "columns"): _of_schema(schema.columns),
    ("system_schema", "dropped_columns"): _of_schema(schema.dropped_columns),
    ("system_schema", "views"): _of_schema(schema.views),
    ("system_schema", "indexes"): _of_schema(schema.indexes),
    ("system_schema", "types"): _of_schema(schema.types),
    ("system_traces", "sessions"): _sessions,
    ("system_traces", "events"): _events,
    ("system_views", "clients"): _clients,
    ("system_views", "settings"): _settings,
    ("system_virtual_schema", "keyspaces"): _of_schema(schema.virtual_keyspaces),
    ("system_virtual_schema", "tables"): _of_schema(schema.virtual_tables),
    ("system_virtual_schema", "columns"): _of_schema(schema.virtual_columns),
}
"""The tables that have rows here."""
