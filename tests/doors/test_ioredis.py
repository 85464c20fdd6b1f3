"""ioredis: the same program (ioredis/exercise.js) against us and against a redis-server.

The packages of its lock file are installed once, into the user's cache; without node, npm or their
registry the test is skipped.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

import fivefold
from tests import servers
from tests.doors import node

FOLDER = Path(__file__).parent / "ioredis"
PARTS = (
    *("pipelines", "transactions", "scripts", "publishing"),
    *("waiting", "streams", "scans", "errors"),
)
SECONDS_MAX = 60.0


@pytest.fixture(scope="session")
def modules() -> Path:
    """The folder of the installed packages."""
    return node.modules(FOLDER)


def exercise(modules: Path, port: int) -> dict[str, Any]:
    """Run the program; return what came of each part."""
    ran = subprocess.run(
        ["node", str(FOLDER / "exercise.js"), str(port)],
        env={**os.environ, "NODE_PATH": str(modules)},
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return dict(json.loads(line) for line in ran.stdout.splitlines())


@pytest.fixture(scope="session")
def theirs(modules: Path, redis_server: servers.Server) -> dict[str, Any]:
    """What came of each part at the redis-server."""
    return exercise(modules, redis_server.port)


def test_the_same_as_redis(modules: Path, theirs: dict[str, Any], store_url: str) -> None:
    assert tuple(theirs) == PARTS
    assert not any(str(part).startswith("broke") for part in theirs.values()), theirs
    with fivefold.serving(store_url, only=["redis"], durability="off") as server:
        ours = exercise(modules, server.ports["redis"])
    for part in PARTS:
        assert ours[part] == theirs[part], part
