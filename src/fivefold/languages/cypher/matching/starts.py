"""Where a pattern may begin, and about how many rows that gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from fivefold.languages.cypher import tree
from fivefold.languages.cypher.context import Context
from fivefold.languages.cypher.matching.pattern import Condition, Link, type_names
from fivefold.languages.cypher.matching.scanning import (
    AllNodesScan,
    ById,
    NodeByLabelScan,
    NodeIndexSeek,
    RelationshipScan,
    UnionNodeByLabelsScan,
)
from fivefold.languages.cypher.operators import Operator
from fivefold.languages.cypher.printing import printed
from fivefold.languages.cypher.walk import names_in
from fivefold.values.records import Record

# Rows that are guessed where nothing is known.
_NODES: Final = 100_000.0
_LABELLED: Final = 10_000.0
_EQUAL: Final = 100.0
_INDEXED: Final = 10.0
_RELATIONSHIPS: Final = 90_000.0
"""With their ends; fewer than nodes, which would still have to be followed."""

IsKnown = Callable[[Iterable[str]], bool]
Make = Callable[[list[str]], Operator]


class Start(Record):
    """A beginning: the operator, and the conditions that need not be looked at after it."""

    name: str
    cost: float
    make: Make
    settles: tuple[Condition, ...] = ()
    link: Link | None = None


def starts(
    nodes: Iterable[str],
    links: Iterable[Link],
    conditions: Sequence[Condition],
    is_known: IsKnown,
    context: Context,
) -> Iterator[Start]:
    """Yield the ways to begin at one of the nodes or links; nodes first, as they are written."""
    left = list(nodes)
    for name in left:
        yield from _Found(name, conditions, is_known, context).starts()
    for link in links:
        if link.shortest is None:
            yield from _link_starts(link, left, conditions, is_known, context)


def _link_starts(
    link: Link,
    left: list[str],
    conditions: Sequence[Condition],
    is_known: IsKnown,
    context: Context,
) -> Iterator[Start]:
    if link.is_long or link.left == link.right or link.types is None:
        return
    if link.left not in left or link.right not in left:
        return
    found = _Found(link.name, conditions, is_known, context)
    for start in found.by_id(relationship=True):
        yield Start(start.name, start.cost - 0.5, start.make)  # its ends are one look-up away
    types = link.types
    direction = link.pattern.direction
    ends = (link.right, link.left) if direction is tree.Direction.LEFT else (link.left, link.right)
    cost = _RELATIONSHIPS / (10 if types else 1)

    def make(columns: list[str]) -> Operator:
        directed = direction is not tree.Direction.EITHER
        return RelationshipScan(columns, link.name, *ends, types, directed=directed)

    yield Start(link.name, cost, make, link=link)


class _Found:
    """What the conditions say of one variable."""

    def __init__(
        self, name: str, conditions: Sequence[Condition], is_known: IsKnown, context: Context
    ) -> None:
        self._name = name
        self._context = context
        self._labels: dict[str, Condition] = {}
        self._unions: list[tuple[frozenset[str], Condition]] = []
        self._equal: dict[str, tree.Expression] = {}
        self._within: dict[str, tree.Expression] = {}
        self._ids: list[tuple[bool, bool, tree.Expression]] = []  # element id? many? value
        for condition in conditions:
            if name in condition.names and is_known(condition.names - {name}):
                self._take(condition)

    def _take(self, condition: Condition) -> None:
        match condition.expression:
            case tree.HasLabels(subject=tree.Variable(name=name), labels=labels):
                if name != self._name:
                    return
                if isinstance(labels, tree.Label):
                    self._labels[labels.name] = condition
                elif (names := type_names(labels)) is not None:
                    self._unions.append((names, condition))
            case tree.Binary(op="=", left=left, right=right):
                self._compare(left, right, many=False)
                self._compare(right, left, many=False)
            case tree.Binary(op="in", left=left, right=right):
                self._compare(left, right, many=True)

    def _compare(self, mine: tree.Expression, value: tree.Expression, *, many: bool) -> None:
        """Take note of a comparison with a value that does not mention the variable itself."""
        if self._name in names_in(value):
            return
        match mine:
            case tree.Property(subject=tree.Variable(name=name), key=key) if name == self._name:
                (self._within if many else self._equal).setdefault(key, value)
            case tree.Call(name=function, arguments=(tree.Variable(name=name),)):
                if name == self._name and function.lower() in ("id", "elementid"):
                    self._ids.append((function.lower() == "elementid", many, value))

    def starts(self) -> Iterator[Start]:
        """Yield the ways to find a node."""
        yield from self.by_id(relationship=False)
        yield from self._by_index()
        name, knowledge = self._name, self._context.knowledge
        if self._labels:
            counts = {label: knowledge.count(label) for label in self._labels}
            cost = min(_LABELLED if count is None else float(count) for count in counts.values())
            settled = tuple(self._labels.values())
            labels = tuple(self._labels)
            yield Start(name, cost, lambda columns: NodeByLabelScan(columns, name, labels), settled)
        for names, condition in self._unions:
            known = [knowledge.count(label) for label in names]
            cost = sum(_LABELLED if count is None else float(count) for count in known)
            union = tuple(sorted(names))
            yield Start(name, cost, _union(name, union), (condition,))
        count = knowledge.count(None)
        cost = _NODES if count is None else float(count)
        yield Start(name, cost, lambda columns: AllNodesScan(columns, name))

    def by_id(self, *, relationship: bool) -> Iterator[Start]:
        """Yield the ways to find a node or a relationship by its id."""
        for element, many, value in self._ids:
            cost = 2.0 if many else 1.0
            make = self._seek_by_id(value, relationship=relationship, element=element, many=many)
            yield Start(self._name, cost, make)

    def _seek_by_id(
        self, value: tree.Expression, *, relationship: bool, element: bool, many: bool
    ) -> Make:
        evaluate = self._context.evaluate(value)
        function = "elementId" if element else "id"
        text = f"{function}({self._name}) {'IN' if many else '='} {printed(value)}"
        return lambda columns: ById(
            columns,
            self._name,
            evaluate,
            relationship=relationship,
            element=element,
            many=many,
            text=text,
        )

    def _by_index(self) -> Iterator[Start]:
        """Yield the ways to find a node by a label and values of properties."""
        for label, condition in self._labels.items():
            indexed = self._context.knowledge.indexed(label)
            for keys in indexed or ():
                yield from self._seek(label, keys, condition, _INDEXED)
            if indexed is None and (self._equal or self._within):
                # Perhaps there is one when the query runs.
                keys = tuple(self._equal) or (next(iter(self._within)),)
                yield from self._seek(label, keys, condition, _EQUAL)

    def _seek(
        self, label: str, keys: tuple[str, ...], condition: Condition, cost: float
    ) -> Iterator[Start]:
        name = self._name
        given = {key: self._equal[key] for key in keys if key in self._equal}
        missing = [key for key in keys if key not in given]
        many = len(missing) == 1 and missing[0] in self._within
        if missing and not many:
            return
        if many:
            given[missing[0]] = self._within[missing[0]]
        values = {key: self._context.evaluate(value) for key, value in given.items()}
        text = f"{name}:{label}({', '.join(given)})"
        settled = (condition,)
        yield Start(
            name,
            cost * (2 if many else 1) / len(keys),
            lambda columns: NodeIndexSeek(columns, name, label, values, many, text),
            settled,
        )


def _union(name: str, labels: tuple[str, ...]) -> Make:
    return lambda columns: UnionNodeByLabelsScan(columns, name, labels)
