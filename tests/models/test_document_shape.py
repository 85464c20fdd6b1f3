"""A document that the shape says it knows brings nothing new, however it is looked at."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson.int64 import Int64
from bson.objectid import ObjectId
from hypothesis import given, settings
from hypothesis import strategies as st

from fivefold.languages.mongo.collections import entry_of, known_entry
from fivefold.models.document.shape import Foreign, Shape
from fivefold.values.documents.codec import decode, encode

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from([2**31, -(2**31) - 1, 1.5, float("nan"), float("inf"), "a", "a\0b", "\\u0000"]),
    st.sampled_from([ObjectId(b"a" * 12), datetime(2024, 1, 1), Int64(5), b"raw"]),
)
names = st.sampled_from(["a", "b", "$c"])
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3)
)
documents = st.dictionaries(names, values, max_size=3).map(lambda fields: {"_id": 1, **fields})


@settings(max_examples=300)
@given(st.lists(documents, min_size=2, max_size=6))
def test_what_is_known_brings_nothing_new(given: list[dict[str, Any]]) -> None:
    paths: dict[str, int] = {}
    for document in given[:-1]:
        Shape(paths).examine(document, grown := {})
        paths = dict(Shape(paths).merged(grown))
    shape = Shape(paths)
    for document in given[:-1]:
        entry_of(encode(document), document, shape, {})
    last = given[-1]
    found = known_entry(raw := encode(last), last, shape)
    if found is not None:
        grown = {}
        assert shape.examine(last, grown)
        assert not grown
        assert found == entry_of(raw, last, Shape(paths), {})


def test_a_program_s_own_classes_are_decoded() -> None:
    class Words(str):
        __slots__ = ()

    shape = Shape()
    document = {"_id": 1, "a": Words("x")}
    try:
        shape.examine(document, {})
    except Foreign:
        assert not shape.knows(document)
    entry = entry_of(encode(document), document, shape, {})
    assert type(decode(entry.raw)["a"]) is str
    assert entry.shadow == '{"_id":1,"a":"x"}'
