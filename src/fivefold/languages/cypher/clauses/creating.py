"""CREATE: the nodes and relationships of its patterns that are not bound yet.

Source: openCypher 9, "CREATE"; Cypher Manual, "CREATE".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from fivefold.languages.cypher import tree
from fivefold.languages.cypher.context import Context, Names
from fivefold.languages.cypher.expressions import Evaluate
from fivefold.languages.cypher.graph import Row, Run
from fivefold.languages.cypher.operators import Operator
from fivefold.languages.cypher.printing import printed
from fivefold.languages.cypher.walk import looks
from fivefold.values.graph.entities import Node, Path
from fivefold.values.graph.faults import fault
from fivefold.values.graph.text import literal

Make = Callable[[Row, Run], None]
"""Adds to a row what it has made."""


class Create(Operator):
    """Creates patterns for each row."""

    name = "Create"
    writes = True

    def __init__(
        self, patterns: Sequence[tree.PathPattern], scope: Names, context: Context
    ) -> None:
        maker = Maker(patterns, scope, context)
        super().__init__(sorted(scope | maker.names))
        self._makes = maker.makes
        self._text = ", ".join(map(printed, patterns))
        self.reads = looks(*patterns)

    @property
    def details(self) -> str:
        return self._text

    def rows(self, input: Iterator[Row], run: Run) -> Iterator[Row]:
        makes = self._makes
        for row in input:
            made = dict(row)
            for make in makes:
                make(made, run)
            yield made


class Maker:
    """Compiles patterns to what creates them: of each its nodes, its relationships, its path.

    ``makes`` are to be called in order, ``names`` are the variables that are new.
    """

    def __init__(
        self, patterns: Sequence[tree.PathPattern], scope: Names, context: Context
    ) -> None:
        self._context = context
        self._bound = set(scope)
        self.makes: list[Make] = []
        for place, pattern in enumerate(patterns):
            self._pattern(pattern, place)
        self.names = frozenset(name for name in self._bound - scope if not name.startswith(" "))

    def _pattern(self, pattern: tree.PathPattern, place: int) -> None:
        names = [
            element.variable or f" made {place} {at}" for at, element in enumerate(pattern.elements)
        ]
        for element, name in zip(pattern.elements, names, strict=True):
            if isinstance(element, tree.NodePattern) and name not in self._bound:
                self.makes.append(self._node(element, name))
                self._bound.add(name)
        for at, element in enumerate(pattern.elements):
            if isinstance(element, tree.RelationshipPattern):
                self.makes.append(self._relationship(element, *names[at - 1 : at + 2]))
                self._bound.add(names[at])
        if pattern.variable is not None:
            self.makes.append(_path(pattern.variable, names))
            self._bound.add(pattern.variable)

    def _node(self, pattern: tree.NodePattern, name: str) -> Make:
        labels = label_names(pattern.labels)
        properties = compile_properties(pattern.properties, self._context, "node")

        def make(row: Row, run: Run) -> None:
            row[name] = run.graph.create_node(labels, properties(row, run))

        return make

    def _relationship(
        self, pattern: tree.RelationshipPattern, left: str, name: str, right: str
    ) -> Make:
        (type,) = label_names(pattern.types)
        properties = compile_properties(pattern.properties, self._context, "relationship")
        start, end = (right, left) if pattern.direction is tree.Direction.LEFT else (left, right)

        def make(row: Row, run: Run) -> None:
            one, other = row[start], row[end]
            if not isinstance(one, Node) or not isinstance(other, Node):
                raise _missing_end(name, *((end, other) if isinstance(one, Node) else (start, one)))
            row[name] = run.graph.create_relationship(type, one, other, properties(row, run))

        return make


def _path(variable: str, names: list[str]) -> Make:
    def make(row: Row, run: Run) -> None:
        row[variable] = Path(
            [row[name] for name in names[::2]], [row[name] for name in names[1::2]]
        )

    return make


def _missing_end(name: str, end: str, value: Any) -> Exception:
    shown = "" if name.startswith(" ") else f" `{name}`"
    if value is None:
        message = f"Failed to create relationship{shown}, node `{end}` is missing."
        hint = f"Leave rows without it out first: WITH * WHERE {end} IS NOT NULL."
        return fault("InvalidArgumentValue", message, type="EntityNotFound", hint=hint)
    message = f"Expected to find a node at '{end}' but found instead: {literal(value)}"
    return fault("InvalidArgumentType", message, type="TypeError")


def label_names(labels: tree.Labels | None) -> tuple[str, ...]:
    """Return the labels of a pattern that is to be created: the checks let no others pass."""
    match labels:
        case None:
            return ()
        case tree.Label(name=name):
            return (name,)
        case tree.LabelAnd(operands=operands):
            return tuple(name for operand in operands for name in label_names(operand))
    raise fault("UnexpectedSyntax", "Label expressions in patterns are not allowed here")


def compile_properties(
    properties: tree.MapLiteral | tree.Parameter | None, context: Context, kind: str
) -> Evaluate:
    """Return the map that a pattern gives; raises fault InvalidArgumentType for another value."""
    if properties is None:
        return lambda row, run: {}
    evaluate = context.evaluate(properties)
    if isinstance(properties, tree.MapLiteral):
        return evaluate

    def checked(row: Row, run: Run) -> Any:
        value = evaluate(row, run)
        if type(value) is not dict:
            raise fault(
                "InvalidArgumentType",
                f"Parameter provided for {kind} creation is not a Map",
                type="TypeError",
            )
        return value

    return checked
