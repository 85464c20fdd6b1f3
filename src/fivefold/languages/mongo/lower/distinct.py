"""distinct as one statement, where the shape says that a field's values are all of one type."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fivefold.languages.mongo import collections
from fivefold.languages.mongo.collections import Name
from fivefold.languages.mongo.finding import Query
from fivefold.languages.mongo.lower.grouping import one_type
from fivefold.languages.mongo.lower.lowering import Lowering, Steps
from fivefold.languages.mongo.walking import prepared
from fivefold.languages.unit import Unit
from fivefold.models.document import bits
from fivefold.plan.statement import Output, Reading
from fivefold.values.types import INT8


def distinct_values(unit: Unit, name: Name, query: Query, path: Steps) -> list[Any] | None:
    """Return a field's values as they come first, None if documents have to be looked at."""
    if not collections.is_stored(unit, name):
        return None
    opened = collections.find(unit, name)
    assert opened is not None
    found = query.plan(unit, opened)
    if found.residual is not None or found.repeats or len(found.scans) != 1:
        return None
    (scan,) = found.scans
    if scan.index is not None and (
        len(scan.bounds.intervals) != 1 or scan.bounds.equal != len(scan.index.parts)
    ):
        return None  # they come in the order of the index
    lowering = Lowering(opened.shape, unit.document)
    lowering.paths.update(scan.paths)
    kinds = lowering.kinds(path)
    if kinds is None or (kinds & bits.INT and kinds & bits.DOUBLE):
        return None
    column = one_type(lowering, path, kinds)
    if column is None:
        return None
    unit.expect(1 << 30)
    body = scan.text.partition(" FROM ")[2].rpartition(" ORDER BY ")[0]
    there = f"{lowering.path(path, Reading.KIND)} IS NOT NULL"
    joined = f"{body} AND {there}" if scan.index is not None else _and(body, there)
    statement = replace(
        scan,
        text=f"SELECT {column.text}, min(d.place) FROM {joined} GROUP BY 1 ORDER BY 2",
        paths=lowering.paths,
        columns=(Output("value", column.type), Output("place", INT8)),
    )
    interval = scan.bounds.intervals[0] if scan.index is not None else ()
    rows = unit.runner.stream(prepared(unit, opened, statement), (*interval, *scan.parameters))
    return [None if value is None else column.convert(value) for value, _ in rows]


def _and(body: str, asked: str) -> str:
    source, where, condition = body.partition(" WHERE ")
    return f"{source} WHERE ({condition}) AND {asked}" if where else f"{source} WHERE {asked}"
