"""The demo's five questions over the flights, beside SQL written by hand for SQLite.

Both read the same file in this process: ours by ``db.sql``, the peer by apsw on a connection of
its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import apsw
import psycopg

import fivefold
from bench import flights
from bench.harness import Benchmark, Measure, Sample, Scale, Sides, Target
from bench.sides import attempt, checksum
from fivefold.cli.demo.flights.questions import QUESTIONS

# What a user of SQLite would write otherwise.
_BY_HAND = (("f.air_time::float8", "CAST(f.air_time AS REAL)"),)


@cache
def _folder() -> TemporaryDirectory[str]:
    return TemporaryDirectory(prefix="fivefold-bench-")


@cache
def _file(lines_max: int | None) -> Path:
    """Return a file with the flights, or their first lines; made once for all questions."""
    path = Path(_folder().name) / f"flights-{lines_max}.db"
    with (
        fivefold.serving(path, only=["postgres"]) as server,
        psycopg.connect(server.urls["postgres"]) as connection,
    ):
        connection.execute("SET TIME ZONE 'UTC'")
        for name in flights.TABLES:
            flights.create(connection, name)
            flights.copy(connection, name, lines_max if name == "flights" else None)
        connection.commit()
        connection.autocommit = True
        connection.execute("ANALYZE")
    return path


def _timed(ask: Callable[[], Sequence[tuple[Any, ...]]]) -> Measure:
    """Milliseconds; the checksum is over names and counts: averages are rounded otherwise."""

    def sample() -> Sample:
        began = time.perf_counter()
        rows = ask()
        figure = (time.perf_counter() - began) * 1000
        return Sample(
            figure, checksum([[v for v in row if isinstance(v, int | str)] for row in rows])
        )

    return sample


def _benchmark(number: int) -> Benchmark:
    question = QUESTIONS[number].query
    by_hand = question
    for theirs, own in _BY_HAND:
        by_hand = by_hand.replace(theirs, own)

    @contextmanager
    def sides(scale: Scale) -> Iterator[Sides]:
        path = _file(scale.size(flights.FLIGHTS) if scale.is_quick else None)
        raw = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
        with fivefold.open(path) as db:
            yield Sides(
                attempt(lambda: _timed(lambda: db.sql(question).fetchall())),
                attempt(lambda: _timed(lambda: raw.execute(by_hand).fetchall())),
            )
        raw.close()

    return Benchmark(f"questions.{number + 1}", "ms", Target("at most", 1.5), sides)


BENCHMARKS = tuple(_benchmark(number) for number in range(len(QUESTIONS)))
