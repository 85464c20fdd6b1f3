"""What may be stored: the depth of documents, names that begin with a dollar, values of ``_id``.

Source: manual, "MongoDB Limits and Thresholds" (nested depth), "Field Names with Periods and Dollar
Signs", "The _id Field".
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson.timestamp import Timestamp

from fivefold.errors import FivefoldError
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import NAMES, Document, Kind, kind_of
from fivefold.values.documents.order import milliseconds

DEPTH_MAX = 100
"""Levels that documents and arrays may be nested in one another (manual, same page)."""

_NO_IDS = frozenset({Kind.ARRAY, Kind.REGEX, Kind.UNDEFINED})
_REFERENCE = ("$ref", "$id", "$db")


def depth_of(value: Any, most: int = DEPTH_MAX) -> int:
    """Return how many levels a value has: 0 if it is no document or array; stops past ``most``."""
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list):
        return 0
    if most < 0:
        return 1
    return 1 + max((depth_of(each, most - 1) for each in value), default=0)


def check_depth(document: Document, above: int = 0) -> None:
    """Raise fault 15 (Overflow) for a document that is nested too deeply.

    ``above`` counts the levels that lie over it.
    """
    if above + depth_of(document, DEPTH_MAX - above) > DEPTH_MAX:
        raise too_deep()


def too_deep() -> FivefoldError:
    """Return the error that a document nested too deeply is."""
    return fault(15, f"Document exceeds maximum nesting depth of {DEPTH_MAX}")


def check_id(value: Any) -> None:
    """Raise fault 53 or 52 for what cannot be a document's ``_id``."""
    kind = kind_of(value)
    if kind in _NO_IDS:
        raise fault(53, f"The '_id' value cannot be of type {NAMES[kind]}")
    if kind is Kind.OBJECT:
        for name in value:
            if name.startswith("$") and not _is_reference(value):
                text = f"{name} is not valid for storage."
                raise fault(52, f"_id fields may not contain '$'-prefixed fields: {text}")


def check_top_name(name: str) -> None:
    """Raise fault 52 for a field of a document's own that an update may not write."""
    if name.startswith("$"):
        raise fault(
            52,
            f"The dollar ($) prefixed field '{name}' in '{name}' is not allowed in the context of"
            " an update's replacement document. Consider using an aggregation pipeline with"
            " $replaceWith.",
        )


def _is_reference(value: Document) -> bool:
    names = tuple(value)
    return names[:2] == _REFERENCE[:2] and all(
        name == "$db" or not name.startswith("$") for name in names[2:]
    )


_EMPTY = Timestamp(0, 0)


def with_timestamps(document: Document, now: datetime) -> Document:
    """Return a document with the time in place of the empty timestamps among its own fields.

    Source: manual, "BSON Types", Timestamps. ``_id`` is left alone.
    """
    if Timestamp not in map(type, document.values()):
        return document
    empty = [name for name, value in document.items() if value == _EMPTY and name != "_id"]
    if not empty:
        return document
    time = Timestamp(milliseconds(now) // 1000, 1)
    return document | dict.fromkeys(empty, time)


def id_first(document: Document) -> Document:
    """Return a document with its ``_id``, if it has one, before all other fields."""
    if "_id" not in document or next(iter(document)) == "_id":
        return document
    return {"_id": document["_id"]} | document
