"""What takes a value apart: properties, elements, slices, projections of maps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fivefold.errors import FivefoldError
from fivefold.languages.cypher import tree
from fivefold.languages.cypher.expressions.compiler import Compiler, Constant, Evaluate, folded
from fivefold.languages.cypher.graph import Row, Run
from fivefold.values.graph.entities import Entity, contents_of
from fivefold.values.graph.faults import fault
from fivefold.values.graph.temporal.components import component
from fivefold.values.graph.types import TEMPORAL, word_of


def property_of(subject: Any, key: str, at: int | None = None) -> Any:
    """Return ``subject.key``: null of null and where there is no such property.

    Raises faults DeletedEntityAccess, and InvalidArgumentType of what has no properties.
    """
    if isinstance(subject, Entity):
        return contents_of(subject, at).get(key)
    if type(subject) is dict:
        return subject.get(key)
    if subject is None:
        return None
    if type(subject) in TEMPORAL:
        return component(subject, key)
    raise wrong_type("a map", subject, at)


def wrong_type(wanted: str, value: Any, at: int | None = None) -> FivefoldError:
    """Return the error for a value that an operator cannot work with."""
    message = f"Type mismatch: expected {wanted} but was {word_of(value)}"
    return fault("InvalidArgumentType", message, type="TypeError", at=at)


def _property(expression: tree.Property, compiler: Compiler) -> Evaluate:
    key, at = expression.key, expression.at
    if isinstance(expression.subject, tree.Variable):
        return _property_of_variable(expression.subject.name, key, at)
    subject = compiler.part(expression.subject)

    def evaluate(row: Row, run: Run) -> Any:
        return property_of(subject(row, run), key, at)

    return folded(evaluate, subject)


def _property_of_variable(name: str, key: str, at: int) -> Evaluate:
    def evaluate(row: Row, _: Run) -> Any:
        subject = row[name]
        if subject.__class__ is dict:
            return subject.get(key)
        try:
            if not subject.deleted:
                return subject.properties.get(key)
        except AttributeError:
            pass
        return property_of(subject, key, at)

    return evaluate


def _index(expression: tree.Index, compiler: Compiler) -> Evaluate:
    subject, index, at = (
        compiler.part(expression.subject),
        compiler.part(expression.index),
        expression.at,
    )

    def evaluate(row: Row, run: Run) -> Any:
        value, place = subject(row, run), index(row, run)
        if type(value) is list and type(place) is int:
            return value[place] if -len(value) <= place < len(value) else None
        return _element(value, place, at)

    return folded(evaluate, subject, index)


def _element(value: Any, place: Any, at: int) -> Any:
    if value is None:
        return None
    named = type(value) is dict or isinstance(value, Entity) or type(value) in TEMPORAL
    if not named and type(value) is not list:
        raise wrong_type("a list or a map", value, at)
    if place is None:
        return None
    if not named:
        message = f"List element access by non-integer: {word_of(place)}"
        raise fault("ListElementAccessByNonInteger", message, at=at)
    if type(place) is str:
        return property_of(value, place, at)
    if type(value) is dict:
        message = f"Map element access by non-string: {word_of(place)}"
        raise fault("MapElementAccessByNonString", message, at=at)
    message = f"Property access by non-string: {word_of(place)}"
    raise fault("PropertyAccessByNonString", message, at=at)


def _slice(expression: tree.Slice, compiler: Compiler) -> Evaluate:
    subject, at = compiler.part(expression.subject), expression.at
    start = compiler.part(expression.start) if expression.start else Constant(0)
    end = compiler.part(expression.end) if expression.end else None

    def evaluate(row: Row, run: Run) -> Any:
        value, first = subject(row, run), start(row, run)
        last = None if end is None else end(row, run)
        if value is None or first is None or (end is not None and last is None):
            return None
        if type(value) is not list:
            raise wrong_type("List", value, at)
        for bound in (first, 0 if end is None else last):
            if type(bound) is not int:
                raise wrong_type("Integer", bound, at)
        return value[first:last]

    return folded(evaluate, subject, start, *([end] if end else []))


def _projection(expression: tree.MapProjection, compiler: Compiler) -> Evaluate:
    subject, at = compiler.part(expression.subject), expression.at
    items = [_item(item, compiler) for item in expression.items]

    def evaluate(row: Row, run: Run) -> Any:
        value = subject(row, run)
        if value is None:
            return None
        if isinstance(value, Entity):
            value = contents_of(value, at)
        elif type(value) is not dict:
            raise wrong_type("a map, a node or a relationship", value, at)
        made: dict[str, Any] = {}
        for item in items:
            item(made, value, row, run)
        return made

    return evaluate


_PutItem = Callable[[dict[str, Any], dict[str, Any], Row, Run], None]


def _item(item: tuple[str, str, tree.Expression | None], compiler: Compiler) -> _PutItem:
    """Compile what puts one item into a map, out of the subject's properties and the row."""
    sort, key, expression = item

    def whole(made: dict[str, Any], properties: dict[str, Any], row: Row, run: Run) -> None:
        made.update(properties)

    def single(made: dict[str, Any], properties: dict[str, Any], row: Row, run: Run) -> None:
        made[key] = properties.get(key)

    if sort == "all":
        return whole
    if sort == "property":
        return single
    value = compiler.part(expression or tree.Variable(key))

    def entry(made: dict[str, Any], properties: dict[str, Any], row: Row, run: Run) -> None:
        made[key] = value(row, run)

    return entry


COMPILE: dict[type[tree.Expression], Callable[[Any, Compiler], Evaluate]] = {
    tree.Property: _property,
    tree.Index: _index,
    tree.Slice: _slice,
    tree.MapProjection: _projection,
}
