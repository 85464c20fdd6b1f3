"""A collection of a million documents beside one of ten thousand: what grows with it.

Finding by an index should not, and neither should what a pipeline holds in memory that has to look
at every document in Python.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from bench.documents import Document, document
from bench.embedded import timed
from bench.harness import Benchmark, Measure, Sample, Scale, Sides, Target
from bench.sides import attempt, checksum, folder, open_ours

MANY, FEW = 1_000_000, 10_000
AT_ONCE = 10_000
STEP = 7_919
OPERATIONS = 5_000

STREAMED: list[Document] = [
    {"$match": {"$expr": {"$gte": [{"$mod": ["$n", 7]}, 0]}}},  # true of all, and not for SQL
    {"$addFields": {"paid": {"$multiply": ["$price", 2]}}},
    {"$group": {"_id": "$kind", "paid": {"$sum": "$paid"}, "first": {"$first": "$sku"}}},
]

# What the process holds itself, looked at all the time: pages of the mapped file are not its own.
_AGGREGATE = """
import re, sys, threading
import fivefold
from bench.documents_large import STREAMED
most, done = 0, threading.Event()
def watch():
    global most
    while not done.wait(0.005):
        text = open("/proc/self/status").read()
        most = max(most, int(re.search(r"RssAnon:\\s+(\\d+)", text)[1]))
watcher = threading.Thread(target=watch)
watcher.start()
with fivefold.open(sys.argv[1]) as database:
    groups = list(database.collection("shop", "orders").aggregate(STREAMED))
done.set()
watcher.join()
print(len(groups), most)
"""


def _filled(at: Path, stack: ExitStack, count: int) -> Any:
    """A collection of so many documents with an index."""
    database = stack.enter_context(open_ours(at / f"{count}.db", "normal"))
    collection = database.collection("shop", "orders")
    collection.create_index("sku")
    for start in range(0, count, AT_ONCE):
        collection.insert_many([document(i) for i in range(start, start + AT_ONCE)])
    return collection


def _find(at: Path, stack: ExitStack, count: int) -> Measure:
    find_one = _filled(at, stack, count).find_one

    def work(i: int) -> object:
        number = i * STEP % count
        assert find_one({"sku": f"sku-{number:06d}"})["n"] == number
        return True

    return timed(work, OPERATIONS, lambda: 0)


def _memory(at: Path, stack: ExitStack, count: int) -> Measure:
    """The most that a process holds which runs the pipeline, in MB of 10**6 bytes (proc(5))."""
    _filled(at, stack, count)

    def sample() -> Sample:
        command = [sys.executable, "-c", _AGGREGATE, str(at / f"{count}.db")]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        groups, kilobytes = map(int, done.stdout.split())
        return Sample(kilobytes * 1024 / 1e6, checksum([groups]))

    return sample


Make = Callable[[Path, ExitStack, int], Measure]


def _growth(name: str, unit: str, most: float, make: Make, rounds: int) -> Benchmark:
    @contextmanager
    def sides(scale: Scale) -> Iterator[Sides]:
        with folder() as at, ExitStack() as stack:
            many = scale.size(MANY)
            yield Sides(
                attempt(lambda: make(at, stack, many)), attempt(lambda: make(at, stack, FEW))
            )

    return Benchmark(f"million.documents.{name}", unit, Target("at most", most), sides, rounds)


BENCHMARKS = (
    _growth("find", "us/op", 1.5, _find, 5),
    _growth("memory", "MB", 1.2, _memory, 1),
)
