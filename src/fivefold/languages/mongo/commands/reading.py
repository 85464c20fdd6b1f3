"""find, count, distinct, getMore, killCursors.

Source: manual, "Query and Write Operation Commands".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bson.int64 import Int64

from fivefold.languages.mongo.arguments import need, take, take_flag, take_number, wrong_type
from fivefold.languages.mongo.collections import Name
from fivefold.languages.mongo.command import Command
from fivefold.languages.mongo.commands.common import collection_name, simple_collation
from fivefold.languages.mongo.context import Context
from fivefold.languages.mongo.counting import count
from fivefold.languages.mongo.data import Batch, Item
from fivefold.languages.mongo.finding import Query, query_of
from fivefold.languages.mongo.lower.distinct import distinct_values
from fivefold.languages.mongo.projection.find import Projection, compile_projection
from fivefold.languages.mongo.sources import read
from fivefold.languages.unit import Unit
from fivefold.values.documents.codec import DOCUMENT_BYTES_MAX, decode, encode
from fivefold.values.documents.faults import executing, fault
from fivefold.values.documents.kinds import MISSING, Document
from fivefold.values.documents.order import hash_key
from fivefold.values.documents.paths import ends_at, parse_path

FIRST_BATCH = 101
"""Documents of a find's first reply, if it does not say (manual, "Cursor Batches")."""

_INSTEAD = {
    "tailable": "tailable cursors are not supported: ask again for what has a greater _id than the "
    "last",
    "awaitData": "tailable cursors are not supported: ask again for what has a greater _id than "
    "the last",
    "min": "min is not supported: say the bound in the filter, with $gte",
    "max": "max is not supported: say the bound in the filter, with $lt",
    "returnKey": "returnKey is not supported: project the fields of the index",
    "showRecordId": "showRecordId is not supported: documents are told apart by _id",
}
"""What a find may ask of MongoDB besides, and what to do instead."""


def cursor_reply(name: Name, batch: Batch, field: str = "firstBatch") -> Document:
    """Return a reply with a cursor's documents."""
    namespace = ".".join(name)
    return {"cursor": {field: batch.items, "id": Int64(batch.cursor), "ns": namespace}}


def query_of_find(command: Document) -> tuple[Query, Projection | None]:
    """Return what a find asks for, and what its documents are to become."""
    simple_collation(command)
    if not _INSTEAD.keys().isdisjoint(command):
        for asked, instead in _INSTEAD.items():
            if command.get(asked):
                raise fault(115, instead)
    filter = take(command, "filter", "object", {})
    skip = take_number(command, "skip", 0, least=0)
    limit = take_number(command, "limit", 0)
    if limit < 0:
        raise fault(51024, f"BSON field 'limit' value must be >= 0, actual value '{limit}'")
    query = query_of(
        filter,
        take(command, "sort", "object"),
        skip,
        limit or None,
        command.get("hint"),
        take(command, "let", "object"),
    )
    given = take(command, "projection", "object")
    return query, compile_projection(given, filter) if given else None


def _find(context: Context, command: Document) -> Document:
    name = collection_name(context, command)
    query, project = query_of_find(command)
    first: int | None = take_number(command, "batchSize", FIRST_BATCH, least=0)
    single = take_flag(command, "singleBatch")
    if single:
        first = first or None

    def work(unit: Unit) -> Iterator[Item]:
        return read(unit, name, query, project)

    with executing("Executor error during find command"):
        batch = context.data.open(name, work, first)
    if single and batch.cursor:
        context.data.kill(name, [batch.cursor])
        batch = Batch(batch.items, 0)
    return cursor_reply(name, batch)


def _get_more(context: Context, command: Document) -> Document:
    cursor = command["getMore"]
    if not isinstance(cursor, int) or isinstance(cursor, bool):
        raise wrong_type("getMore.getMore", cursor, "long")
    own = need(command, "collection", "string")
    name = (context.request.database, own)
    count_ = take_number(command, "batchSize", 0, least=0) or None
    with executing("Executor error during getMore"):
        return cursor_reply(name, context.data.more(name, cursor, count_), "nextBatch")


def _kill_cursors(context: Context, command: Document) -> Document:
    name = collection_name(context, command)
    given = need(command, "cursors", "array")
    if not all(isinstance(each, int) and not isinstance(each, bool) for each in given):
        raise wrong_type("killCursors.cursors", given, "long")
    killed, unknown = context.data.kill(name, list(map(int, given)))
    return {
        "cursorsKilled": list(map(Int64, killed)),
        "cursorsNotFound": list(map(Int64, unknown)),
        "cursorsAlive": [],
        "cursorsUnknown": [],
    }


def _count(context: Context, command: Document) -> Document:
    name = collection_name(context, command)
    simple_collation(command)
    limit = abs(take_number(command, "limit", 0))
    skip = take_number(command, "skip", 0, least=0)
    query = query_of(
        take(command, "query", "object", {}), None, skip, limit or None, command.get("hint")
    )
    return {"n": context.data.read(lambda unit: count(unit, name, query))}


def _distinct(context: Context, command: Document) -> Document:
    name = collection_name(context, command)
    simple_collation(command)
    key = need(command, "key", "string")
    query = query_of(take(command, "query", "object", {}), hint=command.get("hint"))
    path = parse_path(key)

    def work(unit: Unit) -> list[Any]:
        values = distinct_values(unit, name, query, path)
        if values is not None:
            return values
        found: dict[Any, Any] = {}
        for item in read(unit, name, query, None):
            document = decode(item) if isinstance(item, bytes) else item
            for end in ends_at(document, path):
                for value in end if isinstance(end, list) else (end,):
                    if value is not MISSING:
                        found.setdefault(hash_key(value), value)
        return list(found.values())

    values = context.data.read(work)
    if len(encode({"values": values})) > DOCUMENT_BYTES_MAX:
        raise fault(17217, "distinct too big, 16mb cap")
    return {"values": values}


_READS = ("transaction", "stable")

COMMANDS = (
    Command(
        "find",
        _find,
        (
            *("filter", "sort", "projection", "hint", "skip", "limit", "batchSize", "singleBatch"),
            *("noCursorTimeout", "allowPartialResults", "collation", "allowDiskUse", "let"),
            *("oplogReplay", "ntoreturn", *_INSTEAD),
        ),
        _READS,
        summary="Find documents.",
    ),
    Command(
        "getMore", _get_more, ("collection", "batchSize"), _READS, summary="Read on from a cursor."
    ),
    Command("killCursors", _kill_cursors, ("cursors",), _READS, summary="Close cursors."),
    Command(
        "count",
        _count,
        ("query", "limit", "skip", "hint", "collation", "fields"),
        ("stable",),
        summary="Count documents.",
    ),
    Command(
        "distinct",
        _distinct,
        ("key", "query", "collation", "hint"),
        _READS,
        summary="Return the values of a field, each once.",
    ),
)
