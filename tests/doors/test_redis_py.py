"""redis-py: pipelines, scripts, locks, pub/sub, pools and its asyncio client, in RESP2 and RESP3.

Each test runs over a redis-server too: what is asked of fivefold is what Redis does.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis
import redis.asyncio

import fivefold
from tests import servers

SECONDS_MAX = 20.0
Connect = Callable[..., Any]


@pytest.fixture(params=["fivefold", "redis"])
def port(request: pytest.FixtureRequest) -> Iterator[int]:
    if request.param == "redis":
        running: servers.Server = request.getfixturevalue("redis_server")
        with redis.Redis(port=running.port) as client:
            client.flushall()
        yield running.port
        return
    store_url = request.getfixturevalue("store_url")
    with fivefold.serving(store_url, only=["redis"], durability="off") as server:
        yield server.ports["redis"]


@pytest.fixture(params=[2, 3])
def connect(request: pytest.FixtureRequest, port: int) -> Iterator[Connect]:
    """Makes clients that speak RESP2 or RESP3."""
    made: list[redis.Redis] = []

    def one(**options: Any) -> redis.Redis:
        client = redis.Redis(
            port=port, protocol=request.param, socket_timeout=SECONDS_MAX, **options
        )
        made.append(client)
        return client

    yield one
    for client in made:
        client.close()


def test_a_pipeline_of_all_types(connect: Connect) -> None:
    with connect(decode_responses=True).pipeline(transaction=False) as pipe:
        pipe.set("s", "1").incr("s").hset("h", mapping={"a": "1", "b": "2"}).hgetall("h")
        pipe.rpush("l", "x", "y", "z").lrange("l", 0, -1).sadd("t", "m", "n").smembers("t")
        pipe.zadd("z", {"p": 1.5, "q": 2}).zrange("z", 0, -1, withscores=True)
        pipe.xadd("x", {"f": "v"}, id="1-1").xrange("x").expire("s", 100).ttl("s")
        replies = pipe.execute()
    scores = [tuple(pair) for pair in replies.pop(9)]
    assert scores == [("p", 1.5), ("q", 2.0)]
    assert replies[-3] == [("1-1", {"f": "v"})]
    assert replies[:9] == [True, 2, 2, {"a": "1", "b": "2"}, 3, ["x", "y", "z"], 2, {"m", "n"}, 2]
    assert replies[-2:] == [True, 100]


def test_a_pipeline_with_errors(connect: Connect) -> None:
    client = connect()
    client.set("s", "text")
    with client.pipeline(transaction=False) as pipe:
        pipe.incr("s").lpush("s", "x").set("t", "1")
        replies = pipe.execute(raise_on_error=False)
    assert [str(reply) for reply in replies[:2]] == [
        "value is not an integer or out of range",
        "WRONGTYPE Operation against a key holding the wrong kind of value",
    ]
    assert replies[2] is True
    with client.pipeline() as pipe:
        pipe.set("u", "1").incr("s").set("v", "1")
        with pytest.raises(redis.ResponseError, match="not an integer"):
            pipe.execute()
    assert client.mget("u", "v") == [b"1", b"1"]


def test_an_optimistic_transaction(connect: Connect) -> None:
    first, second = connect(), connect()
    first.set("n", 1)
    tries = []

    def double(pipe: Any) -> None:
        value = int(pipe.get("n"))
        if not tries:
            second.set("n", 5)
        tries.append(value)
        pipe.multi()
        pipe.set("n", value * 2)
        pipe.rpush("log", value)

    assert first.transaction(double, "n") == [True, 1]
    assert tries == [1, 5]
    assert first.get("n") == b"10"
    with first.pipeline() as pipe:
        pipe.watch("n")
        second.incr("n")
        pipe.multi()
        pipe.set("n", 0)
        with pytest.raises(redis.WatchError):
            pipe.execute()


def test_scripts(connect: Connect) -> None:
    client = connect()
    script = client.register_script(
        "local n = redis.call('INCRBY', KEYS[1], ARGV[1])"
        " redis.call('RPUSH', KEYS[2], n) return {n, redis.call('LLEN', KEYS[2])}"
    )
    assert script(keys=["n", "log"], args=[5]) == [5, 1]
    assert script(keys=["n", "log"], args=[2]) == [7, 2]
    client.script_flush()
    assert script(keys=["n", "log"], args=[1]) == [8, 3]  # loaded again after NOSCRIPT
    with client.pipeline() as pipe:
        script(keys=["n", "log"], args=[1], client=pipe)
        pipe.get("n")
        assert pipe.execute() == [[9, 4], b"9"]
    assert client.script_exists(script.sha, "0" * 40) == [True, False]
    with pytest.raises(redis.ResponseError, match="WRONGTYPE"):
        client.eval("return redis.call('LPUSH', KEYS[1], 1)", 1, "n")
    with pytest.raises(redis.exceptions.NoScriptError):
        client.evalsha("f" * 40, 0)


def test_locks(connect: Connect) -> None:
    first, second = connect(), connect()
    lock = first.lock("door", timeout=30)
    assert lock.acquire(blocking=False)
    other = second.lock("door", timeout=30, blocking_timeout=0.1)
    assert not other.acquire()
    assert lock.owned()
    assert not other.owned()
    assert lock.extend(10)
    assert 30 < first.ttl("door") <= 40
    assert lock.reacquire()
    lock.release()
    assert other.acquire()
    first.set("door", "another")  # as after its timeout
    with pytest.raises(redis.exceptions.LockNotOwnedError):
        other.release()


def test_lock_between_threads(connect: Connect) -> None:
    client = connect()
    client.set("n", 0)

    def add() -> None:
        for _ in range(10):
            with client.lock("door", timeout=10, sleep=0.001):
                client.set("n", int(client.get("n")) + 1)

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS_MAX)
    assert client.get("n") == b"40"


def test_publish_and_subscribe(connect: Connect) -> None:
    listener, speaker = connect().pubsub(), connect()
    listener.subscribe("news")
    listener.psubscribe("w*")
    kinds = [listener.get_message(timeout=SECONDS_MAX)["type"] for _ in range(2)]
    assert kinds == ["subscribe", "psubscribe"]
    assert speaker.publish("news", "hello") == 1
    assert speaker.publish("weather", b"\x00\xff") == 1
    assert speaker.publish("nobody", "?") == 0
    heard = [listener.get_message(timeout=SECONDS_MAX) for _ in range(2)]
    assert [message["data"] for message in heard] == [b"hello", b"\x00\xff"]
    assert heard[1]["pattern"] == b"w*"
    assert speaker.pubsub_numsub("news") == [(b"news", 1)]
    assert speaker.pubsub_numpat() == 1
    listener.ping("still here")
    assert listener.get_message(timeout=SECONDS_MAX)["data"] == b"still here"
    listener.unsubscribe()
    listener.punsubscribe()
    left = [listener.get_message(timeout=SECONDS_MAX)["type"] for _ in range(2)]
    assert sorted(left) == ["punsubscribe", "unsubscribe"]
    listener.close()


def test_a_thread_that_listens(connect: Connect) -> None:
    heard: list[bytes] = []
    enough = threading.Event()

    def note(message: dict[str, Any]) -> None:
        heard.append(message["data"])
        if len(heard) == 3:
            enough.set()

    listener, speaker = connect().pubsub(), connect()
    listener.subscribe(news=note)
    thread = listener.run_in_thread(sleep_time=0.05)
    while not speaker.pubsub_numsub("news")[0][1]:
        pass
    for number in range(3):
        speaker.publish("news", number)
    assert enough.wait(SECONDS_MAX)
    thread.stop()
    thread.join(SECONDS_MAX)
    assert heard == [b"0", b"1", b"2"]


def test_blocking_pops(connect: Connect) -> None:
    waiter, giver = connect(), connect()
    got: list[Any] = []

    def wait() -> None:
        got.append(waiter.blpop(["a", "b"], timeout=SECONDS_MAX))
        got.append(waiter.bzpopmin("z", timeout=SECONDS_MAX))
        got.append(waiter.blmove("b", "c", SECONDS_MAX, "LEFT", "RIGHT"))

    thread = threading.Thread(target=wait)
    thread.start()
    giver.rpush("b", "one")
    giver.zadd("z", {"m": 2})
    giver.rpush("b", "two")
    thread.join(SECONDS_MAX)
    assert got[0] in ([b"b", b"one"], (b"b", b"one"))
    assert list(got[1]) == [b"z", b"m", 2.0]
    assert got[2] == b"two"
    assert giver.blpop("nothing", timeout=0.05) is None


def test_consumer_groups(connect: Connect) -> None:
    client = connect(decode_responses=True)
    client.xgroup_create("x", "g", id="0", mkstream=True)
    with pytest.raises(redis.ResponseError, match="BUSYGROUP"):
        client.xgroup_create("x", "g")
    ids = [client.xadd("x", {"n": number}) for number in range(5)]
    read = client.xreadgroup("g", "one", {"x": ">"}, count=3)
    entries = read["x"][0] if isinstance(read, dict) else read[0][1]
    assert [entry[0] for entry in entries] == ids[:3]
    assert client.xack("x", "g", ids[0]) == 1
    assert client.xpending("x", "g")["pending"] == 2
    _, claimed, _ = client.xautoclaim("x", "g", "two", min_idle_time=0)
    assert [entry[0] for entry in claimed] == ids[1:3]
    assert [each["consumer"] for each in client.xpending_range("x", "g", "-", "+", 10)] == [
        *("two", "two")
    ]
    assert client.xinfo_groups("x")[0]["lag"] == 2


def test_a_pool_of_many_threads(connect: Connect) -> None:
    client = connect(max_connections=50)
    threads = [
        threading.Thread(target=lambda: [client.incr("n") for _ in range(20)]) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS_MAX)
    assert client.get("n") == b"160"
    assert len(client.client_list()) >= 1
    client.connection_pool.disconnect()
    assert client.ping()


def test_scans_and_sorts(connect: Connect) -> None:
    client = connect(decode_responses=True)
    with client.pipeline() as pipe:
        for number in range(300):
            pipe.set(f"k:{number}", number)
            pipe.hset("h", f"f{number}", number)
            pipe.zadd("z", {f"m{number}": number})
            pipe.sadd("t", number)
        pipe.execute()
    assert {f"k:{number}" for number in range(300)} == set(client.scan_iter("k:*", count=7))
    assert len(dict(client.hscan_iter("h", count=10))) == 300
    assert len({member for member, _ in client.zscan_iter("z", count=10)}) == 300
    assert len(set(client.sscan_iter("t", count=10))) == 300
    assert client.sort("t", start=0, num=3, desc=True) == ["299", "298", "297"]
    assert client.sort("t", by="k:*", get=["#", "k:*"], start=1, num=1) == ["1", "1"]


def test_asyncio(port: int) -> None:
    async def work() -> None:
        async with redis.asyncio.Redis(port=port) as client:
            await asyncio.gather(*(client.rpush("l", number) for number in range(50)))
            assert await client.llen("l") == 50
            async with client.pipeline(transaction=True) as pipe:
                assert await pipe.set("a", 1).incr("a").get("a").execute() == [True, 2, b"2"]
            waiting = asyncio.create_task(client.blpop("q", timeout=SECONDS_MAX))
            listener = client.pubsub()
            await listener.subscribe("news")
            assert (await listener.get_message(timeout=SECONDS_MAX))["type"] == "subscribe"
            await client.publish("news", "hello")
            assert (await listener.get_message(timeout=SECONDS_MAX))["data"] == b"hello"
            await listener.aclose()
            await client.rpush("q", "x")
            assert list(await waiting) == [b"q", b"x"]
            async with client.lock("door", timeout=5):
                assert await client.exists("door")

    asyncio.run(work())
