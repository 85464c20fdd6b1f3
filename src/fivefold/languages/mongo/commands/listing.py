"""listCollections, listDatabases (manual, the pages of these names)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bson.int64 import Int64

from fivefold.catalog.containers import Table, View
from fivefold.languages.mongo.arguments import take, take_flag, take_number
from fivefold.languages.mongo.command import Command
from fivefold.languages.mongo.commands.reading import cursor_reply
from fivefold.languages.mongo.context import Context
from fivefold.languages.mongo.data import Item
from fivefold.languages.mongo.databases import collection_of, collections_of, databases
from fivefold.languages.mongo.match import matcher, parse_filter
from fivefold.languages.mongo.options import shown_options, uuid_of
from fivefold.languages.mongo.sizes import database_bytes
from fivefold.languages.unit import Unit
from fivefold.values.documents.kinds import Document

COLLECTIONS = "$cmd.listCollections"
"""The name of what the cursor of listCollections reads."""

ID_SPEC: Document = {"v": 2, "key": {"_id": 1}, "name": "_id_"}


def _matches(command: Document) -> Callable[[Document], bool]:
    filter = take(command, "filter", "object")
    return matcher(parse_filter(filter)) if filter else lambda document: True


def _told(container: Table | View, *, name_only: bool) -> Document:
    """Return what listCollections tells of a collection, a view or a table."""
    collection = collection_of(container)
    is_view = collection is not None and collection.source is not None
    told: Document = {"name": container.name, "type": "view" if is_view else "collection"}
    if name_only:
        return told
    if collection is None:
        return told | {"options": {}, "info": {"readOnly": True}, "idIndex": dict(ID_SPEC)}
    told["options"] = shown_options(collection)
    if is_view:
        return told | {"info": {"readOnly": True}}
    info = {"readOnly": False, "uuid": uuid_of(collection)}
    return told | {"info": info, "idIndex": dict(ID_SPEC)}


def _list_collections(context: Context, command: Document) -> Document:
    database = context.request.database
    matches = _matches(command)
    name_only = take_flag(command, "nameOnly") and "filter" not in command
    cursor = take(command, "cursor", "object", {})
    first: int | None = None
    if cursor.get("batchSize") is not None:
        first = take_number({"cursor": 1, **cursor}, "batchSize", 0, least=0)

    def work(unit: Unit) -> Iterator[Item]:
        shown = collections_of(unit.catalog, database)
        told = (_told(one, name_only=name_only) for one in shown)
        return iter([each for each in told if matches(each)])

    name = (database, COLLECTIONS)
    return cursor_reply(name, context.data.open(name, work, first))


def _list_databases(context: Context, command: Document) -> Document:
    matches = _matches(command)
    name_only = take_flag(command, "nameOnly")

    def work(unit: Unit) -> list[Document]:
        listed = []
        for name in databases(unit.catalog):
            told: Document = {"name": name}
            if not name_only:
                told |= {"sizeOnDisk": Int64(database_bytes(unit, name)), "empty": False}
            if matches(told):
                listed.append(told)
        return listed

    listed = context.data.read(work)
    if name_only:
        return {"databases": listed}
    total = sum(each["sizeOnDisk"] for each in listed)
    return {
        "databases": listed,
        "totalSize": Int64(total),
        "totalSizeMb": Int64(total // (1 << 20)),
    }


COMMANDS = (
    Command(
        "listCollections",
        _list_collections,
        ("filter", "nameOnly", "cursor", "authorizedCollections"),
        ("stable",),
        summary="Tell which collections and views a database has.",
    ),
    Command(
        "listDatabases",
        _list_databases,
        ("filter", "nameOnly", "authorizedDatabases"),
        ("scans", "admin", "stable"),
        summary="Tell which databases there are.",
    ),
)
