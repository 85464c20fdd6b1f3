"""What commands on collections have in common."""

from __future__ import annotations

from typing import Any

from fivefold.languages.mongo.arguments import wrong_type
from fivefold.languages.mongo.collections import Name
from fivefold.languages.mongo.context import Context
from fivefold.languages.mongo.namespaces import check_collection
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import Document


def collection_name(context: Context, command: Document) -> Name:
    """Return the collection that a command is for: its first field, in the request's database."""
    field = next(iter(command))
    given = command[field]
    if not isinstance(given, str):
        raise fault(73, f"collection name has invalid type {wrong_name(given)}")
    check_collection(context.request.database, given)
    return context.request.database, given


def wrong_name(value: Any) -> str:
    """Return MongoDB's name of a value's type."""
    from fivefold.languages.mongo.arguments import type_name

    return type_name(value)


def simple_collation(given: Document) -> None:
    """Refuse an order of texts other than the one there is: by their bytes."""
    collation = given.get("collation")
    if collation is None or collation == {}:
        return
    if not isinstance(collation, dict):
        raise wrong_type("collation", collation, "object")
    if collation.get("locale") != "simple":
        raise fault(
            9,
            f"collation {collation.get('locale')!r} is not supported: texts compare by their bytes "
            "(locale 'simple'). Keep what you compare by in a field of its own, in lower case.",
        )
