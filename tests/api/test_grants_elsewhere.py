"""Grants in CQL and Cypher: on whole keyspaces and graphs, and nothing is told to others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fivefold.api.database import Database, open_database
from fivefold.errors import Denied, FivefoldError
from tests.conftest import empty_store

CQL = """
SELECT * FROM {}.t
SELECT nosuch FROM {}.t
SELECT * FROM {}.nosuch
SELECT * FROM {}.t WHERE c = 3
SELECT count(*) FROM {}.t
INSERT INTO {}.t (a, b, c) VALUES (5, 6, 7)
INSERT INTO {}.t (a, b, c) VALUES (5, 6, 7) IF NOT EXISTS
UPDATE {}.t SET c = 8 WHERE a = 1 AND b = 2
UPDATE {}.t SET c = 8 WHERE a = 1 AND b = 2 IF EXISTS
DELETE FROM {}.t WHERE a = 1
BEGIN BATCH INSERT INTO {}.t (a, b) VALUES (9, 9) APPLY BATCH
TRUNCATE {}.t
CREATE TABLE {}.n (a int PRIMARY KEY)
CREATE TYPE {}.ty (a int)
ALTER TABLE {}.t ADD z int
DROP TABLE {}.t
CREATE INDEX ON {}.t (b)
DROP INDEX {}.by_c
DROP TYPE {}.u
CREATE MATERIALIZED VIEW {}.mv AS SELECT * FROM {}.t WHERE a > 0 AND b > 0 PRIMARY KEY (b, a)
DROP MATERIALIZED VIEW {}.mv
ALTER KEYSPACE {} WITH durable_writes = true
DROP KEYSPACE {}
DESCRIBE TABLE {}.t
DESCRIBE KEYSPACE {}
USE {}
""".strip().splitlines()

CYPHER = """
MATCH (n) RETURN n.x
MATCH (n:A)-->(m) RETURN count(*)
MATCH (n:A {x: 1}) RETURN n
CREATE (:A)
CREATE (:New {y: 1})
MERGE (:A {x: 1})
MATCH (n:A) SET n.x = 2
MATCH (n:A) REMOVE n:A
MATCH (n) DETACH DELETE n
MATCH (n:A) CALL { WITH n CREATE (:B) } RETURN 1
CREATE INDEX FOR (n:A) ON (n.x)
CREATE CONSTRAINT FOR (n:A) REQUIRE n.x IS UNIQUE
SHOW INDEXES
CALL db.labels()
EXPLAIN MATCH (n) RETURN n
PROFILE MATCH (n) RETURN n
RETURN 1
""".strip().splitlines()


MAKE = "CREATE KEYSPACE {} WITH replication = {{'class': 'SimpleStrategy'}}"


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    with empty_store(str(tmp_path / "grants.db")) as made:
        with open_database(made) as owner:
            owner.sql("CREATE USER bob PASSWORD 'not told'")
            for space in ("ks", "hidden"):
                owner.cql(
                    f"CREATE KEYSPACE {space} WITH replication = {{'class': 'SimpleStrategy'}}"
                )
                owner.cql(f"CREATE TABLE {space}.t (a int, b int, c int, PRIMARY KEY (a, b))")
                owner.cql(f"CREATE INDEX by_c ON {space}.t (c)")
                owner.cql(f"CREATE TYPE {space}.u (a int)")
                owner.cql(f"INSERT INTO {space}.t (a, b, c) VALUES (1, 2, 3)")
            owner.cypher("CREATE (:A {x: 1})-[:R]->(:B)")
        yield made


def contents(url: str) -> object:
    with open_database(url) as owner:
        return [
            *([*owner.cql(f"SELECT * FROM {space}.t")] for space in ("ks", "hidden")),
            [*owner.cql("SELECT keyspace_name, table_name FROM system_schema.tables")],
            [*owner.cql("SELECT keyspace_name, index_name FROM system_schema.indexes")],
            [*owner.cypher("MATCH (n) RETURN n.x AS x, labels(n) AS l ORDER BY x, l")],
            [*owner.cypher("SHOW INDEXES YIELD name")],
        ]


def told(database: Database, text: str, space: str) -> tuple[object, ...]:
    with pytest.raises(FivefoldError) as caught:
        list(database.cql(text.replace("{}", space)))
    said = (str(caught.value), caught.value.detail, caught.value.hint)
    return caught.value.code, *(each.replace(space, "…") if each else None for each in said)


@pytest.mark.parametrize("text", CQL)
def test_a_keyspace_without_a_grant_is_not_there(url: str, text: str) -> None:
    before = contents(url)
    with open_database(url, user="bob") as bob:
        assert told(bob, text, "hidden") == told(bob, text, "missing")
        shown = [row[0] for row in bob.cql("SELECT keyspace_name FROM system_schema.keyspaces")]
    assert "hidden" not in shown
    assert contents(url) == before


@pytest.mark.parametrize(
    "text", [each for each in CQL if "nosuch" not in each and "mv" not in each]
)
def test_a_keyspace_to_read(url: str, text: str) -> None:
    with open_database(url) as owner:
        owner.sql("GRANT READ ON SCHEMA ks TO bob")
    before = contents(url)
    with open_database(url, user="bob") as bob:
        if text.startswith(("SELECT", "DESCRIBE", "USE")):
            list(bob.cql(text.format("ks")))
        else:
            with pytest.raises(Denied, match="permission denied"):
                bob.cql(text.format("ks"))
    assert contents(url) == before


def test_a_keyspace_to_read_and_write(url: str) -> None:
    with open_database(url) as owner:
        owner.sql("GRANT READ, WRITE ON SCHEMA ks TO bob")
    with open_database(url, user="bob") as bob:
        for text in CQL[5:12]:
            bob.cql(text.format("ks"))
        for text in CQL[12:19]:
            with pytest.raises(Denied):
                bob.cql(text.format("ks"))
        assert list(bob.cql("SELECT * FROM ks.t")) == []


def test_who_makes_a_keyspace_administers_it(url: str) -> None:
    with open_database(url) as owner:
        with open_database(url, user="bob") as bob:
            make = MAKE.format("own")
            with pytest.raises(Denied):
                bob.cql(make)
            name = owner.sql("SELECT current_database()").fetchall()[0][0]
            owner.sql(f'GRANT CREATE ON DATABASE "{name}" TO bob')
        with open_database(url, user="bob") as bob:
            bob.cql(make)
            bob.cql("CREATE TABLE own.t (a int PRIMARY KEY)")
            bob.cql("INSERT INTO own.t (a) VALUES (1)")
            assert [*bob.cql("SELECT a FROM own.t")] == [(1,)]
            bob.cql("DROP TABLE own.t")


@pytest.mark.parametrize("text", CYPHER)
def test_a_graph_without_a_grant(url: str, text: str) -> None:
    before = contents(url)
    with open_database(url, user="bob") as bob, pytest.raises(Denied, match="'neo4j'"):
        bob.cypher(text)
    assert contents(url) == before


@pytest.mark.parametrize("text", CYPHER)
def test_a_graph_to_read(url: str, text: str) -> None:
    with open_database(url) as owner:
        owner.sql("GRANT READ ON SCHEMA neo4j TO bob")
    before = contents(url)
    with open_database(url, user="bob") as bob:
        writes = ("CREATE", "MERGE", "SET", "REMOVE", "DELETE")
        if text.startswith("MERGE"):
            assert [*bob.cypher(text)] == []  # it is there
        elif any(word in text for word in writes):
            with pytest.raises(Denied, match="permission denied"):
                bob.cypher(text)
        else:
            list(bob.cypher(text))
    assert contents(url) == before


def test_a_graph_to_read_and_write(url: str) -> None:
    with open_database(url) as owner:
        owner.sql("GRANT READ, WRITE ON SCHEMA neo4j TO bob")
    with open_database(url, user="bob") as bob:
        for text in CYPHER[3:8]:
            bob.cypher(text).consume()
        for text in CYPHER[10:12]:
            with pytest.raises(Denied, match="permission denied"):
                bob.cypher(text)
        assert bob.cypher("MATCH (n:New) RETURN n.y").value() == [1]
        bob.cypher("MATCH (n) DETACH DELETE n")
        assert bob.cypher("MATCH (n) RETURN count(*)").value() == [0]
