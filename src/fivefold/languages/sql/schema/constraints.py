"""Adds keys, foreign keys and checks to a table, with PostgreSQL's automatic names and tests."""

from __future__ import annotations

from dataclasses import replace

from fivefold.catalog.containers import Action, Check, ForeignKey, Key, Table
from fivefold.errors import InvalidState, InvalidStatement
from fivefold.languages.sql.bind import relations, resolve
from fivefold.languages.sql.bind.casts import bare
from fivefold.languages.sql.bind.state import Context, State
from fivefold.languages.sql.definitions import Constraint
from fivefold.languages.sql.schema.naming import constraint_names, free_name, joined
from fivefold.languages.sql.schema.texts import bind_part, columns_of, resolved


def add_constraint(context: Context, table: Table, node: Constraint, taken: set[str]) -> Table:
    """Return the table with one more constraint."""
    if node.name is not None:
        if node.name in constraint_names(table):
            raise InvalidStatement(
                f'constraint "{node.name}" for relation "{table.name}" already exists',
                "duplicate_object",
            )
        if node.kind in ("primary", "unique") and node.name in taken:
            raise InvalidStatement(f'relation "{node.name}" already exists', "duplicate_table")
        taken.add(node.name)
    if node.kind in ("primary", "unique"):
        return _add_key(table, node, taken)
    if node.kind == "foreign":
        return _add_foreign_key(context, table, node, taken)
    assert node.kind == "check"
    return _add_check(context, table, node, taken)


def _add_key(table: Table, node: Constraint, taken: set[str]) -> Table:
    primary = node.kind == "primary"
    if primary and table.primary_key is not None:
        raise InvalidStatement(
            f'multiple primary keys for table "{table.name}" are not allowed',
            "invalid_table_definition",
            position=node.at + 1,
        )
    if node.using_index is not None:
        return _key_of_index(table, node)
    names = _key_columns(table, node)
    if primary:
        columns = tuple(
            replace(column, not_null=True) if column.name in names else column
            for column in table.columns
        )
        table = replace(table, columns=columns)
    include = _key_columns(table, node._replace(columns=node.include))
    suffix, middle = ("pkey", "") if primary else ("key", joined((*names, *include)))
    name = node.name or free_name(taken, table.name, middle, suffix)
    key = Key(
        name, names, primary, node.nulls_not_distinct, include, node.deferrable, node.deferred
    )
    keys = (key, *table.keys) if primary else (*table.keys, key)
    return replace(table, keys=keys)


def _key_of_index(table: Table, node: Constraint) -> Table:
    """Make a constraint of a unique index that is there; the index takes its name."""
    index = next((one for one in table.indexes if one.name == node.using_index), None)
    if index is None:
        raise InvalidStatement(
            f'index "{node.using_index}" does not exist', "undefined_object", position=node.at + 1
        )
    columns = tuple(part.expression for part in index.parts)
    problem = (
        f'"{index.name}" is not a unique index' if not index.unique
        else f'index "{index.name}" contains expressions'
        if any(table.column(name) is None for name in columns)
        else f'"{index.name}" is a partial index' if index.where is not None
        else f'index "{index.name}" column number 1 does not have default sorting behavior'
        if any(part.descending or part.nulls_first for part in index.parts)
        else None
    )  # fmt: skip
    if problem is not None:
        raise InvalidStatement(
            problem,
            "wrong_object_type",
            detail="Cannot create a primary key or unique constraint using such an index.",
            position=node.at + 1,
        )
    primary = node.kind == "primary"
    name = node.name or index.name
    key = Key(
        name,
        columns,
        primary,
        index.nulls_not_distinct,
        index.include,
        node.deferrable,
        node.deferred,
    )
    kept = tuple(one for one in table.indexes if one is not index)
    marked = tuple(
        replace(one, not_null=True) if primary and one.name in columns else one
        for one in table.columns
    )
    keys = (key, *table.keys) if primary else (*table.keys, key)
    return replace(table, columns=marked, indexes=kept, keys=keys)


def _key_columns(table: Table, node: Constraint) -> tuple[str, ...]:
    names: list[str] = []
    for name, _at in node.columns:
        if table.column(name) is None:
            raise InvalidStatement(
                f'column "{name}" named in key does not exist',
                "undefined_column",
                position=node.at + 1,
            )
        if name in names:
            what = "primary key" if node.kind == "primary" else "unique"
            raise InvalidStatement(
                f'column "{name}" appears twice in {what} constraint',
                "duplicate_column",
                position=node.at + 1,
            )
        names.append(name)
    return tuple(names)


def _add_check(context: Context, table: Table, node: Constraint, taken: set[str]) -> Table:
    assert node.expression is not None
    bind_part(context, table, node.expression.value, "check constraints", condition=True)
    used = columns_of(node.expression.text, table)
    middle = next(iter(used)) if len(used) == 1 else ""
    name = node.name or free_name(taken, table.name, middle, "check")
    return replace(
        table, checks=(*table.checks, Check(name, resolved(context, node.expression.text)))
    )


# -- foreign keys ---------------------------------------------------------------------------------


def _refuse_mixed(context: Context, table: Table, target: Table) -> None:
    own, other = (one.namespace == context.temporary for one in (table, target))
    if own != other:
        word = "temporary" if own else "permanent"
        raise InvalidStatement(
            f"constraints on {word} tables may reference only {word} tables",
            "invalid_table_definition",
        )


def _add_foreign_key(context: Context, table: Table, node: Constraint, taken: set[str]) -> Table:
    target = _target(context, table, node)
    _refuse_mixed(context, table, target)
    names = tuple(name for name, _ in node.columns)
    for name in names:
        _require_column(table, name)
    if node.target_columns:
        wanted = tuple(name for name, _ in node.target_columns)
    elif target.primary_key is not None:
        if target.primary_key.deferrable:
            raise _deferrable("primary key", target)
        wanted = target.primary_key.columns
    else:
        raise InvalidStatement(
            f'there is no primary key for referenced table "{target.name}"', "undefined_object"
        )
    for name in wanted:
        _require_column(target, name)
    if len(names) != len(wanted):
        raise InvalidStatement(
            "number of referencing and referenced columns for foreign key disagree",
            "invalid_foreign_key",
        )
    if not is_unique(target, wanted):
        if any(sorted(one.columns) == sorted(wanted) for one in target.keys):
            raise _deferrable("unique constraint", target)
        raise InvalidStatement(
            "there is no unique constraint matching given keys for referenced table "
            f'"{target.name}"',
            "invalid_foreign_key",
        )
    name = node.name or free_name(taken, table.name, "_".join(names), "fkey")
    check_types(table, names, target, wanted, name)
    key = ForeignKey(
        name,
        names,
        (target.namespace, target.name),
        wanted,
        Action(node.on_delete),
        Action(node.on_update),
        node.deferrable,
        node.deferred,
        node.match_full,
        on_delete_columns=_set_columns(table, names, node),
    )
    return replace(table, foreign_keys=(*table.foreign_keys, key))


def _set_columns(table: Table, names: tuple[str, ...], node: Constraint) -> tuple[str, ...]:
    columns = tuple(name for name, _ in node.on_delete_columns)
    for name in columns:
        _require_column(table, name)
        if name not in names:
            raise InvalidStatement(
                f'column "{name}" referenced in ON DELETE SET action must be part of foreign key',
                "invalid_column_reference",
            )
    return columns


def _target(context: Context, table: Table, node: Constraint) -> Table:
    own = (table.name,) if len(node.target) == 1 else (table.namespace, table.name)
    if node.target == own:
        found = relations.find(State(context), node.target, None)
        if found is None or (found.namespace, found.name) == (table.namespace, table.name):
            return table
    container = relations.require(State(context), node.target, None)
    if not isinstance(container, Table):
        raise InvalidStatement(
            f'referenced relation "{container.name}" is not a table', "wrong_object_type"
        )
    return container


def _require_column(table: Table, name: str) -> None:
    if table.column(name) is None:
        raise InvalidStatement(
            f'column "{name}" referenced in foreign key constraint does not exist',
            "undefined_column",
        )


def is_unique(table: Table, columns: tuple[str, ...]) -> bool:
    """Say whether a key or a plain unique index has just these columns, row by row."""
    wanted = sorted(columns)
    if any(sorted(key.columns) == wanted and not key.deferrable for key in table.keys):
        return True
    return any(
        index.unique
        and index.where is None
        and sorted(part.expression for part in index.parts) == wanted
        for index in table.indexes
    )


def _deferrable(what: str, target: Table) -> InvalidState:
    return InvalidState(
        f'cannot use a deferrable {what} for referenced table "{target.name}"',
        "object_not_in_prerequisite_state",
    )


def check_types(
    table: Table, names: tuple[str, ...], target: Table, wanted: tuple[str, ...], name: str
) -> None:
    """Raise InvalidStatement unless a foreign key's columns can be compared with their targets."""
    for own, other in zip(names, wanted, strict=True):
        left, right = table.column(own), target.column(other)
        assert left is not None
        assert right is not None
        found = resolve.operator("=", bare(right.type), bare(left.type))
        if isinstance(found, InvalidStatement):
            raise InvalidStatement(
                f'foreign key constraint "{name}" cannot be implemented',
                "datatype_mismatch",
                detail=f'Key columns "{own}" and "{other}" are of incompatible types: '
                f"{bare(left.type)} and {bare(right.type)}.",
            )
