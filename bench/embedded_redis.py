"""``db.redis`` beside the same layout in hand-written SQL, and beside redis-py on loopback.

By hand: the tables of fivefold's own file, one transaction for each write, apsw, in WAL.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import apsw
import redis

from bench.embedded import ROWS, STEP, VALUE, Work, from_start, open_apsw, timed, upwards
from bench.harness import Benchmark, Measure, Scale, Sides, Target
from bench.sides import attempt, folder, open_ours
from tests import servers

ELEMENTS = 100  # in each hash and each sorted set

SCHEMA = """
CREATE TABLE keys (key BLOB PRIMARY KEY, kind TEXT NOT NULL, value BLOB, expire_ms INT,
  version INT NOT NULL, id INT NOT NULL, count INT NOT NULL) WITHOUT ROWID;
CREATE TABLE hash_fields (id INT, field BLOB, value BLOB NOT NULL, PRIMARY KEY (id, field))
  WITHOUT ROWID;
CREATE TABLE sorted_set_members (id INT, member BLOB, score REAL NOT NULL,
  PRIMARY KEY (id, member)) WITHOUT ROWID;
CREATE INDEX by_score ON sorted_set_members (id, score, member);
"""
_PUT = (
    "INSERT INTO keys VALUES (?, 'string', ?, NULL, ?, ?, 0) ON CONFLICT (key) DO UPDATE SET"
    " value = excluded.value, expire_ms = NULL, version = excluded.version"
)
_GET = "SELECT value, expire_ms FROM keys WHERE key = ?"
_FIND = "SELECT id, count FROM keys WHERE key = ? AND kind = ?"
_MAKE = "INSERT INTO keys VALUES (?, ?, NULL, NULL, ?, ?, 0)"
_COUNT = "UPDATE keys SET version = ?, count = ? WHERE key = ?"
_OLD_FIELD = "SELECT 1 FROM hash_fields WHERE id = ? AND field = ?"
_OLD_SCORE = "SELECT score FROM sorted_set_members WHERE id = ? AND member = ?"
_FIELD = (
    "INSERT INTO hash_fields VALUES (?, ?, ?)"
    " ON CONFLICT (id, field) DO UPDATE SET value = excluded.value"
)
_SCORE = (
    "INSERT INTO sorted_set_members VALUES (?, ?, ?)"
    " ON CONFLICT (id, member) DO UPDATE SET score = excluded.score"
)


class ByHand:
    """Four commands of Redis's as somebody would write them for themselves."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._execute = connection.execute
        self._stamp = itertools.count(1).__next__
        connection.execute(SCHEMA)

    def get(self, key: bytes) -> object:
        for value, _ in self._execute(_GET, (key,)):
            return value
        return None

    def set(self, key: bytes, value: bytes) -> bool:
        stamp = self._stamp()
        self._execute(_PUT, (key, value, stamp, stamp))
        return True

    def hset(self, key: bytes, field: bytes, value: bytes) -> int:
        return self._add(key, "hash", _OLD_FIELD, _FIELD, field, value)

    def zadd(self, key: bytes, scores: dict[bytes, float]) -> int:
        ((member, score),) = scores.items()
        return self._add(key, "zset", _OLD_SCORE, _SCORE, member, score)

    def _add(self, key: bytes, kind: str, old: str, put: str, name: bytes, value: object) -> int:
        execute, stamp = self._execute, self._stamp()
        execute("BEGIN IMMEDIATE")
        head = execute(_FIND, (key, kind)).fetchone()
        if head is None:
            execute(_MAKE, (key, kind, stamp, stamp))
            head = stamp, 0
        number, count = head
        is_new = execute(old, (number, name)).fetchone() is None
        execute(put, (number, name, value))
        execute(_COUNT, (stamp, count + is_new, key))
        execute("COMMIT")
        return int(is_new)


Door = Any
"""``db.redis``, ByHand or redis-py's client: the same names and results."""


def _get(door: Door) -> Work:
    get = door.get
    return lambda i: get(b"key:%d" % (i * STEP % ROWS))


def _set(door: Door) -> Work:
    put = door.set
    return lambda i: put(b"key:%d" % (i * STEP % ROWS), VALUE % i)


def _hset(door: Door) -> Work:
    hset = door.hset

    def work(i: int) -> object:
        at = i * STEP % ROWS
        return hset(b"hash:%d" % (at // ELEMENTS), b"field:%d" % (at % ELEMENTS), VALUE % i)

    return work


def _zadd(door: Door) -> Work:
    zadd = door.zadd

    def work(i: int) -> object:
        at = i * STEP % ROWS
        return zadd(b"zset:%d" % (at // ELEMENTS), {b"member:%d" % (at % ELEMENTS): i % 1000})

    return work


OPERATIONS: dict[str, tuple[Callable[[Door], Work], bool]] = {
    "get": (_get, True),
    "set": (_set, False),
    "hset": (_hset, False),
    "zadd": (_zadd, False),
}


def _measure(door: Door, name: str, operations: int) -> Measure:
    """Microseconds for one, each key and element being there before."""
    make, is_read = OPERATIONS[name]
    for operation in ("set",) if is_read else (name,):
        fill = OPERATIONS[operation][0](door)
        for i in range(ROWS):
            fill(i)
    return timed(make(door), operations, from_start if is_read else upwards(operations))


def _ours(at: Path, stack: ExitStack) -> Door:
    return stack.enter_context(open_ours(at / "ours.db", "normal")).redis


def _by_hand(at: Path, stack: ExitStack) -> Door:
    return ByHand(stack.enter_context(closing(open_apsw(at / "peer.db"))))


def _loopback(at: Path, stack: ExitStack) -> Door:
    port = stack.enter_context(servers.redis_server()).port
    return stack.enter_context(redis.Redis(host=servers.HOST, port=port))


def _benchmark(
    name: str, most: float, operation: str, peer: Callable[[Path, ExitStack], Door], count: int
) -> Benchmark:
    @contextmanager
    def sides(scale: Scale) -> Iterator[Sides]:
        size = scale.size(count)
        with folder() as at, ExitStack() as stack:
            yield Sides(
                attempt(lambda: _measure(_ours(at, stack), operation, size)),
                attempt(lambda: _measure(peer(at, stack), operation, size)),
            )

    return Benchmark(name, "us/op", Target("at most", most), sides, rounds=7)


_BY_HAND_MOST = 2
_LOOPBACK_MOST = 1 / 8

BENCHMARKS = (
    *(
        _benchmark(f"embedded.redis.{each}", _BY_HAND_MOST, each, _by_hand, 10_000)
        for each in OPERATIONS
    ),
    *(
        _benchmark(f"embedded.loopback.{each}", _LOOPBACK_MOST, each, _loopback, 5_000)
        for each in OPERATIONS
    ),
)
