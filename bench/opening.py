"""A new process opens a file and has its first answer: start, import, open, read."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.harness import Benchmark, Measure, Sample, Scale, Sides, Target
from bench.sides import attempt, checksum, folder, open_ours

_PROGRAM = "import sys, fivefold; db = fivefold.open(sys.argv[1]); print({answer}, flush=True)"
_ANSWERS = {
    "redis": 'db.redis.get("key")',
    "sql": 'db.sql("SELECT n FROM t WHERE n = %s", [7]).fetchone()',
}


def _run_ms(program: str, *arguments: str, bytecode: Path) -> tuple[float, str]:
    """Milliseconds from the start of the interpreter to the line it prints, and the line."""
    # As after an installation: modules are compiled once, whatever this environment says of it.
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(bytecode)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        said = process.stdout.readline()
        spent_ms = (time.perf_counter() - began) * 1e3
        errors = process.stderr.read()
    if process.returncode:
        raise RuntimeError(errors.strip().splitlines()[-1])
    return spent_ms, said


def _measure(path: Path, answer: str) -> Measure:
    with open_ours(path, "normal") as database:
        database.sql("CREATE TABLE t (n integer PRIMARY KEY)")
        database.sql("INSERT INTO t VALUES (7)")
        database.redis.set("key", "value")

    bytecode = path.parent / "bytecode"
    program = _PROGRAM.format(answer=answer)
    _run_ms(program, str(path), bytecode=bytecode)  # compiles the modules

    def sample() -> Sample:
        bare_ms, _ = _run_ms("print(flush=True)", bytecode=bytecode)
        total_ms, said = _run_ms(program, str(path), bytecode=bytecode)
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
