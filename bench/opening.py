"""A new process opens a file and has its first answer: import, open, read."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.harness import Benchmark, Measure, Sample, Scale, Sides, Target
from bench.sides import attempt, checksum, folder, open_ours

_PROGRAM = "import sys, fivefold; db = fivefold.open(sys.argv[1]); print({answer})"
_ANSWERS = {
    "redis": 'db.redis.get("key")',
    "sql": 'db.sql("SELECT n FROM t WHERE n = %s", [7]).fetchone()',
}


def _run_ms(*arguments: str) -> tuple[float, str]:
    """Milliseconds from the start of the interpreter to its end, and what it put out."""
    began = time.perf_counter()
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True)
    spent_ms = (time.perf_counter() - began) * 1e3
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
    return spent_ms, done.stdout


def _measure(path: Path, answer: str) -> Measure:
    with open_ours(path, "normal") as database:
        database.sql("CREATE TABLE t (n integer PRIMARY KEY)")
        database.sql("INSERT INTO t VALUES (7)")
        database.redis.set("key", "value")

    def sample() -> Sample:
        bare_ms, _ = _run_ms("-c", "pass")
        total_ms, said = _run_ms("-c", _PROGRAM.format(answer=answer), str(path))
        note = f"the last round: {total_ms:.0f} ms, of which bare python {bare_ms:.0f} ms"
        return Sample(total_ms, checksum([said]), note)

    return sample


def _benchmark(door: str) -> Benchmark:
    @contextmanager
    def sides(scale: Scale) -> Iterator[Sides]:
        with ExitStack() as stack:
            path = stack.enter_context(folder()) / "bench.db"
            yield Sides(attempt(lambda: _measure(path, _ANSWERS[door])), None)

    target = Target("at most", 150, of="figure")
    return Benchmark(f"opening.{door}", "ms", target, sides, rounds=9)


BENCHMARKS = (_benchmark("redis"), _benchmark("sql"))
