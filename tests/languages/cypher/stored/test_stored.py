"""The stored graph beside the one of dictionaries, under the same random changes."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fivefold.api.database import Database, open_database
from fivefold.engine.session import Session
from fivefold.engine.units import StoreUnit, Units
from fivefold.errors import FivefoldError
from fivefold.languages.cypher.stored.writing import StoredGraph
from fivefold.languages.cypher.tree import Direction
from fivefold.values.graph.entities import Node, Relationship
from fivefold.values.graph.temporal import Date, Duration
from tests.conftest import empty_store
from tests.languages.cypher.memory import MemoryGraph

LABELS = ("A", "B", "C d")
TYPES = ("R", "S", "T'u")
VALUES = (
    *(1, 1.0, 1e300, float("inf"), 2**62, "x", "$", "a\0b", "", True, False, None),
    *([], [1, 2], ["a\0", ""], b"\0\xff", Date(0), Duration(1, 2, 3, 4), [Date(5)]),
)
KEYS = ("k", "$date", "$$x", "name")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    path = str(tmp_path / "graph.db")
    with empty_store(path) as where, open_database(where, durability="off") as opened:
        yield opened


def seen(graph: Any, number: dict[tuple[type, int], int]) -> Any:
    """All that a graph holds, by the numbers that entities have in both."""

    def of(entity: Node | Relationship) -> int:
        return number[type(entity), entity.id]

    nodes = {
        of(node): (node.labels, repr(sorted(node.properties.items(), key=str)))
        for node in graph.nodes()
    }
    relationships = {
        of(one): (
            one.type,
            number[Node, one.start_id],
            number[Node, one.end_id],
            repr(sorted(one.properties.items(), key=str)),
        )
        for one in graph.relationships()
    }
    around = {
        (of(node), direction, types): sorted(map(of, graph.expand(node, direction, types)))
        for node in graph.nodes()
        for direction in Direction
        for types in ((), ("R",), ("R", "T'u"), ("never",))
    }
    counted = {key: len(found) for key, found in around.items()}
    for node in graph.nodes():
        for direction in Direction:
            for types in ((), ("R",), ("R", "T'u"), ("never",)):
                assert graph.degree(node, direction, types) == counted[of(node), direction, types]
        for other in graph.nodes():
            for types in ((), ("R",), ("R", "T'u"), ("never",)):
                between = sorted(map(of, graph.between(node, other, types)))
                leaving = graph.expand(node, Direction.RIGHT, types)
                assert between == sorted(of(one) for one in leaving if one.end_id == other.id)
    ids = [node.id for node in graph.nodes()]
    assert {*graph.nodes_by_id([*ids, -1])} == {*ids}
    for direction in Direction:
        for types in ((), ("R",), ("R", "T'u"), ("never",)):
            ways = graph.ways_from(ids, direction, types)
            for node in graph.nodes():
                near = [
                    (one.id, one.other_id(node.id)) for one in graph.expand(node, direction, types)
                ]
                assert sorted(ways[node.id]) == sorted(near)
                assert {*graph.relationships_by_id([id for id, _ in near])} == {
                    id for id, _ in near
                }
    by_label = {
        labels: sorted(map(of, graph.nodes(labels)))
        for labels in ((), ("A",), ("A", "B"), ("never",))
    }
    return nodes, relationships, around, by_label, [*graph.labels()], [*graph.types()]


class Twins:
    """A stored graph and one of dictionaries that are told the same."""

    def __init__(self, database: Database, seed: int) -> None:
        self.random = random.Random(seed)
        self.units = Units(Session(database.engine))
        self.memory = MemoryGraph()
        self.count = 0
        self.stored_number: dict[tuple[type, int], int] = {}
        self.memory_number: dict[tuple[type, int], int] = {}

    def properties(self) -> dict[str, Any]:
        some = self.random.sample(KEYS, self.random.randrange(len(KEYS)))
        return {key: self.random.choice(VALUES) for key in some}

    def some(self, choices: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(self.random.sample(choices, self.random.randrange(len(choices) + 1)))

    def query(self) -> None:
        """One transaction of several changes, the same to both."""
        steps = [self.step() for _ in range(self.random.randrange(1, 9))]
        kept = self.memory.checkpoint(), dict(self.memory_number), self.count
        failed = [self.told(self.memory, steps, self.memory_number)]
        after = self.count
        if failed[0]:
            self.memory, self.memory_number, _ = kept

        def work(unit: StoreUnit) -> None:
            self.count = kept[2]
            numbers = dict(self.stored_number)
            graph = StoredGraph(unit, "neo4j")
            failed.append(self.told(graph, steps, numbers))
            if failed[-1]:
                raise _Failed
            self.stored_number = numbers

        with contextlib.suppress(_Failed):
            self.units.write(work)
        assert failed[-1] == failed[0], steps
        self.count = after

    def told(self, graph: Any, steps: list[Any], numbers: dict[tuple[type, int], int]) -> str:
        try:
            for step in steps:
                step(graph, numbers)
            graph.finish()
        except FivefoldError as error:
            return str(error.facts["detail"])
        return ""

    def step(self) -> Callable[[Any, dict[tuple[type, int], int]], None]:
        what = self.random.randrange(8)
        labels, properties = self.some(LABELS), self.properties()
        type_ = self.random.choice(TYPES)
        draws = [self.random.random() for _ in range(2)]
        replace = self.random.random() < 0.3

        def pick(graph: Any, numbers: Any, kind: type, draw: float) -> Any:
            known = sorted((n, id) for (cls, id), n in numbers.items() if cls is kind)
            if not known:
                return None
            id = known[int(draw * len(known))][1]
            return graph.node(id) if kind is Node else graph.relationship(id)

        def step(graph: Any, numbers: dict[tuple[type, int], int]) -> None:
            node = pick(graph, numbers, Node, draws[0])
            other = pick(graph, numbers, Node, draws[1])
            link = pick(graph, numbers, Relationship, draws[0])
            if what <= 1:
                self.count += 1
                numbers[Node, graph.create_node(labels, properties).id] = self.count
            elif what <= 3 and node and other:
                made = graph.create_relationship(type_, node, other, properties)
                self.count += 1
                numbers[Relationship, made.id] = self.count
            elif what == 4 and node:
                graph.set_properties(node, properties, replace=replace)
            elif what == 5 and link:
                graph.set_properties(link, properties, replace=replace)
            elif what == 6 and node:
                graph.add_labels(node, labels)
                graph.remove_labels(node, LABELS[:1])
            elif what == 7:
                if link:
                    graph.delete_relationship(link)
                    numbers.pop((Relationship, link.id), None)  # its id may be used again
                if other and draws[1] < 0.4:
                    for one in [*graph.expand(other, Direction.EITHER)]:
                        if draws[0] < 0.8:
                            graph.delete_relationship(one)
                            numbers.pop((Relationship, one.id), None)
                    graph.delete_node(other)
                    numbers.pop((Node, other.id), None)

        return step


class _Failed(Exception):
    pass


@pytest.mark.parametrize("seed", range(12))
def test_stored_beside_memory(database: Database, seed: int) -> None:
    twins = Twins(database, seed)
    for _ in range(25):
        twins.query()
        stored = twins.units.read(
            lambda unit: seen(StoredGraph(unit, "neo4j"), twins.stored_number)
        )
        assert stored == seen(twins.memory, twins.memory_number)


def test_sql_sees_the_graph(database: Database) -> None:
    def work(unit: StoreUnit) -> None:
        graph = StoredGraph(unit, "neo4j")
        ann = graph.create_node(["Person", "Ad'min"], {"name": "Ann", "born": Date(0)})
        bob = graph.create_node([], {"n": 1.5})
        graph.create_relationship("KNOWS", ann, bob, {"since": 2020})
        graph.finish()

    Units(Session(database.engine)).write(work)
    rows = database.sql("SELECT id, labels, properties FROM neo4j.nodes ORDER BY id").fetchall()
    assert [row[1:] for row in rows] == [
        (["Ad'min", "Person"], {"name": "Ann", "born": {"$date": "1970-01-01"}}),
        ([], {"n": 1.5}),
    ]
    rows = database.sql(
        "SELECT r.type, s.properties->>'name', r.properties->>'since'"
        " FROM neo4j.relationships r JOIN neo4j.nodes s ON s.id = r.start_id"
    ).fetchall()
    assert rows == [("KNOWS", "Ann", "2020")]
    with pytest.raises(FivefoldError, match=r"graph model"):
        database.sql("DELETE FROM neo4j.nodes")
    database.sql("DROP SCHEMA neo4j CASCADE")
    assert database.sql("SELECT to_regclass('neo4j.nodes')").fetchall() == [(None,)]
