"""Queries over the store whose answers do not depend on what they are for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fivefold.api.database import Database, open_database
from fivefold.errors import FivefoldError
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


LOADED = """UNWIND $rows AS row
    MERGE (a:P {id: row.a}) ON CREATE SET a.made = row.n ON MATCH SET a.met = row.n
    MERGE (b:P {id: row.b})
    MERGE (a)-[r:R]->(b) SET r.n = coalesce(r.n, 0) + 1
    MERGE (a)-[:E {k: row.n % 2}]-(b)"""


@pytest.mark.parametrize("constrained", [True, False])
def test_rows_merged_together_are_merged_one_after_the_other(
    database: Database, constrained: bool
) -> None:
    if constrained:
        database.cypher("CREATE CONSTRAINT FOR (p:P) REQUIRE p.id IS UNIQUE")
    rows = [{"a": n * 7 % 10, "b": n * n % 10, "n": n} for n in range(60)]
    database.cypher(LOADED, rows=rows[:25])
    database.cypher(LOADED, rows=rows[25:])

    made: dict[int, tuple[int | None, int | None]] = {}
    links: dict[tuple[int, int], int] = {}
    either: set[tuple[int, int, int]] = set()
    for some in (rows[:25], rows[25:]):  # a clause is done with all rows before the next begins
        for row in some:
            a, n = row["a"], row["n"]
            made[a] = (made[a][0], n) if a in made else (n, None)
        for row in some:
            made.setdefault(row["b"], (None, None))
    for a, b, n in [(row["a"], row["b"], row["n"]) for row in rows]:
        links[a, b] = links.get((a, b), 0) + 1
        either.add((min(a, b), max(a, b), n % 2))
    nodes = database.cypher("MATCH (p:P) RETURN p.id, p.made, p.met")
    assert {row[0]: (row[1], row[2]) for row in nodes} == made
    found = database.cypher("MATCH (a)-[r:R]->(b) RETURN a.id, b.id, r.n").values()
    assert {(a, b): n for a, b, n in found} == links
    assert len(found) == len(links)
    found = database.cypher("MATCH (a)-[r:E]->(b) RETURN a.id, b.id, r.k").values()
    assert {(min(a, b), max(a, b), k) for a, b, k in found} == either
    assert len(found) == len(either)


def test_merge_sees_what_it_changed_for_rows_before(database: Database) -> None:
    database.cypher("CREATE CONSTRAINT FOR (p:P) REQUIRE p.id IS UNIQUE")
    database.cypher("CREATE (:C {n: 0})")
    database.cypher(
        "MATCH (c:C) UNWIND range(1, 5) AS i"
        " MERGE (p:P {id: c.n}) ON CREATE SET c.n = c.n + i, p.i = i"
    )
    rows = database.cypher("MATCH (p:P) RETURN p.id, p.i ORDER BY p.id").values()
    assert [tuple(row) for row in rows] == [(0, 1), (1, 2), (3, 3), (6, 4), (10, 5)]


@pytest.mark.parametrize(
    "query",
    [
        "UNWIND [1, 2, 1] AS i CREATE (:P {id: i})",
        "UNWIND [7, 8, 9] AS i CREATE (:P {id: i})",
        "MATCH (p:P {id: 9}) SET p.id = 10 CREATE (:P {id: 10})",
        "CREATE (p:P {id: 11}) CREATE (q:P {id: 12}) SET q.id = 11",
        "CREATE (p:P {id: 9}) REMOVE p.id",
        "CREATE (p {id: 9}) SET p:P",
        "MATCH (p:P {id: 9}) CREATE (q:P {id: 9}) DELETE p",
        "MATCH (p:P {id: 9}) CREATE (q:P {id: 9}) SET p.id = 13",
    ],
)
def test_keys_that_wait_are_refused_too(database: Database, query: str) -> None:
    database.cypher("CREATE CONSTRAINT FOR (p:P) REQUIRE p.id IS UNIQUE")
    database.cypher("CREATE (:P {id: 9})")
    with pytest.raises(FivefoldError, match="already exists with label `P` and property `id`"):
        database.cypher(query)
    assert database.cypher("MATCH (p) RETURN p.id AS id").value() == [9]


@pytest.mark.parametrize(
    "query",
    [
        "MATCH (p:P {id: 9}) SET p.id = 10 CREATE (:P {id: 9})",
        "MATCH (p:P {id: 9}) REMOVE p:P CREATE (:P {id: 9})",
        "MATCH (p:P {id: 9}) DELETE p CREATE (:P {id: 9})",
        "CREATE (p:P {id: 8}) SET p.id = 7 CREATE (:P {id: 8})",
        "CREATE (p:P {id: 8}) DELETE p CREATE (:P {id: 8})",
    ],
)
def test_keys_that_are_given_up_may_be_taken(database: Database, query: str) -> None:
    database.cypher("CREATE CONSTRAINT FOR (p:P) REQUIRE p.id IS UNIQUE")
    database.cypher("CREATE (:P {id: 9})")
    database.cypher(query)
    for id in (7, 8, 9, 10):
        sought = database.cypher("MATCH (p:P {id: $id}) RETURN count(*) AS n", id=id).single()
        scanned = database.cypher("MATCH (p:P) WHERE p.id + 0 = $id RETURN count(*) AS n", id=id)
        assert sought == scanned.single()


def test_an_element_id_is_looked_up(database: Database) -> None:
    database.cypher("UNWIND range(0, 20) AS k CREATE (:A {k: k})-[:R {k: k}]->(:B)")
    plan = str(database.cypher("EXPLAIN MATCH (n:A) WHERE elementId(n) = $e RETURN n").plan)
    assert "NodeByElementIdSeek" in plan
    (found,) = database.cypher("MATCH (n:A {k: 7})-[r]->() RETURN elementId(n), elementId(r)")
    node, link = found
    ask = "MATCH (n:A)-[r]->() WHERE elementId(n) = $e OR elementId(r) = $e RETURN n.k"
    for query, own in (
        ("MATCH (n:A) WHERE elementId(n) = $e RETURN n.k", {node}),
        ("MATCH (n:A)-[r]->() WHERE $e = elementId(r) RETURN n.k", {link}),
        (ask, {node, link}),
    ):
        for given in (node, link, node.replace("4:", "4:0"), node + "0", node[:-1] + "x", 7, None):
            rows = [row[0] for row in database.cypher(query, e=given)]
            assert rows == ([7] if given in own else []), (query, given)


def test_lists_of_keys(database: Database) -> None:
    """``IN`` is looked up in an index, one list after the other; only a list is one."""
    database.cypher("CREATE INDEX FOR (n:A) ON (n.x)")
    database.cypher("UNWIND range(0, 4999) AS x CREATE (:A {x: x}), (:B {x: x})")
    asked = "MATCH (n:A) WHERE n.x IN $xs RETURN n.x AS x ORDER BY x"
    assert "NodeIndexSeek (n:A(x))" in str(database.cypher(f"EXPLAIN {asked}", xs=[]).plan)
    for wanted in ([], [3], [3, 4, 4998], [*range(1024)], [*range(1025)]):  # slots.LISTED_MAX
        given = [*wanted, None, -1, *wanted, "3", 4.5]
        assert [row["x"] for row in database.cypher(asked, xs=given)] == wanted
    assert [row["x"] for row in database.cypher(asked, xs=[[3], float("nan"), 5.0])] == [5]
    assert [*database.cypher(asked, xs=None)] == []
    counted = database.cypher("MATCH (n:A) WHERE n.x IN $xs RETURN count(*)", xs=[3, 3, 4.0, "5"])
    assert counted.single(strict=True)[0] == 2
    with pytest.raises(FivefoldError, match="expected List"):
        [*database.cypher(asked, xs=3)]
    joined = database.cypher(
        "UNWIND [[1, 2], [], [2, 3, 4], null] AS xs OPTIONAL MATCH (n:A) WHERE n.x IN xs"
        " RETURN xs, collect(n.x) AS found"
    )
    assert [row["found"] for row in joined] == [[1, 2], [], [2, 3, 4], []]
    database.cypher("MATCH (n:A) WHERE n.x IN [1, 2] SET n.x = -n.x")
    assert [row["x"] for row in database.cypher(asked, xs=[-1, -2, 1, 2, 3])] == [-2, -1, 3]


@pytest.mark.parametrize(
    ("query", "hits"),
    [
        ("MATCH (n) RETURN n", {"Match(SQL)": 11}),
        ("MATCH (n:A {x: 3}) RETURN n", {"Match(SQL)": 2}),
        ("MATCH (n:A {x: 99}) RETURN n", {"Match(SQL)": 1}),
        ("UNWIND range(1, 5) AS i RETURN i", {}),
        ("MATCH (n:A {x: 3}) RETURN n LIMIT 0", {}),
        (
            "MATCH (n:A) WHERE n.x = 3 MATCH (n)-[*1..2]->(m) RETURN m",
            {"Match(SQL)": 2, "VarLengthExpand(All)": 5},
        ),
        ("MATCH (n:A {x: 3}) SET n.y = 1", {"NodeIndexSeek": 2, "ProduceResults": 1}),
    ],
)
def test_a_profile_has_the_hits(database: Database, query: str, hits: dict[str, int]) -> None:
    """A statement is a hit, and so is each row; who asks for none has none."""
    database.cypher("CREATE INDEX FOR (n:A) ON (n.x)")
    database.cypher("UNWIND range(1, 5) AS x CREATE (:A {x: x})-[:R]->(:B)")
    answer = database.cypher(f"PROFILE {query}")
    for _ in answer:
        pass
    found, below = {}, [answer.profile]
    while below:
        one: Any = below.pop()
        assert one["args"]["DbHits"] == one["dbHits"]
        if one["dbHits"]:
            found[one["operatorType"].partition("@")[0]] = one["dbHits"]
        below += one["children"]
    assert found == hits
