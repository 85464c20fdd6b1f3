"""Writes of several statements: those of a kind, in their order or not, are one command.

``add_insert`` and its like are what pymongo's operations (InsertOne, UpdateMany, …) call to say
what they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
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

Run = tuple[str, Sequence[int], list[Any]]
"""Statements of a kind, and before them their numbers among all."""


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
        return self._carry_out(self._runs())

    def insert(self, documents: list[Any]) -> None:
        """Carry out the insertion of documents and nothing else. Raises BulkWriteError."""
        if not documents:
            raise InvalidOperation("No operations to execute")
        self._carry_out([("insert", range(len(documents)), documents)])

    def _carry_out(self, runs: Iterable[Run]) -> dict[str, Any]:
        result: dict[str, Any] = {"writeErrors": [], "writeConcernErrors": []}
        result |= dict.fromkeys(("nInserted", "nUpserted", "nMatched", "nModified", "nRemoved"), 0)
        result["upserted"] = []
        for kind, numbers, statements in runs:
            for first in range(0, len(statements), STATEMENTS_MAX):
                part = slice(first, first + STATEMENTS_MAX)
                self._perform(kind, numbers[part], statements[part], result)
                if self._ordered and result["writeErrors"]:
                    break
            if self._ordered and result["writeErrors"]:
                break
        check_bulk(result)
        return result

    def _runs(self) -> Iterator[Run]:
        """Yield the statements of each command: of a kind, and behind each other if ordered."""
        if self._ordered:
            numbered = groupby(enumerate(self._statements), lambda each: each[1][0])
            for kind, run in numbered:
                yield _run(kind, run)
            return
        for kind in _FIELDS:
            some = [each for each in enumerate(self._statements) if each[1][0] == kind]
            if some:
                yield _run(kind, some)

    def _perform(
        self, kind: str, numbers: Sequence[int], statements: list[Any], result: dict[str, Any]
    ) -> None:
        codec = self._codec
        collection = self._collection
        command: Document = {kind: collection.name, "ordered": self._ordered, **self._options}
        if kind == "insert":
            command.pop("let", None)
            raw = RawBSONDocument
            pairs: list[Any] = [
                (encode(one, codec), one) if one.__class__ is not raw else encode(one, codec)
                for one in statements
            ]
            command = normal(command, codec)
            command["documents"] = Batch(pairs)
        else:
            command = normal(command | {_FIELDS[kind]: statements}, codec)
        reply = collection.door.perform(collection.database_name, command)
        self._merge(kind, numbers, statements, reply, result)

    def _merge(
        self,
        kind: str,
        numbers: Sequence[int],
        statements: list[Any],
        reply: Document,
        result: dict[str, Any],
    ) -> None:
        """Add what a command did to what all of them did."""
        if kind == "insert":
            result["nInserted"] += reply["n"]
        elif kind == "delete":
            result["nRemoved"] += reply["n"]
        else:
            upserted = shown({"all": reply.get("upserted") or []}, self._codec)["all"]
            for one in upserted:
                result["upserted"].append({"index": numbers[one["index"]], "_id": one["_id"]})
            result["nUpserted"] += len(upserted)
            result["nMatched"] += reply["n"] - len(upserted)
            result["nModified"] += reply["nModified"]
        for error in reply.get("writeErrors", ()):
            at = error["index"]
            result["writeErrors"].append({**error, "index": numbers[at], "op": statements[at]})
        concern = reply.get("writeConcernError")
        if concern:
            result["writeConcernErrors"].append(concern)


def _run(kind: str, numbered: Iterable[tuple[int, tuple[str, Any]]]) -> Run:
    numbers, statements = [], []
    for number, (_, statement) in numbered:
        numbers.append(number)
        statements.append(statement)
    return kind, numbers, statements
