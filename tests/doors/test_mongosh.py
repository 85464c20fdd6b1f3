"""mongosh: an everyday session (mongosh/everyday), typed into the shell against a server.

The kept file is what a person would see: each line typed behind its prompt, then what came out.
``pytest --rewrite-scripts`` writes it anew; read the difference, and hold it against the manual.
The packages of its lock file are installed once, into the user's cache.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import fivefold
from fivefold.api.serving import Serving
from tests.conftest import empty_store
from tests.doors import node

FOLDER = Path(__file__).parent / "mongosh"
SECONDS_MAX = 60.0
PROMPT = re.compile(r"^fivefold \[direct: primary\] (\w+)> ", re.MULTILINE)
# Its own 2 seconds are short for a server's first client on a busy machine.
PATIENCE = "serverSelectionTimeoutMS=30000"
# Nothing is to be asked for or told anywhere but at our server.
SETTINGS = "mongosh:\n  enableTelemetry: false\n  updateURL: ''\n"
# What is different each time, and what stands for it in the kept file.
MASKS = (
    (re.compile(r"ObjectId\('(?!0123)\w{24}'\)"), "ObjectId('…')"),
    (re.compile(r"(?s),\n  '\$clusterTime': \{.*?\n  \},\n  operationTime: [^\n]*"), ",\n  …"),
    (re.compile(r"(?<=  )[\d.]+ [KM]iB"), "… KiB"),
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    path = tmp_path_factory.mktemp("mongosh") / "shop.db"
    with (
        empty_store(str(path)) as url,
        fivefold.serving(url, only=["mongodb"], durability="off") as serving,
    ):
        yield serving


def typed(server: Serving, home: Path, lines: list[str], *options: str) -> str:
    """What the shell prints when these lines are typed into it, under a home of its own."""
    program = node.modules(FOLDER) / ".bin" / "mongosh"
    (home / "settings").write_text(SETTINGS)
    own = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "IS_CI": "1",
        "MONGOSH_FORCE_DISABLE_TELEMETRY_FOR_TESTING": "1",
        "MONGOSH_GLOBAL_CONFIG_FILE_FOR_TESTING": str(home / "settings"),
        "NODE_NO_WARNINGS": "1",
        "TZ": "UTC",
    }
    ran = subprocess.run(
        [str(program), f"{server.urls['mongodb']}?{PATIENCE}", "--norc", *options],
        input="".join(f"{line}\n" for line in lines),
        env=own,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=SECONDS_MAX,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def session(out: str, lines: list[str]) -> str:
    """The session as a person would see it: what was typed behind the prompts, then the output."""
    pieces = PROMPT.split(out)
    names, outputs = pieces[1::2], pieces[2::2]
    assert len(names) == len(lines) + 1, out
    assert not pieces[0], out
    assert not outputs[-1].strip(), out
    told = []
    for name, line, output in zip(names, lines, outputs, strict=False):
        for pattern, mask in MASKS:
            output = pattern.sub(mask, output)
        told += [f"{name}> {line}\n", *(f"{each}\n" for each in output.rstrip().splitlines())]
    return "".join(told)


def test_an_everyday_session(
    server: Serving, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    kept = FOLDER / "everyday"
    before = kept.read_text(encoding="utf-8")
    lines = [line.partition("> ")[2] for line in before.splitlines() if re.match(r"\w+> ", line)]
    after = session(typed(server, tmp_path, lines, "--quiet"), lines)
    if request.config.getoption("--rewrite-scripts"):
        kept.write_text(after, encoding="utf-8")
    else:
        assert after == before


def test_the_greeting_and_a_program(server: Serving, tmp_path: Path) -> None:
    greeting = typed(server, tmp_path, [])
    assert "Using MongoDB:\t\t7.0." in greeting
    assert "warn" not in greeting.partition("Deprecation warnings")[0].lower()
    told = typed(server, tmp_path, [], "--quiet", "--eval", "EJSON.stringify(db.hello().hosts)")
    assert told.strip() == f'["127.0.0.1:{server.ports["mongodb"]}"]'
