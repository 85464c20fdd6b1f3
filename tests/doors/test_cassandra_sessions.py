"""What cassandra-driver offers beyond statements: traces, warnings, profiles, callbacks, metadata.

With FIVEFOLD_CASSANDRA_JUDGE=host:port the same is asked of a real Cassandra.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from threading import Event
from typing import Any

import pytest
from cassandra import AlreadyExists, ConsistencyLevel, InvalidRequest
from cassandra.cluster import EXEC_PROFILE_DEFAULT, ExecutionProfile, Session
from cassandra.concurrent import execute_concurrent, execute_concurrent_with_args
from cassandra.policies import RoundRobinPolicy
from cassandra.protocol import ConfigurationException, SyntaxException
from cassandra.query import (
    BatchStatement,
    BatchType,
    SimpleStatement,
    dict_factory,
    ordered_dict_factory,
    tuple_factory,
)

import fivefold
from tests.doors.cassandra import JUDGE, cluster_of, judge, session_in, until

KEYSPACE = "cdoors_driven"
TABLE = "CREATE TABLE t (p int, c int, v text, PRIMARY KEY (p, c))"
MEGABYTE = 1 << 20

Dial = Callable[..., Session]


@pytest.fixture
def place(store_url: str) -> Iterator[tuple[str, int]]:
    if JUDGE is not None:
        yield judge()
        return
    with fivefold.serving(store_url, only=["cassandra"], durability="off") as server:
        yield "127.0.0.1", server.ports["cassandra"]


@pytest.fixture
def session(place: tuple[str, int]) -> Iterator[Session]:
    host, port = place
    with session_in(KEYSPACE, port, host) as found:
        found.execute(TABLE)
        yield found


@pytest.fixture
def dial(place: tuple[str, int], session: Session) -> Iterator[Dial]:
    """More sessions, in the keyspace of the first."""
    host, port = place
    with ExitStack() as stack:

        def one(**options: Any) -> Session:
            cluster = cluster_of(port, host, **options)
            stack.callback(cluster.shutdown)
            return cluster.connect(KEYSPACE)

        yield one


def fill(session: Session, count: int, partition: int = 1) -> None:
    insert = session.prepare("INSERT INTO t (p, c, v) VALUES (?, ?, ?)")
    rows = [(partition, c, f"v{c}") for c in range(count)]
    execute_concurrent_with_args(session, insert, rows)


# Prepared statements when the schema changes


@pytest.mark.parametrize("version", [4, 5])
def test_a_table_made_again(dial: Dial, version: int) -> None:
    session, other = dial(protocol_version=version), dial(protocol_version=version)
    insert = session.prepare("INSERT INTO t (p, c, v) VALUES (?, ?, ?)")
    select = session.prepare("SELECT * FROM t WHERE p = ?")
    session.execute(insert, (1, 1, "a"))
    other.execute("DROP TABLE t")
    with pytest.raises(InvalidRequest, match="t"):
        session.execute(insert, (1, 2, "a"))
    other.execute(TABLE)
    session.execute(insert, (1, 3, "b"))
    assert session.execute(select, (1,)).all() == [(1, 3, "b")]


@pytest.mark.parametrize("version", [4, 5])
def test_a_column_that_is_gone(dial: Dial, version: int) -> None:
    session, other = dial(protocol_version=version), dial(protocol_version=version)
    named = session.prepare("SELECT c, v FROM t WHERE p = ?")
    star = session.prepare("SELECT * FROM t WHERE p = ?")
    session.execute("INSERT INTO t (p, c, v) VALUES (1, 2, 'x')")
    assert session.execute(star, (1,)).one() == (1, 2, "x")
    other.execute("ALTER TABLE t DROP v")
    with pytest.raises(InvalidRequest, match="Undefined column name v"):
        session.execute(named, (1,))
    assert [*session.execute(star, (1,)).one()] == [1, 2]


# Pages


def test_pages_that_outlive_their_connection(dial: Dial) -> None:
    session = dial()
    fill(session, 100)
    select = session.prepare("SELECT c FROM t WHERE p = ?")
    select.fetch_size = 30
    first = session.execute(select, (1,))
    state, seen = first.paging_state, [row.c for row in first.current_rows]
    session.cluster.shutdown()
    while state is not None:
        again = dial()
        later = again.prepare("SELECT c FROM t WHERE p = ?")
        later.fetch_size = 30
        page = again.execute(later, (1,), paging_state=state)
        seen += [row.c for row in page.current_rows]
        state = page.paging_state
        again.cluster.shutdown()
    assert seen == [*range(100)]


@pytest.mark.skipif(JUDGE is not None, reason="the real Cassandra is not started again")
def test_pages_and_prepared_statements_outlive_the_server(store_url: str) -> None:
    with fivefold.serving(store_url, only=["cassandra"], durability="off") as server:
        port = server.ports["cassandra"]
        cluster = cluster_of(port)
        session = cluster.connect()
        session.execute(
            f"CREATE KEYSPACE {KEYSPACE} WITH replication ="
            " {'class': 'SimpleStrategy', 'replication_factor': 1}"
        )
        session.set_keyspace(KEYSPACE)
        session.execute(TABLE)
        fill(session, 50)
        select = session.prepare("SELECT c FROM t WHERE p = ?")
        select.fetch_size = 20
        first = session.execute(select, (1,))
        cluster.shutdown()
    with fivefold.serving(store_url, only=["cassandra"], durability="off") as server:
        cluster = cluster_of(server.ports["cassandra"])
        session = cluster.connect(KEYSPACE)
        # Prepared by another server: the driver is told so, and prepares it again.
        rest = session.execute(select, (1,), paging_state=first.paging_state)
        assert [row.c for row in rest] == [*range(20, 50)]
        cluster.shutdown()


# Warnings and traces


def warnings(session: Session, statement: Any) -> list[str]:
    future = session.execute_async(statement)
    future.result()
    return future.warnings or []


def test_warnings(session: Session) -> None:
    fill(session, 2)
    assert warnings(session, "SELECT count(*) FROM t") == [
        "Aggregation query used without partition key"
    ]
    assert warnings(session, "SELECT max(c) FROM t WHERE p IN (1, 2)") == [
        "Aggregation query used on multiple partition keys (IN restriction)"
    ]
    assert warnings(session, "SELECT max(c) FROM t WHERE p = 1") == []
    insert = session.prepare("INSERT INTO t (p, c) VALUES (?, 1)")
    for kind, count, warned in (
        (BatchType.UNLOGGED, 10, False),
        (BatchType.UNLOGGED, 11, True),
        (BatchType.LOGGED, 11, False),
    ):
        batch = BatchStatement(kind)
        for p in range(count):
            batch.add(insert, (p,))
        assert warnings(session, batch) == (
            [
                f"Unlogged batch covering 11 partitions detected against table [{KEYSPACE}.t]. You"
                " should use a logged batch for atomicity, or asynchronous writes for performance."
            ]
            if warned
            else []
        )


def test_large_batches(session: Session) -> None:
    """Cassandra warns of 5 KiB and refuses 50: difference C-89."""
    insert = session.prepare("INSERT INTO t (p, c, v) VALUES (?, 1, ?)")
    for size in (600, 6000):
        batch = BatchStatement()
        for p in range(10):
            batch.add(insert, (p, "x" * size))
        if JUDGE is None:
            assert warnings(session, batch) == []
        elif size == 600:
            assert warnings(session, batch)[0].startswith(f"Batch for [{KEYSPACE}.t] is of size")
        else:
            with pytest.raises(InvalidRequest, match="Batch too large"):
                session.execute(batch)


def test_traces_are_read_back(session: Session) -> None:
    select = session.prepare("SELECT * FROM t WHERE p = ?")
    batch = BatchStatement()
    batch.add("INSERT INTO t (p, c) VALUES (1, 2)")
    requests = {}
    for name, statement, values in (
        ("query", "SELECT * FROM t", None),
        ("prepared", select, (1,)),
        ("batch", batch, None),
    ):
        trace = session.execute(statement, values, trace=True).get_query_trace(10)
        requests[name] = (trace.request_type, sorted(trace.parameters))
        assert trace.events
        assert [each.source_elapsed for each in trace.events] == sorted(
            each.source_elapsed for each in trace.events
        )
    assert requests == {
        "query": (
            "Execute CQL3 query",
            ["consistency_level", "page_size", "query", "serial_consistency_level"],
        ),
        "prepared": (
            "Execute CQL3 prepared query",
            [
                *("bound_var_0_p", "consistency_level", "page_size", "query"),
                "serial_consistency_level",
            ],
        ),
        "batch": (
            "Execute batch of CQL3 queries",
            ["consistency_level", "serial_consistency_level"],
        ),
    }


# Values and times


@pytest.mark.parametrize("version", [3, 4, 5])
@pytest.mark.parametrize("compression", ["lz4", False])
def test_large_values(dial: Dial, version: int, compression: str | bool) -> None:
    session = dial(protocol_version=version, compression=compression)
    insert = session.prepare("INSERT INTO t (p, c, v) VALUES (1, ?, ?)")
    select = session.prepare("SELECT v FROM t WHERE p = 1 AND c = ?")
    for at, size in enumerate((0, 1, 131_071 - 60, 131_072, 1_000_003, 5 * MEGABYTE)):
        text = ("abcdefg" * (size // 7 + 1))[:size]
        session.execute(insert, (at, text))
        assert session.execute(select, (at,)).one().v == text
    session.default_fetch_size = 2
    assert sum(len(row.v) for row in session.execute("SELECT v FROM t WHERE p = 1")) > 6 * MEGABYTE


def test_times(session: Session, dial: Dial) -> None:
    session.execute("INSERT INTO t (p, c, v) VALUES (1, 1, 'a') USING TIMESTAMP 5000 AND TTL 90")
    row = session.execute("SELECT writetime(v) AS at, ttl(v) AS left FROM t WHERE p = 1").one()
    assert row.at == 5000
    assert 80 < row.left <= 90
    # The driver sends a time with each statement; here a later or an earlier one than is there.
    change = "UPDATE t SET v = 'b' WHERE p = 1 AND c = 1"
    dial(timestamp_generator=lambda: 4000).execute(change)
    assert session.execute("SELECT v FROM t WHERE p = 1").one().v == "a"
    dial(timestamp_generator=lambda: 6000).execute(change)
    assert session.execute("SELECT v, writetime(v) FROM t WHERE p = 1").one() == ("b", 6000)


# Kinds of rows, profiles, many at once


def test_profiles_and_kinds_of_rows(dial: Dial) -> None:
    session = dial()
    session.execute("INSERT INTO t (p, c, v) VALUES (1, 2, 'x')")
    wanted: dict[Any, Any] = {
        tuple_factory: (1, 2, "x"),
        dict_factory: {"p": 1, "c": 2, "v": "x"},
        ordered_dict_factory: {"p": 1, "c": 2, "v": "x"},
    }
    for factory, row in wanted.items():
        for level in (ConsistencyLevel.ONE, ConsistencyLevel.QUORUM, ConsistencyLevel.ALL):
            profile = ExecutionProfile(
                RoundRobinPolicy(),
                consistency_level=level,
                serial_consistency_level=ConsistencyLevel.LOCAL_SERIAL,
                row_factory=factory,
            )
            session.cluster.add_execution_profile((factory.__name__, level), profile)
            name = (factory.__name__, level)
            assert session.execute("SELECT * FROM t", execution_profile=name).one() == row
    assert session.execute("SELECT * FROM t", execution_profile=EXEC_PROFILE_DEFAULT).one().v == "x"
    strange = session.execute('SELECT v AS "Some name", count(*), max(c) FROM t WHERE p = 1').one()
    assert strange == ("x", 1, 2)


def test_many_statements_some_of_which_fail(session: Session) -> None:
    statements = [
        (f"INSERT INTO t (p, c) VALUES ({n}, {'1' if n % 5 else 'null'})", None) for n in range(300)
    ]
    done = execute_concurrent(session, statements, concurrency=150, raise_on_first_error=False)
    assert [one.success for one in done] == [n % 5 != 0 for n in range(300)]
    assert all(isinstance(one.result_or_exc, InvalidRequest) for one in done if not one.success)
    assert session.execute("SELECT count(*) FROM t").one()[0] == 240


def test_callbacks_and_pages(session: Session) -> None:
    fill(session, 250)
    seen: list[int] = []
    over = Event()
    future = session.execute_async(SimpleStatement("SELECT c FROM t WHERE p = 1", fetch_size=40))

    def take(rows: list[Any]) -> None:
        seen.extend(row.c for row in rows)
        if future.has_more_pages:
            future.start_fetching_next_page()
        else:
            over.set()

    future.add_callbacks(take, lambda error: over.set())
    assert over.wait(20)
    assert seen == [*range(250)]
    failed: list[Exception] = []
    wrong = Event()
    future = session.execute_async("SELECT nothing FROM t")
    future.add_errback(lambda error: (failed.append(error), wrong.set()))
    assert wrong.wait(20)
    assert isinstance(failed[0], InvalidRequest)


# What is known of the cluster


def test_the_cluster(dial: Dial) -> None:
    session = dial()
    metadata = session.cluster.metadata
    (host,) = metadata.all_hosts()
    assert (host.datacenter, host.rack, host.release_version) == ("datacenter1", "rack1", "5.0.5")
    assert host.is_up
    assert metadata.partitioner == "org.apache.cassandra.dht.Murmur3Partitioner"
    assert metadata.token_map.token_to_host_owner
    assert until(lambda: metadata.get_replicas(KEYSPACE, b"\0\0\0\1") == [host])
    insert = session.prepare("INSERT INTO t (p, c) VALUES (?, ?)")
    assert insert.bind((1, 2)).routing_key == b"\0\0\0\1"
    assert metadata.keyspaces["system"].tables["local"].partition_key[0].name == "key"
    assert "tables" in metadata.keyspaces["system_schema"].tables


def test_errors_and_their_fields(session: Session) -> None:
    with pytest.raises(AlreadyExists) as exists:
        session.execute(TABLE)
    assert (exists.value.keyspace, exists.value.table) == (KEYSPACE, "t")
    with pytest.raises(AlreadyExists) as space:
        session.execute(
            f"CREATE KEYSPACE {KEYSPACE} WITH replication ="
            " {'class': 'SimpleStrategy', 'replication_factor': 1}"
        )
    assert (space.value.keyspace, space.value.table) == (KEYSPACE, "")
    for statement, kind, said in (
        ("SELEC", SyntaxException, "line 1:0 no viable alternative at input 'SELEC'"),
        ("SELECT * FROM nowhere", InvalidRequest, "table nowhere does not exist"),
        ("SELECT * FROM no.t", InvalidRequest, "keyspace no does not exist"),
        ("SELECT x FROM t", InvalidRequest, "Undefined column name x in table"),
        ("SELECT * FROM t WHERE v = 'x'", InvalidRequest, "ALLOW FILTERING"),
        ("INSERT INTO t (p) VALUES (1)", InvalidRequest, "Some clustering keys are missing: c"),
        ("CREATE TABLE u (p int)", InvalidRequest, "No PRIMARY KEY specifed for table"),
        (
            "CREATE TABLE u (p int PRIMARY KEY) WITH gc_grace_seconds = -1",
            ConfigurationException,
            "gc_grace_seconds must be greater than or equal to 0",
        ),
    ):
        with pytest.raises(kind, match=said):
            session.execute(statement)
    insert = session.prepare("INSERT INTO t (p, c) VALUES (?, ?)")
    bound = insert.bind((1, 2))
    bound.values.append(b"x")
    with pytest.raises(InvalidRequest, match=r"there were 2 markers.* but 3 bound variables"):
        session.execute(bound)
