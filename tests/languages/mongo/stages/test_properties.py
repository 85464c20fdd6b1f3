"""What holds for any pipeline: orders that do not matter, stages that are made of others."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fivefold.languages.mongo.pipeline import optimized, parse_pipeline
from fivefold.languages.mongo.sorting import parse_sort
from fivefold.values.documents.order import hash_key
from tests.languages.mongo.stages.rig import aggregate

VALUES = st.one_of(
    st.sampled_from([None, 0, 1, 1.0, 2, -1.5, "a", "b", True, [], [1, 2], [0], {"x": 1}, {}]),
    st.lists(st.fixed_dictionaries({"x": st.integers(0, 2)}), max_size=2),
)
DOCUMENTS = st.lists(
    st.fixed_dictionaries({}, optional={"a": VALUES, "b": VALUES, "c": VALUES}), max_size=10
).map(lambda each: [{"_id": at, **document} for at, document in enumerate(each)])

PATHS = st.sampled_from(["a", "b", "c", "a.x", "b.x", "a.0.x", "_id"])
FILTERS = st.builds(
    lambda path, operator, value: {path: {operator: value}},
    PATHS,
    st.sampled_from(["$eq", "$ne", "$gt", "$lte", "$exists"]),
    st.sampled_from([1, 0, "a", None, True]),
)
STAGES = st.one_of(
    FILTERS.map(lambda each: {"$match": each}),
    st.builds(lambda a, b: {"$match": {**a, **b}}, FILTERS, FILTERS),
    st.just({"$match": {"$expr": {"$gt": ["$a", "$b"]}}}),
    st.builds(lambda path, way: {"$sort": {path: way}}, PATHS, st.sampled_from([1, -1])),
    st.integers(1, 6).map(lambda count: {"$limit": count}),
    st.integers(0, 3).map(lambda count: {"$skip": count}),
    st.sampled_from([{"a": 1}, {"a": 0}, {"a.x": 1, "b": 1}, {"b.x": 0}, {"a": 1, "_id": 0}]).map(
        lambda each: {"$project": each}
    ),
    st.sampled_from([{"c": "$a"}, {"a.x": "$b"}, {"_id": "$b"}, {"b": {"$add": ["$_id", 1]}}]).map(
        lambda each: {"$addFields": each}
    ),
    st.sampled_from(["$a", "$b", "$a.x"]).map(lambda path: {"$unwind": path}),
    st.just({"$unwind": {"path": "$a", "includeArrayIndex": "c"}}),
    st.just({"$replaceWith": {"_id": "$_id", "a": "$b", "b": "$a"}}),
)


def outcome(documents: Any, pipeline: Any, plain: bool) -> Any:
    """Return what a pipeline gives, or the number of its error."""
    try:
        return repr(aggregate(documents, *pipeline, plain=plain))
    except Exception as error:  # the same error, whichever that is
        return getattr(error, "number", error)


@given(DOCUMENTS, st.lists(STAGES, max_size=5))
def test_a_better_order_gives_the_same(documents: Any, pipeline: Any) -> None:
    expected = outcome(documents, pipeline, plain=True)
    found = outcome(documents, pipeline, plain=False)
    if isinstance(expected, str):  # what is never reached may not fail any more
        assert found == expected


@given(DOCUMENTS, PATHS, st.sampled_from([1, -1]), st.integers(1, 5), st.integers(0, 3))
def test_the_first_of_a_sort(documents: Any, path: str, way: int, count: int, skip: int) -> None:
    whole = aggregate(documents, {"$sort": {path: way}})
    stages = [{"$sort": {path: way}}, {"$skip": skip}, {"$limit": count}]
    assert aggregate(documents, *stages) == whole[skip : skip + count]
    assert whole == parse_sort({path: way}).sort(documents)


@given(DOCUMENTS, st.sampled_from(["$a", "$b", {"$type": "$a"}]))
def test_groups_are_a_partition(documents: Any, by: Any) -> None:
    groups = aggregate(documents, {"$group": {"_id": by, "all": {"$push": "$$ROOT"}}})
    assert len({repr(hash_key(each["_id"])) for each in groups}) == len(groups)
    found = [document["_id"] for each in groups for document in each["all"]]
    assert sorted(found) == [each["_id"] for each in documents]
    counts = aggregate(documents, {"$sortByCount": by})
    assert sorted(each["count"] for each in counts) == sorted(len(each["all"]) for each in groups)


@given(DOCUMENTS, st.lists(STAGES, max_size=3), st.lists(STAGES, max_size=3))
def test_facets_are_separate_runs(documents: Any, one: Any, two: Any) -> None:
    expected = [outcome(documents, each, plain=False) for each in (one, two)]
    if all(isinstance(each, str) for each in expected):
        (found,) = aggregate(documents, {"$facet": {"one": one, "two": two}})
        assert [repr(found["one"]), repr(found["two"])] == expected


@given(DOCUMENTS, st.integers(1, 4))
def test_buckets_hold_all(documents: Any, count: int) -> None:
    stage = {"$bucketAuto": {"groupBy": "$a", "buckets": count}}
    found = aggregate(documents, stage)
    assert sum(each["count"] for each in found) == len(documents)
    assert len(found) <= count
    for before, after in pairwise(found):
        assert before["_id"]["max"] == after["_id"]["min"]


@given(DOCUMENTS)
def test_unwinding_and_pushing_again(documents: Any) -> None:
    arrays = [each for each in documents if isinstance(each.get("a"), list) and each["a"]]
    again = aggregate(arrays, {"$unwind": "$a"}, {"$group": {"_id": "$_id", "a": {"$push": "$a"}}})
    assert again == [{"_id": each["_id"], "a": each["a"]} for each in arrays]


def names_of(*pipeline: Any) -> list[str]:
    return [type(stage).__name__ for stage in optimized(parse_pipeline(pipeline, "shop"))]


def test_what_moves_where() -> None:
    match = {"$match": {"a": 1}}
    assert names_of({"$sort": {"b": 1}}, match) == ["Match", "Sort"]
    assert names_of({"$unwind": "$b"}, match) == ["Match", "Unwind"]
    assert names_of({"$unwind": "$a"}, match) == ["Unwind", "Match"]
    assert names_of({"$project": {"a": 1}}, match) == ["Match", "Project"]
    assert names_of({"$project": {"a": "$b"}}, match) == ["Project", "Match"]
    assert names_of({"$project": {"a": 0}}, match) == ["Project", "Match"]
    assert names_of({"$addFields": {"c": 1}}, {"$match": {"a": 1, "c": 1}}) == [
        *("Match", "AddFields", "Match")
    ]
    assert names_of({"$set": {"a.x": 1}}, {"$match": {"a.0.x": 1}}) == ["AddFields", "Match"]
    assert names_of({"$limit": 1}, match) == ["Limit", "Match"]
    assert names_of({"$addFields": {"c": 1}}, {"$limit": 3}) == ["Limit", "AddFields"]
    assert names_of({"$limit": 5}, {"$limit": 3}) == ["Limit"]
    assert names_of(match, match) == ["Match"]
    sort, project, limit = optimized(
        parse_pipeline([{"$sort": {"a": 1}}, {"$project": {"a": 1}}, {"$limit": 3}], "shop")
    )
    assert [type(each).__name__ for each in (project, limit)] == ["Limit", "Project"]
    assert sort.limit == 3  # type: ignore[attr-defined]
