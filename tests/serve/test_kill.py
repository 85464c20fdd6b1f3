"""kill -9 while clients write: what was acknowledged is there afterwards."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import redis

import fivefold
from tests.cli.program import COMMAND, environment, free_offset
from tests.servers import STOP_SECONDS_MAX

ROUNDS = 3


def write_sql(offset: int, client: int, acknowledged: list[int], enough: threading.Event) -> None:
    url = f"postgresql://ada@127.0.0.1:{5432 + offset}/shop"
    with psycopg.connect(url, autocommit=True, prepare_threshold=0) as db:
        number = client * 1_000_000 + len(acknowledged)
        try:
            while True:
                number += 1
                if number % 5:
                    db.execute("INSERT INTO t VALUES (%s)", [number])
                    acknowledged.append(number)
                    continue
                with db.transaction():
                    db.execute("INSERT INTO t VALUES (%s)", [number])
                acknowledged.append(number)
                if len(acknowledged) > 40:
                    enough.set()
        except psycopg.OperationalError:
            pass


def write_redis(offset: int, client: int, acknowledged: list[int], enough: threading.Event) -> None:
    with redis.Redis(port=6379 + offset, retry=None) as cache:
        number = client * 1_000_000 + len(acknowledged)
        try:
            while True:
                number += 1
                pipe = cache.pipeline(transaction=number % 2 == 0)
                pipe.set(f"k{number}", number)
                pipe.execute()
                acknowledged.append(number)
                if len(acknowledged) > 40:
                    enough.set()
        except redis.ConnectionError:
            pass


@pytest.mark.parametrize("durability", ["full", "normal"])
def test_what_was_acknowledged_survives(tmp_path: Path, durability: str) -> None:
    path = tmp_path / "shop.db"
    with fivefold.open(path) as database:
        database.sql("CREATE TABLE t (a integer PRIMARY KEY)")
    written: list[list[int]] = [[] for _ in range(4)]
    writers: list[Callable[[int, int, list[int], threading.Event], None]] = [
        *(write_sql, write_sql, write_redis, write_redis)
    ]
    for turn in range(ROUNDS):
        round_trip(path, durability, turn, writers, written)
        with fivefold.open(path) as database:
            rows = {row[0] for row in database.sql("SELECT a FROM t").fetchall()}
            assert rows >= {*written[0], *written[1]}
            for number in (*written[2], *written[3]):
                assert database.redis.get(f"k{number}") == str(number).encode()
    assert all(len(each) > ROUNDS for each in written)


def round_trip(
    path: Path,
    durability: str,
    turn: int,
    writers: list[Callable[[int, int, list[int], threading.Event], None]],
    written: list[list[int]],
) -> None:
    """Serve, write with all clients until each has had enough, and kill the server."""
    offset = free_offset()
    arguments = ["serve", str(path), "--port-offset", str(offset), "--durability", durability]
    process = subprocess.Popen(
        [*COMMAND, *arguments], stdout=subprocess.PIPE, env=environment(path.parent)
    )
    try:
        assert process.stdout is not None
        while b"ready" not in process.stdout.readline():
            assert process.poll() is None
        now: list[list[int]] = [[] for _ in writers]
        enough = [threading.Event() for _ in writers]
        threads = [
            threading.Thread(target=write, args=(offset, 10 * turn + client, now[client], event))
            for client, (write, event) in enumerate(zip(writers, enough, strict=True))
        ]
        for thread in threads:
            thread.start()
        for event in enough:
            assert event.wait(30)
    finally:
        process.kill()
        process.wait(STOP_SECONDS_MAX)
        assert process.stdout is not None
        process.stdout.close()
    for thread, numbers, all_numbers in zip(threads, now, written, strict=True):
        thread.join(30)
        all_numbers += numbers
