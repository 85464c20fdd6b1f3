"""The tree that the parser makes: what was written, nothing resolved yet.

All nodes are immutable. ``at`` is the offset, from 0, of the character that
PostgreSQL's errors point at. Names are folded and unquoted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Const:
    """``kind``: int, number, string, bits, bool or null. A folded minus is part of ``value``."""

    kind: str
    value: str
    at: int
    token_at: int  # where the literal itself stands, after a folded minus


@dataclass(frozen=True, slots=True)
class Parameter:
    number: int
    at: int


@dataclass(frozen=True, slots=True)
class Name:
    """A column reference of one to three parts; with ``star`` it ends in ``.*``."""

    parts: tuple[str, ...]
    star: bool
    at: int


@dataclass(frozen=True, slots=True)
class Unary:
    op: str
    operand: Expr
    at: int


@dataclass(frozen=True, slots=True)
class Binary:
    op: str
    left: Expr
    right: Expr
    at: int


@dataclass(frozen=True, slots=True)
class Logic:
    """``op``: and, or, not."""

    op: str
    operands: tuple[Expr, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Test:
    """``operand IS [NOT] what``: null, true, false or unknown."""

    operand: Expr
    what: str
    negated: bool
    at: int


@dataclass(frozen=True, slots=True)
class Distinct:
    """``left IS [NOT] DISTINCT FROM right``."""

    left: Expr
    right: Expr
    negated: bool
    at: int


@dataclass(frozen=True, slots=True)
class Like:
    """``op``: like, ilike or similar."""

    op: str
    operand: Expr
    pattern: Expr
    escape: Expr | None
    negated: bool
    at: int


@dataclass(frozen=True, slots=True)
class Between:
    operand: Expr
    low: Expr
    high: Expr
    negated: bool
    symmetric: bool
    at: int


@dataclass(frozen=True, slots=True)
class In:
    operand: Expr
    items: tuple[Expr, ...] | Query
    negated: bool
    at: int


@dataclass(frozen=True, slots=True)
class Quantified:
    """``left op ANY|ALL (right)``."""

    op: str
    left: Expr
    every: bool
    right: Expr | Query
    at: int


@dataclass(frozen=True, slots=True)
class Exists:
    query: Query
    at: int


@dataclass(frozen=True, slots=True)
class Scalar:
    """A subquery as a value."""

    query: Query
    at: int


@dataclass(frozen=True, slots=True)
class ArrayQuery:
    query: Query
    at: int


@dataclass(frozen=True, slots=True)
class ArrayOf:
    items: tuple[Expr, ...]
    at: int


@dataclass(frozen=True, slots=True)
class RowOf:
    items: tuple[Expr, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Subscript:
    """``operand[low:high]`` if ``slice``, else ``operand[low]``."""

    operand: Expr
    low: Expr | None
    high: Expr | None
    slice: bool
    at: int


@dataclass(frozen=True, slots=True)
class Field:
    """``(operand).name``; ``name`` is None for ``.*``."""

    operand: Expr
    name: str | None
    at: int


@dataclass(frozen=True, slots=True)
class Case:
    operand: Expr | None
    whens: tuple[tuple[Expr, Expr], ...]
    otherwise: Expr | None
    at: int


@dataclass(frozen=True, slots=True)
class TypeName:
    """``dimensions`` counts the ``[]`` after the name; ``fields`` restrict an interval."""

    parts: tuple[str, ...]
    modifiers: tuple[int, ...]
    dimensions: int
    fields: str | None
    at: int


@dataclass(frozen=True, slots=True)
class Cast:
    operand: Expr
    type: TypeName
    at: int


@dataclass(frozen=True, slots=True)
class Collate:
    operand: Expr
    name: str
    at: int


@dataclass(frozen=True, slots=True)
class SortKey:
    value: Expr
    descending: bool
    nulls_first: bool | None
    at: int


@dataclass(frozen=True, slots=True)
class Frame:
    """Bounds are (side, offset): unbounded preceding, preceding, current row, following, …"""

    mode: str
    start: tuple[str, Expr | None]
    end: tuple[str, Expr | None]
    exclude: str | None
    at: int


@dataclass(frozen=True, slots=True)
class Window:
    """``base`` names a window that this one builds on."""

    base: str | None
    partition: tuple[Expr, ...]
    order: tuple[SortKey, ...]
    frame: Frame | None
    at: int


@dataclass(frozen=True, slots=True)
class Call:
    """A function call. ``syntax`` marks a call written without being one (CURRENT_DATE, EXTRACT
    …).
    """

    name: tuple[str, ...]
    arguments: tuple[Expr, ...]
    at: int
    star: bool = False
    distinct: bool = False
    variadic: bool = False
    order: tuple[SortKey, ...] = ()
    within: tuple[SortKey, ...] = ()
    filter: Expr | None = None
    over: Window | str | None = None
    syntax: bool = False


@dataclass(frozen=True, slots=True)
class Special:
    """``name``: coalesce, nullif, greatest, least."""

    name: str
    arguments: tuple[Expr, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Default:
    """The word DEFAULT where a value may stand."""

    at: int


Expr = (
    Const
    | Parameter
    | Name
    | Unary
    | Binary
    | Logic
    | Test
    | Distinct
    | Like
    | Between
    | In
    | Quantified
    | Exists
    | Scalar
    | ArrayQuery
    | ArrayOf
    | RowOf
    | Subscript
    | Field
    | Case
    | Cast
    | Collate
    | Call
    | Special
    | Default
)


@dataclass(frozen=True, slots=True)
class Target:
    value: Expr
    alias: str | None
    at: int


@dataclass(frozen=True, slots=True)
class Alias:
    name: str
    columns: tuple[str, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Relation:
    """A table, view or CTE in FROM, or a statement's target."""

    parts: tuple[str, ...]
    alias: Alias | None
    at: int


@dataclass(frozen=True, slots=True)
class Derived:
    query: Query
    alias: Alias | None
    lateral: bool
    at: int


@dataclass(frozen=True, slots=True)
class FunctionSource:
    call: Call | Special | Cast
    alias: Alias | None
    ordinality: bool
    lateral: bool
    at: int


@dataclass(frozen=True, slots=True)
class Join:
    """``kind``: inner, left, right, full, cross."""

    kind: str
    left: Source
    right: Source
    condition: Expr | None
    using: tuple[tuple[str, int], ...] | None
    natural: bool
    alias: Alias | None
    at: int


Source = Relation | Derived | FunctionSource | Join


@dataclass(frozen=True, slots=True)
class Select:
    """``distinct``: None, () for plain DISTINCT, or the expressions of DISTINCT ON."""

    distinct: tuple[Expr, ...] | None
    targets: tuple[Target, ...]
    sources: tuple[Source, ...]
    where: Expr | None
    group: tuple[Expr, ...] | None
    having: Expr | None
    windows: tuple[tuple[str, Window], ...]
    at: int


@dataclass(frozen=True, slots=True)
class Values:
    rows: tuple[tuple[Expr, ...], ...]
    at: int


@dataclass(frozen=True, slots=True)
class SetOperation:
    """``op``: union, intersect, except."""

    op: str
    every: bool
    left: Query
    right: Query
    at: int


@dataclass(frozen=True, slots=True)
class Common:
    """One WITH query."""

    name: str
    columns: tuple[str, ...]
    query: Query | Insert | Update | Delete
    materialized: bool | None
    at: int


@dataclass(frozen=True, slots=True)
class Query:
    body: Select | Values | SetOperation
    at: int
    commons: tuple[Common, ...] = ()
    recursive: bool = False
    order: tuple[SortKey, ...] = ()
    limit: Expr | None = None
    offset: Expr | None = None
    locking: bool = False


@dataclass(frozen=True, slots=True)
class Assignment:
    """``columns`` = one name and value, or several with a row or a subquery."""

    columns: tuple[tuple[str, int], ...]
    value: Expr
    multiple: bool
    at: int


@dataclass(frozen=True, slots=True)
class OnConflict:
    columns: tuple[Expr, ...]
    where: Expr | None
    constraint: str | None
    assignments: tuple[Assignment, ...] | None  # None: DO NOTHING
    condition: Expr | None
    at: int


@dataclass(frozen=True, slots=True)
class Insert:
    """``query`` is None for DEFAULT VALUES; ``overriding``: None, 'user' or 'system'."""

    table: Relation
    columns: tuple[tuple[str, int], ...] | None
    query: Query | None
    overriding: str | None
    conflict: OnConflict | None
    returning: tuple[Target, ...]
    commons: tuple[Common, ...]
    recursive: bool
    at: int


@dataclass(frozen=True, slots=True)
class Update:
    table: Relation
    assignments: tuple[Assignment, ...]
    sources: tuple[Source, ...]
    where: Expr | None
    returning: tuple[Target, ...]
    commons: tuple[Common, ...]
    recursive: bool
    at: int


@dataclass(frozen=True, slots=True)
class Delete:
    table: Relation
    sources: tuple[Source, ...]
    where: Expr | None
    returning: tuple[Target, ...]
    commons: tuple[Common, ...]
    recursive: bool
    at: int


def walk(node: object) -> Iterator[object]:
    """Yield ``node`` and every node below it."""
    if isinstance(node, tuple):
        for part in node:
            yield from walk(part)
    elif hasattr(node, "__dataclass_fields__"):
        yield node
        for name in node.__dataclass_fields__:
            yield from walk(getattr(node, name))
