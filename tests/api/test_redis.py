"""The embedded Redis: its sessions, pipelines, waits, messages and locks."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest

import fivefold
from fivefold.api.database import Database
from fivefold.api.redis import Execute, Pipeline, Redis
from fivefold.engine.redis_hub import hub_of
from fivefold.errors import (
    Conflict,
    FivefoldError,
    InvalidState,
    InvalidStatement,
    InvalidValue,
    Unsupported,
)
from fivefold.stores.contract import Durability
from fivefold.values.replies import NIL_ARRAY
from tests.languages.redis.rig import Rig


@pytest.fixture
def rig(store_url: str) -> Iterator[Rig]:
    made = Rig(store_url, Durability.OFF)
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


# Waiting, listening, locks


def test_a_wait_is_ended_by_a_write_of_another_thread(db: Database) -> None:
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(db.redis.blpop, ["a", "b"], 20)
        while not hub_of(db.engine).blocked:
            time.sleep(0.001)
        db.redis.rpush("b", "x", "y")
        assert waiting.result() == (b"b", b"x")
    assert db.redis.lrange("b", 0, -1) == [b"y"]
    assert not hub_of(db.engine).blocked


def test_a_wait_sees_what_a_transaction_wrote_and_what_another_engine_did(
    db: Database, store_url: str
) -> None:
    with ThreadPoolExecutor(1) as pool, fivefold.open(store_url) as other:
        waiting = pool.submit(db.redis.blpop, "a", 20)
        while not hub_of(db.engine).blocked:
            time.sleep(0.001)
        with db.transaction() as tx:
            tx.redis.rpush("a", "x")
        assert waiting.result() == (b"a", b"x")
        waiting = pool.submit(db.redis.bzpopmin, "z", 20)
        while not hub_of(db.engine).blocked:
            time.sleep(0.001)
        other.redis.zadd("z", {"m": 1.5})
        assert waiting.result() == (b"z", b"m", 1.5)


def test_a_wait_goes_on_beside_a_value_of_another_kind(db: Database) -> None:
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(db.redis.blpop, "a", 20)
        while not hub_of(db.engine).blocked:
            time.sleep(0.001)
        db.redis.zadd("a", {"m": 1})
        with pytest.raises(InvalidValue):
            db.redis.blpop("a", 1)
        db.redis.set("a", 1)
        db.redis.pipeline().delete("a").rpush("a", "x").execute()
        assert waiting.result() == (b"a", b"x")


def test_a_wait_that_somebody_ends(db: Database) -> None:
    waits = {False: None, True: InvalidState}
    for with_error, raised in waits.items():
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(db.redis.blpop, "a", 20)
            while not (line := hub_of(db.engine).waiters.line((0, b"a"))):
                time.sleep(0.001)
            line[0].unblock(with_error)
            if raised is None:
                assert waiting.result() is None
            else:
                with pytest.raises(raised, match="UNBLOCKED"):
                    waiting.result()


def test_a_lock_in_a_transaction(db: Database) -> None:
    with db.transaction() as tx, tx.redis.lock("k", timeout=10) as lock:
        assert lock.owned()
        assert tx.redis.transaction(lambda p: p.incr("n")) == [1]
    assert not db.redis.exists("k")


def test_nobody_waits_where_nobody_could_write(db: Database) -> None:
    with db.transaction() as tx:
        assert tx.redis.blpop("a") is None
        assert tx.redis.execute_command("BLPOP", "a", 0) is NIL_ARRAY
    assert db.redis.pipeline(transaction=False).blpop("a").execute() == [None]


def test_messages(db: Database) -> None:
    with db.redis.pubsub() as listener:
        assert listener.get_message() is None
        listener.subscribe("a", "b")
        listener.psubscribe("a*")
        listener.ssubscribe("s")
        assert [listener.get_message() for _ in range(4)] == [
            said("subscribe", b"a", 1),
            said("subscribe", b"b", 2),
            said("psubscribe", b"a*", 3),
            said("ssubscribe", b"s", 1),
        ]
        assert db.redis.publish("a", "hi") == 2
        assert db.redis.spublish("s", "sh") == 1
        with db.transaction() as tx:
            assert tx.redis.publish("b", "later") == 1
        assert [listener.get_message(timeout=5) for _ in range(4)] == [
            said("message", b"a", b"hi"),
            said("pmessage", b"a", b"hi", b"a*"),
            said("smessage", b"s", b"sh"),
            said("message", b"b", b"later"),
        ]
        assert listener.ping("x")
        assert listener.get_message() == said("pong", None, b"x")
        listener.unsubscribe("a")
        listener.punsubscribe()
        assert list(listener.channels) == [b"a", b"b"]  # until the confirmation is read
        assert listener.get_message() == said("unsubscribe", b"a", 2)
        assert list(listener.channels) == [b"b"]
        assert listener.get_message() == said("punsubscribe", b"a*", 1)
        assert listener.get_message(timeout=0.001) is None
        assert db.redis.pubsub_numsub("a", "b") == [(b"a", 0), (b"b", 1)]
    assert db.redis.publish("b", "hi") == 0


def said(kind: str, channel: bytes | None, data: Any, pattern: bytes | None = None) -> Any:
    return {"type": kind, "pattern": pattern, "channel": channel, "data": data}


def test_listening_to_the_end(db: Database) -> None:
    listener = db.redis.pubsub(ignore_subscribe_messages=True)
    listener.subscribe("a")
    db.redis.publish("a", 1)
    db.redis.publish("a", 2)
    listener.unsubscribe()
    assert [message["data"] for message in listener.listen()] == [b"1", b"2"]
    assert not listener.subscribed
    with pytest.raises(InvalidState):
        listener.subscribe()
    with db.transaction() as tx, pytest.raises(Unsupported):
        tx.redis.pubsub()


def test_handlers_in_a_thread(db: Database) -> None:
    heard: queue.SimpleQueue[Any] = queue.SimpleQueue()
    listener = db.redis.pubsub()
    listener.psubscribe(**{"a*": heard.put})
    thread = listener.run_in_thread(sleep_time=0.01)
    db.redis.publish("abc", "hi")
    assert heard.get(timeout=10) == said("pmessage", b"abc", b"hi", b"a*")
    thread.stop()
    thread.join()
    assert db.redis.publish("abc", "hi") == 0
    listener.subscribe("plain")
    with pytest.raises(InvalidState, match="plain: no function"):
        listener.run_in_thread()
    listener.close()


def test_keyspace_events(db: Database) -> None:
    db.redis.config_set("notify-keyspace-events", "KEA")
    with db.redis.pubsub(ignore_subscribe_messages=True) as listener:
        listener.psubscribe("__keyevent@0__:*")
        db.redis.lpush("l", 1)
        assert listener.get_message() is None  # the confirmation
        assert listener.get_message() == said(
            "pmessage", b"__keyevent@0__:lpush", b"l", b"__keyevent@0__:*"
        )


def test_a_lock(db: Database) -> None:
    lock, other = db.redis.lock("k", timeout=10), db.redis.lock("k", blocking=False)
    assert lock.acquire()
    assert lock.locked()
    assert lock.owned()
    assert not other.acquire()
    assert not other.owned()
    assert not db.redis.lock("k", sleep=0.001).acquire(blocking_timeout=0.005)
    assert db.redis.ttl("k") in (9, 10)
    assert lock.extend(100)
    assert db.redis.ttl("k") > 100
    assert lock.extend(50, replace_ttl=True)
    assert db.redis.ttl("k") <= 50
    assert lock.reacquire()
    assert db.redis.ttl("k") <= 10
    lock.release()
    assert not lock.locked()
    for method in (lock.release, lock.reacquire, other.reacquire):
        with pytest.raises(InvalidState):
            method()
    with other:
        with pytest.raises(Conflict, match="not free in time"), db.redis.lock("k", blocking=False):
            pass
        db.redis.delete("k")
        with pytest.raises(InvalidState, match="no longer held"):
            other.release()
        assert other.acquire()
    with db.redis.lock("k", raise_on_release_error=False):
        db.redis.delete("k")


def test_kept_out_by_redis_pys_lock(db: Database) -> None:
    """The two are one lock: a token is the key's value."""
    assert db.redis.lock("k").acquire(token="theirs")
    assert db.redis.get("k") == b"theirs"


def test_settings_and_names_without_an_answer_of_their_own(db: Database) -> None:
    assert db.redis.client_setinfo("LIB-NAME", "mine") is True
    assert db.redis.bgrewriteaof() is True
    with pytest.raises(FivefoldError, match="No such client"):
        db.redis.client_kill("1.2.3.4:5")
    with pytest.raises(FivefoldError, match="NOTBUSY"):
        db.redis.script_kill()


def test_messages_stay_in_their_process(db: Database, store_url: str) -> None:
    with fivefold.open(store_url) as other, other.redis.pubsub() as listener:
        listener.subscribe("a")
        assert db.redis.publish("a", "hi") == 0
        db.redis.rpush("l", 1)
        assert other.redis.lpop("l") == b"1"


def test_what_has_expired_stays_in_the_file_unseen(db: Database) -> None:
    db.redis.rpush("l", 1)
    db.redis.pexpire("l", 1)
    while db.redis.exists("l"):
        time.sleep(0.001)
    assert db.redis.keys() == []
    assert db.sql("SELECT * FROM redis_0.lists").fetchall() == []
    assert db.sql("SELECT count(*) FROM redis_0.keys").fetchall() == [(1,)]
    db.redis.rpush("l", 2)
    assert db.redis.lrange("l", 0, -1) == [b"2"]
