"""redis-benchmark against both: 50 clients, values of 100 bytes.

As it comes, redis-benchmark uses one key, and of a hash, a set or a sorted set one element. Some
lines more show 10,000 keys or elements chosen at random, where every write of a group changes a
page of its own.
"""

from __future__ import annotations

import csv
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, cast

import redis

from bench.harness import Benchmark, Measure, Sample, Scale, Sides, Target
from bench.sides import attempt, checksum, our_server
from tests import servers

CLIENTS = 50
KEYS = 10_000
VALUE_BYTES = 100
VALUE = b"v" * VALUE_BYTES
AT_ONCE = 1000
"""Elements that one command of a preparation adds."""

Prepare = Callable[[redis.Redis, int], None]
"""Make what a test finds; the number is that of its requests."""
State = Callable[[redis.Redis], list[object]]
"""What is there after a test, for the checksum: the same on both sides if both did the same."""


def _lots(count: int) -> Iterator[range]:
    for at in range(0, count, AT_ONCE):
        yield range(at, min(at + AT_ONCE, count))


def _nothing(client: redis.Redis, requests: int) -> None:
    pass


def _keys(client: redis.Redis, requests: int) -> None:
    """The one key, and those that are chosen at random, as redis-benchmark writes them."""
    client.set(b"key:__rand_int__", VALUE)
    for lot in _lots(KEYS):
        client.mset({b"key:%012d" % i: VALUE for i in lot})


def _list(client: redis.Redis, requests: int) -> None:
    for lot in _lots(requests):
        client.rpush("mylist", *(VALUE for _ in lot))


def _set(client: redis.Redis, requests: int) -> None:
    for lot in _lots(requests):
        client.sadd("myset", *lot)


def _sorted_set(client: redis.Redis, requests: int) -> None:
    for lot in _lots(requests):
        client.zadd("myzset", {b"%d" % i: i for i in lot})


def _values(client: redis.Redis) -> list[object]:
    # Its own values differ from ours, and which keys it chose is chance: so what counts is that
    # every key has a value of the right length, and of which kinds.
    names = [b"key:__rand_int__", *(b"key:%012d" % i for i in range(KEYS))]
    values = cast(list[bytes], client.mget(names))
    kinds = sorted({value for value in values if value != VALUE})
    return [len(values), {*map(len, values)}, *kinds]


def _sizes(client: Any) -> list[object]:
    return [client.scard("myset"), client.zcard("myzset"), client.hlen("myhash")]


def _growing(client: Any) -> list[int]:
    """What every round adds to, so that only the difference is the same in each."""
    return [client.llen("mylist"), int(client.get("counter:__rand_int__") or 0)]


@dataclass(frozen=True, slots=True)
class Test:
    """One of redis-benchmark's own tests, as its ``-t`` names them."""

    prepare: Prepare = _nothing
    state: State = _sizes
    reads: bool = False


TESTS = {
    "set": Test(_keys, _values),
    "get": Test(_keys, _values, reads=True),
    "incr": Test(),
    "lpush": Test(),
    "rpush": Test(),
    "lpop": Test(_list),
    "rpop": Test(_list),
    "sadd": Test(),
    "hset": Test(),
    "spop": Test(_set),
    "zadd": Test(),
    "zpopmin": Test(_sorted_set),
    "lrange_100": Test(reads=True),
    "mset": Test(_keys, _values),
}


def _measure(port: int, test: str, requests: int, pipeline: int, random: bool) -> Measure:
    """Requests per second, with what the test finds made before."""
    program = servers.find_program("redis-benchmark")
    command = [str(program), "-h", servers.HOST, "-p", str(port), "-t", test, "--csv"]
    command += ["-c", str(CLIENTS), "-n", str(requests), "-P", str(pipeline)]
    command += ["-d", str(VALUE_BYTES), *(["-r", str(KEYS)] if random else [])]

    def sample() -> Sample:
        with redis.Redis(host=servers.HOST, port=port) as client:
            TESTS[test].prepare(client, requests)
            before = _growing(client)
            done = subprocess.run(command, capture_output=True, text=True)
            rows = list(csv.reader(done.stdout.splitlines()))
            if done.returncode or len(rows) < 2:
                raise RuntimeError(f"redis-benchmark: {(done.stderr or done.stdout)[-200:]}")
            is_chance = random and TESTS[test].state is _sizes
            state = [] if is_chance else TESTS[test].state(client)
            state += [now - then for now, then in zip(_growing(client), before, strict=True)]
        # LRANGE is preceded by a row of the LPUSHes that it needs.
        return Sample(float(rows[-1][1]), checksum(state))

    return sample


def _benchmark(
    name: str,
    test: str,
    durability: str,
    options: tuple[str, ...],
    requests: int,
    least: float | None,
    pipeline: int = 1,
    random: bool = False,
) -> Benchmark:
    @contextmanager
    def sides(scale: Scale) -> Iterator[Sides]:
        with ExitStack() as stack:

            def ours() -> Measure:
                port = stack.enter_context(our_server(durability)).ports["redis"]
                return _measure(port, test, scale.size(requests), pipeline, random)

            def peer() -> Measure:
                port = stack.enter_context(servers.redis_server(*options)).port
                return _measure(port, test, scale.size(requests), pipeline, random)

            yield Sides(attempt(ours), attempt(peer))

    target = None if least is None else Target("at least", least)
    return Benchmark(name, "op/s", target, sides, rounds=3)


ALWAYS = ("--appendonly", "yes", "--appendfsync", "always")
PIPELINED = ("get", "set", "incr", "lpush", "sadd", "hset", "zadd")
AT_RANDOM = ("get", "set", "sadd", "hset", "zadd")
LEAST = 0.7
LEAST_FULL = 1.0
LEAST_PIPELINED = 0.2


def _benchmarks() -> Iterator[Benchmark]:
    for test, what in TESTS.items():
        name = f"redis.{test}"
        if what.reads:
            yield _benchmark(name, test, "full", (), 60_000, LEAST)
        else:
            yield _benchmark(f"{name}.normal", test, "normal", (), 60_000, LEAST)
            yield _benchmark(f"{name}.full", test, "full", ALWAYS, 30_000, LEAST_FULL)
    for test in PIPELINED:
        name = f"redis.{test}.pipeline16"
        yield _benchmark(name, test, "normal", (), 200_000, LEAST_PIPELINED, pipeline=16)
    for test in AT_RANDOM:
        yield _benchmark(f"redis.{test}.random", test, "normal", (), 60_000, None, random=True)


BENCHMARKS = tuple(_benchmarks())
