"""Lowers COPY, DECLARE and LOCK TABLE."""

from __future__ import annotations

from fivefold.catalog.containers import Column, Table
from fivefold.catalog.roles import Privilege
from fivefold.errors import InvalidStatement, Unsupported
from fivefold.languages.sql import commands, definitions, tree
from fivefold.languages.sql.bind import expressions, relations
from fivefold.languages.sql.bind.defaults import default_of, null_of
from fivefold.languages.sql.bind.names import named_type
from fivefold.languages.sql.bind.nodes import Node, column, identifier, typed
from fivefold.languages.sql.bind.scopes import Scope, Visible
from fivefold.languages.sql.bind.sources import table_alias, table_node, table_source
from fivefold.languages.sql.bind.state import Context, State
from fivefold.languages.sql.schema import stored
from fivefold.plan import nodes as exp
from fivefold.plan.statement import Access, Effort, Output, Statement


def copy(context: Context, node: definitions.Copy) -> commands.CopyIn | commands.CopyOut:
    """Lower COPY."""
    if node.query is not None:
        return _out_of_query(context, node)
    state = State(context)
    if node.incoming:
        found = relations.require(state, node.table, None)
    else:
        found = relations.readable(state, node.table, None)
    if not isinstance(found, Table) or found.query is not None:
        raise _not_copied(stored.kind(found), found.name, incoming=node.incoming)
    columns = _columns(found, node)
    _check_names(found, columns, node.options)
    if node.incoming:
        return copy_in(context, found, columns, node.options, node.where)
    outputs = [
        typed(
            exp.Alias(this=column(found.name, one.name, one.type), alias=identifier(one.name)),
            one.type,
        )
        for one in columns
    ]
    select = exp.Select(expressions=outputs, from_=exp.From(this=table_node(found, found.name)))
    shown = tuple(
        Output(one.name, one.type, (found.namespace, found.name, one.name)) for one in columns
    )
    access = Access(found.namespace, found.name, Privilege.READ)
    statement = Statement(select, (), shown, (access,), system=tuple(state.system))
    return commands.CopyOut(statement, node.options)


def _not_copied(kind: str, name: str, *, incoming: bool) -> InvalidStatement:
    hint = None
    if kind == "view" and incoming:
        hint = "To enable copying to a view, provide an INSTEAD OF INSERT trigger."
    elif kind != "sequence" and not incoming:
        hint = "Try the COPY (SELECT ...) TO variant."
    way = "to" if incoming else "from"
    return InvalidStatement(f'cannot copy {way} {kind} "{name}"', "wrong_object_type", hint=hint)


def _columns(table: Table, node: definitions.Copy) -> list[Column]:
    if node.columns is None:
        return [one for one in table.columns if one.generated is None]
    found: list[Column] = []
    for name, _ in node.columns:
        one = table.column(name)
        if one is None:
            raise InvalidStatement(
                f'column "{name}" of relation "{table.name}" does not exist', "undefined_column"
            )
        if one.generated is not None:
            raise InvalidStatement(
                f'column "{name}" is a generated column',
                "invalid_column_reference",
                detail="Generated columns cannot be used in COPY.",
            )
        if one in found:
            raise InvalidStatement(f'column "{name}" specified more than once', "duplicate_column")
        found.append(one)
    return found


def _check_names(table: Table, columns: list[Column], options: commands.CopyOptions) -> None:
    names = {one.name for one in columns}
    for words, given in (
        ("FORCE_QUOTE", options.force_quote),
        ("FORCE_NOT_NULL", options.force_not_null),
        ("FORCE_NULL", options.force_null),
    ):
        for name in given:
            if name != "*" and table.column(name) is None:
                raise InvalidStatement(
                    f'column "{name}" of relation "{table.name}" does not exist',
                    "undefined_column",
                )
            if name != "*" and name not in names:
                raise InvalidStatement(
                    f'{words} column "{name}" not referenced by COPY', "invalid_column_reference"
                )


def copy_in(
    context: Context,
    table: Table,
    columns: list[Column],
    options: commands.CopyOptions,
    where: tree.Expr | None = None,
) -> commands.CopyIn:
    """Return the COPY whose statement inserts one row of ``columns``, if ``where`` likes it."""
    state = State(context)
    values: list[Node] = []
    for number, one in enumerate(columns, 1):
        parameter = exp.Parameter(this=exp.Literal(this=str(number), is_string=False))
        values.append(typed(parameter, one.type))
    names = list(columns)
    for one in table.columns:
        if one not in columns and one.generated is None:
            value = default_of(state, table, one)
            if value is not None:
                names.append(one)
                values.append(value)
    rows: Node = exp.Values(expressions=[exp.Tuple(expressions=values)])
    if where is not None:
        rows = _filtered(state, table, names, values, where)
    insert = exp.Insert(
        this=exp.Schema(
            this=table_node(table, table.name),
            expressions=[identifier(one.name) for one in names],
        ),
        expression=rows,
    )
    statement = Statement(
        insert,
        tuple(one.type for one in columns),
        None,
        (Access(table.namespace, table.name, Privilege.WRITE),),
        writes=True,
        effort=Effort.POINT,
        target=table,
    )
    return commands.CopyIn(table, tuple(one.name for one in columns), options, statement)


_WHERE = "COPY FROM WHERE conditions"


def _filtered(
    state: State, table: Table, columns: list[Column], values: list[Node], where: tree.Expr
) -> Node:
    """Return the row as a query that gives it only where the condition holds."""
    for part in tree.walk(where):
        if isinstance(part, tree.Query):
            raise Unsupported("cannot use subquery in COPY FROM WHERE condition")
    missing = [one for one in table.columns if one not in columns]
    values = [*values, *(null_of(one.type) for one in missing)]
    scope = Scope(state, clause=_WHERE)
    source = table_source(table, table.name)
    scope.add(source)
    scope.visible = [Visible(field.name, source, field) for field in source.fields]
    condition = expressions.condition(scope, where, "WHERE")
    _refuse_generated(table, condition)
    inner = [
        typed(exp.Alias(this=value, alias=identifier(one.name)), one.type)
        for one, value in zip([*columns, *missing], values, strict=True)
    ]
    outer: list[Node] = [
        typed(
            exp.Alias(this=column(table.name, one.name, one.type), alias=identifier(one.name)),
            one.type,
        )
        for one in columns
    ]
    row = exp.Subquery(this=exp.Select(expressions=inner), alias=table_alias(table.name))
    return exp.Select(expressions=outer, from_=exp.From(this=row), where=exp.Where(this=condition))


def _refuse_generated(table: Table, condition: Node) -> None:
    for part in condition.find_all(exp.Column):
        one = table.column(part.name)
        if one is not None and one.generated is not None:
            raise InvalidStatement(
                "generated columns are not supported in COPY FROM WHERE conditions",
                "invalid_column_reference",
                detail=f'Column "{one.name}" is a generated column.',
            )


def _out_of_query(context: Context, node: definitions.Copy) -> commands.CopyOut:
    from fivefold.languages.sql.lower import lower_query

    assert node.query is not None
    statement = lower_query(node.query, context).statement
    if statement.outputs is None:
        raise Unsupported("COPY query must have a RETURNING clause")
    return commands.CopyOut(statement, node.options)


def prepare(context: Context, node: definitions.Prepare) -> commands.Prepare:
    """Lower PREPARE: its types may be the catalog's."""
    types = tuple(named_type(one, context) for one in node.types)
    return commands.Prepare(node.name, types, node.text)


def declare(context: Context, node: definitions.DeclareCursor) -> commands.Declare:
    """Lower DECLARE … CURSOR."""
    from fivefold.languages.sql.lower import lower_query

    query = lower_query(node.query, context)
    if query.statement.writes:
        raise Unsupported("DECLARE CURSOR must not contain data-modifying statements in WITH")
    if query.locks:
        _check_locking(node)
    return commands.Declare(node.name, query, node.scroll, node.hold, node.binary)


def _check_locking(node: definitions.DeclareCursor) -> None:
    if node.hold:
        raise Unsupported(
            "DECLARE CURSOR WITH HOLD ... FOR UPDATE is not supported",
            detail="Holdable cursors must be READ ONLY.",
        )
    if node.scroll:
        raise Unsupported(
            "DECLARE SCROLL CURSOR ... FOR UPDATE is not supported",
            detail="Scrollable cursors must be READ ONLY.",
        )
    if node.insensitive:
        raise InvalidStatement(
            "DECLARE INSENSITIVE CURSOR ... FOR UPDATE is not valid",
            "invalid_cursor_definition",
            detail="Insensitive cursors must be READ ONLY.",
        )


def lock(context: Context, node: definitions.LockTable) -> commands.LockTables:
    """Lower LOCK TABLE."""
    tables = []
    for name, _ in node.names:
        found = relations.require(State(context), name, None)
        if not isinstance(found, Table):
            word = type(found).__name__.lower()
            if word != "view":
                raise InvalidStatement(f'cannot lock relation "{found.name}"', "wrong_object_type")
            raise Unsupported(f'LOCK TABLE of the view "{found.name}" is not supported')
        tables.append(found)
    return commands.LockTables(tuple(tables), node.mode, node.nowait)
