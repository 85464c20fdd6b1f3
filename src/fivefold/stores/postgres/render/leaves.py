"""Constants, parameters and columns, with their types."""

from __future__ import annotations

from fivefold.plan import nodes as exp
from fivefold.plan.statement import type_of
from fivefold.stores.postgres.names import quote, string, type_name
from fivefold.stores.postgres.render.writer import Handler, render
from fivefold.values.text import output
from fivefold.values.types import Kind, Type


def typed(text: str, type_: Type) -> str:
    """Write a cast, if the type has a name."""
    name = type_name(type_)
    return text if name is None else f"CAST({text} AS {name})"


def _literal(node: exp.Literal) -> str:
    value = node.this
    if type_of(node).kind is Kind.INT4 and not value.startswith("-"):
        return str(value)
    return _constant(node)


def _constant(node: exp.Literal) -> str:
    """Write a constant that is no bare number."""
    type_ = type_of(node)
    value = output(type_)(node.this) if type_.kind is Kind.ARRAY else node.this
    value = node.meta.get("qualified", value)  # a relation: the server's search path is another
    return typed(string(value), type_)


def key(node: exp.Expr) -> str:
    """Write what rows are grouped, ordered or made distinct by."""
    if isinstance(node, exp.Boolean):
        return typed(string("t" if node.this else "f"), type_of(node))
    return _constant(node) if isinstance(node, exp.Literal) else render(node)


def _boolean(node: exp.Boolean) -> str:
    return "TRUE" if node.this else "FALSE"


def _null(node: exp.Null) -> str:
    return typed("NULL", type_of(node))


def _hex_string(node: exp.HexString) -> str:
    return f"'\\x{node.this}'::bytea"


def _parameter(node: exp.Parameter) -> str:
    return typed(f"${node.this.this}", type_of(node))


def _column(node: exp.Column) -> str:
    return f"{quote(node.table)}.{quote(node.name)}" if node.table else quote(node.name)


HANDLERS: dict[type[exp.Expr], Handler] = {
    exp.Literal: _literal,
    exp.Boolean: _boolean,
    exp.Null: _null,
    exp.HexString: _hex_string,
    exp.Parameter: _parameter,
    exp.Column: _column,
}
