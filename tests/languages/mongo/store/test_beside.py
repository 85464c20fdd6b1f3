"""Documents and tables beside each other: what SQL sees of a collection, and find of a table."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from bson.binary import Binary
from bson.decimal128 import Decimal128
from bson.int64 import Int64
from pymongo.errors import PyMongoError

from fivefold.api.database import Database, open_database
from fivefold.errors import InvalidStatement, Unsupported

ORDER = {
    "_id": 1, "sku": "A1", "n": 1, "half": 1.5, "one": 1.0, "tiny": 1e-7, "large": 1e20,
    "long": 2**60, "yes": True, "nothing": None, "at": datetime(2020, 1, 1),
    "price": Decimal128("1.10"), "inner": {"longer": [1, 2], "b": 'é"q'},
}  # fmt: skip


@pytest.fixture
def db(store_url: str) -> Iterator[Database]:
    with open_database(store_url, durability="off") as db:
        db.sql("CREATE SCHEMA shop")
        db.collection("shop", "orders").insert_many([ORDER, {"_id": 2, "customer": 7}])
        yield db


def rows(db: Database, text: str) -> list[Any]:
    return [*db.sql(text)]


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("->> 'sku'", "A1"),
        ("->> 'n'", "1"),
        ("->> 'half'", "1.5"),
        ("->> 'one'", "1.0"),
        ("->> 'tiny'", "0.0000001"),
        ("->> 'large'", "100000000000000000000"),
        ("->> 'long'", "1152921504606846976"),
        ("->> 'yes'", "true"),
        ("->> 'nothing'", None),
        ("->> 'missing'", None),
        ("->> 'at'", '{"$date": 1577836800000}'),
        ("->> 'price'", '{"$numberDecimal": "1.10"}'),
        ("->> 'inner'", '{"b": "é\\"q", "longer": [1, 2]}'),
        ("-> 'inner' ->> 'b'", 'é"q'),
        ("#>> '{inner,longer,1}'", "2"),
    ],
)
def test_sql_sees_documents_as_jsonb(db: Database, path: str, shown: str | None) -> None:
    assert rows(db, f"SELECT doc {path} FROM shop.orders WHERE _id = '1'") == [(shown,)]


def test_sql_joins_a_collection_with_a_table(db: Database) -> None:
    db.sql("CREATE TABLE customers (id integer PRIMARY KEY, name text)")
    db.sql("INSERT INTO customers VALUES (7, 'Ann')")
    join = "FROM shop.orders o JOIN customers c ON c.id = (o.doc ->> 'customer')::int"
    assert rows(db, f"SELECT o._id, c.name {join}") == [(2, "Ann")]
    db.sql(f"CREATE VIEW named AS SELECT o._id, c.name {join}")
    with db.transaction() as tx:
        tx.collection("shop", "orders").insert_one({"_id": 3, "customer": 7})
        assert [*tx.sql("SELECT count(*) FROM named")] == [(2,)]


@pytest.mark.parametrize(
    "text",
    [
        "INSERT INTO shop.orders VALUES ('3', '{}')",
        "UPDATE shop.orders SET doc = '{}'",
        "DELETE FROM shop.orders",
        "DROP VIEW shop.orders",
        'DELETE FROM shop."orders$"',
        'DROP TABLE shop."orders$"',
    ],
)
def test_sql_does_not_change_documents(db: Database, text: str) -> None:
    with pytest.raises(Unsupported, match=r'cannot change "shop\.orders"') as caught:
        db.sql(text)
    assert 'db.collection("shop", "orders")' in (caught.value.hint or "")


@pytest.mark.parametrize("text", ["TRUNCATE shop.orders", "DROP TABLE shop.orders"])
def test_a_collection_is_no_table_to_sql(db: Database, text: str) -> None:
    with pytest.raises(InvalidStatement, match='"orders" is not a table'):
        db.sql(text)


COLUMNS: list[tuple[str, str, Any]] = [
    ("boolean", "true", True),
    ("int2", "2", 2),
    ("int4", "-3", -3),
    ("int8", "4", Int64(4)),
    ("numeric", "1.10", Decimal128("1.10")),
    ("numeric", "NaN", Decimal128("NaN")),
    ("numeric(10,2)", "2.5", Decimal128("2.50")),
    ("float4", "1.5", 1.5),
    ("float8", "2.5", 2.5),
    ("float8", "infinity", math.inf),
    ("text", "é", "é"),
    ("varchar(5)", "v", "v"),
    ("char(3)", "c", "c  "),
    ("bytea", "\\x0102", b"\1\2"),
    ("date", "2020-01-02", datetime(2020, 1, 2)),
    ("date", "infinity", "infinity"),
    ("time", "03:04:05.5", "03:04:05.500000"),
    ("timestamp", "2020-01-02 03:04:05.678", datetime(2020, 1, 2, 3, 4, 5, 678000)),
    ("timestamptz", "2020-01-02 03:04:05+02", datetime(2020, 1, 2, 1, 4, 5)),
    ("timestamptz", "-infinity", "-infinity"),
    ("interval", "1 day 02:00:00", "1 day, 2:00:00"),
    ("uuid", f"{UUID(int=1)}", Binary.from_uuid(UUID(int=1))),
    ("json", '{"a": 1}', {"a": 1}),
    ("jsonb", '{"b": [1, 2.5, null]}', {"b": [1, 2.5, None]}),
    ("jsonb", "100000000000000000000", Decimal128("100000000000000000000")),
    ("int[]", "{1,NULL,3}", [1, None, 3]),
    ("text[]", "{x}", ["x"]),
    ("shop.mood", "ok", "ok"),
]


def test_find_reads_every_type_of_column(db: Database) -> None:
    db.sql("CREATE TYPE shop.mood AS ENUM ('sad', 'ok')")
    names = [f'"c{n} {{x}} \'?"' for n in range(len(COLUMNS))]
    listed = ", ".join(
        f"{name} {type_}" for name, (type_, _, _) in zip(names, COLUMNS, strict=True)
    )
    db.sql(f"CREATE TABLE shop.every (id integer PRIMARY KEY, {listed})")
    values = ", ".join([f"'{text}'" for _, text, _ in COLUMNS])
    db.sql(f"INSERT INTO shop.every VALUES (1, {values})")
    db.sql("INSERT INTO shop.every (id) VALUES (2)")
    every = db.collection("shop", "every")
    found = every.find_one({"_id": 1})
    assert found is not None
    assert found.pop("_id") == found.pop("id") == 1
    for (type_, text, expected), value in zip(COLUMNS, found.values(), strict=True):
        assert (value.__class__, value) == (expected.__class__, expected) or (
            str(value) == str(expected) == "NaN"
        ), (type_, text)
    empty = every.find_one({"_id": 2})
    assert empty is not None
    assert {*empty.values()} == {2, None}


@pytest.fixture
def pairs(db: Database) -> Any:
    db.sql("CREATE TABLE shop.pairs (a integer, b text, n integer, PRIMARY KEY (a, b))")
    db.sql("INSERT INTO shop.pairs VALUES (7, 'x', 5), (8, 'y', 6)")
    return db.collection("shop", "pairs")


def test_a_table_is_a_collection_that_is_read(db: Database, pairs: Any) -> None:
    seven = {"_id": {"a": 7, "b": "x"}, "a": 7, "b": "x", "n": 5}
    assert pairs.find_one({"_id": {"a": 7, "b": "x"}}) == seven
    assert pairs.find({"n": {"$gt": 5}}, {"_id": 0, "b": 1}).to_list() == [{"b": "y"}]
    assert [each["a"] for each in pairs.find().sort("a", -1)] == [8, 7]
    assert pairs.count_documents({}) == 2
    assert pairs.distinct("b") == ["x", "y"]
    total = [{"$group": {"_id": None, "n": {"$sum": "$n"}}}]
    assert pairs.aggregate(total).to_list() == [{"_id": None, "n": 11}]
    db.sql("CREATE TABLE shop.keyless (a integer)")
    db.sql("INSERT INTO shop.keyless VALUES (1)")
    assert db.collection("shop", "keyless").find().to_list() == [{"a": 1}]


def test_lookups_between_a_collection_and_a_table(db: Database, pairs: Any) -> None:
    def lookup(name: str, local: str, foreign: str) -> list[Any]:
        given = {"from": name, "localField": local, "foreignField": foreign, "as": "found"}
        return [{"$match": {local: {"$exists": True}}}, {"$lookup": given}]

    orders = db.collection("shop", "orders")
    seven = {"_id": {"a": 7, "b": "x"}, "a": 7, "b": "x", "n": 5}
    assert orders.aggregate(lookup("pairs", "customer", "a")).to_list() == [
        {"_id": 2, "customer": 7, "found": [seven]}
    ]
    found = pairs.aggregate(lookup("orders", "a", "customer")).to_list()
    assert [each["found"] for each in found] == [[{"_id": 2, "customer": 7}], []]


WRITES: list[Callable[[Any], Any]] = [
    lambda pairs: pairs.insert_one({"a": 1}),
    lambda pairs: pairs.update_one({"a": 7}, {"$set": {"n": 1}}),
    lambda pairs: pairs.delete_one({"a": 7}),
]


@pytest.mark.parametrize("write", WRITES)
def test_a_table_is_not_written(pairs: Any, write: Callable[[Any], Any]) -> None:
    with pytest.raises(PyMongoError, match="not a collection of documents"):
        write(pairs)


def test_a_view_of_sql_is_not_read(db: Database, pairs: Any) -> None:
    db.sql("CREATE VIEW shop.firsts AS SELECT a FROM shop.pairs")
    with pytest.raises(PyMongoError, match="view of SQL"):
        db.collection("shop", "firsts").find_one()


def test_keys_of_redis_are_a_table_too(db: Database) -> None:
    db.redis.set("k", "v")
    db.redis.hset("h", "a", "1")
    keys = db.collection("redis_0", "keys")
    assert {each["key"]: each["kind"] for each in keys.find()} == {b"k": "string", b"h": "hash"}
    with pytest.raises(PyMongoError, match="view of SQL"):
        db.collection("redis_0", "hashes").find_one()
    with pytest.raises(PyMongoError, match="keyvalue model"):
        keys.insert_one({"key": b"x"})
