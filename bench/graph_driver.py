"""The graph model over Bolt: the Neo4j driver on loopback, beside arcadedb-embedded's server.

Both servers have the same graph, each query is a statement by itself, and one client waits for each
answer. ArcadeDB's server runs in this process, in threads of its JVM, as its package has it.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from bench.embedded import from_start, timed
from bench.graph import NODES, RELATIONSHIPS, STEP, Arcade, Cypher, pairs
from bench.harness import Benchmark, Measure, Missing, Scale, Sides, Target
from bench.sides import attempt, folder, our_server
from tests.servers import HOST, free_ports

OPERATIONS = 500
DATABASE, USER, PASSWORD = "bench", "root", "playwithdata"

BOLT = "Bolt:com.arcadedb.bolt.BoltProtocolPlugin"


def _session(stack: ExitStack, port: int, database: str | None = None) -> Any:
    try:
        import neo4j
    except ImportError:
        raise Missing("the package neo4j is not installed") from None
    driver = stack.enter_context(
        neo4j.GraphDatabase.driver(f"bolt://{HOST}:{port}", auth=(USER, PASSWORD))
    )
    return stack.enter_context(driver.session(database=database))


def _ours(stack: ExitStack, at: Path) -> Cypher:
    server = stack.enter_context(our_server("normal", only=["neo4j"]))
    door = Cypher(_session(stack, server.ports["neo4j"]).run)
    door.load(NODES, pairs(NODES, RELATIONSHIPS))
    return door


def _arcade(stack: ExitStack, at: Path) -> Cypher:
    try:
        arcade = importlib.import_module("arcadedb_embedded")
    except ImportError as error:
        raise Missing(f"arcadedb-embedded is not installed: {error}") from None
    http, bolt = free_ports(2)
    settings = {"server_plugins": BOLT, "bolt_port": bolt, "http_port": http, "host": HOST}
    server = arcade.create_server(str(at / "arcade"), PASSWORD, config=settings)
    stack.enter_context(server)
    Arcade(server.create_database(DATABASE)).load(NODES, pairs(NODES, RELATIONSHIPS))
    return Cypher(_session(stack, bolt, DATABASE).run)


def _hops(door: Cypher, length: int, operations: int) -> Measure:
    return timed(lambda i: door.hops(i * STEP % NODES, length), operations, from_start)


@contextmanager
def _sides(length: int, scale: Scale) -> Iterator[Sides]:
    size = scale.size(OPERATIONS)
    with folder() as at, ExitStack() as stack:

        def side(open_: Callable[[ExitStack, Path], Cypher]) -> Callable[[], Measure]:
            return lambda: _hops(open_(stack, at), length, size)

        yield Sides(attempt(side(_ours)), attempt(side(_arcade)))


BENCHMARKS: tuple[Benchmark, ...] = (
    Benchmark(
        "graph.driver.hops2",
        "us/op",
        Target("at most", 1),
        lambda scale: _sides(2, scale),
        rounds=5,
    ),
)
