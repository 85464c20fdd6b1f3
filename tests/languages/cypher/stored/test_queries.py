"""Queries over the store whose answers do not depend on what they are for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fivefold.api.database import Database, open_database
from tests.conftest import empty_store


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with empty_store(str(tmp_path / "graph.db")) as url, open_database(url) as opened:
        yield opened


def test_merge_of_variables_that_nobody_looks_at(database: Database) -> None:
    database.cypher("CREATE (:A {k: 1})-[:R]->(:B {k: 2})")
    merged = database.cypher("MERGE (a:A {k: 1})-[r:R]->(b:B {k: 2})").consume()
    assert not merged.contains_updates


@pytest.mark.parametrize(
    "pattern", ["p = (n)-[*0..2]->()", "p = shortestPath((n)-[*0..2]->(n))", "(n)-[*0..]->(m)"]
)
def test_trails_from_a_node_that_is_deleted(database: Database, pattern: str) -> None:
    database.cypher("CREATE (:A)-[:R]->(:B)")
    query = f"MATCH (n:A) DETACH DELETE n WITH n MATCH {pattern} RETURN count(*) AS n"
    assert database.cypher(query).single(strict=True)["n"] == 1


def test_trails_through_a_node_that_is_deleted(database: Database) -> None:
    database.cypher("CREATE (:A)-[:R]->(:B)-[:R]->(:C)")
    query = (
        "MATCH (n:B)-[r]-() WITH n, collect(r) AS rs DELETE n WITH rs"
        " OPTIONAL MATCH (a:A)-[*]->(x) WITH rs, count(x) AS ends"
        " FOREACH (r IN rs | DELETE r) RETURN ends"
    )
    assert database.cypher(query).single(strict=True)["ends"] == 0
