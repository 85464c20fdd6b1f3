"""Large things: a sorted set of a million members beside one of a thousand, a million keys.

The first says that nothing grows with the set. The second has one client load a million keys, scan
them and wait until they have expired, and another ask for a key all the time: the longest it waited
is the pause.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import redis

from bench.embedded import Work, timed
from bench.harness import Benchmark, Measure, Sample, Scale, Sides, Target
from bench.sides import OurServer, attempt, checksum, folder, open_ours, our_server
from tests import servers

MEMBERS, FEW = 1_000_000, 1_000
KEYS = 1_000_000
AT_ONCE = 1_000
STEP = 7_919
PAUSE_MS_MAX = 50.0
OPERATIONS = 2_000


def _filled(at: Path, stack: ExitStack, members: int) -> Any:
    """``db.redis`` with a sorted set ``z`` of so many members, scored 0, 1, 2 …"""
    door = stack.enter_context(open_ours(at / f"{members}.db", "normal")).redis
    for start in range(0, members, AT_ONCE):
        door.zadd("z", {b"member:%d" % i: i for i in range(start, start + AT_ONCE)})
    return door


def _zadd(door: Any, members: int) -> Work:
    return lambda i: door.zadd("z", {b"member:%d" % (i * STEP % members): i * STEP % members})


def _zrank(door: Any, members: int) -> Work:
    def work(i: int) -> object:
        rank = door.zrank("z", b"member:%d" % (i * STEP % members))
        assert rank == i * STEP % members
        return True

    return work


def _zrange(door: Any, members: int) -> Work:
    def work(i: int) -> object:
        at = i * STEP % (members - 10)
        return len(door.zrange("z", at, at + 9))

    return work


WORK: dict[str, Callable[[Any, int], Work]] = {"zadd": _zadd, "zrank": _zrank, "zrange": _zrange}


def _growth(name: str) -> Benchmark:
    @contextmanager
    def sides(scale: Scale) -> Iterator[Sides]:
        work = WORK[name]
        with folder() as at, ExitStack() as stack:

            def measure(members: int) -> Measure:
                door = _filled(at, stack, members)
                return timed(work(door, members), OPERATIONS, lambda: 0)

            yield Sides(
                attempt(lambda: measure(scale.size(MEMBERS))), attempt(lambda: measure(FEW))
            )

    return Benchmark(f"million.{name}", "us/op", Target("at most", 10), sides)


# The client that loads, scans and waits, in a process of its own: it says when it is done.
_LOADER = """
import sys, time, redis
port, keys, at_once = map(int, sys.argv[1:])
client = redis.Redis(port=port)
due_ms = int(time.time() * 1000) + 3_600_000
for start in range(0, keys, at_once):
    pipe = client.pipeline(transaction=False)
    for i in range(start, start + at_once):
        pipe.set(b"key:%d" % i, b"value %d" % i, pxat=due_ms)
    pipe.execute()
found = sum(1 for _ in client.scan_iter(count=at_once))
for start in range(0, keys, at_once):
    pipe = client.pipeline(transaction=False)
    for i in range(start, start + at_once):
        pipe.pexpire(b"key:%d" % i, 1)
    pipe.execute()
print(found, flush=True)
"""


def _pause(server: OurServer, scale: Scale) -> Measure:
    """Milliseconds: the longest that one GET took while the other client was at work."""

    def sample() -> Sample:
        keys = scale.size(KEYS)
        command = [sys.executable, "-c", _LOADER, *map(str, (server.ports["redis"], keys, AT_ONCE))]
        with (
            redis.Redis(host=servers.HOST, port=server.ports["redis"]) as client,
            subprocess.Popen(command, stdout=subprocess.PIPE) as loader,
        ):
            client.set("asked", "1")
            longest, asked = 0.0, 0
            settled = time.monotonic()
            while loader.poll() is None or time.monotonic() - settled < 5:
                began = time.perf_counter()
                client.get("asked")
                longest = max(longest, time.perf_counter() - began)
                asked += 1
                if loader.poll() is None:
                    settled = time.monotonic()
            assert loader.stdout is not None
            found = int(loader.stdout.read())
        return Sample(longest * 1000, checksum([found >= keys]), f"{asked} GETs meanwhile")

    return sample


@contextmanager
def _pauses(scale: Scale) -> Iterator[Sides]:
    with ExitStack() as stack:
        yield Sides(attempt(lambda: _pause(stack.enter_context(our_server("normal")), scale)), None)


BENCHMARKS = (
    *map(_growth, WORK),
    Benchmark(
        "million.pause", "ms", Target("at most", PAUSE_MS_MAX, of="figure"), _pauses, rounds=1
    ),
)
