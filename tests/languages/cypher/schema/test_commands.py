"""Commands over graphs in a store: what they do, what they refuse, what SHOW tells afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fivefold.api.database import Database, open_database
from fivefold.engine.session import Session
from fivefold.engine.units import StoreUnit, Units
from fivefold.errors import FivefoldError, Unsupported
from fivefold.languages.cypher import tree
from fivefold.languages.cypher.check import check
from fivefold.languages.cypher.graph import Notification, Run, Statistics
from fivefold.languages.cypher.parse import parse
from fivefold.languages.cypher.procedures import PROCEDURES
from fivefold.languages.cypher.schema import showing
from fivefold.languages.cypher.schema.carrying import carry_out
from fivefold.languages.cypher.stored.reading import Reading
from fivefold.languages.cypher.stored.writing import StoredGraph
from fivefold.values.graph.entities import Node
from tests.conftest import empty_store

Row = dict[str, Any]


class Client:
    """Commands to one store, each in a transaction of its own."""

    def __init__(self, database: Database) -> None:
        self.units = Units(Session(database.engine))
        self.statistics = Statistics()

    def do(self, command: str, database: str = "neo4j") -> list[Notification]:
        body = parse(command).body
        assert isinstance(body, tree.Command)

        def work(unit: StoreUnit) -> list[Notification]:
            self.statistics = Statistics()
            return carry_out(unit, database, body, self.statistics)

        return self.units.alter(work)

    def refused(self, command: str, database: str = "neo4j") -> str:
        with pytest.raises(FivefoldError) as raised:
            self.do(command, database)
        return f"{raised.value.facts['detail']}: {raised.value.message}"

    def show(self, command: str) -> list[Row]:
        """What the procedure of a SHOW yields."""
        body = parse(command).body
        assert isinstance(body, tree.Show)
        call = showing.as_query(body).clauses[0]
        assert isinstance(call, tree.CallProcedure)
        assert call.arguments is not None
        procedure = showing.PROCEDURES[call.name]
        values = [one.value if isinstance(one, tree.Literal) else None for one in call.arguments]
        names = [name for name, _ in procedure.results]
        rows = self.called(lambda run: procedure.call(run, values))
        taken = dict(call.yields or ())
        return [
            {taken[name]: value for name, value in zip(names, row, strict=True) if name in taken}
            for row in rows
        ]

    def call(self, name: str, *arguments: Any) -> list[tuple[Any, ...]]:
        return [
            tuple(row) for row in self.called(lambda run: PROCEDURES[name].call(run, arguments))
        ]

    def called(self, call: Callable[[Run], Any]) -> list[Any]:
        return self.units.read(
            lambda unit: [*call(Run(Reading(unit, "neo4j"), {}, None, Statistics()))]
        )

    def create(self, *nodes: tuple[str, Row]) -> list[Node]:
        def work(unit: StoreUnit) -> list[Node]:
            graph = StoredGraph(unit, "neo4j")
            made = [graph.create_node(labels.split(), properties) for labels, properties in nodes]
            for one in made[1:]:
                graph.create_relationship("KNOWS", made[0], one, {"since": one.id})
            graph.finish()
            return made

        return self.units.write(work)

    def wrong(self, *nodes: tuple[str, Row]) -> str:
        with pytest.raises(FivefoldError) as raised:
            self.create(*nodes)
        return f"{raised.value.facts['detail']}: {raised.value.message}"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    path = str(tmp_path / "graph.db")
    with empty_store(path) as where, open_database(where, durability="off") as opened:
        yield Client(opened)


def found(client: Client, label: str, **values: Any) -> list[Row] | None:
    """The properties of what an index has; None if there is no index."""

    def work(unit: StoreUnit) -> list[Row] | None:
        nodes = Reading(unit, "neo4j").seek(label, values)
        return None if nodes is None else [node.properties for node in nodes]

    return client.units.read(work)


def test_indexes(client: Client) -> None:
    client.do("CREATE INDEX early FOR (n:P) ON (n.a)")
    assert client.statistics.indexes_added == 1
    client.create(("P", {"a": 1, "b": "x"}), ("P Q", {"a": 2}), ("Q", {"a": 1}))
    assert found(client, "P", a=1) == [{"a": 1, "b": "x"}]
    assert found(client, "P", b="x") is None
    client.do("CREATE INDEX FOR (n:P) ON (n.a, n.b)")
    client.do("CREATE TEXT INDEX late FOR (n:Q) ON (n.a)")
    client.do("CREATE INDEX FOR ()-[r:KNOWS]-() ON (r.since)")
    assert found(client, "P", a=1, b="x") == [{"a": 1, "b": "x"}]
    assert found(client, "Q", a=1) == [{"a": 1}]
    rows = client.show("SHOW INDEXES")
    assert [(row["type"], row["labelsOrTypes"], row["properties"]) for row in rows] == [
        ("RANGE", ["P"], ["a"]),
        ("LOOKUP", None, None),
        *[(row["type"], row["labelsOrTypes"], row["properties"]) for row in rows[2:-1]],
        ("TEXT", ["Q"], ["a"]),
    ]
    assert len(rows) == 6
    assert all(row["state"] == "ONLINE" for row in rows)
    (row,) = [row for row in client.show("SHOW INDEXES YIELD *") if row["name"] == "early"]
    assert row["createStatement"] == "CREATE RANGE INDEX `early` FOR (n:`P`) ON (n.`a`)"
    assert row["options"] == {"indexConfig": {}, "indexProvider": "range-1.0"}
    client.do("DROP INDEX early")
    assert client.statistics.indexes_removed == 1
    assert found(client, "P", a=1) is None
    client.do(row["createStatement"])
    assert found(client, "P", a=1) == [{"a": 1, "b": "x"}]
    assert len(client.show("SHOW RANGE INDEXES")) == 3


def test_indexes_that_are_there(client: Client) -> None:
    client.do("CREATE INDEX one FOR (n:P) ON (n.a)")
    shown = "Index( id=3, name='one', type='RANGE', schema=(:P {a}), indexProvider='range-1.0' )"
    assert client.refused("CREATE INDEX one FOR (n:P) ON (n.a)") == (
        f"EquivalentSchemaRuleAlreadyExists: An equivalent index already exists, '{shown}'."
    )
    assert client.refused("CREATE INDEX two FOR (n:P) ON (n.a)") == (
        "IndexAlreadyExists: There already exists an index (:P {a})."
    )
    assert client.refused("CREATE INDEX one FOR (n:Q) ON (n.a)") == (
        "IndexWithNameAlreadyExists: There already exists an index called 'one'."
    )
    assert client.refused("CREATE CONSTRAINT one FOR (n:Q) REQUIRE n.a IS UNIQUE") == (
        "IndexWithNameAlreadyExists: There already exists an index called 'one'."
    )
    assert client.refused("CREATE CONSTRAINT two FOR (n:P) REQUIRE n.a IS UNIQUE") == (
        "IndexAlreadyExists: There already exists an index (:P {a}). A constraint cannot be created"
        " until the index has been dropped."
    )
    (told,) = client.do("CREATE INDEX two IF NOT EXISTS FOR (n:P) ON (n.a)")
    assert told.description == "`RANGE INDEX one FOR (e:P) ON (e.a)` already exists."
    assert client.statistics.indexes_added == 0
    (told,) = client.do("DROP INDEX three IF EXISTS")
    assert told.description == "`three` does not exist."
    assert client.refused("DROP INDEX three") == (
        "IndexToDropNotFound: Unable to drop index called `three`. There is no such index."
    )
    assert client.refused("CREATE LOOKUP INDEX FOR (n) ON EACH labels(n)").startswith(
        "EquivalentSchemaRuleAlreadyExists"
    )
    assert client.refused("DROP INDEX index_343aff4e").startswith("IndexDropFailed")
    assert client.refused("CREATE INDEX FOR (n:P) ON (n.a, n.a)").startswith("RepeatedProperty")


def test_unique(client: Client) -> None:
    nodes = client.create(("P", {"a": 1}), ("P", {"a": 2}), ("P", {}), ("Q", {"a": 1}))
    client.do("CREATE CONSTRAINT c FOR (n:P) REQUIRE n.a IS UNIQUE")
    assert client.statistics.constraints_added == 1
    assert client.statistics.indexes_added == 0
    assert client.wrong(("P", {"a": 2.0})) == (
        f"CreateBlockedByConstraint: Node({nodes[1].id}) already exists with label `P` and property"
        " `a` = 2.0"
    )
    assert client.refused("DROP INDEX c") == (
        "IndexDropFailed: Unable to drop index: Index belongs to constraint: `c`"
    )
    assert client.refused("CREATE INDEX i FOR (n:P) ON (n.a)") == (
        "ConstraintAlreadyExists: There is a uniqueness constraint on (:P {a}), so an index is"
        " already created that matches this."
    )
    assert client.refused("CREATE CONSTRAINT d FOR (n:P) REQUIRE n.a IS UNIQUE") == (
        "ConstraintAlreadyExists: Constraint already exists: Constraint( id=3, name='c',"
        " type='UNIQUENESS', schema=(:P {a}), ownedIndex=3 )"
    )
    assert client.refused("CREATE CONSTRAINT c FOR (n:P) REQUIRE n.a IS UNIQUE").startswith(
        "EquivalentSchemaRuleAlreadyExists"
    )
    assert client.refused("CREATE CONSTRAINT d FOR (n:P) REQUIRE n.a IS NODE KEY").startswith(
        "ConstraintAlreadyExists: Conflicting"
    )
    assert client.refused("CREATE CONSTRAINT c FOR (n:Q) REQUIRE n.a IS UNIQUE") == (
        "ConstraintWithNameAlreadyExists: There already exists a constraint called 'c'."
    )
    (row,) = client.show("SHOW CONSTRAINTS")
    assert row == {
        "id": 3,
        "name": "c",
        "type": "UNIQUENESS",
        "entityType": "NODE",
        "labelsOrTypes": ["P"],
        "properties": ["a"],
        "ownedIndex": "c",
        "propertyType": None,
    }
    assert [row["owningConstraint"] for row in client.show("SHOW RANGE INDEXES")] == ["c"]
    client.do("DROP CONSTRAINT c")
    assert client.statistics.constraints_removed == 1
    client.create(("P", {"a": 2.0}))
    assert client.refused("CREATE CONSTRAINT c FOR (n:P) REQUIRE n.a IS UNIQUE").startswith(
        "ConstraintCreationFailed: Unable to create Constraint( name='c', type='UNIQUENESS',"
        f" schema=(:P {{a}}) ):\nBoth Node({nodes[1].id}) and Node("
    )
    assert client.show("SHOW CONSTRAINTS") == []
    assert client.refused("DROP CONSTRAINT c") == (
        "ConstraintNotFound: Unable to drop constraint `c`: No such constraint c."
    )
    assert len(client.do("DROP CONSTRAINT c IF EXISTS")) == 1


def test_keys_existence_and_types(client: Client) -> None:
    client.do("CREATE CONSTRAINT k FOR (n:P) REQUIRE (n.a, n.b) IS NODE KEY")
    client.do("CREATE CONSTRAINT e FOR ()-[r:KNOWS]-() REQUIRE r.since IS NOT NULL")
    client.do("CREATE CONSTRAINT t FOR (n:P) REQUIRE n.b IS :: STRING | INT")
    (node,) = client.create(("P", {"a": 1, "b": 2}))
    assert client.wrong(("P", {"a": 1, "b": 2})).startswith("CreateBlockedByConstraint")
    wrong = client.wrong(("P", {"a": 1}))
    assert wrong.startswith("MissingProperty: Node(")
    assert wrong.endswith("with label `P` must have the property `b`")
    wrong = client.wrong(("P", {"a": 1, "b": 2.5}))
    assert wrong.startswith("WrongPropertyType: Node(")
    assert wrong.endswith(
        "with label `P` required the property `b` to be of type `STRING | INTEGER`, but was of type"
        " `FLOAT NOT NULL`"
    )
    assert [row["type"] for row in client.show("SHOW CONSTRAINTS")] == [
        "RELATIONSHIP_PROPERTY_EXISTENCE",
        "NODE_KEY",
        "NODE_PROPERTY_TYPE",
    ]
    assert [row["name"] for row in client.show("SHOW NODE PROPERTY TYPE CONSTRAINTS")] == ["t"]
    assert [row["name"] for row in client.show("SHOW REL PROPERTY EXIST CONSTRAINTS")] == ["e"]
    assert client.show("SHOW NODE UNIQUE CONSTRAINTS") == []
    assert [row["createStatement"] for row in client.show("SHOW CONSTRAINTS YIELD *")] == [
        "CREATE CONSTRAINT `e` FOR ()-[r:`KNOWS`]-() REQUIRE (r.`since`) IS NOT NULL",
        "CREATE CONSTRAINT `k` FOR (n:`P`) REQUIRE (n.`a`, n.`b`) IS NODE KEY",
        "CREATE CONSTRAINT `t` FOR (n:`P`) REQUIRE (n.`b`) IS :: STRING | INTEGER",
    ]
    assert client.refused("CREATE CONSTRAINT FOR (n:P) REQUIRE n.c IS NOT NULL").endswith(
        f"Node({node.id}) with label `P` must have the property `c`. Note that only the first found"
        " violation is shown."
    )
    assert client.refused("CREATE CONSTRAINT FOR (n:P) REQUIRE n.a IS :: STRING").endswith(
        f"Node({node.id}) with label `P` required the property `a` to be of type `STRING`, but was"
        " of type `INTEGER NOT NULL`. Note that only the first found violation is shown."
    )
    assert client.refused("CREATE CONSTRAINT FOR (n:P) REQUIRE n.a IS :: MAP").endswith(
        "Failed to create node property type constraint: Invalid property type `MAP`."
    )


def test_many_are_indexed(client: Client) -> None:
    client.create(*[("P", {"a": number}) for number in range(2_500)])
    client.do("CREATE CONSTRAINT FOR (n:P) REQUIRE n.a IS UNIQUE")
    client.do("CREATE INDEX FOR ()-[r:KNOWS]-() ON (r.since)")
    assert found(client, "P", a=2_499) == [{"a": 2_499}]
    client.create(("Q", {"a": 1}), *[("Q", {"a": number}) for number in range(2_100)])
    assert "ConstraintCreationFailed" in client.refused(
        "CREATE CONSTRAINT FOR (n:Q) REQUIRE n.a IS UNIQUE"
    )


def test_databases(client: Client) -> None:
    client.do("CREATE DATABASE Movies")
    assert client.statistics.system_updates == 1
    assert [row["name"] for row in client.show("SHOW DATABASES")] == ["movies", "neo4j"]
    assert [row["name"] for row in client.show("SHOW DATABASE movies")] == ["movies"]
    assert [row["home"] for row in client.show("SHOW HOME DATABASE")] == [True]
    assert client.refused("CREATE DATABASE movies") == (
        "DatabaseExists: Failed to create the specified database 'movies': Database already exists."
    )
    client.do("CREATE DATABASE movies IF NOT EXISTS")
    client.do("CREATE INDEX FOR (n:P) ON (n.a)", "movies")
    client.do("CREATE OR REPLACE DATABASE movies")
    client.do("CREATE INDEX FOR (n:P) ON (n.a)", "movies")
    client.do("DROP DATABASE movies")
    assert [row["name"] for row in client.show("SHOW DATABASES")] == ["neo4j"]
    assert client.refused("DROP DATABASE movies") == (
        "DatabaseNotFound: Failed to delete the specified database 'movies': Database does not"
        " exist."
    )
    client.do("DROP DATABASE movies IF EXISTS")
    assert client.refused("CREATE DATABASE `a b`").startswith("UnexpectedSyntax")
    with pytest.raises(Unsupported):
        client.do("DROP DATABASE neo4j")


def test_functions_procedures_settings(client: Client) -> None:
    functions = client.show("SHOW FUNCTIONS YIELD *")
    (left,) = [row for row in functions if row["name"] == "left"]
    assert left["signature"] == "left(original :: STRING, length :: INTEGER) :: STRING"
    assert client.show("SHOW USER DEFINED FUNCTIONS") == []
    procedures = {row["name"]: row for row in client.show("SHOW PROCEDURES YIELD *")}
    assert procedures["db.labels"]["signature"] == "db.labels() :: (label :: STRING)"
    assert procedures["dbms.components"]["mode"] == "DBMS"
    assert [*procedures] == sorted(procedures)
    names = [row["name"] for row in client.show("SHOW SETTINGS")]
    assert names == sorted(names)
    assert len(client.show("SHOW SETTINGS 'server.bolt.enabled'")) == 1
    assert [row["status"] for row in client.show("SHOW TRANSACTIONS")] == ["Running"]
    assert client.show("SHOW CURRENT USER") == []


def test_procedures(client: Client) -> None:
    client.create(
        ("Person", {"name": "Ann", "tags": ["x"], "age": 1}), ("Person Admin", {"name": "Bob"})
    )
    client.do("CREATE INDEX FOR (n:Person) ON (n.name)")
    assert client.call("db.labels") == [("Admin",), ("Person",)]
    assert client.call("db.relationshipTypes") == [("KNOWS",)]
    assert client.call("db.propertyKeys") == [("age",), ("name",), ("since",), ("tags",)]
    assert client.call("db.schema.nodeTypeProperties") == [
        (":`Admin`:`Person`", ["Admin", "Person"], "name", ["String"], True),
        (":`Person`", ["Person"], "age", ["Long"], True),
        (":`Person`", ["Person"], "name", ["String"], True),
        (":`Person`", ["Person"], "tags", ["StringArray"], True),
    ]
    assert client.call("db.schema.relTypeProperties") == [(":`KNOWS`", "since", ["Long"], True)]
    ((nodes, relationships),) = client.call("db.schema.visualization")
    assert [node.properties["name"] for node in nodes] == ["Admin", "Person"]
    assert nodes[1].properties["indexes"] == ["name"]
    assert [(one.type, one.start_id, one.end_id) for one in relationships] == [
        ("KNOWS", -2, -1),
        ("KNOWS", -2, -2),
    ]
    assert client.call("dbms.components")[0] == ("Neo4j Kernel", ["5.26.0"], "enterprise")
    assert client.call("db.ping") == [(True,)]
    assert client.call("db.info")[0][1] == "neo4j"
    ((seconds, servers),) = client.call(
        "dbms.routing.getRoutingTable", {"address": "db:7687"}, "neo4j"
    )
    assert seconds == 3600
    assert servers == [
        {"addresses": ["db:7687"], "role": role} for role in ("WRITE", "READ", "ROUTE")
    ]
    assert client.call("db.awaitIndexes") == []
    assert len(client.call("dbms.listConfig", "bolt")) == 1


def test_show_is_a_query() -> None:
    """That YIELD, WHERE and RETURN are checked like a query's."""

    def columns(text: str) -> list[str]:
        body = parse(text).body
        assert isinstance(body, tree.Show)
        return [*check(tree.Statement(showing.as_query(body)), showing.PROCEDURES).columns]

    assert columns("SHOW PROCEDURES") == ["name", "description", "mode", "worksOnSystem"]
    assert columns("SHOW PROCEDURES YIELD name AS n, mode ORDER BY n WHERE mode = 'READ'") == [
        "n",
        "mode",
    ]
    assert columns("SHOW INDEXES YIELD type RETURN type, count(*) AS n") == ["type", "n"]
    assert columns("SHOW INDEXES WHERE type <> 'LOOKUP'")[1] == "name"
    assert columns("SHOW INDEXES YIELD *")[-1] == "createStatement"
    for wrong in (
        "SHOW INDEXES YIELD nothing",
        "SHOW INDEXES WHERE createStatement = 'x'",
        "SHOW INDEXES YIELD name RETURN type",
    ):
        with pytest.raises(FivefoldError) as raised:
            columns(wrong)
        assert raised.value.facts["detail"] == "UndefinedVariable"


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    [
        ("db.indexes", "no part of Neo4j 5", "Use SHOW INDEXES."),
        ("dbms.procedures", "no part of Neo4j 5", "Use SHOW PROCEDURES."),
        ("apoc.meta.data", "is not supported", "APOC is a library"),
        ("db.create.setNodeVectorProperty", "is not supported", "Set the vector as a list"),
    ],
)
def test_procedures_that_are_not_there(name: str, message: str, hint: str) -> None:
    with pytest.raises(FivefoldError) as raised:
        check(parse(f"RETURN 1 AS a UNION CALL {name}() YIELD a RETURN a"), PROCEDURES)
    assert message in raised.value.message
    assert str(raised.value.hint).startswith(hint)
    assert raised.value.position == 21
