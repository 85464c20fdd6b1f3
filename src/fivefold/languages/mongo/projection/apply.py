"""Functions of a projection's tree. None changes the document that it gets.

What an inclusion says of a field holds for each document in an array that lies there, and in
arrays therein; what is neither document nor array has no such fields and does not come out. An
exclusion leaves it as it is. Computed fields come after those that are included; inside arrays
every element gets them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fivefold.languages.mongo.expressions.terms import Variables
from fivefold.languages.mongo.projection.parse import (
    Computed,
    Exclude,
    Include,
    Mode,
    Nested,
    Slice,
)
from fivefold.values.documents.kinds import MISSING, Document

Act = Callable[[Any], Any]
"""From a field's value to what comes out, or MISSING."""
Project = Callable[[Document], Document]
Compute = Callable[[Document, Document, Variables], Document]
"""From (the document that expressions see, what came out so far, variables) to what comes out."""


def fields_of(root: Nested, mode: Mode) -> Project:
    """Return what includes or excludes the fields that the tree names."""
    return _including(root) if mode == "include" else _excluding(root)


def _including(node: Nested) -> Project:
    whole = frozenset(name for name, item in node.children.items() if isinstance(item, Include))
    acts = _acts(node, "include")
    if not acts:
        return lambda document: {name: value for name, value in document.items() if name in whole}

    def project(document: Document) -> Document:
        out: Document = {}
        for name, value in document.items():
            if name in whole:
                out[name] = value
            elif name in acts:
                value = acts[name](value)
                if value is not MISSING:
                    out[name] = value
        return out

    return project


def _excluding(node: Nested) -> Project:
    gone = frozenset(name for name, item in node.children.items() if isinstance(item, Exclude))
    acts = _acts(node, "exclude")
    if not acts:
        return lambda document: {
            name: value for name, value in document.items() if name not in gone
        }

    def project(document: Document) -> Document:
        return {
            name: acts[name](value) if name in acts else value
            for name, value in document.items()
            if name not in gone
        }

    return project


def _acts(node: Nested, mode: Mode) -> dict[str, Act]:
    acts: dict[str, Act] = {}
    for name, item in node.children.items():
        if isinstance(item, Nested):
            acts[name] = _inside(fields_of(item, mode), mode)
        elif isinstance(item, Slice):
            acts[name] = _slicing(item)
    return acts


def _inside(project: Project, mode: Mode) -> Act:
    keeps = mode == "exclude"

    def act(value: Any) -> Any:
        if isinstance(value, dict):
            return project(value)
        if isinstance(value, list):
            return [each for each in map(act, value) if each is not MISSING]
        return value if keeps else MISSING

    return act


def _slicing(item: Slice) -> Act:
    skip, count = item.skip, item.count

    def act(value: Any) -> Any:
        if not isinstance(value, list):
            return value
        if skip is None:
            return value[:count] if count >= 0 else value[count:]
        start = skip if skip >= 0 else max(len(value) + skip, 0)
        return value[start : start + count]

    return act


def computing(root: Nested) -> Compute | None:
    """Return what adds the tree's computed fields, None if it has none."""
    steps: list[tuple[str, Any, bool]] = []
    for name, item in root.children.items():
        if isinstance(item, Computed):
            steps.append((name, item.evaluate, True))
        elif isinstance(item, Nested):
            inner = computing(item)
            if inner is not None:
                steps.append((name, _computing_inside(inner), False))
    if not steps:
        return None

    def compute(seen: Document, document: Document, variables: Variables) -> Document:
        out = document.copy()
        for name, make, whole in steps:
            value = (
                make(seen, variables) if whole else make(seen, out.get(name, MISSING), variables)
            )
            if value is not MISSING:
                out[name] = value
            else:
                out.pop(name, None)
        return out

    return compute


def _computing_inside(compute: Compute) -> Callable[[Document, Any, Variables], Any]:
    def act(seen: Document, value: Any, variables: Variables) -> Any:
        if isinstance(value, list):
            return [act(seen, each, variables) for each in value]
        return compute(seen, value if isinstance(value, dict) else {}, variables)

    return act
