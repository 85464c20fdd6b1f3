"""ioredis: the same program (ioredis/exercise.js) against us and against a redis-server.

The packages of its lock file are installed once, into the user's cache; without node, npm or their
registry the test is skipped.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

import fivefold
from tests import servers

FOLDER = Path(__file__).parent / "ioredis"
FILES = ("package.json", "package-lock.json")
PARTS = (
    *("pipelines", "transactions", "scripts", "publishing"),
    *("waiting", "streams", "scans", "errors"),
)
SECONDS_MAX = 60.0
INSTALL_SECONDS_MAX = 120.0


@pytest.fixture(scope="session")
def modules() -> Path:
    """The folder of the installed packages."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    lock = hashlib.sha256(b"".join((FOLDER / name).read_bytes() for name in FILES)).hexdigest()
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = caches / "fivefold-tests" / f"ioredis-{lock[:16]}"
    if not (folder / "whole").exists():
        folder.mkdir(parents=True, exist_ok=True)
        for name in FILES:
            shutil.copy(FOLDER / name, folder)
        try:
            ran = subprocess.run(
                ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
                cwd=folder,
                capture_output=True,
                text=True,
                timeout=INSTALL_SECONDS_MAX,
            )
        except subprocess.TimeoutExpired:
            pytest.skip("npm did not install ioredis in time")
        if ran.returncode:
            pytest.skip(f"npm could not install ioredis: {ran.stderr.strip()[-200:]}")
        (folder / "whole").touch()
    return folder / "node_modules"


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
