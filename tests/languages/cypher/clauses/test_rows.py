"""Tables of (graph, query, rows): what the openCypher kit leaves open, and Neo4j's Cypher 5.

Sources: Cypher Manual 5, "Clauses", "Subqueries", "Patterns"; openCypher 9.
"""

from __future__ import annotations

import pytest

from tests.languages.cypher.answering import answer, made, run

FRIENDS = """
    CREATE (a:P {n: 'a', age: 1})-[:KNOWS {since: 1}]->(b:P {n: 'b', age: 2}),
           (b)-[:KNOWS {since: 2}]->(c:P {n: 'c', age: 3}), (a)-[:LIKES]->(c),
           (c)-[:KNOWS {since: 3}]->(d:Q {n: 'd'})
"""

READING = [
    # FOREACH, CALL {…}, COUNT {…}, COLLECT {…}, EXISTS {…}
    (
        "MATCH (p:P) CALL { WITH p MATCH (p)-[:KNOWS]->(q) RETURN q.n AS n } RETURN p.n, n"
        " ORDER BY p.n",
        ["'a' | 'b'", "'b' | 'c'", "'c' | 'd'"],
    ),
    (
        "MATCH (p:P) CALL (p) { MATCH (p)-->(q) RETURN count(q) AS n } RETURN p.n, n ORDER BY p.n",
        ["'a' | 2", "'b' | 1", "'c' | 1"],
    ),
    (
        "MATCH (p) OPTIONAL CALL (p) { MATCH (p)-[:LIKES]->(q) RETURN q.n AS q } RETURN p.n, q"
        " ORDER BY p.n",
        ["'a' | 'c'", "'b' | null", "'c' | null", "'d' | null"],
    ),
    (
        "UNWIND [1, 2] AS x CALL (*) { WITH x AS y RETURN x + y AS z UNION RETURN x AS z }"
        " RETURN x, z ORDER BY x, z",
        ["1 | 1", "1 | 2", "2 | 2", "2 | 4"],
    ),
    ("CALL { RETURN 1 AS x UNION ALL RETURN 1 AS x } RETURN count(*), sum(x)", ["2 | 2"]),
    (
        "MATCH (p:P) RETURN p.n, COUNT { (p)-[:KNOWS*]->() } AS c ORDER BY c DESC",
        ["'a' | 3", "'b' | 2", "'c' | 1"],
    ),
    (
        "MATCH (p:P) RETURN COLLECT { MATCH (p)-->(q) WHERE q.age > p.age RETURN q.n"
        " ORDER BY q.n DESC } AS l ORDER BY p.n",
        ["['c', 'b']", "['c']", "[]"],
    ),
    (
        "MATCH (p:P) WHERE EXISTS { MATCH (p)-->(q) WITH q, count(*) AS c WHERE q.n = 'c' AND"
        " p.age < 2 RETURN q } RETURN p.n",
        ["'a'"],
    ),
    (
        "MATCH (p:P) RETURN p.n, COUNT { MATCH (x:Z) WITH count(x) AS c WHERE c < p.age RETURN c }"
        " AS c ORDER BY p.n",
        ["'a' | 1", "'b' | 1", "'c' | 1"],
    ),
    ("RETURN COUNT { MATCH (p:P) RETURN p.n AS n UNION MATCH (q) RETURN q.n AS n } AS c", ["4"]),
    # Label expressions, inline WHERE
    ("MATCH (n:P|Q) RETURN count(*)", ["4"]),
    ("MATCH (n:!P) RETURN n.n", ["'d'"]),
    ("MATCH (n:P&!Q WHERE n.age > 1) RETURN n.n ORDER BY n.n", ["'b'", "'c'"]),
    ("MATCH ()-[r:!KNOWS]->() RETURN type(r)", ["'LIKES'"]),
    ("MATCH ()-[r:KNOWS|LIKES WHERE r.since > 1]->(x) RETURN x.n ORDER BY x.n", ["'c'", "'d'"]),
    ("MATCH (a {n: 'a'})-[:(KNOWS|LIKES)&!LIKES*]->(x) RETURN x.n ORDER BY x.n", list("bcd")),
    # Shortest paths
    (
        "MATCH (a {n: 'a'}), (d:Q), p = shortestPath((a)-[*]->(d)) RETURN length(p),"
        " [n IN nodes(p) | n.n]",
        ["2 | ['a', 'c', 'd']"],
    ),
    (
        "MATCH (a {n: 'a'}), (d:Q), p = shortestPath((a)-[:KNOWS*]->(d)) RETURN length(p)",
        ["3"],
    ),
    (
        "MATCH (a {n: 'a'}), (d:Q), p = shortestPath((a)-[*]->(d)) WHERE length(p) > 2"
        " RETURN length(p)",
        ["3"],
    ),
    (
        "MATCH p = shortestPath((a {n: 'a'})-[rs*]->(d:Q)) WHERE all(r IN rs WHERE r.since > 0)"
        " AND none(n IN nodes(p) WHERE n.n = 'z') RETURN length(p), size(rs)",
        ["3 | 3"],
    ),
    ("MATCH p = shortestPath((a {n: 'a'})-[*..1]->(d:Q)) RETURN p", []),
    ("MATCH p = shortestPath((d:Q)-[*]->(a {n: 'a'})) RETURN p", []),
    (
        "MATCH (a {n: 'a'}), (c {n: 'c'}), p = allShortestPaths((a)-[*]-(c)) RETURN length(p)",
        ["1"],
    ),
    (
        "MATCH (a {n: 'a'}), (c {n: 'c'}) RETURN length(shortestPath((a)-[:KNOWS*]->(c))),"
        " size(allShortestPaths((a)-[*]->(c))), shortestPath((c)-[:LIKES*]->(a)) IS NULL",
        ["2 | 1 | true"],
    ),
    ("MATCH (a {n: 'a'}), p = shortestPath((a)-[*0..]-(a)) RETURN length(p)", ["0"]),
    # What ORDER BY, WHERE and aggregation see
    (
        "MATCH (p:P) WITH DISTINCT p.age % 2 AS odd ORDER BY p.age % 2 DESC RETURN odd",
        ["1", "0"],
    ),
    ("MATCH (p:P) RETURN p.age, count(*) + p.age AS m ORDER BY p.age DESC", [
        "3 | 4", "2 | 3", "1 | 2"]),
    ("MATCH (p:P) RETURN count(*) AS c, collect(DISTINCT p.age % 2) AS l", ["3 | [1, 0]"]),
    ("MATCH (z:Z) RETURN count(*), sum(z.x), collect(z), max(z.x)", ["0 | 0 | [] | null"]),
    ("MATCH (z:Z) RETURN z.x, count(*)", []),
    ("UNWIND [1, 1.0, null, null, 'x'] AS v RETURN v, count(*) AS c ORDER BY v",
     ["'x' | 1", "1 | 2", "null | 2"]),
    ("UNWIND [3, 1, 2] AS v RETURN v ORDER BY v SKIP 1 LIMIT 1", ["2"]),
    ("UNWIND [3, 1, 2] AS v WITH v ORDER BY v LIMIT 2 WHERE v > 1 RETURN v", ["2"]),
    ("UNWIND [[1, 'b'], [2, 'a'], [1, 'a']] AS v RETURN v[0], v[1] ORDER BY v[0] DESC, v[1]",
     ["2 | 'a'", "1 | 'a'", "1 | 'b'"]),
    ("UNWIND null AS v RETURN v", []),
    ("UNWIND [] AS v RETURN v", []),
    ("UNWIND 7 AS v RETURN v", ["7"]),
    ("RETURN 1 AS x UNION RETURN 1.0 AS x", ["1"]),
    ("RETURN 1 AS x, 2 AS y UNION ALL RETURN 2 AS y, 1 AS x", ["1 | 2", "1 | 2"]),
    # Nulls as ends
    ("OPTIONAL MATCH (z:Z) MATCH (z) RETURN z", []),
    ("OPTIONAL MATCH (z:Z) MATCH (z)-->(y) RETURN z", []),
    ("OPTIONAL MATCH (z:Z) RETURN exists((z)-->()), [(z)-->(y) | y], COUNT { (z)-->() }",
     ["false | [] | 0"]),
    # Relationships that are known
    ("MATCH (a)-[r:LIKES]->() WITH r MATCH (x)-[r]-(y) RETURN x.n, y.n ORDER BY x.n",
     ["'a' | 'c'", "'c' | 'a'"]),
    ("MATCH ()-[r:LIKES]->() WITH r MATCH (x)<-[r]-(y) RETURN x.n, y.n", ["'c' | 'a'"]),
    ("MATCH ({n: 'a'})-[rs:KNOWS*2]->() WITH rs MATCH (x)-[rs*]->(y) RETURN x.n, y.n",
     ["'a' | 'c'"]),
    ("MATCH ({n: 'a'})-[rs:KNOWS*2]->() WITH rs MATCH (x)<-[rs*]-(y) RETURN x.n, y.n", []),
    # Ids
    ("MATCH (n) WHERE id(n) = 1 RETURN n.n", ["'b'"]),
    ("MATCH (n) WHERE id(n) IN [3, 0, 3, 99, null] RETURN n.n ORDER BY n.n", ["'a'", "'c'"]),
    ("MATCH (n) WHERE elementId(n) = 'x' RETURN n.n", []),
    ("MATCH (n) WITH n, elementId(n) AS e MATCH (m) WHERE elementId(m) = e RETURN count(m)", ["4"]),
    ("MATCH ()-[r:LIKES]->() WITH id(r) AS i MATCH (a)-[r]->() WHERE id(r) = i RETURN a.n",
     ["'a'"]),
]  # fmt: skip


@pytest.mark.parametrize(("query", "rows"), READING)
def test_rows(query: str, rows: list[str]) -> None:
    graph = made(FRIENDS)
    wanted = [f"'{row}'" if len(row) == 1 and row.isalpha() else row for row in rows]
    assert answer(graph, query) == wanted


COUNTS = "MATCH (n) OPTIONAL MATCH (n)-[r]->() RETURN count(DISTINCT n), count(r)"

WRITING = [
    # (before, query, its rows, a question, the answer)
    ("", "FOREACH (i IN range(1, 3) | CREATE (:N {i: i}))", [], "MATCH (n:N) RETURN sum(n.i)", "6"),
    (
        "CREATE (:N)",
        "MATCH (n:N) FOREACH (x IN [1, 2] | SET n.s = coalesce(n.s, 0) + x CREATE (n)-[:T]->())",
        [],
        "MATCH (n:N)-->(m) RETURN n.s, count(m)",
        "3 | 2",
    ),
    ("", "FOREACH (x IN null | CREATE ())", [], COUNTS, "0 | 0"),
    (
        "",
        "UNWIND [1, 1, 2] AS i MERGE (n:N {i: i}) ON CREATE SET n.c = 1 ON MATCH SET n.c = n.c + 1"
        " RETURN n.i, n.c",
        ["1 | 2", "1 | 2", "2 | 1"],
        COUNTS,
        "2 | 0",
    ),
    (
        "CREATE (:A), (:B)",
        "MATCH (a:A), (b:B) MERGE (a)-[r:T {x: 1}]-(b) MERGE (b)-[s:T {x: 1}]-(a) RETURN r = s",
        ["true"],
        "MATCH (a)-[r:T]->(b) RETURN labels(a), r.x",
        "['A'] | 1",
    ),
    ("CREATE (:N), (:N)", "MATCH (a:N) CREATE (:N) RETURN count(*)", ["2"], COUNTS, "4 | 0"),
    ("CREATE (:N)", "MATCH (a:N) CREATE (b:N) WITH b MATCH (c:N) RETURN c", None, COUNTS, "2 | 0"),
    (
        "CREATE (:N {i: 1}), (:N {i: 2})",
        "MATCH (a:N) SET a.i = 5 WITH a MATCH (b:N {i: 5}) RETURN count(*)",
        ["4"],
        COUNTS,
        "2 | 0",
    ),
    ("", "UNWIND [1, 2, 3] AS i CREATE (n {i: i}) RETURN n.i LIMIT 1", ["1"], COUNTS, "3 | 0"),
    ("", "UNWIND [1, 2, 3] AS i CREATE (n {i: i}) RETURN n.i SKIP 9", [], COUNTS, "3 | 0"),
    ("", "CALL { CREATE (n:N) RETURN n LIMIT 0 } RETURN n", [], COUNTS, "1 | 0"),
    ("", "UNWIND [1, 2] AS i CALL (i) { CREATE (:N {i: i}) } RETURN i", ["1", "2"],
     COUNTS, "2 | 0"),
    (
        "CREATE (:A)-[:T]->(:B), (:A)",
        "MATCH p = (:A)-->(:B) DELETE p",
        [],
        COUNTS,
        "1 | 0",
    ),
    ("CREATE (:A)-[:T]->(:B)", "MATCH (n) WITH collect(n) AS l DETACH DELETE l[0], l[1]", [],
     COUNTS, "0 | 0"),
    ("CREATE (:A)-[:T]->(:B)", "OPTIONAL MATCH (z:Z) DELETE z", [], COUNTS, "2 | 1"),
    ("CREATE (:A)-[:T]->(:B)", "MATCH (a:A)-[r]->(b) DELETE a, b, r, a", [], COUNTS, "0 | 0"),
    ("CREATE (:N {a: 1, b: 2})", "MATCH (n:N) SET n += {b: null, c: 3}", [],
     "MATCH (n) RETURN n", "(:N {a: 1, c: 3})"),
    ("CREATE (:N {a: 1})", "MATCH (n:N) WITH n, 'a' AS k SET n[k] = 2, n['b'] = n[k]", [],
     "MATCH (n) RETURN n", "(:N {a: 2, b: 2})"),
    ("CREATE (:N {a: 1, b: 2})", "MATCH (n:N) REMOVE n.a, n:N SET n:X:Y", [],
     "MATCH (n) RETURN n", "(:X:Y {b: 2})"),
    ("CREATE (:N {a: 1})-[:T {b: 2}]->(:M)", "MATCH (n:N)-[r]->(m) SET m = r, r = n", [],
     "MATCH ()-[r]->(m) RETURN r, m", "[:T {a: 1}] | (:M {b: 2})"),
    ("CREATE (:N)", "OPTIONAL MATCH (z:Z) SET z.x = 1, z:A, z += {y: 1} REMOVE z.x, z:A", [],
     COUNTS, "1 | 0"),
    ("", "CREATE p = (a:A {x: 1})<-[:T]-({y: a.x}) RETURN length(p), (nodes(p)[1]).y", ["1 | 1"],
     "MATCH (b)-[:T]->(a:A) RETURN b.y", "1"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "query", "rows", "question", "wanted"), WRITING)
def test_writing(
    before: str, query: str, rows: list[str] | None, question: str, wanted: str
) -> None:
    graph = made(before) if before else made()
    got = answer(graph, query)
    assert rows is None or got == rows
    assert answer(graph, question) == [wanted]


def test_statistics() -> None:
    graph = made()
    query = "CREATE (a:A:B {x: 1, y: null})-[:T {z: 1}]->(b) SET a.x = 2, b:C DETACH DELETE b"
    _, statistics = run(graph, query)
    assert (statistics.nodes_created, statistics.nodes_deleted) == (2, 1)
    assert (statistics.relationships_created, statistics.relationships_deleted) == (1, 1)
    assert (statistics.labels_added, statistics.properties_set) == (3, 3)
    assert statistics.contains_updates


def test_use_of_the_own_database() -> None:
    rows, _ = run(made(FRIENDS), "USE neo4j MATCH (n) RETURN count(*)", database="neo4j")
    assert rows == [(4,)]


def test_a_list_from_a_map_is_deleted() -> None:
    graph = made(FRIENDS)
    query = "MATCH (n) WITH {all: collect(n)} AS found DETACH DELETE found.all"
    assert run(graph, query)[1].nodes_deleted == 4
