"""The scripts of CQL through Cassandra's driver: of fivefold, and of Cassandra where one is.

FIVEFOLD_CASSANDRA_JUDGE=host:port names a Cassandra, whose answers then have to be the same.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from cassandra.cluster import Cluster, Session

import fivefold
from tests.scripting import check
from tests.scripting_cassandra import DriverInterpreter

FOLDER = Path(__file__).parents[1] / "scripts" / "cassandra"
SCRIPTS = [
    path
    for path in sorted(FOLDER.rglob("*"))
    if path.is_file() and "[later" not in path.read_text(encoding="utf-8")  # the clock is driven
]
JUDGE = os.environ.get("FIVEFOLD_CASSANDRA_JUDGE")


def session(host: str, port: int) -> Iterator[Session]:
    cluster = Cluster([host], port=port)
    try:
        yield cluster.connect()
    finally:
        cluster.shutdown()


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    file = tmp_path_factory.mktemp("scripts") / "store.db"
    with fivefold.serving(file, durability="off") as serving:
        yield from session("127.0.0.1", serving.ports["cassandra"])


@pytest.fixture(scope="module")
def judge() -> Iterator[Session]:
    if JUDGE is None:
        pytest.skip("FIVEFOLD_CASSANDRA_JUDGE is not set")
    host, _, port = JUDGE.partition(":")
    yield from session(host, int(port))


@pytest.mark.parametrize(
    "path", [pytest.param(one, id=str(one.relative_to(FOLDER))) for one in SCRIPTS]
)
class TestScripts:
    def test_over_the_wire(self, path: Path, ours: Session) -> None:
        check(path, DriverInterpreter(ours), rewriting=False)

    def test_beside_cassandra(self, path: Path, judge: Session) -> None:
        check(path, DriverInterpreter(judge), rewriting=False)
