"""``make bench``: every benchmark, a line each; ``--json FILE`` writes the same for programs.

Exit status 1 if a side answered wrongly (the checksums differ); a missed target is only said,
since a noisy machine misses some.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
from pathlib import Path

from bench import (
    cassandra_driver,
    copy_flights,
    cql,
    documents,
    documents_large,
    embedded,
    embedded_redis,
    encryption,
    graph,
    graph_driver,
    memory,
    opening,
    over_postgres,
    pgbench,
    questions,
    redis_benchmark,
    redis_large,
    tls,
    understanding,
)
from bench.harness import Benchmark, Result, Scale, measure

BENCHMARKS: tuple[Benchmark, ...] = (
    *embedded_redis.BENCHMARKS,
    *documents.BENCHMARKS,
    *documents_large.BENCHMARKS,
    *graph.BENCHMARKS,
    *graph_driver.BENCHMARKS,
    *cassandra_driver.BENCHMARKS,
    *cql.BENCHMARKS,
    *embedded.BENCHMARKS,
    *encryption.BENCHMARKS,
    *tls.BENCHMARKS,
    *redis_benchmark.BENCHMARKS,
    *redis_large.BENCHMARKS,
    *pgbench.BENCHMARKS,
    *over_postgres.BENCHMARKS,
    *copy_flights.BENCHMARKS,
    *questions.BENCHMARKS,
    *understanding.BENCHMARKS,
    *opening.BENCHMARKS,
    *memory.BENCHMARKS,
)

_ROW = "{:<30} {:>10} {:>10} {:>7}  {:<13} {:<7} {}"
_HEADER = _ROW.format("work", "ours", "peer", "ratio", "target", "", "unit")


def main(arguments: list[str] | None = None) -> int:
    """Measure what was asked for; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bench.run", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results there too")
    parser.add_argument(
        "--only", nargs="+", metavar="NAME", help="only what begins with one of these names"
    )
    parser.add_argument("--quick", action="store_true", help="a tenth of the work, three rounds")
    options = parser.parse_args(arguments)
    chosen = [b for b in BENCHMARKS if b.name.startswith(tuple(options.only or [""]))]
    if not chosen:
        names = ", ".join(benchmark.name for benchmark in BENCHMARKS)
        parser.error(f"no such benchmark; there are: {names}")
    print(_HEADER, flush=True)
    results = []
    for benchmark in chosen:
        rounds = min(3, benchmark.rounds) if options.quick else benchmark.rounds
        results.append(measure(benchmark, Scale(rounds, options.quick)))
        print(line(results[-1]), flush=True)
    if options.json is not None:
        options.json.write_text(json.dumps(report(results, options.quick), indent=2) + "\n")
    return 0 if all(result.is_sound for result in results) else 1


def line(result: Result) -> str:
    """The result as a row of the table, what is to be said of it indented below."""
    benchmark = result.benchmark
    row = _ROW.format(
        benchmark.name,
        _number(result.ours),
        _number(result.peer),
        "-" if result.ratio is None else f"{result.ratio:.2f}",
        str(benchmark.target or "-"),
        result.verdict,
        f"{benchmark.unit} #{result.checksum or '-'}",
    )
    return "\n    ".join([row, *result.notes])


def report(results: list[Result], is_quick: bool) -> dict[str, object]:
    """The results as JSON has them, with the machine they come from."""
    return {
        "python": platform.python_version(),
        "machine": platform.platform(),
        "quick": is_quick,
        "results": [
            {
                "name": result.benchmark.name,
                "unit": result.benchmark.unit,
                "ours": result.ours,
                "peer": result.peer,
                "ratio": result.ratio,
                "target": str(result.benchmark.target or "-"),
                "verdict": result.verdict,
                "checksum": result.checksum,
                "notes": list(result.notes),
                "samples": result.samples,
            }
            for result in results
        ],
    }


def _number(figure: float | None) -> str:
    if figure is None:
        return "absent"
    return f"{figure:,.0f}" if figure >= 1000 else f"{figure:.3g}"


if __name__ == "__main__":
    sys.exit(main())
