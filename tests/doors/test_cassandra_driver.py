"""cassandra-driver: metadata, prepared statements, paging, events, traces and kill -9 over CQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from cassandra.cluster import Session
from cassandra.concurrent import execute_concurrent_with_args
from cassandra.query import BatchStatement, SimpleStatement

import fivefold
from tests.doors.cassandra import cluster_of, until, with_keyspace
from tests.serve.test_kill import round_trip

KEYSPACE = with_keyspace("driven")
TABLE = "CREATE TABLE driven.t (p int, c int, v text, PRIMARY KEY (p, c))"

Dial = Callable[..., Session]


@pytest.fixture
def port(store_url: str) -> Iterator[int]:
    with fivefold.serving(store_url, only=["cassandra"], durability="off") as server:
        yield server.ports["cassandra"]


@pytest.fixture
def dial(port: int) -> Iterator[Dial]:
    with ExitStack() as stack:

        def one(**options: Any) -> Session:
            cluster = cluster_of(port, **options)
            stack.callback(cluster.shutdown)
            return cluster.connect()

        yield one


@pytest.mark.parametrize("version", [3, 4, 5])
def test_everyday(dial: Dial, version: int) -> None:
    session = dial(protocol_version=version)
    session.execute(KEYSPACE)
    session.execute(TABLE)
    insert = session.prepare("INSERT INTO driven.t (p, c, v) VALUES (?, ?, ?)")
    rows = [(p, c, f"{p} {c}") for p in range(10) for c in range(100)]
    execute_concurrent_with_args(session, insert, rows, concurrency=200)
    select = session.prepare("SELECT * FROM driven.t WHERE p = ?")
    assert select.routing_key_indexes == ([0] if version >= 4 else select.routing_key_indexes)
    keys = [(p,) for p in range(10)] * 20
    found = execute_concurrent_with_args(session, select, keys, concurrency=100)
    assert all(
        result.result_or_exc.all() == [row for row in rows if row[0] == key[0]]
        for result, key in zip(found, keys, strict=True)
    )
    assert len([*session.execute(SimpleStatement("SELECT * FROM driven.t", fetch_size=70))]) == 1000
    batch = BatchStatement()
    batch.add(insert, (50, 1, "a"))
    batch.add("INSERT INTO driven.t (p, c, v) VALUES (50, 2, 'b')")
    batch.add(SimpleStatement("INSERT INTO driven.t (p, c, v) VALUES (%s, 3, %s)"), (50, "c"))
    session.execute(batch)
    assert [row.v for row in session.execute(select, (50,))] == ["a", "b", "c"]
    one = session.execute("SELECT v FROM driven.t WHERE p = %s AND c = %s", (50, 2)).one()
    assert one == ("b",)
    session.execute("DROP KEYSPACE driven")


def test_metadata_and_events(dial: Dial) -> None:
    session, other = dial(schema_event_refresh_window=0), dial(schema_event_refresh_window=0)
    session.execute(KEYSPACE)
    session.execute(TABLE)
    session.execute("CREATE TYPE driven.place (street text, number int)")
    session.execute("CREATE INDEX by_v ON driven.t (v)")
    table = session.cluster.metadata.keyspaces["driven"].tables["t"]
    assert [column.name for column in table.primary_key] == ["p", "c"]
    assert "by_v" in table.indexes
    assert "CREATE TABLE driven.t (" in table.export_as_string()
    assert "place" in session.cluster.metadata.keyspaces["driven"].user_types
    assert until(lambda: "by_v" in tables(other)["t"].indexes)
    session.execute("ALTER TABLE driven.t ADD extra int")
    assert until(lambda: "extra" in tables(other)["t"].columns)
    session.execute("DROP TABLE driven.t")
    assert until(lambda: "t" not in tables(other))
    session.execute("DROP KEYSPACE driven")
    assert until(lambda: "driven" not in other.cluster.metadata.keyspaces)


def tables(session: Session) -> Any:
    found = session.cluster.metadata.keyspaces.get("driven")
    return {} if found is None else found.tables


def test_columns_that_change(dial: Dial) -> None:
    for version in (4, 5):
        session, other = dial(protocol_version=version), dial(protocol_version=version)
        session.execute(KEYSPACE)
        session.execute(TABLE)
        session.execute("INSERT INTO driven.t (p, c, v) VALUES (1, 2, 'x')")
        select = session.prepare("SELECT * FROM driven.t WHERE p = ?")
        assert session.execute(select, (1,)).one() == (1, 2, "x")
        other.execute("ALTER TABLE driven.t ADD first int")
        other.execute("INSERT INTO driven.t (p, c, first) VALUES (1, 2, 7)")
        row = session.execute(select, (1,)).one()
        assert (row.p, row.c, row.v, row.first) == (1, 2, "x", 7)
        session.execute("DROP KEYSPACE driven")


def test_traces(dial: Dial) -> None:
    session = dial()
    trace = session.execute("SELECT * FROM system.local", trace=True).get_query_trace()
    assert trace.request_type == "Execute CQL3 query"
    assert trace.parameters["query"] == "SELECT * FROM system.local"
    assert trace.duration is not None
    assert trace.events
    assert trace.client == "127.0.0.1"


class Writer:
    """A client that writes rows by prepared statements, some by batches."""

    def __init__(self, partition: int) -> None:
        self.partition = partition
        self.done = 0

    def write(self, offset: int, client: int, acknowledged: list[int], enough: Any) -> None:
        cluster = cluster_of(9042 + offset)
        try:
            session = cluster.connect()
            insert = session.prepare("INSERT INTO driven.t (p, c, v) VALUES (?, ?, ?)")
            while True:
                number = self.done + 1
                batch = BatchStatement()
                for part in range(3):
                    batch.add(insert, (self.partition, number * 3 + part, "x"))
                session.execute(batch)
                self.done = number
                acknowledged.append(number)
                if len(acknowledged) > 30:
                    enough.set()
        except Exception:  # the driver has many for a server that is gone
            if not enough.is_set():
                raise
        finally:
            cluster.shutdown()


def test_what_was_acknowledged_survives_a_killed_process(tmp_path: Path) -> None:
    """Without a sync at every commit, too; with one: ``tests/serve/test_kill_cql.py``."""
    path = tmp_path / "shop.db"
    writers = [Writer(partition) for partition in range(3)]
    with fivefold.serving(path, only=["cassandra"]) as server:
        cluster = cluster_of(server.ports["cassandra"])
        session = cluster.connect()
        session.execute(KEYSPACE)
        session.execute(TABLE)
        cluster.shutdown()
    for turn in range(2):
        kept: list[list[int]] = [[] for _ in writers]
        round_trip(path, "normal", turn, [writer.write for writer in writers], kept)
        with fivefold.serving(path, only=["cassandra"]) as server:
            cluster = cluster_of(server.ports["cassandra"])
            session = cluster.connect()
            for writer in writers:
                query = "SELECT c FROM driven.t WHERE p = %s"
                rows = [row.c for row in session.execute(query, (writer.partition,))]
                assert len(rows) in (3 * writer.done, 3 * writer.done + 3)
                assert rows == [*range(3, len(rows) + 3)]
                writer.done = len(rows) // 3
            cluster.shutdown()
