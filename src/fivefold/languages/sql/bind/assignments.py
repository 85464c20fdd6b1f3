"""Binds what follows SET, in UPDATE and in ON CONFLICT DO UPDATE.

Source: the PostgreSQL manual, "UPDATE", and 10.4 "Value Storage".
"""

from __future__ import annotations

import fivefold.languages.sql.bind.expressions as expressions
import fivefold.languages.sql.bind.queries as queries
from fivefold.catalog.containers import Column, Identity, Table
from fivefold.errors import InvalidStatement, Unsupported
from fivefold.languages.sql import tree
from fivefold.languages.sql.bind import nodes, subscripts
from fivefold.languages.sql.bind.casts import bare
from fivefold.languages.sql.bind.defaults import assigned, fits
from fivefold.languages.sql.bind.nodes import identifier, typed
from fivefold.languages.sql.bind.scopes import Scope
from fivefold.languages.sql.bind.storing import check_fits, converted, stored_value
from fivefold.languages.sql.bind.targets import Target, column_of
from fivefold.plan import nodes as exp
from fivefold.plan.statement import type_of
from fivefold.values.types import JSONB


def assignments(scope: Scope, table: Table, items: tuple[tree.Assignment, ...]) -> list[exp.Expr]:
    """Bind what follows SET, as ``column = value`` or ``(columns) = (query)``."""
    scope.clause = "UPDATE"
    seen: set[str] = set()
    made: list[exp.Expr] = []
    parts: dict[str, exp.Expr] = {}
    for item in items:
        columns = [column_of(table, name, at) for name, at in item.columns]
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
    chain = subscripts.chain_of(item.part)[1]
    type_ = bare(column.type)
    steps: list[exp.Expr]
    if type_ == JSONB:
        steps, wanted = subscripts.json_steps(scope, chain), JSONB
    else:
        steps, wanted = subscripts.array_steps(scope, chain, type_, item.at + 1)
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
        check_fits(column, entry.type, value.at)
    node = converted(scope.state, bound, columns)
    names = exp.Tuple(expressions=[exp.Column(this=identifier(column.name)) for column in columns])
    return exp.EQ(this=names, expression=exp.Subquery(this=node))
