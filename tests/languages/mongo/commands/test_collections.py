"""Commands on collections that no script shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from fivefold.engine.clock import DrivenClock
from fivefold.engine.engine import Engine
from fivefold.engine.mongo import MongoSession
from fivefold.engine.session import Session
from fivefold.errors import FivefoldError
from fivefold.languages.mongo.client import Client
from fivefold.languages.mongo.match import parse_filter
from fivefold.languages.mongo.match.write import written
from fivefold.plan.statement import Statement, Template
from fivefold.stores.open import open_store
from fivefold.values.documents.codec import decode, encode


class Shop:
    """One client of a store of its own. ``run`` runs a command on the database shop."""

    def __init__(self, url: str) -> None:
        self.engine = Engine(open_store(url), DrivenClock())
        self.session = Session(self.engine)
        self.commands = MongoSession(self.session, Client(1))

    def run(self, command: dict[str, Any]) -> dict[str, Any]:
        document = decode(encode({**command, "$db": command.get("$db", "shop")}))
        request = self.commands.resolve(document)
        self.commands.session_of(request)
        return self.commands.attempt(request, document, inline=False)

    def write(self, text: str, *containers: tuple[str, str]) -> None:
        """Change the store behind everybody's back."""
        names = {f"t{number}": name for number, name in enumerate(containers)}
        statement = Statement(Template(text, names), writes=True)
        prepared = self.engine.store.prepare(statement)
        self.session.perform(lambda connection: connection.run(prepared), write=True)

    def close(self) -> None:
        self.commands.close()
        self.session.close()
        self.engine.close()


@pytest.fixture
def shop(store_url: str) -> Iterator[Shop]:
    shop = Shop(store_url)
    yield shop
    shop.close()


REFUSED: list[tuple[dict[str, Any], int]] = [
    ({"collMod": "t", "index": {"name": "a_1", "unique": True}}, 115),
    ({"collMod": "t", "index": {"name": "a_1", "prepareUnique": True}}, 115),
    ({"collMod": "t", "timeseries": {}}, 115),
    ({"collMod": "t", "expireAfterSeconds": 5}, 72),
    ({"collMod": "t", "index": {"name": 5, "hidden": True}}, 14),
    ({"collMod": "t", "index": {"keyPattern": "a", "hidden": True}}, 14),
    ({"collMod": "t", "index": {"name": "a_1", "expireAfterSeconds": "x"}}, 14),
    ({"collMod": "t", "validator": {"$where": "x"}}, 115),
    ({"create": "u", "viewOn": "t", "idIndex": {"key": {"_id": 1}}}, 72),
    ({"create": "u", "capped": True, "size": 2**60}, 51024),
    ({"convertToCapped": "t", "size": -1}, 51024),
    ({"listCollections": 1, "filter": 5}, 14),
    ({"listCollections": 1, "filter": {"$nonsense": 1}}, 2),
    ({"listCollections": 1, "cursor": {"batchSize": -1}}, 51024),
    ({"listDatabases": 1, "$db": "admin", "filter": []}, 14),
    ({"createIndexes": "t", "indexes": {}}, 14),
    ({"createIndexes": "t", "indexes": [{"key": {"a.b": 1, "a": 1, "c": 0}, "name": "x"}]}, 67),
    ({"dataSize": "nodot"}, 73),
    ({"dbStats": 1, "scale": "x"}, 14),
    ({"validate": 5}, 73),
]


@pytest.mark.parametrize(("command", "number"), REFUSED)
def test_refused(shop: Shop, command: dict[str, Any], number: int) -> None:
    shop.run({"createIndexes": "t", "indexes": [{"key": {"a": 1}, "name": "a_1"}]})
    with pytest.raises(FivefoldError) as caught:
        shop.run(command)
    assert caught.value.number == number, caught.value


def test_keys_are_shown_by_direction(shop: Shop) -> None:
    shop.run({"createIndexes": "t", "indexes": [{"key": {"a": 5.0, "b": -2}, "name": "i"}]})
    reply = shop.run({"listIndexes": "t"})
    assert decode(reply["cursor"]["firstBatch"][1])["key"] == {"a": 1, "b": -1}


def test_validate_finds_what_is_broken(shop: Shop) -> None:
    shop.run({"insert": "t", "documents": [{"_id": n, "a": [n, n + 1]} for n in range(10)]})
    shop.run({"createIndexes": "t", "indexes": [{"key": {"a": 1}, "name": "a_1"}]})
    told = shop.run({"validate": "t"})
    assert (told["valid"], told["nrecords"], told["keysPerIndex"]) == (
        True,
        10,
        {"_id_": 10, "a_1": 20},
    )
    shop.write("DELETE FROM {t0} WHERE place = (SELECT min(place) FROM {t0})", ("shop", "t$a_1"))
    told = shop.run({"validate": "t"})
    assert told["valid"] is False
    assert told["indexDetails"] == {"_id_": {"valid": True}, "a_1": {"valid": False}}


def test_as_many_indexes_as_there_may_be(shop: Shop) -> None:
    specs = [{"key": {f"f{n}": 1}, "name": f"f{n}"} for n in range(63)]
    assert shop.run({"createIndexes": "t", "indexes": specs})["numIndexesAfter"] == 64
    with pytest.raises(FivefoldError, match="add index fails, too many indexes"):
        shop.run({"createIndexes": "t", "indexes": [{"key": {"z": 1}, "name": "z"}]})


def test_a_build_that_fails_leaves_nothing(shop: Shop) -> None:
    shop.run({"insert": "t", "documents": [{"_id": n, "a": n % 2} for n in range(4)]})
    specs = [
        {"key": {"b": 1}, "name": "b"},
        {"key": {"a": 1}, "name": "a", "unique": True},
    ]
    with pytest.raises(FivefoldError) as caught:
        shop.run({"createIndexes": "t", "indexes": specs})
    assert caught.value.facts == {"keyPattern": {"a": 1}, "keyValue": {"a": 0}}
    assert len(shop.run({"listIndexes": "t"})["cursor"]["firstBatch"]) == 1
    assert shop.engine.snapshot.catalog.find("shop", "t$b") is None


FILTERS: list[dict[str, Any]] = [
    {},
    {"a": 5},
    {"a": None},
    {"a": {"$gt": 5, "$lte": 7}, "b.c": {"$in": [1, "x"]}},
    {"$or": [{"a": 1}, {"b": {"$exists": True}}]},
    {"$nor": [{"a": 1}, {"b": {"$type": "string"}}]},
    {"a": {"$not": {"$gt": 5}}},
    {"a": {"$ne": 5}, "b": {"$nin": [1, 2]}},
    {"a": {"$exists": False}},
    {"a": {"$regex": "^x", "$options": "i"}},
    {"a": {"$mod": [4, 1]}, "b": {"$size": 2}},
    {"a": {"$elemMatch": {"b": 1, "c": {"$gt": 2}}}},
    {"a": {"$elemMatch": {"$gt": 1, "$lt": 5, "$ne": 3}}},
    {"a": {"$all": [1, 2]}},
    {"a": {"$bitsAllSet": [1, 5]}},
    {"$expr": {"$gt": ["$a", "$b"]}},
    {"$jsonSchema": {"required": ["a"]}},
    {"$and": [{"a": 1}, {"$or": [{"b": 1}, {"c": 2}]}, {"a": {"$lt": 9}}]},
]


@pytest.mark.parametrize("given", FILTERS)
def test_filters_written_again_mean_the_same(given: dict[str, Any]) -> None:
    node = parse_filter(given)
    assert parse_filter(written(node)) == node
