"""From a statement's text to a plan: what it takes, what it returns, how it runs.

A plan is made of a text under one catalog, with the keyspace that names without one are of. It
keeps nothing of a run, and several threads may run it at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

from fivefold.catalog.catalog import Catalog
from fivefold.errors import Unsupported
from fivefold.languages.cql import tree
from fivefold.languages.cql.parse import parse
from fivefold.languages.cql.results import ColumnSpec, KeyspaceSet, Result
from fivefold.languages.cql.run import Run
from fivefold.languages.cql.schema import define, describe, type_of
from fivefold.languages.cql.schema.families import resolve
from fivefold.languages.cql.select import plan_select
from fivefold.languages.cql.tables import ColumnFamily
from fivefold.languages.cql.terms import Scope
from fivefold.languages.cql.tree import Parsed
from fivefold.languages.cql.write import plan_batch, plan_modification, plan_truncate
from fivefold.languages.unit import Altering
from fivefold.values.cql.faults import invalid
from fivefold.values.records import Record

NO_KEYSPACE = (
    "No keyspace has been specified. USE a keyspace, or explicitly specify keyspace.tablename"
)

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
    ``alters``: it needs an Altering unit. ``brief``: it is one statement of the store, by a key.
    """

    run: Callable[[Run], Result]
    parameters: tuple[ColumnSpec, ...] = ()
    partition: tuple[int, ...] = ()
    columns: tuple[ColumnSpec, ...] | None = None
    writes: bool = False
    alters: bool = False
    several: bool = True
    brief: bool = False


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
    statement = parsed.statement
    match statement:
        case tree.Select():
            family, scope = _family(statement.table, parsed, catalog, keyspace)
            select = plan_select(statement, family, scope)
            return Plan(
                *(select.run, scope.parameters, _partition(family, scope), select.columns),
                several=select.several,
                brief=select.brief,
            )
        case tree.Insert() | tree.Update() | tree.Delete():
            family, scope = _family(statement.table, parsed, catalog, keyspace)
            change = plan_modification(statement, family, scope)
            return Plan(
                *(change.run, scope.parameters, _partition(family, scope), change.columns),
                writes=True,
                brief=change.brief,
            )
        case tree.Batch():
            return _batch(statement, parsed, catalog, keyspace)
        case tree.Truncate():
            family, _ = _family(statement.table, parsed, catalog, keyspace)
            return Plan(plan_truncate(family), writes=True)
        case tree.Use():
            return Plan(_use(statement.keyspace, catalog))
        case tree.Describe():
            return Plan(_describe(statement))
        case tree.Administration():
            raise Unsupported(
                f"{statement.what} are not supported in CQL yet",
                hint="Anybody may connect to a server that listens on loopback only.",
            )
        case _:
            return Plan(_define(statement), writes=True, alters=True)


def _family(
    name: tree.Name, parsed: Parsed, catalog: Catalog, keyspace: str | None
) -> tuple[ColumnFamily, Scope]:
    space = name[0] or keyspace
    if space is None:
        raise invalid(NO_KEYSPACE, "undefined_namespace")
    family = resolve(catalog, space, name[1])
    return family, _scope(space, name[1], parsed, catalog)


def _scope(keyspace: str, table: str, parsed: Parsed, catalog: Catalog) -> Scope:
    return Scope(
        *(keyspace, table, lambda name: type_of(catalog, keyspace, name), len(parsed.markers)),
    )


def _partition(family: ColumnFamily, scope: Scope) -> tuple[int, ...]:
    """Return the numbers of the markers that are the partition key."""
    places = {
        spec.name: number
        for number, spec in enumerate(scope.parameters)
        if (spec.keyspace, spec.table) == (family.keyspace, family.name)
    }
    found = [places.get(column.name) for column in family.partition]
    return () if None in found else tuple(number for number in found if number is not None)


def _batch(batch: tree.Batch, parsed: Parsed, catalog: Catalog, keyspace: str | None) -> Plan:
    families = [
        _family(statement.table, parsed, catalog, keyspace)[0] for statement in batch.statements
    ]
    first = families[0] if families else None
    space = (first.keyspace if first else keyspace) or ""
    scope = _scope(space, first.name if first else "", parsed, catalog)
    change = plan_batch(batch, families, scope)
    partition = _partition(first, scope) if first else ()
    return Plan(change.run, scope.parameters, partition, change.columns, writes=True)


def _use(keyspace: str, catalog: Catalog) -> Callable[[Run], Result]:
    def run(run: Run) -> Result:
        return KeyspaceSet(keyspace)

    return run


def _describe(statement: tree.Describe) -> Callable[[Run], Result]:
    def run(run: Run) -> Result:
        return describe(statement, run)

    return run


def _define(statement: tree.Definition) -> Callable[[Run], Result]:
    def run(run: Run) -> Result:
        unit = run.unit
        assert isinstance(unit, Altering)
        return define(statement, unit, run.keyspace)

    return run
