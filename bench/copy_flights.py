"""COPY of the flights through psycopg, into a table with its keys and its two parents."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import psycopg

from bench import flights
from bench.harness import Benchmark, Measure, Sample, Scale, Sides, Target
from bench.sides import attempt, checksum, our_server
from tests import servers

# Whole-table figures over a key, a text and a number with NULLs: a lost or bent row shows.
_CHECKS = (
    "SELECT count(*), count(tailnum), sum(distance), sum(arr_delay) FROM flights",
    "SELECT min(time_hour), max(time_hour), count(DISTINCT dest) FROM flights",
    "SELECT carrier, count(*) FROM flights GROUP BY carrier ORDER BY carrier",
)


def _measure(url: str, lines_max: int | None) -> Measure:
    """Seconds until the flights are committed; the other four tables are there before."""
    with psycopg.connect(url) as connection:
        connection.execute("SET TIME ZONE 'UTC'")
        for name in flights.TABLES:
            flights.create(connection, name)
            if name != "flights":
                flights.copy(connection, name)

    def sample() -> Sample:
        with psycopg.connect(url) as connection:
            connection.execute("SET TIME ZONE 'UTC'")
            connection.execute("DROP TABLE flights")
            flights.create(connection, "flights")
            connection.commit()
            began = time.perf_counter()
            count = flights.copy(connection, "flights", lines_max)
            connection.commit()
            seconds = time.perf_counter() - began
            rows = [row for query in _CHECKS for row in connection.execute(query.encode())]
        return Sample(seconds, checksum([count, *rows]))

    return sample


@contextmanager
def _sides(scale: Scale) -> Iterator[Sides]:
    lines_max = scale.size(flights.FLIGHTS) if scale.is_quick else None
    with ExitStack() as stack:
        yield Sides(
            attempt(lambda: _measure(stack.enter_context(our_server("full")).postgres, lines_max)),
            attempt(
                lambda: _measure(stack.enter_context(servers.postgres_server({})).url, lines_max)
            ),
        )


BENCHMARKS = (Benchmark("copy.flights", "s", Target("at most", 2), _sides, rounds=3),)
