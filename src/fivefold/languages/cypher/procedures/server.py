"""Procedures that tell about the server and its databases; what drivers and tools ask first.

Source: the Neo4j Operations Manual 5, "Procedures": dbms.* and db.info, db.ping, tx.*.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, Final

from fivefold.languages.cypher.graph import Run
from fivefold.languages.cypher.procedures.procedure import Procedure, declare
from fivefold.languages.cypher.schema.seen import database_of
from fivefold.languages.cypher.schema.settings import SETTINGS

Row = Sequence[Any]

VERSION: Final = "5.26.0"
"""The version of Neo4j whose Cypher and procedures these are."""
EDITION: Final = "enterprise"
"""The edition that has what there is here: existence constraints, node keys, several databases."""
ADDRESS: Final = "localhost:7687"
ROUTES_SECONDS: Final = 3600
EPOCH: Final = "1970-01-01T00:00:00.000Z"


def _components(run: Run) -> Iterable[Row]:
    return [("Neo4j Kernel", [VERSION], EDITION), ("Cypher", ["5"], "")]


def _identity(run: Run) -> str:
    return str(uuid.UUID(run.graph.uuid))


def _database(run: Run) -> Iterable[Row]:
    return [(_identity(run).upper(), database_of(run), EPOCH)]


def _server(run: Run) -> Iterable[Row]:
    return [(_identity(run).upper(), "system", EPOCH)]


def _ping(run: Run) -> Iterable[Row]:
    return [(True,)]


def _routes(run: Run, context: dict[str, Any] | None, database: str | None) -> Iterable[Row]:
    """Return a table of one server: the one that the client has reached."""
    address = (context or {}).get("address") or ADDRESS
    roles = ("WRITE", "READ", "ROUTE")
    return [(ROUTES_SECONDS, [{"addresses": [address], "role": role} for role in roles])]


def _settings(run: Run, search: str) -> Iterator[Row]:
    for one in SETTINGS:
        if search.lower() in one.name.lower():
            yield (
                *(one.name, one.description, one.value, False, one.value, one.value),
                *(False, one.valid),
            )


def _client_settings(run: Run) -> Iterator[Row]:
    return ((one.name, one.description, one.value, False) for one in SETTINGS if one.for_clients)


_tells: Callable[..., Procedure] = partial(declare, "DBMS")
_ROUTES = "(context :: MAP, database :: STRING) :: (ttl :: INTEGER, servers :: LIST<MAP>)"
PROCEDURES: Final = (
    _tells(
        "dbms.components() :: (name :: STRING, versions :: LIST<STRING>, edition :: STRING)",
        "List the components of the server and their versions.",
        _components,
    ),
    _tells(
        "dbms.info() :: (id :: STRING, name :: STRING, creationDate :: STRING)",
        "Tell about the server.",
        _server,
    ),
    declare(
        "READ",
        "db.info() :: (id :: STRING, name :: STRING, creationDate :: STRING)",
        "Tell about the database.",
        _database,
    ),
    declare("READ", "db.ping() :: (success :: BOOLEAN)", "See whether it is there.", _ping),
    _tells(
        f"dbms.routing.getRoutingTable{_ROUTES}",
        "Return the servers of a database, for drivers.",
        _routes,
        None,
    ),
    _tells(
        f"dbms.cluster.routing.getRoutingTable{_ROUTES}",
        "Return the servers of a database, for drivers.",
        _routes,
        None,
    ),
    _tells(
        "dbms.listConfig(searchString :: STRING) :: (name :: STRING, description :: STRING,"
        " value :: STRING, dynamic :: BOOLEAN, defaultValue :: STRING, startupValue :: STRING,"
        " explicitlySet :: BOOLEAN, validValues :: STRING)",
        "List settings whose names contain a text.",
        _settings,
        "",
    ),
    _tells(
        "dbms.clientConfig() :: (name :: STRING, description :: STRING, value :: STRING,"
        " dynamic :: BOOLEAN)",
        "List the settings that clients look at.",
        _client_settings,
    ),
)
