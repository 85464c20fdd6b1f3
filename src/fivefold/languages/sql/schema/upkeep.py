"""Lowers VACUUM and ANALYZE."""

from __future__ import annotations

from fivefold.catalog.containers import Table
from fivefold.errors import InvalidStatement
from fivefold.languages.sql import commands, definitions
from fivefold.languages.sql.bind import relations
from fivefold.languages.sql.bind.state import Context, State

_SYSTEM = ("pg_catalog", "information_schema")


def upkeep(context: Context, node: definitions.Upkeep) -> commands.Upkeep:
    """Lower VACUUM or ANALYZE; without names it means every table."""
    word = "vacuum" if node.vacuum else "analyze"
    tables: list[Table] = []
    notices: list[commands.Notice] = []
    for name, columns in node.tables:
        found = relations.require(State(context), name, None)
        if not isinstance(found, Table) or found.namespace in _SYSTEM:
            if found.namespace not in _SYSTEM:
                message = f'skipping "{found.name}" --- cannot {word} non-tables or special'
                notices.append(commands.Notice(f"{message} system tables", "WARNING"))
            continue
        for column in columns:
            if found.column(column) is None:
                raise InvalidStatement(
                    f'column "{column}" of relation "{found.name}" does not exist',
                    "undefined_column",
                )
        tables.append(found)
    if not node.tables:
        tables = [each for each in context.catalog.tables() if context.administers(each)]
    kept = tuple(tables) if node.analyze else ()
    return commands.Upkeep(kept, node.vacuum, word.upper(), tuple(notices))
