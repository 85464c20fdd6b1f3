"""Several who write to one collection at the same time, each with a database of its own opened.

Over a file one writes at a time; over PostgreSQL they meet, and what is refused there is tried
again, inside a transaction by its caller.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pymongo.errors import DuplicateKeyError, PyMongoError

from fivefold.api.database import Database, open_database

WRITERS = 4
EACH = 15


@pytest.fixture
def databases(store_url: str) -> Iterator[list[Database]]:
    made = [open_database(store_url, durability="off") for _ in range(WRITERS)]
    try:
        yield made
    finally:
        for one in made:
            one.close()


def together(databases: list[Database], work: Callable[[int, Any], Any]) -> list[Any]:
    """Run ``work(number, collection)`` for each database at the same time."""
    with ThreadPoolExecutor(len(databases)) as pool:
        running = [
            pool.submit(work, number, database.collection("shop", "orders"))
            for number, database in enumerate(databases)
        ]
        return [each.result() for each in running]


def test_all_insert(databases: list[Database]) -> None:
    def insert(number: int, orders: Any) -> None:
        for n in range(EACH):
            orders.insert_one({"_id": number * 1_000 + n, f"field{number}": n})

    together(databases, insert)
    for database in databases:
        orders = database.collection("shop", "orders")
        assert orders.count_documents({}) == WRITERS * EACH
        for number in range(WRITERS):  # each has seen how the others made the shape grow
            assert orders.count_documents({f"field{number}": {"$gte": 0}}) == EACH


def test_what_is_found_follows_what_others_brought(databases: list[Database]) -> None:
    first, second = (one.collection("shop", "orders") for one in databases[:2])
    first.insert_one({"_id": 1, "n": 5})
    assert second.count_documents({"n": {"$gt": 1}}) == 1
    first.insert_one({"_id": 2, "n": [0, 7]})
    first.insert_one({"_id": 3, "n": "text"})
    assert second.count_documents({"n": {"$gt": 1}}) == 2
    assert [each["_id"] for each in second.find({"n": "text"})] == [3]


def test_all_change_one_document(databases: list[Database]) -> None:
    databases[0].collection("shop", "orders").insert_one({"_id": 1, "n": 0})

    def count(number: int, orders: Any) -> None:
        for _ in range(EACH):
            orders.update_one({"_id": 1}, {"$inc": {"n": 1}})

    together(databases, count)
    found = databases[0].collection("shop", "orders").find_one({"_id": 1})
    assert found == {"_id": 1, "n": WRITERS * EACH}


@pytest.mark.parametrize("unique", ["_id", "key"])
def test_one_of_those_with_the_same_key_wins(databases: list[Database], unique: str) -> None:
    orders = databases[0].collection("shop", "orders")
    if unique == "key":
        try:
            orders.create_index("key", unique=True)
        except (NotImplementedError, PyMongoError):
            pytest.skip("no indexes yet")

    def insert(number: int, orders: Any) -> int:
        won = 0
        for n in range(EACH):
            document = {"_id": n} if unique == "_id" else {"_id": f"{number} {n}", "key": n}
            try:
                orders.insert_one(document)
                won += 1
            except DuplicateKeyError:
                pass
        return won

    assert sum(together(databases, insert)) == EACH
    assert orders.count_documents({}) == EACH


def test_places_rise_as_each_inserts(databases: list[Database]) -> None:
    def insert(number: int, orders: Any) -> None:
        orders.insert_many([{"by": number, "n": n} for n in range(EACH)])
        orders.insert_one({"by": number, "n": EACH})

    together(databases, insert)
    for number in range(WRITERS):
        found = databases[0].collection("shop", "orders").find({"by": number})
        assert [each["n"] for each in found] == [*range(EACH + 1)]
