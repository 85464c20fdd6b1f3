"""How many documents a query finds."""

from __future__ import annotations

from dataclasses import replace

from fivefold.languages.mongo import collections
from fivefold.languages.mongo.collections import Name, Opened
from fivefold.languages.mongo.finding import Query
from fivefold.languages.mongo.lower.planner import Plan
from fivefold.languages.mongo.sources import read
from fivefold.languages.mongo.walking import prepared
from fivefold.languages.unit import Unit
from fivefold.plan.statement import Output
from fivefold.values.types import INT8

COUNT = (Output("count", INT8),)


def count(unit: Unit, name: Name, query: Query) -> int:
    """Return the number; the store itself counts where a plan leaves nothing to be looked at."""
    if collections.is_stored(unit, name):
        opened = collections.find(unit, name)
        assert opened is not None
        found = query.plan(unit, opened)
        if found.residual is None and not found.repeats and len(found.scans) == 1:
            number = counted(unit, opened, found)
            number = max(0, number - query.skip)
            return number if query.limit is None else min(number, query.limit)
    return sum(1 for _ in read(unit, name, query, None))


def counted(unit: Unit, opened: Opened, found: Plan) -> int:
    """Return how many rows a plan's one scan has."""
    (scan,) = found.scans
    body = scan.text.partition(" FROM ")[2].rpartition(" ORDER BY ")[0]
    counting = replace(scan, text=f"SELECT count(*) FROM {body}", columns=COUNT)
    statement = prepared(unit, opened, counting)
    intervals = scan.bounds.intervals if scan.index is not None else ((),)
    return sum(
        unit.runner.run(statement, (*interval, *scan.parameters))[0][0] for interval in intervals
    )
