"""ALTER TABLE … ALTER COLUMN … TYPE."""

from __future__ import annotations

from dataclasses import replace

from fivefold.catalog.containers import Column, Table
from fivefold.errors import InvalidStatement, Unsupported
from fivefold.languages.sql import definitions
from fivefold.languages.sql.bind.casts import Ease, bare, castable, coerce
from fivefold.languages.sql.bind.defaults import assigned, fits
from fivefold.languages.sql.bind.names import named_type
from fivefold.languages.sql.bind.nodes import identifier, typed
from fivefold.languages.sql.bind.state import State
from fivefold.languages.sql.definitions import Action
from fivefold.languages.sql.schema import dependents
from fivefold.languages.sql.schema.alter.work import Work
from fivefold.languages.sql.schema.columns import with_default
from fivefold.languages.sql.schema.constraints import check_types
from fivefold.languages.sql.schema.texts import bind_part, columns_of
from fivefold.plan import nodes as exp
from fivefold.plan.statement import type_of


def change(work: Work, action: Action) -> None:
    column = work.column(action.name)
    assert action.type is not None
    new = named_type(action.type, work.context)
    if new == column.type and action.expression is None:
        return
    _refuse_used(work, column.name)
    state = State(work.context)
    if action.expression is not None:
        value = bind_part(
            work.context, work.table, action.expression.value, "transform expressions"
        )
        if not fits(type_of(value), new):
            raise InvalidStatement(
                f'result of USING clause for column "{column.name}" cannot be cast automatically '
                f"to type {bare(new)}",
                "datatype_mismatch",
                hint="You might need to add an explicit cast.",
            )
        work.using[action.name] = assigned(state, value, new)
    else:
        if not castable(column.type, new, Ease.ASSIGNMENT):
            raise InvalidStatement(
                f'column "{column.name}" cannot be cast automatically to type {bare(new)}',
                "datatype_mismatch",
                hint=f'You might need to specify "USING {column.name}::{new}".',
            )
        plain = typed(exp.Column(this=identifier(column.name)), column.type)
        work.using[action.name] = coerce(state, plain, new, Ease.ASSIGNMENT)
    changed = replace(column, type=new)
    work.put(action.name, changed)
    if column.default is not None:
        _check_default(work, changed)
    _check_references(work, column.name)


def _check_references(work: Work, name: str) -> None:
    """See to it that foreign keys can still compare their columns."""
    own = (work.old.namespace, work.old.name)
    for key in work.table.foreign_keys:
        if name in key.columns:
            target = work.context.catalog.find(*key.target)
            assert isinstance(target, Table)
            check_types(work.table, key.columns, work.now(target), key.target_columns, key.name)
    for other in work.context.catalog.referrers(work.old):
        for key in work.now(other).foreign_keys:
            if key.target == own and name in key.target_columns:
                check_types(work.now(other), key.columns, work.table, key.target_columns, key.name)


def _check_default(work: Work, column: Column) -> None:
    from fivefold.languages.sql.parse.statements import parse_expression

    assert column.default is not None
    span = definitions.Span(parse_expression(column.default), column.default, 0)
    try:
        with_default(work.context, column, span)
    except InvalidStatement:
        raise InvalidStatement(
            f'default for column "{column.name}" cannot be cast automatically to type '
            f"{bare(column.type)}",
            "datatype_mismatch",
        ) from None


def _refuse_used(work: Work, name: str) -> None:
    """Refuse where a generated column or a view has been made from the column as it is."""
    for other in work.table.columns:
        if other.generated is not None and name in columns_of(other.generated, work.table):
            if other.name == name:
                continue
            raise Unsupported(
                "cannot alter type of a column used by a generated column",
                detail=f'Column "{name}" is used by generated column "{other.name}".',
            )
    for reader in work.readers():
        if name in reader.columns(work.old):
            raise Unsupported(
                "cannot alter type of a column used by a view or rule",
                detail=f"rule _RETURN on {dependents.shown(work.context, reader.view)} depends on "
                f'column "{name}"',
            )
