"""Grouping: a row for each group of rows whose grouping keys are equivalent.

Source: openCypher 9, "Aggregation": items without an aggregating call are the grouping keys;
without any keys there is one group, of no rows too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from fivefold.languages.cypher import tree
from fivefold.languages.cypher.aggregations import Aggregation, aggregation_of
from fivefold.languages.cypher.context import Context
from fivefold.languages.cypher.expressions import Evaluate
from fivefold.languages.cypher.graph import Row, Run
from fivefold.languages.cypher.operators import Argument, Operator, check_held, held
from fivefold.languages.cypher.printing import printed
from fivefold.languages.cypher.walk import looks
from fivefold.values.graph.order import equivalence_key

_KEEPS_ROWS = frozenset(("collect", "percentilecont", "percentiledisc"))


class Aggregated(NamedTuple):
    """An aggregating call and the column that its value becomes."""

    name: str
    call: tree.Call | tree.CountStar


class EagerAggregation(Operator):
    """Groups rows. They then have the columns of the keys, of the calls, and of ``ambient``."""

    name = "EagerAggregation"
    eager = True

    def __init__(
        self,
        columns: Sequence[str],
        groups: Sequence[tuple[str, tree.Expression]],
        calls: Sequence[Aggregated],
        context: Context,
        argument: Argument,
    ) -> None:
        super().__init__(columns)
        self._names = tuple(name for name, _ in groups)
        self._keys = tuple(context.evaluate(one) for _, one in groups)
        self._calls = tuple(_Call(name, call, context) for name, call in calls)
        self._ambient = tuple(context.ambient)
        self._argument = argument
        self._keeps_rows = any(call.keeps_rows for call in self._calls)
        self._text = ", ".join(
            [*(printed(one) for _, one in groups), *(printed(call) for _, call in calls)]
        )
        expressions = (*(one for _, one in groups), *(call for _, call in calls))
        self.reads = looks(*expressions)

    @property
    def details(self) -> str:
        return self._text

    def rows(self, input: Iterator[Row], run: Run) -> Iterator[Row]:
        if self._keeps_rows:
            input = held(input, len(self._calls))
        if not self._keys:
            yield self._all(input, run)
            return
        keys, calls = self._keys, self._calls
        width = len(keys) + len(calls)
        groups: dict[Any, tuple[list[Any], list[_Group], Row]] = {}
        for row in input:
            values = [evaluate(row, run) for evaluate in keys]
            key = tuple(map(equivalence_key, values))
            found = groups.get(key)
            if found is None:
                groups[key] = found = values, [call.group() for call in calls], row
                check_held(len(groups), width)
            for group in found[1]:
                group.add(row, run)
        for values, made, row in groups.values():
            yield self._row(values, made, row)

    def _all(self, input: Iterator[Row], run: Run) -> Row:
        """Return the row of the one group of all rows."""
        made = [call.group() for call in self._calls]
        last: Row | None = None
        if len(made) == 1:
            add = made[0].add
            for last in input:
                add(last, run)
        else:
            for last in input:
                for group in made:
                    group.add(last, run)
        return self._row([], made, self._argument.given(run) if last is None else last)

    def _row(self, values: list[Any], made: list[_Group], row: Row) -> Row:
        new = {name: row[name] for name in self._ambient}
        new.update(zip(self._names, values, strict=True))
        for call, group in zip(self._calls, made, strict=True):
            new[call.name] = group.result()
        return new


class _Call:
    """An aggregating call, compiled."""

    def __init__(self, name: str, call: tree.Call | tree.CountStar, context: Context) -> None:
        self.name = name
        self._make = aggregation_of(call)
        self._distinct = isinstance(call, tree.Call) and call.distinct
        self._arguments = tuple(
            context.evaluate(one) for one in (call.arguments if isinstance(call, tree.Call) else ())
        )
        self.keeps_rows = self._distinct or (
            isinstance(call, tree.Call) and call.name.lower() in _KEEPS_ROWS
        )

    def group(self) -> _Group:
        """Return the call's aggregation of a new group."""
        return _Group(self._make(), self._arguments, self._distinct)


class _Group:
    """One call's aggregation of one group."""

    __slots__ = ("add", "result")

    def __init__(
        self, aggregation: Aggregation, arguments: tuple[Evaluate, ...], distinct: bool
    ) -> None:
        self.result = aggregation.result
        self.add = _adder(aggregation, arguments, distinct)


def _adder(
    aggregation: Aggregation, arguments: tuple[Evaluate, ...], distinct: bool
) -> Callable[[Row, Run], None]:
    add = aggregation.add
    if not arguments:
        return lambda row, run: add()
    first, *others = arguments
    if not distinct and not others:
        return lambda row, run: add(first(row, run))
    seen: set[Any] = set()

    def add_values(row: Row, run: Run) -> None:
        value = first(row, run)
        if distinct:
            key = equivalence_key(value)
            if key in seen:
                return
            seen.add(key)
        add(value, *[other(row, run) for other in others])

    return add_values
