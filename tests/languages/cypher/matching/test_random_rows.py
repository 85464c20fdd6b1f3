"""Random rows that come to a pattern many at a time, and ranges of an index, over the store.

Each row has a number that comes back with what was found for it, so that rows which are mixed up
are seen even where as many are found. Graphs are dense, and every third relationship is a loop: a
pattern that starts at known nodes finds some. Values lie next to each other, so that each end of a
range is met.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fivefold
from fivefold.api.database import Database
from tests.conftest import empty_store
from tests.languages.cypher.matching.test_random_values import Graph, formed, found, tried

INDEXES = (
    "CREATE INDEX FOR (n:A) ON (n.x)",
    "CREATE INDEX FOR (n:B) ON (n.x, n.y)",
    "CREATE CONSTRAINT FOR (n:C) REQUIRE n.k IS UNIQUE",
)

NEIGHBOURS: tuple[tuple[Any, ...], ...] = (
    (0, 1, 2, 3),
    (-1, -0.5, 0, 0.5, 1, 1.0),
    (2**53, 2**53 + 1, float(2**53), 2**63 - 1),
    (-(2**63), -1e300, 1e300, float("inf"), float("-inf"), float("nan")),
    ("", "a", "aa", "a\0", "ab", "b"),
    ("a", "é", "z", "\U0001f600", "\uffff"),
    (False, True),
    (dt.date(2024, 2, 28), dt.date(2024, 2, 29), dt.date(2024, 3, 1)),
    tuple(dt.datetime(2024, 2, 29, hour) for hour in (0, 12, 13)),
    (0, 1, "", "1", True, dt.date(1, 1, 1), float("nan"), [1]),
)
"""Values of which a graph has some: most of one type, the last of several."""


@pytest.fixture(scope="module", params=["many", "few", "many, indexes", "few, indexes"])
def database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """Yield a database; its rows are asked about many at a time, or few, and few are kept."""
    path = tmp_path_factory.mktemp("rows") / "graphs.db"
    with (
        empty_store(str(path)) as url,
        fivefold.open(url) as opened,
        pytest.MonkeyPatch.context() as patch,
    ):
        if "few" in request.param:
            patch.setattr("fivefold.languages.cypher.lower.matching.ROWS", 3)
            patch.setattr("fivefold.languages.cypher.lower.lookups.ROWS", 3)
            patch.setattr("fivefold.languages.cypher.lower.matching.KEPT_MAX", 2)
            patch.setattr("fivefold.languages.cypher.stored.reading.IDS_MAX", 2)
            patch.setattr("fivefold.languages.cypher.matching.trails.TRAILS", 2)
            patch.setattr("fivefold.languages.cypher.matching.trails.KEPT_MAX", 2)
        if "indexes" in request.param:
            for command in INDEXES:
                opened.cypher(command)
        yield opened


@st.composite
def dense_graphs(draw: st.DrawFn, values: tuple[Any, ...]) -> Graph:
    """Three to six nodes, of which most are known by label, and four to ten relationships."""
    some = st.fixed_dictionaries({}, optional={key: st.sampled_from(values) for key in "xy"})
    labels = st.sampled_from(["", ":A", ":A", ":A:B", ":B", ":C"])
    nodes = [(draw(labels), {"k": k, **draw(some)}) for k in range(draw(st.integers(3, 6)))]
    ends = st.integers(0, len(nodes) - 1)
    links = []
    for k in range(draw(st.integers(4, 10))):
        start = draw(ends)
        end = start if draw(st.integers(0, 2)) == 0 else draw(ends)
        links.append((draw(st.sampled_from("RS")), start, end, {"k": k, **draw(some)}))
    return Graph(nodes, links)


class Drawn:
    """A query as it is drawn: rows come from its first clause, and the others look for more."""

    def __init__(self, draw: st.DrawFn, values: tuple[Any, ...], graph: Graph) -> None:
        self.draw = draw
        self.parameters: dict[str, Any] = {}
        self.numbers = itertools.count()
        self.known: list[str] = []
        self.names: list[str] = []
        self.brought = [f"{name}.{key}" for name in ("row", "a") for key in "xy"]
        self.clauses = [self.source(values, len(graph.nodes))]

    def one(self, *choices: str) -> str:
        return self.draw(st.sampled_from(choices))

    def source(self, values: tuple[Any, ...], nodes: int) -> str:
        """Return the clause that rows come from."""
        kind = self.one("rows", "rows", "nodes", "links")
        if kind == "rows":
            some = st.sampled_from((*values, None))
            self.parameters["rows"] = [
                {"i": i, "x": self.draw(some), "y": self.draw(some), "k": i % nodes}
                for i in range(self.draw(st.integers(1, 9)))
            ]
            self.names.append("row")
            self.brought = ["row.x", "row.x", "row.y"]
            return "UNWIND $rows AS row"
        self.known, self.names = ["a"], ["a"]
        self.brought = ["a.x", "a.x", "a.y"]
        if kind == "nodes":
            return f"MATCH (a{self.one('', '', ':A', ':A|B')})"
        self.known.append("d")
        self.names += ["d", "q"]
        return f"MATCH (a)-[q{self.one('', ':R')}]{self.one('->', '-')}(d)"

    def node(self) -> str:
        """Return a node that is known, or that is asked for by what a row brings."""
        if self.known and self.draw(st.integers(0, 2)):
            return f"({self.one(*self.known)})"
        name = self.new("n")
        label = self.one("", ":A", ":A", ":B", ":C", ":A|B")
        keys = self.draw(st.sampled_from([(), (), ("x",), ("x", "y"), ("k",)]))
        entries = ", ".join([f"{key}: {self.brings(key)}" for key in keys])
        return f"({name}{label} {{{entries}}})"

    def brings(self, key: str) -> str:
        if key == "k":
            return "row.k" if "row" in self.names else "a.k"
        return self.one(*self.brought)

    def new(self, sort: str) -> str:
        name = f"{sort}{next(self.numbers)}"
        self.names.append(name)
        return name

    def link(self) -> str:
        length = self.one("", "", "", "*1..2", "*2", "*0..1")
        name = self.new("r")
        type = self.one("", "", ":R", ":R|S", ":!S")
        left, right = self.draw(st.sampled_from([("-", "->"), ("<-", "-"), ("-", "-")]))
        return f"{left}[{name}{type}{length}]{right}"

    def match(self) -> None:
        before = len(self.names)
        text = self.node()
        if "n" not in text or self.draw(st.booleans()):
            text += self.link() + self.node()
        nodes = [name for name in self.names[before:] if name[0] == "n"]
        condition = self.condition(nodes) if nodes else ""
        word = self.one("MATCH", "OPTIONAL MATCH", "OPTIONAL MATCH")
        self.clauses.append(f"{word} {text}{condition}")
        self.known += nodes

    def condition(self, nodes: list[str]) -> str:
        """A condition that SQL is asked about, one that is looked at in Python, both, none."""
        name, op = self.one(*nodes), self.one("=", "<", "<=", ">", ">=")
        listed = f"[{self.one(*self.brought)}, {self.one(*self.brought)}, null]"
        return self.one(
            *("", "", ""),
            f" WHERE {name}.x {op} {self.one(*self.brought)}",
            f" WHERE {name}.x {op} {self.one(*self.brought)} AND {name}.k % 2 = 0",
            f" WHERE {name}.k % 2 = 1",
            f" WHERE {name}.x IN {listed}",
            f" WHERE {name}.x IN {listed} AND {name}.k % 2 = 0",
        )

    @property
    def body(self) -> str:
        return " ".join(self.clauses)


@settings(max_examples=100, derandomize=True, deadline=None)
@given(data=st.data())
def test_rows_that_come_together(database: Database, data: st.DataObject) -> None:
    values = data.draw(st.sampled_from(NEIGHBOURS))
    graph = data.draw(dense_graphs(values))
    graph.store(database)
    for _ in range(3):
        drawn = Drawn(data.draw, values, graph)
        for _ in range(data.draw(st.integers(1, 2))):
            drawn.match()
        rows = tried(graph, f"{drawn.body} RETURN 1", drawn.parameters)
        wanted = formed(rows, drawn.names)
        for before in ("", "FOREACH (i IN [] | CREATE ()) "):
            query = f"{drawn.body} {before}RETURN {', '.join(drawn.names)}"
            assert found(database, query, drawn.parameters) == wanted, (query, drawn.parameters)


@settings(max_examples=40, derandomize=True, deadline=None)
@given(data=st.data())
def test_ranges(database: Database, data: st.DataObject) -> None:
    values = data.draw(st.sampled_from(NEIGHBOURS))
    graph = Graph([(":A", {"k": k, "x": value}) for k, value in enumerate((*values, *values))])
    for others in data.draw(st.lists(st.sampled_from(NEIGHBOURS), max_size=3)):
        graph.nodes += [(":A", {"k": len(graph.nodes), "x": value}) for value in others]
    graph.nodes.append((":A", {"k": len(graph.nodes)}))
    graph.store(database)
    ends = st.sampled_from(values)
    for op, other in itertools.product(("<", "<=", ">", ">="), ("", "<", "<=", ">", ">=")):
        given = {"v": data.draw(ends), "w": data.draw(ends)}
        where = f"n.x {op} $v" + (f" AND $w {other} n.x" if other else "")
        query = f"MATCH (n:A) WHERE {where} RETURN"
        wanted = formed(tried(graph, f"{query} 1", given), ["n"])
        assert found(database, f"{query} n", given) == wanted, (query, given)
        in_rows = f"UNWIND [$v, $w] AS v MATCH (n:A) WHERE n.x {op} v RETURN"
        wanted = formed(tried(graph, f"{in_rows} 1", given), ["v", "n"])
        assert found(database, f"{in_rows} v, n", given) == wanted, (in_rows, given)
    for size in range(4):
        given = {"vs": [data.draw(st.sampled_from((*values, None))) for _ in range(size)]}
        query = "MATCH (n:A) WHERE n.x IN $vs RETURN"
        wanted = formed(tried(graph, f"{query} 1", given), ["n"])
        assert found(database, f"{query} n", given) == wanted, (query, given)
