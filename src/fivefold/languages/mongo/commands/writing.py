"""insert, update, delete, findAndModify.

A command is carried out in one transaction. A document that is refused is told of in
``writeErrors``, and the others stay; whatever ends the transaction is the command's own error.
Source: manual, "Query and Write Operation Commands".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from fivefold.errors import FivefoldError
from fivefold.languages.mongo.arguments import (
    missing,
    need,
    take,
    take_flag,
    unknown,
    wrong_type,
)
from fivefold.languages.mongo.command import Command
from fivefold.languages.mongo.commands.common import collection_name, simple_collation
from fivefold.languages.mongo.context import Context
from fivefold.languages.mongo.finding import Query, query_of
from fivefold.languages.mongo.projection.find import compile_projection
from fivefold.languages.mongo.update.compile import Update, compile_update
from fivefold.languages.mongo.writing import Writer, is_own, writer
from fivefold.languages.unit import Unit
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import Document
from fivefold.values.documents.replyerrors import write_error

BATCH_MAX = 100_000
"""Statements of one command (manual, "MongoDB Limits and Thresholds")."""

_COMMON = ("ordered", "bypassDocumentValidation", "maxTimeMS", "let")


def _statements(command: Document, field: str) -> list[Any]:
    given = need(command, field, "array")
    if not 1 <= len(given) <= BATCH_MAX:
        raise fault(
            16, f"Write batch sizes must be between 1 and {BATCH_MAX}. Got {len(given)} operations."
        )
    return list(given)


def _insert(context: Context, command: Document) -> Document:
    name = collection_name(context, command)
    documents = _statements(command, "documents")
    ordered = take_flag(command, "ordered", True)
    validates = not take_flag(command, "bypassDocumentValidation")

    def work(unit: Unit) -> Document:
        target = writer(unit, name, validates=validates)
        assert target is not None
        done = target.insert(documents, ordered=ordered)
        reply: Document = {"n": done.count}
        if done.faults:
            reply["writeErrors"] = [write_error(n, e) for n, e in sorted(done.faults.items())]
        return reply

    return context.data.once(work)


def _each(
    statements: Sequence[Any], ordered: bool, run: Callable[[int, Any], None]
) -> list[Document]:
    """Run statements; return what to tell of those that failed. Ordered ones end with the first."""
    errors: list[Document] = []
    for number, statement in enumerate(statements):
        try:
            run(number, statement)
        except FivefoldError as error:
            if not is_own(error):
                raise
            errors.append(write_error(number, error))
            if ordered:
                break
    return errors


_UPDATE_FIELDS = frozenset(
    {"q", "u", "c", "upsert", "multi", "collation", "arrayFilters", "hint", "sort",
     "upsertSupplied", "sampleId"}
)  # fmt: skip
_DELETE_FIELDS = frozenset({"q", "limit", "collation", "hint", "sampleId"})


def _checked(statement: Any, fields: frozenset[str], place: str, needed: str) -> Document:
    """Return a statement whose fields are those it may have, the needed ones among them."""
    if not isinstance(statement, dict):
        raise wrong_type(place, statement, "object")
    for field in statement:
        if field not in fields:
            raise unknown(f"{place}.{field}")
    if not isinstance(statement.get("q"), dict):
        raise (
            missing(f"{place}.q")
            if "q" not in statement
            else wrong_type(f"{place}.q", statement["q"], "object")
        )
    if needed not in statement:
        raise missing(f"{place}.{needed}")
    if needed == "u" and not isinstance(statement["u"], (dict, list)):
        raise fault(9, "Update argument must be either an object or an array")
    simple_collation(statement)
    return statement


def _update(context: Context, command: Document) -> Document:
    name = collection_name(context, command)
    statements = [
        _checked(one, _UPDATE_FIELDS, "update.updates", "u")
        for one in _statements(command, "updates")
    ]
    ordered = take_flag(command, "ordered", True)
    validates = not take_flag(command, "bypassDocumentValidation")
    variables = take(command, "let", "object")

    def work(unit: Unit) -> Document:
        matched = changed = 0
        upserted: list[Document] = []
        target: Writer | None = None

        def run(number: int, statement: Document) -> None:
            nonlocal matched, changed, target
            query, update, multi, upsert = update_of(statement, variables)
            if target is None:
                target = writer(unit, name, validates=validates, makes=upsert is not None)
            if target is None:
                return
            done = target.update(query, update, multi=multi, upsert=upsert)
            matched += done.matched
            changed += done.changed
            if done.is_upsert:
                matched += 1
                upserted.append({"index": number, "_id": done.upserted})

        errors = _each(statements, ordered, run)
        reply: Document = {"n": matched}
        if upserted:
            reply["upserted"] = upserted
        reply["nModified"] = changed
        if errors:
            reply["writeErrors"] = errors
        return reply

    return context.data.once(work)


def update_of(
    statement: Document, variables: Document | None
) -> tuple[Query, Update, bool, Document | None]:
    """Return what an update statement asks for; last the filter, if it may insert."""
    given = statement["u"]
    filters = statement.get("arrayFilters") or ()
    update = compile_update(given, filters, variables)
    multi = bool(statement.get("multi"))
    if multi and update.kind == "replacement":
        raise fault(9, "multi update is not supported for replacement-style update")
    filter = statement["q"]
    query = query_of(filter, statement.get("sort"), hint=statement.get("hint"), variables=variables)
    return query, update, multi, filter if statement.get("upsert") else None


def _delete(context: Context, command: Document) -> Document:
    name = collection_name(context, command)
    statements = [
        _checked(one, _DELETE_FIELDS, "delete.deletes", "limit")
        for one in _statements(command, "deletes")
    ]
    for one in statements:
        if one["limit"] not in (0, 1):
            raise fault(9, f"The limit field in delete objects must be 0 or 1. Got {one['limit']}")
    ordered = take_flag(command, "ordered", True)
    variables = take(command, "let", "object")

    def work(unit: Unit) -> Document:
        count = 0
        target = writer(unit, name, makes=False)

        def run(number: int, statement: Document) -> None:
            nonlocal count
            query = query_of(statement["q"], hint=statement.get("hint"), variables=variables)
            if target is not None:
                count += target.delete(query, multi=statement["limit"] == 0)

        errors = _each(statements, ordered, run)
        return {"n": count, **({"writeErrors": errors} if errors else {})}

    return context.data.once(work)


def _find_and_modify(context: Context, command: Document) -> Document:
    name = collection_name(context, command)
    simple_collation(command)
    remove, new = take_flag(command, "remove"), take_flag(command, "new")
    upsert = take_flag(command, "upsert")
    given = command.get("update")
    if remove and given is not None:
        raise fault(9, "Cannot specify both an update and remove=true")
    if remove and upsert:
        raise fault(9, "Cannot specify both upsert=true and remove=true")
    if remove and new:
        raise fault(
            9,
            "Cannot specify both new=true and remove=true; 'remove' always returns the deleted "
            "document",
        )
    if not remove and given is None:
        raise fault(9, "Either an update or remove=true must be specified")
    variables = take(command, "let", "object")
    filter = take(command, "query", "object", {})
    query = query_of(
        filter, take(command, "sort", "object"), hint=command.get("hint"), variables=variables
    )
    update = (
        None
        if given is None
        else compile_update(given, command.get("arrayFilters") or (), variables)
    )
    fields = take(command, "fields", "object")
    project = compile_projection(fields, filter) if fields else None
    validates = not take_flag(command, "bypassDocumentValidation")

    def work(unit: Unit) -> Document:
        target = writer(unit, name, validates=validates, makes=upsert)
        found = None if target is None else next(target.found(query, 1), None)
        value: Document | None
        if target is None or found is None:
            if not upsert or target is None or update is None:
                about: Document = {"n": 0} if remove else {"n": 0, "updatedExisting": False}
                return {"lastErrorObject": about, "value": None}
            made = target.upserted(filter, update)
            value = made if new else None
            about = {"n": 1, "updatedExisting": False, "upserted": made["_id"]}
        elif update is None:
            place, value, _ = found
            target.remove(place, value)
            about = {"n": 1}
        else:
            place, before, _ = found
            position = target.position(query, update, before)
            after = target.change(place, before, update, position)
            value = (before if after is None else after) if new else before
            about = {"n": 1, "updatedExisting": True}
        if project is not None and value is not None:
            value = project(value)
        return {"lastErrorObject": about, "value": value}

    return context.data.once(work)


_FLAGS = ("write", "retryable", "transaction", "stable")

COMMANDS = (
    Command(
        "insert",
        _insert,
        ("documents", *_COMMON),
        _FLAGS,
        raw=frozenset({"documents"}),
        summary="Insert documents.",
    ),
    Command("update", _update, ("updates", *_COMMON), _FLAGS, summary="Update documents."),
    Command("delete", _delete, ("deletes", *_COMMON), _FLAGS, summary="Delete documents."),
    Command(
        "findAndModify",
        _find_and_modify,
        (
            *("query", "sort", "remove", "update", "new", "fields", "upsert"),
            *("bypassDocumentValidation", "collation", "arrayFilters", "hint", "let"),
        ),
        _FLAGS,
        aliases=("findandmodify",),
        summary="Change one document and return it.",
    ),
)
