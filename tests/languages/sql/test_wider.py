"""Random queries of ``wider.py``: PostgreSQL's answers, and the same ones however they are asked.

FIVEFOLD_RANDOM_WIDER=500 in the environment asks for so many seeds.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

import fivefold
from tests import servers
from tests.conftest import empty_store
from tests.languages.sql.test_answers import Answer, Connection, answer, told
from tests.languages.sql.wider import INDEXES, OIDS, Wider, written

SEEDS = int(os.environ.get("FIVEFOLD_RANDOM_WIDER", 6))
FIRST = int(os.environ.get("FIVEFOLD_RANDOM_FIRST", 0))
STATEMENTS = 14
REFUSED_MAX = 0.1  # of all statements


@pytest.fixture(scope="module")
def pair(
    postgres_server: servers.Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Connection, Connection]]:
    path: Path = tmp_path_factory.mktemp("wider") / "w.db"
    with (
        servers.fresh_database(postgres_server.url) as url,
        psycopg.connect(url, autocommit=True) as theirs,
        empty_store(str(path)) as store_url,
        fivefold.serving(store_url, only=["postgres"], durability="off") as server,
        psycopg.connect(server.urls["postgres"], autocommit=True) as ours,
    ):
        theirs.execute("SET jit = off")
        for connection in (theirs, ours):
            connection.execute("SET statement_timeout = '20s'")
        yield theirs, ours


def undone(connection: Connection, text: str, given: list[tuple[str, str]] | None = None) -> Answer:
    """Return what a statement says, of an error the SQLSTATE, and undo it."""
    connection.execute("BEGIN")
    if given:
        values = [value.encode() for _, value in given]
        oids = [OIDS[kind] for kind, _ in given]
        found = told(connection.pgconn.exec_params(text.encode(), values, oids), text)
    else:
        found = answer(connection, text)
    connection.execute("ROLLBACK")
    return found[:2] if found[0] == "error" else found


def test_one_answer(pair: tuple[Connection, Connection]) -> None:
    theirs, ours = pair
    refused = asked = 0
    for seed in range(FIRST, FIRST + SEEDS):
        made = Wider(seed)
        tables = ["DROP TABLE IF EXISTS a, b", "DROP TYPE IF EXISTS mood", *made.tables()]
        for text in tables:
            theirs.execute(text)
            ours.execute(text)
        answers: dict[str, Answer] = {}
        for _ in range(STATEMENTS):
            form = made.statement()
            text = written(form)
            where = "\n".join([f"seed {seed}", *tables, text])
            found = undone(ours, text)
            asked += 1
            if found == ("error", "0A000"):
                refused += 1
                continue
            assert found == undone(theirs, text), where
            given: list[tuple[str, str]] = []
            assert undone(ours, written(form, given), given) == found, f"{where}\n{given}"
            answers[text] = found
        for text in INDEXES:
            ours.execute(text)
        for text, found in answers.items():
            assert undone(ours, text) == found, "\n".join([*tables, *INDEXES, text])
    assert refused <= asked * REFUSED_MAX, f"{refused} of {asked}"
