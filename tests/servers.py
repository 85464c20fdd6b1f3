"""Real peers: a redis-server and a PostgreSQL of our own, for tests and for ``make bench``.

Each starts on a free loopback port with its files in a temporary folder, is known by its own
process, and is stopped by that process alone, so that servers of the machine are never touched.
PostgreSQL refuses to run as root; started by root it runs as the user ``postgres``.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psycopg
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

HOST = "127.0.0.1"
START_SECONDS_MAX = 60.0
STOP_SECONDS_MAX = 20.0
# Between picking a port and binding it somebody else may take it; then we pick again.
START_ATTEMPTS = 5
POLL_SECONDS = 0.02

# Tests throw their data away, so they need not wait for the disk; benchmarks pass settings of
# their own (``{}`` for what PostgreSQL does when nobody asks for anything).
POSTGRES_FOR_TESTS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Absent(Exception):
    """A peer is not installed here; the message says what was looked for."""


class NotStarted(Exception):
    """A peer is installed but did not come up; the message ends with what it said."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running peer. ``url`` is what its clients connect to; ``pid`` its first process."""

    url: str
    host: str
    port: int
    pid: int
    folder: Path


def free_ports(count: int) -> list[int]:
    """Different loopback ports that nothing listened on a moment ago."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind((HOST, 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def find_program(name: str) -> Path:
    """The program's path. Raises Absent if it is neither in PATH nor beside PostgreSQL's."""
    found = shutil.which(name)
    if found is not None:
        return Path(found)
    for folder in _postgres_folders():
        if (folder / name).exists():
            return folder / name
    raise Absent(f"{name} is not installed")


def find_postgres() -> Path:
    """The folder that holds both ``initdb`` and ``postgres``; Debian keeps it out of PATH."""
    for folder in _postgres_folders():
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise Absent("PostgreSQL (initdb and postgres) is not installed")


def _postgres_folders() -> list[Path]:
    # A link in PATH may point at one program of an installation: its target has the others.
    linked = [shutil.which(name) for name in ("initdb", "postgres")]
    folders = [Path(path).resolve().parent for path in linked if path is not None]
    packaged = Path("/usr/lib/postgresql").glob("*/bin")
    return folders + sorted(packaged, key=lambda path: path.parent.name.zfill(3), reverse=True)


@contextmanager
def redis_server(*options: str, environment: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Run redis-server with ``options`` after our own, e.g. ``"--appendonly", "yes"``.

    Without options it is redis-server's default, snapshots in the background included.
    ``environment`` is added to our own.
    """
    program = str(find_program("redis-server"))

    def command(port: int, folder: Path) -> list[str]:
        own = ["--port", str(port), "--bind", HOST, "--dir", str(folder)]
        return [program, *own, *options]

    def answers(port: int, pid: int, folder: Path) -> bool:
        try:
            with redis.Redis(host=HOST, port=port, retry=Retry(NoBackoff(), 0)) as client:
                return bool(client.info("server")["process_id"] == pid)
        except redis.ConnectionError:
            return False

    with _temporary_folder("fivefold-redis-", None) as folder:
        url = "redis://{host}:{port}/0"
        yield from _running(command, answers, url, folder, signal.SIGTERM, environment=environment)


@contextmanager
def postgres_server(settings: Mapping[str, str] = POSTGRES_FOR_TESTS) -> Iterator[Server]:
    """Run a PostgreSQL with the superuser ``postgres``, trusted on loopback, in UTF-8."""
    programs = find_postgres()
    owner = _postgres_owner()

    def command(port: int, folder: Path) -> list[str]:
        own = {"listen_addresses": HOST, "port": str(port), "unix_socket_directories": ""}
        pairs = [f"--{name}={value}" for name, value in {**own, **settings}.items()]
        return [str(programs / "postgres"), "-D", str(folder / "data"), *pairs]

    def answers(port: int, pid: int, folder: Path) -> bool:
        # The server's own notice: its process in line 1, its status in line 8 (PostgreSQL,
        # src/include/utils/pidfile.h). Asking the port could reach somebody else's server.
        try:
            lines = (folder / "data/postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"

    with _temporary_folder("fivefold-postgres-", owner) as folder:
        asked = "-U postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync"
        made = subprocess.run(
            [str(programs / "initdb"), "-D", str(folder / "data"), *asked.split()],
            cwd=folder,
            user=owner,
            group=owner,
            capture_output=True,
            text=True,
        )
        if made.returncode:
            raise NotStarted(f"initdb failed: {made.stderr.strip()}")
        url = "postgresql://postgres@{host}:{port}/postgres"
        yield from _running(command, answers, url, folder, signal.SIGINT, owner)


@contextmanager
def fresh_database(url: str) -> Iterator[str]:
    """Make an empty database in the PostgreSQL at ``url``; yield its URL; drop it afterwards."""
    name = f"fivefold_test_{uuid.uuid4().hex[:16]}"
    base, _, query = url.partition("?")
    head, _, _ = base.rpartition("/") if base.count("/") > 2 else (base, "", "")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    try:
        yield f"{head}/{name}" + (f"?{query}" if query else "")
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def stop(process: subprocess.Popen[bytes], how: signal.Signals = signal.SIGTERM) -> None:
    """Ask the process to end, and end it if it does not."""
    if process.poll() is None:
        process.send_signal(how)
    try:
        process.wait(STOP_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _postgres_owner() -> str | None:
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        raise Absent("PostgreSQL refuses root, and there is no user 'postgres'") from None


@contextmanager
def _temporary_folder(prefix: str, owner: str | None) -> Iterator[Path]:
    # Not pytest's tmp_path: that one lies below folders which only root may enter.
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    try:
        if owner is not None:
            shutil.chown(folder, owner)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _running(
    command: Callable[[int, Path], list[str]],
    answers: Callable[[int, int, Path], bool],
    url: str,
    folder: Path,
    how_to_stop: signal.Signals,
    owner: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    log = folder / "log"
    for attempt in range(1, START_ATTEMPTS + 1):
        (port,) = free_ports(1)
        with log.open("wb") as output:
            process = subprocess.Popen(
                command(port, folder),
                cwd=folder,
                env={**os.environ, **(environment or {})},
                user=owner,
                group=owner,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            if _came_up(process, partial(answers, port, process.pid, folder)):
                yield Server(url.format(host=HOST, port=port), HOST, port, process.pid, folder)
                return
        finally:
            stop(process, how_to_stop)
        said = log.read_text(errors="replace")
        if "in use" not in said or attempt == START_ATTEMPTS:
            raise NotStarted(said[-2000:])


def _came_up(process: subprocess.Popen[bytes], answers: Callable[[], bool]) -> bool:
    """Wait until it answers (True) or has ended (False). Raises NotStarted if it does neither."""
    deadline = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < deadline:
        if process.poll() is not None:
            return False
        if answers():
            return True
        time.sleep(POLL_SECONDS)
    raise NotStarted(f"no answer in {START_SECONDS_MAX:.0f} s: {process.args!r}")
