"""$lookup, $graphLookup, $merge and $out (manual 7.0: the pages of these stages)."""

from __future__ import annotations

from typing import Any

import pytest
from bson.int64 import Int64
from hypothesis import given
from hypothesis import strategies as st

from fivefold.errors import FivefoldError
from tests.languages.mongo.stages.rig import Collections, aggregate, refused

Documents = list[dict[str, Any]]

ORDERS: Documents = [  # manual, "$lookup", "Perform a Single Equality Join with $lookup"
    {"_id": 1, "item": "almonds", "price": 12, "quantity": 2},
    {"_id": 2, "item": "pecans", "price": 20, "quantity": 1},
    {"_id": 3},
]
INVENTORY: Documents = [
    {"_id": 1, "sku": "almonds", "description": "product 1", "instock": 120},
    {"_id": 2, "sku": "bread", "description": "product 2", "instock": 80},
    {"_id": 3, "sku": "cashews", "description": "product 3", "instock": 60},
    {"_id": 4, "sku": "pecans", "description": "product 4", "instock": 70},
    {"_id": 5, "sku": None, "description": "Incomplete"},
    {"_id": 6},
]
JOIN = {"from": "inventory", "localField": "item", "foreignField": "sku", "as": "docs"}

# (the $lookup, documents, the other collection, what "as" holds for each document)
LOOKUPS: list[tuple[dict[str, Any], Documents, Documents, list[Any]]] = [
    (JOIN, ORDERS, INVENTORY, [[INVENTORY[0]], [INVENTORY[3]], INVENTORY[4:]]),
    (
        {**JOIN, "pipeline": [{"$project": {"_id": 1}}]},
        ORDERS,
        INVENTORY,
        [[{"_id": 1}], [{"_id": 4}], [{"_id": 5}, {"_id": 6}]],
    ),
    # an array on either side
    (
        JOIN,
        [{"item": ["x", "y"]}, {"item": []}],
        [{"_id": 1, "sku": "y"}, {"_id": 2, "sku": ["x", "z"]}, {"_id": 3, "sku": "q"}],
        [[{"_id": 1, "sku": "y"}, {"_id": 2, "sku": ["x", "z"]}], []],
    ),
    (
        {**JOIN, "localField": "a.b", "foreignField": "c.d"},
        [{"a": [{"b": 1}, {"b": 2}]}, {"a": {"b": 3}}],
        [{"_id": 1, "c": {"d": 2}}, {"_id": 2, "c": [{"d": 3}, {"d": 1}]}],
        [
            [{"_id": 1, "c": {"d": 2}}, {"_id": 2, "c": [{"d": 3}, {"d": 1}]}],
            [{"_id": 2, "c": [{"d": 3}, {"d": 1}]}],
        ],
    ),
    # numbers of all types are equal, strings are no numbers
    (
        JOIN,
        [{"item": 1}],
        [{"sku": Int64(1)}, {"sku": 1.0}, {"sku": "1"}],
        [[{"sku": 1}, {"sku": 1.0}]],
    ),
    # manual, "Perform Multiple Joins and a Correlated Subquery with $lookup"
    (
        {
            "from": "inventory",
            "let": {"item": "$item", "wanted": "$quantity"},
            "pipeline": [
                {
                    "$match": {
                        "$expr": {
                            "$and": [
                                {"$eq": ["$sku", "$$item"]},
                                {"$gte": ["$instock", "$$wanted"]},
                            ]
                        }
                    }
                },
                {"$project": {"instock": 1, "_id": 0}},
            ],
            "as": "docs",
        },
        ORDERS[:2],
        INVENTORY,
        [[{"instock": 120}], [{"instock": 70}]],
    ),
    # the concise form: both, with variables
    (
        {
            **JOIN,
            "let": {"q": "$quantity"},
            "pipeline": [{"$match": {"$expr": {"$eq": ["$$q", 2]}}}],
        },
        ORDERS[:2],
        INVENTORY,
        [[INVENTORY[0]], []],
    ),
    (
        {"from": "inventory", "pipeline": [{"$count": "n"}], "as": "docs"},
        [{"a": 1}],
        INVENTORY,
        [[{"n": 6}]],
    ),
    ({**JOIN, "from": "none"}, ORDERS[:1], [], [[]]),
    (
        {"pipeline": [{"$documents": [{"x": "$$v"}]}], "let": {"v": "$a"}, "as": "docs"},
        [{"a": 7}],
        [],
        [[{"x": 7}]],
    ),
]


@pytest.mark.parametrize(("lookup", "documents", "other", "expected"), LOOKUPS)
@pytest.mark.parametrize("times", [1, 10])
@pytest.mark.parametrize("indexed", [False, True])
def test_lookup(
    lookup: Any, documents: Documents, other: Documents, expected: Any, times: int, indexed: bool
) -> None:
    """Ten times as many documents are enough for the other collection to be read whole."""
    context = Collections({"inventory": other})
    if indexed and "foreignField" in lookup:
        context.indexes.add((lookup["from"], lookup["foreignField"]))
    found = aggregate(documents * times, {"$lookup": lookup}, context=context)
    assert [each["docs"] for each in found] == expected * times


def test_lookup_into_a_dotted_field() -> None:
    context = Collections({"inventory": INVENTORY[:1]})
    stage = {"$lookup": {**JOIN, "as": "a.docs"}}
    (found,) = aggregate([{"item": "almonds", "a": {"b": 1}}], stage, context=context)
    assert found["a"] == {"b": 1, "docs": INVENTORY[:1]}


def test_lookup_reads_the_other_collection_once() -> None:
    context = Collections({"inventory": INVENTORY})
    aggregate(ORDERS * 50, {"$lookup": JOIN}, context=context)
    assert context.reads < 12


VALUES = st.sampled_from([None, 1, 1.0, "a", [1, "a"], [], [None], {"x": 1}, True, ...])


@given(st.lists(VALUES, max_size=14), st.lists(VALUES, max_size=6))
def test_lookup_finds_the_same_both_ways(local: list[Any], foreign: list[Any]) -> None:
    def made(values: list[Any], name: str) -> Documents:
        return [{"_id": at} if v is ... else {"_id": at, name: v} for at, v in enumerate(values)]

    other = {"inventory": made(foreign, "sku")}
    stage = {"$lookup": JOIN}
    whole = aggregate(made(local, "item"), stage, context=Collections(other))
    asked = Collections(other, indexes={("inventory", "sku")})
    assert aggregate(made(local, "item"), stage, context=asked) == whole


EMPLOYEES: Documents = [  # manual, "$graphLookup", "Within a Collection"
    {"_id": 1, "name": "Dev"},
    {"_id": 2, "name": "Eliot", "reportsTo": "Dev"},
    {"_id": 3, "name": "Ron", "reportsTo": "Eliot"},
    {"_id": 4, "name": "Andrew", "reportsTo": "Eliot"},
    {"_id": 5, "name": "Asya", "reportsTo": "Ron"},
    {"_id": 6, "name": "Dan", "reportsTo": "Andrew"},
]
GRAPH = {
    "from": "employees",
    "startWith": "$reportsTo",
    "connectFromField": "reportsTo",
    "connectToField": "name",
    "as": "up",
}


@pytest.mark.parametrize(
    ("options", "name", "expected"),
    [
        ({}, "Asya", ["Dev", "Eliot", "Ron"]),
        ({}, "Dev", []),
        ({"maxDepth": 0}, "Asya", ["Ron"]),
        ({"maxDepth": 1}, "Asya", ["Eliot", "Ron"]),
        ({"restrictSearchWithMatch": {"name": {"$ne": "Eliot"}}}, "Asya", ["Ron"]),
        ({"startWith": "Dan"}, "Dev", ["Andrew", "Dan", "Dev", "Eliot"]),
        ({"startWith": ["Ron", "Andrew"], "maxDepth": 0}, "Dev", ["Andrew", "Ron"]),
    ],
)
def test_graph_lookup(options: dict[str, Any], name: str, expected: list[str]) -> None:
    context = Collections({"employees": EMPLOYEES})
    begin = [each for each in EMPLOYEES if each["name"] == name]
    (found,) = aggregate(begin, {"$graphLookup": {**GRAPH, **options}}, context=context)
    assert sorted(each["name"] for each in found["up"]) == expected


def test_graph_lookup_says_how_far_and_ends_in_circles() -> None:
    airports = [  # manual, "$graphLookup", "Across Multiple Collections"
        {"_id": 0, "airport": "JFK", "connects": ["BOS", "ORD"]},
        {"_id": 1, "airport": "BOS", "connects": ["JFK", "PWM"]},
        {"_id": 2, "airport": "ORD", "connects": ["JFK"]},
        {"_id": 3, "airport": "PWM", "connects": ["BOS", "LHR"]},
        {"_id": 4, "airport": "LHR", "connects": ["PWM"]},
    ]
    stage = {
        "from": "airports",
        "startWith": "$near",
        "connectFromField": "connects",
        "connectToField": "airport",
        "maxDepth": 2,
        "depthField": "far",
        "as": "to",
    }
    context = Collections({"airports": airports})
    (found,) = aggregate([{"near": "JFK"}], {"$graphLookup": stage}, context=context)
    far = {each["airport"]: each["far"] for each in found["to"]}
    assert far == {"JFK": 0, "BOS": 1, "ORD": 1, "PWM": 2}
    assert all(type(each) is Int64 for each in far.values())


REFUSED: list[tuple[dict[str, Any], int, str | None]] = [
    ({"$lookup": 1}, 9, "the $lookup stage specification must be an object, but found int"),
    ({"$lookup": {"x": 1}}, 9, "unknown argument to $lookup: x"),
    ({"$lookup": {**JOIN, "as": 1}}, 9, None),
    ({"$lookup": {"from": "x", "pipeline": []}}, 9, "must specify 'as' field for a $lookup"),
    ({"$lookup": {"from": "x", "as": "y"}}, 9, None),
    ({"$lookup": {"from": "x", "as": "y", "localField": "z"}}, 9, None),
    ({"$lookup": {"as": "y", "localField": "z", "foreignField": "z"}}, 9, None),
    ({"$lookup": {"from": "x", "as": "y", "localField": "z", "pipeline": []}}, 9, None),
    ({"$lookup": {**JOIN, "from": {"db": "a", "coll": "b"}}}, 115, None),
    ({"$lookup": {**JOIN, "from": ""}}, 73, None),
    ({"$lookup": {"from": "x", "as": "y", "let": {"A": 1}, "pipeline": []}}, 16867, None),
    ({"$lookup": {"from": "x", "as": "y", "let": 1, "pipeline": []}}, 9, None),
    ({"$graphLookup": 1}, 40327, None),
    ({"$graphLookup": {"x": 1}}, 40104, "Unknown argument to $graphLookup: x"),
    ({"$graphLookup": {"from": "x"}}, 40105, None),
    ({"$graphLookup": {**GRAPH, "maxDepth": "x"}}, 40100, None),
    ({"$graphLookup": {**GRAPH, "maxDepth": -1}}, 40101, None),
    ({"$graphLookup": {**GRAPH, "maxDepth": 1.5}}, 40102, None),
    ({"$graphLookup": {**GRAPH, "as": 1}}, 40103, None),
    ({"$graphLookup": {**GRAPH, "restrictSearchWithMatch": 1}}, 40185, None),
    ({"$out": 1}, 16990, "$out only supports a string or object argument, but found int"),
    ({"$out": ""}, 73, None),
    ({"$out": {"db": "a"}}, 16994, None),
    ({"$out": {"db": "a", "coll": "b", "timeseries": {}}}, 115, None),
    ({"$merge": 1}, 51182, "$merge requires a string or object argument, but found int"),
    ({"$merge": {}}, 40414, "BSON field '$merge.into' is missing but a required field"),
    ({"$merge": {"into": "x", "y": 1}}, 40415, "BSON field '$merge.y' is an unknown field."),
    ({"$merge": {"into": 1}}, 51178, None),
    ({"$merge": {"into": "x", "on": 1}}, 51186, None),
    ({"$merge": {"into": "x", "on": []}}, 51187, None),
    ({"$merge": {"into": "x", "on": [1]}}, 51134, None),
    ({"$merge": {"into": "x", "on": ["a", "a"]}}, 31465, "Found a duplicate field 'a'"),
    ({"$merge": {"into": "x", "whenMatched": "x"}}, 2, None),
    ({"$merge": {"into": "x", "whenNotMatched": "x"}}, 2, None),
    (
        {"$merge": {"into": "x", "whenMatched": "keepExisting", "whenNotMatched": "fail"}},
        51181,
        None,
    ),
    ({"$merge": {"into": "x", "let": {"a": 1}}}, 51199, None),
    ({"$merge": {"into": "x", "whenMatched": [{"$match": {}}]}}, 72, None),
    ({"$merge": {"into": "x", "whenMatched": [], "let": {"new": 1}}}, 51273, None),
    ({"$merge": {"into": "x", "on": "sku"}}, 51183, None),
]


@pytest.mark.parametrize(("stage", "number", "message"), REFUSED)
def test_refused(stage: dict[str, Any], number: int, message: str | None) -> None:
    error = refused(stage, documents=[{"a": 1}])
    assert error is not None
    assert error.number == number, error.message
    assert message is None or error.message == message


HELD: Documents = [{"_id": 1, "a": 1, "b": 1}, {"_id": 2, "a": 2}]
NEW: Documents = [{"_id": 1, "a": 9, "c": 9}, {"_id": 3, "a": 3}]

# manual, "$merge (aggregation)", whenMatched and whenNotMatched
MERGES: list[tuple[dict[str, Any], Documents]] = [
    ({}, [{"_id": 1, "a": 9, "b": 1, "c": 9}, {"_id": 2, "a": 2}, {"_id": 3, "a": 3}]),
    (
        {"whenMatched": "replace"},
        [{"_id": 1, "a": 9, "c": 9}, {"_id": 2, "a": 2}, {"_id": 3, "a": 3}],
    ),
    (
        {"whenMatched": "keepExisting"},
        [{"_id": 1, "a": 1, "b": 1}, {"_id": 2, "a": 2}, {"_id": 3, "a": 3}],
    ),
    (
        {"whenNotMatched": "discard"},
        [{"_id": 1, "a": 9, "b": 1, "c": 9}, {"_id": 2, "a": 2}],
    ),
    (
        {"whenMatched": [{"$set": {"a": {"$add": ["$a", "$$new.a"]}}}]},
        [{"_id": 1, "a": 10, "b": 1}, {"_id": 2, "a": 2}, {"_id": 3, "a": 3}],
    ),
    (
        {
            "let": {"by": {"$multiply": ["$a", 10]}},
            "whenMatched": [{"$set": {"a": {"$add": ["$a", "$$by"]}}}],
        },
        [{"_id": 1, "a": 91, "b": 1}, {"_id": 2, "a": 2}, {"_id": 3, "a": 3}],
    ),
    ({"on": "_id"}, [{"_id": 1, "a": 9, "b": 1, "c": 9}, {"_id": 2, "a": 2}, {"_id": 3, "a": 3}]),
]


@pytest.mark.parametrize(("options", "expected"), MERGES)
def test_merge(options: dict[str, Any], expected: Documents) -> None:
    context = Collections({"t": list(HELD)})
    assert aggregate(NEW, {"$merge": {"into": "t", **options}}, context=context) == []
    assert context.held["t"] == expected


def test_merge_on_other_fields() -> None:
    context = Collections({"t": [{"_id": 7, "k": 1, "v": 0}]}, indexes={("t", "k")})
    stage = {"$merge": {"into": {"db": "shop", "coll": "t"}, "on": "k"}}
    aggregate([{"k": 1, "v": 5}, {"k": 2, "v": 6}], stage, context=context)
    assert context.held["t"][0] == {"_id": 7, "k": 1, "v": 5}
    assert context.held["t"][1]["k"] == 2


@pytest.mark.parametrize(
    ("options", "documents", "number"),
    [
        ({"whenMatched": "fail"}, [{"_id": 1}], 11000),
        ({"whenNotMatched": "fail"}, [{"_id": 9}], 13113),
        ({"on": "a"}, [{"_id": 9}], 51132),
        ({"on": "a"}, [{"a": [1]}], 51185),
        ({"on": "a"}, [{"_id": 9, "a": 1}], 66),
    ],
)
def test_merge_fails(options: dict[str, Any], documents: Documents, number: int) -> None:
    context = Collections({"t": list(HELD)}, indexes={("t", "a")})
    with pytest.raises(FivefoldError) as caught:
        aggregate(documents, {"$merge": {"into": "t", **options}}, context=context)
    assert caught.value.number == number


def test_out_takes_the_place_of_all() -> None:
    context = Collections({"t": list(HELD)})
    assert aggregate(NEW, {"$match": {"a": 3}}, {"$out": "t"}, context=context) == []
    assert context.held["t"] == [{"_id": 3, "a": 3}]
