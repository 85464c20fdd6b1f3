"""Which filters the store answers by itself, where the shape says that its answers are exact."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from bson.objectid import ObjectId

from fivefold.api.database import open_database
from fivefold.languages.mongo import collections
from fivefold.languages.mongo.finding import query_of
from fivefold.languages.mongo.match import matcher, parse_filter
from tests.conftest import empty_store
from tests.languages.mongo.store.test_found import Document, Rig

DOCUMENTS: list[Document] = [
    {"_id": 1, "n": 1, "m": 2, "s": "a", "of": ObjectId(b"a" * 12), "mixed": 1, "items": []},
    {"_id": 2, "n": 3, "m": 2, "s": "b", "mixed": "x", "items": [{"sku": "A", "n": 5}]},
    {"_id": 3, "n": None, "m": None, "mixed": None, "items": [{"sku": "A"}, {"sku": "B", "n": 7}]},
    {"_id": 4, "m": None, "mixed": 2.5},
]

LOWERED: list[Document] = [
    {"items.sku": "A"},
    {"items.sku": {"$in": ["B", "C"]}},
    {"items.sku": {"$ne": "A"}},
    {"items.n": {"$gt": 5}},
    {"items.n": {"$exists": True}},
    {"items.sku": {"$regex": "^A"}},
    {"items": {"$elemMatch": {"sku": "A", "n": 5}}},
    {"items": {"$elemMatch": {"sku": {"$ne": "A"}, "n": {"$exists": True}}}},
    {"$expr": {"$gt": ["$n", "$m"]}},
    {"$expr": {"$lte": ["$n", "$m"]}},
    {"$expr": {"$and": [{"$gte": [2, "$n"]}, {"$ne": ["$s", "b"]}]}},
    {"$expr": {"$not": [{"$eq": ["$n", "$m"]}]}},
    {"mixed": {"$type": "number"}},
    {"mixed": {"$type": ["string", "null"]}},
    {"n": {"$type": "int"}},
    {"s": {"$type": "bool"}},
    {"n": {"$in": [*range(3, 5_000)]}},
    {"mixed": {"$nin": ["x", *range(2_000)]}},
]

STREAMED: list[Document] = [
    {"items.sku": None},
    {"items.0.sku": "A"},
    {"mixed": {"$type": "int"}},
    {"$expr": {"$gt": ["$mixed", 1]}},
    {"$expr": {"$gt": [{"$add": ["$n", 1]}, 1]}},
]


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with (
        empty_store(str(tmp_path_factory.mktemp("lowered") / "l.db")) as url,
        open_database(url, durability="off") as database,
    ):
        yield Rig(database)


@pytest.mark.parametrize("filter", [*LOWERED, *STREAMED], ids=lambda filter: str(filter)[:60])
def test_filters(rig: Rig, filter: Document) -> None:
    name = rig.fill(DOCUMENTS, ())
    matches = matcher(parse_filter(filter))
    assert rig.find(name, filter) == [one for one in DOCUMENTS if matches(one)]

    def residual(unit: Any) -> Any:
        opened = collections.find(unit, name)
        assert opened is not None
        return query_of(filter).plan(unit, opened).residual

    assert (rig.documents.read(residual) is None) == (filter in LOWERED)
