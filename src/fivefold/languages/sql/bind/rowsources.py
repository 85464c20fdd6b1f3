"""Binds functions in FROM: those that return sets, ROWS FROM, and any other as one row.

Source: the PostgreSQL manual, 7.2.1.4 "Table Functions", and "SELECT", FROM Clause.
"""

from __future__ import annotations

import fivefold.languages.sql.bind.calls as calls
import fivefold.languages.sql.bind.expressions as expressions
from fivefold.errors import InvalidStatement
from fivefold.languages.sql import functions, tree
from fivefold.languages.sql.bind import nodes
from fivefold.languages.sql.bind.casts import settle
from fivefold.languages.sql.bind.names import named_type
from fivefold.languages.sql.bind.nodes import Node, identifier, typed
from fivefold.languages.sql.bind.outputs import output_name
from fivefold.languages.sql.bind.scopes import Scope, Source, make_fields
from fivefold.languages.sql.bind.sources import aliased, mark_lateral, table_alias
from fivefold.languages.sql.signatures import Form, Function
from fivefold.plan import nodes as exp
from fivefold.plan.statement import type_of
from fivefold.values.records import Record
from fivefold.values.types import Kind, Type

Columns = list[tuple[str, Type]]


class Part(Record):
    """One call in FROM, and the columns that it gives."""

    node: Node
    columns: Columns
    is_set: bool


def function_source(scope: Scope, item: tree.FunctionSource) -> tuple[Node, Source]:
    """Bind functions in FROM."""
    clause, scope.clause = scope.clause, "functions in FROM"
    name = _name_of(item.calls[0][0])
    alias = item.alias.name if item.alias is not None and item.alias.name else name
    alone = len(item.calls) == 1
    parts: list[Part] = []
    for call, columns in item.calls:
        told = columns or (item.alias if alone and item.alias and item.alias.types else None)
        parts += [_part(scope, one, told) for one in _apart(call)]
    scope.clause = clause
    own = item.alias is not None and bool(item.alias.name) and not item.alias.types
    if len(parts) == 1 and own and name not in functions.SET_COLUMNS:
        first = parts[0].columns
        if type_of(parts[0].node).kind is not Kind.RECORD:
            first[:] = [(alias, type_) for _, type_ in first]
    found = [column for part in parts for column in part.columns]
    if item.ordinality:
        found.append(("ordinality", functions.ORDINALITY))
    renamed = None if item.alias is None or item.alias.types else item.alias
    source = aliased(Source(alias, make_fields(found)), renamed)
    source.fields = make_fields([(entry.name, entry.type) for entry in source.fields])
    source.scalar = len(source.fields) == 1 and type_of(parts[0].node).kind is not Kind.RECORD
    make = _table if scope.state.faithful else _leaf
    leaf = make(parts, item, table_alias(alias, tuple(entry.inner for entry in source.fields)))
    mark_lateral(scope, leaf)
    return leaf, source


def _name_of(call: tree.Expr) -> str:
    return output_name(call)


def _apart(call: tree.Expr) -> list[tree.Expr]:
    """Return unnest of several arrays as that many calls."""
    if not isinstance(call, tree.Call) or call.name[-1] != "unnest" or len(call.arguments) < 2:
        return [call]
    return [tree.Call(call.name, (argument,), call.at) for argument in call.arguments]


def _part(scope: Scope, call: tree.Expr, told: tree.Alias | None) -> Part:
    if isinstance(call, tree.Call):
        node = settle(scope.state, calls.bind_any(scope, call))
    else:
        node = settle(scope.state, expressions.bind(scope, call))
    function = node.meta.get("function")
    is_set = isinstance(function, Function) and function.form is Form.SET
    name, type_ = _name_of(call), type_of(node)
    if type_.kind is not Kind.RECORD:
        _refuse_definitions(told)
        return Part(node, [(functions.SET_COLUMNS.get(name, name), type_)], is_set)
    if type_.fields:
        _refuse_definitions(told)
        return Part(node, list(type_.fields), is_set)
    if told is None or not told.types:
        raise InvalidStatement(
            'a column definition list is required for functions returning "record"',
            position=nodes.position_of(node),
        )
    columns = [
        (column, named_type(written, scope.state.context))
        for column, written in zip(told.columns, told.types, strict=True)
    ]
    node.meta["columns"] = columns
    return Part(node, columns, is_set)


def _refuse_definitions(told: tree.Alias | None) -> None:
    if told is not None and told.types:
        raise InvalidStatement(
            'a column definition list is only allowed for functions returning "record"',
            position=told.at + 1,
        )


def _leaf(parts: list[Part], item: tree.FunctionSource, alias: exp.TableAlias) -> Node:
    """Return the source; what is no set becomes a query of one row."""
    if len(parts) == 1 and not parts[0].is_set:
        outputs: list[Node] = [parts[0].node]
        if type_of(outputs[0]).kind is Kind.RECORD:
            record = outputs[0]
            outputs = [
                typed(exp.Member(this=record, name=identifier(name), index=index), type_)
                for index, (name, type_) in enumerate(type_of(record).fields)
            ]
        if item.ordinality:
            outputs.append(nodes.literal(1, functions.ORDINALITY))
        aliases = [one.name for one in alias.args["columns"]]
        selected = [
            typed(exp.Alias(this=value, alias=identifier(name)), type_of(value))
            for value, name in zip(outputs, aliases, strict=True)
        ]
        made = exp.Select(expressions=selected)
        return exp.Subquery(this=made, alias=exp.TableAlias(this=alias.this))
    return _table(parts, item, alias)


def _table(parts: list[Part], item: tree.FunctionSource, alias: exp.TableAlias) -> Node:
    this = parts[0].node if len(parts) == 1 else exp.RowsFrom(expressions=[p.node for p in parts])
    leaf = exp.Table(this=this, alias=alias)
    if item.ordinality:
        leaf.set("ordinality", True)
    return leaf
