"""cassandra-driver for JavaScript (cassandra_javascript/exercise.js).

The packages of its lock file are installed once, into the user's cache; without node, npm or their
registry the test is skipped. What is wanted is what a Cassandra 5.0.5 answered.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import fivefold
from tests.doors import node

FOLDER = Path(__file__).parent / "cassandra_javascript"
SECONDS_MAX = 60.0

COLUMNS = ["at", "big", "c", "dec", "id", "list", "map", "net", "p", "raw", "real", "words", "yes"]

WANTED: dict[str, Any] = {
    "schema": ["SimpleStrategy", ["p"], ["c"], COLUMNS],
    "values": ["same"] * 13,
    "paging": [100, "c100", 250, 250, 100],
    "batches": [["one", "two"], False, "one"],
    "counters": [["/", "28"], ["/b", "5"]],
    "conditions": [
        [[False, ["[applied]"]], [False, ["[applied]"]]],
        True,
        {"[applied]": False, "words": "b"},
    ],
    "inFlight": [0, ["80"]],
    "richTypes": [[], '{"a":[1,2],"b":[3]}', ["street", "number"]],
    "extras": [True, "1234", "Execute CQL3 query", True, 1],
    "errors": [0x2000, 0x2200, 0x2200, 0x2400],
}


def test_the_driver_for_javascript(store_url: str) -> None:
    modules = node.modules(FOLDER)
    with fivefold.serving(store_url, only=["cassandra"], durability="off") as server:
        ran = subprocess.run(
            ["node", str(FOLDER / "exercise.js"), str(server.ports["cassandra"]), "js"],
            env={**os.environ, "NODE_PATH": str(modules)},
            capture_output=True,
            text=True,
            timeout=SECONDS_MAX,
        )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    came = dict(json.loads(line) for line in ran.stdout.splitlines())
    for part, wanted in WANTED.items():
        assert came[part] == wanted, part
