"""Keyspaces, tables, types, indexes and materialized views: their definitions, and DESCRIBE.

``define`` carries out what changes the schema; ``families`` finds what statements name, ``typing``
resolves types, ``laying`` knows the containers that a column family is.

Source: "Data Definition (DDL)", "Secondary Indexes" and "Materialized Views" of Cassandra's CQL
reference, version 5.0. What is refused, and in which words, is Cassandra's.
"""

from __future__ import annotations

from importlib import import_module
from typing import Final

from fivefold.languages.cql import tree
from fivefold.languages.cql.results import Changed
from fivefold.languages.unit import Altering

_HANDLERS: Final[dict[type[tree.Definition], tuple[str, str]]] = {
    tree.CreateKeyspace: ("keyspaces", "create_keyspace"),
    tree.AlterKeyspace: ("keyspaces", "alter_keyspace"),
    tree.DropKeyspace: ("keyspaces", "drop_keyspace"),
    tree.CreateTable: ("tables", "create_table"),
    tree.AlterTable: ("altering", "alter_table"),
    tree.DropTable: ("tables", "drop_table"),
    tree.CreateType: ("usertypes", "create_type"),
    tree.AlterType: ("usertypes", "alter_type"),
    tree.DropType: ("usertypes", "drop_type"),
    tree.CreateIndex: ("indexes", "create_index"),
    tree.DropIndex: ("indexes", "drop_index"),
    tree.CreateView: ("views", "create_view"),
    tree.AlterView: ("views", "alter_view"),
    tree.DropView: ("views", "drop_view"),
}
"""What each statement is carried out by: a module, which is only needed then, and its function."""


def define(statement: tree.Definition, unit: Altering, keyspace: str | None) -> Changed:
    """Carry out a statement that changes the schema; ``keyspace`` is the session's, if any.

    Raises faults of ``values.cql.faults``.
    """
    module, name = _HANDLERS[type(statement)]
    handler = getattr(import_module(f"{__name__}.{module}"), name)
    done: Changed = handler(statement, unit, keyspace)
    return done
