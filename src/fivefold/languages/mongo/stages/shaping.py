"""Trees of fields: how $project, $addFields, $unset and their like reshape a document.

A specification by dotted names or nested documents becomes one tree; at each level there are names
that are kept (or, in an exclusion, dropped), names that are computed, and names whose values are
gone into: documents, and the documents of arrays.
Source: manual 7.0, "$project (aggregation)", "$addFields (aggregation)", "$unset (aggregation)".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fivefold.languages.mongo.expressions.terms import Term
from fivefold.values.documents.kinds import MISSING, Document

Variables = dict[str, Any]


@dataclass(slots=True)
class Shape:
    """One level of the tree; ``computes`` says whether anything is computed here or below.

    ``steps`` are the names that are computed or gone into, in the order of the specification, which
    is that of new fields.
    """

    plain: set[str] = field(default_factory=set)
    computed: dict[str, Term] = field(default_factory=dict)
    children: dict[str, Shape] = field(default_factory=dict)
    computes: bool = False
    steps: dict[str, None] = field(default_factory=dict)

    def add(self, path: tuple[str, ...], term: Term | None) -> bool:
        """Put a path in; return False if it collides with one that is there."""
        level = self
        for name in path[:-1]:
            level.computes |= term is not None
            if name in level.plain or name in level.computed:
                return False
            level.steps[name] = None
            level = level.children.setdefault(name, Shape())
        name = path[-1]
        if name in level.plain or name in level.computed or name in level.children:
            return False
        if term is None:
            level.plain.add(name)
        else:
            level.computes = True
            level.computed[name] = term
            level.steps[name] = None
        return True

    def paths(self, prefix: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
        """Return the paths that are named in the tree."""
        found = [(*prefix, name) for name in (*self.plain, *self.computed)]
        for name, child in self.children.items():
            found += child.paths((*prefix, name))
        return found


def include(shape: Shape, document: Document) -> Document:
    """Return the part of a document that is named, in the document's order."""
    plain, children = shape.plain, shape.children
    if not children:
        return {name: value for name, value in document.items() if name in plain}
    found = {}
    for name, value in document.items():
        if name in plain:
            found[name] = value
        elif name in children:
            part = _include_value(children[name], value)
            if part is not MISSING:
                found[name] = part
    return found


def _include_value(shape: Shape, value: Any) -> Any:
    if isinstance(value, dict):
        return include(shape, value)
    if isinstance(value, list):
        parts = [_include_value(shape, each) for each in value]
        return [part for part in parts if part is not MISSING]
    return MISSING


def exclude(shape: Shape, document: Document) -> Document:
    """Return a document without what is named."""
    plain, children = shape.plain, shape.children
    if not children:
        return {name: value for name, value in document.items() if name not in plain}
    return {
        name: _exclude_value(children[name], value) if name in children else value
        for name, value in document.items()
        if name not in plain
    }


def _exclude_value(shape: Shape, value: Any) -> Any:
    if isinstance(value, dict):
        return exclude(shape, value)
    if isinstance(value, list):
        return [_exclude_value(shape, each) for each in value]
    return value


def compute(shape: Shape, into: Document, document: Document, variables: Variables) -> None:
    """Set what is computed in ``into``, all of it from ``document``; what comes out missing goes
    away.
    """
    for name in shape.steps:
        child = shape.children.get(name)
        if child is not None:
            if child.computes:
                into[name] = _compute_value(child, into.get(name), document, variables)
            continue
        value = shape.computed[name].run(document, variables)
        if value is MISSING:
            into.pop(name, None)
        else:
            into[name] = value


def _compute_value(shape: Shape, value: Any, document: Document, variables: Variables) -> Any:
    if isinstance(value, list):
        return [_compute_value(shape, each, document, variables) for each in value]
    into = dict(value) if isinstance(value, dict) else {}
    compute(shape, into, document, variables)
    return into


Reshape = Callable[[Document, Variables], Document]


def including(shape: Shape) -> Reshape:
    """Return the function of a projection that names what is kept and what is computed."""
    if not shape.computes:
        return lambda document, _variables: include(shape, document)

    def run(document: Document, variables: Variables) -> Document:
        into = include(shape, document)
        compute(shape, into, document, variables)
        return into

    return run


def excluding(shape: Shape) -> Reshape:
    return lambda document, _variables: exclude(shape, document)


def adding(shape: Shape) -> Reshape:
    """Return the function that keeps all of a document and sets what is computed."""
    if not shape.children and len(shape.computed) == 1:
        ((name, term),) = shape.computed.items()
        evaluate = term.run

        def run_one(document: Document, variables: Variables) -> Document:
            value = evaluate(document, variables)
            into = {**document, name: value}
            if value is MISSING:
                del into[name]
            return into

        return run_one

    def run(document: Document, variables: Variables) -> Document:
        into = dict(document)
        compute(shape, into, document, variables)
        return into

    return run
