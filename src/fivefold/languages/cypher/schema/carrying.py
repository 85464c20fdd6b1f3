"""Commands that change what there is beside nodes and relationships, each by its class."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from fivefold.languages.cypher import tree
from fivefold.languages.cypher.graph import Notification, Statistics
from fivefold.languages.cypher.schema import changing
from fivefold.languages.cypher.schema.databases import change_database
from fivefold.languages.unit import Altering

_HANDLERS: Final[
    dict[type[tree.Command], Callable[[Altering, str, Any, Statistics], list[Notification]]]
] = {
    tree.CreateIndex: changing.create_index,
    tree.DropIndex: changing.drop_index,
    tree.CreateConstraint: changing.create_constraint,
    tree.DropConstraint: changing.drop_constraint,
    tree.DatabaseCommand: change_database,
}


def carry_out(
    unit: Altering, database: str, command: tree.Command, counted: Statistics
) -> list[Notification]:
    """Carry out a command that changes the schema of a database, any but SHOW.

    Returns what is to be told to who gave it. Raises faults of ``values.graph.faults``.
    """
    return _HANDLERS[type(command)](unit, database, command, counted)
