"""``db.cypher`` in a program: records, entities, parameters, transactions."""

from __future__ import annotations

import datetime
import enum
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path as FilePath

import networkx
import pandas
import pytest

from fivefold.api.database import Database, open_database
from fivefold.api.graph import Node, Path, Relationship
from fivefold.errors import Conflict, FivefoldError, InvalidState, InvalidValue, Unsupported
from fivefold.values.graph.temporal import Date, DateTime, Duration, LocalDateTime, LocalTime, Time
from tests.conftest import empty_store


@pytest.fixture
def db(tmp_path: FilePath) -> Iterator[Database]:
    with empty_store(str(tmp_path / "g.db")) as where, open_database(where) as opened:
        yield opened


@pytest.fixture
def friends(db: Database) -> Database:
    db.cypher(
        "CREATE (a:Person {name: 'Ann'})-[:KNOWS {since: 2020}]->(b:Person:Admin {name: 'Bob'}),"
        " (b)-[:KNOWS]->(:Person {name: 'Cid'})"
    )
    return db


def test_records(friends: Database) -> None:
    result = friends.cypher("MATCH (p:Person) RETURN p.name AS name, 1 AS one ORDER BY name")
    assert result.keys() == ("name", "one")
    first = result.peek()
    assert first is not None
    assert first["name"] == first[0] == first.value() == first.get("name") == "Ann"
    assert first.get("other", 7) == 7
    assert (first.keys(), first.values()) == (["name", "one"], ["Ann", 1])
    assert first.data() == {"name": "Ann", "one": 1}
    with pytest.raises(KeyError):
        first["other"]
    assert next(result) == ("Ann", 1)
    assert [record["name"] for record in result.fetch(1)] == ["Bob"]
    assert result.value("name") == ["Cid"]
    assert [*result] == []
    assert friends.cypher("RETURN 1 AS x UNION RETURN 2 AS x").data() == [{"x": 1}, {"x": 2}]


def test_single(friends: Database) -> None:
    names = "MATCH (p:Person) RETURN p.name ORDER BY p.name"
    assert friends.cypher(names).single() == ("Ann",)
    assert friends.cypher("MATCH (p:Nobody) RETURN p").single() is None
    with pytest.raises(InvalidState):
        friends.cypher(names).single(strict=True)
    with pytest.raises(InvalidState):
        friends.cypher("MATCH (p:Nobody) RETURN p").single(strict=True)


def test_entities(friends: Database) -> None:
    record = friends.cypher("MATCH p = (a {name: 'Ann'})-[r]->(b) RETURN p, a, r, b").single()
    assert record is not None
    path, ann, knows, bob = record
    assert isinstance(path, Path)
    assert isinstance(ann, Node)
    assert isinstance(knows, Relationship)
    assert (path.nodes, path.relationships, len(path)) == ((ann, bob), (knows,), 1)
    assert (path.start_node, path.end_node) == (knows.start_node, knows.end_node) == (ann, bob)
    assert bob.labels == {"Person", "Admin"}
    assert (ann["name"], ann.get("x", 5), "name" in ann, dict(ann.items())) == (
        *("Ann", 5, True),
        {"name": "Ann"},
    )
    assert (knows.type, knows["since"]) == ("KNOWS", 2020)
    element = friends.cypher("MATCH (a {name: 'Ann'}) RETURN elementId(a), id(a)").single()
    assert element == (ann.element_id, ann.id)
    assert path.nodes[1]["name"] == "Bob"
    with pytest.raises(KeyError):
        ann["nothing"]


def test_as_networkx_and_pandas(friends: Database) -> None:
    graph = friends.cypher("MATCH p = (a)-[r]->(b) RETURN [a, {r: r}] AS some, p").to_networkx()
    assert isinstance(graph, networkx.MultiDiGraph)
    names = networkx.get_node_attributes(graph, "name")
    assert sorted(names.values()) == ["Ann", "Bob", "Cid"]
    assert {(names[a], names[b], d["type"]) for a, b, d in graph.edges(data=True)} == {
        ("Ann", "Bob", "KNOWS"),
        ("Bob", "Cid", "KNOWS"),
    }
    frame = friends.cypher("MATCH (p:Person) RETURN p.name AS name ORDER BY name").to_df()
    pandas.testing.assert_frame_equal(frame, pandas.DataFrame({"name": ["Ann", "Bob", "Cid"]}))


class _Undo(Exception):
    pass


class Colour(enum.IntEnum):
    RED = 1


UTC = datetime.UTC


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, None),
        ((1, [2.5, "x"]), [1, [2.5, "x"]]),
        ({"a": {"b": b"\0"}}, {"a": {"b": b"\0"}}),
        (bytearray(b"x"), b"x"),
        (Colour.RED, 1),
        (datetime.date(1970, 1, 2), Date(1)),
        (datetime.datetime(1970, 1, 1), LocalDateTime(0)),
        (datetime.datetime(1970, 1, 1, tzinfo=UTC), DateTime(0, 0)),
        (datetime.time(0, 0, 1), LocalTime(10**9)),
        (datetime.time(0, 0, 1, tzinfo=UTC), Time(10**9, 0)),
        (datetime.timedelta(1, 2, 3), Duration(0, 1, 2, 3000)),
    ],
)
def test_parameters(db: Database, given: object, expected: object) -> None:
    found = db.cypher("RETURN $x", x=given).value()[0]
    assert found == expected
    assert type(found) is type(expected)
    assert db.cypher("RETURN $x", {"x": given}).value() == [expected]


@pytest.mark.parametrize("wrong", [object(), {1: 2}, 2**63, [1 + 2j]])
def test_no_parameters(db: Database, wrong: object) -> None:
    with pytest.raises(InvalidValue):
        db.cypher("RETURN $x", x=wrong)


def test_errors_tell_where(db: Database) -> None:
    with pytest.raises(FivefoldError) as caught:
        db.cypher("MATCH (n) RETURN m")
    assert caught.value.facts["detail"] == "UndefinedVariable"
    assert caught.value.position == 18
    with pytest.raises(FivefoldError) as caught:
        db.cypher("RETURN $missing")
    assert caught.value.facts["detail"] == "MissingParameter"


def test_what_fails_leaves_nothing(db: Database) -> None:
    with pytest.raises(FivefoldError):
        db.cypher("CREATE (:A) WITH 1 AS x UNWIND [1, 0] AS y RETURN x / y")
    assert db.cypher("MATCH (n) RETURN count(*)").value() == [0]
    db.cypher("CREATE (:A)")
    with db.transaction() as tx:
        with pytest.raises(FivefoldError):
            tx.cypher("MATCH (n:A) SET n.x = 1 CREATE (:B) RETURN n.x / 0")
        tx.cypher("CREATE (:C)")
    found = db.cypher("MATCH (n) RETURN labels(n), n.x ORDER BY labels(n)").values()
    assert found == [[["A"], None], [["C"], None]]


def test_one_transaction_over_models(db: Database) -> None:
    db.sql("CREATE TABLE stock (sku text PRIMARY KEY, n int)")
    db.sql("INSERT INTO stock VALUES ('A1', 3)")
    with db.transaction() as tx:
        tx.sql("UPDATE stock SET n = n - 1 WHERE sku = %s", ["A1"])
        tx.collection("shop", "orders").insert_one({"_id": 7, "sku": "A1"})
        tx.redis.delete("cart:42")
        tx.cypher("CREATE (:Customer {id: $id})-[:BOUGHT]->(:Item {sku: $sku})", id=42, sku="A1")
    with suppress(_Undo), db.transaction() as tx:
        tx.cypher("MATCH (c:Customer) DETACH DELETE c")
        assert tx.cypher("MATCH (n) RETURN count(*)").value() == [1]
        raise _Undo
    assert db.cypher("MATCH (c:Customer)-->(i) RETURN c.id, i.sku").values() == [[42, "A1"]]
    with pytest.raises(InvalidState):
        tx.cypher("RETURN 1")


def test_databases_are_namespaces(db: Database) -> None:
    db.sql("CREATE SCHEMA other")
    db.cypher("CREATE (:A)", database_="other")
    assert db.cypher("MATCH (n) RETURN count(*)").value() == [0]
    assert db.cypher("MATCH (n) RETURN count(*)", database_="other").value() == [1]
    assert db.cypher("USE other MATCH (n) RETURN count(*)").value() == [1]
    with pytest.raises(FivefoldError) as caught:
        db.cypher("RETURN 1", database_="nowhere")
    assert caught.value.facts["detail"] == "DatabaseNotFound"
    db.sql("CREATE TABLE other2 (x int)")
    db.sql("CREATE SCHEMA taken")
    db.sql("CREATE TABLE taken.nodes (x int)")
    with pytest.raises(Unsupported):
        db.cypher("MATCH (n) RETURN n", database_="taken")


def test_two_writers_conflict(db: Database) -> None:
    db.cypher("CREATE (:Counter {n: 0})")
    second = db.transaction()
    second.__enter__()
    assert second.cypher("MATCH (c:Counter) RETURN c.n").value() == [0]
    with db.transaction() as first:
        assert first.cypher("MATCH (c:Counter) RETURN c.n").value() == [0]
        first.cypher("MATCH (c:Counter) SET c.n = c.n + 1")
    with pytest.raises(Conflict):
        second.cypher("MATCH (c:Counter) SET c.n = c.n + 1")
    second.__exit__(Conflict, None, None)
    assert db.cypher("MATCH (c:Counter) RETURN c.n").value() == [1]


def test_threads(db: Database) -> None:
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for at in range(10):
                db.cypher("MERGE (n:N {id: $id}) SET n.by = $by", id=at, by=number)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not [one for one in failures if not isinstance(one, Conflict)]
    assert db.cypher("MATCH (n:N) RETURN count(DISTINCT n.id)").value() == [10]


def test_in_transactions_is_one(db: Database) -> None:
    rows = "UNWIND $rows AS x CALL { WITH x CREATE (:N {x: 6 / x}) } IN TRANSACTIONS OF 1 ROWS"
    db.cypher(rows, rows=[1, 2])
    with pytest.raises(FivefoldError):
        db.cypher(rows, rows=[3, 0])
    assert db.cypher("MATCH (n:N) RETURN n.x ORDER BY n.x").value() == [3, 6]
    db.cypher("MATCH (n) CALL { WITH n DETACH DELETE n } IN 2 CONCURRENT TRANSACTIONS")
    assert db.cypher("MATCH (n) RETURN count(*)").value() == [0]
