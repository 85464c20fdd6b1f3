"""neo4j-driver for JavaScript (neo4j_javascript/exercise.js), by both of its URLs.

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
from tests.doors import node

FOLDER = Path(__file__).parent / "neo4j_javascript"
SECONDS_MAX = 60.0

_STATEMENT = "Neo.ClientError.Statement"

WANTED: dict[str, Any] = {
    "server": ["Neo4j/5.26.0-fivefold", {"major": 5, "minor": 8}, True],
    "values": ["same"] * 14,
    "zones": "2024-07-01T12:00:00.000000005+02:00[Europe/Paris]",
    "entities": [
        *(["Admin", "Person"], {"name": "Ann"}, "KNOWS", {"since": 2020}, True),
        *(1, {"name": "Bob"}),
        {
            "nodesCreated": 2,
            "nodesDeleted": 0,
            "relationshipsCreated": 1,
            "relationshipsDeleted": 0,
            "propertiesSet": 3,
            "labelsAdded": 3,
            "labelsRemoved": 0,
            "indexesAdded": 0,
            "indexesRemoved": 0,
            "constraintsAdded": 0,
            "constraintsRemoved": 0,
        },
        *("rw", "neo4j", ["a", "k", "path"]),
    ],
    "transactions": [1, 1, 1, 1],
    "streaming": [12502500, 15],
    "errors": [
        [f"{_STATEMENT}.SyntaxError", "42001", False, "UnexpectedSyntax"],
        [f"{_STATEMENT}.SyntaxError", "42001", False, "UndefinedVariable"],
        [f"{_STATEMENT}.ArithmeticError", "22000", False, "DivisionByZero"],
        [f"{_STATEMENT}.ParameterMissing", "42N51", False, "MissingParameter"],
        ["Neo.ClientError.Database.DatabaseNotFound", "42N00", False, "DatabaseNotFound"],
        [f"{_STATEMENT}.AccessMode", "42N02", False, "AccessMode"],
        [f"{_STATEMENT}.UnsupportedOperationError", "50N42", False, None],
    ],
}


@pytest.fixture(scope="session")
def modules() -> Path:
    """The folder of the installed packages."""
    return node.modules(FOLDER)


@pytest.mark.parametrize("scheme", ["bolt", "neo4j"])
def test_the_driver_for_javascript(modules: Path, store_url: str, scheme: str) -> None:
    with fivefold.serving(store_url, only=["neo4j"], durability="off") as server:
        ran = subprocess.run(
            ["node", str(FOLDER / "exercise.js"), f"{scheme}://127.0.0.1:{server.ports['neo4j']}"],
            env={**os.environ, "NODE_PATH": str(modules)},
            capture_output=True,
            text=True,
            timeout=SECONDS_MAX,
        )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    came = dict(json.loads(line) for line in ran.stdout.splitlines())
    for part, wanted in WANTED.items():
        assert came[part] == wanted, part
