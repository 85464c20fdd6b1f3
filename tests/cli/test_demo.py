"""``fivefold demo flights``, with the first thousands of the flights."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import psycopg
import pytest
import typer

import fivefold
from fivefold.cli.demo.flights import booking, data, graph, story
from fivefold.cli.demo.flights.story import tell
from tests.cli.program import words

FLIGHTS_LOADED = 3_000


def test_the_whole_story(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = tmp_path / "demo.db"
    tell(store, FLIGHTS_LOADED)
    tell(store, FLIGHTS_LOADED)
    told = words(capsys.readouterr().out)
    assert "demo.db of an earlier demo is replaced" in told
    assert f"flights:loaded is {FLIGHTS_LOADED:,}" in told
    assert "Whose flights arrive late?" in told
    assert "Which airports are the hubs?" in told
    assert "is not present in table" in told
    assert "Neither moved." in told
    with fivefold.serving(store) as server, psycopg.connect(server.urls["postgres"]) as connection:
        bookings = connection.execute("SELECT seat, passenger FROM bookings").fetchall()
        loaded = connection.execute("SELECT count(*) FROM flights").fetchone()
    assert bookings == [("12A", "Ada")]
    assert loaded == (FLIGHTS_LOADED,)
    with fivefold.open(store) as database:
        assert int(database.redis.get("flights:loaded")) == FLIGHTS_LOADED
        assert int(database.redis.get(booking.SEATS_KEY)) == 148
        the_graph_answers_as_joins_do(database)


LEGS = """\
WITH routes AS (SELECT origin, dest, array_agg(DISTINCT carrier) AS carriers, count(*) AS flights,
                       min(distance) AS miles FROM flights GROUP BY origin, dest),
     legs AS (SELECT origin AS a, dest AS b, origin || dest AS id, * FROM routes
              UNION ALL SELECT dest, origin, origin || dest, * FROM routes)
"""
"""Each route both ways, with what tells the two apart from another route."""

ANSWERS = (
    LEGS
    + """\
SELECT p.name, count(DISTINCT b)::int, sum(flights)::int FROM legs JOIN airports p ON p.faa = a
GROUP BY p.faa, p.name ORDER BY 2 DESC, 3 DESC LIMIT 5""",
    LEGS
    + """\
SELECT p.name, count(*)::int, min(y.a)
FROM legs x JOIN legs y ON y.a = x.b AND y.id <> x.id JOIN airports p ON p.faa = y.b
WHERE x.a = 'LGA' AND NOT EXISTS (SELECT 1 FROM legs WHERE a = 'LGA' AND b = y.b)
GROUP BY p.faa, p.name ORDER BY 2 DESC, 1 LIMIT 8""",
    LEGS
    + """\
SELECT airline, trip, miles FROM (
SELECT c.airline, 'LGA - ' || b AS trip, miles
FROM legs x, unnest(x.carriers) AS c(airline) WHERE a = 'LGA' AND b = 'SFO'
UNION ALL
SELECT c.airline, 'LGA - ' || x.b || ' - ' || y.b, x.miles + y.miles
FROM legs x JOIN legs y ON y.a = x.b AND y.id <> x.id, unnest(x.carriers) AS c(airline)
WHERE x.a = 'LGA' AND y.b = 'SFO' AND c.airline = ANY (y.carriers)
UNION ALL
SELECT c.airline, 'LGA - ' || x.b || ' - ' || y.b || ' - ' || z.b, x.miles + y.miles + z.miles
FROM legs x JOIN legs y ON y.a = x.b AND y.id <> x.id
JOIN legs z ON z.a = y.b AND z.id NOT IN (x.id, y.id), unnest(x.carriers) AS c(airline)
WHERE x.a = 'LGA' AND z.b = 'SFO' AND c.airline = ANY (y.carriers) AND c.airline = ANY (z.carriers)
) AS trips ORDER BY miles, airline, trip LIMIT 5""",
)


def the_graph_answers_as_joins_do(database: fivefold.Database) -> None:
    for question, sql in zip(graph.QUESTIONS, ANSWERS, strict=False):
        found = graph.ask(database, question)[1]
        assert found
        assert found == [tuple(row) for row in database.sql(sql)], question.title
    legs = [tuple(row) for row in database.sql(LEGS + "SELECT a, b FROM legs")]
    shortest = graph.QUESTIONS[-1].query.replace("ANC", "SFO").replace("BGR", "CVG")
    stops = [record[0] for record in database.cypher(shortest)]
    assert stops[0] == "SFO"
    assert stops[-1] == "CVG"
    assert {*pairwise(stops)} <= {*legs}
    reached = {"SFO"}
    for _ in stops[2:]:
        reached |= {b for a, b in legs if a in reached}
        assert "CVG" not in reached


def test_no_file_but_its_own_is_replaced(tmp_path: Path) -> None:
    store = tmp_path / "shop.db"
    with fivefold.open(store) as database:
        database.sql("CREATE TABLE stock (sku text PRIMARY KEY)")
    with pytest.raises(typer.Exit) as left:
        tell(store)
    assert left.value.exit_code == 1
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(typer.Exit):
        tell(tmp_path / "notes.txt")
    assert (tmp_path / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize(("name", "rows"), [("airlines", 16), ("airports", 1462), ("planes", 3322)])
def test_pieces_and_lines_are_the_same_data(name: str, rows: int) -> None:
    lines = list(data.lines(name))
    assert b"".join(data.chunks(name)) == b"".join(lines)
    assert len(lines) == rows + 1
    assert b"".join(data.chunks(name, 5)) == b"".join(lines[:6])


def test_what_is_not_installed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(story, "NEEDED", ("redis", "no_such_package"))
    with pytest.raises(typer.Exit):
        tell(tmp_path / "demo.db")
    assert capsys.readouterr().err == (
        "the demo needs no_such_package: pip install 'fivefold[demo]'\n"
    )
