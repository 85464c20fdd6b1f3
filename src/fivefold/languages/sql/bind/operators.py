"""Applies an operator to bound operands."""

from __future__ import annotations

from fivefold.errors import InvalidStatement
from fivefold.languages.sql.bind import nodes, resolve
from fivefold.languages.sql.bind.casts import Ease, bare, castable, coerce
from fivefold.languages.sql.bind.nodes import Node, parenthesized, typed
from fivefold.languages.sql.bind.state import State
from fivefold.languages.sql.signatures import Operator
from fivefold.plan import nodes as exp
from fivefold.plan.statement import type_of
from fivefold.values.records import changed
from fivefold.values.types import FLOAT4, FLOAT8, TEXT, Kind, Type

_MIXED = ((FLOAT4, FLOAT8), (FLOAT8, FLOAT4))


def again(error: InvalidStatement, at: int) -> InvalidStatement:
    """Return a copy of a remembered error, to raise at this place."""
    return InvalidStatement(
        error.message, error.code, hint=error.hint, position=at + 1 if at >= 0 else None
    )


def apply(state: State, symbol: str, left: Node | None, right: Node, at: int) -> Node:
    """Return ``left symbol right`` bound; raises InvalidStatement (undefined_function) if none
    fits.
    """
    found = resolve.operator(symbol, None if left is None else type_of(left), type_of(right))
    if isinstance(found, InvalidStatement):
        from fivefold.languages.sql import instead

        instead.refuse_operator(symbol, at)
        raise again(found, at)
    operator = found.chosen
    assert isinstance(operator, Operator)
    operands = [right] if left is None else [left, right]
    if found.types in _MIXED and not state.faithful:
        found = changed(found, types=(FLOAT8, FLOAT8))
    operands = [
        _fit(state, operand, type_) for operand, type_ in zip(operands, found.types, strict=True)
    ]
    node = operator.node
    if not node[0].isupper():
        made = nodes.call(node, operands, found.result, at)
        made.meta["operator"] = operator
        return made
    if node == "DPipe" and not state.faithful:
        operands = [coerce(state, operand, TEXT, Ease.EXPLICIT) for operand in operands]
    operands = [parenthesized(operand) for operand in operands]
    if left is None:
        if node == "Paren":  # a plus sign before a number says nothing
            return operands[0]
        unary: Node = getattr(exp, node)(this=operands[0])
        return typed(unary, found.result, at)
    negated = node.startswith("Not")
    kind = getattr(exp, node.removeprefix("Not") if negated else node)
    bound: Node = kind(this=operands[0], expression=operands[1])
    typed(bound, found.result, at)
    if negated:
        outer = typed(exp.Not(this=parenthesized(bound)), found.result, at)
        outer.meta["negated"] = True
        return outer
    return bound


def _fit(state: State, operand: Node, target: Type) -> Node:
    """Coerce to the operator's type; a type that differs by its modifier only needs nothing."""
    source = type_of(operand)
    if source == target or bare(source) == target:
        return operand
    if source.kind is Kind.VARCHAR and target == TEXT and not state.faithful:
        return operand  # the same stored form
    return coerce(state, operand, target, Ease.IMPLICIT)


def behind(state: State, name: str, arguments: list[Node], at: int) -> Node | None:
    """Bind the function behind an operator as the operator; None if the name is of no such."""
    from fivefold.languages.sql.functions.behind import BEHIND

    symbol, words = BEHIND.get(name, ("", ()))
    types = [Type(Kind(word)) for word in words]
    if len(types) != len(arguments) or not types:
        return None
    if not all(
        castable(type_of(one), type_, Ease.IMPLICIT)
        for one, type_ in zip(arguments, types, strict=True)
    ):
        return None
    *left, right = [
        coerce(state, one, type_, Ease.IMPLICIT)
        for one, type_ in zip(arguments, types, strict=True)
    ]
    return apply(state, symbol, left[0] if left else None, right, at)
