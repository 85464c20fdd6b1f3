"""Clients over TLS beside clients in the clear: the same server, the same work, on loopback.

There is no mark to meet: it says what the cipher costs where the network costs nothing.
``connect`` is the handshake above all.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import psycopg
import redis

import fivefold
from bench.harness import Benchmark, Measure, Sample, Scale, Sides
from bench.sides import attempt, checksum, folder

PIPELINE = 100
ROWS = 20_000


def _pipeline(stack: ExitStack, serving: fivefold.serving) -> Callable[[int], object]:
    client = redis.Redis.from_url(serving.urls["redis"], **_unchecked(serving, "ssl_cert_reqs"))
    stack.callback(client.close)

    def work(i: int) -> object:
        pipe = client.pipeline(transaction=False)
        for number in range(PIPELINE):
            pipe.set(f"k{number}", b"%0100d" % i)
        return pipe.execute()

    return work


def _rows(stack: ExitStack, serving: fivefold.serving) -> Callable[[int], object]:
    db: Any = stack.enter_context(psycopg.connect(serving.urls["postgres"], autocommit=True))
    text = f"SELECT i, repeat('x', 100) FROM generate_series(1, {ROWS}) i WHERE i > %s"

    def work(i: int) -> object:
        return len(db.execute(text, [i % 7]).fetchall())

    return work


def _point(stack: ExitStack, serving: fivefold.serving) -> Callable[[int], object]:
    db: Any = stack.enter_context(psycopg.connect(serving.urls["postgres"], autocommit=True))
    db.execute("CREATE TABLE IF NOT EXISTS item (id int PRIMARY KEY, name text)")
    db.execute("INSERT INTO item SELECT i, 'n' || i FROM generate_series(0, 999) i")
    return lambda i: db.execute("SELECT name FROM item WHERE id = %s", [i % 1000]).fetchone()


def _connect(_stack: ExitStack, serving: fivefold.serving) -> Callable[[int], object]:
    url = serving.urls["postgres"]

    def work(_: int) -> object:
        with psycopg.connect(url) as db:
            return db.execute("SELECT 1").fetchone()

    return work


def _unchecked(serving: fivefold.serving, name: str) -> dict[str, Any]:
    return {name: "none"} if serving.urls["redis"].startswith("rediss") else {}


Make = Callable[[ExitStack, fivefold.serving], Callable[[int], object]]


def _side(stack: ExitStack, path: str, make: Make, operations: int, tls: bool) -> Measure:
    serving = stack.enter_context(
        fivefold.serving(path, only=["redis", "postgres"], durability="off", tls=tls)
    )
    work = make(stack, serving)

    def sample() -> Sample:
        began = time.perf_counter()
        results = [work(i) for i in range(operations)]
        return Sample((time.perf_counter() - began) / operations * 1e6, checksum(results))

    return sample


def _benchmark(name: str, make: Make, operations: int) -> Benchmark:
    @contextmanager
    def sides(scale: Scale) -> Iterator[Sides]:
        count = scale.size(operations)
        with folder() as at, ExitStack() as stack:
            yield Sides(
                attempt(lambda: _side(stack, str(at / "tls.db"), make, count, tls=True)),
                attempt(lambda: _side(stack, str(at / "clear.db"), make, count, tls=False)),
            )

    return Benchmark(f"tls.{name}", "us/op", None, sides, rounds=5)


BENCHMARKS = (
    _benchmark("set_pipeline_100", _pipeline, 200),
    _benchmark("select_20000_rows", _rows, 20),
    _benchmark("select_by_key", _point, 2_000),
    _benchmark("connect", _connect, 100),
)
