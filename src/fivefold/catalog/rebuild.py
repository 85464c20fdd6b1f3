"""Makes a changed copy of a container: every value inside it goes through one function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

_Value = TypeVar("_Value")


def rebuilt(value: _Value, change: Callable[[Any], Any]) -> _Value:
    """Return ``value`` with ``change`` applied to it and all it holds, innermost first.

    What is not changed is kept as the object it was.
    """
    made: Any = value
    if isinstance(value, tuple):
        items = [rebuilt(item, change) for item in value]
        if any(one is not other for one, other in zip(items, value, strict=True)):
            made = tuple(items)
    elif is_dataclass(value) and not isinstance(value, type):
        before = {each.name: getattr(value, each.name) for each in fields(value)}
        after = {name: rebuilt(item, change) for name, item in before.items()}
        changed = {name: item for name, item in after.items() if item is not before[name]}
        if changed:
            made = replace(value, **changed)
    found: _Value = change(made)
    return found
