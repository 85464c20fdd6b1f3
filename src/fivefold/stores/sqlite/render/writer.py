"""The writer: nodes to text by a table of handlers, and what handlers share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn

from fivefold.catalog.containers import Table
from fivefold.errors import Unsupported
from fivefold.plan import nodes as exp
from fivefold.plan.statement import type_of
from fivefold.stores.sqlite.gaps import collation_of
from fivefold.values.types import NUMBERS, Kind, Type

Handler = Callable[["Writer", Any], str]


class Loose(str):
    """Text of an operator: as an operand of another one it needs parentheses."""

    __slots__ = ()


class Conjunction(Loose):
    """Text joined by AND."""

    __slots__ = ()


class Disjunction(Loose):
    """Text joined by OR, or begun by NOT: looser than AND."""

    __slots__ = ()


class Writer:
    """Writes one statement.

    ``columns`` maps (source, column) to the text that stands for it, where a source is not a
    table under its own name. ``distinct_outputs`` is set while outputs are compared with
    each other, so that they carry their collations. ``pure`` asks for deterministic functions
    and plain column names. ``used`` is the highest number of a parameter written so far.

    ``shadows`` maps (source, column) to the text and the shape of the shadow that a column of
    documents is made of; ``shape`` is that of the collection whose view is being written, and
    ``handing`` is set for a query that is to hand its shadows on: see ``shadows``.
    """

    def __init__(
        self,
        handlers: Mapping[type[exp.Expr], Handler],
        *,
        target: Table | None = None,
        pure: bool = False,
    ) -> None:
        self.handlers = handlers
        self.target = target
        self.pure = pure
        self.columns: dict[tuple[str, str], str] = {}
        self.sources: dict[str, str] = {}
        self.distinct_outputs = False
        self.used = 0
        self.shadows: dict[tuple[str, str], tuple[str, Mapping[str, int]]] = {}
        self.shape: Iterable[tuple[str, int]] = ()
        self.handing: dict[str, Mapping[str, int]] | None = None

    def sql(self, node: exp.Expr) -> str:
        """Return the text of a node. Raises Unsupported."""
        handler = self.handlers.get(type(node))
        if handler is None:
            unsupported(node.key.replace("_", " ").upper())
        return handler(self, node)

    def closed(self, node: exp.Expr) -> str:
        """Return the text of a node, fit to be an operand of any operator."""
        return closed(self.sql(node))

    def ordered(self, node: exp.Expr) -> str:
        """Return the text of an operand that is compared, with its type's collation."""
        return with_collation(self.closed(node), type_of(node))

    def listed(self, nodes: Iterable[exp.Expr]) -> str:
        """Return the texts of nodes with commas between."""
        return ", ".join([self.sql(node) for node in nodes])

    def call(self, name: str, nodes: Iterable[exp.Expr]) -> str:
        """Return the call of a function."""
        return f"{name}({self.listed(nodes)})"


def closed(text: str) -> str:
    """Return text that is an operand: operators go into parentheses."""
    return f"({text})" if isinstance(text, Loose) else text


_BYTES = " COLLATE BINARY"
_COMPARED_BY_VALUE = NUMBERS - {Kind.NUMERIC} | {Kind.BOOLEAN, Kind.OID}


def with_collation(text: str, type_: Type) -> str:
    """Return an operand's text followed by the collation of its type, if it has one."""
    if type_.kind is Kind.RECORD:
        unsupported("comparing or sorting records", "Compare or sort by their fields.")
    collation = collation_of(type_)
    return guarded(text, type_) if collation is None else f"{text} COLLATE {collation}"


def guarded(text: str, type_: Type) -> str:
    """Return a value's text so that no collation inside it is the value's own.

    In SQLite a collation anywhere in an expression comes to its surface: that of ``n = 1.5`` in
    ``CASE WHEN n = 1.5 THEN name END`` would compare the names.
    """
    if " COLLATE " not in text or type_.kind in _COMPARED_BY_VALUE or text.endswith(_BYTES):
        return text
    return f"{closed(text)}{_BYTES}"


def bare(node: exp.Expr) -> exp.Expr:
    """Return the node inside parentheses."""
    while isinstance(node, exp.Paren):
        node = node.this
    return node


def string(text: str) -> str:
    """Return a string literal."""
    return "'" + text.replace("'", "''") + "'"


def unsupported(what: str, hint: str | None = None) -> NoReturn:
    """Raise Unsupported for a construct of SQL."""
    raise Unsupported(f"{what} is not supported by the embedded store", hint=hint)
