"""Projections of find: those of ``$project``, and ``$slice``, ``$elemMatch``, the positional ``$``.

Source: manual, "Project Fields to Return from Query", "Projection Operators" ($ (projection),
$elemMatch (projection), $slice (projection)), and there what changed with 4.4.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fivefold.errors import FivefoldError
from fivefold.languages.mongo.expressions import Evaluate, Scope, Term, Variables
from fivefold.languages.mongo.projection.apply import fields_of
from fivefold.languages.mongo.projection.parse import (
    Computed,
    Include,
    Mode,
    Nested,
    Parsing,
    Slice,
    complete,
    compute,
    names_in,
    parse,
    put,
    set_included,
)
from fivefold.languages.mongo.stages.shaping import compute as compute_fields
from fivefold.values.documents.faults import fault, name_of
from fivefold.values.documents.kinds import (
    INT32_MAX,
    INT32_MIN,
    MISSING,
    NAMES,
    NUMBERS,
    Document,
    kind_of,
)
from fivefold.values.documents.order import equal, number
from fivefold.values.documents.paths import Path, parse_path
from fivefold.values.documents.text import shown

_NO_VARIABLES: Variables = {}


@dataclass(frozen=True, slots=True)
class Projection:
    """A compiled projection: ``apply(document, position, variables)`` makes a new document.

    ``positional`` says whether it needs the index at which the filter first matched an array;
    ``variables`` are those of expressions.
    """

    positional: bool
    apply: Callable[[Document, int | None, Variables], Document]

    def __call__(
        self,
        document: Document,
        position: int | None = None,
        variables: Variables = _NO_VARIABLES,
    ) -> Document:
        """Return what of a document comes out; the document itself stays as it is."""
        return self.apply(document, position, variables)


def compile_projection(
    spec: Document, filter: Document | None = None, scope: Scope | None = None
) -> Projection:
    """Return the projection of a find whose filter is given; an empty one lets all through.

    Raises MongoDB's faults for what is no projection.
    """
    if not spec:
        return Projection(False, lambda document, position, variables: document)
    features = _Features(filter)
    parsing = Parsing(scope or Scope())
    parse(parsing, spec, features)
    mode = complete(parsing, features.unsaid(parsing))
    return Projection(
        features.positional is not None, _projecting(parsing.root, mode, features.positional)
    )


@dataclass(slots=True)
class _Features:
    """What a find's projection may have beside, and what it has had of it."""

    filter: Document | None
    positional: Path | None = None
    sliced: bool = False
    element_matched: bool = False

    def __call__(
        self, parsing: Parsing, parent: Nested, above: Path, name: str, value: Any
    ) -> bool:
        if name == "$" or name.endswith(".$") or ".$." in name:
            return self._positional(parsing, parent, above, name, value)
        if not isinstance(value, dict) or len(value) != 1:
            return False
        operator, argument = next(iter(value.items()))
        if operator == "$slice":
            self._slice(parsing, parent, name, argument)
        elif operator == "$elemMatch":
            self._element(parsing, parent, above, name, argument)
        else:
            return False
        return True

    def unsaid(self, parsing: Parsing) -> Mode | None:
        """Return the mode if nothing is included or excluded but this decides it."""
        if self.sliced:
            return "include" if parsing.id_included else "exclude"
        return "include" if self.element_matched else None

    def _positional(
        self, parsing: Parsing, parent: Nested, above: Path, name: str, value: Any
    ) -> bool:
        if isinstance(value, dict):
            text = "positional projection cannot be used with an expression or sub object"
            raise fault(31271, text)
        if not isinstance(value, bool) and kind_of(value) not in NUMBERS:
            raise fault(31308, "positional projection cannot be used with a literal")
        if equal(value, 0) or value is False:
            return False
        if self.positional is not None:
            raise fault(31276, "Cannot specify more than one positional projection per query.")
        if self.element_matched:
            raise fault(31256, "Cannot specify positional operator and $elemMatch.")
        self._check_position(above, name)
        self.positional = above + parse_path(name[:-2])
        put(parent, name[:-2], Include())
        set_included(parsing, name)
        return True

    def _check_position(self, above: Path, name: str) -> None:
        if self.filter is None:
            raise fault(51050, "Projections with a positional operator require a matcher")
        first = above[0] if above else name.partition(".")[0]
        if first not in names_in(self.filter):
            raise fault(31277, f"Positional projection '{name}' does not match the query document.")
        if name == "$" or name.find(".$") < len(name) - 2:
            raise fault(
                31394,
                "As of 4.4, it's illegal to specify positional operator in the middle of a path."
                "Positional projection may only be used at the end, for example: a.b.$. If the"
                " query previously used a form like a.b.$.d, remove the parts following the '$'"
                " and the results will be equivalent.",
            )

    def _slice(self, parsing: Parsing, parent: Nested, name: str, argument: Any) -> None:
        """Take find's ``$slice``, or else the expression of that name."""
        try:
            item = _parse_slice(argument)
        except FivefoldError as error:
            try:
                compute(parsing, parent, name, {"$slice": argument})
            except FivefoldError as other:
                raise _no_slice(argument, error, other) from None
            return
        put(parent, name, item)
        self.sliced = True

    def _element(
        self, parsing: Parsing, parent: Nested, above: Path, name: str, argument: Any
    ) -> None:
        if not isinstance(argument, dict):
            kind = NAMES[kind_of(argument)]
            raise fault(31274, f"elemMatch: Invalid argument, object required, but got {kind}")
        if self.positional is not None:
            raise fault(31255, "Cannot specify positional operator and $elemMatch.")
        if above or "." in name:
            raise fault(31275, "Cannot use $elemMatch projection on a nested field.")
        put(parent, name, Computed(Term(_first_element(name, argument))))
        self.element_matched = True


def _no_slice(argument: Any, first: FivefoldError, second: FivefoldError) -> FivefoldError:
    """Return the error that is neither find's ``$slice`` nor the expression."""
    assert first.number is not None
    assert second.number is not None
    return fault(
        second.number,
        f"Invalid $slice syntax. The given syntax {shown({'$slice': argument})} did not match the"
        f" find() syntax because :: {name_of(first.number)}: {first.message} :: The given syntax"
        f" did not match the expression $slice syntax. :: caused by :: {second.message}",
    )


def _parse_slice(argument: Any) -> Slice:
    if isinstance(argument, list):
        if len(argument) != 2:
            raise fault(31272, "$slice array argument should be of form [skip, limit]")
        for each, what, number in zip(argument, ("skip", "limit"), (31257, 31258), strict=True):
            if kind_of(each) not in NUMBERS:
                kind = NAMES[kind_of(each)]
                raise fault(
                    number, f"$slice expects the {what} argument to be a number, got {kind}"
                )
        skip, limit = map(_truncated, argument)
        if limit <= 0:
            raise fault(31259, f"$slice limit must be positive, got {limit}")
        return Slice(skip, limit)
    if kind_of(argument) not in NUMBERS:
        raise fault(31273, "$slice only supports numbers and [skip, limit] arrays")
    return Slice(None, _truncated(argument))


def _truncated(value: Any) -> int:
    """Return a number as the int that servers take it for: cut off, and no more than it holds."""
    exact = number(value)
    if exact != exact:
        return 0
    return int(max(INT32_MIN, min(INT32_MAX, exact)))


def _first_element(name: str, condition: Document) -> Evaluate:
    from fivefold.languages.mongo.match import matcher, parse_filter

    matches = matcher(parse_filter({name: {"$elemMatch": condition}}))

    def evaluate(document: Document, variables: Variables) -> Any:
        value = document.get(name)
        if isinstance(value, list):
            for each in value:
                if matches({name: [each]}):
                    return [each]
        return MISSING

    return evaluate


def _projecting(
    root: Nested, mode: Mode, positional: Path | None
) -> Callable[[Document, int | None, Variables], Document]:
    fields, shape = fields_of(root, mode)
    if not shape.computes and positional is None:
        return lambda document, position, variables: fields(document)

    def project(document: Document, position: int | None, variables: Variables) -> Document:
        seen = document
        if positional is not None:
            document = _picked(document, positional, position)
        out = fields(document)
        compute_fields(shape, out, seen, variables)
        return out

    return project


def _picked(value: Document, path: Path, position: int | None) -> Document:
    """Return a document in which the first array along a path has but the one element."""
    name = path[0]
    child = value.get(name, MISSING)
    if isinstance(child, list):
        if position is None:
            raise fault(
                51246,
                "positional operator '.$' couldn't find a matching element in the array",
            )
        if position >= len(child):
            raise fault(
                51247,
                "positional operator '.$' element mismatch",
            )
        return value | {name: [child[position]]}
    if len(path) > 1 and isinstance(child, dict):
        return value | {name: _picked(child, path[1:], position)}
    return value
