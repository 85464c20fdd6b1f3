"""Writes of several statements: those of a kind, in their order or not, are one command.

``add_insert`` and its like are what pymongo's operations (InsertOne, UpdateMany, …) call to say
what they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from bson.objectid import ObjectId
from bson.raw_bson import RawBSONDocument
from pymongo import common
from pymongo.errors import InvalidOperation

from fivefold.api.documents.arguments import hint_of, present
from fivefold.api.documents.door import encode, normal, shown
from fivefold.api.documents.errors import check_bulk
from fivefold.values.documents.kinds import Document
from fivefold.values.documents.raw import Batch

if TYPE_CHECKING:
    from fivefold.api.documents.reading import Reading

STATEMENTS_MAX = 100_000
"""Statements of one command (manual, "MongoDB Limits and Thresholds")."""

_FIELDS = {"insert": "documents", "update": "updates", "delete": "deletes"}

Statement = tuple[int, Any]
"""A statement's number among all, and the statement."""


class Bulk:
    """One write of several statements to a collection."""

    def __init__(
        self,
        collection: Reading,
        ordered: bool,
        bypass: bool | None,
        comment: Any,
        let: Mapping[str, Any] | None,
    ) -> None:
        if let is not None:
            common.validate_is_document_type("let", let)
        self._collection = collection
        self._codec = collection.codec_options
        self._ordered = ordered
        self._options = present(bypassDocumentValidation=bypass, comment=comment, let=let)
        self._statements: list[tuple[str, Any]] = []

    def add_insert(self, document: Any) -> None:
        """Add a document to be inserted."""
        if document.__class__ is not dict:
            common.validate_is_document_type("document", document)
        if document.__class__ is not RawBSONDocument and "_id" not in document:
            document["_id"] = ObjectId()
        self._statements.append(("insert", document))

    def add_update(
        self,
        selector: Mapping[str, Any],
        update: Any,
        multi: bool,
        upsert: bool | None,
        collation: Any = None,
        array_filters: Any = None,
        hint: Any = None,
        sort: Any = None,
    ) -> None:
        """Add an update."""
        common.validate_ok_for_update(update)
        options = present(upsert=upsert, collation=collation, arrayFilters=array_filters)
        options |= present(hint=hint_of(hint), sort=sort)
        self._statements.append(("update", {"q": selector, "u": update, "multi": multi, **options}))

    def add_replace(
        self,
        selector: Mapping[str, Any],
        replacement: Mapping[str, Any],
        upsert: bool | None,
        collation: Any = None,
        hint: Any = None,
        sort: Any = None,
    ) -> None:
        """Add a replacement."""
        common.validate_ok_for_replace(replacement)
        options = present(upsert=upsert, collation=collation, hint=hint_of(hint), sort=sort)
        self._statements.append(("update", {"q": selector, "u": replacement, **options}))

    def add_delete(
        self, selector: Mapping[str, Any], limit: int, collation: Any = None, hint: Any = None
    ) -> None:
        """Add a deletion, of all that matches if ``limit`` is 0."""
        options = present(collation=collation, hint=hint_of(hint))
        self._statements.append(("delete", {"q": selector, "limit": limit, **options}))

    def execute(self) -> dict[str, Any]:
        """Carry all of it out; return what became of it. Raises BulkWriteError."""
        if not self._statements:
            raise InvalidOperation("No operations to execute")
        result: dict[str, Any] = {"writeErrors": [], "writeConcernErrors": []}
        result |= dict.fromkeys(("nInserted", "nUpserted", "nMatched", "nModified", "nRemoved"), 0)
        result["upserted"] = []
        for kind, run in self._runs():
            for first in range(0, len(run), STATEMENTS_MAX):
                self._perform(kind, run[first : first + STATEMENTS_MAX], result)
                if self._ordered and result["writeErrors"]:
                    break
            if self._ordered and result["writeErrors"]:
                break
        check_bulk(result)
        return result

    def _runs(self) -> Iterator[tuple[str, list[Statement]]]:
        """Yield the statements of each command: of a kind, and behind each other if ordered."""
        if not self._ordered:
            for kind in _FIELDS:
                run = [(n, s) for n, (k, s) in enumerate(self._statements) if k == kind]
                if run:
                    yield kind, run
            return
        run = []
        before = self._statements[0][0]
        for number, (kind, statement) in enumerate(self._statements):
            if kind != before:
                yield before, run
                run, before = [], kind
            run.append((number, statement))
        yield before, run

    def _perform(self, kind: str, run: list[Statement], result: dict[str, Any]) -> None:
        codec = self._codec
        collection = self._collection
        given: Any
        if kind == "insert":
            raw = RawBSONDocument
            pairs: list[Any] = [
                (encode(one, codec), one) if one.__class__ is not raw else encode(one, codec)
                for _, one in run
            ]
            given = Batch(pairs)
        else:
            given = [statement for _, statement in run]
        command: Document = {kind: collection.name, "ordered": self._ordered, **self._options}
        if kind == "insert":
            command = normal(command, codec)
            command.pop("let", None)
            command[_FIELDS[kind]] = given
        else:
            command = normal(command | {_FIELDS[kind]: given}, codec)
        reply = collection.door.perform(collection.database_name, command)
        self._merge(kind, run, reply, result)

    def _merge(
        self, kind: str, run: list[Statement], reply: Document, result: dict[str, Any]
    ) -> None:
        """Add what a command did to what all of them did."""
        if kind == "insert":
            result["nInserted"] += reply["n"]
        elif kind == "delete":
            result["nRemoved"] += reply["n"]
        else:
            upserted = shown({"all": reply.get("upserted") or []}, self._codec)["all"]
            for one in upserted:
                result["upserted"].append({"index": run[one["index"]][0], "_id": one["_id"]})
            result["nUpserted"] += len(upserted)
            result["nMatched"] += reply["n"] - len(upserted)
            result["nModified"] += reply["nModified"]
        for error in reply.get("writeErrors", ()):
            number, statement = run[error["index"]]
            result["writeErrors"].append({**error, "index": number, "op": statement})
        concern = reply.get("writeConcernError")
        if concern:
            result["writeConcernErrors"].append(concern)
