"""createIndexes, listIndexes, dropIndexes (manual, the pages of these names).

An index is built over the documents that are there in the transaction that makes it: nobody ever
sees it half full.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from fivefold.catalog.changes import Change, CreateContainer, Describe, DropContainer
from fivefold.catalog.containers import DocumentIndex, Table, View
from fivefold.languages.mongo import collections
from fivefold.languages.mongo.arguments import missing, need, take, take_number, wrong_type
from fivefold.languages.mongo.collections import Name, Opened, made
from fivefold.languages.mongo.command import Command
from fivefold.languages.mongo.commands.common import collection_name
from fivefold.languages.mongo.commands.listing import ID_SPEC
from fivefold.languages.mongo.commands.reading import cursor_reply
from fivefold.languages.mongo.context import Context
from fivefold.languages.mongo.data import Item
from fivefold.languages.mongo.databases import collection_of, described
from fivefold.languages.mongo.finding import query_of
from fivefold.languages.mongo.indexes import (
    ID_NAME,
    IndexSpec,
    definition_of,
    find_by_key,
    find_by_name,
    find_conflict,
    parse_index,
    spec_of,
)
from fivefold.languages.mongo.options import as_view
from fivefold.languages.unit import Altering, Unit
from fivefold.models.document import layout
from fivefold.values.documents.codec import decode
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import Document
from fivefold.values.documents.text import shown

INDEXES_MAX = 64
"""Indexes of a collection (manual, "MongoDB Limits and Thresholds")."""

ID = IndexSpec(ID_NAME, {"_id": 1}, (("_id", 1),))


def _create_indexes(context: Context, command: Document) -> Document:
    name = collection_name(context, command)
    given = need(command, "indexes", "array")
    if not given:
        raise fault(2, "Must specify at least one index to create")
    for number, one in enumerate(given):
        if not isinstance(one, dict):
            raise wrong_type(f"createIndexes.indexes.{number}", one, "object")
    wanted = [parse_index(one) for one in given]
    inside = context.data.inside

    def work(unit: Altering) -> Document:
        opened = collections.find(unit, name)
        creates = opened is None
        if creates:
            unit.change(made(unit, name, collections.new_collection()))
            opened = collections.find(unit, name)
        assert opened is not None
        before = len(opened.collection.indexes) + 1
        new = _new_indexes(opened, wanted)
        reply: Document = {
            "numIndexesBefore": before,
            "numIndexesAfter": before + len(new),
            "createdCollectionAutomatically": creates,
        }
        if not new:
            return reply | {"note": "all indexes already exist"}
        if inside and next(iter(_documents(unit, opened)), None) is not None:
            raise fault(
                263,
                f"Cannot create new indexes on existing collection {opened.full_name} in a"
                " multi-document transaction.",
            )
        _build(unit, opened, new)
        return reply | {"commitQuorum": "votingMembers"}

    return context.data.alter(work)


def _new_indexes(opened: Opened, wanted: Sequence[IndexSpec]) -> list[DocumentIndex]:
    """Return what is to be made: what is wanted and not there yet. Raises 85, 86, 67."""
    known = [ID, *map(spec_of, opened.collection.indexes)]
    new = []
    for spec in wanted:
        if spec.name == ID_NAME or find_conflict(spec, known):
            continue
        if len(known) >= INDEXES_MAX:
            raise fault(
                67,
                f"add index fails, too many indexes for {opened.full_name} key:{shown(spec.key)}",
            )
        if spec.expire_seconds is not None and opened.collection.capped_bytes is not None:
            raise fault(67, "Cannot create TTL index on a capped collection")
        known.append(spec)
        new.append(definition_of(spec))
    return new


def _build(unit: Altering, opened: Opened, new: Sequence[DocumentIndex]) -> None:
    """Make indexes and put into them what is there. Raises 11000."""
    name = opened.name
    changed = described(opened.view, indexes=(*opened.collection.indexes, *new))
    changes: list[Change] = [CreateContainer(layout.index_table(*name, index)) for index in new]
    unit.change([*changes, Describe(opened.view, changed)])
    opened = _found(unit, name)

    def at(place: int) -> Document:
        return next(one for where, one in _documents(unit, opened) if where == place)

    opened.records(unit).build([one.name for one in new], _documents(unit, opened), at)


def _documents(unit: Unit, opened: Opened) -> Iterator[tuple[int, Document]]:
    for place, raw in query_of(None).run(unit, opened):
        yield place, decode(raw)


def _found(unit: Unit, name: Name) -> Opened:
    opened = collections.find(unit, name)
    assert opened is not None
    return opened


def _list_indexes(context: Context, command: Document) -> Document:
    name = collection_name(context, command)
    cursor = take(command, "cursor", "object", {})
    first: int | None = None
    if cursor.get("batchSize") is not None:
        first = take_number({"cursor": 1, **cursor}, "batchSize", 0, least=0)

    def work(unit: Unit) -> Iterator[Item]:
        found = unit.catalog.find(*name)
        if found is None:
            raise fault(26, f"ns does not exist: {'.'.join(name)}")
        specs = [dict(ID_SPEC)]
        if not (isinstance(found, Table) and collection_of(found) is None):
            opened = _found(unit, name)
            specs += [spec_of(index).document() for index in opened.collection.indexes]
        return iter(specs)

    return cursor_reply(name, context.data.open(name, work, first))


def _drop_indexes(context: Context, command: Document) -> Document:
    name = collection_name(context, command)
    given = command.get("index")
    if given is None:
        raise missing("dropIndexes.index")
    if not isinstance(given, (str, dict, list)):
        raise wrong_type("dropIndexes.index", given, "array", "object", "string")

    def work(unit: Altering) -> Document:
        found = unit.catalog.find(*name)
        if found is None:
            raise fault(26, f"ns not found {'.'.join(name)}")
        view = as_view(found, name)
        assert view.collection is not None
        if view.collection.source is not None:
            raise fault(166, f"Cannot drop indexes on view {'.'.join(name)}")
        indexes = view.collection.indexes
        going = _going(view, given)
        kept = tuple(one for one in indexes if one not in going)
        changes: list[Change] = [Describe(view, described(view, indexes=kept))]
        changes += [DropContainer(_table_of(unit, name, one)) for one in going]
        if going:
            unit.change(changes)
        reply: Document = {"nIndexesWas": len(indexes) + 1}
        if given == "*":
            reply["msg"] = "non-_id indexes dropped for collection"
        return reply

    return context.data.alter(work)


def _table_of(unit: Unit, name: Name, index: DocumentIndex) -> Table:
    return collections.table(unit, name[0], layout.index_table_name(name[1], index.name))


def _going(view: View, given: Any) -> list[DocumentIndex]:
    """Return the indexes that dropIndexes names. Raises 27, 72, 14."""
    assert view.collection is not None
    indexes = view.collection.indexes
    if given == "*":
        return list(indexes)
    if isinstance(given, dict):
        if given == {"_id": 1}:
            raise fault(72, "cannot drop _id index")
        by_key = find_by_key(indexes, given)
        if by_key is None:
            raise fault(27, f"can't find index with key: {shown(given)}")
        return [by_key]
    going = []
    for one in given if isinstance(given, list) else [given]:
        if not isinstance(one, str):
            raise fault(
                14,
                f"dropIndexes {view.namespace}.{view.name} failed to drop multiple indexes"
                f" {shown(given)}: index name must be a string",
            )
        if one == ID_NAME:
            raise fault(72, "cannot drop _id index")
        found = find_by_name(indexes, one)
        if found is None:
            raise fault(27, f"index not found with name [{one}]")
        if found not in going:
            going.append(found)
    return going


COMMANDS = (
    Command(
        "createIndexes",
        _create_indexes,
        ("indexes", "commitQuorum", "ignoreUnknownIndexOptions"),
        ("write", "scans", "transaction", "stable"),
        summary="Make indexes, and the collection if need be.",
    ),
    Command(
        "listIndexes",
        _list_indexes,
        ("cursor",),
        ("stable",),
        summary="Tell which indexes a collection has.",
    ),
    Command(
        "dropIndexes",
        _drop_indexes,
        ("index",),
        ("write", "scans", "stable"),
        summary="Drop indexes by name, by key, or all but that of _id.",
    ),
)
