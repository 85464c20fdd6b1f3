"""Updates that are pipelines: each stage makes one document of one.

Source: manual, "Updates with Aggregation Pipeline".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from fivefold.languages.mongo.expressions import Scope, Variables
from fivefold.languages.mongo.pipeline import parse_pipeline, run
from fivefold.languages.mongo.stages.context import Context
from fivefold.languages.mongo.update.replacement import replaced
from fivefold.languages.mongo.update.storable import check_depth
from fivefold.languages.mongo.update.tree import Application
from fivefold.values.documents.kinds import Document


@dataclass(frozen=True, slots=True)
class _Alone:
    """What the stages of an update ask of their context: no more than this."""

    variables: Variables


def compile_pipeline(
    pipeline: list[Any], variables: Variables
) -> Callable[[Application], Document]:
    """Return what applies a pipeline to a document; ``variables`` are those of ``let``.

    Raises fault 72 for stages of which no update is made, and those of the stages.
    """
    stages = parse_pipeline(pipeline, "", Scope().having(*variables), inside="update")

    def change(at: Application) -> Document:
        context = cast(Context, _Alone({**variables, "NOW": at.now}))
        (new,) = run(stages, iter((at.root,)), context)
        if new is at.root:
            return new
        new = replaced(at, new)
        if new is not at.root:
            check_depth(new)
        return new

    return change
