"""Redis's protocol on the server: pipelines, MULTI, WATCH, RESP3; and the other model beside it."""

# ruff: noqa: PT012 - it is whole blocks that fail here, not single statements

from __future__ import annotations

import math
import socket

import psycopg
import pytest
import redis

from fivefold.api.serving import Serving
from tests.serve.conftest import Connect, Dial
from tests.serve.programs import redis_cli


def test_a_long_pipeline_is_answered_in_order(dial: Dial) -> None:
    pipe = dial().pipeline(transaction=False)
    for number in range(3000):
        pipe.set(f"k{number % 7}", number)
        pipe.get(f"k{number % 7}")
    pipe.lpush("k1", "x").get("k1")
    replies = pipe.execute(raise_on_error=False)
    assert replies[1:6000:2] == [str(number).encode() for number in range(3000)]
    assert isinstance(replies[6000], redis.ResponseError)
    assert replies[6001] is not None


def test_sets_are_seen_by_whatever_follows(dial: Dial) -> None:
    one, two = dial(), dial()
    one.set("a", "first")
    pipe = one.pipeline(transaction=False)
    pipe.set("a", "1").set("a", "2").incr("a").set("b", "x").append("b", "y").set("c", "z")
    pipe.delete("c").set("d", "1").dbsize().select(1).set("d", "other").select(0).get("d")
    pipe.set("e", "1").mget("a", "b", "c", "d", "e").set("e", "2").type("e").getdel("e")
    assert pipe.execute() == [
        *(True, True, 3, True, 2, True, 1, True, 3, True, True, True, b"1"),
        *(True, [b"3", b"xy", None, b"1", b"1"], True, b"string", b"2"),
    ]
    assert two.mget("a", "b", "c", "d", "e") == [b"3", b"xy", None, b"1", None]


def test_a_command_in_many_pieces(server: Serving) -> None:
    with socket.create_connection(("127.0.0.1", server.ports["redis"])) as peer:
        for byte in b"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$2\r\nbc\r\nGET a\r\n":
            peer.sendall(bytes((byte,)))
        wanted = b"+OK\r\n$2\r\nbc\r\n"
        heard = b""
        while len(heard) < len(wanted):
            heard += peer.recv(100)
        assert heard == wanted


def test_quit_is_answered_after_what_stood_before_it(server: Serving) -> None:
    with socket.create_connection(("127.0.0.1", server.ports["redis"])) as peer:
        peer.sendall(b"SET a 1\r\nSET a 2\r\nQUIT\r\nSET a 3\r\n")
        heard = b""
        while piece := peer.recv(100):
            heard += piece
        assert heard == b"+OK\r\n" * 3
    with redis.Redis(port=server.ports["redis"]) as client:
        assert client.get("a") == b"2"


def test_multi_and_watch_over_two_connections(dial: Dial) -> None:
    one, two = dial(), dial()
    one.set("n", 1)
    pipe = one.pipeline()
    pipe.watch("n")
    two.incr("n")
    pipe.multi()
    pipe.set("n", 100)
    with pytest.raises(redis.WatchError):
        pipe.execute()
    assert one.get("n") == b"2"
    pipe.watch("n")
    pipe.multi()
    pipe.incr("n").get("n").set("s", "x").incr("s").get("n")
    replies = pipe.execute(raise_on_error=False)
    assert replies[:3] == [3, b"3", True]
    assert isinstance(replies[3], redis.ResponseError)
    assert replies[4] == b"3"


def test_resp3(dial: Dial) -> None:
    client = dial(protocol=3, decode_responses=True)
    assert client.set("a", "1")
    assert client.get("none") is None
    assert client.execute_command("HELLO")["proto"] == 3
    assert client.config_get("nothing-of-the-kind") == {}


def test_redis_cli(server: Serving) -> None:
    assert redis_cli(server, "SET", "a", "b c") == "OK"
    assert redis_cli(server, "GET", "a") == "b c"
    assert redis_cli(server, "NONSENSE").startswith("ERR unknown command")


# Both models in one engine


def test_sql_sees_what_redis_wrote_at_once(server: Serving, connect: Connect, dial: Dial) -> None:
    db, cache = connect(), dial()
    for number in range(20):
        cache.set("a", number)
        rows = db.execute("SELECT key, value FROM redis_0.keys").fetchall()
        assert rows == [(b"a", str(number).encode())]
    redis_cli(server, "SET", "from", "redis-cli")
    count = db.execute("SELECT count(*) FROM redis_0.keys WHERE key = 'from'").fetchone()
    assert count == (1,)


VIEWS: dict[str, list[tuple[object, ...]]] = {
    "SELECT * FROM redis_0.strings": [(b"s", b"v")],
    "SELECT * FROM redis_0.hashes ORDER BY field": [(b"h", b"a", b"1"), (b"h", b"b", b"\xff\x00")],
    "SELECT * FROM redis_0.lists ORDER BY index DESC": [(b"l", 1, b"1"), (b"l", 0, b"0")],
    "SELECT * FROM redis_0.sets": [(b"t", b"x")],
    "SELECT * FROM redis_0.sorted_sets ORDER BY score": [(b"z", b"m", 1.5), (b"z", b"n", math.inf)],
    "SELECT ms, seq, place, field, value FROM redis_0.streams ORDER BY 2, 3": [
        (1, 1, 0, b"f", b"v"),
        (1, 2, 0, b"f", b"w"),
        (1, 2, 1, b"g", b"2"),
    ],
    "SELECT h.field, s.value FROM redis_0.hashes h JOIN redis_0.strings s ON s.key = 's'"
    " WHERE h.key = 'h' AND h.value = '1'": [(b"a", b"v")],
    "SELECT pg_typeof(key), pg_typeof(score) FROM redis_0.sorted_sets LIMIT 1": [
        ("bytea", "double precision")
    ],
}


def test_what_keys_hold_is_read_by_kind(connect: Connect, dial: Dial) -> None:
    db, cache = connect(), dial()
    cache.set("s", "v")
    cache.set("gone", "v", px=1)
    cache.hset("h", mapping={"a": 1, "b": b"\xff\x00"})
    cache.rpush("l", 1)
    cache.lpush("l", 0)
    cache.sadd("t", "x")
    cache.zadd("z", {"m": 1.5, "n": math.inf})
    cache.xadd("x", {"f": "v"}, id="1-1")
    cache.xadd("x", {"f": "w", "g": "2"}, id="1-2")
    while cache.exists("gone"):
        pass
    for text, rows in VIEWS.items():
        assert db.execute(text).fetchall() == rows, text
    by_place = "SELECT value FROM redis_0.streams WHERE (ms, seq) > (%s, %s) AND field = %s"
    assert db.execute(by_place, (1, 1, b"f")).fetchall() == [(b"w",)]


def test_both_models_in_one_transaction(server: Serving, connect: Connect, dial: Dial) -> None:
    db, cache = connect(), dial()
    db.execute("CREATE TABLE t (a integer PRIMARY KEY)")
    cache.set("n", 1)
    with pytest.raises(psycopg.errors.UniqueViolation), db.transaction():
        db.execute("INSERT INTO t VALUES (1)")
        assert cache.get("n") == b"1"
        db.execute("INSERT INTO t VALUES (1)")
    cache.incr("n")
    database = server.database
    with pytest.raises(ZeroDivisionError), database.transaction() as tx:
        tx.sql("INSERT INTO t VALUES (2)")
        tx.redis.incr("n")
        assert tx.sql("SELECT count(*) FROM t").fetchone() == (1,)
        assert tx.redis.get("n") == b"3"
        assert (db.execute("SELECT a FROM t").fetchall(), cache.get("n")) == ([], b"2")
        raise ZeroDivisionError
    assert (db.execute("SELECT a FROM t").fetchall(), cache.get("n")) == ([], b"2")
    with database.transaction() as tx:
        tx.sql("INSERT INTO t VALUES (2)")
        tx.redis.incr("n")
    assert (db.execute("SELECT a FROM t").fetchall(), cache.get("n")) == ([(2,)], b"3")


@pytest.mark.parametrize(
    "text",
    [
        "INSERT INTO redis_0.keys (key) VALUES ('x')",
        "UPDATE redis_0.keys SET value = 'x'",
        "DELETE FROM redis_0.keys",
        "TRUNCATE redis_0.keys",
        "COPY redis_0.keys FROM STDIN",
        "ALTER TABLE redis_0.keys ADD COLUMN x integer",
        "DROP TABLE redis_0.keys",
    ],
)
def test_sql_does_not_write_to_keys(text: str, connect: Connect, dial: Dial) -> None:
    dial().set("a", "b")
    cursor = connect().cursor()
    run = cursor.copy(text).__enter__ if text.startswith("COPY") else lambda: cursor.execute(text)
    with pytest.raises(psycopg.errors.FeatureNotSupported) as caught:
        run()
    assert "redis" in (caught.value.diag.message_hint or "")
    assert dial().get("a") == b"b"
