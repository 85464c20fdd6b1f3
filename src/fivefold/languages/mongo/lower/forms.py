"""Filters whose plan is known from their form: fields compared with plain values.

``{"sku": "A1", "n": {"$gt": 5}}`` has the form (sku, $eq, str, n, $gt, int). If an index says all
of it, and no document can come twice, then whatever the values are the statement is the same one
and only the keys between which it looks are others. So a form is planned once for each version of
the catalog.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson.objectid import ObjectId

from fivefold.catalog.containers import DocumentIndex
from fivefold.errors import FivefoldError
from fivefold.languages.mongo.collections import Opened
from fivefold.languages.mongo.lower.bounds import Interval, bounds, conjuncts
from fivefold.languages.mongo.lower.planner import plan
from fivefold.languages.mongo.match import parse_filter
from fivefold.languages.mongo.match.tree import Compare
from fivefold.languages.unit import Unit
from fivefold.models.document.keys import HIGHEST, complement, key_of
from fivefold.plan.statement import Prepared
from fivefold.values.documents.kinds import Document

PLAIN = frozenset({int, str, float, bool, ObjectId, datetime})
"""Classes of values whose place in an index is the same whoever encodes them."""

OPERATORS = frozenset({"$eq", "$gt", "$gte", "$lt", "$lte"})

_LONG = 2**63

Form = tuple[Any, ...]
"""Paths, operators and classes of values, in turn."""


@dataclass(frozen=True, slots=True)
class Way:
    """An index, and the statement that finds place and document between two keys.

    ``equal``: there are only values to be equal to, and these are the numbers of those that make
    up a key, each with the direction of its part of the index.
    """

    opened: Opened
    index: DocumentIndex
    statement: Prepared
    equal: tuple[tuple[int, int | str], ...] | None


def form_of(filter: Document) -> tuple[Form, list[Any]] | None:
    """Return a filter's form and its values, None for one that is not so simple."""
    form: list[Any] = []
    values: list[Any] = []
    for path, given in filter.items():
        found: Iterable[tuple[str, Any]] = (("$eq", given),)
        if given.__class__ is dict:
            if not given or not OPERATORS.issuperset(given):
                return None
            found = given.items()
        for operator, value in found:
            cls = value.__class__
            if cls not in PLAIN or (cls is int and not -_LONG <= value < _LONG):
                return None
            if value != value:  # NaN
                return None
            form += path, operator, cls
            values.append(value)
    return tuple(form), values


def nodes_of(form: Form, values: list[Any]) -> tuple[Compare, ...]:
    """Return the comparisons of a form with values."""
    pairs: Iterable[tuple[str, Any, Any]] = zip(form[::3], form[1::3], values, strict=True)
    return tuple(Compare(tuple(path.split(".")), operator, v) for path, operator, v in pairs)


def way_of(
    unit: Unit, opened: Opened, filter: Document, form: Form, values: list[Any]
) -> Way | None:
    """Return the way to what filters of this form find, None if it takes more than a look."""
    nodes = nodes_of(form, values)
    try:
        parsed = parse_filter(filter)
        if conjuncts(parsed) != nodes:
            return None
        found = plan(opened, unit.document, parsed)
    except FivefoldError:
        return None
    if len(found.scans) != 1 or found.residual is not None or found.repeats:
        return None
    (scan,) = found.scans
    if scan.index is None or scan.parameters or _interval(opened, scan.index, nodes) is None:
        return None
    equal = None
    if {*form[1::3]} == {"$eq"}:
        parts = scan.index.parts[: len(nodes)]
        equal = tuple((form[::3].index(path), way) for path, way in parts)
    return Way(opened, scan.index, unit.prepare(scan.statement(opened)), equal)


def interval_of(way: Way, form: Form, values: list[Any]) -> Interval | None:
    """Return the keys between which all is found that a filter matches, and nothing else."""
    if way.equal is None:
        return _interval(way.opened, way.index, nodes_of(form, values))
    prefix = b""
    for number, direction in way.equal:
        key = key_of(values[number])
        prefix += complement(key) if direction == -1 else key
    return prefix, prefix + HIGHEST


def _interval(opened: Opened, index: DocumentIndex, nodes: tuple[Compare, ...]) -> Interval | None:
    found = bounds(index, opened.shape, nodes)
    if len(found.intervals) != 1 or len(found.covered) != len(nodes):
        return None
    return found.intervals[0]
