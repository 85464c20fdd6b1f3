"""The expressions of PostgreSQL's own trees, as its printer sees them.

Source: the PostgreSQL 15 manual has no page on them; they are what ``EXPLAIN`` and the functions
``pg_get_viewdef``, ``pg_get_expr`` and their like tell apart when they print.
"""

from __future__ import annotations

from fivefold.plan import nodes as exp
from fivefold.values.records import Record
from fivefold.values.types import Type


class Var(Record):
    """A column; ``source`` is None where a name alone is printed. The name * is the whole row."""

    source: str | None
    name: str


class Const(Record):
    """A constant: ``text`` as its type prints it, None for null."""

    text: str | None
    type: Type


class Call(Record):
    """A function's call, ``name(arguments)``."""

    name: str
    arguments: tuple[Shape, ...]


class Syntax(Record):
    """A function's call in a syntax of its own: EXTRACT, TRIM, AT TIME ZONE …"""

    name: str
    arguments: tuple[Shape, ...]


class Form(Record):
    """What looks like a call: COALESCE, GREATEST, LEAST, NULLIF, ARRAY[…], ROW(…)."""

    word: str
    arguments: tuple[Shape, ...]
    opening: str = "("
    closing: str = ")"


class Word(Record):
    """CURRENT_DATE and its like."""

    text: str


class Aggregate(Record):
    """An aggregate's call; ``within`` are the ORDER BY keys of WITHIN GROUP."""

    name: str
    arguments: tuple[Shape, ...]
    distinct: bool = False
    star: bool = False
    order: tuple[SortKey, ...] = ()
    within: tuple[SortKey, ...] = ()
    filter: Shape | None = None
    over: exp.Window | None = None


class SortKey(Record):
    value: Shape
    descending: bool
    nulls_first: bool


class Operator(Record):
    """``arguments`` are one or two."""

    symbol: str
    arguments: tuple[Shape, ...]


class ArrayOperator(Record):
    """``left symbol ANY|ALL (right)``."""

    symbol: str
    left: Shape
    right: Shape
    every: bool


class Distinct(Record):
    left: Shape
    right: Shape


class Logic(Record):
    """``word``: AND, OR, NOT."""

    word: str
    arguments: tuple[Shape, ...]


class Test(Record):
    """``argument IS words``; of a truth value or of null."""

    argument: Shape
    words: str
    truth: bool


class Cast(Record):
    """``function``: whether a function converts, rather than a new label or the text."""

    argument: Shape
    type: Type
    implicit: bool
    function: bool


class Collate(Record):
    argument: Shape
    collation: str


class Case(Record):
    operand: Shape | None
    whens: tuple[tuple[Shape, Shape], ...]
    otherwise: Shape


class RowCompare(Record):
    symbol: str
    left: tuple[Shape, ...]
    right: tuple[Shape, ...]


class Subscript(Record):
    """``indexes`` are pairs (low, high) of a slice, or (None, index)."""

    argument: Shape
    indexes: tuple[tuple[Shape | None, Shape | None], ...]
    slice: bool


class Sublink(Record):
    """A subquery in an expression. ``kind``: EXISTS, ANY, ALL, ROW, ARRAY or '' for its value."""

    kind: str
    query: exp.Expr
    left: tuple[Shape, ...] = ()
    symbol: str = ""


Shape = (
    Var
    | Const
    | Call
    | Syntax
    | Form
    | Word
    | Aggregate
    | Operator
    | ArrayOperator
    | Distinct
    | Logic
    | Test
    | Cast
    | Collate
    | Case
    | RowCompare
    | Subscript
    | Sublink
)
