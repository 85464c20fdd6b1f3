"""``fivefold serve``: its lines, its end, and what it refuses."""

from __future__ import annotations

import signal
import socket
from pathlib import Path

import psycopg
import pytest
import redis

import fivefold
from tests import servers
from tests.cli.program import call, free_offset, run, serving, words


def test_says_where_it_listens_and_stops_on_a_signal(tmp_path: Path) -> None:
    offset = free_offset()
    with serving(tmp_path, "shop.db", "--port-offset", str(offset)) as (process, lines):
        assert lines == [
            f"postgres 127.0.0.1:{5432 + offset}",
            f"redis 127.0.0.1:{6379 + offset}",
            f"mongodb 127.0.0.1:{27017 + offset}",
            f"neo4j 127.0.0.1:{7687 + offset}",
            f"cassandra 127.0.0.1:{9042 + offset}",
            "ready",
        ]
        url = f"postgresql://ada@127.0.0.1:{5432 + offset}/shop"
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE t (a integer)")
        with redis.Redis(port=6379 + offset) as client:
            assert client.incr("n") == 1
        process.send_signal(signal.SIGTERM)
        assert process.wait(servers.STOP_SECONDS_MAX) == 0
    with fivefold.open(tmp_path / "shop.db") as database:
        assert database.redis.get("n") == b"1"


def test_only_what_was_asked_for(tmp_path: Path) -> None:
    offset = free_offset()
    options = ("--only", "redis", "--port-offset", str(offset), "--durability", "off")
    with serving(tmp_path, "shop.db", *options) as (process, lines):
        assert lines == [f"redis 127.0.0.1:{6379 + offset}", "ready"]
        process.send_signal(signal.SIGINT)
        assert process.wait(servers.STOP_SECONDS_MAX) == 0


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    offset = free_offset()
    with socket.socket() as taken:
        taken.bind((servers.HOST, 6379 + offset))
        taken.listen()
        ran = run(tmp_path, "serve", "shop.db", "--port-offset", str(offset))
    assert ran.status == 1
    assert f"127.0.0.1:{6379 + offset}" in ran.errors
    assert "--port-offset" in ran.errors
    assert ran.output == ""


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--listen", "0.0.0.0"], "ssh -L"),
        (["--listen", "192.168.0.1"], "neither passwords nor TLS"),
        (["--listen", "nowhere"], "'nowhere' is not an address"),
        (["--only", "mysql"], "'mysql' is not a protocol that is served"),
        (["--only", ""], "these are: postgres, redis"),
        (["--port-offset", "60000"], "66379 would be the port of redis"),
        (["--port-offset", "-5432"], "ports are 1 to 65535"),
        (["--durability", "some"], "'some'"),
        (["--nonsense"], "No such option"),
    ],
)
def test_wrong_usage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = call(tmp_path, "serve", "shop.db", *options)
    assert ran.status == 2
    assert says in words(ran.errors)


def test_a_file_that_is_none_of_ours(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x" * 5000)
    ran = run(tmp_path, "serve", "notes.txt")
    assert ran.status == 1
    assert "Traceback" not in ran.errors
    assert "notes.txt" in ran.errors
