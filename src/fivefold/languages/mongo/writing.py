"""Insert, update, replace and delete, one document after the other, inside a unit's transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bson.objectid import ObjectId
from bson.timestamp import Timestamp

from fivefold.errors import FivefoldError, Violation
from fivefold.languages.mongo import collections
from fivefold.languages.mongo.collections import Name, Opened, entry_of, known_entry
from fivefold.languages.mongo.finding import Query
from fivefold.languages.mongo.match import matcher_with_position
from fivefold.languages.mongo.update.compile import Update
from fivefold.languages.mongo.update.storable import check_depth, check_id, with_timestamps
from fivefold.languages.mongo.validation import Validator
from fivefold.languages.unit import NeedsChange, Unit
from fivefold.models.document.records import Entry, Records
from fivefold.models.document.shape import Paths
from fivefold.values.documents.codec import DOCUMENT_BYTES_MAX, decode, encode
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import Document

Pair = tuple[bytes, Document]
"""A document's bytes with ``_id`` in front, and the document as a program has it."""

LOOKED_AT_FIRST = 100
"""Of many documents so many are looked at before the shape grows by what they bring."""

Given = bytes | Document | Pair
"""A document to be inserted: BSON's bytes as they came, the document, or both."""

_PLAIN_IDS = frozenset({int, str, ObjectId})
"""Classes whose values need no look before they become an ``_id``."""


@dataclass(slots=True)
class Done:
    """What a write did: documents matched, changed, inserted by an upsert."""

    matched: int = 0
    changed: int = 0
    upserted: Any = None
    is_upsert: bool = False


@dataclass(slots=True)
class Inserted:
    """How many documents were inserted, and what was wrong with others, by their number."""

    count: int = 0
    faults: dict[int, FivefoldError] = field(default_factory=dict)


def now_of(unit: Unit) -> datetime:
    """Return the unit's time, without zone."""
    return datetime.fromtimestamp(unit.now_ms / 1000, UTC).replace(tzinfo=None)


def with_id(given: Given, now: datetime) -> tuple[bytes, Document]:
    """Return a document as it will be stored: with an ``_id``, in front.

    Bytes that have it there stay as they are. Raises faults 53, 22, 10334 and 15.
    """
    raw: bytes | None
    if isinstance(given, tuple):
        raw, document = whole(given)
    else:
        if isinstance(given, bytes):
            raw, document = given, decode(given)
        else:
            raw, document = None, given
        if next(iter(document), None) != "_id":
            own = document.get("_id", None) if "_id" in document else ObjectId()
            document = {"_id": own} | document
            raw = None
        check_id(document["_id"])
    stamped = with_timestamps(document, now)
    if stamped is not document:
        document, raw = stamped, None
    if raw is None:
        raw = encode(document)
    if len(raw) > 1_000:  # nothing smaller is nested too deeply without being found out
        if len(raw) > DOCUMENT_BYTES_MAX:
            raise too_large(len(raw))
        check_depth(document)
    return raw, document


def whole(pair: Pair) -> Pair:
    """Return a pair whose document begins with an ``_id`` that may be one. Raises fault 53."""
    raw, document = pair
    if document["_id"].__class__ not in _PLAIN_IDS:
        document = decode(raw)
        check_id(document["_id"])
    elif next(iter(document)) != "_id":
        document = {"_id": document["_id"], **document}
    return raw, document


def quick_entry(opened: Opened, pair: Pair) -> Entry | None:
    """Return a document as it is stored in a collection that takes anything, and knows its like.

    None if there is more to do than to write it.
    """
    raw, document = pair
    if document["_id"].__class__ not in _PLAIN_IDS or not opened.takes_all:
        return None
    if next(iter(document)) != "_id":
        document = {"_id": document["_id"], **document}
    if len(raw) > 1_000:
        if len(raw) > DOCUMENT_BYTES_MAX:
            return None
        check_depth(document)
    entry = known_entry(raw, document, opened.shape)
    if entry is not None:
        return entry
    if Timestamp in map(type, document.values()):
        return None
    grown: Paths = {}
    entry = entry_of(raw, document, opened.shape, grown)
    return None if grown else entry


def too_large(size: int) -> FivefoldError:
    """Return the error for a document that is too large."""
    return fault(
        10334,
        f"BSONObj size: {size} is invalid. Size must be between 0 and {DOCUMENT_BYTES_MAX}(16MB)",
    )


class _NotTogether(Exception):
    """A document needs a look of its own."""


def is_own(error: FivefoldError) -> bool:
    """Say whether an error is of one document, and not of the whole transaction."""
    return error.number is not None and not error.retry


class Writer:
    """Writes to one collection in one unit. ``validates`` is false where a command bypasses it."""

    __slots__ = ("_grown", "_records", "_validator", "now", "opened", "unit")

    def __init__(self, unit: Unit, opened: Opened, *, validates: bool = True) -> None:
        self.unit = unit
        self.opened = opened
        self.now = now_of(unit)
        self._records: Records = opened.records(unit)
        self._grown: Paths = {}
        self._validator = Validator.of(unit, opened) if validates else None

    def _grow(self) -> None:
        """Have the shape grow, if it has to, before what needs it is written."""
        if self._grown:
            raise NeedsChange((self.opened.described(shape=self.opened.shape.merged(self._grown)),))

    def _entry(self, raw: bytes, document: Document) -> Entry:
        return entry_of(raw, document, self.opened.shape, self._grown)

    # Insert

    def insert(self, given: Sequence[Given], *, ordered: bool) -> Inserted:
        """Insert documents; of an ordered lot those before the first that is refused."""
        done = Inserted()
        if len(given) > 1 and self._together(given):
            done.count = len(given)
            return done
        entries: list[tuple[int, Entry]] = []
        for number, one in enumerate(given):
            try:
                raw, document = with_id(one, self.now)
                if self._validator is not None:
                    if one.__class__ is tuple:
                        document = decode(raw)
                    self._validator.check(document)
                entries.append((number, self._entry(raw, document)))
            except FivefoldError as error:
                if not is_own(error):
                    raise
                done.faults[number] = error
                if ordered:
                    break
            if number == LOOKED_AT_FIRST:
                self._grow()  # most are like the first ones: what is new is found out soon
        self._grow()
        if len(entries) > 1 and self._all(entries):
            done.count = len(entries)
        else:
            self._each(entries, done, ordered=ordered)
        self._cap()
        return done

    def _together(self, given: Sequence[Given]) -> bool:
        """Insert pairs, each made what is stored when its turn comes; False, and none is there."""
        records, opened = self._records, self.opened
        if not (opened.takes_all and records.numbers_itself):
            return False

        def rows() -> Iterator[tuple[bytes, bytes, str]]:
            for one in given:
                entry = quick_entry(opened, one) if isinstance(one, tuple) else None
                if entry is None:
                    raise _NotTogether
                yield entry[:3]

        try:
            records.insert_rows(rows())
        except _NotTogether:
            return False
        except FivefoldError as error:
            if not is_own(error) and not isinstance(error, Violation):
                raise
            return False
        return True

    def _all(self, entries: list[tuple[int, Entry]]) -> bool:
        """Insert all documents together; False, and none is there, if one is refused."""
        try:
            self._records.insert_many([entry for _, entry in entries])
        except FivefoldError as error:
            if not isinstance(error, Violation) and not is_own(error):
                raise
            return False
        return True

    def _each(self, entries: list[tuple[int, Entry]], done: Inserted, *, ordered: bool) -> None:
        for number, entry in entries:
            try:
                self._records.insert(entry)
                done.count += 1
            except FivefoldError as error:
                if not is_own(error):
                    raise
                done.faults[number] = error
                if ordered:
                    done.faults = {n: e for n, e in done.faults.items() if n <= number}
                    return

    def _cap(self) -> None:
        collection = self.opened.collection
        if collection.capped_bytes is not None or collection.capped_documents is not None:
            from fivefold.languages.mongo.capping import cap

            cap(self.unit, self.opened)

    # Update

    def update(
        self, query: Query, update: Update, *, multi: bool, upsert: Document | None = None
    ) -> Done:
        """Update what a query finds; ``upsert`` is its filter if one is to be made of it."""
        done = Done()
        for place, before, _ in self._found(query, None if multi else 1):
            done.matched += 1
            position = self.position(query, update, before)
            if self.change(place, before, update, position) is not None:
                done.changed += 1
        if not done.matched and upsert is not None:
            document = self.upserted(upsert, update)
            done.upserted, done.is_upsert = document["_id"], True
        return done

    def change(
        self, place: int, before: Document, update: Update, position: int | None
    ) -> Document | None:
        """Apply an update to a document; return what it became, None if it stayed the same."""
        after = update.apply(before, position=position, now=self.now)
        if after is before:
            return None
        self.put(place, before, after)
        return after

    def put(self, place: int, before: Document, after: Document) -> None:
        """Put a document, with the same ``_id``, in the place of another."""
        raw = encode(after)
        if len(raw) > DOCUMENT_BYTES_MAX:
            raise too_large(len(raw))
        if self._validator is not None:
            self._validator.check(after, before)
        entry = self._entry(raw, after)
        self._grow()
        self._records.replace(place, before, entry)

    def upserted(self, filter: Document, update: Update) -> Document:
        """Insert what an update makes of a filter that found nothing; return it."""
        raw, document = with_id(update.for_upsert(filter, now=self.now), self.now)
        if self._validator is not None:
            self._validator.check(document)
        entry = self._entry(raw, document)
        self._grow()
        self._records.insert(entry)
        self._cap()
        return document

    def position(self, query: Query, update: Update, document: Document) -> int | None:
        if not update.positional:
            return None
        return matcher_with_position(query.filter, query.variables)(document)[1]

    # Delete

    def delete(self, query: Query, *, multi: bool) -> int:
        """Delete what a query finds, or the first of it; return how many."""
        count = 0
        for place, document, _ in self._found(query, None if multi else 1):
            self._records.delete(place, document)
            count += 1
        return count

    def remove(self, place: int, document: Document) -> None:
        """Delete one document."""
        self._records.delete(place, document)

    def _found(self, query: Query, limit: int | None) -> list[tuple[int, Document, bytes]]:
        """Return what a query finds, all of it: what is written next must not be found again."""
        return [*self.found(query, limit)]

    def found(self, query: Query, limit: int | None) -> Iterator[tuple[int, Document, bytes]]:
        """Yield places, documents and their bytes."""
        if limit is not None:
            query = Query(
                query.filter,
                query.sorting,
                query.natural,
                query.skip,
                limit,
                query.hint,
                query.variables,
            )
        for place, raw in query.run(self.unit, self.opened):
            yield place, decode(raw), raw


def writer(unit: Unit, name: Name, *, validates: bool = True, makes: bool = True) -> Writer | None:
    """Return who writes to a collection; ``makes`` one that is not there, else None."""
    opened = collections.needed(unit, name) if makes else collections.find(unit, name)
    return None if opened is None else Writer(unit, opened, validates=validates)
