"""TLS on every port: the drivers' own words for it, and clients that do not speak it."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import neo4j
import psycopg
import pymongo
import pymongo.errors
import pytest
import redis
from cassandra.cluster import Cluster
from cryptography.hazmat.primitives import serialization

import fivefold
from fivefold.api.serving import Serving
from fivefold.errors import InvalidValue
from fivefold.serve import selfsigned
from fivefold.serve.tls import Tls
from tests.serve.raw import start_up

SSL_REQUEST = struct.pack("!ii", 8, 80877103)


def write_pair(folder: Path) -> tuple[Path, Path]:
    """A new certificate and its key; those that were there are replaced."""
    files = (folder / "server.crt", folder / "server.key")
    for path, text in zip(files, selfsigned.make("127.0.0.1"), strict=True):
        path.write_bytes(text)
    return files


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    return write_pair(tmp_path)


@pytest.fixture
def server(tmp_path: Path, pair: tuple[Path, Path]) -> Iterator[Serving]:
    with fivefold.serving(tmp_path / "a.db", durability="off", tls=pair) as serving:
        yield serving


def dial(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), 20)


def trusting(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate))


def test_psycopg(server: Serving, pair: tuple[Path, Path], tmp_path: Path) -> None:
    url = server.urls["postgres"]
    for mode in ("sslmode=require", "sslmode=prefer", f"sslmode=verify-full sslrootcert={pair[0]}"):
        given = psycopg.conninfo.make_conninfo(
            url, **dict(each.split("=") for each in mode.split())
        )
        with psycopg.connect(given) as db:
            assert db.pgconn.ssl_in_use
            text = "x" * 300_000
            assert db.execute("SELECT %s::text || 'y'", [text]).fetchone() == (text + "y",)
            with pytest.raises(psycopg.errors.UndefinedTable):
                db.execute("SELECT * FROM nothing_like_it")
            db.rollback()
            _cancel_something(db)
    (tmp_path / "other").mkdir()
    other, _ = write_pair(tmp_path / "other")
    with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
        psycopg.connect(url, sslmode="verify-full", sslrootcert=str(other))


def _cancel_something(db: psycopg.Connection[Any]) -> None:
    canceled = threading.Event()

    def cancel() -> None:
        while not canceled.wait(0.05):  # the statement may not have begun yet
            db.cancel_safe(timeout=20)

    thread = threading.Thread(target=cancel)
    thread.start()
    try:
        with pytest.raises(psycopg.errors.QueryCanceled):
            db.execute("SELECT pg_sleep(20)")
    finally:
        canceled.set()
        thread.join()


def test_redis(server: Serving, pair: tuple[Path, Path]) -> None:
    url = server.urls["redis"]
    with redis.Redis.from_url(url, ssl_ca_certs=str(pair[0]), ssl_check_hostname=True) as client:
        client.set("k", b"v" * 2_000_000)
        assert client.get("k") == b"v" * 2_000_000
        with client.pipeline(transaction=False) as pipeline:
            for _ in range(1_000):
                pipeline.incr("n")
            assert pipeline.execute()[-1] == 1_000


def test_pymongo(server: Serving, pair: tuple[Path, Path]) -> None:
    given: dict[str, Any] = {"tlsCAFile": str(pair[0]), "serverSelectionTimeoutMS": 20_000}
    with pymongo.MongoClient(server.urls["mongodb"], **given) as client:
        client.shop.orders.insert_many([{"_id": i, "text": "x" * 1_000} for i in range(2_000)])
        assert len(list(client.shop.orders.find())) == 2_000


def test_cassandra(server: Serving, pair: tuple[Path, Path]) -> None:
    cluster = Cluster(
        ["127.0.0.1"],
        port=server.ports["cassandra"],
        ssl_context=trusting(pair[0]),
        ssl_options={"server_hostname": "127.0.0.1"},
        connect_timeout=20,
    )
    try:
        session = cluster.connect()
        rows = list(session.execute("SELECT ssl_enabled FROM system_views.clients"))
        assert rows
        assert all(row.ssl_enabled for row in rows)
    finally:
        cluster.shutdown()


def test_neo4j(server: Serving, pair: tuple[Path, Path]) -> None:
    port = server.ports["neo4j"]
    with neo4j.GraphDatabase.driver(f"bolt+ssc://127.0.0.1:{port}") as driver:
        records, _, _ = driver.execute_query("UNWIND range(1, 5000) AS i RETURN i")
        assert len(records) == 5_000
    trust = neo4j.TrustCustomCAs(str(pair[0]))
    with neo4j.GraphDatabase.driver(
        f"bolt://127.0.0.1:{port}", encrypted=True, trusted_certificates=trust
    ) as driver:
        driver.verify_connectivity()


def test_a_certificate_for_the_moment(tmp_path: Path) -> None:
    with fivefold.serving(tmp_path / "a.db", only=["redis"], tls=True) as serving:
        client = redis.Redis(port=serving.ports["redis"], ssl=True, ssl_cert_reqs="none")
        assert client.incr("n") == 1
        client.close()


def test_every_port_speaks_1_2_and_nothing_older(server: Serving, pair: tuple[Path, Path]) -> None:
    for protocol, port in server.ports.items():
        context = trusting(pair[0])
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        with dial(port) as plain:
            _ask(plain, protocol)
            with context.wrap_socket(plain, server_hostname="127.0.0.1") as encrypted:
                assert encrypted.version() == "TLSv1.2"
    old = Tls(*pair)
    assert old.context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert old.listening.minimum_version is ssl.TLSVersion.TLSv1_2


def _ask(plain: socket.socket, protocol: str) -> None:
    if protocol == "postgres":
        plain.sendall(SSL_REQUEST)
        assert plain.recv(1) == b"S"


def test_a_client_in_the_clear_is_told_or_closed(server: Serving) -> None:
    with pytest.raises(psycopg.OperationalError, match="encrypted connections only") as caught:
        psycopg.connect(server.urls["postgres"], sslmode="disable")
    assert "sslmode=require" in str(caught.value)
    with redis.Redis(port=server.ports["redis"], retry=None) as client:  # noqa: SIM117
        with pytest.raises(redis.ConnectionError):
            client.ping()
    for protocol in ("redis", "mongodb", "cassandra", "neo4j"):
        with dial(server.ports[protocol]) as plain:
            plain.sendall(b"PING in the clear\r\n")
            assert b"PONG" not in _all(plain)  # an alert of TLS, then the end


def _all(plain: socket.socket) -> bytes:
    heard = b""
    try:
        while data := plain.recv(4_096):
            heard += data
    except ConnectionResetError:
        pass
    return heard


def test_what_comes_in_the_clear_behind_the_request_is_not_taken(server: Serving) -> None:
    """CVE-2021-23214: somebody in between could put statements before the client's own."""
    with dial(server.ports["postgres"]) as plain:
        plain.sendall(SSL_REQUEST + start_up(user="ada", database="a"))
        heard = _all(plain)
    assert b"unencrypted data after encryption request" in heard
    assert not heard.startswith(b"S")


def test_clients_that_leave_in_the_handshake_are_forgotten(server: Serving) -> None:
    for _ in range(20):
        for protocol, port in server.ports.items():
            with dial(port) as plain:
                _ask(plain, protocol)
                plain.sendall(b"\x16\x03\x01")
    with dial(server.ports["postgres"]) as plain:
        _ask(plain, "postgres")
        plain.sendall(b"this is not a handshake")
        _all(plain)
    with psycopg.connect(server.urls["postgres"]) as db:
        assert db.execute("SELECT count(*) FROM pg_stat_activity").fetchone() == (1,)


def test_without_tls_a_client_that_asks_is_told_so(tmp_path: Path) -> None:
    with fivefold.serving(tmp_path / "b.db", only=["postgres"]) as serving:  # noqa: SIM117
        with pytest.raises(psycopg.OperationalError, match="does not support SSL"):
            psycopg.connect(serving.urls["postgres"], sslmode="require")


def test_files_that_cannot_be_used_are_named(pair: tuple[Path, Path], tmp_path: Path) -> None:
    certificate, key = pair
    (tmp_path / "other").mkdir()
    _, other = write_pair(tmp_path / "other")
    (tmp_path / "empty").touch()
    for given, says in [
        ((certificate, other), "key values mismatch"),
        ((certificate, tmp_path / "missing"), "No such file"),
        ((tmp_path / "empty", key), "empty"),
    ]:
        with pytest.raises(InvalidValue, match=says) as caught:
            Tls(*given)
        assert "PEM" in str(caught.value.hint)


def test_no_certificate_of_a_client_is_asked_for(pair: tuple[Path, Path]) -> None:
    tls = Tls(*pair)
    assert tls.context.verify_mode is tls.listening.verify_mode is ssl.CERT_NONE


def test_new_files_are_taken_and_broken_ones_are_not(
    server: Serving, pair: tuple[Path, Path], caplog: pytest.LogCaptureFixture
) -> None:
    background = server._server
    assert background is not None
    assert background.server is not None
    tls = background.server.tls
    assert tls is not None

    def refreshed(protocol: str) -> bytes:
        looked = threading.Event()
        loop = background.server.loop  # type: ignore[union-attr]
        loop.call_soon_threadsafe(lambda: (tls.refresh(), looked.set()))
        assert looked.wait(20)
        return _certificate(server.ports[protocol], protocol)

    protocols = ("postgres", "redis", "mongodb", "cassandra", "neo4j")
    with psycopg.connect(server.urls["postgres"]) as before:
        first = {refreshed(protocol) for protocol in protocols}
        write_pair(pair[0].parent)
        second = {refreshed(protocol) for protocol in protocols}
        assert len(first) == len(second) == 1
        assert first != second
        for path, broken in ((pair[1], b""), (pair[0], b"no certificate")):
            text = path.read_bytes()
            path.write_bytes(broken)
            assert {refreshed(protocol) for protocol in protocols} == second
            assert "the certificate in force stays" in caplog.text
            path.write_bytes(text)
        pair[1].unlink()
        assert {refreshed(protocol) for protocol in protocols} == second
        assert before.execute("SELECT 1").fetchone() == (1,)


def _certificate(port: int, protocol: str) -> bytes:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with dial(port) as plain:
        _ask(plain, protocol)
        with context.wrap_socket(plain) as encrypted:
            found = encrypted.getpeercert(binary_form=True)
    assert found is not None
    return found


def test_a_certificate_that_ends_soon_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "a.db"
    monkeypatch.setattr(selfsigned, "DAYS", selfsigned.DAYS_LEFT_MIN - 1)
    ending = selfsigned.beside(store, "127.0.0.1").fingerprint
    monkeypatch.undo()
    renewed = selfsigned.beside(store, "127.0.0.1").fingerprint
    assert renewed != ending
    assert selfsigned.beside(store, "127.0.0.1").fingerprint == renewed


def test_a_key_that_asks_for_a_passphrase_is_refused(pair: tuple[Path, Path]) -> None:
    key = serialization.load_pem_private_key(pair[1].read_bytes(), None)
    pair[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"secret"),
        )
    )
    with pytest.raises(InvalidValue, match="passphrase"):
        Tls(*pair)


def test_postgres_has_to_be_asked_first(server: Serving, pair: tuple[Path, Path]) -> None:
    with dial(server.ports["postgres"]) as plain, pytest.raises((ssl.SSLError, OSError)):
        trusting(pair[0]).wrap_socket(plain, server_hostname="127.0.0.1")
