"""What the filter of a partial index may say.

Source: manual, "Partial Indexes", Create a Partial Index: equality, ``$exists: true``, ``$gt``,
``$gte``, ``$lt``, ``$lte``, ``$type``, ``$and``, ``$or``, ``$in``.
"""

from __future__ import annotations

from typing import Any

from bson.regex import Regex

from fivefold.errors import FivefoldError
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import Document
from fivefold.values.documents.text import shown

DEPTH_MAX = 4
"""How deep ``$and`` and ``$or`` may lie in one another."""

_ALLOWED = frozenset({"$eq", "$gt", "$gte", "$lt", "$lte", "$type", "$in"})


def check_partial(filter: Document, intro: str) -> None:
    """Raise fault 67 for what no partial index can be by; ``intro`` begins the message."""
    from fivefold.languages.mongo.match import parse_filter

    parse_filter(filter)
    _check(filter, intro, 0)


def _check(filter: Document, intro: str, depth: int) -> None:
    if depth > DEPTH_MAX:
        raise fault(67, f"{intro}partialFilterExpression depth may not exceed {DEPTH_MAX}")
    for name, value in filter.items():
        if name in ("$and", "$or"):
            for each in value:
                _check(each, intro, depth + 1)
        elif name == "$expr":
            raise fault(224, f"{intro}$expr is not allowed in this context")
        elif (name.startswith("$") and name != "$comment") or isinstance(value, Regex):
            raise _refused(intro, name, value)
        elif isinstance(value, dict) and next(iter(value), "").startswith("$"):
            _check_operators(name, value, intro)


def _check_operators(path: str, operators: Document, intro: str) -> None:
    if next(iter(operators)) in ("$ref", "$id", "$db"):
        return
    for name, value in operators.items():
        if name == "$exists" and value:
            continue
        if name not in _ALLOWED:
            raise _refused(intro, f"{path} {name}", value)


def _refused(intro: str, what: str, value: Any) -> FivefoldError:
    text = f"Expression not supported in partial index: {what} {shown(value)}"
    return fault(67, intro + text)
