"""Transactions are synced beside the loop, and nobody is told of a commit before.

What the disk would hold after a power cut is what the files held when the last sync that has ended
began.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest

import fivefold
from fivefold.api.serving import Serving
from fivefold.errors import Unavailable
from tests.serve.conftest import Connect
from tests.serve.raw import Talk, message
from tests.serve.test_waiting import clients, holder, pool, until
from tests.which import ONE_WRITER

__all__ = ["holder", "pool"]  # fixtures

pytestmark = ONE_WRITER


@pytest.fixture
def server(store_url: str) -> Iterator[Serving]:
    """Every protocol on free ports, every commit synced."""
    with fivefold.serving(store_url, durability="full") as serving:
        yield serving


class Disk:
    """Stands before a store's sync: holds it up while ``free`` is not set."""

    def __init__(self, sync: Callable[[], None]) -> None:
        self._sync = sync
        self.begun = 0
        self.free = threading.Event()
        self.broken = False

    def sync(self) -> None:
        self.begun += 1
        self.free.wait(20)
        if self.broken:
            raise Unavailable("cannot sync: the disk is broken", "io_error")
        self._sync()


@pytest.fixture
def disk(server: Serving, holder: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    """A slow disk, from when the holder holds the writer's place."""
    store = server.database.engine.store
    made = Disk(store.sync)
    monkeypatch.setattr(store, "sync", made.sync)
    yield made
    made.free.set()


def begin_and_wait(server: Serving, write: str) -> Talk:
    """Return a client whose transaction waits to write."""
    talk = Talk(server.ports["postgres"])
    talk.query("BEGIN")
    line = len(server.database.engine.writer._line)
    talk.socket.sendall(message("Q", write))
    until(lambda: len(server.database.engine.writer._line) == line + 1)
    return talk


def held(server: Serving) -> int:
    """Return how many clients' answers wait for a sync."""
    return sum(bool(client._held) for client in clients(server))


def test_the_next_writer_goes_on_while_commits_and_readers_wait(
    server: Serving,
    connect: Connect,
    holder: psycopg.Connection[Any],
    disk: Disk,
    pool: ThreadPoolExecutor,
) -> None:
    reader = connect()
    with begin_and_wait(server, "UPDATE t SET b = b + 1 RETURNING b") as talk:
        commits = pool.submit(holder.execute, "COMMIT")
        assert talk.until("Z") == ["T", "D:2", "D:1", "C:UPDATE 2", "Z:T"]
        until(lambda: held(server) == 1)
        reads = pool.submit(reader.execute, "SELECT sum(b) FROM t")
        until(lambda: held(server) == 2)
        assert not commits.done()
        assert not reads.done()
        disk.free.set()
        commits.result(20)
        assert reads.result(20).fetchone() == (1,)
        assert talk.query("COMMIT") == ["C:COMMIT", "Z:I"]


def test_transactions_that_end_during_a_sync_share_the_next(
    server: Serving, holder: psycopg.Connection[Any], disk: Disk, pool: ThreadPoolExecutor
) -> None:
    line = [begin_and_wait(server, "UPDATE t SET b = b + 1") for _ in range(5)]
    try:
        commits = pool.submit(holder.execute, "COMMIT")
        for number, talk in enumerate(line[:4], 2):
            assert talk.until("Z")[-1] == "Z:T"
            talk.socket.sendall(message("Q", "COMMIT"))
            until(lambda: held(server) == number)  # noqa: B023
        assert disk.begun == 1
        disk.free.set()
        commits.result(20)
        for talk in line[:4]:
            assert talk.until("Z") == ["C:COMMIT", "Z:I"]
        assert disk.begun == 2
    finally:
        for talk in line:
            talk.socket.close()


def test_what_came_with_a_commit_is_answered_behind_it(
    server: Serving, holder: psycopg.Connection[Any], disk: Disk
) -> None:
    talk = begin_and_wait(server, "UPDATE t SET b = 7")
    with talk, begin_and_wait(server, "UPDATE t SET b = b + 1") as other:
        holder.execute("ROLLBACK")
        assert talk.until("Z")[-1] == "Z:T"
        texts = ("COMMIT", "BEGIN", "SELECT min(b) FROM t", "END", "SELECT 1")
        talk.socket.sendall(b"".join(message("Q", text) for text in texts))
        assert other.until("Z")[-1] == "Z:T"
        until(lambda: held(server) == 1)
        talk.socket.setblocking(False)
        with pytest.raises(BlockingIOError):
            talk.socket.recv(1)
        talk.socket.settimeout(20)
        disk.free.set()
        assert talk.until("Z") == ["C:COMMIT", "Z:I"]
        assert talk.until("Z") == ["C:BEGIN", "Z:T"]
        assert talk.until("Z") == ["T", "D:7", "C:SELECT 1", "Z:T"]
        assert talk.until("Z") == ["C:COMMIT", "Z:I"]
        assert talk.until("Z") == ["T", "D:1", "C:SELECT 1", "Z:I"]


def test_after_a_sync_has_failed_nobody_is_told_of_anything_else(
    server: Serving, connect: Connect, holder: psycopg.Connection[Any], disk: Disk
) -> None:
    cache = connect()
    with begin_and_wait(server, "UPDATE t SET b = 7") as talk:
        disk.broken = True
        disk.free.set()
        with pytest.raises(psycopg.OperationalError, match="the disk is broken"):
            holder.execute("COMMIT")
        assert talk.until("Z")[-1] == "Z:T"
        talk.socket.sendall(message("Q", "COMMIT"))
        assert talk.until("")[-2:] == ["E:58030", ""]
    disk.broken = False
    with pytest.raises(psycopg.OperationalError, match="the disk is broken"):
        cache.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError, match="the disk is broken"):
        connect()


def test_what_is_acknowledged_is_on_the_disk(
    server: Serving,
    connect: Connect,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    pool: ThreadPoolExecutor,
) -> None:
    connect().execute("CREATE TABLE t (a integer PRIMARY KEY)")
    store = server.database.engine.store
    path, sync = Path(store.path), store.sync  # type: ignore[attr-defined]
    images: list[Path] = []  # what the disk held for certain, one after the other

    def photographed() -> None:
        image = tmp_path / f"image{len(images)}"
        image.mkdir()
        shutil.copy(path, image / "file.db")
        shutil.copy(f"{path}-wal", image / "file.db-wal")
        sync()
        images.append(image)

    monkeypatch.setattr(store, "sync", photographed)
    certain: list[tuple[int, Path]] = []

    def work(client: int) -> None:
        db = connect()
        for number in range(8):
            key = 100 * client + number
            with db.transaction():
                db.execute("INSERT INTO t VALUES (%s)", [key])
                db.execute("SELECT a FROM t WHERE a = %s", [key])
            certain.append((key, images[-1]))

    for done in [pool.submit(work, client) for client in range(6)]:
        done.result(60)
    assert len(certain) == 48
    for image in dict.fromkeys(image for _, image in certain):
        with fivefold.open(image / "file.db") as after:
            kept = {key for (key,) in after.sql("SELECT a FROM t")}
        assert kept >= {key for key, at in certain if at == image}
