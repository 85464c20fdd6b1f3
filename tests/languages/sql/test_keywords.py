"""Every keyword of PostgreSQL 15 where a name may stand, beside a real PostgreSQL.

A statement is taken by both or refused by both; what fivefold has not (0A000) it may refuse alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.pq import ExecStatus

import fivefold
from tests import servers

FORMS = (
    "CREATE TEMP TABLE made ({} integer)",
    "CREATE TEMP TABLE {} (n integer)",
    "SELECT t.{0} FROM (SELECT 1) AS t({0}) WHERE {0} = 1 GROUP BY {0} ORDER BY {0}",
    "SELECT 1 AS {}",
    "SELECT 1 + 1 {}, 'a' {}",
    "SELECT 1 FROM (SELECT 1) {}",
    "SELECT {0}.n FROM (SELECT 1 AS n) AS {0}",
    'SELECT ({0}).n FROM (SELECT 1 AS n) AS "{0}"',
    "WITH {0} AS (SELECT 1 AS n) SELECT n FROM {0}",
    "SELECT {}(1)",
    "SELECT pg_catalog.{}(1)",
    "SELECT NULL::{}",
    "SELECT {} 'a'",
    "SELECT sum(1) OVER {0} FROM (SELECT 1) AS t WINDOW {0} AS ()",
    "SAVEPOINT {}",
)
Connection = psycopg.Connection[tuple[object, ...]]


def outcome(connection: Connection, text: str) -> str:
    """Return '' if a statement is taken, else its SQLSTATE; nothing is left of it."""
    pgconn = connection.pgconn
    if text.startswith("SELECT"):
        result = pgconn.prepare(b"", text.encode())
    else:
        pgconn.exec_(b"BEGIN")
        result = pgconn.exec_(text.encode())
        pgconn.exec_(b"ROLLBACK")
    if result.status != ExecStatus.FATAL_ERROR:
        return ""
    return (result.error_field(psycopg.pq.DiagnosticField.SQLSTATE) or b"").decode()


@pytest.fixture(scope="module")
def pair(
    postgres_server: servers.Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Connection, Connection]]:
    path: Path = tmp_path_factory.mktemp("keywords") / "k.db"
    with (
        servers.fresh_database(postgres_server.url) as url,
        psycopg.connect(url, autocommit=True) as theirs,
        fivefold.serving(path, only=["postgres"], durability="off") as server,
        psycopg.connect(server.urls["postgres"], autocommit=True) as ours,
    ):
        yield theirs, ours


def test_taken_or_refused_alike(pair: tuple[Connection, Connection]) -> None:
    theirs, ours = pair
    words = [str(word) for (word,) in theirs.execute("SELECT word FROM pg_get_keywords()")]
    assert len(words) > 400
    differ = []
    for form in FORMS:
        for word in words:
            text = form.format(word, word)
            expected, found = outcome(theirs, text), outcome(ours, text)
            if bool(expected) != bool(found) and found != "0A000":
                differ.append(f"{text}\n  PostgreSQL: {expected}\n  fivefold:   {found}")
    assert not differ, f"{len(differ)} differences\n" + "\n".join(differ)
