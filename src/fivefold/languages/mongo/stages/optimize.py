"""Pipelines in a better order, with the same answers.

A $match goes before stages that leave alone what it asks; a $limit and a $skip go before stages
that give a document for each; a $sort is told how many are wanted of it.
Source: manual 7.0, "Aggregation Pipeline Optimization".
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fivefold.languages.mongo.match.tree import (
    Always,
    And,
    ElemMatch,
    ElemMatchValue,
    Expr,
    JsonSchema,
    Node,
    Nor,
    Not,
    Or,
    all_of,
)

from .base import Stage, Stages
from .graph import GraphLookup
from .lookup import Lookup
from .match import Match
from .passing import Limit, Skip, Sort, Unwind
from .project import AddFields, Project, ReplaceRoot

Path = tuple[str, ...]

_ONE_FOR_EACH = (Project, AddFields, ReplaceRoot, Lookup, GraphLookup)


def optimized(stages: Stages) -> Stages:
    """Return stages that give the same documents in the same order, sooner."""
    found: list[Stage] = []
    for stage in stages:
        if isinstance(stage, Match):
            _put_match(found, stage)
        elif isinstance(stage, Limit | Skip):
            _put_bound(found, stage)
        else:
            found.append(stage)
    return _with_limits(found)


def _put_match(found: list[Stage], match: Match) -> None:
    """Put a filter as far to the beginning as its parts may go."""
    parts = list(match.node.nodes) if isinstance(match.node, And) else [match.node]
    for part in parts:
        _put_part(found, part)


def _put_part(found: list[Stage], node: Node) -> None:
    paths = paths_of(node)
    at = len(found)
    while paths is not None and at and _passes(found[at - 1], paths):
        at -= 1
    before = found[at - 1] if at else None
    if isinstance(before, Match):
        joined = all_of([before.node, node])
        found[at - 1] = Match({}, joined)
    else:
        found.insert(at, Match({}, node))


def paths_of(node: Node) -> set[Path] | None:
    """Return the paths that a filter asks; None if that cannot be told."""
    if isinstance(node, Always):
        return set()
    if isinstance(node, Expr | JsonSchema):
        return None
    if isinstance(node, Not):
        return paths_of(node.node)
    if isinstance(node, And | Or | Nor):
        paths: set[Path] = set()
        for each in node.nodes:
            inner = paths_of(each)
            if inner is None:
                return None
            paths |= inner
        return paths
    if isinstance(node, ElemMatch | ElemMatchValue) and paths_of(node.node) is None:
        return None
    return {node.path}


def _passes(stage: Stage, paths: set[Path]) -> bool:
    """Tell whether a filter on the paths says the same before the stage as behind it."""
    if isinstance(stage, Sort):
        return stage.limit is None
    if isinstance(stage, Lookup | GraphLookup):
        return not _touched(paths, [stage.into])
    if isinstance(stage, AddFields):
        return not _touched(paths, stage.shape.paths())
    if isinstance(stage, Unwind):
        written = [stage.path] if stage.index is None else [stage.path, stage.index]
        return not _touched(paths, written)
    if isinstance(stage, Project):
        if stage.excludes:
            return not _touched(paths, stage.shape.paths())
        return all((path[0],) in _whole(stage) for path in paths)
    return False


def _whole(project: Project) -> set[Path]:
    """Return the fields of an inclusion that come through whole."""
    return {(name,) for name in project.shape.plain}


def _touched(paths: set[Path], written: list[Path]) -> bool:
    return any(_overlap(path, other) for path in paths for other in written)


def _overlap(path: Path, other: Path) -> bool:
    """Tell whether one is part of the other, or may be.

    A number can be an index of an array, through which others go: ``a.0.x`` is part of ``a.x``.
    """
    path, other = _through_arrays(path), _through_arrays(other)
    short = min(len(path), len(other))
    return path[:short] == other[:short]


def _through_arrays(path: Path) -> Path:
    return tuple([name for name in path if not name.isdigit()])


def _put_bound(found: list[Stage], bound: Limit | Skip) -> None:
    at = len(found)
    while at and isinstance(found[at - 1], _ONE_FOR_EACH):
        at -= 1
    before = found[at - 1] if at else None
    if isinstance(bound, Limit) and isinstance(before, Limit):
        found[at - 1] = Limit(min(before.count, bound.count))
    elif isinstance(bound, Skip) and isinstance(before, Skip):
        found[at - 1] = Skip(before.count + bound.count)
    else:
        found.insert(at, bound)


def _with_limits(stages: list[Stage]) -> Stages:
    """Tell every $sort how many of its documents are wanted."""
    found: list[Stage] = []
    for at, stage in enumerate(stages):
        if isinstance(stage, Sort):
            wanted = _wanted(stages[at + 1 :])
            if wanted is not None:
                stage = replace(stage, limit=wanted)
        found.append(stage)
    return tuple(found)


def _wanted(behind: list[Any]) -> int | None:
    skipped = 0
    for stage in behind:
        if isinstance(stage, Skip):
            skipped += stage.count
        elif isinstance(stage, Limit):
            return skipped + stage.count
        else:
            return None
    return None
