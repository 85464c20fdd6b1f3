"""SET and REMOVE: properties and labels of entities; what is null is left alone.

Source: openCypher 9, "SET", "REMOVE"; Cypher Manual, "SET" (computed keys, += with maps).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from fivefold.languages.cypher import tree
from fivefold.languages.cypher.context import Context
from fivefold.languages.cypher.graph import Row, Run
from fivefold.languages.cypher.operators import Operator
from fivefold.languages.cypher.walk import looks
from fivefold.values.graph.entities import Node, Relationship, contents_of
from fivefold.values.graph.faults import fault
from fivefold.values.graph.text import literal

Change = Callable[[Row, Run], None]
Item = tree.SetItem | tree.RemoveProperty | tree.RemoveLabels


class Update(Operator):
    """Changes properties and labels, an item after the other, for each row."""

    writes = True

    def __init__(
        self, name: str, columns: Iterable[str], items: Iterable[Item], context: Context
    ) -> None:
        super().__init__(columns)
        self.name = name
        items = tuple(items)
        self._changes = compile_changes(items, context)
        self._text = ", ".join(map(_shown, items))
        self.reads = looks(*items)

    @property
    def details(self) -> str:
        return self._text

    def rows(self, input: Iterator[Row], run: Run) -> Iterator[Row]:
        changes = self._changes
        for row in input:
            for change in changes:
                change(row, run)
            yield row


def operator_name(items: Iterable[Item]) -> str:
    """Return what Neo4j calls the operator of these items."""
    names = {_OPERATORS[type(item)] for item in items}
    return names.pop() if len(names) == 1 else "SetProperties"


_OPERATORS = {
    tree.SetProperty: "SetProperty",
    tree.SetProperties: "SetPropertiesFromMap",
    tree.SetLabels: "SetLabels",
    tree.RemoveProperty: "SetProperty",
    tree.RemoveLabels: "RemoveLabels",
}


def compile_changes(items: Iterable[Item], context: Context) -> tuple[Change, ...]:
    """Return what carries the items out."""
    return tuple(_COMPILE[type(item)](item, context) for item in items)


def _set_property(item: tree.SetProperty, context: Context) -> Change:
    return _property(item, item.value, context)


def _remove_property(item: tree.RemoveProperty, context: Context) -> Change:
    return _property(item, tree.Literal(None), context)


def _property(
    item: tree.SetProperty | tree.RemoveProperty, value: tree.Expression, context: Context
) -> Change:
    subject, at = context.evaluate(item.subject), item.at
    new = context.evaluate(value)
    key = tree.Literal(item.key) if isinstance(item.key, str) else item.key
    name = context.evaluate(key)

    def change(row: Row, run: Run) -> None:
        entity = _entity(subject(row, run), at)
        if entity is None:
            return
        property = name(row, run)
        if type(property) is not str:
            raise fault(
                "PropertyAccessByNonString",
                f"Property names must be strings, not {literal(property)}",
                at=at,
            )
        run.graph.set_properties(entity, {property: new(row, run)}, replace=False)

    return change


def _set_properties(item: tree.SetProperties, context: Context) -> Change:
    variable, at, replace = item.variable, item.at, not item.merge
    value = context.evaluate(item.value)

    def change(row: Row, run: Run) -> None:
        entity = _entity(row[variable], at)
        if entity is None:
            return
        given = value(row, run)
        if isinstance(given, Node | Relationship):
            given = contents_of(given, at)
        if type(given) is not dict:
            raise fault(
                "InvalidArgumentType",
                f"Expected {literal(given)} to be a map",
                type="TypeError",
                at=at,
            )
        run.graph.set_properties(entity, given, replace=replace)

    return change


def _set_labels(item: tree.SetLabels, context: Context) -> Change:
    variable, labels, at = item.variable, item.labels, item.at

    def change(row: Row, run: Run) -> None:
        node = _node(row[variable], at)
        if node is not None:
            run.graph.add_labels(node, labels)

    return change


def _remove_labels(item: tree.RemoveLabels, context: Context) -> Change:
    variable, labels, at = item.variable, item.labels, item.at

    def change(row: Row, run: Run) -> None:
        node = _node(row[variable], at)
        if node is not None:
            run.graph.remove_labels(node, labels)

    return change


_COMPILE: dict[type, Callable[[Any, Context], Change]] = {
    tree.SetProperty: _set_property,
    tree.SetProperties: _set_properties,
    tree.SetLabels: _set_labels,
    tree.RemoveProperty: _remove_property,
    tree.RemoveLabels: _remove_labels,
}


def _entity(value: Any, at: int) -> Node | Relationship | None:
    """Return what properties are to be set of; None for null."""
    if isinstance(value, Node | Relationship):
        contents_of(value, at)  # it is not deleted
        return value
    if value is None:
        return None
    raise fault(
        "InvalidArgumentType",
        f"Expected to find a node or a relationship but found instead: {literal(value)}",
        type="TypeError",
        at=at,
    )


def _node(value: Any, at: int) -> Node | None:
    found = _entity(value, at)
    if found is None or isinstance(found, Node):
        return found
    raise fault(
        "InvalidArgumentType",
        f"Expected to find a node but found instead: {literal(value)}",
        type="TypeError",
        at=at,
    )


def _shown(item: Item) -> str:
    match item:
        case tree.SetProperties(variable=variable):
            return variable
        case (
            tree.SetLabels(variable=variable, labels=labels)
            | tree.RemoveLabels(variable=variable, labels=labels)
        ):
            return f"{variable}:{':'.join(labels)}"
        case (
            tree.SetProperty(subject=subject, key=key)
            | tree.RemoveProperty(subject=subject, key=key)
        ):
            shown = f".{key}" if isinstance(key, str) else "[…]"
            return f"{subject.name if isinstance(subject, tree.Variable) else '…'}{shown}"
