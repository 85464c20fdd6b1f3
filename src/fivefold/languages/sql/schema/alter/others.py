"""ALTER VIEW, MATERIALIZED VIEW, INDEX and SEQUENCE: their names, places and columns."""

from __future__ import annotations

from dataclasses import replace

from fivefold.catalog.catalog import missing_container
from fivefold.catalog.changes import AlterSequence, AlterTable
from fivefold.catalog.containers import Column, Container, Identity, Sequence, Table, View
from fivefold.catalog.roles import Privilege
from fivefold.errors import InvalidStatement, Unsupported
from fivefold.languages.sql import definitions
from fivefold.languages.sql.bind.state import Context
from fivefold.languages.sql.commands import Notice, Schema
from fivefold.languages.sql.definitions import Action
from fivefold.languages.sql.schema import places, stored
from fivefold.languages.sql.schema.texts import bind_all, follow_sequence
from fivefold.plan.statement import Access


def alter(context: Context, node: definitions.AlterTable, found: Container | None) -> Schema:
    """Lower the ALTER of something that is no table, or is called one."""
    action, what = node.actions[0], node.what
    tag = f"ALTER {what}"
    if what == "INDEX":
        return _alter_index(context, node, action)
    if found is None:
        if node.if_exists:
            notice = Notice(f'relation "{node.name[-1]}" does not exist, skipping')
            return Schema((), tag, (notice,))
        raise missing_container(".".join(node.name))
    if what != "TABLE" and not _is(found, what):
        article = "an" if what[0] in "AEIOU" else "a"
        raise InvalidStatement(
            f'"{found.name}" is not {article} {what.lower()}', "wrong_object_type"
        )
    if action.kind in ("owner", "nothing"):
        return Schema((), tag)
    if isinstance(found, Sequence):
        return _alter_sequence(context, found, action, tag)
    if isinstance(found, Table):
        from fivefold.languages.sql.schema.alterations import run

        return run(context, found, node.actions, tag)
    if not isinstance(found, View):
        raise InvalidStatement(f'"{found.name}" is not a table', "wrong_object_type")
    return _alter_view(context, found, action, tag)


def _is(found: Container, what: str) -> bool:
    return stored.kind(found).upper() == what


def _alter_view(context: Context, view: View, action: Action, tag: str) -> Schema:
    columns: dict[str, str] = {}
    if action.kind == "rename":
        if places.is_taken(context.catalog, view.namespace, action.new_name):
            raise places.exists_error(action.new_name)
        changed = replace(view, name=action.new_name)
    elif action.kind == "schema":
        changed = replace(view, namespace=_free_place(context, view, action.new_name))
    elif action.kind == "rename_column":
        columns = {action.name: action.new_name}
        changed = replace(view, columns=_renamed(view, action))
    else:
        raise Unsupported(
            f"this form of {tag} is not supported",
            hint="CREATE OR REPLACE VIEW changes a view's query.",
        )
    changes = stored.put_in_place(view, changed)
    changes += stored.follow(context, view, (changed.namespace, changed.name), columns)
    access = Access(view.namespace, view.name, Privilege.ADMINISTER)
    return Schema(tuple(changes), tag, (), (access,))


def _renamed(view: View, action: Action) -> tuple[Column, ...]:
    names = [column.name for column in view.columns]
    if action.name not in names:
        raise InvalidStatement(f'column "{action.name}" does not exist', "undefined_column")
    if action.new_name in names:
        raise InvalidStatement(
            f'column "{action.new_name}" of relation "{view.name}" already exists',
            "duplicate_column",
        )
    return tuple(
        replace(one, name=action.new_name) if one.name == action.name else one
        for one in view.columns
    )


def _free_place(context: Context, container: Container, namespace: str) -> str:
    if namespace not in context.catalog.namespaces:
        raise places.missing_namespace(namespace)
    if places.is_taken(context.catalog, namespace, container.name):
        raise InvalidStatement(
            f'relation "{container.name}" already exists in schema "{namespace}"',
            "duplicate_table",
        )
    return namespace


def _alter_sequence(context: Context, sequence: Sequence, action: Action, tag: str) -> Schema:
    if action.kind == "rename":
        if places.is_taken(context.catalog, sequence.namespace, action.new_name):
            raise places.exists_error(action.new_name)
        changed = replace(sequence, name=action.new_name)
    elif action.kind == "schema" and sequence.owner is None:
        changed = replace(sequence, namespace=_free_place(context, sequence, action.new_name))
    elif action.kind == "schema":
        raise Unsupported("cannot move an owned sequence into another schema")
    elif action.kind == "rename_column":
        raise InvalidStatement(
            f'cannot rename columns of relation "{sequence.name}"',
            "wrong_object_type",
            detail="This operation is not supported for sequences.",
        )
    else:
        return _sequence_options(context, sequence, action, tag)
    changes: list[AlterSequence | AlterTable] = [AlterSequence(sequence, changed)]
    if sequence.owner is not None:
        table = context.catalog.find(sequence.namespace, sequence.owner[0])
        if isinstance(table, Table):
            columns = tuple(
                replace(one, sequence=changed.name) if one.sequence == sequence.name else one
                for one in table.columns
            )
            bound = bind_all(context, table)
            changes.append(AlterTable(table, replace(table, columns=columns), bound=bound))
    else:
        place = (changed.namespace, changed.name)
        changes += follow_sequence(context, (sequence.namespace, sequence.name), place)
    access = Access(sequence.namespace, sequence.name, Privilege.ADMINISTER)
    return Schema(tuple(changes), tag, (), (access,))


def _sequence_options(context: Context, sequence: Sequence, action: Action, tag: str) -> Schema:
    from fivefold.languages.sql.schema.sequences import altered, restarted
    from fivefold.languages.sql.schema.tables import owner_of

    options = action.options
    assert options is not None
    changed = altered(sequence, options)
    restart = restarted(changed, options)
    if options.owner is not None:
        holder = _identity_of(context, sequence)
        if holder is not None:
            raise Unsupported(
                "cannot change ownership of identity sequence",
                detail=f'Sequence "{sequence.name}" is linked to table "{holder}".',
            )
        owner = owner_of(context, options.owner, sequence.namespace) if options.owner else None
        changed = replace(changed, owner=owner)
    access = Access(sequence.namespace, sequence.name, Privilege.ADMINISTER)
    return Schema((AlterSequence(sequence, changed, restart),), tag, (), (access,))


def _identity_of(context: Context, sequence: Sequence) -> str | None:
    """Return the table of the identity that draws from a sequence, None if there is none."""
    table = context.catalog.find(sequence.namespace, sequence.owner[0]) if sequence.owner else None
    for column in table.columns if isinstance(table, Table) else ():
        if column.sequence == sequence.name and column.identity is not Identity.SERIAL:
            return table.name if table is not None else None
    return None


def _alter_index(context: Context, node: definitions.AlterTable, action: Action) -> Schema:
    tag = "ALTER INDEX"
    table = places.find_index_named(context, node.name)
    if table is None:
        if node.if_exists:
            notice = Notice(f'relation "{node.name[-1]}" does not exist, skipping')
            return Schema((), tag, (notice,))
        raise missing_container(".".join(node.name))
    if action.kind in ("owner", "nothing"):
        return Schema((), tag)
    if action.kind != "rename":
        raise Unsupported(f"this form of {tag} is not supported")
    if places.is_taken(context.catalog, table.namespace, action.new_name):
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
