"""pymongo against the server: collections, their options, views, indexes, expiry; and what SQL
sees and may do of them."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from pymongo import ASCENDING, DESCENDING, HASHED, IndexModel, MongoClient
from pymongo.database import Database
from pymongo.errors import CollectionInvalid, OperationFailure, WriteError

import fivefold
from fivefold.api.serving import Serving
from tests.conftest import empty_store
from tests.which import OVER_POSTGRES

Shop = Database[dict[str, Any]]

SECONDS_MAX = 20.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    path = tmp_path_factory.mktemp("collections") / "shop.db"
    with (
        empty_store(str(path)) as url,
        fivefold.serving(url, only=["mongodb", "postgres"], durability="off") as serving,
    ):
        yield serving


@pytest.fixture(scope="module")
def client(server: Serving) -> Iterator[MongoClient[dict[str, Any]]]:
    with MongoClient(server.urls["mongodb"], serverSelectionTimeoutMS=10_000) as client:
        yield client


@pytest.fixture
def shop(client: MongoClient[dict[str, Any]], request: pytest.FixtureRequest) -> Shop:
    """A database of the test's own."""
    return client.get_database(request.node.name.partition("[")[0][:60])


@pytest.fixture
def sql(server: Serving) -> Iterator[psycopg.Connection]:
    with psycopg.connect(server.urls["postgres"], autocommit=True) as connection:
        yield connection


def test_collections_and_their_options(shop: Shop) -> None:
    shop.create_collection("log", capped=True, size=5000, max=2)
    shop.create_collection("people", validator={"name": {"$type": "string"}})
    shop.plain.insert_one({"_id": 1})
    with pytest.raises(CollectionInvalid):
        shop.create_collection("log")
    told = {one["name"]: one for one in shop.list_collections()}
    assert sorted(told) == ["log", "people", "plain"]
    assert told["log"]["options"] == {"capped": True, "size": 5120, "max": 2}
    assert told["people"]["options"] == {"validator": {"name": {"$type": "string"}}}
    assert told["plain"]["info"]["readOnly"] is False
    assert told["plain"]["idIndex"] == {"v": 2, "key": {"_id": 1}, "name": "_id_"}
    assert shop.list_collection_names(filter={"name": {"$regex": "^p"}}) == ["people", "plain"]
    assert shop.log.options() == {"capped": True, "size": 5120, "max": 2}
    shop.log.insert_many([{"_id": n} for n in range(5)])
    assert [one["_id"] for one in shop.log.find()] == [3, 4]
    assert [one["_id"] for one in shop.log.find().sort("$natural", -1)] == [4, 3]


def test_a_validator_tells_why(shop: Shop) -> None:
    schema = {"bsonType": "object", "required": ["name"]}
    shop.create_collection("people", validator={"$jsonSchema": schema})
    with pytest.raises(WriteError, match="Document failed validation") as caught:
        shop.people.insert_one({"_id": 7})
    assert caught.value.code == 121
    assert caught.value.details is not None
    info = caught.value.details["errInfo"]
    assert info["failingDocumentId"] == 7
    (rule,) = info["details"]["schemaRulesNotSatisfied"]
    assert rule["missingProperties"] == ["name"]
    shop.command("collMod", "people", validator={}, validationLevel="moderate")
    shop.people.insert_one({"_id": 7})


def test_indexes(shop: Shop) -> None:
    shop.t.insert_many([{"_id": n, "a": n // 2, "b": [n, -n]} for n in range(10)])
    names = shop.t.create_indexes(
        [
            IndexModel([("a", ASCENDING), ("b", DESCENDING)]),
            IndexModel([("a", HASHED)]),
            IndexModel("at", expireAfterSeconds=3600),
            IndexModel("c", sparse=True, unique=True, name="own"),
            IndexModel("d", partialFilterExpression={"a": {"$gt": 2}}),
        ]
    )
    assert names == ["a_1_b_-1", "a_hashed", "at_1", "own", "d_1"]
    told = shop.t.index_information()
    assert told["a_1_b_-1"] == {"v": 2, "key": [("a", 1), ("b", -1)]}
    assert told["a_hashed"]["key"] == [("a", "hashed")]
    assert told["at_1"]["expireAfterSeconds"] == 3600
    assert told["own"] == {"v": 2, "key": [("c", 1)], "unique": True, "sparse": True}
    assert told["d_1"]["partialFilterExpression"] == {"a": {"$gt": 2}}
    for keys, options, code in (
        ("a", {"unique": True}, 11000),
        ([("a", 1), ("b", -1)], {"name": "other"}, 85),
        ("z", {"name": "own"}, 86),
        ([("text", "text")], {}, 115),
        ([("a", 1), ("at", 1)], {"expireAfterSeconds": 5}, 67),
    ):
        with pytest.raises(OperationFailure) as caught:
            shop.t.create_index(keys, **options)
        assert caught.value.code == code
    assert len(shop.t.index_information()) == 6
    assert shop.t.count_documents({"a": 2}, hint="a_1_b_-1") == 2
    with pytest.raises(OperationFailure) as caught:
        shop.t.drop_index("none")
    assert caught.value.code == 27
    shop.t.drop_index([("a", 1), ("b", -1)])
    assert shop.command("validate", "t")["valid"] is True


def test_views(shop: Shop) -> None:
    shop.orders.insert_many([{"_id": n, "n": n} for n in range(5)])
    shop.create_collection("big", viewOn="orders", pipeline=[{"$match": {"n": {"$gte": 3}}}])
    assert [one["_id"] for one in shop.big.find()] == [3, 4]
    assert shop.big.count_documents({"n": 4}) == 1
    assert shop.big.distinct("n") == [3, 4]
    (view,) = shop.list_collections(filter={"type": "view"})
    assert view["options"]["viewOn"] == "orders"
    with pytest.raises(OperationFailure) as caught:
        shop.big.insert_one({})
    assert caught.value.code == 166


def test_sizes(shop: Shop) -> None:
    shop.t.insert_many([{"_id": n, "text": "x" * 100} for n in range(100)])
    shop.t.create_index("text")
    told = shop.command("collStats", "t")
    assert told["count"] == 100
    assert told["size"] == 100 * told["avgObjSize"]
    assert set(told["indexSizes"]) == {"_id_", "text_1"}
    assert told["totalIndexSize"] == sum(told["indexSizes"].values()) > 0
    whole = shop.command("dbStats")
    assert (whole["collections"], whole["objects"]) == (1, 100)
    assert whole["dataSize"] == told["size"]
    (named,) = [one for one in shop.client.list_databases() if one["name"] == shop.name]
    assert named["sizeOnDisk"] == told["totalSize"]


def test_explain_tells_the_stores_own_statement(shop: Shop) -> None:
    shop.t.insert_one({"_id": 1, "a": 5})
    shop.t.create_index("a")
    told = shop.t.find({"a": 5}).explain()
    assert told["queryPlanner"]["winningPlan"]["inputStage"]["indexName"] == "a_1"
    assert told["executionStats"]["totalKeysExamined"] == 1
    assert "t$a_1" in told["fivefold"]["statements"][0]
    told = shop.command("aggregate", "t", pipeline=[{"$match": {"a": 5}}], explain=True)
    assert told["queryPlanner"]["namespace"] == f"{shop.name}.t"


def test_documents_expire(shop: Shop) -> None:
    long_ago = dt.datetime(2001, 1, 1)
    shop.t.insert_many([{"_id": n, "at": long_ago} for n in range(500)])
    shop.t.insert_one({"_id": "stays", "at": dt.datetime(2999, 1, 1)})
    shop.t.create_index("at", expireAfterSeconds=60)
    last = time.monotonic() + SECONDS_MAX
    while shop.t.count_documents({}) > 1 and time.monotonic() < last:
        time.sleep(0.05)
    assert [one["_id"] for one in shop.t.find()] == ["stays"]
    assert shop.command("validate", "t")["valid"] is True


# Beside SQL


def test_sql_sees_collections_and_does_not_change_them(shop: Shop, sql: psycopg.Connection) -> None:
    shop.t.insert_one({"_id": 1, "a": {"b": 5}})
    shop.t.create_index("a.b")
    name = f'"{shop.name}"'
    assert sql.execute(f"SELECT doc -> 'a' ->> 'b' FROM {name}.t").fetchall() == [("5",)]
    for text in (
        f"DROP VIEW {name}.t",
        f'DROP TABLE {name}."t$"',
        f'DROP TABLE {name}."t$a.b_1"',
        f'ALTER TABLE {name}."t$" RENAME TO other',
        f'ALTER TABLE {name}."t$" ADD x int',
        f"ALTER VIEW {name}.t RENAME TO other",
        f'CREATE INDEX i ON {name}."t$" (place)',
        f'TRUNCATE {name}."t$"',
        f'DELETE FROM {name}."t$"',
        f"DELETE FROM {name}.t",
        f"INSERT INTO {name}.t (doc) VALUES ('{{}}')",
        f'UPDATE {name}."t$" SET place = 7',
        f"ALTER SCHEMA {name} RENAME TO other",
    ):
        with pytest.raises(psycopg.errors.FeatureNotSupported, match="document model"):
            sql.execute(text)
    assert shop.t.find_one({"a.b": 5}) == {"_id": 1, "a": {"b": 5}}


def test_drop_schema_cascade_drops_a_database(shop: Shop, sql: psycopg.Connection) -> None:
    shop.t.insert_one({"_id": 1})
    shop.t.create_index("a")
    sql.execute(f'CREATE TABLE "{shop.name}".own (id int)')
    with pytest.raises(psycopg.errors.DependentObjectsStillExist):
        sql.execute(f'DROP SCHEMA "{shop.name}"')
    with pytest.raises(OperationFailure, match="relational model") as caught:
        shop.client.drop_database(shop.name)
    assert caught.value.code == 20
    sql.execute(f'DROP SCHEMA "{shop.name}" CASCADE')
    assert shop.list_collection_names() == []
    shop.t.insert_one({"_id": 2})
    assert [one["_id"] for one in shop.t.find()] == [2]


def test_tables_are_collections_that_are_read(shop: Shop, sql: psycopg.Connection) -> None:
    sql.execute(f'CREATE SCHEMA "{shop.name}"')
    sql.execute(f'CREATE TABLE "{shop.name}".stock (sku text PRIMARY KEY, n int)')
    sql.execute(f"INSERT INTO \"{shop.name}\".stock VALUES ('a', 5)")
    (told,) = shop.list_collections()
    assert (told["name"], told["type"], told["info"]["readOnly"]) == ("stock", "collection", True)
    assert list(shop.stock.find()) == [{"_id": "a", "sku": "a", "n": 5}]
    assert set(shop.stock.index_information()) == {"_id_"}
    for change in (
        shop.stock.drop,
        lambda: shop.stock.create_index("n"),
        lambda: shop.stock.rename("other"),
        lambda: shop.stock.insert_one({}),
        lambda: shop.create_collection("stock", check_exists=False),
    ):
        with pytest.raises(OperationFailure) as caught:
            change()
        assert caught.value.code in (48, 166)


def test_a_view_of_sql_waits_for_its_collection(shop: Shop, sql: psycopg.Connection) -> None:
    shop.t.insert_one({"_id": 1})
    sql.execute(f'CREATE VIEW waiting AS SELECT doc FROM "{shop.name}".t')
    shop.t.drop()
    with pytest.raises(psycopg.errors.UndefinedTable):
        sql.execute("SELECT * FROM waiting")
    shop.t.insert_one({"_id": 2})
    assert sql.execute("SELECT doc ->> '_id' FROM waiting").fetchall() == [("2",)]


def test_long_names(shop: Shop) -> None:
    name = "collection" * 15
    shop[name].insert_one({"_id": 1, "a": 1})
    shop[name + "x"].insert_one({"_id": 2, "a": 2})
    shop[name].create_index([("a", 1)], name="index" * 20)
    shop[name].create_index([("b", 1)], name="index" * 20 + "x")
    assert shop[name].find_one({"a": 1}, hint="index" * 20) == {"_id": 1, "a": 1}
    assert shop[name + "x"].find_one() == {"_id": 2, "a": 2}
    shop[name].rename("short")
    assert shop.short.find_one({"a": 1}, hint="index" * 20) == {"_id": 1, "a": 1}
    assert shop.list_collection_names() == [name + "x", "short"]


def test_names_by_their_case(shop: Shop) -> None:
    shop.Orders.insert_one({"_id": 1})
    if not OVER_POSTGRES:  # docs/differences.md, MG-72
        with pytest.raises(OperationFailure, match="differ in capitals only") as caught:
            shop.orders.insert_one({"_id": 2})
        assert caught.value.code == 238
        return
    shop.orders.insert_one({"_id": 2})
    assert [one["_id"] for one in shop.Orders.find()] == [1]
    assert [one["_id"] for one in shop.orders.find()] == [2]
