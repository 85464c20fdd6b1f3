"""A collection's methods that write, and what mongosh shows of their replies."""

from __future__ import annotations

from typing import Any

from bson.objectid import ObjectId

from fivefold.cli.mongo.reading import Place
from fivefold.cli.mongo.work import Document, Refused, Run, Work, field, options_of
from fivefold.errors import InvalidStatement

_OF_STATEMENTS = ("upsert", "arrayFilters", "collation", "hint")
"""Options of one update or delete, which a command may have several of."""


def checked(replies: list[Document], done: Document | None = None) -> Document:
    """Return the last reply. Raises Refused for what could not be written."""
    for reply in replies:
        for error in reply.get("writeErrors", ()):
            raise Refused(error, done)
        if concern := reply.get("writeConcernError"):
            raise Refused(concern, done)
    return replies[-1]


def with_key(document: Any) -> Document:
    """Return a document with an _id. Raises InvalidStatement for what is none."""
    if not isinstance(document, dict):
        raise InvalidStatement("a document is due, as {name: 'Ann'}")
    return document if "_id" in document else {"_id": ObjectId(), **document}


def insert_one(place: Place, document: Any, options: Any = None) -> Work:
    """Insert a document."""
    kept = with_key(document)

    def finish(run: Run, replies: list[Document]) -> Document:
        checked(replies)
        return {"acknowledged": True, "insertedId": kept["_id"]}

    command = {"insert": place[1], "documents": [kept], **options_of(options)}
    return Work(place[0], (command,), finish)


def insert_many(place: Place, documents: Any, options: Any = None) -> Work:
    """Insert documents."""
    if not isinstance(documents, list) or not documents:
        raise InvalidStatement("insertMany takes an array of documents")
    kept = [with_key(document) for document in documents]

    def finish(run: Run, replies: list[Document]) -> Document:
        checked(replies, {"insertedCount": replies[0]["n"]})
        ids = {str(place): document["_id"] for place, document in enumerate(kept)}
        return {"acknowledged": True, "insertedIds": ids}

    command = {"insert": place[1], "documents": kept, **options_of(options)}
    return Work(place[0], (command,), finish)


def insert(place: Place, documents: Any, options: Any = None) -> Work:
    """Insert a document or several; insertOne and insertMany are its newer names."""
    return insert_many(place, documents if isinstance(documents, list) else [documents], options)


def _split(options: Any) -> tuple[Document, Document]:
    """Return the options of the statement, and those of the command."""
    given = options_of(options)
    own = {name: given[name] for name in _OF_STATEMENTS if name in given}
    return own, {name: value for name, value in given.items() if name not in own}


def _check_operators(update: Any, name: str) -> None:
    is_pipeline = isinstance(update, list)
    has_operators = isinstance(update, dict) and next(iter(update), "").startswith("$")
    if not is_pipeline and not has_operators:
        raise InvalidStatement(
            f"the update of {name} has operators, as {{$set: {{…}}}}",
            hint="replaceOne takes a whole document",
        )


def _check_replacement(document: Any, name: str) -> None:
    if not isinstance(document, dict) or next(iter(document), "").startswith("$"):
        raise InvalidStatement(
            f"{name} takes a whole document, without operators",
            hint="updateOne takes operators, as {$set: {…}}",
        )


def _updated(run: Run, replies: list[Document]) -> Document:
    reply = checked(replies)
    upserted = reply.get("upserted", [])
    return {
        "acknowledged": True,
        "insertedId": upserted[0]["_id"] if upserted else None,
        "matchedCount": reply["n"] - len(upserted),
        "modifiedCount": reply["nModified"],
        "upsertedCount": len(upserted),
    }


def _update(place: Place, filter: Any, update: Any, options: Any, multi: bool) -> Work:
    own, rest = _split(options)
    statement = {"q": filter, "u": update, "multi": multi, **own}
    return Work(place[0], ({"update": place[1], "updates": [statement], **rest},), _updated)


def update_one(place: Place, filter: Any, update: Any, options: Any = None) -> Work:
    """Change the first document that a filter matches."""
    _check_operators(update, "updateOne")
    return _update(place, filter, update, options, multi=False)


def update_many(place: Place, filter: Any, update: Any, options: Any = None) -> Work:
    """Change all documents that a filter matches."""
    _check_operators(update, "updateMany")
    return _update(place, filter, update, options, multi=True)


def replace_one(place: Place, filter: Any, document: Any, options: Any = None) -> Work:
    """Replace the first document that a filter matches."""
    _check_replacement(document, "replaceOne")
    return _update(place, filter, document, options, multi=False)


def update(place: Place, filter: Any, update: Any, options: Any = None) -> Work:
    """Change documents; updateOne, updateMany and replaceOne are its newer names."""
    given = dict(options_of(options))
    return _update(place, filter, update, given, multi=bool(given.pop("multi", False)))


def _deleted(run: Run, replies: list[Document]) -> Document:
    return {"acknowledged": True, "deletedCount": checked(replies)["n"]}


def _delete(place: Place, filter: Any, options: Any, limit: int) -> Work:
    own, rest = _split(options)
    statement = {"q": filter, "limit": limit, **own}
    return Work(place[0], ({"delete": place[1], "deletes": [statement], **rest},), _deleted)


def delete_one(place: Place, filter: Any, options: Any = None) -> Work:
    """Delete the first document that a filter matches."""
    return _delete(place, filter, options, 1)


def delete_many(place: Place, filter: Any, options: Any = None) -> Work:
    """Delete all documents that a filter matches."""
    return _delete(place, filter, options, 0)


def remove(place: Place, filter: Any, options: Any = None) -> Work:
    """Delete documents; deleteOne and deleteMany are its newer names."""
    given = {"justOne": options} if isinstance(options, bool) else dict(options_of(options))
    return _delete(place, filter, given, int(bool(given.pop("justOne", False))))


# One document, changed and returned

_MODIFY_NAMES = {"projection": "fields"}


def _modify(place: Place, filter: Any, options: Document, **fields: Any) -> Work:
    renamed = {_MODIFY_NAMES.get(name, name): value for name, value in options.items()}
    renamed.pop("includeResultMetadata", None)
    command = {"findAndModify": place[1], "query": filter, **fields, **renamed}
    return Work(place[0], (command,), field("value"))


def _wants_new(options: Any) -> tuple[Document, bool]:
    """Return the other options, and whether the document is wanted as it is afterwards."""
    given = dict(options_of(options))
    named = given.pop("returnDocument", None)
    after = given.pop("returnNewDocument", not given.pop("returnOriginal", True))
    if named not in (None, "before", "after"):
        raise InvalidStatement("returnDocument is 'before' or 'after'")
    return given, bool(after) if named is None else named == "after"


def find_one_and_update(place: Place, filter: Any, update: Any, options: Any = None) -> Work:
    """Change a document and return it as it was, or with returnDocument: 'after' as it is."""
    _check_operators(update, "findOneAndUpdate")
    given, new = _wants_new(options)
    return _modify(place, filter, given, update=update, new=new)


def find_one_and_replace(place: Place, filter: Any, document: Any, options: Any = None) -> Work:
    """Replace a document and return it as it was, or with returnDocument: 'after' as it is."""
    _check_replacement(document, "findOneAndReplace")
    given, new = _wants_new(options)
    return _modify(place, filter, given, update=document, new=new)


def find_one_and_delete(place: Place, filter: Any, options: Any = None) -> Work:
    """Delete a document and return it."""
    return _modify(place, filter, options_of(options), remove=True)


def find_and_modify(place: Place, options: Any) -> Work:
    """Change or delete a document and return it: {query, sort, update, remove, new, …}."""
    given = dict(options_of(options))
    return _modify(place, given.pop("query", {}), given)
