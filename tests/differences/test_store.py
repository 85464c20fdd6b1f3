"""What a database that lies in PostgreSQL does otherwise than one in a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

import fivefold

Connection = psycopg.Connection[Any]


@pytest.fixture
def pair(postgres_url: str) -> Iterator[tuple[Connection, Connection]]:
    """PostgreSQL itself, and the user ada of the fivefold in front of it."""
    with (
        fivefold.serving(postgres_url, only=["postgres"]) as serving,
        psycopg.connect(postgres_url, autocommit=True) as behind,
        psycopg.connect(serving.urls["postgres"], user="ada", autocommit=True) as front,
    ):
        yield behind, front


def test_the_servers_own_answers(pair: tuple[Connection, Connection]) -> None:
    behind, front = pair
    for text in ("SELECT current_user", "SELECT version()"):
        assert front.execute(text).fetchone() == behind.execute(text).fetchone()
    assert front.execute("SHOW server_version").fetchone() == ("15.0",)
    assert front.info.user == "ada"
    front.execute("CREATE SEQUENCE s")
    with front.transaction(force_rollback=True):
        front.execute("SELECT nextval('s')")
    assert front.execute("SELECT nextval('s')").fetchone() == (2,)


def test_what_others_alter_is_seen_at_the_next_change(pair: tuple[Connection, Connection]) -> None:
    behind, front = pair
    front.execute("CREATE TABLE t (a integer PRIMARY KEY)")
    front.execute("INSERT INTO t VALUES (1)")
    behind.execute("ALTER TABLE t ADD COLUMN b integer DEFAULT 5")
    assert front.execute("SELECT * FROM t").fetchone() == (1,)
    with pytest.raises(psycopg.errors.UndefinedColumn):
        front.execute("SELECT b FROM t")
    front.execute("CREATE TABLE u (a integer)")
    assert front.execute("SELECT * FROM t").fetchone() == (1, 5)
