"""What a server looks after behind the clients of documents."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from fivefold.api.database import Database
from fivefold.engine.clock import DrivenClock
from fivefold.engine.document_upkeep import EXPIRED_TOGETHER, Upkeep, expiring
from fivefold.engine.documents import cursors_of
from fivefold.engine.engine import Engine
from fivefold.stores.open import open_store

LONG_AGO = dt.datetime(1969, 1, 1)


@pytest.fixture
def clock() -> DrivenClock:
    return DrivenClock()


@pytest.fixture
def db(store_url: str, clock: DrivenClock) -> Iterator[Database]:
    with Database(Engine(open_store(store_url), clock)) as db:
        yield db


def test_nothing_expires_by_itself(db: Database) -> None:
    notes = db.collection("shop", "notes")
    notes.insert_one({"_id": 1, "at": LONG_AGO})
    upkeep = Upkeep(db.engine)
    assert not expiring(db.engine.snapshot)
    notes.create_index("at", expireAfterSeconds=0)
    assert notes.count_documents({}) == 1
    assert upkeep.is_due
    upkeep.run()
    assert notes.count_documents({}) == 0


def test_more_than_one_transaction_deletes(db: Database) -> None:
    notes = db.collection("shop", "notes")
    notes.create_index([("at", -1)], expireAfterSeconds=5)
    notes.create_index("n", unique=True)
    notes.insert_many([{"n": n, "at": LONG_AGO} for n in range(2 * EXPIRED_TOGETHER + 1)])
    notes.insert_one({"n": -1})
    Upkeep(db.engine).run()
    assert [one["n"] for one in notes.find()] == [-1]
    notes.insert_one({"n": 0})  # its key went with the document that had it


def test_idle_cursors_are_closed(db: Database, clock: DrivenClock) -> None:
    notes = db.collection("shop", "notes")
    notes.insert_many([{"_id": n} for n in range(10)])
    found = notes.find(batch_size=2)
    assert next(iter(found)) == {"_id": 0}
    assert len(cursors_of(db.engine)) == 1
    upkeep = Upkeep(db.engine)
    upkeep.run()
    assert len(cursors_of(db.engine)) == 1
    clock.advance(11 * 60 * 1000)
    upkeep.run()
    assert len(cursors_of(db.engine)) == 0


def test_closing_an_engine_closes_its_cursors(store_url: str) -> None:
    with Database(Engine(open_store(store_url), DrivenClock())) as db:
        notes = db.collection("shop", "notes")
        notes.insert_many([{"_id": n} for n in range(10)])
        found = notes.find(batch_size=2)
        assert next(iter(found)) == {"_id": 0}
    assert len(cursors_of(db.engine)) == 0
