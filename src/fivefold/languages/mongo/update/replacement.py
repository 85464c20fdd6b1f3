"""A document in another's place: ``_id`` stays what and where it is.

Source: manual, "db.collection.replaceOne()", Behavior; "The _id Field".
"""

from __future__ import annotations

from collections.abc import Callable

from fivefold.languages.mongo.update.storable import (
    check_depth,
    check_top_name,
    id_first,
    with_timestamps,
)
from fivefold.languages.mongo.update.tree import Application
from fivefold.values.documents.faults import fault
from fivefold.values.documents.identity import identical
from fivefold.values.documents.kinds import Document
from fivefold.values.documents.order import equal
from fivefold.values.documents.text import shown_field


def replaced(at: Application, new: Document) -> Document:
    """Return the new document in the old one's place: with its ``_id``, which may not change."""
    old = at.root
    if "_id" not in new:
        if "_id" in old:
            new = {"_id": old["_id"]} | new
    elif "_id" in old and not equal(new["_id"], old["_id"]):
        raise fault(
            66,
            "After applying the update, the (immutable) field '_id' was found to have been altered"
            f" to {shown_field('_id', new['_id'])}",
        )
    new = id_first(new)
    return old if identical(old, new) else new


def replacing(replacement: Document) -> Callable[[Application], Document]:
    """Return what puts a replacement in a document's place. Raises faults 15, 52, 66."""

    def change(at: Application) -> Document:
        for name in replacement:
            check_top_name(name)
        check_depth(replacement)
        return replaced(at, with_timestamps(replacement, at.now))

    return change
