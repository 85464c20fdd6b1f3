"""The beginning of a pipeline as one statement: $match … $group, $count, $sortByCount.

A group's key may be a constant, a field, or a document of fields, whose values have all been of one
type; the accumulators $sum, $avg, $min, $max and $count of fields that have only ever been numbers,
or, for $min and $max, of one type. Everything else is streamed.
"""

from __future__ import annotations

from collections.abc import Iterator

from fivefold.languages.mongo.collections import Name
from fivefold.languages.mongo.finding import Query
from fivefold.languages.mongo.stages.base import Stages
from fivefold.languages.mongo.unit import Unit
from fivefold.values.documents.kinds import Document


def grouped(
    unit: Unit, name: Name, query: Query, stages: Stages
) -> tuple[Iterator[Document], Stages] | None:
    """Return the groups and the stages that are left, None if they have to be streamed."""
    return None
