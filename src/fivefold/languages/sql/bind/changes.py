"""Binds INSERT, UPDATE and DELETE.

Source: the PostgreSQL manual, "INSERT" (OVERRIDING), "UPDATE", "DELETE", and 10.4
"Value Storage".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import fivefold.languages.sql.bind.expressions as expressions
import fivefold.languages.sql.bind.queries as queries
from fivefold.catalog.containers import Column, Container, Identity, Table, View
from fivefold.errors import InvalidStatement, Unsupported
from fivefold.languages.sql import foreign, tree
from fivefold.languages.sql.bind import nodes, relations
from fivefold.languages.sql.bind.casts import bare, settle
from fivefold.languages.sql.bind.defaults import assigned, default_of, fits, null_of
from fivefold.languages.sql.bind.nodes import Node, identifier, typed
from fivefold.languages.sql.bind.scopes import Common, Field, Scope, Source, Visible, make_fields
from fivefold.languages.sql.bind.select import bind_targets
from fivefold.languages.sql.bind.sources import bind_sources, table_node, table_source
from fivefold.languages.sql.bind.state import State
from fivefold.plan import nodes as exp
from fivefold.plan.statement import Privilege, type_of
from fivefold.values.records import Record
from fivefold.values.types import JSONB, UNKNOWN

if TYPE_CHECKING:
    from fivefold.languages.sql.bind.through import Through


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


class Target(Record):
    """What a statement changes: ``table``, and the view that it says it changes, if it is one.

    ``shown`` is what the statement sees: the table, or the view's columns.
    """

    table: Table
    shown: Table
    view: Through | None

    def source(self, alias: str) -> Source:
        """Return the target as a source of names."""
        if self.view is None:
            return table_source(self.table, alias)
        from fivefold.languages.sql.bind.through import marked

        return marked(alias, self.view.values)


def target_of(state: State, relation: tree.Relation, verb: str) -> Target:
    """Return what a statement changes; records what it needs."""
    found = relations.require(state, relation.parts, relation.at)
    if not isinstance(found, View):
        table = target_table(state, relation, found)
        return Target(table, table, None)
    from fivefold.languages.sql.bind.through import through

    view = through(state, found, verb, relation)
    state.access(found.namespace, found.name, Privilege.WRITE)
    state.access(view.table.namespace, view.table.name, Privilege.WRITE)
    return Target(view.table, view.shown(verb), view)


def target_table(state: State, relation: tree.Relation, found: Container) -> Table:
    """Return a container that is a table whose rows may be changed; records what that needs."""
    if not isinstance(found, Table):
        raise InvalidStatement(
            f'cannot change sequence "{found.name}"', "wrong_object_type", position=relation.at + 1
        )
    if found.query is not None:
        raise InvalidStatement(
            f'cannot change materialized view "{found.name}"', "wrong_object_type"
        )
    foreign.refuse_change(found, relation.at + 1)
    state.access(found.namespace, found.name, Privilege.WRITE)
    return found


def _alias(relation: tree.Relation, table: Table) -> str:
    return relation.alias.name if relation.alias is not None else table.name


def _column(table: Table, name: str, at: int) -> Column:
    found = table.column(name)
    if found is None:
        raise InvalidStatement(
            f'column "{name}" of relation "{table.name}" does not exist',
            "undefined_column",
            position=at + 1,
        )
    return found


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
    target = target_of(state, node.table, "insert into")
    alias = _alias(node.table, target.shown)
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
        column = _column(table, name, at)
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
        _check_fits(column, entry.type, _width_at(query))
    return _converted(scope.state, bound, [column for column, _ in named])


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


def stored_value(
    scope: Scope, table: Table, column: Column, value: tree.Expr, *, user: bool = False
) -> Node:
    """Bind one value that is stored into ``column``; DEFAULT is its default."""
    if isinstance(value, tree.Default) or (user and column.identity is not None):
        return default_of(scope.state, table, column) or null_of(column.type)
    bound = expressions.bind(scope, value)
    _check_fits(column, type_of(bound), nodes.at_of(bound))
    return assigned(scope.state, bound, column.type)


def _check_fits(column: Column, source: object, at: int) -> None:
    from fivefold.values.types import Type

    assert isinstance(source, Type)
    if not fits(source, column.type):
        raise InvalidStatement(
            f'column "{column.name}" is of type {_plain(column)} but expression is of type '
            f"{bare(source)}",
            "datatype_mismatch",
            hint="You will need to rewrite or cast the expression.",
            position=at + 1 if at >= 0 else None,
        )


def _plain(column: Column) -> str:
    return str(bare(column.type))


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


def _converted(state: State, bound: queries.Bound, columns: list[Column]) -> Node:
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


def assignments(scope: Scope, table: Table, items: tuple[tree.Assignment, ...]) -> list[exp.Expr]:
    """Bind what follows SET, as ``column = value`` or ``(columns) = (query)``."""
    scope.clause = "UPDATE"
    seen: set[str] = set()
    made: list[exp.Expr] = []
    parts: dict[str, exp.Expr] = {}
    for item in items:
        columns = [_column(table, name, at) for name, at in item.columns]
        for column, (_, _at) in zip(columns, item.columns, strict=True):
            if column.name in seen and (item.part is None or column.name not in parts):
                raise InvalidStatement(f'multiple assignments to same column "{column.name}"')
            seen.add(column.name)
            _refuse_generated(column, item.value)
        if item.part is not None:
            _assign_part(scope, columns[0], item, parts, made)
        elif not item.multiple:
            made.append(_assignment(scope, table, columns[0], item.value))
        elif isinstance(item.value, tree.RowOf):
            _match_assigned(len(item.value.items), len(columns), item.value.at)
            made.extend(
                _assignment(scope, table, column, value)
                for column, value in zip(columns, item.value.items, strict=True)
            )
        elif isinstance(item.value, tree.Scalar):
            made.append(_assign_query(scope, columns, item.value))
        elif len(columns) == 1:
            made.append(_assignment(scope, table, columns[0], item.value))
        else:
            raise Unsupported(
                "source for a multiple-column UPDATE item must be a sub-SELECT or ROW() expression",
                position=item.at + 1,
            )
    return made


def assigned_through(
    scope: Scope, target: Target, items: tuple[tree.Assignment, ...]
) -> list[exp.Expr]:
    """Bind what follows SET, as assignments to the table's own columns."""
    made = assignments(scope, target.shown, items)
    if target.view is None:
        return made
    seen: set[str] = set()
    for one in made:
        names = one.this.expressions if isinstance(one.this, exp.Tuple) else [one.this]
        for name in names:
            column = target.view.require(name.name, "update")
            if column.name in seen:
                raise InvalidStatement(f'multiple assignments to same column "{column.name}"')
            seen.add(column.name)
            name.set("this", identifier(column.name))
    return made


def _assign_part(
    scope: Scope,
    column: Column,
    item: tree.Assignment,
    parts: dict[str, exp.Expr],
    made: list[exp.Expr],
) -> None:
    """Bind ``column[…] = value``; several of one column are done one after the other."""
    assert item.part is not None
    before = parts.get(column.name)
    base = before.expression if before is not None else None
    if base is None:
        base = expressions.bind(scope, tree.Name((column.name,), False, item.at))
    chain = expressions.subscript_chain(item.part)[1]
    type_ = bare(column.type)
    steps: list[exp.Expr]
    if type_ == JSONB:
        steps, wanted = expressions.json_steps(scope, chain), JSONB
    else:
        steps, wanted = expressions.array_steps(scope, chain, type_, item.at + 1)
    value = expressions.bind(scope, item.value)
    if not fits(type_of(value), wanted):
        kind = "jsonb" if wanted == JSONB else "array"
        raise InvalidStatement(
            f'subscripted assignment to "{column.name}" requires type {wanted} but expression is '
            f"of type {bare(type_of(value))}"
            if kind == "array"
            else f'column "{column.name}" is of type jsonb but expression is of type '
            f"{bare(type_of(value))}",
            "datatype_mismatch",
            hint="You will need to rewrite or cast the expression.",
            position=nodes.position_of(value),
        )
    stored = assigned(scope.state, value, wanted)
    found = exp.Assigned(this=base, expressions=steps, expression=stored)
    typed(found, column.type, item.at)
    if before is not None:
        before.set("expression", found)
        return
    parts[column.name] = exp.EQ(this=exp.Column(this=identifier(column.name)), expression=found)
    made.append(parts[column.name])


def _refuse_generated(column: Column, value: tree.Expr) -> None:
    if isinstance(value, tree.Default):
        return
    if column.generated is not None or column.identity is Identity.ALWAYS:
        what = (
            "a generated column"
            if column.generated is not None
            else ("an identity column defined as GENERATED ALWAYS")
        )
        raise InvalidStatement(
            f'column "{column.name}" can only be updated to DEFAULT',
            "generated_always",
            detail=f'Column "{column.name}" is {what}.',
        )


def _match_assigned(given: int, wanted: int, at: int) -> None:
    if given != wanted:
        raise InvalidStatement("number of columns does not match number of values", position=at + 1)


def _assignment(scope: Scope, table: Table, column: Column, value: tree.Expr) -> exp.Expr:
    bound = stored_value(scope, table, column, value)
    return exp.EQ(this=exp.Column(this=identifier(column.name)), expression=bound)


def _assign_query(scope: Scope, columns: list[Column], value: tree.Scalar) -> exp.Expr:
    bound = queries.bind_query(scope, value.query, settled=False)
    _match_assigned(len(bound.fields), len(columns), value.at)
    for entry, column in zip(bound.fields, columns, strict=True):
        _check_fits(column, entry.type, value.at)
    node = _converted(scope.state, bound, columns)
    names = exp.Tuple(expressions=[exp.Column(this=identifier(column.name)) for column in columns])
    return exp.EQ(this=names, expression=exp.Subquery(this=node))


def update(outer: Scope, node: tree.Update, *, top: bool) -> Change:
    """Bind UPDATE."""
    made = exp.Update()
    _with(outer, made, node.commons, node.recursive, top=top)
    target, scope = _target_scope(outer, node.table, "update", made)
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
    target, scope = _target_scope(outer, node.table, "delete from", made)
    from_, joins = _beside_target(scope, node.sources)
    if from_ is not None:
        if joins:
            from_.set("joins", joins)
        made.set("using", [from_])
    _where(scope, made, node.where)
    fields = returning(scope, made, node.returning)
    return _changed(target, made, scope.sources[0].alias, fields)


def _target_scope(
    outer: Scope, relation: tree.Relation, verb: str, made: Node
) -> tuple[Target, Scope]:
    target = target_of(outer.state, relation, verb)
    alias = _alias(relation, target.shown)
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
