"""What is found through the store is what a plain evaluation over all documents finds.

Documents, filters, sorts and indexes are random. Some collections hold everything there is, so
that hardly anything can be asked of the shadow; in others each field has values of one sort, so
that most can.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from datetime import datetime
from itertools import count, pairwise
from typing import Any

import pytest
from bson.int64 import Int64
from bson.objectid import ObjectId
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from fivefold.api.database import Database, open_database
from fivefold.catalog.containers import Collection, DocumentIndex
from fivefold.engine.documents import Documents
from fivefold.engine.session import Session
from fivefold.errors import FivefoldError
from fivefold.languages.mongo import aggregating, collections
from fivefold.languages.mongo.collections import Name
from fivefold.languages.mongo.finding import query_of
from fivefold.languages.mongo.lower import joining
from fivefold.languages.mongo.lower.distinct import distinct_values
from fivefold.languages.mongo.match import matcher, parse_filter
from fivefold.languages.mongo.match.tree import In
from fivefold.languages.mongo.pipeline import optimized, parse_pipeline, run
from fivefold.languages.mongo.sorting import parse_sort
from fivefold.languages.mongo.sources import read
from fivefold.languages.mongo.stages.equality import local_values
from fivefold.languages.mongo.writing import writer
from fivefold.languages.unit import NeedsChange
from fivefold.values.documents.codec import decode, encode, to_json
from fivefold.values.documents.kinds import MISSING
from fivefold.values.documents.order import hash_key
from fivefold.values.documents.paths import ends_at
from tests.conftest import empty_store
from tests.languages.mongo import strategies as s
from tests.languages.mongo.stages.rig import Collections

Document = dict[str, Any]

EXAMPLES = int(os.environ.get("FIVEFOLD_FOUND", 30))
QUICKLY = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    phases=(Phase.explicit, Phase.generate),  # an example makes tables: too slow to be shrunk
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large,
                           HealthCheck.filter_too_much,
                           HealthCheck.function_scoped_fixture],
)  # fmt: skip

OPERATORS = ("$eq", "$gt", "$gte", "$lt", "$lte", "$ne")
NUMBER = st.sampled_from((0, 1, 2, 3, -1, 7, 2**31 - 1))
HALF = st.sampled_from((0.0, 1.0, 1.5, -2.25, 2.0))
TEXT = st.sampled_from(("", "a", "ab", "b", "é", "z\nz"))
SORTS_OF_VALUES: tuple[st.SearchStrategy[Any], ...] = (
    NUMBER,
    HALF,
    st.one_of(NUMBER, HALF),
    TEXT,
    st.booleans(),
    st.sampled_from((datetime(2020, 1, 1), datetime(1969, 12, 31, 23, 59, 59, 999000))),
    st.sampled_from((ObjectId(b"\0" * 12), ObjectId(b"\xff" * 12), ObjectId(b"a" * 12))),
    st.sampled_from((2**40, -(2**50), 5)),
    st.sampled_from((Int64(5), 5, 6)),
    st.one_of(NUMBER, st.none()),
    st.one_of(TEXT, NUMBER),
    st.lists(NUMBER, max_size=2),
    st.lists(TEXT, max_size=2),
    st.one_of(TEXT, st.lists(st.one_of(TEXT, NUMBER, st.booleans(), st.none()), max_size=3)),
    st.lists(st.sampled_from((ObjectId(b"\0" * 12), ObjectId(b"a" * 12))), max_size=2),
    st.lists(st.booleans(), max_size=2),
    st.lists(st.one_of(HALF, st.lists(NUMBER, max_size=1)), max_size=2),
    st.one_of(NUMBER, st.lists(NUMBER, max_size=2)),
    st.fixed_dictionaries({}, optional={"a": NUMBER, "b": TEXT}),
    st.lists(st.fixed_dictionaries({}, optional={"a": NUMBER, "b": TEXT}), max_size=2),
)


PATTERN = st.sampled_from(("^a", "^ab", "^z.", "^a*", "^\\x61b", "^é", "^z\n", "^a.*", "a"))


TYPES = st.sampled_from(
    ("string", "number", "int", "double", "null", "bool", "object", "objectId", "date", "array",
     ["string", "null"], ["int", "double"], "long", "decimal")
)  # fmt: skip
OPERATORS_OF_TWO = st.sampled_from(("$eq", "$ne", "$gt", "$gte", "$lt", "$lte"))


def expressed(drawn: tuple[str, str, Any, bool]) -> Document:
    """Return a comparison of $expr, whichever way round."""
    path, operator, other, turned = drawn
    sides = [f"${path}", other if isinstance(other, str) and other[:1] == "$" else
             {"$literal": other}]  # fmt: skip
    return {operator: sides[::-1] if turned else sides}


@st.composite
def alike(draw: st.DrawFn) -> tuple[list[Document], st.SearchStrategy[Document]]:
    """Return documents whose fields hold values of one sort each, and filters that meet them."""
    chosen = {name: draw(st.sampled_from(SORTS_OF_VALUES)) for name in s.NAMES}
    fields = st.fixed_dictionaries({}, optional=chosen)
    documents = [{"_id": at, **each} for at, each in enumerate(draw(st.lists(fields, max_size=12)))]
    leaf = st.one_of(
        *(
            st.tuples(st.just(name), st.sampled_from(OPERATORS), values)
            for name, values in chosen.items()
        ),
        st.tuples(st.sampled_from(("a.a", "b.b", "c.a", "_id")),
                  st.sampled_from(("$eq", "$gt", "$lte")), st.one_of(NUMBER, TEXT, st.none())),
    ).map(lambda t: {t[0]: {t[1]: t[2]}})  # fmt: skip
    elements = st.one_of(
        NUMBER.map(lambda value: {"a": value}),
        st.tuples(st.sampled_from(OPERATORS), TEXT).map(lambda pair: {"b": {pair[0]: pair[1]}}),
        st.just({"b": None}),
        st.just({"a": {"$exists": False}, "b": {"$in": ["a", "b"]}}),
    )
    within = st.one_of(
        *(
            st.tuples(st.just(name), st.lists(values, max_size=3)).map(
                lambda pair: {pair[0]: {"$in": pair[1]}}
            )
            for name, values in chosen.items()
        ),
        st.sampled_from(("a", "b.b", "c.a")).map(lambda path: {path: {"$exists": True}}),
        st.tuples(st.sampled_from((*chosen, "b.b")), PATTERN).map(
            lambda pair: {pair[0]: {"$regex": pair[1]}}
        ),
        st.tuples(st.sampled_from((*chosen, "b.b", "c.a")), TYPES).map(
            lambda pair: {pair[0]: {"$type": pair[1]}}
        ),
    )
    condition = st.tuples(st.sampled_from(("a", "b", "c", "b.b", "c.a")), OPERATORS_OF_TWO,
                          st.one_of(st.sampled_from(("$a", "$b", "$c.b")), *chosen.values()),
                          st.booleans()).map(expressed)  # fmt: skip
    within = st.one_of(
        within,
        condition.map(lambda one: {"$expr": one}),
        st.lists(condition, min_size=1, max_size=2).map(lambda two: {"$expr": {"$or": two}}),
        condition.map(lambda one: {"$expr": {"$not": [one]}}),
        st.tuples(st.sampled_from(("a", "b", "c")), elements).map(
            lambda pair: {pair[0]: {"$elemMatch": pair[1]}}
        ),
    )
    one = st.one_of(leaf, within)
    several = st.lists(one, min_size=1, max_size=3)
    return documents, st.one_of(
        one,
        several.map(lambda parts: {"$and": parts}),
        several.map(lambda parts: {"$or": parts}),
        several.map(lambda parts: {"$nor": parts}),
    )


DIFFERENT = s.documents(10).map(lambda documents: (documents, s.FILTERS))

PARTS = st.lists(
    st.tuples(st.sampled_from(("a", "b", "c", "a.a", "b.b", "c.0")),
              st.sampled_from((1, -1, 1, "hashed"))),
    min_size=1,
    max_size=2,
    unique_by=lambda part: part[0],
).map(tuple)  # fmt: skip
PARTIAL = st.sampled_from((None, None, {"a": {"$gt": 1}}, {"b": {"$exists": True}}))


@st.composite
def indexes(draw: st.DrawFn) -> tuple[DocumentIndex, ...]:
    """Return indexes, each of some kind."""
    made = []
    for number, parts in enumerate(draw(st.lists(PARTS, max_size=3))):
        partial = draw(PARTIAL)
        made.append(
            DocumentIndex(
                f"i{number}",
                parts,
                sparse=partial is None and draw(st.booleans()),
                partial=None if partial is None else to_json(partial),
            )
        )
    return tuple(made)


class Rig:
    """A database in which each example has a collection of its own."""

    def __init__(self, database: Database) -> None:
        self.documents = Documents(Session(database.engine))
        self._numbers = count()

    def fill(self, documents: list[Document], made: tuple[DocumentIndex, ...]) -> Name:
        name = ("found", f"c{next(self._numbers)}")

        def create(unit: Any) -> None:
            if collections.find(unit, name) is None:
                collection = Collection(uuid.uuid4().hex, indexes=made)
                raise NeedsChange(collections.made(unit, name, collection))

        self.documents.write(create)
        for part in (documents[:1], documents[1:]):
            if part:
                done = self.documents.write(
                    lambda unit, part=part: writer(unit, name).insert(part, ordered=False)  # type: ignore[misc,union-attr]
                )
                for fault in done.faults.values():
                    assert fault.number in (171, 16766), fault  # an index that cannot hold it
        return name

    def find(
        self, name: Name, filter: Document, sort: Document | None = None, hint: Any = None
    ) -> list[Document]:
        query = query_of(filter, sort, hint=hint)

        def work(unit: Any) -> list[Document]:
            return [
                decode(item) if isinstance(item, bytes) else item
                for item in read(unit, name, query, None)
            ]

        return self.documents.read(work)

    def aggregate(self, name: Name, pipeline: list[Document]) -> list[Document]:
        stages = optimized(parse_pipeline(pipeline, name[0]))
        return self.documents.read(
            lambda unit: [*aggregating.started(unit, None).over(name, stages)]
        )


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with (
        empty_store(str(tmp_path_factory.mktemp("found") / "f.db")) as url,
        open_database(url, durability="off") as database,
    ):
        yield Rig(database)


@QUICKLY
@given(st.one_of(alike(), alike(), DIFFERENT), indexes(), st.data())
def test_filters_find_what_they_match(
    rig: Rig, given_: tuple[list[Document], st.SearchStrategy[Document]],
    made: tuple[DocumentIndex, ...], data: st.DataObject,
) -> None:  # fmt: skip
    documents, filters = given_
    name = rig.fill(documents, made)
    stored = rig.find(name, {})
    assert {encode(one) for one in stored} <= {encode(one) for one in documents}
    for _ in range(4):
        filter = data.draw(filters)
        matches = matcher(parse_filter(filter))
        expected = {one["_id"] for one in stored if matches(one)}
        found = [one["_id"] for one in rig.find(name, filter)]
        assert len(found) == len({*found}), filter
        assert {*found} == expected, filter
        for index in made:
            if index.partial is None and not index.sparse:
                hinted = [one["_id"] for one in rig.find(name, filter, hint=index.name)]
                assert len(hinted) == len({*hinted}), (filter, index)
                assert {*hinted} == expected, (filter, index)


@QUICKLY
@given(st.one_of(alike(), DIFFERENT), indexes(), s.SORTS.filter(s.apart), st.data())
def test_sorts_come_in_order(
    rig: Rig, given_: tuple[list[Document], st.SearchStrategy[Document]],
    made: tuple[DocumentIndex, ...], sort: Document, data: st.DataObject,
) -> None:  # fmt: skip
    documents, filters = given_
    name = rig.fill(documents, made)
    sorting = parse_sort(sort)
    filter = data.draw(st.one_of(st.just({}), filters))
    matches = matcher(parse_filter(filter))
    try:
        expected = sorting.sort(one for one in rig.find(name, {}) if matches(one))
    except FivefoldError:
        return  # parallel arrays
    found = rig.find(name, filter, sort)
    assert sorted(one["_id"] for one in found) == sorted(one["_id"] for one in expected)
    keys = [sorting.key(one) for one in found]
    assert not any(b < a for a, b in pairwise(keys)), (sort, filter, made)


GROUPS: st.SearchStrategy[Document] = st.tuples(
    st.sampled_from((None, "$a", "$b", "$c", {"x": "$a"}, {"x": "$a", "y": "$b"}, "$b.b", 5)),
    st.dictionaries(
        st.sampled_from(("p", "q", "r")),
        st.sampled_from(
            (
                *({"$sum": 1}, {"$sum": "$a"}, {"$avg": "$b"}, {"$min": "$c"}, {"$max": "$a"}),
                *({"$count": {}}, {"$sum": "$c.a"}, {"$max": "$b.b"}, {"$sum": 2.5}),
                *({"$min": "$_id"}, {"$avg": "$a"}),
            )
        ),
        max_size=3,
    ),
).map(lambda pair: {"$group": {"_id": pair[0], **pair[1]}})


@QUICKLY
@given(st.one_of(alike(), alike(), DIFFERENT), indexes(), GROUPS, st.data())
def test_groups_are_the_same_lowered_and_streamed(
    rig: Rig, given_: tuple[list[Document], st.SearchStrategy[Document]],
    made: tuple[DocumentIndex, ...], group: Document, data: st.DataObject,
) -> None:  # fmt: skip
    documents, filters = given_
    name = rig.fill(documents, made)
    pipeline = [{"$match": data.draw(st.one_of(st.just({}), filters))}, group]
    same_lowered_and_streamed(rig, name, pipeline)


def same_lowered_and_streamed(rig: Rig, name: Name, pipeline: list[Document]) -> None:
    lowered = rig.aggregate(name, pipeline)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aggregating, "grouped", lambda *arguments: None)
        streamed = rig.aggregate(name, pipeline)
    assert {hash_key(one): encode_like(one) for one in lowered} == {
        hash_key(one): encode_like(one) for one in streamed
    }, pipeline
    assert len(lowered) == len(streamed)


def encode_like(document: Document) -> list[tuple[str, str]]:
    """Return a group's fields with the types BSON has for them; a key's number may be of any."""
    kept = {name: value for name, value in document.items() if name != "_id"}
    return [(name, type(value).__name__) for name, value in decode(encode(kept)).items()]


UNWOUND: st.SearchStrategy[list[Document]] = st.tuples(
    st.sampled_from(("$a", "$b", "$c", "$b.b")).map(lambda path: {"$unwind": path}),
    st.sampled_from(
        (
            *((), (), ({"$match": {"a": {"$gt": 1}}},), ({"$match": {"b.a": {"$in": [1, 2]}}},)),
            *(({"$match": {"b": {"$ne": "a"}}},), ({"$match": {"c": {"$gte": 0, "$lt": 3}}},)),
        )
    ),
    st.one_of(GROUPS, st.just({"$count": "n"})),
).map(lambda three: [three[0], *three[1], three[2]])


@QUICKLY
@given(st.one_of(alike(), alike(), alike(), DIFFERENT), indexes(), UNWOUND, st.data())
def test_unwound_groups_are_the_same_lowered_and_streamed(
    rig: Rig, given_: tuple[list[Document], st.SearchStrategy[Document]],
    made: tuple[DocumentIndex, ...], pipeline: list[Document], data: st.DataObject,
) -> None:  # fmt: skip
    documents, filters = given_
    name = rig.fill(documents, made)
    pipeline = [{"$match": data.draw(st.one_of(st.just({}), filters))}, *pipeline]
    same_lowered_and_streamed(rig, name, pipeline)


FIELDS = st.sampled_from(("a", "b", "c", "b.b", "c.a", "_id", "c.0"))


@QUICKLY
@given(
    st.one_of(alike(), alike(), DIFFERENT), st.one_of(alike(), alike(), DIFFERENT), indexes(),
    FIELDS, FIELDS, st.sampled_from((0, 0, 8)), st.data(),
)  # fmt: skip
def test_lookups_find_what_is_equal(
    rig: Rig, given_: tuple[list[Document], st.SearchStrategy[Document]],
    others: tuple[list[Document], st.SearchStrategy[Document]],
    made: tuple[DocumentIndex, ...], local: str, foreign: str, asked: int, data: st.DataObject,
) -> None:  # fmt: skip
    """By the filter of each document, as a pipeline inside and as a plain evaluation."""
    if data.draw(st.booleans()):  # values of the same sorts on both sides
        others = given_
    inner = data.draw(st.one_of(st.none(), others[1]))
    room = data.draw(st.sampled_from((4, 2**22, 2**40)))
    name, other = rig.fill(given_[0], ()), rig.fill(others[0], made)
    paths = tuple(local.split(".")), tuple(foreign.split("."))
    stage = {"from": other[1], "localField": local, "foreignField": foreign, "as": "found"}
    if inner is not None:
        stage["pipeline"] = [{"$match": inner}]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(joining, "ASKED_FIRST", asked)
        patch.setattr(joining, "PART_OF_MEMORY", room)
        lowered = rig.aggregate(name, [{"$lookup": stage}])
    stored = rig.find(other, {})
    kept = matcher(parse_filter(inner or {}))
    assert len(lowered) == len(rig.find(name, {}))
    for document in lowered:
        equal = matcher(In(paths[1], tuple(local_values(document, paths[0]))))
        expected = [one for one in stored if equal(one) and kept(one)]
        assert document["found"] == expected, (document, stage, made)


@QUICKLY
@given(
    st.one_of(alike(), alike(), DIFFERENT),
    indexes(),
    FIELDS,
    st.sampled_from(("", "index", "keep")),
    st.data(),
)
def test_unwound_documents_are_filtered_the_same(
    rig: Rig, given_: tuple[list[Document], st.SearchStrategy[Document]],
    made: tuple[DocumentIndex, ...], path: str, how: str, data: st.DataObject,
) -> None:  # fmt: skip
    filters = [data.draw(given_[1]) for _ in range(3)]
    name = rig.fill(given_[0], made)
    options = {"index": {"includeArrayIndex": "a.b"}, "keep": {"preserveNullAndEmptyArrays": True}}
    unwind = {"$unwind": {"path": f"${path}", **options.get(how, {})}}
    for filter in filters:
        stages = parse_pipeline([unwind, {"$match": filter}], name[0])
        expected = [*run(stages, iter(rig.find(name, {})), Collections())]
        found = rig.aggregate(name, [unwind, {"$match": filter}])
        assert sorted(map(repr, found)) == sorted(map(repr, expected)), (filter, unwind, made)


@QUICKLY
@given(st.one_of(alike(), alike(), DIFFERENT), indexes(), FIELDS, st.data())
def test_distinct_values_are_the_same_lowered_and_streamed(
    rig: Rig, given_: tuple[list[Document], st.SearchStrategy[Document]],
    made: tuple[DocumentIndex, ...], path: str, data: st.DataObject,
) -> None:  # fmt: skip
    query = query_of(data.draw(st.one_of(st.just({}), given_[1])))
    name = rig.fill(given_[0], made)
    steps = tuple(path.split("."))
    found = rig.documents.read(lambda unit: distinct_values(unit, name, query, steps))
    if found is None:
        return
    expected: dict[Any, Any] = {}
    for item in rig.documents.read(lambda unit: [*read(unit, name, query, None)]):
        document = decode(item) if isinstance(item, bytes) else item
        for end in ends_at(document, steps):
            for value in end if isinstance(end, list) else (end,):
                if value is not MISSING:
                    expected.setdefault(hash_key(value), value)
    assert [*map(repr, found)] == [*map(repr, expected.values())]


@QUICKLY
@given(st.one_of(alike(), DIFFERENT), st.data())
def test_counts(
    rig: Rig, given_: tuple[list[Document], st.SearchStrategy[Document]], data: st.DataObject
) -> None:
    documents, filters = given_
    name = rig.fill(documents, ())
    filter = data.draw(filters)
    matches = matcher(parse_filter(filter))
    expected = sum(map(matches, documents))
    counted = rig.aggregate(name, [{"$match": filter}, {"$count": "n"}])
    assert counted == ([{"n": expected}] if expected else [])


def test_indexes_of_like_kinds_are_not_mistaken(rig: Rig) -> None:
    made = (DocumentIndex("down", (("b", -1), ("a", 1))), DocumentIndex("up", (("b", 1),)))
    name = rig.fill([{"_id": 0, "b": "a"}, {"_id": 1, "b": "z"}], made)
    for hint in ("up", "down", "up"):
        assert rig.find(name, {"b": {"$gt": "a"}}, hint=hint) == [{"_id": 1, "b": "z"}]
