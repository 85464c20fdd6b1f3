"""$project, $addFields and $set, $unset, $replaceRoot and $replaceWith.

Source: manual 7.0, the pages of these stages; numbers and texts of errors as in MongoDB 7.0.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from bson.decimal128 import Decimal128

from fivefold.errors import FivefoldError
from fivefold.languages.mongo.expressions.compile import compile_term
from fivefold.languages.mongo.expressions.terms import Scope, Term
from fivefold.languages.mongo.sorting import field_path
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import NAMES, Document, kind_of
from fivefold.values.documents.text import shown

from .base import Site, Stages
from .context import Context
from .shaping import Reshape, Shape, adding, excluding, including


@dataclass(frozen=True, slots=True)
class Project:
    """$project, and $unset as an exclusion.

    ``excludes`` says which kind it is; ``shape`` has the paths. An inclusion's shape names _id
    unless that was left out.
    """

    specification: Document
    excludes: bool
    shape: Shape
    reshape: Reshape = field(repr=False)

    def run(self, documents: Iterator[Document], context: Context) -> Iterator[Document]:
        reshape, variables = self.reshape, context.variables
        return (reshape(document, variables) for document in documents)


@dataclass(frozen=True, slots=True)
class AddFields:
    """$addFields and $set."""

    specification: Document
    shape: Shape
    reshape: Reshape = field(repr=False)

    def run(self, documents: Iterator[Document], context: Context) -> Iterator[Document]:
        reshape, variables = self.reshape, context.variables
        return (reshape(document, variables) for document in documents)


@dataclass(frozen=True, slots=True)
class ReplaceRoot:
    """$replaceRoot and $replaceWith."""

    expression: Any
    what: str
    term: Term = field(repr=False)

    def run(self, documents: Iterator[Document], context: Context) -> Iterator[Document]:
        evaluate, variables = self.term.run, context.variables
        for document in documents:
            root = evaluate(document, variables)
            if root.__class__ is not dict and not isinstance(root, dict):
                kind = NAMES[kind_of(root)]
                raise fault(
                    40228,
                    f"{self.what} must evaluate to an object, but resulting value was: "
                    f"{'MISSING' if kind == 'missing' else shown(root)}. Type of resulting value: "
                    f"'{kind}'. Input document: {shown(document)}",
                )
            yield root


def parse_project(value: Any, site: Site) -> Stages:
    if not isinstance(value, dict):
        raise fault(15969, "$project specification must be an object")
    with _invalid("$project"):
        return (project_of(value, site.scope),)


def project_of(specification: Document, scope: Scope) -> Project:
    """Return the projection that a specification means."""
    if not specification:
        raise fault(51272, "projection specification must have at least one field")
    leaves = list(_leaves(specification, (), scope))
    excludes = _kind(leaves)
    shape = Shape()
    for path, wanted, term in leaves:
        if term is None and wanted == excludes and path != ("_id",):
            name, number = ".".join(path), 31253 if wanted else 31254
            doing, kind = ("inclusion", "exclusion") if wanted else ("exclusion", "inclusion")
            raise fault(number, f"Cannot do {doing} on field {name} in {kind} projection")
        if term is not None and excludes:
            raise fault(31252, "Cannot use an expression other than $meta in exclusion projection")
        if path == ("_id",) and term is None and wanted == excludes:
            continue  # {_id: 0} of an inclusion, {_id: 1} of an exclusion
        if not shape.add(path, term):
            raise fault(31250, f"Path collision at {'.'.join(path)}")
    if not excludes and not any(path[0] == "_id" for path, _, _ in leaves):
        shape.plain.add("_id")
    return Project(
        specification, excludes, shape, excluding(shape) if excludes else including(shape)
    )


Leaf = tuple[tuple[str, ...], bool, Term | None]


def _leaves(specification: Document, prefix: tuple[str, ...], scope: Scope) -> Iterator[Leaf]:
    """Yield (path, whether it is wanted, its expression if it has one)."""
    for name, value in specification.items():
        path = (*prefix, *field_path(name))
        if isinstance(value, bool):
            yield path, value, None
        elif isinstance(value, Decimal128):
            yield path, value.to_decimal() != 0, None
        elif isinstance(value, int | float):
            yield path, value != 0, None
        elif isinstance(value, dict) and not next(iter(value), "").startswith("$"):
            if not value:
                raise fault(
                    51270,
                    "An empty sub-projection is not a valid value. Found empty object at path",
                )
            yield from _leaves(value, path, scope)
        else:
            yield path, True, compile_term(value, scope)


def _kind(leaves: list[Leaf]) -> bool:
    """Return whether these make an exclusion: as the first says that is not the _id alone."""
    for path, wanted, term in leaves:
        if path != ("_id",) or term is not None:
            return term is None and not wanted
    return not leaves[0][1]


@contextmanager
def _invalid(stage: str) -> Iterator[None]:
    """Say of what goes wrong that the stage is invalid, as MongoDB does for these stages."""
    try:
        yield
    except FivefoldError as error:
        text = f"Invalid {stage} :: caused by :: {error.message}"
        raise fault(error.number or 2, text, **error.facts) from None


def parse_add_fields(value: Any, site: Site, stage: str = "$addFields") -> Stages:
    if not isinstance(value, dict):
        kind = NAMES[kind_of(value)]
        raise fault(40272, f"{stage} specification stage must be an object, got {kind}")
    with _invalid(stage):
        return (add_fields_of(value, site.scope),)


def add_fields_of(specification: Document, scope: Scope) -> AddFields:
    if not specification:
        raise fault(40177, "specification must have at least one field")
    shape = Shape()
    for path, term in _settings(specification, (), scope):
        if not shape.add(path, term):
            raise fault(
                40176,
                "specification contains two conflicting paths. Cannot specify both "
                f"'{'.'.join(path)}' and '{_rival(shape, path)}'",
            )
    return AddFields(specification, shape, adding(shape))


def _rival(shape: Shape, path: tuple[str, ...]) -> str:
    for other in shape.paths():
        short = min(len(path), len(other))
        if path[:short] == other[:short]:
            return ".".join(other)
    raise AssertionError(path)


def _settings(
    specification: Document, prefix: tuple[str, ...], scope: Scope
) -> Iterator[tuple[tuple[str, ...], Term]]:
    for name, value in specification.items():
        path = (*prefix, *field_path(name))
        if isinstance(value, dict) and not next(iter(value), "").startswith("$"):
            if not value:
                raise fault(
                    40180,
                    "an empty object is not a valid value. Found empty object at path "
                    + ".".join(path),
                )
            yield from _settings(value, path, scope)
        else:
            yield path, compile_term(value, scope)


def parse_set(value: Any, site: Site) -> Stages:
    return parse_add_fields(value, site, "$set")


def parse_unset(value: Any, site: Site) -> Stages:
    names = value if isinstance(value, list) else [value]
    if not isinstance(value, str | list):
        raise fault(31002, "$unset specification must be a string or an array")
    if not names:
        raise fault(
            31119, "$unset specification must be a string or an array with at least one field"
        )
    if not all(isinstance(name, str) for name in names):
        raise fault(
            31120, "$unset specification must be a string or an array containing only string values"
        )
    with _invalid("$unset"):
        return (project_of(dict.fromkeys(names, 0), site.scope),)


def parse_replace_root(value: Any, site: Site) -> Stages:
    if not isinstance(value, dict):
        kind = NAMES[kind_of(value)]
        raise fault(
            40229, f"expected an object as specification for $replaceRoot stage, got {kind}"
        )
    for name in value:
        if name != "newRoot":
            raise fault(
                40230,
                f"unrecognized option to $replaceRoot stage: {name}, only valid option is "
                "'newRoot'.",
            )
    if "newRoot" not in value:
        raise fault(40231, "no newRoot specified for the $replaceRoot stage")
    root = value["newRoot"]
    return (ReplaceRoot(root, "'newRoot' expression", compile_term(root, site.scope)),)


def parse_replace_with(value: Any, site: Site) -> Stages:
    return (ReplaceRoot(value, "'replacement document'", compile_term(value, site.scope)),)
