"""Lowers CREATE TABLE, CREATE SEQUENCE and CREATE SCHEMA."""

from __future__ import annotations

from dataclasses import replace

from fivefold.catalog.changes import Change, CreateContainer
from fivefold.catalog.containers import Column, Index, Table
from fivefold.catalog.roles import Privilege
from fivefold.errors import InvalidState, InvalidStatement
from fivefold.languages.sql import definitions
from fivefold.languages.sql.bind.state import Context
from fivefold.languages.sql.commands import Schema
from fivefold.languages.sql.schema import like, places
from fivefold.languages.sql.schema.columns import COLUMNS_MAX, Draft, draft_column
from fivefold.languages.sql.schema.constraints import add_constraint
from fivefold.languages.sql.schema.naming import taken_names
from fivefold.languages.sql.schema.sequences import make_sequence
from fivefold.languages.sql.schema.texts import bind_all, bind_part, refuse_mutable
from fivefold.plan import nodes as exp
from fivefold.plan.statement import Access

_ORDER = {"primary": 0, "unique": 1, "check": 2, "foreign": 3}


def create_table(context: Context, node: definitions.CreateTable) -> Schema:
    """Lower CREATE TABLE: owned sequences first, then the table."""
    namespace, name = places.place(context, node.name, node.at)
    on_commit = on_commit_of(context, namespace, node.on_commit)
    if places.is_taken(context.catalog, namespace, name):
        if node.if_not_exists:
            return Schema((), "CREATE TABLE", (places.exists_notice(name),))
        raise places.exists_error(name)
    taken = taken_names(context.catalog, namespace) | {name}
    drafts, constraints, lent = _drafts(context, namespace, name, node, taken)
    table = Table(namespace, name, tuple(draft.column for draft in drafts))
    refuse_bad_columns(context, table)
    for constraint in sorted(constraints, key=lambda one: _ORDER[one.kind]):
        table = add_constraint(context, table, constraint, taken)
    if lent:
        indexes = tuple(like.named(index, name, taken) for index in lent)
        table = replace(table, indexes=indexes)
    bound = bind_all(context, table)
    changes: list[Change] = [
        CreateContainer(draft.sequence) for draft in drafts if draft.sequence is not None
    ]
    changes.append(CreateContainer(table, bound))
    accesses = creates(namespace, name)
    return Schema(tuple(changes), "CREATE TABLE", accesses=accesses, on_commit=on_commit)


def on_commit_of(context: Context, namespace: str, written: str) -> str:
    """Return what becomes of a table's rows at each commit: nothing, unless it is temporary."""
    if written and namespace != context.temporary:
        raise InvalidStatement(
            "ON COMMIT can only be used on temporary tables", "invalid_table_definition"
        )
    return "" if written == "keep" else written


def creates(namespace: str, name: str) -> tuple[Access, ...]:
    """Return what making a container needs."""
    return (Access(namespace, name, Privilege.CREATE),)


def _drafts(
    context: Context,
    namespace: str,
    name: str,
    node: definitions.CreateTable,
    taken: set[str],
) -> tuple[list[Draft], list[definitions.Constraint], list[Index]]:
    drafts: list[Draft] = []
    indexes: list[Index] = []
    constraints: list[definitions.Constraint] = []
    for element in node.elements:
        if isinstance(element, definitions.Constraint):
            constraints.append(element)
            continue
        if isinstance(element, definitions.Like):
            lent = like.like(context, namespace, name, element, taken)
            drafts += lent.drafts
            constraints += lent.constraints
            indexes += lent.indexes
            continue
        draft = draft_column(context, namespace, name, element, taken)
        drafts.append(draft)
        constraints.extend(draft.constraints)
    seen: set[str] = set()
    for draft in drafts:
        if draft.column.name in seen:
            raise InvalidStatement(
                f'column "{draft.column.name}" specified more than once', "duplicate_column"
            )
        seen.add(draft.column.name)
    if not drafts:
        raise places.no_columns(node.at)
    if len(drafts) > COLUMNS_MAX:
        raise InvalidStatement(f"tables can have at most {COLUMNS_MAX} columns", "too_many_columns")
    return drafts, constraints, indexes


def refuse_bad_columns(context: Context, table: Table) -> None:
    """Check generated columns: over stored columns of this table, with unchanging functions."""
    from fivefold.languages.sql.parse.statements import parse_expression

    for column in table.columns:
        if column.generated is None:
            continue
        value = parse_expression(column.generated)
        bound = bind_part(context, table, value, "column generation expressions")
        refuse_mutable(bound, "generation expression is not immutable")
        for part in bound.find_all(exp.Column):
            used = table.column(part.name)
            if used is not None and used.generated is not None:
                raise InvalidStatement(
                    f'cannot use generated column "{used.name}" in column generation expression',
                    "invalid_object_definition",
                    detail="A generated column cannot reference another generated column.",
                )
        _require_fit(column, bound)


def _require_fit(column: Column, bound: exp.Expr) -> None:
    from fivefold.languages.sql.bind.casts import bare
    from fivefold.languages.sql.bind.defaults import fits
    from fivefold.plan.statement import type_of

    if not fits(type_of(bound), column.type):
        raise InvalidStatement(
            f'column "{column.name}" is of type {bare(column.type)} but default expression is of '
            f"type {type_of(bound)}",
            "datatype_mismatch",
            hint="You will need to rewrite or cast the expression.",
        )


def create_sequence(context: Context, node: definitions.CreateSequence) -> Schema:
    """Lower CREATE SEQUENCE."""
    namespace, name = places.place(context, node.name, node.at)
    if places.is_taken(context.catalog, namespace, name):
        if node.if_not_exists:
            return Schema((), "CREATE SEQUENCE", (places.exists_notice(name),))
        raise places.exists_error(name)
    made = make_sequence(namespace, name, node.options)
    if node.options.owner:
        made = replace(made, owner=owner_of(context, node.options.owner, namespace))
    return Schema((CreateContainer(made),), "CREATE SEQUENCE", accesses=creates(namespace, name))


def owner_of(context: Context, parts: definitions.Names, namespace: str) -> tuple[str, str]:
    """Return (table, column) of OWNED BY, for a sequence of ``namespace``."""
    if len(parts) == 1:
        raise InvalidStatement(
            "invalid OWNED BY option",
            "syntax_error",
            hint="Specify OWNED BY table.column or OWNED BY NONE.",
        )
    table = places.require_table(context, parts[:-1], -1)
    if table.namespace != namespace:
        raise InvalidState(
            "sequence must be in same schema as table it is linked to",
            "object_not_in_prerequisite_state",
        )
    if table.column(parts[-1]) is None:
        raise InvalidStatement(
            f'column "{parts[-1]}" of relation "{table.name}" does not exist', "undefined_column"
        )
    return table.name, parts[-1]
