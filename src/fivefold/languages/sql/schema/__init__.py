"""Lowers DDL and COPY: statements become changes of the catalog, or statements to run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fivefold.languages.sql import definitions
from fivefold.languages.sql.bind.state import Context
from fivefold.languages.sql.commands import Command
from fivefold.languages.sql.schema import (
    alterations,
    comments,
    copying,
    drops,
    enums,
    extensions,
    indexes,
    namespaces,
    roles,
    tables,
    upkeep,
    views,
)

_LOWERERS: dict[type, Callable[[Context, Any], Command]] = {
    definitions.CreateTable: tables.create_table,
    definitions.CreateTableAs: views.create_table_as,
    definitions.CreateView: views.create_view,
    definitions.Refresh: views.refresh,
    definitions.CreateSequence: tables.create_sequence,
    definitions.CreateEnum: enums.create_enum,
    definitions.AlterEnum: enums.alter_enum,
    definitions.Comment: comments.comment,
    definitions.Grant: roles.grant,
    definitions.Membership: roles.membership,
    definitions.SetRole: roles.set_role,
    definitions.DropRole: roles.drop_role,
    definitions.CreateExtension: extensions.create_extension,
    definitions.CreateSchema: namespaces.create_schema,
    definitions.AlterSchema: namespaces.alter_schema,
    definitions.CreateIndex: indexes.create_index,
    definitions.Drop: drops.drop,
    definitions.Truncate: drops.truncate,
    definitions.AlterTable: alterations.alter,
    definitions.Copy: copying.copy,
    definitions.DeclareCursor: copying.declare,
    definitions.LockTable: copying.lock,
    definitions.Upkeep: upkeep.upkeep,
    definitions.Prepare: copying.prepare,
}


def lower_definition(node: definitions.Definition, context: Context) -> Command:
    """Lower a statement that needs the catalog and is no plain query."""
    return _LOWERERS[type(node)](context, node)
