"""What an upsert inserts: (filter, update, document); the source is the manual's "Upsert Behavior"
of db.collection.updateOne() and db.collection.replaceOne().
"""

from __future__ import annotations

from copy import deepcopy
from datetime import datetime
from typing import Any

import bson
import pytest
from bson.objectid import ObjectId
from bson.regex import Regex

from fivefold.errors import FivefoldError
from fivefold.languages.mongo.update.compile import compile_update

NOW = datetime(2024, 5, 6)
MADE = ObjectId("65a000000000000000000001")  # stands for an _id that was made


@pytest.mark.parametrize(
    ("filter", "update", "expected"),
    [
        ({"_id": 1}, {"$set": {"a": 1}}, {"_id": 1, "a": 1}),
        ({"name": "x"}, {"$set": {"a": 1}}, {"_id": MADE, "name": "x", "a": 1}),
        ({}, {"$set": {"a": 1}}, {"_id": MADE, "a": 1}),
        ({}, {}, {"_id": MADE}),
        ({"_id": 1, "a": {"$gt": 5}}, {"$set": {"b": 1}}, {"_id": 1, "b": 1}),
        ({"_id": {"$eq": 1}}, {"$inc": {"n": 2}}, {"_id": 1, "n": 2}),
        ({"_id": 1, "a.b": 2}, {"$set": {"a.c": 3}}, {"_id": 1, "a": {"b": 2, "c": 3}}),
        ({"_id": 1, "b": 1, "a": 1}, {"$set": {"c": 1}}, {"_id": 1, "a": 1, "b": 1, "c": 1}),
        ({"$and": [{"_id": 1}, {"b": 2}]}, {"$set": {"c": 1}}, {"_id": 1, "b": 2, "c": 1}),
        ({"$or": [{"_id": 1}]}, {"$set": {"c": 1}}, {"_id": 1, "c": 1}),
        ({"_id": 1, "$or": [{"a": 1}, {"b": 2}]}, {"$set": {"c": 1}}, {"_id": 1, "c": 1}),
        ({"_id": 1, "a": {"$in": [5]}}, {"$set": {"c": 1}}, {"_id": 1, "a": 5, "c": 1}),
        ({"_id": 1, "a": {"$in": [5, 6]}}, {"$set": {"c": 1}}, {"_id": 1, "c": 1}),
        ({"_id": 1, "a": {"$all": [5]}}, {"$set": {"c": 1}}, {"_id": 1, "a": 5, "c": 1}),
        ({"_id": 1, "a": Regex("x")}, {"$set": {"c": 1}}, {"_id": 1, "c": 1}),
        ({"_id": 1, "a": {"$not": {"$eq": 1}}}, {"$set": {"c": 1}}, {"_id": 1, "c": 1}),
        ({"_id": 1, "a": {"x": 1}}, {"$set": {"a.y": 2}}, {"_id": 1, "a": {"x": 1, "y": 2}}),
        ({"_id": 1, "a": 1}, {"$unset": {"a": 1}}, {"_id": 1}),
        ({"_id": 1, "a": 1}, {"$inc": {"a": 1}}, {"_id": 1, "a": 2}),
        ({"_id": 1, "a": [1]}, {"$push": {"a": 2}}, {"_id": 1, "a": [1, 2]}),
        ({"_id": 1}, {"$setOnInsert": {"a": 1}, "$set": {"b": 2}}, {"_id": 1, "a": 1, "b": 2}),
        ({"_id": 1}, {"$set": {"_id": 1}}, {"_id": 1}),
        ({"a": 1}, {"$set": {"_id": 5}}, {"_id": 5, "a": 1}),
        ({"a": 1}, {"$setOnInsert": {"_id": 5}}, {"_id": 5, "a": 1}),
        ({"_id.x": 1}, {"$set": {"a": 1}}, {"_id": {"x": 1}, "a": 1}),
        ({"$comment": "why", "_id": 1}, {"$set": {"a": 1}}, {"_id": 1, "a": 1}),
        ({"_id": 1, "name": "x"}, {"a": 1}, {"_id": 1, "a": 1}),
        ({"name": "x"}, {"a": 1}, {"_id": MADE, "a": 1}),
        ({"name": "x"}, {"a": 1, "_id": 7}, {"_id": 7, "a": 1}),
        ({"_id": 7}, {"a": 1, "_id": 7}, {"_id": 7, "a": 1}),
        ({"_id": 1, "b": 2}, [{"$set": {"c": {"$add": ["$b", 1]}}}], {"_id": 1, "b": 2, "c": 3}),
        ({"_id": 1, "a": [1, 2]}, {"$set": {"a.$[]": 0}}, {"_id": 1, "a": [0, 0]}),
    ],
)
def test_what_is_inserted(filter: Any, update: Any, expected: Any) -> None:
    before = deepcopy((filter, update))
    made = compile_update(update).for_upsert(filter, now=NOW)
    if expected["_id"] is MADE:
        assert isinstance(made["_id"], ObjectId)
        made = made | {"_id": MADE}
    assert bson.encode(made) == bson.encode(expected), made
    assert (filter, update) == before


@pytest.mark.parametrize(
    ("filter", "update", "number", "message"),
    [
        ({"_id": 1}, {"$set": {"_id": 2}}, 66, "Performing an update on the path '_id' would mod"),
        ({"_id": 1}, {"_id": 2, "a": 1}, 66, "After applying the update, the (immutable) field '"),
        (
            {"_id.x": 1},
            {"a": 1},
            111,
            "field at '_id' must be exactly specified, field at sub-path '_id.x'found",
        ),
        (
            {"$and": [{"a": 1}, {"a": 2}]},
            {"$set": {"b": 1}},
            54,
            "cannot infer query fields to set, path 'a' is matched twice",
        ),
        (
            {"a": {"$all": [1, 2]}},
            {"$set": {"b": 1}},
            54,
            "cannot infer query fields to set, path 'a' is matched twice",
        ),
        (
            {"a": {"b": 1}, "a.b": 1},
            {"$set": {"b": 1}},
            54,
            "cannot infer query fields to set, both paths 'a.b' and 'a' are matched",
        ),
        ({"a.b": 1, "a": 1}, {"$set": {"b": 1}}, 28, "cannot use the part (a of a.b) to traverse"),
        ({"$expr": {"$eq": ["$a", 1]}}, {"$set": {"b": 1}}, 224, "$expr is not allowed in the"),
        ({"a": 1}, {"$set": {"_id": [1]}}, 53, "The '_id' value cannot be of type array"),
        ({"a": 1}, {"$set": {"_id": Regex("x")}}, 53, "The '_id' value cannot be of type regex"),
        ({"a": 1}, {"$set": {"_id": {"$x": 1}}}, 52, "_id fields may not contain '$'-prefixed f"),
        ({"a": 1}, {"$set": {"a.b": 1}}, 28, "Cannot create field 'b' in element {a: 1}"),
        ({"a": 1}, {"$set": {"a.$": 1}}, 2, "The positional operator did not find the match"),
        ({"_id": 1}, {"$set": {"a.$[]": 0}}, 2, "The path 'a' must exist in the document in ord"),
    ],
)
def test_what_cannot_be_inserted(filter: Any, update: Any, number: int, message: str) -> None:
    with pytest.raises(FivefoldError) as caught:
        compile_update(update).for_upsert(filter, now=NOW)
    assert caught.value.number == number, caught.value.message
    assert caught.value.message.startswith(message), caught.value.message
