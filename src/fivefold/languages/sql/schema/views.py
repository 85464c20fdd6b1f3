"""Lowers CREATE TABLE AS, CREATE [MATERIALIZED] VIEW and REFRESH: relations made of queries."""

from __future__ import annotations

from dataclasses import replace

from fivefold.catalog.changes import AlterTable, Change, CreateContainer, DropContainer
from fivefold.catalog.containers import Column, Table, View
from fivefold.catalog.roles import Privilege
from fivefold.errors import InvalidState, InvalidStatement, Unsupported
from fivefold.languages.sql import definitions, tree
from fivefold.languages.sql.bind import queries, relations
from fivefold.languages.sql.bind.nodes import identifier
from fivefold.languages.sql.bind.sources import table_node
from fivefold.languages.sql.bind.state import Context, State
from fivefold.languages.sql.commands import Notice, Schema
from fivefold.languages.sql.parse.statements import parse_query
from fivefold.languages.sql.schema import places, stored
from fivefold.languages.sql.schema.tables import creates, on_commit_of
from fivefold.plan import nodes as exp
from fivefold.plan.statement import Access, Statement
from fivefold.values.types import Kind


def create_table_as(context: Context, node: definitions.CreateTableAs) -> Schema:
    """Lower CREATE TABLE AS: the table, and the INSERT that fills it."""
    namespace, name = places.place(context, node.name, -1)
    on_commit = on_commit_of(context, namespace, node.on_commit)
    made = node.materialized is not None
    tag = "CREATE MATERIALIZED VIEW" if made else "CREATE TABLE AS"
    if places.is_taken(context.catalog, namespace, name):
        if node.if_not_exists:
            return Schema((), tag, (places.exists_notice(name),))
        raise places.exists_error(name)
    state = State(context)
    bound = queries.bind_top(state, node.query)
    table = Table(namespace, name, _query_columns(bound, node.columns))
    if node.materialized is not None:
        if state.parameters:
            raise Unsupported("materialized views may not be defined using bound parameters")
        kept = stored.resolved(context, node.materialized)
        table = replace(table, query=kept, populated=node.data)
    if not table.columns:
        raise places.no_columns(node.at)
    fill = _fill(state, table, bound) if node.data else None
    return Schema(
        (CreateContainer(table),),
        "SELECT" if node.data else tag,
        accesses=(*creates(namespace, name), *state.accesses),
        fill=fill,
        on_commit=on_commit,
    )


def _fill(state: State, table: Table, bound: queries.Bound) -> Statement:
    names = [identifier(column.name) for column in table.columns]
    insert = exp.Insert(
        this=exp.Schema(this=table_node(table, table.name), expressions=names),
        expression=bound.node,
    )
    accesses = (*state.accesses, Access(table.namespace, table.name, Privilege.WRITE))
    system = tuple(state.system)
    types = state.parameter_types()
    return Statement(insert, types, None, accesses, True, target=table, system=system)


def refresh(context: Context, node: definitions.Refresh) -> Schema:
    """Lower REFRESH MATERIALIZED VIEW: its rows go, and those of its query come."""
    found = relations.require(State(context), node.name, None)
    if not isinstance(found, Table) or found.query is None:
        raise Unsupported(f'"{found.name}" is not a materialized view')
    if node.concurrently:
        _refuse_concurrently(found)
    access = (Access(found.namespace, found.name, Privilege.WRITE),)
    table = exp.Delete(this=table_node(found, found.name))
    empty = Statement(table, accesses=access, writes=True, target=found)
    fill = None
    if node.data:
        state = State(context, quiet=True)
        fill = _fill(state, found, queries.bind_top(state, parse_query(found.query)))
    change = AlterTable(found, replace(found, populated=node.data))
    tag = "REFRESH MATERIALIZED VIEW"
    return Schema((change,), tag, accesses=access, fill=fill, empty=empty)


def _refuse_concurrently(table: Table) -> None:
    if not table.populated:
        raise Unsupported("CONCURRENTLY cannot be used when the materialized view is not populated")
    names = {column.name for column in table.columns}
    if not any(
        index.unique
        and index.where is None
        and all(part.expression in names for part in index.parts)
        for index in table.indexes
    ):
        raise InvalidState(
            f'cannot refresh materialized view "{table.namespace}.{table.name}" concurrently',
            "object_not_in_prerequisite_state",
            hint="Create a unique index with no WHERE clause on one or more columns of the "
            "materialized view.",
        )


def _query_columns(bound: queries.Bound, names: tuple[tuple[str, int], ...]) -> tuple[Column, ...]:
    if len(names) > len(bound.fields):
        raise InvalidStatement("too many column names were specified", "syntax_error")
    given = [name for name, _ in names]
    given += [entry.name for entry in bound.fields[len(given) :]]
    for index, name in enumerate(given):
        if name in given[:index]:
            raise InvalidStatement(f'column "{name}" specified more than once', "duplicate_column")
    for name, entry in zip(given, bound.fields, strict=True):
        if entry.type.kind is Kind.RECORD and entry.type.name is None:
            raise InvalidStatement(
                f'column "{name}" has pseudo-type record', "invalid_table_definition"
            )
        if entry.type.kind is Kind.RECORD:
            raise Unsupported(f'the column "{name}" of a composite type is not supported')
    return tuple(Column(name, entry.type) for name, entry in zip(given, bound.fields, strict=True))


def create_view(context: Context, node: definitions.CreateView) -> Schema:
    """Lower CREATE [OR REPLACE] VIEW."""
    if isinstance(node.query.body, tree.Select) and node.query.body.into is not None:
        raise Unsupported("views must not contain SELECT INTO")
    state = State(context)
    bound = queries.bind_top(state, node.query)
    namespace, name = places.place(context, node.name, node.at)
    notices: tuple[Notice, ...] = ()
    if namespace != context.temporary and any(
        access.namespace == context.temporary for access in state.accesses
    ):
        notices = (Notice(f'view "{name}" will be a temporary view'),)
        namespace, name = places.place(context, ("pg_temp", name), node.at)
    existing = context.catalog.find(namespace, name)
    if existing is None and places.is_taken(context.catalog, namespace, name):
        raise places.exists_error(name)
    if existing is not None and not node.replace:
        raise places.exists_error(name)
    if existing is not None and not isinstance(existing, View):
        raise InvalidStatement(f'"{name}" is not a view', "wrong_object_type")
    if state.changed:
        raise Unsupported("views must not contain data-modifying statements in WITH")
    if state.parameters:
        raise InvalidStatement("there is no parameter $1", "undefined_parameter")
    text = stored.resolved(context, node.text)
    view = View(namespace, name, text, _query_columns(bound, node.columns), check=node.check)
    if node.check is not None:
        _refuse_check(context, view)
    changes: list[Change] = [CreateContainer(view)]
    if existing is not None:
        _check_replaced(existing, view)
        changes.insert(0, DropContainer(existing))
    return Schema(
        tuple(changes), "CREATE VIEW", notices, (*creates(namespace, name), *state.accesses)
    )


def _refuse_check(context: Context, view: View) -> None:
    """Raise Unsupported unless rows can be changed through a view WITH CHECK OPTION."""
    from fivefold.languages.sql.bind.through import through

    try:
        through(State(context), view, "update", tree.Relation((view.name,), None, 0))
    except InvalidState as error:
        if error.message != f'cannot update view "{view.name}"':
            return  # a view beneath is not, which PostgreSQL does not look at
        raise Unsupported(
            "WITH CHECK OPTION is supported only on automatically updatable views",
            hint=error.detail,
        ) from None


def _check_replaced(old: View, new: View) -> None:
    if len(new.columns) < len(old.columns):
        raise InvalidStatement("cannot drop columns from view", "invalid_table_definition")
    for before, after in zip(old.columns, new.columns, strict=False):
        if before.name != after.name:
            raise InvalidStatement(
                f'cannot change name of view column "{before.name}" to "{after.name}"',
                "invalid_table_definition",
                hint="Use ALTER VIEW ... RENAME COLUMN ... to change name of view column instead.",
            )
        if before.type != after.type:
            raise InvalidStatement(
                f'cannot change data type of view column "{before.name}" from {before.type} to '
                f"{after.type}",
                "invalid_table_definition",
            )
