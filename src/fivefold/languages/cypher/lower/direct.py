"""Whole queries that are one statement: MATCH … RETURN count(*).

The patterns of several MATCHes are one join. ``count(x)`` of what a pattern binds is the number of
matches too, for nothing that a pattern binds is null.
"""

from __future__ import annotations

from fivefold.languages.cypher import tree
from fivefold.languages.cypher.context import Context
from fivefold.languages.cypher.graph import Row, Run
from fivefold.languages.cypher.lower import counting
from fivefold.languages.cypher.lower.conditions import Conditions, OfKind
from fivefold.languages.cypher.lower.joins import Join
from fivefold.languages.cypher.lower.matching import Lowering
from fivefold.languages.cypher.lower.slots import NoRows
from fivefold.languages.cypher.matching.pattern import Patterns, taken_apart
from fivefold.languages.cypher.stored.reading import Reading
from fivefold.plan.statement import Prepared
from fivefold.values.types import INT8

RARE_MAX = 100
"""From a start that stands for fewer nodes than that, matches are listed: there are few."""


class Count:
    """The number of matches of a pattern, as the one value of the one row."""

    def __init__(
        self, lowering: Lowering, join: Join, whole: Prepared | None, columns: int
    ) -> None:
        self._lowering = lowering
        self._join = join
        self._whole = whole
        self._columns = columns
        self._prepared: dict[str, Prepared] = {}

    def count(self, graph: Reading, run: Run) -> tuple[int, ...]:
        """Return the row. Raises CannotSay."""
        if self._join.empty:
            return (0,) * self._columns
        if self._whole is not None:
            ((number,),) = graph.ask(self._whole, ())
            return (int(number),) * self._columns
        try:
            sorts, parameters = self._join.bind(_NO_ROW, run)
        except NoRows:
            return (0,) * self._columns
        prepared = self._prepared.get(sorts)
        if prepared is None:
            prepared = self._lowering.prepare(self._join.statement(sorts))
            self._prepared[sorts] = prepared
        ((number,),) = graph.ask(prepared, parameters)
        return (int(number),) * self._columns


_NO_ROW: Row = {}


def lower_count(lowering: Lowering, query: tree.Query, context: Context) -> Count | None:
    """Return what counts the matches of a query that returns nothing but their number."""
    *matches, last = query.clauses
    if query.union is not None or not matches or not isinstance(last, tree.Return):
        return None
    if not all(isinstance(one, tree.Match) and not one.optional for one in matches):
        return None
    projection = last.projection
    if projection.skip is not None or projection.limit is not None:
        return None
    groups = []
    for match in matches:
        assert isinstance(match, tree.Match)
        groups.append(taken_apart(match.patterns, match.where))
    names = {
        *(name for group in groups for name in group.nodes),
        *(link.name for group in groups for link in group.links),
    }
    if not projection.items or not all(
        _counts(item.expression, names) for item in projection.items
    ):
        return None
    if len(groups) > 1:
        return None  # a relationship may come again in another MATCH
    (patterns,) = groups
    found = lowering.join(patterns, frozenset(), context)
    if found is None:
        return None
    join, conditions = found
    if conditions.residual:
        return None
    whole = None
    if not join.empty and join.start_rank > RARE_MAX:
        whole = _whole(lowering, patterns, conditions)
    join.column("count(*)", INT8)
    return Count(lowering, join, whole, len(projection.items))


def _counts(expression: tree.Expression, names: set[str]) -> bool:
    match expression:
        case tree.CountStar():
            return True
        case tree.Call(name=name, arguments=(tree.Variable(name=variable),), distinct=False):
            return name.lower() == "count" and variable in names
    return False


def _whole(lowering: Lowering, patterns: Patterns, conditions: Conditions) -> Prepared | None:
    """Return the statement that counts without listing, None if it cannot be done."""
    kinds: dict[str, frozenset[int]] = {}
    for one in conditions.lowered:
        if not isinstance(one, OfKind):
            return None
        before = kinds.get(one.name)
        kinds[one.name] = frozenset(one.kinds) if before is None else before & {*one.kinds}
    vocabulary = lowering.opened.vocabulary
    everything = len(vocabulary.labels)
    narrowed = {name: found for name, found in kinds.items() if len(found) < everything}
    shape = counting.shape_of(patterns, narrowed, vocabulary)
    if shape is None:
        return None
    return lowering.prepare(counting.statement(shape, lowering.namespace))
