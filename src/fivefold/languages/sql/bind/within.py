"""Binds aggregates WITHIN GROUP: ordered-set ones, and those of a hypothetical row.

Source: the PostgreSQL manual, 4.2.7 "Aggregate Expressions" and 9.21.
"""

from __future__ import annotations

from typing import cast as typing_cast

import fivefold.languages.sql.bind.calls as calls
import fivefold.languages.sql.bind.expressions as expressions
from fivefold.errors import InvalidStatement, Unsupported
from fivefold.languages.sql import tree
from fivefold.languages.sql.bind import grouping, nodes, resolve
from fivefold.languages.sql.bind.casts import Ease, coerce, settle
from fivefold.languages.sql.bind.nodes import Node, typed
from fivefold.languages.sql.bind.operators import again
from fivefold.languages.sql.bind.scopes import Scope
from fivefold.languages.sql.functions.aggregates import HYPOTHETICAL
from fivefold.languages.sql.signatures import Form, Function
from fivefold.plan import nodes as exp
from fivefold.plan.statement import type_of
from fivefold.values.types import Type

_Parts = tuple[list[Node], list[Node], Type]
"""Direct arguments, what the rows are ordered by, and the result's type."""


def bind_within(scope: Scope, node: tree.Call, name: str) -> Node:
    """Bind a call with WITHIN GROUP."""
    outer, scope.inside = scope.inside, "aggregate"
    try:
        direct = [expressions.bind(scope, argument) for argument in node.arguments]
        values = [expressions.bind(scope, key.value) for key in node.within]
        bind_parts = _hypothetical if name in HYPOTHETICAL else _ordered_set
        direct, values, result = bind_parts(scope, node, name, direct, values)
        values = [settle(scope.state, value) for value in values]
        condition = None if node.filter is None else calls.bind_filter(scope, node.filter)
    finally:
        scope.inside = outer
    if node.over is not None:
        raise Unsupported(
            f"OVER is not supported for ordered-set aggregate {name}", position=node.at + 1
        )
    order = []
    for key, value in zip(node.within, values, strict=True):
        grouping.check_order(value, key.at)
        order.append(calls.ordered(value, key))
    owner = calls.owner_of(scope, [*values, *([] if condition is None else [condition])])
    calls.check_place(owner, node, windowed=False)
    owner.aggregates = True
    owner.lent = owner.lent or owner is not scope
    made: Node = exp.WithinGroup(
        this=nodes.call(name, direct, result, node.at), order=exp.Order(expressions=order)
    )
    typed(made, result, node.at)
    if condition is not None:
        made = exp.Filter(this=made, expression=exp.Where(this=condition))
        typed(made, result, node.at)
    made.meta["aggregate"] = owner.number
    made.meta["direct"] = direct
    return made


def _ordered_set(
    scope: Scope, node: tree.Call, name: str, direct: list[Node], values: list[Node]
) -> _Parts:
    arguments = [*direct, *values]
    found = resolve.function(name, tuple(type_of(one) for one in arguments))
    if isinstance(found, InvalidStatement):
        raise again(found, node.at)
    function = typing_cast(Function, found.chosen)
    if function.form is not Form.ORDERED:
        if function.form is Form.AGGREGATE:
            raise InvalidStatement(
                f"{name} is not an ordered-set aggregate, so it cannot have WITHIN GROUP",
                "wrong_object_type",
                position=node.at + 1,
            )
        raise InvalidStatement(
            f"WITHIN GROUP specified, but {name} is not an aggregate function",
            "wrong_object_type",
            position=node.at + 1,
        )
    fitted = [
        coerce(scope.state, one, type_, Ease.IMPLICIT)
        for one, type_ in zip(arguments, found.types, strict=True)
    ]
    return fitted[: len(direct)], fitted[len(direct) :], found.result


def _hypothetical(
    scope: Scope, node: tree.Call, name: str, direct: list[Node], values: list[Node]
) -> _Parts:
    if len(direct) != len(values):
        shown = ", ".join(str(type_of(one)) for one in [*direct, *values])
        raise InvalidStatement(
            f"function {name}({shown}) does not exist",
            "undefined_function",
            hint=f"To use the hypothetical-set aggregate {name}, the number of hypothetical "
            f"direct arguments (here {len(direct)}) must match the number of ordering columns "
            f"(here {len(values)}).",
            position=node.at + 1,
        )
    for at, pair in enumerate(zip(direct, values, strict=True)):
        (direct[at], values[at]), _ = expressions.bring(scope, list(pair), "WITHIN GROUP")
    return direct, values, HYPOTHETICAL[name]
