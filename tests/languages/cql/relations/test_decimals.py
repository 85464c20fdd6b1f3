"""Decimals compare as numbers, whatever their scale; as Cassandra 5.0.5 answered.

Source: "The WHERE clause" and "INSERT"/"UPDATE", "IF", of Cassandra's CQL reference.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

import fivefold
from fivefold.api.database import Database

KEYSPACE = (
    "CREATE KEYSPACE q WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}"
)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with fivefold.open(tmp_path / "store.db") as made:
        made.cql(KEYSPACE)
        made.cql(
            "CREATE TABLE q.t (k int PRIMARY KEY, v decimal, e set<decimal>,"
            " m map<decimal, int>, f frozen<list<decimal>>)"
        )
        made.cql("INSERT INTO q.t (k, v, e, f) VALUES (1, 1.00, {1.0}, [1.00])")
        yield made


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        *(("= 1", 1), ("= 1.000", 1), (">= 1.0", 1), ("<= 1.0", 1), ("> 1.0", 0), ("< 1.0", 0)),
        *(("IN (1.0, 2)", 1), ("IN (1.1, 2)", 0)),
    ],
)
def test_filters(db: Database, condition: str, found: int) -> None:
    assert len(db.cql(f"SELECT k FROM q.t WHERE v {condition} ALLOW FILTERING").all()) == found


def test_elements(db: Database) -> None:
    assert db.cql("SELECT k FROM q.t WHERE e CONTAINS 1.00 ALLOW FILTERING").all() == [(1,)]


@pytest.mark.parametrize("condition", ["v = 1.0", "v >= 1", "v IN (3, 1.0)", "v != 1.1"])
def test_conditions(db: Database, condition: str) -> None:
    assert db.cql(f"UPDATE q.t SET v = 5 WHERE k = 1 IF {condition}").was_applied


def test_an_index_goes_by_the_digits(db: Database) -> None:
    db.cql("CREATE INDEX ON q.t (v)")
    assert db.cql("SELECT k FROM q.t WHERE v = 1.0").all() == []
    assert db.cql("SELECT k FROM q.t WHERE v = 1.00").all() == [(1,)]


def test_elements_of_collections(db: Database) -> None:
    db.cql("UPDATE q.t SET m = {1.0: 1} WHERE k = 1")
    db.cql("UPDATE q.t SET m[1.00] = 2, e = e + {1.000} WHERE k = 1")
    assert db.cql("SELECT m[1.0], m[1] FROM q.t").one() == (2, 2)
    row = db.cql("SELECT JSON e, m FROM q.t").one()
    assert row == ('{"e": [1.000], "m": {"1.00": 2}}',)
    db.cql("UPDATE q.t SET e = e - {1} WHERE k = 1")
    db.cql("DELETE m[1.000] FROM q.t WHERE k = 1")
    assert db.cql("SELECT e, m, v FROM q.t").one() == (None, None, Decimal("1.00"))


def test_in_frozen_collections(db: Database) -> None:
    assert db.cql("SELECT k FROM q.t WHERE f = [1.0] ALLOW FILTERING").all() == []
    assert db.cql("SELECT k FROM q.t WHERE f = [1.00] ALLOW FILTERING").all() == [(1,)]
