"""From a plan to the documents it leads to."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from fivefold.languages.mongo.collections import Opened
from fivefold.languages.mongo.lower.planner import Plan, Scan
from fivefold.languages.mongo.match import matcher
from fivefold.languages.mongo.sorting import Sorting
from fivefold.languages.unit import Unit, watched
from fivefold.plan.statement import Prepared
from fivefold.values.documents.codec import decode, encode
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import Document

SORT_BYTES_MAX = 100 * 1024 * 1024
"""What a sort that no index and no statement does may hold of documents (manual, "Sort Limits")."""

T = TypeVar("T")

Found = tuple[int, bytes]
"""A document's place, and the document."""


@dataclass(slots=True)
class Counts:
    """What a plan looked at, for explain."""

    keys: int = 0
    documents: int = 0


def prepared(unit: Unit, opened: Opened, scan: Scan) -> Prepared:
    """Return a scan's statement as the store renders it."""
    index = None if scan.index is None else scan.index.name
    key = (opened.name, index, scan.text, *scan.paths.values(), *scan.types)
    return unit.remember(key, lambda: unit.prepare(scan.statement(opened)))


@dataclass(frozen=True, slots=True)
class Walk:
    """A plan on its way through one unit; ``variables`` are those that the filter's $expr uses."""

    unit: Unit
    opened: Opened
    plan: Plan
    variables: Document | None = None
    counts: Counts | None = None

    def found(self) -> Iterator[Found]:
        """Yield what the filter matches, each document once, in the plan's order."""
        if self.plan.residual is None:
            return self._scanned()
        matches = matcher(self.plan.residual, self.variables)
        found = watched(self._scanned(), self.unit.check)
        return (one for one in found if matches(decode(one[1])))

    def decoded(self) -> Iterator[tuple[int, bytes, Document]]:
        """Yield likewise, each document decoded too."""
        plan = self.plan
        matches = None if plan.residual is None else matcher(plan.residual, self.variables)
        for place, raw in watched(self._scanned(), self.unit.check):
            document = decode(raw)
            if matches is None or matches(document):
                yield place, raw, document

    def _scanned(self) -> Iterator[Found]:
        seen: set[int] | None = set() if self.plan.repeats else None
        stream = self.unit.runner.stream
        counts = self.counts
        for scan in self.plan.scans:
            statement = prepared(self.unit, self.opened, scan)
            intervals = scan.bounds.intervals if scan.index is not None else ((),)
            if scan.backward and len(intervals) > 1:
                intervals = intervals[::-1]
            for interval in intervals:
                for row in stream(statement, (*interval, *scan.parameters)):
                    if counts is not None:
                        counts.keys += scan.index is not None
                        counts.documents += 1
                    if seen is not None:
                        if row[0] in seen:
                            continue
                        seen.add(row[0])
                    yield row


def sorted_by(
    found: Iterator[tuple[int, bytes, Document]], sorting: Sorting, limit: int | None
) -> Iterator[Found]:
    """Yield documents in order; of many only the first ``limit`` are held. Raises fault 292."""
    key = sorting.key
    keyed = (
        (key(document), number, (place, raw), len(raw))
        for number, (place, raw, document) in enumerate(found)
    )
    return _sorted(keyed, limit)


def sorted_documents(
    found: Iterator[Document], sorting: Sorting, limit: int | None
) -> Iterator[Document]:
    """Yield likewise documents that are nowhere stored."""
    key = sorting.key
    keyed = (
        (key(document), number, document, len(encode(document)))
        for number, document in enumerate(found)
    )
    return _sorted(keyed, limit)


def _sorted(keyed: Iterator[tuple[Any, int, T, int]], limit: int | None) -> Iterator[T]:
    """Yield what comes with its key and number; the size is for the limit."""
    if limit is not None:
        return (row[2] for row in heapq.nsmallest(limit, keyed))
    rows = []
    size = 0
    for row in keyed:
        size += row[3]
        if size > SORT_BYTES_MAX:
            raise fault(
                292,
                f"Sort exceeded memory limit of {SORT_BYTES_MAX} bytes, but did not opt in to "
                "external sorting. Give the sort an index or a limit, or aggregate with $sort.",
            )
        rows.append(row)
    rows.sort()
    return (row[2] for row in rows)


def ordered(walk: Walk, sorting: Sorting | None, skip: int, limit: int | None) -> Iterator[Found]:
    """Yield what a plan leads to, in order, without the first ``skip``, at most ``limit``."""
    if sorting is None or walk.plan.ordered:
        found = walk.found()
    else:
        found = sorted_by(walk.decoded(), sorting, None if limit is None else skip + limit)
    if skip or limit is not None:
        return islice(found, skip, None if limit is None else skip + limit)
    return found
