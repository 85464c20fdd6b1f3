"""pgbench's own tests against both, scale 10, tables made through psycopg.

Select-only with 16 clients and with one, and the TPC-B-like transaction with 16; both sides sync
every commit to the disk.

The tables are those of ``pgbench -i`` (documentation of pgbench, "What Is the "Transaction"
Actually Performed in pgbench?"), made here by plain statements, so that pgbench's own
initialization is needed on neither side.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

import psycopg

from bench.harness import Benchmark, Measure, Sample, Scale, Sides, Target
from bench.sides import attempt, checksum, our_server
from tests import servers

CLIENTS = 16
THREADS = 1  # as pgbench has it
SCALE = 10
ACCOUNTS = 100_000  # for each unit of scale
TELLERS = 10

_TABLES = """
    CREATE TABLE pgbench_branches (bid int PRIMARY KEY, bbalance int, filler char(88));
    CREATE TABLE pgbench_tellers (tid int PRIMARY KEY, bid int, tbalance int, filler char(84));
    CREATE TABLE pgbench_accounts (aid int PRIMARY KEY, bid int, abalance int, filler char(84));
    CREATE TABLE pgbench_history
        (tid int, bid int, aid int, delta int, mtime timestamp, filler char(22))
"""
_RATE = re.compile(r"^tps = ([\d.]+)", re.MULTILINE)
_FAILED = re.compile(r"^number of failed transactions: (\d+)", re.MULTILINE)


def load(url: str, scale: int) -> None:
    """Make and fill the four tables; account a's balance is a % 1000."""
    with psycopg.connect(url) as connection:
        for statement in _TABLES.split(";"):
            connection.execute(statement)
        with connection.cursor() as cursor:
            for i in range(1, scale + 1):
                cursor.execute("INSERT INTO pgbench_branches VALUES (%s, 0, NULL)", [i])
            for i in range(1, scale * TELLERS + 1):
                row = [i, (i - 1) // TELLERS + 1]
                cursor.execute("INSERT INTO pgbench_tellers VALUES (%s, %s, 0, NULL)", row)
            with cursor.copy(
                "COPY pgbench_accounts (aid, bid, abalance, filler) FROM STDIN"
            ) as copy:
                for branch in range(scale):
                    first = branch * ACCOUNTS + 1
                    rows = (
                        f"{a}\t{branch + 1}\t{a % 1000}\t\n" for a in range(first, first + ACCOUNTS)
                    )
                    copy.write("".join(rows))


class Script(NamedTuple):
    """What pgbench runs: its options, and what must hold of the tables when it has run."""

    name: str
    options: str
    clients: int
    least: float
    sound: str


_UNCHANGED = "SELECT count(*), sum(abalance) FROM pgbench_accounts"
_BALANCED = """
    SELECT (SELECT sum(abalance) - sum(aid % 1000) FROM pgbench_accounts) = total
        AND (SELECT sum(tbalance) FROM pgbench_tellers) = total
        AND (SELECT sum(bbalance) FROM pgbench_branches) = total
        AND count > 0
    FROM (SELECT count(*), sum(delta) AS total FROM pgbench_history) h
"""
SCRIPTS = (
    Script("prepared", "-S -M prepared", CLIENTS, 0.8, _UNCHANGED),
    Script("prepared one client", "-S -M prepared", 1, 0.4, _UNCHANGED),
    Script("simple", "-S -M simple", CLIENTS, 0.5, _UNCHANGED),
    Script("tpcb", "-M simple", CLIENTS, 0.5, _BALANCED),
    Script("tpcb prepared", "-M prepared", CLIENTS, 0.5, _BALANCED),
)


def _measure(url: str, script: Script, scale: int, seconds: int) -> Measure:
    """Transactions per second."""
    program = servers.find_program("pgbench")
    load(url, scale)
    command = [str(program), *script.options.split(), "-c", str(script.clients)]
    command += ["-j", str(THREADS), "-n", "-T", str(seconds), url]

    def sample() -> Sample:
        done = subprocess.run(command, capture_output=True, text=True)
        rate, failed = _RATE.search(done.stdout), _FAILED.search(done.stdout)
        if done.returncode or rate is None:
            said = [line for line in done.stderr.splitlines() if "error" in line or "fatal" in line]
            raise RuntimeError(f"pgbench: {' '.join(said[:1]) or done.stderr[-200:]}")
        with psycopg.connect(url) as connection:
            found = connection.execute(script.sound.encode()).fetchone()
        return Sample(float(rate[1]), checksum([failed and failed[1], found]))

    return sample


def _benchmark(script: Script) -> Benchmark:
    @contextmanager
    def sides(scale: Scale) -> Iterator[Sides]:
        branches, seconds = (1, 1) if scale.is_quick else (SCALE, 5)
        with ExitStack() as stack:

            def ours() -> Measure:
                url = stack.enter_context(our_server("full")).postgres
                return _measure(url, script, branches, seconds)

            def peer() -> Measure:
                url = stack.enter_context(servers.postgres_server({})).url
                return _measure(url, script, branches, seconds)

            yield Sides(attempt(ours), attempt(peer))

    return Benchmark(f"pgbench.{script.name}", "tx/s", Target("at least", script.least), sides)


BENCHMARKS = tuple(map(_benchmark, SCRIPTS))
