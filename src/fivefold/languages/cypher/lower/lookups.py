"""What a query that writes finds by keys: nodes, and relationships between two known nodes.

Such a query finds the same entities again and again, row by row, as a load of relationships does.
The graph that it writes to remembers what it found and keeps it right; for rows that come together
it is asked once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, Protocol

from fivefold.errors import FivefoldError
from fivefold.languages.cypher import tree
from fivefold.languages.cypher.context import Context, Names
from fivefold.languages.cypher.expressions.compiler import Evaluate
from fivefold.languages.cypher.graph import Row, Run
from fivefold.languages.cypher.lower.conditions import Compare, Is, OfKind, sort_of
from fivefold.languages.cypher.lower.indexes import How, index_of
from fivefold.languages.cypher.lower.joins import Join
from fivefold.languages.cypher.matching.expanding import Step, node_of
from fivefold.languages.cypher.matching.pattern import Patterns
from fivefold.languages.cypher.operators import ROWS, Operator, Pipeline, batches
from fivefold.languages.cypher.stored.writing import StoredGraph
from fivefold.languages.cypher.tree import Direction
from fivefold.models.graph.keys import key_of
from fivefold.models.graph.records import IndexPlans
from fivefold.models.graph.vocabulary import Vocabulary
from fivefold.values.graph.entities import Node, Relationship


class Find(Protocol):
    """The nodes that a name may stand for, by a key of which each row gives one.

    A key is None if somebody else has to find them.
    """

    def key(self, row: Row, run: Run) -> Any:
        """Return a row's key."""
        ...

    def foresee(self, keys: Sequence[Any], graph: StoredGraph) -> None:
        """Have the nodes with these keys at hand."""
        ...

    def nodes(self, key: Any, graph: StoredGraph) -> Sequence[Node]:
        """Return the nodes with a key."""
        ...


class Lookups(Operator):
    """For each row the nodes with the keys that it brings."""

    name = "NodeIndexSeek"
    reads = True

    def __init__(
        self,
        finds: Sequence[tuple[str, Find]],
        residual: Sequence[Evaluate],
        walk: Pipeline,
        columns: Sequence[str],
    ) -> None:
        super().__init__(columns)
        self._finds = tuple(finds)
        self._residual = residual
        self._walk = walk

    @property
    def details(self) -> str:
        return ", ".join([name for name, _ in self._finds if not name.startswith(" ")])

    def rows(self, input: Iterator[Row], run: Run) -> Iterator[Row]:
        graph, finds, residual = run.graph, self._finds, self._residual
        assert isinstance(graph, StoredGraph)
        for row, keys in self._foreseen(input, run, graph):
            if None in keys:
                yield from self._walk.for_row(row, run)
                continue
            new = dict(row)
            several: list[Row] | None = None
            for (name, find), key in zip(finds, keys, strict=True):
                nodes = find.nodes(key, graph)
                if several is None and len(nodes) == 1:
                    new[name] = nodes[0]
                else:
                    before = [new] if several is None else several
                    several = [{**one, name: node} for one in before for node in nodes]
            for one in (new,) if several is None else several:
                if not residual or all(condition(one, run) is True for condition in residual):
                    yield one

    def _foreseen(
        self, input: Iterator[Row], run: Run, graph: StoredGraph
    ) -> Iterator[tuple[Row, list[Any]]]:
        """Yield rows and their keys, for many of which the graph is asked together."""
        finds = self._finds
        for some in batches(input, ROWS):
            keys: list[list[Any]] = []
            late: FivefoldError | None = None
            try:
                for row in some:
                    keys.append([find.key(row, run) for _, find in finds])
            except FivefoldError as error:  # it is raised when the row's turn has come
                late = error
            if len(some) > 1:
                self._have(keys, graph)
            yield from zip(some, keys, strict=False)
            if late is not None:
                raise late

    def foresee(self, rows: Sequence[Row], run: Run) -> None:
        assert isinstance(run.graph, StoredGraph)
        keys: list[list[Any]] = []
        with suppress(FivefoldError):  # which is raised when the row's turn has come
            for row in rows:
                keys.append([find.key(row, run) for _, find in self._finds])
        self._have(keys, run.graph)

    def _have(self, keys: list[list[Any]], graph: StoredGraph) -> None:
        for (_, find), own in zip(self._finds, zip(*keys, strict=True), strict=False):
            find.foresee([key for key in own if key is not None], graph)


def lower_lookups(
    patterns: Patterns,
    join: Join,
    residual: Sequence[tree.Expression],
    bound: Names,
    context: Context,
    plans: Sequence[IndexPlans],
    walk: Sequence[Operator],
) -> Operator | None:
    """Return the operator, None if some node has to be searched for."""
    finds: list[tuple[str, Find]] = []
    done: set[int] = set()  # conditions that need not be looked at again
    for name in patterns.nodes:
        if name in bound or name.startswith(" "):
            return None
        find = _find(name, join, plans, done)
        if find is None:
            return None
        finds.append((name, find))
    later = [*residual]
    later += [said.expression for one, said in join.conditions.said if id(one) not in done]
    return Lookups(
        finds,
        [context.evaluate(one) for one in later],
        Pipeline(walk),
        sorted(bound | {*patterns.nodes}),
    )


def _find(name: str, join: Join, plans: Sequence[IndexPlans], done: set[int]) -> Find | None:
    """Return how a node is found; ``done`` gets the conditions that are met thereby."""
    own = [*join.conditions.of(name)]
    for one in own:
        if isinstance(one, Is):
            done.add(id(one))
            return _ById(one.value)
    index = index_of(name, join.conditions, join.vocabulary)
    if index is None or index[2] is not How.EQUAL:
        return None
    definition, taken, _ = index
    held = join.vocabulary.kinds_with(definition.label)
    done.update(map(id, taken))
    done.update(id(one) for one in own if isinstance(one, OfKind) and held == {*one.kinds})
    (used,) = [one for one in plans if one.index == definition]
    return _ByKey(used, taken)


class _ById:
    """See ``Find``: by ids."""

    def __init__(self, value: Evaluate) -> None:
        self._value = value

    def key(self, row: Row, run: Run) -> int | None:
        wanted = self._value(row, run)
        return wanted if wanted.__class__ is int and sort_of(wanted) is not None else None

    def foresee(self, keys: Sequence[Any], graph: StoredGraph) -> None:
        graph.nodes_by_id(dict.fromkeys(keys))

    def nodes(self, key: Any, graph: StoredGraph) -> Sequence[Node]:
        node = graph.node(key)
        return () if node is None else (node,)


class _ByKey:
    """See ``Find``: by keys of an index. Nothing has the empty one."""

    def __init__(self, plans: IndexPlans, taken: Sequence[Compare]) -> None:
        self._plans = plans
        self._values = tuple([one.value for one in taken])

    def key(self, row: Row, run: Run) -> bytes | None:
        key = b""
        for value in self._values:
            wanted: Any = value(row, run)
            if wanted is None:
                return b""
            if sort_of(wanted) is None:
                return None
            key += key_of(wanted)
        return key

    def foresee(self, keys: Sequence[Any], graph: StoredGraph) -> None:
        graph.with_keys(self._plans, filter(None, keys))

    def nodes(self, key: Any, graph: StoredGraph) -> Sequence[Node]:
        return graph.with_key(self._plans, key) if key else ()


class Linked(Operator):
    """For each row the relationships between two nodes that it brings."""

    name = "Expand(Into)"
    reads = True

    def __init__(
        self, step: Step, types: tuple[int, ...], residual: Sequence[Evaluate], columns: Names
    ) -> None:
        super().__init__(sorted(columns))
        self._step = step
        self._types = types
        self._residual = residual

    @property
    def details(self) -> str:
        return self._step.text

    def rows(self, input: Iterator[Row], run: Run) -> Iterator[Row]:
        residual, name = self._residual, self._step.name
        for some in batches(input, ROWS):
            if len(some) > 1:
                self.foresee(some, run)
            for row in some:
                for relationship in self._found(row, run):
                    made = {**row, name: relationship}
                    if all(condition(made, run) is True for condition in residual):
                        yield made

    def _found(self, row: Row, run: Run) -> Iterator[Relationship]:
        assert isinstance(run.graph, StoredGraph)
        for start, end in self._pairs(row):
            yield from [*run.graph.linked(start, end, self._types)]

    def _pairs(self, row: Row) -> Iterator[tuple[int, int]]:
        step = self._step
        left, right = node_of(row, step.here), node_of(row, step.there)
        if left is None or right is None:
            return
        if step.direction is not Direction.LEFT:
            yield left.id, right.id
        if step.direction is Direction.LEFT or (
            step.direction is Direction.EITHER and left.id != right.id
        ):
            yield right.id, left.id

    def foresee(self, rows: Sequence[Row], run: Run) -> None:
        assert isinstance(run.graph, StoredGraph)
        pairs: list[tuple[int, int]] = []
        with suppress(FivefoldError):  # which is raised when the row's turn has come
            for row in rows:
                pairs += self._pairs(row)
        run.graph.link_all(pairs, self._types)


def lower_linked(
    patterns: Patterns, bound: Names, context: Context, vocabulary: Vocabulary
) -> Operator | None:
    """Return the operator for a relationship between two nodes that are bound, None if it is not.

    Its conditions are few, and are looked at in Python.
    """
    if len(patterns.links) != 1 or patterns.routes or not bound.issuperset(patterns.nodes):
        return None
    (link,) = patterns.links
    if {link.left, link.right} != {*patterns.nodes}:
        return None
    if link.is_long or link.name in bound or link.types is None:
        return None
    types = tuple(vocabulary.types(sorted(link.types)))
    if link.types and not types:
        return None  # there is none, which SQL knows too
    residual = [context.evaluate(one.expression) for one in patterns.conditions]
    return Linked(Step(link, link.left, (), None), types, residual, bound | {link.name})
