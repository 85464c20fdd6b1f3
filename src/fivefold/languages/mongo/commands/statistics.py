"""dbStats, collStats, dataSize, validate (manual, the pages of these names).

Documents are counted and measured exactly, which takes a scan; storage and indexes are what the
store says that their tables take.
"""

from __future__ import annotations

import time
from typing import Any

from bson.int64 import Int64

from fivefold.catalog.containers import Table, View
from fivefold.languages.mongo.arguments import take, take_flag, take_number
from fivefold.languages.mongo.collections import Name
from fivefold.languages.mongo.command import Command
from fivefold.languages.mongo.commands.common import collection_name
from fivefold.languages.mongo.context import Context
from fivefold.languages.mongo.databases import collection_of, collections_of
from fivefold.languages.mongo.namespaces import check_collection
from fivefold.languages.mongo.options import as_view, uuid_of
from fivefold.languages.mongo.sizes import Sizes, counted, sizes_of
from fivefold.languages.unit import Unit
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import Document


def storage_stats(unit: Unit, name: Name, scale: int = 1) -> Document:
    """Return what collStats and $collStats tell of how a collection is stored.

    Raises 166 for a view. A collection that is not there is empty.
    """
    found = unit.catalog.find(*name)
    view = as_view(found, name) if found is not None else None
    collection = None if view is None else view.collection
    if collection is not None and collection.source is not None:
        raise fault(166, f"Namespace {'.'.join(name)} is a view, not a collection")
    sizes = Sizes() if view is None else sizes_of(unit, view)
    told: Document = {"size": sizes.documents // scale, "count": sizes.count}
    if sizes.count:
        told["avgObjSize"] = sizes.documents // sizes.count
    told |= {
        "numOrphanDocs": 0,
        "storageSize": sizes.storage // scale,
        "freeStorageSize": 0,
        "capped": collection is not None and collection.capped_bytes is not None,
    }
    if collection is not None and collection.capped_bytes is not None:
        told["max"] = collection.capped_documents or 0
        told["maxSize"] = collection.capped_bytes // scale
    return told | {
        "nindexes": len(sizes.indexes),
        "indexBuilds": [],
        "totalIndexSize": sizes.total_index // scale,
        "totalSize": (sizes.storage + sizes.total_index) // scale,
        "indexSizes": {index: size // scale for index, size in sizes.indexes.items()},
        "scaleFactor": scale,
    }


def _scale(command: Document) -> int:
    return take_number(command, "scale", 1, least=1)


def _coll_stats(context: Context, command: Document) -> Document:
    name = collection_name(context, command)
    scale = _scale(command)
    told = context.data.read(lambda unit: storage_stats(unit, name, scale))
    return {"ns": ".".join(name), **told}


def _db_stats(context: Context, command: Document) -> Document:
    database = context.request.database
    scale = _scale(command)

    def work(unit: Unit) -> Document:
        shown = collections_of(unit.catalog, database)
        views = [one for one in shown if _is_view(one)]
        measured = [sizes_of(unit, one) for one in shown if isinstance(one, View)]
        objects = sum(each.count for each in measured)
        data = sum(each.documents for each in measured)
        storage = sum(each.storage for each in measured)
        indexes = sum(each.total_index for each in measured)
        return {
            "db": database,
            "collections": Int64(len(shown) - len(views)),
            "views": Int64(len(views)),
            "objects": Int64(objects),
            "avgObjSize": data / objects if objects else 0.0,
            "dataSize": data / scale,
            "storageSize": storage / scale,
            "indexes": Int64(sum(len(each.indexes) for each in measured)),
            "indexSize": indexes / scale,
            "totalSize": (storage + indexes) / scale,
            "scaleFactor": Int64(scale),
        }

    return context.data.read(work)


def _is_view(container: Table | View) -> bool:
    collection = collection_of(container)
    return collection is not None and collection.source is not None


def _data_size(context: Context, command: Document) -> Document:
    given = take(command, "dataSize", "string", "")
    database, _, own = given.partition(".")
    check_collection(database, own)
    for field in ("keyPattern", "min", "max"):
        if command.get(field) is not None:
            raise fault(
                238,
                f"dataSize does not measure a range: leave out '{field}', or sum $bsonSize in a"
                " pipeline that matches it",
            )
    began = time.monotonic()

    def work(unit: Unit) -> tuple[int, int]:
        found = unit.catalog.find(database, own)
        if found is None:
            return 0, 0
        view = as_view(found, (database, own))
        if _is_view(view):
            raise fault(166, f"Namespace {given} is a view, not a collection")
        return counted(unit, view)

    count, size = context.data.read(work)
    return {
        "size": Int64(size),
        "numObjects": Int64(count),
        "millis": Int64((time.monotonic() - began) * 1000),
        "estimate": False,
    }


def _validate(context: Context, command: Document) -> Document:
    name = collection_name(context, command)
    for field in ("repair", "fixMultikey"):
        if take_flag(command, field):
            raise fault(238, f"validate does not {field}: create what it finds broken again")

    def work(unit: Unit) -> Document:
        from fivefold.languages.mongo.validating import examine

        found = unit.catalog.find(*name)
        if found is None:
            raise fault(26, f"Collection '{'.'.join(name)}' does not exist to validate.")
        view = as_view(found, name)
        if _is_view(view):
            raise fault(166, "Cannot validate a view")
        assert view.collection is not None
        told: dict[str, Any] = {"ns": ".".join(name), "uuid": uuid_of(view.collection)}
        return told | examine(unit, name)

    return context.data.read(work)


_FLAGS = ("scans",)

COMMANDS = (
    Command(
        "collStats", _coll_stats, ("scale",), _FLAGS, summary="Tell how large a collection is."
    ),
    Command(
        "dbStats",
        _db_stats,
        ("scale", "freeStorage"),
        _FLAGS,
        summary="Tell how large a database is.",
        aliases=("dbstats",),
    ),
    Command(
        "dataSize",
        _data_size,
        ("keyPattern", "min", "max", "estimate"),
        _FLAGS,
        summary="Tell how large the documents of a collection are.",
    ),
    Command(
        "validate",
        _validate,
        ("full", "repair", "fixMultikey", "metadata", "background", "checkBSONConformance"),
        _FLAGS,
        summary="Look whether a collection and its indexes are as they should be.",
    ),
)
