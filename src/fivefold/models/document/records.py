"""The documents of one collection over one connection: insert, replace, delete, with all indexes.

A document is written by one statement, and one more for each key it has in an index. Unique keys
are looked for before anything is written, so that a duplicate leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple, Protocol

from fivefold.errors import Conflict, Violation
from fivefold.models.document import layout
from fivefold.models.document.indexes import Keys, duplicate
from fivefold.models.document.layout import Fixed
from fivefold.plan.statement import Prepared, Statement
from fivefold.values.documents.kinds import Document
from fivefold.values.types import Type

Rows = list[tuple[Any, ...]]


class Runner(Protocol):
    """What records need of a store's connection."""

    def run(self, prepared: Prepared, parameters: Sequence[Any] = ()) -> Rows: ...
    def run_many(self, prepared: Prepared, rows: Iterable[Sequence[Any]]) -> int: ...
    def changes(self) -> int: ...
    def savepoint(self, name: str) -> None: ...
    def release(self, name: str) -> None: ...
    def rollback_to(self, name: str) -> None: ...


TOGETHER = "fivefold_documents"
"""The savepoint around documents that are inserted together."""


class Entry(NamedTuple):
    """A document on its way into the store, with the key of its ``_id``."""

    key: bytes
    raw: bytes
    shadow: str
    document: Document


class IndexPlans:
    """The statements over one index."""

    __slots__ = ("delete", "find", "insert", "keys", "unique")

    def __init__(self, prepare: Callable[[Statement], Prepared], fixed: Fixed, keys: Keys) -> None:
        self.keys = keys
        self.unique = keys.definition.unique
        self.insert = prepare(
            fixed.write("INSERT INTO {i} (key, place) VALUES (?, ?)", "key place")
        )
        self.delete = prepare(
            fixed.write("DELETE FROM {i} WHERE key = ? AND place = ?", "key place")
        )
        self.find = prepare(fixed.read("SELECT place FROM {i} WHERE key = ?", "key", "place"))


class Plans:
    """The statements over one collection as the catalog has it, prepared by a store.

    ``keys`` are those of its indexes, as the language has made them.
    """

    __slots__ = (
        "delete",
        "get",
        "indexes",
        "insert",
        "insert_next",
        "last",
        "locate",
        "name",
        "namespace",
        "numbered",
        "replace",
    )

    def __init__(
        self,
        prepare: Callable[[Statement], Prepared],
        namespace: str,
        name: str,
        keys: Iterable[Keys],
        document: Type,
        *,
        numbered: bool,
    ) -> None:
        self.namespace, self.name = namespace, name
        self.numbered = numbered
        fixed = Fixed(namespace, name)
        table = layout.documents(namespace, name, document)
        self.get = prepare(fixed.read("SELECT bson FROM {d} WHERE key = ?", "key", "bson"))
        self.locate = prepare(
            fixed.read("SELECT place, bson FROM {d} WHERE key = ?", "key", "place bson")
        )
        self.last = prepare(fixed.read("SELECT max(place) FROM {d}", "", "place"))
        self.insert = prepare(
            fixed.write(
                "INSERT INTO {d} (place, key, bson, doc) VALUES (?, ?, ?, {shadow})",
                "place key bson doc",
                table,
            )
        )
        self.insert_next = prepare(
            fixed.write(
                "INSERT INTO {d} (key, bson, doc) VALUES (?, ?, {shadow})", "key bson doc", table
            )
        )
        self.replace = prepare(
            fixed.write(
                "UPDATE {d} SET bson = ?, doc = {shadow} WHERE place = ?", "bson doc place", table
            )
        )
        self.delete = prepare(fixed.write("DELETE FROM {d} WHERE place = ?", "place", table))
        self.indexes: Mapping[str, IndexPlans] = {
            one.definition.name: IndexPlans(
                prepare, Fixed(namespace, name, one.definition.name), one
            )
            for one in keys
        }


class Records:
    """The documents of a collection, inside the transaction that the connection has open.

    ``stamp`` gives numbers that rise: places, where the store has more than one writer.
    """

    __slots__ = ("_places", "_run", "_run_many", "_runner", "_stamp", "plans")

    def __init__(self, runner: Runner, plans: Plans, stamp: Callable[[], int]) -> None:
        self.plans = plans
        self._runner = runner
        self._run = runner.run
        self._run_many = runner.run_many
        self._stamp = stamp
        self._places: int | None = None

    # Reading

    def get(self, key: bytes) -> bytes | None:
        """Return the document with that key of ``_id``."""
        rows = self._run(self.plans.get, (key,))
        return rows[0][0] if rows else None

    def locate(self, key: bytes) -> tuple[int, bytes] | None:
        """Return its place and the document."""
        rows = self._run(self.plans.locate, (key,))
        return rows[0] if rows else None

    # Writing

    def insert(self, entry: Entry) -> None:
        """Insert a document. Raises fault 11000, and nothing was written then."""
        plans = self.plans
        key, raw, shadow, document = entry
        if not plans.indexes:
            self._insert_row(entry)
            return
        keyed = [(index, index.keys.of(document)) for index in plans.indexes.values()]
        for index, keys in keyed:
            if index.unique and keys:
                self._refuse_taken(index, keys, None, document)
        place = self._next_place()
        try:
            self._run(plans.insert, (place, key, raw, shadow))
        except Violation as error:
            raise self._refused(error, entry) from None
        for index, keys in keyed:
            for one in keys:
                self._put_key(index, one, place)

    def _put_key(self, index: IndexPlans, key: bytes, place: int) -> None:
        """Put a key that nobody was seen to have; if it is taken, then by one who writes beside."""
        try:
            self._run(index.insert, (key, place))
        except Violation:
            raise _beside() from None

    def _insert_row(self, entry: Entry) -> None:
        key, raw, shadow, _ = entry
        try:
            if self.plans.numbered:
                self._run(self.plans.insert_next, (key, raw, shadow))
            else:
                self._run(self.plans.insert, (self._stamp(), key, raw, shadow))
        except Violation as error:
            raise self._refused(error, entry) from None

    @property
    def numbers_itself(self) -> bool:
        """Say whether documents are rows and nothing else, which the store gives their places."""
        return self.plans.numbered and not self.plans.indexes

    def insert_rows(self, rows: Iterable[tuple[bytes, bytes, str]]) -> None:
        """Insert key, document and shadow of each, all or none; if ``numbers_itself``."""
        self._run_many(self.plans.insert_next, rows)

    def insert_many(self, entries: Sequence[Entry]) -> None:
        """Insert documents, all or none. Raises Violation without saying which was refused."""
        plans = self.plans
        if self.numbers_itself:
            self.insert_rows([entry[:3] for entry in entries])
            return
        first = self._next_place()
        places = (
            range(first, first + len(entries))
            if plans.numbered
            else [first, *(self._stamp() for _ in entries[1:])]
        )
        keyed = [
            (index, [*_keyed(index.keys, places, entries)]) for index in plans.indexes.values()
        ]
        self._runner.savepoint(TOGETHER)
        try:
            self._run_many(
                plans.insert,
                [(place, *entry[:3]) for place, entry in zip(places, entries, strict=True)],
            )
            for index, rows in keyed:
                rows.sort()
                if rows:
                    self._run_many(index.insert, rows)
        except Violation:
            self._runner.rollback_to(TOGETHER)
            self._runner.release(TOGETHER)
            self._places = None
            raise
        self._runner.release(TOGETHER)
        self._places = places[-1]

    def replace(self, place: int, before: Document, entry: Entry) -> None:
        """Put a document with the same ``_id`` in the place of another."""
        changed = []
        for index in self.plans.indexes.values():
            old, new = index.keys.of(before), index.keys.of(entry.document)
            if old != new:
                gone, come = [*{*old} - {*new}], [*{*new} - {*old}]
                if index.unique and come:
                    self._refuse_taken(index, come, place, entry.document)
                changed.append((index, gone, come))
        self._run(self.plans.replace, (entry.raw, entry.shadow, place))
        for index, gone, come in changed:
            for key in gone:
                self._run(index.delete, (key, place))
            for key in come:
                self._put_key(index, key, place)

    def delete(self, place: int, document: Document | None) -> None:
        """Delete a document; it may be None where there are no indexes."""
        self._run(self.plans.delete, (place,))
        for index in self.plans.indexes.values():
            assert document is not None
            for key in index.keys.of(document):
                self._run(index.delete, (key, place))

    def build(
        self,
        names: Iterable[str],
        documents: Iterable[tuple[int, Document]],
        at: Callable[[int], Document],
    ) -> None:
        """Put documents, with their places, into new indexes; ``at`` finds the one at a place.

        Raises fault 11000 for a key that a unique index has twice.
        """
        building = [(self.plans.indexes[name], Rows()) for name in names]
        for place, document in documents:
            for index, rows in building:
                rows += [(key, place) for key in index.keys.of(document)]
        for index, rows in building:
            rows.sort()  # rows that come in the order of the table are written fastest
            if index.unique:
                for (key, _), (next_key, place) in pairwise(rows):
                    if key == next_key:
                        raise self._duplicate(index, at(place))
            self._run_many(index.insert, rows)

    def _next_place(self) -> int:
        if not self.plans.numbered:
            return self._stamp()
        if self._places is None:
            self._places = self._run(self.plans.last)[0][0] or 0
        self._places += 1
        return self._places

    def _refuse_taken(
        self, index: IndexPlans, keys: list[bytes], place: int | None, document: Document
    ) -> None:
        for key in keys:
            taken = self._run(index.find, (key,))
            if taken and taken[0][0] != place:
                raise self._duplicate(index, document)

    def _duplicate(self, index: IndexPlans, document: Document) -> Exception:
        definition = index.keys.definition
        shown = index.keys.shown(document)
        return duplicate(self._collection, definition.name, definition.parts, shown)

    def _refused(self, error: Violation, entry: Entry) -> Exception:
        """Return the error of a document whose ``_id``, or beside other writers place, is taken."""
        if self.get(entry.key) is None:
            return _beside()
        values = {"_id": entry.document["_id"]}
        return duplicate(self._collection, layout.ID_INDEX, (("_id", 1),), values)

    @property
    def _collection(self) -> str:
        return f"{self.plans.namespace}.{self.plans.name}"


def _beside() -> Conflict:
    return Conflict("another transaction wrote at the same time")


def _keyed(
    keys: Keys, places: Iterable[int], entries: Iterable[Entry]
) -> Iterator[tuple[bytes, int]]:
    for place, entry in zip(places, entries, strict=True):
        for key in keys.of(entry.document):
            yield key, place
