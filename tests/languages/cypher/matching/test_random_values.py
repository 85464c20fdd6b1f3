"""Random conditions on properties of every type over the store, with and without indexes.

Whatever SQL is asked of a property or of an index, the rows are those that trying everything finds;
so are the rows that a query finds after it wrote, and the numbers of matches that are counted
without listing them.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fivefold
from fivefold.api.database import Database
from fivefold.api.graph.values import incoming
from fivefold.languages.cypher import tree
from fivefold.languages.cypher.check import check
from fivefold.languages.cypher.expressions import Compiler, compile_expression
from fivefold.languages.cypher.graph import Row
from fivefold.languages.cypher.parse import parse
from tests.conftest import empty_store
from tests.languages.cypher.answering import form as memory_form
from tests.languages.cypher.matching.backtracking import matches
from tests.languages.cypher.matching.test_random_stored import form as stored_form
from tests.languages.cypher.memory import MemoryGraph

Rows = Counter[tuple[Hashable, ...]]

PLAIN: tuple[Any, ...] = (
    *(0, 1, -1, 2**53, 2**53 + 1, 2**63 - 1, -(2**63)),
    *(0.5, 1.0, -0.0, float(2**53), 1e300, -1e300, 5e-324),
    *("", "1", "a", "b", "é", "true", "\U0001f600"),
    *(True, False),
    *([1, 2], [1.0, 2.0], ["a"], []),
    *(dt.date(2024, 2, 29), dt.datetime(2024, 2, 29, 12), dt.time(12), dt.timedelta(hours=24)),
    dt.datetime(2024, 2, 29, 12, tzinfo=dt.UTC),
)
SPECIAL: tuple[Any, ...] = (float("nan"), float("inf"), float("-inf"), "a\0b", "\0")

INDEXES = (
    "CREATE INDEX FOR (n:A) ON (n.x)",
    "CREATE INDEX FOR (n:B) ON (n.x, n.y)",
    "CREATE INDEX FOR (n:B) ON (n.y)",
    "CREATE CONSTRAINT FOR (n:C) REQUIRE n.k IS UNIQUE",
    "CREATE INDEX FOR ()-[r:R]-() ON (r.x)",
)


@pytest.fixture(scope="module", params=["plain", "special", "plain, indexes", "special, indexes"])
def database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Database, tuple[Any, ...]]]:
    """Yield a database and the values stored in it: a special one changes what SQL is asked."""
    path = tmp_path_factory.mktemp("values") / "graphs.db"
    with (
        empty_store(str(path)) as url,
        fivefold.open(url) as opened,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr("fivefold.languages.cypher.lower.direct.RARE_MAX", 0)  # graphs are small
        if "indexes" in request.param:
            for command in INDEXES:
                opened.cypher(command)
        yield opened, PLAIN if "plain" in request.param else (*SPECIAL * 2, *PLAIN)


@dataclass
class Graph:
    """What is stored, as the parameters of the query that creates it: ``k`` is everyone's own."""

    nodes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    links: list[tuple[str, int, int, dict[str, Any]]] = field(default_factory=list)

    def store(self, database: Database) -> None:
        database.cypher("MATCH (n) DETACH DELETE n")
        for labels in sorted({labels for labels, _ in self.nodes}):
            rows = [properties for other, properties in self.nodes if other == labels]
            database.cypher(f"UNWIND $rows AS row CREATE (n{labels}) SET n = row", rows=rows)
        for type in "RS":
            rows = [
                {"start": start, "end": end, "properties": properties}
                for other, start, end, properties in self.links
                if other == type
            ]
            database.cypher(
                "UNWIND $rows AS row MATCH (a {k: row.start}), (b {k: row.end})"
                f" CREATE (a)-[r:{type}]->(b) SET r = row.properties",
                rows=rows,
            )

    def in_memory(self) -> MemoryGraph:
        graph = MemoryGraph()
        nodes = [
            graph.create_node([one for one in labels.split(":") if one], incoming(properties))
            for labels, properties in self.nodes
        ]
        for type, start, end, properties in self.links:
            graph.create_relationship(type, nodes[start], nodes[end], incoming(properties))
        return graph


class Drawn:
    """A query as it is drawn, and its parameters."""

    def __init__(self, draw: st.DrawFn, values: tuple[Any, ...], graph: Graph) -> None:
        self.draw = draw
        self.values = (*values, None)
        self.graph = graph
        self.parameters: dict[str, Any] = {}
        self.nodes: dict[str, None] = {}
        self.links: dict[str, None] = {}
        self.bound: list[str] = []
        self.numbers = itertools.count()

    def one(self, *choices: str) -> str:
        return self.draw(st.sampled_from(choices))

    def value(self, *, key: bool = False) -> str:
        """Return a text that gives a value: a parameter, or what is bound."""
        if self.bound and self.draw(st.integers(0, 3)) == 0:
            return self.one(*self.bound)
        name = f"v{next(self.numbers)}"
        choices: Any = st.sampled_from((*self.values * 3, *PLAIN[:4], *SPECIAL))
        if key:
            choices = st.sampled_from([*range(len(self.graph.nodes)), 1.0, "1", None, 99])
        self.parameters[name] = self.draw(choices)
        return f"${name}"

    def inline(self) -> str:
        keys = self.draw(st.sampled_from([(), (), (), (), ("x",), ("y", "x"), ("k",)]))
        entries = [f"{key}: {self.value(key=key == 'k')}" for key in keys]
        return f" {{{', '.join(entries)}}}" if entries else ""

    def node(self) -> str:
        name = self.one("", "a", "b", "c", "d")
        if name:
            self.nodes[name] = None
        return f"({name}{self.one('', ':A', ':B', ':B', ':C', ':A|B', ':!A')}{self.inline()})"

    def link(self) -> str:
        name = ""
        if self.draw(st.booleans()):
            name = f"r{next(self.numbers)}"
            self.links[name] = None
        inside = f"[{name}{self.one('', ':R', ':S', ':R|S', ':!S')}{self.inline()}]"
        left, right = self.draw(st.sampled_from([("-", "->"), ("<-", "-"), ("-", "-")]))
        return f"{left}{inside}{right}"

    def match(self, word: str) -> str:
        patterns = []
        for _ in range(self.draw(st.integers(1, 2))):
            hops = self.draw(st.integers(0, 2))
            text = self.node() + "".join(self.link() + self.node() for _ in range(hops))
            if hops and self.draw(st.integers(0, 3)) == 0:
                text = f"p{next(self.numbers)} = {text}"
            patterns.append(text)
        text = f"{word} {', '.join(patterns)}"
        known = [*self.nodes, *self.links]
        conditions = [self.condition(known) for _ in range(self.draw(st.integers(0, 2)))]
        if known and conditions:
            text += f" WHERE {' AND '.join(conditions)}"
        self.bound += [f"{name}.{key}" for name in known for key in "xy"]
        return text

    def condition(self, known: list[str]) -> str:
        if not known:
            return ""
        name, other, key = self.one(*known), self.one(*known), self.one("x", "y")
        op = self.one("=", "=", "=", "<", "<=", ">", ">=", "<>")
        kind = self.draw(st.integers(0, 9))
        if kind <= 4:
            return f"{name}.{key} {op} {self.value()}"
        if kind == 5:
            return f"{self.value()} {op} {name}.{key}"
        if kind == 6:
            return f"{name}.{key} {op} {other}.{self.one('x', 'y')}"
        if kind == 7:
            return f"{name}.{key} IS {self.one('', 'NOT ')}NULL"
        if kind == 8:
            return f"{name}.{key} IN [{self.value()}, {self.value()}]"
        property = f"{name}.{key}"
        other_op = self.one("<", ">=")
        return f"{property} {op} {self.value()} AND {property} {other_op} {self.value()}"


@st.composite
def stored_graphs(draw: st.DrawFn, values: tuple[Any, ...]) -> Graph:
    """Up to six nodes and eight relationships, loops and parallel ones among them."""
    some = st.dictionaries(st.sampled_from("xy"), st.sampled_from(values), max_size=2)
    labels = st.sampled_from(["", ":A", ":B", ":A:B", ":C", ":B:C"])
    nodes = [(draw(labels), {"k": k, **draw(some)}) for k in range(draw(st.integers(1, 6)))]
    ends = st.integers(0, len(nodes) - 1)
    links = [
        (draw(st.sampled_from("RS")), draw(ends), draw(ends), {"k": k, **draw(some)})
        for k in range(draw(st.integers(0, 8)))
    ]
    return Graph(nodes, links)


def tried(graph: Graph, query: str, parameters: dict[str, Any]) -> list[Row]:
    """What trying everything finds. UNWIND is the first clause or none."""
    statement = parse(query)
    check(statement, {})
    assert isinstance(statement.body, tree.Query)
    run = graph.in_memory().run(incoming(parameters))
    rows: list[Row] = [{}]
    for clause in statement.body.clauses:
        if isinstance(clause, tree.Unwind):
            evaluate = compile_expression(clause.source, Compiler())
            rows = [{clause.variable: one} for one in evaluate({}, run)]
        elif isinstance(clause, tree.Match):
            rows = [made for row in rows for made in matches(run, row, clause)]
    return rows


def found(database: Database, query: str, parameters: dict[str, Any]) -> Rows:
    return Counter(
        tuple(sorted((name, repr(stored_form(value))) for name, value in row.items()))
        for row in database.cypher(query, parameters)
    )


def formed(rows: list[Row], names: list[str]) -> Rows:
    return Counter(
        tuple(sorted((name, repr(memory_form(row[name]))) for name in names)) for row in rows
    )


@settings(max_examples=8, derandomize=True, deadline=None)
@given(data=st.data())
def test_values(database: tuple[Database, tuple[Any, ...]], data: st.DataObject) -> None:
    opened, some = database
    values = tuple(data.draw(st.lists(st.sampled_from(some), min_size=2, max_size=4)))
    graph = data.draw(stored_graphs(values))
    graph.store(opened)
    for _ in range(3):
        drawn = Drawn(data.draw, values, graph)
        clauses = []
        if data.draw(st.integers(0, 3)) == 0:
            drawn.parameters["us"] = [data.draw(st.sampled_from(drawn.values)) for _ in range(2)]
            clauses.append("UNWIND $us AS u")
            drawn.bound.append("u")
        clauses.append(drawn.match("MATCH"))
        if data.draw(st.booleans()):
            clauses.append(drawn.match(drawn.one("MATCH", "OPTIONAL MATCH")))
        body, given = " ".join(clauses), drawn.parameters
        names = [*drawn.nodes, *drawn.links]
        names += [one.split(" = ")[0] for one in body.replace(",", "").split() if one[0] == "p"]
        rows = tried(graph, f"{body} RETURN 1", given)
        returned = f"RETURN {', '.join(names) or '1 AS one'}"
        wanted = formed(rows, names) if names else None
        for query in (
            f"{body} {returned}",
            f"{body} FOREACH (i IN [] | CREATE ()) {returned}",
            f"{prefix(data.draw, graph)}{body} {returned}",
        ):
            if query.startswith("MATCH (w"):
                rows = tried(graph, f"{body} RETURN 1", given)
                wanted = formed(rows, names) if names else None
            got = found(opened, query, given)
            assert got.total() == len(rows), (query, given)
            assert wanted is None or got == wanted, (query, given)
        counted = opened.cypher(f"{body} RETURN count(*) AS n", given).single(strict=True)["n"]
        assert counted == len(rows), (body, given)


def prefix(draw: Any, graph: Graph) -> str:
    """Return clauses that change a node's labels, or nothing; the graph is changed with them."""
    at = draw(st.integers(0, len(graph.nodes)))
    if at == len(graph.nodes):
        return ""
    labels, properties = graph.nodes[at]
    if ":A" in labels:
        graph.nodes[at] = (labels.replace(":A", ""), properties)
        return f"MATCH (w {{k: {at}}}) REMOVE w:A WITH count(*) AS written "
    graph.nodes[at] = (f"{labels}:A", properties)
    return f"MATCH (w {{k: {at}}}) SET w:A WITH count(*) AS written "


@st.composite
def trees(draw: st.DrawFn) -> str:
    """A pattern of at most four relationships, mostly directed, mostly without cycles."""
    nodes, patterns = ["n0"], []
    for at in range(1, draw(st.integers(2, 4)) + 1):
        start = draw(st.sampled_from(nodes))
        end = draw(st.sampled_from([f"n{at}"] * 6 + nodes[:1]))
        if end not in nodes:
            nodes.append(end)
        left, right = draw(st.sampled_from([("-", "->")] * 3 + [("<-", "-")] * 3 + [("-", "-")]))
        type = draw(st.sampled_from(["", "", ":R", ":S", ":R|S", ":T", ":!R"]))
        name = draw(st.sampled_from(["", f"r{at}"]))
        label = draw(st.sampled_from(["", "", "", "", ":A", ":B", ":A&B", ":!A", ":D"]))
        patterns.append(f"({start}){left}[{name}{type}]{right}({end}{label})")
    return f"MATCH {', '.join(patterns)}"


@settings(max_examples=15, derandomize=True, deadline=None)
@given(data=st.data())
def test_numbers_of_matches(
    database: tuple[Database, tuple[Any, ...]], data: st.DataObject
) -> None:
    opened, _ = database
    graph = data.draw(stored_graphs((0, 1)))
    graph.store(opened)
    for _ in range(3):
        query = data.draw(trees())
        counted = opened.cypher(f"{query} RETURN count(*) AS n").single(strict=True)["n"]
        assert counted == len(tried(graph, f"{query} RETURN 1", {})), query
