"""pymongo against the server: documents, cursors, indexes, sessions, transactions."""

from __future__ import annotations

import asyncio
import datetime as dt
import threading
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from bson import Binary, Code, DBRef, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex, Timestamp
from bson.raw_bson import RawBSONDocument
from pymongo import (
    AsyncMongoClient,
    CursorType,
    DeleteOne,
    InsertOne,
    MongoClient,
    ReplaceOne,
    ReturnDocument,
    UpdateMany,
    UpdateOne,
)
from pymongo.collection import Collection
from pymongo.errors import (
    BulkWriteError,
    DuplicateKeyError,
    OperationFailure,
    WriteConcernError,
)
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

import fivefold
from fivefold.api.serving import Serving
from fivefold.engine import session as session_module
from fivefold.languages.mongo.commands import COMMANDS
from tests.conftest import empty_store
from tests.which import OVER_POSTGRES

without_indexes = pytest.mark.skipif(
    "createIndexes" not in COMMANDS, reason="not all commands on documents are there yet"
)

Client = MongoClient[dict[str, Any]]
Documents = Collection[dict[str, Any]]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    path = tmp_path_factory.mktemp("documents") / "shop.db"
    with (
        empty_store(str(path)) as url,
        fivefold.serving(
            url, only=["mongodb", "postgres"], durability="off", test_commands=True
        ) as serving,
    ):
        yield serving


@pytest.fixture(scope="module")
def client(server: Serving) -> Iterator[Client]:
    with MongoClient(server.urls["mongodb"], serverSelectionTimeoutMS=10_000) as client:
        yield client


@pytest.fixture
def orders(client: Client, request: pytest.FixtureRequest) -> Documents:
    """A collection of the test's own."""
    return client.shop[request.node.name.partition("[")[0]]


EVERY_KIND: dict[str, Any] = {
    "_id": 1,
    "int": 5,
    "long": Int64(5),
    "big": 2**40,
    "double": 1.5,
    "whole": 3.0,
    "nan": float("inf"),
    "text": "ünï\0code",
    "none": None,
    "yes": True,
    "list": [1, [2, {"a": []}], {}],
    "deep": {"b": {"c": {"d": 1}}, "a": 2},
    "bytes": b"\0\1\2",
    "binary": Binary(b"x", 128),
    "uuid": Binary(uuid.UUID(int=7).bytes, 4),
    "id": ObjectId("0123456789abcdef01234567"),
    "date": dt.datetime(2024, 2, 29, 12, 30, 15, 123000),
    "pattern": Regex("^a.b$", "im"),
    "code": Code("return 1"),
    "scoped": Code("x", {"y": 1}),
    "stamp": Timestamp(5, 6),
    "decimal": Decimal128("1.50"),
    "least": MinKey(),
    "most": MaxKey(),
    "": "no name",
    "ref": {"$ref": "other", "$id": 5},
}


def test_every_kind_survives_bit_for_bit(client: Client, orders: Documents) -> None:
    orders.insert_one(EVERY_KIND)
    raw = client.shop.get_collection(
        orders.name, orders.codec_options.with_options(document_class=RawBSONDocument)
    )
    found = raw.find_one({"_id": 1})
    assert isinstance(found, RawBSONDocument)
    import bson

    assert found.raw == bson.encode(EVERY_KIND)


def test_insert_find_update_delete(orders: Documents) -> None:
    made = orders.insert_one({"sku": "A1", "n": 1})
    assert isinstance(made.inserted_id, ObjectId)
    assert orders.insert_many([{"_id": n, "n": n} for n in range(5)]).inserted_ids == [*range(5)]
    assert orders.count_documents({}) == 6
    assert orders.estimated_document_count() == 6
    assert orders.find_one({"sku": "A1"}) == {"_id": made.inserted_id, "sku": "A1", "n": 1}
    assert orders.find_one({"sku": "none"}) is None
    changed = orders.update_one({"_id": 3}, {"$inc": {"n": 10}, "$set": {"tag": ["x"]}})
    assert (changed.matched_count, changed.modified_count) == (1, 1)
    assert orders.find_one({"_id": 3}) == {"_id": 3, "n": 13, "tag": ["x"]}
    same = orders.update_one({"_id": 3}, {"$set": {"n": 13}})
    assert (same.matched_count, same.modified_count) == (1, 0)
    assert orders.update_many({"n": {"$lt": 3}}, {"$set": {"low": True}}).modified_count == 4
    put = orders.update_one({"_id": 99}, {"$set": {"n": 1}}, upsert=True)
    assert put.upserted_id == 99
    assert put.matched_count == 0
    assert orders.replace_one({"_id": 99}, {"whole": 1}).modified_count == 1
    assert orders.find_one({"_id": 99}) == {"_id": 99, "whole": 1}
    assert orders.find_one_and_update(
        {"_id": 4}, {"$inc": {"n": 1}}, return_document=ReturnDocument.AFTER
    ) == {"_id": 4, "n": 5}
    assert orders.find_one_and_delete({"_id": 4}) == {"_id": 4, "n": 5}
    assert orders.find_one_and_replace({"_id": 99}, {"x": 1}, projection={"_id": 0}) == {"whole": 1}
    assert orders.delete_one({"_id": 99}).deleted_count == 1
    assert orders.delete_many({}).deleted_count == 5
    assert sorted(orders.distinct("n")) == []


def test_cursors(orders: Documents) -> None:
    orders.insert_many([{"_id": n, "n": n % 7} for n in range(1000)])
    assert [each["_id"] for each in orders.find().sort("_id")] == [*range(1000)]
    assert [each["_id"] for each in orders.find(batch_size=7).sort("_id")] == [*range(1000)]
    found = orders.find({"n": 3}, {"n": 0}, sort=[("_id", -1)], skip=2, limit=3)
    assert [*found] == [{"_id": 983}, {"_id": 976}, {"_id": 969}]
    assert len(orders.find(limit=-5).to_list()) == 5
    exhausted = orders.find(cursor_type=CursorType.EXHAUST, batch_size=100)
    assert len([*exhausted]) == 1000
    open_cursor = orders.find(batch_size=10)
    next(open_cursor)
    number, address = open_cursor.cursor_id, open_cursor.address
    assert number
    assert address is not None
    open_cursor.close()
    with pytest.raises(OperationFailure) as caught:
        orders.database.command("getMore", Int64(number), collection=orders.name)
    assert caught.value.code == 43
    with orders.find_raw_batches({"_id": {"$lt": 3}}, batch_size=2) as batches:
        assert len(b"".join(batches)) > 0


def test_what_a_cursor_reads_is_of_one_moment(orders: Documents) -> None:
    orders.insert_many([{"_id": n} for n in range(300)])
    cursor = orders.find(batch_size=2)
    next(cursor)
    orders.delete_many({})
    assert len([*cursor]) == 299
    assert orders.count_documents({}) == 0


def test_bulk_writes(orders: Documents) -> None:
    done = orders.bulk_write(
        [
            InsertOne({"_id": 1, "n": 1}),
            UpdateOne({"_id": 1}, {"$inc": {"n": 1}}),
            UpdateMany({"n": 2}, {"$set": {"m": 1}}),
            ReplaceOne({"_id": 2}, {"n": 5}, upsert=True),
            DeleteOne({"_id": 1}),
        ]
    )
    assert (done.inserted_count, done.matched_count, done.modified_count) == (1, 2, 2)
    assert (done.deleted_count, done.upserted_ids) == (1, {3: 2})
    with pytest.raises(BulkWriteError) as caught:
        orders.bulk_write([InsertOne({"_id": 2}), InsertOne({"_id": 3})])
    assert caught.value.details["nInserted"] == 0
    with pytest.raises(BulkWriteError) as caught:
        orders.bulk_write([InsertOne({"_id": 2}), InsertOne({"_id": 3})], ordered=False)
    assert caught.value.details["nInserted"] == 1
    (error,) = caught.value.details["writeErrors"]
    assert (error["code"], error["index"], error["keyValue"]) == (11000, 0, {"_id": 2})


def test_many_documents_in_one_go(orders: Documents) -> None:
    assert len(orders.insert_many([{"n": n} for n in range(20_000)]).inserted_ids) == 20_000
    assert orders.count_documents({}) == 20_000
    large = "x" * (1 << 20)
    orders.insert_many([{"_id": n, "text": large} for n in range(60)])
    assert sum(len(each["text"]) for each in orders.find({"text": {"$exists": True}})) == 60 << 20


def test_duplicates(orders: Documents) -> None:
    orders.insert_one({"_id": 1})
    with pytest.raises(DuplicateKeyError) as caught:
        orders.insert_one({"_id": 1})
    assert caught.value.code == 11000
    assert caught.value.details is not None
    assert caught.value.details["keyPattern"] == {"_id": 1}
    assert str(caught.value).startswith("E11000 duplicate key error collection: shop.")


def test_aggregate(orders: Documents) -> None:
    orders.insert_many([{"_id": n, "kind": "ab"[n % 2], "n": n} for n in range(10)])
    found = orders.aggregate(
        [
            {"$match": {"n": {"$gt": 1}}},
            {"$group": {"_id": "$kind", "sum": {"$sum": "$n"}, "count": {"$sum": 1}}},
            {"$sort": {"_id": 1}},
        ]
    )
    assert [*found] == [
        {"_id": "a", "sum": 20, "count": 4},
        {"_id": "b", "sum": 24, "count": 4},
    ]
    assert len([*orders.aggregate([], batchSize=3)]) == 10
    with pytest.raises(OperationFailure, match="Unrecognized pipeline stage") as caught:
        orders.aggregate([{"$nonsense": 1}])
    assert caught.value.code == 40324


@without_indexes
def test_indexes(orders: Documents) -> None:
    orders.insert_many([{"_id": n, "a": n, "tags": [n, n + 1]} for n in range(5)])
    assert orders.create_index([("a", 1)], unique=True) == "a_1"
    assert orders.create_index([("tags", 1), ("a", -1)]) == "tags_1_a_-1"
    assert set(orders.index_information()) == {"_id_", "a_1", "tags_1_a_-1"}
    assert orders.index_information()["a_1"]["unique"] is True
    with pytest.raises(DuplicateKeyError, match="a_1 dup key"):
        orders.insert_one({"a": 3})
    assert [each["_id"] for each in orders.find({"tags": 3}, sort=[("_id", 1)])] == [2, 3]
    plan = orders.find({"a": 3}).explain()
    assert "IXSCAN" in str(plan["queryPlanner"]["winningPlan"])
    orders.drop_index("a_1")
    orders.insert_one({"a": 3})
    orders.drop_indexes()
    assert set(orders.index_information()) == {"_id_"}


@without_indexes
def test_collections_and_databases(client: Client) -> None:
    database = client.get_database("other")
    assert database.list_collection_names() == []
    database.create_collection("made")
    database.later.insert_one({"_id": 1})
    assert sorted(database.list_collection_names()) == ["later", "made"]
    assert "other" in client.list_database_names()
    database.later.rename("earlier")
    assert database.earlier.find_one() == {"_id": 1}
    database.made.drop()
    assert database.list_collection_names() == ["earlier"]
    client.drop_database("other")
    assert "other" not in client.list_database_names()


def test_a_transaction(client: Client, orders: Documents) -> None:
    orders.insert_one({"_id": 1, "n": 1})
    with client.start_session() as session:
        with session.start_transaction():
            orders.update_one({"_id": 1}, {"$inc": {"n": 1}}, session=session)
            orders.insert_one({"_id": 2}, session=session)
            assert orders.count_documents({}, session=session) == 2
            assert orders.find_one({"_id": 1}) == {"_id": 1, "n": 1}  # seen by others
        assert orders.find_one({"_id": 1}) == {"_id": 1, "n": 2}
        session.start_transaction(read_concern=ReadConcern("snapshot"))
        orders.delete_many({}, session=session)
        session.abort_transaction()
        assert orders.count_documents({}) == 2
        session.start_transaction()
        orders.insert_one({"_id": 3}, session=session)
        with pytest.raises(DuplicateKeyError):
            orders.insert_one({"_id": 2}, session=session)
        session.abort_transaction()
        assert orders.find_one({"_id": 3}) is None
        with session.start_transaction():
            assert len([*orders.find({}, batch_size=1, session=session)]) == 2
        session.commit_transaction()  # again: it has been


def test_with_transaction_runs_conflicts_again(client: Client, orders: Documents) -> None:
    orders.insert_one({"_id": 1, "n": 0})

    def work(session: Any) -> None:
        found = orders.find_one({"_id": 1}, session=session)
        assert found is not None
        orders.update_one({"_id": 1}, {"$set": {"n": found["n"] + 1}}, session=session)

    def several() -> None:
        for _ in range(5):
            with client.start_session() as session:
                session.with_transaction(work)

    threads = [threading.Thread(target=several) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert orders.find_one({"_id": 1}) == {"_id": 1, "n": 20}


def test_a_conflict_is_labelled(client: Client, orders: Documents) -> None:
    orders.insert_one({"_id": 1, "n": 0})
    with client.start_session() as session:
        session.start_transaction()
        orders.find_one({"_id": 1}, session=session)
        orders.update_one({"_id": 1}, {"$set": {"n": 5}})
        with pytest.raises(OperationFailure) as caught:
            orders.update_one({"_id": 1}, {"$inc": {"n": 1}}, session=session)
        assert caught.value.code == 112
        assert caught.value.has_error_label("TransientTransactionError")
        session.abort_transaction()


@pytest.mark.parametrize("limit", [{"maxTimeMS": 50}, {}], ids=["maxTimeMS", "its own"])
def test_who_waited_too_long_to_write_has_no_transaction(
    client: Client, orders: Documents, monkeypatch: pytest.MonkeyPatch, limit: dict[str, int]
) -> None:
    """MongoDB aborts a transaction at its first error (manual, "Production Considerations")."""
    if not limit:
        if OVER_POSTGRES:
            pytest.skip("PostgreSQL waits for a row as long as the other's transaction takes")
        monkeypatch.setattr(session_module, "WRITER_WAIT_SECONDS", 0.05)
    orders.drop()
    orders.insert_one({"_id": 1, "n": 0})
    change = {"update": orders.name, "updates": [{"q": {"_id": 1}, "u": {"$inc": {"n": 1}}}]}
    with client.start_session() as first, client.start_session() as second:
        first.start_transaction()
        orders.database.command(change, session=first)
        second.start_transaction()
        with pytest.raises(OperationFailure) as caught:
            orders.database.command({**change, **limit}, session=second)
        assert caught.value.code == (50 if limit else 112)
        with pytest.raises(OperationFailure) as after:
            orders.find_one({}, session=second)
        assert after.value.code == 251
        assert after.value.has_error_label("TransientTransactionError")
        second.abort_transaction()
        first.commit_transaction()
    assert orders.find_one() == {"_id": 1, "n": 1}


def test_retryable_writes(server: Serving, client: Client, orders: Documents) -> None:
    orders.insert_one({"_id": 1, "n": 0})
    for data in (
        {"errorCode": 91, "errorLabels": ["RetryableWriteError"]},
        {"closeConnection": True},
    ):
        client.admin.command(
            {
                "configureFailPoint": "failCommand",
                "mode": {"times": 1},
                "data": {"failCommands": ["update"], **data},
            }
        )
        assert orders.update_one({"_id": 1}, {"$inc": {"n": 1}}).modified_count == 1
    assert orders.find_one({"_id": 1}) == {"_id": 1, "n": 2}
    # The same write twice, as if its answer had been lost: by a client whose session is a new one.
    command = {
        "update": orders.name,
        "updates": [{"q": {"_id": 1}, "u": {"$inc": {"n": 1}}}],
        "txnNumber": Int64(7),
    }
    with MongoClient[dict[str, Any]](server.urls["mongodb"]) as other:
        shop = other[orders.database.name]
        first, second = (shop.command(dict(command)) for _ in range(2))
    assert (first["n"], second["n"]) == (1, 1)
    assert orders.find_one({"_id": 1}) == {"_id": 1, "n": 3}


def test_references(orders: Documents) -> None:
    """Fields of a DBRef are named in paths (manual, "Database References")."""
    first, second = DBRef("people", 1), DBRef("people", 2)
    orders.insert_many([{"_id": 1, "by": first}, {"_id": 2, "by": second, "seen": [first, second]}])
    assert [each["_id"] for each in orders.find({"seen.$id": 2})] == [2]
    assert [each["_id"] for each in orders.find().sort("by.$id", -1)] == [2, 1]
    counted = orders.aggregate([{"$group": {"_id": "$by.$id"}}, {"$sort": {"_id": 1}}])
    assert [each["_id"] for each in counted] == [1, 2]
    stages = [
        {"$lookup": {"from": orders.name, "localField": "_id", "foreignField": f, "as": "x"}}
        for f in ("by.$id", "seen.$id")
    ]
    assert [[*map(len, (each["x"] for each in orders.aggregate([s])))] for s in stages] == [
        [1, 1],
        [1, 1],
    ]


def test_write_concerns(orders: Documents) -> None:
    sure = orders.with_options(write_concern=WriteConcern("majority", j=True))
    sure.insert_one({"_id": 1})
    many = orders.with_options(write_concern=WriteConcern(2))
    with pytest.raises(WriteConcernError) as caught:
        many.insert_one({"_id": 2})
    assert caught.value.code == 100
    assert orders.find_one({"_id": 2}) == {"_id": 2}  # as in MongoDB: it was written
    unsure = orders.with_options(write_concern=WriteConcern(0))
    assert not unsure.insert_one({"_id": 3}).acknowledged
    assert not unsure.insert_one({"_id": 3}).acknowledged


@pytest.mark.parametrize("compressor", ["zlib", "snappy", "zstd"])
def test_compressed(server: Serving, compressor: str) -> None:
    with MongoClient[dict[str, Any]](server.urls["mongodb"], compressors=compressor) as client:
        orders = client.shop[f"compressed_{compressor}"]
        orders.insert_many([{"_id": n, "text": "x" * 100} for n in range(500)])
        assert len([*orders.find()]) == 500


ADD = {"$add": ["$$value", "$$this"]}


def test_max_time(orders: Documents) -> None:
    orders.insert_many([{"n": n} for n in range(200)])
    total = {"$reduce": {"input": {"$range": [0, 20_000]}, "initialValue": 0, "in": ADD}}
    few = {"$expr": {"$lt": [total, "$n"]}}
    many = {"$range": [0, 100_000]}
    for late in (
        [{"$match": few}],
        [{"$limit": 1}, {"$set": {"m": many}}, {"$unwind": "$m"}, {"$set": {"m": total}}],
        [{"$set": {"m": many}}, {"$unwind": "$m"}, {"$group": {"_id": "$m"}}],
        [{"$sort": {"n": 1}}, {"$skip": 1}, {"$set": {"m": total}}, {"$redact": "$$KEEP"}],
        [{"$facet": {"a": [{"$set": {"m": total}}], "b": [{"$match": few}]}}],
    ):
        with pytest.raises(OperationFailure) as caught:
            orders.aggregate(late, maxTimeMS=20).to_list()
        assert (caught.value.code, caught.value.details["errmsg"]) == (
            50,
            "operation exceeded time limit",
        )
    with pytest.raises(OperationFailure) as caught:
        orders.database.command(
            {
                "update": orders.name,
                "updates": [{"q": few, "u": {"$set": {"m": 1}}, "multi": True}],
                "maxTimeMS": 20,
            }
        )
    assert caught.value.code == 50


def test_batches_share_a_cursors_time(orders: Documents) -> None:
    orders.insert_many([{"n": n} for n in range(200)])
    total = {"$reduce": {"input": {"$range": [0, 20_000]}, "initialValue": 0, "in": ADD}}
    found = orders.aggregate([{"$set": {"m": total}}], batchSize=1, maxTimeMS=400)
    next(found)
    with pytest.raises(OperationFailure) as caught:
        found.to_list()
    assert caught.value.code == 50


def test_tables_are_seen_by_sql(server: Serving, orders: Documents) -> None:
    import psycopg

    orders.insert_one({"_id": 1, "sku": "A1"})
    with psycopg.connect(server.urls["postgres"]) as connection:
        rows = connection.execute(f"SELECT doc->>'sku' FROM shop.{orders.name}").fetchall()
    assert rows == [("A1",)]


def test_async(server: Serving) -> None:
    async def work() -> None:
        async with AsyncMongoClient[dict[str, Any]](server.urls["mongodb"]) as client:
            orders = client.shop.asynchronous
            await orders.insert_many([{"_id": n} for n in range(250)])
            assert len([each async for each in orders.find({}, batch_size=50)]) == 250
            async with client.start_session() as session:

                async def both(session: Any) -> None:
                    await orders.insert_one({"_id": 1000}, session=session)
                    await orders.delete_one({"_id": 0}, session=session)

                await session.with_transaction(both)
            assert await orders.count_documents({}) == 250
            await asyncio.gather(
                *(orders.update_one({"_id": 1}, {"$inc": {"n": 1}}) for _ in range(50))
            )
            assert await orders.find_one({"_id": 1}) == {"_id": 1, "n": 50}

    asyncio.run(work())
