"""Users: the same by every protocol, from the first one on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cassandra.cluster
import neo4j
import psycopg
import pymongo
import pytest
import redis
from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile
from redis.backoff import NoBackoff
from redis.retry import Retry

import fivefold
from fivefold.api.serving import Serving
from fivefold.errors import InvalidStatement, InvalidValue

Login = tuple[str, str] | None

ONCE = Retry(NoBackoff(), 0)


def by_postgres(served: Serving, login: Login) -> None:
    user, password = login or ("ada", None)
    with psycopg.connect(
        host="127.0.0.1", port=served.ports["postgres"], user=user, password=password,
        dbname="fivefold",
    ) as connection:  # fmt: skip
        assert connection.execute("SELECT 1").fetchone() == (1,)


def by_redis(served: Serving, login: Login) -> None:
    user, password = login or (None, None)
    for protocol in (2, 3):
        with redis.Redis(
            port=served.ports["redis"], username=user, password=password, protocol=protocol,
            retry=ONCE,
        ) as client:  # fmt: skip
            assert client.set("k", "v")
            pipeline = client.pipeline(transaction=False)
            for _ in range(8):  # by one statement together
                pipeline.get("k")
            assert pipeline.execute() == [b"v"] * 8


def by_mongodb(served: Serving, login: Login) -> None:
    user, password = login or (None, None)
    with pymongo.MongoClient[dict[str, Any]](
        served.urls["mongodb"], username=user, password=password
    ) as client:
        client.shop.orders.insert_one({})


def by_neo4j(served: Serving, login: Login) -> None:
    with neo4j.GraphDatabase.driver(served.urls["neo4j"], auth=login) as driver:
        driver.execute_query("RETURN 1")


def by_cassandra(served: Serving, login: Login) -> None:
    provider = None if login is None else PlainTextAuthProvider(*login)
    cluster = Cluster(
        ["127.0.0.1"], port=served.ports["cassandra"], auth_provider=provider, protocol_version=5,
        execution_profiles={EXEC_PROFILE_DEFAULT: ExecutionProfile()},
    )  # fmt: skip
    try:
        assert cluster.connect().execute("SELECT key FROM system.local").one() == ("local",)
    finally:
        cluster.shutdown()


DOORS: dict[str, tuple[Callable[[Serving, Login], None], type[Exception]]] = {
    "postgres": (by_postgres, psycopg.OperationalError),
    "redis": (by_redis, redis.AuthenticationError),
    "mongodb": (by_mongodb, pymongo.errors.OperationFailure),
    "neo4j": (by_neo4j, neo4j.exceptions.AuthError),
    "cassandra": (by_cassandra, cassandra.cluster.NoHostAvailable),
}
doors = pytest.mark.parametrize("door", DOORS)


@contextmanager
def serving(path: Path) -> Iterator[Serving]:
    with fivefold.serving(path) as served:
        yield served


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Serving]:
    with serving(tmp_path / "shop.db") as served:
        yield served


@doors
def test_who_comes_in(served: Serving, door: str) -> None:
    enter, refused = DOORS[door]
    enter(served, None)  # there is nobody yet
    served.database.users.set("ada", "pencil")
    enter(served, ("ada", "pencil"))
    enter(served, ("ada", "pencil"))  # known by now
    for login in (None, ("ada", "pen"), ("eve", "pencil"), ("ADA", "pencil")):
        with pytest.raises(refused) as caught:
            enter(served, login)
        assert "pencil" not in str(caught.value)
    served.database.users.set("ada", "brush")
    enter(served, ("ada", "brush"))
    with pytest.raises(refused):
        enter(served, ("ada", "pencil"))
    served.database.users.remove("ada")
    enter(served, None)


@doors
def test_another_process_makes_the_first_user(tmp_path: Path, door: str) -> None:
    enter, refused = DOORS[door]
    path = tmp_path / "shop.db"
    with serving(path) as served:
        enter(served, None)
        with fivefold.open(path) as other:
            other.users.set("ada", "pencil")
        with pytest.raises(refused):
            enter(served, None)
        enter(served, ("ada", "pencil"))
    with serving(path) as served, pytest.raises(refused):
        enter(served, None)


@doors
def test_a_user_who_is_not_there_is_told_what_a_wrong_password_is(
    served: Serving, door: str
) -> None:
    enter, refused = DOORS[door]
    served.database.users.set("ada", "pencil")
    told = []
    for name in ("ada", "eve"):
        with pytest.raises(refused) as caught:
            enter(served, (name, "wrong"))
        told.append(_without_address(str(caught.value)).replace(name, "NAME"))
    assert told[0] == told[1]


def _without_address(text: str) -> str:
    return text.partition("'clusterTime'")[0].partition(", 'operationTime'")[0]


def test_who_was_there_before(served: Serving) -> None:
    with (
        psycopg.connect(served.urls["postgres"]) as connection,
        redis.Redis(port=served.ports["redis"], retry=ONCE) as client,
        pymongo.MongoClient[dict[str, Any]](served.urls["mongodb"]) as documents,
    ):
        client.ping()
        documents.shop.orders.insert_one({})
        served.database.users.set("ada", "pencil")
        assert connection.execute("SELECT 1").fetchone() == (1,)
        assert client.ping()
        with pytest.raises(pymongo.errors.OperationFailure, match="requires authentication"):
            documents.shop.orders.insert_one({})


def test_roles_with_grants(served: Serving) -> None:
    database = served.database
    database.users.set("ada", "pencil")
    for statement in (
        "CREATE TABLE t (a int)",
        "CREATE TABLE h (a int)",
        "CREATE ROLE readers",
        "CREATE USER bob PASSWORD 'brush' IN ROLE readers",
        "CREATE ROLE nobody PASSWORD 'brush'",
        "GRANT SELECT ON t TO readers",
    ):
        database.sql(statement)
    by_postgres(served, ("bob", "brush"))
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        by_postgres(served, ("nobody", "brush"))
    url = f"postgresql://bob:brush@127.0.0.1:{served.ports['postgres']}/fivefold"
    with psycopg.connect(url, autocommit=True) as bob:
        assert bob.execute("SELECT * FROM t", prepare=True).fetchall() == []
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            bob.execute("INSERT INTO t VALUES (1)")
        for prepare in (False, True):
            with pytest.raises(psycopg.errors.UndefinedTable, match='"h" does not exist'):
                bob.execute("SELECT * FROM h", prepare=prepare)
        with pytest.raises(psycopg.errors.UndefinedTable), bob.cursor().copy("COPY h TO STDOUT"):
            pass
        with psycopg.connect(url.replace("bob:brush", "ada:pencil"), autocommit=True) as ada:
            asked = "SELECT query FROM pg_stat_activity WHERE usename = 'ada'"
            assert bob.execute(asked).fetchall() == [("<insufficient privilege>",)]
            number = ada.info.backend_pid
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                bob.execute("SELECT pg_terminate_backend(%s)", (number,))
            ada.execute("REVOKE SELECT ON t FROM readers")
            with pytest.raises(psycopg.errors.UndefinedTable):
                bob.execute("SELECT * FROM t", prepare=True)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                bob.execute("ALTER ROLE bob SUPERUSER")
            ada.execute("ALTER ROLE bob SUPERUSER")
            bob.execute("INSERT INTO t VALUES (1)")


def test_roles_with_grants_of_graphs_and_keyspaces(served: Serving) -> None:
    database = served.database
    database.sql("CREATE USER bob PASSWORD 'brush'")
    database.cypher("CREATE (:A)")
    database.cql("CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy'}")
    database.cql("CREATE TABLE ks.t (a int PRIMARY KEY)")
    by_cassandra(served, ("bob", "brush"))
    with neo4j.GraphDatabase.driver(served.urls["neo4j"], auth=("bob", "brush")) as driver:
        with pytest.raises(neo4j.exceptions.ClientError, match="permission denied"):
            driver.execute_query("MATCH (n) RETURN n")
        database.sql("GRANT READ ON SCHEMA neo4j, ks TO bob")
        assert len(driver.execute_query("MATCH (n) RETURN n").records) == 1
        with pytest.raises(neo4j.exceptions.ClientError, match="permission denied"):
            driver.execute_query("CREATE (:A)")
    cluster = Cluster(
        ["127.0.0.1"], port=served.ports["cassandra"], protocol_version=5,
        auth_provider=PlainTextAuthProvider("bob", "brush"),
        execution_profiles={EXEC_PROFILE_DEFAULT: ExecutionProfile()},
    )  # fmt: skip
    try:
        session = cluster.connect()
        assert [*session.execute("SELECT * FROM ks.t")] == []
        prepared = session.prepare("INSERT INTO ks.t (a) VALUES (?)")
        for _ in range(3):
            with pytest.raises(Exception, match="permission denied"):
                session.execute(prepared, (1,))
        with pytest.raises(Exception, match="permission denied"):
            session.execute("DROP TABLE ks.t")
        database.sql("REVOKE READ ON SCHEMA ks FROM bob")
        for _ in range(3):
            with pytest.raises(Exception, match="does not exist"):
                session.execute("SELECT * FROM ks.t")
    finally:
        cluster.shutdown()


@pytest.mark.parametrize("way", [by_redis, by_mongodb])
def test_roles_with_grants_elsewhere(
    served: Serving, way: Callable[[Serving, Login], None]
) -> None:
    """Languages that do not ask for grants are not for roles that have them."""
    served.database.sql("CREATE USER bob PASSWORD 'brush'")
    with pytest.raises(Exception):  # noqa: B017, PT011  # each driver has its own
        way(served, ("bob", "brush"))
    served.database.sql("ALTER ROLE bob SUPERUSER")
    way(served, ("bob", "brush"))


def test_programs_that_have_the_file_are_not_asked(served: Serving) -> None:
    database = served.database
    database.users.set("ada", "pencil")
    database.sql("CREATE TABLE t (a int)")
    database.redis.set("k", "v")
    database.collection("shop", "orders").insert_one({})
    database.cypher("CREATE (:A)")
    database.cql("CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy'}")
    assert database.collection("shop", "orders").count_documents({}) == 1


def test_redis_commands_before_the_login(served: Serving) -> None:
    served.database.users.set("default", "secret")
    # Otherwise it introduces itself first, and takes the refusal of that for the command's.
    silent = redis.Redis(port=served.ports["redis"], driver_info=None, protocol=2, retry=ONCE)
    with silent as client:
        for words in (
            ("GET", "k"), ("SET", "k", "v"), ("PING",), ("MULTI",), ("INFO",), ("SUBSCRIBE", "c"),
            ("CONFIG", "GET", "*"), ("EVAL", "return 1", "0"), ("MONITOR",), ("SELECT", "1"),
        ):  # fmt: skip
            with pytest.raises(redis.AuthenticationError, match="Authentication required"):
                client.execute_command(*words)
        with pytest.raises(redis.AuthenticationError, match="HELLO must be called"):
            client.execute_command("HELLO", "3")
        with pytest.raises(redis.AuthenticationError, match="invalid username-password"):
            client.execute_command("AUTH", "wrong")
        assert client.execute_command("AUTH", "secret")
        assert client.set("k", "v")
        client.execute_command("RESET")
        with pytest.raises(redis.AuthenticationError, match="Authentication required"):
            client.get("k")
        assert client.execute_command("HELLO", "2", "AUTH", "default", "secret")
        assert client.get("k") == b"v"


def test_passwords_of_all_writings(served: Serving) -> None:
    password = "p\u00e4 \u0416\u4e2d =,'\"\\$"
    served.database.users.set("\u00e4da", password)
    for enter, _ in DOORS.values():
        enter(served, ("\u00e4da", password))


@pytest.mark.parametrize(("name", "password"), [("", "x"), ("a" * 64, "x"), ("a\nb", "x")])
def test_names_that_nobody_has(served: Serving, name: str, password: str) -> None:
    with pytest.raises(InvalidValue, match="name"):
        served.database.users.set(name, password)
    with pytest.raises(InvalidValue, match="password"):
        served.database.users.set("ada", "")
    with pytest.raises(InvalidStatement, match="does not exist"):
        served.database.users.remove("ada")
    assert list(served.database.users) == []


def test_many_at_once(served: Serving) -> None:
    served.database.users.set("ada", "pencil")
    outcomes: list[bool] = []

    def knock(password: str) -> None:
        try:
            by_redis(served, ("ada", password))
        except redis.AuthenticationError:
            outcomes.append(False)
        else:
            outcomes.append(True)

    threads = [
        threading.Thread(target=knock, args=("pencil" if number % 2 else "wrong",))
        for number in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [False] * 4 + [True] * 4


def test_no_password_lies_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with fivefold.open(path) as database:
        database.users.set("ada", "correct horse battery")
        names = {each: each.read_bytes() for each in tmp_path.iterdir()}
    names[path] = path.read_bytes()
    assert any(b"SCRAM-SHA-256" in data for data in names.values())
    assert not any(b"correct horse" in data for data in names.values())
