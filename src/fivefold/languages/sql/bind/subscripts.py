"""Binds subscripts of arrays, of jsonb and of names.

Source: the PostgreSQL manual, 8.15.3 "Accessing Arrays", 8.14.5 "jsonb Subscripting".
"""

from __future__ import annotations

import fivefold.languages.sql.bind.expressions as expressions
from fivefold.errors import InvalidStatement
from fivefold.languages.sql import tree
from fivefold.languages.sql.bind import nodes
from fivefold.languages.sql.bind.casts import Ease, castable, coerce
from fivefold.languages.sql.bind.nodes import Node, at_of, typed
from fivefold.languages.sql.bind.operators import apply
from fivefold.languages.sql.bind.scopes import Scope
from fivefold.plan import nodes as exp
from fivefold.plan.statement import type_of
from fivefold.values.types import INT4, JSONB, TEXT, UNKNOWN, Kind, Type, element_of


def subscript(scope: Scope, node: tree.Subscript) -> Node:
    """Bind a value's subscripts, all that stand behind it."""
    base, chain = chain_of(node)
    operand = expressions.bind(scope, base)
    type_ = type_of(operand)
    if type_ == JSONB:
        for key in json_steps(scope, chain):
            operand = apply(scope.state, "->", operand, key, node.at)
        return operand
    if type_.kind is Kind.NAME and len(chain) == 1 and not node.slice and node.low is not None:
        return _letter(scope, node, node.low)
    steps, element = array_steps(scope, chain, type_, nodes.position_of(operand))
    made = exp.Bracket(this=operand, expressions=steps)
    return typed(made, element, at_of(operand))


def chain_of(node: tree.Subscript) -> tuple[tree.Expr, list[tree.Subscript]]:
    """Return what is subscripted and its subscripts, from the left."""
    chain: list[tree.Subscript] = []
    inner: tree.Expr = node
    while isinstance(inner, tree.Subscript) and (inner is node or not inner.closed):
        chain.insert(0, inner)
        inner = inner.operand
    return inner, chain


def json_steps(scope: Scope, chain: list[tree.Subscript]) -> list[Node]:
    """Bind the subscripts of a jsonb: texts and integers."""
    steps = []
    for one in chain:
        if one.slice or one.low is None:
            raise InvalidStatement(
                "jsonb subscript does not support slices",
                "datatype_mismatch",
                position=one.at + 2,
            )
        key = expressions.bind(scope, one.low)
        type_ = type_of(key)
        if type_ == UNKNOWN:
            key = coerce(scope.state, key, TEXT, Ease.IMPLICIT)
        elif castable(type_, INT4, Ease.IMPLICIT):
            key = coerce(scope.state, key, INT4, Ease.IMPLICIT)
        elif castable(type_, TEXT, Ease.IMPLICIT):
            key = coerce(scope.state, key, TEXT, Ease.IMPLICIT)
        else:
            raise InvalidStatement(
                f"subscript type {type_} is not supported",
                "datatype_mismatch",
                hint="jsonb subscript must be coercible to either integer or text.",
                position=nodes.position_of(key),
            )
        steps.append(key)
    return steps


def array_steps(
    scope: Scope, chain: list[tree.Subscript], type_: Type, position: int | None
) -> tuple[list[Node], Type]:
    """Bind the subscripts of an array, and say of what type the part is.

    If one is a slice all are: an index alone then means from 1 to it.
    """
    inner = element_of(type_)
    if inner is None:
        raise InvalidStatement(
            f"cannot subscript type {type_} because it does not support subscripting",
            "datatype_mismatch",
            position=position,
        )
    steps: list[Node] = []
    if not any(one.slice for one in chain):
        for one in chain:
            index = _index(scope, one.low)
            assert index is not None
            steps.append(index)
        return steps, inner
    for one in chain:
        low, high = _index(scope, one.low), _index(scope, one.high)
        if not one.slice:
            low, high = nodes.literal("1", INT4), low
        steps.append(exp.Slice(this=low, expression=high))
    return steps, type_


def _letter(scope: Scope, node: tree.Subscript, index: tree.Expr) -> Node:
    """Bind ``name[0]``: a name is an array of "char", counted from 0."""
    one = tree.Const("int", "1", node.at, -1)
    place = tree.Binary("+", index, one, node.at)
    call = tree.Call(("substr",), (node.operand, place, one), node.at)
    return expressions.explicit_cast(scope, expressions.bind(scope, call), Type(Kind.CHAR), node.at)


def _index(scope: Scope, node: tree.Expr | None) -> Node | None:
    if node is None:
        return None
    found = expressions.bind(scope, node)
    if not castable(type_of(found), INT4, Ease.ASSIGNMENT):
        raise InvalidStatement(
            "array subscript must have type integer",
            "datatype_mismatch",
            position=nodes.position_of(found),
        )
    return coerce(scope.state, found, INT4, Ease.ASSIGNMENT)
