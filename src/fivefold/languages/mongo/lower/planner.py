"""Which way to a filter's documents, in which order they come, and what is left to be done.

Every index that the filter bounds is weighed: more parts with given values first, then a range,
then an order that the query wants anyway. Without one the collection is scanned, under whatever
condition the shadow can be asked. A plan never leaves out a document that the filter matches;
``residual`` is the filter that has to be evaluated on what comes, None if nothing else can come.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from fivefold.catalog.containers import DocumentIndex
from fivefold.catalog.roles import Privilege
from fivefold.languages.mongo.collections import Opened
from fivefold.languages.mongo.lower.bounds import (
    EVERYTHING,
    Bounds,
    bounds,
    conjuncts,
    is_multikey,
)
from fivefold.languages.mongo.lower.conditions import condition
from fivefold.languages.mongo.lower.lowering import Lowering
from fivefold.languages.mongo.match.tree import Always, Compare, Node, Or, all_of
from fivefold.languages.mongo.sorting import SortField
from fivefold.models.document import bits, layout
from fivefold.models.document.indexes import HASHED
from fivefold.plan.statement import Access, Effort, Output, Path, Reading, Statement, Template
from fivefold.values.documents.codec import from_json
from fivefold.values.documents.faults import fault
from fivefold.values.types import BYTEA, INT8, Type

ID = DocumentIndex(layout.ID_INDEX, (("_id", 1),), unique=True)

NATURAL = "$natural"


@dataclass(frozen=True, slots=True)
class Scan:
    """One way to documents: a statement for each interval of an index's keys, or one for all.

    ``text`` selects place and document; ``index`` is None for a scan of the collection.
    ``condition`` is what of the filter the statement itself asks.
    """

    index: DocumentIndex | None
    bounds: Bounds
    backward: bool
    text: str
    paths: dict[str, Path]
    parameters: tuple[Any, ...]
    types: tuple[Type, ...]
    multikey: bool = False
    condition: str | None = None
    columns: tuple[Output, ...] = (Output("place", INT8), Output("bson", BYTEA))

    def statement(self, opened: Opened) -> Statement:
        """Return the statement; its first two parameters are an interval if there is an index."""
        namespace, name = opened.name
        containers = {"d": (namespace, layout.documents_name(name))}
        if self.index is not None and self.index is not ID:
            containers["i"] = (namespace, layout.index_table_name(name, self.index.name))
        keyed = () if self.index is None else (BYTEA, BYTEA)
        return Statement(
            Template(self.text, containers, self.paths or None),
            parameters=(*keyed, *self.types),
            outputs=self.columns,
            accesses=tuple(Access(*each, Privilege.READ) for each in containers.values()),
            effort=Effort.SCAN,
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """Scans whose documents, each once, are what is wanted, but for ``residual``.

    ``ordered`` says that they come in the order that was asked for.
    """

    scans: tuple[Scan, ...]
    residual: Node | None
    ordered: bool
    filter: Node

    @property
    def repeats(self) -> bool:
        """Say whether a document may come more than once."""
        return len(self.scans) > 1 or any(scan.multikey for scan in self.scans)


def plan(
    opened: Opened,
    document: Type,
    node: Node,
    sort: tuple[SortField, ...] = (),
    hint: Any = None,
    *,
    few: bool = False,
) -> Plan:
    """Return the plan for a filter and an order; ``few``: only the first ones are wanted.

    Raises fault 2 for a hint that names no index.
    """
    if node == Always(False):
        return Plan((), None, True, node)
    natural = 0
    if isinstance(hint, dict) and NATURAL in hint:
        natural = -1 if hint[NATURAL] == -1 else 1
    if sort and sort[0].path == (NATURAL,):
        natural, sort = (-1 if sort[0].descending else 1), ()
    if natural:
        return _whole(opened, document, node, sort, backward=natural == -1)
    predicates = conjuncts(node)
    forced = None if hint is None else hinted(opened, hint)
    best: tuple[tuple[int, ...], DocumentIndex, Bounds, int] | None = None
    for index in (ID, *opened.collection.indexes) if forced is None else (forced,):
        if forced is None and (index.hidden or not _is_allowed(index, predicates)):
            continue
        found = bounds(index, opened.shape, predicates)
        way = order(index, opened, found, sort)
        if forced is None and not found.bounded and not (way and sort and few):
            continue
        if index.sparse and not found.bounded and forced is None:
            continue
        whole = index.unique and found.equal == len(index.parts)
        score = (whole, found.equal, found.ranged, bool(way), -len(index.parts))
        if best is None or score > best[0]:
            best = (score, index, found, way)
    if best is not None:
        _, index, found, way = best
        return _by_index(opened, document, node, index, found, way, bool(sort))
    united = _united(opened, document, predicates, node) if forced is None else None
    if united is not None and not sort:
        return united
    return _whole(opened, document, node, sort, backward=False)


def hinted(opened: Opened, hint: Any) -> DocumentIndex:
    """Return the index that a hint names or describes. Raises fault 2."""
    for index in (ID, *opened.collection.indexes):
        if hint == index.name or (isinstance(hint, dict) and tuple(hint.items()) == index.parts):
            return index
    raise fault(
        2,
        "error processing query: planner returned error :: caused by :: hint provided does not "
        "correspond to an existing index",
    )


def order(index: DocumentIndex, opened: Opened, found: Bounds, sort: tuple[SortField, ...]) -> int:
    """Return 1 if a scan forward comes in the order, -1 if one backward does, 0 if none does."""
    if not sort:
        return 1
    if len(found.intervals) > 1 and found.equal > 0:
        return 0  # the intervals are in the order of what is before the sort's fields
    fixed = {path for path, _ in index.parts[: found.equal]}
    wanted = [field for field in sort if field.name not in fixed]
    parts = index.parts[found.equal :]
    if len(wanted) > len(parts) or (index.sparse and not found.bounded):
        return 0
    ways = set()
    for field, (path, way) in zip(wanted, parts, strict=False):
        if path != field.name or way == HASHED or is_multikey(opened.shape, field.path):
            return 0
        ways.add(-1 if (way == -1) != field.descending else 1)
    if len(ways) > 1:
        return 0
    return ways.pop() if ways else 1


def _is_allowed(index: DocumentIndex, predicates: tuple[Node, ...]) -> bool:
    """Say whether an index holds all documents that a filter matches."""
    if index.partial is None:
        return True
    from fivefold.languages.mongo.match import parse_filter

    wanted = conjuncts(parse_filter(from_json(index.partial)))
    return all(any(implies(one, part) for one in predicates) for part in wanted)


def implies(given: Node, wanted: Node) -> bool:
    """Say whether whatever matches one predicate matches the other, as far as is easily seen."""
    if given == wanted:
        return True
    if not isinstance(wanted, Compare) or not isinstance(given, Compare):
        return False
    if given.path != wanted.path or wanted.op == "$eq":
        return False
    from fivefold.values.documents.kinds import kind_of
    from fivefold.values.documents.order import compare

    if given.value is None or wanted.value is None or isinstance(given.value, list):
        return False
    if kind_of(given.value) != kind_of(wanted.value):
        return False
    order_ = compare(given.value, wanted.value)
    if wanted.op in ("$gt", "$gte"):
        strict = wanted.op == "$gt" and given.op != "$gt"
        return given.op in ("$eq", "$gt", "$gte") and (order_ > 0 or (order_ == 0 and not strict))
    strict = wanted.op == "$lt" and given.op != "$lt"
    return given.op in ("$eq", "$lt", "$lte") and (order_ < 0 or (order_ == 0 and not strict))


def _by_index(
    opened: Opened,
    document: Type,
    node: Node,
    index: DocumentIndex,
    found: Bounds,
    way: int,
    sorts: bool,
) -> Plan:
    said = {*map(id, found.covered)}
    left = all_of([one for one in conjuncts(node) if id(one) not in said])
    multikey = index is not ID and any(
        is_multikey(opened.shape, tuple(path.split("."))) for path, _ in index.parts
    )
    backward = sorts and way == -1
    scan, exact = _scan(opened, document, left, index, found, backward, multikey)
    residual = None if exact else left
    return Plan((scan,), residual, bool(way) or not sorts, node)


def _scan(
    opened: Opened,
    document: Type,
    left: Node,
    index: DocumentIndex,
    found: Bounds,
    backward: bool,
    multikey: bool,
) -> tuple[Scan, bool]:
    lowering = Lowering(opened.shape, document)
    said = condition(lowering, left) if left != Always(True) else ("", True)
    extra = f" AND ({said[0]})" if said is not None and said[0] else ""
    way = " DESC" if backward else ""
    if index is ID:
        text = (
            "SELECT d.place, d.bson FROM {d} d WHERE d.key >= ? AND d.key < ?"
            f"{extra} ORDER BY d.key{way}"
        )
    else:
        text = (
            "SELECT d.place, d.bson FROM {i} i JOIN {d} d ON d.place = i.place"
            f" WHERE i.key >= ? AND i.key < ?{extra} ORDER BY i.key{way}, i.place{way}"
        )
    scan = Scan(
        index,
        found,
        backward,
        text,
        lowering.paths,
        tuple(lowering.parameters),
        tuple(lowering.types),
        multikey,
        said[0] if said is not None and said[0] else None,
    )
    return scan, said is not None and said[1]


def _united(
    opened: Opened, document: Type, predicates: tuple[Node, ...], node: Node
) -> Plan | None:
    """Return a plan for a disjunction each of whose parts an index bounds."""
    for either in predicates:
        if not isinstance(either, Or):
            continue
        scans: list[Scan] = []
        for branch in either.nodes:
            part = plan(opened, document, branch)
            if any(scan.index is None for scan in part.scans):
                break
            scans += part.scans
        else:
            return Plan(tuple(scans), node, False, node)
    return None


def _whole(
    opened: Opened, document: Type, node: Node, sort: tuple[SortField, ...], *, backward: bool
) -> Plan:
    lowering = Lowering(opened.shape, document)
    said = condition(lowering, node) if node != Always(True) else ("", True)
    where = f" WHERE {said[0]}" if said is not None and said[0] else ""
    parts = [] if backward else sort_parts(lowering, sort)
    way = " DESC" if backward else ""
    by = ", ".join([*(parts or ()), f"d.place{way}"])
    scan = Scan(
        None,
        EVERYTHING,
        backward,
        f"SELECT d.place, d.bson FROM {{d}} d{where} ORDER BY {by}",
        lowering.paths,
        tuple(lowering.parameters),
        tuple(lowering.types),
        False,
        said[0] if said is not None and said[0] else None,
    )
    residual = None if said is not None and said[1] else node
    return Plan((scan,), residual, parts is not None and (not backward or not sort), node)


_SORTED = (
    (bits.NUMBERS, Reading.NUMBER),
    (bits.STRING, Reading.TEXT),
    (bits.BOOL, Reading.BOOLEAN),
)


def sort_parts(lowering: Lowering, sort: Iterable[SortField]) -> list[str] | None:
    """Return ORDER BY's parts for fields whose values are all of one type, or None."""
    parts = []
    for field in sort:
        kinds = lowering.kinds(field.path)
        if kinds is None:
            return None
        reading = next((r for kind, r in _SORTED if not kinds & ~(kind | bits.NULL)), None)
        steps = field.path
        if kinds & ~bits.NULL == bits.DATE:
            reading, steps = Reading.INTEGER, (*field.path, "$date")
        elif kinds & ~bits.NULL == bits.OBJECT_ID:
            reading, steps = Reading.TEXT, (*field.path, "$oid")
        if reading is None:
            return None
        way = "DESC NULLS LAST" if field.descending else "ASC NULLS FIRST"
        parts.append(f"{lowering.path(steps, reading)} {way}")
    return parts
