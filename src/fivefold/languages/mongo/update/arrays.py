"""The operators on arrays. Source: manual, "Array Update Operators"."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bson.decimal128 import Decimal128
from bson.regex import Regex

from fivefold.languages.mongo.update.storable import depth_of
from fivefold.languages.mongo.update.tree import Application, Change, Leaf
from fivefold.values.documents.faults import fault
from fivefold.values.documents.identity import identical
from fivefold.values.documents.kinds import MISSING, NAMES, NUMBERS, Document, kind_of
from fivefold.values.documents.order import equal, hash_key, sort_key
from fivefold.values.documents.paths import Path, get, parse_path
from fivefold.values.documents.text import shown, shown_field

Arrange = Callable[[list[Any]], list[Any]]
"""Makes the array that ``$push`` leaves of what it has put together; a new list."""

_CLAUSES = ("$each", "$slice", "$sort", "$position")


def push(path: Path, value: Any) -> Leaf:
    """``$push``, with ``$each``, ``$position``, ``$sort`` and ``$slice``, done in this order."""
    if not isinstance(value, dict) or "$each" not in value:
        return Leaf(_pushing([value], None, None), depth=1 + depth_of(value))
    for name in value:
        if name not in _CLAUSES:
            raise fault(2, f"Unrecognized clause in $push: {name}")
    values = value["$each"]
    if not isinstance(values, list):
        raise fault(
            2,
            "The argument to $each in $push must be an array but it was of type:"
            f" {NAMES[kind_of(values)]}",
        )
    slice_ = _whole_clause(
        value, "$slice", "The value for $slice must be an integer value but was given type:"
    )
    order = _order(value["$sort"]) if "$sort" in value else None
    position = _whole_clause(
        value, "$position", "The value for $position must be an integer value, not of type:"
    )
    arrange = None if slice_ is None and order is None else _arranging(order, slice_)
    return Leaf(_pushing(values, position, arrange), depth=depth_of(values))


def _pushing(values: list[Any], position: int | None, arrange: Arrange | None) -> Change:
    def change(old: Any, at: Application, taken: Path) -> Any:
        if old is MISSING:
            return values if arrange is None else arrange(values)
        if old.__class__ is not list:
            shown_id = shown_field("_id", at.root["_id"]) if "_id" in at.root else "no id"
            raise fault(
                2,
                f"The field '{'.'.join(taken)}' must be an array but is of type"
                f" {NAMES[kind_of(old)]} in document {{{shown_id}}}",
            )
        new = old
        if values:
            new = [*old, *values] if position is None else _inserted(old, position, values)
        if arrange is not None:
            new = arrange(new)
            if identical(new, old):
                return old
        return new

    return change


def _inserted(old: list[Any], position: int, values: list[Any]) -> list[Any]:
    at = position if position >= 0 else max(len(old) + position, 0)
    return [*old[:at], *values, *old[at:]]


def _arranging(order: Arrange | None, slice_: int | None) -> Arrange:
    def arrange(array: list[Any]) -> list[Any]:
        if order is not None:
            array = order(array)
        if slice_ is None:
            return array
        return array[:slice_] if slice_ >= 0 else array[slice_:]

    return arrange


def _order(pattern: Any) -> Arrange:
    """Return what sorts an array by ``$sort``: 1 or -1, or a document of fields."""
    if isinstance(pattern, dict):
        steps = [(_sort_path(name), _direction(each)) for name, each in pattern.items()]
        if not steps:
            text = "The $sort pattern is empty when it should be a set of fields."
            raise fault(2, text)
        steps.reverse()  # the sort is stable: by the last field first

        def by_fields(array: list[Any]) -> list[Any]:
            for path, direction in steps:
                keys = _field_key(path)
                array = sorted(array, key=keys, reverse=direction < 0)
            return array

        return by_fields
    if kind_of(pattern) not in NUMBERS:
        raise fault(
            2,
            "The $sort is invalid: use 1/-1 to sort the whole element, or {field:1/-1} to sort"
            " embedded fields",
        )
    down = _direction(pattern) < 0
    return lambda array: sorted(array, key=sort_key, reverse=down)


def _field_key(path: Path) -> Callable[[Any], Any]:
    return lambda each: sort_key(get(each, path) if isinstance(each, dict) else None)


def _sort_path(name: str) -> Path:
    if not name:
        raise fault(2, "The $sort field cannot be empty")
    path = parse_path(name)
    if "" in path:
        raise fault(2, f"The $sort field is a dotted field but has an empty part: {name}")
    return path


def _direction(value: Any) -> int:
    direction = whole_number(value)
    if direction not in (1, -1):
        raise fault(2, "The $sort element value must be either 1 or -1")
    return direction


def whole_number(value: Any) -> int | None:
    """Return the integer that a number of any type is, None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return int(value)
    if isinstance(value, Decimal128):
        value = value.to_decimal()
        return int(value) if value.is_finite() and value == value.to_integral_value() else None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return None


def _whole_clause(clauses: Document, name: str, complaint: str) -> int | None:
    if name not in clauses:
        return None
    value = whole_number(clauses[name])
    if value is None:
        raise fault(2, f"{complaint} {NAMES[kind_of(clauses[name])]}")
    return value


def add_to_set(path: Path, value: Any) -> Leaf:
    """``$addToSet``: what is equal to an element, in BSON's comparison, is not added again."""
    values = _set_values(value)
    fresh: dict[Any, Any] = {}
    for each in values:
        fresh.setdefault(hash_key(each), each)

    def change(old: Any, at: Application, taken: Path) -> Any:
        if old is MISSING:
            return list(fresh.values())
        if old.__class__ is not list:
            raise fault(
                2,
                f"Cannot apply $addToSet to non-array field. Field named '{taken[-1]}' has"
                f" non-array type {NAMES[kind_of(old)]}",
            )
        present = {hash_key(each) for each in old}
        added = [each for key, each in fresh.items() if key not in present]
        return [*old, *added] if added else old

    return Leaf(change, depth=depth_of(values))


def _set_values(value: Any) -> list[Any]:
    if not isinstance(value, dict) or next(iter(value), "") != "$each":
        return [value]
    values = value["$each"]
    if not isinstance(values, list):
        raise fault(
            14,
            "The argument to $each in $addToSet must be an array but it was of type"
            f" {NAMES[kind_of(values)]}",
        )
    if len(value) > 1:
        text = f"Found unexpected fields after $each in $addToSet: {shown(value)}"
        raise fault(2, text)
    return values


def pop(path: Path, value: Any) -> Leaf:
    """``$pop``: the last element with 1, the first with -1."""
    end = whole_number(value)
    if end is None:
        raise fault(9, f"Expected a number in: {shown_field('.'.join(path), value)}")
    if end not in (1, -1):
        raise fault(9, f"$pop expects 1 or -1, found: {end}")

    def change(old: Any, at: Application, taken: Path) -> Any:
        if old is MISSING:
            return old
        if old.__class__ is not list:
            raise fault(
                14,
                f"Path '{'.'.join(taken)}' contains an element of non-array type"
                f" '{NAMES[kind_of(old)]}'",
            )
        if not old:
            return old
        return old[:-1] if end == 1 else old[1:]

    return Leaf(change, absent="check")


def pull(path: Path, value: Any) -> Leaf:
    """``$pull``: elements equal to the argument, or that match it if it is a condition.

    A document whose first field is no operator is a filter for elements that are documents; one
    that begins with an operator, and a regular expression, is a condition on the element itself.
    """
    return Leaf(_culling(_condition(value)), absent="check")


def pull_all(path: Path, value: Any) -> Leaf:
    """``$pullAll``: elements equal to one of the argument's."""
    if not isinstance(value, list):
        raise fault(
            2, f"$pullAll requires an array argument but was given a {NAMES[kind_of(value)]}"
        )
    keys = {hash_key(each) for each in value}
    return Leaf(_culling(lambda element: hash_key(element) in keys), absent="check")


def _culling(goes: Callable[[Any], bool]) -> Change:
    def change(old: Any, at: Application, taken: Path) -> Any:
        if old is MISSING:
            return old
        if old.__class__ is not list:
            raise fault(2, "Cannot apply $pull to a non-array value")
        new = [each for each in old if not goes(each)]
        return old if len(new) == len(old) else new

    return change


_ON_VALUES = frozenset(
    {
        *("$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin", "$not", "$exists", "$type"),
        *("$regex", "$options", "$mod", "$size", "$all", "$elemMatch"),
        *("$bitsAllSet", "$bitsAllClear", "$bitsAnySet", "$bitsAnyClear"),
    }
)
"""Operators that are said of a value, not of a whole document."""


def _condition(value: Any) -> Callable[[Any], bool]:
    if not isinstance(value, dict | Regex):
        return lambda element: equal(element, value)
    from fivefold.languages.mongo.match import matcher, parse_filter

    if isinstance(value, dict) and next(iter(value), None) not in _ON_VALUES:
        matches = matcher(parse_filter(value))
        return lambda element: isinstance(element, dict) and matches(element)
    matches_value = matcher(parse_filter({"value": value}))
    return lambda element: matches_value({"value": element})
