"""Sorted sets on a server: who waits for members, and what keyspace events tell."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis

import fivefold
from fivefold.api.database import Database
from fivefold.engine.engine import Engine
from fivefold.engine.redis_hub import hub_of
from fivefold.stores.open import open_store
from tests import servers
from tests.serve.beside import converse

WAITING = {
    "first come first served": """
        a~: BZPOPMIN k 0
        b~: BZPOPMAX other k 0
        c~: BZMPOP 0 2 k other MAX COUNT 2
        d: ZADD k 1 one 2 two 3 three
        d: EXISTS k
        d: ZADD other 5 five
        d: ZADD k 4 four
        d: EXISTS k other
    """,
    "every way to make one": """
        a~: BZPOPMIN made 0
        d: ZADD z 1 one 2 two
        d: SET made 1
        d: DEL made
        d: ZRANGESTORE made z 0 0
        a~: BZPOPMIN made 0
        d: ZUNIONSTORE made 1 z
        a: ZCARD made
        d: DEL made
        a~: BZPOPMIN made 0
        d: GEOADD made 1 1 place
        a~: BZPOPMAX made 0
        d: GEORADIUS made 1 1 9 km STORE made
        d: COPY z made
        a~: BZMPOP 0 1 made MIN COUNT 9
        d: RENAME z made
        a~: BZPOPMIN made 0
        d: ZINCRBY made 1 one
    """,
    "nothing is there": """
        a: BZPOPMIN k 0.01
        a: BZMPOP 0.01 1 k MIN
        a: MULTI
        a: BZPOPMAX k 0
        a: EXEC
        a: SET s 1
        a: BZPOPMIN s 0
        a: BZPOPMIN k s 0
    """,
}

EVENTS = """
    a: PSUBSCRIBE __key*
    b: ZADD z 1 a 2 b
    b: ZADD z 1 a
    b: ZADD z CH 2 a
    b: ZADD z INCR 2 a
    b: ZADD z NX INCR 2 a
    b: ZINCRBY z 1 c
    b: ZADD z XX 1 nosuch
    b: ZREM z nosuch
    b: ZREM z a
    b: ZRANGESTORE y z 0 -1
    b: ZRANGESTORE y nosuch 0 -1
    b: ZRANGESTORE y nosuch 0 -1
    b: ZUNIONSTORE u 1 z
    b: ZINTERSTORE i 2 z u
    b: ZDIFFSTORE i 2 z u
    b: ZDIFFSTORE i 1 z
    b: ZPOPMIN i
    b: ZPOPMAX i 9
    b: ZMPOP 1 u MIN COUNT 9
    b: ZPOPMIN u
    b: BZPOPMIN z 0
    b: BZMPOP 0 1 z MAX
    b: EXISTS z
    b: ZADD z 0 a 0 b 0 c 0 d 0 e
    b: ZREMRANGEBYRANK z 0 0
    b: ZREMRANGEBYSCORE z 1 2
    b: ZREMRANGEBYLEX z [b [b
    b: ZREMRANGEBYSCORE z -inf inf
    b: GEOADD g 1 1 a 2 2 b
    b: GEOSEARCHSTORE s g FROMMEMBER a BYRADIUS 9 km
    b: GEOSEARCHSTORE s g FROMLONLAT 9 9 BYRADIUS 9 m
    b: GEORADIUS g 1 1 9 km STORE r
    b: GEORADIUSBYMEMBER g a 9 km STOREDIST r
    b: GEORADIUS nosuch 1 1 9 km STORE r
    b: PUBLISH __keyend over
"""


@pytest.fixture
def engine(store_url: str) -> Iterator[Engine]:
    """An engine of this test's own."""
    made = Engine(open_store(store_url))
    yield made
    made.close()


@pytest.mark.parametrize("name", WAITING)
def test_waiting(name: str, engine: Engine, redis_server: servers.Server) -> None:
    with fivefold.serving(Database(engine), only=["redis"]) as server:
        converse(redis_server.port, server.ports["redis"], WAITING[name])


def test_events(engine: Engine, redis_server: servers.Server) -> None:
    hub_of(engine).notified = "KEgz"
    with (
        redis.Redis.from_url(redis_server.url) as theirs,
        fivefold.serving(Database(engine), only=["redis"]) as server,
    ):
        theirs.config_set("notify-keyspace-events", "KEgz")
        try:
            converse(redis_server.port, server.ports["redis"], EVENTS)
        finally:
            theirs.config_set("notify-keyspace-events", "")
