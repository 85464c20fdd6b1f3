"""ALTER TABLE: columns come and go, their defaults, nulls and identities."""

from __future__ import annotations

from dataclasses import replace

from fivefold.catalog.changes import AlterSequence, CreateContainer, DropContainer
from fivefold.catalog.containers import Column, Identity, Index, Sequence, Table
from fivefold.errors import InvalidState, InvalidStatement
from fivefold.languages.sql import definitions
from fivefold.languages.sql.bind.defaults import assigned, bind_text
from fivefold.languages.sql.bind.nodes import Node, call, literal
from fivefold.languages.sql.bind.state import State
from fivefold.languages.sql.definitions import Action
from fivefold.languages.sql.functions import BY_NAME
from fivefold.languages.sql.parse.statements import parse_expression
from fivefold.languages.sql.schema import dependents
from fivefold.languages.sql.schema.alter.work import Work
from fivefold.languages.sql.schema.columns import (
    Draft,
    draft_column,
    draft_identity,
    with_default,
)
from fivefold.languages.sql.schema.constraints import add_constraint
from fivefold.languages.sql.schema.drops import owned_sequences
from fivefold.languages.sql.schema.sequences import altered, restarted
from fivefold.languages.sql.schema.tables import refuse_bad_columns
from fivefold.languages.sql.schema.texts import bind_part, columns_of
from fivefold.values.types import INT8, REGCLASS


def add(work: Work, action: Action) -> None:
    node = action.column
    assert node is not None
    if work.table.column(node.name) is not None:
        message = f'column "{node.name}" of relation "{work.table.name}" already exists'
        if not action.exists:
            raise InvalidStatement(message, "duplicate_column")
        work.notice(f"{message}, skipping", "duplicate_column")
        return
    table = work.table
    draft = draft_column(work.context, table.namespace, table.name, node, work.taken)
    work.table = replace(table, columns=(*table.columns, draft.column))
    refuse_bad_columns(work.context, work.table)
    if draft.sequence is not None:
        work.before.append(CreateContainer(draft.sequence))
    value = _first_value(work, draft.column)
    if value is not None:
        work.using[node.name] = value
    for constraint in draft.constraints:
        work.table = add_constraint(work.context, work.table, constraint, work.taken)


def _first_value(work: Work, column: Column) -> Node | None:
    """Return what the rows there already get in an added column."""
    if column.sequence is not None:
        name = literal(f"{work.table.namespace}.{column.sequence}", REGCLASS)
        value: Node = call("nextval", [name], INT8)
        value.meta["function"] = BY_NAME["nextval"][0]
        return assigned(State(work.context), value, column.type)
    if column.generated is not None:
        bound = bind_part(
            work.context,
            work.table,
            parse_expression(column.generated),
            "column generation expressions",
        )
        return assigned(State(work.context), bound, column.type)
    if column.default is None:
        return None
    return bind_text(State(work.context), column.default, column.type)


def drop(work: Work, action: Action) -> None:
    if work.table.column(action.name) is None and action.exists:
        work.notice(
            f'column "{action.name}" of relation "{work.table.name}" does not exist, skipping'
        )
        return
    name = work.column(action.name).name
    _drop_dependents(work, action)
    table = work.table
    work.table = replace(
        table,
        columns=tuple(one for one in table.columns if one.name != name),
        keys=tuple(key for key in table.keys if name not in (*key.columns, *key.include)),
        foreign_keys=tuple(key for key in table.foreign_keys if name not in key.columns),
        checks=tuple(one for one in table.checks if name not in columns_of(one.expression, table)),
        indexes=tuple(one for one in table.indexes if name not in index_columns(one, table)),
    )
    work.using.pop(name, None)
    for sequence in owned_sequences(work.context, work.old):
        if sequence.owner is not None and sequence.owner[1] == name:
            work.after.append(DropContainer(sequence))


def index_columns(index: Index, table: Table) -> set[str]:
    """Return the columns of ``table`` that an index reads."""
    texts = [part.expression for part in index.parts]
    if index.where is not None:
        texts.append(index.where)
    plain = {column.name for column in table.columns}.intersection(texts)
    found = {name for text in texts if text not in plain for name in columns_of(text, table)}
    return found | plain | set(index.include)


def _drop_dependents(work: Work, action: Action) -> None:
    """Drop, with CASCADE, what else there is of this column; refuse without."""
    context, table, name = work.context, work.table, action.name
    what = f"column {name} of table {work.old.name}"
    found: list[tuple[str, str]] = []
    generated = [
        one
        for one in table.columns
        if one.generated is not None and name in columns_of(one.generated, table)
    ]
    found += [(f"column {one.name} of table {table.name}", what) for one in generated]
    lost = []
    for other in context.catalog.referrers(work.old):
        own = (other.namespace, other.name) == (work.old.namespace, work.old.name)
        keys = [
            key
            for key in work.now(other).foreign_keys
            if key.target == (work.old.namespace, work.old.name) and name in key.target_columns
        ]
        lost.append((other, {key.name for key in keys}))
        if not own:
            found += [(dependents.shown_key(context, key, other), what) for key in keys]
    readers = [one for one in work.readers() if name in one.columns(work.old)]
    views = dependents.reading(context, work.old, what, readers)
    found += [dependent for _, dependent in views]
    dependents.refuse_or_tell(what, found, action.cascade, work.notices)
    work.before += [DropContainer(view) for view, _ in reversed(views)]
    for other, names in lost:
        work.drop_foreign_keys(other, names)
    columns = tuple(one for one in work.table.columns if one not in generated)
    work.table = replace(work.table, columns=columns)


def set_not_null(work: Work, action: Action) -> None:
    work.put(action.name, replace(work.column(action.name), not_null=True))


def drop_not_null(work: Work, action: Action) -> None:
    column = work.column(action.name)
    key = work.table.primary_key
    if key is not None and column.name in key.columns:
        raise InvalidStatement(
            f'column "{column.name}" is in a primary key', "invalid_table_definition"
        )
    if column.identity in (Identity.ALWAYS, Identity.BY_DEFAULT):
        raise InvalidStatement(
            f'column "{column.name}" of relation "{work.table.name}" is an identity column',
            "syntax_error",
        )
    work.put(action.name, replace(column, not_null=False))


def set_default(work: Work, action: Action) -> None:
    column = work.column(action.name)
    _refuse_identity(work, column)
    if column.generated is not None:
        raise InvalidStatement(
            f'column "{column.name}" of relation "{work.table.name}" is a generated column'
        )
    assert action.expression is not None
    plain = replace(column, identity=None, sequence=None)
    work.put(action.name, with_default(work.context, plain, action.expression))


def _refuse_identity(work: Work, column: Column) -> None:
    if column.identity in (Identity.ALWAYS, Identity.BY_DEFAULT):
        raise InvalidStatement(
            f'column "{column.name}" of relation "{work.table.name}" is an identity column',
            hint="Use ALTER TABLE ... ALTER COLUMN ... DROP IDENTITY instead.",
        )


def drop_default(work: Work, action: Action) -> None:
    column = work.column(action.name)
    _refuse_identity(work, column)
    work.put(action.name, replace(column, default=None, identity=None, sequence=None))


def drop_identity(work: Work, action: Action) -> None:
    column = work.column(action.name)
    if column.identity not in (Identity.ALWAYS, Identity.BY_DEFAULT):
        message = (
            f'column "{column.name}" of relation "{work.table.name}" is not an identity column'
        )
        if not action.exists:
            raise InvalidState(message, "object_not_in_prerequisite_state")
        work.notice(f"{message}, skipping")
        return
    for sequence in owned_sequences(work.context, work.old):
        if sequence.name == column.sequence:
            work.after.append(DropContainer(sequence))
    work.put(action.name, replace(column, identity=None, sequence=None))


def add_identity(work: Work, action: Action) -> None:
    column = work.column(action.name)
    if column.identity is not None or column.default is not None:
        what = (
            "already has a default value"
            if column.default is not None
            else ("is already an identity column")
        )
        raise InvalidState(
            f'column "{column.name}" of relation "{work.table.name}" {what}',
            "object_not_in_prerequisite_state",
        )
    if not column.not_null:
        raise InvalidState(
            f'column "{column.name}" of relation "{work.table.name}" must be declared NOT NULL '
            "before identity can be added",
            "object_not_in_prerequisite_state",
        )
    draft = Draft(column)
    always = action.kind == "add_identity_always"
    asked = definitions.Constraint(
        "identity", None, action.at, always=always, options=action.options
    )
    draft_identity(draft, work.table.namespace, work.table.name, asked, work.taken)
    assert draft.sequence is not None
    work.before.append(CreateContainer(draft.sequence))
    work.put(action.name, draft.column)


def drop_expression(work: Work, action: Action) -> None:
    column = work.column(action.name)
    if column.generated is None:
        message = (
            f'column "{column.name}" of relation "{work.table.name}" is not a stored generated '
            "column"
        )
        if not action.exists:
            raise InvalidState(message, "object_not_in_prerequisite_state")
        work.notice(f"{message}, skipping")
        return
    work.put(action.name, replace(column, generated=None))


def set_identity(work: Work, action: Action) -> None:
    """SET GENERATED, SET and RESTART of an identity."""
    column = work.column(action.name)
    if column.identity not in (Identity.ALWAYS, Identity.BY_DEFAULT):
        raise InvalidState(
            f'column "{column.name}" of relation "{work.table.name}" is not an identity column',
            "object_not_in_prerequisite_state",
        )
    if action.new_name:
        work.put(action.name, replace(column, identity=Identity(action.new_name)))
    if action.options is not None:
        sequence = work.context.catalog.find(work.old.namespace, column.sequence or "")
        assert isinstance(sequence, Sequence)
        changed = altered(sequence, action.options)
        work.after.append(AlterSequence(sequence, changed, restarted(changed, action.options)))


def require(work: Work, action: Action) -> None:
    """SET STATISTICS, SET STORAGE and their like: the column has to be there, that is all."""
    work.column(action.name)
