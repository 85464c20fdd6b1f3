"""Runs the program ``fivefold``: as a person's shell would, or in this process."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from typer.testing import CliRunner

from fivefold.cli.main import app
from tests import servers

STANDARD_PORTS = {
    "postgres": 5432,
    "redis": 6379,
    "mongodb": 27017,
    "neo4j": 7687,
    "cassandra": 9042,
}
SECONDS_MAX = 60.0
COMMAND = (sys.executable, "-c", "from fivefold.cli.main import main; main()")


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a run."""

    status: int
    output: str
    errors: str


def environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "XDG_STATE_HOME": str(folder), "COLUMNS": "100", "NO_COLOR": "1"}


def run(folder: Path, *arguments: str, given: str = "") -> Ran:
    """Run in ``folder`` with ``given`` as standard input, and wait for the end."""
    done = subprocess.run(
        [*COMMAND, *arguments],
        input=given,
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=folder,
        env=environment(folder),
        timeout=SECONDS_MAX,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def call(folder: Path, *arguments: str) -> Ran:
    """Run in this process, which is quicker: for what is refused before a store is opened."""
    done = CliRunner().invoke(
        app, arguments, env={"COLUMNS": "100"}, prog_name="fivefold", catch_exceptions=False
    )
    assert not list(folder.iterdir())
    return Ran(done.exit_code, done.stdout, done.stderr)


def free_offset() -> int:
    """An offset at which all standard ports were free a moment ago."""
    for start in servers.free_ports(50):
        offset = start - max(STANDARD_PORTS.values())
        if offset > 0 and all(_is_free(port + offset) for port in STANDARD_PORTS.values()):
            return offset
    raise AssertionError("no such ports are free")


def _is_free(port: int) -> bool:
    with socket.socket() as one:
        try:
            one.bind((servers.HOST, port))
        except OSError:
            return False
    return True


@contextmanager
def serving(folder: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[bytes], list[str]]]:
    """``fivefold serve`` with the lines that it printed up to ``ready``; ended afterwards."""
    process = subprocess.Popen(
        [*COMMAND, "serve", *arguments],
        stdout=subprocess.PIPE,
        cwd=folder,
        env=environment(folder),
    )
    try:
        assert process.stdout is not None
        lines: list[str] = []
        for line in process.stdout:
            lines.append(line.decode().rstrip())
            if lines[-1] == "ready":
                break
        yield process, lines
    finally:
        servers.stop(process)
        assert process.stdout is not None
        process.stdout.close()


def words(text: str) -> str:
    """The text without the frames and line breaks that a terminal's width brings."""
    return re.sub(r"[\s│╭╮╰╯─]+", " ", text)
