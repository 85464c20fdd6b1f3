"""keyspace_hits and keyspace_misses of INFO, command by command as redis-server counts them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import redis

import fivefold
from tests import servers

FILL = """
SET s value
SET gone value PX 1
HSET h a 1 b 2
RPUSH l a b c
SADD m a b c
ZADD z 1 a 2 b
XADD x 1-1 a b
PFADD p a
GEOADD g 13 38 a
"""
ASKED = """
GET s | GET no | GET h | GET gone
STRLEN s | STRLEN no | GETRANGE s 0 1 | GETRANGE no 0 1 | SUBSTR s 0 1
MGET s no h | MGET s s | MGET no
EXISTS s | EXISTS s no h | TTL s | PTTL no | EXPIRETIME s | TYPE s | TYPE no
GETBIT s 1 | BITCOUNT s | BITCOUNT no | BITPOS s 1
HGET h a | HGET no a | HGETALL h | HLEN no | HMGET h a c | HEXISTS h a | HKEYS h | HSTRLEN h a
LLEN l | LRANGE l 0 -1 | LRANGE no 0 -1 | LINDEX l 0 | LPOS l b
SCARD m | SISMEMBER m a | SMISMEMBER no a | SMEMBERS m | SRANDMEMBER m | SSCAN m 0
SINTER m m | SUNION m no | SDIFF m no
ZCARD z | ZSCORE z a | ZRANGE z 0 -1 | ZRANK no a | ZCOUNT z 0 9 | ZRANGEBYSCORE z 0 9 | ZMSCORE z a
XLEN x | XRANGE x - + | XLEN no
GEOPOS g a | GEODIST g a a | DUMP s | DUMP no
SET s value | SET new value | INCR n | APPEND s x | HSET h c 3 | LPUSH l z | SADD m z | ZADD z 3 c
DEL s | DEL no | EXPIRE h 100 | PERSIST no | SPOP m | LPOP l | ZPOPMIN z | RENAME h h2
GETSET s 1 | GETSET fresh 1 | SET s 2 GET
LLEN s
RANDOMKEY | DBSIZE | KEYS * | PING
"""


@pytest.fixture(scope="module")
def clients(redis_server: servers.Server, store: str) -> Iterator[tuple[Any, Any]]:
    with (
        redis.Redis.from_url(redis_server.url) as theirs,
        fivefold.serving(store, only=["redis"], durability="off") as server,
        redis.Redis.from_url(server.urls["redis"]) as ours,
    ):
        theirs.flushall()
        yield theirs, ours


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    from tests.conftest import empty_store

    with empty_store(str(tmp_path_factory.mktemp("lookups") / "a.db")) as url:
        yield url


def counts(client: Any) -> tuple[int, int]:
    stats = client.info("stats")
    return stats["keyspace_hits"], stats["keyspace_misses"]


def ran(client: Any, *commands: str) -> tuple[int, int]:
    """What the commands add to both counters."""
    before = counts(client)
    for command in commands:
        try:
            client.execute_command(*command.split())
        except redis.ResponseError:
            assert command in ("GET h", "LLEN s")
    after = counts(client)
    return after[0] - before[0], after[1] - before[1]


def test_each_command(clients: tuple[Any, Any]) -> None:
    for client in clients:
        for command in FILL.strip().splitlines():
            client.execute_command(*command.split())
        while client.execute_command("EXISTS", "gone"):
            pass
    asked = [each.strip() for line in ASKED.strip().splitlines() for each in line.split("|")]
    theirs, ours = ({each: ran(client, each) for each in asked} for client in clients)
    assert ours == theirs


def test_within_transactions_scripts_and_pipelines(clients: tuple[Any, Any]) -> None:
    found = []
    for client in clients:
        client.mset({"k:1": "a", "k:2": "b"})
        before = counts(client)
        with client.pipeline(transaction=True) as pipeline:
            pipeline.get("k:1").get("k:none").scard("k:none")
            pipeline.execute()
        with client.pipeline(transaction=False) as pipeline:
            for number in range(40):
                pipeline.get(f"k:{number % 4}")
            pipeline.execute()
        client.eval("redis.call('GET', KEYS[1]) return redis.call('LLEN', KEYS[2])", 2, "k:1", "k:")
        after = counts(client)
        found.append((after[0] - before[0], after[1] - before[1]))
        client.config_resetstat()
        assert counts(client) == (0, 0)
    assert found[0] == found[1]


def test_keys_behind_a_number_or_a_word_are_not_counted(clients: tuple[Any, Any]) -> None:
    asked = ("ZUNION 1 z", "ZINTERCARD 1 z", "SINTERCARD 1 m", "XREAD STREAMS x 0")
    theirs, ours = (ran(client, *asked) for client in clients)
    assert (theirs, ours) == ((5, 0), (0, 0))
