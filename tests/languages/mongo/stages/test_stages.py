"""Stages one by one (manual 7.0: the page of each stage, "$match (aggregation)" and so on)."""

from __future__ import annotations

from typing import Any

import pytest
from bson.decimal128 import Decimal128
from bson.int64 import Int64

from tests.languages.mongo.stages.rig import Collections, aggregate, refused

Documents = list[dict[str, Any]]
Case = tuple[list[dict[str, Any]], Documents, Documents]

PROJECT: list[Case] = [
    ([{"$project": {"a": 1}}], [{"_id": 1, "b": 2, "a": 3}], [{"_id": 1, "a": 3}]),
    ([{"$project": {"a": 1, "_id": 0}}], [{"_id": 1, "a": 3}], [{"a": 3}]),
    ([{"$project": {"_id": 1}}], [{"_id": 1, "a": 3}], [{"_id": 1}]),
    ([{"$project": {"_id": 0}}], [{"_id": 1, "a": 3, "b": 4}], [{"a": 3, "b": 4}]),
    ([{"$project": {"a": 0}}], [{"_id": 1, "a": 3, "b": 4}], [{"_id": 1, "b": 4}]),
    ([{"$project": {"a": 0, "_id": 1}}], [{"_id": 1, "a": 3, "b": 4}], [{"_id": 1, "b": 4}]),
    ([{"$project": {"a": True, "b": 2.5}}], [{"a": 1, "b": 2, "c": 3}], [{"a": 1, "b": 2}]),
    ([{"$project": {"b": 1, "a": 1}}], [{"a": 1, "b": 2}], [{"a": 1, "b": 2}]),
    ([{"$project": {"a.b": 1}}], [{"a": {"b": 1, "c": 2}, "d": 3}], [{"a": {"b": 1}}]),
    (
        [{"$project": {"a": {"b": 1, "c": 1}}}],
        [{"a": {"c": 2, "b": 1, "d": 0}}],
        [{"a": {"c": 2, "b": 1}}],
    ),
    ([{"$project": {"a.b": 1}}], [{"a": 5}], [{}]),
    (
        [{"$project": {"a.b": 1}}],
        [{"a": [{"b": 1, "c": 2}, 7, {"c": 3}, [{"b": 4}]]}],
        [{"a": [{"b": 1}, {}, [{"b": 4}]]}],
    ),
    ([{"$project": {"a.b": 0}}], [{"a": [{"b": 1, "c": 2}, 7]}], [{"a": [{"c": 2}, 7]}]),
    ([{"$project": {"s": {"$add": ["$a", 1]}}}], [{"_id": 0, "a": 1}], [{"_id": 0, "s": 2}]),
    ([{"$project": {"x": "$a.b"}}], [{"a": {"b": 9}}], [{"x": 9}]),
    ([{"$project": {"x": "$nothing", "a": 1}}], [{"a": 1}], [{"a": 1}]),
    ([{"$project": {"x": ["$a", "$b"]}}], [{"a": 1}], [{"x": [1, None]}]),
    ([{"$project": {"x": {"$literal": 1}}}], [{"a": 1}], [{"x": 1}]),
    ([{"$project": {"x": "text"}}], [{"a": 1}], [{"x": "text"}]),
    ([{"$project": {"a": {"s": "$b"}}}], [{"b": 1}], [{"a": {"s": 1}}]),
    (
        [{"$project": {"a.s": "$b", "a.c": 1}}],
        [{"a": {"c": 2, "d": 3}, "b": 1}],
        [{"a": {"c": 2, "s": 1}}],
    ),
    (
        [{"$project": {"a": {"$cond": [{"$eq": ["$a", 1]}, "$$REMOVE", "$a"]}}}],
        [{"a": 1}, {"a": 2}],
        [{}, {"a": 2}],
    ),
    ([{"$project": {"_id": "$a"}}], [{"_id": 1, "a": 5}], [{"_id": 5}]),
    ([{"$project": {"_id.x": 1}}], [{"_id": {"x": 1, "y": 2}, "a": 1}], [{"_id": {"x": 1}}]),
    ([{"$project": {"a": Decimal128("0")}}], [{"a": 1, "b": 2}], [{"b": 2}]),
]

ADD_FIELDS: list[Case] = [
    ([{"$addFields": {"b": 5}}], [{"a": 1}], [{"a": 1, "b": 5}]),
    ([{"$set": {"a": {"$add": ["$a", "$b"]}}}], [{"a": 1, "b": 2}], [{"a": 3, "b": 2}]),
    ([{"$addFields": {"a.c": 1}}], [{"a": {"b": 2}}], [{"a": {"b": 2, "c": 1}}]),
    ([{"$addFields": {"a": {"c": 1}}}], [{"a": {"b": 2}}], [{"a": {"b": 2, "c": 1}}]),
    ([{"$addFields": {"a.c": 1}}], [{"a": 5}, {}], [{"a": {"c": 1}}, {"a": {"c": 1}}]),
    ([{"$addFields": {"a.c": 1}}], [{"a": [{"b": 2}, 3]}], [{"a": [{"b": 2, "c": 1}, {"c": 1}]}]),
    ([{"$addFields": {"a": "$$REMOVE"}}], [{"a": 1, "b": 2}], [{"b": 2}]),
    ([{"$addFields": {"a": "$b", "b": "$a"}}], [{"a": 1, "b": 2}], [{"a": 2, "b": 1}]),
    ([{"$addFields": {"n": None, "e": []}}], [{}], [{"n": None, "e": []}]),
    ([{"$unset": "a"}], [{"a": 1, "b": 2}], [{"b": 2}]),
    ([{"$unset": ["a", "c.d"]}], [{"a": 1, "c": {"d": 1, "e": 2}}], [{"c": {"e": 2}}]),
    ([{"$unset": "_id"}], [{"_id": 1, "b": 2}], [{"b": 2}]),
    ([{"$replaceRoot": {"newRoot": "$a"}}], [{"a": {"b": 1}}], [{"b": 1}]),
    ([{"$replaceRoot": {"newRoot": {"x": "$a", "y": "$z"}}}], [{"a": 1}], [{"x": 1}]),
    ([{"$replaceWith": {"$mergeObjects": [{"d": 0}, "$$ROOT"]}}], [{"a": 1}], [{"d": 0, "a": 1}]),
]

PASSING: list[Case] = [
    ([{"$match": {"a": {"$gt": 1}}}], [{"a": 1}, {"a": 2}], [{"a": 2}]),
    (
        [{"$match": {"$expr": {"$eq": ["$a", "$b"]}}}],
        [{"a": 1, "b": 1}, {"a": 1}],
        [{"a": 1, "b": 1}],
    ),
    ([{"$sort": {"a": -1}}], [{"a": 1}, {"a": 2}], [{"a": 2}, {"a": 1}]),
    ([{"$limit": 1}], [{"a": 1}, {"a": 2}], [{"a": 1}]),
    ([{"$limit": 1.0}], [{"a": 1}, {"a": 2}], [{"a": 1}]),
    ([{"$skip": 1}], [{"a": 1}, {"a": 2}], [{"a": 2}]),
    ([{"$skip": Int64(0)}], [{"a": 1}], [{"a": 1}]),
    ([{"$count": "n"}], [{"a": 1}, {"a": 2}], [{"n": 2}]),
    ([{"$count": "n"}], [], []),
    (
        [{"$sort": {"a": 1}}, {"$skip": 1}, {"$limit": 1}],
        [{"a": 3}, {"a": 1}, {"a": 2}],
        [{"a": 2}],
    ),
    ([{"$sample": {"size": 5}}, {"$sort": {"a": 1}}], [{"a": 1}, {"a": 2}], [{"a": 1}, {"a": 2}]),
    ([{"$sample": {"size": 2}}, {"$count": "n"}], [{"a": 1}] * 9, [{"n": 2}]),
]

UNWIND: list[Case] = [
    ([{"$unwind": "$a"}], [{"a": [1, 2], "b": 0}], [{"a": 1, "b": 0}, {"a": 2, "b": 0}]),
    ([{"$unwind": {"path": "$a"}}], [{"a": 5}, {"a": []}, {"a": None}, {}], [{"a": 5}]),
    (
        [{"$unwind": {"path": "$a", "preserveNullAndEmptyArrays": True}}],
        [{"i": 1, "a": []}, {"i": 2, "a": None}, {"i": 3}, {"i": 4, "a": [1]}],
        [{"i": 1}, {"i": 2, "a": None}, {"i": 3}, {"i": 4, "a": 1}],
    ),
    (
        [{"$unwind": {"path": "$a", "includeArrayIndex": "at"}}],
        [{"a": ["x", "y"]}, {"a": "z"}],
        [{"a": "x", "at": Int64(0)}, {"a": "y", "at": Int64(1)}, {"a": "z", "at": None}],
    ),
    (
        [
            {
                "$unwind": {
                    "path": "$a",
                    "includeArrayIndex": "at",
                    "preserveNullAndEmptyArrays": True,
                }
            }
        ],
        [{"a": []}, {}],
        [{"at": None}, {"at": None}],
    ),
    (
        [{"$unwind": "$a.b"}],
        [{"a": {"b": [1, 2], "c": 0}}],
        [{"a": {"b": 1, "c": 0}}, {"a": {"b": 2, "c": 0}}],
    ),
    ([{"$unwind": "$a.b"}], [{"a": [{"b": [1]}]}], []),
    ([{"$unwind": "$a"}], [{"a": [[1, 2], None]}], [{"a": [1, 2]}, {"a": None}]),
    (
        [{"$unwind": {"path": "$a", "includeArrayIndex": "b.at"}}],
        [{"a": [7], "b": {"c": 1}}],
        [{"a": 7, "b": {"c": 1, "at": Int64(0)}}],
    ),
]

GROUP: list[Case] = [
    ([{"$group": {"_id": "$k"}}], [{"k": 1}, {"k": 2}, {"k": 1.0}], [{"_id": 1}, {"_id": 2}]),
    ([{"$group": {"_id": "$k"}}], [{}, {"k": None}], [{"_id": None}]),
    ([{"$group": {"_id": None, "n": {"$sum": 1}}}], [], []),
    (
        [{"$group": {"_id": {"a": "$a", "b": "$b"}, "n": {"$count": {}}}}],
        [{"a": 1, "b": 2}, {"b": 2, "a": 1}, {"a": 1}],
        [{"_id": {"a": 1, "b": 2}, "n": 2}, {"_id": {"a": 1}, "n": 1}],
    ),
    ([{"$group": {"_id": "$k"}}], [{"k": True}, {"k": 1}], [{"_id": True}, {"_id": 1}]),
    (
        [{"$group": {"_id": "$k"}}],
        [{"k": [1, 2]}, {"k": [1, 2]}, {"k": [2, 1]}],
        [{"_id": [1, 2]}, {"_id": [2, 1]}],
    ),
    (
        [{"$group": {"_id": "$a.b", "s": {"$sum": "$n"}}}],
        [{"a": {"b": "x"}, "n": 1}, {"a": {"b": "x"}, "n": 2}],
        [{"_id": "x", "s": 3}],
    ),
    (
        [{"$group": {"_id": 1, "m": {"$max": "$a"}, "s": {"$push": "$$ROOT"}}}],
        [{"a": 1}, {"a": 2}],
        [{"_id": 1, "m": 2, "s": [{"a": 1}, {"a": 2}]}],
    ),
    (
        [{"$sortByCount": "$k"}],
        [{"k": "a"}, {"k": "b"}, {"k": "b"}],
        [{"_id": "b", "count": 2}, {"_id": "a", "count": 1}],
    ),
    ([{"$sortByCount": {"$toUpper": "$k"}}], [{"k": "a"}, {"k": "A"}], [{"_id": "A", "count": 2}]),
]

ART: Documents = [  # manual, "$bucketAuto", example
    *({"_id": 1, "price": 199.99}, {"_id": 2, "price": 280.00}, {"_id": 3, "price": 76.04}),
    *({"_id": 4, "price": 167.30}, {"_id": 5, "price": 483.00}, {"_id": 6, "price": 385.00}),
    *({"_id": 7, "price": 159.00}, {"_id": 8, "price": 118.42}),
]

BUCKET: list[Case] = [
    (
        [{"$bucket": {"groupBy": "$y", "boundaries": [1840, 1850, 1860], "default": "Other"}}],
        [{"y": 1840}, {"y": 1849}, {"y": 1850}, {"y": 1860}, {}],
        [{"_id": 1840, "count": 2}, {"_id": 1850, "count": 1}, {"_id": "Other", "count": 2}],
    ),
    (
        [{"$bucket": {"groupBy": "$y", "boundaries": [0, 5], "output": {"all": {"$push": "$y"}}}}],
        [{"y": 1}, {"y": 4.5}],
        [{"_id": 0, "all": [1, 4.5]}],
    ),
    (
        [{"$bucketAuto": {"groupBy": "$price", "buckets": 4}}],
        ART,
        [
            {"_id": {"min": 76.04, "max": 159.0}, "count": 2},
            {"_id": {"min": 159.0, "max": 199.99}, "count": 2},
            {"_id": {"min": 199.99, "max": 385.0}, "count": 2},
            {"_id": {"min": 385.0, "max": 483.0}, "count": 2},
        ],
    ),
    (
        [{"$bucketAuto": {"groupBy": "$a", "buckets": 3, "output": {"n": {"$sum": 1}}}}],
        [{"a": 1}, {"a": 1}, {"a": 1}, {"a": 2}],
        [{"_id": {"min": 1, "max": 2}, "n": 3}, {"_id": {"min": 2, "max": 2}, "n": 1}],
    ),
    ([{"$bucketAuto": {"groupBy": "$a", "buckets": 3}}], [], []),
    # manual, "$bucketAuto", section on granularity: the numbers 0 to 99
    *[
        (
            [{"$bucketAuto": {"groupBy": "$_id", "buckets": 5, "granularity": name}}],
            [{"_id": at} for at in range(100)],
            [{"_id": {"min": low, "max": high}, "count": count} for low, high, count in expected],
        )
        for name, expected in {
            "R20": [
                (0, 20.0, 20),
                (20.0, 40.0, 20),
                (40.0, 63.0, 23),
                (63.0, 90.0, 27),
                (90.0, 100.0, 10),
            ],
            "E24": [
                (0, 20.0, 20),
                (20.0, 43.0, 23),
                (43.0, 68.0, 25),
                (68.0, 91.0, 23),
                (91.0, 100.0, 9),
            ],
            "1-2-5": [(0, 20.0, 20), (20.0, 50.0, 30), (50.0, 100.0, 50)],
            "POWERSOF2": [(0, 32.0, 32), (32.0, 64.0, 32), (64.0, 128.0, 36)],
        }.items()
    ],
]

REDACT: list[Case] = [
    (
        [
            {
                "$redact": {
                    "$cond": [
                        {"$gt": [{"$size": {"$setIntersection": ["$tags", ["G", "S"]]}}, 0]},
                        "$$DESCEND",
                        "$$PRUNE",
                    ]
                }
            }
        ],
        [
            {
                "_id": 1,
                "tags": ["G"],
                "sub": [{"sub": 1, "tags": ["SI", "G"]}, {"sub": 2, "tags": ["X"]}, 5],
                "one": {"tags": ["X"]},
            },
            {"_id": 2, "tags": []},
        ],
        [{"_id": 1, "tags": ["G"], "sub": [{"sub": 1, "tags": ["SI", "G"]}, 5]}],
    ),
    (
        [{"$redact": {"$cond": ["$a", "$$KEEP", "$$PRUNE"]}}],
        [{"a": True, "b": {"a": False}}, {"a": False}],
        [{"a": True, "b": {"a": False}}],
    ),
]

OTHERS: list[Case] = [
    (
        [
            {
                "$facet": {
                    "n": [{"$count": "n"}],
                    "top": [{"$sort": {"a": -1}}, {"$limit": 1}],
                    "none": [{"$match": {"a": 9}}],
                }
            }
        ],
        [{"a": 1}, {"a": 2}],
        [{"n": [{"n": 2}], "top": [{"a": 2}], "none": []}],
    ),
    ([{"$facet": {"a": []}}], [{"x": 1}], [{"a": [{"x": 1}]}]),
    ([{"$documents": [{"x": 1}, {"x": {"$add": [1, 1]}}]}], [], [{"x": 1}, {"x": 2}]),
    ([{"$unionWith": {"coll": "none", "pipeline": [{"$match": {}}]}}], [{"a": 1}], [{"a": 1}]),
    (
        [{"$unionWith": {"pipeline": [{"$documents": [{"b": 2}]}]}}],
        [{"a": 1}],
        [{"a": 1}, {"b": 2}],
    ),
    ([{"$indexStats": {}}], [], [{"stage": "$indexStats"}]),
    ([{"$collStats": {"count": {}}}], [], [{"stage": "$collStats", "count": {}}]),
    ([{"$currentOp": {"allUsers": True}}], [], [{"stage": "$currentOp", "allUsers": True}]),
]

CASES = [*PROJECT, *ADD_FIELDS, *PASSING, *UNWIND, *GROUP, *BUCKET, *REDACT, *OTHERS]


@pytest.mark.parametrize(("pipeline", "documents", "expected"), CASES)
def test_stage(pipeline: Documents, documents: Documents, expected: Documents) -> None:
    before = repr(documents)
    found = aggregate(documents, *pipeline)
    assert found == expected
    assert [list(each) for each in found] == [list(each) for each in expected]
    assert repr(documents) == before
    assert aggregate(documents, *pipeline, plain=True) == expected


REFUSED: list[tuple[dict[str, Any], int, str | None]] = [
    ({"$match": 1}, 15959, "the match filter must be an expression in an object"),
    ({"$project": 1}, 15969, "$project specification must be an object"),
    (
        {"$project": {}},
        51272,
        "Invalid $project :: caused by :: projection specification must have at least one field",
    ),
    (
        {"$project": {"a": 1, "b": 0}},
        31254,
        "Invalid $project :: caused by :: Cannot do exclusion on field b in inclusion projection",
    ),
    (
        {"$project": {"a": 0, "b": 1}},
        31253,
        "Invalid $project :: caused by :: Cannot do inclusion on field b in exclusion projection",
    ),
    ({"$project": {"a": 0, "b": "$c"}}, 31252, None),
    ({"$project": {"a": 1, "a.b": 1}}, 31250, None),
    ({"$project": {"a.b": 1, "a": 1}}, 31250, None),
    ({"$project": {"a": {}}}, 51270, None),
    (
        {"$project": {"a": {"$foo": 1}}},
        168,
        "Invalid $project :: caused by :: Unrecognized expression '$foo'",
    ),
    ({"$project": {"a": "$"}}, 16872, None),
    ({"$project": {"$a": 1}}, 16410, None),
    ({"$addFields": 1}, 40272, "$addFields specification stage must be an object, got int"),
    ({"$set": "x"}, 40272, "$set specification stage must be an object, got string"),
    (
        {"$addFields": {}},
        40177,
        "Invalid $addFields :: caused by :: specification must have at least one field",
    ),
    ({"$addFields": {"a": 1, "a.b": 1}}, 40176, None),
    ({"$addFields": {"a": {}}}, 40180, None),
    ({"$unset": 1}, 31002, "$unset specification must be a string or an array"),
    ({"$unset": []}, 31119, None),
    ({"$unset": [1]}, 31120, None),
    (
        {"$replaceRoot": 1},
        40229,
        "expected an object as specification for $replaceRoot stage, got int",
    ),
    (
        {"$replaceRoot": {"x": 1}},
        40230,
        "unrecognized option to $replaceRoot stage: x, only valid option is 'newRoot'.",
    ),
    ({"$replaceRoot": {}}, 40231, "no newRoot specified for the $replaceRoot stage"),
    (
        {"$replaceRoot": {"newRoot": "$a"}},
        40228,
        "'newRoot' expression must evaluate to an object, "
        "but resulting value was: 1. Type of resulting value: 'int'. Input document: { a: 1 }",
    ),
    (
        {"$replaceWith": "$b"},
        40228,
        "'replacement document' must evaluate to an object, "
        "but resulting value was: MISSING. Type of resulting value: 'missing'. "
        "Input document: { a: 1 }",
    ),
    ({"$sort": 1}, 15973, None),
    ({"$sort": {}}, 15976, None),
    (
        {"$limit": "a"},
        5107201,
        'invalid argument to $limit stage: Expected a number in: $limit: "a"',
    ),
    (
        {"$limit": -1},
        5107201,
        "invalid argument to $limit stage: Expected a non-negative number in: $limit: -1",
    ),
    (
        {"$limit": 1.5},
        5107201,
        "invalid argument to $limit stage: Expected an integer: $limit: 1.5",
    ),
    ({"$limit": 0}, 15958, "the limit must be positive"),
    (
        {"$skip": True},
        5107200,
        "invalid argument to $skip stage: Expected a number in: $skip: true",
    ),
    ({"$skip": -1}, 5107200, None),
    ({"$count": 1}, 40156, "the count field must be a non-empty string"),
    ({"$count": ""}, 40157, None),
    ({"$count": "$a"}, 40158, "the count field cannot be a $-prefixed path"),
    ({"$count": "a.b"}, 40160, "the count field cannot contain '.'"),
    ({"$sample": 1}, 28745, "the $sample stage specification must be an object"),
    ({"$sample": {"size": "x"}}, 28746, "size argument to $sample must be a number"),
    ({"$sample": {"size": 0}}, 28747, None),
    ({"$sample": {"n": 1}}, 28748, "unrecognized option to $sample: n"),
    ({"$sample": {}}, 28749, "$sample stage must specify a size"),
    (
        {"$unwind": 1},
        15981,
        "expected either a string or an object as specification for $unwind stage, got int",
    ),
    ({"$unwind": {}}, 28812, "no path specified to $unwind stage"),
    ({"$unwind": "a"}, 28818, "path option to $unwind stage should be prefixed with a '$': a"),
    ({"$unwind": {"path": 1}}, 28808, "expected a string as the path for $unwind stage, got int"),
    ({"$unwind": {"path": "$a", "preserveNullAndEmptyArrays": 1}}, 28809, None),
    ({"$unwind": {"path": "$a", "includeArrayIndex": ""}}, 28810, None),
    ({"$unwind": {"path": "$a", "includeArrayIndex": "$x"}}, 28822, None),
    ({"$unwind": {"path": "$a", "foo": 1}}, 28811, "unrecognized option to $unwind stage: foo"),
    ({"$group": 1}, 15947, "a group's fields must be specified in an object"),
    ({"$group": {"a": {"$sum": 1}}}, 15955, "a group specification must include an _id"),
    ({"$group": {"_id": 1, "a.b": {"$sum": 1}}}, 40235, "The field name 'a.b' cannot contain '.'"),
    (
        {"$group": {"_id": 1, "$a": {"$sum": 1}}},
        40236,
        "The field name '$a' cannot be an operator name",
    ),
    ({"$sortByCount": 1}, 40149, None),
    ({"$sortByCount": "a"}, 40148, None),
    ({"$sortByCount": {"a": 1}}, 40147, None),
    ({"$bucket": 1}, 40201, "Argument to $bucket stage must be an object, but found: 1."),
    ({"$bucket": {"x": 1}}, 40197, "Unrecognized option to $bucket: x."),
    (
        {"$bucket": {"groupBy": "$a"}},
        40198,
        "$bucket requires 'groupBy' and 'boundaries' to be specified.",
    ),
    ({"$bucket": {"groupBy": "a", "boundaries": [1, 2]}}, 40202, None),
    ({"$bucket": {"groupBy": "$a", "boundaries": 1}}, 40200, None),
    ({"$bucket": {"groupBy": "$a", "boundaries": [1]}}, 40192, None),
    ({"$bucket": {"groupBy": "$a", "boundaries": [1, "x"]}}, 40193, None),
    ({"$bucket": {"groupBy": "$a", "boundaries": [2, 1]}}, 40194, None),
    ({"$bucket": {"groupBy": "$a", "boundaries": [1, "$a"]}}, 40191, None),
    ({"$bucket": {"groupBy": "$a", "boundaries": [1, 3], "default": 2}}, 40199, None),
    ({"$bucket": {"groupBy": "$a", "boundaries": [1, 3], "default": "$x"}}, 40195, None),
    ({"$bucket": {"groupBy": "$a", "boundaries": [5, 9]}}, 40066, None),
    ({"$bucketAuto": 1}, 40240, None),
    ({"$bucketAuto": {"x": 1}}, 40245, None),
    ({"$bucketAuto": {"groupBy": "$a"}}, 40246, None),
    ({"$bucketAuto": {"groupBy": "$a", "buckets": "x"}}, 40241, None),
    ({"$bucketAuto": {"groupBy": "$a", "buckets": 1.5}}, 40242, None),
    ({"$bucketAuto": {"groupBy": "$a", "buckets": 0}}, 40243, None),
    (
        {"$bucketAuto": {"groupBy": "$a", "buckets": 1, "granularity": "X"}},
        40257,
        "Unknown rounding granularity 'X'",
    ),
    ({"$bucketAuto": {"groupBy": "$b", "buckets": 1, "granularity": "R5"}}, 40258, None),
    ({"$redact": "x"}, 17053, None),
    ({"$facet": {}}, 40169, "the $facet specification must be a non-empty object, but found: {}"),
    ({"$facet": {"a": 1}}, 40170, "arguments to $facet must be arrays, a is type int"),
    ({"$facet": {"a": [1]}}, 40171, None),
    ({"$facet": {"a.b": []}}, 16412, None),
    ({"$unionWith": 1}, 9, None),
    ({"$unionWith": {"x": 1}}, 40415, "BSON field '$unionWith.x' is an unknown field."),
    ({"$unionWith": {"pipeline": []}}, 9, None),
    ({"$documents": 1}, 5858202, None),
]


@pytest.mark.parametrize(("stage", "number", "message"), REFUSED)
def test_refused(stage: dict[str, Any], number: int, message: str | None) -> None:
    error = refused(stage, documents=[{"a": 1}])
    assert error is not None
    assert error.number == number, error.message
    assert message is None or error.message == message


def test_a_sample_has_no_document_twice() -> None:
    found = aggregate([{"_id": at} for at in range(50)], {"$sample": {"size": 20}})
    assert len({each["_id"] for each in found}) == 20


def test_union_with_asks_the_context() -> None:
    context = Collections({"b": [{"n": 1}, {"n": 2}]})
    stage = {"$unionWith": {"coll": "b", "pipeline": [{"$match": {"n": 2}}]}}
    assert aggregate([{"a": 1}], stage, context=context) == [{"a": 1}, {"n": 2}]
