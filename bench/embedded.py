"""The embedded API beside the same work in hand-written SQL on apsw, on a file in WAL."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import apsw

from bench.harness import Benchmark, Measure, Sample, Scale, Sides, Target
from bench.sides import attempt, checksum, folder, open_ours

ROWS = 10_000  # what the reads find; a prime step walks over them all
STEP = 7_919
VALUE = b"%0100d"
"""Written with another number each time: SQLite leaves out a write that would change nothing."""

Work = Callable[[int], object]
"""One operation on key number i, whose result goes into the checksum."""


def timed(work: Work, operations: int, first: Callable[[], int]) -> Measure:
    """Microseconds for one operation, over ``operations`` of them from number ``first()``."""

    def sample() -> Sample:
        start = first()
        results: list[object] = []
        keep = results.append
        began = time.perf_counter()
        for i in range(start, start + operations):
            keep(work(i))
        micros = (time.perf_counter() - began) / operations * 1e6
        return Sample(micros, checksum(results))

    return sample


def open_apsw(path: Path) -> apsw.Connection:
    """A file in WAL that survives a killed process, as ours at durability normal."""
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA journal_mode = WAL").fetchall()
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection


def from_start() -> int:
    """The number with which reads begin."""
    return 0


def upwards(operations: int) -> Callable[[], int]:
    """Numbers never used before, for inserts: a side's rounds follow each other."""
    starts = iter(range(ROWS, 2**31, operations))
    return lambda: next(starts)


ITEMS = "CREATE TABLE item (id integer PRIMARY KEY, name text NOT NULL, price integer)"
ADD = "INSERT INTO item (id, name, price) VALUES ({0}, {0}, {0})"
FIND = "SELECT id, name, price FROM item WHERE id = {0}"


def _our_rows(at: Path, stack: ExitStack, is_read: bool, operations: int) -> Measure:
    database = stack.enter_context(open_ours(at / "ours.db", "normal"))
    sql = database.sql
    sql(ITEMS)
    add, find = ADD.format("%s"), FIND.format("%s")
    with database.transaction() as transaction:
        for i in range(ROWS):
            transaction.sql(add, [i, f"item {i}", i * 3])

    def read(i: int) -> object:
        return tuple(sql(find, [i * STEP % ROWS]).fetchone())

    def write(i: int) -> object:
        sql(add, [i, f"item {i}", i * 3])
        return True

    if is_read:
        return timed(read, operations, from_start)
    return timed(write, operations, upwards(operations))


def _apsw_rows(at: Path, stack: ExitStack, is_read: bool, operations: int) -> Measure:
    connection = stack.enter_context(closing(open_apsw(at / "peer.db")))
    connection.execute(ITEMS)
    add, find = ADD.format("?"), FIND.format("?")
    with connection:
        connection.executemany(add, ((i, f"item {i}", i * 3) for i in range(ROWS)))
    execute = connection.execute

    def read(i: int) -> object:
        return execute(find, (i * STEP % ROWS,)).fetchone()

    def write(i: int) -> object:
        execute(add, (i, f"item {i}", i * 3))
        return True

    if is_read:
        return timed(read, operations, from_start)
    return timed(write, operations, upwards(operations))


SetUp = Callable[[Path, ExitStack, bool, int], Measure]


def _benchmark(
    name: str, most: float, ours: SetUp, peer: SetUp, is_read: bool, operations: int
) -> Benchmark:
    @contextmanager
    def sides(scale: Scale) -> Iterator[Sides]:
        count = scale.size(operations)
        with folder() as at, ExitStack() as stack:
            yield Sides(
                attempt(lambda: ours(at, stack, is_read, count)),
                attempt(lambda: peer(at, stack, is_read, count)),
            )

    return Benchmark(name, "us/op", Target("at most", most), sides, rounds=9)


BENCHMARKS = (
    _benchmark("embedded.sql.select", 3, _our_rows, _apsw_rows, True, 20_000),
    _benchmark("embedded.sql.insert", 3, _our_rows, _apsw_rows, False, 5_000),
)
