"""From a statement's text to a plan: what it takes, what it returns, how it runs.

A plan is made of a text under one catalog, with the keyspace that names without one are of. It
keeps nothing of a run, and several threads may run it at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import partial
from typing import cast

from fivefold.catalog.catalog import Catalog
from fivefold.errors import Unsupported
from fivefold.languages.cql import tree
from fivefold.languages.cql.parse import parse
from fivefold.languages.cql.results import ColumnSpec, KeyspaceSet, Result, Void
from fivefold.languages.cql.run import Run
from fivefold.languages.cql.schema import define
from fivefold.languages.cql.schema.families import resolve
from fivefold.languages.cql.schema.typing import keyspace_of, namer
from fivefold.languages.cql.select import plan_select
from fivefold.languages.cql.system import Node, system_keyspaces, system_rows
from fivefold.languages.cql.tables import ColumnFamily
from fivefold.languages.cql.terms import Scope
from fivefold.languages.cql.tree import Parsed
from fivefold.languages.cql.write import (
    ModificationPlan,
    Resolve,
    plan_batch,
    plan_modification,
    truncate,
)
from fivefold.languages.unit import Altering
from fivefold.values.cql.faults import invalid
from fivefold.values.records import Record
from fivefold.values.types import Stored

_NOBODY = Node()
"""Who answers where there is no server."""

_DEFINITIONS = (
    *(tree.CreateKeyspace, tree.AlterKeyspace, tree.DropKeyspace),
    *(tree.CreateTable, tree.AlterTable, tree.DropTable),
    *(tree.CreateType, tree.AlterType, tree.DropType),
    *(tree.CreateIndex, tree.DropIndex),
    *(tree.CreateView, tree.AlterView, tree.DropView),
)


class Plan(Record):
    """How a statement runs.

    ``parameters`` are what its markers take. ``partition`` are the numbers of those that are its
    partition key, in the key's order, if all of it is markers. ``columns`` are those of the rows
    that it returns: None if it returns none, or which ones is seen only when it runs.
    ``alters``: it needs an Altering unit. ``several``: it may be several statements of the store.
    ``change`` is there for INSERT, UPDATE and DELETE, which batches may be made of.
    """

    run: Callable[[Run], Result]
    parameters: tuple[ColumnSpec, ...] = ()
    partition: tuple[int, ...] = ()
    columns: tuple[ColumnSpec, ...] | None = None
    writes: bool = False
    alters: bool = False
    several: bool = True
    change: ModificationPlan | None = None


class Prepared(Record):
    """A statement that a client has prepared. ``id`` is 16 bytes, the same in every process.

    ``parameters``, ``partition`` and ``columns`` are those of the plan when it was prepared, and
    ``result_id`` stands for the columns. ``keyspace`` is the one that its names are of.
    """

    id: bytes
    text: str
    keyspace: str | None
    parameters: tuple[ColumnSpec, ...]
    partition: tuple[int, ...]
    columns: tuple[ColumnSpec, ...] | None
    result_id: bytes


def statement_id(text: str, keyspace: str | None) -> bytes:
    """Return the id of a prepared statement, which only its text and keyspace make."""
    return hashlib.md5(f"{keyspace or ''}{text}".encode(), usedforsecurity=False).digest()


def result_id(columns: Sequence[ColumnSpec] | None) -> bytes:
    """Return what stands for the columns of a result: others have another."""
    text = repr([(each.keyspace, each.table, each.name, each.type) for each in columns or ()])
    return hashlib.md5(text.encode(), usedforsecurity=False).digest()


def prepared_of(text: str, keyspace: str | None, plan: Plan) -> Prepared:
    """Return the prepared statement of a plan."""
    return Prepared(
        *(statement_id(text, keyspace), text, keyspace, plan.parameters, plan.partition),
        *(plan.columns, result_id(plan.columns)),
    )


def understand(text: str) -> Parsed:
    """Read a statement. Raises what is wrong with it."""
    return parse(text)


def alters(statement: tree.Statement) -> bool:
    """Say whether a statement changes the catalog."""
    return isinstance(statement, _DEFINITIONS)


def plan_of(parsed: Parsed, catalog: Catalog, keyspace: str | None) -> Plan:
    """Return the plan of a statement under a catalog. Raises what is wrong with it."""
    names = _Names(catalog, keyspace)
    statement = parsed.statement
    match statement:
        case tree.Select():
            return _select(statement, names)
        case tree.Insert() | tree.Update() | tree.Delete():
            family = names.family(statement.table)
            scope = names.scope(family)
            change = plan_modification(statement, family, scope, names.family)
            return Plan(change.run, scope.parameters, change.partition, writes=True, change=change)
        case tree.Batch():
            first = names.family(statement.statements[0].table) if statement.statements else None
            scope = names.scope(first)
            batch = plan_batch(statement, scope, names.family)
            return Plan(batch.run, scope.parameters, batch.partition, writes=True)
        case tree.Truncate():
            return Plan(_truncate(names.family(statement.table), names.family), writes=True)
        case tree.Use():
            names.check_keyspace(statement.keyspace)
            return Plan(lambda run: KeyspaceSet(statement.keyspace), several=False)
        case tree.Describe():
            return Plan(_described(statement))
        case tree.Administration():
            raise Unsupported(
                f"{statement.what} are not supported in CQL yet",
                hint="Anybody may connect to a server that listens on loopback only.",
            )
        case _:
            return Plan(_define(statement), writes=True, alters=True)


def _select(select: tree.Select, names: _Names) -> Plan:
    family = names.family(select.table)
    scope = names.scope(family)
    made = partial(_made_rows, family) if family.system else None
    plan = plan_select(select, family, scope, made)
    return Plan(
        plan.run, scope.parameters, plan.partition, plan.columns, several=not plan.is_single
    )


def _made_rows(family: ColumnFamily, run: Run) -> Sequence[Sequence[Stored]]:
    return system_rows(family, run.unit.catalog, run.node or _NOBODY)


def _truncate(family: ColumnFamily, resolve: Resolve) -> Callable[[Run], Result]:
    def run(run: Run) -> Result:
        truncate(run.unit, family, resolve)
        return Void()

    return run


def _described(statement: tree.Describe) -> Callable[[Run], Result]:
    from fivefold.languages.cql.schema.describing import describe  # few statements need it

    return lambda run: describe(statement, run)


def _define(statement: tree.Definition) -> Callable[[Run], Result]:
    return lambda run: define(statement, cast(Altering, run.unit), run.keyspace)


class _Names:
    """What a statement's names mean under a catalog."""

    def __init__(self, catalog: Catalog, keyspace: str | None) -> None:
        self._catalog = catalog
        self._keyspace = keyspace

    def family(self, name: tree.Name) -> ColumnFamily:
        """Return a table or materialized view."""
        return resolve(self._catalog, name[0] or self._keyspace, name[1])

    def scope(self, family: ColumnFamily | None) -> Scope:
        """Return the scope of a statement about a table."""
        space = (self._keyspace or "") if family is None else family.keyspace
        name = "" if family is None else family.name
        return Scope(space, name, namer(self._catalog, space), family)

    def check_keyspace(self, name: str) -> None:
        """Raise if there is no such keyspace."""
        if keyspace_of(self._catalog, name) is None and name not in system_keyspaces():
            raise invalid(f"Keyspace '{name}' does not exist", "undefined_namespace")
