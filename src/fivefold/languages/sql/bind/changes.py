"""Binds INSERT, UPDATE and DELETE.

Source: the PostgreSQL manual, "INSERT" (OVERRIDING), "UPDATE", "DELETE", and 10.4
"Value Storage".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import fivefold.languages.sql.bind.expressions as expressions
import fivefold.languages.sql.bind.queries as queries
from fivefold.catalog.containers import Column, Identity, Table
from fivefold.errors import InvalidStatement
from fivefold.languages.sql import tree
from fivefold.languages.sql.bind import nodes
from fivefold.languages.sql.bind.assignments import assigned_through
from fivefold.languages.sql.bind.casts import settle
from fivefold.languages.sql.bind.defaults import default_of, null_of
from fivefold.languages.sql.bind.nodes import Node, identifier, typed
from fivefold.languages.sql.bind.scopes import Common, Field, Scope, Visible, make_fields
from fivefold.languages.sql.bind.select import bind_targets
from fivefold.languages.sql.bind.sources import bind_sources, table_node
from fivefold.languages.sql.bind.state import State
from fivefold.languages.sql.bind.storing import check_fits, converted, stored_value
from fivefold.languages.sql.bind.targets import Target, alias_of, column_of, target_of
from fivefold.plan import nodes as exp
from fivefold.plan.statement import type_of
from fivefold.values.records import Record

if TYPE_CHECKING:
    pass


class Change(Record):
    """A bound statement that changes ``table``; ``fields`` is None without RETURNING."""

    node: Node
    table: Table
    fields: tuple[Field, ...] | None


def change(
    state: State,
    node: tree.Insert | tree.Update | tree.Delete,
    commons: dict[str, Common] | None = None,
) -> Change:
    """Bind a statement that changes rows; ``commons`` are the WITH queries before it, if it is
    one itself.
    """
    scope = Scope(state, commons=commons)
    top = commons is None
    if isinstance(node, tree.Insert):
        return insert(scope, node, top=top)
    if isinstance(node, tree.Update):
        return update(scope, node, top=top)
    return delete(scope, node, top=top)


def _with(
    scope: Scope, node: Node, commons: tuple[tree.Common, ...], recursive: bool, *, top: bool
) -> None:
    made, any_recursive = queries.bind_commons(scope, commons, recursive, top=top)
    if made:
        node.set("with_", exp.With(expressions=made, recursive=any_recursive))


# -- INSERT ---------------------------------------------------------------------------------------


def insert(scope: Scope, node: tree.Insert, *, top: bool) -> Change:
    """Bind INSERT: all columns listed, those left out filled with their defaults."""
    state = scope.state
    made = exp.Insert()
    _with(scope, made, node.commons, node.recursive, top=top)
    target = target_of(
        state,
        node.table,
        "insert into",
        reads=bool(node.returning) or node.conflict is not None,
    )
    alias = alias_of(node.table, target.shown)
    named = _insert_columns(target.shown, node)
    body = _insert_rows(scope, target.shown, named, node)
    given = [column for column, _ in named]
    if target.view is not None:
        given = [target.view.require(column.name, "insert into") for column in given]
    columns, body = _fill(state, target.table, given, body)
    names = [identifier(column.name) for column in columns]
    made.set("this", exp.Schema(this=table_node(target.table, alias), expressions=names))
    made.set("expression", body)
    inner = Scope(state, commons=scope.commons)
    source = target.source(alias)
    inner.add(source)
    inner.visible = [Visible(entry.name, source, entry) for entry in source.fields]
    if node.conflict is not None:
        from fivefold.languages.sql.bind.conflicts import on_conflict

        made.set("conflict", on_conflict(inner, target, node.conflict))
    return _changed(target, made, alias, returning(inner, made, node.returning))


def _changed(target: Target, made: Node, alias: str, fields: tuple[Field, ...] | None) -> Change:
    """Finish a statement that may go through a view."""
    if target.view is not None:
        from fivefold.languages.sql.bind.through import finish

        finish(made, target.view, alias)
    return Change(made, target.table, fields)


def _insert_columns(table: Table, node: tree.Insert) -> list[tuple[Column, int]]:
    if node.columns is None:
        return [(column, node.table.at) for column in table.columns]
    found: list[tuple[Column, int]] = []
    for name, at in node.columns:
        column = column_of(table, name, at)
        if any(column is other for other, _ in found):
            raise InvalidStatement(
                f'column "{name}" specified more than once', "duplicate_column", position=at + 1
            )
        found.append((column, at))
    return found


def _insert_rows(
    scope: Scope, table: Table, named: list[tuple[Column, int]], node: tree.Insert
) -> Node:
    """Bind the rows; ``named`` is cut to the columns that they fill."""
    query = node.query
    if query is None:
        named.clear()
        return exp.Values(expressions=[exp.Tuple(expressions=[])])
    body = query.body
    plain = isinstance(body, tree.Values) and not (
        query.order or query.limit or query.offset or query.commons
    )
    if plain:
        assert isinstance(body, tree.Values)
        return _insert_values(scope, table, named, body, node)
    bound = queries.bind_query(scope, query, settled=False)
    _match_width(named, len(bound.fields), node, _width_at(query, len(named)))
    _refuse_identity(table, named, node, [False] * len(named))
    for entry, (column, _) in zip(bound.fields, named, strict=True):
        check_fits(column, entry.type, _width_at(query))
    return converted(scope.state, bound, [column for column, _ in named])


def _width_at(query: tree.Query, index: int = 0) -> int:
    body = query.body
    if isinstance(body, tree.Select) and body.targets:
        return body.targets[min(index, len(body.targets) - 1)].at
    return query.at


def _match_width(named: list[tuple[Column, int]], width: int, node: tree.Insert, at: int) -> None:
    if width > len(named):
        raise InvalidStatement("INSERT has more expressions than target columns", position=at + 1)
    if width < len(named):
        if node.columns is not None:
            raise InvalidStatement(
                "INSERT has more target columns than expressions",
                position=named[width][1] + 1,
            )
        del named[width:]


def _insert_values(
    scope: Scope,
    table: Table,
    named: list[tuple[Column, int]],
    body: tree.Values,
    node: tree.Insert,
) -> Node:
    scope.clause = "VALUES"
    width = len(body.rows[0])
    for row in body.rows:
        if len(row) != width:
            raise InvalidStatement(
                "VALUES lists must all be the same length", position=row[0].at + 1
            )
    first = body.rows[0]
    at = first[len(named)].at if width > len(named) else first[0].at
    _match_width(named, width, node, at)
    defaulted = [
        all(isinstance(row[index], tree.Default) for row in body.rows) for index in range(width)
    ]
    _refuse_identity(table, named, node, defaulted)
    rows = []
    for row in body.rows:
        values: list[Node] = []
        for value, (column, _) in zip(row, named, strict=True):
            values.append(stored_value(scope, table, column, value, user=node.overriding == "user"))
        rows.append(exp.Tuple(expressions=values))
    kept = [index for index, (column, _) in enumerate(named) if column.generated is None]
    if len(kept) < len(named):
        for made in rows:
            made.set("expressions", [made.expressions[index] for index in kept])
        named[:] = [named[index] for index in kept]
    return exp.Values(expressions=rows)


def _refuse_identity(
    table: Table, named: list[tuple[Column, int]], node: tree.Insert, defaulted: list[bool]
) -> None:
    """Refuse a value for a generated column, or for GENERATED ALWAYS AS IDENTITY."""
    for (column, _), default in zip(named, defaulted, strict=True):
        if default:
            continue
        if column.generated is not None:
            raise InvalidStatement(
                f'cannot insert a non-DEFAULT value into column "{column.name}"',
                "generated_always",
                detail=f'Column "{column.name}" is a generated column.',
            )
        if column.identity is Identity.ALWAYS and node.overriding is None:
            raise InvalidStatement(
                f'cannot insert a non-DEFAULT value into column "{column.name}"',
                "generated_always",
                detail=f'Column "{column.name}" is an identity column defined as GENERATED ALWAYS.',
                hint="Use OVERRIDING SYSTEM VALUE to override.",
            )


def _fill(state: State, table: Table, given: list[Column], body: Node) -> tuple[list[Column], Node]:
    """Add the defaults of the columns left out; returns the columns and the rows for them."""
    left_out = [
        column for column in table.columns if column not in given and column.generated is None
    ]
    defaults = [(column, default_of(state, table, column)) for column in left_out]
    added = [(column, value) for column, value in defaults if value is not None]
    if not given and not added and left_out:
        added = [(left_out[0], null_of(left_out[0].type))]
    if not added:
        return given, body
    columns = [*given, *(column for column, _ in added)]
    if isinstance(body, exp.Values):
        for row in body.expressions:
            row.set("expressions", [*row.expressions, *(value.copy() for _, value in added)])
        return columns, body
    if isinstance(body, exp.Select) and body.args.get("distinct") is None:
        extra = [
            typed(exp.Alias(this=value, alias=identifier(column.name)), column.type)
            for column, value in added
        ]
        body.set("expressions", [*body.expressions, *extra])
        return columns, body
    alias = "*SELECT*"
    names = _output_names(body)
    outputs: list[Node] = [
        nodes.column(alias, name, column.type) for name, column in zip(names, given, strict=True)
    ]
    outputs += [value for _, value in added]
    aliased = exp.Subquery(this=body, alias=exp.TableAlias(this=identifier(alias)))
    return columns, exp.Select(expressions=outputs, from_=exp.From(this=aliased))


def _output_names(body: Node) -> list[str]:
    while isinstance(body, exp.SetOperation | exp.Subquery):
        body = body.this
    if isinstance(body, exp.Values):
        return [f"column{index}" for index, _ in enumerate(body.expressions[0].expressions, 1)]
    return [output.alias_or_name for output in body.expressions]


# -- UPDATE and DELETE ----------------------------------------------------------------------------


def update(outer: Scope, node: tree.Update, *, top: bool) -> Change:
    """Bind UPDATE."""
    made = exp.Update()
    _with(outer, made, node.commons, node.recursive, top=top)
    target, scope = _target_scope(outer, node, "update", made)
    from_, joins = _beside_target(scope, node.sources)
    if from_ is not None:
        if joins:
            from_.set("joins", joins)
        made.set("from_", exp.From(this=from_))
    made.set("expressions", assigned_through(scope, target, node.assignments))
    _where(scope, made, node.where)
    fields = returning(scope, made, node.returning)
    return _changed(target, made, scope.sources[0].alias, fields)


def delete(outer: Scope, node: tree.Delete, *, top: bool) -> Change:
    """Bind DELETE."""
    made = exp.Delete()
    _with(outer, made, node.commons, node.recursive, top=top)
    target, scope = _target_scope(outer, node, "delete from", made)
    from_, joins = _beside_target(scope, node.sources)
    if from_ is not None:
        if joins:
            from_.set("joins", joins)
        made.set("using", [from_])
    _where(scope, made, node.where)
    fields = returning(scope, made, node.returning)
    return _changed(target, made, scope.sources[0].alias, fields)


def _target_scope(
    outer: Scope, node: tree.Update | tree.Delete, verb: str, made: Node
) -> tuple[Target, Scope]:
    relation = node.table
    reads = bool(node.returning) or node.where is not None
    target = target_of(outer.state, relation, verb, reads=reads)
    alias = alias_of(relation, target.shown)
    made.set("this", table_node(target.table, alias))
    outer.state.tables[alias] = target.table
    scope = Scope(outer.state, commons=outer.commons)
    source = target.source(alias)
    scope.add(source)
    scope.visible = [Visible(entry.name, source, entry) for entry in source.fields]
    return target, scope


def _beside_target(
    scope: Scope, items: tuple[tree.Source, ...]
) -> tuple[Node | None, list[exp.Join]]:
    """Bind the sources of FROM or USING, which may not speak of the table that is changed."""
    alias = scope.sources[0].alias
    hint = (
        f'There is an entry for table "{alias}", but it cannot be referenced from this part of '
        "the query."
    )
    scope.unreachable = {alias: (None, hint)}
    found = bind_sources(scope, items)
    scope.unreachable = {}
    return found


def _where(scope: Scope, made: Node, where: tree.Expr | None) -> None:
    if where is not None:
        scope.clause = "WHERE"
        made.set("where", exp.Where(this=expressions.condition(scope, where, "WHERE")))


def returning(
    scope: Scope, made: Node, targets: tuple[tree.Target, ...]
) -> tuple[Field, ...] | None:
    """Bind RETURNING."""
    if not targets:
        return None
    scope.clause = "RETURNING"
    outputs = [(name, settle(scope.state, value)) for name, value in bind_targets(scope, targets)]
    fields = make_fields([(name, type_of(value)) for name, value in outputs])
    aliased = [
        typed(exp.Alias(this=value, alias=identifier(entry.inner)), entry.type)
        for entry, (_, value) in zip(fields, outputs, strict=True)
    ]
    made.set("returning", exp.Returning(expressions=aliased))
    return tuple(
        Field(entry.name, entry.type, entry.inner, value.meta.get("origin"))
        for entry, (_, value) in zip(fields, outputs, strict=True)
    )
