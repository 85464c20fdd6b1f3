"""The methods of a collection that write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bson.objectid import ObjectId
from bson.raw_bson import RawBSONDocument
from pymongo import common
from pymongo.results import (
    BulkWriteResult,
    DeleteResult,
    InsertManyResult,
    InsertOneResult,
    UpdateResult,
)
from pymongo.write_concern import validate_boolean

from fivefold.api.documents.arguments import (
    hint_of,
    ordering,
    present,
    projection_of,
    refuse_session,
)
from fivefold.api.documents.bulk import Bulk
from fivefold.api.documents.door import LATER, encode, normal, shown
from fivefold.api.documents.errors import check_write
from fivefold.api.documents.reading import BY_ID, POINTS, Filter, Reading, collation_of
from fivefold.models.document.keys import key_of
from fivefold.values.documents.kinds import Document
from fivefold.values.documents.raw import Batch

Change = Mapping[str, Any] | Sequence[Mapping[str, Any]]
"""An update: operators, or a pipeline."""


class Writing(Reading):
    """insert, update, replace, delete, and what finds and changes in one."""

    __slots__ = ()

    # Insert

    def insert_one(
        self,
        document: Any,
        bypass_document_validation: bool | None = None,
        session: Any = None,
        comment: Any | None = None,
    ) -> InsertOneResult:
        """Insert a document, which gets an ``_id`` if it has none."""
        if document.__class__ is not dict:
            common.validate_is_document_type("document", document)
        refuse_session(session)
        if document.__class__ is RawBSONDocument:
            identity = None
        else:
            if "_id" not in document:
                document["_id"] = ObjectId()
            identity = document["_id"]
        raw = encode(document, self._codec)
        given: Any = raw if document.__class__ is RawBSONDocument else (raw, document)
        if given is raw or not self._door.insert(self._place, given):
            command: Document = {
                "insert": self._name,
                "documents": Batch([given]),
                **present(bypassDocumentValidation=bypass_document_validation, comment=comment),
            }
            check_write(self._door.perform(self._database.name, command))
        return InsertOneResult(identity, True)

    def insert_many(
        self,
        documents: Iterable[Any],
        ordered: bool = True,
        bypass_document_validation: bool | None = None,
        session: Any = None,
        comment: Any | None = None,
    ) -> InsertManyResult:
        """Insert documents. ``ordered``: those after one that is refused are not tried."""
        if not isinstance(documents, Iterable) or isinstance(documents, Mapping) or not documents:
            raise TypeError("documents must be a non-empty list")
        refuse_session(session)
        bulk = Bulk(self, ordered, bypass_document_validation, comment, None)
        given: list[Any] = [*documents]
        inserted: list[Any] = []
        for document in given:
            if document.__class__ is not dict:
                common.validate_is_document_type("document", document)
                if isinstance(document, RawBSONDocument):
                    continue
            if "_id" not in document:
                document["_id"] = ObjectId()
            inserted.append(document["_id"])
        bulk.insert(given)
        return InsertManyResult(inserted, True)

    # Update

    def replace_one(
        self,
        filter: Filter,
        replacement: Mapping[str, Any],
        upsert: bool = False,
        bypass_document_validation: bool | None = None,
        collation: Any = None,
        hint: Any = None,
        session: Any = None,
        let: Filter | None = None,
        sort: Any = None,
        comment: Any | None = None,
    ) -> UpdateResult:
        """Put a document in the place of the first that a filter matches."""
        common.validate_is_mapping("filter", filter)
        common.validate_ok_for_replace(replacement)
        refuse_session(session)
        statement = _update(filter, replacement, upsert, collation, None, hint, sort)
        return self._update(statement, bypass_document_validation, let, comment)

    def update_one(
        self,
        filter: Filter,
        update: Change,
        upsert: bool = False,
        bypass_document_validation: bool | None = None,
        collation: Any = None,
        array_filters: Sequence[Filter] | None = None,
        hint: Any = None,
        session: Any = None,
        let: Filter | None = None,
        sort: Any = None,
        comment: Any | None = None,
    ) -> UpdateResult:
        """Update the first document that a filter matches."""
        common.validate_is_mapping("filter", filter)
        common.validate_ok_for_update(update)
        common.validate_list_or_none("array_filters", array_filters)
        refuse_session(session)
        statement = _update(filter, update, upsert, collation, array_filters, hint, sort)
        return self._update(statement, bypass_document_validation, let, comment)

    def update_many(
        self,
        filter: Filter,
        update: Change,
        upsert: bool = False,
        array_filters: Sequence[Filter] | None = None,
        bypass_document_validation: bool | None = None,
        collation: Any = None,
        hint: Any = None,
        session: Any = None,
        let: Filter | None = None,
        comment: Any | None = None,
    ) -> UpdateResult:
        """Update all documents that a filter matches."""
        common.validate_is_mapping("filter", filter)
        common.validate_ok_for_update(update)
        common.validate_list_or_none("array_filters", array_filters)
        refuse_session(session)
        statement = _update(filter, update, upsert, collation, array_filters, hint, None)
        statement["multi"] = True
        return self._update(statement, bypass_document_validation, let, comment)

    def _update(
        self, statement: Document, bypass: bool | None, let: Filter | None, comment: Any
    ) -> UpdateResult:
        if let is not None:
            common.validate_is_mapping("let", let)
        key = None if bypass or let is not None else _point(statement, _STATEMENT)
        if key is not None and statement["u"].__class__ is dict:
            given = normal(statement["u"], self._codec)
            quick = self._door.update(self._place, key, given)
            if quick is not LATER:
                matched, changed = quick
                reply = {"n": matched, "nModified": changed, "ok": 1.0}
                return UpdateResult(reply | {"updatedExisting": matched > 0}, True)
        command = {"update": self._name, "updates": [statement]}
        options = present(bypassDocumentValidation=bypass, let=let, comment=comment)
        reply = self._run(command | options)
        check_write(reply)
        upserted = reply.get("upserted")
        reply["updatedExisting"] = bool(reply["n"]) and not upserted
        if upserted:
            given = shown({"_id": upserted[0]["_id"]}, self._plain_codec())
            reply["upserted"] = given["_id"]
        return UpdateResult(reply, True)

    # Delete

    def delete_one(
        self,
        filter: Filter,
        collation: Any = None,
        hint: Any = None,
        session: Any = None,
        let: Filter | None = None,
        comment: Any | None = None,
    ) -> DeleteResult:
        """Delete the first document that a filter matches."""
        refuse_session(session)
        return self._delete(filter, 1, collation, hint, let, comment)

    def delete_many(
        self,
        filter: Filter,
        collation: Any = None,
        hint: Any = None,
        session: Any = None,
        let: Filter | None = None,
        comment: Any | None = None,
    ) -> DeleteResult:
        """Delete all documents that a filter matches."""
        refuse_session(session)
        return self._delete(filter, 0, collation, hint, let, comment)

    def _delete(
        self,
        filter: Filter,
        limit: int,
        collation: Any,
        hint: Any,
        let: Filter | None,
        comment: Any,
    ) -> DeleteResult:
        common.validate_is_mapping("filter", filter)
        if let is not None:
            common.validate_is_document_type("let", let)
        options = present(collation=collation_of(collation), hint=hint_of(hint))
        key = None if let is not None else _point({"q": filter, **options}, _FILTER)
        if key is not None:
            count = self._door.delete(self._place, key)
            if count is not LATER:
                return DeleteResult({"n": count, "ok": 1.0}, True)
        command = {
            "delete": self._name,
            "deletes": [{"q": filter, "limit": limit, **options}],
            **present(let=let, comment=comment),
        }
        reply = self._run(command)
        check_write(reply)
        return DeleteResult(reply, True)

    # Find and change

    def find_one_and_delete(
        self,
        filter: Filter,
        projection: Any = None,
        sort: Any = None,
        hint: Any = None,
        session: Any = None,
        let: Filter | None = None,
        comment: Any | None = None,
        **kwargs: Any,
    ) -> Any:
        """Delete a document and return it; None if there is none."""
        refuse_session(session)
        kwargs["remove"] = True
        return self._modify(filter, projection, sort, None, False, hint, let, comment, kwargs)

    def find_one_and_replace(
        self,
        filter: Filter,
        replacement: Mapping[str, Any],
        projection: Any = None,
        sort: Any = None,
        upsert: bool = False,
        return_document: bool = False,
        hint: Any = None,
        session: Any = None,
        let: Filter | None = None,
        comment: Any | None = None,
        **kwargs: Any,
    ) -> Any:
        """Replace a document and return it as it was, or, if so told, as it is now."""
        common.validate_ok_for_replace(replacement)
        refuse_session(session)
        kwargs["update"] = replacement
        return self._modify(
            filter, projection, sort, upsert, return_document, hint, let, comment, kwargs
        )

    def find_one_and_update(
        self,
        filter: Filter,
        update: Change,
        projection: Any = None,
        sort: Any = None,
        upsert: bool = False,
        return_document: bool = False,
        array_filters: Sequence[Filter] | None = None,
        hint: Any = None,
        session: Any = None,
        let: Filter | None = None,
        comment: Any | None = None,
        **kwargs: Any,
    ) -> Any:
        """Update a document and return it as it was, or, if so told, as it is now."""
        common.validate_ok_for_update(update)
        common.validate_list_or_none("array_filters", array_filters)
        refuse_session(session)
        kwargs["update"] = update
        if array_filters is not None:
            kwargs["arrayFilters"] = array_filters
        return self._modify(
            filter, projection, sort, upsert, return_document, hint, let, comment, kwargs
        )

    def _modify(
        self,
        filter: Filter,
        projection: Any,
        sort: Any,
        upsert: bool | None,
        new: bool,
        hint: Any,
        let: Filter | None,
        comment: Any,
        given: dict[str, Any],
    ) -> Any:
        common.validate_is_mapping("filter", filter)
        if not isinstance(new, bool):
            raise TypeError(
                "return_document must be ReturnDocument.BEFORE or ReturnDocument.AFTER, not "
                f"{type(new)}"
            )
        if upsert is not None:
            validate_boolean("upsert", upsert)
        command = {
            "findAndModify": self._name,
            "query": filter,
            "new": new,
            **given,
            **present(
                collation=collation_of(given.pop("collation", None)),
                fields=projection_of(projection),
                sort=None if sort is None else ordering(sort),
                upsert=upsert,
                hint=hint_of(hint),
                let=let,
                comment=comment,
            ),
        }
        value = self._run(command)["value"]
        return None if value is None else shown(value, self._codec)

    # Several of them

    def bulk_write(
        self,
        requests: Sequence[Any],
        ordered: bool = True,
        bypass_document_validation: bool | None = None,
        session: Any = None,
        comment: Any | None = None,
        let: Filter | None = None,
    ) -> BulkWriteResult:
        """Run InsertOne, UpdateOne and their like of ``pymongo``; those of a kind run together."""
        common.validate_list("requests", requests)
        refuse_session(session)
        bulk = Bulk(self, ordered, bypass_document_validation, comment, let)
        for request in requests:
            try:
                request._add_to_bulk(bulk)
            except AttributeError:
                raise TypeError(f"{request!r} is not a valid request") from None
        return BulkWriteResult(bulk.execute(), True)


_STATEMENT, _FILTER = {"q", "u"}, {"q"}


def _point(statement: Document, plain: set[str]) -> bytes | None:
    """Return the key of the one document that a statement is about, if that is all it says."""
    query = statement["q"]
    if query.__class__ is not dict or query.keys() != BY_ID or statement.keys() != plain:
        return None
    value = query["_id"]
    return key_of(value) if value.__class__ in POINTS else None


def _update(
    filter: Filter, update: Any, upsert: bool, collation: Any, filters: Any, hint: Any, sort: Any
) -> Document:
    """Return a statement of an update command."""
    validate_boolean("upsert", upsert)
    statement: Document = {"q": filter, "u": update}
    if upsert:
        statement["upsert"] = True
    return statement | present(
        collation=collation_of(collation), arrayFilters=filters, hint=hint_of(hint), sort=sort
    )
