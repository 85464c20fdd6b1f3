"""``fivefold serve``: its lines, its end, and what it refuses."""

from __future__ import annotations

import hashlib
import signal
import socket
import ssl
from pathlib import Path

import psycopg
import pytest
import redis

import fivefold
from fivefold.cli.serving import check_address, check_users, wanted_tls
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
        (["--listen", "0.0.0.0"], "--allow-plaintext"),
        (["--listen", "192.168.0.1", "--allow-anonymous"], "without TLS"),
        (["--tls-cert", "a.crt"], "--tls-key"),
        (["--tls-key", "a.key"], "go together"),
        (["--tls-self-signed", "--tls-cert", "a", "--tls-key", "b"], "leave one of both out"),
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


def test_a_certificate_is_made_once_and_kept(tmp_path: Path) -> None:
    offset = free_offset()
    options = ("--only", "redis", "--port-offset", str(offset), "--tls-self-signed")
    told = []
    for _ in range(2):
        with serving(tmp_path, "shop.db", *options) as (process, lines):
            told.append(lines)
            with redis.Redis(
                host="localhost",
                port=6379 + offset,
                ssl=True,
                ssl_ca_certs=str(tmp_path / "shop.db-tls.crt"),
            ) as client:
                assert client.ping()
            process.send_signal(signal.SIGTERM)
            assert process.wait(servers.STOP_SECONDS_MAX) == 0
    assert told[0] == told[1]
    pem = (tmp_path / "shop.db-tls.crt").read_text()
    fingerprint = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest().upper()
    assert told[0][1:] == [f"tls SHA-256 {fingerprint}", "ready"]
    assert (tmp_path / "shop.db-tls.key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("store", "kept"), [("shop.db", True), (":memory:", False), ("postgresql:///shop", False)]
)
def test_a_certificate_is_kept_beside_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: str, kept: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    tls = wanted_tls(store, "127.0.0.1", None, None, self_signed=True)
    assert tls is not None
    assert bool(list(tmp_path.iterdir())) is kept


def test_beyond_this_machine_users_are_asked_for(tmp_path: Path) -> None:
    for options in (["--allow-plaintext"], ["--tls-self-signed"]):
        ran = run(tmp_path, "serve", "shop.db", "--listen", "0.0.0.0", *options)
        assert ran.status == 2
        assert "--allow-anonymous" in words(ran.errors)
        assert "fivefold user set" in words(ran.errors)
    check_users("0.0.0.0", asks_who=True, allow_anonymous=False)
    check_users("0.0.0.0", asks_who=False, allow_anonymous=True)


def test_what_is_beyond_this_machine() -> None:
    for address, beyond in [("127.0.0.2", False), ("::1", False), ("0.0.0.0", True), ("::", True)]:
        assert check_address(address, encrypted=True, allow_plaintext=False) is beyond
        assert check_address(address, encrypted=False, allow_plaintext=True) is beyond
