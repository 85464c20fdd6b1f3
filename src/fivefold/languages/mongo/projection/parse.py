"""A projection as a tree: what it says of each field, by the parts of paths.

Source: manual, "Project Fields to Return from Query", "$project (aggregation)".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from fivefold.languages.mongo.expressions import Scope, Term, compile_term
from fivefold.languages.mongo.expressions.names import check_name
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import NUMBERS, Document, kind_of
from fivefold.values.documents.order import equal
from fivefold.values.documents.paths import Path
from fivefold.values.documents.text import shown_field

Mode = Literal["include", "exclude"]


@dataclass(frozen=True, slots=True)
class Include:
    """The field comes out."""


@dataclass(frozen=True, slots=True)
class Exclude:
    """The field does not come out."""


@dataclass(frozen=True, slots=True)
class Computed:
    """The field is an expression's value."""

    term: Term


@dataclass(frozen=True, slots=True)
class Slice:
    """The field comes out, of its array ``count`` elements from ``skip``; see ``find.py``."""

    skip: int | None
    count: int


@dataclass(slots=True)
class Nested:
    """What is said of the fields inside a field."""

    children: dict[str, Item] = field(default_factory=dict)


Item = Include | Exclude | Computed | Slice | Nested


@dataclass(slots=True)
class Parsing:
    """What a projection has turned out to be so far."""

    scope: Scope
    mode: Mode | None = None
    root: Nested = field(default_factory=Nested)
    id_named: bool = False
    id_included: bool = False


class Special(Protocol):
    """What find's projections have beside; returns whether it has taken care of the field."""

    def __call__(
        self, parsing: Parsing, parent: Nested, above: Path, name: str, value: Any
    ) -> bool: ...


def parse(parsing: Parsing, spec: Document, special: Special | None = None) -> None:
    """Read a projection into ``parsing``; its mode is set if it says so.

    Raises faults 31249 and 31250 for paths that collide, 31253 and 31254 for inclusions among
    exclusions and the other way round, and those of expressions.
    """
    for name, value in spec.items():
        if name == "_id" or name.startswith("_id."):
            parsing.id_named = True
        _element(parsing, parsing.root, (), name, value, special)


def complete(parsing: Parsing, unsaid: Mode | None = None) -> Mode:
    """Return the mode, and add what goes without saying: ``_id`` comes out of an inclusion.

    ``unsaid`` is the mode of a projection that only speaks of ``_id``, or of nothing.
    """
    mode = parsing.mode or unsaid or ("include" if parsing.id_included else "exclude")
    children = parsing.root.children
    if mode == "include":
        if not parsing.id_named:
            parsing.root.children = {"_id": Include(), **children}
    elif isinstance(children.get("_id"), Include):
        del children["_id"]
    return mode


def _element(
    parsing: Parsing, parent: Nested, above: Path, name: str, value: Any, special: Special | None
) -> None:
    if special is not None and special(parsing, parent, above, name, value):
        return
    if isinstance(value, dict):
        _document(parsing, parent, above, name, value, special)
    elif isinstance(value, bool) or kind_of(value) in NUMBERS:
        if equal(value, 0) or value is False:
            _exclude(parsing, parent, above, name)
        else:
            include(parsing, parent, above, name)
    else:
        put(parent, name, Computed(compile_term(value, parsing.scope)))
        if parsing.mode == "exclude":
            shown = shown_field(name, value)
            raise fault(31310, f"Cannot use an expression {shown} in an exclusion projection")
        parsing.mode = "include"


def include(parsing: Parsing, parent: Nested, above: Path, name: str) -> None:
    """Note that a field is included."""
    put(parent, name, Include())
    if name == "_id" and not above:
        parsing.id_included = True
        return
    set_included(parsing, name)


def set_included(parsing: Parsing, name: str) -> None:
    """Note that a field makes the projection an inclusion."""
    if parsing.mode == "exclude":
        raise fault(31253, f"Cannot do inclusion on field {name} in exclusion projection")
    parsing.mode = "include"


def _exclude(parsing: Parsing, parent: Nested, above: Path, name: str) -> None:
    put(parent, name, Exclude())
    if name == "_id" and not above:
        return
    if parsing.mode == "include":
        raise fault(31254, f"Cannot do exclusion on field {name} in inclusion projection")
    parsing.mode = "exclude"


def _document(
    parsing: Parsing,
    parent: Nested,
    above: Path,
    name: str,
    value: Document,
    special: Special | None,
) -> None:
    first = next(iter(value), "")
    if first.startswith("$"):
        if len(value) == 1:
            compute(parsing, parent, name, value)
            return
        check_name(first)
    path = _path(name)
    if not value:
        text = "An empty sub-projection is not a valid value. Found empty object at path"
        raise fault(51270, text)
    inside = Nested()
    put(parent, name, inside)
    for inner, each in value.items():
        _element(parsing, inside, above + path, inner, each, special)


def compute(parsing: Parsing, parent: Nested, name: str, value: Document) -> None:
    """Note that a field is an expression's value."""
    if parsing.mode == "exclude":
        text = "Cannot use expression other than $meta in exclusion projection"
        raise fault(31252, text)
    term = compile_term(value, parsing.scope)
    parsing.mode = "include"
    put(parent, name, Computed(term))


def put(parent: Nested, name: str, item: Item) -> None:
    """Put an item at a dotted name below a node. Raises faults 31249 and 31250."""
    path = _path(name)
    node = parent
    for place, part in enumerate(path[:-1]):
        child = node.children.get(part)
        if child is None:
            child = node.children[part] = Nested()
        elif not isinstance(child, Nested):
            rest = ".".join(path[place + 1 :])
            raise fault(31249, f"Path collision at {name} remaining portion {rest}")
        node = child
    if path[-1] in node.children:
        raise fault(31250, f"Path collision at {name}")
    node.children[path[-1]] = item


def _path(name: str) -> Path:
    if not name:
        raise fault(40352, "FieldPath cannot be constructed with empty string")
    if name.endswith("."):
        raise fault(40353, "FieldPath must not end with a '.'.")
    path = tuple(name.split("."))
    for part in path:
        check_name(part)
    return path


def names_in(filter: Document) -> Iterator[str]:
    """Yield the top fields that a filter speaks of."""
    for name, value in filter.items():
        if not name.startswith("$"):
            yield name.partition(".")[0]
        elif isinstance(value, list):
            for each in value:
                if isinstance(each, dict):
                    yield from names_in(each)
