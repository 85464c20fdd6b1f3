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
from fivefold.languages.mongo.expressions.terms import Scope, Term, name_of, nullish
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import MISSING

_GET = Named(
    lambda field, given: None,
    ("field", "input"),
    unknown=(3041701, "{operator} found an unknown argument: {name}"),
    lacking=(3041702, "{operator} requires '{name}' to be specified"),
)


def _get(name: str, value: Any, scope: Scope, compile: Compile) -> Term:
    short = not (isinstance(value, dict) and next(iter(value), "$")[:1] != "$")
    given = {"field": value, "input": "$$CURRENT"} if short else _GET.checked(name, value)
    field = compile(given["field"], scope)
    if short and not scope.current and isinstance(field.constant, str):
        key = field.constant
        return Term(lambda document, variables: document.get(key, MISSING), frozenset({(key,)}))
    if field.fixed and not isinstance(field.constant, str):
        found = name_of(field.constant)
        raise fault(
            5654602,
            f"$getField requires 'field' to evaluate to a constant String, but got {found}"
            if isinstance(given["field"], dict)
            else f"$getField requires 'field' to evaluate to type String, but got {found}",
        )
    return applied(_field_of, [field, compile(given["input"], scope)])


def _field_of(field: Any, value: Any) -> Any:
    if not isinstance(field, str):
        raise fault(
            3041704,
            f"$getField requires 'field' to evaluate to type String, but got {name_of(field)}",
        )
    if isinstance(value, dict):
        return value.get(field, MISSING)
    return None if value is None else MISSING


def _setting(required: tuple[str, ...]) -> Special:
    form = Named(
        _with_field,
        required,
        not_object=(4161100, "{operator} only supports an object as its argument"),
        unknown=(4161101, "{operator} found an unknown argument: {name}"),
        lacking=(4161102, "{operator} requires '{name}' to be specified"),
    )

    def build(name: str, value: Any, scope: Scope, compile: Compile) -> Term:
        given = form.checked(name, value)
        field = compile(given["field"], scope)
        if isinstance(given["field"], str) and not field.fixed:
            raise fault(
                4161108,
                f"'field' of {name} cannot be a field path reference, use {{$literal: …}} for a "
                "name that begins with '$'",
            )
        if not field.fixed:
            raise fault(4161106, f"{name} requires 'field' to evaluate to a constant")
        if not isinstance(field.constant, str):
            raise fault(
                4161107,
                f"{name} requires 'field' to evaluate to type String, "
                f"but got {name_of(field.constant)}",
            )
        replacement = compile(given.get("value", "$$REMOVE"), scope)
        return applied(_with_field, [field, compile(given["input"], scope), replacement])

    return Special(build)


def _with_field(field: str, value: Any, replacement: Any) -> Any:
    """Return a copy with the field set, at its place or at the end; removed if MISSING."""
    if nullish(value):
        return None
    if not isinstance(value, dict):
        raise fault(
            4161105,
            f"$setField requires 'input' to evaluate to type Object, but got {name_of(value)}",
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
                f"{value!r} is of type {name_of(value)}",
            )
    return merged


OPERATORS: dict[str, Operator] = {
    "$getField": Special(_get),
    "$mergeObjects": Variadic(merge_objects),
    "$setField": _setting(("field", "input", "value")),
    "$unsetField": _setting(("field", "input")),
}
