"""The wide-column model: embedded beside hand-written SQL, and as it grows.

By hand: a table without rowids whose key is partition and clustering column, apsw, in WAL. What is
loaded steadily comes in transactions of 1,000 rows, round the partitions, as events do.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import apsw

from bench.embedded import STEP, from_start, open_apsw, timed, upwards
from bench.harness import Benchmark, Measure, Sample, Scale, Sides, Target
from bench.sides import attempt, checksum, folder, open_ours

PARTITIONS = 10
SLICE = 1_000
BATCH = 1_000
LOADED = 5_000_000
SMALL = 100_000
MANY_PARTITIONS = 1_000

INSERT = "INSERT INTO {}events (day, at, what, n) VALUES (?, ?, ?, ?)"
FIND = "SELECT what, n FROM {}events WHERE day = ? AND at = ?"
RANGE = "SELECT at, what, n FROM {}events WHERE day = ? AND at >= ? AND at < ?"


def _day(partition: int) -> str:
    return f"2026-{partition:05d}"


def _row(i: int, partitions: int) -> tuple[str, int, str, int]:
    return (_day(i % partitions), i // partitions, f"event {i}", i * 3)


class Ours:
    """``db.cql``."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._cql = database.cql
        self._cql(
            "CREATE KEYSPACE bench WITH replication ="
            " {'class': 'SimpleStrategy', 'replication_factor': 1}"
        )
        self._cql(
            "CREATE TABLE bench.events (day text, at int, what text, n bigint,"
            " PRIMARY KEY (day, at))"
        )
        self._insert, self._find, self._range = (
            text.format("bench.") for text in (INSERT, FIND, RANGE)
        )

    def insert(self, row: tuple[Any, ...]) -> None:
        self._cql(self._insert, row)

    def insert_many(self, rows: list[tuple[str, int, str, int]]) -> None:
        with self._database.transaction() as transaction:
            cql, text = transaction.cql, self._insert
            for row in rows:
                cql(text, row)

    def find(self, day: str, at: int) -> tuple[object, ...]:
        return tuple(self._cql(self._find, (day, at)).one())

    def range(self, day: str, low: int, high: int) -> list[Any]:
        return self._cql(self._range, (day, low, high)).all()  # type: ignore[no-any-return]  # Any


class ByHand:
    """What somebody would write over a table."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._execute = connection.execute
        self._execute(
            "CREATE TABLE events (day text, at integer, what text, n integer,"
            " PRIMARY KEY (day, at)) WITHOUT ROWID"
        )
        self._insert, self._find, self._range = (text.format("") for text in (INSERT, FIND, RANGE))

    def insert(self, row: tuple[Any, ...]) -> None:
        self._execute(self._insert, row)

    def insert_many(self, rows: list[tuple[str, int, str, int]]) -> None:
        with self._connection:
            self._connection.executemany(self._insert, rows)

    def find(self, day: str, at: int) -> tuple[Any, ...]:
        found = self._execute(self._find, (day, at)).fetchone()
        return tuple(found or ())

    def range(self, day: str, low: int, high: int) -> list[Any]:
        return self._execute(self._range, (day, low, high)).fetchall()


Door = Ours | ByHand


def _ours(at: Path, stack: ExitStack) -> Door:
    return Ours(stack.enter_context(open_ours(at / "ours.db", "normal")))


def _by_hand(at: Path, stack: ExitStack) -> Door:
    return ByHand(stack.enter_context(closing(open_apsw(at / "peer.db"))))


def _fill(door: Door, rows: int, partitions: int) -> None:
    for first in range(0, rows, BATCH):
        door.insert_many([_row(i, partitions) for i in range(first, min(first + BATCH, rows))])


# What is measured


def _insert(door: Door, operations: int) -> Measure:
    """Microseconds for a row by its full key, committed by itself."""

    def work(i: int) -> object:
        door.insert(_row(i, PARTITIONS))
        return True

    return timed(work, operations, upwards(operations))


def _read(door: Door, operations: int) -> Measure:
    """Microseconds for a row by its full key."""
    rows = PARTITIONS * SLICE * 10
    _fill(door, rows, PARTITIONS)

    def work(i: int) -> object:
        day, at, _, _ = _row(i * STEP % rows, PARTITIONS)
        return door.find(day, at)

    return timed(work, operations, from_start)


def _slice(door: Door, operations: int) -> Measure:
    """Microseconds for 1,000 neighbouring rows of a partition."""
    _fill(door, PARTITIONS * SLICE * 10, PARTITIONS)

    def work(i: int) -> object:
        low = i * STEP % (SLICE * 9)
        return len(door.range(_day(i % PARTITIONS), low, low + SLICE))

    return timed(work, operations, from_start)


def _benchmark(
    name: str, work: Callable[[Door, int], Measure], count: int, most: float
) -> Benchmark:
    @contextmanager
    def sides(scale: Scale) -> Iterator[Sides]:
        size = scale.size(count)
        with folder() as at, ExitStack() as stack:
            yield Sides(
                attempt(lambda: work(_ours(at, stack), size)),
                attempt(lambda: work(_by_hand(at, stack), size)),
            )

    return Benchmark(name, "us/op", Target("at most", most), sides, rounds=9)


def _loading(at: Path, stack: ExitStack, rows: int) -> Measure:
    """How much longer the last tenth of a load takes than the first."""

    def sample() -> Sample:
        door = _ours(at, stack)
        tenths = []
        for tenth in range(10):
            began = time.perf_counter()
            for first in range(tenth * rows // 10, (tenth + 1) * rows // 10, BATCH):
                door.insert_many([_row(i, MANY_PARTITIONS) for i in range(first, first + BATCH)])
            tenths.append(time.perf_counter() - began)
        rate = rows / sum(tenths)
        return Sample(tenths[-1] / tenths[0], checksum([rows]), f"{rate:,.0f} rows a second")

    return sample


@contextmanager
def _steady(scale: Scale) -> Iterator[Sides]:
    with folder() as at, ExitStack() as stack:
        yield Sides(_loading(at, stack, scale.size(LOADED)), None)


def _slices(at: Path, stack: ExitStack, name: str, rows: int) -> Measure:
    """Microseconds for 50 rows of a partition, the median of many."""
    door = Ours(stack.enter_context(open_ours(at / f"{name}.db", "normal")))
    _fill(door, rows, MANY_PARTITIONS)
    each = rows // MANY_PARTITIONS

    def sample() -> Sample:
        took, found = [], 0
        for i in range(2_000):
            low = i * STEP % max(each - 50, 1)
            began = time.perf_counter()
            found += len(door.range(_day(i * STEP % MANY_PARTITIONS), low, low + 50))
            took.append(time.perf_counter() - began)
        return Sample(median(took) * 1e6, checksum([found]))

    return sample


@contextmanager
def _grown(scale: Scale) -> Iterator[Sides]:
    with folder() as at, ExitStack() as stack:
        large = attempt(lambda: _slices(at, stack, "large", scale.size(LOADED)))
        yield Sides(large, attempt(lambda: _slices(at, stack, "small", SMALL)))


BENCHMARKS = (
    _benchmark("cql.insert", _insert, 5_000, 3),
    _benchmark("cql.read", _read, 20_000, 3),
    _benchmark("cql.slice", _slice, 500, 2),
    Benchmark("cql.load_steady", "last/first", Target("at most", 1.3, "figure"), _steady, 1),
    Benchmark("cql.slice_grown", "us/op", Target("at most", 1.3), _grown, 5),
)
