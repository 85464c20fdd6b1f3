"""SQLAlchemy's own suite for dialects, through both doors, beside what a real PostgreSQL passes.

``compliance/passes.txt`` says of which tests how many variants pass on PostgreSQL 15;
``FIVEFOLD_MEASURE=1 pytest tests/doors/test_compliance.py`` writes it anew.
``compliance/missing.txt`` names those of them that fail here, each with its number in
docs/differences.md; what it names has to fail, and nothing else may.
"""

from __future__ import annotations

import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

import fivefold
from tests import servers

FOLDER = Path(__file__).with_name("compliance")
PASSES = FOLDER / "passes.txt"
MISSING = FOLDER / "missing.txt"
SCHEMAS = ("test_schema", "test_schema_2")
SHARE_MIN = 0.93
SECONDS_MAX = 900  # some fifty on a quiet machine

DOORS = ("server", "embedded")
Passed = Counter[str]
"""How many variants passed, by ``Class.test``."""


class Run:
    """The suite in a process of its own, which runs from the start."""

    def __init__(self, url: str, folder: Path) -> None:
        self.report = folder / "report.xml"
        words = ["-m", "pytest", f"--dburi={url}", f"--junitxml={self.report}"]
        paths = [str(FOLDER), *filter(None, [os.environ.get("PYTHONPATH")])]
        # To a file: a pipe that nobody reads would stop it.
        with (folder / "said.txt").open("w") as said:
            self.process = subprocess.Popen(
                [sys.executable, *words, "--rootdir=.", "-c", "setup.cfg", "test_suite.py"],
                cwd=FOLDER,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
                stdout=said,
                stderr=subprocess.STDOUT,
            )
        self.said = folder / "said.txt"

    def passed(self) -> Passed:
        """Wait for its end."""
        try:
            status = self.process.wait(SECONDS_MAX)
        finally:
            self.process.kill()
        assert status in (0, 1), self.said.read_text()[-4000:]
        return count(self.report)


def count(report: Path) -> Passed:
    found: Passed = Counter()
    for case in ElementTree.parse(report).iter("testcase"):
        if all(case.find(kind) is None for kind in ("failure", "error", "skipped")):
            suite = case.attrib["classname"].rpartition(".")[2].partition("_postgresql")[0]
            found[f"{suite}.{case.attrib['name'].partition('[')[0]}"] += 1
    return found


def through_psycopg(url: str) -> str:
    """Make the suite's schemas; return the URL as SQLAlchemy has it."""
    with psycopg.connect(url, autocommit=True) as connection:
        for name in SCHEMAS:
            connection.execute(f"CREATE SCHEMA {name}".encode())
    return url.replace("postgresql://", "postgresql+psycopg://")


@contextmanager
def running(door: str, folder: Path) -> Iterator[Run]:
    folder.mkdir()
    file = folder / "shop.db"
    if door == "server":
        with fivefold.serving(file, durability="off") as server:
            yield Run(through_psycopg(server.urls["postgres"]), folder)
        return
    with fivefold.open(file) as database:
        for name in SCHEMAS:
            database.sql(f"CREATE SCHEMA {name}")
    yield Run(f"fivefold:///{file}?durability=off", folder)


@pytest.fixture(scope="module")
def passed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Passed]:
    """What passes through each door; both run at once."""
    folder = tmp_path_factory.mktemp("compliance")
    with running("server", folder / "server") as one, running("embedded", folder / "file") as two:
        return {"server": one.passed(), "embedded": two.passed()}


def read(path: Path) -> dict[str, str]:
    lines = [line.split() for line in path.read_text().splitlines() if not line.startswith("#")]
    return dict(lines)  # type: ignore[arg-type]  # pairs, or ValueError


@pytest.mark.parametrize("door", DOORS)
def test_what_fails_is_listed(passed: dict[str, Passed], door: str) -> None:
    expected = {name: int(number) for name, number in read(PASSES).items()}
    fewer = {name for name, number in expected.items() if passed[door][name] < number}
    assert sorted(fewer) == sorted(read(MISSING))
    share = sum(min(passed[door][name], number) for name, number in expected.items())
    assert share / sum(expected.values()) >= SHARE_MIN


def test_what_is_missing_has_a_reason() -> None:
    reasons = (FOLDER.parents[2] / "docs" / "differences.md").read_text()
    sections = {text.split()[0]: text for text in reasons.split("\n## ")[1:]}
    for name, number in read(MISSING).items():
        assert name in read(PASSES)
        assert name.partition(".")[0] in sections[number], (name, number)


@pytest.mark.skipif("FIVEFOLD_MEASURE" not in os.environ, reason="measured once: FIVEFOLD_MEASURE")
def test_measure(postgres_server: servers.Server, tmp_path: Path) -> None:
    with servers.fresh_database(postgres_server.url) as url:
        found = Run(through_psycopg(url), tmp_path).passed()
    head = "# SQLAlchemy's tests that pass on PostgreSQL 15, and how many variants of each.\n"
    PASSES.write_text(head + "".join(f"{name} {found[name]}\n" for name in sorted(found)))
