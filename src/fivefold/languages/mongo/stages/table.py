"""The stages by name."""

from __future__ import annotations

from .base import StageKind
from .bucket import parse_bucket, parse_bucket_auto
from .densify import parse_densify
from .graph import parse_graph_lookup
from .group import parse_group, parse_sort_by_count
from .lookup import parse_lookup
from .match import parse_match
from .output import parse_merge, parse_out
from .passing import (
    parse_count,
    parse_limit,
    parse_redact,
    parse_sample,
    parse_skip,
    parse_sort_stage,
    parse_unwind,
)
from .project import (
    parse_add_fields,
    parse_project,
    parse_replace_root,
    parse_replace_with,
    parse_set,
    parse_unset,
)
from .union import parse_documents, parse_facet, parse_statistics, parse_union_with
from .window import parse_fill, parse_set_window_fields

_EVERYWHERE = frozenset({"$facet", "$lookup", "$unionWith"})
_FACET = frozenset({"$facet"})


def _told(stage: str) -> StageKind:
    return StageKind(parse_statistics(stage), first=True, barred=_FACET)


STAGES: dict[str, StageKind] = {
    "$addFields": StageKind(parse_add_fields),
    "$bucket": StageKind(parse_bucket),
    "$bucketAuto": StageKind(parse_bucket_auto),
    "$collStats": _told("$collStats"),
    "$count": StageKind(parse_count),
    "$currentOp": _told("$currentOp"),
    "$densify": StageKind(parse_densify),
    "$documents": StageKind(parse_documents, first=True, barred=_FACET),
    "$facet": StageKind(parse_facet, barred=_FACET),
    "$fill": StageKind(parse_fill),
    "$graphLookup": StageKind(parse_graph_lookup),
    "$group": StageKind(parse_group),
    "$indexStats": _told("$indexStats"),
    "$limit": StageKind(parse_limit),
    "$listLocalSessions": _told("$listLocalSessions"),
    "$listSessions": _told("$listSessions"),
    "$lookup": StageKind(parse_lookup),
    "$match": StageKind(parse_match),
    "$merge": StageKind(parse_merge, last=True, barred=_EVERYWHERE),
    "$out": StageKind(parse_out, last=True, barred=_EVERYWHERE),
    "$planCacheStats": _told("$planCacheStats"),
    "$project": StageKind(parse_project),
    "$redact": StageKind(parse_redact),
    "$replaceRoot": StageKind(parse_replace_root),
    "$replaceWith": StageKind(parse_replace_with),
    "$sample": StageKind(parse_sample),
    "$set": StageKind(parse_set),
    "$setWindowFields": StageKind(parse_set_window_fields),
    "$skip": StageKind(parse_skip),
    "$sort": StageKind(parse_sort_stage),
    "$sortByCount": StageKind(parse_sort_by_count),
    "$unionWith": StageKind(parse_union_with),
    "$unset": StageKind(parse_unset),
    "$unwind": StageKind(parse_unwind),
}

UPDATES = frozenset({"$addFields", "$set", "$project", "$unset", "$replaceRoot", "$replaceWith"})
"""Stages of which an update can be made (manual, "Updates with Aggregation Pipeline")."""

UNSUPPORTED: dict[str, str] = {
    "$changeStream": "poll with a filter on a field that grows, such as _id",
    "$changeStreamSplitLargeEvent": "poll with a filter on a field that grows, such as _id",
    "$geoNear": "there are no geospatial indexes; filter with $match on coordinates and $sort by "
    "an expression of them",
    "$listSampledQueries": "use explain",
    "$listSearchIndexes": "use listIndexes",
    "$rankFusion": "there are no search indexes; use $match with $regex",
    "$search": "there are no search indexes; use $match with $regex",
    "$searchMeta": "there are no search indexes; use $match with $regex",
    "$shardedDataDistribution": "nothing is sharded; use $collStats",
    "$vectorSearch": "there are no vector indexes; $sort by an expression of the distance",
}
"""Stages that MongoDB has and fivefold has not, and what to use instead."""
