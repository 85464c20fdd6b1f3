"""cassandra-driver with 64 requests in flight, beside the same protocol answering from memory.

Rows are written and read by their full key, by prepared statements. The driver is written in
Python (with parts compiled) and takes more time than either server.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

from bench.cassandra_memory import memory_server
from bench.harness import Benchmark, Measure, Missing, Sample, Scale, Sides, Target
from bench.sides import attempt, checksum, our_server

IN_FLIGHT = 64
REQUESTS = 20_000

Statements = tuple[str, str]

OURS: Statements = ("INSERT INTO bench.t (k, v) VALUES (?, ?)", "SELECT v FROM bench.t WHERE k = ?")
MEMORY: Statements = ("PUT ? ?", "GET ?")


def _connect(stack: ExitStack, port: int) -> Any:
    try:
        from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile
        from cassandra.policies import RoundRobinPolicy
    except ImportError:
        raise Missing("cassandra-driver is not installed") from None
    profile = ExecutionProfile(RoundRobinPolicy())
    cluster = Cluster(["127.0.0.1"], port=port, execution_profiles={EXEC_PROFILE_DEFAULT: profile})
    stack.callback(cluster.shutdown)
    return cluster.connect()


def _all(session: Any, statement: Any, parameters: list[tuple[Any, ...]]) -> list[Any]:
    from cassandra.concurrent import execute_concurrent_with_args

    found = execute_concurrent_with_args(session, statement, parameters, concurrency=IN_FLIGHT)
    return [result.result_or_exc for result in found]


def _measure(stack: ExitStack, port: int, texts: Statements, reads: bool, count: int) -> Measure:
    session = _connect(stack, port)
    if texts is OURS:
        session.execute(
            "CREATE KEYSPACE IF NOT EXISTS bench WITH replication ="
            " {'class': 'SimpleStrategy', 'replication_factor': 1}"
        )
        session.execute("CREATE TABLE IF NOT EXISTS bench.t (k bigint PRIMARY KEY, v text)")
    put, get = (session.prepare(text) for text in texts)
    pairs = [(number, f"value {number}") for number in range(count)]
    keys = [(number,) for number in range(count)]
    _all(session, put, pairs)

    def sample() -> Sample:
        began = time.perf_counter()
        if reads:
            found = [result.one().v for result in _all(session, get, keys)]
        else:
            found = [len(_all(session, put, pairs))]
        return Sample(count / (time.perf_counter() - began), checksum(found))

    return sample


@contextmanager
def _sides(reads: bool, scale: Scale) -> Iterator[Sides]:
    count = scale.size(REQUESTS)
    with ExitStack() as stack:

        def ours() -> Measure:
            server = stack.enter_context(our_server("full", only=["cassandra"]))
            return _measure(stack, server.ports["cassandra"], OURS, reads, count)

        def peer() -> Measure:
            port = stack.enter_context(memory_server())
            return _measure(stack, port, MEMORY, reads, count)

        yield Sides(attempt(ours), attempt(peer))


def _benchmark(name: str, reads: bool) -> Benchmark:
    sides: Callable[[Scale], Any] = partial(_sides, reads)
    return Benchmark(name, "op/s", Target("at least", 0.5), sides, rounds=3)


BENCHMARKS: tuple[Benchmark, ...] = (
    _benchmark("cassandra-driver reads, 64", reads=True),
    _benchmark("cassandra-driver writes, 64", reads=False),
)
