"""How many matches a pattern has, without listing them.

A pattern of directed relationships without cycles is *factorised*: how many ways lead on from each
node is counted once for the node, and not once for each way that leads to it. That counts walks, in
which a relationship may come twice. Which of them are no matches is known from smaller patterns:
for each way to put relationships together (a partition of them), the pattern in which those of one
part are one; by inclusion and exclusion, a part of n counts with (-1)^(n-1) (n-1)!.

Source: the Möbius function of the partition lattice, Rota, "On the foundations of combinatorial
theory" (1964).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import factorial, prod

from fivefold.catalog.roles import Privilege
from fivefold.languages.cypher.lower.joins import among
from fivefold.languages.cypher.matching.pattern import Patterns
from fivefold.languages.cypher.tree import Direction
from fivefold.models.graph import layout
from fivefold.models.graph.vocabulary import Vocabulary
from fivefold.plan.statement import Access, Effort, Output, Statement, Template
from fivefold.values.types import NUMERIC

LINKS_MAX = 4
"""Of which there are 15 partitions."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A relationship of a pattern that is counted: its ends are numbers of nodes."""

    source: int
    target: int
    types: frozenset[int] | None

    @property
    def ends(self) -> tuple[int, int]:
        """Return both ends."""
        return self.source, self.target


@dataclass(frozen=True, slots=True)
class Shape:
    """A pattern: its relationships, and the kinds that nodes may be of, None for any."""

    edges: tuple[Edge, ...]
    kinds: tuple[frozenset[int] | None, ...]


def shape_of(
    patterns: Patterns, kinds: dict[str, frozenset[int]], vocabulary: Vocabulary
) -> Shape | None:
    """Return a pattern as a shape, None if it is not one that can be factorised."""
    if not 2 <= len(patterns.links) <= LINKS_MAX:
        return None
    number = {name: at for at, name in enumerate(patterns.nodes)}
    edges = []
    for link in patterns.links:
        if link.pattern.direction is Direction.EITHER or link.types is None:
            return None
        left, right = number[link.left], number[link.right]
        if link.pattern.direction is Direction.LEFT:
            left, right = right, left
        types = frozenset(vocabulary.types(sorted(link.types))) if link.types else None
        edges.append(Edge(left, right, types))
    shape = Shape(tuple(edges), tuple(kinds.get(name) for name in patterns.nodes))
    return shape if _is_tree(shape) else None


def _is_tree(shape: Shape) -> bool:
    """Say whether the pattern hangs together and has no cycle."""
    if len(shape.edges) != len(shape.kinds) - 1:
        return False
    reached, grown = {0}, True
    while grown:
        grown = False
        for edge in shape.edges:
            if len(reached & {*edge.ends}) == 1 and edge.source != edge.target:
                reached |= {*edge.ends}
                grown = True
    return len(reached) == len(shape.kinds)


def statement(shape: Shape, namespace: str) -> Statement:
    """Return the statement whose one row and column is the number of matches."""
    terms = []
    for partition in partitions(range(len(shape.edges))):
        quotient = _put_together(shape, partition)
        if quotient is None:
            continue
        sign = prod([(-1) ** (len(part) - 1) * factorial(len(part) - 1) for part in partition])
        text = _factorised(quotient) if _is_tree(quotient) else _joined(quotient)
        terms.append(f"{sign} * ({text})")
    containers = {"r": (namespace, layout.RELATIONSHIP_TABLE), "n": (namespace, layout.NODE_TABLE)}
    text = f"SELECT {' + '.join(terms)}"
    used = {key: name for key, name in containers.items() if f"{{{key}}}" in text}
    return Statement(
        Template(text, used),
        outputs=(Output("count", NUMERIC),),
        accesses=tuple([Access(*one, Privilege.READ) for one in used.values()]),
        effort=Effort.SCAN,
    )


def partitions(items: Sequence[int]) -> Iterator[list[list[int]]]:
    """Yield all ways to put items into parts."""
    if not items:
        yield []
        return
    first, rest = items[0], items[1:]
    for smaller in partitions(rest):
        yield [[first], *smaller]
        for at, part in enumerate(smaller):
            yield [*smaller[:at], [first, *part], *smaller[at + 1 :]]


def _put_together(shape: Shape, partition: list[list[int]]) -> Shape | None:
    """Return the pattern in which the edges of each part are one; None if they cannot be."""
    stands_for = list(range(len(shape.kinds)))

    def root(node: int) -> int:
        while stands_for[node] != node:
            node = stands_for[node]
        return node

    for first, *others in partition:
        for other in others:
            for one, another in zip(shape.edges[first].ends, shape.edges[other].ends, strict=True):
                stands_for[root(one)] = root(another)
    roots = sorted({root(node) for node in range(len(shape.kinds))})
    number = {node: at for at, node in enumerate(roots)}
    kinds: list[frozenset[int] | None] = [None] * len(roots)
    for node, allowed in enumerate(shape.kinds):
        if allowed is not None:
            at = number[root(node)]
            before = kinds[at]
            kinds[at] = allowed if before is None else before & allowed
            if not kinds[at]:
                return None
    edges = []
    for part in partition:
        types: frozenset[int] | None = None
        for one in part:
            own = shape.edges[one].types
            if own is not None:
                types = own if types is None else types & own
        if types is not None and not types:
            return None
        ends = shape.edges[part[0]].ends
        edges.append(Edge(number[root(ends[0])], number[root(ends[1])], types))
    return Shape(tuple(edges), tuple(kinds))


def _joined(shape: Shape) -> str:
    """Return a query that counts by joining: patterns that come of putting edges together."""
    wheres: list[str] = []
    placed: list[str] = []
    columns: dict[int, str] = {}

    def is_open(at: int) -> bool:
        return shape.edges[at].source != shape.edges[at].target

    waiting = sorted(range(len(shape.edges)), key=is_open)  # what turns back on itself is rare
    while waiting:
        at = next((one for one in waiting if {*shape.edges[one].ends} & columns.keys()), waiting[0])
        waiting = [one for one in waiting if one != at]
        edge = shape.edges[at]
        placed.append(f"{{r}} e{at}")
        for node, column in ((edge.source, f"e{at}.source"), (edge.target, f"e{at}.target")):
            if node in columns:
                wheres.append(f"{column} = {columns[node]}")
            else:
                columns[node] = column
        wheres += _typed(f"e{at}", edge)
    for node, allowed in enumerate(shape.kinds):
        if allowed is not None:
            placed.append(f"{{n}} n{node}")
            wheres += [f"n{node}.id = {columns[node]}", among(f"n{node}.kind", sorted(allowed))]
    where = f" WHERE {' AND '.join(wheres)}" if wheres else ""
    return f"SELECT count(*) FROM {' CROSS JOIN '.join(placed)}{where}"


def _factorised(shape: Shape) -> str:
    """Return a query that counts the walks of a tree from its middle."""
    middle = min(range(len(shape.kinds)), key=lambda node: (_height(shape, node), node))
    ways = _Ways(shape)
    return ways.whole(middle)


def _height(shape: Shape, node: int, before: Edge | None = None) -> int:
    below = [
        1 + _height(shape, edge.target if edge.source == node else edge.source, edge)
        for edge in shape.edges
        if edge is not before and node in edge.ends
    ]
    return max(below, default=0)


class _Ways:
    """Queries with the columns ``id``, ``n``: how many ways a part of a tree begins at a node."""

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        self._count = 0

    def whole(self, node: int) -> str:
        """Return a query for all ways of the tree, seen from a node."""
        return f"SELECT coalesce(sum(n), 0) FROM ({self._at(node, None)}) w"

    def _at(self, node: int, before: Edge | None) -> str | None:
        """Return the ways from a node but through ``before``; None if there is one from each."""
        parts = [
            self._through(edge, node)
            for edge in self._shape.edges
            if edge is not before and node in edge.ends
        ]
        allowed = self._shape.kinds[node]
        if not parts and allowed is None:
            return None
        names = [self._name() for _ in parts]
        froms = [f"({part}) {name}" for part, name in zip(parts, names, strict=True)]
        wheres = [f"{name}.id = {names[0]}.id" for name in names[1:]]
        id_ = f"{names[0]}.id" if names else ""
        if allowed is not None:
            own = self._name()
            froms.append(f"{{n}} {own}")
            wheres += [
                *([f"{own}.id = {id_}"] if names else []),
                among(f"{own}.kind", sorted(allowed)),
            ]
            id_ = id_ or f"{own}.id"
        if len(parts) == 1 and allowed is None:
            return parts[0]
        product = " * ".join([f"{name}.n" for name in names]) or "1"
        where = f" WHERE {' AND '.join(wheres)}" if wheres else ""
        return f"SELECT {id_} AS id, {product} AS n FROM {', '.join(froms)}{where}"

    def _through(self, edge: Edge, node: int) -> str:
        """Return the ways from a node through one of its edges."""
        here, there = ("source", "target") if edge.source == node else ("target", "source")
        other = edge.target if edge.source == node else edge.source
        beyond = self._at(other, edge)
        name = self._name()
        wheres = _typed(name, edge)
        if beyond is None:
            where = f" WHERE {' AND '.join(wheres)}" if wheres else ""
            return (
                f"SELECT {name}.{here} AS id, count(*) AS n FROM {{r}} {name}{where}"
                f" GROUP BY {name}.{here}"
            )
        on = self._name()
        wheres = [f"{on}.id = {name}.{there}", *wheres]
        return (
            f"SELECT {name}.{here} AS id, sum({on}.n) AS n FROM {{r}} {name}, ({beyond}) {on}"
            f" WHERE {' AND '.join(wheres)} GROUP BY {name}.{here}"
        )

    def _name(self) -> str:
        self._count += 1
        return f"w{self._count}"


def _typed(name: str, edge: Edge) -> list[str]:
    return [] if edge.types is None else [among(f"{name}.type", sorted(edge.types))]
