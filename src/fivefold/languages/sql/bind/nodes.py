"""Makes the nodes of a bound tree: each with its type and where it stood in the text."""

from __future__ import annotations

from functools import lru_cache
from typing import TypeVar

from fivefold.plan import nodes as exp
from fivefold.plan.statement import type_of
from fivefold.values.types import BOOLEAN, UNKNOWN, Kind, Stored, Type

Node = exp.Expr
_Node = TypeVar("_Node", bound=exp.Expr)


def typed(node: _Node, type_: Type, at: int = -1) -> _Node:
    """Give a node its type and offset."""
    meta = node.meta
    meta["type"] = type_
    meta["at"] = at
    return node


def at_of(node: Node) -> int:
    """Return the offset of the text that a node came from, -1 if from none."""
    found = node.meta.get("at", -1)
    return found if isinstance(found, int) else -1


def position_of(node: Node) -> int | None:
    """Return a node's position for an error: counted from 1, None if it has none."""
    at = at_of(node)
    return None if at < 0 else at + 1


def identifier(name: str) -> exp.Identifier:
    return exp.Identifier(this=name, quoted=True)


def column(source: str, name: str, type_: Type, at: int = -1) -> exp.Column:
    return typed(exp.Column(this=identifier(name), table=identifier(source)), type_, at)


def literal(value: Stored, type_: Type, at: int = -1) -> Node:
    """Return the node of a constant in stored form."""
    node: Node
    if value is None:
        node = exp.Null()
    elif type_.kind is Kind.BOOLEAN:
        node = exp.Boolean(this=bool(value))
    elif isinstance(value, bytes):
        node = exp.HexString(this=value.hex())
    elif isinstance(value, int | float):
        node = exp.Literal(this=repr(value), is_string=False)
    else:
        node = exp.Literal(this=value, is_string=True)
    return typed(node, type_, at)


def is_unknown_literal(node: Node) -> bool:
    """Say whether a node is a quoted literal (or null) that waits for its type."""
    return type_of(node) == UNKNOWN and isinstance(node, exp.Literal | exp.Null)


@lru_cache(256)
def _type_name(type_: Type) -> str:
    return str(type_)


def cast_node(
    operand: Node, type_: Type, *, assignment: bool = False, at: int | None = None
) -> exp.Cast:
    """Return the node that converts ``operand`` to ``type_``."""
    node = exp.Cast(this=operand, to=_type_name(type_))
    typed(node, type_, at_of(operand) if at is None else at)
    if assignment:
        node.meta["assignment"] = True
    return node


def call(name: str, arguments: list[Node], type_: Type, at: int = -1) -> exp.Anonymous:
    return typed(exp.Anonymous(this=name, expressions=arguments), type_, at)


def conjunction(parts: list[Node], kind: type[exp.And] | type[exp.Or] = exp.And) -> Node:
    """Join conditions; a lower part that is an OR inside an AND gets parentheses."""
    wrapped = [parenthesized(part) if len(parts) > 1 else part for part in parts]
    node = wrapped[0]
    for part in wrapped[1:]:
        node = typed(kind(this=node, expression=part), BOOLEAN, at_of(parts[0]))
    return node


def parenthesized(node: Node) -> Node:
    """Wrap an operator in parentheses, so that any generator keeps the tree's own order."""
    if isinstance(
        node, exp.Binary | exp.Unary | exp.In | exp.Between | exp.Escape
    ) and not isinstance(node, exp.Paren):
        return typed(exp.Paren(this=node), type_of(node), at_of(node))
    return node


def is_null(node: Node) -> exp.Is:
    return typed(exp.Is(this=parenthesized(node), expression=exp.Null()), BOOLEAN, at_of(node))


def negate(made: Node, negated: bool, at: int) -> Node:
    """Wrap in NOT if asked."""
    if not negated:
        return made
    outer = typed(exp.Not(this=parenthesized(made)), BOOLEAN, at)
    outer.meta["negated"] = True  # by a word of the test's own, not by NOT before it
    return outer
