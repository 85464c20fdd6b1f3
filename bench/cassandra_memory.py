"""Our protocol machine answering from memory: what the driver can get from it at most.

``python -m bench.cassandra_memory`` serves until its input ends, and prints its port first. The
statements are those of ``tests.serve.cql_standin``.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import fivefold
from bench.harness import Missing
from fivefold.serve.cassandra import connection, workers
from tests.serve.cql_standin import World


def main() -> None:
    """Serve until the input ends."""
    world = World()
    for module in (connection, workers):
        setattr(module, "open_line", world.line)  # noqa: B010  # it is theirs by import
    with fivefold.serving(":memory:", only=["cassandra"], durability="off") as serving:
        print(serving.ports["cassandra"], flush=True)
        sys.stdin.read()


@contextmanager
def memory_server() -> Iterator[int]:
    """Run one in a process of its own; yield its port."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.cassandra_memory"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        if not line.strip():
            raise Missing("the server that answers from memory did not start")
        yield int(line)
    finally:
        process.stdin.close()
        process.wait(30)
        process.stdout.close()


if __name__ == "__main__":
    main()
