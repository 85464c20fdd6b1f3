"""RENAME and SET SCHEMA of tables, columns, views and indexes: what reads them follows."""

from __future__ import annotations

from dataclasses import replace

from fivefold.catalog.changes import AlterSequence
from fivefold.catalog.containers import Column, Index
from fivefold.errors import InvalidStatement
from fivefold.languages.sql.definitions import Action
from fivefold.languages.sql.schema import places, stored, texts
from fivefold.languages.sql.schema.alter.work import Work
from fivefold.languages.sql.schema.drops import owned_sequences


def rename_column(work: Work, action: Action) -> None:
    old, new = action.name, action.new_name
    if work.table.column(old) is None:
        raise InvalidStatement(f'column "{old}" does not exist', "undefined_column")
    if work.table.column(new) is not None:
        raise InvalidStatement(
            f'column "{new}" of relation "{work.table.name}" already exists', "duplicate_column"
        )
    work.after += stored.follow(
        work.context, work.old, (work.old.namespace, work.old.name), {old: new}
    )
    table = work.table

    def names(given: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(new if name == old else name for name in given)

    own = (table.namespace, table.name)
    work.table = replace(
        table,
        columns=tuple(_column_renamed(one, old, new) for one in table.columns),
        keys=tuple(
            replace(key, columns=names(key.columns), include=names(key.include))
            for key in table.keys
        ),
        foreign_keys=tuple(
            replace(
                key,
                columns=names(key.columns),
                target_columns=names(key.target_columns)
                if key.target == own
                else key.target_columns,
                on_delete_columns=names(key.on_delete_columns),
            )
            for key in table.foreign_keys
        ),
        checks=tuple(
            replace(one, expression=texts.rename_column(one.expression, old, new))
            for one in table.checks
        ),
        indexes=tuple(_index_renamed(one, old, new) for one in table.indexes),
    )
    work.renamed[old] = new


def _column_renamed(column: Column, old: str, new: str) -> Column:
    if column.generated is not None:
        column = replace(column, generated=texts.rename_column(column.generated, old, new))
    return replace(column, name=new) if column.name == old else column


def _index_renamed(index: Index, old: str, new: str) -> Index:
    parts = tuple(
        replace(
            part,
            expression=new
            if part.expression == old
            else texts.rename_column(part.expression, old, new),
        )
        for part in index.parts
    )
    where = None if index.where is None else texts.rename_column(index.where, old, new)
    include = tuple(new if one == old else one for one in index.include)
    return replace(index, parts=parts, where=where, include=include)


def rename(work: Work, action: Action) -> None:
    table = work.table
    if places.is_taken(work.context.catalog, table.namespace, action.new_name):
        raise places.exists_error(action.new_name)
    _move(work, table.namespace, action.new_name)


def set_schema(work: Work, action: Action) -> None:
    catalog, table = work.context.catalog, work.table
    if action.new_name not in catalog.namespaces:
        raise places.missing_namespace(action.new_name)
    if action.new_name == table.namespace:
        raise InvalidStatement(
            f'relation "{table.name}" already exists in schema "{action.new_name}"',
            "duplicate_table",
        )
    relations = [one.name for one in table.indexes]
    relations += [one.name for one in table.keys]
    relations += [one.name for one in owned_sequences(work.context, work.old)]
    for name in (table.name, *relations):
        if places.is_taken(catalog, action.new_name, name):
            raise InvalidStatement(
                f'relation "{name}" already exists in schema "{action.new_name}"',
                "duplicate_table",
            )
    _move(work, action.new_name, table.name)


def _move(work: Work, namespace: str, name: str) -> None:
    work.after += stored.follow(work.context, work.old, (namespace, name), {})
    table = work.table
    own = (table.namespace, table.name)
    keys = tuple(
        replace(key, target=(namespace, name)) if key.target == own else key
        for key in table.foreign_keys
    )
    table = replace(
        table,
        namespace=namespace,
        name=name,
        foreign_keys=keys,
        checks=tuple(
            replace(one, expression=texts.unqualified(one.expression)) for one in table.checks
        ),
        columns=tuple(
            one
            if one.generated is None
            else replace(one, generated=texts.unqualified(one.generated))
            for one in table.columns
        ),
        indexes=tuple(texts.unqualified_index(one, table) for one in table.indexes),
    )
    work.table = table
    for sequence in owned_sequences(work.context, work.old):
        owner = (name, sequence.owner[1] if sequence.owner else "")
        moved = replace(sequence, namespace=namespace, owner=owner)
        work.after.append(AlterSequence(sequence, moved))
