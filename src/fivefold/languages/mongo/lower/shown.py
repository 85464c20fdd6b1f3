"""Plans as ``explain`` shows them: stages within each other, the bounds of indexes as text.

Source: manual, "Explain Results". The stages are those that MongoDB would have for the same way;
what the store's own statement does of them, a sort above all, is told beside them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from bson.datetime_ms import DatetimeMS
from bson.objectid import ObjectId

from fivefold.catalog.containers import DocumentIndex
from fivefold.languages.mongo.collections import Opened
from fivefold.languages.mongo.finding import Query
from fivefold.languages.mongo.lower.bounds import conjuncts, is_multikey
from fivefold.languages.mongo.lower.planner import ID, Plan, Scan
from fivefold.languages.mongo.match.tree import Always, Compare, In, Node, all_of
from fivefold.languages.mongo.match.write import written
from fivefold.models.document import bits
from fivefold.models.document.bits import SEPARATOR
from fivefold.models.document.shape import Shape
from fivefold.values.documents.kinds import Document
from fivefold.values.documents.order import sort_key
from fivefold.values.documents.text import shown

SORT_BYTES = 100 * 1024 * 1024

EOF: Document = {"stage": "EOF"}


def winning(opened: Opened, query: Query, plan: Plan, projection: Document | None) -> Document:
    """Return the stages of a plan, the outermost first."""
    stage = scanned(opened, plan)
    sorts = query.sorting is not None and (not plan.ordered or _in_store(plan))
    if sorts:
        assert query.sorting is not None
        stage = sorted_stage(query, stage)
    if query.skip:
        stage = {"stage": "SKIP", "skipAmount": query.skip, "inputStage": stage}
    if projection:
        stage = {
            "stage": projection_stage(projection),
            "transformBy": projection,
            "inputStage": stage,
        }
    if query.limit is not None and not sorts:
        stage = {"stage": "LIMIT", "limitAmount": query.limit, "inputStage": stage}
    return stage


def sorted_stage(query: Query, below: Document) -> Document:
    """Return the stage that sorts what comes from another."""
    assert query.sorting is not None
    stage: Document = {
        "stage": "SORT",
        "sortPattern": {f.name: -1 if f.descending else 1 for f in query.sorting.fields},
        "memLimit": SORT_BYTES,
    }
    if query.limit is not None:
        stage["limitAmount"] = query.limit + query.skip
    return stage | {"type": "simple", "inputStage": below}


def _in_store(plan: Plan) -> bool:
    """Say whether the store sorts, if anything has to come sorted: no index is in that order."""
    return all(scan.index is None for scan in plan.scans)


def projection_stage(projection: Document) -> str:
    """Return the name of the stage that a find's projection is."""
    plain = all(
        isinstance(value, (bool, int, float)) and "." not in name
        for name, value in projection.items()
    )
    return "PROJECTION_SIMPLE" if plain else "PROJECTION_DEFAULT"


def scanned(opened: Opened, plan: Plan) -> Document:
    """Return the stages that fetch a plan's documents."""
    if not plan.scans:
        return dict(EOF)
    if len(plan.scans) > 1:
        union: Document = {
            "stage": "OR",
            "inputStages": [
                _collection(one, plan.filter) if one.index is None else index_scan(opened, one)
                for one in plan.scans
            ],
        }
        fetch: Document = {"stage": "FETCH"}
        if plan.residual is not None:
            fetch["filter"] = written(plan.residual)
        return {"stage": "SUBPLAN", "inputStage": fetch | {"inputStage": union}}
    (scan,) = plan.scans
    if scan.index is None:
        return _collection(scan, plan.filter)
    left = remaining(scan, plan.filter)
    by_id = scan.index is ID and scan.bounds.equal == 1
    if by_id and isinstance(plan.filter, Compare) and left == Always(True):
        return {"stage": "IDHACK"}
    fetch = {"stage": "FETCH"}
    if left != Always(True):
        fetch["filter"] = written(left)
    return fetch | {"inputStage": index_scan(opened, scan)}


def _collection(scan: Scan, node: Node) -> Document:
    stage: Document = {"stage": "COLLSCAN"}
    if node != Always(True):
        stage["filter"] = written(node)
    return stage | {"direction": "backward" if scan.backward else "forward"}


def remaining(scan: Scan, node: Node) -> Node:
    """Return what of a filter an index scan's bounds do not say."""
    said = {*map(id, scan.bounds.covered)}
    return all_of([one for one in conjuncts(node) if id(one) not in said])


def index_scan(opened: Opened, scan: Scan) -> Document:
    """Return the stage of a scan of an index."""
    index = scan.index
    assert index is not None
    multikey = {path: arrays_on(opened.shape, path) for path, _ in index.parts}
    return {
        "stage": "IXSCAN",
        "keyPattern": dict(index.parts),
        "indexName": index.name,
        "isMultiKey": scan.multikey,
        "multiKeyPaths": multikey if index is not ID else {"_id": []},
        "isUnique": index.unique,
        "isSparse": index.sparse,
        "isPartial": index.partial is not None,
        "indexVersion": 2,
        "direction": "backward" if scan.backward else "forward",
        "indexBounds": index_bounds(index, scan),
    }


def arrays_on(shape: Shape, path: str) -> list[str]:
    """Return the beginnings of a path at which there were arrays."""
    steps = path.split(".")
    beginnings = [steps[: at + 1] for at in range(len(steps))]
    return [
        ".".join(one)
        for one in beginnings
        if shape.bits(SEPARATOR.join(one)) & bits.ARRAY
        or (shape.bits(SEPARATOR.join(one)) & bits.DEEP and is_multikey(shape, tuple(one)))
    ]


# Bounds

ALL = "[MinKey, MaxKey]"
ALL_BACKWARD = "[MaxKey, MinKey]"


def index_bounds(index: DocumentIndex, scan: Scan) -> Document:
    """Return the ranges of each part of an index, as text, in the direction of the scan."""
    told: Document = {}
    for number, (path, way) in enumerate(index.parts):
        nodes = scan.bounds.nodes[number] if number < len(scan.bounds.nodes) else ()
        backward = (way == -1) != scan.backward
        told[path] = _part(nodes, backward=backward)
    return told


def _part(nodes: Sequence[Node], *, backward: bool) -> list[str]:
    ranges = _points(nodes) or [_range(nodes)]
    if backward:
        return [_turned(one) for one in ranges[::-1]]
    return [f"{one[0]}{one[1]}, {one[2]}{one[3]}" for one in ranges]


Range = tuple[str, str, str, str]


def _turned(one: Range) -> str:
    opening, low, high, closing = one
    return f"{'[' if closing == ']' else '('}{high}, {low}{']' if opening == '[' else ')'}"


def _points(nodes: Sequence[Node]) -> list[Range]:
    values: list[Any] = []
    for node in nodes:
        if isinstance(node, Compare) and node.op == "$eq":
            values.append(node.value)
        elif isinstance(node, In):
            values += sorted(node.values, key=sort_key)
    return [("[", shown(value), shown(value), "]") for value in values]


def _range(nodes: Iterable[Node]) -> Range:
    opening, low, high, closing = "[", "MinKey", "MaxKey", "]"
    for node in nodes:
        assert isinstance(node, Compare)
        lowest, highest, ends = _ends(node.value)
        low, high = lowest if low == "MinKey" else low, highest if high == "MaxKey" else high
        if closing == "]" and ends == ")" and high == highest:
            closing = ends
        if node.op in ("$gt", "$gte"):
            low, opening = shown(node.value), "(" if node.op == "$gt" else "["
        else:
            high, closing = shown(node.value), ")" if node.op == "$lt" else "]"
    return opening, low, high, closing


def _ends(value: Any) -> tuple[str, str, str]:
    """Return the lowest and the highest value of a type as texts, and how the range ends."""
    if isinstance(value, bool):
        return "false", "true", "]"
    if isinstance(value, str):
        return '""', "{}", ")"
    if isinstance(value, (datetime, DatetimeMS)):
        return f"new Date({-(1 << 63)})", f"new Date({(1 << 63) - 1})", "]"
    if isinstance(value, ObjectId):
        return f"ObjectId('{'0' * 24}')", f"ObjectId('{'f' * 24}')", "]"
    if isinstance(value, (int, float)):
        return "-inf.0", "inf.0", "]"
    return "MinKey", "MaxKey", "]"
