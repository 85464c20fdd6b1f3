"""cassandra-driver over an engine of a few statements: versions, compression, many in flight."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import cassandra
import pytest
from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import Cluster, NoHostAvailable, Session
from cassandra.concurrent import execute_concurrent_with_args
from cassandra.query import UNSET_VALUE, BatchStatement, BatchType, SimpleStatement

import fivefold
from fivefold.api.serving import Serving
from fivefold.serve.cassandra import connection, workers
from tests.serve.cql_standin import World

VERSIONS = (3, 4, 5)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()
    monkeypatch.setattr(connection, "open_line", made.line)
    monkeypatch.setattr(workers, "open_line", made.line)
    return made


@pytest.fixture
def served(world: World, store_url: str) -> Iterator[Serving]:
    with fivefold.serving(store_url, only=["cassandra"], durability="off") as serving:
        yield serving
        world.gate.set()


Dial = Callable[..., Session]


@pytest.fixture
def dial(served: Serving) -> Iterator[Dial]:
    with ExitStack() as stack:

        def one(version: int | None = None, compression: Any = True, **options: Any) -> Session:
            if version is not None:
                options["protocol_version"] = version
            port = served.ports["cassandra"]
            cluster = Cluster(["127.0.0.1"], port=port, compression=compression, **options)
            stack.callback(cluster.shutdown)
            return cluster.connect()

        yield one


def test_the_version_is_agreed_on(dial: Dial) -> None:
    session = dial()
    assert session.cluster.protocol_version == 5
    assert session.cluster.metadata.cluster_name == "stand-in"
    assert len(session.cluster.metadata.all_hosts()) == 1


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("compression", [False, "lz4", "snappy"])
def test_statements(dial: Dial, version: int, compression: str | bool) -> None:
    if (version, compression) == (5, "snappy"):
        return
    session = dial(version, compression)
    put, get = session.prepare("PUT ? ?"), session.prepare("GET ?")
    session.execute(put, (1, "é" * 1000))
    assert session.execute(get, (1,)).one() == ("é" * 1000,)
    assert session.execute(get, (1,)).one().v[0] == "é"
    assert session.execute(get, (2,)).one() is None
    assert session.execute("ROWS 3").all() == [(n, f"text {n}") for n in range(3)]


@pytest.mark.parametrize("version", VERSIONS)
def test_hundreds_in_flight(dial: Dial, world: World, version: int) -> None:
    session = dial(version)
    put, get = session.prepare("PUT ? ?"), session.prepare("GET ?")
    pairs = [(number, str(number)) for number in range(2000)]
    world.waits = 50
    execute_concurrent_with_args(session, put, pairs, concurrency=500)
    keys = [(number,) for number, _ in pairs]
    found = execute_concurrent_with_args(session, get, keys, concurrency=500)
    assert [result.result_or_exc.one().v for result in found] == [text for _, text in pairs]


def test_what_is_slow_keeps_nobody_waiting(dial: Dial, world: World) -> None:
    session = dial(5)
    get = session.prepare("GET ?")
    for _ in range(2):  # from the second time on they are known to be brief
        session.execute(get, (1,))
        session.execute("ROWS 1")
    slow = [session.execute_async(f"SLOW {number}") for number in range(20)]
    assert world.running.wait(30)
    assert session.execute(get, (1,)).one() is None
    assert session.execute("ROWS 1").one() == (0, "text 0")
    world.gate.set()
    assert [each.result().one().n for each in slow] == [*range(20)]


def test_what_runs_ends_with_its_client(dial: Dial, world: World) -> None:
    session = dial(5)
    session.execute_async("SLOW 1")
    assert world.running.wait(30)
    session.cluster.shutdown()
    ended = world.gate  # never opened here: only an interruption ends it
    assert not ended.is_set()
    assert any(line.interrupted.wait(1) for _ in range(30) for line in world.lines)


@pytest.mark.parametrize("version", VERSIONS)
def test_paging(dial: Dial, version: int) -> None:
    session = dial(version)
    statement = SimpleStatement("ROWS 95", fetch_size=10)
    result = session.execute(statement)
    assert result.has_more_pages
    state = result.paging_state
    assert len(result.current_rows) == 10
    assert [row.n for row in result] == [*range(95)]
    again = session.execute(statement, paging_state=state)
    assert [row.n for row in again] == [*range(10, 95)]
    prepared = session.prepare("ROWS 95")
    prepared.fetch_size = 20
    assert len([*session.execute(prepared)]) == 95


def test_options(dial: Dial, world: World) -> None:
    session = dial(5)
    world.options.clear()
    level = cassandra.ConsistencyLevel
    statement = SimpleStatement(
        *("ROWS 1", None, level.LOCAL_QUORUM, None),
        serial_consistency_level=level.LOCAL_SERIAL,
        fetch_size=7,
    )
    session.execute(statement)
    (options,) = world.options
    assert (options.page_size, options.consistency, options.serial_consistency) == (7, 6, 9)
    assert options.timestamp is not None
    for consistency in (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10):
        session.execute(SimpleStatement("ROWS 1", consistency_level=consistency))


def test_values(dial: Dial) -> None:
    for version in VERSIONS:
        session = dial(version)
        numbers = session.prepare("NUMBERS ? ?")
        assert [*session.execute(numbers, (1, None)).one()] == ["1", None]
        if version >= 4:
            assert [*session.execute(numbers, (1, UNSET_VALUE)).one()] == ["1", "unset"]
            assert [*session.execute(numbers, (1,)).one()] == ["1", "unset"]


def test_batches(dial: Dial, world: World) -> None:
    session = dial(5)
    put = session.prepare("PUT ? ?")
    batch = BatchStatement(BatchType.UNLOGGED)
    batch.add(put, (1, "a"))
    batch.add("USE ks")
    batch.add(put, (2, "b"))
    session.execute(batch)
    assert world.batches == [
        ("unlogged", [("PUT ? ?", [1, "a"]), ("USE ks", []), ("PUT ? ?", [2, "b"])])
    ]
    large = BatchStatement()
    for number in range(500):
        large.add(put, (number, "x"))
    session.execute(large)
    assert len(world.values) == 500


def test_errors(dial: Dial) -> None:
    session = dial(5)
    for code, expected in {
        "syntax_error": cassandra.protocol.SyntaxException,
        "undefined_table": cassandra.InvalidRequest,
        "insufficient_privilege": cassandra.Unauthorized,
        "serialization_failure": cassandra.WriteTimeout,
        "statement_timeout": cassandra.ReadTimeout,
        "duplicate_table": cassandra.InvalidRequest,
    }.items():
        with pytest.raises(expected, match=f"failed with {code}"):
            session.execute(f"FAIL {code}")
    with pytest.raises(cassandra.protocol.SyntaxException):
        session.prepare("FAIL syntax_error")
    for code in ("store_unreachable", "internal_error", "too_many_connections"):
        with pytest.raises((cassandra.Unavailable, NoHostAvailable, cassandra.DriverException)):
            session.execute(f"FAIL {code}")


def test_warnings(dial: Dial) -> None:
    future = dial(5).execute_async("WARN")
    future.result()
    assert future.warnings == ["careful", "é"]
    assert dial(3).execute("WARN").one() == (1,)


def test_statements_are_prepared_again_when_they_are_not_known(dial: Dial, world: World) -> None:
    session = dial(5)
    put, get = session.prepare("PUT ? ?"), session.prepare("GET ?")
    session.execute(put, (1, "a"))
    world.prepared.clear()
    for line in world.lines:
        line.session.engine.lasting.clear()
    assert session.execute(get, (1,)).one() == ("a",)
    session.execute(put, (1, "b"))
    world.prepared.clear()
    for line in world.lines:
        line.session.engine.lasting.clear()
    batch = BatchStatement()
    batch.add(put, (2, "c"))
    session.execute(batch)
    assert world.values == {1: "b", 2: "c"}


def test_use(dial: Dial) -> None:
    session = dial(5)
    session.set_keyspace("ks")
    assert session.keyspace == "ks"


def test_passwords(served: Serving, dial: Dial) -> None:
    anybody = PlainTextAuthProvider("ada", "any")
    assert dial(5, auth_provider=anybody).execute("ROWS 1").one() == (0, "text 0")
    served.database.users.set("ada", "secret")
    provider = PlainTextAuthProvider("ada", "secret")
    for version in VERSIONS:
        assert dial(version, auth_provider=provider).execute("ROWS 1").one() == (0, "text 0")
    for wrong in (anybody, PlainTextAuthProvider("eve", "secret"), None):
        with pytest.raises(NoHostAvailable) as raised:
            dial(5, auth_provider=wrong)
        (reason,) = raised.value.errors.values()
        assert isinstance(reason, cassandra.AuthenticationFailed)


def test_custom_payloads(dial: Dial) -> None:
    session = dial(4)
    assert session.execute("ROWS 1", custom_payload={"a": b"b"}).one() == (0, "text 0")


def test_large_values(dial: Dial) -> None:
    for version, compression in ((5, False), (5, "lz4"), (4, "lz4")):
        session = dial(version, compression)
        put, get = session.prepare("PUT ? ?"), session.prepare("GET ?")
        text = "".join(map(str, range(200_000)))
        session.execute(put, (1, text))
        assert session.execute(get, (1,)).one().v == text
