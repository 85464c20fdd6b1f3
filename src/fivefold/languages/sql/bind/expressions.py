"""Binds expressions: one function for each kind of node, found in ``_BINDERS``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import fivefold.languages.sql.bind.calls as calls
import fivefold.languages.sql.bind.predicates as predicates
import fivefold.languages.sql.bind.queries as queries
import fivefold.languages.sql.bind.subscripts as subscripts
from fivefold.errors import FivefoldError, InvalidStatement, Unsupported
from fivefold.languages.sql import tree
from fivefold.languages.sql.bind import nodes, rows
from fivefold.languages.sql.bind.casts import (
    Ease,
    castable,
    coerce,
    common_type,
    require,
    settle,
)
from fivefold.languages.sql.bind.names import name_column, named_type
from fivefold.languages.sql.bind.nodes import Node, at_of, conjunction, parenthesized, typed
from fivefold.languages.sql.bind.operators import apply
from fivefold.languages.sql.bind.scopes import Scope
from fivefold.plan import nodes as exp
from fivefold.plan.statement import type_of
from fivefold.values.types import (
    BOOLEAN,
    INT4,
    INT8,
    INTEGER_RANGE,
    INTERVAL,
    NUMERIC,
    TEXT,
    UNKNOWN,
    Kind,
    Type,
    array_of,
)


def bind(scope: Scope, node: tree.Expr) -> Node:
    """Return the bound node; its type may still be unknown (a bare literal, parameter or null)."""
    return _BINDERS[type(node)](scope, node)


def bind_settled(scope: Scope, node: tree.Expr) -> Node:
    """Bind, and make text of what is still unknown."""
    return settle(scope.state, bind(scope, node))


def condition(scope: Scope, node: tree.Expr, construct: str) -> Node:
    """Bind what must be boolean: ``construct`` is WHERE, AND, CASE/WHEN … for the error."""
    return require(scope.state, bind(scope, node), BOOLEAN, construct)


def bring(scope: Scope, parts: list[Node], construct: str) -> tuple[list[Node], Type]:
    """Bring parts to their common type."""
    at = next((at_of(part) for part in parts if type_of(part) != UNKNOWN), -1)
    chosen = _common(parts, construct, at)
    return [coerce(scope.state, part, chosen, Ease.IMPLICIT) for part in parts], chosen


def _common(parts: list[Node], construct: str, at: int) -> Type:
    types = [type_of(part) for part in parts]
    try:
        return common_type(types, construct, at)
    except InvalidStatement as error:
        for index, part in enumerate(parts):  # point at the first part that does not fit
            if index and type_of(part) != UNKNOWN:
                try:
                    common_type(types[: index + 1], construct, at)
                except InvalidStatement:
                    error.position = nodes.position_of(part)
                    break
        raise


# -- leaves ---------------------------------------------------------------------------------------


def _const(scope: Scope, node: tree.Const) -> Node:
    kind, value, at = node.kind, node.value, node.at
    if kind == "int":
        number = int(value)
        low, high = INTEGER_RANGE[Kind.INT4]
        if low <= number <= high:
            type_ = INT4
        else:
            low, high = INTEGER_RANGE[Kind.INT8]
            type_ = INT8 if low <= number <= high else NUMERIC
        made: Node = typed(exp.Literal(this=str(number), is_string=False), type_, at)
        return _liftable(scope, made, node, type_)
    if kind == "number":
        made = nodes.literal(_numeric(value), NUMERIC, at)
        return _liftable(scope, made, node, NUMERIC)
    if kind == "string":
        return _liftable(scope, nodes.literal(value, UNKNOWN, at), node, UNKNOWN)
    if kind == "null":
        return typed(exp.Null(), UNKNOWN, at)
    if kind == "bool":
        return typed(exp.Boolean(this=value == "true"), BOOLEAN, at)
    raise Unsupported("bit strings are not supported", position=at + 1)


def _numeric(text: str) -> str:
    from fivefold.values.text import parse

    return str(parse(NUMERIC, text))


def _liftable(scope: Scope, made: Node, node: tree.Const, type_: Type) -> Node:
    number = scope.state.lifts.get(node.token_at)
    if number is not None:
        negated = node.kind != "string" and node.value.startswith("-")
        # -2147483648 is an int4, 2147483648 an int8: such a literal keeps its own value.
        if not negated or int(float(node.value)) not in (-(2**31), -(2**63)):
            made.meta["lift"] = (number, negated)
    return made


def _parameter(scope: Scope, node: tree.Parameter) -> Node:
    type_ = scope.state.parameter(node)
    number = exp.Literal(this=str(node.number), is_string=False)
    return typed(exp.Parameter(this=number), type_, node.at)


def _name(scope: Scope, node: tree.Name) -> Node:
    if node.star:
        if scope.clause == "":
            raise InvalidStatement(
                'row expansion via "*" is not supported here', position=node.at + 1
            )
        from fivefold.languages.sql.bind.records import source_row

        return source_row(scope, node)
    return name_column(scope, node)


def _default(scope: Scope, node: tree.Default) -> Node:
    raise InvalidStatement("DEFAULT is not allowed in this context", position=node.at + 1)


# -- operators ------------------------------------------------------------------------------------


def _unary(scope: Scope, node: tree.Unary) -> Node:
    return apply(scope.state, node.op, None, bind(scope, node.operand), node.at)


def _binary(scope: Scope, node: tree.Binary) -> Node:
    if isinstance(node.left, tree.RowOf) or isinstance(node.right, tree.RowOf):
        return rows.compare(scope, node)
    left, right = bind(scope, node.left), bind(scope, node.right)
    if type_of(left).fields or type_of(right).fields:
        from fivefold.languages.sql.bind import records

        return records.compare(scope, node.op, left, right, node.at)
    return apply(scope.state, node.op, left, right, node.at)


def _logic(scope: Scope, node: tree.Logic) -> Node:
    if node.op == "not":
        operand = condition(scope, node.operands[0], "NOT")
        return typed(exp.Not(this=parenthesized(operand)), BOOLEAN, node.at)
    parts = [condition(scope, part, node.op.upper()) for part in node.operands]
    return conjunction(parts, exp.And if node.op == "and" else exp.Or)


# -- subqueries -----------------------------------------------------------------------------------


def _exists(scope: Scope, node: tree.Exists) -> Node:
    bound = queries.bind_query(scope, node.query)
    return typed(exp.Exists(this=bound.node), BOOLEAN, node.at)


def _scalar(scope: Scope, node: tree.Scalar) -> Node:
    bound = queries.bind_query(scope, node.query)
    if len(bound.fields) != 1:
        raise InvalidStatement("subquery must return only one column", position=node.at + 1)
    return typed(exp.Subquery(this=bound.node), bound.fields[0].type, node.at)


def _array_query(scope: Scope, node: tree.ArrayQuery) -> Node:
    bound = queries.bind_query(scope, node.query)
    if len(bound.fields) != 1:
        raise InvalidStatement("subquery must return only one column", position=node.at + 1)
    made = exp.Array(expressions=[bound.node])
    made.meta["query"] = True  # ARRAY[(SELECT …)] holds a value
    return typed(made, array_of(bound.fields[0].type), node.at)


# -- composites -----------------------------------------------------------------------------------


def _array(scope: Scope, node: tree.ArrayOf) -> Node:
    return array_of_items(scope, node, None)


def array_of_items(scope: Scope, node: tree.ArrayOf, element: Type | None) -> Node:
    """Bind ARRAY[…]; ``element`` is what a cast around it asks for."""
    if not node.items and element is None:
        raise InvalidStatement(
            "cannot determine type of empty array",
            "indeterminate_datatype",
            hint="Explicitly cast to the desired type, for example ARRAY[]::integer[].",
            position=node.at + 1,
        )
    parts = [
        array_of_items(scope, item, element)
        if isinstance(item, tree.ArrayOf)
        else bind(scope, item)
        for item in node.items
    ]
    if element is None:
        parts, chosen = bring(scope, parts, "ARRAY")
    else:
        chosen = element
        parts = [
            part
            if type_of(part).kind is Kind.ARRAY
            else explicit_cast(scope, part, element, at_of(part))
            for part in parts
        ]
    return typed(exp.Array(expressions=parts), array_of(chosen), node.at)


def _row(scope: Scope, node: tree.RowOf) -> Node:
    from fivefold.languages.sql.bind import records

    return records.row(scope, node)


def _field(scope: Scope, node: tree.Field) -> Node:
    from fivefold.languages.sql.bind import records

    return records.field(scope, node)


def _case(scope: Scope, node: tree.Case) -> Node:
    conditions: list[Node] = []
    operand: Node | None = None
    if node.operand is None:
        conditions = [condition(scope, when, "CASE/WHEN") for when, _ in node.whens]
    else:
        equals = []
        for when, _ in node.whens:
            subject = settle(scope.state, bind(scope, node.operand))
            equals.append(apply(scope.state, "=", subject, bind(scope, when), node.at))
        if all(equal.this == equals[0].this for equal in equals):
            operand = equals[0].this
            conditions = [equal.expression for equal in equals]
        else:
            conditions = equals
    # PostgreSQL asks the type of ELSE first.
    results = [bind(scope, result) for _, result in node.whens]
    otherwise = None if node.otherwise is None else bind(scope, node.otherwise)
    ordered = [*([] if otherwise is None else [otherwise]), *results]
    if scope.sets:
        calls.refuse_sets(scope, [*conditions, *ordered], "CASE")
    brought, chosen = bring(scope, ordered, "CASE")
    if otherwise is not None:
        otherwise, *brought = brought
    ifs = [exp.If(this=when, true=result) for when, result in zip(conditions, brought, strict=True)]
    made = exp.Case(this=operand, ifs=ifs, default=otherwise)
    return typed(made, chosen, node.at)


_SPECIALS: dict[str, tuple[type[exp.Expr], str]] = {
    "coalesce": (exp.Coalesce, "COALESCE"),
    "greatest": (exp.Greatest, "GREATEST"),
    "least": (exp.Least, "LEAST"),
}


def _special(scope: Scope, node: tree.Special) -> Node:
    parts = [bind(scope, argument) for argument in node.arguments]
    if scope.sets and node.name == "coalesce":
        calls.refuse_sets(scope, parts, "COALESCE")
    if node.name == "nullif":
        equal = apply(scope.state, "=", parts[0], parts[1], node.at)
        # The result is the first argument as written; both sides of the comparison are one type.
        made = exp.Nullif(this=equal.this, expression=equal.expression)
        type_ = type_of(equal.this)
        return typed(made, TEXT if type_.kind is Kind.VARCHAR else type_, node.at)
    kind, construct = _SPECIALS[node.name]
    brought, chosen = bring(scope, parts, construct)
    return typed(kind(this=brought[0], expressions=brought[1:]), chosen, node.at)


# -- casts ----------------------------------------------------------------------------------------


def _cast(scope: Scope, node: tree.Cast) -> Node:
    fields, operand_ = node.type.fields, node.operand
    if fields and isinstance(operand_, tree.Const) and operand_.kind == "string":
        from fivefold.values.intervals import parse_fields
        from fivefold.values.records import changed
        from fivefold.values.text import parse

        try:
            value = parse_fields(operand_.value, fields)
            if node.type.modifiers:
                rounded = named_type(changed(node.type, fields=None), scope.state.context)
                value = str(parse(rounded, value))
        except FivefoldError as error:
            error.position = operand_.at + 1
            raise
        return nodes.literal(value, INTERVAL, operand_.at)
    target = named_type(node.type, scope.state.context)
    if isinstance(node.operand, tree.ArrayOf) and target.element is not None:
        return array_of_items(scope, node.operand, target.element)
    operand = bind(scope, node.operand)
    for part in operand.walk():
        if (
            isinstance(part, exp.Literal)
            and part is operand
            and isinstance(node.operand, tree.Const)
            and node.operand.kind == "string"
        ):
            part.meta.pop("lift", None)  # a typed literal is read when the statement is bound
    return explicit_cast(scope, operand, target, node.at)


def explicit_cast(scope: Scope, operand: Node, target: Type, at: int) -> Node:
    """Convert as CAST does; raises InvalidStatement (cannot_coerce) if there is no such cast."""
    source = type_of(operand)
    if not castable(source, target, Ease.EXPLICIT):
        raise InvalidStatement(
            f"cannot cast type {source} to {target}", "cannot_coerce", position=at + 1
        )
    if source == target and not isinstance(operand, exp.Column):
        return operand
    made = coerce(scope.state, operand, target, Ease.EXPLICIT, at)
    return made if type_of(made) == target else nodes.cast_node(made, target, at=at)


def _collate(scope: Scope, node: tree.Collate) -> Node:
    operand = settle(scope.state, bind(scope, node.operand))
    if node.name not in ("C", "POSIX", "default", "ucs_basic"):
        raise Unsupported(
            f'collation "{node.name}" is not supported; texts compare as bytes, like "C"',
            position=node.at + 1,
        )
    if scope.state.faithful:
        operand = typed(exp.Paren(this=operand), type_of(operand), node.at)
        operand.meta["collation"] = node.name
    return operand


_BINDERS: dict[type, Callable[[Scope, Any], Node]] = {
    tree.Const: _const,
    tree.Parameter: _parameter,
    tree.Name: _name,
    tree.Default: _default,
    tree.Unary: _unary,
    tree.Binary: _binary,
    tree.Logic: _logic,
    tree.Test: predicates.test_of,
    tree.Distinct: predicates.distinct,
    tree.Like: predicates.like,
    tree.Between: predicates.between,
    tree.In: predicates.is_in,
    tree.Quantified: predicates.quantified,
    tree.Exists: _exists,
    tree.Scalar: _scalar,
    tree.ArrayQuery: _array_query,
    tree.ArrayOf: _array,
    tree.RowOf: _row,
    tree.Field: _field,
    tree.Subscript: subscripts.subscript,
    tree.Case: _case,
    tree.Special: _special,
    tree.Cast: _cast,
    tree.Collate: _collate,
    tree.Call: calls.bind_call,
}
