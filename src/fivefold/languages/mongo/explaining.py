"""What explain tells of a query or a pipeline: the way chosen, and how it went.

Figures are counted on a run that looks at every document itself, as MongoDB does: the store's own
statement, which filters where it can, does not say how many it has passed over.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from fivefold.catalog.containers import View
from fivefold.languages.mongo import collections
from fivefold.languages.mongo.aggregating import Running
from fivefold.languages.mongo.collections import Name, Opened
from fivefold.languages.mongo.expressions import Scope
from fivefold.languages.mongo.finding import Query
from fivefold.languages.mongo.lower.grouping import grouped
from fivefold.languages.mongo.lower.joining import index_for
from fivefold.languages.mongo.lower.planner import Plan, Scan
from fivefold.languages.mongo.lower.shown import projection_stage, sorted_stage, winning
from fivefold.languages.mongo.match.tree import Always
from fivefold.languages.mongo.match.write import written
from fivefold.languages.mongo.pipeline import optimized, parse_pipeline
from fivefold.languages.mongo.sources import read
from fivefold.languages.mongo.stages.base import Stages
from fivefold.languages.mongo.stages.union import Documents, Statistics
from fivefold.languages.mongo.walking import Counts, Walk, ordered, prepared
from fivefold.languages.unit import Unit
from fivefold.values.documents.codec import decode, from_json
from fivefold.values.documents.kinds import Document

VERBOSITIES = ("queryPlanner", "executionStats", "allPlansExecution")


@dataclass(frozen=True, slots=True)
class Asked:
    """How much is to be told: one of ``VERBOSITIES``."""

    verbosity: str = "allPlansExecution"

    @property
    def runs(self) -> bool:
        """Say whether the query is to be run."""
        return self.verbosity != "queryPlanner"


@dataclass(slots=True)
class Ran:
    """How a run of a query went."""

    returned: int = 0
    took_ms: int = 0
    counts: Counts | None = None


def is_table(unit: Unit, name: Name) -> bool:
    """Say whether a name is that of a table of another model."""
    container = unit.catalog.find(*name)
    return container is not None and not (
        isinstance(container, View) and container.collection is not None
    )


def explain_query(
    unit: Unit, name: Name, query: Query, projection: Document | None, asked: Asked
) -> tuple[Document, Ran]:
    """Return ``queryPlanner`` and ``executionStats``, and how the run went, if there was one."""
    opened = None if is_table(unit, name) else collections.find(unit, name)
    if opened is None:
        stage: Document = {"stage": "EOF"}
        if is_table(unit, name):
            stage = _of_table(query, projection)
        plan = None
    else:
        plan = query.plan(unit, opened)
        stage = winning(opened, query, plan, projection)
    told: Document = {"queryPlanner": planner(name, query, stage)}
    ran = Ran()
    if asked.runs:
        ran = run_query(unit, name, query, opened, plan)
        told["executionStats"] = statistics(stage, ran, asked)
    if opened is not None and plan is not None and plan.scans:
        told["fivefold"] = own(unit, opened, plan)
    return told, ran


def planner(name: Name, query: Query, stage: Document) -> Document:
    """Return ``queryPlanner``."""
    return {
        "namespace": ".".join(name),
        "indexFilterSet": False,
        "parsedQuery": written(query.filter),
        "maxIndexedOrSolutionsReached": False,
        "maxIndexedAndSolutionsReached": False,
        "maxScansToExplodeReached": False,
        "winningPlan": stage,
        "rejectedPlans": [],
    }


def _of_table(query: Query, projection: Document | None) -> Document:
    stage: Document = {"stage": "COLLSCAN"}
    if query.filter != Always(True):
        stage["filter"] = written(query.filter)
    stage["direction"] = "forward"
    if query.sorting is not None:
        stage = sorted_stage(query, stage)
    if query.skip:
        stage = {"stage": "SKIP", "skipAmount": query.skip, "inputStage": stage}
    if projection:
        name = projection_stage(projection)
        stage = {"stage": name, "transformBy": projection, "inputStage": stage}
    if query.limit is not None and query.sorting is None:
        stage = {"stage": "LIMIT", "limitAmount": query.limit, "inputStage": stage}
    return stage


def own(unit: Unit, opened: Opened, plan: Plan) -> Document:
    """Return what the store itself is asked, and what of the filter is left after that."""
    told: Document = {"statements": [prepared(unit, opened, scan).text for scan in plan.scans]}
    if plan.residual is not None:
        told["residual"] = written(plan.residual)
    return told


# Running


def run_query(
    unit: Unit, name: Name, query: Query, opened: Opened | None, plan: Plan | None
) -> Ran:
    """Run a query, then count what it looks at."""
    began = time.monotonic()
    returned = sum(1 for _ in read(unit, name, query, None))
    took_ms = int((time.monotonic() - began) * 1000)
    counts = Counts()
    if opened is None or plan is None:
        counts.documents = returned
        return Ran(returned, took_ms, counts)
    bare = replace(plan, scans=tuple(map(_bare, plan.scans)), residual=plan.filter)
    walk = Walk(unit, opened, bare, query.variables, counts)
    sorts = query.sorting is not None and any(scan.index is None for scan in plan.scans)
    limit = None if sorts else query.limit
    skip = 0 if sorts else query.skip
    for _ in ordered(walk, query.sorting, skip, limit):
        pass
    return Ran(returned, took_ms, counts)


def _bare(scan: Scan) -> Scan:
    """Return a scan whose statement filters nothing."""
    if scan.condition is None:
        return scan
    text = scan.text
    for wrapped in (f" AND ({scan.condition})", f" WHERE {scan.condition}"):
        text = text.replace(wrapped, "")
    return replace(scan, text=text, parameters=(), types=(), condition=None)


def statistics(stage: Document, ran: Ran, asked: Asked) -> Document:
    """Return ``executionStats``."""
    counts = ran.counts or Counts()
    told: Document = {
        "executionSuccess": True,
        "nReturned": ran.returned,
        "executionTimeMillis": ran.took_ms,
        "totalKeysExamined": counts.keys,
        "totalDocsExamined": counts.documents,
        "executionStages": measured(stage, ran, counts),
    }
    if asked.verbosity == "allPlansExecution":
        told["allPlansExecution"] = []
    return told


def measured(stage: Document, ran: Ran, counts: Counts) -> Document:
    """Return a stage with its figures: what came out of it, what it looked at."""
    below = stage.get("inputStage")
    told = {name: value for name, value in stage.items() if name != "inputStage"}
    name = stage["stage"]
    told["nReturned"] = counts.keys if name in ("IXSCAN", "OR") else ran.returned
    if below is None:
        told["executionTimeMillisEstimate"] = ran.took_ms
    if name in ("COLLSCAN", "FETCH", "IDHACK"):
        told["docsExamined"] = counts.documents
    if name in ("IXSCAN", "IDHACK"):
        told["keysExamined"] = counts.keys
    if below is not None:
        told["inputStage"] = measured(below, ran, counts)
    return told


# Pipelines


def explain_pipeline(
    unit: Unit,
    name: Name,
    pipeline: list[Any],
    running: Running,
    scope: Scope,
    stages: Stages,
    asked: Asked,
) -> Document:
    """Return what is told of a pipeline: as of a find if the store does all of it."""
    name, pipeline, stages = _through_views(unit, name, pipeline, stages)
    if stages and isinstance(stages[0], (Documents, Statistics)):
        return {"stages": [dict(one) for one in pipeline]}
    query, rest = running.absorbed(name, stages)
    left = _left(running, scope, name, pipeline, rest)
    told, ran = explain_query(unit, name, query, None, asked)
    if not rest:
        return told
    lowered = grouped(unit, name, query, rest) if collections.is_stored(unit, name) else None
    if lowered is not None and "fivefold" in told:
        count = len(rest) - len(lowered[1])
        told["fivefold"]["grouped"] = [next(iter(one)) for one in left[:count]]
    shown: list[Document] = [{"$cursor": told}]
    if asked.runs:
        shown[0] |= {"nReturned": ran.returned, "executionTimeMillisEstimate": ran.took_ms}
    shown += [dict(one) for one in left]
    joins = [one for one in shown if "localField" in one.get("$lookup", ())]
    for one in joins:
        one |= _strategy(unit, name[0], one["$lookup"])
    if asked.runs:
        began = time.monotonic()
        counts = _counted(unit, name, query, rest, running)
        took_ms = int((time.monotonic() - began) * 1000)
        same = len(rest) == len(left)
        for number, one in enumerate(shown[1:]):
            one["nReturned"] = counts[number] if same else counts[-1]
            one["executionTimeMillisEstimate"] = took_ms
        for one in joins:
            one |= _joined(running, one["$lookup"])
    return {"stages": shown}


def _strategy(unit: Unit, database: str, lookup: Document) -> Document:
    """Return how a $lookup finds what is equal, in the words of MongoDB's EQ_LOOKUP."""
    name = (database, lookup["from"])
    if unit.catalog.find(*name) is None:
        return {"strategy": "NonExistentForeignCollection"}
    if collections.is_stored(unit, name):
        opened = collections.find(unit, name)
        assert opened is not None
        index = index_for(opened, tuple(lookup["foreignField"].split(".")))
        if index is not None:
            return {"strategy": "IndexedLoopJoin", "indexName": index.name}
    return {"strategy": "HashJoin"}


def _joined(running: Running, lookup: Document) -> Document:
    """Return what a $lookup has looked at."""
    path = tuple(lookup["foreignField"].split("."))
    for partners in running.joined:
        if partners.path == path and partners.opened.name[1] == lookup["from"]:
            used = [] if partners.index is None else [partners.index]
            return {
                "totalDocsExamined": partners.counts.documents,
                "totalKeysExamined": partners.counts.keys,
                "collectionScans": partners.scans,
                "indexesUsed": used,
            }
    return {}


def _through_views(
    unit: Unit, name: Name, pipeline: list[Any], stages: Stages
) -> tuple[Name, list[Any], Stages]:
    """Return what a view stands for: a collection, and a longer pipeline."""
    while True:
        container = unit.catalog.find(*name)
        collection = container.collection if isinstance(container, View) else None
        if collection is None or collection.source is None:
            return name, pipeline, stages
        before = from_json(collection.pipeline or "[]")
        name = (name[0], collection.source)
        pipeline = [*before, *pipeline]
        stages = optimized((*parse_pipeline(before, name[0]), *stages))


def _left(
    running: Running, scope: Scope, name: Name, pipeline: list[Any], rest: Stages
) -> list[Document]:
    """Return the stages as they were sent that are not done by the query in front."""
    parsed = [parse_pipeline([one], name[0], scope) for one in pipeline]
    count = sum(map(len, parsed)) - len(running.absorbed(name, sum(parsed, ()))[1])
    left: list[Document] = []
    for one, stages in zip(pipeline, parsed, strict=True):
        if count < len(stages):
            left.append(one)
        count = max(0, count - len(stages))
    kinds = [type(stage) for stage in rest]
    for one, stages in zip(pipeline, parsed, strict=True):
        # A $match that was put in front, or a $limit, is in the query too.
        held = sum(type(stages[0]) is kind for kind in kinds) if stages else 0
        same = [each for each in left if next(iter(each)) == next(iter(one))]
        if one in left and len(stages) == 1 and len(same) > held:
            left.remove(one)
    return left


def _counted(unit: Unit, name: Name, query: Query, rest: Stages, running: Running) -> list[int]:
    """Run stages, and return how many documents came out of each."""
    counts = [0] * len(rest)

    def counting(number: int, documents: Iterator[Document]) -> Iterator[Document]:
        for document in documents:
            counts[number] += 1
            yield document

    items = read(unit, name, query, None)
    documents = (decode(i) if isinstance(i, bytes) else i for i in items)
    for number, stage in enumerate(rest):
        documents = counting(number, stage.run(documents, running))  # type: ignore[assignment]
    for _ in documents:
        pass
    return counts
