"""Our side and the peers', started for a benchmark: whatever is not there is Missing."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import tempfile
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import fivefold
from bench.harness import Measure, Missing, Sample
from tests import servers

READY_SECONDS_MAX = 60.0
# Standard ports, moved together by --port-offset; the first two are asked for unless told.
STANDARD_PORTS = {"postgres": 5432, "redis": 6379, "cassandra": 9042, "neo4j": 7687}
USUAL = ("postgres", "redis")
_PORT = re.compile(r"^(\w+)\s+(\S+):(\d+)")


@dataclass(frozen=True, slots=True)
class OurServer:
    """A running ``fivefold serve``; ``ports`` by protocol."""

    pid: int
    store: Path
    ports: Mapping[str, int]

    @property
    def postgres(self) -> str:
        return f"postgresql://postgres@{servers.HOST}:{self.ports['postgres']}/postgres"


def attempt(set_up: Callable[[], Measure]) -> Measure | str:
    """The side, or why it is missing; one that breaks while it is set up breaks when measured."""
    try:
        return set_up()
    except (Missing, servers.Absent) as reason:
        return str(reason)
    except Exception as error:  # any: the harness shows it, and goes on with the other side
        return partial(_break, error)


def _break(error: Exception) -> Sample:
    raise error


def checksum(parts: Iterable[object]) -> str:
    """Eight hexadecimal digits over the parts, in their order."""
    value = 0
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode()
        value = zlib.crc32(data, value)
    return f"{value:08x}"


@contextmanager
def folder() -> Iterator[Path]:
    """A temporary folder on the disk that tests use."""
    with tempfile.TemporaryDirectory(prefix="fivefold-bench-") as name:
        yield Path(name)


def open_ours(path: Path, durability: str) -> AbstractContextManager[Any]:
    """``fivefold.open``. Raises Missing while there is none."""
    opener = getattr(fivefold, "open", None)
    if opener is None:
        raise Missing("fivefold.open does not exist yet")
    database: AbstractContextManager[Any] = opener(str(path), durability=durability)
    return database


@contextmanager
def our_server(
    durability: str, url: str | None = None, only: Sequence[str] = USUAL
) -> Iterator[OurServer]:
    """Run ``fivefold serve`` over an empty file, or over the database at ``url``.

    Raises Missing if it does not get ready.
    """
    with folder() as at, (at / "errors").open("w+") as errors:
        store = at / "bench.db"
        command = [str(Path(sys.executable).parent / "fivefold"), "serve", url or str(store)]
        command += ["--durability", durability, "--port-offset", str(free_offset())]
        command += ["--only", ",".join(only)]
        try:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors
            )
        except FileNotFoundError:
            raise Missing("the program fivefold is not installed") from None
        try:
            ports = ports_of(process)
            if ports is None:
                errors.seek(0)
                said = errors.read().strip().splitlines() or ["it said nothing"]
                raise Missing(f"fivefold serve did not get ready: {said[-1]}")
            yield OurServer(process.pid, store, ports)
        finally:
            servers.stop(process)
            assert process.stdout is not None
            process.stdout.close()


def free_offset() -> int:
    """An offset at which every port that will be asked for was free a moment ago."""
    lowest = min(STANDARD_PORTS.values())
    for port in servers.free_ports(20):
        asked = [standard + port - lowest for standard in STANDARD_PORTS.values()]
        if all(map(_is_free, asked)):
            return port - lowest
    raise Missing("no free ports")


def _is_free(port: int) -> bool:
    with socket.socket() as one:
        try:
            one.bind((servers.HOST, port))
        except (OSError, OverflowError):
            return False
    return True


def ports_of(process: subprocess.Popen[bytes]) -> dict[str, int] | None:
    """The ports it prints before ``ready``; None if it ends or takes too long."""
    assert process.stdout is not None
    too_long = threading.Timer(READY_SECONDS_MAX, process.kill)
    too_long.start()
    try:
        ports: dict[str, int] = {}
        for line in process.stdout:
            text = line.decode().strip()
            if text == "ready":
                return ports
            if match := _PORT.match(text):
                ports[match[1]] = int(match[3])
        return None
    finally:
        too_long.cancel()
