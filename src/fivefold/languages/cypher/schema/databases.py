"""CREATE and DROP DATABASE: a database is a namespace with a graph in it.

Source: the Neo4j Operations Manual 5, "Create databases", "Delete databases", and "Database names"
below "Standard databases".
"""

from __future__ import annotations

import re

from fivefold.catalog.changes import DropNamespace
from fivefold.errors import Unsupported
from fivefold.languages.cypher import tree
from fivefold.languages.cypher.graph import Notification, Statistics
from fivefold.languages.cypher.schema.seen import HOME
from fivefold.languages.cypher.stored.opened import find, fresh
from fivefold.languages.unit import Altering
from fivefold.models.graph import layout
from fivefold.values.graph.faults import fault

_NAME = re.compile(r"[a-z][a-z0-9.-]{2,62}")


def change_database(
    unit: Altering, database: str, command: tree.DatabaseCommand, counted: Statistics
) -> list[Notification]:
    """Create or drop a database."""
    name = command.name.lower()
    there = name == HOME or (name in unit.catalog.namespaces and find(unit, name) is not None)
    if command.verb == "drop":
        return _drop(unit, name, command, counted, there=there)
    if there and command.if_not_exists:
        return []
    if there and not command.replace:
        message = f"Failed to create the specified database '{name}': Database already exists."
        raise fault("DatabaseExists", message, at=command.at)
    if not _NAME.fullmatch(name) or name.startswith("system"):
        raise fault(
            "UnexpectedSyntax",
            f"Database name '{name}' is not allowed: it has 3 to 63 letters of ASCII, digits, dots"
            " and dashes, begins with a letter, and not with 'system'.",
            at=command.at,
        )
    if there:
        _drop(unit, name, command, counted, there=True)
    space = name not in unit.catalog.namespaces
    unit.change(layout.made(name, fresh(), unit.document, space=space))
    counted.system_updates += 1
    return []


def _drop(
    unit: Altering,
    name: str,
    command: tree.DatabaseCommand,
    counted: Statistics,
    *,
    there: bool,
) -> list[Notification]:
    if not there:
        if command.if_exists:
            return []
        message = f"Failed to delete the specified database '{name}': Database does not exist."
        raise fault("DatabaseNotFound", message, at=command.at)
    if name == HOME:
        raise Unsupported(
            "dropping the home database is not supported",
            hint="Empty it: MATCH (n) DETACH DELETE n.",
            position=command.at + 1,
        )
    found = find(unit, name)
    assert found is not None
    unit.change(layout.dropped(name, found.graph, unit.document))
    if not any(namespace == name for namespace, _ in unit.catalog.containers):
        unit.change((DropNamespace(name),))
    counted.system_updates += 1
    return []
