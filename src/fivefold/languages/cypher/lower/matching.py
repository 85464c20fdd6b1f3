"""MATCH as one statement: for a row that comes in, or for many together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

from fivefold.languages.cypher import tree
from fivefold.languages.cypher.context import Context, Names
from fivefold.languages.cypher.expressions.compiler import Evaluate
from fivefold.languages.cypher.graph import Row, Run
from fivefold.languages.cypher.lower.conditions import Conditions
from fivefold.languages.cypher.lower.joins import Join, Rare
from fivefold.languages.cypher.lower.lookups import lower_linked, lower_lookups
from fivefold.languages.cypher.lower.slots import CannotSay, NoRows
from fivefold.languages.cypher.matching.pattern import Patterns, Route, taken_apart
from fivefold.languages.cypher.operators import Operator, Pipeline, batches
from fivefold.languages.cypher.stored.opened import Opened
from fivefold.languages.cypher.stored.reading import Reading
from fivefold.languages.cypher.walk import names_in
from fivefold.plan.statement import Prepared, Statement
from fivefold.values.graph.entities import Path
from fivefold.values.types import INT4, INT8, TEXT

ROWS: Final = 128
"""How many rows a statement is made for at most: their values are parameters of it."""

KEPT_MAX: Final = 10_000
"""How many rows wait for those that are to come before them."""

Prepare = Callable[[Statement], Prepared]
Made = Callable[[Reading, Sequence[Any]], Any]
"""What makes a variable's value of a statement's row."""


class Lowering:
    """What lowering the patterns of a graph takes, under one catalog."""

    def __init__(
        self, opened: Opened, namespace: str, prepare: Prepare, rare: Rare, *, writes: bool
    ) -> None:
        self.opened = opened
        self.namespace = namespace
        self.prepare = prepare
        self.rare = rare
        self.writes = writes

    def join(
        self, patterns: Patterns, bound: Names, context: Context
    ) -> tuple[Join, Conditions] | None:
        """Return a pattern as a statement and its conditions; None if it cannot be one."""
        if any(link.is_long for link in patterns.links) or _is_repeated(patterns):
            return None
        links = frozenset(link.name for link in patterns.links)
        conditions = Conditions(
            *(self.opened.vocabulary, frozenset(patterns.nodes), links, context.evaluate)
        )
        for condition in patterns.conditions:
            conditions.take(condition)
        join = Join(
            *(patterns, conditions, self.namespace, self.opened.vocabulary, bound, self.rare)
        )
        join.place_all()
        return (join, conditions) if join.is_exact else None


def _is_repeated(patterns: Patterns) -> bool:
    """Say whether a link's name stands in a pattern twice, or is a node's too."""
    names = [link.name for link in patterns.links]
    return len(set(names) | set(patterns.nodes)) < len(names) + len(patterns.nodes)


class LoweredMatch(Operator):
    """The rows of a pattern, found by the store; ``walk`` finds what it cannot be asked for."""

    name = "Match(SQL)"
    reads = True

    def __init__(
        self,
        lowering: Lowering,
        join: Join,
        made: list[tuple[str, Made]],
        paths: Sequence[Route],
        residual: Sequence[Evaluate],
        optional: bool,
        walk: Pipeline,
        columns: Iterable[str],
        introduced: tuple[str, ...],
    ) -> None:
        super().__init__(columns)
        self._prepare = lowering.prepare
        self._join = join
        self._made = made
        self._paths = paths
        self._residual = residual
        self._optional = optional
        self._walk = walk
        self._nulls = dict.fromkeys(introduced)
        self._prepared: dict[tuple[str, int], Prepared] = {}

    def rows(self, input: Iterator[Row], run: Run) -> Iterator[Row]:
        join = self._join
        together = join.takes_values and not (join.takes_lists or join.empty)
        for some in batches(input, ROWS if together else 1):
            if len(some) > 1:
                yield from self._together(some, run)
            else:
                yield from self._alone(some[0], run)

    def _alone(self, row: Row, run: Run) -> Iterator[Row]:
        """Yield the rows that become of one, with a statement of its own."""
        graph = run.graph
        assert isinstance(graph, Reading)
        try:
            sorts, parameters = self._join.bind(row, run)
        except NoRows:
            if self._optional:
                yield {**row, **self._nulls}
            return
        except CannotSay:
            yield from self._walk.for_row(row, run)
            return
        some = False
        if not self._join.empty:
            for values in graph.ask(self._statement(sorts), parameters):
                made = self._made_of(row, values, graph, run)
                if made is not None:
                    some = True
                    yield made
        if self._optional and not some:
            yield {**row, **self._nulls}

    def _made_of(self, row: Row, values: Sequence[Any], graph: Reading, run: Run) -> Row | None:
        """Return the row of a match, None if it is none after all."""
        new = dict(row)
        for name, make in self._made:
            new[name] = make(graph, values)
        for route in self._paths:
            new[route.name] = _path(new, route)
        residual = self._residual
        if not residual or all(one(new, run) is True for one in residual):
            return new
        return None

    def _together(self, rows: list[Row], run: Run) -> Iterator[Row]:
        """Yield the rows that become of several, in their order as long as these are not many."""
        graph = run.graph
        assert isinstance(graph, Reading)
        walked: set[int] = set()
        asked: dict[str, list[tuple[int, list[Any]]]] = {}
        for number, row in enumerate(rows):
            try:
                sorts, parameters = self._join.bind(row, run)
            except NoRows:
                continue
            except CannotSay:
                walked.add(number)
            else:
                asked.setdefault(sorts, []).append((number, parameters))
        kept: list[list[Row]] = [[] for _ in rows]
        done: set[int] = set()  # rows of which something has become, and been given out
        count = 0
        for sorts, given in asked.items():
            for number, values in self._found(sorts, given, graph):
                made = self._made_of(rows[number], values, graph, run)
                if made is None:
                    continue
                kept[number].append(made)
                count += 1
                if count == KEPT_MAX:
                    count = 0
                    for at, some in enumerate(kept):
                        yield from some
                        if some:
                            done.add(at)
                            some.clear()
        for number, some in enumerate(kept):
            if number in walked:
                yield from self._walk.for_row(rows[number], run)
            elif some:
                yield from some
            elif self._optional and number not in done:
                yield {**rows[number], **self._nulls}

    def _found(
        self, sorts: str, given: list[tuple[int, list[Any]]], graph: Reading
    ) -> Iterator[tuple[int, Sequence[Any]]]:
        """Yield what the store finds for rows that bring values of the same sorts."""
        if len(given) == 1:
            ((number, parameters),) = given
            for values in graph.ask(self._statement(sorts), parameters):
                yield number, values
            return
        size = 1 << (len(given) - 1).bit_length()  # few sizes, so that few statements are made
        nothing = [None] * len(given[0][1])
        parameters = [value for _, one in given for value in one]
        parameters += nothing * (size - len(given))
        for values in graph.ask(self._statement(sorts, size), parameters):
            yield given[values[-1]][0], values

    def _statement(self, sorts: str, rows: int = 1) -> Prepared:
        prepared = self._prepared.get((sorts, rows))
        if prepared is None:
            join = self._join
            one = join.statement(sorts) if rows == 1 else join.statement_of_many(sorts, rows)
            prepared = self._prepared[sorts, rows] = self._prepare(one)
        return prepared

    @property
    def details(self) -> str:
        return ", ".join(self._join.steps)


def lower_match(
    lowering: Lowering,
    match: tree.Match,
    bound: Names,
    used: Names,
    context: Context,
    walk: Sequence[Operator],
) -> Operator | None:
    """Return the operator for a MATCH, None if SQL cannot say it.

    ``used`` are the names whose values somebody wants; ``walk`` is what else would be done.
    """
    patterns = taken_apart(match.patterns, match.where)
    if lowering.writes and not match.optional:
        linked = lower_linked(patterns, bound, context, lowering.opened.vocabulary)
        if linked is not None:
            return linked
    found = lowering.join(patterns, bound, context)
    if found is None:
        return None
    join, conditions = found
    residual = [one.expression for one in conditions.residual]
    if lowering.writes and not (patterns.links or patterns.routes or match.optional):
        looked_up = lower_lookups(
            patterns, join, residual, bound, context, lowering.opened.plans.indexes, walk
        )
        if looked_up is not None:
            return looked_up
    left: Names = frozenset().union(*map(names_in, residual))
    wanted = (used | left) - bound
    for route in patterns.routes:
        if route.name in wanted:
            wanted |= frozenset(route.elements)
    made = []
    for name in patterns.nodes:
        if name in wanted and name not in bound:
            made.append((name, node_columns(join, name)))
    for link in patterns.links:
        if link.name in wanted and link.name not in bound:
            made.append((link.name, link_columns(join, link.name)))
    paths = [route for route in patterns.routes if route.name in wanted]
    if not join.columns:
        join.column("1", INT4)
    introduced = tuple(
        name
        for name in (
            *patterns.nodes,
            *(link.name for link in patterns.links),
            *(route.name for route in patterns.routes),
        )
        if name not in bound
    )
    return LoweredMatch(
        lowering,
        join,
        made,
        paths,
        [context.evaluate(one) for one in residual],
        match.optional,
        Pipeline(walk),
        (*bound, *introduced),
        introduced,
    )


def _path(row: Row, route: Route) -> Path:
    elements = [row[name] for name in route.elements]
    return Path(elements[::2], elements[1::2])


def node_columns(join: Join, name: str) -> Made:
    """Have a statement give a node, and return what makes it of a row."""
    alias = join.table_of(name)
    first = join.column(f"{alias}.id", INT8)
    join.column(f"{alias}.kind", INT4)
    join.column(join.whole(alias), TEXT)
    return lambda graph, values: graph.node_of(values[first : first + 3])


def link_columns(join: Join, name: str) -> Made:
    """Have a statement give a relationship, and return what makes it of a row."""
    alias = join.table_of(name)
    first = join.column(f"{alias}.id", INT8)
    join.column(f"{alias}.type", INT4)
    join.column(f"{alias}.source", INT8)
    join.column(f"{alias}.target", INT8)
    join.column(join.whole(alias), TEXT)
    return lambda graph, values: graph.relationship_of(values[first : first + 5])
