"""DUMP and RESTORE, SWAPDB, LCS and OBJECT ENCODING."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fivefold.languages.redis import dumps
from tests.languages.redis.beside import Peer
from tests.languages.redis.rig import Client, Rig, Word
from tests.languages.redis.shapes import commands
from tests.languages.redis.test_beside_redis import Words, begin, bounded

EXAMPLES = int(os.environ.get("FIVEFOLD_EXAMPLES", "60"))

KINDS: dict[str, tuple[list[Words], Words]] = {
    "string": ([("SET", "k", b"\0\xff")], ("GET", "k")),
    "hash": ([("HSET", "k", "f", "v", "", b"\xff")], ("HGETALL", "k")),
    "list": ([("RPUSH", "k", "a", "", "b"), ("LPUSH", "k", "z")], ("LRANGE", "k", 0, -1)),
    "set": ([("SADD", "k", "a", "b"), ("SREM", "k", "a")], ("SMEMBERS", "k")),
    "zset": ([("ZADD", "k", "-inf", "a", "2.5", "b")], ("ZRANGE", "k", 0, -1, "WITHSCORES")),
    "large zset": (
        [("ZADD", "k", *(word for n in range(1500) for word in (n * 7 % 1500, f"m{n}")))],
        ("ZRANGE", "k", 0, -1, "WITHSCORES"),
    ),
    "stream": (
        [
            ("XADD", "k", "1-1", "f", "v", "f", "w"),
            ("XADD", "k", "2-0", "g", "x"),
            ("XADD", "k", "3-0", "g", "x"),
            ("XDEL", "k", "2-0"),
            ("XGROUP", "CREATE", "k", "g", "0"),
            ("XREADGROUP", "GROUP", "g", "c", "COUNT", "1", "STREAMS", "k", ">"),
        ],
        ("XINFO", "STREAM", "k", "FULL"),
    ),
    "empty stream": ([("XGROUP", "CREATE", "k", "g", "0", "MKSTREAM")], ("XINFO", "GROUPS", "k")),
}


@pytest.mark.parametrize("kind", KINDS)
def test_there_and_back(rig: Rig, kind: str) -> None:
    client, (made, look) = rig.client(), KINDS[kind]
    for words in made:
        client.run(*words)
    before, dumped = client.run(*look), client.run("DUMP", "k")
    assert isinstance(dumped, bytes)
    client.run("RESTORE", "copy", 5000, dumped)
    assert client.run(look[0], *("copy" if word == "k" else word for word in look[1:])) == before
    assert client.run("PTTL", "copy") == 5000
    assert client.answer("RESTORE", "k", 0, dumped).startswith(b"-BUSYKEY ")
    client.run("RESTORE", "k", rig.clock.now_ms() - 1, dumped, "ABSTTL", "REPLACE")
    assert client.run("EXISTS", "k") == 0
    if kind == "large zset":
        assert client.run("ZRANK", "copy", "m1") == 7
        client.run("ZADD", "copy", -5, "new")
        assert client.run("ZRANK", "copy", "m1") == 8


REFUSED = b"-ERR DUMP payload version or checksum are wrong\r\n"


def test_what_is_no_dump(client: Client) -> None:
    client.run("HSET", "k", "f", "v")
    good = client.run("DUMP", "k")
    assert isinstance(good, bytes)
    for at in range(len(good)):
        bad = good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :]
        assert client.answer("RESTORE", "x", 0, bad) == REFUSED
    for at in range(len(good)):
        assert client.answer("RESTORE", "x", 0, good[:at]) == REFUSED


MALFORMED: list[Any] = [
    None, [], b"string", [b"string"], [b"string", 1], [b"string", b"a", b"b"], [b"hash", b"f"],
    [b"hash", b"f", b"v", b"f", b"w"], [b"list"], [b"list", None], [b"set", b"a", b"a"],
    [b"nosuch", b"a"],
    [b"zset", 1, b"a"], [b"zset", 1.0, b"a", 2.0, b"a"], [b"stream"],
    [b"stream", [0, 0, 0, 0, 0], [], [], []],
    [b"stream", [0, 0, 0, 0, 0], [[1, 1, 0, b"f", b"v"]], [], [], []],
    [b"stream", [5, 0, 0, 0, 0], [[1, 1, 1, b"f", b"v"]], [], [], []],
    [b"stream", [5, 0, 0, 0, 0], [[1, 1, 0, b"f", None]], [], [], []],
    [b"stream", [5, 0, 0, 0], [], [], [], []], [b"\xff", b"a"],
]  # fmt: skip


@pytest.mark.parametrize("contents", MALFORMED, ids=repr)
def test_contents_that_no_key_has(client: Client, contents: Any) -> None:
    assert client.answer("RESTORE", "x", 0, dumps.dump(contents)) == REFUSED
    assert client.run("EXISTS", "x") == 0


@bounded(100)
@given(data=st.binary(max_size=60))
def test_any_bytes(shared_rig: Rig, data: bytes) -> None:
    assert shared_rig.clients[0].answer("RESTORE", "x", 0, data) == REFUSED


SHAPES = """
LCS S S; LCS S S LEN; LCS S S IDX; LCS S S IDX MINMATCHLEN N WITHMATCHLEN; LCS S S IDX WITHMATCHLEN
LCS S S MINMATCHLEN N; LCS S S LEN IDX; SET S V; SET S V; SET S V; APPEND S V; RPUSH l V; DEL S
RESTORE S N x; RESTORE S 0 x REPLACE; RESTORE S 0 x FREQ N; RESTORE S 0 x IDLETIME N; DUMP no
SWAPDB D D; SELECT D; GET S; OBJECT ENCODING K; HSET h V V; SADD s N; SADD s N; SADD s V; DEL K
ZADD z 1 V; EXISTS S; STRLEN S
"""
WORDS: dict[str, list[Word]] = {
    "S": ["a", "b", "c", "l"],
    "K": ["a", "h", "s", "z", "l"],
    "V": ["ohmytext", "mynewtext", "aabbaabb", "", "abcabcabc" * 4, "x" * 65, "text"],
    "N": ["0", "1", "2", "3", "-1", "x", "256"],
    "D": ["0", "1", "2", "16", "-1", "x"],
}


@bounded(EXAMPLES)
@given(steps=st.lists(commands(SHAPES, WORDS), min_size=20, max_size=50))
def test_random_commands(shared_rig: Rig, peers: list[Peer], steps: list[Words]) -> None:
    begin(shared_rig, peers)
    for number, words in enumerate(steps):
        ours, theirs = shared_rig.clients[0].answer(*words), peers[0].answer(*words)
        assert ours == theirs, (number, steps[: number + 1], ours, theirs)


def test_databases_are_swapped(rig: Rig) -> None:
    client, other = rig.client(), rig.client()
    client.run("SET", "a", "1")
    client.run("HSET", "h", "f", "v")
    other.run("SELECT", 3)
    for number in range(300):
        other.run("SADD", f"s{number}", "m")
    other.run("WATCH", "s1")
    client.run("SWAPDB", 0, 3)
    assert (client.run("DBSIZE"), other.run("DBSIZE")) == (300, 2)
    assert (client.run("SMEMBERS", "s7"), other.run("HGETALL", "h")) == ({b"m"}, {b"f": b"v"})
    client.run("SWAPDB", 9, 3)
    assert (other.run("DBSIZE"), client.run("DBSIZE")) == (0, 300)
