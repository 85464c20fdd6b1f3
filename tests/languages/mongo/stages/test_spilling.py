"""Stages that hold many documents: on disk, refused, and the same as in memory (manual,
"Aggregation Pipeline Limits")."""

from __future__ import annotations

import gc
import random
from typing import Any

import pytest

from fivefold.errors import FivefoldError
from tests.languages.mongo.stages.rig import Collections, aggregate

KIB = 1024


def documents(count: int = 3000) -> list[dict[str, Any]]:
    chance = random.Random(5)
    return [
        {
            "_id": at,
            "n": chance.random() * 10**6,
            "k": chance.randrange(count // 4),
            "few": at % 3,
            "text": "x" * chance.randrange(40),
        }
        for at in range(count)
    ]


BLOCKING: list[list[dict[str, Any]]] = [
    [{"$sort": {"n": 1}}],
    [{"$sort": {"few": -1, "n": 1}}],
    [{"$sort": {"n": -1}}, {"$limit": 1500}],
    [{"$sort": {"few": 1}}],
    [{"$group": {"_id": "$k", "s": {"$sum": "$n"}, "a": {"$avg": "$n"}}}, {"$sort": {"_id": 1}}],
    [{"$group": {"_id": "$few", "all": {"$push": "$$ROOT"}}}, {"$sort": {"_id": 1}}],
    [
        {"$group": {"_id": "$_id", "t": {"$top": {"sortBy": {"n": -1}, "output": "$none"}}}},
        {"$sort": {"_id": 1}},
    ],
    [
        {"$group": {"_id": {"a": "$k", "b": "$none"}, "m": {"$max": "$n"}, "f": {"$first": "$n"}}},
        {"$sort": {"_id": 1}},
    ],
    [{"$bucketAuto": {"groupBy": "$n", "buckets": 7, "output": {"s": {"$sum": "$n"}}}}],
    [
        {
            "$setWindowFields": {
                "partitionBy": "$few",
                "sortBy": {"n": 1},
                "output": {"r": {"$sum": "$n", "window": {"documents": [-3, 0]}}},
            }
        }
    ],
    [{"$setWindowFields": {"sortBy": {"n": 1}, "output": {"r": {"$documentNumber": {}}}}}],
    [
        {
            "$facet": {
                "all": [{"$match": {"n": {"$lt": 200000}}}, {"$project": {"_id": 1}}],
                "n": [{"$count": "n"}],
            }
        }
    ],
    [{"$densify": {"field": "_id", "range": {"step": 0.5, "bounds": "full"}}}],
]


@pytest.mark.parametrize("pipeline", BLOCKING)
def test_on_disk_and_in_memory_are_the_same(pipeline: list[dict[str, Any]]) -> None:
    given = documents()
    expected = aggregate(given, *pipeline)
    small = Collections(memory_bytes_max=150 * KIB)
    assert aggregate(given, *pipeline, context=small) == expected
    gc.collect()  # a file that was not closed would be a warning, which is an error


@pytest.mark.parametrize("pipeline", [each for each in BLOCKING if "$limit" not in str(each)])
def test_without_the_disk_too_much_is_refused(pipeline: list[dict[str, Any]]) -> None:
    small = Collections(memory_bytes_max=40 * KIB, allow_disk_use=False)
    with pytest.raises(FivefoldError) as caught:
        aggregate(documents(), *pipeline, context=small)
    assert caught.value.number in (292, 4031700)
    assert aggregate(documents(20), *pipeline, context=small)


def test_the_text_of_sort() -> None:
    small = Collections(memory_bytes_max=KIB, allow_disk_use=False)
    with pytest.raises(FivefoldError) as caught:
        aggregate(documents(), {"$sort": {"n": 1}}, context=small)
    assert caught.value.message == (
        "Exceeded memory limit for $sort, but didn't allow external sort. Pass allowDiskUse:true "
        "to opt in."
    )


def test_the_first_few_of_a_sort_take_no_disk() -> None:
    small = Collections(memory_bytes_max=40 * KIB, allow_disk_use=False)
    given = documents()
    found = aggregate(given, {"$sort": {"n": 1}}, {"$limit": 5}, context=small)
    assert found == sorted(given, key=lambda each: each["n"])[:5]


def test_a_facet_has_a_limit() -> None:
    small = Collections(memory_bytes_max=40 * KIB)
    with pytest.raises(FivefoldError, match=r"document constructed by \$facet is") as caught:
        aggregate(documents(), {"$facet": {"all": []}}, context=small)
    assert caught.value.number == 4031700


def test_a_lookup_of_too_much_asks_one_by_one() -> None:
    other = [{"_id": at, "k": at, "text": "x" * 100} for at in range(500)]
    context = Collections({"o": other}, memory_bytes_max=10 * KIB)
    stage = {"$lookup": {"from": "o", "localField": "k", "foreignField": "k", "as": "r"}}
    found = aggregate([{"k": at} for at in range(20)], stage, context=context)
    assert [each["r"][0]["_id"] for each in found] == [*range(20)]


def test_a_graph_lookup_has_a_limit() -> None:
    context = Collections({"g": [{"_id": at, "a": at, "b": at + 1} for at in range(200)]})
    context.memory_bytes_max = KIB
    stage = {"from": "g", "startWith": 0, "connectFromField": "b", "connectToField": "a", "as": "r"}
    with pytest.raises(FivefoldError) as caught:
        aggregate([{}], {"$graphLookup": stage}, context=context)
    assert caught.value.number == 40099
