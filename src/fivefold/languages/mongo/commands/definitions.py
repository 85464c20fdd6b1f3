"""create, collMod, drop, dropDatabase, renameCollection, convertToCapped.

Source: manual, "Administration Commands", "collMod"; numbers and texts of errors as in MongoDB 7.0.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from fivefold.catalog.changes import Change, Describe, DropContainer
from fivefold.catalog.containers import Collection, DocumentIndex, View
from fivefold.languages.mongo import collections
from fivefold.languages.mongo.arguments import (
    missing,
    take,
    take_flag,
    truth,
    unknown,
    wrong_type,
)
from fivefold.languages.mongo.collections import Name, made
from fivefold.languages.mongo.command import Command
from fivefold.languages.mongo.commands.common import collection_name
from fivefold.languages.mongo.context import Context
from fivefold.languages.mongo.databases import (
    collection_of,
    database_dropped,
    databases,
    described,
    dropped,
    moved,
    tables_of,
)
from fivefold.languages.mongo.indexes import find_by_key, find_by_name, parse_expiry
from fivefold.languages.mongo.namespaces import check_collection, check_new_collection
from fivefold.languages.mongo.options import (
    as_view,
    capped_bytes,
    read_capped,
    read_validation,
    read_view,
    refuse_unsupported,
)
from fivefold.languages.unit import Altering
from fivefold.models.document import layout
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import NUMBERS, Document, kind_of
from fivefold.values.documents.text import shown

# create


def _create(context: Context, command: Document) -> Document:
    name = collection_name(context, command)
    check_new_collection(*name)
    refuse_unsupported(command)
    if command.get("expireAfterSeconds") is not None:
        raise fault(
            72,
            "'expireAfterSeconds' is only supported on time-series collections or when the"
            " 'clusteredIndex' option is specified",
        )
    if command.get("temp"):
        raise fault(72, "the 'temp' field is an invalid option")
    source, pipeline = command.get("viewOn"), command.get("pipeline")
    if pipeline is not None and source is None:
        raise fault(72, "'pipeline' requires 'viewOn' to also be specified")
    capped = read_capped(command)
    validation = read_validation(name[0], command)
    if source is not None:
        _refuse_for_view(command)

    def work(unit: Altering) -> Document:
        found = unit.catalog.find(*name)
        if found is not None:
            known = collection_of(found)
            kind = "A view" if known is not None and known.source is not None else "Collection"
            raise fault(48, f"{kind} already exists. NS: {'.'.join(name)}")
        fields: dict[str, Any] = {"capped_bytes": capped[0], "capped_documents": capped[1]}
        fields |= validation.fields()
        if source is not None:
            fields |= read_view(unit.catalog, name, source, pipeline, "create")
        unit.change(made(unit, name, Collection(uuid=uuid.uuid4().hex, **fields)))
        return {}

    return context.data.alter(work)


def _refuse_for_view(command: Document) -> None:
    for field in ("capped", "size", "max", "validator", "validationLevel", "validationAction"):
        if truth(command.get(field)):
            raise fault(72, f"'{field}' is not allowed with 'viewOn'")
    if command.get("idIndex") is not None:
        raise fault(72, f"'idIndex' is not allowed with 'viewOn': {shown(command['idIndex'])}")


# collMod

_VIEW_OPTIONS = ("viewOn", "pipeline")
_COLLECTION_OPTIONS = ("index", "validator", "validationLevel", "validationAction")
_CAPPED_OPTIONS = ("cappedSize", "cappedMax")
_INDEX_OPTIONS = ("name", "keyPattern", "expireAfterSeconds", "hidden", "unique", "prepareUnique")


def _coll_mod(context: Context, command: Document) -> Document:
    name = collection_name(context, command)
    refuse_unsupported(command)
    if command.get("expireAfterSeconds") is not None:
        raise fault(72, "'expireAfterSeconds' is only supported for clustered collections")
    validation = read_validation(name[0], command)

    def work(unit: Altering) -> Document:
        view = as_view(unit.catalog.find(*name), name)
        assert view.collection is not None
        reply: Document = {}
        if view.collection.source is not None:
            changed = _changed_view(unit, name, view, command)
        else:
            for field in _VIEW_OPTIONS:
                if field in command:
                    raise fault(72, f"'{field}' option only supported on a view")
            changed = described(view, **validation.fields(), **_capped(view.collection, command))
            given = take(command, "index", "object")
            if given is not None:
                changed, reply = _changed_index(changed, given)
        if changed != view:
            unit.change([Describe(view, changed)])
        if _CAPPED.intersection(command):
            _cap(unit, name)
        return reply

    return context.data.alter(work)


_CAPPED = frozenset(_CAPPED_OPTIONS)


def _changed_view(unit: Altering, name: Name, view: View, command: Document) -> View:
    for field in (*_COLLECTION_OPTIONS, *_CAPPED_OPTIONS):
        if field in command:
            raise fault(72, f"option not supported on a view: {field}")
    collection = view.collection
    assert collection is not None
    if not command.keys() & {*_VIEW_OPTIONS}:
        return view
    source = command.get("viewOn", collection.source)
    fields = read_view(unit.catalog, name, source, command.get("pipeline", []), "collMod")
    if "pipeline" not in command:
        fields["pipeline"] = collection.pipeline
    return described(view, **fields)


def _capped(collection: Collection, command: Document) -> dict[str, object]:
    changed: dict[str, object] = {}
    if not _CAPPED.intersection(command):
        return changed
    if collection.capped_bytes is None:
        raise fault(72, "Collection must be capped.")
    if command.get("cappedSize") is not None:
        changed["capped_bytes"] = capped_bytes(command["cappedSize"], "collMod.cappedSize")
    if command.get("cappedMax") is not None:
        most = command["cappedMax"]
        if kind_of(most) not in NUMBERS:
            raise wrong_type("collMod.cappedMax", most, "long", "int", "decimal", "double")
        changed["capped_documents"] = int(most) if most > 0 else None
    return changed


def _changed_index(view: View, given: Document) -> tuple[View, Document]:
    """Return the collection with an index changed, and what to tell of it."""
    collection = view.collection
    assert collection is not None
    for field in given:
        if field not in _INDEX_OPTIONS:
            raise unknown(f"collMod.index.{field}")
    index = _named_index(view, collection, given)
    seconds, hidden = given.get("expireAfterSeconds"), given.get("hidden")
    for field in ("unique", "prepareUnique"):
        if given.get(field):
            raise fault(115, "an index does not become unique: drop it, and create one that is")
    if seconds is None and hidden is None:
        raise fault(72, "no expireAfterSeconds, hidden, unique, or prepareUnique field")
    changed, reply = index, {}
    if seconds is not None:
        limit = parse_expiry(seconds)
        if len(index.parts) > 1:
            raise fault(
                72, "TTL indexes are single-field indexes, compound indexes do not support TTL"
            )
        if index.expire_seconds is not None:
            reply["expireAfterSeconds_old"] = int(index.expire_seconds)
        reply["expireAfterSeconds_new"] = limit
        changed = replace(changed, expire_seconds=limit)
    if hidden is not None and truth(hidden) != index.hidden:
        reply["hidden_old"] = index.hidden
        reply["hidden_new"] = truth(hidden)
        changed = replace(changed, hidden=truth(hidden))
    indexes = tuple(changed if one is index else one for one in collection.indexes)
    return described(view, indexes=indexes), reply


def _named_index(view: View, collection: Collection, given: Document) -> DocumentIndex:
    """Return the index that collMod is for. Raises 72, 27."""
    index_name, key = given.get("name"), given.get("keyPattern")
    if index_name is not None and key is not None:
        raise fault(72, "Cannot specify both key pattern and name.")
    if index_name is None and key is None:
        raise fault(72, "Must specify either index name or key pattern.")
    if index_name is not None and not isinstance(index_name, str):
        raise wrong_type("collMod.index.name", index_name, "string")
    if key is not None and not isinstance(key, dict):
        raise wrong_type("collMod.index.keyPattern", key, "object")
    what = shown(key) if index_name is None else index_name
    if index_name == layout.ID_INDEX or key == {"_id": 1}:
        if given.get("hidden"):
            raise fault(2, "can't hide _id index")
        raise fault(72, "the _id index cannot be changed")
    if key is None:
        found = find_by_name(collection.indexes, str(index_name))
    else:
        found = find_by_key(collection.indexes, key)
    if found is None:
        raise fault(27, f"cannot find index {what} for ns {view.namespace}.{view.name}")
    return found


# drop, dropDatabase


def _drop(context: Context, command: Document) -> Document:
    name = collection_name(context, command)

    def work(unit: Altering) -> Document:
        found = unit.catalog.find(*name)
        if found is None:
            return {}
        view = as_view(found, name)
        assert view.collection is not None
        unit.change(dropped(unit, view))
        told: Document = {"ns": ".".join(name)}
        if view.collection.source is not None:
            return told
        return {"nIndexesWas": len(view.collection.indexes) + 1, **told}

    return context.data.alter(work)


def _drop_database(context: Context, command: Document) -> Document:
    database = context.request.database
    if command["dropDatabase"] != 1:
        raise fault(2, "have to pass 1 as db parameter")

    def work(unit: Altering) -> Document:
        known = database in databases(unit.catalog)
        unit.change(database_dropped(unit, database))
        return {"dropped": database} if known else {}

    return context.data.alter(work)


# renameCollection, convertToCapped


def _full_name(command: Document, field: str) -> Name:
    given = command.get(field)
    if given is None:
        raise missing(f"renameCollection.{field}")
    if not isinstance(given, str):
        raise wrong_type(f"renameCollection.{field}", given, "string")
    database, _, own = given.partition(".")
    if not database or not own:
        raise fault(73, f"Invalid namespace specified '{given}'")
    check_collection(database, own)
    return database, own


def _rename(context: Context, command: Document) -> Document:
    source, target = _full_name(command, "renameCollection"), _full_name(command, "to")
    drop_target = take_flag(command, "dropTarget")
    if source == target:
        raise fault(20, "Can't rename a collection to itself")
    check_new_collection(*target)

    def work(unit: Altering) -> Document:
        found = unit.catalog.find(*source)
        if found is None:
            raise fault(26, f"Source collection {'.'.join(source)} does not exist")
        view = as_view(found, source)
        if view.collection is not None and view.collection.source is not None:
            raise fault(166, f"cannot rename view: {'.'.join(source)}")
        unit.change([*_target_dropped(unit, target, drop_target), *moved(unit, view, target)])
        return {}

    return context.data.alter(work)


def _target_dropped(unit: Altering, target: Name, drop_target: bool) -> Iterator[Change]:
    there = unit.catalog.find(*target)
    if there is None:
        return
    known = collection_of(there)
    if known is not None and known.source is not None:
        raise fault(48, f"a view already exists with that name: {'.'.join(target)}")
    if not drop_target:
        raise fault(48, "target namespace exists")
    yield from dropped(unit, as_view(there, target))


def _convert(context: Context, command: Document) -> Document:
    name = collection_name(context, command)
    if command.get("size") is None:
        raise missing("convertToCapped.size")
    size = capped_bytes(command["size"], "convertToCapped.size")

    def work(unit: Altering) -> Document:
        found = unit.catalog.find(*name)
        if found is None:
            raise fault(26, f"source collection {'.'.join(name)} does not exist")
        view = as_view(found, name)
        if view.collection is not None and view.collection.source is not None:
            raise fault(166, f"cannot convert a view to a capped collection: {'.'.join(name)}")
        capped = described(view, capped_bytes=size, capped_documents=None, indexes=())
        _, *indexes = tables_of(unit, view)
        unit.change([Describe(view, capped), *map(DropContainer, indexes)])
        _cap(unit, name)
        return {}

    return context.data.alter(work)


def _cap(unit: Altering, name: Name) -> None:
    """Delete the oldest documents of a collection that holds fewer now."""
    from fivefold.languages.mongo.capping import cap

    opened = collections.find(unit, name)
    assert opened is not None
    cap(unit, opened)


_FLAGS = ("write", "scans", "stable")
_OPTIONS = (
    *("validator", "validationLevel", "validationAction", "viewOn", "pipeline"),
    *("changeStreamPreAndPostImages", "recordPreImages", "timeseries", "expireAfterSeconds"),
)

COMMANDS = (
    Command(
        "create",
        _create,
        (
            *("capped", "size", "max", "autoIndexId", "idIndex", "storageEngine", "collation"),
            *("indexOptionDefaults", "clusteredIndex", "encryptedFields", "temp", *_OPTIONS),
        ),
        (*_FLAGS, "transaction"),
        summary="Make a collection or a view.",
    ),
    Command(
        "collMod",
        _coll_mod,
        (*_OPTIONS, "index", *_CAPPED_OPTIONS, "dryRun"),
        _FLAGS,
        summary="Change the options of a collection, a view or an index.",
    ),
    Command("drop", _drop, (), _FLAGS, summary="Drop a collection or a view."),
    Command("dropDatabase", _drop_database, (), _FLAGS, summary="Drop a database."),
    Command(
        "renameCollection",
        _rename,
        ("to", "dropTarget", "stayTemp"),
        ("write", "scans", "admin"),
        summary="Give a collection another name.",
    ),
    Command(
        "convertToCapped",
        _convert,
        ("size",),
        ("write", "scans"),
        summary="Make a collection a capped one, without its indexes.",
    ),
)
