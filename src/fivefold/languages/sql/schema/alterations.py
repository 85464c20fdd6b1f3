"""Lowers ALTER: the actions change one catalog value after another, and one change carries them
out.

Source: the PostgreSQL manual, "ALTER TABLE".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from fivefold.catalog.catalog import missing_container
from fivefold.catalog.changes import (
    AlterTable,
    Change,
    CreateContainer,
    DropContainer,
)
from fivefold.catalog.containers import Check, Column, Identity, Index, Sequence, Table, View
from fivefold.errors import InvalidState, InvalidStatement, Unsupported
from fivefold.languages.sql import definitions
from fivefold.languages.sql.bind.casts import Ease, bare, castable, coerce
from fivefold.languages.sql.bind.defaults import assigned, bind_text, fits
from fivefold.languages.sql.bind.names import named_type
from fivefold.languages.sql.bind.nodes import Node, call, literal
from fivefold.languages.sql.bind.state import Context, State
from fivefold.languages.sql.commands import Notice, Schema
from fivefold.languages.sql.definitions import Action
from fivefold.languages.sql.functions import BY_NAME
from fivefold.languages.sql.schema import places
from fivefold.languages.sql.schema.columns import (
    Draft,
    draft_column,
    draft_identity,
    with_default,
)
from fivefold.languages.sql.schema.constraints import add_constraint
from fivefold.languages.sql.schema.drops import owned_sequences
from fivefold.languages.sql.schema.naming import constraint_names, taken_names
from fivefold.languages.sql.schema.texts import bind_all, bind_part, columns_of, rename_column
from fivefold.plan.statement import Access, Privilege, type_of
from fivefold.values.types import INT8, REGCLASS


@dataclass(slots=True)
class Work:
    """One ALTER TABLE under way: the table so far and what must happen around it."""

    context: Context
    old: Table
    table: Table
    taken: set[str]
    renamed: dict[str, str] = field(default_factory=dict)  # old name to new
    using: dict[str, Node] = field(default_factory=dict)
    before: list[Change] = field(default_factory=list)
    after: list[Change] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    def column(self, name: str) -> Column:
        found = self.table.column(name)
        if found is None:
            raise InvalidStatement(
                f'column "{name}" of relation "{self.table.name}" does not exist',
                "undefined_column",
            )
        return found

    def put(self, name: str, column: Column) -> None:
        columns = tuple(column if one.name == name else one for one in self.table.columns)
        self.table = replace(self.table, columns=columns)


def alter(context: Context, node: definitions.AlterTable) -> Schema:
    """Lower ALTER TABLE, INDEX, VIEW, SEQUENCE or SCHEMA."""
    if node.what != "TABLE":
        return _alter_other(context, node)
    tag = "ALTER TABLE"
    found = places.find(context, node.name, node.at)
    if found is None:
        if not node.if_exists:
            raise missing_container(".".join(node.name))
        notice = Notice(f'relation "{node.name[-1]}" does not exist, skipping')
        return Schema((), tag, (notice,))
    if not isinstance(found, Table):
        raise InvalidStatement(f'"{found.name}" is not a table', "wrong_object_type")
    work = Work(context, found, found, taken_names(context.catalog, found.namespace))
    for action in node.actions:
        _ACTIONS[action.kind](work, action)
    if not work.table.columns:
        raise places.no_columns()
    accesses = (Access(found.namespace, found.name, Privilege.ADMINISTER),)
    return Schema(tuple(_changes(work)), tag, tuple(work.notices), accesses)


def _changes(work: Work) -> list[Change]:
    if work.table == work.old and not work.using:
        return [*work.before, *work.after]
    main = AlterTable(
        work.old,
        work.table,
        tuple(work.renamed.items()),
        work.using,
        bind_all(work.context, work.table),
    )
    return [*work.before, main, *_referrers(work), *work.after]


def _referrers(work: Work) -> list[Change]:
    """Point the foreign keys of other tables at the new names."""
    old, new = work.old, work.table
    if (old.namespace, old.name) == (new.namespace, new.name) and not work.renamed:
        return []
    changes: list[Change] = []
    for other in work.context.catalog.referrers(old):
        if other == old:
            continue
        keys = tuple(
            replace(
                key,
                target=(new.namespace, new.name),
                target_columns=tuple(work.renamed.get(name, name) for name in key.target_columns),
            )
            if key.target == (old.namespace, old.name)
            else key
            for key in other.foreign_keys
        )
        after = replace(other, foreign_keys=keys)
        if after != other:
            changes.append(AlterTable(other, after, bound=bind_all(work.context, after)))
    return changes


def _refuse_views(work: Work, what: str) -> None:
    views = places.dependent_views(work.context, work.old)
    if views:
        raise Unsupported(
            f"{what} of a table that the view {views[0].name} reads is not supported",
            hint="Drop the view, and create it again afterwards.",
        )


# -- columns --------------------------------------------------------------------------------------


def _add_column(work: Work, action: Action) -> None:
    node = action.column
    assert node is not None
    if work.table.column(node.name) is not None:
        message = f'column "{node.name}" of relation "{work.table.name}" already exists'
        if not action.exists:
            raise InvalidStatement(message, "duplicate_column")
        work.notices.append(Notice(f"{message}, skipping", code="duplicate_column"))
        return
    table = work.table
    draft = draft_column(work.context, table.namespace, table.name, node, work.taken)
    work.table = replace(table, columns=(*table.columns, draft.column))
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
    if column.default is None:
        return None
    return bind_text(State(work.context), column.default, column.type)


def _drop_column(work: Work, action: Action) -> None:
    if work.table.column(action.name) is None and action.exists:
        work.notices.append(
            Notice(
                f'column "{action.name}" of relation "{work.table.name}" does not exist, skipping'
            )
        )
        return
    column = work.column(action.name)
    _refuse_views(work, "dropping a column")
    name = column.name
    _drop_dependents(work, action)
    table = work.table
    work.table = replace(
        table,
        columns=tuple(one for one in table.columns if one.name != name),
        keys=tuple(key for key in table.keys if name not in key.columns),
        foreign_keys=tuple(key for key in table.foreign_keys if name not in key.columns),
        checks=tuple(one for one in table.checks if name not in columns_of(one.expression, table)),
        indexes=tuple(one for one in table.indexes if name not in _index_columns(one, table)),
    )
    work.using.pop(name, None)
    for sequence in owned_sequences(work.context, work.old):
        if sequence.owner is not None and sequence.owner[1] == name:
            work.after.append(DropContainer(sequence))


def _index_columns(index: Index, table: Table) -> set[str]:
    texts = [part.expression for part in index.parts]
    if index.where is not None:
        texts.append(index.where)
    return {name for text in texts for name in columns_of(text, table)}


def _drop_dependents(work: Work, action: Action) -> None:
    """Drop, with CASCADE, what other tables and columns have of this column; else refuse."""
    table, name = work.table, action.name
    for column in table.columns:
        if column.generated is not None and name in columns_of(column.generated, table):
            if not action.cascade:
                raise _column_needed(table, name, f"column {column.name} of table {table.name}")
            work.notices.append(
                Notice(f"drop cascades to column {column.name} of table {table.name}")
            )
            columns = tuple(one for one in work.table.columns if one.name != column.name)
            work.table = replace(work.table, columns=columns)
    for other in work.context.catalog.referrers(work.old):
        lost = [
            key
            for key in other.foreign_keys
            if key.target == (work.old.namespace, work.old.name) and name in key.target_columns
        ]
        if not lost:
            continue
        if other == work.old:
            kept = tuple(key for key in work.table.foreign_keys if key not in lost)
            work.table = replace(work.table, foreign_keys=kept)
            continue
        for key in lost:
            shown = f"constraint {key.name} on table {other.name}"
            if not action.cascade:
                raise _column_needed(table, name, shown)
            work.notices.append(Notice(f"drop cascades to {shown}"))
        after = replace(
            other, foreign_keys=tuple(key for key in other.foreign_keys if key not in lost)
        )
        work.before.append(AlterTable(other, after, bound=bind_all(work.context, after)))


def _column_needed(table: Table, name: str, what: str) -> InvalidStatement:
    return InvalidStatement(
        f"cannot drop column {name} of table {table.name} because other objects depend on it",
        "dependent_objects_still_exist",
        detail=f"{what} depends on column {name} of table {table.name}",
        hint="Use DROP ... CASCADE to drop the dependent objects too.",
    )


def _rename_column(work: Work, action: Action) -> None:
    old, new = action.name, action.new_name
    if work.table.column(old) is None:
        raise InvalidStatement(f'column "{old}" does not exist', "undefined_column")
    if work.table.column(new) is not None:
        raise InvalidStatement(
            f'column "{new}" of relation "{work.table.name}" already exists', "duplicate_column"
        )
    _refuse_views(work, "renaming a column")
    table = work.table

    def names(given: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(new if name == old else name for name in given)

    own = (table.namespace, table.name)
    work.table = replace(
        table,
        columns=tuple(_column_renamed(one, old, new) for one in table.columns),
        keys=tuple(replace(key, columns=names(key.columns)) for key in table.keys),
        foreign_keys=tuple(
            replace(
                key,
                columns=names(key.columns),
                target_columns=names(key.target_columns)
                if key.target == own
                else key.target_columns,
            )
            for key in table.foreign_keys
        ),
        checks=tuple(
            Check(one.name, rename_column(one.expression, old, new)) for one in table.checks
        ),
        indexes=tuple(_index_renamed(one, old, new) for one in table.indexes),
    )
    work.renamed[old] = new


def _column_renamed(column: Column, old: str, new: str) -> Column:
    if column.generated is not None:
        column = replace(column, generated=rename_column(column.generated, old, new))
    return replace(column, name=new) if column.name == old else column


def _index_renamed(index: Index, old: str, new: str) -> Index:
    parts = tuple(
        replace(
            part,
            expression=new if part.expression == old else rename_column(part.expression, old, new),
        )
        for part in index.parts
    )
    where = None if index.where is None else rename_column(index.where, old, new)
    return replace(index, parts=parts, where=where)


def _set_not_null(work: Work, action: Action) -> None:
    work.put(action.name, replace(work.column(action.name), not_null=True))


def _drop_not_null(work: Work, action: Action) -> None:
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


def _set_default(work: Work, action: Action) -> None:
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


def _drop_default(work: Work, action: Action) -> None:
    column = work.column(action.name)
    _refuse_identity(work, column)
    work.put(action.name, replace(column, default=None, identity=None, sequence=None))


def _drop_identity(work: Work, action: Action) -> None:
    column = work.column(action.name)
    if column.identity not in (Identity.ALWAYS, Identity.BY_DEFAULT):
        message = (
            f'column "{column.name}" of relation "{work.table.name}" is not an identity column'
        )
        if not action.exists:
            raise InvalidState(message, "object_not_in_prerequisite_state")
        work.notices.append(Notice(f"{message}, skipping"))
        return
    for sequence in owned_sequences(work.context, work.old):
        if sequence.name == column.sequence:
            work.after.append(DropContainer(sequence))
    work.put(action.name, replace(column, identity=None, sequence=None))


def _add_identity(work: Work, action: Action) -> None:
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


def _drop_expression(work: Work, action: Action) -> None:
    column = work.column(action.name)
    if column.generated is None:
        message = (
            f'column "{column.name}" of relation "{work.table.name}" is not a stored generated '
            "column"
        )
        if not action.exists:
            raise InvalidState(message, "object_not_in_prerequisite_state")
        work.notices.append(Notice(f"{message}, skipping"))
        return
    work.put(action.name, replace(column, generated=None))


def _type(work: Work, action: Action) -> None:
    column = work.column(action.name)
    assert action.type is not None
    new = named_type(action.type)
    if new == column.type and action.expression is None:
        return
    _refuse_views(work, "changing the type of a column")
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
        from fivefold.languages.sql.bind.nodes import identifier, typed
        from fivefold.plan import nodes as exp

        plain = typed(exp.Column(this=identifier(column.name)), column.type)
        work.using[action.name] = coerce(state, plain, new, Ease.ASSIGNMENT)
    changed = replace(column, type=new)
    work.put(action.name, changed)
    if column.default is not None:
        _check_default(work, changed)


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


# -- constraints and names ------------------------------------------------------------------------


def _add_constraint(work: Work, action: Action) -> None:
    assert action.constraint is not None
    work.table = add_constraint(work.context, work.table, action.constraint, work.taken)


def _drop_constraint(work: Work, action: Action) -> None:
    table = work.table
    if action.name not in constraint_names(table):
        message = f'constraint "{action.name}" of relation "{table.name}" does not exist'
        if not action.exists:
            raise InvalidStatement(message, "undefined_object")
        work.notices.append(Notice(f"{message}, skipping"))
        return
    key = next((one for one in table.keys if one.name == action.name), None)
    if key is not None:
        _drop_key_users(work, action, key.columns)
    table = work.table
    work.table = replace(
        table,
        keys=tuple(one for one in table.keys if one.name != action.name),
        foreign_keys=tuple(one for one in table.foreign_keys if one.name != action.name),
        checks=tuple(one for one in table.checks if one.name != action.name),
    )


def _drop_key_users(work: Work, action: Action, columns: tuple[str, ...]) -> None:
    target = (work.old.namespace, work.old.name)
    for other in work.context.catalog.referrers(work.old):
        users = [
            key
            for key in other.foreign_keys
            if key.target == target and sorted(key.target_columns) == sorted(columns)
        ]
        for key in users:
            shown = f"constraint {key.name} on table {other.name}"
            if not action.cascade:
                raise InvalidStatement(
                    f"cannot drop constraint {action.name} on table {work.table.name} because "
                    "other objects depend on it",
                    "dependent_objects_still_exist",
                    detail=f"{shown} depends on index {action.name}",
                    hint="Use DROP ... CASCADE to drop the dependent objects too.",
                )
            work.notices.append(Notice(f"drop cascades to {shown}"))
        if users and other != work.old:
            kept = tuple(key for key in other.foreign_keys if key not in users)
            after = replace(other, foreign_keys=kept)
            work.before.append(AlterTable(other, after, bound=bind_all(work.context, after)))
        elif users:
            kept = tuple(key for key in work.table.foreign_keys if key not in users)
            work.table = replace(work.table, foreign_keys=kept)


def _rename_constraint(work: Work, action: Action) -> None:
    table, old, new = work.table, action.name, action.new_name
    if old not in constraint_names(table):
        raise InvalidStatement(
            f'constraint "{old}" for table "{table.name}" does not exist', "undefined_object"
        )
    if new in constraint_names(table):
        raise InvalidStatement(
            f'constraint "{new}" for relation "{table.name}" already exists', "duplicate_object"
        )
    work.table = replace(
        table,
        keys=tuple(replace(one, name=new) if one.name == old else one for one in table.keys),
        foreign_keys=tuple(
            replace(one, name=new) if one.name == old else one for one in table.foreign_keys
        ),
        checks=tuple(replace(one, name=new) if one.name == old else one for one in table.checks),
    )


def _rename(work: Work, action: Action) -> None:
    table = work.table
    if places.is_taken(work.context.catalog, table.namespace, action.new_name):
        raise places.exists_error(action.new_name)
    _move(work, table.namespace, action.new_name)


def _set_schema(work: Work, action: Action) -> None:
    if action.new_name not in work.context.catalog.namespaces:
        raise places.missing_namespace(action.new_name)
    if owned_sequences(work.context, work.old):
        raise Unsupported("moving a table with its sequences to another schema is not supported")
    if places.is_taken(work.context.catalog, action.new_name, work.table.name):
        raise InvalidStatement(
            f'relation "{work.table.name}" already exists in schema "{action.new_name}"',
            "duplicate_table",
        )
    _move(work, action.new_name, work.table.name)


def _move(work: Work, namespace: str, name: str) -> None:
    _refuse_views(work, "renaming")
    table = work.table
    own = (table.namespace, table.name)
    keys = tuple(
        replace(key, target=(namespace, name)) if key.target == own else key
        for key in table.foreign_keys
    )
    work.table = replace(table, namespace=namespace, name=name, foreign_keys=keys)
    for sequence in owned_sequences(work.context, work.old):
        raise_owner = replace(sequence, owner=(name, sequence.owner[1] if sequence.owner else ""))
        work.after += [DropContainer(sequence), CreateContainer(raise_owner)]


def _nothing(work: Work, action: Action) -> None:
    """SET STATISTICS, OWNER TO, VALIDATE CONSTRAINT: nothing to do here."""


_ACTIONS: dict[str, Callable[[Work, Action], None]] = {
    "add_column": _add_column,
    "drop_column": _drop_column,
    "rename_column": _rename_column,
    "set_not_null": _set_not_null,
    "drop_not_null": _drop_not_null,
    "set_default": _set_default,
    "drop_default": _drop_default,
    "drop_identity": _drop_identity,
    "add_identity": _add_identity,
    "add_identity_always": _add_identity,
    "drop_expression": _drop_expression,
    "type": _type,
    "add_constraint": _add_constraint,
    "drop_constraint": _drop_constraint,
    "rename_constraint": _rename_constraint,
    "rename": _rename,
    "schema": _set_schema,
    "owner": _nothing,
    "validate": _nothing,
    "nothing": _nothing,
}


# -- other objects --------------------------------------------------------------------------------


def _alter_other(context: Context, node: definitions.AlterTable) -> Schema:
    action, what = node.actions[0], node.what
    tag = f"ALTER {what}"
    if action.kind == "owner":
        return Schema((), tag)
    if what == "INDEX" and action.kind == "rename":
        return _rename_index(context, node, action, tag)
    found = None if what in ("SCHEMA", "INDEX") else places.find(context, node.name, node.at)
    if isinstance(found, Sequence) and action.kind == "sequence":
        raise Unsupported("ALTER SEQUENCE is not supported; use setval(), or create it again")
    if isinstance(found, View) and what == "VIEW" and action.kind == "rename":
        if places.is_taken(context.catalog, found.namespace, action.new_name):
            raise places.exists_error(action.new_name)
        if places.dependent_views(context, found):
            raise Unsupported("renaming a view that others read is not supported")
        renamed = replace(found, name=action.new_name)
        access = Access(found.namespace, found.name, Privilege.ADMINISTER)
        return Schema((DropContainer(found), CreateContainer(renamed)), tag, (), (access,))
    raise Unsupported(f"this form of {tag} is not supported")


def _rename_index(
    context: Context, node: definitions.AlterTable, action: Action, tag: str
) -> Schema:
    for namespace in context.search_path if len(node.name) == 1 else node.name[:1]:
        table = places.find_index(context.catalog, namespace, node.name[-1])
        if table is None:
            continue
        if places.is_taken(context.catalog, namespace, action.new_name):
            raise places.exists_error(action.new_name)
        indexes = tuple(
            replace(one, name=action.new_name) if one.name == node.name[-1] else one
            for one in table.indexes
        )
        keys = tuple(
            replace(one, name=action.new_name) if one.name == node.name[-1] else one
            for one in table.keys
        )
        new = replace(table, indexes=indexes, keys=keys)
        change = AlterTable(table, new, bound=bind_all(context, new))
        access = Access(table.namespace, table.name, Privilege.ADMINISTER)
        return Schema((change,), tag, (), (access,))
    if node.if_exists:
        return Schema((), tag, (Notice(f'relation "{node.name[-1]}" does not exist, skipping'),))
    raise missing_container(".".join(node.name))
