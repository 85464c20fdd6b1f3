"""The connections of the server, seen and governed by one of them: beside redis-server."""

from __future__ import annotations

import re
import threading

import pytest
import redis

from fivefold.api.serving import Serving
from tests import servers
from tests.serve.beside import Masks, converse
from tests.serve.conftest import Dial

OWN: Masks = (
    (rb"\$2\r\nid\r\n:\d+", b"$2\r\nid\r\n:N"),
    (rb"\+\d{10}\.\d{6} \[(\d+) 127.0.0.1:\d+\]", rb"+TIME [\1 WHO]"),
    (rb":\d{10}\r\n:\d+\r\n", b":AT\r\n:TOOK\r\n"),
    (rb"\*6\r\n:\d+\r\n", b"*6\r\n:NUMBER\r\n"),
    (rb"\$\d+\r\n127.0.0.1:\d+\r\n", b"ADDRESS\r\n"),
)

SCRIPTS = {
    "client": """
        a: CLIENT LIST TYPE foo
        a: CLIENT LIST TYPE
        a: CLIENT LIST ID
        a: CLIENT LIST ID x
        a: CLIENT LIST ID 0
        a: CLIENT LIST FOO BAR
        a: CLIENT LIST TYPE normal x
        a: CLIENT LIST TYPE pubsub
        a: CLIENT LIST TYPE replica
        a: CLIENT KILL
        a: CLIENT KILL x
        a: CLIENT KILL 1.2.3.4:5
        a: CLIENT KILL ID
        a: CLIENT KILL ID x
        a: CLIENT KILL ID 0
        a: CLIENT KILL ID 99999
        a: CLIENT KILL TYPE foo
        a: CLIENT KILL TYPE pubsub
        a: CLIENT KILL USER nobody
        a: CLIENT KILL SKIPME maybe
        a: CLIENT KILL ADDR 1.1.1.1:1 LADDR 2.2.2.2:2
        a: CLIENT KILL FOO BAR
        a: CLIENT KILL ID 5 TYPE
        a: CLIENT KILL MAXAGE 100
        a: CLIENT PAUSE
        a: CLIENT PAUSE x
        a: CLIENT PAUSE -1
        a: CLIENT PAUSE 10 foo
        a: CLIENT PAUSE 10 WRITE x
        a: CLIENT UNPAUSE
        a: CLIENT UNPAUSE x
        a: CLIENT NO-EVICT foo
        a: CLIENT NO-EVICT on
        a: CLIENT GETREDIR
        a: CLIENT TRACKINGINFO
        a: CLIENT TRACKING
        a: CLIENT TRACKING foo
        a: CLIENT TRACKING off
        a: CLIENT TRACKING off foo
        a: CLIENT CACHING yes
        a: CLIENT CACHING foo
        a: CLIENT SETNAME 'a b'
        a: CLIENT SETNAME ''
        a: CLIENT GETNAME
        a: CLIENT SETNAME foo
        a: CLIENT GETNAME
        a: CLIENT ID x
        a: CLIENT INFO x
        a: CLIENT REPLY
        a: CLIENT NOSUCH
        a: HELLO 3
        a: CLIENT TRACKINGINFO
        a: HELLO 3 AUTH default x
        a: HELLO 3 AUTH foo x
        a: HELLO 3 AUTH default
        a: HELLO 3 SETNAME 'a b'
        a: HELLO 4
        a: HELLO x
        a: HELLO 2 FOO
        a: AUTH x
        a: AUTH default x
        a: AUTH foo x
        a: AUTH a b c
        a: SELECT 16
        a: SELECT x
        a: RESET x
        a: QUIT x
    """,
    "replies": """
        a~: CLIENT REPLY OFF
        a~: PING
        a~: SET k 1
        a~: NOSUCH
        a~: CLIENT REPLY SKIP
        a: CLIENT REPLY ON
        a: GET k
        a~: CLIENT REPLY SKIP
        a~: PING
        a: PING
        a~: CLIENT REPLY SKIP
        a~: GET
        a: PING
        a: CLIENT REPLY FOO
        a~: CLIENT REPLY OFF
        a: SUBSCRIBE x
        b: PUBLISH x hi
        a: RESET
        a: PING
        a~: CLIENT REPLY OFF
        a~: KEYS *
        a: CLIENT REPLY ON
    """,
    "monitor": """
        m: MONITOR
        m: GET x
        m: PING
        m~: MONITOR
        a: SET 'a\\x00"b' '\\xff\\n\\t'
        a: MULTI
        a: SET k 1
        a: INCR k
        a: EXEC
        a: CONFIG GET save
        a: NOSUCH
        a: GET
        a: INCR 'a\\x00"b'
        a: AUTH a b
        a: SELECT 3
        a: SET k 2
        a: GET k
        a: KEYS *
        a: HELLO 3 AUTH default secret SETNAME x
        a: MULTI
        a: MONITOR
        a: EXEC
        m: RESET
        m: GET k
        a: PING
        m: HELLO 3
        m: MONITOR
        a: PING
    """,
    "slow log": f"""
        a: SLOWLOG RESET
        a: CONFIG SET slowlog-log-slower-than 0
        a: SET k v
        a: SLOWLOG GET 2
        a: SLOWLOG GET -2
        a: SLOWLOG GET x
        a: SLOWLOG LEN x
        a: SLOWLOG RESET
        a: SLOWLOG GET 0
        a: SET b {"a" * 147}
        a: DEL {" ".join(map(str, range(1, 36)))}
        a: CLIENT SETNAME me
        a: MULTI
        a: SET z 1
        a: EXEC
        a: NOSUCH
        a: GET z
        a: SLOWLOG GET -1
        a: CONFIG SET slowlog-max-len 1
        a: SLOWLOG LEN
        a: CONFIG SET slowlog-log-slower-than 10000 slowlog-max-len 128
        a: SLOWLOG FOO
        a: SLOWLOG GET 1 2
        a: CONFIG SET slowlog-log-slower-than -5
        a: CONFIG SET slowlog-max-len -1
        a: CONFIG SET slowlog-max-len x
        a: CONFIG SET nosuch 1
        a: CONFIG SET databases 3
        a: CONFIG SET slowlog-max-len 10 slowlog-max-len 11
        a: CONFIG SET maxmemory 0
        a: CONFIG SET a b c
        a: CONFIG SET a
        a: CONFIG REWRITE
        a: CONFIG RESETSTAT
        a: CONFIG GET
        a: CONFIG GET slowlog-*-len
        a: CONFIG FOO
    """,
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_beside_redis(name: str, server: Serving, redis_server: servers.Server) -> None:
    converse(redis_server.port, server.ports["redis"], SCRIPTS[name], OWN)


def test_list_has_every_field(dial: Dial, redis_server: servers.Server) -> None:
    mine = dial()
    with redis.Redis(port=redis_server.port) as client:
        theirs = client.execute_command("CLIENT INFO")
    ours = mine.execute_command("CLIENT INFO")
    fields = list(theirs)
    assert [name for name in ours if name in fields] == fields
    listener = dial().pubsub()
    listener.subscribe("a", "b")
    listener.psubscribe("c*")
    for _ in range(3):
        assert listener.get_message(timeout=5) is not None
    mine.set("k", "v")
    mine.client_setname("me")
    described = {one["name"]: one for one in mine.client_list()}
    assert (described["me"]["cmd"], described["me"]["flags"]) == ("client|list", "N")
    (other,) = mine.client_list(_type="pubsub")
    assert (other["sub"], other["psub"], other["flags"], other["cmd"]) == (
        *("2", "1", "P"),
        "psubscribe",
    )
    assert int(other["fd"]) > 0
    assert len(mine.client_list(client_id=[other["id"]])) == 1


def test_kill(dial: Dial) -> None:
    killer, victim, other = dial(), dial(), dial()
    victim.ping()
    number = victim.client_id()
    assert killer.client_kill_filter(_id=str(number)) == 1
    assert victim.client_id() != number  # redis-py has connected anew
    (address,) = [
        one["addr"] for one in killer.client_list() if one["id"] == str(other.client_id())
    ]
    assert killer.client_kill(address)
    assert all(one["addr"] != address for one in killer.client_list())
    mine = killer.client_id()
    assert killer.client_kill_filter(_id=str(mine), skipme=False) == 1
    assert killer.client_id() != mine
    listener = dial().pubsub()
    listener.subscribe("x")
    assert listener.get_message(timeout=5) is not None
    assert killer.execute_command("CLIENT", "KILL", "TYPE", "pubsub") == 1
    assert killer.client_kill_filter(_type="pubsub") == 0


def test_pause(dial: Dial) -> None:
    governor, writer, reader = dial(), dial(), dial()
    governor.set("k", "0")
    governor.client_pause(60_000, all=False)
    done = threading.Event()

    def write() -> None:
        writer.pipeline(transaction=False).ping().set("k", "1").get("k").execute()
        done.set()

    thread = threading.Thread(target=write)
    thread.start()
    assert reader.get("k") == b"0"
    while all(one["cmd"] != "set" for one in governor.client_list()):
        pass
    assert not done.is_set()
    assert reader.get("k") == b"0"
    governor.client_unpause()
    thread.join(10)
    assert done.is_set()
    assert reader.get("k") == b"1"
    governor.client_pause(30)
    assert reader.ping()
    governor.config_set("slowlog-log-slower-than", 10000)
    assert reader.ping()


def test_errors_are_counted(dial: Dial) -> None:
    client = dial()
    client.config_resetstat()  # redis-py has asked for what only newer servers have
    for _ in range(2):
        with pytest.raises(redis.ResponseError):
            client.execute_command("NOSUCH")
    client.rpush("l", "x")
    with pytest.raises(redis.ResponseError):
        client.get("l")
    stats = client.info("errorstats")
    assert stats["errorstat_ERR"]["count"] == 2
    assert stats["errorstat_WRONGTYPE"]["count"] == 1
    client.config_resetstat()
    assert client.info("errorstats") == {}


def test_tracking_is_refused(dial: Dial) -> None:
    with pytest.raises(redis.ResponseError, match=re.escape("CLIENT TRACKING ON")):
        dial().execute_command("CLIENT", "TRACKING", "ON")
