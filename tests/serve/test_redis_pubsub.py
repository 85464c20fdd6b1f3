"""Publish and subscribe: every byte beside redis-server, and what clients' libraries make of it."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import suppress

import pytest
import redis
import redis.asyncio

from fivefold.api.serving import Serving
from tests import servers
from tests.serve.beside import Masks, converse, frame
from tests.serve.conftest import Dial

OWN: Masks = ((rb"\$2\r\nid\r\n:\d+", b"$2\r\nid\r\n:N"),)

SCRIPTS = {
    "resp2": """
        a: SUBSCRIBE a b a
        a: PSUBSCRIBE x* [ab]
        a: GET k
        a: config GET x
        a: CONFIG nope
        a: PING
        a: PING hi
        a: PING a b
        a: SUBSCRIBE
        b: PUBLISH a hello
        b: PUBLISH xyz ''
        b: PUBLISH nobody 1
        b: PUBLISH a
        a: MULTI
        a: UNSUBSCRIBE z
        a: UNSUBSCRIBE b a
        a: UNSUBSCRIBE
        a: PUNSUBSCRIBE nope
        b: PUBLISH a again
        b: PUBSUB NUMPAT
        a: PUNSUBSCRIBE x*
        a: PUNSUBSCRIBE
        a: PUNSUBSCRIBE
        a: GET k
    """,
    "shards": """
        a: SSUBSCRIBE s1
        a: GET k
        a: SUBSCRIBE c
        b: SPUBLISH s1 hello
        b: PUBLISH s1 hello
        b: SPUBLISH c hello
        b: PUBSUB SHARDCHANNELS
        b: PUBSUB SHARDCHANNELS x*
        b: PUBSUB CHANNELS
        b: PUBSUB CHANNELS [c-d]
        b: PUBSUB SHARDNUMSUB s1 s2
        b: PUBSUB NUMSUB s1 c c
        b: PUBSUB NUMSUB
        a: SUNSUBSCRIBE
        a: SUNSUBSCRIBE
        a: SUNSUBSCRIBE zz
        a: UNSUBSCRIBE
    """,
    "resp3": """
        a: HELLO 3
        a: SUBSCRIBE a
        a: PSUBSCRIBE a*
        a: GET k
        a: PUBLISH a hi
        a: PING
        a: PING x
        b: PUBLISH a other
        b: PUBLISH ab other
        a: MULTI
        a: SUBSCRIBE q r
        a: UNSUBSCRIBE q
        a: PUNSUBSCRIBE none
        a: EXEC
        a: UNSUBSCRIBE a r
        a: PUNSUBSCRIBE
        a: UNSUBSCRIBE
        a: PUBLISH a hi
    """,
    "multi": """
        a: MULTI
        a: SUBSCRIBE m1 m2
        a: GET x
        a: EXEC
        a: GET x
        b: MULTI
        b: PUBLISH m1 one
        b: PUBLISH m2 two
        b: SET k v
        b: EXEC
        b: MULTI
        b: PUBLISH m1 never
        b: DISCARD
        b: PUBLISH m1 last
        a: RESET
        a: GET x
        b: PUBSUB CHANNELS
    """,
    "ends": """
        a: SUBSCRIBE zz
        a: HELLO 3
        a: RESET
        a: HELLO 3
        a: SUBSCRIBE zz
        a: RESET
        a: PUBLISH zz 1
        b: SUBSCRIBE zz
        b: QUIT
        a: PUBLISH zz 1
        a: PUBSUB
        a: PUBSUB foo
        a: PUBSUB NUMPAT x
        a: PUBSUB CHANNELS a b
        a: pubsub shardchannels a b
        a: SELECT 3
        a: SET k 3
        a: RESET
        a: GET k
        a: SELECT 3
        a: DEL k
    """,
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_beside_redis(name: str, server: Serving, redis_server: servers.Server) -> None:
    converse(redis_server.port, server.ports["redis"], SCRIPTS[name], OWN)


def test_redis_py(dial: Dial) -> None:
    publisher, listener = dial(), dial().pubsub()
    heard: list[bytes] = []
    listener.subscribe(plain=lambda message: heard.append(message["data"]))
    listener.psubscribe("q*")
    assert [listener.get_message(timeout=5)["type"] for _ in range(2)] == [
        "subscribe",
        "psubscribe",
    ]
    assert publisher.publish("plain", "one") == 1
    assert publisher.publish("qq", "two") == 1
    assert listener.get_message(timeout=5) is None  # the handler had it
    assert heard == [b"one"]
    assert listener.get_message(timeout=5) == {
        "type": "pmessage",
        "pattern": b"q*",
        "channel": b"qq",
        "data": b"two",
    }
    assert publisher.pubsub_numsub("plain", "none") == [(b"plain", 1), (b"none", 0)]
    listener.close()


def test_asyncio_and_resp3(server: Serving) -> None:
    async def talk() -> list[object]:
        client = redis.asyncio.Redis(port=server.ports["redis"], protocol=3)
        async with client, client.pubsub() as listener:
            await listener.subscribe("c")
            pipe = client.pipeline()
            for number in range(100):
                pipe.set("n", number).publish("c", number)
            replies = await pipe.execute()
            assert replies == [True, 1] * 100
            heard = []
            while len(heard) < 100:
                message = await listener.get_message(ignore_subscribe_messages=True, timeout=5)
                if message is not None:
                    heard.append(message["data"])
            return heard

    assert asyncio.run(talk()) == [str(number).encode() for number in range(100)]


def test_everybody_hears_in_the_same_order(server: Serving, dial: Dial) -> None:
    listeners = [dial().pubsub(ignore_subscribe_messages=True) for _ in range(3)]
    for listener in listeners:
        listener.subscribe("c")
        assert listener.get_message(timeout=5) is None
    publishers = [dial() for _ in range(3)]

    def publish(number: int) -> None:
        for count in range(50):
            publishers[number].pipeline().incr("n").publish("c", f"{number}:{count}").execute()

    threads = [threading.Thread(target=publish, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    streams = []
    for listener in listeners:
        stream: list[bytes] = []
        while len(stream) < 150:
            message = listener.get_message(timeout=10)
            assert message is not None
            stream.append(message["data"])
        streams.append(stream)
    for thread in threads:
        thread.join()
    assert streams[0] == streams[1] == streams[2]
    for number in range(3):
        mine = [data for data in streams[0] if data.startswith(b"%d:" % number)]
        assert mine == [b"%d:%d" % (number, count) for count in range(50)]


def test_a_message_leaves_with_its_transaction(server: Serving, dial: Dial) -> None:
    listener = dial().pubsub(ignore_subscribe_messages=True)
    listener.subscribe("c")
    assert listener.get_message(timeout=5) is None
    database = server.database
    with suppress(ZeroDivisionError), database.transaction() as tx:
        tx.redis.execute_command("PUBLISH", "c", "undone")
        raise ZeroDivisionError
    with database.transaction() as tx:
        assert tx.redis.execute_command("PUBLISH", "c", "kept") == 1
        with suppress(ZeroDivisionError), tx.savepoint():
            tx.redis.execute_command("PUBLISH", "c", "undone too")
            raise ZeroDivisionError
        tx.redis.execute_command("PUBLISH", "c", "last")
    database.redis.execute_command("PUBLISH", "c", "alone")
    heard = [listener.get_message(timeout=5) for _ in range(3)]
    assert [message and message["data"] for message in heard] == [b"kept", b"last", b"alone"]


def test_a_subscriber_who_never_reads_is_closed(server: Serving, dial: Dial) -> None:
    with socket.create_connection(("127.0.0.1", server.ports["redis"])) as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.sendall(frame("SUBSCRIBE c"))
        publisher, message = dial(), b"x" * (1 << 20)
        while not publisher.pubsub_numsub("c")[0][1]:
            pass
        received = [publisher.publish("c", message) for _ in range(60)]
        assert received[0] == 1
        assert received[-1] == 0


def test_who_leaves_listens_no_longer(dial: Dial) -> None:
    publisher, client = dial(), dial()
    listener = client.pubsub()
    listener.subscribe("c")
    assert listener.get_message(timeout=5) is not None
    assert publisher.pubsub_channels() == [b"c"]
    listener.close()
    while publisher.pubsub_channels():
        pass
    assert publisher.publish("c", "x") == 0
