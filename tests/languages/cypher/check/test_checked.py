"""What is right, and what is known of it then."""

from __future__ import annotations

import pytest

from fivefold.languages.cypher import tree
from fivefold.languages.cypher.check import Checked, check
from fivefold.languages.cypher.check.types import (
    ANY,
    INTEGER,
    LIST,
    NOTHING,
    NUMBER,
    STRING,
    joined,
    list_of,
    may_be,
    written,
)
from fivefold.languages.cypher.parse import parse
from tests.languages.cypher.check.test_faults import PROCEDURES


def checked(query: str) -> Checked:
    return check(parse(query), PROCEDURES)


@pytest.mark.parametrize(
    "query",
    [
        "MATCH (a) MATCH (a)-[r]->(b) MATCH (a)-[r]->(c) RETURN *",
        "MATCH (a) CREATE (a)-[:T]->(b), (b)-[:T]->(a)",
        "CREATE (a {n: 1}), (b {n: a.n})",
        "MATCH (a {n: b.n}), (b) RETURN a",
        "MATCH ()-[a]->()-[b]->() WITH [a, b] AS r MATCH ()-[r*]->() RETURN r",
        "WITH null AS n MATCH (n) RETURN n",
        "OPTIONAL MATCH (n) WITH n MATCH (n) RETURN n",
        "UNWIND [1, 'a', null] AS x RETURN x.a, x + 1, NOT x",
        "WITH {a: 1} AS m RETURN m.a.b",
        "WITH date() AS d RETURN d.year, d + duration('P1D')",
        "MATCH (n) WITH n.a AS a, count(*) AS c WHERE a > 1 RETURN a, c ORDER BY c",
        "MATCH (n) RETURN DISTINCT n.a ORDER BY n.a",
        "MATCH (n) RETURN DISTINCT n ORDER BY n.a",
        "MATCH (n) RETURN n.a AS a, count(*) AS c ORDER BY n.a, count(*) + a",
        "MATCH (n) WITH DISTINCT n.a AS a WHERE n.a = 1 RETURN a",
        "MATCH (n) RETURN n.a, n.a + count(*)",
        "MATCH (n) RETURN n, n.a + count(*)",
        "MATCH (n) RETURN size([x IN collect(n.a) WHERE x > 1 | x])",
        "MATCH (n) RETURN n.a AS a ORDER BY n.b, a",
        "MATCH (n) WITH n.a AS a WHERE n.b = 1 RETURN a",
        "RETURN 1 AS a UNION RETURN 2 AS a UNION RETURN 3 AS a",
        "RETURN 1 AS a, 2 AS b UNION ALL RETURN 3 AS b, 4 AS a",
        "MATCH (n) WHERE EXISTS { (n)-->(m) WHERE m.a = n.a } RETURN n",
        "MATCH (n) WHERE EXISTS { MATCH (n)-->(m) WITH m WHERE m.a = n.a RETURN m } RETURN n",
        "MATCH (n) RETURN COUNT { (n)-->() } AS c, COLLECT { MATCH (m) RETURN m.a } AS l",
        "MATCH (n) CALL { WITH n MATCH (n)-->(m) RETURN m } RETURN n, m",
        "MATCH (n) CALL (n) { MATCH (n)-->(m) RETURN m } RETURN n, m",
        "MATCH (n) CALL (*) { WITH n.a AS a RETURN a + n.b AS c } RETURN c",
        "MATCH (n) CALL { WITH n CREATE (n)-[:T]->() }",
        "UNWIND [1] AS x CALL { RETURN 1 AS y UNION RETURN 2 AS y } RETURN x, y",
        "MATCH p = (n) FOREACH (x IN nodes(p) | SET x.a = 1 CREATE (x)-[:T]->())",
        "MATCH (n) WHERE (n)-->() AND NOT (n)<--() RETURN n",
        "MATCH p = shortestPath((a)-[*]->(b)) RETURN p",
        "RETURN reduce(a = 0, x IN [1, 2] | a + x)",
        "CALL test.labels('a')",
        "CALL test.labels('a') YIELD label",
        "CALL test.labels('a') YIELD label AS l, count WHERE count > 1 RETURN l",
        "RETURN 1 SKIP $a LIMIT toInteger(ceil(1.7))",
        "RETURN ('a' STARTS WITH null) OR (true STARTS WITH 'a')",
    ],
)
def test_what_is_right_is_let_through(query: str) -> None:
    checked(query)


@pytest.mark.parametrize(
    ("query", "columns"),
    [
        ("MATCH (b)-[r]->(a) RETURN *", {"a": "Node", "b": "Node", "r": "Relationship"}),
        ("RETURN 1, 'a' AS b", {"1": "Integer", "b": "String"}),
        ("MATCH (n) WITH n, n.a AS x RETURN *, 1.5 AS y", {"n": "Node", "x": "Any", "y": "Float"}),
        ("MATCH p = ()-[r*]->() RETURN p, r", {"p": "Path", "r": "List<Relationship>"}),
        ("UNWIND [1, 2] AS x RETURN collect(x) AS l", {"l": "List<Integer>"}),
        ("RETURN 1 AS a UNION RETURN 1.5 AS a", {"a": "Number"}),
        ("CALL test.labels('')", {"label": "String", "count": "Integer"}),
        ("CALL test.labels('') YIELD *", {"label": "String", "count": "Integer"}),
        ("CALL test.labels('') YIELD count AS c", {"c": "Integer"}),
        ("CREATE (n)", {}),
        ("MATCH (n) RETURN EXISTS { (n)-->() } AS e, COUNT { (n)--() } AS c",
         {"e": "Boolean", "c": "Integer"}),
    ],
)  # fmt: skip
def test_columns_are_known_with_their_types(query: str, columns: dict[str, str]) -> None:
    assert {name: str(type) for name, type in checked(query).columns.items()} == columns


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("RETURN 1", "r"),
        ("MATCH (n) RETURN n", "r"),
        ("CREATE ()", "w"),
        ("CREATE (n) RETURN n", "rw"),
        ("MATCH (n) SET n.a = 1", "w"),
        ("MERGE ()", "w"),
        ("UNWIND [1] AS x FOREACH (y IN [x] | CREATE ())", "w"),
        ("CALL { CREATE () }", "w"),
        ("CALL test.labels('')", "r"),
    ],
)
def test_kinds(query: str, kind: str) -> None:
    assert checked(query).kind == kind


def test_kinds_of_commands() -> None:
    index = tree.CreateIndex(None, "range", False, "L", ("a",))
    assert check(tree.Statement(index), {}).kind == "s"
    assert check(tree.Statement(tree.Show("INDEXES")), {}).kind == "r"


def test_names_are_noted_where_they_first_stand() -> None:
    found = checked("MATCH (a:A)-[r:T]->(b:B|A) WHERE a.x = 1 AND r:U SET a:C, b.y = 2")
    assert found.labels == {"A": 9, "B": 22}  # C is only given
    assert found.types == {"T": 15, "U": 47}


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("MATCH (a), (b) RETURN a, b", ["CartesianProduct"]),
        ("MATCH (a)-->(b), (b)-->(c) RETURN a", []),
        ("MATCH (a)-->(b), (c)-->(d), (b)-->(c) RETURN a", []),
        ("MATCH (a) MATCH (a)-->(b), (c) RETURN a", []),
        ("MATCH p = shortestPath((a)-[*]->(b)) RETURN p", ["UnboundedVariableLengthPattern"]),
        ("MATCH p = shortestPath((a)-[*..5]->(b)) RETURN p", []),
    ],
)
def test_notifications(query: str, codes: list[str]) -> None:
    prefix = "Neo.ClientNotification.Statement."
    assert [one.code for one in checked(query).notifications] == [prefix + one for one in codes]


def test_types_are_joined() -> None:
    assert joined([INTEGER, NOTHING, INTEGER]) == INTEGER
    assert joined([INTEGER, NUMBER]) == NUMBER
    assert joined([INTEGER, STRING]) == ANY
    assert joined([list_of(INTEGER), list_of(STRING)]) == LIST
    assert joined([]) == NOTHING


def test_what_a_signature_says() -> None:
    assert written("INTEGER?") == (INTEGER,)
    assert written("LIST<STRING> | STRING") == (list_of(STRING), STRING)
    assert written("LIST<INTEGER | STRING>") == (LIST,)
    assert may_be(INTEGER, *written("FLOAT"))
    assert not may_be(STRING, *written("INTEGER | FLOAT"))
