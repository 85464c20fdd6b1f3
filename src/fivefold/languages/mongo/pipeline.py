"""Aggregation pipelines: read, put into a better order, run.

``parse_pipeline`` gives stages as they were sent, which ``optimized`` may reorder; whoever can do a
beginning of them in the store looks at the stages' parts and runs the rest.
Source: manual 7.0, "Aggregation Pipeline", "Aggregation Pipeline Optimization".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from fivefold.languages.mongo.expressions.terms import Scope
from fivefold.languages.mongo.stages.base import Site, Stage, Stages
from fivefold.languages.mongo.stages.context import Context
from fivefold.languages.mongo.stages.optimize import optimized
from fivefold.languages.mongo.stages.table import STAGES, UNSUPPORTED, UPDATES
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import Document

STAGES_MAX = 1000
"""Stages of one pipeline (manual, "Aggregation Pipeline Limits")."""

_BARRED = {
    "$facet": (40600, "{} is not allowed to be used within a $facet stage"),
    "$lookup": (51047, "{} is not allowed within a $lookup's sub-pipeline"),
    "$unionWith": (31441, "{} is not allowed within a $unionWith's sub-pipeline"),
    "update": (72, "{} is not allowed to be used within an update"),
}


def parse_pipeline(
    pipeline: Sequence[Any],
    namespace: str,
    scope: Scope | None = None,
    inside: str = "",
) -> Stages:
    """Return the stages that a pipeline lists.

    ``namespace`` is the database that names of collections belong to, ``scope`` has the variables
    of a command's ``let``; ``inside`` is "update" for the pipeline of an update.
    Raises MongoDB's errors for what is no pipeline.
    """
    return _parse(list(pipeline), Site(namespace, scope or Scope(), _parse, inside))


def _parse(pipeline: Any, site: Site) -> Stages:
    if not isinstance(pipeline, list):
        raise fault(14, "'pipeline' option must be specified as an array")
    if len(pipeline) > STAGES_MAX:
        raise fault(
            7749501,
            f"Pipeline length must be no longer than {STAGES_MAX} stages",
        )
    stages: list[Stage] = []
    for at, specification in enumerate(pipeline):
        stages += _stage(specification, site, at == 0, at == len(pipeline) - 1)
    return tuple(stages)


def _stage(specification: Any, site: Site, first: bool, last: bool) -> Stages:
    if not isinstance(specification, dict):
        raise fault(14, "Each element of the 'pipeline' array must be an object")
    if len(specification) != 1:
        raise fault(40323, "A pipeline stage specification object must contain exactly one field.")
    ((name, value),) = specification.items()
    kind = STAGES.get(name)
    if kind is None:
        if name in UNSUPPORTED:
            raise fault(115, f"{name} is not supported: {UNSUPPORTED[name]}")
        raise fault(40324, f"Unrecognized pipeline stage name: '{name}'")
    if site.inside in kind.barred or (site.inside == "update" and name not in UPDATES):
        number, text = _BARRED[site.inside]
        raise fault(number, text.format(name))
    if kind.first and not first:
        raise fault(40602, f"{name} is only valid as the first stage in a pipeline.")
    if kind.last and not last:
        raise fault(40601, f"{name} can only be the final stage in the pipeline")
    return kind.parse(value, site)


def run(stages: Stages, documents: Iterator[Document], context: Context) -> Iterator[Document]:
    """Yield what the stages make of documents, one by one as far as the stages allow."""
    for stage in stages:
        documents = stage.run(documents, context)
    return documents


__all__ = ["STAGES_MAX", "optimized", "parse_pipeline", "run"]
