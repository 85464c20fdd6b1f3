"""Lowers ALTER TABLE.

Source: the PostgreSQL manual, "ALTER TABLE".
"""

from __future__ import annotations

from collections.abc import Callable

from fivefold.catalog.catalog import missing_container
from fivefold.catalog.containers import EnumType, Table, View
from fivefold.catalog.roles import Privilege
from fivefold.errors import InvalidStatement, Unsupported
from fivefold.languages.sql import definitions
from fivefold.languages.sql.bind.state import Context
from fivefold.languages.sql.commands import Notice, Schema
from fivefold.languages.sql.definitions import Action
from fivefold.languages.sql.schema import places, stored
from fivefold.languages.sql.schema.alter import columns, constraints, names, others, types
from fivefold.languages.sql.schema.alter.work import Work
from fivefold.languages.sql.schema.naming import taken_names
from fivefold.plan.statement import Access
from fivefold.values.records import changed


def alter(context: Context, node: definitions.AlterTable) -> Schema:
    """Lower ALTER TABLE, INDEX, VIEW, MATERIALIZED VIEW or SEQUENCE."""
    first = node.actions[0].kind
    found = None
    if node.what != "INDEX":
        found = places.find(context, node.name, node.at)
    renames = first in ("rename", "schema", "rename_column")
    of_view = isinstance(found, View) and first in ("set_default", "drop_default")
    if node.what != "TABLE" or of_view or (renames and not isinstance(found, Table | None)):
        return others.alter(context, node, found)
    if found is None or isinstance(found, EnumType):
        if renames and places.find_index_named(context, node.name) is not None:
            return changed(
                others.alter(context, node._replace(what="INDEX"), None), tag="ALTER TABLE"
            )
        if not node.if_exists:
            raise missing_container(".".join(node.name))
        notice = Notice(f'relation "{node.name[-1]}" does not exist, skipping')
        return Schema((), "ALTER TABLE", (notice,))
    if isinstance(found, Table) and (found.query is None or renames or first == "owner"):
        return run(context, found, node.actions, "ALTER TABLE")
    if first == "owner":
        _check_owner(context, node.actions[0])
        return Schema((), "ALTER TABLE")
    raise InvalidStatement(
        _REFUSED.get(first, 'ALTER action cannot be performed on relation "{name}"').format(
            name=found.name
        ),
        "wrong_object_type",
        detail=f"This operation is not supported for {stored.kind(found)}s.",
    )


def run(context: Context, table: Table, actions: tuple[Action, ...], tag: str) -> Schema:
    """Carry the actions out on a table or materialized view."""
    context.check_administers(table)
    work = Work(context, table, table, taken_names(context.catalog, table.namespace))
    for action in sorted(actions, key=lambda one: _PASS.get(one.kind, 1)):
        _ACTIONS[action.kind](work, action)
    if not work.table.columns:
        raise places.no_columns()
    accesses = (Access(table.namespace, table.name, Privilege.ADMINISTER), *work.accesses)
    return Schema(tuple(work.changes()), tag, tuple(work.notices), accesses)


_PASS = {
    "drop_column": -2, "drop_constraint": -2, "drop_identity": -2, "drop_expression": -2,
    "type": -1, "add_constraint": 2, "validate": 3,
}  # fmt: skip
"""PostgreSQL's order: what goes, what changes its type, columns, and constraints last."""

_SHOWN = {
    "add_column": "ADD COLUMN", "drop_column": "DROP COLUMN", "add_constraint": "ADD CONSTRAINT",
    "drop_constraint": "DROP CONSTRAINT", "type": "ALTER COLUMN ... SET DATA TYPE",
    "set_not_null": "ALTER COLUMN ... SET NOT NULL", "set_default": "ALTER COLUMN ... SET DEFAULT",
    "drop_not_null": "ALTER COLUMN ... DROP NOT NULL", "validate": "VALIDATE CONSTRAINT",
    "drop_default": "ALTER COLUMN ... SET DEFAULT",
    "add_identity": "ALTER COLUMN ... ADD IDENTITY",
    "add_identity_always": "ALTER COLUMN ... ADD IDENTITY",
    "set_identity": "ALTER COLUMN ... SET IDENTITY",
    "drop_identity": "ALTER COLUMN ... DROP IDENTITY",
    "drop_expression": "ALTER COLUMN ... DROP EXPRESSION",
}  # fmt: skip
_REFUSED = {
    kind: f'ALTER action {word} cannot be performed on relation "{{name}}"'
    for kind, word in _SHOWN.items()
}


def _nothing(work: Work, action: Action) -> None:
    """SET STATISTICS and its like: nothing that a file or its answers depend on."""


def _check_owner(context: Context, action: Action) -> None:
    """Refuse to make a role the owner that would have to be given privileges by it."""
    role = context.catalog.roles.get(action.new_name)
    if role is not None and not role.superuser:
        raise Unsupported(
            "OWNER TO a role that is no superuser is not supported",
            hint="GRANT ADMINISTER ON it to the role.",
            position=action.at + 1,
        )


def _owner(work: Work, action: Action) -> None:
    _check_owner(work.context, action)


_ACTIONS: dict[str, Callable[[Work, Action], None]] = {
    "add_column": columns.add,
    "drop_column": columns.drop,
    "set_not_null": columns.set_not_null,
    "drop_not_null": columns.drop_not_null,
    "set_default": columns.set_default,
    "drop_default": columns.drop_default,
    "add_identity": columns.add_identity,
    "add_identity_always": columns.add_identity,
    "set_identity": columns.set_identity,
    "drop_identity": columns.drop_identity,
    "drop_expression": columns.drop_expression,
    "type": types.change,
    "add_constraint": constraints.add,
    "drop_constraint": constraints.drop,
    "rename_constraint": constraints.rename,
    "alter_constraint": constraints.alter,
    "validate": constraints.validate,
    "rename_column": names.rename_column,
    "rename": names.rename,
    "schema": names.set_schema,
    "owner": _owner,
    "column_setting": columns.require,
    "cluster": constraints.require_index,
    "nothing": _nothing,
}
