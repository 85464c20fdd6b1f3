"""Specifications of indexes: what they mean, and what is wrong with them.

Source: manual, "createIndexes", "Index Properties", "Hashed Indexes", "TTL Indexes", "Partial
Indexes".
"""

from __future__ import annotations

from typing import Any

import pytest
from bson.int64 import Int64
from bson.regex import Regex

from fivefold.errors import FivefoldError
from fivefold.languages.mongo.indexes import (
    IndexSpec,
    default_name,
    find_conflict,
    parse_index,
)


def spec(key: Any, name: str = "i", **options: Any) -> dict[str, Any]:
    return {"key": key, "name": name, **options}


@pytest.mark.parametrize(
    ("given", "index"),
    [
        (spec({"a": 1}), IndexSpec("i", {"a": 1}, (("a", 1),))),
        (spec({"a": -1.0}), IndexSpec("i", {"a": -1.0}, (("a", -1),))),
        (spec({"a": Int64(5)}), IndexSpec("i", {"a": Int64(5)}, (("a", 1),))),
        (
            spec({"a.b": 1, "c": -1}, v=2, background=True),
            IndexSpec("i", {"a.b": 1, "c": -1}, (("a.b", 1), ("c", -1))),
        ),
        (spec({"a": "hashed"}), IndexSpec("i", {"a": "hashed"}, (("a", "hashed"),))),
        (
            spec({"a": 1, "b": "hashed"}),
            IndexSpec("i", {"a": 1, "b": "hashed"}, (("a", 1), ("b", "hashed"))),
        ),
        (spec({"a": 1}, unique=True), IndexSpec("i", {"a": 1}, (("a", 1),), unique=True)),
        (spec({"a": 1}, unique=1), IndexSpec("i", {"a": 1}, (("a", 1),), unique=True)),
        (spec({"a": 1}, sparse=True), IndexSpec("i", {"a": 1}, (("a", 1),), sparse=True)),
        (spec({"a": 1}, hidden=True), IndexSpec("i", {"a": 1}, (("a", 1),), hidden=True)),
        (
            spec({"a": 1}, expireAfterSeconds=60.0),
            IndexSpec("i", {"a": 1}, (("a", 1),), expire_seconds=60),
        ),
        (
            spec({"a": 1}, expireAfterSeconds=0),
            IndexSpec("i", {"a": 1}, (("a", 1),), expire_seconds=0),
        ),
        (
            spec({"a": 1}, partialFilterExpression={"b": {"$gt": 5}}),
            IndexSpec("i", {"a": 1}, (("a", 1),), partial={"b": {"$gt": 5}}),
        ),
        (spec({"a": 1}, collation={"locale": "simple"}), IndexSpec("i", {"a": 1}, (("a", 1),))),
        (spec({"_id": 1}, "mine"), IndexSpec("_id_", {"_id": 1}, (("_id", 1),))),
        (
            spec({"_id": 1, "a": 1}),
            IndexSpec("i", {"_id": 1, "a": 1}, (("_id", 1), ("a", 1))),
        ),
        (spec({"_id": "hashed"}), IndexSpec("i", {"_id": "hashed"}, (("_id", "hashed"),))),
        (spec({"a.$id": 1}), IndexSpec("i", {"a.$id": 1}, (("a.$id", 1),))),
    ],
)
def test_a_specification(given: dict[str, Any], index: IndexSpec) -> None:
    assert parse_index(given) == index


WRONG = "Error in specification {shown} :: caused by :: "


@pytest.mark.parametrize(
    ("given", "number", "message"),
    [
        (
            spec({"z": 0}, "z_0"),
            67,
            'Error in specification { key: { z: 0 }, name: "z_0" } :: '
            "caused by :: Values in the index key pattern cannot be 0.",
        ),
        (
            spec({"": 1}, "ef"),
            67,
            'Error in specification { key: { : 1 }, name: "ef" } :: caused '
            "by :: Index keys cannot be an empty field.",
        ),
        (
            spec({"$x": 1}, "dx"),
            67,
            'Error in specification { key: { $x: 1 }, name: "dx" } :: '
            "caused by :: Index key contains an illegal field name: field name starts with '$'.",
        ),
        (
            {"key": {"u": 1}, "bogus": True, "name": "u_1"},
            197,
            'Error in specification { key: { u: 1 }, bogus: true, name: "u_1" } :: caused by :: '
            "The field 'bogus' is not valid for an"
            ' index specification. Specification: { key: { u: 1 }, bogus: true, name: "u_1" }',
        ),
        (spec({"s": 1}, "*"), 2, "The index name '*' is not valid."),
        (
            spec({"_id": -1}, "_id_-1"),
            2,
            "The field 'key' for an _id index must be {_id: 1}, but got { _id: -1 }",
        ),
        (
            spec({"_id": 1}, "_id_", sparse=True),
            197,
            "The field 'sparse' is not valid for an _id index specification. "
            'Specification: { key: { _id: 1 }, name: "_id_", sparse: true, v: 2 }',
        ),
        (
            {"key": {"w": 1}, "expireAfterSeconds": -1, "name": "w_1"},
            67,
            ". Index spec: { key: { w:"
            ' 1 }, expireAfterSeconds: -1, name: "w_1" } :: caused by :: TTL index '
            "'expireAfterSeconds' option cannot be less than 0",
        ),
        (
            {"key": {"w": 1, "a": 1}, "expireAfterSeconds": 10, "name": "w_1_a_1"},
            67,
            "TTL indexes are single-field indexes, compound indexes do not support TTL. Index spec:"
            ' { key: { w: 1, a: 1 }, expireAfterSeconds: 10, name: "w_1_a_1" }',
        ),
        (
            {"key": {"p": 1}, "sparse": True, "partialFilterExpression": {"a": 1}, "name": "p_1"},
            67,
            "Error in specification { key: { p: 1 }, sparse: true, partialFilterExpression: { a: 1"
            ' }, name: "p_1", v: 2 } :: caused by :: cannot mix "partialFilterExpression" and'
            ' "sparse" options',
        ),
    ],
)
def test_what_servers_were_seen_to_say(given: dict[str, Any], number: int, message: str) -> None:
    with pytest.raises(FivefoldError) as caught:
        parse_index(given)
    assert (caught.value.number, caught.value.message) == (number, message)


@pytest.mark.parametrize(
    ("given", "number", "part"),
    [
        ({"name": "i"}, 9, "The 'key' field is a required property"),
        ({"key": {"a": 1}}, 9, "The 'name' field is a required property"),
        (spec("a"), 14, "The field 'key' must be an object, but got string"),
        ({"key": {"a": 1}, "name": 5}, 14, "The field 'name' must be a string, but got int"),
        (spec({"a": 1}, ""), 67, "index name cannot be empty"),
        (spec({}), 67, "Index keys cannot be empty."),
        (spec({f"f{n}": 1 for n in range(33)}), 13103, "too many compound keys"),
        (spec({"a": True}), 67, "cannot be of type bool. Only numbers > 0, numbers < 0"),
        (spec({"a": float("nan")}), 67, "cannot be NaN"),
        (spec({"a": "foo"}), 67, "Unknown index plugin 'foo'"),
        (spec({"a..b": 1}), 67, "Index keys cannot contain an empty field."),
        (spec({"a": "hashed", "b": "hashed"}), 31303, "A maximum of one index field is allowed to"),
        (spec({"a": "hashed"}, unique=True), 16764, "hashed indexes cannot guarantee uniqueness"),
        (spec({"a": 1}, unique="x"), 14, "which is not convertible to bool"),
        (spec({"a": 1}, v=3), 67, "cannot create an index with v: 3"),
        (spec({"a": 1}, v="x"), 14, "The field 'v' must be a number, but got string"),
        (spec({"a": 1}, expireAfterSeconds="x"), 67, "must be numeric, but received a type of 'st"),
        (spec({"a": 1}, expireAfterSeconds=2**31), 67, "must be within an acceptable range"),
        (spec({"a": 1}, partialFilterExpression=5), 14, "must be an object, but got int"),
        (spec({"_id": 1}, hidden=True), 2, "can't hide _id index"),
        (spec({"_id": 1}, unique=True), 197, "'unique' is not valid for an _id index"),
        (spec({"a": "text"}), 115, "text indexes are not supported; match with $regex"),
        (spec({"a": "2dsphere"}), 115, "2dsphere indexes are not supported"),
        (spec({"a": "2d"}), 115, "2d indexes are not supported"),
        (spec({"$**": 1}), 115, "wildcard indexes are not supported"),
        (spec({"a.$**": 1}), 115, "wildcard indexes are not supported"),
        (spec({"$**": "columnstore"}), 115, "columnstore indexes are not supported"),
        (spec({"a": 1}, collation={"locale": "de"}), 115, "collations other than"),
    ],
)
def test_what_is_wrong_with_a_specification(given: Any, number: int, part: str) -> None:
    with pytest.raises(FivefoldError) as caught:
        parse_index(given)
    assert caught.value.number == number, caught.value.message
    assert part in caught.value.message


@pytest.mark.parametrize(
    "partial",
    [
        {"a": 1},
        {"a": None},
        {"a": {"$exists": True}},
        {"a": {"$gte": 1, "$lt": 5}},
        {"a": {"$type": "string"}},
        {"a": {"$in": [1, 2]}},
        {"$or": [{"a": 1}, {"b": {"$gt": 2}}]},
        {"$and": [{"a": 1}, {"b": 2}]},
        {"a": {"$eq": 5}},
    ],
)
def test_filters_of_partial_indexes(partial: dict[str, Any]) -> None:
    assert parse_index(spec({"a": 1}, partialFilterExpression=partial)).partial == partial


@pytest.mark.parametrize(
    ("partial", "number", "part"),
    [
        ({"a": {"$exists": False}}, 67, "Expression not supported in partial index: a $exists"),
        ({"a": {"$ne": 1}}, 67, "Expression not supported in partial index: a $ne 1"),
        ({"a": {"$not": {"$gt": 1}}}, 67, "Expression not supported in partial index"),
        ({"$nor": [{"a": 1}]}, 67, "Expression not supported in partial index"),
        ({"a": {"$regex": "x"}}, 67, "Expression not supported in partial index"),
        ({"a": Regex("x")}, 67, "Expression not supported in partial index"),
        ({"a": {"$mod": [2, 0]}}, 67, "Expression not supported in partial index"),
        ({"a": {"$elemMatch": {"$gt": 1}}}, 67, "Expression not supported in partial index"),
        ({"$expr": {"$eq": ["$a", 1]}}, 224, "$expr is not allowed in this context"),
        ({"a": {"$foo": 1}}, 2, "unknown operator: $foo"),
    ],
)
def test_what_no_partial_index_is_by(partial: Any, number: int, part: str) -> None:
    with pytest.raises(FivefoldError) as caught:
        parse_index(spec({"a": 1}, partialFilterExpression=partial))
    assert caught.value.number == number, caught.value.message
    assert part in caught.value.message


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ({"a": 1, "b": -1}, "a_1_b_-1"),
        ({"a.b": 1.0}, "a.b_1"),
        ({"a": "hashed"}, "a_hashed"),
        ({"a": Int64(-1)}, "a_-1"),
    ],
)
def test_names_that_drivers_give(key: Any, name: str) -> None:
    assert default_name(key) == name


A1 = parse_index(spec({"a": 1}, "a_1"))


@pytest.mark.parametrize(
    ("wanted", "number", "part"),
    [
        (spec({"a": 1}, "a_1"), None, True),
        (spec({"b": 1}, "b_1"), None, False),
        (spec({"a": -1}, "a_-1"), None, False),
        (spec({"a": 1}, "u", unique=True), None, False),
        (spec({"a": 1}, "s", sparse=True), None, False),
        (spec({"a": 1}, "p", partialFilterExpression={"b": 1}), None, False),
        (spec({"a": 1}, "other"), 85, "Index already exists with a different name: a_1"),
        (
            spec({"a": 1}, "ttl", expireAfterSeconds=5),
            85,
            "An equivalent index already exists with a"
            ' different name and options. Requested index: { v: 2, key: { a: 1 }, name: "ttl", '
            'expireAfterSeconds: 5 }, existing index: { v: 2, key: { a: 1 }, name: "a_1" }',
        ),
        (
            spec({"a": 1}, "a_1", expireAfterSeconds=5),
            85,
            "An equivalent index already exists with the same name but different options.",
        ),
        (spec({"b": 1}, "a_1"), 86, "An existing index has the same name as the requested index."),
        (spec({"a": 1}, "a_1", unique=True), 86, "An existing index has the same name as the"),
    ],
)
def test_indexes_beside_others(wanted: Any, number: int | None, part: Any) -> None:
    index = parse_index(wanted)
    if number is None:
        assert find_conflict(index, [A1]) is part
        return
    with pytest.raises(FivefoldError) as caught:
        find_conflict(index, [A1])
    assert caught.value.number == number
    assert caught.value.message.startswith(part)


def test_the_index_of_ids_is_there_already() -> None:
    existing = IndexSpec("_id_", {"_id": 1}, (("_id", 1),))
    assert find_conflict(parse_index(spec({"_id": 1}, "mine")), [existing])


def test_a_specification_as_listed() -> None:
    given = spec({"a": 1}, "x", unique=True, expireAfterSeconds=5, partialFilterExpression={"b": 1})
    assert parse_index(given).document() == {"v": 2, **given}
    assert list(parse_index(spec({"a": 1}, hidden=1, sparse=1)).document()) == [
        *("v", "key", "name", "sparse", "hidden"),
    ]
