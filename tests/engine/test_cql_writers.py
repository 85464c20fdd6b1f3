"""Several writers of the same rows at once, each with a line of its own: no update is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

import fivefold
from fivefold.api.database import Database

WRITERS = 4
ROUNDS = 12

SCHEMA = (
    "CREATE KEYSPACE k WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
    "CREATE TABLE k.counts (p int, c int, n counter, PRIMARY KEY (p, c))",
    "CREATE TABLE k.t (p int, c int, n int, s int static, names set<text>, words list<int>,"
    " map map<text, int>, PRIMARY KEY (p, c))",
)


@pytest.fixture
def databases(store_url: str) -> Iterator[list[Database]]:
    """The same store, opened by two: they share nothing but what is in it."""
    with fivefold.open(store_url) as one:
        for statement in SCHEMA:
            one.cql(statement)
        with fivefold.open(store_url) as other:
            yield [one, other]


def together(databases: list[Database], work: Callable[[Database, int], None]) -> None:
    """Have all writers do it at the same time."""
    barrier = Barrier(WRITERS)

    def write(writer: int) -> None:
        barrier.wait()
        work(databases[writer % len(databases)], writer)

    with ThreadPoolExecutor(WRITERS) as pool:
        for done in [pool.submit(write, writer) for writer in range(WRITERS)]:
            done.result()


def test_counters(databases: list[Database]) -> None:
    def work(db: Database, writer: int) -> None:
        for turn in range(ROUNDS):
            db.cql("UPDATE k.counts SET n = n + ? WHERE p = 1 AND c = ?", (writer + 1, turn % 2))

    together(databases, work)
    rows = databases[0].cql("SELECT c, n FROM k.counts WHERE p = 1").all()
    each = sum(range(1, WRITERS + 1)) * ROUNDS // 2
    assert rows == [(0, each), (1, each)]


def test_conditions(databases: list[Database]) -> None:
    """A number that each raises if it is what was read; and a row that only one may make."""
    won: list[int] = []

    def work(db: Database, writer: int) -> None:
        for turn in range(ROUNDS):
            made = db.cql(
                "INSERT INTO k.t (p, c, n) VALUES (1, ?, ?) IF NOT EXISTS", (turn, writer)
            )
            if made.one()[0]:
                won.append(turn)
        raised = 0
        while raised < ROUNDS:
            (now,) = db.cql("SELECT s FROM k.t WHERE p = 2").one() or (None,)
            put = db.cql("UPDATE k.t SET s = ? WHERE p = 2 IF s = ?", ((now or 0) + 1, now))
            raised += put.one()[0]

    together(databases, work)
    assert sorted(won) == [*range(ROUNDS)]
    assert databases[1].cql("SELECT s FROM k.t WHERE p = 2").one() == (WRITERS * ROUNDS,)


def test_collections_and_columns(databases: list[Database]) -> None:
    def work(db: Database, writer: int) -> None:
        for turn in range(ROUNDS):
            name = f"{writer} {turn}"
            db.cql("UPDATE k.t SET names = names + ? WHERE p = 3 AND c = 1", ({name},))
            db.cql("UPDATE k.t SET map[?] = ? WHERE p = 3 AND c = 1", (name, turn))
            db.cql("UPDATE k.t SET words = words + ? WHERE p = 3 AND c = 1", ([writer],))

    together(databases, work)
    row = databases[0].cql("SELECT names, map, words FROM k.t WHERE p = 3 AND c = 1").one()
    names = {f"{writer} {turn}" for writer in range(WRITERS) for turn in range(ROUNDS)}
    assert row.names == names
    assert {*row.map} == names
    assert sorted(row.words) == sorted([*range(WRITERS)] * ROUNDS)


def test_the_last_write_wins(databases: list[Database]) -> None:
    """Each writes the same rows, with timestamps in an order of its own; and deletes some."""

    def work(db: Database, writer: int) -> None:
        for turn in range(ROUNDS * WRITERS):
            at = (turn * 7 + writer * 3) % 97 * 10 + writer
            if turn % 5 == writer:
                db.cql("DELETE FROM k.t USING TIMESTAMP ? WHERE p = 4 AND c = ?", (at, turn % 3))
            else:
                insert = "INSERT INTO k.t (p, c, n) VALUES (4, ?, ?) USING TIMESTAMP ?"
                db.cql(insert, (turn % 3, at, at))

    together(databases, work)
    last: dict[int, tuple[int, bool]] = {}
    for writer in range(WRITERS):
        for turn in range(ROUNDS * WRITERS):
            at = (turn * 7 + writer * 3) % 97 * 10 + writer
            last[turn % 3] = max(last.get(turn % 3, (-1, False)), (at, turn % 5 != writer))
    rows = databases[0].cql("SELECT c, n FROM k.t WHERE p = 4").all()
    assert rows == [(c, at) for c, (at, kept) in sorted(last.items()) if kept]


def test_batches(databases: list[Database]) -> None:
    """A batch is seen as a whole, and one that was not applied not at all."""

    def work(db: Database, writer: int) -> None:
        for turn in range(ROUNDS):
            value = writer * ROUNDS + turn
            rows = "".join(f"INSERT INTO k.t (p, c, n) VALUES (5, {c}, {value});" for c in range(3))
            db.cql(f"BEGIN BATCH USING TIMESTAMP {value + 1} {rows} APPLY BATCH")
            seen = {row.n for row in db.cql("SELECT n FROM k.t WHERE p = 5")}
            assert len(seen) == 1

    together(databases, work)
    rows = databases[0].cql("SELECT n FROM k.t WHERE p = 5").all()
    assert rows == [(WRITERS * ROUNDS - 1,)] * 3
