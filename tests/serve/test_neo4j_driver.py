"""The Neo4j driver for Python, sync and async, over an engine of a few queries."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Callable, Iterator
from typing import Any

import neo4j
import neo4j.exceptions
import neo4j.spatial
import neo4j.time
import pytest
import pytz  # type: ignore[import-untyped]

import fivefold
from fivefold.api.serving import Serving
from fivefold.serve.neo4j import connection
from tests.serve.cypher_standin import World

AUTH = ("neo4j", "secret")

ROWS = 100_000


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()
    monkeypatch.setattr(connection, "open_line", made.line)
    return made


@pytest.fixture
def served(world: World, store_url: str) -> Iterator[Serving]:
    with fivefold.serving(store_url, only=["neo4j"], durability="off") as serving:
        yield serving
        world.gate.set()


@pytest.fixture
def driver(served: Serving) -> Iterator[neo4j.Driver]:
    with neo4j.GraphDatabase.driver(served.urls["neo4j"], auth=AUTH) as made:
        yield made


@pytest.fixture(params=["bolt", "neo4j"])
def url(request: pytest.FixtureRequest, served: Serving) -> str:
    return f"{request.param}://127.0.0.1:{served.ports['neo4j']}"


def test_both_schemes_and_no_login(url: str) -> None:
    for auth in (AUTH, None):
        with neo4j.GraphDatabase.driver(url, auth=auth) as driver:
            driver.verify_connectivity()
            assert driver.verify_authentication(AUTH)
            assert driver.supports_session_auth()
            info = driver.get_server_info()
            assert info.agent == "Neo4j/5.26.0-fivefold"
            assert info.protocol_version == (5, 8)
            records, summary, keys = driver.execute_query("ECHO x", x=[1, "a"])
            assert [record.data() for record in records] == [{"x": [1, "a"]}]
            assert keys == ["x"]
            assert summary.query_type == "r"
            assert summary.database == "neo4j"
            assert summary.result_available_after is not None


def test_a_wrong_password(served: Serving, url: str) -> None:
    served.database.users.set("neo4j", "secret")
    with neo4j.GraphDatabase.driver(url, auth=AUTH) as driver:
        driver.verify_connectivity()
        assert not driver.verify_authentication(("neo4j", "wrong"))
    for auth in (("neo4j", "wrong"), None):
        with (
            neo4j.GraphDatabase.driver(url, auth=auth) as driver,
            pytest.raises(neo4j.exceptions.AuthError),
        ):
            driver.verify_connectivity()


def test_bearers_are_refused(url: str) -> None:
    with (
        neo4j.GraphDatabase.driver(url, auth=neo4j.bearer_auth("token")) as driver,
        pytest.raises(neo4j.exceptions.AuthError, match="bearer"),
    ):
        driver.verify_connectivity()


def test_databases(url: str) -> None:
    with neo4j.GraphDatabase.driver(url, auth=AUTH) as driver:
        _, summary, _ = driver.execute_query("ECHO x", x=1, database_="movies")
        assert summary.database == "movies"
        with pytest.raises(neo4j.exceptions.ClientError) as caught:
            driver.execute_query("ECHO x", x=1, database_="no")
        assert caught.value.code == "Neo.ClientError.Database.DatabaseNotFound"


# Values


TIMES: list[Any] = [
    neo4j.time.Date(2024, 2, 29),
    neo4j.time.Time(1, 2, 3, 4),
    neo4j.time.Time(1, 2, 3, 4, tzinfo=pytz.FixedOffset(-90)),
    neo4j.time.DateTime(2024, 2, 29, 1, 2, 3, 999_999_999),
    neo4j.time.DateTime(2024, 2, 29, 1, 2, 3, 4, tzinfo=pytz.FixedOffset(60)),
    pytz.timezone("America/New_York").localize(neo4j.time.DateTime(2024, 7, 1, 12)),
    neo4j.time.Duration(months=14, days=3, seconds=-5, nanoseconds=7),
]

VALUES: list[Any] = [
    *(None, True, 1, -(2**63), 2**63 - 1, 1.5, "ä\U0001f642", b"\0\xff", [], {}),
    [1, [None, {"a": {"b": [b"x"]}}]],
    *TIMES,
    TIMES,
]


@pytest.mark.parametrize("query", ["ECHO x", "NOW x"])
def test_every_type_there_and_back(driver: neo4j.Driver, query: str) -> None:
    for value in VALUES:
        records, _, _ = driver.execute_query(query, x=value)
        assert records[0]["x"] == value, value
    utc = datetime.datetime(2024, 7, 1, 12, tzinfo=datetime.UTC)
    assert driver.execute_query(query, x=utc)[0][0]["x"].to_native() == utc


@pytest.mark.parametrize(
    "point", [neo4j.spatial.CartesianPoint((1.0, 2.0)), neo4j.spatial.WGS84Point((1.0, 2.0, 3.0))]
)
def test_points_are_refused(driver: neo4j.Driver, point: Any) -> None:
    with pytest.raises(neo4j.exceptions.ClientError, match="no points"):
        driver.execute_query("ECHO x", x={"inside": [point]})
    assert driver.execute_query("ECHO x", x=1)[0][0]["x"] == 1


# Streaming


def test_streaming(driver: neo4j.Driver, world: World) -> None:
    with driver.session(fetch_size=1000) as session:
        result = session.run(f"ROWS {ROWS}")
        numbers = [record["n"] for record in result]
        assert numbers == list(range(ROWS))
        assert result.consume().counters.contains_updates is False


def test_a_result_that_is_left(driver: neo4j.Driver, world: World) -> None:
    with driver.session(fetch_size=100) as session:
        result = session.run("ROWS 1000000000")
        assert next(iter(result))["text"] == "row 0"
        result.consume()
        assert session.run("ECHO x", x=2).single(strict=True)["x"] == 2
    assert world.fetched < 1_000


def test_results_beside_each_other(driver: neo4j.Driver) -> None:
    with driver.session(fetch_size=10) as session, session.begin_transaction() as transaction:
        first, second = transaction.run("ROWS 100"), transaction.run("ROWS 50")
        pairs = [(a["n"], b["n"]) for a, b in zip(second, first, strict=False)]
        assert pairs == [(number, number) for number in range(50)]
        assert len(list(first)) >= 49


# Transactions


def test_transaction_functions_are_tried_again(driver: neo4j.Driver, world: World) -> None:
    world.conflicts = 2
    tried = []

    def work(transaction: neo4j.ManagedTransaction) -> int:
        tried.append(1)
        counters = transaction.run("WRITE a").consume().counters
        transaction.run("WRITE CONFLICT").consume()
        return counters.nodes_created

    with driver.session() as session:
        assert session.execute_write(work) == 1
    assert len(tried) == 3
    assert world.committed == ["a", "CONFLICT"]


def test_execute_query_is_tried_again(driver: neo4j.Driver, world: World) -> None:
    world.conflicts = 1
    _, summary, _ = driver.execute_query("WRITE CONFLICT")
    assert summary.counters.nodes_created == 1
    assert summary.counters.contains_updates


def test_conflicts_outside_of_functions(driver: neo4j.Driver, world: World) -> None:
    world.conflicts = 1
    with driver.session() as session, pytest.raises(neo4j.exceptions.TransientError) as caught:
        session.run("WRITE CONFLICT").consume()
    assert caught.value.is_retryable()


def test_transactions(driver: neo4j.Driver, world: World) -> None:
    with driver.session() as session:
        with session.begin_transaction() as transaction:
            transaction.run("WRITE a")
            transaction.commit()
        transaction = session.begin_transaction()
        transaction.run("WRITE c")
        transaction.rollback()
        with pytest.raises(neo4j.exceptions.ClientError):
            session.run("NO").consume()
        session.run("WRITE d")
    assert world.committed == ["a", "d"]


def test_reading_sessions_refuse_writes(url: str) -> None:
    with (
        neo4j.GraphDatabase.driver(url, auth=AUTH) as driver,
        driver.session(default_access_mode=neo4j.READ_ACCESS) as session,
    ):
        with pytest.raises(neo4j.exceptions.ClientError) as caught:
            session.run("WRITE a").consume()
        assert caught.value.code == "Neo.ClientError.Statement.AccessMode"
        with pytest.raises(neo4j.exceptions.ClientError):
            session.execute_read(lambda transaction: transaction.run("WRITE a").consume())


def test_bookmarks(url: str) -> None:
    with neo4j.GraphDatabase.driver(url, auth=AUTH) as driver:
        with driver.session() as session:
            session.run("WRITE a").consume()
            first = session.last_bookmarks()
        assert len(first.raw_values) == 1
        with driver.session(bookmarks=first) as session:
            session.execute_write(lambda transaction: transaction.run("WRITE b").consume())
            second = session.last_bookmarks()
        assert first.raw_values != second.raw_values
        with driver.session(bookmarks=first + second) as session:
            assert session.run("ECHO x", x=1).single(strict=True)["x"] == 1
        driver.execute_query("WRITE c")
        driver.execute_query("ECHO x", x=1)  # shows the bookmark of the one before


def test_a_timeout(driver: neo4j.Driver) -> None:
    with driver.session() as session:
        with pytest.raises(neo4j.exceptions.ClientError) as caught:
            session.run(neo4j.Query("SLEEP", timeout=0.05)).consume()
        assert caught.value.code.endswith("TransactionTimedOutClientConfiguration")
        assert session.run("ECHO x", x=1).single(strict=True)["x"] == 1


# Errors and notices


def test_errors(driver: neo4j.Driver) -> None:
    with pytest.raises(neo4j.exceptions.CypherSyntaxError) as caught:
        driver.execute_query("RETRUN 1")
    error = caught.value
    assert error.code == "Neo.ClientError.Statement.SyntaxError"
    assert error.gql_status == "42001"
    assert error.diagnostic_record["_detail"] == "UnexpectedSyntax"
    assert error.message.startswith("Invalid input 'RETRUN' (line 1, column 1 (offset: 0))")


def test_notifications(served: Serving, driver: neo4j.Driver) -> None:
    _, summary, _ = driver.execute_query("WARN")
    found = summary.gql_status_objects
    assert [each.gql_status for each in found] == ["01N50", "00000", "03N90"]
    assert found[0].severity == neo4j.NotificationSeverity.WARNING
    assert found[0].position == neo4j.SummaryInputPosition(line=1, column=6, offset=5)
    with neo4j.GraphDatabase.driver(
        served.urls["neo4j"],
        auth=AUTH,
        notifications_disabled_classifications=["UNRECOGNIZED"],
    ) as quiet:
        _, summary, _ = quiet.execute_query("WARN")
        assert [each.gql_status for each in summary.gql_status_objects] == ["00000", "03N90"]


def test_a_plan(driver: neo4j.Driver) -> None:
    _, summary, _ = driver.execute_query("EXPLAIN")
    assert summary.plan is not None
    assert summary.plan["operatorType"] == "AllNodesScan@neo4j"


# Asynchronously


def run(work: Callable[[neo4j.AsyncDriver], Any], url: str) -> Any:
    async def main() -> Any:
        async with neo4j.AsyncGraphDatabase.driver(url, auth=AUTH) as driver:
            return await work(driver)

    return asyncio.run(main())


def test_asynchronously(url: str, world: World) -> None:
    async def work(driver: neo4j.AsyncDriver) -> None:
        await driver.verify_connectivity()
        found = await asyncio.gather(
            *(driver.execute_query("ECHO x", x=number) for number in range(30))
        )
        assert [records[0]["x"] for records, _, _ in found] == list(range(30))
        async with driver.session(fetch_size=100) as session:
            result = await session.run("ROWS 1000")
            assert [record["n"] async for record in result] == list(range(1000))

        async def write(transaction: neo4j.AsyncManagedTransaction) -> None:
            result = await transaction.run("WRITE CONFLICT")
            await result.consume()

        world.conflicts = 1
        async with driver.session() as session:
            await session.execute_write(write)
        assert world.committed == ["CONFLICT"]

    run(work, url)


def test_a_query_that_is_cancelled(served: Serving, world: World) -> None:
    async def work(driver: neo4j.AsyncDriver) -> None:
        task = asyncio.create_task(driver.execute_query("SLEEP"))
        await asyncio.to_thread(world.running.wait, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        records, _, _ = await driver.execute_query("ECHO x", x=1)
        assert records[0]["x"] == 1

    run(work, served.urls["neo4j"])


def test_many_clients(url: str) -> None:
    async def work(driver: neo4j.AsyncDriver) -> None:
        async def one(number: int) -> int:
            async with driver.session() as session, await session.begin_transaction() as tx:
                result = await tx.run("ROWS 700")
                return len([record async for record in result])

        assert await asyncio.gather(*(one(number) for number in range(50))) == [700] * 50

    run(work, url)
