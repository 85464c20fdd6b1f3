"""The Neo4j driver for Python at work: graphs, transactions that meet, errors, what takes long."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from typing import Any

import neo4j
import neo4j.exceptions
import neo4j.graph
import neo4j.time
import pytest
import pytz  # type: ignore[import-untyped]

import fivefold
from fivefold.api.serving import Serving

AUTH = ("neo4j", "secret")
PATIENCE_SECONDS = 20.0


@pytest.fixture
def served(store_url: str) -> Iterator[Serving]:
    with fivefold.serving(store_url, only=["neo4j", "postgres"], durability="off") as serving:
        yield serving


@pytest.fixture
def url(served: Serving) -> str:
    return f"neo4j://127.0.0.1:{served.ports['neo4j']}"


@pytest.fixture
def driver(url: str) -> Iterator[neo4j.Driver]:
    with neo4j.GraphDatabase.driver(url, auth=AUTH) as made:
        yield made


def values(driver: neo4j.Driver, query: str, **parameters: Any) -> list[Any]:
    """The first column."""
    return [record[0] for record in driver.execute_query(query, parameters)[0]]


def test_nodes_relationships_paths(driver: neo4j.Driver) -> None:
    records, summary, keys = driver.execute_query(
        "CREATE p = (a:Person:Admin {name: 'Ann'})-[k:KNOWS {since: 2020}]->(b:Person)"
        "<-[:LIKES]-(:Person {name: 'Cid'}) RETURN a, k, b, p"
    )
    assert keys == ["a", "k", "b", "p"]
    a, k, b, p = records[0].values()
    assert isinstance(a, neo4j.graph.Node)
    assert a.labels == {"Person", "Admin"}
    assert dict(a) == {"name": "Ann"}
    assert isinstance(k, neo4j.graph.Relationship)
    assert (k.type, dict(k), k.start_node, k.end_node) == ("KNOWS", {"since": 2020}, a, b)
    assert isinstance(p, neo4j.graph.Path)
    assert [node.element_id for node in p.nodes][:2] == [a.element_id, b.element_id]
    assert [each.type for each in p.relationships] == ["KNOWS", "LIKES"]
    assert p.relationships[1].end_node == b
    counters = summary.counters
    assert (counters.nodes_created, counters.relationships_created) == (3, 2)
    assert (counters.properties_set, counters.labels_added) == (3, 4)
    assert summary.query_type == "rw"
    assert values(driver, "MATCH (n) WHERE elementId(n) = $id RETURN n.name", id=a.element_id) == [
        "Ann"
    ]


STORED: list[Any] = [
    *(True, 1, -(2**63), 1.5, "ä\U0001f642", [1, 2], ["a"], b"\0\xff"),
    neo4j.time.Date(2024, 2, 29),
    neo4j.time.Time(1, 2, 3, 4, tzinfo=pytz.FixedOffset(-90)),
    neo4j.time.Time(1, 2, 3, 4),
    neo4j.time.DateTime(2024, 2, 29, 1, 2, 3, 999_999_999),
    neo4j.time.DateTime(2024, 2, 29, 1, 2, 3, 4, tzinfo=pytz.FixedOffset(60)),
    pytz.timezone("America/New_York").localize(neo4j.time.DateTime(2024, 7, 1, 12)),
    neo4j.time.Duration(months=14, days=3, seconds=-5, nanoseconds=7),
]


@pytest.mark.parametrize("value", STORED, ids=lambda value: repr(value)[:40])
def test_every_type_is_kept(driver: neo4j.Driver, value: Any) -> None:
    driver.execute_query("CREATE (:Kept {value: $value})", value=value)
    assert values(driver, "MATCH (k:Kept) RETURN k.value") == [value]


def test_batches_of_rows(driver: neo4j.Driver) -> None:
    rows = [{"id": number, "next": number + 1} for number in range(3_000)]
    driver.execute_query("UNWIND $rows AS row CREATE (:Stop {id: row.id})", rows=rows)
    _, summary, _ = driver.execute_query(
        "UNWIND $rows AS row MATCH (a:Stop {id: row.id}), (b:Stop {id: row.next})"
        " CREATE (a)-[:NEXT]->(b)",
        rows=rows[:50],
    )
    assert summary.counters.relationships_created == 50
    assert values(driver, "MATCH (:Stop {id: 0})-[:NEXT*3]->(s) RETURN s.id") == [3]


def test_streaming(driver: neo4j.Driver) -> None:
    with driver.session(fetch_size=1_000) as session:
        result = session.run("UNWIND range(1, 100000) AS n RETURN n, 'row ' + toString(n) AS text")
        assert sum(record["n"] for record in result) == 5_000_050_000
        result = session.run("UNWIND range(1, 100000) AS n UNWIND range(1, 100000) AS m RETURN n")
        assert next(iter(result))["n"] == 1
        result.consume()
        assert session.run("RETURN 1 AS n").single(strict=True)["n"] == 1


def test_what_is_streamed_is_of_one_moment(driver: neo4j.Driver) -> None:
    driver.execute_query("UNWIND range(1, 5000) AS n CREATE (:N {n: n})")
    with driver.session(fetch_size=10) as session:
        result = session.run("MATCH (n:N) RETURN n.n AS n")
        first = next(iter(result))["n"]
        driver.execute_query("MATCH (n:N) SET n.n = 0")
        assert first + sum(record["n"] for record in result) == 12_502_500


# Transactions


def test_transfers_by_several_clients(driver: neo4j.Driver) -> None:
    driver.execute_query("UNWIND range(0, 3) AS n CREATE (:Account {id: n, sum: 100})")
    tried: list[int] = []

    def transfer(transaction: neo4j.ManagedTransaction, here: int, there: int) -> None:
        tried.append(1)
        found = {
            each: transaction.run("MATCH (a:Account {id: $id}) RETURN a.sum", id=each)
            .single(strict=True)
            .value()
            for each in (here, there)
        }
        for each, change in ((here, -1), (there, 1)):
            transaction.run(
                "MATCH (a:Account {id: $id}) SET a.sum = $sum", id=each, sum=found[each] + change
            ).consume()

    def client(number: int) -> None:
        with driver.session() as session:
            for turn in range(10):
                session.execute_write(transfer, number, (number + 1 + turn % 3) % 4)

    threads = [threading.Thread(target=client, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tried) >= 40
    assert values(driver, "MATCH (a:Account) RETURN sum(a.sum)") == [400]


def write(transaction: neo4j.Transaction, n: int) -> None:
    """Write, and commit: a store may refuse either."""
    transaction.run("MATCH (c:Counter) SET c.n = $n", n=n).consume()
    transaction.commit()


def test_a_conflict(driver: neo4j.Driver) -> None:
    driver.execute_query("CREATE (:Counter {n: 0})")
    with driver.session() as one, driver.session() as other:
        first = one.begin_transaction()
        seen = first.run("MATCH (c:Counter) RETURN c.n").single(strict=True).value()
        other.run("MATCH (c:Counter) SET c.n = 5").consume()
        with pytest.raises(neo4j.exceptions.TransientError) as caught:
            write(first, seen + 1)
        assert caught.value.is_retryable()
        first.close()
    assert values(driver, "MATCH (c:Counter) RETURN c.n") == [5]


def test_a_transaction_is_seen_when_it_has_committed(driver: neo4j.Driver) -> None:
    with driver.session() as session:
        transaction = session.begin_transaction()
        transaction.run("CREATE (:Seen)").consume()
        assert values(driver, "MATCH (s:Seen) RETURN count(s)") == [0]
        assert transaction.run("MATCH (s:Seen) RETURN count(s)").single(strict=True)[0] == 1
        transaction.commit()
    assert values(driver, "MATCH (s:Seen) RETURN count(s)") == [1]


def test_a_failure_rolls_back(driver: neo4j.Driver) -> None:
    with driver.session() as session:
        transaction = session.begin_transaction()
        transaction.run("CREATE (:Gone)").consume()
        with pytest.raises(neo4j.exceptions.ClientError):
            transaction.run("RETURN 1 / 0").consume()
        transaction.close()
    assert values(driver, "MATCH (g:Gone) RETURN count(g)") == [0]


def test_other_doors_see_it(driver: neo4j.Driver, served: Serving) -> None:
    driver.execute_query("CREATE (:Person {name: 'Ann'})")
    found = served.database.sql("SELECT labels, properties->>'name' FROM neo4j.nodes").fetchall()
    assert found == [(["Person"], "Ann")]


# Errors

ERRORS: list[tuple[str, type, str, str]] = [
    ("RETRUN 1", neo4j.exceptions.CypherSyntaxError, "Statement.SyntaxError", "UnexpectedSyntax"),
    ("RETURN x", neo4j.exceptions.CypherSyntaxError, "Statement.SyntaxError", "UndefinedVariable"),
    (
        "WITH [1] AS l, {a: 'a'} AS m RETURN l[m.a]",
        neo4j.exceptions.CypherTypeError,
        *("Statement.TypeError", "ListElementAccessByNonInteger"),
    ),
    (
        "WITH [1] AS l RETURN l['a']",
        neo4j.exceptions.CypherSyntaxError,
        *("Statement.SyntaxError", "ListElementAccessByNonInteger"),
    ),
    ("RETURN 1 / 0", neo4j.exceptions.ClientError, "Statement.ArithmeticError", "DivisionByZero"),
    ("RETURN $p", neo4j.exceptions.ClientError, "Statement.ParameterMissing", "MissingParameter"),
    (
        "CREATE (a)-[:X]->() DELETE a",
        neo4j.exceptions.ConstraintError,
        *("Schema.ConstraintValidationFailed", "DeleteConnectedNode"),
    ),
]


@pytest.mark.parametrize(
    ("query", "kind", "code", "detail"), ERRORS, ids=lambda each: str(each)[:20]
)
def test_errors(driver: neo4j.Driver, query: str, kind: type, code: str, detail: str) -> None:
    with pytest.raises(neo4j.exceptions.Neo4jError) as caught:
        driver.execute_query(query)
    assert type(caught.value) is kind
    assert caught.value.code == f"Neo.ClientError.{code}"
    assert caught.value.diagnostic_record["_detail"] == detail
    assert values(driver, "RETURN 1") == [1]


def test_reading_sessions_refuse_writes(driver: neo4j.Driver) -> None:
    with driver.session(default_access_mode=neo4j.READ_ACCESS) as session:
        with pytest.raises(neo4j.exceptions.ClientError) as caught:
            session.run("CREATE (:No)").consume()
        assert caught.value.code == "Neo.ClientError.Statement.AccessMode"
        with pytest.raises(neo4j.exceptions.ClientError):
            session.execute_read(lambda transaction: transaction.run("CREATE (:No)").consume())
    assert values(driver, "MATCH (n:No) RETURN count(n)") == [0]


def test_plans(driver: neo4j.Driver) -> None:
    driver.execute_query("CREATE (:P), (:P)")
    _, summary, _ = driver.execute_query("EXPLAIN MATCH (p:P) RETURN p")
    assert summary.plan is not None
    assert summary.plan["operatorType"].startswith("ProduceResults")
    records, summary, _ = driver.execute_query("PROFILE MATCH (p:P) RETURN p")
    assert len(records) == 2
    assert summary.profile is not None
    assert summary.profile["rows"] == 2


def test_the_database_system_has_no_graph(driver: neo4j.Driver) -> None:
    """Databases are made and dropped there; it is asked, and nothing is written to it."""
    with driver.session(database="system") as session:
        session.run("CREATE DATABASE shop").consume()
        names = {row["name"] for row in session.run("SHOW DATABASES")}
        assert "shop" in names
        session.run("DROP DATABASE shop").consume()
        for query in (
            "CREATE (:A)",
            "MERGE (:A)",
            "CREATE INDEX FOR (n:A) ON (n.x)",
            "CREATE CONSTRAINT FOR (n:A) REQUIRE n.x IS UNIQUE",
        ):
            with pytest.raises(neo4j.exceptions.ClientError, match="system has no graph") as caught:
                session.run(query).consume()
            assert caught.value.code == "Neo.ClientError.Statement.UnsupportedOperationError"
        assert [*session.run("MATCH (n) RETURN n")] == []
        assert session.run("RETURN 1 AS n").single(strict=True)["n"] == 1
    driver.execute_query("CREATE DATABASE shop")  # as it may be said anywhere
    with driver.session() as session, pytest.raises(neo4j.exceptions.ClientError) as caught:
        session.run("USE system CREATE (:A)").consume()
    assert "system has no graph" in str(caught.value)


# What takes long

LONG = (
    "UNWIND range(1, $size) AS a UNWIND range(1, $size) AS b"
    " WITH a, b WHERE a + b < 0 RETURN count(*)"
)
SIZE = {"size": 100_000}


@pytest.mark.parametrize(
    "query",
    [
        LONG,
        "RETURN reduce(n = 0, x IN range(1, $size) | n + reduce(m = 0, y IN range(1, $size) | m))",
        "RETURN all(x IN range(1, $size) WHERE none(y IN range(1, $size) WHERE y > $size))",
        "RETURN size([x IN range(1, $size) | size([y IN range(1, $size) WHERE y > x])])",
        "WITH range(1, 9) AS l RETURN reduce(n = 0, a IN l | n"
        + "".join(f" + reduce(n{i} = 0, a{i} IN l | n{i}" for i in range(9))
        + ")" * 10,
    ],
    ids=["rows", "reduce", "quantifiers", "comprehensions", "short lists"],
)
def test_a_timeout(driver: neo4j.Driver, query: str) -> None:
    with driver.session() as session:
        began = time.monotonic()
        with pytest.raises(neo4j.exceptions.ClientError) as caught:
            session.run(neo4j.Query(query, timeout=0.2), SIZE).consume()
        assert caught.value.code.endswith("TransactionTimedOutClientConfiguration")
        assert time.monotonic() - began < PATIENCE_SECONDS
        assert session.run("RETURN 1").single(strict=True)[0] == 1


def test_a_query_that_is_cancelled(url: str) -> None:
    async def main() -> None:
        async with neo4j.AsyncGraphDatabase.driver(url, auth=AUTH) as driver:
            task = asyncio.create_task(driver.execute_query(LONG, SIZE))
            await asyncio.sleep(0.2)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            records, _, _ = await driver.execute_query("RETURN 1 AS n")
            assert records[0]["n"] == 1

    asyncio.run(main())


def test_others_are_served_meanwhile(driver: neo4j.Driver, url: str) -> None:
    driver.execute_query(LONG, size=10)  # the query is known by now
    with neo4j.GraphDatabase.driver(url, auth=AUTH) as other, other.session() as session:
        waits = []
        thread = threading.Thread(
            target=lambda: session.run(neo4j.Query(LONG, timeout=2.0), SIZE).consume(), daemon=True
        )
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(threading, "excepthook", lambda _: None)
            thread.start()
            while thread.is_alive():
                began = time.monotonic()
                assert values(driver, "RETURN 1") == [1]
                waits.append(time.monotonic() - began)
            thread.join()
        assert len(waits) > 3
