"""redis-benchmark against both: 50 clients, values of 100 bytes.

As it comes, redis-benchmark uses one key. Two lines more show 10,000 keys chosen at random, where
every SET of a group changes a page of its own.
"""

from __future__ import annotations

import csv
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import cast

import redis

from bench.harness import Benchmark, Measure, Sample, Scale, Sides, Target
from bench.sides import attempt, checksum, our_server
from tests import servers

CLIENTS = 50
KEYS = 10_000
VALUE_BYTES = 100
VALUE = b"v" * VALUE_BYTES
# As redis-benchmark writes them; in lots that MSET and MGET take at once.
ONE_NAME = [[b"key:__rand_int__"]]
MANY_NAMES = [[b"key:%012d" % i for i in range(at, at + 1000)] for at in range(0, KEYS, 1000)]


def _values(client: redis.Redis, names: list[bytes]) -> list[bytes]:
    return [value or b"" for value in cast(list[bytes | None], client.mget(names))]


def _measure(port: int, test: str, requests: int, pipeline: int, random: bool) -> Measure:
    """Requests per second; every key is there before, so that a GET finds one."""
    program = servers.find_program("redis-benchmark")
    command = [str(program), "-h", servers.HOST, "-p", str(port), "-t", test, "--csv"]
    command += ["-c", str(CLIENTS), "-n", str(requests), "-P", str(pipeline)]
    command += ["-d", str(VALUE_BYTES), *(["-r", str(KEYS)] if random else [])]
    lots = MANY_NAMES if random else ONE_NAME

    def sample() -> Sample:
        with redis.Redis(host=servers.HOST, port=port) as client:
            for names in lots:
                client.mset(dict.fromkeys(names, VALUE))
            done = subprocess.run(command, capture_output=True, text=True)
            rates = [row[1] for row in csv.reader(done.stdout.splitlines()) if row[0] != "test"]
            if done.returncode or not rates:
                raise RuntimeError(f"redis-benchmark: {(done.stderr or done.stdout)[-200:]}")
            values = [value for names in lots for value in _values(client, names)]
        # Its own values differ from ours, and which keys it chose is chance: so what counts is
        # that every key has a value of the right length, and of which kinds.
        kinds = sorted({value for value in values if value != VALUE})
        return Sample(float(rates[0]), checksum([len(values), {*map(len, values)}, *kinds]))

    return sample


def _benchmark(
    name: str,
    durability: str,
    options: tuple[str, ...],
    requests: int,
    least: float | None,
    pipeline: int = 1,
    random: bool = False,
) -> Benchmark:
    test = name.split(".")[1]

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
    return Benchmark(name, "op/s", target, sides)


ALWAYS = ("--appendonly", "yes", "--appendfsync", "always")

BENCHMARKS = (
    _benchmark("redis.get", "full", (), 100_000, 0.8),
    _benchmark("redis.set.full", "full", ALWAYS, 30_000, 0.8),
    _benchmark("redis.set.normal", "normal", (), 100_000, 0.8),
    _benchmark("redis.get.pipeline16", "full", (), 400_000, 0.2, pipeline=16),
    _benchmark("redis.get.random", "full", (), 100_000, None, random=True),
    _benchmark("redis.set.random", "normal", (), 100_000, None, random=True),
)
