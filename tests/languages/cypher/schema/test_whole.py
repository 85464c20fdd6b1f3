"""Commands and procedures as a client gives them: over ``db.cypher``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fivefold.api.database import Database, Transaction, open_database
from fivefold.errors import FivefoldError
from tests.conftest import empty_store


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    path = str(tmp_path / "graph.db")
    with empty_store(path) as where, open_database(where, durability="off") as opened:
        opened.cypher("CREATE (:P {a: 1})-[:K]->(:Q {b: 2})")
        yield opened


def rows(database: Database, query: str) -> list[tuple[Any, ...]]:
    return [tuple(record) for record in database.cypher(query)]


def test_commands(database: Database) -> None:
    database.cypher("CREATE INDEX i FOR (n:P) ON (n.a)")
    database.cypher("CREATE CONSTRAINT c FOR (n:Q) REQUIRE n.b IS UNIQUE;")
    database.cypher("CREATE CONSTRAINT c IF NOT EXISTS FOR (n:Q) REQUIRE n.b IS UNIQUE")
    assert rows(database, "SHOW INDEXES YIELD name, type WHERE type = 'RANGE' RETURN name") == [
        ("c",),
        ("i",),
    ]
    assert rows(
        database, "SHOW CONSTRAINTS WHERE entityType = 'NODE' AND 'Q' IN labelsOrTypes"
    ) == [(3, "c", "UNIQUENESS", "NODE", ["Q"], ["b"], "c", None)]
    assert rows(database, "SHOW INDEXES YIELD type RETURN type, count(*) AS n ORDER BY type") == [
        ("LOOKUP", 2),
        ("RANGE", 2),
    ]
    database.cypher("EXPLAIN DROP INDEX i")
    database.cypher("DROP INDEX i")
    with pytest.raises(FivefoldError, match="There is no such index"):
        database.cypher("DROP INDEX i")
    assert rows(database, "EXPLAIN SHOW INDEXES") == []


def test_in_a_transaction(database: Database) -> None:
    def undone(transaction: Transaction) -> None:
        transaction.cypher("CREATE INDEX i FOR (n:P) ON (n.a)")
        transaction.cypher("CREATE (:P {a: 2})")
        assert len([*transaction.cypher("SHOW RANGE INDEXES")]) == 1
        raise ZeroDivisionError

    transaction = database.transaction()
    with pytest.raises(ZeroDivisionError), transaction:
        undone(transaction)
    assert rows(database, "SHOW RANGE INDEXES") == []
    assert rows(database, "MATCH (n:P) RETURN n.a") == [(1,)]


def test_databases(database: Database) -> None:
    database.cypher("CREATE DATABASE movies")
    database.cypher("USE movies CREATE INDEX FOR (n:Film) ON (n.name)")
    assert len(rows(database, "USE movies SHOW RANGE INDEXES")) == 1
    assert rows(database, "SHOW RANGE INDEXES") == []
    assert rows(database, "SHOW DATABASES YIELD name") == [("movies",), ("neo4j",)]


def test_a_database_beside_tables(database: Database) -> None:
    database.cypher("CREATE DATABASE films")
    database.sql("CREATE TABLE films.t (n integer)")
    database.cypher("USE films CREATE (:P {a: 5})")
    assert database.sql("SELECT properties->>'a' FROM films.nodes").fetchall() == [("5",)]
    database.cypher("DROP DATABASE films")
    assert database.sql("SELECT count(*) FROM films.t").fetchall() == [(0,)]
    assert rows(database, "SHOW DATABASES YIELD name") == [("neo4j",)]
    database.cypher("CREATE DATABASE films")
    assert rows(database, "USE films MATCH (n) RETURN count(n)") == [(0,)]


def test_calls(database: Database) -> None:
    assert rows(database, "CALL db.labels") == [("P",), ("Q",)]
    assert rows(database, "CALL db.labels() YIELD label AS l RETURN l ORDER BY l DESC") == [
        ("Q",),
        ("P",),
    ]
    query = "CALL dbms.components() YIELD versions, edition RETURN versions[0], edition"
    assert rows(database, query)[0] == ("5.26.0", "enterprise")
    query = "MATCH (n:P) CALL db.relationshipTypes() YIELD relationshipType AS t RETURN n.a, t"
    assert rows(database, query) == [(1, "K")]
    assert rows(database, "CALL db.awaitIndexes(10)") == []
    with pytest.raises(FivefoldError, match="no part of Neo4j 5"):
        database.cypher("CALL db.indexes()")
