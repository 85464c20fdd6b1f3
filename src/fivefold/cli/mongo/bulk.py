"""``bulkWrite([{insertOne: …}, {updateMany: …}, …])``: each write a command of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from fivefold.cli.mongo import writing
from fivefold.cli.mongo.reading import Place
from fivefold.cli.mongo.work import Document, Refused, Run, Work, options_of
from fivefold.errors import InvalidStatement


def _rest(model: Document, *taken: str) -> Document:
    return {name: value for name, value in model.items() if name not in taken}


def _insert(place: Place, model: Any) -> Work:
    is_wrapped = isinstance(model, dict) and "document" in model
    return writing.insert_one(place, model["document"] if is_wrapped else model)


def _update(method: Callable[..., Work], what: str) -> Callable[[Place, Document], Work]:
    return lambda place, model: method(
        place, model.get("filter"), model.get(what), _rest(model, "filter", what)
    )


def _delete(method: Callable[..., Work]) -> Callable[[Place, Document], Work]:
    return lambda place, model: method(place, model.get("filter"), _rest(model, "filter"))


MODELS: Mapping[str, Callable[[Place, Any], Work]] = MappingProxyType(
    {
        "insertOne": _insert,
        "updateOne": _update(writing.update_one, "update"),
        "updateMany": _update(writing.update_many, "update"),
        "replaceOne": _update(writing.replace_one, "replacement"),
        "deleteOne": _delete(writing.delete_one),
        "deleteMany": _delete(writing.delete_many),
    }
)


def bulk_write(place: Place, operations: Any, options: Any = None) -> Work:
    """Run several writes: {insertOne: {document}}, {updateOne: {filter, update}}, …"""
    if not isinstance(operations, list) or not operations:
        raise InvalidStatement("bulkWrite takes an array of writes")
    given = options_of(options)
    commands = tuple(_command(place, operation, given) for operation in operations)

    def finish(run: Run, replies: list[Document]) -> Document:
        done = _totals(commands, replies)
        for reply in replies:
            for error in reply.get("writeErrors", ()):
                raise Refused(error, done)
        return {"acknowledged": True, **done}

    return Work(place[0], commands, finish)


def _command(place: Place, operation: Any, options: Document) -> Document:
    if not isinstance(operation, dict) or len(operation) != 1:
        raise InvalidStatement("a write of bulkWrite is a document of one field")
    ((name, model),) = operation.items()
    if name not in MODELS:
        raise InvalidStatement(f"{name} is no write of bulkWrite; these are: {', '.join(MODELS)}")
    if not isinstance(model, dict):
        raise InvalidStatement(f"{name} of bulkWrite is a document")
    return MODELS[name](place, model).command | options


def _totals(commands: tuple[Document, ...], replies: list[Document]) -> Document:
    """Return the counts of all writes; ids by the places of their writes."""
    inserted: Document = {}
    upserted: Document = {}
    matched = modified = deleted = 0
    for place, (command, reply) in enumerate(zip(commands, replies, strict=False)):
        if "insert" in command and reply["n"]:
            inserted[str(place)] = command["documents"][0]["_id"]
        elif "update" in command:
            made = reply.get("upserted", [])
            matched += reply["n"] - len(made)
            modified += reply["nModified"]
            upserted |= {str(place): one["_id"] for one in made}
        elif "delete" in command:
            deleted += reply["n"]
    return {
        "insertedCount": len(inserted),
        "insertedIds": inserted,
        "matchedCount": matched,
        "modifiedCount": modified,
        "deletedCount": deleted,
        "upsertedCount": len(upserted),
        "upsertedIds": upserted,
    }
