"""The definitions of what the catalog holds, as PostgreSQL's functions print them.

Each takes the ``Context`` whose catalog and search path decide what names need a namespace.
"""

from __future__ import annotations

import fivefold.languages.sql.bind.expressions as binding
from fivefold.catalog.containers import (
    Action,
    Check,
    Column,
    ForeignKey,
    Index,
    IndexPart,
    Key,
    Table,
    View,
)
from fivefold.languages.sql.bind import queries as binding_queries
from fivefold.languages.sql.bind.casts import require, settle
from fivefold.languages.sql.bind.defaults import assigned
from fivefold.languages.sql.bind.nodes import Node
from fivefold.languages.sql.bind.scopes import Scope, Visible
from fivefold.languages.sql.bind.sources import table_source
from fivefold.languages.sql.bind.state import Context, State
from fivefold.languages.sql.deparse import expressions, queries, shapes
from fivefold.languages.sql.deparse.names import qualified, quoted, relation_name, string
from fivefold.languages.sql.deparse.printer import Printer
from fivefold.languages.sql.deparse.shapes import Shape
from fivefold.languages.sql.parse.statements import parse_expression, parse_query
from fivefold.values.types import BOOLEAN, Type

_FUNCTION_LIKE = (shapes.Call, shapes.Syntax, shapes.Form, shapes.Word)


def expression(context: Context, bound: Node, *, pretty: bool = False) -> str:
    """Return the text of a faithfully bound expression whose columns stand without their table."""
    p = Printer(context, pretty=pretty)
    return _shown(p, p.translator.shape(bound))


def _shown(p: Printer, shape: Shape) -> str:
    return p.apart(lambda: expressions.show(p, shape))


def column_default(
    context: Context, table: Table, column: Column, *, pretty: bool = False
) -> str | None:
    """Return ``pg_get_expr`` of a column's default or generation expression; None if it has none.

    An identity has none either; serial's is the call of its sequence.
    """
    if column.generated is not None:
        bound = _bind(context, table, column.generated, target=column.type)
    elif column.default is not None:
        bound = _bind(context, None, column.default, target=column.type)
    elif column.sequence is not None and column.identity == "serial":
        name = relation_name(context, table.namespace, column.sequence)
        return f"nextval({string(name)}::regclass)"
    else:
        return None
    return expression(context, bound, pretty=pretty)


def _bind(
    context: Context,
    table: Table | None,
    text: str,
    *,
    condition: bool = False,
    target: Type | None = None,
) -> Node:
    """Bind an expression over a row of ``table``, keeping what was written."""
    scope = Scope(State(context, quiet=True, faithful=True))
    if table is not None:
        source = table_source(table, table.name)
        scope.sources = [source]
        scope.visible = [Visible(entry.name, source, entry) for entry in source.fields]
    bound = binding.bind(scope, parse_expression(text))
    if condition:
        return require(scope.state, bound, BOOLEAN, "CHECK")
    return settle(scope.state, bound) if target is None else assigned(scope.state, bound, target)


# -- constraints -----------------------------------------------------------------------------------


def constraint_definition(
    context: Context,
    table: Table,
    constraint: Key | ForeignKey | Check,
    *,
    pretty: bool = False,
) -> str:
    """Return ``pg_get_constraintdef`` of a table's constraint."""
    if isinstance(constraint, Check):
        bound = _bind(context, table, constraint.expression, condition=True)
        p = Printer(context, pretty=pretty)
        return f"CHECK ({_shown(p, p.translator.shape(bound))})"
    if isinstance(constraint, Key):
        return _key(constraint) + _timing(constraint)
    return _foreign_key(context, constraint) + _timing(constraint)


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(quoted(name) for name in names)


def _key(key: Key) -> str:
    word = "PRIMARY KEY " if key.primary else "UNIQUE "
    nulls = "NULLS NOT DISTINCT " if key.nulls_not_distinct else ""
    include = f" INCLUDE ({_names(key.include)})" if key.include else ""
    return f"{word}{nulls}({_names(key.columns)}){include}"


def _foreign_key(context: Context, key: ForeignKey) -> str:
    target = relation_name(context, *key.target)
    text = f"FOREIGN KEY ({_names(key.columns)}) REFERENCES {target}({_names(key.target_columns)})"
    if key.match_full:
        text += " MATCH FULL"
    for word, action in (("UPDATE", key.on_update), ("DELETE", key.on_delete)):
        if action is not Action.NO_ACTION:
            text += f" ON {word} {action}"
    return text + (f" ({_names(key.on_delete_columns)})" if key.on_delete_columns else "")


def _timing(constraint: Key | ForeignKey) -> str:
    deferrable = " DEFERRABLE" if constraint.deferrable else ""
    return deferrable + (" INITIALLY DEFERRED" if constraint.initially_deferred else "")


# -- indexes ---------------------------------------------------------------------------------------


def index_definition(
    context: Context,
    table: Table,
    index: Index | Key,
    column: int = 0,
    *,
    pretty: bool = False,
) -> str:
    """Return ``pg_get_indexdef``: of the whole index, or of its part ``column``, from 1.

    A key stands for the unique index behind it. A part that is not there is ''.
    """
    if isinstance(index, Key):
        parts = tuple(IndexPart(quoted(name)) for name in index.columns)
        index = Index(
            index.name,
            parts,
            unique=True,
            include=index.include,
            nulls_not_distinct=index.nulls_not_distinct,
        )
        names = {quoted(column.name) for column in table.columns}
        shown = [part.expression for part in parts if part.expression in names]
    else:
        shown = [_part(context, table, part, pretty=pretty) for part in index.parts]
    if column:
        every = [*shown, *(quoted(name) for name in index.include)]
        return every[column - 1] if column <= len(every) else ""
    ordered = index.method == "btree"
    keys = [
        text + (_order(part) if ordered else "")
        for text, part in zip(shown, index.parts, strict=True)
    ]
    unique = "UNIQUE " if index.unique else ""
    on = (
        relation_name(context, table.namespace, table.name)
        if pretty
        else qualified(table.namespace, table.name)
    )
    text = f"CREATE {unique}INDEX {quoted(index.name)} ON {on} USING {index.method} ("
    text += ", ".join(keys) + ")"
    if index.include:
        text += f" INCLUDE ({_names(index.include)})"
    if index.nulls_not_distinct:
        text += " NULLS NOT DISTINCT"
    if index.where is not None:
        bound = _bind(context, table, index.where, condition=True)
        p = Printer(context, pretty=pretty)
        text += f" WHERE {_shown(p, p.translator.shape(bound))}"
    return text


def _part(context: Context, table: Table, part: IndexPart, *, pretty: bool) -> str:
    if table.column(part.expression) is not None:
        return quoted(part.expression)
    p = Printer(context, pretty=pretty)
    shape = p.translator.shape(_bind(context, table, part.expression))
    text = _shown(p, shape)
    return text if isinstance(shape, _FUNCTION_LIKE) else f"({text})"


def _order(part: IndexPart) -> str:
    first = part.descending if part.nulls_first is None else part.nulls_first
    return queries.direction(part.descending, first)


# -- views -----------------------------------------------------------------------------------------


def view_definition(context: Context, view: View | Table, *, pretty: bool = False) -> str:
    """Return ``pg_get_viewdef`` of a view or a materialized view."""
    assert view.query is not None
    state = State(context, quiet=True, faithful=True)
    bound = binding_queries.bind_top(state, parse_query(view.query))
    p = Printer(context, pretty=pretty)
    queries.nested(p, bound.node, [column.name for column in view.columns])
    return p.text + ";"
