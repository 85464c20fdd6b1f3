"""What find and its like ask for, and how it is found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fivefold.languages.mongo.collections import Opened
from fivefold.languages.mongo.lower.planner import NATURAL, Plan, plan
from fivefold.languages.mongo.match import parse_filter
from fivefold.languages.mongo.match.tree import Always, Node
from fivefold.languages.mongo.sorting import Sorting, parse_sort
from fivefold.languages.mongo.walking import Counts, Walk, ordered
from fivefold.languages.unit import Unit
from fivefold.values.documents.kinds import Document

EVERYTHING = Always(True)


@dataclass(frozen=True, slots=True)
class Query:
    """A filter, an order and a part of what comes. ``limit`` None is all."""

    filter: Node = EVERYTHING
    sorting: Sorting | None = None
    natural: int = 0
    skip: int = 0
    limit: int | None = None
    hint: Any = None
    variables: Document | None = None

    def plan(self, unit: Unit, opened: Opened) -> Plan:
        """Return the plan for a collection."""
        fields = () if self.sorting is None else self.sorting.fields
        hint = {NATURAL: self.natural} if self.natural else self.hint
        return plan(opened, unit.document, self.filter, fields, hint, few=self.limit is not None)

    def run(
        self, unit: Unit, opened: Opened, counts: Counts | None = None
    ) -> Iterator[tuple[int, bytes]]:
        """Yield places and documents."""
        found = self.plan(unit, opened)
        unit.expect(cost(found, self))
        return ordered(
            Walk(unit, opened, found, self.variables, counts), self.sorting, self.skip, self.limit
        )


def cost(found: Plan, query: Query) -> int:
    """Return about how many documents a plan looks at, as far as it tells."""
    total = 0
    for scan in found.scans:
        if scan.index is None:
            return 1 << 30
        parts = len(scan.index.parts)
        if scan.index.unique and scan.bounds.equal == parts:
            total += len(scan.bounds.intervals)
        elif scan.bounds.bounded and found.ordered and found.residual is None and query.limit:
            total += query.limit + query.skip
        else:
            return 1 << 30
    return total


def parse_order(given: Document | None) -> tuple[Sorting | None, int]:
    """Return a sort specification, or the way through the natural order that it asks for."""
    if not given:
        return None, 0
    if NATURAL in given:
        return None, -1 if given[NATURAL] == -1 else 1
    return parse_sort(given), 0


def query_of(
    filter: Document | None,
    sort: Document | None = None,
    skip: int = 0,
    limit: int | None = None,
    hint: Any = None,
    variables: Document | None = None,
) -> Query:
    """Return what is asked for. Raises what is wrong with it."""
    node = parse_filter(filter, tuple(variables or ())) if filter else EVERYTHING
    sorting, natural = parse_order(sort)
    return Query(node, sorting, natural, skip, limit, hint, variables)
