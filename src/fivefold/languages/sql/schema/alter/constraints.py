"""ALTER TABLE: constraints are added, dropped, renamed and validated."""

from __future__ import annotations

from dataclasses import replace

from fivefold.catalog.containers import Key
from fivefold.errors import InvalidStatement
from fivefold.languages.sql.definitions import Action
from fivefold.languages.sql.schema import dependents, places
from fivefold.languages.sql.schema.alter.work import Work
from fivefold.languages.sql.schema.constraints import add_constraint
from fivefold.languages.sql.schema.naming import constraint_names


def add(work: Work, action: Action) -> None:
    asked = action.constraint
    assert asked is not None
    if asked.using_index is not None and asked.name not in (None, asked.using_index):
        work.notice(
            f'ALTER TABLE / ADD CONSTRAINT USING INDEX will rename index "{asked.using_index}" to '
            f'"{asked.name}"'
        )
    work.table = add_constraint(work.context, work.table, asked, work.taken)


def drop(work: Work, action: Action) -> None:
    table = work.table
    if action.name not in constraint_names(table):
        message = f'constraint "{action.name}" of relation "{table.name}" does not exist'
        if not action.exists:
            raise InvalidStatement(message, "undefined_object")
        work.notice(f"{message}, skipping")
        return
    key = next((one for one in table.keys if one.name == action.name), None)
    if key is not None:
        _drop_key_users(work, action, key)
    work.taken.discard(action.name)
    table = work.table
    work.table = replace(
        table,
        keys=tuple(one for one in table.keys if one.name != action.name),
        foreign_keys=tuple(one for one in table.foreign_keys if one.name != action.name),
        checks=tuple(one for one in table.checks if one.name != action.name),
    )


def _drop_key_users(work: Work, action: Action, key: Key) -> None:
    """Drop, with CASCADE, the foreign keys that need the key; else refuse."""
    context, own = work.context, (work.old.namespace, work.old.name)
    found = []
    lost = []
    for other in context.catalog.referrers(work.old):
        names = {
            one.name
            for one in work.now(other).foreign_keys
            if one.target == own and sorted(one.target_columns) == sorted(key.columns)
        }
        found += [
            (dependents.shown_key(context, one, other), f"index {action.name}")
            for one in other.foreign_keys
            if one.name in names
        ]
        lost.append((other, names))
    what = f"constraint {action.name} on table {work.table.name}"
    dependents.refuse_or_tell(what, found, action.cascade, work.notices)
    for other, names in lost:
        work.drop_foreign_keys(other, names)


def rename(work: Work, action: Action) -> None:
    table, old, new = work.table, action.name, action.new_name
    if old not in constraint_names(table):
        raise InvalidStatement(
            f'constraint "{old}" for table "{table.name}" does not exist', "undefined_object"
        )
    if new in constraint_names(table):
        raise InvalidStatement(
            f'constraint "{new}" for relation "{table.name}" already exists', "duplicate_object"
        )
    is_key = any(one.name == old for one in table.keys)
    if is_key and places.is_taken(work.context.catalog, table.namespace, new):
        raise places.exists_error(new)
    work.table = replace(
        table,
        keys=tuple(replace(one, name=new) if one.name == old else one for one in table.keys),
        foreign_keys=tuple(
            replace(one, name=new) if one.name == old else one for one in table.foreign_keys
        ),
        checks=tuple(replace(one, name=new) if one.name == old else one for one in table.checks),
    )


def alter(work: Work, action: Action) -> None:
    """ALTER CONSTRAINT: when a foreign key is checked."""
    table, asked = work.table, action.constraint
    assert asked is not None
    if action.name not in constraint_names(table):
        raise InvalidStatement(
            f'constraint "{action.name}" of relation "{table.name}" does not exist',
            "undefined_object",
        )
    if not any(one.name == action.name for one in table.foreign_keys):
        raise InvalidStatement(
            f'constraint "{action.name}" of relation "{table.name}" is not a foreign key '
            "constraint",
            "wrong_object_type",
        )
    keys = tuple(
        replace(one, deferrable=asked.deferrable, initially_deferred=asked.deferred)
        if one.name == action.name
        else one
        for one in table.foreign_keys
    )
    work.table = replace(table, foreign_keys=keys)


def validate(work: Work, action: Action) -> None:
    """VALIDATE CONSTRAINT: all are valid here, as PG-16 says."""
    table = work.table
    if action.name not in constraint_names(table):
        raise InvalidStatement(
            f'constraint "{action.name}" of relation "{table.name}" does not exist',
            "undefined_object",
        )
    if any(one.name == action.name for one in table.keys):
        raise InvalidStatement(
            f'constraint "{action.name}" of relation "{table.name}" is not a foreign key or check '
            "constraint",
            "wrong_object_type",
        )


def require_index(work: Work, action: Action) -> None:
    """CLUSTER ON, REPLICA IDENTITY USING INDEX: the index has to be there, that is all."""
    indexes = [one.name for one in work.table.indexes]
    indexes += [one.name for one in work.table.keys]
    if action.name not in indexes:
        raise InvalidStatement(
            f'index "{action.name}" for table "{work.table.name}" does not exist',
            "undefined_object",
        )
