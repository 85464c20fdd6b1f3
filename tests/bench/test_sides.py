"""Starting our server: its lines are read, and what keeps it from getting ready is said."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bench import sides
from tests import servers


@pytest.mark.parametrize(
    ("prints", "ports"),
    [
        (["postgres 127.0.0.1:15432", "redis 127.0.0.1:16379", "ready"], (15432, 16379)),
        (["a word about the store", "postgres   ::1:1", "redis localhost:2", "ready"], (1, 2)),
        (["postgres 127.0.0.1:15432"], None),
        ([], None),
    ],
)
def test_lines_before_ready_name_the_ports(
    prints: list[str], ports: tuple[int, int] | None
) -> None:
    program = f"print({chr(10).join(prints)!r})"
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    with process:
        found = sides.ports_of(process)
    assert found == (ports and dict(zip(["postgres", "redis"], ports, strict=True)))


def test_a_server_that_never_gets_ready_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sides, "READY_SECONDS_MAX", 0.1)
    program = [sys.executable, "-c", "import time; time.sleep(600)"]
    with subprocess.Popen(program, stdout=subprocess.PIPE) as process:
        assert sides.ports_of(process) is None
        servers.stop(process)
    assert process.returncode < 0


def test_offset_moves_every_port_within_range() -> None:
    offset = sides.free_offset()
    assert all(0 < port + offset < 65536 for port in sides.STANDARD_PORTS.values())
