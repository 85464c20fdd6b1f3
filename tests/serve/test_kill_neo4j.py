"""kill -9 while clients write over Bolt: what was acknowledged is there, transactions are whole.

Each client takes its steps in order and waits for each answer. After the kill the graph is what its
acknowledged steps made, or that and the step that was under way. A reader looks on meanwhile: what
it sees of a client is always what some number of steps made. A round's seed says how large steps
are and when the server is killed; ``FIVEFOLD_SEED`` takes one again.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from random import Random
from threading import Event
from typing import Any

import neo4j
import neo4j.exceptions
import pytest

import fivefold
from fivefold.api.database import Database
from tests.serve.test_kill import round_trip

ROUNDS = 3
STEPS_MAX = 40
"""After how many steps of each client at most the server is killed."""

WIDTH_MAX = 30

SCHEMA = (
    "CREATE CONSTRAINT FOR (n:Step) REQUIRE (n.of, n.n) IS UNIQUE",
    "CREATE INDEX FOR (n:Step) ON (n.of)",
)

Step = Callable[[neo4j.Session, int, int], object]
"""Does step number n, of a width that the round's seed gives."""


def create(session: neo4j.Session, n: int, width: int) -> None:
    """A statement by itself."""
    session.run("CREATE (:Step {of: 'create', n: $n, width: 1})", n=n).consume()


def create_many(session: neo4j.Session, n: int, width: int) -> None:
    """A statement of many rows, whose answer is taken a few at a time."""
    found = session.run(
        "CREATE (s:Step {of: 'create_many', n: $n, width: $width}) WITH s"
        " UNWIND range(1, $width) AS i CREATE (s)-[:HAS]->(p:Part {i: i}) RETURN p.i AS i",
        n=n,
        width=width,
    )
    assert [row["i"] for row in found] == [*range(1, width + 1)]


def chain(session: neo4j.Session, n: int, width: int) -> None:
    """An explicit transaction: each step hangs on the one before, with parts of its own."""
    with session.begin_transaction() as transaction:
        transaction.run("CREATE (:Step {of: 'chain', n: $n, width: $width})", n=n, width=width)
        for i in range(1, width + 1):
            transaction.run(
                "MATCH (s:Step {of: 'chain', n: $n}) CREATE (s)-[:HAS]->(:Part {i: $i})", n=n, i=i
            )
        transaction.run(
            "MATCH (s:Step {of: 'chain', n: $n}), (b:Step {of: 'chain', n: $n - 1})"
            " CREATE (b)-[:NEXT]->(s)",
            n=n,
        )


def replace(session: neo4j.Session, n: int, width: int) -> None:
    """A transaction function: takes away all of the step before, and adds its own."""

    def work(transaction: neo4j.ManagedTransaction) -> None:
        transaction.run(
            "MATCH (s:Step {of: 'replace'}) OPTIONAL MATCH (s)-[:HAS]->(p) DETACH DELETE s, p"
        )
        transaction.run(
            "CREATE (s:Step {of: 'replace', n: $n, width: $width}) WITH s"
            " UNWIND range(1, $width) AS i CREATE (s)-[:HAS]->(:Part {i: i})",
            n=n,
            width=width,
        )

    session.execute_write(work)


def merge(session: neo4j.Session, n: int, width: int) -> None:
    """One node that is found again, whose properties agree with each other."""
    session.run(
        "MERGE (s:Step {of: 'merge'}) ON CREATE SET s.n = 1"
        " ON MATCH SET s.n = s.n + 1 SET s.twice = 2 * s.n, s.width = 1"
    ).consume()


def undone(session: neo4j.Session, n: int, width: int) -> None:
    """A transaction that is rolled back leaves nothing, and the one after it its own."""
    with session.begin_transaction() as transaction:
        transaction.run("CREATE (:Step {of: 'undone', n: -$n, width: 99})", n=n)
        transaction.rollback()
    session.run("CREATE (:Step {of: 'undone', n: $n, width: 1})", n=n).consume()


STEPS: tuple[Step, ...] = (create, create_many, chain, replace, merge, undone)

LAST_ONLY = (replace, merge)
"""Of which only the last step is seen."""

SEEN = (
    "MATCH (s:Step) WHERE s.of = $of OPTIONAL MATCH (s)-[:HAS]->(p:Part)"
    " WITH s, count(p) AS parts OPTIONAL MATCH (b:Step)-[:NEXT]->(s)"
    " RETURN s.n AS n, s.width AS width, parts, b.n AS before, s.twice AS twice ORDER BY n"
)


def steps_in(rows: list[dict[str, Any]], step: Step) -> int:
    """Return how many steps made what is there, each of them whole."""
    last = rows[-1]["n"] if rows else 0
    numbers = [row["n"] for row in rows]
    if step in LAST_ONLY:
        assert numbers == [last][: len(rows)], (step.__name__, numbers)
    else:
        assert numbers == [*range(1, last + 1)], (step.__name__, numbers)
    for row in rows:
        parts = 0 if step in (create, merge, undone) else row["width"]
        assert row["parts"] == parts, (step.__name__, row)
        before = row["n"] - 1 if step is chain and row["n"] > 1 else None
        assert row["before"] == before, (step.__name__, row)
        assert row["twice"] == (2 * row["n"] if step is merge else None), row
    return last


def seen(run: Callable[..., Any], step: Step) -> int:
    """Return how many steps' work there is."""
    return steps_in([dict(row) for row in run(SEEN, of=step.__name__)], step)


class Writer:
    """A client that goes on with its steps; ``done`` of them were acknowledged."""

    def __init__(self, step: Step) -> None:
        self.step = step
        self.done = 0
        self.random = Random()
        self.enough = 0

    def write(self, offset: int, client: int, acknowledged: list[int], enough: Event) -> None:
        with driver_of(offset) as driver, driver.session(fetch_size=7) as session:
            try:
                while True:
                    self.step(session, self.done + 1, self.random.randint(1, WIDTH_MAX))
                    self.done += 1
                    acknowledged.append(self.done)
                    if len(acknowledged) > self.enough:
                        enough.set()
            except LOST as error:
                check_lost(error, enough)


class Reader:
    """A client that looks on: it sees whole steps only, and never fewer than before."""

    def __init__(self) -> None:
        self.looks = 0

    def write(self, offset: int, client: int, acknowledged: list[int], enough: Event) -> None:
        before = dict.fromkeys(STEPS, 0)
        with driver_of(offset) as driver, driver.session(fetch_size=7) as session:
            try:
                while True:
                    for step in STEPS:
                        now = seen(session.run, step)
                        assert now >= before[step], step.__name__
                        before[step] = now
                    self.looks += 1
                    enough.set()
            except LOST as error:
                check_lost(error, enough)


LOST = (neo4j.exceptions.DriverError, OSError)


def check_lost(error: BaseException, enough: Event) -> None:
    """Raise what a client met while the server was not yet to be killed."""
    if not enough.is_set():
        raise error


def driver_of(offset: int) -> neo4j.Driver:
    """Return a driver that gives up at once when its server is gone."""
    return neo4j.GraphDatabase.driver(
        f"bolt://127.0.0.1:{7687 + offset}",
        max_transaction_retry_time=0,
        notifications_min_severity="OFF",
    )


def check(db: Database, writer: Writer) -> None:
    """Compare with the acknowledged steps, and take over one that was under way."""
    there = seen(db.cypher, writer.step)
    assert there in (writer.done, writer.done + 1), (writer.step.__name__, there, writer.done)
    writer.done = there


def check_parts(db: Database) -> None:
    """Nothing hangs in the air: each part belongs to one step, each index knows its nodes."""
    loose = "MATCH (p:Part) WHERE COUNT { (p)<-[:HAS]-(:Step) } <> 1 RETURN count(*)"
    assert db.cypher(loose).single(strict=True)[0] == 0
    for of, n in [*db.cypher("MATCH (s:Step) RETURN s.of, s.n")]:
        by_key = db.cypher("MATCH (s:Step {of: $of, n: $n}) RETURN count(*)", of=of, n=n)
        assert by_key.single(strict=True)[0] == 1, (of, n)
    (scanned, sought) = (
        db.cypher(f"MATCH (s:Step) WHERE {where} RETURN count(*)").single(strict=True)[0]
        for where in ("s.of + '' >= ''", "s.of >= ''")
    )
    assert scanned == sought


@pytest.mark.parametrize("durability", ["full", "normal"])
def test_what_was_acknowledged_survives(tmp_path: Path, durability: str) -> None:
    seed = int(os.environ.get("FIVEFOLD_SEED") or Random().randrange(2**32))
    print(f"FIVEFOLD_SEED={seed}")  # pytest shows it when the test fails
    random = Random(seed)
    path = tmp_path / "shop.db"
    with fivefold.open(path) as db:
        for statement in SCHEMA:
            db.cypher(statement)
    writers, reader = [Writer(step) for step in STEPS], Reader()
    for turn in range(ROUNDS):
        for writer in writers:
            writer.random = Random(random.random())
            writer.enough = random.randint(1, STEPS_MAX)
        kept: list[list[int]] = [[] for _ in (*writers, reader)]
        clients = [*(writer.write for writer in writers), reader.write]
        round_trip(path, durability, turn, clients, kept)
        with fivefold.open(path) as db:
            for writer in writers:
                check(db, writer)
            check_parts(db)
    assert reader.looks >= ROUNDS
    assert all(writer.done > ROUNDS for writer in writers)
