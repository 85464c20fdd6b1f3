"""Space is taken back: what has expired, deletions past their grace. Over both stores' tables.

Source: "Deletes", and gc_grace_seconds, of Cassandra's CQL reference.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fivefold.api.database import Database
from fivefold.engine.clock import DrivenClock
from fivefold.engine.cql_upkeep import RECLAIM_MS, RECLAIMED_TOGETHER, Reclaiming, reclaimable
from fivefold.engine.engine import Engine
from fivefold.stores.open import open_store

DEFINITIONS = (
    "CREATE KEYSPACE g WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
    "CREATE TABLE g.t (k int, c int, v int, e set<int>, s int static, PRIMARY KEY (k, c))"
    " WITH gc_grace_seconds = 60",
    "CREATE INDEX elements ON g.t (e)",
    "CREATE MATERIALIZED VIEW g.by_v AS SELECT k, c, v FROM g.t"
    " WHERE k IS NOT NULL AND c IS NOT NULL AND v IS NOT NULL PRIMARY KEY (v, k, c)",
)


@pytest.fixture
def clock() -> DrivenClock:
    return DrivenClock()


@pytest.fixture
def db(store_url: str, clock: DrivenClock) -> Iterator[Database]:
    with Database(Engine(open_store(store_url), clock)) as made:
        for text in DEFINITIONS:
            made.cql(text)
        yield made


def count(db: Database, table: str) -> int:
    ((found,),) = db.sql(f'SELECT count(*) FROM g."{table}"').fetchall()
    assert isinstance(found, int)
    return found


def counts(db: Database) -> list[int]:
    """Return how many rows there are: of the table, its index, its view."""
    return [count(db, table) for table in ("t$", "t$i$elements", "by_v$")]


def taken_back(db: Database, clock: DrivenClock) -> None:
    upkeep = Reclaiming(db.engine)
    assert not upkeep.is_due
    clock.advance(RECLAIM_MS)
    assert upkeep.is_due
    upkeep.run()
    assert not upkeep.is_due


def test_what_has_expired(db: Database, clock: DrivenClock) -> None:
    assert reclaimable(db.engine.snapshot) == ()
    rows = RECLAIMED_TOGETHER + 50
    for c in range(rows):
        db.cql("INSERT INTO g.t (k, c, v, e) VALUES (1, ?, 7, {1, 2}) USING TTL 30", [c])
    db.cql("INSERT INTO g.t (k, c, v, e) VALUES (1, 1000, 8, {3})")
    db.cql("UPDATE g.t USING TTL 30 SET e = e + {4} WHERE k = 1 AND c = 1000")
    db.cql("UPDATE g.t USING TTL 30 SET s = 5 WHERE k = 1")
    taken_back(db, clock)
    assert counts(db) == [rows + 1, 2 * rows + 2, rows + 1]
    clock.advance(30_000)
    taken_back(db, clock)
    assert counts(db) == [1, 1, 1]
    assert count(db, "t$static") == 0
    assert db.cql("SELECT c, v, e, s FROM g.t").all() == [(1000, 8, {3}, None)]
    assert db.cql("SELECT c FROM g.t WHERE e CONTAINS 3").all() == [(1000,)]
    assert db.cql("SELECT c FROM g.by_v WHERE v = 8").all() == [(1000,)]


def test_deletions_past_their_grace(db: Database, clock: DrivenClock) -> None:
    db.cql("DELETE FROM g.t USING TIMESTAMP 100 WHERE k = 1")
    db.cql("DELETE FROM g.t USING TIMESTAMP 100 WHERE k = 2 AND c > 5")
    assert count(db, "t$past") == 2
    taken_back(db, clock)
    db.cql("INSERT INTO g.t (k, c) VALUES (1, 1) USING TIMESTAMP 50")
    assert (count(db, "t$past"), db.cql("SELECT k FROM g.t").all()) == (2, [])
    clock.advance(61_000)
    taken_back(db, clock)
    db.cql("INSERT INTO g.t (k, c) VALUES (1, 1) USING TIMESTAMP 50")
    assert (count(db, "t$past"), db.cql("SELECT k FROM g.t").all()) == (0, [(1,)])


def test_an_expired_cell_still_is_newer_than_an_older_write(
    db: Database, clock: DrivenClock
) -> None:
    db.cql("INSERT INTO g.t (k, c) VALUES (1, 1) USING TIMESTAMP 1")
    db.cql("UPDATE g.t USING TIMESTAMP 9 AND TTL 10 SET v = 3 WHERE k = 1 AND c = 1")
    clock.advance(10_000)
    taken_back(db, clock)
    db.cql("UPDATE g.t USING TIMESTAMP 5 SET v = 4 WHERE k = 1 AND c = 1")
    assert db.cql("SELECT v FROM g.t").all() == [(None,)]


def test_a_table_that_was_dropped(db: Database, clock: DrivenClock) -> None:
    db.cql("INSERT INTO g.t (k, c) VALUES (1, 1) USING TTL 5")
    db.cql("DROP MATERIALIZED VIEW g.by_v")
    db.cql("DROP TABLE g.t")
    assert reclaimable(db.engine.snapshot) == ()
