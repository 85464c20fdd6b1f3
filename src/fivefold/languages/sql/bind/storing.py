"""Values on their way into columns: whether they fit, and the cast of an assignment.

Source: the PostgreSQL manual, 10.4 "Value Storage".
"""

from __future__ import annotations

import fivefold.languages.sql.bind.expressions as expressions
import fivefold.languages.sql.bind.queries as queries
from fivefold.catalog.containers import Column, Table
from fivefold.errors import InvalidStatement
from fivefold.languages.sql import tree
from fivefold.languages.sql.bind import nodes
from fivefold.languages.sql.bind.casts import bare
from fivefold.languages.sql.bind.defaults import assigned, default_of, fits, null_of
from fivefold.languages.sql.bind.nodes import Node, identifier, typed
from fivefold.languages.sql.bind.scopes import Scope
from fivefold.languages.sql.bind.state import State
from fivefold.plan import nodes as exp
from fivefold.plan.statement import type_of
from fivefold.values.types import UNKNOWN, Type


def stored_value(
    scope: Scope, table: Table, column: Column, value: tree.Expr, *, user: bool = False
) -> Node:
    """Bind one value that is stored into ``column``; DEFAULT is its default."""
    if isinstance(value, tree.Default) or (user and column.identity is not None):
        return default_of(scope.state, table, column) or null_of(column.type)
    bound = expressions.bind(scope, value)
    check_fits(column, type_of(bound), nodes.at_of(bound))
    return assigned(scope.state, bound, column.type)


def check_fits(column: Column, source: Type, at: int) -> None:
    """Raise InvalidStatement, pointing at an offset, if a column cannot take such a value."""
    if not fits(source, column.type):
        raise InvalidStatement(
            f'column "{column.name}" is of type {bare(column.type)} but expression is of type '
            f"{bare(source)}",
            "datatype_mismatch",
            hint="You will need to rewrite or cast the expression.",
            position=at + 1 if at >= 0 else None,
        )


def converted(state: State, bound: queries.Bound, columns: list[Column]) -> Node:
    """Return a query whose outputs are cast to the columns' types."""
    types = [entry.type for entry in bound.fields]
    if all(type_ == column.type for type_, column in zip(types, columns, strict=True)):
        return bound.node
    node = bound.node
    simple = isinstance(node, exp.Select) and node.args.get("distinct") is None
    if not simple:
        unsettled = [
            column.type if entry.type == UNKNOWN else entry.type
            for entry, column in zip(bound.fields, columns, strict=True)
        ]
        queries.convert_outputs(state, bound, [bare(type_) for type_ in unsettled])
        alias = "*SELECT*"
        outputs: list[Node] = [
            nodes.column(alias, entry.inner, entry.type) for entry in bound.fields
        ]
        node = exp.Select(
            expressions=outputs,
            from_=exp.From(
                this=exp.Subquery(this=bound.node, alias=exp.TableAlias(this=identifier(alias)))
            ),
        )
    wrapped = []
    for output, column in zip(node.expressions, columns, strict=True):
        inner = output.this if isinstance(output, exp.Alias) else output
        value = assigned(state, inner, column.type)
        wrapped.append(typed(exp.Alias(this=value, alias=identifier(column.name)), column.type))
    node.set("expressions", wrapped)
    return node
