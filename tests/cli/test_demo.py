"""``fivefold demo flights``, with the first thousands of the flights."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
import typer

import fivefold
from fivefold.cli.demo.flights import booking, data, story
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
