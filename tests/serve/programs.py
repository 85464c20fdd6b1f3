"""The clients people type into: psql and redis-cli; a test is skipped where one is absent."""

from __future__ import annotations

import subprocess

import pytest

from fivefold.api.serving import Serving
from tests import servers

SECONDS_MAX = 30.0


def _program(name: str) -> str:
    try:
        return str(servers.find_program(name))
    except servers.Absent as absence:
        pytest.skip(str(absence))


def psql(server: Serving, script: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run a script with unaligned output, no headings, and no start-up file."""
    return subprocess.run(
        [_program("psql"), "-X", "-A", "-t", *options, server.urls["postgres"]],
        input=script,
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
        check=False,
    )


def redis_cli(server: Serving, *words: str) -> str:
    """Run one command and return what it printed."""
    ran = subprocess.run(
        [_program("redis-cli"), "-p", str(server.ports["redis"]), *words],
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
        check=True,
    )
    return ran.stdout.rstrip("\n")
