"""What clauses refuse while they run: the detail, the kit's type, and that nothing has happened."""

from __future__ import annotations

import pytest

from fivefold.errors import FivefoldError, Unsupported
from fivefold.languages.cypher import operators
from tests.languages.cypher.answering import answer, made, run

GRAPH = "CREATE (:A {x: 1})-[:T {y: 2}]->(:B)"

CASES = [
    ("MATCH (n) RETURN n SKIP $less", "NegativeIntegerArgument", "SyntaxError"),
    ("MATCH (n) RETURN n LIMIT $less", "NegativeIntegerArgument", "SyntaxError"),
    ("MATCH (n) RETURN n ORDER BY n LIMIT $less", "NegativeIntegerArgument", "SyntaxError"),
    ("MATCH (n) RETURN n LIMIT $half", "InvalidArgumentType", "SyntaxError"),
    ("MATCH (n) RETURN n SKIP $nothing", "InvalidArgumentType", "SyntaxError"),
    ("MATCH (a:A) DELETE a", "DeleteConnectedNode", "ConstraintVerificationFailed"),
    ("MATCH (a:A) DELETE a RETURN a.x", "DeletedEntityAccess", "EntityNotFound"),
    ("MATCH (b:B) DETACH DELETE b SET b.x = 1", "DeletedEntityAccess", "EntityNotFound"),
    ("MATCH ()-[r]->() DELETE r RETURN r.y", "DeletedEntityAccess", "EntityNotFound"),
    ("MATCH ()-[r]->() DELETE r SET r.y = 3", "DeletedEntityAccess", "EntityNotFound"),
    ("MATCH (b:B) DETACH DELETE b CREATE (b)-[:T]->()", "DeletedEntityAccess", "EntityNotFound"),
    ("MERGE (n:N {x: $nothing})", "MergeReadOwnWrites", "SemanticError"),
    ("MATCH (a:A) MERGE (a)-[:T {x: $nothing}]->()", "MergeReadOwnWrites", "SemanticError"),
    ("OPTIONAL MATCH (z:Z) CREATE (z)-[:T]->()", "InvalidArgumentValue", "EntityNotFound"),
    ("OPTIONAL MATCH (z:Z) MERGE (z)-[:T]->()", "InvalidArgumentValue", "EntityNotFound"),
    ("CREATE (n $half)", "InvalidArgumentType", "TypeError"),
    ("CREATE (n $nothing)", "InvalidArgumentType", "TypeError"),
    ("CREATE (n {x: [[1]]})", "InvalidPropertyType", "TypeError"),
    ("MATCH (a:A) SET a = $half", "InvalidArgumentType", "TypeError"),
    ("MATCH (a:A) SET a[$half] = 1", "PropertyAccessByNonString", "TypeError"),
    ("WITH $half AS n SET n.x = 1", "InvalidArgumentType", "TypeError"),
    ("WITH $half AS n DELETE n", "InvalidArgumentType", "TypeError"),
    ("WITH $half AS n MATCH (n)-->() RETURN n", "InvalidArgumentType", "TypeError"),
    ("WITH $half AS r MATCH ()-[r]->() RETURN r", "InvalidArgumentType", "TypeError"),
    ("WITH $half AS r MATCH ()-[r*]->() RETURN r", "InvalidArgumentType", "TypeError"),
    ("MATCH (a) WHERE $half RETURN a", "InvalidArgumentType", "TypeError"),
    (
        "MATCH (a), p = shortestPath((a)-[*]->(a)) RETURN p",
        "InvalidArgumentValue",
        "ArgumentError",
    ),
]


@pytest.mark.parametrize(("query", "detail", "type"), CASES)
def test_faults(query: str, detail: str, type: str) -> None:
    graph = made(GRAPH)
    before = answer(graph, "MATCH (n) OPTIONAL MATCH (n)-[r]->() RETURN n, r")
    with pytest.raises(FivefoldError) as caught:
        run(graph, f"CREATE (:New) WITH 1 AS one {query}", less=-1, half=1.5, nothing=None)
    facts = caught.value.facts
    assert facts is not None
    assert (facts["detail"], facts["type"], facts["phase"]) == (detail, type, "runtime")
    assert answer(graph, "MATCH (n) OPTIONAL MATCH (n)-[r]->() RETURN n, r") == before


def test_use_of_another_database() -> None:
    with pytest.raises(Unsupported, match="own"):
        run(made(), "USE other RETURN 1", database="neo4j")


@pytest.mark.parametrize(
    "query",
    [
        "UNWIND range(1, 99) AS x WITH x ORDER BY x RETURN x",
        "UNWIND range(1, 99) AS x WITH DISTINCT x RETURN x",
        "UNWIND range(1, 99) AS x RETURN collect(x)",
        "UNWIND range(1, 99) AS x RETURN x, count(*)",
        "UNWIND range(1, 99) AS x CREATE ({x: x}) RETURN x",
        "RETURN COLLECT { UNWIND range(1, 99) AS x RETURN x }",
    ],
)
def test_what_is_held_has_a_limit(query: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operators, "VALUES_HELD_MAX", 50)
    with pytest.raises(FivefoldError) as caught:
        run(made(), query)
    assert caught.value.facts is not None
    assert caught.value.facts["detail"] == "MemoryLimit"
