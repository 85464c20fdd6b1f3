"""Updates that are pipelines: each stage makes one document of one.

Source: manual, "Updates with Aggregation Pipeline".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fivefold.languages.mongo.update.tree import Application
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import Document


def compile_pipeline(pipeline: list[Any], variables: Document) -> Callable[[Application], Document]:
    """Return what applies a pipeline to a document."""
    raise fault(115, "updates by a pipeline are not supported; use update operators")
