"""A plain matcher to hold planners against: it tries everything, in the order of the pattern.

It knows nothing of plans: nodes and relationships are assigned one after the other, and WHERE is
looked at when all are. Only expressions are evaluated by the engine's own closures.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fivefold.languages.cypher import tree
from fivefold.languages.cypher.expressions import Compiler, Evaluate, compile_expression
from fivefold.languages.cypher.graph import Run
from fivefold.values.graph.entities import Node, Path, Relationship
from fivefold.values.graph.order import equals

Row = dict[str, Any]


def matches(run: Run, row: Row, match: tree.Match) -> Iterator[Row]:
    """Yield a row for each match, those of OPTIONAL MATCH with nulls."""
    names = {
        one.variable
        for pattern in match.patterns
        for one in (pattern, *pattern.elements)
        if one.variable is not None
    }
    found = False
    for made in _Search(run).patterns(list(match.patterns), row, frozenset()):
        if match.where is None or _evaluated(match.where, made, run) is True:
            found = True
            yield {name: made[name] for name in {*row} | names}
    if match.optional and not found:
        yield {**dict.fromkeys(names), **row}


def _evaluated(expression: tree.Expression, row: Row, run: Run) -> Any:
    return compile_expression(expression, Compiler(_pattern))(row, run)


def _pattern(expression: Any, compiler: Compiler) -> Evaluate:
    """Evaluate a pattern as a condition: is there a match of it?"""
    assert isinstance(expression, tree.PatternPredicate)
    match = tree.Match((expression.pattern,))
    return lambda row, run: any(True for _ in matches(run, row, match))


class _Search:
    def __init__(self, run: Run) -> None:
        self.run = run
        self.all_nodes = list(run.graph.nodes())
        self.all_relationships = list(run.graph.relationships())

    def patterns(
        self, left: list[tree.PathPattern], row: Row, used: frozenset[int]
    ) -> Iterator[Row]:
        if not left:
            yield row
            return
        pattern, *others = left
        for made, now_used, nodes, relationships in self.first(pattern, row, used):
            if pattern.variable is not None:
                made = {**made, pattern.variable: Path(nodes, relationships)}
            yield from self.patterns(others, made, now_used)

    def first(self, pattern: tree.PathPattern, row: Row, used: frozenset[int]) -> Iterator[Any]:
        start, *elements = pattern.elements
        assert isinstance(start, tree.NodePattern)
        for node in self.all_nodes:
            made = self.node(start, node, row)
            if made is not None:
                yield from self.rest(elements, made, used, [node], [])

    def rest(
        self,
        elements: list[Any],
        row: Row,
        used: frozenset[int],
        nodes: list[Node],
        relationships: list[Relationship],
    ) -> Iterator[Any]:
        if not elements:
            yield row, used, nodes, relationships
            return
        link, end, *others = elements
        for trail, passed in self.trails(link, nodes[-1], row, used):
            value = trail if link.length is not None else trail[0]
            bound = self.bind(link.variable, value, row)
            if bound is None:
                continue
            made = self.node(end, passed[-1] if passed else nodes[-1], bound)
            if made is not None:
                now_used = used | {one.id for one in trail}
                yield from self.rest(
                    others, made, now_used, [*nodes, *passed], [*relationships, *trail]
                )

    def trails(
        self, link: tree.RelationshipPattern, at: Node, row: Row, used: frozenset[int]
    ) -> Iterator[tuple[list[Relationship], list[Node]]]:
        least, most = 1, 1
        if link.length is not None:
            least = 1 if link.length.least is None else link.length.least
            most = 99 if link.length.most is None else link.length.most
        if least == 0:
            yield [], []
        if most == 0:
            return
        shorter = tree.Length(max(least - 1, 0), most - 1)
        onward = tree.RelationshipPattern(
            None, link.types, link.direction, shorter, link.properties
        )
        for relationship in self.all_relationships:
            if relationship.id in used or not self.is_meant(link, relationship, row):
                continue
            for end in self.ends(link.direction, relationship, at):
                if least <= 1:
                    yield [relationship], [end]
                if most > 1:
                    for trail, passed in self.trails(onward, end, row, used | {relationship.id}):
                        if trail:
                            yield [relationship, *trail], [end, *passed]

    def ends(
        self, direction: tree.Direction, relationship: Relationship, at: Node
    ) -> Iterator[Node]:
        ids = []
        if relationship.start_id == at.id and direction is not tree.Direction.LEFT:
            ids.append(relationship.end_id)
        if relationship.end_id == at.id and direction is not tree.Direction.RIGHT:
            ids.append(relationship.start_id)
        for id in dict.fromkeys(ids):
            node = self.run.graph.node(id)
            assert node is not None
            yield node

    def node(self, pattern: tree.NodePattern, node: Node, row: Row) -> Row | None:
        made = self.bind(pattern.variable, node, row)
        if made is None or not _labelled(pattern.labels, node.labels):
            return None
        return made if self.has(pattern.properties, node, row) else None

    def is_meant(
        self, link: tree.RelationshipPattern, relationship: Relationship, row: Row
    ) -> bool:
        types = frozenset([relationship.type])
        return _labelled(link.types, types) and self.has(link.properties, relationship, row)

    def has(self, properties: Any, entity: Node | Relationship, row: Row) -> bool:
        if properties is None:
            return True
        wanted = _evaluated(properties, row, self.run)
        return all(
            equals(entity.properties.get(key), value) is True for key, value in wanted.items()
        )

    def bind(self, variable: str | None, value: Any, row: Row) -> Row | None:
        if variable is None:
            return row
        if variable in row:
            return row if row[variable] == value else None
        return {**row, variable: value}


def _labelled(labels: tree.Labels | None, found: frozenset[str]) -> bool:
    match labels:
        case None:
            return True
        case tree.Label(name=name):
            return name in found
        case tree.AnyLabel():
            return bool(found)
        case tree.LabelNot(operand=operand):
            return not _labelled(operand, found)
        case tree.LabelAnd(operands=operands):
            return all(_labelled(one, found) for one in operands)
        case tree.LabelOr(operands=operands):
            return any(_labelled(one, found) for one in operands)
    raise AssertionError(labels)
