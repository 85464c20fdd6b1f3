"""Conditions on temporal properties: the same whether SQL is asked about them or not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fivefold.api.database import Database, open_database
from fivefold.engine.session import Session
from fivefold.engine.units import Units
from fivefold.errors import FivefoldError
from fivefold.languages.cypher import tree
from fivefold.languages.cypher.graph import Statistics
from fivefold.languages.cypher.parse import parse
from fivefold.languages.cypher.schema.carrying import carry_out
from tests.conftest import empty_store

LOAD = """
    UNWIND range(0, 99) AS i
    CREATE (:Event {i: i, day: date('2000-01-01') + duration({days: i}),
                    at: datetime('2000-01-01T00:00Z') + duration({hours: i}),
                    local: localdatetime('2000-01-01T00:00') + duration({minutes: i}),
                    length: duration({days: i})})
"""


def command(database: Database, text: str) -> None:
    body = parse(text).body
    assert isinstance(body, tree.Command)
    units = Units(Session(database.engine))
    units.alter(lambda unit: carry_out(unit, "neo4j", body, Statistics()))


@pytest.fixture(scope="module", params=["without indexes", "with indexes"])
def database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    path: Path = tmp_path_factory.mktemp("events") / "events.db"
    with empty_store(str(path)) as where, open_database(where, durability="off") as opened:
        opened.cypher(LOAD)
        if request.param == "with indexes":
            for key in ("i", "day", "at", "local", "length"):
                command(opened, f"CREATE INDEX FOR (e:Event) ON (e.{key})")
        yield opened


def numbers(database: Database, condition: str, **parameters: Any) -> list[Any]:
    query = f"MATCH (e:Event) WHERE {condition} RETURN e.i ORDER BY e.i"
    return [record[0] for record in database.cypher(query, **parameters)]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("e.day = date('2000-01-31')", [30]),
        ("e.day = date($day)", [31]),
        ("e.day < date('2000-01-03')", [0, 1]),
        ("e.day >= date($day) AND e.day < date($day) + duration('P1M')", [*range(31, 60)]),
        ("e.day > date() - duration({years: 1})", []),
        ("e.day <= date.truncate('month', date($day), {day: 2})", [*range(33)]),
        ("e.day = datetime('2000-01-01T00:00Z')", []),
        ("e.day = $never", []),
        ("e.at = datetime('2000-01-01T05:00Z')", [5]),
        ("e.at = datetime('2000-01-01T06:00+01:00')", []),
        ("e.at < datetime('2000-01-01T06:00+01:00')", [0, 1, 2, 3, 4, 5]),
        ("e.at <= datetime('2000-01-01T04:00-01:00')", [0, 1, 2, 3, 4]),
        ("e.local > localdatetime('2000-01-01T01:36')", [97, 98, 99]),
        ("e.length = duration('P7D')", [7]),
        ("e.length < duration('P7D')", []),
        ("e.i = 5 + 2 * 3", [11]),
        ("e.i = toInteger($text)", [12]),
        ("e.i < duration($length).days", [0, 1]),
    ],
)
def test_conditions(database: Database, condition: str, expected: list[int]) -> None:
    given = {"day": "2000-02-01", "never": None, "text": "12", "length": "P2D"}
    assert numbers(database, condition, **given) == expected


def test_a_malformed_text_fails_only_if_it_is_asked_about(database: Database) -> None:
    with pytest.raises(FivefoldError, match="cannot be parsed to a Date"):
        numbers(database, "e.day = date('soon')")
    query = "MATCH (e:Nothing) WHERE e.day = date('soon') RETURN e"
    assert [*database.cypher(query)] == []


def test_a_unique_moment_may_come_again_in_another_zone(tmp_path: Path) -> None:
    path = str(tmp_path / "events.db")
    with empty_store(path) as where, open_database(where, durability="off") as database:
        command(database, "CREATE CONSTRAINT FOR (e:Event) REQUIRE e.at IS UNIQUE")
        create = "CREATE (:Event {at: datetime($at)})"
        for at in ("2000-01-01T00:00Z", "2000-01-01T01:00+01:00", "2000-01-01T00:00Z[UTC]"):
            database.cypher(create, at=at)
        with pytest.raises(FivefoldError) as error:
            database.cypher(create, at="2000-01-01T01:00+01:00")
        assert error.value.facts["detail"] == "CreateBlockedByConstraint"
