"""What $lookup and $graphLookup compare: the values of a field of either side, as ``$in`` does.

Source: manual 7.0, "$lookup (aggregation)", "Equality Match with a Single Join Condition", "Use
$lookup with an Array".
"""

from __future__ import annotations

from typing import Any

from fivefold.languages.mongo.match.tree import In, Node
from fivefold.values.documents.kinds import MISSING, Document
from fivefold.values.documents.order import hash_key
from fivefold.values.documents.paths import values_at


def local_values(document: Document, path: tuple[str, ...]) -> list[Any]:
    """Return what a local field is compared by: its value, or each element of an array; null if
    missing.
    """
    if len(path) == 1:
        value = document.get(path[0])
        return value if isinstance(value, list) else [value]
    found = []
    for value in values_at(document, path):
        if isinstance(value, list):
            continue  # its elements are among the values
        found.append(None if value is MISSING else value)
    return found


def foreign_keys(document: Document, path: tuple[str, ...]) -> set[Any]:
    """Return the hash keys of all that a value can equal to find the document."""
    return {hash_key(value) for value in values_at(document, path)}


def equal_to(path: tuple[str, ...], values: list[Any]) -> Node:
    """Return the filter for documents with any of the values."""
    return In(path, tuple(values))
