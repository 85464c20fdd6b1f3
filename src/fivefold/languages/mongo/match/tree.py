"""What a filter says, as a tree: frozen, so that it can be kept beside the statement it came from.

The tree is canonical. ``$ne``, ``$nin``, ``{$exists: false}`` are ``Not`` of what they negate;
``$all`` is an ``And``; ``$in`` of one value stays ``In``; an ``And`` has no ``And`` directly inside
and not one child alone; ``{}`` is ``Always(True)``.

A path is a tuple of names; the empty path, which stands only inside ``ElemMatchValue``, is the
element itself. Values are BSON's values as Python has them. How a node finds values is told in
``values/documents/paths.py``: the leaves hold if they hold for any value that the path reaches;
those marked "whole" do not look into an array at the path's end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from fivefold.values.documents.kinds import Document, Kind
from fivefold.values.documents.paths import Path

Comparison = Literal["$eq", "$gt", "$gte", "$lt", "$lte"]
BitTest = Literal["$bitsAllSet", "$bitsAnySet", "$bitsAllClear", "$bitsAnyClear"]


@dataclass(frozen=True, slots=True)
class Always:
    """Every document, or none."""

    value: bool


@dataclass(frozen=True, slots=True)
class And:
    """All of the nodes."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of the nodes."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Nor:
    """None of the nodes."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Whatever the node does not match, documents without the field too."""

    node: Node


@dataclass(frozen=True, slots=True)
class Compare:
    """A comparison within the value's type; null equals what is missing."""

    path: Path
    op: Comparison
    value: Any


@dataclass(frozen=True, slots=True)
class In:
    """Equal to any of the values, or found by any of the patterns."""

    path: Path
    values: tuple[Any, ...]
    patterns: tuple[Regex, ...] = ()


@dataclass(frozen=True, slots=True)
class Exists:
    """The path reaches something, be it null."""

    path: Path


@dataclass(frozen=True, slots=True)
class TypeIs:
    """The value is of one of the types."""

    path: Path
    kinds: frozenset[Kind]


@dataclass(frozen=True, slots=True)
class Regex:
    """A string in which the pattern is found, or this very regular expression."""

    path: Path
    pattern: str
    options: str = ""


@dataclass(frozen=True, slots=True)
class Mod:
    """A number whose whole part leaves the remainder, with the sign of the number."""

    path: Path
    divisor: int
    remainder: int


@dataclass(frozen=True, slots=True)
class Size:
    """An array of so many elements (whole)."""

    path: Path
    size: int


@dataclass(frozen=True, slots=True)
class ElemMatch:
    """An array with an element that is a document the node matches (whole)."""

    path: Path
    node: Node


@dataclass(frozen=True, slots=True)
class ElemMatchValue:
    """An array with an element that, as a value, the node matches: its paths are empty (whole)."""

    path: Path
    node: Node


@dataclass(frozen=True, slots=True)
class Bits:
    """A number, or binary, whose bits at the positions (0 is the lowest) are as the test says."""

    path: Path
    op: BitTest
    positions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Expr:
    """An expression of the aggregation language that is true; it may use variables of the names."""

    expression: Any
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class JsonSchema:
    """The document is valid under the schema, which was checked."""

    schema: Document


Node = (
    Always
    | And
    | Or
    | Nor
    | Not
    | Compare
    | In
    | Exists
    | TypeIs
    | Regex
    | Mod
    | Size
    | ElemMatch
    | ElemMatchValue
    | Bits
    | Expr
    | JsonSchema
)

Leaf = Compare | In | Exists | TypeIs | Regex | Mod | Size | ElemMatch | ElemMatchValue | Bits
"""The nodes that have a path."""


def all_of(nodes: list[Node]) -> Node:
    """Return the canonical conjunction."""
    if len(nodes) == 1:
        return nodes[0]
    flat: list[Node] = []
    for node in nodes:
        if isinstance(node, And):
            flat += node.nodes
        elif not (isinstance(node, Always) and node.value):
            flat.append(node)
    if not flat:
        return Always(True)
    return flat[0] if len(flat) == 1 else And(tuple(flat))
