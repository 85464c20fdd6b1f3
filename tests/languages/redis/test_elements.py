"""Lists, sets and hashes: random commands, our answers beside a redis-server's.

Invalid words are as likely as valid ones. ``FIVEFOLD_EXAMPLES`` sets how many sequences are tried.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.languages.redis.beside import Peer, parsed
from tests.languages.redis.rig import Client, Rig
from tests.languages.redis.shapes import commands
from tests.languages.redis.test_beside_redis import Words, begin, bounded

EXAMPLES = int(os.environ.get("FIVEFOLD_EXAMPLES", "150"))

# K a key, V a value, F a field, N a number, C a count, T a time, "*" as many as one likes.
SHAPES = """
LPUSH K V*; RPUSH K V*; LPUSHX K V*; RPUSHX K V*; LPOP K; LPOP K C; RPOP K; RPOP K C; LLEN K
LRANGE K N N; LTRIM K N N; LINDEX K N; LSET K N V; LINSERT K E V V; LREM K N V; LPOS K V
LPOS K V RANK N; LPOS K V COUNT C; LPOS K V COUNT 0 MAXLEN C; LPOS K V RANK N COUNT C; LMOVE K K E E
RPOPLPUSH K K; LMPOP C K* E; LMPOP 1 K E COUNT C; LMPOP 2 K K E
BLPOP K* T; BRPOP K T; BLMPOP T 2 K K E; BLMPOP T C K E COUNT C
SADD K V*; SREM K V*; SMOVE K K V; SISMEMBER K V; SMISMEMBER K V*; SCARD K; SMEMBERS K; SDIFF K*
SINTER K*; SUNION K*; SDIFFSTORE K K*; SINTERSTORE K K*; SUNIONSTORE K K*; SINTERCARD C K*
SINTERCARD 2 K K LIMIT N; SSCAN K 0; SSCAN K 0 COUNT N; SSCAN K 0 MATCH P; SPOP K C; SPOP K 9
SRANDMEMBER K 9; SRANDMEMBER K 0
HSET K F V F V; HSET K F V*; HMSET K F V; HSETNX K F V; HGET K F; HMGET K F*; HDEL K F*; HEXISTS K F
HLEN K; HSTRLEN K F; HGETALL K; HKEYS K; HVALS K; HINCRBY K F N; HINCRBYFLOAT K F V; HRANDFIELD K 9
HRANDFIELD K 9 WITHVALUES; HRANDFIELD K N 7 7; HSCAN K 0; HSCAN K 0 MATCH P COUNT N
SORT K; SORT K ALPHA; SORT K DESC ALPHA LIMIT N N; SORT K BY nosort; SORT K BY k* GET # GET k*
SORT K GET h*->x STORE K; SORT K ALPHA STORE K; SORT_RO K ALPHA; SORT K N
SET K V; GET K; TYPE K; DEL K; COPY K K; COPY K K REPLACE; RENAME K K; EXISTS K*
APPEND K V
COPY K K DB 1; MOVE K 1; SELECT 0; SELECT 1; EXPIRE K 0; EXPIRE K 1000; SCAN 0 COUNT 99 TYPE list
"""
WORDS: dict[str, list[Any]] = {
    "K": ["a", "b", "c", "k1", "h1", "h2"],
    "V": [
        "1",
        "2",
        "3",
        "-1.5",
        "x",
        "",
        "longer " * 12,
        b"\xff\x00",
        "9223372036854775807",
        "inf",
    ],
    "F": ["1", "x", "y", "", "field" * 20],
    "N": ["0", "1", "2", "-1", "-2", "7", "-9", "x", "9223372036854775807", "-9223372036854775808"],
    "C": ["1", "2", "9", "0", "-1", "y", "9223372036854775808"],
    "E": ["left", "RIGHT", "before", "AFTER", "MIDDLE"],
    "P": ["*", "1*", "?", "[xy]"],
    "T": ["0.01", "-1", "x", "inf", "1e-2"],
}

UNORDERED = {"SMEMBERS", "SDIFF", "SINTER", "SUNION", "HKEYS", "HVALS", "SRANDMEMBER", "HRANDFIELD"}
PAIRED = {"HGETALL"}


def same(words: Words, ours: bytes, theirs: bytes) -> bool:
    """Say whether two replies agree, whose order may be undefined."""
    if ours == theirs:
        return True
    name = str(words[0]).upper()
    mine, other = parsed(ours), parsed(theirs)
    if not isinstance(mine, list) or not isinstance(other, list):
        return False
    if name in UNORDERED and "WITHVALUES" not in words:
        return sorted(mine) == sorted(other)
    if name in ("SSCAN", "SCAN"):
        # How much one turn looks at is each one's own affair.
        return mine[0] != other[0] or sorted(mine[1]) == sorted(other[1])
    if name == "HSCAN":
        return mine[0] != other[0] or _pairs(mine[1]) == _pairs(other[1])
    if name == "SORT" and "nosort" in words:  # of a set
        return sorted(mine) == sorted(other)
    if name in PAIRED or "WITHVALUES" in words:
        return _pairs(mine) == _pairs(other)
    return name == "SPOP" and len(mine) == len(other)


def _pairs(words: list[Any]) -> list[tuple[Any, ...]]:
    return sorted(zip(words[::2], words[1::2], strict=True))


def contents(client: Client | Peer) -> object:
    """Return all that is in the present database, in a form to compare."""
    found = {}
    names = parsed(client.answer("KEYS", "*"))
    assert isinstance(names, list)
    for name in names:
        kind = client.answer("TYPE", name)
        reads: dict[bytes, Words] = {
            b"+list\r\n": ("LRANGE", name, "0", "-1"),
            b"+set\r\n": ("SMEMBERS", name),
            b"+hash\r\n": ("HGETALL", name),
            b"+string\r\n": ("GET", name),
        }
        value: Any = parsed(client.answer(*reads[kind]))
        if kind == b"+set\r\n":
            value = sorted(value)
        elif kind == b"+hash\r\n":
            value = _pairs(value)
        found[name] = kind, value, client.answer("TTL", name)[:2]
    return found


@bounded(EXAMPLES)
@given(steps=st.lists(commands(SHAPES, WORDS), min_size=10, max_size=40))
def test_random_commands(shared_rig: Rig, peers: list[Peer], steps: list[Words]) -> None:
    begin(shared_rig, peers)
    client, peer = shared_rig.clients[0], peers[0]
    for number, words in enumerate(steps):
        ours, theirs = client.answer(*words), peer.answer(*words)
        assert same(words, ours, theirs), (number, steps[: number + 1], ours, theirs)
        if words[0] == "SPOP" and ours != theirs:
            break  # each took what it liked
    else:
        assert contents(client) == contents(peer), steps


@pytest.mark.parametrize("protocol", [2, 3])
@pytest.mark.parametrize(
    "words",
    [
        "HGETALL h", "HGETALL no", "SMEMBERS s", "SMEMBERS no", "SPOP s 0", "SPOP no 1",
        "SPOP no",
        "HRANDFIELD h 1 WITHVALUES", "HRANDFIELD h -2 WITHVALUES", "HRANDFIELD no 1", "HSCAN h 0",
        "SSCAN s 0", "LPOP no", "LPOP no 1", "LPOP l 0", "LMPOP 1 no LEFT",
        "LMPOP 1 l LEFT COUNT 1",
        "LPOS l x", "LPOS l x COUNT 1", "SORT l ALPHA GET nosuch", "SRANDMEMBER no",
        "SRANDMEMBER no 2",
        "SMISMEMBER s m", "SISMEMBER s m", "HMGET no a b", "HINCRBYFLOAT h n 0.1", "SINTER s no",
        "BLPOP no 0.01", "BLMPOP 0.01 1 no LEFT",
    ],
)  # fmt: skip
def test_shapes(shared_rig: Rig, peers: list[Peer], words: str, protocol: int) -> None:
    begin(shared_rig, peers)
    replies = []
    for client in (shared_rig.clients[0], peers[0]):
        client.answer("HELLO", protocol)
        client.answer("RPUSH", "l", "x")
        client.answer("SADD", "s", "m")
        client.answer("HSET", "h", "f", "v")
        replies.append(client.answer(*words.split()))
    assert replies[0] == replies[1]


def test_many_elements(rig: Rig) -> None:
    """Draws are spread, scans miss nobody who stays, a large key goes in slices."""
    client = rig.client()
    members = [b"m%d" % number for number in range(1000)]
    client.run("SADD", "s", *members)
    drawn = client.run("SRANDMEMBER", "s", -3000)
    assert isinstance(drawn, list)
    assert set(drawn) <= set(members)
    assert len(set(drawn)) > 800
    staying, seen, cursor = set(members[::3]), set(), b"0"
    for number in range(1000):
        reply = client.run("SSCAN", "s", cursor, "COUNT", 7)
        assert isinstance(reply, list)
        cursor, some = reply  # type: ignore[assignment]  # a cursor and members
        seen.update(some)  # type: ignore[arg-type]
        if cursor == b"0":
            break
        client.run("SREM", "s", members[number * 3 + 1], members[-(number * 3) - 2])
    assert cursor == b"0"
    assert staying <= seen
    client.run("DEL", "s")
    assert client.run("SCARD", "s") == 0
    client.run("SADD", "s", "new")
    space = client.commands.spaces.get(0)
    assert space.due(rig.clock.now_ms())
    turns = 0
    while space.sweep(100):
        turns += 1
    assert turns > 4
    assert client.run("SMEMBERS", "s") == {b"new"}
