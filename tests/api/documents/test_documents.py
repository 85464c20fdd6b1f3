"""The embedded document model: threads, transactions, other models beside it, bad input."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from subprocess import run

import pytest
from pymongo import InsertOne, WriteConcern
from pymongo.errors import (
    BulkWriteError,
    ConfigurationError,
    DuplicateKeyError,
    ExecutionTimeout,
    InvalidOperation,
    OperationFailure,
)
from pymongo.read_concern import ReadConcern

import fivefold
from fivefold.api.database import Database
from fivefold.errors import Unsupported, Violation


@pytest.fixture
def db(store_url: str) -> Iterator[Database]:
    """An empty database."""
    with fivefold.open(store_url, durability="off") as made:
        yield made


def test_a_transaction_over_several_models(db: Database) -> None:
    db.sql("CREATE TABLE stock (sku text PRIMARY KEY, n int)")
    db.sql("INSERT INTO stock VALUES ('A1', 5)")
    orders = db.collection("shop", "orders")
    with db.transaction() as tx:
        tx.sql("UPDATE stock SET n = n - 1 WHERE sku = 'A1'")
        tx.collection("shop", "orders").insert_one({"_id": 7, "sku": "A1"})
        tx.redis.set("last", "7")
        assert orders.find_one(7) is None
    assert orders.find_one(7) == {"_id": 7, "sku": "A1"}
    with suppress(DuplicateKeyError), db.transaction() as tx:
        tx.collection("shop", "orders").insert_one({"_id": 8})
        tx.sql("UPDATE stock SET n = 0")
        tx.collection("shop", "orders").insert_one({"_id": 7})
    assert orders.count_documents({}) == 1
    assert db.sql("SELECT n FROM stock").fetchone() == (4,)


def test_an_error_in_a_transaction_undoes_itself_only(db: Database) -> None:
    db.collection("shop", "orders").create_index("sku", unique=True)
    with db.transaction() as tx:
        orders = tx.collection("shop", "orders")
        orders.insert_one({"_id": 1, "sku": "A"})
        for refused in ({"_id": 1}, {"_id": 2, "sku": "A"}):
            with pytest.raises(DuplicateKeyError) as caught:
                orders.insert_one(refused)
            assert caught.value.code == 11000
        with pytest.raises(BulkWriteError) as failed:
            orders.insert_many([{"_id": 3, "sku": "C"}, {"_id": 4, "sku": "C"}])
        assert failed.value.details["nInserted"] == 1
        with pytest.raises(OperationFailure):
            orders.find_one({"$foo": 1})
        assert orders.update_one({"_id": 1}, {"$set": {"n": 1}}).modified_count == 1
    found = db.collection("shop", "orders").find().to_list()
    assert found == [{"_id": 1, "sku": "A", "n": 1}, {"_id": 3, "sku": "C"}]


def test_savepoints_take_documents_back(db: Database) -> None:
    with db.transaction() as tx:
        orders = tx.collection("shop", "orders")
        orders.insert_one({"_id": 1})
        with suppress(DuplicateKeyError), tx.savepoint():
            orders.insert_one({"_id": 2, "kind": "new to the shape"})
            orders.insert_one({"_id": 1})
        orders.insert_one({"_id": 3})
    assert [one["_id"] for one in db.collection("shop", "orders").find()] == [1, 3]


def test_a_transaction_that_has_ended(db: Database) -> None:
    with db.transaction() as tx:
        orders = tx.collection("shop", "orders")
        orders.insert_many([{"_id": n} for n in range(200)])
        cursor = orders.find(batch_size=10)
        next(cursor)
    with pytest.raises(InvalidOperation, match="the transaction has ended"):
        orders.find_one()
    with pytest.raises(InvalidOperation):
        cursor.to_list()


def test_cursors_are_of_one_moment(db: Database) -> None:
    orders = db.collection("shop", "orders")
    orders.insert_many([{"_id": n} for n in range(500)])
    cursor = orders.find(batch_size=10)
    next(cursor)
    orders.delete_many({"_id": {"$gt": 100}})
    orders.insert_one({"_id": 1000})
    assert [one["_id"] for one in cursor] == [*range(1, 500)]
    with orders.find(batch_size=2) as closed:
        next(closed)
    assert not closed.cursor_id


def test_threads(db: Database) -> None:
    orders = db.collection("shop", "orders")
    orders.create_index("who")
    failures: list[BaseException] = []

    def work(who: int) -> None:
        try:
            for n in range(30):
                orders.insert_one({"_id": f"{who}:{n}", "who": who})
                orders.update_one({"_id": "sum"}, {"$inc": {"n": 1}}, upsert=True)
            assert orders.count_documents({"who": who}) == 30
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(who,)) for who in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert orders.find_one("sum") == {"_id": "sum", "n": 120}


def test_sql_sees_the_documents(db: Database) -> None:
    db.collection("shop", "orders").insert_one({"_id": 1, "sku": "A1", "n": 3})
    assert db.sql("SELECT doc ->> 'sku' FROM shop.orders").fetchone() == ("A1",)


def test_what_is_another_models(db: Database) -> None:
    db.sql("CREATE TABLE t (a int PRIMARY KEY)")
    db.sql("INSERT INTO t VALUES (5)")
    table = db.collection("public", "t")
    assert table.find_one({}, {"_id": 0}) == {"a": 5}
    with pytest.raises(OperationFailure) as caught:
        table.insert_one({"a": 1})
    assert caught.value.code == 166


def test_what_is_refused(db: Database) -> None:
    orders = db.collection("shop", "orders")
    with pytest.raises(Unsupported, match="change streams"):
        orders.watch()
    with pytest.raises(Unsupported, match="change streams"):
        orders.database.watch()
    with pytest.raises(ConfigurationError, match="w=0"):
        orders.with_options(write_concern=WriteConcern(w=0))
    with pytest.raises(InvalidOperation, match="client sessions"):
        orders.find_one({}, session=object())
    with pytest.raises(TypeError):
        orders.with_options(codec_options=5)  # type: ignore[arg-type]  # that is the point
    with pytest.raises(TypeError):
        orders.with_options(read_concern=5)  # type: ignore[arg-type]  # likewise
    with pytest.raises(TypeError, match="not iterable"):
        next(orders)
    with pytest.raises(TypeError, match="not iterable"):
        next(orders.database)
    level = orders.database.with_options(read_concern=ReadConcern("local")).read_concern.level
    assert level == "local"
    assert orders.read_preference == orders.database.read_preference
    with pytest.raises(OperationFailure):
        orders.bulk_write([InsertOne({})], let={"a": 1}) and orders.find({"$where": "1"}).next()


def test_exceptions_tell_their_cause(db: Database) -> None:
    orders = db.collection("shop", "orders")
    orders.insert_one({"_id": 1})
    with pytest.raises(OperationFailure) as caught:
        orders.find_one_and_update({"_id": 2}, {"$set": {"_id": 1}}, upsert=True)
    assert caught.value.__cause__ is not None
    with pytest.raises(DuplicateKeyError) as duplicate:
        orders.insert_one({"_id": 1})
    assert duplicate.value.details is not None
    assert duplicate.value.details["keyValue"] == {"_id": 1}
    assert not isinstance(duplicate.value, Violation)


def test_time_limits(db: Database) -> None:
    orders = db.collection("shop", "orders")
    orders.insert_many([{"n": n} for n in range(5_000)])
    never = {"$expr": {"$lt": [{"$add": [{"$abs": "$n"}, 1]}, 0]}}
    with pytest.raises(ExecutionTimeout):
        orders.find(never).max_time_ms(1).to_list()
    assert orders.count_documents({}, maxTimeMS=60_000) == 5_000


def test_closing(store_url: str) -> None:
    db = fivefold.open(store_url, durability="off")
    orders = db.collection("shop", "orders")
    orders.insert_many([{"_id": n} for n in range(300)])
    cursor = orders.find()
    next(cursor)
    db.close()
    with pytest.raises(InvalidOperation, match="closed"):
        orders.find_one()
    with pytest.raises(InvalidOperation, match="closed"):
        cursor.to_list()


def test_nothing_is_imported_before_it_is_used() -> None:
    code = "import sys, fivefold; fivefold.open(':memory:'); print({'bson'} & {*sys.modules})"
    done = run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
