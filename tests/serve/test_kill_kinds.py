"""kill -9 while clients write every kind of Redis's: acknowledged writes are there, MULTI is whole.

Each client takes its steps in order and waits for each answer. After the kill the data is what its
acknowledged steps made, or that and the step that was under way.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import redis

import fivefold
from tests.serve.test_kill import round_trip

ROUNDS = 3
ENOUGH = 40

Act = Callable[[Any, int], object]
"""Does step number n with a client, or asks a pipeline to."""


def count(client: Any, n: int) -> None:
    """A string."""
    client.incr("n")
    client.set(f"k{n}", n)


def push(client: Any, n: int) -> None:
    """A list that grows on one side and shrinks on the other."""
    client.rpush("l", n)
    if n % 2:
        client.lpop("l")


def collect(client: Any, n: int) -> None:
    """A set that loses every third again."""
    client.sadd("t", n)
    if n % 3 == 0:
        client.srem("t", n - 1)


def fill(client: Any, n: int) -> None:
    """A hash with a number in it."""
    client.hset("h", f"f{n}", n)
    client.hincrby("h", "sum", n)


def rank(client: Any, n: int) -> None:
    """A sorted set of at most three scores that rise."""
    client.zadd("z", {f"m{n}": n})
    client.zremrangebyrank("z", 0, -4)


def log(client: Any, n: int) -> None:
    """A stream and its reader."""
    client.xadd("x", {"n": n}, id=f"{n}-1")
    client.xdel("x", f"{max(n - 2, 0)}-1")


def everything(client: Any, n: int) -> None:
    """One step of each kind, to be done whole or not at all."""
    for act in (count, push, collect, fill, rank, log):
        act(Prefixed(client), n)


class Prefixed:
    """A pipeline whose keys begin with ``w:``."""

    def __init__(self, pipe: Any) -> None:
        self._pipe = pipe

    def __getattr__(self, name: str) -> Callable[..., object]:
        method = getattr(self._pipe, name)
        return lambda key, *rest, **options: method(f"w:{key}", *rest, **options)


ACTS: tuple[Act, ...] = (count, push, collect, fill, rank, log, everything)


def expected(steps: int) -> dict[str, object]:
    """What all acts but the last leave behind after so many steps."""
    numbers = list(range(1, steps + 1))
    texts = [b"%d" % n for n in numbers]
    dropped = {n - 1 for n in numbers if n % 3 == 0}
    hashed = {b"f%d" % n: b"%d" % n for n in numbers} | {b"sum": b"%d" % sum(numbers)}
    return {
        "count": [b"%d" % steps, *texts] if steps else [None],
        "push": texts[(steps + 1) // 2 :],
        "collect": {b"%d" % n for n in numbers if n not in dropped},
        "fill": hashed if steps else {},
        "rank": [(b"m%d" % n, float(n)) for n in numbers[-3:]],
        "log": [(b"%d-1" % n, {b"n": b"%d" % n}) for n in numbers[-2:]],
    }


def found(client: Any, prefix: str, steps: int) -> dict[str, object]:
    """What is there, after some checks that counts agree with what they count."""
    listed = client.lrange(f"{prefix}l", 0, -1)
    members, fields = client.smembers(f"{prefix}t"), client.hgetall(f"{prefix}h")
    ranked = [tuple(pair) for pair in client.zrange(f"{prefix}z", 0, -1, withscores=True)]
    entries = [tuple(entry) for entry in client.xrange(f"{prefix}x")]
    counts = [client.llen(f"{prefix}l"), client.scard(f"{prefix}t"), client.hlen(f"{prefix}h")]
    counts += [client.zcard(f"{prefix}z"), client.xlen(f"{prefix}x")]
    assert counts == [len(each) for each in (listed, members, fields, ranked, entries)]
    values = [client.get(f"{prefix}k{n}") for n in range(1, steps + 1)]
    return {
        "count": [client.get(f"{prefix}n"), *values],
        "push": listed,
        "collect": members,
        "fill": fields,
        "rank": ranked,
        "log": entries,
    }


class Writer:
    """A client that takes its steps; ``done`` counts those that were acknowledged."""

    def __init__(self, act: Act) -> None:
        self.act = act
        self.done = 0

    def write(self, offset: int, client: int, acknowledged: list[int], enough: Any) -> None:
        """Take steps until the server is gone; each is one MULTI."""
        with redis.Redis(port=6379 + offset, retry=None) as connection:
            try:
                while True:
                    pipe = connection.pipeline(transaction=True)
                    self.act(pipe, self.done + 1)
                    pipe.execute()
                    self.done += 1
                    acknowledged.append(self.done)
                    if len(acknowledged) > ENOUGH:
                        enough.set()
            except redis.ConnectionError:
                pass


@pytest.mark.parametrize("durability", ["full", "normal"])
def test_every_kind_survives(tmp_path: Path, durability: str) -> None:
    path = tmp_path / "shop.db"
    writers = [Writer(act) for act in ACTS]
    for turn in range(ROUNDS):
        kept: list[list[int]] = [[] for _ in writers]
        round_trip(path, durability, turn, [writer.write for writer in writers], kept)
        with (
            fivefold.serving(path, only=["redis"]) as server,
            redis.Redis(port=server.ports["redis"]) as client,
        ):
            for writer in writers:
                check(client, writer)


def check(client: Any, writer: Writer) -> None:
    """Compare what is there with the acknowledged steps, and take over one that was under way."""
    parts = list(expected(0)) if writer.act is everything else [writer.act.__name__]
    prefix = "w:" if writer.act is everything else ""
    possible = []
    for steps in (writer.done, writer.done + 1):
        here, wanted = found(client, prefix, steps), expected(steps)
        possible.append({part: (here[part], wanted[part]) for part in parts})
    agrees = [all(here == wanted for here, wanted in pairs.values()) for pairs in possible]
    assert any(agrees), possible[0]
    writer.done += agrees.index(True)
