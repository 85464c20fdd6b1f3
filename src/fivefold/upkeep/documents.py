"""A collection beside itself: documents, their keys and shadows, the shape, the indexes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

from fivefold.catalog.containers import Collection, DocumentIndex, View
from fivefold.errors import FivefoldError
from fivefold.languages.mongo.collections import keys_of
from fivefold.models.document import layout
from fivefold.models.document.indexes import Keys
from fivefold.models.document.keys import key_of
from fivefold.models.document.shadow import shadow
from fivefold.models.document.shape import Paths, Shape
from fivefold.plan.statement import Path, Reading
from fivefold.stores.findings import Fault, Finding
from fivefold.upkeep.entries import Entry, Sum, differences
from fivefold.upkeep.looking import Looking
from fivefold.upkeep.report import Place
from fivefold.values.documents.codec import decode
from fivefold.values.documents.kinds import Document
from fivefold.values.types import BYTEA, INT8, TEXT

_SHADOW = Path("doc", (), Reading.JSON)


def tables(view: View) -> dict[str, Place]:
    """Return the tables of a collection: what they are for, and where they are."""
    assert view.collection is not None
    if view.collection.source is not None:
        return {}
    found = {"documents": layout.documents_name(view.name)}
    for index in view.collection.indexes:
        found[f"index {index.name}"] = layout.index_table_name(view.name, index.name)
    return {what: (view.namespace, name) for what, name in found.items()}


class Documents:
    """One collection."""

    def __init__(self, look: Looking, view: View) -> None:
        assert view.collection is not None
        self._look = look
        self._place = (view.namespace, view.name)
        self._collection: Collection = view.collection
        self._documents = (view.namespace, layout.documents_name(view.name))
        self.keys = [keys_of(index) for index in view.collection.indexes]

    def findings(self) -> Iterator[Finding]:
        """Yield all that is wrong with it."""
        sums = [Sum() for _ in self.keys]
        shape = Shape(self._collection.shape)
        for place, key, raw, text in self._rows():
            try:
                document = decode(raw)
            except FivefoldError as error:
                yield self._wrong(f"the document at place {place} cannot be read: {error}")
                continue
            for said in _wrong_with(document, key, text, shape):
                yield self._wrong(f"the document at place {place}: {said}")
            for keys, total in zip(self.keys, sums, strict=True):
                for entry in _entries(keys, place, document):
                    total.add(entry)
        for keys, total in zip(self.keys, sums, strict=True):
            yield from self._index(keys, total)

    def _rows(self) -> Iterator[tuple[Any, ...]]:
        text = "SELECT place, key, bson, {shadow} FROM {d} ORDER BY place"
        types = [INT8, BYTEA, BYTEA, TEXT]
        paths = {"shadow": _SHADOW}
        return self._look.rows(text, {"d": self._documents}, types, paths=paths)

    def _index(self, keys: Keys, total: Sum) -> Iterator[Finding]:
        there = partial(self._there, keys.definition)
        if total.is_of(there()):
            return
        name = keys.definition.name
        expected = partial(self.expected, keys)
        for is_missing, (_, place) in differences(expected, expected, there):
            what = "lacks a key" if is_missing else "has a key too many"
            message = f"index {name} {what} of the document at place {place}"
            yield Finding(Fault.INDEX, message, self._place)

    def _there(self, index: DocumentIndex) -> Iterator[Entry]:
        table = (self._place[0], layout.index_table_name(self._place[1], index.name))
        return self._look.rows("SELECT key, place FROM {i}", {"i": table}, [BYTEA, INT8])

    def expected(self, keys: Keys) -> Iterator[Entry]:
        """Yield the entries that an index should have."""
        for place, _, raw, _ in self._rows():
            try:
                document = decode(raw)
            except FivefoldError:  # told already
                continue
            yield from _entries(keys, place, document)

    def _wrong(self, message: str) -> Finding:
        return Finding(Fault.ROWS, message, self._place)


def _wrong_with(document: Document, key: bytes, text: str, shape: Shape) -> Iterator[str]:
    if "_id" not in document:
        yield "it has no _id"
    elif key_of(document["_id"]) != key:
        yield "its key is not that of its _id"
    grown: Paths = {}
    plain = shape.examine(document, grown)
    if grown:
        yield f"the collection's shape does not know {', '.join(map(repr, grown))}"
    expected = shadow(document, plain=plain)
    if text != expected and json.loads(text) != json.loads(expected):
        yield "its shadow, in which is searched, is that of another document"


def _entries(keys: Keys, place: int, document: Document) -> Iterator[Entry]:
    try:
        found = keys.of(document)
    except FivefoldError:  # arrays that no such index takes: it was refused when it was written
        return
    for key in found:
        yield key, place
