"""``fivefold serve`` over a database in PostgreSQL beside that PostgreSQL itself, over psycopg.

One client, one statement after another, each a transaction of its own and prepared: what fivefold
adds on the way. Commits sync nothing, for both sides would wait for the same disk.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple

import psycopg

from bench.harness import Benchmark, Measure, Sample, Scale, Sides, Target
from bench.sides import attempt, checksum, our_server
from tests import servers

ROWS = 10_000
STEP = 7_919  # a prime: it walks over all rows

_TABLE = "CREATE TABLE item (id integer PRIMARY KEY, name text NOT NULL, price integer)"
_FILL = f"INSERT INTO item SELECT n, 'item ' || n, 0 FROM generate_series(0, {ROWS - 1}) n"


class Kind(NamedTuple):
    """One statement, run for key after key, and the ratio to stay within."""

    name: str
    text: str
    most: float


KINDS = (
    Kind("select", "SELECT name, price FROM item WHERE id = %s", 4),
    Kind("update", "UPDATE item SET price = price + 1 WHERE id = %s RETURNING price > 0", 4),
)


def _measure(connection: psycopg.Connection[Any], kind: Kind, operations: int) -> Measure:
    """Microseconds for one statement, the median of ``operations``."""
    connection.execute(_TABLE)
    connection.execute(_FILL)

    def timed(key: int) -> tuple[float, object]:
        began = time.perf_counter()
        rows = connection.execute(kind.text.encode(), [key], prepare=True).fetchall()
        return time.perf_counter() - began, rows

    def sample() -> Sample:
        found = [timed(number * STEP % ROWS) for number in range(operations)]
        micros = statistics.median(seconds for seconds, _ in found) * 1e6
        return Sample(micros, checksum(rows for _, rows in found))

    return sample


def _benchmark(kind: Kind) -> Benchmark:
    @contextmanager
    def sides(scale: Scale) -> Iterator[Sides]:
        operations = 200 if scale.is_quick else 2_000
        with ExitStack() as stack:

            def started() -> str:
                peer = stack.enter_context(servers.postgres_server())
                return stack.enter_context(servers.fresh_database(peer.url))

            def opened(url: Callable[[], str]) -> Measure:
                connection = stack.enter_context(psycopg.connect(url(), autocommit=True))
                return _measure(connection, kind, operations)

            def ours() -> str:
                return stack.enter_context(our_server("off", started())).postgres

            yield Sides(attempt(lambda: opened(ours)), attempt(lambda: opened(started)))

    return Benchmark(f"over_postgres.{kind.name}", "us", Target("at most", kind.most), sides)


BENCHMARKS = tuple(map(_benchmark, KINDS))
