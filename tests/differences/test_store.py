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
    text = "SELECT version()"
    assert front.execute(text).fetchone() == behind.execute(text).fetchone()
    assert front.execute("SELECT current_user").fetchone() == ("ada",)
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


def test_the_servers_own_catalogs(pair: tuple[Connection, Connection]) -> None:
    _, front = pair
    front.execute("CREATE TABLE t (a integer GENERATED ALWAYS AS IDENTITY, b text DEFAULT 'b')")
    front.execute("CREATE VIEW v AS SELECT a FROM t")
    front.execute("CREATE MATERIALIZED VIEW m AS SELECT a FROM t")
    text = "SELECT relname, relkind FROM pg_class WHERE relname IN ('t', 'v', 'm') ORDER BY 1"
    assert front.execute(text).fetchall() == [
        ("m", "r"),
        ("t", "r"),
        ("v", "v"),
    ]
    text = "SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef ORDER BY adnum"
    assert front.execute(text).fetchall() == [
        ("nextval('t_a_seq'::regclass)",),
        ("'b'::text",),
    ]
    assert front.execute(
        "SELECT count(*) FROM pg_namespace WHERE nspname = 'fivefold'"
    ).fetchone() == (1,)
