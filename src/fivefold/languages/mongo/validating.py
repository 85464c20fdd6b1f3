"""validate: is a collection as it should be, and do its indexes hold its documents' keys?"""

from __future__ import annotations

from bson.errors import InvalidBSON

from fivefold.languages.mongo import collections
from fivefold.languages.mongo.collections import Name, Opened
from fivefold.languages.mongo.validation import Validator
from fivefold.languages.unit import Unit
from fivefold.models.document import layout
from fivefold.models.document.keys import key_of
from fivefold.models.document.layout import Fixed
from fivefold.values.documents.codec import decode
from fivefold.values.documents.kinds import Document

Rows = list[tuple[bytes, int]]


def examine(unit: Unit, name: Name) -> Document:
    """Return what validate tells of a collection's documents and indexes."""
    opened = collections.find(unit, name)
    assert opened is not None
    plans = opened.plans.indexes
    wanted: dict[str, Rows] = {index: [] for index in plans}
    validator = Validator.of(unit, opened)
    errors: list[str] = []
    records = non_compliant = invalid = 0
    statement = Fixed(*name).read(
        "SELECT place, key, bson FROM {d} ORDER BY place", "", "place key bson", point=False
    )
    prepared = unit.remember(("examine", *name), lambda: unit.prepare(statement))
    for place, key, raw in unit.runner.stream(prepared):
        records += 1
        try:
            document = decode(raw)
        except InvalidBSON:
            invalid += 1
            continue
        if key_of(document.get("_id")) != key:
            errors.append(f"the key of the document at place {place} is not that of its _id")
        if validator is not None and not validator.allows(document):
            non_compliant += 1
        for index, plan in plans.items():
            wanted[index] += [(one, place) for one in plan.keys.of(document)]
    details: Document = {layout.ID_INDEX: {"valid": not errors}}
    keys = {layout.ID_INDEX: records}
    missing = extra = 0
    for index, rows in wanted.items():
        held = _held(unit, opened, index)
        keys[index] = len(held)
        lost, more = {*rows} - {*held}, {*held} - {*rows}
        missing, extra = missing + len(lost), extra + len(more)
        details[index] = {"valid": not lost and not more}
    if missing or extra:
        errors.append(f"{missing} keys are missing in indexes, {extra} are there in vain")
    if invalid:
        errors.append(f"{invalid} documents are no BSON")
    return {
        "nInvalidDocuments": invalid,
        "nNonCompliantDocuments": non_compliant,
        "nrecords": records,
        "nIndexes": len(keys),
        "keysPerIndex": keys,
        "indexDetails": details,
        "valid": not errors,
        "repaired": False,
        "warnings": [],
        "errors": errors,
        "extraIndexEntries": [],
        "missingIndexEntries": [],
        "corruptRecords": [],
    }


def _held(unit: Unit, opened: Opened, index: str) -> Rows:
    statement = Fixed(*opened.name, index).read(
        "SELECT key, place FROM {i}", "", "key place", point=False
    )
    prepared = unit.remember(("held", *opened.name, index), lambda: unit.prepare(statement))
    return [(bytes(key), place) for key, place in unit.runner.run(prepared)]
