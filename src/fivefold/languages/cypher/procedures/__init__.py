"""What CALL may call."""

from __future__ import annotations

from typing import Final

from fivefold.errors import FivefoldError, Unsupported
from fivefold.languages.cypher.procedures import graph, server
from fivefold.languages.cypher.procedures.procedure import Procedure
from fivefold.values.graph.faults import fault

PROCEDURES: Final[dict[str, Procedure]] = {
    one.name: one
    for one in sorted((*graph.PROCEDURES, *server.PROCEDURES), key=lambda one: one.name)
}
"""The procedures that every database has, by name."""

_OLD: Final = {
    "db.indexes": "SHOW INDEXES",
    "db.indexDetails": "SHOW INDEXES YIELD *",
    "db.schemaStatements": "SHOW INDEXES YIELD createStatement",
    "db.constraints": "SHOW CONSTRAINTS",
    "dbms.functions": "SHOW FUNCTIONS",
    "dbms.procedures": "SHOW PROCEDURES",
    "dbms.listQueries": "SHOW TRANSACTIONS",
    "dbms.listTransactions": "SHOW TRANSACTIONS",
    "dbms.database.state": "SHOW DATABASES",
    "dbms.security.listUsers": "SHOW USERS",
    "db.createIndex": "CREATE INDEX name FOR (n:Label) ON (n.property)",
    "db.createUniquePropertyConstraint": (
        "CREATE CONSTRAINT name FOR (n:Label) REQUIRE n.property IS UNIQUE"
    ),
    "db.createNodeKey": "CREATE CONSTRAINT name FOR (n:Label) REQUIRE n.property IS NODE KEY",
    "db.schema": "CALL db.schema.visualization()",
}
"""Procedures that Neo4j 5 has no more, and what it has instead."""
_NOT_YET: Final = {
    "db.index.fulltext.": "Use CONTAINS, STARTS WITH or =~ in WHERE.",
    "db.index.vector.": "Compute the similarity in the query, over the properties.",
    "db.create.set": "Set the vector as a list of numbers: SET n.property = $vector.",
    "dbms.kill": "Close the connection whose query it is.",
    "dbms.setConfigValue": "Settings are those that the server was started with.",
    "dbms.security.": "Users are those of the server.",
    "apoc.": "APOC is a library of Neo4j's: say it in Cypher, or in the program.",
    "gds.": "Compute it in the program: to_networkx() hands it the graph.",
}
"""Beginnings of names of procedures that Neo4j has and we do not."""


def unknown(name: str, at: int) -> FivefoldError:
    """Return the error for a name that no procedure has."""
    if name in _OLD:
        return fault(
            "ProcedureNotFound",
            f"There is no procedure with the name `{name}`: it is no part of Neo4j 5",
            at=at,
            hint=f"Use {_OLD[name]}.",
        )
    for beginning, instead in _NOT_YET.items():
        if name.startswith(beginning):
            return Unsupported(
                f"the procedure {name} is not supported", hint=instead, position=at + 1
            )
    return fault(
        "ProcedureNotFound",
        f"There is no procedure with the name `{name}` registered for this database instance."
        " Please ensure you've spelled the procedure name correctly and that the procedure is"
        " properly deployed.",
    )
