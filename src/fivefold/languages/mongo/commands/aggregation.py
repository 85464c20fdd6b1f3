"""aggregate (manual, "aggregate")."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext

from fivefold.languages.mongo.aggregating import started, writes
from fivefold.languages.mongo.arguments import missing, take, take_flag, take_number, wrong_type
from fivefold.languages.mongo.collections import Name
from fivefold.languages.mongo.command import Command
from fivefold.languages.mongo.commands.common import collection_name, simple_collation
from fivefold.languages.mongo.commands.reading import FIRST_BATCH, cursor_reply
from fivefold.languages.mongo.context import Context
from fivefold.languages.mongo.data import Batch, Item
from fivefold.languages.mongo.expressions import Scope
from fivefold.languages.mongo.monitoring import NO_COLLECTION
from fivefold.languages.mongo.pipeline import optimized, parse_pipeline
from fivefold.languages.mongo.stages.union import Statistics
from fivefold.languages.unit import Unit
from fivefold.values.documents.faults import executing, fault
from fivefold.values.documents.kinds import Document
from fivefold.values.documents.raw import Batch as Raw


def name_of(context: Context, command: Document) -> Name:
    """Return what a pipeline is over: a collection, or the database itself."""
    given = command["aggregate"]
    if given == 1 and not isinstance(given, bool):
        return context.request.database, NO_COLLECTION
    return collection_name(context, command)


def _aggregate(context: Context, command: Document) -> Document:
    name = name_of(context, command)
    simple_collation(command)
    pipeline = take(command, "pipeline", "array")
    if pipeline is None:
        raise missing("aggregate.pipeline")
    if take_flag(command, "explain"):
        return _explained(context, command)
    cursor = command.get("cursor")
    if cursor is None:
        raise fault(
            9, "The 'cursor' option is required, except for aggregate with the explain argument"
        )
    if not isinstance(cursor, dict):
        raise wrong_type("aggregate.cursor", cursor, "object")
    first = take_number({"cursor": 1, **cursor}, "batchSize", FIRST_BATCH, least=0)
    variables = take(command, "let", "object")
    scope = Scope().having(*(variables or ()))
    stages = optimized(parse_pipeline(pipeline, name[0], scope))
    hint = command.get("hint")
    disk = take_flag(command, "allowDiskUse", True)

    def work(unit: Unit) -> Iterator[Item]:
        running = started(unit, variables, allow_disk_use=disk, hint=hint, asker=context)
        return iter(running.over(name, stages))

    # What $collStats and its like are asked for is looked at when they run.
    asked = bool(stages) and isinstance(stages[0], Statistics)
    with nullcontext() if asked else executing("PlanExecutor error during aggregation"):
        if writes(pipeline):
            context.data.write(lambda unit: [*work(unit)])
            return cursor_reply(name, Batch(Raw(), 0))
        return cursor_reply(name, context.data.open(name, work, first))


def _explained(context: Context, command: Document) -> Document:
    from fivefold.languages.mongo.commands.explaining import explained
    from fivefold.languages.mongo.explaining import Asked

    given = {name: value for name, value in command.items() if name != "explain"}
    return explained(context, given, Asked("queryPlanner"))


COMMANDS = (
    Command(
        "aggregate",
        _aggregate,
        (
            *("pipeline", "explain", "allowDiskUse", "cursor", "bypassDocumentValidation"),
            *("collation", "hint", "let", "isMapReduceCommand"),
        ),
        ("transaction", "stable"),
        summary="Run a pipeline.",
    ),
)
