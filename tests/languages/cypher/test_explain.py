"""The trees of EXPLAIN and PROFILE: Neo4j's names, real counts of rows."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest

from fivefold.languages.cypher import explain, tree
from fivefold.languages.cypher.clauses import compile_query
from fivefold.languages.cypher.parse import parse
from tests.languages.cypher.answering import counting, made, planned

GRAPH = "CREATE (a:A {x: 1})-[:R]->(b:B {x: 2})<-[:S]-(c:A {x: 3}), (:A {x: 1})"


class Known:
    """A graph with one index, over :A(x), where :B is rare."""

    def count(self, label: str | None) -> int | None:
        return {"A": 1000, "B": 3}.get(label or "")

    def indexed(self, label: str) -> Collection[tuple[str, ...]]:
        return [("x",)] if label == "A" else []


def operators(query: str) -> list[str]:
    """The operators' names, the first that runs first; inner ones in brackets."""
    body = parse(query).body
    assert isinstance(body, tree.Query)
    return _names(explain.shown(compile_query(body, knowledge=Known()), "neo4j"))


def _names(shown: dict[str, Any]) -> list[str]:
    name = shown["operatorType"].removesuffix("@neo4j")
    below, *inner = shown["children"] or ({},)
    names = _names(below) if below else []
    return [*names, *(f"[{' '.join(_names(one))}]" for one in inner), name]


PLANS = [
    ("MATCH (n) RETURN n", "AllNodesScan Projection"),
    ("MATCH (n:A) RETURN n", "NodeByLabelScan Projection"),
    ("MATCH (n:A|B) RETURN n", "UnionNodeByLabelsScan Projection"),
    ("MATCH (n:A {x: 1}) RETURN n", "NodeIndexSeek Filter Projection"),
    ("MATCH (n:A) WHERE n.x IN [1, 2] RETURN n", "NodeIndexSeek Filter Projection"),
    ("MATCH (n:B {x: 1}) RETURN n", "NodeByLabelScan Filter Projection"),
    ("MATCH (n) WHERE id(n) = 3 RETURN n", "NodeByIdSeek Filter Projection"),
    ("MATCH (n) WHERE elementId(n) = $e RETURN n", "NodeByElementIdSeek Filter Projection"),
    ("MATCH ()-[r]->() WHERE id(r) = 3 RETURN r",
     "DirectedRelationshipByIdSeek Filter ProjectEndpoints Projection"),
    ("MATCH ()-[r:R]->() RETURN r", "DirectedRelationshipTypeScan Projection"),
    ("MATCH ()-[r]-() RETURN r", "UndirectedAllRelationshipsScan Projection"),
    ("MATCH (a)-->(b:B) RETURN a", "NodeByLabelScan Expand(All) Projection"),
    ("MATCH (a:A)-->(b:B) RETURN a", "NodeByLabelScan Expand(All) Filter Projection"),
    ("MATCH (a:A)-->(b:B)-->(a) RETURN a",
     "NodeByLabelScan Expand(All) Filter Expand(Into) Projection"),
    ("MATCH (b:B)-[*1..2]->(a) RETURN a", "NodeByLabelScan VarLengthExpand(All) Projection"),
    ("MATCH (b:B) WITH b LIMIT 1 MATCH (b)-->(a) RETURN a",
     "NodeByLabelScan Projection Limit Expand(All) Projection"),
    ("MATCH (b:B) OPTIONAL MATCH (b)-->(a) RETURN a",
     "NodeByLabelScan [Expand(All)] Optional Projection"),
    ("MATCH (b:B) RETURN b.x ORDER BY b.x LIMIT 2", "NodeByLabelScan Projection Top"),
    ("MATCH (b:B) RETURN DISTINCT b.x, 1 SKIP 1", "NodeByLabelScan Projection Distinct Skip"),
    ("MATCH (b:B) RETURN count(b)", "NodeByLabelScan EagerAggregation"),
    # Reading is over before writing begins, and the other way round.
    ("MATCH (b:B) CREATE (c)", "NodeByLabelScan Eager Create"),
    ("CREATE (a) WITH a MATCH (b) RETURN b", "Create Projection Eager AllNodesScan Projection"),
    ("UNWIND $rows AS row CREATE (a {x: row.x})", "Unwind Create"),
    ("MERGE (b:B) SET b.x = 1", "NodeByLabelScan Merge Eager SetProperty"),
    ("CREATE (a) RETURN a LIMIT 1", "Create Projection Eager Limit"),
]  # fmt: skip


@pytest.mark.parametrize(("query", "wanted"), PLANS)
def test_plans(query: str, wanted: str) -> None:
    assert " ".join(operators(query)) == f"{wanted} ProduceResults"


def test_a_profile_has_the_rows_that_left_each_operator() -> None:
    graph = made(GRAPH)
    plan = planned("MATCH (a:A) WHERE a.x = 1 OPTIONAL MATCH (a)-->(b) RETURN a, b")
    run, counted = counting(graph, plan)
    assert len(list(plan.run(run))) == 2
    root = explain.shown(plan, "neo4j", counted)
    found = {}
    for one in _all(root):
        assert one["args"].get("Rows") == one["rows"]
        assert one["dbHits"] == 0
        found[one["operatorType"]] = one["rows"]
    assert found == {
        "ProduceResults@neo4j": 2,
        "Projection@neo4j": 2,
        "Optional@neo4j": 2,
        "Expand(All)@neo4j": 1,
        "Filter@neo4j": 2,
        "NodeIndexSeek@neo4j": 3,
    }


def _all(shown: dict[str, Any]) -> list[dict[str, Any]]:
    return [shown, *(one for child in shown["children"] for one in _all(child))]


def test_the_picture() -> None:
    plan = planned("MATCH (a:A) OPTIONAL MATCH (a)-[r:R]->(b) WHERE b.x > 1 RETURN a.x AS x")
    root = explain.shown(plan, "neo4j")
    assert root["identifiers"] == ["x"]
    assert root["args"]["string-representation"].split("\n")[4:-1] == [
        "+------------------+----+----------------+",
        "| Operator         | Id | Details        |",
        "+------------------+----+----------------+",
        "| +ProduceResults  |  0 | x              |",
        "| |                |    |                |",
        "| +Projection      |  1 | a.x AS x       |",
        "| |                |    |                |",
        "| +Optional        |  2 | b, r           |",
        "| |\\               |    |                |",
        "| | +Filter        |  4 | b.x > 1        |",
        "| | |              |    |                |",
        "| | +Expand(All)   |  5 | (a)-[r:R]->(b) |",
        "| |                |    |                |",
        "| +NodeByLabelScan |  3 | a:A            |",
        "+------------------+----+----------------+",
    ]
