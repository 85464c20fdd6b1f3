"""The patterns of one MATCH, taken apart: nodes with names, links between them, conditions.

What stands inside a pattern's brackets is a condition like those of WHERE, so that the planner sees
all of them alike. What has no variable gets a hidden name, which begins with a space.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fivefold.languages.cypher import tree
from fivefold.languages.cypher.walk import names_in
from fivefold.values.records import Record


class Link(Record):
    """A relationship of a pattern, or a path of them, from one node's name to another's."""

    name: str
    left: str
    right: str
    pattern: tree.RelationshipPattern
    types: frozenset[str] | None
    """The types that it may have; None if ``pattern.types`` says more than a list of names."""
    shortest: Shortest | None = None

    @property
    def is_long(self) -> bool:
        """Say whether its value is a list of relationships."""
        return self.pattern.length is not None or self.shortest is not None

    def may_be(self, other: Link) -> bool:
        """Say whether one relationship could be part of both."""
        return not self.types or not other.types or bool(self.types & other.types)


class Shortest(Record):
    """What shortestPath and allShortestPaths say of a link."""

    all: bool
    path: str


class Route(Record):
    """A path variable: the names of the nodes and links that it passes, in turns."""

    name: str
    elements: tuple[str, ...]


class Condition(Record):
    """A condition and the names that it mentions."""

    expression: tree.Expression
    names: frozenset[str]


class Patterns:
    """All patterns of a MATCH."""

    __slots__ = ("conditions", "links", "nodes", "routes")

    def __init__(self) -> None:
        self.nodes: list[str] = []
        self.links: list[Link] = []
        self.routes: list[Route] = []
        self.conditions: list[Condition] = []


def taken_apart(patterns: Iterable[tree.PathPattern], where: tree.Expression | None) -> Patterns:
    """Return the patterns' parts, in the order in which they stand in the query."""
    found = Patterns()
    for place, pattern in enumerate(patterns):
        _take(pattern, place, found)
    if where is not None:
        found.conditions += [_condition(one) for one in conjuncts(where)]
    return found


def conjuncts(expression: tree.Expression) -> Iterator[tree.Expression]:
    """Yield the conditions that AND joins."""
    if isinstance(expression, tree.Binary) and expression.op == "and":
        yield from conjuncts(expression.left)
        yield from conjuncts(expression.right)
    else:
        yield expression


def _condition(expression: tree.Expression) -> Condition:
    return Condition(expression, names_in(expression))


def _take(pattern: tree.PathPattern, place: int, found: Patterns) -> None:
    names = [element.variable or f" {place}.{at}" for at, element in enumerate(pattern.elements)]
    for element, name in zip(pattern.elements, names, strict=True):
        if isinstance(element, tree.NodePattern):
            if name not in found.nodes:
                found.nodes.append(name)
            found.conditions += _node_conditions(element, name)
    shortest = None
    if pattern.shortest is not None:
        path = pattern.variable or f" {place}.path"
        shortest = Shortest(pattern.shortest is tree.Shortest.ALL, path)
    elif pattern.variable is not None:
        found.routes.append(Route(pattern.variable, tuple(names)))
    for at, element in enumerate(pattern.elements):
        if isinstance(element, tree.RelationshipPattern):
            left, name, right = names[at - 1 : at + 2]
            link = Link(name, left, right, element, type_names(element.types), shortest)
            found.links.append(link)
            if not link.is_long:
                found.conditions += _link_conditions(element, name)


def _node_conditions(pattern: tree.NodePattern, name: str) -> Iterator[Condition]:
    variable = tree.Variable(name, at=pattern.at)
    for labels in _label_conjuncts(pattern.labels):
        yield _condition(tree.HasLabels(variable, labels, at=pattern.at))
    for expression in property_conditions(pattern.properties, variable):
        yield _condition(expression)
    if pattern.where is not None:
        yield from map(_condition, conjuncts(pattern.where))


def _link_conditions(pattern: tree.RelationshipPattern, name: str) -> Iterator[Condition]:
    variable = tree.Variable(name, at=pattern.at)
    for expression in property_conditions(pattern.properties, variable):
        yield _condition(expression)
    if pattern.where is not None:
        yield from map(_condition, conjuncts(pattern.where))


def _label_conjuncts(labels: tree.Labels | None) -> Iterator[tree.Labels]:
    if isinstance(labels, tree.LabelAnd):
        for operand in labels.operands:
            yield from _label_conjuncts(operand)
    elif labels is not None:
        yield labels


def property_conditions(
    properties: tree.Expression | None, variable: tree.Variable
) -> Iterator[tree.Expression]:
    """Yield for each of a pattern's properties the condition that the variable's equals it."""
    if isinstance(properties, tree.MapLiteral):
        for key, value in properties.entries:
            held = tree.Property(variable, key, at=variable.at)
            yield tree.Binary("=", held, value, at=variable.at)
    elif properties is not None:
        # A map that is only known when the query runs: all of its keys.
        each = tree.Variable(" key")
        given, wanted = tree.Index(variable, each), tree.Index(properties, each)
        keys = tree.Call("keys", (properties,))
        yield tree.Quantifier("all", each.name, keys, tree.Binary("=", given, wanted))


def type_names(types: tree.Labels | None) -> frozenset[str] | None:
    """Return the names of which a type must be one, empty for any; None for other conditions."""
    match types:
        case None:
            return frozenset()
        case tree.Label(name=name):
            return frozenset((name,))
        case tree.LabelOr(operands=operands):
            names = [type_names(operand) for operand in operands]
            return None if None in names else frozenset().union(*filter(None, names))
    return None
