"""Binds what compares rows and sets: (a, b) = (c, d), IN (…), ANY and ALL."""

from __future__ import annotations

import fivefold.languages.sql.bind.expressions as expressions
import fivefold.languages.sql.bind.queries as queries
from fivefold.errors import InvalidStatement, Unsupported
from fivefold.languages.sql import tree
from fivefold.languages.sql.bind import nodes
from fivefold.languages.sql.bind.casts import Ease, bare, coerce
from fivefold.languages.sql.bind.nodes import Node, conjunction, typed
from fivefold.languages.sql.bind.operators import apply
from fivefold.languages.sql.bind.scopes import Scope
from fivefold.languages.sql.bind.state import State
from fivefold.plan import nodes as exp
from fivefold.plan.statement import type_of
from fivefold.values.types import BOOLEAN, Type, array_of

_ORDERS = {"<": exp.LT, "<=": exp.LTE, ">": exp.GT, ">=": exp.GTE}


def _members(scope: Scope, node: tree.RowOf) -> list[Node]:
    """Bind the members of a row that is written out."""
    if any(isinstance(one, tree.Name | tree.Field) for one in node.items):
        from fivefold.languages.sql.bind.records import members_of

        return members_of(scope, node.items)
    return [expressions.bind(scope, item) for item in node.items]


def compare(scope: Scope, node: tree.Binary) -> Node:
    """Bind ``(a, b) op (c, d)`` or ``(a, b) op (SELECT …)``."""
    if isinstance(node.left, tree.RowOf) and isinstance(node.right, tree.Scalar):
        return _compare_query(scope, node, node.right.query)
    if not isinstance(node.left, tree.RowOf) or not isinstance(node.right, tree.RowOf):
        from fivefold.languages.sql.bind import records

        whole = [expressions.bind(scope, side) for side in (node.left, node.right)]
        return records.compare(scope, node.op, whole[0], whole[1], node.at)
    left, right = _members(scope, node.left), _members(scope, node.right)
    if len(left) != len(right):
        raise InvalidStatement("unequal number of entries in row expressions", position=node.at + 1)
    if not left:
        raise Unsupported("cannot compare rows of zero length", position=node.at + 1)
    pairs = [
        apply(scope.state, node.op, one, other, node.at)
        for one, other in zip(left, right, strict=True)
    ]
    if node.op not in _ORDERS and node.op not in ("=", "<>"):
        raise Unsupported(
            f"could not determine interpretation of row comparison operator {node.op}",
            hint="Row comparison operators must be associated with btree operator families.",
            position=node.at + 1,
        )
    if len(pairs) == 1:
        return pairs[0]
    if node.op == "=":
        return conjunction(pairs)
    if node.op == "<>":
        return conjunction(pairs, exp.Or)
    lefts = exp.Tuple(expressions=[pair.this for pair in pairs])
    rights = exp.Tuple(expressions=[pair.expression for pair in pairs])
    return typed(_ORDERS[node.op](this=lefts, expression=rights), BOOLEAN, node.at)


def _compare_query(scope: Scope, node: tree.Binary, query: tree.Query) -> Node:
    assert isinstance(node.left, tree.RowOf)
    bound = queries.bind_query(scope, query)
    lefts = _members(scope, node.left)
    _match_width(lefts, bound, node.at)
    converted = _convert_pairs(scope.state, node.op, lefts, bound, node.at)
    kind = {"=": exp.EQ, "<>": exp.NEQ, **_ORDERS}.get(node.op)
    if kind is None:
        raise Unsupported(f"(…) {node.op} (SELECT …) is not supported", position=node.at + 1)
    made = kind(this=exp.Tuple(expressions=converted), expression=exp.Subquery(this=bound.node))
    return typed(made, BOOLEAN, node.at)


def _match_width(lefts: list[Node], bound: queries.Bound, at: int) -> None:
    if len(bound.fields) > len(lefts):
        raise InvalidStatement("subquery has too many columns", position=at + 1)
    if len(bound.fields) < len(lefts):
        raise InvalidStatement("subquery has too few columns", position=at + 1)


def _convert_pairs(
    state: State, op: str, lefts: list[Node], bound: queries.Bound, at: int
) -> list[Node]:
    """Return the left sides, converted; the query's outputs are converted in place."""
    converted = []
    targets: list[Type] = []
    for left, entry in zip(lefts, bound.fields, strict=True):
        made = apply(state, op, left, nodes.column("", "", entry.type), at)
        converted.append(made.this)
        targets.append(type_of(made.expression))
    queries.convert_outputs(state, bound, targets)
    return converted


def test_null(scope: Scope, node: tree.Test) -> Node:
    """Bind ``(a, b) IS [NOT] NULL``: every member must (not) be null."""
    if node.what != "null":
        raise InvalidStatement(
            f"argument of IS {node.what.upper()} must be type boolean, not type record",
            "datatype_mismatch",
            position=node.operand.at + 1,
        )
    from fivefold.languages.sql.bind import records

    assert isinstance(node.operand, tree.RowOf)
    return records.test_null(records.row(scope, node.operand), node.at, negated=node.negated)


def distinct(scope: Scope, left: tree.RowOf, right: tree.RowOf, at: int, *, negated: bool) -> Node:
    """Bind ``(a, b) IS [NOT] DISTINCT FROM (c, d)``."""
    ours, theirs = _members(scope, left), _members(scope, right)
    if len(ours) != len(theirs):
        raise InvalidStatement("unequal number of entries in row expressions", position=at + 1)
    kind = exp.NullSafeEQ if negated else exp.NullSafeNEQ
    pairs: list[Node] = []
    for one, other in zip(ours, theirs, strict=True):
        same = apply(scope.state, "=", one, other, at)
        pairs.append(typed(kind(this=same.this, expression=same.expression), BOOLEAN, at))
    return conjunction(pairs, exp.And if negated else exp.Or)


def in_rows(scope: Scope, node: tree.In) -> Node:
    """Bind ``(a, b) IN ((c, d), …)``."""
    assert isinstance(node.items, tuple)
    op, join = ("<>", exp.And) if node.negated else ("=", exp.Or)
    return conjunction(
        [compare(scope, tree.Binary(op, node.operand, item, node.at)) for item in node.items], join
    )


def in_query(scope: Scope, node: tree.In, query: tree.Query) -> Node:
    """Bind ``x IN (SELECT …)`` and ``(a, b) IN (SELECT …)``."""
    bound = queries.bind_query(scope, query)
    if isinstance(node.operand, tree.RowOf):
        lefts = _members(scope, node.operand)
    else:
        lefts = [expressions.bind(scope, node.operand)]
    _match_width(lefts, bound, node.at)
    converted = _convert_pairs(scope.state, "=", lefts, bound, node.at)
    left = converted[0] if len(converted) == 1 else exp.Tuple(expressions=converted)
    made = typed(exp.In(this=left, query=exp.Subquery(this=bound.node)), BOOLEAN, node.at)
    return nodes.negate(made, node.negated, node.at)


def quantified_query(scope: Scope, node: tree.Quantified, query: tree.Query) -> Node:
    """Bind ``x op ANY|ALL (SELECT …)``."""
    if node.op == "=" and not node.every:
        return in_query(scope, tree.In(node.left, query, False, node.at), query)
    if node.op == "<>" and node.every and not scope.state.faithful:
        return in_query(scope, tree.In(node.left, query, True, node.at), query)
    if isinstance(node.left, tree.RowOf):
        raise Unsupported("a row before ANY or ALL is not supported", position=node.at + 1)
    bound = queries.bind_query(scope, query)
    left = expressions.bind(scope, node.left)
    _match_width([left], bound, node.at)
    member = typed(exp.Each(), bound.fields[0].type, node.at)
    made = apply(scope.state, node.op, left, member, node.at)
    if not _is_plain(made):
        queries.convert_outputs(scope.state, bound, [type_of(_settled_member(made))])
        right = exp.Subquery(this=bound.node)
        return _general(made, node.op, right, every=node.every, at=node.at)
    inner = made.this if isinstance(made, exp.Not) else made
    inner = inner.this if isinstance(inner, exp.Paren) else inner
    queries.convert_outputs(scope.state, bound, [type_of(inner.expression)])
    kind = exp.All if node.every else exp.Any
    return _replace_right(made, kind(this=exp.Subquery(this=bound.node)), node.at)


def over(state: State, made: Node, op: str, array: Node, element: Type, *, every: bool) -> Node:
    """Turn ``x op <one element>`` into ``x op ANY|ALL (array)``, converting the array's
    elements.
    """
    wanted = type_of(_settled_member(made))
    if wanted != bare(element):
        array = coerce(state, array, array_of(wanted), Ease.EXPLICIT)
        array.meta["implicit"] = True
    if not _is_plain(made):
        return _general(made, op, array, every=every, at=nodes.at_of(made))
    kind = exp.All if every else exp.Any
    return _replace_right(made, kind(this=array), nodes.at_of(made))


_COMPARED = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE)


def _is_plain(made: Node) -> bool:
    return isinstance(made, _COMPARED)


def _settled_member(made: Node) -> Node:
    """Return the operand that stands for an element, converted as the operator wants it."""
    inner = made.this if isinstance(made, exp.Not) else made
    inner = inner.this if isinstance(inner, exp.Paren) else inner
    right: Node = inner.expression if isinstance(inner, exp.Binary) else inner.expressions[-1]
    return right


def _general(made: Node, op: str, right: Node, *, every: bool, at: int) -> Node:
    """Return a Quantified: the condition speaks of the element as its operator wants it."""
    member = _settled_member(made)
    wanted = type_of(member)
    fresh = typed(exp.Each(), wanted, at)
    inner = made.this if isinstance(made, exp.Not) else made
    inner = inner.this if isinstance(inner, exp.Paren) else inner
    if isinstance(inner, exp.Binary):
        inner.set("expression", fresh)
    else:
        inner.set("expressions", [*inner.expressions[:-1], fresh])
    return typed(exp.Quantified(this=made, expression=right, op=op, every=every), BOOLEAN, at)


def _replace_right(made: Node, right: Node, at: int) -> Node:
    made.set("expression", right)
    return made
