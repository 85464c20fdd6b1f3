"""Calls of pymongo's methods, for a Database of its own and for the embedded one alike.

Each group starts from an empty database and is a list of functions of it. What they return, or
raise, is compared.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from bson import SON, Binary, CodecOptions, DBRef, Decimal128, Int64, ObjectId, Regex, Timestamp
from bson.binary import UuidRepresentation
from bson.raw_bson import RawBSONDocument
from pymongo import (
    ASCENDING,
    DESCENDING,
    DeleteMany,
    DeleteOne,
    IndexModel,
    InsertOne,
    ReplaceOne,
    ReturnDocument,
    UpdateMany,
    UpdateOne,
    WriteConcern,
)
from pymongo.read_concern import ReadConcern

Call = Callable[[Any], Any]

NOTHING_OF_BSON = object()  # one for both, whose messages show where it lies
OID = ObjectId("65a1b2c3d4e5f60718293a4b")
STANDARD = CodecOptions[Any](uuid_representation=UuidRepresentation.STANDARD, tz_aware=True)
ORDERS = [
    {"_id": 1, "sku": "A1", "n": 3, "tags": ["new", "red"], "at": datetime(2024, 1, 5)},
    {"_id": 2, "sku": "B2", "n": 7, "tags": [], "box": {"w": 3, "h": 4}},
    {"_id": 3, "sku": "A1", "n": 5.5, "tags": ["red"], "by": {"name": "Ann"}},
    {"_id": OID, "sku": "C3", "n": None},
]


def fill(db: Any) -> Any:
    return db.orders.insert_many([dict(one) for one in ORDERS])


def with_options(db: Any) -> Any:
    """Return a collection whose UUIDs and dates are Python's own."""
    return db.get_collection("t", codec_options=STANDARD)


def part(cursor: Any, count: int) -> list[Any]:
    return [next(cursor) for _ in range(count)]


CALLS: dict[str, list[Call]] = {
    "insert": [
        lambda db: db.t.insert_one({"_id": 1, "a": 1}),
        lambda db: db.t.insert_one({"_id": 1}),
        lambda db: db.t.insert_one(SON([("_id", 2), ("b", 1)])),
        lambda db: db.t.insert_one([1]),
        lambda db: db.t.insert_one({"_id": [1]}),
        lambda db: db.t.insert_one({"_id": 3, "f": NOTHING_OF_BSON}),
        lambda db: db.t.insert_one({1: 2}),
        lambda db: db.t.insert_one({"_id": 4, "big": 2**70}),
        lambda db: db.t.insert_many([{"_id": 5}, {"_id": 6}]),
        lambda db: db.t.insert_many([{"_id": 7}, {"_id": 5}, {"_id": 8}]),
        lambda db: db.t.insert_many([{"_id": 9}, {"_id": 5}, {"_id": 10}, {"_id": 6}], False),
        lambda db: db.t.insert_many([]),
        lambda db: db.t.insert_many({"a": 1}),
        lambda db: db.t.insert_many({"_id": n} for n in range(20, 22)),
        lambda db: db.t.insert_many([5]),
        lambda db: db.t.insert_many(iter(())),
        lambda db: "_id" in (lambda d: db.t.insert_one(d) and d)({"x": 1}),
        lambda db: db.t.find({"x": None}).to_list(),
    ],
    "find": [
        fill,
        lambda db: list(db.orders.find()),
        lambda db: list(db.orders.find({"sku": "A1"})),
        lambda db: list(db.orders.find({"sku": "A1"}, {"n": 1})),
        lambda db: list(db.orders.find({"sku": "A1"}, ["n", "sku"])),
        lambda db: list(db.orders.find({}, [])),
        lambda db: list(db.orders.find({}, {"_id": 0, "tags": {"$slice": 1}})),
        lambda db: list(db.orders.find(sort=[("n", -1)], limit=2)),
        lambda db: list(db.orders.find().sort("n", DESCENDING)),
        lambda db: list(db.orders.find().sort([("sku", 1), ("n", -1)]).skip(1)),
        lambda db: list(db.orders.find().sort({"n": 1})),
        lambda db: list(db.orders.find().sort(["sku", "_id"])),
        lambda db: list(db.orders.find().limit(-2)),
        lambda db: list(db.orders.find(batch_size=1)),
        lambda db: list(db.orders.find().batch_size(2).limit(3)),
        lambda db: list(db.orders.find(projection="n")),
        lambda db: list(db.orders.find({"$expr": {"$gt": ["$n", "$$low"]}}, let={"low": 4})),
        lambda db: list(db.orders.find({"n": {"$gt": 3}}).comment("why")),
        lambda db: list(db.orders.find().max_time_ms(10_000)),
        lambda db: list(db.orders.find().hint("_id_")),
        lambda db: list(db.orders.find().hint([("_id", 1)]).hint(None)),
        lambda db: list(db.orders.find().hint("nothing")),
        lambda db: list(db.orders.find(allow_disk_use=True, no_cursor_timeout=True)),
        lambda db: db.orders.find().to_list(),
        lambda db: db.orders.find().to_list(2),
        lambda db: db.orders.find().to_list(0),
        lambda db: db.orders.find()[1],
        lambda db: db.orders.find().sort("_id")[2]["sku"],
        lambda db: list(db.orders.find()[1:3]),
        lambda db: list(db.orders.find()[1:1]),
        lambda db: list(db.orders.find()[2:]),
        lambda db: db.orders.find()[10],
        lambda db: db.orders.find()[-1],
        lambda db: db.orders.find()[::2],
        lambda db: db.orders.find()[3:1],
        lambda db: db.orders.find()["a"],
        lambda db: list(db.orders.find({"$foo": 1})),
        lambda db: list(db.orders.find({"n": {"$foo": 1}})),
        lambda db: db.orders.find([1]),
        lambda db: db.orders.find(skip=-1),
        lambda db: db.orders.find(skip="a"),
        lambda db: db.orders.find(limit="a"),
        lambda db: db.orders.find().batch_size(-1),
        lambda db: db.orders.find().sort("n", 1).sort([]),
        lambda db: list(db.orders.find({}, 5)),
        lambda db: list(db.nothing.find()),
        lambda db: db.orders.find_one(1),
        lambda db: db.orders.find_one(OID),
        lambda db: db.orders.find_one({"_id": 2}),
        lambda db: db.orders.find_one({"_id": 2}, {"box": 1}),
        lambda db: db.orders.find_one({"_id": 99}),
        lambda db: db.orders.find_one("no"),
        lambda db: db.nothing.find_one(1),
        lambda db: db.orders.find_one({"_id": {"$gt": 1}}),
        lambda db: db.orders.find_one({"_id": Regex("a")}),
        lambda db: db.orders.find_one(sort=[("n", -1)]),
        lambda db: db.orders.find_one({"sku": "A1"}, skip=1),
        lambda db: db.orders.find_one({"tags": "red"}, {"_id": 0, "tags.$": 1}),
        lambda db: db.orders.find_one({"by.name": "Ann"}),
        lambda db: b"".join(db.orders.find_raw_batches({"sku": "A1"})),
        lambda db: list(db.orders.find(show_record_id=True, limit=1, max_scan=3)),
    ],
    "cursor": [
        fill,
        lambda db: (lambda c: (c.alive, next(c)["_id"], c.alive, c.retrieved))(db.orders.find()),
        lambda db: (lambda c: (list(c), c.alive, c.cursor_id))(db.orders.find()),
        lambda db: (lambda c: (part(c, 2), len(list(c.rewind()))))(db.orders.find()),
        lambda db: (lambda c: (part(c, 2), len(list(c.clone()))))(db.orders.find()),
        lambda db: (lambda c: (part(c, 1), c.sort("n")))(db.orders.find()),
        lambda db: (lambda c: (part(c, 1), c.limit(1)))(db.orders.find()),
        lambda db: (lambda c: (c.close(), list(c)))(db.orders.find()),
        lambda db: part(db.orders.find({"_id": 99}), 1),
        lambda db: db.orders.find({"sku": "A1"}).distinct("n"),
        lambda db: db.orders.find().collection.full_name.split(".")[1],
        lambda db: list(db.orders.find().add_option(16).remove_option(16)),
        lambda db: db.orders.find().add_option("a"),
        lambda db: db.orders.find().limit(1).add_option(64),
        lambda db: list(db.orders.find(max=[("_id", 3)])),
        lambda db: db.orders.find().max({"_id": 3}),
        lambda db: db.orders.find().explain()["queryPlanner"]["namespace"].split(".")[1],
    ],
    "count": [
        fill,
        lambda db: db.orders.count_documents({}),
        lambda db: db.orders.count_documents({"sku": "A1"}),
        lambda db: db.orders.count_documents({}, skip=1, limit=2),
        lambda db: db.orders.count_documents({}, limit=0),
        lambda db: db.orders.count_documents({"sku": "Z"}, skip=1),
        lambda db: db.orders.count_documents({}, hint="_id_"),
        lambda db: db.orders.count_documents([]),
        lambda db: db.orders.estimated_document_count(),
        lambda db: db.nothing.count_documents({}),
        lambda db: db.nothing.estimated_document_count(),
        lambda db: db.orders.distinct("sku"),
        lambda db: db.orders.distinct("tags"),
        lambda db: db.orders.distinct("n", {"sku": "A1"}),
        lambda db: db.orders.distinct(5),
        lambda db: db.nothing.distinct("a"),
    ],
    "update": [
        fill,
        lambda db: db.orders.update_one({"_id": 1}, {"$inc": {"n": 2}}),
        lambda db: db.orders.update_one({"_id": 1}, {"$set": {"n": 5}}),
        lambda db: db.orders.update_one({"_id": 99}, {"$set": {"n": 5}}),
        lambda db: db.orders.update_one({"_id": 50}, {"$set": {"n": 5}}, upsert=True),
        lambda db: db.orders.update_one({"sku": "Q"}, {"$setOnInsert": {"_id": "q"}}, True),
        lambda db: db.orders.update_many({"sku": "A1"}, {"$mul": {"n": 2}}),
        lambda db: db.orders.update_many({}, {"$push": {"tags": "x"}}),
        lambda db: db.orders.update_many({"_id": 2}, [{"$set": {"m": {"$add": ["$n", 1]}}}]),
        lambda db: db.orders.update_one(
            {"_id": 1}, {"$set": {"tags.$[t]": "blue"}}, array_filters=[{"t": "red"}]
        ),
        lambda db: db.orders.update_one({"_id": 1, "tags": "new"}, {"$set": {"tags.$": "old"}}),
        lambda db: db.orders.update_one({"_id": 1}, {"$set": {"_id": 2}}),
        lambda db: db.orders.update_one({"_id": 1}, {"$inc": {"sku": 2}}),
        lambda db: db.orders.update_one({"_id": 1}, {"$foo": {"sku": 2}}),
        lambda db: db.orders.update_one({"_id": 1}, {"n": 2}),
        lambda db: db.orders.update_one({"_id": 1}, {}),
        lambda db: db.orders.update_one([], {"$set": {"a": 1}}),
        lambda db: db.orders.update_one({"_id": 1}, {"$set": {"a": 1}}, upsert=5),
        lambda db: db.orders.update_one({"_id": 1}, {"$set": {"a": 1}}, array_filters={}),
        lambda db: db.orders.update_one({"_id": 1}, {"$unset": {"tags": 1}}, hint="_id_"),
        lambda db: db.orders.update_many({}, {"$set": {"q": {"$literal": 1}}}, upsert=True),
        lambda db: db.orders.replace_one({"_id": 3}, {"sku": "R", "n": 1}),
        lambda db: db.orders.replace_one({"_id": 77}, {"sku": "S"}, upsert=True),
        lambda db: db.orders.replace_one({"_id": 3}, {"$set": {"a": 1}}),
        lambda db: db.orders.replace_one({"_id": 3}, [1]),
        lambda db: db.orders.replace_one({"_id": 3}, {"_id": 4}),
        lambda db: list(db.orders.find()),
    ],
    "delete": [
        fill,
        lambda db: db.orders.delete_one({"sku": "A1"}),
        lambda db: db.orders.delete_one({"sku": "Z"}),
        lambda db: db.orders.delete_many({"n": {"$gt": 5}}),
        lambda db: db.orders.delete_one(5),
        lambda db: db.orders.delete_one({"n": {"$foo": 1}}),
        lambda db: db.nothing.delete_many({}),
        lambda db: list(db.orders.find()),
        lambda db: db.orders.delete_many({}),
    ],
    "find and modify": [
        fill,
        lambda db: db.orders.find_one_and_update({"_id": 1}, {"$inc": {"n": 1}}),
        lambda db: db.orders.find_one_and_update(
            {"_id": 1}, {"$inc": {"n": 1}}, return_document=ReturnDocument.AFTER
        ),
        lambda db: db.orders.find_one_and_update(
            {"sku": "A1"}, {"$set": {"f": 1}}, {"f": 1, "n": 1}, sort=[("n", -1)]
        ),
        lambda db: db.orders.find_one_and_update({"_id": 9}, {"$set": {"a": 1}}, upsert=True),
        lambda db: db.orders.find_one_and_update(
            {"_id": 10}, {"$set": {"a": 1}}, upsert=True, return_document=True
        ),
        lambda db: db.orders.find_one_and_update({"_id": 99}, {"$set": {"a": 1}}),
        lambda db: db.orders.find_one_and_update(
            {"_id": 1}, {"$set": {"tags.$[t]": 1}}, array_filters=[{"t": "red"}]
        ),
        lambda db: db.orders.find_one_and_update({"_id": 1}, {"a": 1}),
        lambda db: db.orders.find_one_and_update({"_id": 1}, {"$set": {"_id": 2}}),
        lambda db: db.orders.find_one_and_replace({"_id": 2}, {"sku": "N"}, ["sku"]),
        lambda db: db.orders.find_one_and_replace(
            {"_id": 2}, {"sku": "M"}, {"_id": 0}, return_document=ReturnDocument.AFTER
        ),
        lambda db: db.orders.find_one_and_replace({"_id": 2}, {"$set": {"a": 1}}),
        lambda db: db.orders.find_one_and_delete({"sku": "C3"}),
        lambda db: db.orders.find_one_and_delete({"sku": "C3"}),
        lambda db: db.orders.find_one_and_delete({}, sort=[("_id", -1)], hint="_id_"),
        lambda db: db.orders.find_one_and_update({"_id": 1}, {"$inc": {"n": 1}}, upsert=3),
        lambda db: db.orders.find_one_and_update({"_id": 1}, {"$inc": {"n": 1}}, return_document=3),
        lambda db: list(db.orders.find()),
    ],
    "bulk": [
        fill,
        lambda db: db.orders.bulk_write(
            [
                InsertOne({"_id": 10}),
                UpdateOne({"_id": 1}, {"$set": {"a": 1}}),
                UpdateMany({}, {"$set": {"b": 1}}),
                ReplaceOne({"_id": 11}, {"c": 1}, upsert=True),
                UpdateOne({"_id": 12}, {"$set": {"c": 1}}, upsert=True),
                DeleteOne({"_id": 2}),
                DeleteMany({"c": 1}),
            ]
        ),
        lambda db: db.orders.bulk_write(
            [InsertOne({"_id": 20}), InsertOne({"_id": 1}), InsertOne({"_id": 21})]
        ),
        lambda db: db.orders.bulk_write(
            [
                InsertOne({"_id": 30}),
                InsertOne({"_id": 1}),
                DeleteOne({"_id": 30}),
                InsertOne({"_id": 3}),
                UpdateOne({"_id": 1}, {"$inc": {"sku": 1}}),
            ],
            ordered=False,
        ),
        lambda db: db.orders.bulk_write([]),
        lambda db: db.orders.bulk_write([5]),
        lambda db: db.orders.bulk_write({}),
        lambda db: db.orders.bulk_write([UpdateOne({"_id": 1}, {"a": 1})]),
        lambda db: list(db.orders.find()),
    ],
    "aggregate": [
        fill,
        lambda db: list(db.orders.aggregate([{"$match": {"sku": "A1"}}])),
        lambda db: list(db.orders.aggregate([{"$sort": {"n": 1}}, {"$project": {"n": 1}}])),
        lambda db: list(
            db.orders.aggregate(
                [{"$group": {"_id": "$sku", "n": {"$sum": "$n"}}}, {"$sort": {"_id": 1}}]
            )
        ),
        lambda db: list(db.orders.aggregate([{"$sort": {"_id": 1}}], batchSize=1)),
        lambda db: db.orders.aggregate([{"$count": "n"}]).to_list(),
        lambda db: (lambda c: (next(c), c.try_next(), c.alive))(
            db.orders.aggregate([{"$count": "n"}])
        ),
        lambda db: list(
            db.orders.aggregate([{"$match": {"$expr": {"$eq": ["$sku", "$$s"]}}}], let={"s": "B2"})
        ),
        lambda db: list(db.orders.aggregate([{"$match": {"_id": 1}}, {"$out": "copy"}])),
        lambda db: list(db.copy.find()),
        lambda db: db.orders.aggregate([{"$foo": 1}]),
        lambda db: db.orders.aggregate({"$match": {}}),
        lambda db: db.orders.aggregate([], nothing=1),
        lambda db: db.orders.aggregate([], batchSize=-1),
        lambda db: b"".join(db.orders.aggregate_raw_batches([{"$match": {"_id": 1}}])),
        lambda db: list(db.aggregate([{"$documents": [{"a": 1}, {"a": 2}]}])),
    ],
    "values": [
        lambda db: db.t.insert_one(
            {
                "_id": OID,
                "d": Decimal128("1.10"),
                "l": Int64(5),
                "b": b"raw",
                "s": Binary(b"sub", 5),
                "r": Regex("^a", "i"),
                "t": Timestamp(5, 1),
                "at": datetime(2024, 2, 29, 12, 30, 1, 123456, tzinfo=UTC),
                "ref": DBRef("t", 1),
                "n": None,
            }
        ),
        lambda db: db.t.find_one(),
        lambda db: db.t.find_one(OID),
        lambda db: db.t.insert_one({"u": UUID(int=5)}),
        lambda db: with_options(db).insert_one({"_id": UUID(int=5), "at": datetime(2024, 1, 1)}),
        lambda db: with_options(db).find_one(UUID(int=5)),
        lambda db: with_options(db).find_one({"_id": UUID(int=5)}),
        lambda db: with_options(db).distinct("_id"),
        lambda db: with_options(db).find_one_and_update({"_id": UUID(int=5)}, {"$set": {"a": 1}}),
        lambda db: with_options(db).update_one({"_id": UUID(int=6)}, {"$set": {"a": 1}}, True),
        lambda db: db.t.find_one({"_id": Binary(UUID(int=5).bytes, 4)}),
        lambda db: db.t.find_one(UUID(int=5)),
        lambda db: db.t.with_options(CodecOptions(document_class=SON)).find_one(OID)["ref"],
        lambda db: type(
            db.t.with_options(CodecOptions(document_class=RawBSONDocument)).find_one(OID)
        ),
        lambda db: db.t.with_options(CodecOptions(document_class=RawBSONDocument)).distinct("l"),
        lambda db: db.dereference(DBRef("t", OID))["l"],
        lambda db: db.dereference(5),
        lambda db: list(db.t.find({"at": {"$gt": datetime(2024, 2, 1)}}, {"_id": 1})),
    ],
    "collections": [
        lambda db: db.create_collection("made", capped=True, size=100_000).name,
        lambda db: db.create_collection("made"),
        lambda db: db.made.options(),
        lambda db: db.nothing.options(),
        lambda db: db.list_collection_names(),
        lambda db: db.list_collection_names(filter={"name": "no"}),
        lambda db: [each["type"] for each in db.list_collections()],
        lambda db: db.made.rename("other")["ok"],
        lambda db: db.nothing.rename("other"),
        lambda db: db.other.rename(""),
        lambda db: db.other.rename(5),
        lambda db: db.other.drop(),
        lambda db: db.other.drop(),
        lambda db: db.drop_collection("other").get("code"),
        lambda db: db.validate_collection("other"),
        lambda db: db.list_collection_names(),
        lambda db: db["a.b"].name,
        lambda db: db.get_collection("a.b").name,
        lambda db: db.a.b.c.name,
        lambda db: db["a..b"],
        lambda db: db["$a"],
        lambda db: db[""],
        lambda db: db.a._x,
        lambda db: db.a == db["a"],
        lambda db: bool(db.a),
        lambda db: bool(db),
        lambda db: db.a.nothing(),
        lambda db: next(db.a),
        lambda db: db.a.with_options(write_concern=WriteConcern(w=1)).write_concern.document,
        lambda db: db.a.with_options(read_concern=ReadConcern("majority")).read_concern.level,
        lambda db: db.a.with_options(codec_options=STANDARD).codec_options == STANDARD,
        lambda db: db.command("ping"),
        lambda db: db.command({"count": "nothing"})["n"],
        lambda db: db.command("nothing"),
        lambda db: db.command("nothing", check=False)["codeName"],
        lambda db: db.command("nothing", allowable_errors=[59])["code"],
        lambda db: db.cursor_command("find", "nothing").to_list(),
        lambda db: db.command("find", "nothing")["cursor"]["firstBatch"],
        lambda db: db.create_collection("v", validator={"n": {"$gt": 0}}).insert_one({"n": 0}),
        lambda db: db.v.insert_one({"_id": 1, "n": 0}, bypass_document_validation=True),
    ],
    "indexes": [
        fill,
        lambda db: db.orders.create_index("sku"),
        lambda db: db.orders.create_index([("n", DESCENDING), ("sku", ASCENDING)], name="both"),
        lambda db: db.orders.create_index("sku"),
        lambda db: db.orders.create_index("sku", unique=True),
        lambda db: db.orders.create_index("sku", unique=True, name="u"),
        lambda db: db.orders.create_indexes([IndexModel("tags"), IndexModel([("at", -1)])]),
        lambda db: db.orders.create_indexes("tags"),
        lambda db: db.orders.create_indexes([1]),
        lambda db: db.orders.index_information(),
        lambda db: [dict(one) for one in db.orders.list_indexes()],
        lambda db: list(db.orders.find({"sku": "A1"}).hint("sku_1")),
        lambda db: db.orders.drop_index("sku_1"),
        lambda db: db.orders.drop_index([("tags", 1)]),
        lambda db: db.orders.drop_index("no"),
        lambda db: db.orders.drop_index(5),
        lambda db: db.orders.drop_indexes(),
        lambda db: sorted(db.orders.index_information()),
        lambda db: list(db.nothing.list_indexes()),
        lambda db: db.nothing.drop_index("a"),
        lambda db: db.orders.create_index([]),
        lambda db: db.orders.create_index("email", unique=True, sparse=True),
        lambda db: db.orders.insert_one({"_id": 100, "email": "a"}),
        lambda db: db.orders.insert_one({"_id": 101, "email": "a"}),
        lambda db: db.orders.find_one_and_update({"_id": 1}, {"$set": {"email": "a"}}),
    ],
}
