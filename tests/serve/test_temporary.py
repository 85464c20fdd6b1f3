"""Temporary tables belong to one session: two of a name live side by side, and go with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

import fivefold
from fivefold.engine import temporary

Connection = psycopg.Connection[tuple[object, ...]]


@pytest.fixture
def url(store_url: str) -> Iterator[str]:
    with fivefold.serving(store_url, durability="off") as server:
        yield server.urls["postgres"]


def test_two_sessions_do_not_disturb_each_other(url: str) -> None:
    with (
        psycopg.connect(url, autocommit=True) as one,
        psycopg.connect(url, autocommit=True) as other,
    ):
        one.execute("CREATE TABLE t (x text)")
        one.execute("INSERT INTO t VALUES ('for all')")
        for number, connection in enumerate((one, other)):
            connection.execute("CREATE TEMP TABLE t (id serial PRIMARY KEY, n int)")
            connection.execute("INSERT INTO t (n) VALUES (%s)", [number])
        for number, connection in enumerate((one, other)):
            assert connection.execute("SELECT * FROM t").fetchall() == [(1, number)]
            assert connection.execute("SELECT * FROM public.t").fetchall() == [("for all",)]
        one.execute("DROP TABLE t")
        assert one.execute("SELECT * FROM t").fetchall() == [("for all",)]
        assert other.execute("SELECT n FROM pg_temp.t").fetchall() == [(1,)]
    with psycopg.connect(url) as third:
        assert third.execute("SELECT * FROM t").fetchall() == [("for all",)]


def test_parameters_reach_what_is_made(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TEMP TABLE t ON COMMIT DROP AS SELECT 7 AS n")
        found = connection.execute("SELECT n FROM t WHERE n = %s", [7]).fetchall()
        assert found == [(7,)]
        connection.commit()
        with pytest.raises(psycopg.errors.UndefinedTable):
            connection.execute("SELECT n FROM t")


def test_nothing_is_left_in_the_file(tmp_path: Path) -> None:
    path = str(tmp_path / "a.db")
    with fivefold.open(path) as db:
        db.sql("CREATE TEMP TABLE t (id serial PRIMARY KEY)")
        db.sql("CREATE TEMP VIEW v AS SELECT * FROM t")
        assert len(_temporary(db)) == 1
    with fivefold.open(path) as db:
        assert _temporary(db) == []


def test_what_a_killed_process_left_goes_when_the_file_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(tmp_path / "a.db")
    gone = "pg_temp_4194999_17_1"  # no process has a number past 2**22
    with fivefold.open(path) as db:
        monkeypatch.setattr(temporary, "new_name", lambda engine: gone)
        db.sql("CREATE TEMP TABLE t (id serial PRIMARY KEY)")
        monkeypatch.setattr(temporary, "dropping", lambda *_, **__: ())
    monkeypatch.undo()
    with fivefold.open(path) as db:
        assert _temporary(db) == []
        assert all("temp" not in key[0] for key in db.engine.snapshot.catalog.containers)


def _temporary(db: fivefold.Database) -> list[str]:
    return [name for name in db.engine.snapshot.catalog.namespaces if "_temp_" in name]
