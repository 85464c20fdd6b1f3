"""Binds the tests that SQL has words for: IS, LIKE, BETWEEN, IN, ANY and ALL.

Source: the PostgreSQL manual, 9.2 "Comparison Functions and Operators", 9.7 "Pattern Matching",
9.23 "Subquery Expressions", 9.24 "Row and Array Comparisons".
"""

from __future__ import annotations

import fivefold.languages.sql.bind.expressions as expressions
from fivefold.errors import InvalidStatement
from fivefold.languages.sql import tree
from fivefold.languages.sql.bind import nodes, rows
from fivefold.languages.sql.bind.casts import Ease, bare, coerce, common_type
from fivefold.languages.sql.bind.nodes import Node, conjunction, negate, parenthesized, typed
from fivefold.languages.sql.bind.operators import apply
from fivefold.languages.sql.bind.scopes import Scope
from fivefold.plan import nodes as exp
from fivefold.plan.statement import type_of
from fivefold.values.types import BOOLEAN, TEXT, UNKNOWN, Kind, Type, array_of, element_of


def test_of(scope: Scope, node: tree.Test) -> Node:
    if isinstance(node.operand, tree.RowOf):
        return rows.test_null(scope, node)
    if node.what == "null":
        operand = expressions.bind(scope, node.operand)
        if type_of(operand).fields:
            from fivefold.languages.sql.bind import records

            return records.test_null(operand, node.at, negated=node.negated)
        right: Node = exp.Null()
    else:
        shown = f"IS {'NOT ' if node.negated else ''}{node.what.upper()}"
        operand = expressions.condition(scope, node.operand, shown)
        right = exp.Null() if node.what == "unknown" else exp.Boolean(this=node.what == "true")
    made: Node = typed(exp.Is(this=parenthesized(operand), expression=right), BOOLEAN, node.at)
    made.meta["what"] = node.what
    return negate(made, node.negated, node.at)


def distinct(scope: Scope, node: tree.Distinct) -> Node:
    if isinstance(node.left, tree.RowOf) and isinstance(node.right, tree.RowOf):
        return rows.distinct(scope, node.left, node.right, node.at, negated=node.negated)
    left, right = expressions.bind(scope, node.left), expressions.bind(scope, node.right)
    if type_of(left).fields and type_of(right).fields:
        from fivefold.languages.sql.bind import records

        return records.distinct(scope, left, right, node.at, negated=node.negated)
    equal = apply(scope.state, "=", left, right, node.at)
    kind = exp.NullSafeEQ if node.negated else exp.NullSafeNEQ
    return typed(kind(this=equal.this, expression=equal.expression), BOOLEAN, node.at)


_LIKES = {"like": "~~", "ilike": "~~*"}


def like(scope: Scope, node: tree.Like) -> Node:
    state = scope.state
    operand, pattern = expressions.bind(scope, node.operand), expressions.bind(scope, node.pattern)
    made: Node
    if node.op == "similar":
        pattern = coerce(state, pattern, TEXT, Ease.IMPLICIT)
        if type_of(operand).kind is not Kind.BPCHAR:
            operand = coerce(state, operand, TEXT, Ease.IMPLICIT)
        made = typed(
            exp.SimilarTo(this=parenthesized(operand), expression=pattern), BOOLEAN, node.at
        )
    else:
        made = apply(state, _LIKES[node.op], operand, pattern, node.at)
    for part in made.expression.walk():
        part.meta.pop("lift", None)  # its value decides how the match is done
    if node.escape is not None:
        escape = coerce(state, expressions.bind(scope, node.escape), TEXT, Ease.IMPLICIT)
        escape.meta.pop("lift", None)
        made = typed(exp.Escape(this=made, expression=escape), BOOLEAN, node.at)
    return negate(made, node.negated, node.at)


def between(scope: Scope, node: tree.Between) -> Node:
    if node.symmetric:
        operands = (
            tree.Between(node.operand, node.low, node.high, node.negated, False, node.at),
            tree.Between(node.operand, node.high, node.low, node.negated, False, node.at),
        )
        return expressions.bind(
            scope, tree.Logic("and" if node.negated else "or", operands, node.at)
        )
    state = scope.state
    low = apply(
        state,
        ">=",
        expressions.bind(scope, node.operand),
        expressions.bind(scope, node.low),
        node.at,
    )
    high = apply(
        state,
        "<=",
        expressions.bind(scope, node.operand),
        expressions.bind(scope, node.high),
        node.at,
    )
    made: Node
    if low.this == high.this and type_of(low.this) == type_of(high.this):
        made = typed(
            exp.Between(this=low.this, low=low.expression, high=high.expression), BOOLEAN, node.at
        )
    else:
        made = conjunction([low, high])
    return negate(made, node.negated, node.at)


def is_in(scope: Scope, node: tree.In) -> Node:
    if isinstance(node.items, tree.Query):
        return rows.in_query(scope, node, node.items)
    if isinstance(node.operand, tree.RowOf):
        return rows.in_rows(scope, node)
    state = scope.state
    operand = expressions.bind(scope, node.operand)
    items = [expressions.bind(scope, item) for item in node.items]
    try:
        chosen = common_type([type_of(operand), *map(type_of, items)], "IN")
    except InvalidStatement:
        op, join = ("<>", exp.And) if node.negated else ("=", exp.Or)
        return conjunction(
            [apply(state, op, operand.copy(), item, node.at) for item in items], join
        )
    if state.faithful:
        return _in_as_stored(scope, node, operand, items, chosen)
    probe = apply(state, "=", _stand_in(chosen), _stand_in(chosen), node.at)
    chosen = type_of(probe.this)
    made = exp.In(
        this=parenthesized(coerce(state, operand, chosen, Ease.IMPLICIT)),
        expressions=[coerce(state, item, chosen, Ease.IMPLICIT) for item in items],
    )
    return negate(typed(made, BOOLEAN, node.at), node.negated, node.at)


def _in_as_stored(
    scope: Scope, node: tree.In, operand: Node, items: list[Node], common: Type
) -> Node:
    """Bind IN as PostgreSQL keeps it: = ANY of an array of what has no columns, = with the rest."""
    state = scope.state
    op, join = ("<>", exp.And) if node.negated else ("=", exp.Or)
    plain = [item for item in items if item.find(exp.Column) is None]
    rest = [item for item in items if item not in plain] if len(plain) > 1 else items
    parts: list[Node] = []
    if len(plain) > 1:
        brought = [coerce(state, item, common, Ease.IMPLICIT) for item in plain]
        array: Node = typed(exp.Array(expressions=brought), array_of(common), node.at)
        made = apply(state, op, operand.copy(), _stand_in(common), node.at)
        parts.append(rows.over(state, made, op, array, common, every=node.negated))
    parts += [apply(state, op, operand.copy(), item, node.at) for item in rest]
    return conjunction(parts, join)


def _stand_in(type_: Type) -> Node:
    """Return a node that is only asked for its type."""
    return nodes.column("", "", type_)


def quantified(scope: Scope, node: tree.Quantified) -> Node:
    if isinstance(node.right, tree.Query):
        return rows.quantified_query(scope, node, node.right)
    state = scope.state
    left, right = expressions.bind(scope, node.left), expressions.bind(scope, node.right)
    if type_of(right) == UNKNOWN:
        element = type_of(left)
        right = coerce(
            state,
            right,
            array_of(TEXT if element == UNKNOWN else bare(element)),
            Ease.IMPLICIT,
        )
    element_type = element_of(type_of(right))
    if element_type is None:
        raise InvalidStatement(
            "op ANY/ALL (array) requires array on right side",
            "wrong_object_type",
            position=node.at + 1,
        )
    member = typed(exp.Each(), element_type, node.at)
    made = apply(state, node.op, left, member, node.at)
    return rows.over(state, made, node.op, right, element_type, every=node.every)
