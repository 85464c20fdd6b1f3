"""An encrypted file beside one that is not: both ours, the same work.

Most reads find their page in memory, where it lies decrypted; ``scan`` reads more pages than are
kept there, and ``commit`` writes some at each commit, so these show what the cipher costs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import fivefold
from bench.harness import Benchmark, Measure, Sample, Scale, Sides, Target
from bench.sides import attempt, checksum, folder

ROWS = 100_000  # of 100 bytes and more: 14 MB, several times what a connection keeps of a file
STEP = 7_919
MOST = 1.4

Work = Callable[[fivefold.Database, int], object]


def _read(database: fivefold.Database, i: int) -> object:
    return database.sql("SELECT name FROM item WHERE id = %s", [i * STEP % ROWS]).fetchone()


def _scan(database: fivefold.Database, i: int) -> object:
    found = database.sql("SELECT count(*), sum(length(name)) FROM item WHERE price >= %s", [i])
    return found.fetchone()


def _commit(database: fivefold.Database, i: int) -> object:
    database.sql("UPDATE item SET price = price + 1 WHERE id = %s", [i * STEP % ROWS])
    return i


def _mixed(database: fivefold.Database, i: int) -> object:
    """A transaction over three models: what a program does all day."""
    with database.transaction() as tx:
        tx.sql("UPDATE item SET price = price + 1 WHERE id = %s", [i * STEP % ROWS])
        tx.redis.set(b"cart:%d" % (i % 1000), b"%0100d" % i)
        tx.collection("shop", "orders").insert_one({"sku": i, "what": "x" * 100})
    return i


def _side(path: Path, stack: ExitStack, work: Work, operations: int, key: str | None) -> Measure:
    database: Any = stack.enter_context(fivefold.open(path, durability="normal", key=key))
    database.sql("CREATE TABLE item (id integer PRIMARY KEY, name text NOT NULL, price integer)")
    with database.transaction() as tx:
        tx.sql(
            "INSERT INTO item SELECT i, repeat(md5(i::text), 3), i FROM generate_series(0, %s) i",
            [ROWS - 1],
        )
    database.collection("shop", "orders").insert_one({"sku": -1})

    def sample() -> Sample:
        began = time.perf_counter()
        results = [work(database, i) for i in range(operations)]
        return Sample((time.perf_counter() - began) / operations * 1e6, checksum(results))

    return sample


def _benchmark(name: str, work: Work, operations: int) -> Benchmark:
    @contextmanager
    def sides(scale: Scale) -> Iterator[Sides]:
        count = scale.size(operations)
        with folder() as at, ExitStack() as stack:
            yield Sides(
                attempt(lambda: _side(at / "locked.db", stack, work, count, "a key")),
                attempt(lambda: _side(at / "plain.db", stack, work, count, None)),
            )

    return Benchmark(f"encryption.{name}", "us/op", Target("at most", MOST), sides, rounds=7)


BENCHMARKS = (
    _benchmark("read", _read, 10_000),
    _benchmark("scan", _scan, 20),
    _benchmark("commit", _commit, 3_000),
    _benchmark("three_models", _mixed, 1_000),
)
