"""The tree that the parser makes: what was written, nothing resolved yet.

All nodes are immutable. ``at`` is the offset, from 0, of the character that
PostgreSQL's errors point at. Names are folded and unquoted.
"""

from __future__ import annotations

from collections.abc import Iterator

from fivefold.values.records import Record, names_of


class Const(Record):
    """``kind``: int, number, string, bits, bool or null. A folded minus is part of ``value``."""

    kind: str
    value: str
    at: int
    token_at: int  # where the literal itself stands, after a folded minus


class Parameter(Record):
    number: int
    at: int


class Name(Record):
    """A column reference of one to three parts; with ``star`` it ends in ``.*``."""

    parts: tuple[str, ...]
    star: bool
    at: int


class Unary(Record):
    op: str
    operand: Expr
    at: int


class Binary(Record):
    op: str
    left: Expr
    right: Expr
    at: int


class Logic(Record):
    """``op``: and, or, not."""

    op: str
    operands: tuple[Expr, ...]
    at: int


class Test(Record):
    """``operand IS [NOT] what``: null, true, false or unknown."""

    operand: Expr
    what: str
    negated: bool
    at: int


class Distinct(Record):
    """``left IS [NOT] DISTINCT FROM right``."""

    left: Expr
    right: Expr
    negated: bool
    at: int


class Like(Record):
    """``op``: like, ilike or similar."""

    op: str
    operand: Expr
    pattern: Expr
    escape: Expr | None
    negated: bool
    at: int


class Between(Record):
    operand: Expr
    low: Expr
    high: Expr
    negated: bool
    symmetric: bool
    at: int


class In(Record):
    operand: Expr
    items: tuple[Expr, ...] | Query
    negated: bool
    at: int


class Quantified(Record):
    """``left op ANY|ALL (right)``."""

    op: str
    left: Expr
    every: bool
    right: Expr | Query
    at: int


class Exists(Record):
    query: Query
    at: int


class Scalar(Record):
    """A subquery as a value."""

    query: Query
    at: int


class ArrayQuery(Record):
    query: Query
    at: int


class ArrayOf(Record):
    items: tuple[Expr, ...]
    at: int


class RowOf(Record):
    items: tuple[Expr, ...]
    at: int


class Subscript(Record):
    """``operand[low:high]`` if ``slice``, else ``operand[low]``.

    One that is ``closed`` stands in parentheses: a subscript after them is of its result.
    """

    operand: Expr
    low: Expr | None
    high: Expr | None
    slice: bool
    at: int
    closed: bool = False


class Field(Record):
    """``(operand).name``; ``name`` is None for ``.*``."""

    operand: Expr
    name: str | None
    at: int


class Case(Record):
    operand: Expr | None
    whens: tuple[tuple[Expr, Expr], ...]
    otherwise: Expr | None
    at: int


class TypeName(Record):
    """``dimensions`` counts the ``[]`` after the name; ``fields`` restrict an interval."""

    parts: tuple[str, ...]
    modifiers: tuple[int, ...]
    dimensions: int
    fields: str | None
    at: int


class Cast(Record):
    operand: Expr
    type: TypeName
    at: int


class Collate(Record):
    operand: Expr
    name: str
    at: int


class SortKey(Record):
    value: Expr
    descending: bool
    nulls_first: bool | None
    at: int


class Frame(Record):
    """Bounds are (side, offset): unbounded preceding, preceding, current row, following, …"""

    mode: str
    start: tuple[str, Expr | None]
    end: tuple[str, Expr | None]
    exclude: str | None
    between: bool
    at: int


class Window(Record):
    """``base`` names a window that this one builds on."""

    base: str | None
    partition: tuple[Expr, ...]
    order: tuple[SortKey, ...]
    frame: Frame | None
    at: int


class Call(Record):
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
    names: tuple[str, ...] = ()  # of the last arguments, if given by name
    over_at: int = -1  # of the name of a window


class Special(Record):
    """``name``: coalesce, nullif, greatest, least."""

    name: str
    arguments: tuple[Expr, ...]
    at: int


class Default(Record):
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


class Target(Record):
    value: Expr
    alias: str | None
    at: int


class Alias(Record):
    """``types`` are those of a column definition list: ``name (column type, …)``."""

    name: str
    columns: tuple[str, ...]
    at: int
    types: tuple[TypeName, ...] = ()


class Relation(Record):
    """A table, view or CTE in FROM, or a statement's target."""

    parts: tuple[str, ...]
    alias: Alias | None
    at: int


class Derived(Record):
    query: Query
    alias: Alias | None
    lateral: bool
    at: int


class FunctionSource(Record):
    """``calls``: the function, or those of ROWS FROM with the columns that each is said to have."""

    calls: tuple[tuple[Expr, Alias | None], ...]
    alias: Alias | None
    ordinality: bool
    lateral: bool
    at: int


class Join(Record):
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


class Grouping(Record):
    """A part of GROUP BY that stands for grouping sets. ``kind``: set, rollup, cube, sets.

    A ``set`` is what is in parentheses: expressions, maybe none.
    """

    kind: str
    items: tuple[Expr | Grouping, ...]
    at: int


class Lock(Record):
    """FOR ``strength`` (UPDATE, NO KEY UPDATE, SHARE, KEY SHARE) OF names; ``wait``: NOWAIT, …"""

    strength: str
    of: tuple[tuple[str, int], ...]
    wait: str
    at: int


class Into(Record):
    """INTO a table that is to be made."""

    name: tuple[str, ...]
    temporary: bool
    at: int


class Select(Record):
    """``distinct``: None, () for plain DISTINCT, or the expressions of DISTINCT ON.

    ``group_distinct``: GROUP BY DISTINCT, which leaves out grouping sets that come again.
    """

    distinct: tuple[Expr, ...] | None
    targets: tuple[Target, ...]
    sources: tuple[Source, ...]
    where: Expr | None
    group: tuple[Expr | Grouping, ...] | None
    having: Expr | None
    windows: tuple[tuple[str, Window], ...]
    at: int
    group_distinct: bool = False
    into: Into | None = None


class Values(Record):
    rows: tuple[tuple[Expr, ...], ...]
    at: int


class SetOperation(Record):
    """``op``: union, intersect, except."""

    op: str
    every: bool
    left: Query
    right: Query
    at: int


class Common(Record):
    """One WITH query."""

    name: str
    columns: tuple[str, ...]
    query: Query | Insert | Update | Delete
    materialized: bool | None
    at: int


class Query(Record):
    body: Select | Values | SetOperation
    at: int
    commons: tuple[Common, ...] = ()
    recursive: bool = False
    order: tuple[SortKey, ...] = ()
    limit: Expr | None = None
    offset: Expr | None = None
    locking: tuple[Lock, ...] = ()
    ties: bool = False  # FETCH … WITH TIES


class Assignment(Record):
    """``columns`` = one name and value, or several with a row or a subquery.

    ``part`` is the subscripted column if only a part of it is assigned.
    """

    columns: tuple[tuple[str, int], ...]
    value: Expr
    multiple: bool
    at: int
    part: Subscript | None = None


class OnConflict(Record):
    columns: tuple[Expr, ...]
    where: Expr | None
    constraint: str | None
    assignments: tuple[Assignment, ...] | None  # None: DO NOTHING
    condition: Expr | None
    at: int


class Insert(Record):
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


class Update(Record):
    table: Relation
    assignments: tuple[Assignment, ...]
    sources: tuple[Source, ...]
    where: Expr | None
    returning: tuple[Target, ...]
    commons: tuple[Common, ...]
    recursive: bool
    at: int


class Delete(Record):
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
    elif isinstance(node, Record):
        yield node
        for name in names_of(node):
            yield from walk(getattr(node, name))
