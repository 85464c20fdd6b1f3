"""All methods of a collection, by the names that mongosh has for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from fivefold.cli.mongo import bulk, reading, writing
from fivefold.cli.mongo.reading import Place
from fivefold.cli.mongo.work import (
    Document,
    Pages,
    Refused,
    Run,
    Work,
    every,
    fields,
    options_of,
    the_reply,
)
from fivefold.errors import InvalidStatement

NAMESPACE_NOT_FOUND = 26


def index_name(keys: Any) -> str:
    """Return the name of an index that is given none. Raises InvalidStatement."""
    if not isinstance(keys, dict) or not keys:
        raise InvalidStatement("an index's keys are a document, as {name: 1, at: -1}")
    return "_".join(f"{path}_{way}" for path, way in keys.items())


def create_indexes(place: Place, keys: Any, options: Any = None) -> Work:
    """Create indexes by their keys: [{name: 1}, {at: -1}]."""
    if not isinstance(keys, list) or not keys:
        raise InvalidStatement("createIndexes takes an array of keys")
    given = options_of(options)
    indexes = [{"key": each, "name": index_name(each), **given} for each in keys]
    names = [index["name"] for index in indexes]
    command = {"createIndexes": place[1], "indexes": indexes}
    return Work(place[0], (command,), lambda run, replies: names)


def create_index(place: Place, keys: Any, options: Any = None) -> Work:
    """Create an index: {name: 1} rising, {at: -1} falling, {id: 'hashed'}."""
    made = create_indexes(place, [keys], options)
    name = made.command["indexes"][0]["name"]
    return Work(place[0], made.commands, lambda run, replies: name)


def get_indexes(place: Place) -> Work:
    """List the indexes."""
    return Work(place[0], ({"listIndexes": place[1]},), every)


def get_index_keys(place: Place) -> Work:
    """List the keys of the indexes."""

    def finish(run: Run, replies: list[Document]) -> list[Any]:
        return [index["key"] for index in Pages(run, replies[0])]

    return Work(place[0], ({"listIndexes": place[1]},), finish)


def drop_index(place: Place, index: Any) -> Work:
    """Drop an index, by its name or its keys."""
    if index == "*":
        raise InvalidStatement("dropIndex drops one index", hint="dropIndexes() drops all")
    return drop_indexes(place, index)


def drop_indexes(place: Place, index: Any = "*") -> Work:
    """Drop these indexes, or all but that of _id."""
    return Work(place[0], ({"dropIndexes": place[1], "index": index},), the_reply)


def _hiding(hidden: bool, summary: str) -> Callable[..., Work]:
    def hide(place: Place, index: Any) -> Work:
        found = {"name": index} if isinstance(index, str) else {"keyPattern": index}
        command = {"collMod": place[1], "index": {**found, "hidden": hidden}}
        return Work(place[0], (command,), the_reply)

    hide.__doc__ = summary
    return hide


def drop(place: Place, options: Any = None) -> Work:
    """Drop the collection with its indexes."""

    def attempt(run: Run, replies: list[Document]) -> bool:
        try:
            run(place[0], {"drop": place[1], **options_of(options)})
        except Refused as error:
            if error.reply.get("code") != NAMESPACE_NOT_FOUND:
                raise
            return False
        return True

    return Work(place[0], (), attempt)


def rename_collection(place: Place, name: Any, drop_target: Any = False) -> Work:
    """Give the collection another name."""
    if not isinstance(name, str):
        raise InvalidStatement("a collection's name is a string")
    command = {
        "renameCollection": ".".join(place),
        "to": f"{place[0]}.{name}",
        "dropTarget": bool(drop_target),
    }
    return Work("admin", (command,), fields("ok"))


def exists(place: Place) -> Work:
    """Tell how the collection was made, null if there is none."""

    def finish(run: Run, replies: list[Document]) -> Any:
        return next(iter(Pages(run, replies[0])), None)

    return Work(place[0], ({"listCollections": 1, "filter": {"name": place[1]}},), finish)


def get_name(place: Place) -> Work:
    """Tell the collection's name."""
    return Work(place[0], (), lambda run, replies: place[1])


def get_full_name(place: Place) -> Work:
    """Tell the collection's name behind its database's."""
    return Work(place[0], (), lambda run, replies: ".".join(place))


METHODS: Mapping[str, Callable[..., Work]] = MappingProxyType(
    {
        "find": reading.find,
        "findOne": reading.find_one,
        "aggregate": reading.aggregate,
        "countDocuments": reading.count_documents,
        "count": reading.count,
        "estimatedDocumentCount": reading.estimated_document_count,
        "distinct": reading.distinct,
        "insertOne": writing.insert_one,
        "insertMany": writing.insert_many,
        "updateOne": writing.update_one,
        "updateMany": writing.update_many,
        "replaceOne": writing.replace_one,
        "deleteOne": writing.delete_one,
        "deleteMany": writing.delete_many,
        "findOneAndUpdate": writing.find_one_and_update,
        "findOneAndReplace": writing.find_one_and_replace,
        "findOneAndDelete": writing.find_one_and_delete,
        "findAndModify": writing.find_and_modify,
        "bulkWrite": bulk.bulk_write,
        "insert": writing.insert,
        "update": writing.update,
        "remove": writing.remove,
        "createIndex": create_index,
        "createIndexes": create_indexes,
        "getIndexes": get_indexes,
        "getIndices": get_indexes,
        "getIndexKeys": get_index_keys,
        "dropIndex": drop_index,
        "dropIndexes": drop_indexes,
        "hideIndex": _hiding(True, "Keep an index, but use it no more."),
        "unhideIndex": _hiding(False, "Use an index again."),
        "drop": drop,
        "renameCollection": rename_collection,
        "exists": exists,
        "stats": reading.stats,
        "validate": reading.validate,
        "isCapped": reading.is_capped,
        "dataSize": reading.data_size,
        "storageSize": reading.storage_size,
        "totalIndexSize": reading.total_index_size,
        "totalSize": reading.total_size,
        "getName": get_name,
        "getFullName": get_full_name,
        "watch": reading.watch,
    }
)
