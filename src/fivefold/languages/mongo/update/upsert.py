"""The fields that an upsert takes from its filter: those it demands to be equal to something.

They come in the order of their paths. Source: manual, "db.collection.updateOne()", "Upsert with
Operator Expressions", "Upsert with Dotted _id Query".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bson.regex import Regex

from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import Document
from fivefold.values.documents.paths import parse_path
from fivefold.values.documents.text import shown_field

_REFERENCE = ("$ref", "$id", "$db")


def document_of_filter(filter: Document, *, only_id: bool) -> Document:
    """Return the document of a filter's equalities; with ``only_id`` of those about ``_id``.

    Raises faults 54 (a path twice), 111 (``_id`` by its parts), 28 (a way through a scalar), 224
    (``$expr``, of which nobody can tell what it demands).
    """
    found: dict[str, Any] = {}
    for path, value in _equalities(filter):
        if only_id:
            if path.partition(".")[0] != "_id":
                continue
            if path != "_id":
                raise fault(
                    111,
                    f"field at '_id' must be exactly specified, field at sub-path '{path}'found",
                )
        _check_new(found, path)
        found[path] = value
    document: Document = {}
    for path in sorted(found):
        _put(document, path, found[path])
    return document


def _equalities(filter: Document) -> Iterator[tuple[str, Any]]:
    for name, condition in filter.items():
        if name == "$expr":
            text = "$expr is not allowed in the query predicate for an upsert"
            raise fault(224, text)
        if name == "$and" or (name == "$or" and len(condition) == 1):
            for each in condition:
                yield from _equalities(each)
        elif not name.startswith("$"):
            yield from ((name, value) for value in _values_demanded(condition))


def _values_demanded(condition: Any) -> Iterator[Any]:
    first = next(iter(condition), "") if isinstance(condition, dict) else ""
    if not first.startswith("$") or first in _REFERENCE:
        if not isinstance(condition, Regex):
            yield condition
        return
    for name, value in condition.items():
        if name == "$eq":
            yield value
        elif name == "$in" and len(value) == 1 and not isinstance(value[0], Regex):
            yield value[0]
        elif name == "$all":
            yield from (each for each in value if not _is_condition(each))


def _is_condition(value: Any) -> bool:
    return isinstance(value, Regex) or (isinstance(value, dict) and "$elemMatch" in value)


def _check_new(found: Document, path: str) -> None:
    parts = parse_path(path)
    for size in range(len(parts), 0, -1):
        above = ".".join(parts[:size])
        if above not in found:
            continue
        problem = (
            f"path '{path}' is matched twice"
            if above == path
            else f"both paths '{path}' and '{above}' are matched"
        )
        raise fault(54, f"cannot infer query fields to set, {problem}")


def _put(document: Document, path: str, value: Any) -> None:
    parts = parse_path(path)
    parent = document
    for place, name in enumerate(parts[:-1]):
        child = parent.get(name)
        if name not in parent:
            child = parent[name] = {}
        elif isinstance(child, dict):
            child = parent[name] = child.copy()  # it may be the filter's own
        else:
            raise fault(
                28,
                f"cannot use the part ({name} of {path}) to traverse the element"
                f" ({{{shown_field(parts[place], child)}}})",
            )
        parent = child
    parent[parts[-1]] = value
