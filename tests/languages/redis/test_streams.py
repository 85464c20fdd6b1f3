"""Streams and their groups: random commands, our answers beside a redis-server's.

``FIVEFOLD_EXAMPLES`` sets how many sequences are tried.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.languages.redis.beside import Peer, parsed
from tests.languages.redis.rig import Rig, Word
from tests.languages.redis.shapes import commands
from tests.languages.redis.test_beside_redis import Words, begin, bounded

EXAMPLES = int(os.environ.get("FIVEFOLD_EXAMPLES", "80"))

SHAPES = """
XADD K I f v; XADD K I f v g w; XADD K I f v; XADD K A x y; XADD K NOMKSTREAM I f v; XADD K I f v g
XADD K MAXLEN N I f v; XADD K MAXLEN = N I f v; XADD K MAXLEN ~ N I f v; XADD K MINID I I f v
XADD K MAXLEN ~ N LIMIT N I f v; XADD K MAXLEN N LIMIT N I f v; XADD K MAXLEN N MINID I I f v
XLEN K; XRANGE K R R; XRANGE K - + COUNT N; XREVRANGE K R R; XREVRANGE K + - COUNT N; XDEL K I*
XTRIM K MAXLEN N; XTRIM K MINID I; XTRIM K MAXLEN ~ N LIMIT N; XTRIM K N; XSETID K I
XSETID K I ENTRIESADDED N MAXDELETEDID I; XREAD STREAMS K I; XREAD COUNT N STREAMS K K I I
XREAD STREAMS K $; XREAD STREAMS K >; XREAD STREAMS K K I; XREAD COUNT N BLOCK N
XREAD GROUP G C STREAMS K >
XGROUP CREATE K G I; XGROUP CREATE K G $ MKSTREAM; XGROUP CREATE K G I ENTRIESREAD N
XGROUP SETID K G I
XGROUP CREATE K G 0 MKSTREAM; XGROUP CREATE K G 0 MKSTREAM
XGROUP SETID K G $ ENTRIESREAD N; XGROUP DESTROY K G; XGROUP CREATECONSUMER K G C
XGROUP DELCONSUMER K G C
XREADGROUP GROUP G C STREAMS K >; XREADGROUP GROUP G C COUNT N STREAMS K >
XREADGROUP GROUP G C STREAMS K I
XREADGROUP GROUP G C NOACK STREAMS K >; XREADGROUP GROUP G C COUNT 2 STREAMS K K > I
XREADGROUP GROUP G C STREAMS K $; XREADGROUP COUNT 1 NOACK STREAMS K >
XREADGROUP GROUP G C COUNT 1 STREAMS K >
XACK K G I*; XPENDING K G; XPENDING K G - + N; XPENDING K G R R N C; XPENDING K G IDLE 9999999 - + 9
XPENDING K G IDLE 0 - + N C; XCLAIM K G C 0 I I; XCLAIM K G C 0 I FORCE JUSTID
XCLAIM K G C 0 I JUSTID
XCLAIM K G C 0 I RETRYCOUNT N LASTID I; XCLAIM K G C 9999999 I; XCLAIM K G C 0 I TIME 5 IDLE N BAD
XAUTOCLAIM K G C 0 R; XAUTOCLAIM K G C 0 0 COUNT N JUSTID; XAUTOCLAIM K G C 0 I COUNT 1
XINFO STREAM K; XINFO GROUPS K; XINFO CONSUMERS K G; XINFO STREAM K FULL
XINFO STREAM K FULL COUNT N
SET K v; DEL K; COPY K K; RENAME K K; TYPE K; LPUSH l x
"""
WORDS: dict[str, list[Word]] = {
    "K": ["a", "b", "l"],
    "I": ["1-1", "2", "2-5", "3-1", "3-2", "4-0", "5-7", "6-1", "7", "8-1", "0", "0-0", "x",
        "1-x", "-", "3-*"],
    "A": ["3-*", "5-*", "9-*", "12-*", "15-*", "20-*", "21-*", "22-1", "x-*"],
    "R": ["-", "+", "2", "(2-5", "3", "(3", "(-", "5-1", "q",
        "(18446744073709551615-18446744073709551615"],
    "N": ["0", "1", "2", "3", "5", "-1", "x"],
    "G": ["g1", "g2"],
    "C": ["alice", "bob", ""],
}  # fmt: skip


def masked(words: Words, reply: bytes) -> object:
    """Return a reply without the times in it, and how redis-server's tree is built."""
    value: Any = parsed(reply)
    if reply.startswith(b"-") or not isinstance(value, list):
        return reply
    if words[0] == "XPENDING" and len(words) > 3:
        return [[id_, consumer, times] for id_, consumer, _, times in value]
    if words[0] != "XINFO":
        return reply
    if words[1] == "CONSUMERS":
        return [consumer[:4] for consumer in value]
    if words[1] == "GROUPS":
        return value
    found = dict(zip(value[::2], value[1::2], strict=True))
    found.pop(b"radix-tree-keys"), found.pop(b"radix-tree-nodes")
    if len(words) > 3:
        found[b"groups"] = [_masked_group(group) for group in found[b"groups"]]
    return found


def _masked_group(group: list[Any]) -> object:
    made = dict(zip(group[::2], group[1::2], strict=True))
    made[b"pending"] = [(id_, consumer, times) for id_, consumer, _, times in made[b"pending"]]
    consumers = [dict(zip(each[::2], each[1::2], strict=True)) for each in made[b"consumers"]]
    for consumer in consumers:
        del consumer[b"seen-time"]
        consumer[b"pending"] = [(id_, times) for id_, _, times in consumer[b"pending"]]
    made[b"consumers"] = consumers
    return made


@bounded(EXAMPLES)
@given(steps=st.lists(commands(SHAPES, WORDS), min_size=20, max_size=60))
def test_random_commands(shared_rig: Rig, peers: list[Peer], steps: list[Words]) -> None:
    begin(shared_rig, peers)
    for number, words in enumerate(steps):
        ours, theirs = shared_rig.clients[0].answer(*words), peers[0].answer(*words)
        if ours != theirs:
            said = (number, steps[: number + 1], ours, theirs)
            assert masked(words, ours) == masked(words, theirs), said


@pytest.mark.parametrize("protocol", [2, 3])
@pytest.mark.parametrize(
    "words",
    [
        "XREAD STREAMS s 0", "XREAD STREAMS s 9", "XREAD COUNT 1 STREAMS s no 0 0", "XLEN no",
            "XRANGE no - +",
        "XREADGROUP GROUP g c STREAMS s >", "XREADGROUP GROUP g c STREAMS s 0", "XPENDING s g",
        "XRANGE s - + COUNT 0", "XAUTOCLAIM s g c 0 0", "XCLAIM s g c 0 1-1", "XINFO GROUPS s",
            "XADD no NOMKSTREAM * a b",
        "XREADGROUP GROUP g c BLOCK 10 STREAMS s 5", "XINFO CONSUMERS s g",
    ],
)  # fmt: skip
def test_shapes(shared_rig: Rig, peers: list[Peer], words: str, protocol: int) -> None:
    begin(shared_rig, peers)
    replies = []
    for client in (shared_rig.clients[0], peers[0]):
        client.answer("HELLO", protocol)
        client.answer("XADD", "s", "1-1", "f", "v")
        client.answer("XADD", "s", "1-2", "f", "v", "f", "w")
        client.answer("XGROUP", "CREATE", "s", "g", "0")
        replies.append(client.answer(*words.split()))
    assert replies[0] == replies[1]


def test_many_fields_and_entries(rig: Rig) -> None:
    """Entries are whole whatever their number of fields, forwards and backwards."""
    client = rig.client()
    added = []
    for number in range(1, 60):
        fields = [b"%d" % place for place in range(2 * (number * 37 % 700 + 1))]
        client.run("XADD", "s", f"{number}-1", *fields)
        added.append([b"%d-1" % number, fields])
    assert client.run("XRANGE", "s", "-", "+") == added
    assert client.run("XREVRANGE", "s", "+", "-") == added[::-1]
    for count in (1, 2, 7, 58, 59, 60):
        assert client.run("XRANGE", "s", "-", "+", "COUNT", count) == added[:count]
        assert client.run("XREVRANGE", "s", "+", "-", "COUNT", count) == added[::-1][:count]


def test_ids_beyond_the_store(rig: Rig) -> None:
    """An ID that needs 64 bits is refused where it would be kept, and is a bound elsewhere."""
    client = rig.client()
    big = str(2**63)
    for words in (
        ("XADD", "s", big, "f", "v"),
        ("XADD", "s", f"1-{big}", "f", "v"),
        ("XGROUP", "CREATE", "s", "g", big, "MKSTREAM"),
    ):
        assert b"not supported by fivefold" in client.answer(*words)
    client.run("XADD", "s", "1-1", "f", "v")
    assert client.run("XRANGE", "s", "-", big) == [[b"1-1", [b"f", b"v"]]]
    assert client.run("XDEL", "s", big) == 0
