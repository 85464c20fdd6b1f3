"""Binds the expressions that the catalog keeps as text: checks, generated columns, index parts.

A bound tree for the store names its columns without their table, see catalog/changes.py.
"""

from __future__ import annotations

import fivefold.languages.sql.bind.expressions as expressions
from fivefold.catalog.containers import Table
from fivefold.errors import InvalidStatement, Unsupported
from fivefold.languages.sql import tree
from fivefold.languages.sql.bind.casts import require, settle
from fivefold.languages.sql.bind.nodes import Node
from fivefold.languages.sql.bind.scopes import Scope, Visible
from fivefold.languages.sql.bind.sources import table_source
from fivefold.languages.sql.bind.state import Context, State
from fivefold.languages.sql.parse.statements import parse_expression
from fivefold.languages.sql.signatures import Function, Volatility
from fivefold.languages.sql.tokens import tokenize
from fivefold.plan import nodes as exp
from fivefold.values.types import BOOLEAN


def table_scope(context: Context, table: Table, clause: str) -> Scope:
    """Return a scope in which only the table's own columns are seen."""
    scope = Scope(State(context, quiet=True), clause=clause)
    source = table_source(table, table.name)
    scope.sources = [source]
    scope.visible = [Visible(entry.name, source, entry) for entry in source.fields]
    return scope


def bind_part(
    context: Context, table: Table, value: tree.Expr, clause: str, *, condition: bool = False
) -> Node:
    """Bind one expression over a row of ``table``; columns come out unqualified."""
    scope = table_scope(context, table, clause)
    bound = expressions.bind(scope, value)
    bound = (
        require(scope.state, bound, BOOLEAN, clause) if condition else settle(scope.state, bound)
    )
    if scope.state.parameters:
        raise InvalidStatement("there is no parameter $1", "undefined_parameter")
    for node in bound.walk():
        if isinstance(node, exp.Subquery | exp.Exists):
            raise Unsupported(f"cannot use subquery in {clause}")
        if isinstance(node, exp.Column):
            node.set("table", None)
        node.meta.pop("scope", None)
        node.meta.pop("lift", None)
    return bound


def refuse_mutable(bound: Node, what: str) -> None:
    """Refuse a function whose result may change, where it is computed once."""
    for node in bound.walk():
        function = node.meta.get("function")
        if isinstance(function, Function) and function.volatility is not Volatility.IMMUTABLE:
            raise InvalidStatement(what, "invalid_object_definition")


def bind_all(context: Context, table: Table) -> dict[str, Node]:
    """Return every expression of the table by its text, as stores want them."""
    found: dict[str, Node] = {}
    for check in table.checks:
        value = parse_expression(check.expression)
        found[check.expression] = bind_part(
            context, table, value, "check constraints", condition=True
        )
    for column in table.columns:
        if column.generated is not None:
            from fivefold.languages.sql.bind.defaults import assigned

            value = parse_expression(column.generated)
            bound = bind_part(context, table, value, "column generation expressions")
            found[column.generated] = assigned(State(context), bound, column.type)
    names = {column.name for column in table.columns}
    for index in table.indexes:
        for part in index.parts:
            if part.expression not in names:
                value = parse_expression(part.expression)
                found[part.expression] = bind_part(context, table, value, "index expressions")
        if index.where is not None:
            value = parse_expression(index.where)
            found[index.where] = bind_part(
                context, table, value, "index predicates", condition=True
            )
    return found


def columns_of(text: str, table: Table) -> set[str]:
    """Return the columns of ``table`` that an expression's text names."""
    names = {column.name for column in table.columns}
    return {
        value for kind, value, _, _ in tokenize(text) if kind in ("word", "name") and value in names
    }


def rename_column(text: str, old: str, new: str) -> str:
    """Return an expression's text with a column renamed."""
    pieces, done = [], 0
    tokens = tokenize(text)
    for index, (kind, value, start, end) in enumerate(tokens):
        if kind not in ("word", "name") or value != old or tokens[index + 1][1] == "(":
            continue
        pieces += [text[done:start], '"' + new.replace('"', '""') + '"']
        done = end
    return "".join([*pieces, text[done:]])
