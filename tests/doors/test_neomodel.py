"""neomodel: people, cities and who knows whom, over Bolt.

Source: neomodel's documentation, "Getting started", "Relationships", "Filtering and ordering",
"Transactions".
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

import fivefold
from tests.conftest import empty_store

nm: Any = pytest.importorskip("neomodel")


class Knows(nm.StructuredRel):  # type: ignore[misc]
    since = nm.IntegerProperty(default=2000)
    met = nm.DateProperty()


class LivesIn(nm.StructuredRel):  # type: ignore[misc]
    since = nm.IntegerProperty()


class City(nm.StructuredNode):  # type: ignore[misc]
    code = nm.StringProperty(unique_index=True, required=True)
    name = nm.StringProperty(index=True)


class Person(nm.StructuredNode):  # type: ignore[misc]
    uid = nm.UniqueIdProperty()
    name = nm.StringProperty(unique_index=True, required=True)
    age = nm.IntegerProperty(index=True, default=0)
    born = nm.DateProperty()
    seen = nm.DateTimeProperty()
    score = nm.FloatProperty()
    tags = nm.ArrayProperty(nm.StringProperty())
    extra = nm.JSONProperty()
    city = nm.RelationshipTo(City, "LIVES_IN", model=LivesIn, cardinality=nm.ZeroOrOne)
    knows = nm.RelationshipTo("Person", "KNOWS", model=Knows)
    known_by = nm.RelationshipFrom("Person", "KNOWS", model=Knows)


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    path = tmp_path_factory.mktemp("neomodel") / "people.db"
    with empty_store(str(path)) as url, fivefold.serving(url, only=["neo4j"]) as server:
        nm.db.set_connection(f"bolt://neo4j:secret@127.0.0.1:{server.ports['neo4j']}")
        nm.db.install_all_labels()
        yield nm.db
        nm.db.close_connection()


@pytest.fixture
def people(db: Any) -> dict[str, Any]:
    db.cypher_query("MATCH (n) DETACH DELETE n")
    ann = Person(
        name="Ann",
        age=30,
        born=dt.date(1990, 1, 2),
        seen=dt.datetime(2024, 1, 1, 12, tzinfo=dt.UTC),
        score=1.5,
        tags=["a", "b"],
        extra={"a": [1]},
    ).save()
    bob, cid = Person(name="Bob", age=40).save(), Person(name="Cid", age=50).save()
    rome = City(code="ROM", name="Rome").save()
    ann.city.connect(rome, {"since": 2015})
    ann.knows.connect(bob, {"since": 2010, "met": dt.date(2010, 5, 6)})
    bob.knows.connect(cid)
    return {"Ann": ann, "Bob": bob, "Cid": cid, "Rome": rome}


def names(found: Any) -> list[str]:
    return sorted(one.name for one in found)


def test_labels_are_installed(db: Any) -> None:
    db.install_labels(Person)
    constraints = {(*one["labelsOrTypes"], *one["properties"]) for one in db.list_constraints()}
    assert constraints == {("City", "code"), ("Person", "uid"), ("Person", "name")}
    indexes = {
        (*one["labelsOrTypes"], *one["properties"])
        for one in db.list_indexes(exclude_token_lookup=True)
    }
    assert indexes == constraints | {("City", "name"), ("Person", "age")}


def test_a_node_comes_back(people: dict[str, Any]) -> None:
    ann = Person.nodes.get(name="Ann")
    assert ann.uid == people["Ann"].uid
    assert len(ann.uid) == 32
    assert (ann.born, ann.score) == (dt.date(1990, 1, 2), 1.5)
    assert ann.seen == dt.datetime(2024, 1, 1, 12, tzinfo=dt.UTC)
    assert (ann.tags, ann.extra) == (["a", "b"], {"a": [1]})
    ann.age = 31
    ann.save()
    people["Ann"].refresh()
    assert people["Ann"].age == 31
    assert ann.labels() == ["Person"]


def test_what_is_unique_and_required(people: dict[str, Any]) -> None:
    with pytest.raises(nm.exceptions.UniqueProperty):
        Person(name="Ann").save()
    with pytest.raises(nm.exceptions.RequiredProperty):
        Person(age=1).save()
    with pytest.raises(nm.exceptions.AttemptedCardinalityViolation):
        people["Ann"].city.connect(City(code="PAR").save())
    with pytest.raises(Person.DoesNotExist):
        Person.nodes.get(name="Zoe")
    assert Person.nodes.get_or_none(name="Zoe") is None


def test_relationships(people: dict[str, Any]) -> None:
    ann, bob, cid = people["Ann"], people["Bob"], people["Cid"]
    known = ann.knows.relationship(bob)
    assert (known.since, known.met) == (2010, dt.date(2010, 5, 6))
    known.since = 2011
    known.save()
    assert ann.knows.relationship(bob).since == 2011
    assert (known.start_node(), known.end_node()) == (ann, bob)
    assert names(bob.known_by.all()) == ["Ann"]
    assert ann.knows.is_connected(bob)
    assert not ann.knows.is_connected(cid)
    assert len(ann.knows) == 1
    assert names(ann.knows.match(since__gt=2010).all()) == ["Bob"]
    assert names(ann.knows.filter(age__gt=40).all()) == []
    ann.knows.reconnect(bob, cid)
    assert names(ann.knows.all()) == ["Cid"]
    assert ann.knows.relationship(cid).since == 2011
    ann.knows.replace(bob)
    assert names(ann.knows.all()) == ["Bob"]
    ann.knows.disconnect(bob)
    bob.knows.disconnect_all()
    assert [*ann.knows.all(), *bob.knows.all()] == []


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"age__gt": 30}, "Bob Cid"),
        ({"age__lte": 40, "name__ne": "Ann"}, "Bob"),
        ({"name__startswith": "A"}, "Ann"),
        ({"name__endswith": "d"}, "Cid"),
        ({"name__icontains": "N"}, "Ann"),
        ({"name__iexact": "ann"}, "Ann"),
        ({"name__regex": "[AB].*"}, "Ann Bob"),
        ({"name__in": ["Ann", "Cid"]}, "Ann Cid"),
        ({"born__isnull": True}, "Bob Cid"),
        ({"born": dt.date(1990, 1, 2)}, "Ann"),
        ({"seen__lt": dt.datetime(2025, 1, 1, tzinfo=dt.UTC)}, "Ann"),
        ({"tags__in": ["b", "c"]}, "Ann"),
    ],
)
def test_filters(people: dict[str, Any], wanted: dict[str, Any], found: str) -> None:
    assert names(Person.nodes.filter(**wanted).all()) == found.split()


def test_questions(people: dict[str, Any]) -> None:
    assert [one.name for one in Person.nodes.order_by("-age").all()] == ["Cid", "Bob", "Ann"]
    assert names(Person.nodes.exclude(age__lt=40).all()) == ["Bob", "Cid"]
    assert names(Person.nodes.filter(nm.Q(name="Ann") | ~nm.Q(age__lt=45)).all()) == ["Ann", "Cid"]
    assert [one.name for one in Person.nodes.order_by("name")[1:3]] == ["Bob", "Cid"]
    assert len(Person.nodes) == 3
    assert people["Bob"] in Person.nodes
    known = Person.nodes.filter(knows__name="Bob").all()
    assert [row[0].name for row in known] == ["Ann"]
    since = Person.nodes.filter(**{"knows|since__gt": 2005}).all()
    assert [row[0].name for row in since] == ["Ann"]
    living = Person.nodes.traverse("city").all()
    assert [(row[0].name, row[1].code) for row in living] == [("Ann", "ROM")]
    rows, _ = people["Ann"].cypher("MATCH (a) WHERE elementId(a) = $self RETURN a.name")
    assert rows == [["Ann"]]


def test_paths(db: Any, people: dict[str, Any]) -> None:
    rows, _ = db.cypher_query(
        "MATCH p = (:Person {name: 'Ann'})-[:KNOWS*2]->(b) RETURN p, b", resolve_objects=True
    )
    ((path, end),) = rows
    assert [one.name for one in path.nodes] == ["Ann", "Bob", "Cid"]
    assert end == people["Cid"]


def rolled_back(db: Any) -> None:
    with db.transaction:
        Person(name="Gus").save()
        _ = 1 / 0


def refused(db: Any) -> None:
    with db.transaction:
        Person(name="Ivy").save()
        Person(name="Ann").save()


def test_transactions(db: Any, people: dict[str, Any]) -> None:
    with pytest.raises(ZeroDivisionError):
        rolled_back(db)
    with db.transaction:
        Person(name="Hal").save()
        people["Cid"].delete()
    with db.read_transaction:
        assert names(Person.nodes.all()) == ["Ann", "Bob", "Hal"]
    with pytest.raises(nm.exceptions.UniqueProperty):
        refused(db)
    assert Person.nodes.get_or_none(name="Ivy") is None


@pytest.mark.filterwarnings("ignore:.*neomodel 8:DeprecationWarning")
def test_writing_many(people: dict[str, Any]) -> None:
    dan, eve = Person.create({"name": "Dan"}, {"name": "Eve", "age": 3})
    (changed,) = Person.create_or_update({"uid": dan.uid, "name": "Dan", "age": 9})
    (same,) = City.get_or_create({"code": "ROM"})
    assert (changed, changed.age, eve.age) == (dan, 9, 3)
    assert same == people["Rome"]
    assert eve.delete()
    with pytest.raises(ValueError, match="deleted"):
        eve.save()


def test_everything_is_cleared(db: Any, people: dict[str, Any]) -> None:
    found, _ = db.cypher_query("MATCH (n) RETURN count(*)")
    assert found[0][0] > 0
    db.clear_neo4j_database()
    found, _ = db.cypher_query("MATCH (n) RETURN count(*)")
    assert found == [[0]]
