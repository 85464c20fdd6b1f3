"""A document that is named by its ``_id`` is changed the same without a command and by one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from bson.objectid import ObjectId
from pymongo.errors import DuplicateKeyError, PyMongoError, WriteError

import fivefold
from fivefold.api.database import Database

Document = dict[str, Any]

BEFORE: Document = {"_id": 1, "a": 1, "b": "x", "list": [1, 2, 3], "in": {"c": 1.5}, "key": 1}

CHANGES: list[Document] = [
    {"$set": {"a": 2}},
    {"$set": {"a": 1}},
    {"$set": {"a": "a text", "fresh": ObjectId(b"a" * 12)}},
    {"$set": {"in.c": 2.5, "in.d": [{}]}},
    {"$inc": {"a": 5}, "$unset": {"b": ""}},
    {"$inc": {"b": 1}},
    {"$inc": {"a": 2**40}},
    {"$set": {"_id": 2}},
    {"$set": {"_id": 1}},
    {"$set": {"key": 2}},
    {"$push": {"list": 4}},
    {"$set": {"list.$": 4}},
    {"$rename": {"a": "z"}},
    {"$unknown": {"a": 1}},
    {"$set": {"": 1}},
    {"$set": {"big": "x" * 17_000_000}},
]

REPLACEMENTS: list[Document] = [{}, {"a": 5}, {"_id": 1, "q": None}, {"_id": 2}, {"key": 2}]


@pytest.fixture
def db(store_url: str) -> Iterator[Database]:
    with fivefold.open(store_url, durability="off") as made:
        yield made


def done(write: Any, *arguments: Any) -> Any:
    """Return what a write tells, or its error."""
    try:
        return write(*arguments).raw_result
    except PyMongoError as error:
        return type(error), str(error), getattr(error, "details", None)


def both_ways(db: Database, method: str, *arguments: Any) -> None:
    told, left = [], []
    for query in ({"_id": 1}, {"_id": {"$eq": 1}}):
        db.collection("shop", "orders").drop()
        orders = db.collection("shop", "orders")
        orders.create_index("key", unique=True)
        orders.insert_many([BEFORE, {"_id": 2, "key": 2}])
        told.append(done(getattr(orders, method), query, *arguments))
        left.append(orders.find().to_list())
    assert told[0] == told[1]
    assert [*map(repr, left[0])] == [*map(repr, left[1])]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: str(change)[:40])
def test_updates(db: Database, change: Document) -> None:
    both_ways(db, "update_one", change)


@pytest.mark.parametrize("document", REPLACEMENTS, ids=str)
def test_replacements(db: Database, document: Document) -> None:
    both_ways(db, "replace_one", document)


def test_deletes(db: Database) -> None:
    both_ways(db, "delete_one")
    both_ways(db, "delete_many")


def test_what_is_not_there(db: Database) -> None:
    orders = db.collection("shop", "orders")
    assert orders.update_one({"_id": 1}, {"$set": {"a": 1}}).matched_count == 0
    assert orders.delete_one({"_id": 1}).deleted_count == 0
    orders.insert_one({"_id": 1})
    assert orders.update_one({"_id": 2}, {"$set": {"a": 1}}).matched_count == 0
    assert orders.delete_one({"_id": 2}).deleted_count == 0
    assert orders.update_one({"_id": 2}, {"$set": {"a": 1}}, upsert=True).upserted_id == 2


def test_a_validator_is_asked(db: Database) -> None:
    orders = db.documents("shop").create_collection("orders", validator={"n": {"$lt": 5}})
    orders.insert_one({"_id": 1, "n": 1})
    with pytest.raises(WriteError, match="Document failed validation"):
        orders.update_one({"_id": 1}, {"$set": {"n": 9}})
    assert orders.find_one() == {"_id": 1, "n": 1}


def test_in_a_transaction(db: Database) -> None:
    orders = db.collection("shop", "orders")
    orders.create_index("key", unique=True)
    orders.insert_many([BEFORE, {"_id": 2, "key": 2}])
    with db.transaction() as tx:
        inside = tx.collection("shop", "orders")
        assert inside.update_one({"_id": 1}, {"$set": {"a": 7}}).modified_count == 1
        with pytest.raises(DuplicateKeyError):
            inside.update_one({"_id": 1}, {"$set": {"key": 2}})
        with pytest.raises(WriteError):
            inside.update_one({"_id": 1}, {"$inc": {"b": 2}})
        assert inside.delete_one({"_id": 2}).deleted_count == 1
    assert [(one["_id"], one["a"], one["key"]) for one in orders.find()] == [(1, 7, 1)]


def test_they_need_no_command(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    orders = db.collection("shop", "orders")
    orders.insert_one(BEFORE)
    monkeypatch.setattr(type(orders.door), "perform", None)
    orders.update_one({"_id": 1}, {"$inc": {"a": 1}})
    orders.replace_one({"_id": 1}, {"a": 3})
    assert orders.find_one({"_id": 1}) == {"_id": 1, "a": 3}
    orders.delete_one({"_id": 1})
    assert orders.find_one({"_id": 1}) is None
