"""Bits, numbers of any width and HyperLogLogs, our answers beside a redis-server's.

``FIVEFOLD_EXAMPLES`` sets how many sequences are tried.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fivefold.languages.redis import hyperloglog
from tests.languages.redis.beside import Peer
from tests.languages.redis.rig import Client, Rig, Word
from tests.languages.redis.shapes import commands
from tests.languages.redis.test_beside_redis import Words, begin, bounded

EXAMPLES = int(os.environ.get("FIVEFOLD_EXAMPLES", "100"))

SHAPES = """
SETBIT K O B; GETBIT K O; BITCOUNT K; BITCOUNT K N N; BITCOUNT K N N U; BITCOUNT K N; BITPOS K B
BITPOS K B N; BITPOS K B N N; BITPOS K B N N U; BITOP L K K K; BITOP NOT K K; BITOP L K K
BITFIELD K GET Y O; BITFIELD K SET Y O M INCRBY Y O M; BITFIELD K OVERFLOW W SET Y O M; BITFIELD K
BITFIELD K OVERFLOW W INCRBY Y O M GET Y O SET Y O M; BITFIELD_RO K GET Y O
BITFIELD_RO K SET u8 0 1; SET K V; GET K; STRLEN K; DEL K; APPEND K V; LPUSH l x; SETRANGE K 3 V
PFADD P E E E; PFADD P; PFADD P E; PFCOUNT P; PFCOUNT P P; PFMERGE P P; PFMERGE P; PFCOUNT K
PFMERGE P K; EXISTS P; DEL P; GETRANGE P 0 4; COPY P P
"""
WORDS: dict[str, list[Word]] = {
    "K": ["a", "b", "c", "l"],
    "O": ["0", "1", "7", "8", "15", "63", "100", "#0", "#1", "#3", "-1", "x", "4294967296"],
    "B": ["0", "1", "1", "0", "2", "x"],
    "N": ["0", "1", "2", "-1", "-2", "5", "-9", "x", "30"],
    "U": ["BIT", "byte", "bits"],
    "L": ["AND", "or", "XOR", "NOT", "nope"],
    "Y": ["u1", "u8", "i8", "i5", "u63", "i64", "u64", "i0", "x8", "u7", "i13"],
    "M": ["0", "1", "-1", "100", "255", "-128", 2**63 - 1, -(2**63), "x"],
    "W": ["WRAP", "sat", "FAIL", "bad"],
    "V": ["", b"\xff\x0f", "abc", b"\0\0"],
    "P": ["p", "q", "r"],
    "E": [f"e{number}" for number in range(40)],
}


@bounded(EXAMPLES)
@given(steps=st.lists(commands(SHAPES, WORDS), min_size=10, max_size=40))
def test_random_commands(shared_rig: Rig, peers: list[Peer], steps: list[Words]) -> None:
    begin(shared_rig, peers)
    for number, words in enumerate(steps):
        ours, theirs = shared_rig.clients[0].answer(*words), peers[0].answer(*words)
        assert ours == theirs, (number, steps[: number + 1], ours, theirs)


@pytest.mark.parametrize("count", [10, 1_000, 3_000, 20_000])
def test_estimates(shared_rig: Rig, peers: list[Peer], count: int) -> None:
    """Sparse or dense, small or large: the same estimate and the same length."""
    begin(shared_rig, peers)
    sides: list[Client | Peer] = [shared_rig.clients[0], peers[0]]
    for side in sides:
        for start in range(0, count, 1000):
            side.answer("PFADD", "log", *range(start, min(start + 1000, count)))
    for words in (("PFCOUNT", "log"), ("STRLEN", "log"), ("PFADD", "log", "0")):
        assert sides[0].answer(*words) == sides[1].answer(*words)


def test_logs_are_exchanged(shared_rig: Rig, peers: list[Peer]) -> None:
    """Each side reads what the other wrote."""
    begin(shared_rig, peers)
    client, peer = shared_rig.clients[0], peers[0]
    for count in (5, 4000):
        elements = range(count)
        client.answer("DEL", "x"), peer.answer("DEL", "x")
        client.answer("PFADD", "x", *elements), peer.answer("PFADD", "x", *elements)
        ours, theirs = client.run("GET", "x"), peer.answer("GET", "x").partition(b"\r\n")[2][:-2]
        assert isinstance(ours, bytes)
        assert hyperloglog.read(ours) == hyperloglog.read(theirs)
        peer.answer("SET", "y", ours), client.answer("SET", "y", theirs)
        assert client.answer("PFCOUNT", "y") == peer.answer("PFCOUNT", "y")


@pytest.mark.parametrize("body", [b"\x40", b"\x00" * 3, b"\xff" * 3000, b""])
def test_corrupted_logs(rig: Rig, body: bytes) -> None:
    client = rig.client()
    client.run("SET", "x", b"HYLL\x01\0\0\0\0\0\0\0\0\0\0\x80" + body)
    for words in (("PFCOUNT", "x"), ("PFADD", "x", "e"), ("PFMERGE", "y", "x")):
        assert client.answer(*words).startswith(b"-INVALIDOBJ "), words
