"""After any inserts, updates and deletes all that is kept of a collection agrees.

The key of each document is that of its ``_id``, its shadow that of its bytes, each index has
exactly its keys, a unique one none of them twice, and the shape knows all that is there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fivefold.api.database import Database, open_database
from fivefold.catalog.containers import DocumentIndex, View
from fivefold.errors import FivefoldError
from fivefold.languages.mongo.collections import Name, keys_of
from fivefold.languages.mongo.finding import query_of
from fivefold.languages.mongo.update.compile import compile_update
from fivefold.languages.mongo.writing import writer
from fivefold.models.document.indexes import HASHED
from fivefold.models.document.keys import key_of
from fivefold.models.document.shadow import shadow
from fivefold.models.document.shape import Paths, Shape
from fivefold.values.documents.codec import decode
from tests.conftest import empty_store
from tests.languages.mongo import strategies as s
from tests.languages.mongo.store.test_found import DIFFERENT, QUICKLY, Rig, alike, indexes

Document = dict[str, Any]

REFUSED = {2, 14, 28, 40, 66, 171, 11000, 16766}
"""Faults of one document: a key twice, parallel arrays, an update that does not fit the value."""


class Upkeep(Rig):
    """A rig whose collections are looked into."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._database = database

    def insert(self, name: Name, documents: list[Document]) -> None:
        done = self.documents.write(
            lambda unit: writer(unit, name).insert(documents, ordered=False)  # type: ignore[union-attr]
        )
        assert {fault.number for fault in done.faults.values()} <= REFUSED

    def change(self, name: Name, filter: Document, update: Document | None) -> None:
        """Update or, with None, delete what a filter finds; nothing if one of them is refused."""

        def work(unit: Any) -> None:
            into = writer(unit, name)
            assert into is not None
            if update is None:
                into.delete(query_of(filter), multi=True)
            else:
                into.update(query_of(filter), compile_update(update), multi=True)

        try:
            self.documents.write(work)
        except FivefoldError as error:
            if error.number not in REFUSED:
                raise

    def rows(self, name: Name, table: str, columns: str) -> list[Any]:
        return [*self._database.sql(f'SELECT {columns} FROM {name[0]}."{name[1]}{table}"')]

    def check(self, name: Name) -> None:
        """Raise AssertionError if anything does not agree."""
        view = self._database.engine.snapshot.catalog.find(*name)
        if not isinstance(view, View) or view.collection is None:
            return
        shape = Shape(view.collection.shape)
        stored: dict[int, Document] = {}
        for place, key, raw in self.rows(name, "$", "place, key, bson"):
            document = stored[place] = decode(raw)
            assert key == key_of(document["_id"]), document
            grown: Paths = {}
            shape.examine(document, grown)
            assert not grown or all("$" in path for path in grown), (document, grown)
        shadows = [json.loads(shadow(one, plain=False)) for one in stored.values()]
        shown = [row[0] for row in self.rows(name, "", "doc")]
        assert same(shadows) == same(shown)
        for index in view.collection.indexes:
            keys = keys_of(index)
            expected = sorted((key, place) for place, one in stored.items() for key in keys.of(one))
            assert sorted(self.rows(name, f"${index.name}", "key, place")) == expected, index
            if index.unique:
                assert len({key for key, _ in expected}) == len(expected), index


def same(values: list[Any]) -> list[str]:
    """Return values so that those are equal which JSON holds equal, however numbers are written."""
    return sorted(json.dumps(plainly(one), sort_keys=True) for one in values)


def plainly(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: plainly(each) for name, each in value.items()}
    if isinstance(value, list):
        return [plainly(each) for each in value]
    if isinstance(value, float) and abs(value) < 2**63 and value.is_integer():
        return int(value)
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return float(value)
    return value


@pytest.fixture(scope="module")
def upkeep(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upkeep]:
    with (
        empty_store(str(tmp_path_factory.mktemp("upkeep") / "u.db")) as url,
        open_database(url, durability="off") as database,
    ):
        yield Upkeep(database)


@st.composite
def updates(draw: st.DrawFn, values: st.SearchStrategy[Any]) -> Document | None:
    """Return an update with operators or a whole document in the place, None for a delete."""
    name = draw(st.sampled_from(s.NAMES))
    operator = draw(
        st.sampled_from(("$set", "$set", "$unset", "$push", "$inc", "$rename", "", None))
    )
    if operator is None:
        return None
    value = draw(values)
    if operator == "":
        return {name: value}
    if operator == "$inc":
        value = draw(st.sampled_from((1, 2.5)))
    if operator == "$rename":
        value = "renamed"
    return {operator: {name: value}}


def some_unique(draw: Any, made: tuple[DocumentIndex, ...]) -> tuple[DocumentIndex, ...]:
    return tuple(
        replace(one, unique=all(way != HASHED for _, way in one.parts) and draw(st.booleans()))
        for one in made
    )


@QUICKLY
@given(st.one_of(alike(), alike(), DIFFERENT), indexes(), st.data())
def test_all_that_is_kept_agrees(
    upkeep: Upkeep, given_: tuple[list[Document], st.SearchStrategy[Document]],
    made: tuple[DocumentIndex, ...], data: st.DataObject,
) -> None:  # fmt: skip
    documents, filters = given_
    name = upkeep.fill([], some_unique(data.draw, made))
    values = st.sampled_from(
        [value for one in documents for key, value in one.items() if key != "_id"] or [1]
    )
    upkeep.insert(name, documents)
    upkeep.check(name)
    for _ in range(3):
        filter = data.draw(st.one_of(st.just({}), filters))
        upkeep.change(name, filter, data.draw(updates(values)))
        upkeep.check(name)
