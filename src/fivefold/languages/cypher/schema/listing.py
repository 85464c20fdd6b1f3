"""What there is to show: rows by the names of their columns. A column left out is null.

Source: as for ``showing``.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from fivefold.catalog.containers import GraphConstraint, GraphIndex
from fivefold.languages.cypher.functions.function import Argument
from fivefold.languages.cypher.functions.table import all_functions
from fivefold.languages.cypher.graph import Run
from fivefold.languages.cypher.schema import seen, wording
from fivefold.languages.cypher.schema.changing import LOOKUPS
from fivefold.languages.cypher.schema.settings import SETTINGS

Row = dict[str, Any]
Lister = Callable[[Run, str | None, Any], Iterable[Row]]


def indexes(run: Run, filter: str | None, values: Any) -> Iterator[Row]:
    """Yield the indexes by name, those of labels and types among them."""
    made = [_index(index, number) for number, index in enumerate(_indexes(run), start=3)]
    looked_up = [_lookup(relationship) for relationship in (False, True)]
    for row in sorted((*looked_up, *made), key=lambda row: str(row["name"])):
        if filter is None or row["type"] == filter:
            yield row


def _indexes(run: Run) -> tuple[GraphIndex, ...]:
    return seen.described(run).indexes


def _lookup(relationship: bool) -> Row:
    name = LOOKUPS[relationship]
    what = "()-[r]-() ON EACH type(r)" if relationship else "(n) ON EACH labels(n)"
    return {
        **_online(),
        "id": 2 if relationship else 1,
        "name": name,
        "type": "LOOKUP",
        "entityType": "RELATIONSHIP" if relationship else "NODE",
        "indexProvider": "token-lookup-1.0",
        "options": {"indexConfig": {}, "indexProvider": "token-lookup-1.0"},
        "createStatement": f"CREATE LOOKUP INDEX {name} FOR {what}",
    }


def _online() -> Row:
    return {"state": "ONLINE", "populationPercent": 100.0, "readCount": 0, "failureMessage": ""}


def _index(index: GraphIndex, number: int) -> Row:
    return {
        **_online(),
        "id": number,
        "name": index.name,
        "type": index.kind.upper(),
        **_subject(index),
        "indexProvider": wording.provider(index.kind),
        "owningConstraint": index.name if index.constraint else None,
        "options": {"indexConfig": {}, "indexProvider": wording.provider(index.kind)},
        "createStatement": wording.create_index(index),
    }


def _subject(one: GraphIndex | GraphConstraint) -> Row:
    return {
        "entityType": "RELATIONSHIP" if one.relationship else "NODE",
        "labelsOrTypes": [one.label],
        "properties": [*one.properties],
    }


_KINDS = {"UNIQUE": "unique", "KEY": "key", "EXISTENCE": "exists", "TYPE": "type"}


def constraints(run: Run, filter: str | None, values: Any) -> Iterator[Row]:
    """Yield the constraints by name; ``filter`` is such as NODE PROPERTY EXISTENCE."""
    words = (filter or "").split()
    kinds = {_KINDS[word] for word in words if word in _KINDS}
    found = enumerate(seen.described(run).constraints, start=3)
    for number, one in sorted(found, key=lambda each: each[1].name):
        if kinds and one.kind not in kinds:
            continue
        if ("NODE" in words and one.relationship) or (
            "RELATIONSHIP" in words and not one.relationship
        ):
            continue
        keyed = one.kind in ("unique", "key")
        yield {
            "id": number,
            "name": one.name,
            "type": wording.constraint_type(one),
            **_subject(one),
            "ownedIndex": one.name if keyed else None,
            "propertyType": one.type,
            "options": (
                {"indexConfig": {}, "indexProvider": wording.provider("range")} if keyed else {}
            ),
            "createStatement": wording.create_constraint(one),
        }


def databases(run: Run, filter: str | None, values: Any) -> Iterator[Row]:
    """Yield the databases by name: all of them, one, or the home database."""
    for name, graph in seen.databases(run):
        home = name == seen.HOME
        if (filter is not None and not home) or (values is not None and name != values.lower()):
            continue
        yield {
            "name": name,
            "type": "standard",
            "aliases": [],
            "access": "read-write",
            "address": "localhost:7687",
            "role": "primary",
            "writer": True,
            "requestedStatus": "online",
            "currentStatus": "online",
            "statusMessage": "",
            "default": home,
            "home": home,
            "constituents": [],
            "databaseID": None if graph is None else str(uuid.UUID(graph.uuid)).upper(),
            "currentPrimariesCount": 1,
            "currentSecondariesCount": 0,
            "requestedPrimariesCount": 1,
            "requestedSecondariesCount": 0,
            "replicationLag": 0,
        }


def functions(run: Run, filter: str | None, values: Any) -> Iterator[Row]:
    """Yield the functions by name; users define none."""
    if filter == "USER DEFINED":
        return
    for one in all_functions():
        yield {
            "name": one.name,
            "category": one.category,
            "description": one.description,
            "signature": one.signature,
            "isBuiltIn": True,
            "argumentDescription": [_argument(each) for each in one.arguments],
            "returnDescription": one.result,
            "aggregating": one.aggregating,
            "isDeprecated": False,
        }


def _argument(argument: Argument) -> Row:
    shown = f"{argument.name} :: {argument.type}"
    return {
        "name": argument.name,
        "type": argument.type,
        "description": shown,
        "isDeprecated": False,
    }


def procedures(run: Run, filter: str | None, values: Any) -> Iterator[Row]:
    """Yield the procedures by name."""
    from fivefold.languages.cypher.procedures import PROCEDURES  # they show indexes themselves

    for one in PROCEDURES.values():
        yield {
            "name": one.name,
            "description": one.description,
            "mode": one.mode,
            "worksOnSystem": one.mode == "DBMS",
            "signature": one.signature,
            "argumentDescription": [_argument(each) for each in one.arguments],
            "returnDescription": [_argument(Argument(*each)) for each in one.results],
            "admin": False,
            "isDeprecated": False,
            "option": {"deprecated": False},
        }


def settings(run: Run, filter: str | None, values: Any) -> Iterator[Row]:
    """Yield the settings by name: all, or those of one name or a list of them."""
    wanted = values if isinstance(values, list) else None if values is None else [values]
    for one in SETTINGS:
        if wanted is None or one.name in wanted:
            yield {
                "name": one.name,
                "value": one.value,
                "isDynamic": False,
                "defaultValue": one.value,
                "description": one.description,
                "startupValue": one.value,
                "isExplicitlySet": False,
                "validValues": one.valid,
                "isDeprecated": False,
            }


def transactions(run: Run, filter: str | None, values: Any) -> Iterator[Row]:
    """Yield the transaction that asks: of others, a query knows nothing."""
    database = seen.database_of(run)
    number = f"{database}-transaction-0"
    wanted = values if isinstance(values, list) else None if values is None else [values]
    if wanted is None or number in wanted:
        yield {
            "database": database,
            "transactionId": number,
            "currentQueryId": "query-0",
            "connectionId": "",
            "clientAddress": "",
            "username": "",
            "currentQuery": "SHOW TRANSACTIONS",
            "startTime": str(run.now),
            "status": "Running",
            "outerTransactionId": "",
            "metaData": {},
            "parameters": dict(run.parameters),
            "currentQueryStartTime": str(run.now),
            "currentQueryStatus": "running",
            "statusDetails": "",
        }


def users(run: Run, filter: str | None, values: Any) -> Iterator[Row]:
    """Yield nobody: as where Neo4j has no users of its own."""
    return iter(())
