"""Documents whose time has passed, by their TTL indexes (manual, "TTL Indexes").

A document goes when the earliest date at the index's path is so many seconds ago. What is no date
stays for ever, and so does what a partial index leaves out.
"""

from __future__ import annotations

from bson.datetime_ms import DatetimeMS

from fivefold.catalog.containers import DocumentIndex
from fivefold.languages.mongo import collections
from fivefold.languages.mongo.collections import Name, Opened
from fivefold.languages.unit import Unit
from fivefold.models.document.indexes import HASHED
from fivefold.models.document.keys import BRACKETS, HIGHEST, complement, key_of
from fivefold.models.document.layout import Fixed
from fivefold.plan.statement import Prepared
from fivefold.values.documents.codec import decode
from fivefold.values.documents.kinds import Kind

_DATES = BRACKETS[Kind.DATE]


def is_due(unit: Unit, name: Name) -> bool:
    """Say whether a collection holds documents whose time has passed."""
    opened = _opened(unit, name)
    return opened is not None and any(_places(unit, opened, index, 1) for index in expiring(opened))


def expire(unit: Unit, name: Name, most: int) -> int:
    """Delete at most so many of them for each TTL index; return how many."""
    opened = _opened(unit, name)
    if opened is None:
        return 0
    records = opened.records(unit)
    count = 0
    for index in expiring(opened):
        for place in _places(unit, opened, index, most):
            rows = unit.runner.run(_document_at(unit, opened), (place,))
            if rows:
                records.delete(place, decode(rows[0][0]))
                count += 1
    return count


def expiring(opened: Opened) -> list[DocumentIndex]:
    """Return the indexes of a collection by which documents go."""
    return [
        index
        for index in opened.collection.indexes
        if index.expire_seconds is not None and index.parts[0][1] != HASHED
    ]


def _opened(unit: Unit, name: Name) -> Opened | None:
    return collections.find(unit, name) if collections.is_stored(unit, name) else None


def _places(unit: Unit, opened: Opened, index: DocumentIndex, most: int) -> list[int]:
    """Return the places of documents that an index says are to go, each once."""
    assert index.expire_seconds is not None
    last_ms = unit.now_ms - int(index.expire_seconds * 1000)
    low, high = _DATES, key_of(DatetimeMS(last_ms)) + HIGHEST
    if index.parts[0][1] == -1:
        low, high = complement(key_of(DatetimeMS(last_ms))), complement(_DATES) + HIGHEST

    def prepare() -> Prepared:
        fixed = Fixed(*opened.name, index.name)
        text = "SELECT place FROM {i} WHERE key >= ? AND key < ? ORDER BY key LIMIT ?"
        return unit.prepare(fixed.read(text, "low high count", "place"))

    prepared = unit.remember(("expiring", *opened.name, index.name), prepare)
    rows = unit.runner.run(prepared, (low, high, most))
    return list(dict.fromkeys(place for (place,) in rows))


def _document_at(unit: Unit, opened: Opened) -> Prepared:
    def prepare() -> Prepared:
        fixed = Fixed(*opened.name)
        return unit.prepare(fixed.read("SELECT bson FROM {d} WHERE place = ?", "place", "bson"))

    return unit.remember(("document at", *opened.name), prepare)
