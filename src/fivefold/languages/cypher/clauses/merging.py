"""MERGE: all matches of a pattern, or else the pattern created as a whole.

Each row sees what MERGE has made for those before it. Source: openCypher 9, "MERGE"; Cypher
Manual, "MERGE".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

from fivefold.errors import FivefoldError
from fivefold.languages.cypher import tree
from fivefold.languages.cypher.clauses.creating import Maker, compile_properties
from fivefold.languages.cypher.clauses.setting import compile_changes
from fivefold.languages.cypher.context import Context, Names
from fivefold.languages.cypher.expressions import Evaluate
from fivefold.languages.cypher.graph import Row, Run
from fivefold.languages.cypher.operators import ROWS, Operator, Pipeline, batches
from fivefold.languages.cypher.printing import printed
from fivefold.values.graph.entities import Node, Path, Relationship
from fivefold.values.graph.faults import fault
from fivefold.values.records import changed


class Merge(Operator):
    """For each row the pattern's matches, or the pattern created."""

    name = "Merge"
    reads = True
    writes = True

    def __init__(self, clause: tree.Merge, scope: Names, context: Context) -> None:
        self._given: list[tuple[str, int, Evaluate]] = []
        pattern = self._with_values(clause.pattern, context)
        match = tree.Match((pattern,), at=clause.at)
        seen = scope | {name for name, _, _ in self._given}
        self._matches = Pipeline(context.match(match, seen, context))
        self._steady = _steady(clause.pattern)
        maker = Maker((pattern,), seen, context)
        super().__init__(sorted(scope | maker.names))
        self._makes = maker.makes
        self._names = maker.names
        self._on_create = compile_changes(clause.on_create, context)
        self._on_match = compile_changes(clause.on_match, context)
        self._text = printed(clause.pattern)
        self._pattern = clause.pattern

    def _with_values(self, pattern: tree.PathPattern, context: Context) -> tree.PathPattern:
        """Return the pattern with its properties in variables, so that each is evaluated once."""
        elements = []
        for place, element in enumerate(pattern.elements):
            if element.properties is not None:
                kind = "node" if isinstance(element, tree.NodePattern) else "relationship"
                name = f" merged {place}"
                values = compile_properties(element.properties, context, kind)
                self._given.append((name, place, values))
                element = changed(element, properties=_through(element.properties, name))
            elements.append(element)
        return changed(pattern, elements=tuple(elements))

    @property
    def details(self) -> str:
        return self._text

    @property
    def inner(self) -> tuple[Pipeline, ...]:
        return (self._matches,)

    def rows(self, input: Iterator[Row], run: Run) -> Iterator[Row]:
        for some in batches(input, ROWS):
            ready = self._foresee(some, run) if len(some) > 1 else None
            yield from self._merged(some, ready, run)

    def _foresee(self, rows: Sequence[Row], run: Run) -> Sequence[Row] | None:
        """Have the graph asked for all rows together.

        Return the rows with their properties' values, if these stay what they are whatever is
        merged for other rows.
        """
        given: list[Row] = []
        with suppress(FivefoldError):  # which is raised when the row's turn has come
            for row in rows:
                given.append({**row, **self._values(row, run)})
        self._matches.foresee(given, run)
        if self._steady is None or len(given) < len(rows):
            return None
        steady = self._steady
        if any(row[name].__class__ in _CHANGING for row in rows for name in steady):
            return None
        return given

    def _values(self, row: Row, run: Run) -> Row:
        """Return the properties of the pattern's elements by their variables."""
        found = {}
        for name, place, evaluate in self._given:
            found[name] = values = evaluate(row, run)
            for key, value in values.items():
                if value is None:
                    raise _null(self._pattern, place, key)
        return found

    def _merged(self, rows: Sequence[Row], ready: Sequence[Row] | None, run: Run) -> Iterator[Row]:
        names = self._names
        for place, row in enumerate(rows):
            given = {**row, **self._values(row, run)} if ready is None else ready[place]
            found = list(self._matches.for_row(given, run))
            changes = self._on_match
            if not found:
                for make in self._makes:
                    make(given, run)
                found, changes = [given], self._on_create
            for one in found:
                made = {**row, **{name: one[name] for name in names if name in one}}
                for change in changes:
                    change(made, run)
                yield made


_CHANGING = (Node, Relationship, Path, list)
"""What may change, or hold what does, while a query writes: maps are looked into by key."""


def _steady(pattern: tree.PathPattern) -> frozenset[str] | None:
    """Return the variables that a pattern's properties take plain values of, None if they do more.

    Of these it takes themselves or an entry of a map: a value that is neither an entity nor holds
    one stays what it is.
    """
    names: set[str] = set()
    for element in pattern.elements:
        if element.properties is None:
            continue
        if not isinstance(element.properties, tree.MapLiteral):
            return None
        for _, value in element.properties.entries:
            match value:
                case tree.Literal() | tree.Parameter():
                    pass
                case tree.Variable(name=name) | tree.Property(subject=tree.Variable(name=name)):
                    names.add(name)
                case _:
                    return None
    return frozenset(names)


def _through(
    properties: tree.MapLiteral | tree.Parameter, name: str
) -> tree.MapLiteral | tree.Variable:
    """Return the properties as those of the map in a variable."""
    variable = tree.Variable(name, at=properties.at)
    if isinstance(properties, tree.Parameter):
        return variable
    entries = {key: tree.Property(variable, key, at=properties.at) for key, _ in properties.entries}
    return tree.MapLiteral(tuple(entries.items()), at=properties.at)


def _null(pattern: tree.PathPattern, place: int, key: str) -> Exception:
    """Return the error for a property that is null of a pattern's element."""
    elements = [
        changed(
            element,
            variable=element.variable
            if place % 2 and isinstance(element, tree.NodePattern)
            else None,
            properties=None if number != place else tree.MapLiteral(((key, tree.Literal(None)),)),
            where=None,
        )
        for number, element in enumerate(pattern.elements)
        if abs(number - place) <= place % 2
    ]
    if place % 2:
        elements = [
            changed(element, labels=None) if isinstance(element, tree.NodePattern) else element
            for element in elements
        ]
    kind = "relationship" if place % 2 else "node"
    return fault(
        "MergeReadOwnWrites",
        f"Cannot merge the following {kind} because of null property value for '{key}':"
        f" {printed(tree.PathPattern(tuple(elements)))}",
    )
