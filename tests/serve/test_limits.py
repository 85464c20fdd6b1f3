"""The limits that whoever serves may set: each is met by a client, who is told so."""

from __future__ import annotations

import select
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import neo4j
import psycopg
import pymongo
import pymongo.errors
import pytest
import redis
from cassandra.cluster import Cluster

import fivefold
from fivefold.api.serving import Serving
from fivefold.engine.limits import REQUEST_BYTES_MIN, Limits, limits_of, read_limits
from fivefold.errors import InvalidValue
from tests.cli.program import call, free_offset, serving, words
from tests.serve.test_tls import _certificate, write_pair

PATIENCE_SECONDS = 20.0
LARGE = "x" * (REQUEST_BYTES_MIN + 1000)
LONG = "SELECT count(*) FROM generate_series(1, 100000000000) AS n"


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "in vain"
        time.sleep(0.005)


@contextmanager
def served(folder: Path, limits: Mapping[str, float], **options: Any) -> Iterator[Serving]:
    with fivefold.serving(folder / "a.db", durability="off", limits=limits, **options) as server:
        yield server


def test_connections(tmp_path: Path) -> None:
    with served(tmp_path, {"connections": 2}) as server, ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(psycopg.connect(server.urls["postgres"]))
        with pytest.raises(psycopg.OperationalError, match="sorry, too many clients already"):
            psycopg.connect(server.urls["postgres"])
        with pytest.raises(redis.RedisError, match=r"too many clients|closed"):
            redis.Redis.from_url(server.urls["redis"]).ping()


def test_connections_in_the_handshake_count(tmp_path: Path) -> None:
    pair = write_pair(tmp_path)
    with served(tmp_path, {"connections": 3}, tls=pair, only=["redis"]) as server:
        background = server._server
        assert background is not None
        inner = background.server
        assert inner is not None
        port = server.ports["redis"]
        silent = [socket.create_connection(("127.0.0.1", port), 20) for _ in range(3)]
        until(lambda: len(inner.arriving) == 3)
        one = redis.Redis.from_url(server.urls["redis"], ssl_cert_reqs="none")
        with pytest.raises(redis.RedisError, match=r"too many clients|closed"):
            one.ping()
        for each in silent:
            each.close()
        until(lambda: not inner.arriving)
        assert one.ping()
        one.close()
        until(lambda: not inner.connections)


def test_who_fails_after_asking_for_tls_is_forgotten(tmp_path: Path) -> None:
    """Whatever ends a handshake that PostgreSQL's client asked for, its connection is let go."""
    with served(
        tmp_path, {"connections": 2}, tls=write_pair(tmp_path), only=["postgres"]
    ) as server:
        background = server._server
        assert background is not None
        inner = background.server
        assert inner is not None
        asked = b"\0\0\0\x08\x04\xd2\x16\x2f"
        for rest in (b"no handshake at all", b"\x16\x03\x01", b""):
            for _ in range(5):  # more of them than there may be clients
                with socket.create_connection(("127.0.0.1", server.ports["postgres"]), 20) as plain:
                    plain.sendall(asked)
                    assert plain.recv(1) == b"S"
                    plain.sendall(rest)
                until(lambda: not inner.connections)
        with socket.create_connection(("127.0.0.1", server.ports["postgres"]), 20) as plain:
            plain.sendall(asked)
            assert plain.recv(1) == b"S"
            distrusting = ssl.create_default_context()
            with pytest.raises(ssl.SSLError):
                distrusting.wrap_socket(plain, server_hostname="127.0.0.1")
        until(lambda: not inner.connections)
        with psycopg.connect(server.urls["postgres"]) as db:
            assert db.execute("SELECT 1").fetchone() == (1,)


def test_a_new_certificate_is_taken_by_the_clock(tmp_path: Path) -> None:
    with served(tmp_path, {}, tls=write_pair(tmp_path), only=["redis", "postgres"]) as server:
        ports = server.ports
        before = {name: _certificate(port, name) for name, port in ports.items()}
        write_pair(tmp_path)
        for name, port in ports.items():
            until(partial(_has_another, name, port, before[name]))


def _has_another(name: str, port: int, before: bytes) -> bool:
    return _certificate(port, name) != before


def test_request_bytes(tmp_path: Path) -> None:
    limits = {"request_bytes": REQUEST_BYTES_MIN}
    with served(tmp_path, limits) as server, ExitStack() as stack:
        db = stack.enter_context(psycopg.connect(server.urls["postgres"]))
        with pytest.raises(psycopg.OperationalError, match="longer than the 1048576"):
            db.execute("SELECT %s::text", [LARGE])
        one = redis.Redis.from_url(server.urls["redis"])
        with pytest.raises(redis.RedisError, match=r"too big command|closed|reset|Broken pipe"):
            one.set("k", LARGE)
        assert one.get("k") is None
        driver = stack.enter_context(neo4j.GraphDatabase.driver(server.urls["neo4j"]))
        session = stack.enter_context(driver.session())
        with pytest.raises(Exception, match=r"too long|defunct|closed|reset|Broken pipe"):
            session.run("RETURN $x", x=LARGE).consume()
        cluster = stack.enter_context(Cluster(["127.0.0.1"], port=server.ports["cassandra"]))
        cql = cluster.connect()
        with pytest.raises(Exception, match=r"exceeds maximum allowed length 1048576"):
            cql.execute("SELECT * FROM system.local WHERE key = %s", [LARGE])
        assert cql.execute("SELECT key FROM system.local").one().key == "local"
        client = stack.enter_context(pymongo.MongoClient[dict[str, Any]](server.urls["mongodb"]))
        with pytest.raises(pymongo.errors.PyMongoError):
            client["a"]["b"].insert_one({"x": LARGE})
        assert client["a"]["b"].count_documents({}) == 0


def test_statement_seconds(tmp_path: Path) -> None:
    with served(tmp_path, {"statement_seconds": 0.3}) as server, ExitStack() as stack:
        db = stack.enter_context(psycopg.connect(server.urls["postgres"], autocommit=True))
        for asked in ("0", "1h"):
            db.execute(f"SET statement_timeout = '{asked}'")
            with pytest.raises(psycopg.errors.QueryCanceled, match="statement timeout"):
                db.execute(LONG)
        assert db.execute("SELECT 1").fetchone() == (1,)
        driver = stack.enter_context(neo4j.GraphDatabase.driver(server.urls["neo4j"]))
        session = stack.enter_context(driver.session())
        many = "UNWIND range(1, 100000) AS a UNWIND range(1, 100000) AS b RETURN count(*)"
        with pytest.raises(neo4j.exceptions.Neo4jError, match=r"timeout|longer"):
            session.run(many).consume()
        client = stack.enter_context(pymongo.MongoClient[dict[str, Any]](server.urls["mongodb"]))
        numbers = client["a"]["b"]
        numbers.insert_many([{"_id": i} for i in range(3000)])
        crossed = [{"$lookup": {"from": "b", "pipeline": [], "as": "all"}}, {"$unwind": "$all"}]
        with pytest.raises(pymongo.errors.PyMongoError, match=r"time limit|timeout"):
            list(numbers.aggregate([*crossed, {"$group": {"_id": "$all._id"}}]))


def test_idle_transaction_seconds(tmp_path: Path) -> None:
    with served(tmp_path, {"idle_transaction_seconds": 0.3}) as server, ExitStack() as stack:
        db = stack.enter_context(psycopg.connect(server.urls["postgres"]))
        db.execute("SET idle_in_transaction_session_timeout = 0")
        # The server speaks first: nothing is sent that would end the idling.
        assert select.select([db.pgconn.socket], [], [], PATIENCE_SECONDS)[0]
        with pytest.raises(psycopg.Error, match="idle-in-transaction timeout"):
            db.execute("SELECT 1")
        driver = stack.enter_context(neo4j.GraphDatabase.driver(server.urls["neo4j"]))
        session = stack.enter_context(driver.session())
        transaction = session.begin_transaction()
        transaction.run("CREATE (:A)").consume()
        writer = server.database.engine.writer
        until(writer.try_acquire)
        writer.release()
        with pytest.raises(neo4j.exceptions.Neo4jError, match=r"has done nothing for 0\.3 s"):
            transaction.run("RETURN 1").consume()


def test_cursors(tmp_path: Path) -> None:
    with (
        served(tmp_path, {"cursors": 2}) as server,
        pymongo.MongoClient[dict[str, Any]](server.urls["mongodb"]) as client,
    ):
        client["a"]["b"].insert_many([{"_id": i} for i in range(10)])
        cursors = [client["a"]["b"].find(batch_size=2) for _ in range(3)]
        for cursor in cursors:
            next(cursor)
        with pytest.raises(pymongo.errors.CursorNotFound):
            list(cursors[0])
        assert len(list(cursors[2])) == 9


def test_names_and_values() -> None:
    assert limits_of({}) == Limits()
    assert read_limits(["connections=5", "statement_seconds = 1.5"]) == Limits(
        connections=5, statement_seconds=1.5
    )
    for text, said in (
        ("connection=5", "there is no limit 'connection'"),
        ("connections", "is no limit"),
        ("connections=many", "is no limit"),
        ("connections=0", "has to be at least 1"),
        ("request_bytes=10", "has to be at least 1048576"),
        ("statement_seconds=0", "has to be more than 0"),
        ("statement_seconds=-1", "has to be more than 0"),
        ("statement_seconds=nan", "has to be more than 0"),
    ):
        with pytest.raises(InvalidValue, match=said):
            read_limits([text])


def test_the_program(tmp_path: Path) -> None:
    done = call(tmp_path, "serve", "shop.db", "--limit", "connection=5")
    assert done.status == 2
    assert "These are: connections, request_bytes" in words(done.errors)
    offset = free_offset()
    options = ("--limit", "connections=1", "--port-offset", str(offset), "--only", "postgres")
    with serving(tmp_path, "shop.db", *options):
        url = f"postgresql://fivefold@127.0.0.1:{5432 + offset}/shop"
        with psycopg.connect(url), pytest.raises(psycopg.OperationalError, match="too many"):
            psycopg.connect(url)


def test_all_are_on_the_page() -> None:
    text = (Path(__file__).parents[2] / "docs" / "serving.md").read_text(encoding="utf-8")
    assert [name for name in Limits.__slots__ if f"`{name}`" not in text] == []
