"""Fields of objects: $getField, $setField, $unsetField, $mergeObjects.

Source: manual, "Object Expression Operators" and "Custom Aggregation"'s page of each.
"""

from __future__ import annotations

from typing import Any

from fivefold.languages.mongo.expressions.forms import (
    Compile,
    Named,
    Operator,
    Special,
    Variadic,
    applied,
)
from fivefold.languages.mongo.expressions.terms import Scope, Term, name_of, nullish, shown_value
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import MISSING

_GET = Named(
    lambda field, given: None,
    ("field", "input"),
    unknown=(3041701, "{operator} found an unknown argument: {name}"),
    lacking=(3041702, "{operator} requires '{name}' to be specified"),
    numbers={"input": 3041703},
)


def _get(name: str, value: Any, scope: Scope, compile: Compile) -> Term:
    named = isinstance(value, dict) and next(iter(value), "")[:1] != "$"
    given = _GET.checked(name, value) if named else {"field": value}
    field = _constant_field(name, given["field"], (5654600, 5654601, 5654602))
    if not named and not scope.current:
        return Term(lambda document, variables: document.get(field, MISSING), frozenset({(field,)}))

    def run(found: Any) -> Any:
        if isinstance(found, dict):
            return found.get(field, MISSING)
        return None if found is None else MISSING

    return applied(run, [compile(given.get("input", "$$CURRENT"), scope)])


def _constant_field(name: str, value: Any, numbers: tuple[int, int, int]) -> str:
    """Return the name of a field, which must stand in the expression itself.

    The numbers are those of faults for a path, for another expression, for what is no string.
    """
    path, expression, no_string = numbers
    if isinstance(value, str) and value[:1] == "$":
        raise fault(
            path,
            f"A field path reference which is not allowed in this context. Did you mean "
            f"{{$literal: '{value}'}}?",
        )
    if isinstance(value, dict) and len(value) == 1 and ({*value} & {"$literal", "$const"}):
        (value,) = value.values()
    elif isinstance(value, dict | list):
        raise fault(expression, f"{name} requires 'field' to evaluate to a constant")
    if not isinstance(value, str):
        raise fault(
            no_string,
            f"{name} requires 'field' to evaluate to type String, but got {name_of(value)}",
        )
    return value


def _setting(required: tuple[str, ...]) -> Special:
    form = Named(
        lambda: None,
        required,
        not_object=(4161100, "{operator} only supports an object as its argument"),
        unknown=(4161101, "{operator} found an unknown argument: {name}"),
        lacking=(4161102, "{operator} requires '{name}' to be specified"),
        numbers={"value": 4161103, "input": 4161109},
    )

    def build(name: str, value: Any, scope: Scope, compile: Compile) -> Term:
        given = form.checked(name, value)
        field = _constant_field(name, given["field"], (4161108, 4161106, 4161107))
        replacement = compile(given.get("value", "$$REMOVE"), scope)
        return applied(
            lambda value, new: _with_field(name, field, value, new),
            [compile(given["input"], scope), replacement],
        )

    return Special(build)


def _with_field(name: str, field: str, value: Any, replacement: Any) -> Any:
    """Return a copy with the field set, at its place or at the end; removed if MISSING."""
    if nullish(value):
        return None
    if not isinstance(value, dict):
        raise fault(
            4161105,
            f"{name} requires 'input' to evaluate to type Object, but got {name_of(value)}",
        )
    changed = dict(value)
    if replacement is MISSING:
        changed.pop(field, None)
    else:
        changed[field] = replacement
    return changed


def merge_objects(values: list[Any]) -> Any:
    """Return one object of all fields; the last of a name counts, at the place of the first."""
    merged: dict[str, Any] = {}
    for value in values:
        if isinstance(value, dict):
            merged.update(value)
        elif not nullish(value):
            raise fault(
                40400,
                "$mergeObjects requires object inputs, but input "
                f"{shown_value(value)} is of type {name_of(value)}",
            )
    return merged


OPERATORS: dict[str, Operator] = {
    "$getField": Special(_get),
    "$mergeObjects": Variadic(merge_objects),
    "$setField": _setting(("field", "value", "input")),
    "$unsetField": _setting(("field", "input")),
}
