"""kill -9 while clients write by CQL: acknowledged writes are there, batches whole, nothing twice.

Each client takes its steps in order and waits for each answer. After the kill the data is what its
acknowledged steps made, or that and the step that was under way.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

from cassandra.cluster import Session

import fivefold
from fivefold.api.database import Database
from tests.doors.cassandra import cluster_of, with_keyspace
from tests.serve.test_kill import round_trip

ROUNDS = 2
ENOUGH = 30

SCHEMA = (
    with_keyspace("k"),
    "CREATE TABLE k.counts (p int, c int, n counter, PRIMARY KEY (p, c))",
    "CREATE TABLE k.t (p int, c int, v text, PRIMARY KEY (p, c))",
    "CREATE TABLE k.other (p int PRIMARY KEY, n int)",
    "CREATE TABLE k.many (p int PRIMARY KEY, names set<int>, words list<int>, map map<int, text>)",
)

Step = Callable[[Session, int], object]
"""Does step number n."""


def count(session: Session, n: int) -> None:
    session.execute("UPDATE k.counts SET n = n + 1 WHERE p = 1 AND c = 1")


def count_together(session: Session, n: int) -> None:
    session.execute(
        "BEGIN COUNTER BATCH UPDATE k.counts SET n = n + 2 WHERE p = 2 AND c = 1;"
        " UPDATE k.counts SET n = n - 3 WHERE p = 3 AND c = 1; APPLY BATCH"
    )


def add_and_remove(session: Session, n: int) -> None:
    """Every third step takes away the row of the one before."""
    if n % 3:
        session.execute("INSERT INTO k.t (p, c, v) VALUES (1, %s, 'x')", (n,))
    else:
        session.execute("DELETE FROM k.t WHERE p = 1 AND c = %s", (n - 1,))


def raise_it(session: Session, n: int) -> None:
    """A number that only its next may follow."""
    if n == 1:
        made = session.execute("INSERT INTO k.other (p, n) VALUES (1, 1) IF NOT EXISTS")
    else:
        made = session.execute("UPDATE k.other SET n = %s WHERE p = 1 IF n = %s", (n, n - 1))
    assert made.was_applied, n


def several_tables(session: Session, n: int) -> None:
    session.execute(
        f"BEGIN BATCH INSERT INTO k.t (p, c, v) VALUES (2, {n}, 'x');"
        f" UPDATE k.other SET n = {n} WHERE p = 2;"
        f" DELETE FROM k.t WHERE p = 2 AND c = {n - 5}; APPLY BATCH"
    )


def collect(session: Session, n: int) -> None:
    """All kinds of collections of a row."""
    session.execute(
        f"UPDATE k.many SET names = names + {{{n}}}, words = words + [{n}], map[{n}] = 'x'"
        " WHERE p = 1"
    )


STEPS: tuple[Step, ...] = (
    count,
    count_together,
    add_and_remove,
    raise_it,
    several_tables,
    collect,
)


def made_by(step: Step, done: int) -> Any:
    """What is there after so many steps."""
    everything = range(1, done + 1)
    if step is count:
        return done
    if step is count_together:
        return (2 * done, -3 * done)
    if step is add_and_remove:
        return [n for n in everything if n % 3 and not ((n + 1) % 3 == 0 and n + 1 <= done)]
    if step is raise_it:
        return done
    if step is collect:
        return [[*everything]] * 3
    return (done, [n for n in everything if n > done - 5])


def found(db: Database, step: Step) -> Any:
    """The same of the store."""

    def number(text: str) -> int:
        row = db.cql(text).one()
        return 0 if row is None else int(row[0] or 0)

    if step is count:
        return number("SELECT n FROM k.counts WHERE p = 1")
    if step is count_together:
        return tuple(number(f"SELECT n FROM k.counts WHERE p = {p}") for p in (2, 3))
    if step is add_and_remove:
        return [row.c for row in db.cql("SELECT c FROM k.t WHERE p = 1")]
    if step is raise_it:
        return number("SELECT n FROM k.other WHERE p = 1")
    if step is collect:
        row = db.cql("SELECT names, words, map FROM k.many WHERE p = 1").one()
        return [[*part] for part in row]
    rows = [row.c for row in db.cql("SELECT c FROM k.t WHERE p = 2")]
    return (number("SELECT n FROM k.other WHERE p = 2"), rows)


class Writer:
    """A client that goes on with its steps; ``done`` of them were acknowledged."""

    def __init__(self, step: Step) -> None:
        self.step = step
        self.done = 0

    def write(self, offset: int, client: int, acknowledged: list[int], enough: Event) -> None:
        cluster = cluster_of(9042 + offset)
        try:
            session = cluster.connect()
            while True:
                self.step(session, self.done + 1)
                self.done += 1
                acknowledged.append(self.done)
                if len(acknowledged) > ENOUGH:
                    enough.set()
        except Exception:  # the driver has many for a server that is gone
            if not enough.is_set():
                raise
        finally:
            cluster.shutdown()


def test_what_was_acknowledged_survives(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with fivefold.open(path) as db:
        for statement in SCHEMA:
            db.cql(statement)
    writers = [Writer(step) for step in STEPS]
    for turn in range(ROUNDS):
        kept: list[list[int]] = [[] for _ in writers]
        round_trip(path, "full", turn, [writer.write for writer in writers], kept)
        with fivefold.open(path) as db:
            for writer in writers:
                there = found(db, writer.step)
                if there != made_by(writer.step, writer.done):
                    writer.done += 1  # the step that nobody was told of
                    assert there == made_by(writer.step, writer.done), writer.step.__name__
    assert all(writer.done > ROUNDS * ENOUGH for writer in writers)
