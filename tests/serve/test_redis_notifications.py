"""Keyspace notifications: what a subscriber to all of them hears, beside redis-server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis

from fivefold.api.serving import Serving
from tests import servers
from tests.serve.beside import converse
from tests.serve.conftest import Dial


@pytest.fixture
def quiet(redis_server: servers.Server) -> Iterator[servers.Server]:
    """A redis-server that notifies nobody again after the test."""
    yield redis_server
    with redis.Redis(port=redis_server.port) as client:
        client.config_set("notify-keyspace-events", "")


SCRIPTS = {
    "strings": """
        a: CONFIG SET notify-keyspace-events KEA
        s: PSUBSCRIBE __key*
        a: SET k 1
        a: SET k 2 EX 100
        a: SET k 3 KEEPTTL
        a: SET k 3 NX
        a: SETNX k 2
        a: SETNX j 2
        a: SETEX j 100 x
        a: PSETEX j 100000 x
        a: GETSET j y
        a: GETDEL j
        a: GETDEL j
        a: GETEX k EX 100
        a: GETEX k PERSIST
        a: GETEX k PERSIST
        a: GETEX k
        a: GETEX k EXAT 1
        a: MSET a 1 b 2
        a: MSETNX a 1 c 2
        a: MSETNX e 1 c 2
        a: APPEND a x
        a: APPEND n x
        a: SETRANGE n 3 abc
        a: SETRANGE n 3 ''
        a: INCR i
        a: DECRBY i 4
        a: INCRBYFLOAT i 1.5
        a: MULTI
        a: SET t 1
        a: INCR n
        a: DEL t
        a: EXEC
    """,
    "keys": """
        a: CONFIG SET notify-keyspace-events KEA
        s: PSUBSCRIBE __key*
        a: MSET a 1 b 2 c 3 e 5 n 6
        a: DEL a b none
        a: UNLINK c
        a: EXPIRE e 100
        a: EXPIRE e 100 NX
        a: PERSIST e
        a: PERSIST e
        a: EXPIRE e -1
        a: EXPIRE none 1
        a: RENAME n m
        a: RENAME none m
        a: RENAME m m
        a: SET x 1
        a: RENAME x m
        a: RENAMENX m y
        a: COPY y z
        a: COPY y z DB 3 REPLACE
        a: MOVE z 3
        a: MOVE z 4
        a: SELECT 4
        a: SET in4 1
        a: RPUSH l 1 2
        a: RPOP l
        a: LPOP l
        a: HSET h f v
        a: HDEL h f
        a: SADD set m
        a: SPOP set
        a: SELECT 0
        a: FLUSHDB
    """,
    "misses": """
        a: CONFIG SET notify-keyspace-events KEm
        s: PSUBSCRIBE __key*
        a: SET k 1
        a: GET k
        a: GET none
        a: MGET none k other
        a: STRLEN none
        a: EXISTS none k
        a: TTL none
        a: TYPE none
    """,
    "classes": """
        a: CONFIG SET notify-keyspace-events E$
        s: PSUBSCRIBE __key*
        a: SET k 1 EX 100
        a: DEL k
        a: CONFIG SET notify-keyspace-events Kg
        a: SET k 1
        a: DEL k
        a: CONFIG SET notify-keyspace-events $
        a: SET k 1
        a: CONFIG GET notify-keyspace-events
        a: CONFIG SET notify-keyspace-events g$lshztxedmKE
        a: CONFIG GET notify-keyspace-events
        a: CONFIG SET notify-keyspace-events Ex
        a: CONFIG GET notify-keyspace-events
        a: CONFIG SET notify-keyspace-events zgl
        a: CONFIG GET notify-keyspace-events
        a: CONFIG SET notify-keyspace-events Kq
        a: CONFIG SET notify-keyspace-events ''
        a: SET k 1
    """,
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_beside_redis(name: str, server: Serving, quiet: servers.Server) -> None:
    converse(quiet.port, server.ports["redis"], SCRIPTS[name])


def test_expired_keys(dial: Dial) -> None:
    client, listener = dial(), dial().pubsub(ignore_subscribe_messages=True)
    client.config_set("notify-keyspace-events", "Ex")
    listener.psubscribe("__keyevent@*__:expired")
    assert listener.get_message(timeout=5) is None
    client.set("reaped", "1", px=1)
    message = listener.get_message(timeout=10)
    assert message is not None
    assert (message["channel"], message["data"]) == (b"__keyevent@0__:expired", b"reaped")


def test_what_others_write(server: Serving, dial: Dial) -> None:
    client, listener = dial(), dial().pubsub(ignore_subscribe_messages=True)
    client.config_set("notify-keyspace-events", "KEA")
    listener.psubscribe("__keyevent@*")
    assert listener.get_message(timeout=5) is None
    database = server.database
    database.redis.set("alone", "1")
    with database.transaction() as tx:
        tx.redis.set("together", "1")
        tx.redis.incr("together")
    heard = [listener.get_message(timeout=5) for _ in range(3)]
    assert [(one["channel"], one["data"]) for one in heard if one] == [
        (b"__keyevent@0__:set", b"alone"),
        (b"__keyevent@0__:set", b"together"),
        (b"__keyevent@0__:incrby", b"together"),
    ]
