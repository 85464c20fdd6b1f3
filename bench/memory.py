"""The server's memory: its peak while the flights are loaded, its growth with statements."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg

from bench import flights
from bench.harness import Benchmark, Measure, Missing, Sample, Scale, Sides, Target
from bench.sides import OurServer, attempt, checksum, our_server

STATEMENTS = 200_000
# Before growth is measured the caches may fill: they are bounded, and not what is looked for.
WARM_STATEMENTS = 20_000
GROWTH_MB_MAX = 8


def memory_mb(pid: int, what: str) -> float:
    """``VmRSS`` (now) or ``VmHWM`` (peak) of a process, in MB of 10**6 bytes (proc(5))."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        raise Missing("memory is read from /proc, which is not here") from None
    found = re.search(rf"^{what}:\s+(\d+) kB$", status, re.MULTILINE)
    assert found is not None, what
    return int(found[1]) * 1024 / 1e6


def _load(server: OurServer, scale: Scale) -> Measure:
    def sample() -> Sample:
        lines_max = scale.size(flights.FLIGHTS) if scale.is_quick else None
        with psycopg.connect(server.postgres) as connection:
            counts = []
            for name in flights.TABLES:
                flights.create(connection, name)
                counts.append(flights.copy(connection, name, lines_max))
        return Sample(memory_mb(server.pid, "VmHWM"), checksum(counts))

    return sample


def _statements(server: OurServer, scale: Scale) -> Measure:
    """Half the statements differ in a literal only, half in a name, which no cache can lift."""

    def run(connection: psycopg.Connection[tuple[int]], first: int, count: int) -> int:
        total = 0
        for i in range(first, first + count):
            text = f"SELECT n + {i} FROM t" if i % 2 else f"SELECT n AS name_{i} FROM t"
            row = connection.execute(text.encode(), prepare=False).fetchone()
            total += row[0] if row else 0
        return total

    def sample() -> Sample:
        warm, count = scale.size(WARM_STATEMENTS), scale.size(STATEMENTS)
        with psycopg.connect(server.postgres, autocommit=True) as connection:
            connection.execute("CREATE TABLE t (n integer)")
            connection.execute("INSERT INTO t VALUES (1)")
            run(connection, 0, warm)
            before_mb = memory_mb(server.pid, "VmRSS")
            total = run(connection, warm, count)
            grown_mb = memory_mb(server.pid, "VmRSS") - before_mb
        return Sample(grown_mb, checksum([total]))

    return sample


def _benchmark(
    name: str, most_mb: float, measure: Callable[[OurServer, Scale], Measure]
) -> Benchmark:
    @contextmanager
    def sides(scale: Scale) -> Iterator[Sides]:
        with ExitStack() as stack:
            yield Sides(
                attempt(lambda: measure(stack.enter_context(our_server("full")), scale)), None
            )

    return Benchmark(name, "MB", Target("at most", most_mb, of="figure"), sides, rounds=1)


BENCHMARKS = (
    _benchmark("memory.flights", 200, _load),
    _benchmark("memory.statements", GROWTH_MB_MAX, _statements),
)
