"""explain (manual, "explain", "Explain Results")."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from fivefold.languages.mongo import collections
from fivefold.languages.mongo.aggregating import started, writes
from fivefold.languages.mongo.arguments import missing, take, take_flag, take_number, unknown
from fivefold.languages.mongo.collections import Name
from fivefold.languages.mongo.command import GENERAL, Command
from fivefold.languages.mongo.commands import aggregation, reading, writing
from fivefold.languages.mongo.commands.common import collection_name, simple_collation
from fivefold.languages.mongo.commands.information import VERSION
from fivefold.languages.mongo.context import Context
from fivefold.languages.mongo.explaining import (
    VERBOSITIES,
    Asked,
    explain_pipeline,
    explain_query,
    measured,
    run_query,
)
from fivefold.languages.mongo.expressions import Scope
from fivefold.languages.mongo.finding import Query, query_of
from fivefold.languages.mongo.pipeline import optimized, parse_pipeline
from fivefold.languages.mongo.update.compile import Update, compile_update
from fivefold.languages.mongo.walking import Counts
from fivefold.languages.mongo.writing import Writer
from fivefold.languages.unit import Unit
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import Document

Told = Callable[[Unit], Document]


def _explain(context: Context, command: Document) -> Document:
    inner = take(command, "explain", "object")
    verbosity = take(command, "verbosity", "string", "allPlansExecution")
    if verbosity not in VERBOSITIES:
        raise fault(
            2,
            f"Enumeration value '{verbosity}' for field 'explain.verbosity' is not a valid value.",
        )
    if not inner:
        raise fault(59, "Explain failed due to unknown command: ")
    return explained(context, inner, Asked(verbosity))


def explained(context: Context, inner: Document, asked: Asked) -> Document:
    """Return what explain tells of a command. Raises what is wrong with that."""
    from fivefold.languages.mongo.commands import COMMANDS

    name = next(iter(inner))
    known = COMMANDS.get(name)
    if known is None:
        raise fault(59, f"Explain failed due to unknown command: {name}")
    tell = _TELLERS.get(known.name)
    if tell is None:
        raise fault(20, f"Cannot explain cmd: {name}")
    if inner.get("$db", context.request.database) != context.request.database:
        raise fault(
            72,
            f"Mismatched $db in explain command. Expected {context.request.database} but got"
            f" {inner['$db']}",
        )
    for field in inner:
        if known.allowed is not None and field not in known.allowed | GENERAL:
            raise unknown(f"{name}.{field}")
    told = context.data.read(tell(context, inner, asked))
    port = 0 if context.server is None else context.server.port
    info = {"host": platform.node(), "port": port, "version": VERSION, "gitVersion": ""}
    return {
        "explainVersion": "1",
        **told,
        "command": {**inner, "$db": context.request.database},
        "serverInfo": info,
    }


def _find(context: Context, inner: Document, asked: Asked) -> Told:
    name = collection_name(context, inner)
    query, _ = reading.query_of_find(inner)
    projection = take(inner, "projection", "object")

    def tell(unit: Unit) -> Document:
        if _is_view(unit, name):
            pipeline = _as_pipeline(inner, query, projection)
            return _of_pipeline(
                context, unit, name, pipeline, take(inner, "let", "object"), None, asked
            )
        return explain_query(unit, name, query, projection, asked)[0]

    return tell


def _is_view(unit: Unit, name: Name) -> bool:
    container = unit.catalog.find(*name)
    collection = getattr(container, "collection", None)
    return collection is not None and collection.source is not None


def _as_pipeline(inner: Document, query: Query, projection: Document | None) -> list[Document]:
    """Return a find as the pipeline that it is over a view."""
    stages: list[Document] = []
    if inner.get("filter"):
        stages.append({"$match": inner["filter"]})
    if inner.get("sort") and query.sorting is not None:
        stages.append({"$sort": inner["sort"]})
    if query.skip:
        stages.append({"$skip": query.skip})
    if query.limit is not None:
        stages.append({"$limit": query.limit})
    if projection:
        stages.append({"$project": projection})
    return stages


def _of_pipeline(
    context: Context,
    unit: Unit,
    name: Name,
    pipeline: list[Any],
    variables: Document | None,
    hint: Any,
    asked: Asked,
) -> Document:
    scope = Scope().having(*(variables or ()))
    stages = optimized(parse_pipeline(pipeline, name[0], scope))
    running = started(unit, variables, hint=hint, asker=context)
    return explain_pipeline(unit, name, pipeline, running, scope, stages, asked)


def _aggregate(context: Context, inner: Document, asked: Asked) -> Told:
    name = aggregation.name_of(context, inner)
    simple_collation(inner)
    pipeline = take(inner, "pipeline", "array")
    if pipeline is None:
        raise missing("aggregate.pipeline")
    if writes(pipeline) and asked.runs:
        raise fault(
            51029,
            f"explain '{asked.verbosity}' is not supported for an aggregation that writes: use"
            " 'queryPlanner'",
        )
    variables = take(inner, "let", "object")
    hint = inner.get("hint")
    return lambda unit: _of_pipeline(context, unit, name, pipeline, variables, hint, asked)


def _count(context: Context, inner: Document, asked: Asked) -> Told:
    name = collection_name(context, inner)
    limit = abs(take_number(inner, "limit", 0))
    skip = take_number(inner, "skip", 0, least=0)
    query = query_of(
        take(inner, "query", "object", {}), None, skip, limit or None, inner.get("hint")
    )

    def tell(unit: Unit) -> Document:
        if _is_view(unit, name):
            pipeline = [*_as_pipeline({"filter": inner.get("query")}, query, None)]
            pipeline.append({"$count": "count"})
            return _of_pipeline(context, unit, name, pipeline, None, None, asked)
        told, ran = explain_query(unit, name, query, None, asked)
        stage = told["queryPlanner"]["winningPlan"]
        if stage["stage"] == "COLLSCAN" and "filter" not in stage:
            told["queryPlanner"]["winningPlan"] = {"stage": "RECORD_STORE_FAST_COUNT"}
            about: Document = {"nCounted": ran.returned, "nSkipped": query.skip}
        else:
            about = {"nCounted": ran.returned, "nSkipped": query.skip}
            told["queryPlanner"]["winningPlan"] = {"stage": "COUNT", "inputStage": stage}
        if "executionStats" in told:
            below = told["executionStats"]["executionStages"]
            whole = {"stage": told["queryPlanner"]["winningPlan"]["stage"], "nReturned": 0, **about}
            if whole["stage"] == "COUNT":
                whole["inputStage"] = below
            told["executionStats"] |= {"nReturned": 0, "executionStages": whole}
            if whole["stage"] != "COUNT":
                told["executionStats"] |= {"totalKeysExamined": 0, "totalDocsExamined": 0}
        return told

    return tell


def _distinct(context: Context, inner: Document, asked: Asked) -> Told:
    name = collection_name(context, inner)
    query = query_of(take(inner, "query", "object", {}), hint=inner.get("hint"))

    def tell(unit: Unit) -> Document:
        if _is_view(unit, name):
            pipeline = [*_as_pipeline({"filter": inner.get("query")}, query, None)]
            key = f"${inner.get('key')}"
            pipeline.append({"$group": {"_id": None, "distinct": {"$addToSet": key}}})
            return _of_pipeline(context, unit, name, pipeline, None, None, asked)
        return explain_query(unit, name, query, None, asked)[0]

    return tell


# Writes: told of, not done


def _single(inner: Document, field: str) -> Document:
    statements = take(inner, field, "array", [])
    if len(statements) != 1:
        raise fault(72, "explained write batches must be of size 1")
    statement: Document = statements[0]
    return statement


def _written(
    unit: Unit, name: Name, query: Query, asked: Asked, stage: str, about: Document | None
) -> Document:
    """Return what is told of a write whose documents a query finds."""
    told, ran = explain_query(unit, name, query, None, asked)
    below = told["queryPlanner"]["winningPlan"]
    if below["stage"] == "LIMIT":
        below = below["inputStage"]
    whole: Document = {"stage": stage, "inputStage": below}
    told["queryPlanner"]["winningPlan"] = whole
    if about is not None and "executionStats" in told:
        counts = ran.counts or Counts()
        told["executionStats"]["nReturned"] = 0
        told["executionStats"]["executionStages"] = {
            "stage": stage,
            "nReturned": 0,
            **about,
            "inputStage": measured(below, ran, counts),
        }
    return told


def _matched(unit: Unit, name: Name, query: Query) -> int:
    opened = collections.find(unit, name)
    plan = None if opened is None else query.plan(unit, opened)
    return run_query(unit, name, query, opened, plan).returned


def _delete(context: Context, inner: Document, asked: Asked) -> Told:
    name = collection_name(context, inner)
    statement = _single(inner, "deletes")
    limit = None if statement.get("limit") == 0 else 1
    query = query_of(statement.get("q"), None, 0, limit, statement.get("hint"))

    def tell(unit: Unit) -> Document:
        collections.find(unit, name)  # it is a collection, not a view
        about = {"nWouldDelete": _matched(unit, name, query)} if asked.runs else None
        stage = "DELETE" if limit else "BATCHED_DELETE"
        return _written(unit, name, query, asked, stage, about)

    return tell


def _update(context: Context, inner: Document, asked: Asked) -> Told:
    name = collection_name(context, inner)
    statement = _single(inner, "updates")
    query, update, multi, upsert = writing.update_of(statement, take(inner, "let", "object"))
    query = replace(query, limit=None if multi else 1)
    return _changing(name, query, update, upsert is not None, asked)


def _changing(name: Name, query: Query, update: Update, upsert: bool, asked: Asked) -> Told:
    def tell(unit: Unit) -> Document:
        opened = collections.find(unit, name)
        about = None
        if asked.runs:
            matched = changed = 0
            if opened is not None:
                writer = Writer(unit, opened)
                for _, before, _ in writer.found(query, query.limit):
                    matched += 1
                    position = writer.position(query, update, before)
                    after = update.apply(before, position=position, now=writer.now)
                    changed += after is not before
            about = {
                "nMatched": matched,
                "nWouldModify": changed,
                "nWouldUpsert": int(upsert and not matched),
            }
        return _written(unit, name, query, asked, "UPDATE", about)

    return tell


def _find_and_modify(context: Context, inner: Document, asked: Asked) -> Told:
    name = collection_name(context, inner)
    variables = take(inner, "let", "object")
    query = query_of(
        take(inner, "query", "object", {}),
        take(inner, "sort", "object"),
        0,
        1,
        inner.get("hint"),
        variables,
    )
    if not take_flag(inner, "remove"):
        given = inner.get("update")
        if given is None:
            raise fault(9, "Either an update or remove=true must be specified")
        update = compile_update(given, inner.get("arrayFilters") or (), variables)
        return _changing(name, query, update, take_flag(inner, "upsert"), asked)

    def tell(unit: Unit) -> Document:
        collections.find(unit, name)
        about = {"nWouldDelete": _matched(unit, name, query)} if asked.runs else None
        return _written(unit, name, query, asked, "DELETE", about)

    return tell


_TELLERS: dict[str, Callable[[Context, Document, Asked], Told]] = {
    "aggregate": _aggregate,
    "count": _count,
    "delete": _delete,
    "distinct": _distinct,
    "find": _find,
    "findAndModify": _find_and_modify,
    "update": _update,
}

COMMANDS = (
    Command(
        "explain",
        _explain,
        ("verbosity",),
        ("scans", "stable"),
        summary="Tell how a command finds its documents.",
    ),
)
