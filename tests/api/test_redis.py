"""The embedded Redis: each method beside redis-py's own, on a redis-server."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import redis

from fivefold.api.redis import Execute, Pipeline, Redis
from fivefold.errors import Conflict, FivefoldError, InvalidState, InvalidStatement, InvalidValue
from tests.languages.redis.rig import Rig
from tests.servers import Server

FAR = datetime(2100, 1, 1, tzinfo=UTC)
FAR_SECONDS = int(FAR.timestamp())

Call = Callable[[Any], Any]


@pytest.fixture
def rig() -> Iterator[Rig]:
    made = Rig(":memory:")
    made.clock.ms = time.time_ns() // 1_000_000
    yield made
    made.close()


def connecting(rig: Rig) -> Callable[[], AbstractContextManager[Execute]]:
    """Return what opens a session for each pipeline."""

    @contextmanager
    def connect() -> Iterator[Execute]:
        client = rig.client()
        yield client.commands.execute
        client.transactions.rest()

    return connect


@pytest.fixture
def ours(rig: Rig) -> Redis:
    """An embedded Redis whose pipelines have sessions of their own."""
    return Redis(rig.client().commands.execute, connecting(rig))


CALLS: dict[str, list[Call]] = {
    "strings": [
        lambda r: r.get("a"),
        lambda r: r.set("a", 1),
        lambda r: r.set("a", 1.5),
        lambda r: r.get(b"a"),
        lambda r: r.set("a", "Zürich", nx=True),
        lambda r: r.set("a", "Zürich", xx=True, get=True),
        lambda r: r.set("a", memoryview(b"\x00x"), ex=timedelta(hours=1)),
        lambda r: r.set("a", bytearray(b"y"), keepttl=True),
        lambda r: r.set("a", "z", px=90_000),
        lambda r: r.set("a", "z", exat=FAR),
        lambda r: r.set("a", "z", pxat=FAR_SECONDS * 1000),
        lambda r: r.get("a"),
        lambda r: r.setnx("a", 1),
        lambda r: r.setex("b", 10, "x"),
        lambda r: r.psetex("b", timedelta(seconds=9), "x"),
        lambda r: r.getset("b", "y"),
        lambda r: r.getex("b", ex=50),
        lambda r: r.getex("b", persist=True),
        lambda r: r.getdel("b"),
        lambda r: r.mset({"a": 1, b"b": "2", 3: 4}),
        lambda r: r.msetnx({"a": 1, "new": 1}),
        lambda r: r.mget("a", "b", 3, "gone"),
        lambda r: r.mget(["a", "b"], "3"),
        lambda r: r.append("a", "23"),
        lambda r: r.strlen("a"),
        lambda r: r.getrange("a", 0, 1),
        lambda r: r.substr("a", 1),
        lambda r: r.setrange("a", 1, "xx"),
        lambda r: r.incr("n"),
        lambda r: r.incr("n", 5),
        lambda r: r.incrby("n", 5),
        lambda r: r.decr("n"),
        lambda r: r.decrby("n", 4),
        lambda r: r.incrbyfloat("n", 0.5),
        lambda r: r.incrbyfloat("n"),
    ],
    "keys": [
        lambda r: r.mset({"a": 1, "b": 2, "c:1": 3}),
        lambda r: r.exists("a", "b", "gone"),
        lambda r: r.touch("a", "gone"),
        lambda r: r.type("a"),
        lambda r: r.type("gone"),
        lambda r: sorted(r.keys()),
        lambda r: r.keys("c:*"),
        lambda r: r.scan(match="c:*", count=100),
        lambda r: sorted(r.scan_iter(count=1)),
        lambda r: sorted(r.scan_iter("?", _type="string")),
        lambda r: r.rename("a", "d"),
        lambda r: r.renamenx("d", "b"),
        lambda r: r.renamenx("d", "a"),
        lambda r: r.copy("a", "e"),
        lambda r: r.copy("a", "e"),
        lambda r: r.copy("a", "e", replace=True),
        lambda r: r.copy("a", "e", destination_db=2),
        lambda r: r.move("e", 2),
        lambda r: r.move("b", 2),
        lambda r: r.object("encoding", "a"),
        lambda r: r.object("encoding", "gone"),
        lambda r: r.unlink("a", "gone"),
        lambda r: r.delete("c:1", "e"),
        lambda r: r.dbsize(),
        lambda r: r.randomkey(),
        lambda r: r.flushdb(),
        lambda r: r.flushall(asynchronous=True),
        lambda r: r.keys(),
    ],
    "expiry": [
        lambda r: r.expire("a", 10),
        lambda r: r.set("a", 1),
        lambda r: r.ttl("a"),
        lambda r: r.pttl("gone"),
        lambda r: r.expire("a", timedelta(minutes=1)),
        lambda r: r.ttl("a"),
        lambda r: r.expire("a", 100, nx=True),
        lambda r: r.pexpire("a", 100_000, xx=True),
        lambda r: r.expireat("a", FAR, gt=True),
        lambda r: r.expiretime("a"),
        lambda r: r.pexpireat("a", FAR_SECONDS * 1000, lt=True),
        lambda r: r.pexpireat("a", FAR),
        lambda r: r.pexpiretime("a"),
        lambda r: r.persist("a"),
        lambda r: r.persist("a"),
        lambda r: r.expireat("a", 1),
        lambda r: r.exists("a"),
    ],
    "server": [
        lambda r: r.ping(),
        lambda r: r.echo("hi"),
        lambda r: r.config_get("databases"),
        lambda r: r.info("replication")["role"],
        lambda r: r.info("server")["redis_version"],
        lambda r: r.set("a", 1, ex=9),
        lambda r: r.info("keyspace")["db5"]["expires"],
        lambda r: [type(part) for part in r.time()],
        lambda r: r.execute_command("OBJECT", "REFCOUNT", "gone"),
    ],
    "pipelines": [
        lambda r: r.pipeline().set("a", 1).incr("a").get("a").execute(),
        lambda r: r.pipeline(transaction=False).set("a", 1).incr("a").expire("a", 9).execute(),
        lambda r: r.pipeline().execute(),
        lambda r: len(r.pipeline().get("a").get("a")),
        lambda r: bool(r.pipeline()),
        lambda r: r.transaction(lambda p: (p.multi(), p.incr("a")), "a"),
        lambda r: r.transaction(lambda p: p.get("a"), "a", value_from_callable=True),
        lambda r: watched(r),
    ],
}


def watched(client: Any) -> Any:
    """Look while watching, then change in one go; nothing is seen before."""
    with client.pipeline() as pipeline:
        pipeline.watch("a")
        seen = int(pipeline.get("a"))
        pipeline.multi()
        pipeline.set("a", seen + 1).incr("a")
        before = client.get("a")
        return seen, before, pipeline.execute(), client.get("a")


@pytest.fixture(scope="module")
def theirs(redis_server: Server) -> Iterator[redis.Redis]:
    """A redis-py client of a redis-server."""
    with redis.Redis(redis_server.host, redis_server.port, db=5, protocol=2) as client:
        yield client
        client.flushall()


@pytest.mark.filterwarnings("ignore:Call to deprecated:DeprecationWarning")
@pytest.mark.parametrize("group", CALLS)
def test_results_are_those_of_redis_py(ours: Redis, theirs: redis.Redis, group: str) -> None:
    theirs.flushall()
    ours.select(5)
    for number, call in enumerate(CALLS[group]):
        mine, other = call(ours), call(theirs)
        assert mine == other, (group, number)
        assert type(mine) is type(other), (group, number)


def test_get_and_set(ours: Redis) -> None:
    assert ours.set("a", "b") is True
    assert ours.set(b"a", b"c") is True
    assert ours.get("a") == ours.get(b"a") == b"c"
    assert ours.set("a", 1, nx=True) is None


@pytest.mark.parametrize("bad", [None, True, [1], {"a": 1}, object()])
def test_what_is_no_word_is_refused(ours: Redis, bad: Any) -> None:
    with pytest.raises(InvalidValue, match="neither bytes, str, int nor float"):
        ours.set("a", bad)
    with pytest.raises(InvalidValue):
        ours.get(bad)
    assert ours.get("a") is None


def test_a_failed_command_in_a_pipeline(ours: Redis) -> None:
    def noted() -> Pipeline:
        return ours.pipeline().set("a", "word").incr("a").set("b", 1)  # type: ignore[no-any-return]

    results = noted().execute(raise_on_error=False)
    assert isinstance(results[1], FivefoldError)
    assert (results[0], results[2], ours.get("b")) == (True, True, b"1")
    with pytest.raises(InvalidValue, match="not an integer"):
        noted().execute()


def test_what_cannot_be_noted_undoes_the_pipeline(ours: Redis) -> None:
    pipeline = ours.pipeline()
    pipeline.set("a", 1)
    pipeline.execute_command("NOSUCH")
    with pytest.raises(InvalidStatement, match="unknown command 'NOSUCH'"):
        pipeline.execute()
    assert ours.get("a") is None
    assert pipeline.set("a", 2).execute() == [True]


def test_a_watched_key_that_changes_is_a_conflict(ours: Redis) -> None:
    with ours.pipeline() as pipeline:
        pipeline.watch("a")
        ours.set("a", 1)
        pipeline.multi()
        pipeline.set("a", 2)
        with pytest.raises(Conflict) as conflict:
            pipeline.execute()
    assert conflict.value.retry
    assert ours.get("a") == b"1"


def test_transaction_tries_again(ours: Redis) -> None:
    ours.set("a", 1)
    tries = []

    def double(pipeline: Pipeline) -> None:
        seen = int(pipeline.get("a"))
        tries.append(seen)
        if len(tries) < 3:
            ours.incr("a")
        pipeline.multi()
        pipeline.set("a", seen * 2)

    assert ours.transaction(double, "a") == [True]
    assert (tries, ours.get("a")) == ([1, 2, 3], b"6")


def test_a_pipeline_out_of_order(ours: Redis) -> None:
    with ours.pipeline() as pipeline:
        pipeline.set("a", 1)
        with pytest.raises(InvalidState):
            pipeline.multi()
    with ours.pipeline() as pipeline:
        pipeline.watch("a")
        pipeline.multi()
        with pytest.raises(InvalidState):
            pipeline.watch("b")
        pipeline.unwatch()
        assert len(pipeline) == 0
    assert ours.get("a") is None


def test_one_session_serves_pipelines_too(rig: Rig) -> None:
    """As inside a transaction, where there is but one session."""
    only = Redis(rig.client().commands.execute)
    assert only.pipeline().set("a", 1).incr("a").execute() == [True, 2]
    with only.pipeline() as pipeline:
        pipeline.watch("a")
    assert only.pipeline().get("a").execute() == [b"2"]
