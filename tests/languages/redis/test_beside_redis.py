"""Random command sequences, our answers beside a redis-server's, byte for byte.

Left out: WATCH of an absent key that comes and goes, which we do not notice.
``FIVEFOLD_EXAMPLES`` sets how many sequences are tried.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fivefold.errors import InvalidStatement
from fivefold.wire.redis.decode import split_inline
from tests.languages.redis.beside import Peer, parsed
from tests.languages.redis.rig import Rig
from tests.scripting import rewrite

EXAMPLES = int(os.environ.get("FIVEFOLD_EXAMPLES", "300"))
Words = tuple[bytes | str | int, ...]
Step = tuple[int, Words]
"""(which client, the words of its command)."""

PAST_MS, FAR_MS = 1_000, 4_102_444_800_000  # 1970, 2100

KEYS = st.sampled_from([b"a", b"b", b"c", b"user:1", b"", b"\xff\x00*"])
VALUES: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from(["0", "1", "-7", "12", "9223372036854775807", "-9223372036854775808"]),
    st.sampled_from(["", "007", "+1", " 1", "word", "a longer word " * 4, b"\x00\xff"]),
    st.sampled_from(["1.5", "-0.25", "3e2", "0x1p4", "inf", "nan", "1e5000"]),
)
INTEGERS = st.one_of(
    st.sampled_from(["0", "-1", "-2", "3", "5", "9223372036854775807", "-9223372036854775808"]),
    st.sampled_from(["9223372036854775808", "x", "", "1.0", "010"]),
    st.integers(-20, 20).map(str),
)
FLOATS = st.one_of(VALUES, st.floats(-1e6, 1e6).map(repr), st.decimals(-99, 99, places=3).map(str))
OFFSETS = st.one_of(st.integers(-6, 40).map(str), st.sampled_from(["x", "536870912", "-1"]))
DATABASES = st.sampled_from(["0", "1", "15", "16", "-1", "x"])
MOMENTS_MS = st.sampled_from([str(PAST_MS), str(FAR_MS), str(FAR_MS + 60_000), "0", "-5", "x"])
MOMENTS = st.sampled_from(["1", "4102444800", "4102444860", "9223372036854775", "-1", "y"])
SPANS = st.sampled_from(
    [
        "-9223372036854775808",
        "-9223372036854775",
        "1000",
        "0",
        "-1",
        "9223372036854775807",
        "z",
        "100000",
    ]
)
EXPIRY = st.one_of(
    st.just(()),
    st.tuples(st.just("EX"), SPANS),
    st.tuples(st.just("px"), st.sampled_from(["1000000", "0", "x"])),
    st.tuples(st.just("EXAT"), MOMENTS),
    st.tuples(st.just("PXAT"), MOMENTS_MS),
    st.tuples(st.sampled_from(["EX", "KEEPTTL", "PERSIST"])),
)
CONDITIONS = st.lists(st.sampled_from(["NX", "xx", "GT", "LT", "NO"]), max_size=2).map(tuple)
SET_FLAGS = st.lists(st.sampled_from(["NX", "XX", "GET", "KEEPTTL", "get"]), max_size=2).map(tuple)
PATTERNS = st.sampled_from(["*", "a*", "?", "[ab]", "[^a]", "user:*", "u*r:[0-9]", "\\a", "", "[a"])


def _command(name: str, *arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[Words]:
    def flat(parts: tuple[object, ...]) -> Words:
        words: list[Any] = [name]
        for part in parts:
            words += part if isinstance(part, (tuple, list)) else [part]
        return tuple(words)

    return st.tuples(*arguments).map(flat)


MANY_KEYS = st.lists(KEYS, min_size=1, max_size=3)
PAIRS = st.lists(st.tuples(KEYS, VALUES), min_size=1, max_size=3).map(
    lambda pairs: [word for pair in pairs for word in pair]
)

COMMANDS = st.one_of(
    *[_command(name, KEYS) for name in ("GET", "STRLEN", "TYPE", "INCR", "DECR", "PERSIST")],
    *[_command(name, KEYS) for name in ("getdel", "EXISTS", "GETEX", "gEt")],
    *[_command(name, KEYS, VALUES) for name in ("SET", "SETNX", "GETSET", "APPEND")],
    *[_command(name, KEYS, INTEGERS) for name in ("INCRBY", "DECRBY")],
    *[_command(name, MANY_KEYS) for name in ("DEL", "UNLINK", "EXISTS", "TOUCH", "MGET")],
    *[_command(name, PAIRS) for name in ("MSET", "MSETNX")],
    *[_command(name, KEYS, KEYS) for name in ("RENAME", "RENAMENX", "COPY")],
    *[_command(name, KEYS, MOMENTS_MS, CONDITIONS) for name in ("PEXPIREAT", "pexpireat")],
    *[_command(name, KEYS, SPANS) for name in ("EXPIRE", "PEXPIRE")],
    *[_command(name, KEYS, SPANS, VALUES) for name in ("SETEX", "PSETEX")],
    _command("SET", KEYS, VALUES, SET_FLAGS, EXPIRY),
    _command("SET", KEYS, VALUES, EXPIRY, SET_FLAGS),
    _command("GETEX", KEYS, EXPIRY),
    _command("EXPIREAT", KEYS, MOMENTS, CONDITIONS),
    _command("INCRBYFLOAT", KEYS, FLOATS),
    _command("GETRANGE", KEYS, INTEGERS, INTEGERS),
    _command("SUBSTR", KEYS, INTEGERS, INTEGERS),
    _command("SETRANGE", KEYS, OFFSETS, st.sampled_from(["", "x", "yyy", b"\x00"])),
    _command("COPY", KEYS, KEYS, st.just("DB"), DATABASES, st.sampled_from([(), ("REPLACE",)])),
    _command("MOVE", KEYS, DATABASES),
    _command("SELECT", DATABASES),
    _command("FLUSHDB", st.sampled_from([(), ("ASYNC",), ("x",)])),
    _command("ECHO", VALUES),
    _command("PING", st.lists(VALUES, max_size=2)),
    _command("NOSUCH", st.lists(VALUES, max_size=5)),
    _command("OBJECT", st.sampled_from(["FREQ", "nosuch"]), KEYS),
    _command("GET", st.lists(KEYS, max_size=3)),
)
# Outside MULTI only: their replies need a look of their own.
LOOSE = st.one_of(
    *[_command(name, KEYS) for name in ("TTL", "PTTL", "EXPIRETIME", "PEXPIRETIME")],
    _command("KEYS", PATTERNS),
    _command("SCAN", st.just("0"), st.just("COUNT"), st.just("1000"), st.just("MATCH"), PATTERNS),
    _command("RANDOMKEY"),
    _command("DBSIZE"),
)
STRAY = st.sampled_from(["MULTI", "EXEC", "DISCARD", "UNWATCH", "RESET", "WATCH"])


@st.composite
def _turn(draw: st.DrawFn) -> list[Words]:
    """What one client does before the other may: mostly one command, or a whole MULTI.

    The kind is drawn first, for all branches of ``one_of`` are equally likely.
    """
    match draw(st.sampled_from(["single"] * 6 + ["loose", "multi", "multi", "watch", "stray"])):
        case "multi":
            body = draw(st.lists(COMMANDS, min_size=1, max_size=5))
            end: Words = (draw(st.sampled_from(["EXEC", "EXEC", "DISCARD"])),)
            return [("MULTI",), *body, end]
        case "watch":
            key = draw(KEYS)
            put: Words = ("SET", key, draw(VALUES))
            return [put, ("WATCH", key)]
        case "stray":
            return [(draw(STRAY),)]
        case "loose":
            return [draw(LOOSE)]
        case _:
            return [draw(COMMANDS)]


STEPS = st.lists(st.tuples(st.integers(0, 1), _turn()), min_size=5, max_size=25).map(
    lambda turns: [(who, words) for who, several in turns for words in several]
)

TOLERANCE_MS = 60_000


def agree(words: Words, ours: bytes, theirs: bytes) -> bool:
    """Say whether two replies to a command mean the same."""
    if ours == theirs:
        return True
    name = str(words[0]).upper()
    mine, other = parsed(ours), parsed(theirs)
    if name in ("TTL", "PTTL", "EXPIRETIME", "PEXPIRETIME"):
        assert isinstance(mine, int), ours
        assert isinstance(other, int), theirs
        return min(mine, other) > 0 and abs(mine - other) < TOLERANCE_MS
    if name == "DBSIZE":  # redis-server counts what has expired until it is deleted
        return int(ours[1:]) <= int(theirs[1:])
    if name == "KEYS":
        return isinstance(mine, list) and isinstance(other, list) and sorted(mine) == sorted(other)
    if name == "SCAN":
        assert isinstance(mine, list), ours
        assert isinstance(other, list), theirs
        return b"0" not in (mine[0], other[0]) or sorted(mine[1]) == sorted(other[1])
    if name == "RANDOMKEY":
        return isinstance(mine, bytes) and isinstance(other, bytes)
    return False


def begin(rig: Rig, peers: list[Peer]) -> None:
    """Make both sides empty and new, and set our clock."""
    for client, peer in zip(rig.clients, peers, strict=True):
        client.answer("RESET")
        peer.answer("RESET")
    rig.clients[0].answer("FLUSHALL")
    peers[0].answer("FLUSHALL")
    rig.clock.ms = time.time_ns() // 1_000_000


def bounded(examples: int) -> settings:
    """Return the settings of a test whose every example begins anew."""
    unhealthy = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
    return settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=unhealthy,
    )


@bounded(EXAMPLES)
@given(steps=STEPS)
def test_random_sequences(shared_rig: Rig, peers: list[Peer], steps: list[Step]) -> None:
    begin(shared_rig, peers)
    for number, (who, words) in enumerate(steps):
        ours, theirs = shared_rig.clients[who].answer(*words), peers[who].answer(*words)
        assert agree(words, ours, theirs), (number, steps[: number + 1], ours, theirs)


LETTERS = st.text("ab-]^", max_size=4)


@bounded(100)
@given(
    names=st.sets(LETTERS, min_size=1, max_size=12),
    patterns=st.lists(st.text("aab**?[]^-\\", max_size=7), min_size=5, max_size=15),
)
def test_patterns(shared_rig: Rig, peers: list[Peer], names: set[str], patterns: list[str]) -> None:
    begin(shared_rig, peers)
    for name in sorted(names):
        shared_rig.clients[0].answer("SET", name, "")
        peers[0].answer("SET", name, "")
    for pattern in patterns:
        for words in (("KEYS", pattern), ("SCAN", "0", "COUNT", "1000", "MATCH", pattern)):
            ours, theirs = shared_rig.clients[0].answer(*words), peers[0].answer(*words)
            assert agree(words, ours, theirs), (words, names, ours, theirs)


DECIMALS = st.one_of(
    st.decimals(-(10**18), 10**18, places=6, allow_nan=False).map(str),
    st.floats(allow_nan=False, allow_infinity=False, width=32).map(repr),
    st.from_regex(r"[+-]?[0-9]{0,25}\.?[0-9]{0,25}(e[+-]?[0-9]{1,4})?", fullmatch=True),
    st.from_regex(r"-?0x[0-9a-f]{1,17}(\.[0-9a-f]{1,4})?(p-?[0-9]{1,3})?", fullmatch=True),
    st.sampled_from(["1e4932", "1e4933", "-1e-4950", "1e-4951", "1e-4960", ".", "1e", "0x", "+"]),
    st.sampled_from(["1.18973149535723176502e4932", "-.5", "5.", "INF", "nan(1)", "1_0", "1 "]),
)


@bounded(100)
@given(summands=st.lists(DECIMALS, min_size=1, max_size=8))
def test_sums(shared_rig: Rig, peers: list[Peer], summands: list[str]) -> None:
    begin(shared_rig, peers)
    for summand in summands:
        words = ("INCRBYFLOAT", "sum", summand)
        ours, theirs = shared_rig.clients[0].answer(*words), peers[0].answer(*words)
        assert ours == theirs, summands


class Beside:
    """The interpreter of tests/scripts/redis that asks a redis-server as well."""

    def __init__(self, rig: Rig, peers: list[Peer]) -> None:
        self._rig, self._peers = rig, peers
        self._places = {"": 0}

    def run(self, session_name: str, statement: str, tags: frozenset[str]) -> str:
        """Run the statement on both sides."""
        place = self._places.setdefault(session_name, len(self._places))
        words = split_inline(statement.encode())
        assert words
        ours, theirs = self._rig.clients[place].answer(*words), self._peers[place].answer(*words)
        assert agree((words[0].decode(), *words[1:]), ours, theirs), (statement, ours, theirs)
        if ours.startswith(b"-"):
            raise InvalidStatement(ours.decode())
        return ""

    def close(self) -> None:
        """Leave both sides to their owner."""


SCRIPTS = Path(__file__).parents[2] / "scripts" / "redis"
# The others tell what is ours alone: help, numbers of clients, a clock that can be moved.
SHARED = [
    path
    for topic in ("strings", "keys", "expiry", "transactions")
    for path in sorted((SCRIPTS / topic).iterdir())
    if path.name != "object" and "later-" not in path.read_text()
]


@pytest.mark.parametrize("path", [pytest.param(path, id=path.name) for path in SHARED])
def test_scripts(shared_rig: Rig, peers: list[Peer], path: Path) -> None:
    begin(shared_rig, peers)
    rewrite(path.read_text(), Beside(shared_rig, peers))
