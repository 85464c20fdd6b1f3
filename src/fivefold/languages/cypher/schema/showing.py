"""SHOW as a query: a procedure that nobody can call yields columns, WITH and RETURN do the rest.

Source: the Neo4j Cypher Manual 5, for each command the columns that it has, and those that it has
without YIELD.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fivefold.languages.cypher import tree
from fivefold.languages.cypher.functions.function import Argument
from fivefold.languages.cypher.graph import Run
from fivefold.languages.cypher.procedures.procedure import Procedure, Rows
from fivefold.languages.cypher.schema import listing
from fivefold.values.graph.faults import fault


@dataclass(frozen=True, slots=True)
class _Shown:
    """What SHOW shows: columns with their types, those ``more`` only with YIELD."""

    columns: tuple[tuple[str, str], ...]
    more: tuple[tuple[str, str], ...]
    rows: listing.Lister


def _columns(text: str) -> tuple[tuple[str, str], ...]:
    """Return names and types, written ``name TYPE, name`` where a STRING has no type."""
    found = []
    for one in text.split(", "):
        name, _, type = one.partition(" ")
        found.append((name, type or "STRING"))
    return tuple(found)


_SHOWN: Final = {
    "INDEXES": _Shown(
        _columns(
            "id INTEGER, name, state, populationPercent FLOAT, type, entityType,"
            " labelsOrTypes LIST<STRING>, properties LIST<STRING>, indexProvider,"
            " owningConstraint, lastRead ZONED DATETIME, readCount INTEGER"
        ),
        _columns("trackedSince ZONED DATETIME, options MAP, failureMessage, createStatement"),
        listing.indexes,
    ),
    "CONSTRAINTS": _Shown(
        _columns(
            "id INTEGER, name, type, entityType, labelsOrTypes LIST<STRING>,"
            " properties LIST<STRING>, ownedIndex, propertyType"
        ),
        _columns("options MAP, createStatement"),
        listing.constraints,
    ),
    "DATABASES": _Shown(
        _columns(
            "name, type, aliases LIST<STRING>, access, address, role, writer BOOLEAN,"
            " requestedStatus, currentStatus, statusMessage, default BOOLEAN, home BOOLEAN,"
            " constituents LIST<STRING>"
        ),
        _columns(
            "databaseID, serverID, currentPrimariesCount INTEGER, currentSecondariesCount INTEGER,"
            " requestedPrimariesCount INTEGER, requestedSecondariesCount INTEGER,"
            " creationTime ZONED DATETIME, lastStartTime ZONED DATETIME,"
            " lastStopTime ZONED DATETIME, store, lastCommittedTxn INTEGER, replicationLag INTEGER"
        ),
        listing.databases,
    ),
    "FUNCTIONS": _Shown(
        _columns("name, category, description"),
        _columns(
            "signature, isBuiltIn BOOLEAN, argumentDescription LIST<MAP>, returnDescription,"
            " aggregating BOOLEAN, rolesExecution LIST<STRING>, rolesBoostedExecution LIST<STRING>,"
            " isDeprecated BOOLEAN, deprecatedBy"
        ),
        listing.functions,
    ),
    "PROCEDURES": _Shown(
        _columns("name, description, mode, worksOnSystem BOOLEAN"),
        _columns(
            "signature, argumentDescription LIST<MAP>, returnDescription LIST<MAP>, admin BOOLEAN,"
            " rolesExecution LIST<STRING>, rolesBoostedExecution LIST<STRING>,"
            " isDeprecated BOOLEAN, deprecatedBy, option MAP"
        ),
        listing.procedures,
    ),
    "SETTINGS": _Shown(
        _columns("name, value, isDynamic BOOLEAN, defaultValue, description"),
        _columns("startupValue, isExplicitlySet BOOLEAN, validValues, isDeprecated BOOLEAN"),
        listing.settings,
    ),
    "TRANSACTIONS": _Shown(
        _columns(
            "database, transactionId, currentQueryId, connectionId, clientAddress, username,"
            " currentQuery, startTime, status, elapsedTime DURATION"
        ),
        _columns(
            "outerTransactionId, metaData MAP, parameters MAP, planner, runtime, indexes LIST<MAP>,"
            " currentQueryStartTime, protocol, requestUri, currentQueryStatus, statusDetails"
        ),
        listing.transactions,
    ),
    "USERS": _Shown(
        _columns(
            "user, roles LIST<STRING>, passwordChangeRequired BOOLEAN, suspended BOOLEAN, home"
        ),
        (),
        listing.users,
    ),
}


def _procedure(what: str, shown: _Shown) -> Procedure:
    names = [name for name, _ in (*shown.columns, *shown.more)]

    def handle(run: Run, filter: str | None, values: object) -> Rows:
        for row in shown.rows(run, filter, values):
            yield [row.get(name) for name in names]

    arguments = (Argument("filter", "STRING"), Argument("values", "ANY"))
    description = f"What SHOW {what} shows."
    return Procedure(
        f"SHOW {what}", arguments, (*shown.columns, *shown.more), "READ", description, handle
    )


PROCEDURES: Final = {
    one.name: one for one in (_procedure(what, shown) for what, shown in _SHOWN.items())
}
"""The procedures of ``as_query``, which are no others'."""


def as_query(show: tree.Show) -> tree.Query:
    """Return the query over ``PROCEDURES`` that a SHOW stands for."""
    shown = _SHOWN[show.what]
    usual = tuple(name for name, _ in shown.columns)
    every = (*usual, *(name for name, _ in shown.more))
    projection = show.yields
    if projection is None:
        taken = [(name, name) for name in usual]
    elif projection.star:
        taken = [(name, name) for name in every]
    else:
        taken = [_yielded(item, every) for item in projection.items]
    columns = [name for _, name in taken]
    call = tree.CallProcedure(
        f"SHOW {show.what}",
        (tree.Literal(show.filter), show.values or tree.Literal(show.name)),
        tuple(taken),
        at=show.at,
    )
    kept = (
        tree.Projection(_items(columns))
        if projection is None
        else tree.Projection(
            *(_items(columns), False, False, projection.order, projection.skip, projection.limit),
            projection.at,
        )
    )
    returned = show.returns or tree.Projection(_items(columns))
    return tree.Query(
        (call, tree.With(kept, show.where, show.at), tree.Return(returned, show.at)), at=show.at
    )


def _yielded(item: tree.Item, every: tuple[str, ...]) -> tuple[str, str]:
    assert isinstance(item.expression, tree.Variable)
    name = item.expression.name
    if name not in every:
        raise fault(
            "UndefinedVariable", f"Trying to YIELD non-existing column: `{name}`", at=item.at
        )
    return name, item.name


def _items(columns: list[str]) -> tuple[tree.Item, ...]:
    return tuple(tree.Item(tree.Variable(name), name, True) for name in columns)
